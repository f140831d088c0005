//! Ways in through somebody else: OAuth 2.0 and OpenID Connect, with this Worker as the client.
//!
//! ```text
//! app -> /authorize -> provider -> /callback -> app, with a code (PKCE) or a session
//! ```
//! Between the first and the last step a flow is a row of `auth_flows`, which says where it leads
//! and to which provider it went; it is taken out by whoever comes back, once. What travels is
//! derived from its id ([`state`]). What a provider says is checked in [`provider`], and whose
//! account it is decided in [`arrival`].

mod arrival;
pub(super) mod authorize;
pub(super) mod callback;
pub(super) mod id_token;
mod granted;
mod link;
mod provider;
mod state;

pub(super) use arrival::with_providers;
pub(super) use granted::Granted;
pub(super) use link::Pending;
