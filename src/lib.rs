//! Selvedge: `schema.sql` and `policies.sql` become a backend.

pub mod auth;

pub mod route;
pub mod rest;
pub mod catalog;

pub mod http;
pub mod db;
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
