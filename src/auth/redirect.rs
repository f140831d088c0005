//! Where a link may lead: `SITE_URL`, or what `URI_ALLOW_LIST` names. Every flow asks here, and
//! nothing else decides.
//!
//! ```text
//! address   = scheme "://" authority [ "/" path ] [ "?" query ]
//! authority = host [ ":" port ]
//! ```
//! Only this form is read, in plain ASCII: what browsers repair (`https:evil`, `/\evil`, `//evil`,
//! control characters, names in front of an `@`) is no address here, so there is nothing that a
//! browser could read otherwise. An address with a fragment loses it, since tokens will stand
//! there.
//!
//! What is not allowed is silently replaced by `SITE_URL`, as the dialect has it.

use crate::auth::call::Call;
use crate::config::{Config, is_scheme};

/// The most bytes of an address that is read.
const ADDRESS_BYTES_MAX: usize = 2048;

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

/// An address in its parts.
#[derive(Debug, Clone, Copy)]
struct Address<'a> {
    scheme: &'a str,
    authority: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    /// Path and query.
    rest: &'a str,
}

impl<'a> Address<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (scheme, behind) = text.split_once("://")?;
        let end = behind.find(['/', '?']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at_checked(end)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let address = Self { scheme, authority, host, port, rest };
        address.is_plain(text).then_some(address)
    }

    fn is_plain(&self, text: &str) -> bool {
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let is_rest = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&byte);
        let is_port = |port: &str| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && matches!(port.parse::<u16>(), Ok(1..))
        };
        text.len() <= ADDRESS_BYTES_MAX
            && is_scheme(self.scheme)
            && self.host.bytes().all(is_host)
            && self.port.is_none_or(is_port)
            && self.rest.bytes().all(is_rest)
            && !climbs(self.rest)
            && (!self.is_of_web() || is_name(self.host) || is_loopback(self.host))
    }

    fn is_of_web(&self) -> bool {
        ["http", "https"].iter().any(|scheme| self.scheme.eq_ignore_ascii_case(scheme))
    }

    /// Whether it is of the same site. Where programs are built, each has a port of its own.
    fn is_of(&self, site: &Self) -> bool {
        let default = if site.scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
        let port = |address: &Self| address.port.unwrap_or(default).to_owned();
        self.scheme.eq_ignore_ascii_case(site.scheme)
            && self.host.eq_ignore_ascii_case(site.host)
            && (port(self) == port(site) || is_loopback(site.host))
    }

    /// Whether a pattern admits it. Of the web, authority and rest are compared by themselves, so
    /// that no wildcard reaches from the one into the other; programs' own schemes know no such
    /// parts.
    fn fits(&self, pattern: &str, rest: &str) -> bool {
        let Some((scheme, behind)) = pattern.split_once("://") else { return false };
        if !scheme.eq_ignore_ascii_case(self.scheme) {
            return false;
        }
        if !self.is_of_web() {
            return matches(behind, &[self.authority, rest].concat());
        }
        let end = behind.find(['/', '?']).unwrap_or(behind.len());
        let (authority, path) = behind.split_at_checked(end).unwrap_or((behind, ""));
        let or_root = |path: &str| if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        matches(&authority.to_ascii_lowercase(), &self.authority.to_ascii_lowercase())
            && matches(&or_root(path), &or_root(rest))
    }
}

/// A name and no number: browsers read `0x7f.1`, `2130706433` and `127.1` as addresses of machines.
fn is_name(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    !last.is_empty() && !last.starts_with(|first: char| first.is_ascii_digit())
}

/// This machine, in the forms that need no reading.
fn is_loopback(host: &str) -> bool {
    let octets: Vec<&str> = host.split('.').collect();
    let is_octet = |text: &&str| text.parse::<u8>().is_ok_and(|octet| octet.to_string() == **text);
    host.eq_ignore_ascii_case("localhost")
        || (octets.first() == Some(&"127") && octets.len() == 4 && octets.iter().all(is_octet))
}

/// Whether a path has a segment that browsers take away together with the one before it, and which
/// a pattern would take for a name.
fn climbs(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    let plain = path.to_ascii_lowercase().replace("%2e", ".");
    plain.split('/').any(|segment| segment == "." || segment == "..")
}

/// The path and query without the parameter that clients add on their own.
fn without_flow(rest: &str) -> String {
    let Some((path, query)) = rest.split_once('?') else { return rest.to_owned() };
    let others = query.split('&').filter(|part| !part.starts_with(FLOW_PARAMETER));
    let query = others.collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { [path, "?", &query].concat() }
}

/// Whether a pattern covers a text: `*` stands for any characters but `.` and `/`, `**` for any.
/// Each byte is compared with each place of the pattern at most once.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = Vec::new();
    let mut bytes = pattern.bytes().peekable();
    while let Some(byte) = bytes.next() {
        parts.push(match byte {
            b'*' if bytes.next_if_eq(&b'*').is_some() => Part::Anything,
            b'*' => Part::Name,
            literal => Part::Literal(literal),
        });
    }
    // The places behind which everything read so far fits; a wildcard may stand for nothing.
    let mut places = skip_wildcards(&parts, &[0]);
    for byte in text.bytes() {
        let mut next = Vec::new();
        for place in places {
            let Some(part) = parts.get(place) else { continue };
            match part {
                Part::Literal(literal) if *literal == byte => next.push(place.saturating_add(1)),
                Part::Name if !b"./".contains(&byte) => next.push(place),
                Part::Anything => next.push(place),
                Part::Literal(_) | Part::Name => {}
            }
        }
        places = skip_wildcards(&parts, &next);
    }
    places.contains(&parts.len())
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// This byte.
    Literal(u8),
    /// `*`
    Name,
    /// `**`
    Anything,
}

/// These places and those behind wildcards that follow, in their order.
fn skip_wildcards(parts: &[Part], places: &[usize]) -> Vec<usize> {
    let mut all = Vec::new();
    for place in places {
        let mut place = *place;
        all.push(place);
        while matches!(parts.get(place), Some(Part::Name | Part::Anything)) {
            place = place.saturating_add(1);
            all.push(place);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_pattern_takes_no_more_time_than_it_has_places() {
        let pattern = "**a".repeat(400);
        assert!(!matches(&pattern, &"a".repeat(399)));
        assert!(matches(&pattern, &"a".repeat(2000)));
        assert!(
            matches("*", "")
                && matches("**", "a.b/c")
                && !matches("*", "a.b")
                && matches("a*c", "abc")
        );
    }
}
