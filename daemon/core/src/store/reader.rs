//! Reading: a snapshot is one read transaction, so everything an answer says comes from one generation. Snapshots are short; a
//! question that goes on takes a new one for its next page.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use crate::changes::{Content, FileState};
use crate::facts::{Declarations, NameUses, Occurrences, Outline};
use crate::terms::Weight;
use crate::text::{Plan, Postings};

use super::change_log::{self, LogState};
use super::dictionary;
use super::error::StoreError;
use super::file::{self, FileId, FileRow, TextFile};
use super::kept::KeptTables;
use super::meta::get_meta;
use super::name_table::{NameTable, SegmentNames};
use super::names::NameRank;
use super::ranks::{Gathering, Ranks};
use super::segment::{self, Local, Segment, SegmentId, Tier};
use super::structure::{self, NameBlocks};
use super::{lexical, schema};

/// A read connection with what it remembers from one snapshot to the next.
pub(super) struct Reader {
    path: PathBuf,
    connection: Connection,
    manifest: u64,
    segments: Arc<[Segment]>,
    tables: Arc<KeptTables>,
}

impl Reader {
    /// A reader of the database at `path`, which keeps in `tables` what others may use.
    pub(super) fn open(path: &Path, tables: Arc<KeptTables>) -> Result<Reader, StoreError> {
        let connection = schema::open_reader(path)?;
        Ok(Reader { path: path.to_path_buf(), connection, manifest: u64::MAX, segments: Arc::new([]), tables })
    }

    /// Gives back the memory of the page cache.
    pub(super) fn shrink(&self) {
        schema::shrink(&self.connection);
    }

    /// Calls `read` with a snapshot.
    pub(super) fn snapshot<T>(
        &mut self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.unchecked_transaction().map_err(|e| failed(&self.path, &e))?;
        let number = |key| get_meta::<i64>(&transaction, key).map(|n| n.unwrap_or(0).cast_unsigned());
        let load = |manifest: u64| -> rusqlite::Result<Option<Arc<[Segment]>>> {
            if manifest == self.manifest {
                Ok(None)
            } else {
                segment::load_all(&transaction, &self.segments).map(|s| Some(s.into()))
            }
        };
        let generation = number("generation").map_err(|e| failed(&self.path, &e))?;
        let manifest = number("manifest").map_err(|e| failed(&self.path, &e))?;
        if let Some(segments) = load(manifest).map_err(|e| failed(&self.path, &e))? {
            (self.manifest, self.segments) = (manifest, segments);
        }
        let snapshot = Snapshot {
            path: &self.path,
            connection: &transaction,
            segments: Arc::clone(&self.segments),
            generation,
            manifest,
            tables: &self.tables,
            blocks: RefCell::default(),
        };
        read(&snapshot)
    }
}

fn failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    let error = StoreError::new("read", path, error);
    if let StoreError::Corrupt { reason, .. } = &error {
        schema::mark_damaged(path, reason);
    }
    error
}

/// The index at one generation.
pub struct Snapshot<'a> {
    path: &'a Path,
    connection: &'a Connection,
    segments: Arc<[Segment]>,
    generation: u64,
    manifest: u64,
    tables: &'a KeptTables,
    blocks: RefCell<NameBlocks>,
}

/// A file that uses a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameHit {
    /// The file.
    pub file: FileId,
    /// The name's number, which the file's facts have in their list of names.
    pub name: NameRank,
    /// What the file does with it.
    pub uses: NameUses,
}

