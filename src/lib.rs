//! Selvedge: `schema.sql` and `policies.sql` become a backend.

pub mod route;
pub mod catalog;
pub mod embedded;
#[cfg(not(target_arch = "wasm32"))]
pub mod compiler;

pub mod http;
pub mod db;
pub mod identity;
pub mod error;
pub mod config;
pub mod secret;
pub mod password;
pub mod host;

#[cfg(target_arch = "wasm32")]
mod cloudflare;
