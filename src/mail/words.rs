//! What each letter says unless the project says it otherwise. The texts have the holes of
//! [`super::template`].

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
pub const fn words(kind: Kind) -> &'static Words {
    match kind {
        Kind::Confirmation => &CONFIRMATION,
        Kind::Recovery => &RECOVERY,
        Kind::MagicLink => &MAGIC_LINK,
        Kind::Invite => &INVITE,
        Kind::EmailChangeCurrent => &EMAIL_CHANGE_CURRENT,
        Kind::EmailChangeNew => &EMAIL_CHANGE_NEW,
        Kind::Reauthentication => &REAUTHENTICATION,
        Kind::AccountExists => &ACCOUNT_EXISTS,
        Kind::PasswordChanged => &PASSWORD_CHANGED,
        Kind::EmailChanged => &EMAIL_CHANGED,
        Kind::MfaEnrolled => &MFA_ENROLLED,
        Kind::MfaUnenrolled => &MFA_UNENROLLED,
        Kind::IdentityLinked => &IDENTITY_LINKED,
        Kind::IdentityUnlinked => &IDENTITY_UNLINKED,
    }
}

/// Where nothing happens without the link.
const NOTHING: &str = "If it was not you, do nothing.";

/// Where something has happened already.
const HELP: &str = "If it was not you, ask for a new password at once.";

const CONFIRMATION: Words = Words {
    subject: "Confirm your address for {{ .AppName }}",
    lead: "Somebody, hopefully you, has signed up with {{ .Email }} at {{ .AppName }}.",
    button: "Confirm the address",
    otherwise: NOTHING,
};

const RECOVERY: Words = Words {
    subject: "A new password for {{ .AppName }}",
    lead: "Somebody, hopefully you, has asked for a new password for {{ .Email }} at {{ .AppName }}.",
    button: "Choose a new password",
    otherwise: "If it was not you, do nothing: your password stays as it is.",
};

const MAGIC_LINK: Words = Words {
    subject: "Sign in to {{ .AppName }}",
    lead: "Somebody, hopefully you, wants to sign in as {{ .Email }} at {{ .AppName }}.",
    button: "Sign in",
    otherwise: NOTHING,
};

const INVITE: Words = Words {
    subject: "You are invited to {{ .AppName }}",
    lead: "An account at {{ .AppName }} has been made for {{ .Email }}.",
    button: "Accept the invitation",
    otherwise: "If you expect no invitation, do nothing.",
};

const EMAIL_CHANGE_CURRENT: Words = Words {
    subject: "Agree to another address at {{ .AppName }}",
    lead: "Somebody, hopefully you, wants your account at {{ .AppName }} to have the address \
        {{ .NewEmail }} instead of {{ .Email }}.",
    button: "Agree to the change",
    otherwise: "If it was not you, do not agree, and change your password: somebody else is in your account.",
};

const EMAIL_CHANGE_NEW: Words = Words {
    subject: "Confirm your new address at {{ .AppName }}",
    lead: "Somebody, hopefully you, wants an account at {{ .AppName }} to have the address \
        {{ .SendingTo }}.",
    button: "Confirm the new address",
    otherwise: NOTHING,
};

const REAUTHENTICATION: Words = Words {
    subject: "Your code for {{ .AppName }}",
    lead: "Somebody, hopefully you, is about to change your account at {{ .AppName }}.",
    button: "",
    otherwise: "If it was not you, change your password: somebody else is in your account.",
};

const ACCOUNT_EXISTS: Words = Words {
    subject: "You have an account at {{ .AppName }} already",
    lead: "Somebody, hopefully you, wants {{ .Email }} for an account at {{ .AppName }}, but there is one \
        with this address already. Sign in to it, or ask for a new password.",
    button: "",
    otherwise: NOTHING,
};

const PASSWORD_CHANGED: Words = Words {
    subject: "Your password has been changed",
    lead: "The password of {{ .Email }} at {{ .AppName }} has been changed.",
    button: "",
    otherwise: HELP,
};

const EMAIL_CHANGED: Words = Words {
    subject: "Your address has been changed",
    lead: "{{ .SendingTo }} is no longer the address of your account at {{ .AppName }}.",
    button: "",
    otherwise: "If it was not you, turn to whoever runs {{ .AppName }}.",
};

const MFA_ENROLLED: Words = Words {
    subject: "A second factor has been added",
    lead: "A second factor of {{ .Email }} at {{ .AppName }} has been added.",
    button: "",
    otherwise: HELP,
};

const MFA_UNENROLLED: Words = Words {
    subject: "A second factor has been removed",
    lead: "A second factor of {{ .Email }} at {{ .AppName }} has been removed.",
    button: "",
    otherwise: HELP,
};

const IDENTITY_LINKED: Words = Words {
    subject: "A way in has been added",
    lead: "One can now enter the account {{ .Email }} at {{ .AppName }} by {{ .Provider }}, too.",
    button: "",
    otherwise: HELP,
};

const IDENTITY_UNLINKED: Words = Words {
    subject: "A way in has been removed",
    lead: "One can no longer enter the account {{ .Email }} at {{ .AppName }} by {{ .Provider }}.",
    button: "",
    otherwise: HELP,
};
