//! A letter that is due: what its row says, and what the letter then tells.

use super::{ATTEMPTS_MAX, Outcome, ROUND_MAX};
use crate::auth::account::{Account, account_json};
use crate::auth::one_time::{CODE_MILLISECONDS, LINK_MILLISECONDS};
use crate::auth::token::OneTimeToken;
use crate::config::Config;
use crate::db::Statement;
use crate::host::Milliseconds;
use crate::http::json::Object;
use crate::mail::{Facts, Kind};
use crate::route;
use crate::uuid::{self, Uuid};

/// A letter that was claimed.
pub(super) struct Due {
    pub id: String,
    pub kind: Kind,
    pub recipient: String,
    /// Which attempt this is, from 1.
    pub attempts: i64,
    pub created_at: Milliseconds,
    /// Whether the letter is about a token.
    needs_token: bool,
    token: Option<Token>,
    /// The account, if there still is one.
    pub account: Option<Account>,
    provider: String,
    factor_type: String,
}

/// What of a one-time token is in a letter.
struct Token {
    id: Uuid,
    redirect_to: Option<String>,
    created_at: Milliseconds,
    /// What the account gets by it, if it is open.
    user_metadata: Option<String>,
}

/// The statement that takes letters which are due. Each is due again in a minute, two, four, ..,
/// should it not be gone by then. New ones come first, so that a few that cannot be sent hold
/// nobody up.
pub(super) fn claim(now: Milliseconds) -> Statement {
    Statement::fixed(
        concat!(
            "update auth_letters set
               attempts = attempts + 1,
               due_at = cast(?1 as integer) + (60000 << attempts)
             where id in (
               select id from auth_letters where due_at <= cast(?1 as integer)
               order by attempts, due_at limit cast(?2 as integer)
             )
             returning json_object(
               'id', id, 'kind', kind, 'recipient', recipient, 'data', json(data),
               'attempts', attempts, 'created_at', created_at,
               'token_id', token_id,
               'token', json((
                 select json_object('redirect_to', redirect_to, 'created_at', created_at,
                   'user_metadata', json((
                     select sent.user_metadata from auth_users
                     where id = sent.user_id and is_open = 1 and email_confirmed_at is null
                   )))
                 from auth_one_time_tokens as sent where id = auth_letters.token_id
               )),
               'user', json((
                 select ",
            account_json!(),
            " from auth_users where id = coalesce(
                   auth_letters.user_id,
                   (select user_id from auth_one_time_tokens where id = auth_letters.token_id)
                 )
               ))
             ) as row"
        ),
        vec![Some(now.to_string()), Some(ROUND_MAX.to_string())],
    )
}

impl Due {
    /// Reads a row of [`claim`]. Of one that nothing of ours has written, the id is the error.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let row = Object::of(text);
        let id = || row.as_ref().and_then(|row| row.text("id").ok().flatten()).unwrap_or_default();
        row.as_ref().and_then(Self::of).ok_or_else(id)
    }

    fn of(row: &Object<'_>) -> Option<Self> {
        let data = Object::of(row.raw("data")?)?;
        let told = |name| data.text(name).ok().flatten().unwrap_or_default();
        let token_id = row.text("token_id").ok()?;
        let token = match (&token_id, row.raw("token")) {
            (Some(id), Some(token)) => Some(Token::read(id, &Object::of(token)?)?),
            _ => None,
        };
        let mut account = match row.raw("user") {
            Some(user) => Some(Account::read(&Object::of(user)?)?),
            None => None,
        };
        // Each of several sign-ups is written to by what it has said itself.
        let said = token.as_ref().and_then(|token| token.user_metadata.clone());
        if let (Some(account), Some(said)) = (&mut account, said) {
            account.user_metadata = said;
        }
        Some(Self {
            id: row.text("id").ok()??,
            kind: Kind::parse(&row.text("kind").ok()??)?,
            recipient: row.text("recipient").ok()??,
            attempts: row.integer("attempts").ok()??,
            created_at: row.integer("created_at").ok()??,
            needs_token: token_id.is_some(),
            token,
            account,
            provider: told("provider"),
            factor_type: told("factor_type"),
        })
    }

    /// What the letter tells, if anybody still needs it.
    pub(super) fn facts(&self, config: &Config, now: Milliseconds) -> Result<Facts, Outcome> {
        if self.attempts > ATTEMPTS_MAX {
            return Err(Outcome::Failed("its last attempt was cut short".to_owned()));
        }
        if self.recipient.is_empty() {
            return Err(Outcome::Dropped("the account has no address"));
        }
        let account = self.account.as_ref();
        let told = |text: Option<&String>| text.cloned().unwrap_or_default();
        let mut facts = Facts {
            app_name: app_name(config).to_owned(),
            site_url: config.site_url.clone(),
            recipient: self.recipient.clone(),
            email: account
                .and_then(|account| account.email.clone())
                .unwrap_or_else(|| self.recipient.clone()),
            new_email: told(account.and_then(|account| account.new_email.as_ref())),
            provider: self.provider.clone(),
            factor_type: self.factor_type.clone(),
            user_metadata: told(account.map(|account| &account.user_metadata)),
            ..Facts::default()
        };
        match &self.token {
            Some(token) => token.tell(self.kind, config, now, &mut facts)?,
            None if self.needs_token => {
                return Err(Outcome::Dropped("its link was used or replaced"));
            }
            None => {}
        }
        Ok(facts)
    }
}

impl Token {
    fn read(id: &str, row: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: uuid::parse(id)?,
            redirect_to: row.text("redirect_to").ok()?,
            created_at: row.integer("created_at").ok()??,
            user_metadata: row.raw("user_metadata").map(str::to_owned),
        })
    }

    /// Tells link and code, as far as they are still good.
    fn tell(
        &self,
        kind: Kind,
        config: &Config,
        now: Milliseconds,
        facts: &mut Facts,
    ) -> Result<(), Outcome> {
        let age = now.saturating_sub(self.created_at);
        let life = kind.verification().map_or(CODE_MILLISECONDS, |_| LINK_MILLISECONDS);
        if age >= life {
            return Err(Outcome::Dropped("its link has expired"));
        }
        let token = OneTimeToken(self.id);
        if age < CODE_MILLISECONDS {
            facts.code = token.code(config);
        }
        facts.redirect_to = self.redirect_to.clone().unwrap_or_else(|| config.site_url.clone());
        if let Some(verification) = kind.verification() {
            facts.token_hash = token.link(config);
            let (hash, to) = (&facts.token_hash, &facts.redirect_to);
            facts.confirmation_url = route::verify_link(&config.site_url, hash, verification, to);
        }
        Ok(())
    }
}

/// What the application is called: by its sender's name, or else by where it is.
fn app_name(config: &Config) -> &str {
    let (name, _) = &config.mail.sender;
    if name.is_empty() { config.site_authority() } else { name }
}
