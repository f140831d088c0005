//! Who is asking, as data. `auth` makes it; everything else only reads it.

use std::cell::RefCell;
use std::fmt;

use crate::db::Statement;
use crate::secret::{Secret, equal_in_constant_time};

/// The three roles of the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nobody has signed in.
    Anon,
    /// A signed-in user.
    Authenticated,
    /// The owner's server: policies do not apply.
    ServiceRole,
}

impl Role {
    /// The role's name in tokens and in `policies.sql`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anon => "anon",
            Self::Authenticated => "authenticated",
            Self::ServiceRole => "service_role",
        }
    }
}

/// Who is asking, proven by a token whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// No token, or the `anon` key.
    Anonymous,
    /// A user with a session, which the database has yet to confirm: see [`User::session_guard`].
    User(User),
    /// The `service_role` key.
    Service,
}

/// A signed-in user, as the access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user's id, a lower-case UUID.
    pub id: String,
    /// The user's e-mail address, empty for an anonymous sign-in.
    pub email: String,
    /// The session the token belongs to, a lower-case UUID.
    pub session_id: String,
    /// All claims of the token as one JSON text, for `auth.jwt()`.
    pub claims: String,
}

/// The marker that the guard raises when a session has ended.
pub const SESSION_ENDED: &str = "session";

/// The SQL of an expression that fails when the session `?1` of the user `?2` has ended, and is null
/// while it lives.
macro_rules! session_check {
    () => {
        "case when not exists (
               select 1 from auth_sessions where id = ?1 and user_id = ?2
             ) then json_extract('{}', 'selvedge:session') end"
    };
}

/// What stands in front of a statement that reads, to guard the session by itself: see
/// [`User::session_guard`]. It adds no row. Where a compound select is not limited, all of its parts
/// are run, and this one before what follows it, so that nothing is read for a session that has ended.
pub const SESSION_GUARD: &str =
    concat!("select null as row where ", session_check!(), " is not null\nunion all\n");

impl Identity {
    /// The role in which policies see this identity.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Anonymous => Role::Anon,
            Self::User(_) => Role::Authenticated,
            Self::Service => Role::ServiceRole,
        }
    }

    /// The value of `auth.uid()`.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.user().map(|user| user.id.as_str())
    }

    /// The value of `auth.email()`.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.user().map(|user| user.email.as_str())
    }

    /// The value of `auth.jwt()`, a JSON text.
    #[must_use]
    pub fn claims(&self) -> &str {
        match self {
            Self::Anonymous => r#"{"role":"anon"}"#,
            Self::User(user) => &user.claims,
            Self::Service => r#"{"role":"service_role"}"#,
        }
    }

    /// The signed-in user, if there is one.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Anonymous | Self::Service => None,
        }
    }

    /// The statement that must come first in every batch sent for this identity, unless the first one
    /// begins with [`SESSION_GUARD`].
    #[must_use]
    pub fn guard(&self) -> Option<Statement> {
        self.user().map(User::session_guard)
    }
}

impl User {
    /// A statement that aborts its batch when the session has ended, so that signing out works at
    /// once and costs no round trip.
    #[must_use]
    pub fn session_guard(&self) -> Statement {
        Statement::fixed(
            concat!("select ", session_check!(), " as row"),
            vec![Some(self.session_id.clone()), Some(self.id.clone())],
        )
    }
}

/// Who a token says is asking, and when it may: seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Who is asking.
    pub identity: Identity,
    /// The first second.
    pub from: Option<i64>,
    /// The first second no more.
    pub until: i64,
}

/// How many tokens are remembered. Each has at most 8 KiB.
const REMEMBERED_MAX: usize = 16;

/// What the last tokens have proven, so that one that comes with every request is not verified with
/// each. It is kept with the settings that hold the secrets by which it was proven, and says nothing
/// of the session, which is asked for every time.
#[derive(Default)]
pub struct Proofs(RefCell<[Option<(Secret, Proof)>; REMEMBERED_MAX]>);

impl Proofs {
    /// What that token has proven before.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Proof> {
        let proofs = self.0.try_borrow().ok()?;
        let (known, proof) = proofs.get(place(token))?.as_ref()?;
        equal_in_constant_time(known.expose().as_bytes(), token.as_bytes()).then(|| proof.clone())
    }

    /// Remembers what a token has proven, in place of another.
    pub fn keep(&self, token: &str, proof: Proof) {
        if let Ok(mut proofs) = self.0.try_borrow_mut()
            && let Some(at) = proofs.get_mut(place(token))
        {
            *at = Some((Secret::new(token.to_owned()), proof));
        }
    }
}

/// By the signature's last character but one, of which nothing needs to be hidden.
fn place(token: &str) -> usize {
    let byte = token.as_bytes().iter().nth_back(1).copied().unwrap_or_default();
    usize::from(byte) % REMEMBERED_MAX
}

impl fmt::Debug for Proofs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Proofs")
    }
}
