//! `POST /auth/v1/admin/generate_link` and `POST /auth/v1/invite`: a link and a code for somebody
//! else, told to the owner's server, or sent by mail.

use super::{email_exists, not_found};
use crate::auth::account::{Account, Address, Metadata, NewAccount, account_json};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, has_row, hasher_error, new_id, new_uuid};
use crate::auth::one_time::{Pending, Purpose};
use crate::auth::token::OneTimeToken;
use crate::auth::{new_password, outbox, redirect};
use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::{JsonError, Object, Writer};
use crate::mail::Kind;
use crate::route::{Endpoint, verify_link};
use crate::secret::Secret;
use crate::uuid::{self, Uuid};

struct Body {
    kind: Option<String>,
    email: Option<String>,
    new_email: Option<String>,
    password: Option<String>,
    data: Option<String>,
    redirect_to: Option<String>,
}

impl Body {
    fn read(body: &Object<'_>) -> Result<Self, JsonError> {
        Ok(Self {
            kind: body.given("type")?,
            email: body.given("email")?,
            new_email: body.given("new_email")?,
            password: body.given("password")?,
            data: body.raw("data").map(str::to_owned),
            redirect_to: body.given("redirect_to")?,
        })
    }
}

/// A link that is to be made.
struct Link {
    token: Uuid,
    purpose: Purpose,
    address: Address,
    /// The address that is to become the account's.
    new_address: Option<Address>,
    redirect_to: String,
    /// What an open account gets by it.
    pending: Pending,
    now: Milliseconds,
}

/// One round trip; another one and a hash for a password. Nothing is sent.
pub(in crate::auth) async fn generate<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let body = call.body(Body::read)?;
    let purpose = match body.kind.as_deref() {
        Some("signup") => Purpose::Signup,
        Some("invite") => Purpose::Invite,
        Some("magiclink") => Purpose::MagicLink,
        Some("recovery") => Purpose::Recovery,
        Some("email_change_current") => Purpose::ChangeFrom,
        Some("email_change_new") => Purpose::ChangeTo,
        _ => return Err(invalid("type is none of the links that can be generated")),
    };
    let mut link = Link::new(host, call, purpose, body.email)?;
    if let Some(wish) = &body.redirect_to {
        link.redirect_to = redirect::approved(Some(wish), call.config);
    }
    let is_change = matches!(purpose, Purpose::ChangeFrom | Purpose::ChangeTo);
    if is_change {
        link.new_address = Some(Address::read(&body.new_email.unwrap_or_default())?);
    }
    link.pending.password_hash = match (purpose, body.password) {
        (Purpose::Signup, None) => return Err(invalid("Signup requires a valid password")),
        (Purpose::Signup, Some(password)) => {
            let password = Secret::new(password);
            let address = Some(link.address.as_str());
            new_password::check(host, call.config, &password, address).await?;
            Some(host.hash_password(&password).await.map_err(hasher_error)?)
        }
        _ => None,
    };
    let metadata = Metadata::read(body.data.as_deref())?;
    let id = new_id(host);
    let mut batch = Batch::new();
    if !is_change && purpose != Purpose::Recovery {
        batch.extend(link.account(&id, &metadata));
    }
    let account = link.make(host, call, batch).await?;
    // Who had no account is confirmed by the first use of the link.
    let kind = if purpose == Purpose::MagicLink && account.id == id {
        Purpose::Signup.name()
    } else {
        purpose.name()
    };
    Ok(Response::json(200, link.told(call, &account, kind)))
}

/// One round trip; a letter goes out behind it.
pub(in crate::auth) async fn invite<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let body = call.body(Body::read)?;
    let mut link = Link::new(host, call, Purpose::Invite, body.email)?;
    let metadata = Metadata::read(body.data.as_deref())?;
    let id = new_id(host);
    let batch = link.account(&id, &metadata);
    let account = link.make(host, call, batch).await?;
    Ok(Response::json(200, account.user()))
}

impl Link {
    fn new<H: Host>(
        host: &H,
        call: &Call<'_>,
        purpose: Purpose,
        email: Option<String>,
    ) -> Result<Self, Error> {
        Ok(Self {
            token: new_uuid(host),
            purpose,
            address: Address::read(&email.unwrap_or_default())?,
            new_address: None,
            redirect_to: redirect::target(call),
            pending: Pending::default(),
            now: host.now(),
        })
    }

    fn address_text(&self) -> String {
        self.address.as_str().to_owned()
    }

