//! The beginning of a session, whatever led to it.

use super::read_session;
use crate::auth::call::Call;
use crate::auth::database::new_uuid;
use crate::db::{Batch, Statement};
use crate::host::{Host, Milliseconds};
use crate::{time, uuid};

/// By what a user has come in: the dialect's names for `amr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Method {
    Password,
    OAuth,
    Otp,
    Signup,
    Invite,
    Recovery,
    EmailChange,
    Anonymous,
    Totp,
    RecoveryCode,
}

impl Method {
    const ALL: [Self; 8] = [
        Self::Password,
        Self::OAuth,
        Self::Otp,
        Self::Signup,
        Self::Invite,
        Self::Recovery,
        Self::EmailChange,
        Self::Anonymous,
    ];

    pub(in crate::auth) const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OAuth => "oauth",
            Self::Otp => "otp",
            Self::Signup => "email/signup",
            Self::Invite => "invite",
            Self::Recovery => "recovery",
            Self::EmailChange => "email_change",
            Self::Anonymous => "anonymous",
            Self::Totp => "totp",
            // Not `recovery`, which is a new password by mail: that shows no second factor.
            Self::RecoveryCode => "mfa/recovery_code",
        }
    }

    /// The method of that name.
    pub(in crate::auth) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// The most characters of a `User-Agent` that are kept.
const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// A session that is to begin.
pub(in crate::auth) struct Entry {
    /// Its id.
    pub session_id: String,
    /// When.
    pub now: Milliseconds,
    amr: String,
    user_agent: Option<String>,
}

impl Entry {
    /// A session with a fresh id, of the device that sent the request.
    pub(in crate::auth) fn new<H: Host>(host: &H, call: &Call<'_>, method: Method) -> Self {
        let now = host.now();
        let amr =
            format!(r#"[{{"method":"{}","timestamp":{}}}]"#, method.name(), time::seconds(now));
        let user_agent = call.request.headers.get("user-agent");
        let user_agent =
            user_agent.map(|text| text.chars().take(USER_AGENT_CHARACTERS_MAX).collect());
        Self { session_id: uuid::format(&new_uuid(host)), now, amr, user_agent }
    }

    /// The statements that make the session and read it; they go last into a batch.
    ///
    /// The statement in front of them must have changed exactly one row, else no session begins: so
    /// whatever guards the change guards the session. Nor does one begin for who is banned or gone.
    pub(in crate::auth) fn begin(&self, user_id: &str) -> [Statement; 2] {
        let insert = Statement::fixed(
            "insert into auth_sessions (
               id, user_id, refreshed_at, created_at, aal, amr, user_agent
             )
             select ?1, id, cast(?3 as integer), cast(?3 as integer), 'aal1', ?4, ?5
             from auth_users
             where id = ?2 and changes() = 1 and deleted_at is null
               and coalesce(banned_until, 0) <= cast(?3 as integer)",
            vec![
                Some(self.session_id.clone()),
                Some(user_id.to_owned()),
                Some(self.now.to_string()),
                Some(self.amr.clone()),
                self.user_agent.clone(),
            ],
        );
        [insert, read_session(&self.session_id, Some(user_id))]
    }

    /// A batch that ends in the beginning of the session.
    pub(in crate::auth) fn after(&self, mut changes: Batch, user_id: &str) -> Batch {
        changes.extend(self.begin(user_id));
        changes
    }
}
