//! A letter, written from its words or from the templates of the project.

use std::borrow::Cow;

use maud::{DOCTYPE, html};

use super::Kind;
use super::template::{Piece, Place, pieces};
use super::words::{Words, words};
use crate::embedded;
use crate::http::encoding::encode;
use crate::http::json::Object;

/// What a letter may tell. What is not there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the application is called.
    pub app_name: String,
    /// Where it is.
    pub site_url: String,
    /// Where the letter goes.
    pub recipient: String,
    /// The account's address.
    pub email: String,
    /// The address that the account is to have.
    pub new_email: String,
    /// The link.
    pub confirmation_url: String,
    /// Where the link leads in the end.
    pub redirect_to: String,
    /// What is secret in the link.
    pub token_hash: String,
    /// The code to type.
    pub code: String,
    /// Which provider the letter is about.
    pub provider: String,
    /// What kind of factor it is about.
    pub factor_type: String,
    /// The user's own metadata, a JSON object.
    pub user_metadata: String,
}

impl Facts {
    /// What fills a hole.
    fn value(&self, kind: Kind, hole: &str) -> Cow<'_, str> {
        Cow::Borrowed(match hole {
            "AppName" => &self.app_name,
            "SiteURL" => &self.site_url,
            "ConfirmationURL" => &self.confirmation_url,
            "RedirectTo" => &self.redirect_to,
            "Token" => &self.code,
            "TokenHash" => &self.token_hash,
            "Email" => &self.email,
            "NewEmail" => &self.new_email,
            "OldEmail" if kind == Kind::EmailChanged => &self.recipient,
            "OldEmail" => &self.email,
            "SendingTo" => &self.recipient,
            "Provider" => &self.provider,
            "FactorType" => &self.factor_type,
            "Type" => kind.verification().unwrap_or_default(),
            _ => return Cow::Owned(self.data(hole.strip_prefix("Data.")).unwrap_or_default()),
        })
    }

    /// A text in the user's own metadata.
    fn data(&self, key: Option<&str>) -> Option<String> {
        Object::of(&self.user_metadata)?.text(key?).ok()?
    }
}

/// A letter without an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The HTML version.
    pub html: String,
    /// The same as text.
    pub text: String,
}

impl Letter {
    /// Writes a letter.
    #[must_use]
    pub fn write(kind: Kind, facts: &Facts) -> Self {
        let words = words(kind);
        let fill = |part, default: &dyn Fn() -> String| match embedded::mail(kind.name(), part) {
            Some(template) => filled(template, kind, facts, part == "html"),
            None => default(),
        };
        let subject = fill("subject", &|| filled(words.subject, kind, facts, false));
        Self {
            subject: one_line(&subject),
            html: fill("html", &|| as_html(words, kind, facts)),
            text: fill("txt", &|| as_text(words, kind, facts)),
        }
    }
}

/// The template with its holes filled.
fn filled(template: &str, kind: Kind, facts: &Facts, is_html: bool) -> String {
    let mut out = String::new();
    for piece in pieces(template, is_html) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Hole(name, place) => {
                let value = facts.value(kind, name);
                match place {
                    Place::Text => out.push_str(&value),
                    Place::Content | Place::Url => push_escaped(&mut out, &value),
                    Place::Attribute | Place::Bare => out.push_str(&encode(&value)),
                }
            }
        }
    }
    out
}

fn push_escaped(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

/// A subject has no line breaks, or it would make headers of what follows them.
fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_control() || character == ' ');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How long code and link are good for, as `auth` has it.
const LINK_LIFE: &str = "It is good for one hour, and once.";
const CODE_LIFE: &str = "It is good for ten minutes, and once. Nobody will ever ask you for it.";

/// The letter as HTML. Programs for mail read neither files nor sheets of style, so the style is in
/// it.
fn as_html(words: &Words, kind: Kind, facts: &Facts) -> String {
    let fill = |template| filled(template, kind, facts, false);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                title { (fill(words.subject)) }
            }
            body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif" {
                div style="max-width:34em;margin:auto" {
                    h1 style="font-size:20px" { (fill(words.subject)) }
                    p { (fill(words.lead)) }
                    @if !words.button.is_empty() && !facts.confirmation_url.is_empty() {
                        p {
                            a href=(facts.confirmation_url) style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1b4dcc;color:#fff;text-decoration:none" {
                                (words.button)
                            }
                        }
                        p style="font-size:14px" {
                            "Or open this link. " (LINK_LIFE) br;
                            span style="word-break:break-all" { (facts.confirmation_url) }
                        }
                    }
                    @if !facts.code.is_empty() {
                        p { "The code is " b style="font-size:20px;letter-spacing:2px" { (facts.code) } ". " (CODE_LIFE) }
                    }
                    p style="font-size:14px" { (fill(words.otherwise)) }
                    p style="font-size:14px" { a href=(facts.site_url) { (facts.app_name) } }
                }
            }
        }
    }
    .into_string()
}

fn as_text(words: &Words, kind: Kind, facts: &Facts) -> String {
    let fill = |template| filled(template, kind, facts, false);
    let mut parts = vec![fill(words.lead)];
    if !words.button.is_empty() && !facts.confirmation_url.is_empty() {
        let link = &facts.confirmation_url;
        parts.push([words.button, ":\n", link, "\n", LINK_LIFE].concat());
    }
    if !facts.code.is_empty() {
        parts.push(["The code is ", &facts.code, ". ", CODE_LIFE].concat());
    }
    parts.push(fill(words.otherwise));
    parts.push([&facts.app_name, "\n", &facts.site_url, "\n"].concat());
    parts.join("\n\n")
}
