//! Ranked search: definitions and regions of files that are about what a question says in words. No model; the words of identifiers,
//! signatures, documentation, paths and texts, weighed by how rare they are.

mod beginnings;
mod place;
mod prior;
mod question;
mod ranking;
mod synonyms;

use std::borrow::Cow;
use std::rc::Rc;

use crate::facts::DefinitionId;
use crate::kinds::{Language, SymbolKind};
use crate::resolve::{FileFacts, Symbol, World};
use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX};
use crate::store::{FileStat, ProjectStore, StoreError};
use crate::text::decode;

use super::cursor::Cursor;
use super::filter::Filter;
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::symbol_row;
use super::{Options, Page, Query, QueryError, Report, Rows, Since, SymbolRow, open_root};
use place::Finder;
use question::Term;
use ranking::{Parts, Ranked, Ranking};

pub(super) use prior::{is_generated, is_test, of_path as prior_of_path};

/// Longest line of a snippet, in bytes.
const SNIPPET_BYTES_MAX: usize = 200;

/// A definition, or a region of a file, that answers a question.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// The language of the file.
    pub language: Option<Language>,
    /// The definition; `None` = the region is in none.
    pub symbol: Option<SymbolRow>,
    /// First line of the definition or region, from 1.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// How well it answers, higher is better; comparable within one answer only.
    pub score: f32,
    /// What the score is made of.
    pub parts: ScoreParts,
    /// The line in it that says most of what is asked for, from 1; 0 = there is none.
    pub line: u32,
    /// That line without blanks around it, cut.
    pub text: String,
    /// What is asked for in `text`, as byte ranges.
    pub spans: Vec<(u32, u32)>,
    /// What has become of the file since it was indexed.
    pub since: Since,
}

/// What a score is made of: `(text + path + definition + passage + density) * prior`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoreParts {
    /// The file's text.
    pub text: f32,
    /// Its path.
    pub path: f32,
    /// Its best definition.
    pub definition: f32,
    /// What of the question stands close together in it.
    pub passage: f32,
    /// How much of it is about what is asked for.
    pub density: f32,
    /// How likely such a file answers anything, at most 1.
    pub prior: f32,
}

/// What answers a question in words, best first, a place a file. With kinds only definitions of these answer, and no regions.
pub fn search(
    store: &ProjectStore,
    question: &str,
    kinds: &[SymbolKind],
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let terms = question::terms(question)?;
    Ok(Box::new(SearchQuery {
        finder: Finder::new(&terms),
        terms,
        names: question::names(question),
        numbers: question::numbers(question).into_iter().map(str::to_owned).collect(),
        kinds: Kinds(kinds.to_vec()),
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        root: open_root(store)?,
        ranking: Ranking::default(),
        next: 0,
    }))
}

/// Kinds of definitions that are wanted; none = all.
struct Kinds(Vec<SymbolKind>);

impl Kinds {
    /// Whether the words of a definition count.
    fn count(&self, kind: SymbolKind) -> bool {
        self.0.is_empty() || self.0.contains(&kind)
    }

    /// Whether a definition may answer; an impl block does not unless it is asked for.
    fn admit(&self, kind: SymbolKind) -> bool {
        self.count(kind) && (kind != SymbolKind::Impl || !self.0.is_empty())
    }

    /// Whether a region that is in no definition may answer.
    fn admit_regions(&self) -> bool {
        self.0.is_empty()
    }
}

/// The definitions that answer a question best, for whoever goes on from there.
pub(super) fn places(
    world: &World<'_>,
    root: &SourceRoot,
    words: &str,
    filter: &Filter,
    places_max: usize,
) -> Result<Vec<Symbol>, QueryError> {
    let terms = question::terms(words)?;
    let finder = Finder::new(&terms);
    let kinds = Kinds(Vec::new());
    let names = question::names(words);
    let asked =
        ranking::Asked { terms: &terms, names: &names, finder: &finder, filter, counts: &|kind| kinds.count(kind) };
    let mut ranking = ranking::rank(world, root, &asked)?;
    let mut places = Vec::new();
    let mut next = 0;
    while places.len() < places_max && ranking.settle(next, world, filter)? {
        let ranked = &ranking.files[next];
        let seen = Seen::of(world, root, ranked)?;
        let best = seen.best(ranked, &seen.hits(world, &finder, ranked)?, &kinds, &ranking.idf);
        places.extend(best.map(|id| Symbol { file: ranked.file, id }));
        next += 1;
    }
    Ok(places)
}

struct SearchQuery {
    terms: Vec<Term>,
    names: Vec<String>,
    /// What is said of the question, and not looked for.
    numbers: Vec<String>,
    kinds: Kinds,
    finder: Finder,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    ranking: Ranking,
    next: usize,
}

