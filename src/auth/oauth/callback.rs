//! `/auth/v1/callback`: a person comes back from a provider, by `GET` or, where the provider wants
//! it so (Apple does), by a form.
//!
//! The flow is taken out of the database first, by one statement: a state counts once, whatever
//! happens behind it. What goes wrong behind it the app is told, where the person was to go.

use super::arrival::{Arrival, account_of_identity};
use super::granted::Granted;
use super::link::{self, Pending};
use super::provider::{self, callback};
use super::state::{Mark, STATE_SECONDS, State};
use crate::auth::back;
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, new_uuid};
use crate::auth::flow::AuthCode;
use crate::auth::redirect;
use crate::auth::session::{Entry, Found, Method, Session};
use crate::config::providers::Provider;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::encoding::form;
use crate::http::{FORM, Method as Verb, Response};
use crate::identity::User;
use crate::uuid::{self, Uuid};

/// A way in that somebody has begun.
struct Flow {
    provider: String,
    linking_user_id: Option<String>,
    linking_session_id: Option<String>,
    code_challenge: Option<String>,
    redirect_to: String,
}

/// How it ends.
enum Outcome {
    /// With a code, which buys a session.
    Code(Uuid),
    /// With the session itself.
    Session(Box<Session>, Granted),
}

/// What is read of a provider's form. What else may be in it, such as a name, nobody has signed.
const FIELDS: [&str; 4] = ["state", "code", "error", "iss"];

/// The most bytes of these fields: a code of Microsoft's has about 2,000.
const FIELDS_BYTES_MAX: usize = 8 << 10;

/// Two round trips with PKCE and three without, between which the provider is asked.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    if call.request.method == Some(Verb::Post) {
        return by_form(call);
    }
    let text = call.given("state")?;
    let text =
        text.ok_or_else(|| Error::new(Code::BadOauthCallback, "OAuth state parameter missing"))?;
    let bad_state = || Error::new(Code::BadOauthState, "OAuth state is invalid or has expired");
    let mark = Mark::of(call.request, call.config);
    let state = State::read(&text, mark.as_ref(), call.config).ok_or_else(bad_state)?;
    let flow = take(host, &state).await?.ok_or_else(bad_state)?;
    // It was allowed when the flow began, but the settings may have changed since.
    let target = redirect::approved(Some(&flow.redirect_to), call.config);
    let address = match arrive(host, call, &state, &flow).await {
        Ok(Outcome::Code(id)) => back::with_code(&target, &AuthCode(id).text(call.config)),
        Ok(Outcome::Session(session, granted)) => {
            let tokens = session.tokens(call.config, host.now())?;
            back::with_session(&target, &tokens, &granted.pairs())
        }
        Err(error) => {
            back::report(host, &flow.provider, &error);
            back::with_error(&target, &error)
        }
    };
    Ok(Response::empty(302).with("location", address))
}

/// Another site's form comes without the cookie that belongs to the state, since a browser holds
/// that back. With the address that has the same in it, to which the browser goes by itself, it
/// comes along.
fn by_form<R>(call: &Call<'_>) -> Result<Response<R>, Error> {
    let refused = |message: &str| Err(Error::new(Code::BadOauthCallback, message));
    if call.request.headers.media_type() != FORM {
        return refused("OAuth callback is not a form");
    }
    let fields = call.form()?;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| FIELDS.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default()))
        .collect();
    if !fields.iter().any(|(name, value)| *name == "state" && !value.is_empty()) {
        return refused("OAuth state parameter missing");
    }
    let query = form(&fields);
    if query.len() > FIELDS_BYTES_MAX {
        return refused("OAuth callback is too long");
    }
    let address = [&callback(call.config), "?", &query].concat();
    Ok(Response::empty(303).with("location", address))
}

/// Takes the flow of a state. One without a browser's mark is for linking alone.
async fn take<H: Host>(host: &H, state: &State<'_>) -> Result<Option<Flow>, Error> {
    let life = STATE_SECONDS.saturating_mul(1000);
    let since = host.now().saturating_sub(life);
    let statement = Statement::fixed(
        "delete from auth_flows
         where id = ?1 and user_id is null and provider is not null
           and created_at > cast(?2 as integer)
           and (linking_user_id is null) = cast(?3 as integer)
         returning json_object('provider', provider, 'linking_user_id', linking_user_id,
           'linking_session_id', linking_session_id, 'code_challenge', code_challenge, 'redirect_to', redirect_to) as row",
        vec![
            Some(uuid::format(&state.id)),
            Some(since.to_string()),
            Some(u8::from(state.is_marked).to_string()),
        ],
    );
    first_row(&ask(host, vec![statement]).await?, 0, |row| {
        Some(Flow {
            provider: row.text("provider").ok()??,
            linking_user_id: row.text("linking_user_id").ok()?,
            linking_session_id: row.text("linking_session_id").ok()?,
            code_challenge: row.text("code_challenge").ok()?,
            redirect_to: row.text("redirect_to").ok()??,
        })
    })
}

