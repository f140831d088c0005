//! Runs a request's future, driven by JavaScript: it is asked to go on until it answers, and
//! whenever it cannot, it hands out the promise that it waits for.
//!
//! The executor of `wasm-bindgen-futures` would cost a request three closures for each promise, and a
//! microtask of the platform's own kind for each step. It also has one queue for all requests, so
//! that one may be run in the name of another, which Workers forbid. Here a request waits for one
//! promise at a time and is woken by nothing else, so no waker is needed.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::glue;

/// What a request becomes.
type Task = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// How a promise ended.
type Settled = Result<JsValue, JsValue>;

thread_local! {
    /// The requests that wait; a place is free when it holds none.
    static WAITING: RefCell<Vec<Option<Task>>> = const { RefCell::new(Vec::new()) };
    /// What the request that runs has begun to wait for. Empty unless one runs.
    static AWAITED: Cell<Option<Promise>> = const { Cell::new(None) };
    /// How what the request that runs has waited for has ended.
    static SETTLED: Cell<Option<Settled>> = const { Cell::new(None) };
    /// [`resume`] as JavaScript's function, made once.
    static RESUME: JsValue = Closure::<dyn Fn(usize, bool, JsValue) -> Result<JsValue, JsValue>>::new(
        |place, is_error, value| resume(place, if is_error { Err(value) } else { Ok(value) }),
    )
    .into_js_value();
}

/// Begins to answer a request. The promise is that of its response.
pub fn begin(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let place = WAITING.with_borrow_mut(|waiting| {
        let task: Option<Task> = Some(Box::pin(future));
        let free = waiting.iter().position(Option::is_none).unwrap_or(waiting.len());
        match waiting.get_mut(free) {
            Some(place) => *place = task,
            None => waiting.push(task),
        }
        free
    });
    RESUME.with(|resume| glue::drive(resume, place))
}

/// Waits for a promise. The only thing that a request may wait for.
pub async fn wait(promise: Promise) -> Settled {
    let mut promise = Some(promise);
    poll_fn(|_| match promise.take() {
        Some(promise) => {
            AWAITED.set(Some(promise));
            Poll::Pending
        }
        None => SETTLED.take().map_or(Poll::Pending, Poll::Ready),
    })
    .await
}

/// Lets the request at that place go on: gives the promise that it waits for next, or its response.
fn resume(place: usize, settled: Settled) -> Result<JsValue, JsValue> {
    let taken = WAITING.with_borrow_mut(|waiting| waiting.get_mut(place).and_then(Option::take));
    let mut task = taken.ok_or_else(|| JsValue::from_str("a request was over already"))?;
    SETTLED.set(Some(settled));
    let polled = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    SETTLED.set(None);
    match polled {
        Poll::Ready(response) => response,
        Poll::Pending => {
            let nothing = || JsValue::from_str("a request waits for nothing that ends");
            let awaited = AWAITED.take().ok_or_else(nothing)?;
            WAITING.with_borrow_mut(|waiting| {
                if let Some(place) = waiting.get_mut(place) {
                    *place = Some(task);
                }
            });
            Ok(awaited.into())
        }
    }
}
