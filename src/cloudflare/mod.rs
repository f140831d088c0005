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
pub fn fetch(request: web_sys::Request, environment: Env) -> Promise {
    task::begin(async move { answer(&request, &environment).await.map(JsValue::from) })
}

async fn answer(
    request: &web_sys::Request,
    environment: &Env,
) -> Result<web_sys::Response, JsValue> {
    let setup = SETUP.with(|setup| setup.get_or_init(|| Rc::new(Setup::read(environment))).clone());
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
    response::write(response)
}
