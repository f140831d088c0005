//! Where a link may lead: `SITE_URL`, or what `URI_ALLOW_LIST` names. Every flow asks here, and
//! nothing else decides.
//!
//! What is not allowed is silently replaced by `SITE_URL`, as the dialect has it. An address with a
//! fragment loses it, since tokens will stand there.

mod address;
mod pattern;

use self::address::Address;
use crate::auth::call::Call;
use crate::config::Config;

/// What clients put behind an address to find their own flow again.
const FLOW_PARAMETER: &str = "sb_flow_id=";

/// Where the request wants to be led back to: its `redirect_to`, else the page that it came from,
/// else `SITE_URL`. The answer has no fragment.
pub(super) fn target(call: &Call<'_>) -> String {
    let wish = call.parameter("redirect_to").unwrap_or_default();
    let wish = wish.filter(|wish| !wish.is_empty());
    let wish = wish.or_else(|| call.request.headers.get("referer").map(str::to_owned));
    approved(wish.as_deref(), call.config)
}

/// The wish if it is allowed, else `SITE_URL`.
pub(super) fn approved(wish: Option<&str>, config: &Config) -> String {
    let allowed = wish.map(without_fragment).filter(|wish| is_allowed(wish, config));
    allowed.unwrap_or(&config.site_url).to_owned()
}

/// The address with parameters behind its own.
pub(super) fn with_query(address: &str, parameters: &str) -> String {
    let separator = if address.contains('?') { "&" } else { "?" };
    [address, separator, parameters].concat()
}

fn without_fragment(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

fn is_allowed(text: &str, config: &Config) -> bool {
    let Some(address) = Address::read(text) else { return false };
    let of_site = Address::read(&config.site_url).is_some_and(|site| address.is_of(&site));
    let without_flow = without_flow(address.rest);
    of_site
        || config.accounts.redirects.iter().any(|pattern| {
            address.fits(pattern, address.rest) || address.fits(pattern, &without_flow)
        })
}

/// The path and query without the parameter that clients add on their own.
fn without_flow(rest: &str) -> String {
    let Some((path, query)) = rest.split_once('?') else { return rest.to_owned() };
    let others = query.split('&').filter(|part| !part.starts_with(FLOW_PARAMETER));
    let query = others.collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { [path, "?", &query].concat() }
}

#[cfg(test)]
mod tests {
    use super::address::ADDRESS_BYTES_MAX;
    use super::*;

    const SITE: &str = "https://app.example.com";

    fn approved(site: &str, list: &str, wish: &str) -> String {
        let config = Config::read(|name| match name {
            "JWT_SECRET" => Some("0123456789abcdef0123456789abcdef".into()),
            "SITE_URL" => Some(site.into()),
            "URI_ALLOW_LIST" => Some(list.into()),
            _ => None,
        });
        super::approved(Some(wish), &config.expect("safe settings"))
    }

    /// Addresses that are none, or are somebody else's.
    const NOT_OURS: [&str; 72] = [
        "",
        "/",
        "/path",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://",
        "https://evil.example",
        "https://evil.example/",
        "http://app.example.com",
        "http://good.example/cb",
        "https://app.example.com:444",
        "https://app.example.com:443443",
        "https://app.example.com:",
        "https://app.example.com:0443",
        "https://app.example.com:x",
        "https://app.example.com.",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://app.example.com:443@evil.example/",
        "https://user@app.example.com",
        "https://evil.example\\@app.example.com",
        "https://evil.example\\.good.example/",
        "https://app.example.com\\evil",
        "https://app.example.com/\r\nset-cookie: a=b",
        "https://app.example.com/\0",
        "https://app.example.com/ x",
        " https://app.example.com",
        "https://app.example.com\t",
        "https://app.example.com/é",
        "https://app.ex\u{e4}mple.com",
        "https://app%2eexample.com",
        "https://xapp.example.com",
        "https://evil?.good.example/",
        "https://evil.example?.good.example/",
        "https://evil.example/.good.example/",
        "https://evil:80.good.example/",
        "https://a.b.good.example/",
        "https://good.example/cb/",
        "https://good.example/cbx",
        "https://good.example/cb?next=1",
        "https://good.example/cb?x_sb_flow_id=1",
        "https://good.example/CB",
        "https://a.good.example/../x",
        "https://a.good.example/%2E%2e/x",
        "https://a.good.example/x/./y",
        "http://2130706433",
        "http://0x7f000001",
        "http://0x7f.1/",
        "http://127.1:8080/",
        "http://0177.0.0.1:8080/",
        "http://127.0.0.01:8080/",
        "http://192.168.0.1/",
        "http://[::1]:8080/",
        "http://127.0.0.1:8081/",
        "javascript:alert(1)",
        "javascript://app.example.com/%0aalert(1)",
        "JAVASCRIPT://cb",
        "data:text/html,x",
        "data://text/html,x",
        "vbscript://cb",
        "blob:https://app.example.com/x",
        "file:///etc/passwd",
        "about://blank",
        "myapp://cb/x",
        "myapp2://cb",
        "myapp:cb",
        "app.example.com",
    ];

    #[test]
    fn what_is_no_address_of_ours_becomes_the_site() {
        let list =
            "https://good.example/cb,https://*.good.example/**,myapp://cb,http://127.0.0.1:8080/**";
        for wish in NOT_OURS {
            assert_eq!(approved(SITE, list, wish), SITE, "{wish}");
        }
        let long = format!("{SITE}/{}", "x".repeat(ADDRESS_BYTES_MAX));
        assert_eq!(approved(SITE, list, &long), SITE);
    }

    #[test]
    fn what_is_allowed_stays_as_it_was_written() {
        let list = "https://good.example/cb,https://*.good.example/**,myapp://cb,myapp2://**,\
            http://localhost:*/*,https://**--preview.example/a";
        for wish in [
            SITE,
            "https://app.example.com/",
            "https://APP.example.com:443/any/path?x=1&y=//evil.example",
            "https://good.example/cb",
            "https://good.example/cb?sb_flow_id=abc",
            "HTTPS://Good.example/cb",
            "https://a.good.example",
            "https://a.good.example/x/y.z?q=*",
            "https://a-b.good.example/?sb_flow_id=abc",
            "myapp://cb",
            "myapp://cb?sb_flow_id=abc",
            "myapp2://a/b/c",
            "myapp2://",
            "http://localhost:3000/cb",
            "https://x.y--preview.example/a",
        ] {
            assert_eq!(approved(SITE, list, wish), wish);
        }
        let fragment = approved(SITE, list, "https://good.example/cb#access_token=stolen");
        assert_eq!(fragment, "https://good.example/cb");
    }

    #[test]
    fn the_site_on_this_machine_is_there_on_every_port() {
        let local = "http://127.0.0.1:54321";
        assert_eq!(approved(local, "", "http://127.0.0.1:3000/x"), "http://127.0.0.1:3000/x");
        for wish in ["http://localhost:3000/", "https://127.0.0.1:3000/", "http://127.0.0.2:3000/"]
        {
            assert_eq!(approved(local, "", wish), local, "{wish}");
        }
    }
}
