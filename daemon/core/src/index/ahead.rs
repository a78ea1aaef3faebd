//! One file that has changed is parsed before it is its turn: while it settles whether more of it changes, and while it is scanned and
//! that is committed. Most often a refresh is about one file, and somebody waits for it. Whoever parses the file then finds that it is
//! under way; what is found if it is another by then is thrown away.

use std::path::Path;

use crate::extract::lane::{Extractors, Task};
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, content_hash};
use crate::store::{ContentHash, FactsCache};
use crate::text;

use super::Environment;
use super::plan::{Plan, too_large_to_parse};

/// Has a file of a project begun that was written just now, if it wants to be parsed. Whether it is a part of the project need not be
/// known yet: nothing is told of it. What fails here is found to fail again, and told, when it is its turn.
pub fn foresee(root: &Path, path: &[u8], cache: &FactsCache, extractors: &dyn Extractors) {
    let settings = Settings::at(root);
    if let Ok(root) = SourceRoot::open(root)
        && let Some(task) = task(&root, path, &settings, cache, None)
    {
        extractors.foresee(task);
    }
}

/// The same of the only file of a plan.
pub(super) fn foresee_planned(env: &Environment<'_>, root: &SourceRoot, settings: &Settings, plan: &Plan) {
    let ([file], Some(cache)) = (plan.scan.as_slice(), env.cache) else { return };
    let known = file.known.as_ref().and_then(|row| row.content_hash);
    if let Some(task) = task(root, &file.path, settings, cache, known) {
        env.extractors.foresee(task);
    }
}

/// A file as whoever parses it is given it; nothing if its facts are known, or nobody would ask for them.
fn task(
    root: &SourceRoot,
    path: &[u8],
    settings: &Settings,
    cache: &FactsCache,
    known: Option<ContentHash>,
) -> Option<Task> {
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
    Some(Task { path: path.into(), language, source: source.into() })
}
