//! What letters say, and that nothing which somebody else chose is anything but text in them.

use expect_test::expect_file;

use selvedge::mail::{Facts, Kind, Letter, template};

fn facts(kind: Kind) -> Facts {
    let has_link = kind.verification().is_some();
    let link = "https://loom.example/auth/v1/verify?token=AbC&type=signup&redirect_to=https%3A%2F%2Floom.example";
    let text = |is_there: bool, text: &str| if is_there { text.to_owned() } else { String::new() };
    Facts {
        app_name: "The Loom".into(),
        site_url: "https://loom.example".into(),
        recipient: "ann@example.com".into(),
        email: "ann@example.com".into(),
        new_email: "ann@example.org".into(),
        confirmation_url: text(has_link, link),
        redirect_to: "https://loom.example".into(),
        token_hash: text(has_link, "AbC"),
        code: text(has_link || kind == Kind::Reauthentication, "012345"),
        provider: "github".into(),
        factor_type: "totp".into(),
        user_metadata: r#"{"name":"Ann","age":7}"#.into(),
    }
}

#[test]
fn every_letter_says_what_it_says() {
    let mut all = String::new();
    for kind in Kind::ALL {
        let Letter { subject, html, text } = Letter::write(*kind, &facts(*kind));
        let html = html.replace("</", "\n</").replace("><", ">\n<");
        all.push_str(&format!("==== {}\n{subject}\n----\n{text}----\n{html}\n\n", kind.name()));
    }
    expect_file!["letters.txt"].assert_eq(&all);
}

#[test]
fn a_letter_without_a_link_shows_no_button_and_none_without_a_code_speaks_of_one() {
    for kind in Kind::ALL {
        let facts = Facts { confirmation_url: String::new(), code: String::new(), ..facts(*kind) };
        let letter = Letter::write(*kind, &facts);
        for text in [letter.text, letter.html] {
            assert!(!text.contains("The code is") && !text.contains("verify?token"), "{text}");
        }
    }
}

/// What an attacker may have chosen: an account's address is checked, but a name, a redirect of a wildcard
/// and what an administrator has imported are not.
const HOSTILE: &str = "\"'><script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n{{ .Token }}";

fn hostile() -> Facts {
    let text = HOSTILE.to_owned();
    Facts {
        app_name: text.clone(),
        site_url: text.clone(),
        recipient: text.clone(),
        email: text.clone(),
        new_email: text.clone(),
        confirmation_url: text.clone(),
        redirect_to: text.clone(),
        token_hash: text.clone(),
        code: text.clone(),
        provider: text.clone(),
        factor_type: text.clone(),
        user_metadata: serde_json::json!({ "name": text }).to_string(),
    }
}

#[test]
fn whatever_somebody_chose_is_text() {
    for kind in Kind::ALL {
        let Letter { subject, html, .. } = Letter::write(*kind, &hostile());
        assert!(!subject.contains(|c: char| c.is_control()), "{subject:?}");
        assert!(
            !html.contains("<script") && !html.contains("'><") && !html.contains("\"'>"),
            "{html}"
        );
        // Quotes in values are no quotes of attributes.
        let tags = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default());
        for tag in tags {
            assert!(tag.matches('"').count() % 2 == 0, "{tag}");
        }
    }
}

#[test]
fn a_value_with_a_hole_is_not_filled_again() {
    for kind in Kind::ALL {
        let letter = Letter::write(*kind, &Facts { code: "424242".into(), ..hostile() });
        let told = letter.text.matches("424242").count();
        assert!(told <= 1, "{}", letter.text);
    }
}

fn pieces(template: &str) -> String {
    format!("{:?}", template::pieces(template, true).collect::<Vec<_>>())
}

#[test]
fn a_hole_knows_where_it_is() {
    let place = |template: &str| {
        let pieces = pieces(template);
        let (_, rest) = pieces.split_once("Hole(\"Email\", ").expect("a hole");
        rest.split(')').next().expect("its place").to_owned()
    };
    for (template, expected) in [
        ("{{ .Email }}", "Content"),
        ("{{.Email}}", "Content"),
        ("<p>{{ .Email }}</p>", "Content"),
        ("<a href=\"{{ .Email }}\">", "Url"),
        ("<a href='{{ .Email }}'>", "Url"),
        ("<a href=\"/?to={{ .Email }}\">", "Attribute"),
        ("<a href=\"{{ .SiteURL }}{{ .Email }}\">", "Attribute"),
        ("<a title='\"' href=\"{{ .Email }}\">", "Url"),
        ("<a title=\">\" href=\"x{{ .Email }}\">", "Attribute"),
        ("<a href={{ .Email }}>", "Bare"),
        ("<a {{ .Email }}>", "Bare"),
        ("<{{ .Email }}>", "Bare"),
    ] {
        assert_eq!(place(template), expected, "{template}");
    }
}

#[test]
fn the_build_takes_templates_like_these() {
    for html in [
        "",
        "no hole at all",
        "<h2>{{ .AppName }}</h2><a href=\"{{ .ConfirmationURL }}\">Go, {{ .Data.first_name }}</a>",
        "<a href=\"{{ .SiteURL }}/confirm?token_hash={{ .TokenHash }}&type={{ .Type }}&next={{ .RedirectTo }}\">",
        "<style>p { color: red }</style><p>{{ .Token }}</p>",
    ] {
        assert_eq!(template::check(html, true), Ok(()), "{html}");
    }
    assert_eq!(template::check("<{{ .Email }} {{ .Token }}", false), Ok(()));
}

#[test]
fn the_build_refuses_templates_that_would_not_be_safe_or_not_be_filled() {
    for (html, reason) in [
        ("{{ .Emial }}", "{{ .Emial }} is none of .AppName"),
        ("{{ if .Email }}", "{{ .if .Email }} is none of"),
        ("{{ range .Data }}", "is none of"),
        ("{{ .Data }}", "is none of"),
        ("{{ .Data. }}", "is none of"),
        ("{{ .Data.a.b }}", "is none of"),
        ("{{ .Data.a b }}", "is none of"),
        ("{{ }}", "is none of"),
        ("{{ .Email", "not closed"),
        (".Email }}", "not closed"),
        ("{{ .Email }} }}", "not closed"),
        ("<a href={{ .ConfirmationURL }}>", "without quotes"),
        ("<p {{ .Data.x }}>", "without quotes"),
        ("<a href=\"{{ .Data.link }}\">", "begins an attribute"),
        ("<a href=\"{{ .Email }}\">", "begins an attribute"),
        ("<a href='{{ .Token }}'>", "begins an attribute"),
        ("<style>p { color: {{ .Data.color }} }</style>", "in a style"),
        ("<STYLE>{{ .Email }}</STYLE>", "in a style"),
        ("<script>x</script>", "a script"),
        ("<ScRipt src=x>{{ .Email }}", "a script"),
    ] {
        let refused = template::check(html, true).expect_err(html);
        assert!(refused.contains(reason), "{html}: {refused}");
    }
    assert!(template::check("{{ .Emial }}", false).is_err());
}
