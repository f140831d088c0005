//! The endpoints of the auth dialect. The table is total: a new endpoint does not compile until it is
//! described here.

use super::{fixed, shape};
use crate::http::json::{Writer, list};
use crate::http::{FORM, Method};
use crate::route::Endpoint;

/// An operation in words and shapes.
struct Operation {
    /// What it is for.
    summary: &'static str,
    /// How it is asked: [`BY_USER`], [`BY_FORM`], or by anybody with JSON.
    asked: &'static str,
    /// The shape of the query.
    query: &'static str,
    /// That of the body; empty without one.
    body: &'static str,
    /// That of the answer; empty without one. [`LEADS`] and [`PAGE`] are none.
    answer: &'static str,
}

/// With a user's token, or the owner's key.
const BY_USER: &str = "user";
/// By a form of a browser's.
const BY_FORM: &str = "form";

/// The answer leads somewhere else.
const LEADS: &str = "302";
/// The answer is a page.
const PAGE: &str = "page";

/// Writes the table as a function of endpoint and method. A row is one text, which is smaller in Wasm than a struct.
macro_rules! operations {
    ($($endpoint:ident $method:pat, $summary:literal, $asked:literal, $query:expr, $body:expr, $answer:literal;)*) => {
        const fn row(endpoint: Endpoint, method: Method) -> &'static str {
            match (endpoint, method) {
                $((Endpoint::$endpoint, $method) => {
                    concat!($summary, "~", $asked, "~", $query, "~", $body, "~", $answer)
                })*
            }
        }
    };
}

fn described(endpoint: Endpoint, method: Method) -> Operation {
    let mut cells = row(endpoint, method).split('~');
    let mut next = || cells.next().unwrap_or_default();
    Operation { summary: next(), asked: next(), query: next(), body: next(), answer: next() }
}

/// Asks for a letter that leads into an account.
macro_rules! letter {
    ($more:literal) => {
        concat!("email:e! code_challenge:n code_challenge_method:n", $more)
    };
}

/// What begins at a provider.
macro_rules! away {
    () => {
        "provider! redirect_to scopes code_challenge code_challenge_method:=s256|S256"
    };
}

/// What an owner's server says of an account.
macro_rules! wish {
    () => {
        "id:u email:e password password_hash email_confirm:b user_metadata:o app_metadata:o ban_duration role"
    };
}

/// What a provider sends back.
macro_rules! brought {
    () => {
        "state! code error iss"
    };
}

operations! {
    Signup _, "Sign up", "", "redirect_to",
        "email:e password data:o code_challenge:n code_challenge_method:n", "@Session;@User";
    Token _, "Sign in, or refresh a session", "", "grant_type:=password|refresh_token|pkce|id_token!",
        "email:e! password!;refresh_token!;auth_code! code_verifier!;provider! id_token! access_token nonce link_identity:b",
        "@Session";
    User Method::Put, "Change one's account", "user", "redirect_to",
        "email:e password current_password nonce data:o code_challenge:n code_challenge_method:n", "@User";
    User _, "Who is signed in", "user", "", "", "@User";
    Recover _, "Have a link sent into one's account", "", "redirect_to", letter!(""), "@Nothing";
    Otp _, "Have a link and a code sent to sign in with", "", "redirect_to", letter!(" create_user:b data:o"), "@Nothing";
    MagicLink _, "The same, as it was", "", "redirect_to", letter!(" data:o"), "@Nothing";
    Verify Method::Post, "Use a link or a code", "", "",
        "type:@Purpose! email:e! token!;type:@Purpose! token_hash!", "@Session;msg! code!";
    Verify _, "Open a link", "", "token token_hash type:@Purpose! redirect_to", "", "page";
    Resend _, "Have a letter sent once more", "", "redirect_to", letter!(" type:=signup|email_change!"), "@Nothing";
    Reauthenticate _, "Have a code sent for changing the password", "user", "", "", "@Nothing";
    Logout _, "Sign out", "user", "scope:=global|local|others", "", "";
    Factors _, "Begin a second factor", "user", "", "factor_type:=totp! friendly_name issuer",
        "id:u! type:=totp! friendly_name! totp:@Totp!";
    Factor _, "Take a factor away", "user", "", "", "id:u!";
    FactorChallenge _, "Ask for a code", "user", "", "", "id:u! type:=totp! expires_at:i!";
    FactorVerify _, "Show a code", "user", "", "challenge_id:u! code!", "@Session";
    RecoveryCodes Method::Post, "A fresh set of recovery codes", "user", "", "", "codes:[s!";
    RecoveryCodes _, "How many recovery codes are left", "user", "", "", "remaining:i!";
    RecoveryCodesVerify _, "Show a recovery code", "user", "", "code!", "@Session";
    Authorize _, "Go to a provider", "", away!(), "", "302";
    Callback Method::Post, "Come back from a provider by a form", "form", "", brought!(), "302";
    Callback _, "Come back from a provider", "", brought!(), "", "302";
    LinkIdentity _, "Link an identity", "user", away!(), "", "url!";
    Identity _, "Unlink an identity", "user", "", "", "@Nothing";
    Sessions _, "Where one is signed in", "user", "", "", "[@Place";
    Session _, "End a session", "user", "", "", "";
    AdminUsers Method::Post, "Make an account", "user", "", wish!(), "@User";
    AdminUsers _, "The accounts", "user", "page:i per_page:i filter sort", "", "users:[@User! aud!";
    AdminUser Method::Put, "Change an account", "user", "", wish!(), "@User";
    AdminUser Method::Delete, "Delete an account", "user", "", "should_soft_delete:b", "@Nothing";
    AdminUser _, "An account", "user", "", "", "@User";
    AdminUserLogout _, "End all sessions of an account", "user", "", "", "";
    AdminUserFactors _, "The second factors of an account", "user", "", "", "[@Factor";
    AdminUserFactor _, "Take a factor from an account", "user", "", "", "@Factor";
    AdminGenerateLink _, "A link for somebody else", "user", "redirect_to",
        "type:=signup|invite|magiclink|recovery|email_change_current|email_change_new! email:e! new_email:e password data:o redirect_to",
        "id:u! action_link! email_otp! hashed_token! verification_type! redirect_to!";
    Invite _, "Invite somebody", "user", "redirect_to", "email:e! data:o", "@User";
    AdminAudit _, "Who did what", "user", "page:i per_page:i query", "", "[@Entry";
    Settings _, "What is switched on", "", "", "",
        "external:o! disable_signup:b! mailer_autoconfirm:b! phone_autoconfirm:b! saml_enabled:b! passkeys_enabled:b! sms_provider!";
    Health _, "Whether this server answers", "", "", "", "name! version! description!";
    Jwks _, "Public keys, of which there are none", "", "", "", "keys:[o!";
}

