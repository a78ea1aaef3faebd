//! Text search without a store: which trigrams a file holds, which a pattern demands, and which lines it matches. The store keeps
//! the postings and the query side reads the files; nothing here opens a file or knows SQL.
//!
//! In the order of a file's and a query's way: bytes are decoded, their trigrams collected and posted; a pattern becomes a plan, the
//! plan evaluated over postings gives candidates, and the verifier shows the lines of a candidate as ripgrep would, or the counter
//! counts them.

pub mod decode;

pub mod trigram;

pub mod posting;

pub mod pattern;

pub mod plan;

pub mod evaluate;

pub mod excerpt;

pub mod verify;

pub mod count;

#[cfg(test)]
mod tests;

pub use count::{Count, Counter, Tally};
pub use decode::{decode, is_binary};
pub use evaluate::{Candidates, Postings, evaluate};
pub use excerpt::Excerpt;
pub use pattern::{Pattern, PatternError};
pub use plan::Plan;
pub use posting::PostingError;
pub use trigram::TrigramSet;
pub use verify::{Line, Role, Searched, Verifier};
