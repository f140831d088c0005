//! Handing a letter over to what sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Due, Outcome};
use crate::auth::account::Account;
use crate::auth::token::Key;
use crate::config::{Config, SigningKey, Transport};
use crate::host::Host;
use crate::http::json::{Writer, list, quoted};
use crate::mail::{Facts, Letter};
use crate::outbound::{Email, Outbound};
use crate::time::{rfc3339, seconds};

/// How long a server may take over a letter: as many as are taken at once must not take longer than
/// the platform waits behind a response, which is 30 seconds.
const MILLISECONDS_MAX: u32 = 5000;

/// Sends a letter.
pub(super) async fn send<H: Host>(host: &H, config: &Config, due: &Due) -> Result<(), Outcome> {
    let facts = due.facts(config, host.now())?;
    let request = match &config.mail.transport {
        Transport::None | Transport::Inbox => return Ok(()),
        Transport::Platform => {
            let email = email(config, due, Letter::write(due.kind, &facts));
            let sent = host.send_email(&email).await;
            return sent.map_err(|error| Outcome::Failed(error.message));
        }
        Transport::Resend { key, base_url } => {
            let email = email(config, due, Letter::write(due.kind, &facts));
            Outbound::post(format!("{base_url}/emails"), "application/json", as_json(&email))
                .with("authorization", format!("Bearer {}", key.expose()))
                .with("idempotency-key", due.id.as_str())
        }
        Transport::Hook { uri, secrets } => {
            let body = payload(config, due, &facts);
            let timestamp = seconds(host.now()).to_string();
            let signature = signatures(secrets, &due.id, &timestamp, &body);
            Outbound::post(uri.clone(), "application/json", body)
                .with("webhook-id", due.id.as_str())
                .with("webhook-timestamp", timestamp)
                .with("webhook-signature", signature)
        }
    };
    let answer = host.fetch(Outbound { milliseconds: MILLISECONDS_MAX, ..request }).await;
    match answer {
        Ok(answer) if answer.is_success() => Ok(()),
        // A body may repeat what was sent.
        Ok(answer) => Err(Outcome::Failed(format!("it was answered with {}", answer.status))),
        Err(error) => Err(Outcome::Failed(error.message)),
    }
}

fn email(config: &Config, due: &Due, letter: Letter) -> Email {
    let (sender_name, sender) = config.mail.sender.clone();
    let Letter { subject, html, text } = letter;
    Email { sender_name, sender, recipient: due.recipient.clone(), subject, html, text }
}

/// An e-mail as Resend takes it.
fn as_json(email: &Email) -> String {
    let from = match email.sender_name.as_str() {
        "" => email.sender.clone(),
        name => format!("\"{name}\" <{}>", email.sender),
    };
    let mut json = Writer::object();
    json.texts(&[("from", &from)]);
    json.member("to", &list(&[quoted(&email.recipient)]));
    let Email { subject, html, text, .. } = email;
    json.texts(&[("subject", subject), ("html", html), ("text", text)]);
    json.finish_object()
}

/// What the hook is told, in the original's shape. `recipient` is besides: a change of address
/// makes two letters, each of which is sent by a call of its own.
fn payload(config: &Config, due: &Due, facts: &Facts) -> String {
    let mut data = Writer::object();
    data.texts(&[
        ("recipient", &facts.recipient),
        ("email_action_type", due.kind.action()),
        ("token", &facts.code),
        ("token_hash", &facts.token_hash),
        ("redirect_to", &facts.redirect_to),
        ("site_url", &config.site_url),
        ("confirmation_url", &facts.confirmation_url),
        ("token_new", ""),
        ("token_hash_new", ""),
        ("old_email", &facts.email),
        ("provider", &facts.provider),
        ("factor_type", &facts.factor_type),
    ]);
    let mut metadata = Writer::object();
    metadata.texts(&[
        ("uuid", &due.id),
        ("time", &rfc3339(due.created_at)),
        ("name", "send-email"),
    ]);
    let mut body = Writer::object();
    body.member("metadata", &metadata.finish_object());
    let user = due.account.as_ref().map(Account::user);
    body.member("user", user.as_deref().unwrap_or("null"));
    body.member("email_data", &data.finish_object());
    body.finish_object()
}

/// One signature for each key, as Standard Webhooks has them.
fn signatures(secrets: &[SigningKey], id: &str, timestamp: &str, body: &str) -> String {
    let message = [id, ".", timestamp, ".", body].concat();
    let sign = |SigningKey(key): &SigningKey| {
        let signature = Key::padded(key).sign(message.as_bytes());
        ["v1,", &BASE64.encode(signature)].concat()
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}
