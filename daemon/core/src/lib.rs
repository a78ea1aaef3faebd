//! The engine of Vigie: walk → scan → extract → store → query. Pure and synchronous: progress, cancel and every path are
//! arguments; it knows no runtime, no socket, no wire type, and never reads the environment.

pub mod kinds;
pub mod language;
pub mod varint;

pub mod fnv;
mod hash;

pub mod facts;

pub mod project;

pub mod source;

pub mod outside;

pub mod settings;

pub mod walk;

pub mod extract;

pub mod terms;
pub mod text;

pub mod changes;

pub mod store;

pub mod index;

mod resolve;

pub mod query;
