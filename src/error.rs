//! Every refusal, as one type, and the one table from which its status comes.
//!
//! An [`Error`] has two faces: what the client may know (code, message, details, hint) and what the
//! log needs (`cause`). It is rendered once, in the shape of the dialect that was spoken to.

use crate::db::DbError;
use crate::http::json::Writer;

/// Writes the table of codes once, as an enum and its total functions.
macro_rules! codes {
    ($($variant:ident, $wire:literal, $status:literal, $meaning:literal;)*) => {
        /// What went wrong. A code is never used for anything else, even after it has retired.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All codes, for the documentation and its test.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as clients see it.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What it means, for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    // The gate, in front of every dialect.
    BadEncoding, "bad_encoding", 400, "The URL or a header is not valid percent-encoded UTF-8 without NUL.";
    UriTooLong, "uri_too_long", 414, "The URL is longer than 16 kB.";
    HeadersTooLarge, "header_fields_too_large", 431, "The headers are larger than is read.";
    BodyTooLarge, "request_entity_too_large", 413, "The body is larger than 1 MiB.";
    MediaTypeUnsupported, "unsupported_media_type", 415, "The body has a content type that is not read here.";
    MethodNotAllowed, "method_not_allowed", 405, "The address exists, but not for this method.";
    NotFound, "not_found", 404, "Nothing is at this address.";
    Unexpected, "unexpected_failure", 500, "A defect of the server; the log has the cause under the given id.";
    Misconfigured, "misconfigured", 500, "The server's configuration is incomplete or unsafe; the log says why.";
    Unavailable, "service_unavailable", 503, "The database or the password hasher cannot be reached now.";

    // The REST dialect: the request.
    QueryInvalid, "PGRST100", 400, "The query string does not parse.";
    FunctionVerb, "PGRST101", 405, "A function is called with GET, HEAD or POST.";
    BodyInvalid, "PGRST102", 400, "The body is empty, not JSON, or not of the shape that is written.";
    RangeInvalid, "PGRST103", 416, "The limit or offset lies outside the rows.";
    PutFilters, "PGRST105", 405, "The filters of a PUT are not exactly the primary key, each column with eq.";
    SchemaInvalid, "PGRST106", 406, "The profile names a schema other than public.";
    MediaTypeUnavailable, "PGRST107", 406, "None of the accepted media types can be made.";
    NotEmbedded, "PGRST108", 400, "A filter or order names a resource that select does not embed.";
    PutLimited, "PGRST114", 400, "A PUT with a limit or an offset.";
    PutKeyMismatch, "PGRST115", 400, "No row of a PUT's body has the key that the URL names.";
    NotSingular, "PGRST116", 406, "One row was asked for and there were none or several.";
    VerbUnsupported, "PGRST117", 405, "The method is none of the dialect's.";
    RelatedOrderInvalid, "PGRST118", 400, "An order by an embedded resource of which a row may have several.";
    EmbedFilterInvalid, "PGRST120", 400, "A filter asks something else of an embedded resource than whether it is null.";
    PreferenceInvalid, "PGRST122", 400, "An unknown preference with handling=strict.";
    MaxAffectedExceeded, "PGRST124", 400, "More rows would be affected than max-affected allows.";
    PathInvalid, "PGRST125", 404, "The path is none of the dialect's.";
    NotImplemented, "PGRST127", 400, "A part of the dialect that Selvedge does not have; the details say what to do.";
    MaxAffectedFunction, "PGRST128", 400, "max-affected was asked of a function that returns no set.";

    // The REST dialect: the schema.
    NoRelationship, "PGRST200", 400, "No foreign key relates the two resources.";
    AmbiguousRelationship, "PGRST201", 300, "Several foreign keys relate the two resources; the hint names them.";
    NoFunction, "PGRST202", 404, "No function of that name takes those arguments.";
    NoColumn, "PGRST204", 400, "The body or columns= names a column that the table has not.";
    NoTable, "PGRST205", 404, "No table or view of that name.";

    // The REST dialect: the token.
    TokenInvalid, "PGRST301", 401, "The bearer token or API key is malformed or its signature is wrong.";
    TokenClaims, "PGRST303", 401, "The token has expired, or its session has ended.";

    // The REST dialect: what Postgres would say.
    ReadOnly, "25006", 405, "A function that may write was called with GET or HEAD.";
    NotNullViolation, "23502", 400, "A null in a column that allows none.";
    ForeignKeyViolation, "23503", 409, "A row refers to one that is not there, or is still referred to.";
    UniqueViolation, "23505", 409, "A row with that key exists.";
    CheckViolation, "23514", 400, "A row does not satisfy a check.";
    Forbidden, "42501", 403, "The signed-in user may not do this.";
    ForbiddenAnonymous, "42501", 401, "Nobody has signed in, and nobody may do this.";
    Cardinality, "21000", 400, "Several rows where there may be one: of one key in a merge, where the original answers 500, or of a sub-select in a policy or function.";
    TextTooLong, "22001", 400, "A text is longer than its column allows.";
    OutOfRange, "22003", 400, "A number is outside its column's range.";
    DateInvalid, "22007", 400, "A date or time does not parse.";
    ZoneOutOfRange, "22009", 400, "An offset from UTC is none that a time zone has.";
    DateOutOfRange, "22008", 400, "A date or time does not exist.";
    SubstringInvalid, "22011", 400, "A policy or function asks for a substring of a negative length.";
    DivisionByZero, "22012", 400, "A policy or function divides by zero.";
    ParameterInvalid, "22023", 400, "A policy or function casts a JSON value of another type, or asks for the part 0 of a text.";
    PatternInvalid, "22025", 400, "A `like` pattern ends with a backslash that takes nothing literally.";
    ValueInvalid, "22P02", 400, "A value does not parse as its column's type.";
    TypeUndefined, "42704", 400, "A cast to a type that does not exist.";
    CannotCast, "42846", 400, "A value of that type is never cast to the other.";
    GroupingInvalid, "42803", 400, "An order by a column that is not grouped by.";
    SyntaxError, "42601", 400, "A text search does not parse.";
    ColumnUndefined, "42703", 400, "A column that the table has not.";
    TypeMismatch, "42804", 400, "The value has another type than is needed here.";
    ColumnGenerated, "428C9", 400, "A generated column cannot be written.";
    ConflictTargetInvalid, "42P10", 400, "No unique constraint matches `on_conflict`.";
    OperatorUndefined, "42883", 404, "The operator or function does not exist for the column's type.";
    ViewReadOnly, "55000", 405, "The view cannot be written.";
    TooManyRows, "54000", 400, "More related rows or a larger answer than one request is given.";
    TooComplex, "54001", 400, "The request needs more of the database than one statement may use.";
    Raised, "P0001", 400, "A trigger of the schema refused the row.";

    // The auth dialect.
    BadJson, "bad_json", 400, "The body is not JSON of the expected fields.";
    ValidationFailed, "validation_failed", 400, "A field is missing or malformed.";
    BadJwt, "bad_jwt", 401, "The bearer token is malformed, expired or has the wrong signature.";
    NoAuthorization, "no_authorization", 401, "The endpoint needs a user's bearer token.";
    SessionNotFound, "session_not_found", 403, "The session of the token has ended.";
    UserNotFound, "user_not_found", 403, "The user of the token is gone.";
    AccountNotFound, "user_not_found", 404, "No account has that id.";
    EmailExists, "email_exists", 422, "An account with that address, or that id, exists.";
    SessionExpired, "session_expired", 400, "The session is older than the settings allow.";
    FeatureDisabled, "feature_disabled", 404, "A part of the dialect that Selvedge does not have.";
    SamlProviderDisabled, "saml_provider_disabled", 404, "Signing in by SAML is not supported.";
    PasskeyDisabled, "passkey_disabled", 404, "Passkeys are not supported.";
    Web3ProviderDisabled, "web3_provider_disabled", 422, "Signing in by a wallet is not supported.";
    InvalidCredentials, "invalid_credentials", 400, "The e-mail address or the password is wrong.";
    UserBanned, "user_banned", 400, "The account may not be entered for now.";
    UserAlreadyExists, "user_already_exists", 422, "An account with that address exists.";
    SignupDisabled, "signup_disabled", 422, "New accounts are not accepted.";
    AnonymousProviderDisabled, "anonymous_provider_disabled", 422, "Signing in without an address is not enabled.";
    PhoneProviderDisabled, "phone_provider_disabled", 400, "Signing in by phone is not supported.";
    WeakPassword, "weak_password", 422, "The password does not meet the rules.";
    ProviderDisabled, "provider_disabled", 400, "The provider is not enabled.";
    BadOauthState, "bad_oauth_state", 400, "What came back from a provider belongs to no flow of this browser, or to one that has ended.";
    BadOauthCallback, "bad_oauth_callback", 400, "A provider has sent somebody back without what is needed, or its answer is not believed.";
    AccessDenied, "access_denied", 403, "The person has not agreed, or the provider has refused.";
    EmailAddressNotProvided, "email_address_not_provided", 400, "The provider gave no e-mail address, without which no account is made.";
    ProviderEmailNeedsVerification, "provider_email_needs_verification", 422, "The provider has not verified the address, so nothing is done by it.";
    IdentityAlreadyExists, "identity_already_exists", 422, "The identity is linked already, here or to somebody else.";
    IdentityNotFound, "identity_not_found", 422, "The account has no such identity.";
    SingleIdentityNotDeletable, "single_identity_not_deletable", 422, "An account keeps at least one identity.";
    EmailConflictIdentityNotDeletable, "email_conflict_identity_not_deletable", 422, "The address that would become the account's is another's.";
    ManualLinkingDisabled, "manual_linking_disabled", 404, "Linking identities by hand is not enabled.";
    OverRequestRateLimit, "over_request_rate_limit", 429, "Too many requests, or too many tries of one password.";
    OverEmailSendRateLimit, "over_email_send_rate_limit", 429, "A mail was asked for that address a moment ago.";
    CaptchaFailed, "captcha_failed", 400, "The captcha was not solved, or not here.";
    RefreshTokenNotFound, "refresh_token_not_found", 400, "The refresh token is not of a living session.";
    AnonymousForbidden, "no_authorization", 403, "The account has no address yet, and what is asked for needs one.";
    MfaFactorNotFound, "mfa_factor_not_found", 404, "The account has no such factor.";
    MfaFactorNameConflict, "mfa_factor_name_conflict", 422, "The account has a factor of that name.";
    TooManyEnrolledMfaFactors, "too_many_enrolled_mfa_factors", 422, "The account has as many factors as it may have.";
    MfaTotpEnrollNotEnabled, "mfa_totp_enroll_not_enabled", 422, "No authenticator app can be added.";
    MfaTotpVerifyNotEnabled, "mfa_totp_verify_not_enabled", 422, "Codes of authenticator apps are not taken.";
    MfaPhoneEnrollNotEnabled, "mfa_phone_enroll_not_enabled", 422, "Factors by phone are not supported.";
    MfaWebauthnEnrollNotEnabled, "mfa_webauthn_enroll_not_enabled", 422, "Factors by security key are not supported.";
    MfaChallengeExpired, "mfa_challenge_expired", 422, "The challenge is not open, or no longer.";
    MfaVerificationFailed, "mfa_verification_failed", 422, "The code is wrong, or was used before.";
    AalTooLow, "insufficient_aal", 401, "The account has a second factor, and the session has not shown it.";
    AalTooLowToEnroll, "insufficient_aal", 403, "The same, where a factor or recovery codes are added.";
    AalTooLowToUnenroll, "insufficient_aal", 422, "The same, where a factor is taken away.";
    RefreshTokenAlreadyUsed, "refresh_token_already_used", 400, "The refresh token was used before; its session has been ended.";
    OtpExpired, "otp_expired", 403, "The link or code is wrong, too old or was used.";
    EmailProviderDisabled, "email_provider_disabled", 422, "Signing in by an address is not enabled.";
    EmailNotConfirmed, "email_not_confirmed", 400, "The address has yet to be confirmed.";
    SamePassword, "same_password", 422, "The new password is the present one.";
    CurrentPasswordRequired, "current_password_required", 400, "The present password is needed to change it.";
    CurrentPasswordInvalid, "current_password_invalid", 400, "What was given is not the present password.";
    ReauthenticationNeeded, "reauthentication_needed", 400, "The session is too old to change the password without a code.";
    ReauthenticationNotValid, "reauthentication_not_valid", 422, "The code for changing the password is wrong, too old or was used.";
    NotAdmin, "not_admin", 403, "Only the service role may do this.";
    Conflict, "conflict", 409, "The account is changed by somebody else at this moment, or rows of your schema refer to it.";
    FlowStateNotFound, "flow_state_not_found", 404, "The code is of no way in that has begun, or it was used.";
    FlowStateExpired, "flow_state_expired", 422, "The code is older than five minutes.";
    BadCodeVerifier, "bad_code_verifier", 400, "The verifier is not the one whose challenge began the way in.";
}

impl Code {
    /// The class of the code in OAuth's words (RFC 6749 section 4.1.2.1), for a redirect.
    #[must_use]
    pub const fn oauth_name(self) -> &'static str {
        match self.status() {
            400 | 404 | 422 => "invalid_request",
            401 => "unauthorized_client",
            403 => "access_denied",
            503 => "temporarily_unavailable",
            _ => "server_error",
        }
    }
}

