//! What letters there are.

/// Writes the table of letters once, as an enum and its total functions.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $name:literal, $verification:expr, $action:literal;)*) => {
        /// What a letter is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All letters.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Its name: in the outbox, and of the files that may replace its text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The `type` of the link in it, as the dialect names it; none where there is no link.
            #[must_use]
            pub const fn verification(self) -> Option<&'static str> {
                match self { $(Self::$kind => $verification,)* }
            }

            /// What the hook for e-mail calls it: the original's `email_action_type`.
            #[must_use]
            pub const fn action(self) -> &'static str {
                match self { $(Self::$kind => $action,)* }
            }
        }
    };
}

kinds! {
    /// A new account's address is to be confirmed.
    Confirmation, "confirmation", Some("signup"), "signup";
    /// A password has been forgotten.
    Recovery, "recovery", Some("recovery"), "recovery";
    /// A way in without a password.
    MagicLink, "magic_link", Some("magiclink"), "magiclink";
    /// Somebody is asked to join.
    Invite, "invite", Some("invite"), "invite";
    /// To the present address, which is asked to agree to another.
    EmailChangeCurrent, "email_change_current", Some("email_change"), "email_change";
    /// To the other address, which is to be confirmed.
    EmailChangeNew, "email_change_new", Some("email_change"), "email_change";
    /// A code for something that needs fresh proof.
    Reauthentication, "reauthentication", None, "reauthentication";
    /// Somebody wants an address that has an account for another one.
    AccountExists, "account_exists", None, "account_exists_notification";
    /// The password is another.
    PasswordChanged, "password_changed", None, "password_changed_notification";
    /// To the former address: the account's is another.
    EmailChanged, "email_changed", None, "email_changed_notification";
    /// There is a second factor.
    MfaEnrolled, "mfa_enrolled", None, "mfa_factor_enrolled_notification";
    /// A second factor is gone.
    MfaUnenrolled, "mfa_unenrolled", None, "mfa_factor_unenrolled_notification";
    /// There is another way in.
    IdentityLinked, "identity_linked", None, "identity_linked_notification";
    /// A way in is gone.
    IdentityUnlinked, "identity_unlinked", None, "identity_unlinked_notification";
}

impl Kind {
    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
