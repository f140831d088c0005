//! A request without its body, as the outer wall hands it over: method, URL, then the names and
//! values of the headers, one a line. None of them can hold a line break.

use super::{Headers, Method, Request, RequestBody};

/// Reads a request whose body is yet to come. Never fails: what is wrong with it, the gate refuses.
#[must_use]
pub fn read(text: &str) -> Request {
    let mut lines = text.split('\n');
    let method = lines.next().and_then(Method::parse);
    let (path, query) = split_url(lines.next().unwrap_or_default());
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let headers = Headers::new(pairs);
    Request { method, path, query, headers, body: RequestBody::Bytes(Vec::new()) }
}

/// Path and query of an absolute URL. Its host is whatever the client said, so it is dropped.
fn split_url(url: &str) -> (String, String) {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let local = authority.get(start..).unwrap_or_default();
    let local = local.split('#').next().unwrap_or_default();
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let path = if path.is_empty() { "/" } else { path };
    (path.to_owned(), query.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_method_url_and_headers() {
        let request = read("POST\nhttps://a.example/b%2F?c=/d?e\nX-Empty\n\nPrefer\ta\nb, c");
        assert_eq!(request.method, Some(Method::Post));
        assert_eq!((request.path.as_str(), request.query.as_str()), ("/b%2F", "c=/d?e"));
        assert_eq!(request.headers.get("x-empty"), Some(""));
        assert_eq!(request.headers.get("prefer\ta"), Some("b, c"));
        assert_eq!(request.body, RequestBody::Bytes(Vec::new()));
    }

    #[test]
    fn reads_whatever_it_is_given() {
        for text in ["", "\n", "FOO", "get\n\nname without a value"] {
            let request = read(text);
            assert_eq!(request.method, None, "{text:?}");
            assert_eq!(request.path, "/", "{text:?}");
            assert_eq!(request.headers.iter().count(), 0, "{text:?}");
        }
    }

    #[test]
    fn a_host_never_gets_into_the_path() {
        let path = |url: &str| split_url(url).0;
        assert_eq!(path("http://evil.example"), "/");
        assert_eq!(path("http://evil.example?x"), "/");
        assert_eq!(path("http://evil.example#/x"), "/");
        assert_eq!(path("http://user:pw@evil.example:1/a"), "/a");
        assert_eq!(path("http://evil.example//b://c"), "//b://c");
        assert_eq!(split_url("http://h?a=http://x/y#z"), ("/".into(), "a=http://x/y".into()));
    }
}
