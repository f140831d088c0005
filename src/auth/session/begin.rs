//! The beginning of a session, whatever led to it.

use super::device::described;
use super::read_session;
use crate::auth::account::may_be_entered;
use crate::auth::audit::{self, Action};
use crate::auth::call::Call;
use crate::auth::database::new_id;
use crate::db::{Batch, Statement};
use crate::host::{Host, Milliseconds};
use crate::time;

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
    /// Those that begin a session; second factors only raise one.
    const BEGINNING: [Self; 8] = [
        Self::Password,
        Self::OAuth,
        Self::Otp,
        Self::Signup,
        Self::Invite,
        Self::Recovery,
        Self::EmailChange,
        Self::Anonymous,
    ];

    /// The name in `amr`, in flows and in the audit log.
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

    /// The method of that name, if it begins a session.
    pub(in crate::auth) fn named(name: &str) -> Option<Self> {
        Self::BEGINNING.into_iter().find(|method| method.name() == name)
    }
}

/// A session that is to begin.
pub(in crate::auth) struct Entry {
    /// Its id.
    pub session_id: String,
    /// When.
    pub now: Milliseconds,
    /// What the audit log says of it; `login` unless something else is said.
    pub action: Action,
    amr: String,
    method: Method,
    device: Option<String>,
    network: Option<String>,
    single_per_user: bool,
}

impl Entry {
    /// A session with a fresh id, of the device that sent the request.
    pub(in crate::auth) fn new<H: Host>(host: &H, call: &Call<'_>, method: Method) -> Self {
        let now = host.now();
        let amr =
            format!(r#"[{{"method":"{}","timestamp":{}}}]"#, method.name(), time::seconds(now));
        let user_agent = call.request.headers.get("user-agent");
        Self {
            session_id: new_id(host),
            now,
            action: Action::Login,
            amr,
            method,
            device: user_agent.and_then(described),
            network: audit::network(call),
            single_per_user: call.config.sessions.single_per_user,
        }
    }

    /// The statements that make the session, read it and note it; they go last into a batch. What
    /// is read is the answer of the second.
    ///
    /// The statement in front of them must have changed exactly one row, else no session begins: so
    /// whatever guards the change guards the session. Nor does one begin for who is banned or gone.
    pub(in crate::auth) fn begin(&self, user_id: &str) -> Batch {
        let insert = Statement::fixed(
            concat!(
                "insert into auth_sessions (
                   id, user_id, refreshed_at, created_at, aal, amr, user_agent, network
                 )
                 select ?1, id, cast(?3 as integer), cast(?3 as integer), 'aal1', ?4, ?5, ?6
                 from auth_users where id = ?2 and changes() = 1 and ",
                may_be_entered!("?3")
            ),
            vec![
                Some(self.session_id.clone()),
                Some(user_id.to_owned()),
                Some(self.now.to_string()),
                Some(self.amr.clone()),
                self.device.clone(),
                self.network.clone(),
            ],
        );
        let mut batch = vec![insert, read_session(&self.session_id, Some(user_id)), self.note()];
        if self.single_per_user {
            batch.push(Statement::fixed(
                "delete from auth_sessions
                 where user_id = (select user_id from auth_sessions where id = ?1) and id <> ?1",
                vec![Some(self.session_id.clone())],
            ));
        }
        batch
    }

    /// A batch that ends in the beginning of the session.
    pub(in crate::auth) fn after(&self, mut changes: Batch, user_id: &str) -> Batch {
        changes.extend(self.begin(user_id));
        changes
    }

    /// That somebody tries to come in: the row that says so becomes that of the session which
    /// begins, and stays where none does. It is written alike for an address that nobody has.
    pub(in crate::auth) fn attempt(&self, address: Option<&str>) -> Statement {
        Statement::fixed(
            "insert into auth_audit (id, actor_id, action, traits, network, created_at)
             values (?1, (select id from auth_users where email = ?2), ?3,
               json_object('method', ?4), ?5, cast(?6 as integer))",
            vec![
                Some(self.session_id.clone()),
                address.map(str::to_owned),
                Some(Action::LoginFailed.name().to_owned()),
                Some(self.method.name().to_owned()),
                self.network.clone(),
                Some(self.now.to_string()),
            ],
        )
    }

    /// That the session has begun, if it has.
    fn note(&self) -> Statement {
        Statement::fixed(
            "insert into auth_audit (id, actor_id, action, traits, network, created_at)
             select id, user_id, ?2, json_object('method', ?3), network, created_at
             from auth_sessions where id = ?1
             on conflict (id) do update set action = excluded.action",
            vec![
                Some(self.session_id.clone()),
                Some(self.action.name().to_owned()),
                Some(self.method.name().to_owned()),
            ],
        )
    }
}
