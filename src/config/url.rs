//! Addresses of other servers that are named in settings, or by such servers.

use super::ConfigError;

/// Whether secrets may be sent to an address: it is absolute, plainly written and has https, or is
/// on this machine, where no network is between.
#[must_use]
pub fn is_secure(url: &str) -> bool {
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
    let authority = |rest: &str| -> String {
        rest.chars().take_while(|character| !"/?".contains(*character)).collect()
    };
    let host = |rest: &str| {
        let authority = authority(rest);
        let named = !authority.is_empty() && !authority.starts_with(':');
        (named && !authority.contains('@')).then_some(authority)
    };
    plain
        && match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => host(rest).is_some(),
            (None, Some(rest)) => host(rest).is_some_and(|host| is_loopback(&host)),
            (None, None) => false,
        }
}

fn is_loopback(host: &str) -> bool {
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        host.strip_prefix(name).is_some_and(|rest| {
            let port = rest.strip_prefix(':');
            rest.is_empty()
                || port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        })
    })
}

/// The address that a setting names, if it [`is_secure`].
pub(super) fn secure(name: &str, url: String) -> Result<String, ConfigError> {
    if is_secure(&url) {
        return Ok(url);
    }
    Err(ConfigError(format!("{name} is not a URL that begins with https://")))
}

#[cfg(test)]
mod tests {
    use super::is_secure;

    #[test]
    fn secrets_go_over_https_or_stay_on_the_machine() {
        for good in [
            "https://a.example",
            "https://a.example:8443/b?c=d",
            "http://127.0.0.1",
            "http://127.0.0.1:80/x",
            "http://localhost:3000",
            "http://[::1]:1/",
        ] {
            assert!(is_secure(good), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "//a.example",
            "https://",
            "https:///path",
            "https://:443",
            "https://user@a.example",
            "https://a.example/#x",
            "https://a.example\\@b",
            "https://a.example/ x",
            "https://a.example/\n",
            "https://ä.example",
            "http://a.example",
            "http://127.0.0.1.a.example",
            "http://127.0.0.1:80@a.example",
            "http://localhost.a.example",
            "http://localhost:x",
            "HTTPS://a.example",
            "javascript:alert(1)",
        ] {
            assert!(!is_secure(bad), "{bad}");
        }
    }
}
