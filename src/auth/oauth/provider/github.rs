//! GitHub, which signs no statements: its API is asked who the bearer of an access token is.

use super::{Granted, State, Vouched, ask, distrusted, grant, text, vouched};
use crate::auth::account::Address;
use crate::config::Config;
use crate::config::providers::Provider;
use crate::error::Error;
use crate::host::Host;
use crate::http::json::{Json, Object, read_list};
use crate::outbound::Outbound;

/// Two requests at once would spare time, and three in a row is what everybody does.
pub(super) async fn redeem<H: Host>(
    host: &H,
    config: &Config,
    provider: &Provider,
    [site, api]: [&str; 2],
    code: (&State<'_>, &str),
) -> Result<(Vouched, Granted), Error> {
    let url = [site, "/login/oauth/access_token"].concat();
    let (_, granted) = grant(host, config, provider, (url, false), code).await?;
    let bearer = ["Bearer ", &granted.access].concat();
    let get = |path| Outbound::get([api, path].concat()).with("authorization", bearer.as_str());
    let user = ask(host, provider, get("/user")).await?;
    let emails = ask(host, provider, get("/user/emails")).await?;
    let person = person(api, &user, &emails);
    Ok((person.ok_or_else(|| distrusted(provider, "its API told of nobody"))?, granted))
}

/// The login can be given to another later, so the number is the subject.
fn person(api: &str, user: &str, emails: &str) -> Option<Vouched> {
    let user = Object::read(user.as_bytes()).ok()?;
    let subject = user.integer("id").ok()??.to_string();
    let email = Address::parse(&primary(emails)?);
    let is_verified = email.is_some();
    let (login, name) = (text(&user, "login"), text(&user, "name"));
    let (login, picture) = (login.as_deref(), text(&user, "avatar_url"));
    Some(vouched(
        subject,
        (email, is_verified),
        &[
            ("avatar_url", picture.as_deref()),
            ("full_name", name.as_deref()),
            ("iss", Some(api)),
            ("name", name.as_deref()),
            ("preferred_username", login),
            ("user_name", login),
        ],
    ))
}

/// Of a person's addresses only the primary one counts, and only once it is verified: the one that
/// the profile shows may be anybody's. Without one it is empty; `None` is an answer that is none.
fn primary(emails: &str) -> Option<String> {
    for item in read_list(emails.as_bytes()).ok()? {
        let Json::Compound(item) = item else { return None };
        let item = Object::of(&item)?;
        if item.raw("primary") == Some("true") && item.raw("verified") == Some("true") {
            return item.text("email").ok()?;
        }
    }
    Some(String::new())
}
