//! Addresses as they are read here.
//!
//! ```text
//! address   = scheme "://" authority [ "/" path ] [ "?" query ]
//! authority = host [ ":" port ]
//! ```
//! Only this form is read, in plain ASCII: what browsers repair (`https:evil`, `/\evil`, `//evil`,
//! control characters, names in front of an `@`) is no address here, so there is nothing that a
//! browser could read otherwise.

use super::pattern::matches;
use crate::config::is_scheme;

/// The most bytes of an address that is read.
pub(super) const ADDRESS_BYTES_MAX: usize = 2048;

/// An address in its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address<'a> {
    scheme: &'a str,
    authority: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    /// Path and query.
    pub rest: &'a str,
}

impl<'a> Address<'a> {
    /// Reads an address; `None` where a browser might read it otherwise.
    pub(super) fn read(text: &'a str) -> Option<Self> {
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
    pub(super) fn is_of(&self, site: &Self) -> bool {
        let default = if site.scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
        let port = |address: &Self| address.port.unwrap_or(default).to_owned();
        self.scheme.eq_ignore_ascii_case(site.scheme)
            && self.host.eq_ignore_ascii_case(site.host)
            && (port(self) == port(site) || is_loopback(site.host))
    }

    /// Whether a pattern admits it. Of the web, authority and rest are compared by themselves, so
    /// that no wildcard reaches from the one into the other; programs' own schemes know no such
    /// parts.
    pub(super) fn fits(&self, pattern: &str, rest: &str) -> bool {
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
