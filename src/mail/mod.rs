//! Letters as values: what people are told by e-mail. Nothing here sends any.
//!
//! A letter has words of its own ([`words`](mod@words)) in one common frame. A project may replace
//! each part of each by a template ([`template`]), which is checked when the Worker is built.

mod kind;
mod letter;
pub mod template;
mod words;

pub use kind::Kind;
pub use letter::{Facts, Letter};
