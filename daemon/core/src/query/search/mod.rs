//! Ranked search: definitions and regions of files that are about what a question says in words. No model; the words of identifiers,
//! signatures, documentation, paths and texts, weighed by how rare they are.

mod place;
mod prior;
mod question;
mod ranking;

use crate::kinds::Language;
use crate::resolve::{Symbol, World};
use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX};
use crate::store::{ProjectStore, StoreError};
use crate::text::decode;

use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::symbol_row;
use super::{Options, Page, Query, QueryError, Report, Rows, SymbolRow, open_root};
use place::Finder;
use question::Term;
use ranking::{Parts, Ranked};

pub(super) use prior::{is_test, of_path as prior_of_path};

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
    /// The file changed after it was indexed.
    pub changed: bool,
}

/// What a score is made of: `(text + path + definition) * prior`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoreParts {
    /// The file's text.
    pub text: f32,
    /// Its path.
    pub path: f32,
    /// Its best definition.
    pub definition: f32,
    /// How likely such a file answers anything, at most 1.
    pub prior: f32,
}

/// What answers a question in words, best first, a place a file.
pub fn search(store: &ProjectStore, question: &str, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let terms = question::terms(question)?;
    Ok(Box::new(SearchQuery {
        finder: Finder::new(&terms),
        terms,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        root: open_root(store)?,
        ranked: Vec::new(),
        idf: Vec::new(),
        next: 0,
    }))
}

/// The definitions that answer a question best, for whoever goes on from there.
pub(super) fn places(world: &World<'_>, words: &str, options: &Options, most: usize) -> Result<Vec<Symbol>, QueryError> {
    let terms = question::terms(words)?;
    let (ranked, idf) = ranking::rank(world, &terms, &Filter::new(options)?)?;
    let mut places = Vec::new();
    for ranked in ranked.iter().take(most) {
        let Some(facts) = world.file(ranked.file)? else { continue };
        let best = place::best_definition(&facts.definitions, &ranked.definitions, &[], &idf);
        places.extend(best.map(|(id, _)| Symbol { file: ranked.file, id: id as u32 }));
    }
    Ok(places)
}

struct SearchQuery {
    terms: Vec<Term>,
    finder: Finder,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    ranked: Vec<Ranked>,
    idf: Vec<f32>,
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
                let Some(ranked) = self.ranked.get(self.next).cloned() else {
                    done = true;
                    break;
                };
                let last = self.next.checked_sub(1).and_then(|index| self.ranked.get(index));
                if !self.course.take_row(|| last.map(key)) {
                    done = true;
                    break;
                }
                let row = self.row(&world, &ranked)?;
                budget.spend(ROW_BYTES * 2 + row.path.len() + row.text.len());
                rows.push(row);
                self.next += 1;
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

impl SearchQuery {
    fn find(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        (self.ranked, self.idf) = ranking::rank(world, &self.terms, &self.filter)?;
        let unknown = self
            .terms
            .iter()
            .zip(&self.idf)
            .filter(|(term, _)| matches!(world.snapshot.find_term(&term.term), Ok(files) if files.is_empty()));
        let unknown: Vec<String> = unknown.map(|(term, _)| format!("{:?}", term.word)).collect();
        if !unknown.is_empty() {
            self.course.note(format!("no file has {}", unknown.join(", ")));
        }
        if let Some(after) = &self.after {
            // Scores are positive, and the bits of such numbers are in their order.
            let is_behind = |ranked: &Ranked| {
                (std::cmp::Reverse(ranked.parts.score().to_bits()), &ranked.path)
                    > (std::cmp::Reverse(after.score), &after.path)
            };
            self.next = self.ranked.iter().position(is_behind).unwrap_or(self.ranked.len());
        }
        Ok(())
    }

    fn row(&self, world: &World<'_>, ranked: &Ranked) -> Result<SearchRow, StoreError> {
        let (bytes, changed) = match self.root.read(&ranked.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, stat, _) => {
                let changed = world.row(ranked.file)?.is_none_or(|row| row.stat != stat);
                (bytes, changed)
            }
            _ => (Vec::new(), true),
        };
        let text = decode(&bytes);
        let hits = self.finder.hits(&text);
        let facts = world.file(ranked.file)?;
        let best = facts
            .as_ref()
            .and_then(|facts| place::best_definition(&facts.definitions, &ranked.definitions, &hits, &self.idf));
        let symbol = match (&facts, best) {
            (Some(facts), Some((id, _))) => Some(symbol_row(world, &self.root, facts, id as u32, None)?),
            _ => None,
        };
        let lines = match &symbol {
            Some(symbol) => (symbol.start_line.max(1) - 1) as usize..symbol.end_line as usize,
            None => place::best_region(&hits, text.split(|byte| *byte == b'\n').count(), &self.idf),
        };
        let line = place::best_line(&hits, &lines, &self.idf);
        let (snippet, spans) = line.map(|line| snippet(&text, line, &hits)).unwrap_or_default();
        let Parts { text, path, definition, prior } = ranked.parts;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(SearchRow {
            path: ranked.path.clone(),
            language: ranked.language,
            symbol,
            start_line: number(lines.start + 1),
            end_line: number(lines.end),
            score: ranked.parts.score(),
            parts: ScoreParts { text, path, definition, prior },
            line: line.map_or(0, |line| number(line + 1)),
            text: snippet,
            spans,
            changed,
        })
    }
}

/// A line without blanks around it, cut, with what is asked for in it.
fn snippet(text: &[u8], line: usize, hits: &[place::Hit]) -> (String, Vec<(u32, u32)>) {
    let bytes = text.split(|byte| *byte == b'\n').nth(line).unwrap_or_default();
    let Ok(whole) = std::str::from_utf8(bytes) else { return Default::default() };
    let start = whole.len() - whole.trim_start().len();
    let shown = whole[start..].trim_end();
    let end = (0..=shown.len().min(SNIPPET_BYTES_MAX)).rev().find(|end| shown.is_char_boundary(*end)).unwrap_or(0);
    let shown = &shown[..end];
    let spans = place::within(hits, &(line..line + 1)).iter().filter_map(|hit| {
        let (from, to) = (hit.bytes.start.checked_sub(start)?, hit.bytes.end.checked_sub(start)?);
        (to <= shown.len()).then_some((from as u32, to as u32))
    });
    (shown.to_owned(), spans.collect())
}