impl Snapshot<'_> {
    fn wrap<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|e| failed(self.path, &e))
    }

    /// Changes whenever a part of the index does: the numbers of names hold as long as it is the same.
    pub(crate) fn manifest(&self) -> u64 {
        self.manifest
    }

    /// The generation seen.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The row of a file.
    pub fn file(&self, id: FileId) -> Result<Option<FileRow>, StoreError> {
        self.wrap(file::by_id(self.connection, id))
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> Result<Option<Vec<u8>>, StoreError> {
        self.wrap(file::path_by_id(self.connection, id))
    }

    /// The row of a path.
    pub fn file_by_path(&self, path: &[u8]) -> Result<Option<FileRow>, StoreError> {
        self.wrap(file::by_path(self.connection, path))
    }

    /// Calls `visit` with rows by path, those after `after` if given, until it returns `false`.
    pub fn each_file(&self, after: Option<&[u8]>, visit: impl FnMut(FileRow) -> bool) -> Result<(), StoreError> {
        self.wrap(file::each_by_path(self.connection, after, visit))
    }

    /// What a search needs of a file, if it is text.
    pub fn text_file(&self, id: FileId) -> Result<Option<TextFile>, StoreError> {
        self.wrap(file::text_by_id(self.connection, id))
    }

    /// Calls `visit` with those of the files that are text.
    pub fn each_text(&self, ids: &[FileId], visit: impl FnMut(TextFile)) -> Result<(), StoreError> {
        self.wrap(file::each_text(self.connection, ids, visit))
    }

    /// Calls `visit` with those of the wanted files that are text, by path from `from` on, until it returns `false`.
    pub fn each_text_by_path(
        &self,
        from: &[u8],
        is_wanted: impl Fn(FileId) -> bool,
        visit: impl FnMut(TextFile) -> bool,
    ) -> Result<(), StoreError> {
        self.wrap(file::each_text_by_path(self.connection, from, is_wanted, visit))
    }

    /// How many files are text.
    pub fn texts(&self) -> usize {
        self.tier(Tier::Lexical).map(Segment::live).sum()
    }

    /// How much refers to each file. `prior`, always the same for one `mark`, says what a path alone makes of its rank, as a factor.
    pub fn ranks(&self, mark: u64, prior: impl Fn(&[u8]) -> f32) -> Result<Arc<Ranks>, StoreError> {
        self.tables.ranks.at((self.generation, mark), || {
            let mut gathering = Gathering::new();
            self.each_name_used(|name, rank, file, uses| {
                if uses.has(NameUses::DEFINES) {
                    gathering.define(name, rank, file);
                }
            })?;
            self.each_name_used(|name, _, _, uses| {
                if uses.has(NameUses::MENTIONS) && !uses.has(NameUses::DEFINES) {
                    gathering.mention(name, 1);
                }
            })?;
            let mut files = Vec::new();
            self.each_file(None, |row| {
                files.extend(Some(row).filter(FileRow::is_text));
                true
            })?;
            Ok(gathering.finish(files, prior))
        })
    }

    /// Calls `visit` with each name, its number, and each live file that does something with it.
    fn each_name_used(&self, mut visit: impl FnMut(&[u8], NameRank, FileId, NameUses)) -> Result<(), StoreError> {
        for segment in self.tier(Tier::Structure) {
            let mut rank: NameRank = 0;
            self.wrap(dictionary::each_word(self.connection, segment.id, b"", |name, posting| {
                dictionary::each_holder(posting, |holder| {
                    if let Some(file) = segment.live_file(holder.local) {
                        visit(name, rank, file, NameUses::from_bits(holder.bits.into()));
                    }
                })?;
                rank += 1;
                Ok(true)
            }))?;
        }
        Ok(())
    }

    fn tier(&self, tier: Tier) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(move |segment| segment.tier == tier)
    }

    /// Files that may match a plan; `None` = all that are text.
    pub fn candidates(&self, plan: &Plan) -> Result<Option<Vec<FileId>>, StoreError> {
        let mut files = Vec::new();
        for segment in self.tier(Tier::Lexical) {
            let mut postings = SegmentPostings { connection: self.connection, segment: segment.id };
            match self.wrap(crate::text::evaluate(plan, &mut postings))? {
                crate::text::Candidates::All => return Ok(None),
                crate::text::Candidates::Some(locals) => {
                    files.extend(locals.into_iter().filter_map(|local| segment.live_file(local)));
                }
            }
        }
        Ok(Some(files))
    }

    /// The files that hold a term of ranked search, and how much each is about it.
    pub fn find_term(&self, term: &str) -> Result<Vec<(FileId, Weight)>, StoreError> {
        let mut files = Vec::new();
        for segment in self.tier(Tier::Lexical) {
            let found = self.wrap(dictionary::find(self.connection, segment.id, term.as_bytes()))?;
            let holders = found.into_iter().flat_map(|(_, holders)| holders);
            files.extend(
                holders.filter_map(|holder| Some((segment.live_file(holder.local)?, Weight::from_bits(holder.bits)))),
            );
        }
        Ok(files)
    }

    /// The files that use a name.
    pub fn find_name(&self, name: &str) -> Result<Vec<NameHit>, StoreError> {
        let mut hits = Vec::new();
        for segment in self.tier(Tier::Structure) {
            let found = self.wrap(structure::find_name(self.connection, segment.id, name.as_bytes()))?;
            let Some((rank, uses)) = found else { continue };
            hits.extend(uses.iter().filter_map(|used| {
                let file = segment.live_file(used.local)?;
                Some(NameHit { file, name: rank, uses: used.uses })
            }));
        }
        Ok(hits)
    }

    /// Calls `visit` with every name that begins with `prefix` and is defined in a live file, until it returns `false`. A name that
    /// stands in several segments comes several times.
    pub fn each_defined_name(&self, prefix: &str, mut visit: impl FnMut(&str) -> bool) -> Result<(), StoreError> {
        let mut goes_on = true;
        for segment in self.tier(Tier::Structure) {
            let defines =
                |used: &structure::NameUse| used.uses.has(NameUses::DEFINES) && segment.live_file(used.local).is_some();
            self.wrap(structure::each_name(self.connection, segment.id, prefix.as_bytes(), |name, uses| {
                if let Ok(text) = std::str::from_utf8(name)
                    && uses()?.iter().any(defines)
                {
                    goes_on = visit(text);
                }
                Ok(goes_on)
            }))?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// All names that are defined, in memory.
    pub fn name_table(&self) -> Result<NameTable, StoreError> {
        let load = |segment| {
            let mut names = SegmentNames::default();
            structure::each_defined_name(self.connection, segment, |name| names.push(name))?;
            names.shrink();
            Ok(names)
        };
        self.wrap(self.tables.names.table(self.tier(Tier::Structure).map(|segment| segment.id), load))
    }

    /// The oldest generation of which it can be told what changed since; `None` = there is none yet.
    pub fn log_begins(&self) -> Result<Option<u64>, StoreError> {
        self.wrap(LogState::load(self.connection)).map(|log| log.begins)
    }

    /// The paths that may have changed since a generation, sorted, each with the generation whose entry in the log says what it was.
    pub fn paths_since(&self, generation: u64) -> Result<Vec<(Vec<u8>, u64)>, StoreError> {
        self.wrap(change_log::paths_since(self.connection, generation))
    }

    /// What a file was before a generation changed it, if the log has it still.
    pub fn logged(&self, generation: u64, path: &[u8]) -> Result<Option<FileState>, StoreError> {
        self.wrap(change_log::entry(self.connection, generation, path))
    }

    fn live(&self, file: FileId) -> Option<(&Segment, Local)> {
        self.tier(Tier::Structure).find_map(|segment| Some((segment, segment.live_local(file)?)))
    }

    /// The numbers of the names that a file uses, rising, and its declarations, which speak of names by their place there; nothing if
    /// it has no structure.
    pub fn declarations(&self, file: FileId) -> Result<(Vec<NameRank>, Declarations), StoreError> {
        match self.live(file) {
            Some((segment, local)) => self.wrap(structure::declarations(self.connection, segment.id, local)),
            None => Ok(Default::default()),
        }
    }

    /// A file as the index has it; absent without a row.
    pub fn state(&self, row: Option<&FileRow>) -> Result<FileState, StoreError> {
        let Some(row) = row else { return Ok(FileState { language: None, content: Content::Absent }) };
        change_log::state(row, || self.defined(row.id))
    }

    fn defined(&self, file: FileId) -> Result<Outline, StoreError> {
        match self.live(file) {
            Some((segment, local)) => {
                let blocks = &mut self.blocks.borrow_mut();
                self.wrap(structure::defined(self.connection, segment.id, local, blocks))
            }
            None => Ok(Outline::default()),
        }
    }

    /// The references and local bindings of a file; none if it has no structure.
    pub fn occurrences(&self, file: FileId) -> Result<Occurrences, StoreError> {
        match self.live(file) {
            Some((segment, local)) => self.wrap(structure::occurrences(self.connection, segment.id, local)),
            None => Ok(Occurrences::default()),
        }
    }

    /// The text of a name that the facts of `file` name by number.
    pub fn name(&self, file: FileId, rank: NameRank) -> Result<String, StoreError> {
        let Some((segment, _)) = self.live(file) else { return Ok(String::new()) };
        let mut blocks = self.blocks.borrow_mut();
        self.wrap(blocks.name(self.connection, segment.id, rank).map(str::to_owned))
    }
}

struct SegmentPostings<'a> {
    connection: &'a Connection,
    segment: SegmentId,
}

impl Postings for SegmentPostings<'_> {
    type Error = rusqlite::Error;

    fn posting(&mut self, trigram: u32) -> rusqlite::Result<Option<Vec<u8>>> {
        lexical::posting(self.connection, self.segment, trigram)
    }
}
