//! Making links and codes, and having them sent.

use super::{Pending, Purpose};
use crate::auth::abuse::{Counter, MAIL, MAIL_NETWORK};
use crate::auth::account::Address;
use crate::auth::call::{Call, invalid, phone_refused};
use crate::auth::database::new_id;
use crate::auth::flow;
use crate::auth::outbox;
use crate::auth::redirect;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::json::{JsonError, Object};
use crate::http::network::Client;

/// A request for a letter to an address.
pub(in crate::auth) struct Asked {
    pub address: Address,
    /// Where the link will lead back to.
    pub redirect_to: String,
    pub code_challenge: Option<String>,
}

/// The members that such requests share, as they were sent.
pub(in crate::auth) struct Wish {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
}

impl Wish {
    /// Reads the members that all such requests share; the others are the endpoint's own.
    pub(in crate::auth) fn read(body: &Object<'_>) -> Result<Self, JsonError> {
        Ok(Self {
            email: body.given("email")?,
            phone: body.given("phone")?,
            code_challenge: body.text("code_challenge")?,
            code_challenge_method: body.text("code_challenge_method")?,
        })
    }

    /// The request, if it can be one.
    ///
    /// # Errors
    /// 400 or 422 when there is no address, or it is no way in here.
    pub(in crate::auth) fn asked(self, call: &Call<'_>) -> Result<Asked, Error> {
        if !call.config.accounts.by_email {
            return Err(Error::new(Code::EmailProviderDisabled, "Email logins are disabled"));
        }
        if self.phone.is_some() {
            return Err(phone_refused());
        }
        let email = self.email.ok_or_else(|| invalid("An email address is required"))?;
        let address = Address::read(&email)?;
        let code_challenge = flow::challenge(self.code_challenge, self.code_challenge_method)?;
        Ok(Asked { address, redirect_to: redirect::target(call), code_challenge })
    }
}

impl Asked {
    /// The statement that ends a sign-up's letter which is to be sent again. Letters of other sign-ups wait on.
    pub(super) fn replace_sign_up(&self) -> Statement {
        Statement::fixed(
            "delete from auth_one_time_tokens
             where purpose = 'signup' and user_id = (select id from auth_users where email = ?1)
               and password_hash is (select password_hash from auth_users where email = ?1)",
            vec![Some(self.address.as_str().to_owned())],
        )
    }

    /// The statements that make a link and code for the account of that address and have them sent; they do
    /// nothing where there is none, or where there is nothing to confirm. A letter for a sign-up that is
    /// sent again brings what the account has, which is nothing where several wait.
    pub(in crate::auth) fn issue<H: Host>(
        &self,
        host: &H,
        purpose: Purpose,
        pending: Pending,
        now: Milliseconds,
    ) -> Vec<Statement> {
        let id = new_id(host);
        // Not an update: letters that bring the row before this one, and were not sent yet, go with it.
        let make = Statement::fixed(
            "insert or replace into auth_one_time_tokens (
               id, user_id, purpose, address, redirect_to, code_challenge,
               password_hash, user_metadata, created_at
             )
             select ?1, id, ?2, email, ?4, ?5,
               coalesce(?7, iif(?2 = 'signup' and is_open = 1, password_hash, null)),
               coalesce(?8, iif(?2 = 'signup' and is_open = 1, user_metadata, null)),
               cast(?6 as integer)
             from auth_users
             where email = ?3 and deleted_at is null
               and (?2 <> 'signup' or email_confirmed_at is null)",
            vec![
                Some(id.clone()),
                Some(purpose.name().to_owned()),
                Some(self.address.as_str().to_owned()),
                Some(self.redirect_to.clone()),
                self.code_challenge.clone(),
                Some(now.to_string()),
                pending.password_hash,
                pending.user_metadata,
            ],
        );
        let [note, post] = announce(host, purpose, &id, now);
        vec![make, note, post]
    }
}

/// The statements behind the one that makes a row: when the account was last written to, and the letter.
fn announce<H: Host>(host: &H, purpose: Purpose, id: &str, now: Milliseconds) -> [Statement; 2] {
    [note_sent(id, now), outbox::post_token(host, purpose.letter(), id, "{}")]
}