async fn arrive<H: Host>(
    host: &H,
    call: &Call<'_>,
    state: &State<'_>,
    flow: &Flow,
) -> Result<Outcome, Error> {
    let provider = call.config.providers.find(&flow.provider);
    let provider =
        provider.ok_or_else(|| invalid("Unsupported provider: provider is not enabled"))?;
    let code = code(host, call, provider).await?;
    let (vouched, granted) = provider::redeem(host, call.config, provider, state, &code).await?;
    let arrival = Arrival { call, provider: &provider.name, vouched: &vouched, now: host.now() };
    if flow.code_challenge.is_some() {
        let id = new_uuid(host);
        let held = hold(host, &arrival, flow, &granted, uuid::format(&id))?;
        match flow.linking_user_id {
            Some(ref user_id) => link::wait(host, &arrival, user_id, held).await?,
            None => drop(arrival.enter(host, Some(held)).await?),
        }
        return Ok(Outcome::Code(id));
    }
    let user_id = match flow.linking_user_id {
        Some(ref user_id) => {
            let user = User {
                id: user_id.clone(),
                email: String::new(),
                session_id: flow.linking_session_id.clone().unwrap_or_default(),
                claims: String::new(),
            };
            link::link(host, &arrival, &user).await?
        }
        None => arrival.enter(host, None).await?,
    };
    let session = begin(host, &arrival, &user_id).await?;
    Ok(Outcome::Session(Box::new(session), granted))
}

/// The code that the provider has sent, if it has.
async fn code<H: Host>(host: &H, call: &Call<'_>, provider: &Provider) -> Result<String, Error> {
    let issuer = call.parameter("iss")?;
    provider::check_issuer(host, provider, issuer.as_deref()).await?;
    match call.parameter("error")?.as_deref() {
        // The second is Apple's.
        Some("access_denied" | "user_cancelled_authorize") => {
            return Err(Error::new(Code::AccessDenied, "Access was denied at the provider"));
        }
        // Anybody can write an address with words of their own, so none are handed on.
        Some(other) => {
            return Err(Error::new(Code::BadOauthCallback, "The provider answered with an error")
                .cause(format!("error={other}")));
        }
        None => {}
    }
    let code = call.given("code")?;
    code.ok_or_else(|| {
        Error::new(Code::BadOauthCallback, "OAuth callback with missing authorization code missing")
    })
}

/// Keeps who has come in until the app that began it asks for the session; or who it is that has
/// come to be linked, which happens then and not before.
fn hold<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    flow: &Flow,
    granted: &Granted,
    id: String,
) -> Result<Statement, Error> {
    let sealed = granted.seal(host, arrival.call.config, &id)?;
    let identity = flow.linking_user_id.as_ref().map(|_| Pending::written(arrival));
    Ok(Statement::fixed(
        concat!(
            "insert into auth_flows (
               id, user_id, linking_session_id, provider, method, code_challenge, redirect_to,
               provider_tokens, identity, created_at
             )
             select ?3, id, ?9, ?1, ?4, ?5, ?6, ?7, ?10, cast(?8 as integer)
             from auth_users
             where iif(?11 is null, id = ",
            account_of_identity!(),
            ", id = ?11 and ",
            account_of_identity!(),
            " is null)"
        ),
        vec![
            Some(arrival.provider()),
            Some(arrival.subject()),
            Some(id),
            Some(Method::OAuth.name().to_owned()),
            flow.code_challenge.clone(),
            Some(flow.redirect_to.clone()),
            Some(sealed),
            Some(arrival.now()),
            flow.linking_session_id.clone(),
            identity,
            flow.linking_user_id.clone(),
        ],
    ))
}

/// Begins a session of the account, if the identity still is one of its.
pub(super) async fn begin<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    user_id: &str,
) -> Result<Session, Error> {
    let entry = Entry::new(host, arrival.call, Method::OAuth);
    let note = Statement::fixed(
        concat!(
            "update auth_users set last_sign_in_at = cast(?3 as integer)
             where id = ?4 and id = ",
            account_of_identity!()
        ),
        vec![
            Some(arrival.provider()),
            Some(arrival.subject()),
            Some(entry.now.to_string()),
            Some(user_id.to_owned()),
        ],
    );
    let rows = ask(host, entry.after(vec![note], user_id)).await?;
    let gone = || Error::new(Code::UserNotFound, "User from sub claim in JWT does not exist");
    first_row(&rows, 2, Found::read)?.ok_or_else(gone)?.session(entry.now, gone)
}
