//! A device as its owner would know it: `Firefox on Linux`. What else a `User-Agent` tells makes a
//! fingerprint and is not kept.

/// Browsers by what only they say, those that also call themselves others first.
const PROGRAMS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Dart/", "Dart"),
    ("okhttp/", "okhttp"),
    ("curl/", "curl"),
    ("node", "Node.js"),
];

/// Systems, those that also call themselves others first.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Says in words what sent a request; `None` where nothing known is said.
pub(super) fn described(user_agent: &str) -> Option<String> {
    let find = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&SYSTEMS)) {
        (Some(program), Some(system)) => Some([program, " on ", system].concat()),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn says_what_the_owner_would() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                "Safari on macOS",
            ),
            ("node", "Node.js"),
            ("curl/8.15.0", "curl"),
        ] {
            assert_eq!(described(user_agent).as_deref(), Some(expected));
        }
    }

    #[test]
    fn repeats_nothing_that_is_sent() {
        for user_agent in ["", "Mozilla/5.0", "<script>alert(1)</script>", "my-canary/1.0"] {
            assert_eq!(described(user_agent), None, "{user_agent}");
        }
    }
}
