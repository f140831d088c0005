//! The Rust side of `glue.js`, and how to read what JavaScript throws.

use js_sys::{Array, JsString, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/cloudflare/glue.js")]
extern "C" {
    pub fn drive(resume: &JsValue, task: usize) -> Promise;

    pub fn head(request: &web_sys::Request) -> String;
    pub fn body(request: &web_sys::Request, limit: u32) -> Promise;

    #[wasm_bindgen(catch)]
    pub fn respond(
        status: u16,
        common: &str,
        own: &str,
        content: &JsValue,
    ) -> Result<web_sys::Response, JsValue>;

    pub fn json(rows: &Array, as_array: bool) -> JsString;
    pub fn lines(head: &str, rows: &Array) -> JsString;
    pub fn text(rows: &Array, index: u32) -> Option<String>;
    pub fn present(rows: &Array) -> Array;

    #[wasm_bindgen(js_name = stripNulls)]
    pub fn strip_nulls(rows: &Array);
    pub fn fingerprint(
        rows: &Array,
        context: &str,
        most: u32,
        a: u32,
        b: u32,
        c: u32,
        d: u32,
    ) -> Option<String>;

    pub fn batch(database: &JsValue, texts: &str, lengths: &[i32]) -> Promise;
    pub fn ask(hashers: &JsValue, name: &str, order: &str) -> Promise;

    pub fn send(
        method: &str,
        url: &str,
        lines: &str,
        content: Option<&str>,
        limit: u32,
        milliseconds: u32,
    ) -> Promise;
    pub fn verify(algorithm: &str, key: &str, message: &[u8], signature: &[u8]) -> Promise;
    pub fn mail(mailer: &JsValue, parts: &Array) -> Promise;
    pub fn admits(limiter: &JsValue, key: &str) -> Promise;

    #[wasm_bindgen(js_name = waitUntil)]
    pub fn wait_until(context: &JsValue, promise: &Promise);
}

/// The message of whatever was thrown.
pub fn thrown(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| "something without a message was thrown".to_owned())
}

/// The bytes of a JavaScript array, copied into Wasm once; `None` if it is something else.
pub fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

/// A count from JavaScript, which has no other numbers than doubles.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked before")]
pub fn count(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
}
