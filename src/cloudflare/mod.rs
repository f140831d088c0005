//! The platform: the only module that knows `worker`.

use worker::{Context, Env, event};

/// Answers one request.
#[event(fetch)]
async fn fetch(
    _request: web_sys::Request,
    _environment: Env,
    _context: Context,
) -> worker::Result<web_sys::Response> {
    Ok(web_sys::Response::new_with_opt_str(Some("selvedge"))?)
}
