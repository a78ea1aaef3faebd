//! What files of some content were parsed to, whichever project they were in: a second worktree, or a branch that comes back, is not
//! parsed again. It is a cache in every sense: what cannot be read is parsed, and what is damaged is thrown away.
//!
//! Two databases: facts are written to the *young* one. When that has half of the room, the *old* one is removed and the young one
//! takes its place; what is found in the old one is written to the young one again. So what nobody asks for is gone after two turns,
//! without a time of last use to write down at each look-up, and room is made by removing a file.
//!
//! Facts belong to the project whose files were parsed, and go with it, those of its earlier contents too. Another one that used them
//! parses its files again.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::damaged;
use super::file::ContentHash;
use super::schema;
use crate::extract;
use crate::facts::PackedFacts;
use crate::kinds::Language;

/// A cache of another schema is thrown away.
const SCHEMA: i64 = 1;

const TABLES: &str = "
CREATE TABLE facts(
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, owner INTEGER NOT NULL, packed BLOB NOT NULL
) STRICT;
CREATE INDEX facts_owner ON facts(owner);
";

/// Entries that are removed in one transaction.
const REMOVED_MAX: usize = 1000;

/// By what facts are found: a hash of all that they depend on.
type Key = [u8; 16];

fn key(content: ContentHash, language: Language) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&content).update(&[language.number()]).update(&extract::version(language).to_le_bytes());
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}

/// The project that facts belong to: a hash of its root, which is not to be read in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner(i64);

impl Owner {
    /// That of a root.
    pub(crate) fn of(root: &Path) -> Owner {
        let mut number = [0; 8];
        blake3::Hasher::new().update(root.as_os_str().as_bytes()).finalize_xof().fill(&mut number);
        Owner(i64::from_le_bytes(number))
    }
}

/// What a file was parsed to, to be kept.
#[derive(Debug)]
pub(crate) struct CacheEntry {
    key: Key,
    owner: Owner,
    packed: Vec<u8>,
}

impl CacheEntry {
    /// Of a file of this content and language.
    pub(crate) fn new(owner: Owner, content: ContentHash, language: Language, facts: &PackedFacts) -> CacheEntry {
        CacheEntry { key: key(content, language), owner, packed: facts.to_bytes() }
    }
}

/// See the top of this file. Used by several threads.
#[derive(Debug)]
pub struct FactsCache {
    inner: Mutex<Inner>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    half_bytes: u64,
    /// `None` = it could not be opened: nothing is kept.
    young: Option<Connection>,
    old: Option<Connection>,
    bytes: u64,
    found_in_old: Vec<CacheEntry>,
    /// Projects that there are no longer: what is still being parsed of them is not kept.
    forgotten: BTreeSet<Owner>,
}