    /// The statements that make the account, if nobody has the address. One that is invited is the
    /// owner's choice; any other is as open as if somebody had asked for it without the server.
    fn account(&mut self, id: &str, metadata: &Metadata) -> Batch {
        self.pending.user_metadata = Some(metadata.of_new_account(false));
        let new = NewAccount {
            id,
            address: self.address.as_str(),
            password_hash: self.pending.password_hash.clone(),
            metadata,
            confirmed: false,
            is_open: self.purpose != Purpose::Invite,
            now: self.now,
        };
        new.insert().into()
    }

    /// Makes the link and answers its account.
    ///
    /// # Errors
    /// 404 when nobody has the address, 422 when who has it needs no such link.
    async fn make<H: Host>(
        &self,
        host: &H,
        call: &Call<'_>,
        mut batch: Batch,
    ) -> Result<Account, Error> {
        batch.extend(self.prepare());
        let place = batch.len();
        batch.push(self.insert(call));
        let action = match self.purpose {
            Purpose::Signup => Action::UserConfirmationRequested,
            Purpose::Invite => Action::UserInvited,
            Purpose::ChangeFrom | Purpose::ChangeTo => Action::UserModified,
            _ => Action::UserRecoveryRequested,
        };
        let note = Note::new(host, call, action, &[]);
        batch.push(note.if_changed_for(self.address.as_str()));
        if call.endpoint == Endpoint::Invite {
            let token = uuid::format(&self.token);
            batch.push(outbox::post_token(host, Kind::Invite, &token, "{}"));
            host.later();
        }
        let read = batch.len();
        batch.push(Statement::fixed(
            concat!("select ", account_json!(), " as row from auth_users where email = ?1"),
            vec![Some(self.address_text())],
        ));
        let rows = ask(host, batch).await?;
        let account = first_row(&rows, read, Account::read)?.ok_or_else(not_found)?;
        if has_row(&rows, place) { Ok(account) } else { Err(email_exists()) }
    }

    /// What the account must say before there can be a link.
    fn prepare(&self) -> Batch {
        if self.purpose == Purpose::Invite {
            return vec![Statement::fixed(
                "update auth_users set invited_at = cast(?2 as integer)
                 where email = ?1 and email_confirmed_at is null",
                vec![Some(self.address_text()), Some(self.now.to_string())],
            )];
        }
        let Some(new_address) = &self.new_address else { return Batch::new() };
        let binds = vec![Some(self.address_text()), Some(new_address.as_str().to_owned())];
        vec![
            // Links to the change before this one would agree to this one.
            Statement::fixed(
                "delete from auth_one_time_tokens
                 where purpose in ('email_change_new', 'email_change_current') and user_id = (
                   select id from auth_users where email = ?1 and new_email is not ?2
                 )",
                binds.clone(),
            ),
            Statement::fixed(
                "update auth_users set new_email = ?2
                 where email = ?1 and not exists (select 1 from auth_users where email = ?2)",
                binds,
            ),
        ]
    }

    /// Nobody who is confirmed needs to be confirmed or invited.
    fn insert(&self, call: &Call<'_>) -> Statement {
        let new_address = self.new_address.as_ref();
        let both = new_address.is_some() && call.config.accounts.both_agree_to_change;
        Statement::fixed(
            "insert or replace into auth_one_time_tokens (
               id, user_id, purpose, address, redirect_to, is_last, created_at,
               password_hash, user_metadata
             )
             select ?1, id, ?2, iif(?2 = 'email_change_new', new_email, email), ?4,
               iif(?5 = 'both', 0, 1), cast(?7 as integer), ?8, ?9
             from auth_users
             where email = ?3 and deleted_at is null
               and (?2 not in ('signup', 'invite') or email_confirmed_at is null)
               and (?6 is null or new_email = ?6)
             returning 'true' as row",
            vec![
                Some(uuid::format(&self.token)),
                Some(self.purpose.name().to_owned()),
                Some(self.address_text()),
                Some(self.redirect_to.clone()),
                Some(if both { "both" } else { "one" }.to_owned()),
                new_address.map(|address| address.as_str().to_owned()),
                Some(self.now.to_string()),
                self.pending.password_hash.clone(),
                self.pending.user_metadata.clone(),
            ],
        )
    }

    /// The account and, beside its members, the link in its parts.
    fn told(&self, call: &Call<'_>, account: &Account, kind: &str) -> String {
        let token = OneTimeToken(self.token);
        let hashed = token.link(call.config);
        let link = verify_link(&call.config.site_url, &hashed, kind, &self.redirect_to);
        let mut told = Writer::object();
        told.texts(&[
            ("action_link", &link),
            ("email_otp", &token.code(call.config)),
            ("hashed_token", &hashed),
            ("verification_type", kind),
            ("redirect_to", &self.redirect_to),
        ]);
        // One object of two.
        let user = account.user();
        [user.strip_suffix('}').unwrap_or_default(), ",", &told.finish_object().split_off(1)]
            .concat()
    }
}