impl Query for SearchQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let mut rows = Vec::new();
        let mut done = false;
        store.snapshot(|snapshot| {
            let world = World::new(snapshot);
            if self.course.begin_page(snapshot.generation()) {
                self.find(&world)?;
            }
            let mut budget = PageBudget::new(page_bytes);
            while !budget.is_over() {
                if !self.ranking.settle(self.next, &world, &self.filter)? {
                    done = true;
                    if self.ranking.is_cut {
                        let likeliest = ranking::FILES_MAX;
                        let note =
                            format!("these are the likeliest {likeliest} files; more have words of the question");
                        self.course.note(note);
                    }
                    break;
                }
                let last = || self.next.checked_sub(1).map(|index| key(&self.ranking.files[index]));
                // Of one more than is wanted it only matters that it is there, which without kinds is certain.
                if self.kinds.admit_regions() && !self.course.has_room(last) {
                    done = true;
                    break;
                }
                if let Some(row) = self.row(&world, &self.ranking.files[self.next])? {
                    if !self.course.take_row(last) {
                        done = true;
                        break;
                    }
                    budget.spend(bytes_of(&row));
                    rows.push(row);
                }
                self.next += 1;
            }
            if !done {
                // The next page has another snapshot.
                self.ranking.settle_all(&world, &self.filter)?;
            }
            self.ranking.forget_hits();
            if done && self.course.lacks_reason() {
                self.course.explain(self.why_nothing());
            }
            Ok(())
        })?;
        Ok(Page { rows: Rows::Search(rows), done })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

fn key(ranked: &Ranked) -> Cursor {
    Cursor { score: ranked.parts.score().to_bits(), path: ranked.path.clone(), ..Cursor::default() }
}

/// Bytes of a row on the wire, roughly.
fn bytes_of(row: &SearchRow) -> usize {
    let of_symbol = |symbol: &SymbolRow| {
        let names = symbol.qualified.len() * 2 + symbol.path.len();
        ROW_BYTES + names + symbol.signature.len() + symbol.doc.len()
    };
    ROW_BYTES * 2 + row.path.len() + row.text.len() + row.symbol.as_ref().map_or(0, of_symbol)
}

impl SearchQuery {
    fn find(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        let asked = ranking::Asked {
            terms: &self.terms,
            names: &self.names,
            finder: &self.finder,
            filter: &self.filter,
            counts: &|kind| self.kinds.count(kind),
        };
        self.ranking = ranking::rank(world, &self.root, &asked)?;
        if !self.numbers.is_empty() {
            let numbers = self.numbers.join(", ");
            self.course.note(format!("numbers by themselves are not looked for: {numbers}; `vigie text` finds them"));
        }
        let unknown = self.terms.iter().zip(&self.ranking.holders).filter(|(_, holders)| **holders == 0);
        let unknown: Vec<String> = unknown.map(|(term, _)| format!("{:?}", term.word)).collect();
        let unheard = format!("no file has {}", unknown.join(", "));
        match unknown.len() {
            0 => {}
            all if all == self.terms.len() => self.course.explain(unheard),
            _ => self.course.note(unheard),
        }
        if let Some(after) = &self.after {
            self.ranking.settle_all(world, &self.filter)?;
            // Scores are positive, and the bits of such numbers are in their order.
            let is_behind = |ranked: &Ranked| {
                (std::cmp::Reverse(ranked.parts.score().to_bits()), &ranked.path)
                    > (std::cmp::Reverse(after.score), &after.path)
            };
            let files = &self.ranking.files;
            self.next = files.iter().position(is_behind).unwrap_or(files.len());
        }
        Ok(())
    }

    /// Says why there is no row, though some file has a word that is asked for.
    fn why_nothing(&self) -> String {
        let kinds = nothing::of_kinds(&self.kinds.0);
        let filters: Vec<String> = kinds.into_iter().chain(self.filter.given_with_paths()).collect();
        if filters.is_empty() {
            return "no file answers it".to_owned();
        }
        nothing::left_nothing(&filters, "the files that have words of the question")
    }

