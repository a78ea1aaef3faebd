//! Why a name was not found.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::resolve::World;
use crate::store::{Snapshot, StoreError};

use super::absent::why_not_parsed;
use super::aliases::meant_by_imports;
use super::nothing;

/// Files with a name that are looked at for one that was not parsed.
const OCCURRENCES_MAX: usize = 1 << 10;
/// Most names offered.
const NAMES_MAX: usize = 5;
/// Longest the search takes: what is nearest among the names seen by then is near enough.
const SEARCH_TIME: Duration = Duration::from_millis(150);

/// Says, for whoever looked for definitions of a name and with these filters found none, what there is instead.
pub(super) fn why_no_definition(world: &World<'_>, name: &str, filters: &[String]) -> Result<String, StoreError> {
    Ok(if !world.defining_files(name)?.is_empty() {
        match filters {
            [] => format!("the index has impl blocks for {name}, and no definition; --kind impl shows them"),
            filters => format!("what is called {name} is left out by {}", nothing::joined(filters)),
        }
    } else if world.hits(name)?.is_empty() {
        no_such_name(world, name)?
    } else {
        let imported = meant_by_imports(world, name)?;
        match imported.definitions().next() {
            Some(symbol) => {
                format!("{name} is what imports call {}; `vigie def {name}` shows it", world.name(symbol)?)
            }
            None if imported.external => format!("{name} is imported from outside of the index"),
            None => {
                let unparsed = unparsed(world, name)?;
                format!("nothing in the index defines {name}, which occurs in it{unparsed}")
            }
        }
    })
}

/// Says that files in which a name occurs were not parsed: it may be defined there.
fn unparsed(world: &World<'_>, name: &str) -> Result<String, StoreError> {
    let (mut first, mut more) = (None, 0);
    for hit in world.hits(name)?.iter().take(OCCURRENCES_MAX) {
        let Some(row) = world.row(hit.file)? else { continue };
        let Some(why) = why_not_parsed(&row) else { continue };
        match first {
            None => first = Some(format!("{}: {why}", String::from_utf8_lossy(&row.path))),
            Some(_) => more += 1,
        }
    }
    Ok(match (first, more) {
        (None, _) => String::new(),
        (Some(first), 0) => format!(", but the definitions of a file in which it does are not known, {first}"),
        (Some(first), more) => {
            format!(", but the definitions of {} files in which it does are not known, as {first}", more + 1)
        }
    })
}

/// Says which definitions have names that match what was looked for, though none of them is wanted.
pub(super) fn what_is_left_out(
    world: &World<'_>,
    wanted: &str,
    filters: &[String],
    names: impl Iterator<Item = String>,
) -> Result<String, StoreError> {
    let since = Instant::now();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut more = "";
    'count: for name in names {
        for id in world.defining_files(&name)? {
            if since.elapsed() > SEARCH_TIME {
                more = "at least ";
                break 'count;
            }
            let Some(file) = world.file(id)? else { continue };
            for symbol in world.defined_in_file(&file, &name)? {
                *kinds.entry(file.definitions[symbol.id as usize].kind.name()).or_default() += 1;
            }
        }
    }
    let count: u64 = kinds.values().sum();
    let (definitions, match_, are) =
        if count == 1 { ("definition", "matches", "is") } else { ("definitions", "match", "are") };
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let kinds = kinds.join(", ");
    let filters = match filters {
        [] => "since they are impl blocks, which --kind impl shows".to_owned(),
        filters => format!("by {}", nothing::joined(filters)),
    };
    Ok(format!("{more}{count} {definitions} {match_} {wanted} and {are} left out {filters}: {kinds}"))
}

/// Says that a name does not exist, and which are like it.
pub(super) fn no_such_name(world: &World<'_>, name: &str) -> Result<String, StoreError> {
    let near = names(world.snapshot, name)?;
    Ok(match near.is_empty() {
        true => format!("no such name: {name:?}"),
        false => format!("no such name: {name:?}; near it are {}", near.join(", ")),
    })
}

/// Defined names that a person may have meant, the likeliest first.
fn names(snapshot: &Snapshot<'_>, name: &str) -> Result<Vec<String>, StoreError> {
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
