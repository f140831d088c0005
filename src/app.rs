//! The corridor: what happens to one request, each stage one line.

use crate::auth;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::error::{Code, Dialect, Error};
use crate::gate::log::{Line, Outcome};
use crate::gate::{self, Departure};
use crate::host::Host;
use crate::http::{Method, Request, Response};
use crate::identity::Identity;
use crate::pages;
use crate::rest;
use crate::route::{self, Route};

/// What every request of an isolate shares.
#[derive(Debug)]
pub struct App {
    /// The settings.
    pub config: Config,
    /// What exists and who may see it.
    pub catalog: Catalog,
}

/// Answers one request, whatever it is.
pub async fn handle<H: Host>(host: &H, app: &App, request: Request) -> Response<H::Rows> {
    let mut visit = Visit::begin(host, Some(&app.config), &request);
    let result = serve(host, app, &request, &mut visit.line).await;
    visit.end(host, result)
}

/// Answers a request that cannot be served at all: the settings are unsafe, or its body broke off.
pub fn refuse<H: Host>(
    host: &H,
    config: Option<&Config>,
    request: &Request,
    error: Error,
) -> Response<H::Rows> {
    Visit::begin(host, config, request).end(host, Err(error))
}

/// What a request has put off until its response was on its way. Nothing of it can fail but in the log.
pub async fn errands<H: Host>(host: &H, app: &App) {
    auth::errands(host, &app.config).await;
}

/// What is to be done from time to time, whether or not somebody asks for anything.
pub async fn scheduled<H: Host>(host: &H, app: &App) {
    auth::scheduled(host, &app.config).await;
}

async fn serve<H: Host>(
    host: &H,
    app: &App,
    request: &Request,
    line: &mut Line,
) -> Result<Response<H::Rows>, Error> {
    let route = gate::enter(request)?;
    line.note_route(&route);
    if gate::admit(request, &route)? == Method::Options
        && gate::is_preflight(&request.headers, &route)
    {
        return Ok(gate::preflight(&route));
    }
    let identity = identify(host, app, request)?;
    line.note_identity(&identity);
    let now = host.now();
    let call =
        rest::Call { config: &app.config, catalog: &app.catalog, who: &identity, now, request };
    match route {
        Route::Home => Ok(pages::home()),
        Route::Asset { name } => pages::asset(&name, &request.headers),
        Route::Auth(endpoint, ids) => {
            let call =
                auth::Call { config: &app.config, who: &identity, endpoint, ids: &ids, request };
            if pages::asks_for_click(&call) {
                return auth::Link::opened(&call).map(|link| pages::verify(&link));
            }
            auth::serve(host, &call).await
        }
        Route::RestRoot | Route::OpenApi => Ok(rest::describe(&call)),
        Route::Table { name } => rest::table(host, &call, &name).await,
        Route::Absent(absent) => Err(Error::new(absent.code, absent.message)),
        Route::Function { name } => rest::function(host, &call, &name).await,
        Route::Inbox(place) => pages::inbox(host, &app.config, &place, request).await,
    }
}

/// Who is asking, on the APIs. Pages do not read bearer tokens: a browser sends none by itself.
fn identify<H: Host>(host: &H, app: &App, request: &Request) -> Result<Identity, Error> {
    match route::dialect(&request.path) {
        Dialect::Page => Ok(Identity::Anonymous),
        dialect @ (Dialect::Rest | Dialect::Auth) => {
            auth::identify(&request.headers, &app.config, host.now())
                .map_err(|error| error.refusal(dialect))
        }
    }
}

/// What the end of the corridor needs from its beginning.
struct Visit {
    line: Line,
    departure: Departure,
}

impl Visit {
    fn begin<H: Host>(host: &H, config: Option<&Config>, request: &Request) -> Self {
        let request_id = random_id(host);
        let departure = Departure {
            dialect: route::dialect(&request.path),
            method: request.method,
            https: config.is_some_and(|config| config.site_url.starts_with("https://")),
            request_id: request_id.clone(),
            api_version_asked: gate::asks_api_version(&request.headers),
        };
        Self { line: Line::begin(request_id, host.now(), request), departure }
    }

    fn end<H: Host>(self, host: &H, result: Result<Response<H::Rows>, Error>) -> Response<H::Rows> {
        let Self { line, departure } = self;
        let error = result.as_ref().err().cloned();
        let response = result.unwrap_or_else(|error| render(error, &departure));
        let response = gate::leave(response, &departure);
        let outcome = Outcome { status: response.status, error: error.as_ref() };
        host.log(&line.end(host.now(), host.usage(), outcome));
        response
    }
}

/// A refusal in the dialect of the path. Of a defect the client learns the id that the log has too.
fn render<R>(mut error: Error, departure: &Departure) -> Response<R> {
    if matches!(error.code, Code::Unexpected | Code::Misconfigured) {
        error.message = format!("{}; its id is {}", error.message, departure.request_id);
    }
    let (status, code) = (error.code.status(), error.code.wire());
    let mut response = match departure.dialect {
        // `Proxy-Status` tells the code where there is no body, on `HEAD`.
        Dialect::Rest => Response::json(status, error.body(Dialect::Rest))
            .with("proxy-status", format!("Selvedge; error={code}")),
        Dialect::Auth => {
            Response::json(status, error.body(Dialect::Auth)).with("x-sb-error-code", code)
        }
        Dialect::Page => pages::error(&error),
    };
    response.headers.extend(error.headers.into_iter().map(|(name, value)| (name, value.into())));
    response
}

/// 128 random bits in hexadecimal digits. Never the client's own id: the log is ours.
fn random_id<H: Host>(host: &H) -> String {
    let mut bytes = [0; 16];
    host.random(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
