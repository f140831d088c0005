//! Selvedge: `schema.sql` and `policies.sql` become a backend.

pub mod app;
pub mod route;
pub mod gate;
pub mod auth;
pub mod rest;
pub mod pages;
pub mod html;
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
