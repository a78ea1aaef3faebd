//! Everything on disk: the registry of the daemon, and one store for each project. All SQL of Vigie lives in this folder.
//!
//! A project's store is a small LSM inside SQLite. Each commit writes one immutable segment for its tier (lexical: trigram
//! postings; structure: a name dictionary and the facts of its files); a changed or deleted file is a bit in its segment's
//! tombstones; merges fold small segments into larger ones between other commands.

pub mod registry;

mod schema;

mod meta;

mod file;
mod tally;

mod state;

mod segment;

mod dictionary;
mod lexical;

mod structure;

mod names;

mod kept;
mod name_table;
mod ranks;

mod merge;

mod change_log;

mod waiting;

mod writer;

mod reader;

mod error;

mod facts_cache;

mod integrity;

mod project;

pub use error::StoreError;
pub use facts_cache::FactsCache;
pub(crate) use facts_cache::{CacheEntry, Owner};
pub use file::{ContentHash, FileId, FileRow, FileStat, Structure, TextFile};
pub use integrity::{Integrity, Patience, check_store};
pub use lexical::{LexicalFacts, LexicalSegment};
pub use name_table::{Letters, NameAt, NameTable};
pub use names::NameRank;
pub use project::ProjectStore;
pub use ranks::{RankedFile, Ranks};
pub use reader::{NameHit, Snapshot};
pub use schema::remove_store;
pub use state::{Checkpoint, JobMark, Summary};
pub use structure::StructureSegment;
pub use writer::{Commit, LANGUAGES_UNSETTLED, ParsedFile, ScanCommit, StructureCommit, Ticket};
