//! Selvedge: `schema.sql` and `policies.sql` become a backend.
//!
//! A request lives like this. `cloudflare` hands it over as plain data; `app` leads it down the
//! corridor: `route` says which address it is, `gate` refuses what nobody may send, `auth` says who
//! asks, and a room (`auth`, `rest` or `pages`) answers with at most one trip to the database.
//! On the way out `gate` puts the headers on, and one line is logged.

// A panic ends every request of an isolate, so whatever can panic is refused where it is written.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod app;

pub mod route;
pub mod gate;
pub mod auth;
pub mod rest;
pub mod pages;
pub mod html;
pub mod mail;
pub mod catalog;
pub mod values;
pub mod embedded;
#[cfg(not(target_arch = "wasm32"))]
pub mod compiler;

pub mod http;
pub mod db;
pub mod outbound;
pub mod signature;
pub mod identity;
pub mod error;
pub mod config;
pub mod secret;
pub mod password;
pub mod time;
pub mod uuid;
pub mod host;

#[cfg(target_arch = "wasm32")]
mod cloudflare;