/// Schemas that have a name. A purpose is none of them but a list of texts.
const NAMED: [(&str, &str); 9] = [
    ("Nothing", ""),
    (
        "Session",
        "access_token! token_type:=bearer! expires_in:i! expires_at:i! refresh_token! user:@User! weak_password:@Weakness provider_token provider_refresh_token recovery_codes_remaining:i",
    ),
    ("Weakness", "message! reasons:[=length|characters|pwned!"),
    (
        "User",
        "id:u! aud! role! email! phone! app_metadata:o! user_metadata:o! identities:[@Identity! is_anonymous:b! created_at:t! updated_at:t! new_email confirmed_at:t email_confirmed_at:t confirmation_sent_at:t recovery_sent_at:t email_change_sent_at:t reauthentication_sent_at:t invited_at:t last_sign_in_at:t banned_until:t deleted_at:t factors:[@Factor",
    ),
    (
        "Identity",
        "identity_id:u! id! user_id:u! identity_data:o! provider! created_at:t! updated_at:t! last_sign_in_at:t email",
    ),
    (
        "Factor",
        "id:u! factor_type:=totp! status:=verified|unverified! created_at:t! updated_at:t! friendly_name last_challenged_at:t",
    ),
    ("Totp", "qr_code! secret! uri!"),
    (
        "Place",
        "id:u! created_at:t! refreshed_at:t! not_after:t! aal:=aal1|aal2! user_agent:n! network:n! current:b!",
    ),
    ("Entry", "id:u! payload:o! created_at:t! ip_address!"),
];

/// Describes what has a name.
pub fn schemas(json: &mut Writer) {
    for (name, shape) in NAMED {
        json.member(&["auth.", name].concat(), &shape::schema(shape));
    }
    json.member("auth.Purpose", fixed::PURPOSE);
}

/// Describes all of them. They begin at the site and not, as tables do, below it.
pub fn paths(json: &mut Writer, site_url: &str) {
    for endpoint in Endpoint::ALL {
        json.key(endpoint.path());
        json.raw(r#"{"servers":[{"url":"#);
        json.text(site_url);
        json.end("}]");
        let names = endpoint.path().split('/').filter_map(|segment| segment.strip_prefix('{'));
        let ids: Vec<String> =
            names.map(|name| fixed::ID.replace('~', name.trim_end_matches('}'))).collect();
        if !ids.is_empty() {
            json.member("parameters", &list(&ids));
        }
        for method in endpoint.methods() {
            if *method != Method::Head {
                operation(json, &described(*endpoint, *method), *method);
            }
        }
        json.end("}");
    }
}

fn operation(json: &mut Writer, operation: &Operation, method: Method) {
    json.key(&method.name().to_ascii_lowercase());
    json.fill(fixed::ACCOUNT, &[("~", operation.summary)]);
    if operation.asked == BY_USER {
        json.raw(fixed::BY_USER);
    }
    if !operation.query.is_empty() {
        json.member("parameters", &shape::parameters(operation.query));
    }
    if !operation.body.is_empty() {
        let kind = if operation.asked == BY_FORM { FORM } else { "application/json" };
        let body = shape::schema(operation.body);
        let is_needed = if method == Method::Delete { "false" } else { "true" };
        json.fill(fixed::ACCOUNT_BODY, &[("!", is_needed), ("@", kind), ("~", &body)]);
    }
    let (answers, answer) = match operation.answer {
        "" => (fixed::ACCOUNT_DONE, String::new()),
        LEADS => (fixed::ACCOUNT_LEADS, String::new()),
        PAGE => (fixed::ACCOUNT_PAGE, String::new()),
        shape => (fixed::ACCOUNT_ANSWER, shape::schema(shape)),
    };
    json.fill(answers, &[("~", &answer)]);
}
