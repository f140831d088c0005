//! The inbox of a machine for development, for people and for tests. Elsewhere nothing is there.

use maud::{Markup, html};

use crate::auth::inbox;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::html::shell;
use crate::http::encoding::query_pairs;
use crate::http::json::{Object, Writer, list, read_list};
use crate::http::{Method, Request, Response};
use crate::route::Inbox;

/// Answers below `/inbox`.
///
/// # Errors
/// 404 where there is no inbox or no such letter; 400 for another search than `to:` an address.
pub async fn inbox<H: Host>(
    host: &H,
    config: &Config,
    place: &Inbox,
    request: &Request,
) -> Result<Response<H::Rows>, Error> {
    if !inbox::exists(config) {
        return Err(nothing());
    }
    match place {
        Inbox::Page => {
            let messages = inbox::messages(host, None).await?;
            Ok(Response::html(200, page(&messages).into_string()))
        }
        Inbox::Messages if request.method == Some(Method::Delete) => {
            inbox::empty(host).await?;
            Ok(Response::json(200, r#""ok""#.to_owned()))
        }
        Inbox::Messages => Ok(listed(&inbox::messages(host, None).await?)),
        Inbox::Search => Ok(listed(&inbox::messages(host, Some(&searched(request)?)).await?)),
        Inbox::Message { id } => inbox::message(host, id)
            .await?
            .map(|message| Response::json(200, message))
            .ok_or_else(nothing),
    }
}

fn nothing() -> Error {
    Error::new(Code::NotFound, "nothing is at this address")
}

/// The address in `query=to:ann@example.com`, which may stand in quotes.
fn searched(request: &Request) -> Result<String, Error> {
    let refused = || Error::new(Code::ValidationFailed, "a search is query=to:name@example.com");
    let pairs = query_pairs(&request.query).map_err(|_| refused())?;
    let query = pairs.into_iter().find(|(name, _)| name == "query").and_then(|(_, value)| value);
    let query = query.ok_or_else(refused)?;
    let address = query.trim().strip_prefix("to:").ok_or_else(refused)?.trim_matches('"');
    if address.contains([' ', '"']) { Err(refused()) } else { Ok(address.to_owned()) }
}

fn listed<R>(messages: &[String]) -> Response<R> {
    let mut answer = Writer::object();
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    answer.integers(&[("total", count), ("messages_count", count), ("count", count), ("start", 0)]);
    answer.member("messages", &list(messages));
    Response::json(200, answer.finish_object())
}

fn page(messages: &[String]) -> Markup {
    shell(
        "Inbox",
        &html! {
            h1 { "Inbox" }
            p { "Nothing is sent from this machine. What would be sent is here for a day, the latest first." }
            @if messages.is_empty() { p { "It is empty." } }
            @for message in messages.iter().filter_map(|message| Object::of(message)) {
                @let text = |name| message.text(name).ok().flatten().unwrap_or_default();
                article {
                    h2 { (text("Subject")) }
                    p { "To " code { (recipient(&message)) } ", " time { (text("Created")) } }
                    @for paragraph in text("Text").split("\n\n") {
                        p {
                            @for line in paragraph.lines() {
                                @if line.starts_with("http://") || line.starts_with("https://") {
                                    a href=(line) rel="noreferrer" { (line) }
                                } @else { (line) }
                                br;
                            }
                        }
                    }
                }
            }
        },
    )
}

fn recipient(message: &Object<'_>) -> String {
    let mailboxes = message.raw("To").and_then(|to| read_list(to.as_bytes()).ok());
    let first = mailboxes.and_then(|mailboxes| Some(mailboxes.first()?.written()));
    let address = first.and_then(|first| Object::of(&first)?.text("Address").ok()?);
    address.unwrap_or_default()
}
