//! `POST /auth/v1/signup`: a new account.
//!
//! Where addresses need no confirmation the answer is a session. Otherwise it is the account, and a letter;
//! where the address is taken already the answer is the same, and the letter says so to its owner.

use super::abuse::{ACCOUNTS, Counter};
use super::account::{Metadata, NewAccount, insert_anonymous};
use super::audit::Action;
use super::call::{Call, invalid};
use super::database::{ask, first_row, hasher_error, new_id};
use super::new_password;
use super::one_time::{Asked, Pending, Purpose, Wish, throttle};
use super::outbox;
use super::session::{Entry, Found, Method};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::network::Client;
use crate::secret::Secret;

/// The members that are read; nothing else of an account can be set here.
struct Body {
    wish: Wish,
    password: Option<String>,
    data: Option<String>,
}

/// One hash and two round trips, whether or not the address is taken: the first is for the password's rules.
pub(super) async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    if call.config.accounts.signup_disabled {
        return Err(Error::new(Code::SignupDisabled, "Signups not allowed for this instance"));
    }
    let body = call.body(|body| {
        Ok(Body {
            wish: Wish::read(body)?,
            password: body.given("password")?,
            data: body.raw("data").map(str::to_owned),
        })
    })?;
    let metadata = || Metadata::read(body.data.as_deref());
    if body.wish.email.is_none() && body.wish.phone.is_none() {
        return anonymously(host, call, metadata).await;
    }
    let asked = body.wish.asked(call)?;
    let password = body.password.ok_or_else(|| invalid("Signup requires a valid password"))?;
    let password = Secret::new(password);
    let metadata = metadata()?;
    new_password::check(host, call.config, &password, Some(asked.address.as_str())).await?;
    let hash = host.hash_password(&password).await.map_err(hasher_error)?;
    if call.config.accounts.autoconfirm {
        at_once(host, call, &asked, &metadata, hash).await
    } else {
        to_be_confirmed(host, call, &asked, &metadata, hash).await
    }
}

async fn at_once<H: Host>(
    host: &H,
    call: &Call<'_>,
    asked: &Asked,
    metadata: &Metadata,
    hash: String,
) -> Result<Response<H::Rows>, Error> {
    let id = new_id(host);
    let mut entry = Entry::new(host, call, Method::Password);
    entry.action = Action::UserSignedUp;
    let new = NewAccount {
        id: &id,
        address: asked.address.as_str(),
        password_hash: Some(hash),
        metadata,
        confirmed: true,
        is_open: false,
        now: entry.now,
    };
    let mut batch = entry.after(new.insert().into(), &id);
    batch.extend(limit(call, entry.now));
    let rows = ask(host, batch).await?;
    let taken = || Error::new(Code::UserAlreadyExists, "User already registered");
    let found = first_row(&rows, 3, Found::read)?.ok_or_else(taken)?;
    found.session(entry.now, taken)?.respond(call.config, entry.now)
}

/// The statements are the same for every address; what they find decides which of them do something.
async fn to_be_confirmed<H: Host>(
    host: &H,
    call: &Call<'_>,
    asked: &Asked,
    metadata: &Metadata,
    hash: String,
) -> Result<Response<H::Rows>, Error> {
    let (id, now) = (new_id(host), host.now());
    let address = asked.address.as_str();
    let password_hash = Some(hash);
    let pending = Pending {
        password_hash: password_hash.clone(),
        user_metadata: Some(metadata.of_new_account(false)),
    };
    let (confirmed, is_open) = (false, true);
    let new = NewAccount { id: &id, address, password_hash, metadata, confirmed, is_open, now };
    let mut batch = throttle(call, address, now);
    batch.extend(new.insert());
    batch.extend(asked.issue(host, Purpose::Signup, pending, now));
    batch.push(outbox::post_account_exists(host, address, &id));
    host.later();
    ask(host, batch).await?;
    Ok(Response::json(200, new.told().user()))
}

async fn anonymously<H: Host>(
    host: &H,
    call: &Call<'_>,
    metadata: impl FnOnce() -> Result<Metadata, Error>,
) -> Result<Response<H::Rows>, Error> {
    if !call.config.accounts.anonymous {
        return Err(Error::new(Code::AnonymousProviderDisabled, "Anonymous sign-ins are disabled"));
    }
    let id = new_id(host);
    let mut entry = Entry::new(host, call, Method::Anonymous);
    entry.action = Action::UserSignedUp;
    let insert = insert_anonymous(&id, &metadata()?, entry.now);
    let mut batch = entry.after(vec![insert], &id);
    batch.extend(limit(call, entry.now));
    let rows = ask(host, batch).await?;
    let defect = || Error::unexpected("a new account without a session");
    let found = first_row(&rows, 2, Found::read)?.ok_or_else(defect)?;
    found.session(entry.now, defect)?.respond(call.config, entry.now)
}

/// The statement that lets one network make some accounts an hour, else ends its batch. Where mail is sent,
/// that is limited.
fn limit(call: &Call<'_>, now: Milliseconds) -> Option<Statement> {
    let network = Client::counted(&call.request.headers)?;
    let counter = Counter::new(call.config, ACCOUNTS, &[&network]);
    (!call.config.development).then(|| counter.count(now, None))
}
