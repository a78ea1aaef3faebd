//! Names that are like one that does not exist.

use std::time::{Duration, Instant};

use crate::store::{Snapshot, StoreError};

/// Most names offered.
const NAMES_MAX: usize = 5;
/// Longest the search takes: what is nearest among the names seen by then is near enough.
const SEARCH_TIME: Duration = Duration::from_millis(150);

/// Defined names that a person may have meant, the likeliest first.
pub(super) fn names(snapshot: &Snapshot<'_>, name: &str) -> Result<Vec<String>, StoreError> {
    let since = Instant::now();
    let wanted = name.to_lowercase();
    // One slip in three letters.
    let distance_max = (wanted.chars().count() / 3).clamp(1, 3);
    let mut best: Vec<(usize, String)> = Vec::new();
    let mut seen = 0u32;
    snapshot.each_defined_name("", |candidate| {
        seen = seen.wrapping_add(1);
        let is_late = seen.is_multiple_of(1024) && since.elapsed() > SEARCH_TIME;
        let too_different = candidate.len().abs_diff(name.len()) > distance_max * 2;
        if is_late || too_different {
            return !is_late;
        }
        let distance = strsim::osa_distance(&candidate.to_lowercase(), &wanted);
        if distance <= distance_max && !best.iter().any(|(_, known)| known == candidate) {
            best.push((distance, candidate.to_owned()));
            best.sort();
            best.truncate(NAMES_MAX);
        }
        true
    })?;
    Ok(best.into_iter().map(|(_, name)| name).collect())
}
