//! What files of some content were parsed to, whichever project they were in: a second worktree, or a branch that comes back, is not
//! parsed again. It is a cache in every sense: what cannot be read is parsed, and what is damaged is thrown away.
//!
//! Two databases: facts are written to the *young* one. When that has half of the room, the *old* one is removed and the young one
//! takes its place; what is found in the old one is written to the young one again. So what nobody asks for is gone after two turns,
//! without a time of last use to write down at each look-up, and room is made by removing a file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::file::ContentHash;
use super::schema;
use crate::extract;
use crate::facts::PackedFacts;
use crate::kinds::Language;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS facts(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, packed BLOB NOT NULL) STRICT;
";

/// By what facts are found: a hash of all that they depend on.
type Key = [u8; 16];

fn key(content: ContentHash, language: Language) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&content).update(&[language.number()]).update(&extract::version(language).to_le_bytes());
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}

/// What a file was parsed to, to be kept.
#[derive(Debug)]
pub(crate) struct CacheEntry {
    key: Key,
    packed: Vec<u8>,
}

impl CacheEntry {
    /// Of a file of this content and language.
    pub(crate) fn new(content: ContentHash, language: Language, facts: &PackedFacts) -> CacheEntry {
        CacheEntry { key: key(content, language), packed: facts.to_bytes() }
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
        };
        if std::fs::create_dir_all(dir).is_ok() && bytes_max > 0 {
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
        (self.young, self.old) = (None, None);
        for name in ["young", "old"] {
            // What cannot be removed is not opened again either.
            let _kept = schema::remove(&self.path(name));
        }
        self.open();
    }

    fn get(&mut self, key: Key) -> Option<Vec<u8>> {
        let read = |connection: &Connection| -> rusqlite::Result<Option<Vec<u8>>> {
            let mut statement = connection.prepare_cached("SELECT packed FROM facts WHERE key = ?1")?;
            statement.query_row([key], |row| row.get(0)).optional()
        };
        match self.young.as_ref().map_or(Ok(None), read) {
            Ok(None) => {}
            Ok(found) => return found,
            Err(_) => {
                self.reset();
                return None;
            }
        }
        match self.old.as_ref().map_or(Ok(None), read) {
            Ok(found) => {
                self.found_in_old.extend(found.clone().map(|packed| CacheEntry { key, packed }));
                found
            }
            Err(_) => {
                self.reset();
                None
            }
        }
    }

    fn put(&mut self, mut files: Vec<CacheEntry>) {
        files.append(&mut self.found_in_old);
        let Some(young) = &mut self.young else { return };
        let write = |young: &mut Connection| {
            let transaction = young.transaction()?;
            let mut bytes = 0;
            for CacheEntry { key, packed } in &files {
                let mut statement =
                    transaction.prepare_cached("INSERT OR IGNORE INTO facts(key, packed) VALUES (?1, ?2)")?;
                if statement.execute(params![key, packed])? > 0 {
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

    /// The young one becomes the old one.
    fn turn(&mut self) {
        (self.young, self.old) = (None, None);
        let turned = schema::remove(&self.path("old")).is_ok()
            && std::fs::rename(self.path("young"), self.path("old")).is_ok()
            && schema::remove(&self.path("young")).is_ok();
        if turned { self.open() } else { self.reset() }
    }
}

/// Opens a database that may be lost: nothing is synced. A power cut may damage it; then it is begun anew.
fn connect(path: &Path) -> Option<Connection> {
    let connect = || {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -2_000)?;
        connection.execute_batch(TABLES)?;
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
        cache.put(vec![CacheEntry::new([number; 16], Language::Python, &facts(name))]);
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
        for number in 0..2000_u32 {
            let mut content = [7; 16];
            content[..4].copy_from_slice(&number.to_le_bytes());
            cache.put(vec![CacheEntry::new(content, Language::Python, &facts(&format!("name_{number}")))]);
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
}
