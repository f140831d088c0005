//! The endpoints of the auth dialect. The match is total: a new endpoint does not compile until it
//! is described here.

use super::fixed;
use crate::http::Method;
use crate::http::json::{Writer, list};
use crate::route::Endpoint;

/// An endpoint in words and schemas.
struct Account {
    /// What it is for.
    summary: &'static str,
    /// Members of its operations: who may ask, and with which parameters.
    members: &'static str,
    /// The name of a body's schema; empty without one.
    body: &'static str,
    /// The name of the answer's schema; empty without one, or [`fixed::ELSEWHERE`].
    answer: &'static str,
}

const fn described(endpoint: Endpoint) -> Account {
    let (summary, members, body, answer) = match endpoint {
        Endpoint::Signup => ("Sign up", "", "Credentials", "Session"),
        Endpoint::Token => ("Sign in, or refresh a session", fixed::GRANT, "Grant", "Session"),
        Endpoint::User => ("Who is signed in", fixed::BY_USER, "Object", "User"),
        Endpoint::Recover => ("Have a link sent into one's account", "", "Object", "Object"),
        Endpoint::Otp | Endpoint::MagicLink => {
            ("Have a link and a code sent to sign in with", "", "Object", "Object")
        }
        Endpoint::Verify => ("Use a link or a code", "", "Object", "Session"),
        Endpoint::Resend => ("Have a letter sent once more", "", "Object", "Object"),
        Endpoint::Reauthenticate => {
            ("Have a code sent for changing the password", fixed::BY_USER, "", "Object")
        }
        Endpoint::Logout => ("Sign out", fixed::SCOPE, "", ""),
        Endpoint::Factors => ("Begin a second factor", fixed::BY_USER, "Object", "Object"),
        Endpoint::Factor => ("Take a factor away", fixed::BY_USER, "", "Object"),
        Endpoint::FactorChallenge => ("Ask for a code", fixed::BY_USER, "", "Object"),
        Endpoint::FactorVerify => ("Show a code", fixed::BY_USER, "Object", "Session"),
        Endpoint::RecoveryCodes => ("Recovery codes", fixed::BY_USER, "", "Object"),
        Endpoint::RecoveryCodesVerify => {
            ("Show a recovery code", fixed::BY_USER, "Object", "Session")
        }
        Endpoint::Authorize => ("Go to a provider", "", "", fixed::ELSEWHERE),
        Endpoint::Callback => ("Come back from a provider", "", "", fixed::ELSEWHERE),
        Endpoint::LinkIdentity => ("Link an identity", fixed::BY_USER, "", "Object"),
        Endpoint::Identity => ("Unlink an identity", fixed::BY_USER, "", "Object"),
        Endpoint::Sessions => ("Where one is signed in", fixed::BY_USER, "", "List"),
        Endpoint::Session => ("End a session", fixed::BY_USER, "", ""),
        Endpoint::AdminUsers => ("The accounts", fixed::BY_USER, "Object", "Object"),
        Endpoint::AdminUser => ("An account", fixed::BY_USER, "Object", "Object"),
        Endpoint::AdminUserLogout => ("End all sessions of an account", fixed::BY_USER, "", ""),
        Endpoint::AdminUserFactors => {
            ("The second factors of an account", fixed::BY_USER, "", "List")
        }
        Endpoint::AdminUserFactor => {
            ("Take a factor from an account", fixed::BY_USER, "", "Object")
        }
        Endpoint::AdminGenerateLink => {
            ("A link for somebody else", fixed::BY_USER, "Object", "Object")
        }
        Endpoint::Invite => ("Invite somebody", fixed::BY_USER, "Object", "User"),
        Endpoint::AdminAudit => ("Who did what", fixed::BY_USER, "", "List"),
        Endpoint::Settings => ("What is switched on", "", "", "Object"),
        Endpoint::Health => ("Whether this server answers", "", "", "Object"),
        Endpoint::Jwks => ("Public keys, of which there are none", "", "", "Object"),
    };
    Account { summary, members, body, answer }
}

/// Describes all of them. They begin at the site and not, as tables do, below it.
pub fn paths(json: &mut Writer, site_url: &str) {
    for endpoint in Endpoint::ALL {
        let account = described(*endpoint);
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
                operation(json, &account, *method);
            }
        }
        json.end("}");
    }
}

fn operation(json: &mut Writer, account: &Account, method: Method) {
    json.key(&method.name().to_ascii_lowercase());
    json.fill(fixed::ACCOUNT, &[("~", account.summary)]);
    if !account.members.is_empty() {
        json.raw(account.members);
    }
    if !account.body.is_empty() && method != Method::Get {
        json.fill(fixed::ACCOUNT_BODY, &[("~", account.body)]);
    }
    let answers = match account.answer {
        "" => fixed::ACCOUNT_DONE,
        fixed::ELSEWHERE => fixed::ACCOUNT_LEADS,
        _ => fixed::ACCOUNT_ANSWER,
    };
    json.fill(answers, &[("~", account.answer)]);
}
