//! `/auth/v1/verify`: using a link or a code.
//!
//! - `POST` with JSON is what programs send: a code with its address, or what stands in a link.
//! - `GET` is a link that was opened. It changes nothing, since programs that look through mail open
//!   links, too: a page asks for a click (see `pages`).
//! - `POST` with a form is that click. It leads on to the application, with tokens or a code.

use super::Purpose;
use super::enter::Outcome;
use super::find::Ticket;
use crate::auth::account::Address;
use crate::auth::call::{Call, invalid, phone_refused};
use crate::auth::{back, redirect};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::Writer;
use crate::http::{FORM, Method, Response};

const HALF_DONE: &str =
    "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands for the row.
    pub token: String,
    /// What it is for, by the dialect's name.
    pub kind: String,
    /// Where it leads, which was approved.
    pub redirect_to: String,
}

impl Link {
    /// Reads the link that was opened.
    ///
    /// # Errors
    /// 400 when a part of it is missing or unknown.
    pub fn opened(call: &Call<'_>) -> Result<Self, Error> {
        let token = match call.parameter("token")? {
            Some(token) => Some(token),
            None => call.parameter("token_hash")?,
        };
        let kind = call.parameter("type")?;
        Self::checked(token, kind, redirect::target(call))
    }

    /// Reads the form that the page has sent.
    fn clicked(call: &Call<'_>) -> Result<Self, Error> {
        // A browser says where a form comes from. One of another site would sign people in as somebody else.
        let site = call.request.headers.get("sec-fetch-site");
        if site.is_some_and(|site| site != "same-origin") {
            return Err(invalid("the form must be sent by the page that the link opens"));
        }
        let fields = call.form()?;
        let field = |name: &str| {
            let found = fields.iter().find(|(other, _)| other == name);
            found.and_then(|(_, value)| value.clone())
        };
        let redirect_to = redirect::approved(field("redirect_to").as_deref(), call.config);
        Self::checked(field("token"), field("type"), redirect_to)
    }

    fn checked(
        token: Option<String>,
        kind: Option<String>,
        redirect_to: String,
    ) -> Result<Self, Error> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let token =
            given(token).ok_or_else(|| invalid("Verify requires a token or a token hash"))?;
        let kind = given(kind).ok_or_else(|| invalid("Verify requires a verification type"))?;
        if Purpose::of_type(&kind).is_none() {
            return Err(invalid("Unsupported verification type"));
        }
        Ok(Self { token, kind, redirect_to })
    }
}

/// Two round trips where there is something to use, else one.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    match call.request.method {
        Some(Method::Post) if call.request.headers.media_type() == FORM => {
            lead_on(host, call, &Link::clicked(call)?).await
        }
        Some(Method::Post) => by_json(host, call).await,
        _ => lead_on(host, call, &Link::opened(call)?).await,
    }
}

struct Body {
    kind: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    token: Option<String>,
    token_hash: Option<String>,
}

async fn by_json<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    let body = call.body(|body| {
        Ok(Body {
            kind: body.given("type")?,
            email: body.given("email")?,
            phone: body.given("phone")?,
            token: body.given("token")?,
            token_hash: body.given("token_hash")?,
        })
    })?;
    let kind = body.kind.ok_or_else(|| invalid("Verify requires a verification type"))?;
    if body.phone.is_some() || matches!(kind.as_str(), "sms" | "phone_change") {
        return Err(phone_refused());
    }
    let purposes =
        Purpose::of_type(&kind).ok_or_else(|| invalid("Unsupported verification type"))?;
    let ticket = match (body.token, body.token_hash, body.email) {
        (Some(code), None, Some(email)) => {
            let address = Address::parse(&email);
            Ticket::of_code(host, call, address.as_ref(), &code, purposes).await?
        }
        (None, Some(link), None) => Ticket::of_link(host, call, &link, purposes).await?,
        (_, Some(_), _) => {
            return Err(invalid("Only the token_hash and type should be provided"));
        }
        (Some(_), None, None) => {
            return Err(invalid(
                "Only an email address or phone number should be provided on verify",
            ));
        }
        (None, None, _) => return Err(invalid("Verify requires a token or a token hash")),
    };
    match ticket.enter(host, call, None).await? {
        Outcome::Session(session) => session.respond(call.config, host.now()),
        Outcome::Half => {
            let mut half = Writer::object();
            half.texts(&[("msg", HALF_DONE), ("code", "200")]);
            Ok(Response::json(200, half.finish_object()))
        }
        Outcome::Code(_) => Err(Error::unexpected("a code where a session was asked for")),
    }
}

/// Uses a link and leads on to the application. What goes wrong is told there, too; but trouble is ours.
async fn lead_on<H: Host>(
    host: &H,
    call: &Call<'_>,
    link: &Link,
) -> Result<Response<H::Rows>, Error> {
    let purposes = Purpose::of_type(&link.kind).unwrap_or_default();
    let target = &link.redirect_to;
    let outcome = match Ticket::of_link(host, call, &link.token, purposes).await {
        Ok(ticket) => ticket.enter(host, call, Some(target)).await,
        Err(error) => Err(error),
    };
    let location = match outcome {
        Ok(Outcome::Code(code)) => back::with_code(target, &code),
        Ok(Outcome::Session(session)) => {
            let tokens = session.tokens(call.config, host.now())?;
            back::with_session(target, &tokens, &[("type", &link.kind)])
        }
        Ok(Outcome::Half) => back::with_fragment(target, &[("message", HALF_DONE), ("sb", "")]),
        Err(error) if error.code.status() >= Code::Unexpected.status() => return Err(error),
        Err(error) => {
            back::report(host, &link.kind, &error);
            back::with_error(target, &error)
        }
    };
    Ok(Response::empty(303).with("location", location))
}
