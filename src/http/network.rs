//! Where a request comes from, no more precisely than is needed.
//!
//! Only `CF-Connecting-IP` is read: Cloudflare writes it anew on every request, whereas the client
//! writes whatever it likes into `X-Forwarded-For` and its siblings.

use std::net::{IpAddr, Ipv6Addr};

use super::Headers;

/// The header in which the platform says who has connected.
const HEADER: &str = "cf-connecting-ip";

/// Somebody's address. An IPv4 address that is mapped into IPv6 is the IPv4 address, so that nobody
/// is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(IpAddr);

impl Client {
    /// Whoever has connected; `None` where the platform does not say so in exactly one address.
    #[must_use]
    pub fn of(headers: &Headers) -> Option<Self> {
        let mut values = headers.all(HEADER);
        let address: IpAddr = values.next()?.parse().ok()?;
        values.next().is_none().then(|| Self(address.to_canonical()))
    }

    /// Whoever is to be counted: the subscriber, unless the request comes from this very machine, as it
    /// does while an app is built. Over the internet nobody does.
    #[must_use]
    pub fn counted(headers: &Headers) -> Option<String> {
        let client = Self::of(headers).filter(|client| !client.0.is_loopback())?;
        Some(client.subscriber())
    }

    /// What may be kept: the network of many subscribers. The first 24 bits of an IPv4 address, or the
    /// first 48 of an IPv6 address, in CIDR notation.
    #[must_use]
    pub fn network(self) -> String {
        match self.0 {
            IpAddr::V4(address) => {
                let [one, two, three, _] = address.octets();
                format!("{one}.{two}.{three}.0/24")
            }
            IpAddr::V6(address) => prefix(address, 3),
        }
    }

    /// What is counted: one subscriber. The whole of an IPv4 address, or the first 64 bits of an IPv6
    /// address, of which a subscriber has at least all others.
    #[must_use]
    pub fn subscriber(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => prefix(address, 4),
        }
    }
}

/// The first groups of 16 bits, in CIDR notation. Zeros are written out, so each has one form.
fn prefix(address: Ipv6Addr, groups: usize) -> String {
    let groups: Vec<String> =
        address.segments().iter().take(groups).map(|group| format!("{group:x}")).collect();
    format!("{}::/{}", groups.join(":"), groups.len().saturating_mul(16))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)]) -> Option<(String, String)> {
        let pairs = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let client = Client::of(&Headers::new(pairs))?;
        Some((client.network(), client.subscriber()))
    }

    #[test]
    fn the_network_does_not_tell_the_subscriber() {
        for (address, network, subscriber) in [
            ("203.0.113.77", "203.0.113.0/24", "203.0.113.77"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64"),
            ("2001:DB8:1:2::9", "2001:db8:1::/48", "2001:db8:1:2::/64"),
            ("2001:db8::1", "2001:db8:0::/48", "2001:db8:0:0::/64"),
            ("::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77"),
            ("::ffff:cb00:714d", "203.0.113.0/24", "203.0.113.77"),
            ("::1", "0:0:0::/48", "0:0:0:0::/64"),
        ] {
            let expected = Some((network.to_owned(), subscriber.to_owned()));
            assert_eq!(check(&[("CF-Connecting-IP", address)]), expected, "{address}");
        }
    }

    #[test]
    fn whoever_builds_an_app_is_not_counted() {
        let counted = |address: &str| {
            Client::counted(&Headers::new([(HEADER.to_owned(), address.to_owned())]))
        };
        for here in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(counted(here), None, "{here}");
        }
        for there in ["10.0.0.1", "203.0.113.77", "128.0.0.1"] {
            assert_eq!(counted(there).as_deref(), Some(there));
        }
        assert_eq!(counted("2001:db8::1").as_deref(), Some("2001:db8:0:0::/64"));
    }

    #[test]
    fn what_is_not_one_address_is_none() {
        for address in [
            "",
            " 203.0.113.77",
            "203.0.113.77, 198.51.100.1",
            "203.0.113.077",
            "203.0.113.77:443",
            "3405803853",
            "0x7f.1",
            "127.1",
            "[::1]",
            "fe80::1%eth0",
            "unknown",
            "' or 1=1--",
        ] {
            assert_eq!(check(&[("cf-connecting-ip", address)]), None, "{address}");
        }
        let twice = [("cf-connecting-ip", "203.0.113.77"), ("cf-connecting-ip", "198.51.100.1")];
        assert_eq!(check(&twice), None);
    }

    #[test]
    fn what_clients_can_write_is_not_read() {
        for name in ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "x-client-ip"] {
            assert_eq!(check(&[(name, "203.0.113.77")]), None, "{name}");
        }
    }
}
