//! The page that a link in a mail opens: one button. Opening it uses nothing up, since programs
//! that look through mail open links, too.

use maud::html;

use crate::auth::{Call, Link};
use crate::html::shell;
use crate::http::{Kind, Method, Response};
use crate::route::Endpoint;

/// Whether a request is a link that was opened, which is answered by its page. Where opening one is
/// enough, to look at one still is not.
#[must_use]
pub fn asks_for_click(call: &Call<'_>) -> bool {
    let directly = call.config.accounts.verify_directly;
    call.endpoint == Endpoint::Verify
        && match call.request.method {
            Some(Method::Head) => true,
            Some(Method::Get) => !directly,
            _ => false,
        }
}

/// The page of a link.
#[must_use]
pub fn verify<R>(link: &Link) -> Response<R> {
    let (title, button) = match link.kind.as_str() {
        "recovery" => ("Choose a new password", "Go on"),
        "invite" => ("You have been invited", "Accept the invitation"),
        "email_change" | "email_change_current" | "email_change_new" => {
            ("Change your e-mail address", "Confirm the change")
        }
        "signup" => ("Confirm your e-mail address", "Confirm"),
        _ => ("Sign in", "Sign in"),
    };
    let content = html! {
        h1 { (title) }
        p { "One click, and you are there. The link is good for one use." }
        form method="post" action=(Endpoint::Verify.path()) {
            input type="hidden" name="token" value=(link.token);
            input type="hidden" name="type" value=(link.kind);
            input type="hidden" name="redirect_to" value=(link.redirect_to);
            button type="submit" { (button) }
        }
    };
    let page = Response::html(200, shell(title, &content).into_string());
    Response { kind: Kind::Doorway, ..page }
}
