//! `GET /auth/v1/authorize?provider=..`: sends a person to a provider; and
//! `GET /auth/v1/user/identities/authorize`: the same for who wants another way into an account.

use super::provider::{self, Question};
use super::state::{Mark, State};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, level_guard, new_uuid};
use crate::auth::flow::{self, Flow};
use crate::auth::redirect;
use crate::auth::session::Method;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::encoding::query_pairs;
use crate::http::json::Writer;
use crate::identity::User;
use crate::uuid;

/// Parameters that are ours or OAuth's own, so no client chooses them: not to whom the code goes,
/// what it is bound to, nor how it comes back. Any other is for the provider (`prompt`,
/// `login_hint`, ..).
const RESERVED: [&str; 25] = [
    "apikey",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "claims",
    "error",
    "grant_type",
    "id_token_hint",
    "iss",
    "nonce",
    "provider",
    "redirect_to",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "scopes",
    "skip_http_redirect",
    "state",
];

/// One round trip, and once an hour a question to the issuer.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let mark = Mark::of(call.request, call.config).unwrap_or_else(|| Mark::new(host));
    let address = begin(host, call, Some(&mark), None).await?;
    Ok(Response::empty(302).with("location", address).with("set-cookie", mark.cookie(call.config)))
}

/// Needs a session, which a browser sends only from a script: so there is no cookie, and the script
/// asks for the address in an answer that it can read.
pub(in crate::auth) async fn serve_link<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    if !call.config.providers.manual_linking {
        return Err(Error::new(Code::ManualLinkingDisabled, "Manual linking is disabled"));
    }
    let is_read = call.parameter("skip_http_redirect")?.as_deref() == Some("true");
    let address = begin(host, call, None, Some(user)).await?;
    if !is_read {
        return Ok(Response::empty(302).with("location", address));
    }
    let mut answer = Writer::object();
    answer.texts(&[("url", &address)]);
    Ok(Response::json(200, answer.finish_object()))
}

async fn begin<H: Host>(
    host: &H,
    call: &Call<'_>,
    mark: Option<&Mark>,
    linking: Option<&User>,
) -> Result<String, Error> {
    let name = call.parameter("provider")?.unwrap_or_default();
    let provider = call.config.providers.find(&name);
    let provider =
        provider.ok_or_else(|| invalid("Unsupported provider: provider is not enabled"))?;
    let given = ["code_challenge", "code_challenge_method"].map(|name| call.parameter(name));
    let [challenge, method] = given;
    let challenge = flow::challenge(challenge?, method?)?;
    let redirect_to = redirect::target(call);
    let scopes = call.parameter("scopes")?.unwrap_or_default();
    let extra = extra(call)?;
    let id = new_uuid(host);
    let state = State::new(id, mark.is_some(), call.config);
    let text = state.text(mark);
    let question = Question { state: &state, text: &text, scopes: &scopes, extra: &extra };
    let address = provider::address(host, call.config, provider, &question).await?;
    let flow = Flow {
        user_id: None,
        linking_user_id: linking.map(|user| user.id.as_str()),
        provider: Some(&provider.name),
        method: Method::OAuth,
        code_challenge: challenge.as_deref(),
        redirect_to: &redirect_to,
    };
    let mut batch = vec![flow.begin(&id, host.now())];
    if let Some(user) = linking {
        batch.splice(0..0, [user.session_guard(), level_guard(user)]);
        batch.push(Statement::fixed(
            "update auth_flows set linking_session_id = ?2 where id = ?1",
            vec![Some(uuid::format(&id)), Some(user.session_id.clone())],
        ));
    }
    ask(host, batch).await?;
    Ok(address)
}

fn extra(call: &Call<'_>) -> Result<Vec<(String, String)>, Error> {
    let pairs = query_pairs(&call.request.query)
        .map_err(|_| Error::new(Code::BadEncoding, "the query is not valid percent-encoding"))?;
    let pairs = pairs
        .into_iter()
        .filter(|(name, _)| !RESERVED.contains(&name.to_ascii_lowercase().as_str()));
    Ok(pairs.filter_map(|(name, value)| Some((name, value?))).collect())
}
