//! Links and codes that are sent by mail and good for one use: rows of `auth_one_time_tokens`.
//!
//! 1. **Issue**: a row with a random id, in place of any other that the account has for the same purpose,
//!    and a letter, committed together. Link and code are derived from the id when the letter is sent.
//!    Only sign-ups wait beside each other, each with its own password: whose letter is opened decides.
//! 2. **Find**: a link names its row; a code is looked for by its address, and each look is counted.
//! 3. **Enter**: the row is deleted, and what follows happens only if there was one to delete. So of any
//!    number of simultaneous uses one counts.

mod change;
mod enter;
mod find;
mod issue;
pub(super) mod otp;
pub(super) mod reauthenticate;
pub(super) mod recover;
pub(super) mod resend;
pub(super) mod verify;

pub(super) use change::change_at_once;
pub(super) use find::code_is_right;
pub(super) use issue::{Asked, Wish, change_of_address, throttle};

use super::audit::Action;
use super::session::Method;
use crate::host::Milliseconds;
use crate::mail::Kind;

/// How long a link is good for.
pub(super) const LINK_MILLISECONDS: Milliseconds = 3_600_000;
/// How long a code is good for (OWASP ASVS 6.5.5).
pub(super) const CODE_MILLISECONDS: Milliseconds = 600_000;
/// How often a code may be tried; bound as it stands in SQL.
pub(super) const ATTEMPTS_MAX: &str = "5";

/// What an open account gets when a letter confirms it: of the request that the letter was sent for.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub password_hash: Option<String>,
    /// JSON.
    pub user_metadata: Option<String>,
}

/// What a link or code is for. An account has at most one of each, but for sign-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Signup,
    Invite,
    MagicLink,
    Recovery,
    /// The present address agrees to another.
    ChangeFrom,
    /// The new address agrees to become the account's.
    ChangeTo,
    Reauthentication,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::Signup,
        Self::Invite,
        Self::MagicLink,
        Self::Recovery,
        Self::ChangeFrom,
        Self::ChangeTo,
        Self::Reauthentication,
    ];

    /// Its name in the database.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::ChangeFrom => "email_change_current",
            Self::ChangeTo => "email_change_new",
            Self::Reauthentication => "reauthentication",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// The letter that brings it.
    const fn letter(self) -> Kind {
        match self {
            Self::Signup => Kind::Confirmation,
            Self::Invite => Kind::Invite,
            Self::MagicLink => Kind::MagicLink,
            Self::Recovery => Kind::Recovery,
            Self::ChangeFrom => Kind::EmailChangeCurrent,
            Self::ChangeTo => Kind::EmailChangeNew,
            Self::Reauthentication => Kind::Reauthentication,
        }
    }

    /// By what one has come in who has used it.
    const fn method(self) -> Method {
        match self {
            Self::Signup => Method::Signup,
            Self::Invite => Method::Invite,
            Self::MagicLink | Self::Reauthentication => Method::Otp,
            Self::Recovery => Method::Recovery,
            Self::ChangeFrom | Self::ChangeTo => Method::EmailChange,
        }
    }

    /// What the audit log says of whoever has come in by it.
    const fn action(self) -> Action {
        match self {
            Self::Signup => Action::UserSignedUp,
            Self::Invite => Action::InviteAccepted,
            _ => Action::Login,
        }
    }

    /// What the dialect's `type` may mean. A first sign-in by link has three names in it.
    fn of_type(name: &str) -> Option<&'static [Self]> {
        Some(match name {
            "signup" | "magiclink" | "email" => &[Self::Signup, Self::MagicLink],
            "invite" => &[Self::Invite],
            "recovery" => &[Self::Recovery],
            "email_change" | "email_change_current" | "email_change_new" => {
                &[Self::ChangeFrom, Self::ChangeTo]
            }
            _ => return None,
        })
    }
}