/// Which dialect an error is rendered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `{"code","message","details","hint"}`.
    Rest,
    /// `{"code","error_code","message","msg"}`.
    Auth,
    /// A page.
    Page,
}

/// More about a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Details {
    /// A text.
    Text(String),
    /// JSON that is no text.
    Json(String),
}

impl From<String> for Details {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Details {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The code, which decides the status.
    pub code: Code,
    /// What is wrong, for the client.
    pub message: String,
    /// More about it.
    pub details: Option<Details>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Why, for the log alone.
    pub cause: Option<String>,
    /// Headers that this answer must carry beside those of its status.
    pub headers: Vec<(&'static str, String)>,
}

impl Error {
    /// A refusal with a message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            hint: None,
            cause: None,
            headers: Vec::new(),
        }
    }

    /// Adds details.
    #[must_use]
    pub fn details(mut self, details: impl Into<Details>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what only the log may know.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A part of the dialect that is not here; the details say which, or what to do instead.
    #[must_use]
    pub fn not_implemented(details: impl Into<Details>) -> Self {
        Self::new(Code::NotImplemented, "Feature not implemented").details(details)
    }

    /// A defect of ours; the client learns only that there was one.
    #[must_use]
    pub fn unexpected(cause: impl Into<String>) -> Self {
        Self::new(Code::Unexpected, "an unexpected failure").cause(cause)
    }

    /// Something behind us cannot be reached now; clients try again.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, "the service cannot answer right now")
            .hint("try again in a moment")
            .header("retry-after", RETRY_AFTER_SECONDS)
            .cause(cause)
    }