impl FactsCache {
    /// The cache in a directory, which is made if need be, of at most so many bytes. Where there is no room for one, nothing is kept.
    pub fn open(dir: &Path, bytes_max: u64) -> FactsCache {
        let mut inner = Inner {
            dir: dir.to_path_buf(),
            half_bytes: bytes_max / 2,
            young: None,
            old: None,
            bytes: 0,
            found_in_old: Vec::new(),
            forgotten: BTreeSet::new(),
        };
        if bytes_max == 0 {
            // One of earlier days would keep what nobody could have removed from it.
            inner.remove();
        } else if std::fs::create_dir_all(dir).is_ok() {
            inner.open();
        }
        FactsCache { inner: Mutex::new(inner), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// What a file of this content and language was parsed to, by this version.
    pub(crate) fn get(&self, content: ContentHash, language: Language) -> Option<PackedFacts> {
        let key = key(content, language);
        let packed = self.lock().get(key);
        let counter = if packed.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        PackedFacts::check(&packed?).ok()
    }

    /// How often something was found, and how often nothing.
    pub fn looked_up(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// Whether anything is kept.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().young.is_some()
    }

    /// Keeps what files were parsed to.
    pub(crate) fn put(&self, files: Vec<CacheEntry>) {
        self.lock().put(files);
    }

    /// Removes what belongs to a project from the disk, and keeps nothing more of it.
    pub fn forget(&self, root: &Path) {
        self.lock().forget(Owner::of(root));
    }

    /// A project is known, perhaps again.
    pub fn welcome(&self, root: &Path) {
        self.lock().forgotten.remove(&Owner::of(root));
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        let inner = self.lock();
        ["young", "old"].into_iter().map(|name| schema::disk_bytes(&inner.path(name))).sum()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.sqlite"))
    }

    fn open(&mut self) {
        self.young = connect(&self.path("young"));
        self.old = self.path("old").exists().then(|| connect(&self.path("old"))).flatten();
        self.bytes = schema::disk_bytes(&self.path("young"));
    }

    /// Begins anew from nothing: something is damaged.
    fn reset(&mut self) {
        self.remove();
        self.open();
    }

    fn remove(&mut self) {
        (self.young, self.old) = (None, None);
        for name in ["young", "old"] {
            // What cannot be removed is not opened again either.
            let _kept = schema::remove(&self.path(name));
        }
    }

    fn get(&mut self, key: Key) -> Option<Vec<u8>> {
        let read = |connection: &Connection| -> rusqlite::Result<Option<CacheEntry>> {
            let mut statement = connection.prepare_cached("SELECT owner, packed FROM facts WHERE key = ?1")?;
            let entry = |row: &Row<'_>| Ok(CacheEntry { key, owner: Owner(row.get(0)?), packed: row.get(1)? });
            statement.query_row([key], entry).optional()
        };
        match self.young.as_ref().map_or(Ok(None), read) {
            Ok(None) => {}
            Ok(found) => return found.map(|entry| entry.packed),
            Err(_) => {
                self.reset();
                return None;
            }
        }
        match self.old.as_ref().map_or(Ok(None), read) {
            Ok(found) => found.map(|entry| {
                let packed = entry.packed.clone();
                self.found_in_old.push(entry);
                packed
            }),
            Err(_) => {
                self.reset();
                None
            }
        }
    }

    fn put(&mut self, mut files: Vec<CacheEntry>) {
        files.append(&mut self.found_in_old);
        files.retain(|entry| !self.forgotten.contains(&entry.owner));
        let Some(young) = &mut self.young else { return };
        let write = |young: &mut Connection| {
            let transaction = young.transaction()?;
            let mut bytes = 0;
            for CacheEntry { key, owner, packed } in &files {
                let mut statement = transaction
                    .prepare_cached("INSERT OR IGNORE INTO facts(key, owner, packed) VALUES (?1, ?2, ?3)")?;
                if statement.execute(params![key, owner.0, packed])? > 0 {
                    bytes += packed.len() as u64;
                }
            }
            transaction.commit()?;
            Ok::<_, rusqlite::Error>(bytes)
        };
        match write(young) {
            Ok(bytes) => self.bytes += bytes,
            Err(_) => return self.reset(),
        }
        if self.bytes > self.half_bytes {
            self.turn();
        }
    }

    fn forget(&mut self, owner: Owner) {
        self.forgotten.insert(owner);
        self.found_in_old.retain(|entry| entry.owner != owner);
        let forgotten = [&mut self.young, &mut self.old].into_iter().flatten().try_for_each(|connection| {
            while forget_some(connection, owner)? == REMOVED_MAX {}
            // What was written before it was overwritten stands in the write-ahead log, too.
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 { Ok(()) } else { Err(damaged("a write-ahead log that somebody else uses")) }
        });
        let is_unopened =
            |name: &str, connection: &Option<Connection>| connection.is_none() && self.path(name).exists();
        if forgotten.is_err() || is_unopened("young", &self.young) || is_unopened("old", &self.old) {
            // Nothing of it may stay, also of what cannot be read.
            self.reset();
        }
    }

    /// The young one becomes the old one.
    fn turn(&mut self) {
        (self.young, self.old) = (None, None);
        let turned = schema::remove(&self.path("old")).is_ok()
            && std::fs::rename(self.path("young"), self.path("old")).is_ok()
            && schema::remove(&self.path("young")).is_ok();
        if turned { self.open() } else { self.reset() }
    }
}

/// Removes facts of a project, and says how many. They are overwritten first: where rows are moved from page to page, copies stay
/// behind that `secure_delete` does not know.
fn forget_some(connection: &mut Connection, owner: Owner) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    let some = format!("id IN (SELECT id FROM facts WHERE owner = ?1 ORDER BY id LIMIT {REMOVED_MAX})");
    transaction.execute(&format!("UPDATE facts SET packed = zeroblob(length(packed)) WHERE {some}"), [owner.0])?;
    let removed = transaction.execute(&format!("DELETE FROM facts WHERE {some}"), [owner.0])?;
    transaction.commit()?;
    Ok(removed)
}

/// Opens a database that may be lost: nothing is synced. A power cut may damage it; then it is begun anew.
fn connect(path: &Path) -> Option<Connection> {
    let connect = || {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -2_000)?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
            SCHEMA => {}
            0 => connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;"))?,
            _ => return Err(damaged("a cache of another version")),
        }
        Ok::<_, rusqlite::Error>(connection)
    };
    connect().ok().or_else(|| {
        schema::remove(path).ok()?;
        connect().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::extract;

    fn facts(name: &str) -> PackedFacts {
        PackedFacts::check(&extract(Language::Python, format!("def {name}(): pass\n").as_bytes()).pack()).unwrap()
    }

    fn put(cache: &FactsCache, number: u8, name: &str) {
        put_of(cache, "/project", number, name);
    }

    fn put_of(cache: &FactsCache, root: &str, number: u8, name: &str) {
        let owner = Owner::of(Path::new(root));
        cache.put(vec![CacheEntry::new(owner, [number; 16], Language::Python, &facts(name))]);
    }

    /// Whether the bytes stand in any file of a directory.
    fn holds(dir: &Path, bytes: &[u8]) -> bool {
        std::fs::read_dir(dir).unwrap().any(|file| {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }

    #[test]
    fn what_was_put_is_found_by_content_and_language() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FactsCache::open(dir.path(), 1 << 20);
        put(&cache, 1, "one");
        assert_eq!(cache.get([1; 16], Language::Python), Some(facts("one")));
        assert_eq!(cache.get([1; 16], Language::Rust), None);
        assert_eq!(cache.get([2; 16], Language::Python), None);
        drop(cache);
        let cache = FactsCache::open(dir.path(), 1 << 20);
        assert_eq!(cache.get([1; 16], Language::Python), Some(facts("one")), "also after a restart");
    }

    #[test]
    fn what_nobody_asks_for_makes_room() {
        let dir = tempfile::tempdir().unwrap();
        let bytes_max = 64 << 10;
        let cache = FactsCache::open(dir.path(), bytes_max);
        put(&cache, 0, "asked_for");
        put(&cache, 255, "forgotten");
        let owner = Owner::of(Path::new("/project"));
        for number in 0..2000_u32 {
            let mut content = [7; 16];
            content[..4].copy_from_slice(&number.to_le_bytes());
            cache.put(vec![CacheEntry::new(owner, content, Language::Python, &facts(&format!("name_{number}")))]);
            assert!(cache.get([0; 16], Language::Python).is_some(), "after {number}");
        }
        assert_eq!(cache.get([255; 16], Language::Python), None);
        // A write-ahead log of a thousand pages at most is beside each.
        assert!(cache.bytes() < bytes_max + (10 << 20), "{} bytes", cache.bytes());
    }

    #[test]
    fn a_damaged_cache_is_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FactsCache::open(dir.path(), 1 << 20);
        put(&cache, 1, "one");
        drop(cache);
        std::fs::write(dir.path().join("young.sqlite"), "no database at all, but long enough to be taken for one")
            .unwrap();
        let cache = FactsCache::open(dir.path(), 1 << 20);
        assert_eq!(cache.get([1; 16], Language::Python), None);
        put(&cache, 2, "two");
        assert_eq!(cache.get([2; 16], Language::Python), Some(facts("two")));
    }

    #[test]
    fn nothing_is_left_of_a_forgotten_project() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FactsCache::open(dir.path(), 1 << 20);
        // Of many lengths, so that rows are moved, and several pages long.
        let source = |number: usize| {
            let names = (0..number % 50 * 20).map(|n| format!("def zyxwvut_{number}_{n}(): pass\n"));
            names.collect::<String>() + "def zyxwvut(): pass\n"
        };
        let content = |number: usize| {
            let mut content = [3; 16];
            content[..8].copy_from_slice(&(number as u64).to_le_bytes());
            content
        };
        let put = |root: &str, number: usize, source: &str| {
            let facts = PackedFacts::check(&extract(Language::Python, source.as_bytes()).pack()).unwrap();
            let owner = Owner::of(Path::new(root));
            cache.put(vec![CacheEntry::new(owner, content(number), Language::Python, &facts)]);
        };
        for number in 0..300 {
            put("/kept", 1000 + number, &format!("def kept_{number}(): pass\n"));
            put("/forgotten", number, &source(number));
        }
        // What is found in the old one is written to the young one, and is the project's still.
        assert!(dir.path().join("old.sqlite").exists(), "it has turned");
        let found = |number: usize| cache.get(content(number), Language::Python).is_some();
        let before: Vec<bool> = (0..300).map(|number| found(1000 + number)).collect();
        assert!((0..300).any(found) && holds(dir.path(), b"zyxwvut"));
        cache.forget(Path::new("/forgotten"));
        assert!(!holds(dir.path(), b"zyxwvut"), "no byte of it");
        put("/forgotten", 1, &source(1));
        assert!(!(0..300).any(found) && !holds(dir.path(), b"zyxwvut"), "what is parsed late is not kept");
        assert_eq!((0..300).map(|number| found(1000 + number)).collect::<Vec<_>>(), before, "others' is kept");
        cache.welcome(Path::new("/forgotten"));
        put("/forgotten", 1, &source(1));
        assert!(found(1));
    }

    #[test]
    fn a_cache_that_is_not_wanted_any_more_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        put(&FactsCache::open(dir.path(), 1 << 20), 1, "zyxwvut");
        assert!(holds(dir.path(), b"zyxwvut"));
        let cache = FactsCache::open(dir.path(), 0);
        assert!(!holds(dir.path(), b"zyxwvut") && cache.bytes() == 0);
    }
}
