//! Letters as values: what people are told by e-mail. Nothing here sends any.

mod kind;

pub use kind::Kind;
