//! Selvedge: `schema.sql` and `policies.sql` become a backend.

pub mod route;
pub mod auth;
pub mod rest;
pub mod catalog;

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
