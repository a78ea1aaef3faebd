//! What a question about several things at once is about: names and places, each with the definitions it means.

use std::collections::BTreeSet;

use crate::facts::Position;
use crate::kinds::SymbolKind;
use crate::resolve::{Resolution, Symbol, Target, World};
use crate::store::{ProjectStore, StoreError};

use super::filter::Filter;
use super::page::Course;
use super::search::prior_of_path;
use super::target::{Asked, Meant};
use super::{QueryError, TargetRequest};
use super::{near, nothing};

/// Most things that may be asked about at once.
const SUBJECTS_MAX: usize = 2_000;
/// Meanings of a mere name that are all taken to be asked about; of more, one has to be chosen.
const MEANINGS_MAX: usize = 8;
/// Meanings that are named, for one to be chosen.
const NAMED_MAX: usize = 5;
/// Files that define a name and are looked at to tell what it means; of more, their number is said.
const LOOKED_AT_MAX: usize = 32;
/// Sentences about single subjects; of further ones the number is said.
const NOTES_MAX: usize = 4;

/// What is asked about, as typed.
pub(super) struct Subjects(Vec<(Asked, TargetRequest)>);

/// What is meant by it.
#[derive(Default)]
pub(super) struct Found {
    /// The definitions, each once, in the order in which they were asked about.
    pub(super) definitions: Vec<Symbol>,
    /// Names that nothing in the index defines, and that occur in it.
    pub(super) undefined: BTreeSet<String>,
    /// What there is to be said of single subjects.
    notes: Vec<String>,
    /// Some of what was asked about means nothing.
    lacks_some: bool,
}

impl Subjects {
    /// Beside `others`, which count too.
    pub(super) fn new(
        store: &ProjectStore,
        requests: Vec<TargetRequest>,
        others: usize,
    ) -> Result<Subjects, QueryError> {
        let count = requests.len() + others;
        if count > SUBJECTS_MAX {
            let sentence = format!("{count} things are asked about at once, and at most {SUBJECTS_MAX} may be");
            return Err(QueryError::Argument(sentence));
        }
        let asked = requests.into_iter().map(|request| Ok((Asked::new(store, &request.target)?, request)));
        Ok(Subjects(asked.collect::<Result<_, QueryError>>()?))
    }

    /// What they mean. That one of several means nothing, or cannot be told, is a note.
    pub(super) fn find(&self, world: &World<'_>) -> Result<Found, QueryError> {
        self.find_in(world, None)
    }

    /// The same of what stands in files that are wanted.
    pub(super) fn find_among(&self, world: &World<'_>, filter: &Filter) -> Result<Found, QueryError> {
        self.find_in(world, Some(filter))
    }

    fn find_in(&self, world: &World<'_>, filter: Option<&Filter>) -> Result<Found, QueryError> {
        let mut found = Found::default();
        for (asked, request) in &self.0 {
            match found.add(world, asked, request, filter) {
                Err(QueryError::Argument(fault)) if self.0.len() > 1 => found.say_missing(fault),
                added => added?,
            }
        }
        if found.definitions.is_empty() && found.undefined.is_empty() && self.0.len() > 1 && found.notes.len() == 1 {
            return Err(QueryError::Argument(found.notes.remove(0)));
        }
        Ok(found)
    }
}

impl Found {
    fn add(
        &mut self,
        world: &World<'_>,
        asked: &Asked,
        request: &TargetRequest,
        filter: Option<&Filter>,
    ) -> Result<(), QueryError> {
        let mut meant = asked.meant(world, request)?;
        if meant.found.definitions().next().is_none() {
            return Ok(self.lack(world, asked, request, &meant)?);
        }
        if let Some(filter) = filter {
            let mut wanted = Vec::new();
            for symbol in meant.found.definitions() {
                let is_wanted = world.row(symbol.file)?.is_some_and(|row| filter.admits(&row.path, row.language));
                wanted.extend(is_wanted.then_some(Target::Symbol(symbol)));
            }
            if wanted.is_empty() {
                let filters = nothing::joined(&filter.given());
                self.say_missing(format!("what {} means is left out by {filters}", meant.name));
                return Ok(());
            }
            meant.found.targets = wanted;
        }
        self.notes.extend(asked.other_name(world, &meant)?);
        if let Asked::Name { qualified, .. } = asked {
            let meanings = meanings(world, &meant)?;
            if meanings.len() > MEANINGS_MAX {
                return Err(QueryError::Argument(choice(qualified, &meanings)));
            }
            if meanings.len() > 1 {
                self.notes.push(choice(qualified, &meanings));
            }
        }
        for symbol in by_likelihood(world, &meant)? {
            if !self.definitions.contains(&symbol) {
                self.definitions.push(symbol);
            }
        }
        Ok(())
    }

