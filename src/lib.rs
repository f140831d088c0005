//! Selvedge: `schema.sql` and `policies.sql` become a backend.

#[cfg(target_arch = "wasm32")]
mod cloudflare;
