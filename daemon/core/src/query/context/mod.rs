//! What somebody has to read before changing something, under a budget of tokens: the definitions that are asked about, and around them
//! who uses them, what they call, the types they name, their tests, and what stands beside them.

mod neighbours;
mod pack;

use std::collections::VecDeque;

use crate::resolve::World;
use crate::settings::Settings;
use crate::source::SourceRoot;
use crate::store::ProjectStore;

use super::filter::Filter;
use super::page::{Course, ROW_BYTES, next_page};
use super::search::places;
use super::subjects::Subjects;
use super::tokens::TokenBudget;
use super::{Options, Page, Query, QueryError, Report, Rows, SymbolRow, TargetRequest, in_world, open_root};

/// Definitions that a question in words is taken to be about.
const PLACES_MAX: usize = 5;

/// What to read about some things.
#[derive(Clone, Debug, Default)]
pub struct ContextRequest {
    /// Names and places.
    pub targets: Vec<TargetRequest>,
    /// A question in words, whose best answers are asked about too; empty = none.
    pub words: String,
    /// Most tokens of the answer.
    pub tokens_max: u32,
}

/// Why something is worth reading, in the order of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It was asked about.
    Asked,
    /// It is part of what was asked about, which is not shown whole.
    Member,
    /// It calls what was asked about.
    Caller,
    /// It inherits from what was asked about, or implements it.
    Subtype,
    /// It uses what was asked about in another way.
    User,
    /// What was asked about calls it.
    Callee,
    /// What was asked about names it as a type.
    Type,
    /// It is a test that uses what was asked about.
    Test,
    /// It stands beside what was asked about.
    Sibling,
}

/// How much of a definition is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of its source.
    Whole,
    /// Its signature and the first line of its documentation.
    Brief,
    /// Nothing: there was no room.
    LeftOut,
}

/// A definition that is worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRow {
    /// The definition; its confidence says by what it was found.
    pub symbol: SymbolRow,
    /// Why it is here.
    pub reason: Reason,
    /// Qualified name of what was asked about that it is here for; empty if that is itself.
    pub of: String,
    /// How much of it is shown.
    pub form: Form,
    /// The line to print above it, which says where it stands, what it is, and why it is here.
    pub heading: String,
    /// What to print of it; empty if it is left out.
    pub text: String,
    /// What it takes of the budget, its heading and the empty line behind it included.
    pub tokens: u32,
}

/// What to read about what is asked about, the most important first.
pub fn context(store: &ProjectStore, request: ContextRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let ContextRequest { targets, words, tokens_max } = request;
    if targets.is_empty() && words.is_empty() {
        let sentence = "nothing is asked about; give a name, FILE:LINE:COL, or a question in words";
        return Err(QueryError::Argument(sentence.into()));
    }
    Ok(Box::new(ContextQuery {
        subjects: Subjects::new(store, targets, 0)?,
        words,
        budget: TokenBudget::new(tokens_max)?,
        filter: Filter::new(&options)?,
        course: Course::new(&options),
        root: open_root(store)?,
        rows: VecDeque::new(),
    }))
}

struct ContextQuery {
    subjects: Subjects,
    words: String,
    budget: TokenBudget,
    filter: Filter,
    course: Course,
    root: SourceRoot,
    /// What no page held yet: all of it is found at once, and is no more than the budget.
    rows: VecDeque<ContextRow>,
}

impl Query for ContextQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        if self.course.is_new() {
            in_world(store, |world| self.begin(world))?;
        }
        let bytes_of =
            |row: &ContextRow| ROW_BYTES * 2 + row.heading.len() * 2 + row.text.len() + row.symbol.signature.len();
        let rows = next_page(&mut self.rows, &mut self.course, page_bytes, bytes_of);
        Ok(Page { rows: Rows::Context(rows, self.budget), done: self.rows.is_empty() })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl ContextQuery {
    fn begin(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        self.course.begin_page(world.snapshot.generation());
        let mut found = self.subjects.find_among(world, &self.filter)?;
        found.say(&mut self.course);
        let mut asked = found.definitions;
        let named = asked.len();
        if !self.words.is_empty() {
            for place in places(world, &self.root, &self.words, &self.filter, PLACES_MAX)? {
                if !asked.contains(&place) {
                    asked.push(place);
                }
            }
        }
        if asked.is_empty() {
            if self.course.lacks_reason() {
                self.course.explain("no definition answers it; `vigie search` shows what files do".to_owned());
            }
            return Ok(());
        }
        let mut items = neighbours::asked(world, &asked, named)?;
        let around = neighbours::around(world, &asked, &self.filter, &Settings::of(&self.root))?;
        items.extend(around.items);
        self.rows = pack::pack(world, &self.root, items, &around.beyond, &mut self.budget)?.into();
        let mut sentence = self.budget.sentence();
        if self.budget.left_out > 0 {
            sentence += &format!("; left out: {}", self.budget.left_out);
        }
        self.course.note(sentence);
        if around.files > 0 {
            let (files, was) = if around.files == 1 { ("file", "was") } else { ("files", "were") };
            self.course.note(format!(
                "{} {files} farther away that may use it {was} not looked at, or not to the end",
                around.files
            ));
        }
        if around.names > 0 {
            let (names, was) = if around.names == 1 { ("name", "was") } else { ("names", "were") };
            self.course.note(format!("{} {names} in what was asked about {was} not looked up", around.names));
        }
        Ok(())
    }
}
