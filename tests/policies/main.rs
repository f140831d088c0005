//! Who may see and do what: policies, tried request by request through the whole corridor.
//!
//! `demo` judges every row of the demo for everybody with a filter of its own; `rules` has a small
//! schema for each rule, `levels` asks for a second factor, `worlds` looks for whatever differs with what is
//! hidden. Schemas and policies nobody thought of are in `tests/differential`.

#[path = "../support/mod.rs"]
mod support;

mod demo;
mod levels;
mod probes;
mod rules;
mod worlds;
