//! The outer wall: Cloudflare Workers. The only folder that names `worker`, JavaScript or the clock.
//!
//! It turns the platform's request into plain data, hands it to the corridor, and turns the answer
//! back. Nothing is decided here. The runtime's own panic hook is installed by `worker`, whose
//! recovery depends on it, so no other hook may be.

mod d1;
mod environment;
mod glue;
mod hasher;
mod host;
mod outbound;
mod request;
mod response;
mod task;

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::Env;

use self::environment::Setup;
use self::host::Workers;
use crate::app;
use crate::error::{Code, Error};

thread_local! {
    /// Read by an isolate's first request and shared by all of them: it holds nothing of a request.
    static SETUP: OnceCell<Rc<Setup>> = const { OnceCell::new() };
}

/// Answers one request: the promise of its response.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, environment: Env, context: JsValue) -> Promise {
    task::begin(async move { answer(&request, &environment, &context).await.map(JsValue::from) })
}

/// What the clock asks for: the promise of its end.
#[wasm_bindgen]
pub fn scheduled(_event: JsValue, environment: Env) -> Promise {
    let setup = setup(&environment);
    task::begin(async move {
        let app = setup.app.as_ref().map_err(|reason| JsValue::from_str(reason))?;
        app::scheduled(&Workers::new(&setup), app).await;
        Ok(JsValue::UNDEFINED)
    })
}

fn setup(environment: &Env) -> Rc<Setup> {
    SETUP.with(|setup| setup.get_or_init(|| Rc::new(Setup::read(environment))).clone())
}

/// What has been put off until the response was on its way.
async fn run_errands(setup: Rc<Setup>) -> Result<JsValue, JsValue> {
    if let Ok(app) = &setup.app {
        app::errands(&Workers::new(&setup), app).await;
    }
    Ok(JsValue::UNDEFINED)
}

async fn answer(
    request: &web_sys::Request,
    environment: &Env,
    context: &JsValue,
) -> Result<web_sys::Response, JsValue> {
    let setup = setup(environment);
    let host = Workers::new(&setup);
    let response = match (&setup.app, request::read(request).await) {
        (Ok(app), Ok(request)) => app::handle(&host, app, request).await,
        (Ok(app), Err(broken)) => {
            let error = Error::new(Code::BadEncoding, "the body broke off").cause(broken.cause);
            app::refuse(&host, Some(&app.config), &broken.request, error)
        }
        (Err(reason), Ok(request) | Err(request::Broken { request, .. })) => {
            let error = Error::new(Code::Misconfigured, "the server is not set up")
                .hint("its log says what is missing")
                .cause(reason.as_str());
            app::refuse(&host, None, &request, error)
        }
    };
    if host.has_errands() {
        glue::wait_until(context, &task::begin(run_errands(setup.clone())));
    }
    response::write(response)
}