    /// What a failure of the database means where no constraint of the user's can be involved.
    #[must_use]
    pub fn from_database(error: &DbError) -> Self {
        match error {
            DbError::Unavailable { message } => Self::unavailable(message.as_str()),
            other => Self::unexpected(format!("{other:?}")),
        }
    }

    /// The body in a dialect's shape.
    #[must_use]
    pub fn body(&self, dialect: Dialect) -> String {
        let code = self.code.wire();
        let mut body = Writer::object();
        body.texts(&[("code", code)]);
        match dialect {
            Dialect::Rest => {
                self.write_details(&mut body, "details");
                match &self.hint {
                    Some(hint) => body.texts(&[("hint", hint)]),
                    None => body.member("hint", "null"),
                }
                body.texts(&[("message", &self.message)]);
            }
            // `error_code` and `msg` are what clients read that cannot see the version header.
            Dialect::Auth | Dialect::Page => {
                let message = self.message.as_str();
                body.texts(&[("error_code", code), ("message", message), ("msg", message)]);
                if self.code == Code::WeakPassword {
                    self.write_details(&mut body, "weak_password");
                }
            }
        }
        body.finish_object()
    }

    fn write_details(&self, body: &mut Writer, name: &str) {
        match &self.details {
            Some(Details::Text(text)) => body.texts(&[(name, text)]),
            Some(Details::Json(json)) => body.member(name, json),
            None => body.member(name, "null"),
        }
    }
}

/// The most characters of a refused text that are quoted back.
pub const QUOTED_CHARACTERS_MAX: usize = 80;

/// A refused text, shortened for its message.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARACTERS_MAX) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "…"].concat(),
        None => text.to_owned(),
    }
}

/// How long a client is asked to wait before it tries again.
const RETRY_AFTER_SECONDS: &str = "1";
