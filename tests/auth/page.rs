//! The page that a link opens, through the whole corridor.

use crate::support::config_with;
use crate::support::corridor::House;

const VERIFY: &str = "/auth/v1/verify";

fn house(settings: &[(&str, &str)]) -> House {
    let mut house = House::demo();
    house.app.config = config_with(settings);
    house
}

#[test]
fn looking_changes_nothing_and_asks_nothing_of_the_database() {
    for settings in [&[][..], &[("MAILER_VERIFY_DIRECTLY", "true")]] {
        let house = house(settings);
        let before = house.host.dump();
        let link = format!("{VERIFY}?token=abc&type=recovery&redirect_to=http://127.0.0.1:3000/x");
        let head = house.send("HEAD", &link, &[], b"");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        let page = house.send("GET", &link, &[], b"");
        if settings.is_empty() {
            assert_eq!(page.status, 200);
            assert_eq!(house.host.take_usage().round_trips, 0);
            assert!(page.body.contains(r#"name="redirect_to" value="http://127.0.0.1:3000/x""#));
            assert!(page.body.contains(r#"method="post" action="/auth/v1/verify""#));
            assert!(!page.body.contains("<script"));
        } else {
            assert_eq!(page.status, 303);
        }
        assert_eq!(house.host.dump(), before);
    }
}

#[test]
fn the_page_holds_nothing_that_a_link_could_smuggle_in() {
    let house = house(&[]);
    let smuggled = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let link = format!("{VERIFY}?token={smuggled}&type=recovery&redirect_to=https://evil.example/");
    let page = house.send("GET", &link, &[], b"");
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script") && !page.body.contains("evil.example"), "{}", page.body);
    let policy = page.header("content-security-policy").expect("a policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    // Browsers would not follow where the form leads.
    assert!(!policy.contains("form-action") && !policy.contains("script-src"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store, max-age=0"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for query in
        ["", "token=a", "type=recovery", "token=a&type=<b>", "token=a&token=b&type=recovery"]
    {
        let refused = house.send("GET", &format!("{VERIFY}?{query}"), &[], b"");
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "validation_failed"),
            "{query}"
        );
    }
}

#[test]
fn a_form_is_read_there_and_nowhere_else() {
    let house = house(&[]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let clicked = house.send("POST", VERIFY, &form, b"token=a&type=recovery");
    assert_eq!(clicked.status, 303);
    let location = clicked.header("location").expect("a location");
    assert!(location.starts_with("http://127.0.0.1:54321?error=access_denied"), "{location}");
    // A provider's, which comes from another site.
    let from = [form[0], ("origin", "https://appleid.apple.com"), ("sec-fetch-site", "cross-site")];
    let sent = house.send("POST", "/auth/v1/callback", &from, b"state=a&code=b&user=c");
    assert_eq!(sent.status, 303);
    let location = "http://127.0.0.1:54321/auth/v1/callback?state=a&code=b";
    assert_eq!(sent.header("location"), Some(location));
    for path in ["signup", "recover", "otp", "token?grant_type=password", "resend"] {
        let refused = house.send("POST", &format!("/auth/v1/{path}"), &form, b"email=a@b.c");
        assert_eq!(refused.status, 415, "{path}");
    }
    let text = [("content-type", "text/plain")];
    assert_eq!(house.send("POST", VERIFY, &text, b"token=a&type=recovery").status, 415);
}
