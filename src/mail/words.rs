//! What each letter says unless the project says it otherwise. The texts have the holes of [`super::template`].

use super::Kind;

/// The words of a letter.
pub struct Words {
    /// The subject, which is the heading too.
    pub subject: &'static str,
    /// What has happened.
    pub lead: &'static str,
    /// What stands on the button, where there is a link.
    pub button: &'static str,
    /// What to do if it was somebody else.
    pub otherwise: &'static str,
}

/// The words of a kind of letter.
pub const fn words(kind: Kind) -> Words {
    let (subject, lead, button, otherwise) = match kind {
        Kind::Confirmation => (
            "Confirm your address for {{ .AppName }}",
            "Somebody, hopefully you, has signed up with {{ .Email }} at {{ .AppName }}.",
            "Confirm the address",
            NOTHING,
        ),
        Kind::Recovery => (
            "A new password for {{ .AppName }}",
            "Somebody, hopefully you, has asked for a new password for {{ .Email }} at {{ .AppName }}.",
            "Choose a new password",
            "If it was not you, do nothing: your password stays as it is.",
        ),
        Kind::MagicLink => (
            "Sign in to {{ .AppName }}",
            "Somebody, hopefully you, wants to sign in as {{ .Email }} at {{ .AppName }}.",
            "Sign in",
            NOTHING,
        ),
        Kind::Invite => (
            "You are invited to {{ .AppName }}",
            "An account at {{ .AppName }} has been made for {{ .Email }}.",
            "Accept the invitation",
            "If you expect no invitation, do nothing.",
        ),
        Kind::EmailChangeCurrent => (
            "Agree to another address at {{ .AppName }}",
            "Somebody, hopefully you, wants your account at {{ .AppName }} to have the address \
             {{ .NewEmail }} instead of {{ .Email }}.",
            "Agree to the change",
            "If it was not you, do not agree, and change your password: somebody else is in your account.",
        ),
        Kind::EmailChangeNew => (
            "Confirm your new address at {{ .AppName }}",
            "Somebody, hopefully you, wants an account at {{ .AppName }} to have the address \
             {{ .SendingTo }}.",
            "Confirm the new address",
            NOTHING,
        ),
        Kind::Reauthentication => (
            "Your code for {{ .AppName }}",
            "Somebody, hopefully you, is about to change your account at {{ .AppName }}.",
            "",
            "If it was not you, change your password: somebody else is in your account.",
        ),
        Kind::AccountExists => (
            "You have an account at {{ .AppName }} already",
            "Somebody, hopefully you, has signed up with {{ .Email }} at {{ .AppName }}, but there is an \
             account with this address already. Sign in instead, or ask for a new password.",
            "",
            NOTHING,
        ),
        Kind::PasswordChanged => (
            "Your password has been changed",
            "The password of {{ .Email }} at {{ .AppName }} has been changed.",
            "",
            HELP,
        ),
        Kind::EmailChanged => (
            "Your address has been changed",
            "{{ .SendingTo }} is no longer the address of your account at {{ .AppName }}.",
            "",
            "If it was not you, turn to whoever runs {{ .AppName }}.",
        ),
        Kind::MfaEnrolled => (
            "A second factor has been added",
            "A second factor of {{ .Email }} at {{ .AppName }} has been added.",
            "",
            HELP,
        ),
        Kind::MfaUnenrolled => (
            "A second factor has been removed",
            "A second factor of {{ .Email }} at {{ .AppName }} has been removed.",
            "",
            HELP,
        ),
        Kind::IdentityLinked => (
            "A way in has been added",
            "One can now enter the account {{ .Email }} at {{ .AppName }} by {{ .Provider }}, too.",
            "",
            HELP,
        ),
        Kind::IdentityUnlinked => (
            "A way in has been removed",
            "One can no longer enter the account {{ .Email }} at {{ .AppName }} by {{ .Provider }}.",
            "",
            HELP,
        ),
    };
    Words { subject, lead, button, otherwise }
}

const NOTHING: &str = "If it was not you, do nothing.";

const HELP: &str = "If it was not you, ask for a new password at once.";
