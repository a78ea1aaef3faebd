//! Files that have changed are parsed before it is their turn.
//!
//! One file alone while it settles whether more of it changes, and while it is scanned and that is committed. Most often a refresh is
//! about one file, and somebody waits for it. Whoever parses the file then finds that it is under way; what is found if it is another
//! by then is thrown away.
//!
//! Files of a burst while it goes on. Who writes them keeps one processor busy, and nobody the others. What is found waits in the cache,
//! by content: a file that is another by then is parsed like any other.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::Receiver;

use crate::extract::lane::{Extraction, Extractors, LANE_IN_FLIGHT_MAX, LaneError, Task};
use crate::kinds::Language;
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, content_hash};
use crate::store::{CacheEntry, ContentHash, FactsCache, Owner};
use crate::text;

use super::Environment;
use super::plan::{Plan, too_large_to_parse};

/// Most files of a burst whose facts are not in the cache yet.
const FOUND_MAX: usize = 16;

/// Has a file of a project begun that was written just now, if it wants to be parsed. Whether it is a part of the project need not be
/// known yet: nothing is told of it. What fails here is found to fail again, and told, when it is its turn.
pub fn foresee(root: &Path, path: &[u8], cache: &FactsCache, extractors: &dyn Extractors) {
    let settings = Settings::at(root);
    if let Ok(root) = SourceRoot::open(root)
        && let Some((task, _)) = task(&root, path, &settings, cache, None)
    {
        extractors.foresee(task);
    }
}

/// The same of the only file of a plan.
pub(super) fn foresee_planned(env: &Environment<'_>, root: &SourceRoot, settings: &Settings, plan: &Plan) {
    let ([file], Some(cache)) = (plan.scan.as_slice(), env.cache) else { return };
    let known = file.known.as_ref().and_then(|row| row.content_hash);
    if let Some((task, _)) = task(root, &file.path, settings, cache, known) {
        env.extractors.foresee(task);
    }
}

/// Parses files of a project that were written just now, one after the other, and puts what is found into the cache. Whether they are a
/// part of the project need not be known yet. Ends when there was nothing to do for so long, or nothing more can come.
pub fn parse_ahead(
    root: &Path,
    paths: &Receiver<Vec<u8>>,
    patience: Duration,
    cache: &FactsCache,
    extractors: &dyn Extractors,
) {
    let mut found = Vec::new();
    // Whoever parses the files then is told what is wrong.
    let _ended = parse_each(root, paths, patience, (cache, &mut found), extractors);
    cache.put(found);
}

fn parse_each(
    root: &Path,
    paths: &Receiver<Vec<u8>>,
    patience: Duration,
    (cache, found): (&FactsCache, &mut Vec<CacheEntry>),
    extractors: &dyn Extractors,
) -> Result<(), LaneError> {
    let (settings, owner) = (Settings::at(root), Owner::of(root));
    let Some(root) = SourceRoot::open(root).ok().filter(|_| cache.is_open()) else { return Ok(()) };
    let mut lane = extractors.lane()?;
    let mut sent: VecDeque<(ContentHash, Language)> = VecDeque::new();
    loop {
        while sent.len() < LANE_IN_FLIGHT_MAX {
            let next = if sent.is_empty() { paths.recv_timeout(patience).ok() } else { paths.try_recv().ok() };
            let Some(path) = next else { break };
            if let Some((task, hash)) = task(&root, &path, &settings, cache, None) {
                sent.push_back((hash, task.language));
                lane.send(task)?;
            }
        }
        let Some((hash, language)) = sent.pop_front() else { return Ok(()) };
        if let Extraction::Facts(facts) = lane.receive()? {
            found.push(CacheEntry::new(owner, hash, language, &facts));
        }
        if found.len() >= FOUND_MAX || sent.is_empty() {
            cache.put(std::mem::take(found));
        }
    }
}

/// A file as whoever parses it is given it, and the hash of its content; nothing if its facts are known, or nobody would ask for them.
fn task(
    root: &SourceRoot,
    path: &[u8],
    settings: &Settings,
    cache: &FactsCache,
    known: Option<ContentHash>,
) -> Option<(Task, ContentHash)> {
    let Source::Read(bytes, ..) = root.read(path, settings.text_bytes_max()) else { return None };
    if too_large_to_parse(bytes.len() as u64, settings).is_some() {
        return None;
    }
    let source = text::decode(&bytes);
    let language = settings.language(path, &source)?;
    let hash = content_hash(&bytes);
    if known == Some(hash) || text::is_binary(&bytes, &source) || cache.get(hash, language).is_some() {
        return None;
    }
    Some((Task { path: path.into(), language, source: source.into() }, hash))
}