    /// The place in a file that answers; `None` if none of the kinds that are wanted does.
    fn row(&self, world: &World<'_>, ranked: &Ranked) -> Result<Option<SearchRow>, StoreError> {
        let seen = Seen::of(world, &self.root, ranked)?;
        let hits = seen.hits(world, &self.finder, ranked)?;
        let best = seen.best(ranked, &hits, &self.kinds, &self.ranking.idf);
        let symbol = match (&seen.facts, best) {
            (Some(facts), Some(id)) => Some(symbol_row(world, &self.root, facts, id, None)?),
            _ if self.kinds.admit_regions() => None,
            _ => return Ok(None),
        };
        let lines = match &symbol {
            Some(symbol) => (symbol.start_line.max(1) - 1) as usize..symbol.end_line as usize,
            None => place::best_region(&hits, lines_of(&seen.text), &self.ranking.idf),
        };
        let line = place::best_line(&hits, &lines, &self.ranking.idf);
        let (snippet, spans) = line.map(|line| snippet(&seen.text, line, &hits)).unwrap_or_default();
        let Parts { text, path, definition, passage, density, prior } = ranked.parts;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Some(SearchRow {
            path: ranked.path.clone(),
            language: ranked.language,
            symbol,
            start_line: number(lines.start + 1),
            end_line: number(lines.end),
            score: ranked.parts.score(),
            parts: ScoreParts { text, path, definition, passage, density, prior },
            line: line.map_or(0, |line| number(line + 1)),
            text: snippet,
            spans,
            since: seen.since,
        }))
    }
}

/// A file that answers, as it is.
struct Seen {
    text: Vec<u8>,
    /// Of what was read.
    stat: Option<FileStat>,
    since: Since,
    facts: Option<Rc<FileFacts>>,
}

impl Seen {
    fn of(world: &World<'_>, root: &SourceRoot, ranked: &Ranked) -> Result<Seen, StoreError> {
        let (bytes, stat, since) = match root.read(&ranked.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, stat, _) => {
                let is_known = world.row(ranked.file)?.is_some_and(|row| row.stat == stat);
                (bytes, Some(stat), if is_known { Since::Unchanged } else { Since::Changed })
            }
            _ if root.stat(&ranked.path).is_none() => (Vec::new(), None, Since::Gone),
            _ => (Vec::new(), None, Since::Changed),
        };
        let text = match decode(&bytes) {
            Cow::Borrowed(text) if text.len() == bytes.len() => bytes,
            text => text.into_owned(),
        };
        Ok(Seen { text, stat, since, facts: world.file(ranked.file)? })
    }

    /// What is asked for in it.
    fn hits<'r>(
        &self,
        world: &World<'_>,
        finder: &Finder,
        ranked: &'r Ranked,
    ) -> Result<Cow<'r, [place::Hit]>, StoreError> {
        if let Some((_, hits)) = ranked.hits.as_ref().filter(|(stat, _)| self.stat == Some(*stat)) {
            return Ok(Cow::Borrowed(hits));
        }
        let mut hits = finder.hits(&self.text);
        if let Some(facts) = &self.facts {
            let tests = prior::tests_within(world, facts)?;
            tests.iter().for_each(|lines| place::lower(&mut hits, lines, prior::IN_TESTS));
        }
        Ok(Cow::Owned(hits))
    }

    /// The definition in it that answers best.
    fn best(&self, ranked: &Ranked, hits: &[place::Hit], kinds: &Kinds, idf: &[f32]) -> Option<DefinitionId> {
        let definitions = &self.facts.as_ref()?.definitions;
        let best = place::best_definition(definitions, &ranked.definitions, hits, idf, |kind| kinds.admit(kind))?;
        DefinitionId::try_from(best).ok()
    }
}

/// How many lines a text has.
fn lines_of(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - usize::from(text.ends_with(b"\n"))
}

/// A line without blanks around it, cut, with what is asked for in it.
fn snippet(text: &[u8], line: usize, hits: &[place::Hit]) -> (String, Vec<(u32, u32)>) {
    let bytes = text.split(|byte| *byte == b'\n').nth(line).unwrap_or_default();
    let whole = String::from_utf8_lossy(bytes);
    // Behind bytes that are no text, and are replaced, what follows stands elsewhere.
    let shown_at = |at: usize| bytes.get(..at).map_or(at, |before| String::from_utf8_lossy(before).len());
    let start = whole.len() - whole.trim_start().len();
    let shown = whole[start..].trim_end();
    let end = (0..=shown.len().min(SNIPPET_BYTES_MAX)).rev().find(|end| shown.is_char_boundary(*end)).unwrap_or(0);
    let shown = &shown[..end];
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for hit in place::within(hits, &(line..line + 1)) {
        let (from, to) = (shown_at(hit.bytes.start).checked_sub(start), shown_at(hit.bytes.end).checked_sub(start));
        let (Some(from), Some(to)) = (from, to.filter(|to| *to <= shown.len())) else { continue };
        match spans.last_mut() {
            // The same word with the number behind it.
            Some(last) if last.0 == from as u32 => last.1 = last.1.max(to as u32),
            _ => spans.push((from as u32, to as u32)),
        }
    }
    (shown.to_owned(), spans)
}
