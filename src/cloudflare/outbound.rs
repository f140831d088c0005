//! Requests to other servers and e-mail, by the platform's means.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::{glue, task};
use crate::http::Headers;
use crate::outbound::{
    ANSWER_BYTES_MAX, ANSWER_MILLISECONDS_MAX, Email, FetchError, Inbound, Outbound, SendError,
};

/// Asks another server. Its redirects are not followed.
pub async fn fetch(request: Outbound) -> Result<Inbound, FetchError> {
    let failed = |message: &str| FetchError { message: message.to_owned() };
    let lines = request.lines().ok_or_else(|| failed("a header has a line break"))?;
    let limit = u32::try_from(ANSWER_BYTES_MAX).unwrap_or(u32::MAX);
    let milliseconds = request.milliseconds.min(ANSWER_MILLISECONDS_MAX);
    let (method, content) = (request.method.name(), request.body.as_deref());
    let sent = glue::send(method, &request.url, &lines, content, limit, milliseconds);
    let answer = task::wait(sent).await.map_err(|error| failed(&glue::thrown(&error)))?;
    read(&answer).ok_or_else(|| failed("the answer is too long"))
}

fn read(answer: &JsValue) -> Option<Inbound> {
    let mut parts = answer.dyn_ref::<Array>()?.iter();
    let status = glue::count(&parts.next()?)?.try_into().ok()?;
    let headers = parts.next()?.as_string()?;
    let mut lines = headers.split('\n').map(str::to_owned);
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        pairs.push((name, value));
    }
    Some(Inbound { status, headers: Headers::new(pairs), body: glue::bytes(&parts.next()?)? })
}

/// Hands an e-mail to the platform. What it says of a failure may name the recipient, so of that only
/// the code is kept, where there is one.
pub async fn send_email(mailer: Option<&JsValue>, email: &Email) -> Result<(), SendError> {
    let failed = |message: &str| SendError { message: message.to_owned() };
    let mailer = mailer.ok_or_else(|| failed("nothing is bound to MAILER"))?;
    let Email { sender_name, sender, recipient, subject, html, text } = email;
    let parts = [sender_name, sender, recipient, subject, html, text];
    let parts: Array = parts.into_iter().map(|part| JsValue::from_str(part)).collect();
    let sent = task::wait(glue::mail(mailer, &parts)).await;
    sent.map(drop).map_err(|error| {
        let code = js_sys::Reflect::get(&error, &JsValue::from_str("code")).ok();
        let code = code.and_then(|code| code.as_string());
        failed(code.as_deref().unwrap_or("the platform did not take it"))
    })
}