    /// Notes what has no definition.
    fn lack(
        &mut self,
        world: &World<'_>,
        asked: &Asked,
        request: &TargetRequest,
        meant: &Meant,
    ) -> Result<(), StoreError> {
        let name = &meant.name;
        let is_outside = meant.import.is_some() || meant.found.external;
        self.say_missing(if is_outside {
            format!("{name} is imported from outside of the index")
        } else if !meant.found.targets.is_empty() {
            format!("{name} is no definition: it is a local name or a module")
        } else {
            near::why_no_definition(world, name, &asked.filters(&request.kinds))?
        });
        let occurs = !is_outside && meant.found.targets.is_empty() && !world.hits(name)?.is_empty();
        if occurs && request.kinds.is_empty() {
            self.undefined.insert(name.clone());
        }
        Ok(())
    }

    fn say_missing(&mut self, why: String) {
        self.notes.push(why);
        self.lacks_some = true;
    }

    /// Says what there is to be said of single subjects.
    pub(super) fn say(&mut self, course: &mut Course) {
        let all = self.notes.len();
        // Of many things in one file the same is to be said.
        self.notes.dedup();
        self.notes.truncate(NOTES_MAX);
        let more = all - self.notes.len();
        for note in self.notes.drain(..) {
            if self.lacks_some { course.explain(note) } else { course.note(note) }
        }
        if more > 0 {
            course.note(format!("the same or the like holds for {more} more of what was asked about"));
        }
    }
}

/// Says of a mere name that it means several things; `None` = it means one, or none.
pub(super) fn ambiguity(world: &World<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let files = world.defining_files(name)?;
    if files.len() > LOOKED_AT_MAX {
        let (count, way) = (files.len(), "to ask about one, give Container.name or FILE:LINE:COL");
        return Ok(Some(format!("{name} is defined in {count} files, which `vigie def {name}` lists; {way}")));
    }
    let mut found = Resolution::default();
    for id in files {
        let Some(file) = world.file(id)? else { continue };
        let defined = world.defined_in_file(&file, name)?.into_iter();
        let is_impl = |symbol: &Symbol| file.definitions[symbol.id as usize].kind == SymbolKind::Impl;
        found.targets.extend(defined.filter(|symbol| !is_impl(symbol)).map(Target::Symbol));
    }
    let meanings = meanings(world, &Meant { name: name.to_owned(), found, ..Meant::default() })?;
    Ok((meanings.len() > 1).then(|| choice(name, &meanings)))
}

/// What a name means, each with its place: declarations beside a definition, and further definitions of one thing in one file, are not
/// counted.
fn meanings(world: &World<'_>, meant: &Meant) -> Result<Vec<(String, Vec<u8>, Position)>, StoreError> {
    let (mut defined, mut declared) = (Vec::new(), Vec::new());
    for symbol in by_likelihood(world, meant)? {
        let Some(file) = world.file_of(symbol)? else { continue };
        let definition = &file.definitions[symbol.id as usize];
        let meaning = (world.qualified(&file, Some(symbol.id))?, file.row.path.clone(), definition.position);
        if definition.declaration { declared.push(meaning) } else { defined.push(meaning) }
    }
    let mut meanings = if defined.is_empty() { declared } else { defined };
    meanings.dedup_by(|a, b| (&a.0, &a.1) == (&b.0, &b.1));
    Ok(meanings)
}

/// The definitions that are meant, the likeliest first; not by their numbers, which files came by by chance.
fn by_likelihood(world: &World<'_>, meant: &Meant) -> Result<Vec<Symbol>, StoreError> {
    let mut likely = Vec::new();
    for symbol in meant.found.definitions() {
        likely.extend(world.row(symbol.file)?.map(|row| (prior_of_path(&row.path, false), row, symbol)));
    }
    likely.sort_by(|(a, at, one), (b, there, other)| {
        b.total_cmp(a).then_with(|| (&at.path, one.id).cmp(&(&there.path, other.id)))
    });
    Ok(likely.into_iter().map(|(.., symbol)| symbol).collect())
}

/// Says of what a name means several, and how to ask about one.
fn choice(name: &str, meanings: &[(String, Vec<u8>, Position)]) -> String {
    let named = meanings.iter().take(NAMED_MAX).map(|(qualified, path, at)| {
        format!("{qualified} ({}:{}:{})", String::from_utf8_lossy(path), at.line, at.column)
    });
    let named: Vec<String> = named.collect();
    let more = if meanings.len() > NAMED_MAX { ", …" } else { "" };
    format!(
        "{name} means {} things: {}{more}; to ask about one, give Container.name or FILE:LINE:COL",
        meanings.len(),
        named.join(", ")
    )
}