/// When the account was last written to about that.
fn note_sent(token_id: &str, now: Milliseconds) -> Statement {
    Statement::fixed(
        "update auth_users set
           confirmation_sent_at = iif(sent.purpose = 'signup', sent.created_at, confirmation_sent_at),
           recovery_sent_at =
             iif(sent.purpose in ('recovery', 'magiclink'), sent.created_at, recovery_sent_at),
           email_change_sent_at =
             iif(sent.purpose like 'email_change%', sent.created_at, email_change_sent_at),
           reauthentication_sent_at =
             iif(sent.purpose = 'reauthentication', sent.created_at, reauthentication_sent_at),
           updated_at = cast(?2 as integer)
         from auth_one_time_tokens as sent where sent.id = ?1 and auth_users.id = sent.user_id",
        vec![Some(token_id.to_owned()), Some(now.to_string())],
    )
}

/// The statements that ask for the change to `new_email`, which the account must have by then: the new
/// address is asked and, where both must agree, the present one. The owner of another account is not asked
/// to give its address away.
pub(in crate::auth) fn change_of_address<H: Host>(
    host: &H,
    user_id: &str,
    asked: (&str, Option<&str>),
    both: bool,
    now: Milliseconds,
) -> Vec<Statement> {
    let (redirect_to, code_challenge) = asked;
    // Letters of a wish of before agree to that one only.
    let mut statements = vec![Statement::fixed(
        "delete from auth_one_time_tokens
         where user_id = ?1 and purpose in ('email_change_new', 'email_change_current')",
        vec![Some(user_id.to_owned())],
    )];
    for purpose in [Purpose::ChangeTo, Purpose::ChangeFrom] {
        let id = new_id(host);
        statements.push(Statement::fixed(
            "insert or replace into auth_one_time_tokens (
               id, user_id, purpose, address, redirect_to, code_challenge, is_last, created_at
             )
             select ?1, id, ?2, iif(?2 = 'email_change_new', new_email, email), ?4, ?5,
               iif(?6 = 'both' and email is not null, 0, 1), cast(?7 as integer)
             from auth_users
             where id = ?3 and new_email is not null
               and iif(?2 = 'email_change_new', not exists (
                 select 1 from auth_users as other
                 where other.email = auth_users.new_email and other.email_confirmed_at is not null
               ), ?6 = 'both' and email is not null)",
            vec![
                Some(id.clone()),
                Some(purpose.name().to_owned()),
                Some(user_id.to_owned()),
                Some(redirect_to.to_owned()),
                code_challenge.map(str::to_owned),
                Some(if both { "both" } else { "new" }.to_owned()),
                Some(now.to_string()),
            ],
        ));
        statements.extend(announce(host, purpose, &id, now));
    }
    statements
}

/// The letters of a change that waits, once more: to both addresses, if both have yet to agree. The change
/// is found by either address.
pub(super) fn resend_change<H: Host>(host: &H, asked: &Asked, now: Milliseconds) -> Vec<Statement> {
    let mut statements = Vec::new();
    for purpose in [Purpose::ChangeTo, Purpose::ChangeFrom] {
        let id = new_id(host);
        // The row keeps what it says but its id, so that older letters open nothing.
        statements.push(Statement::fixed(
            "insert or replace into auth_one_time_tokens (
               id, user_id, purpose, address, redirect_to, code_challenge, is_last, created_at
             )
             select ?1, user_id, purpose, address, ?4, ?5, is_last, cast(?6 as integer)
             from auth_one_time_tokens
             where purpose = ?2 and user_id = (
               select user_id from auth_one_time_tokens
               where address = ?3 and purpose in ('email_change_new', 'email_change_current')
               order by created_at desc limit 1
             )",
            vec![
                Some(id.clone()),
                Some(purpose.name().to_owned()),
                Some(asked.address.as_str().to_owned()),
                Some(asked.redirect_to.clone()),
                asked.code_challenge.clone(),
                Some(now.to_string()),
            ],
        ));
        statements.extend(announce(host, purpose, &id, now));
    }
    statements
}

/// The statements that let one mail a minute go to an address, and thirty an hour be asked for from a
/// network; else they end their batch. They go in front, whether or not anybody has that address, so their
/// refusal tells nothing. Who builds an app asks as often as there is need to.
pub(in crate::auth) fn throttle(
    call: &Call<'_>,
    address: &str,
    now: Milliseconds,
) -> Vec<Statement> {
    if call.config.development {
        return Vec::new();
    }
    let network = Client::counted(&call.request.headers);
    let network = network.map(|network| Counter::new(call.config, MAIL_NETWORK, &[&network]));
    let counters = std::iter::once(Counter::new(call.config, MAIL, &[address])).chain(network);
    counters.map(|counter| counter.count(now, None)).collect()
}
