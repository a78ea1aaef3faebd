//! What somebody has to read before changing something, under a budget of tokens: the definitions asked for, and around them who calls
//! them, what they call, the types they name, their tests, and what stands beside them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::facts::ReferenceId;
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolver, Symbol, Target, World};
use crate::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot};
use crate::store::{ProjectStore, StoreError};
use crate::text::decode;

use super::calls::Calls;
use super::levels::{Front, Graph, Walk};
use super::near;
use super::page::Course;
use super::rows::symbol_row;
use super::search::{is_test, places};
use super::target::Asked;
use super::{ContextRequest, ContextRow, Options, Page, Query, QueryError, Reason, Report, Rows, Subject, in_world, open_root};

/// Bytes of a token, by which a budget is counted.
const TOKEN_BYTES: usize = 4;
/// Definitions that a question in words is taken to be about.
const PLACES_MAX: usize = 5;
/// Files in which callers are looked for.
const CALLER_FILES_MAX: usize = 200;
/// Neighbours of one kind that are considered.
const NEIGHBOURS_MAX: usize = 50;
/// The share of the budget that whole definitions of what was asked for may take before their neighbours have a line each.
const ASKED_SHARE: f32 = 0.75;

/// How many tokens a text has.
pub fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(TOKEN_BYTES)
}

/// What to read about some definitions, in the order of its worth.
pub fn context(store: &ProjectStore, request: ContextRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    if request.subjects.is_empty() {
        return Err(QueryError::Argument("nothing is asked about; give a name, FILE:LINE:COLUMN, or a question".into()));
    }
    let subjects = request.subjects.iter().map(|subject| match subject {
        Subject::Target(target) => Ok((Asked::new(store, &target.target)?, Some(target.clone()))),
        Subject::Words(words) => Ok((Asked::Name { name: words.clone(), qualified: words.clone() }, None)),
    });
    Ok(Box::new(ContextQuery {
        subjects: subjects.collect::<Result<_, QueryError>>()?,
        tokens_max: request.tokens as usize,
        course: Course::new(&options),
        root: open_root(store)?,
        options,
    }))
}

struct ContextQuery {
    subjects: Vec<(Asked, Option<super::TargetRequest>)>,
    tokens_max: usize,
    course: Course,
    root: SourceRoot,
    options: Options,
}

/// Something worth reading.
struct Item {
    symbol: Symbol,
    reason: Reason,
    confidence: Option<Confidence>,
    /// Steps through the tree of directories from what was asked for.
    distance: usize,
}

impl Query for ContextQuery {
    fn page(&mut self, store: &ProjectStore, _page_bytes: usize) -> Result<Page, QueryError> {
        let rows = in_world(store, |world| {
            self.course.begin_page(world.snapshot.generation());
            let items = self.items(world)?;
            self.pack(world, items)
        })?;
        for _ in &rows {
            let _counted = self.course.take_row(|| None);
        }
        Ok(Page { rows: Rows::Context(rows), done: true })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl ContextQuery {
    /// Everything worth reading, each once, the most important first.
    fn items(&mut self, world: &World<'_>) -> Result<Vec<Item>, QueryError> {
        let mut asked: Vec<Symbol> = Vec::new();
        for (subject, target) in &self.subjects {
            let found = match target {
                Some(target) => {
                    let meant = subject.meant(world, target)?;
                    let found: Vec<Symbol> = meant.found.definitions().collect();
                    if found.is_empty() {
                        self.course.explain(near::why_no_definition(world, &meant.name, &subject.filters(&target.kinds))?);
                    }
                    found
                }
                None => {
                    let Asked::Name { name: words, .. } = subject else { continue };
                    places(world, words, &self.options, PLACES_MAX)?
                }
            };
            asked.extend(found);
        }
        let mut items: Vec<Item> = Vec::new();
        let mut seen: BTreeSet<Symbol> = asked.iter().copied().collect();
        for symbol in &asked {
            items.push(Item { symbol: *symbol, reason: Reason::Asked, confidence: None, distance: 0 });
        }
        for symbol in &asked {
            for item in self.around(world, *symbol)? {
                if seen.insert(item.symbol) {
                    items.push(item);
                }
            }
        }
        // Stable: what was asked for stays in the order in which it was.
        items.sort_by_key(|item| (item.reason, item.confidence, item.distance));
        Ok(items)
    }

    fn around(&self, world: &World<'_>, symbol: Symbol) -> Result<Vec<Item>, StoreError> {
        let Some(file) = world.file_of(symbol)? else { return Ok(Vec::new()) };
        let mut items = Vec::new();
        let mut add = |found: Vec<(Symbol, Option<Confidence>)>, reason: Reason| -> Result<(), StoreError> {
            for (symbol, confidence) in found.into_iter().take(NEIGHBOURS_MAX) {
                let Some(there) = world.row(symbol.file)? else { continue };
                let reason = if reason == Reason::Caller && is_test(&there.path) { Reason::Test } else { reason };
                items.push(Item { symbol, reason, confidence, distance: distance(&file.row.path, &there.path) });
            }
            Ok(())
        };
        let front = Front::of(world, [symbol], 1)?;
        add(self.neighbours(world, &Calls::ToFront, front)?, Reason::Caller)?;
        let front = Front::of(world, [symbol], 1)?;
        add(self.neighbours(world, &Calls::FromFront, front)?, Reason::Callee)?;
        add(types(world, &file, symbol)?, Reason::Type)?;
        add(siblings(&file, symbol), Reason::Sibling)?;
        Ok(items)
    }

    /// What calls lead to, or come from.
    fn neighbours(
        &self,
        world: &World<'_>,
        calls: &Calls,
        mut front: Front,
    ) -> Result<Vec<(Symbol, Option<Confidence>)>, StoreError> {
        front.know_aliases(world)?;
        let files: BTreeSet<_> = calls.files(world, &front)?.into_iter().collect();
        let mut found: Vec<(Symbol, Option<Confidence>)> = Vec::new();
        for id in files.into_iter().take(CALLER_FILES_MAX) {
            let Some(file) = world.file(id)? else { continue };
            for edge in calls.edges(Walk { world, root: &self.root }, &file, &front)? {
                for symbol in edge.to {
                    if !found.iter().any(|(known, _)| *known == symbol) && !front.contains(world, symbol)? {
                        found.push((symbol, edge.row.to.confidence));
                    }
                }
            }
        }
        found.sort_by_key(|(_, confidence)| *confidence);
        Ok(found)
    }

    /// Fills the budget: what was asked for whole, then a line of each neighbour, then neighbours whole.
    fn pack(&mut self, world: &World<'_>, items: Vec<Item>) -> Result<Vec<ContextRow>, QueryError> {
        let mut sources = Sources { root: &self.root, texts: HashMap::new() };
        let mut rows = Vec::new();
        for item in &items {
            let Some(file) = world.file_of(item.symbol)? else { continue };
            let symbol = symbol_row(world, &self.root, &file, item.symbol.id, item.confidence)?;
            let (brief, whole) = (brief_text(&symbol.signature, &symbol.doc), sources.lines(&symbol.path, symbol.start_line, symbol.end_line));
            rows.push((ContextRow { symbol, reason: item.reason, is_whole: false, is_left_out: true, text: String::new(), tokens: 0 }, brief, whole));
        }
        let least = rows.iter().map(|(row, brief, _)| cost(row, brief)).min();
        if let Some(least) = least.filter(|least| *least > self.tokens_max) {
            let tokens = self.tokens_max;
            return Err(QueryError::Argument(format!("{tokens} tokens are fewer than the {least} of the shortest answer; give more with --tokens")));
        }
        let mut left = self.tokens_max;
        let asked_max = (self.tokens_max as f32 * ASKED_SHARE) as usize;
        for (row, brief, whole) in &mut rows {
            let spent = self.tokens_max - left;
            let fits_whole = cost(row, whole) <= left && row.reason == Reason::Asked && (spent + cost(row, whole) <= asked_max || spent == 0);
            let text = if fits_whole && !whole.is_empty() { &*whole } else { &*brief };
            if cost(row, text) <= left {
                left -= cost(row, text);
                (row.text, row.is_whole, row.is_left_out) = (text.clone(), fits_whole, false);
                row.tokens = cost(row, text) as u32;
            }
        }
        for (row, _, whole) in &mut rows {
            let more = cost(row, whole).saturating_sub(row.tokens as usize);
            if !row.is_left_out && !row.is_whole && !whole.is_empty() && more <= left {
                left -= more;
                (row.text, row.is_whole, row.tokens) = (whole.clone(), true, row.tokens + more as u32);
            }
        }
        Ok(rows.into_iter().map(|(row, ..)| row).collect())
    }
}

/// What a row costs with a text: the line that says where it stands is part of it.
fn cost(row: &ContextRow, text: &str) -> usize {
    tokens(row.heading().len() + 1 + text.len() + 1)
}

fn brief_text(signature: &str, doc: &str) -> String {
    if doc.is_empty() { signature.to_owned() } else { format!("{signature}\n{doc}") }
}

/// Texts of files, each read once.
struct Sources<'a> {
    root: &'a SourceRoot,
    texts: HashMap<Vec<u8>, Vec<u8>>,
}

impl Sources<'_> {
    /// Lines of a file, both from 1.
    fn lines(&mut self, path: &[u8], from: u32, to: u32) -> String {
        let text = self.texts.entry(path.to_vec()).or_insert_with(|| match self.root.read(path, STRUCTURE_BYTES_MAX) {
            Source::Read(bytes, ..) => decode(&bytes).into_owned(),
            _ => Vec::new(),
        });
        let lines = text.split(|byte| *byte == b'\n').skip(from.max(1) as usize - 1);
        let wanted: Vec<&[u8]> = lines.take((to + 1).saturating_sub(from) as usize).collect();
        String::from_utf8_lossy(&wanted.join(&b'\n')).trim_end().to_owned()
    }
}

/// Steps from one file's directory to another's.
fn distance(from: &[u8], to: &[u8]) -> usize {
    if from == to {
        return 0;
    }
    let parts = |path: &'_ [u8]| path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    from.len() + to.len() - 2 * shared
}

/// The types that a definition names.
fn types(world: &World<'_>, file: &Rc<FileFacts>, symbol: Symbol) -> Result<Vec<(Symbol, Option<Confidence>)>, StoreError> {
    let mut found: BTreeMap<Symbol, Option<Confidence>> = BTreeMap::new();
    for (reference, id) in world.occurrences(file)?.references.iter().zip(0..) {
        let is_inside = file.around(reference.enclosing).any(|(around, _)| around == symbol.id);
        if !is_inside || !matches!(reference.role, Role::Type | Role::Inherit) {
            continue;
        }
        let resolution = Resolver::new(world).reference(file, id as ReferenceId)?;
        if resolution.is_ambiguous() {
            continue;
        }
        for target in &resolution.targets {
            if let Target::Symbol(of_type) = target
                && *of_type != symbol
            {
                found.entry(*of_type).or_insert(resolution.confidence);
            }
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, confidence)| *confidence);
    Ok(found)
}

/// What is defined beside a definition, in the same container, the nearest first.
fn siblings(file: &FileFacts, symbol: Symbol) -> Vec<(Symbol, Option<Confidence>)> {
    let Some(own) = file.definitions.get(symbol.id as usize) else { return Vec::new() };
    let is_sibling = |kind: SymbolKind| !matches!(kind, SymbolKind::Impl | SymbolKind::Element);
    let beside = file.definitions.iter().zip(0..).filter(|(definition, id)| {
        *id != symbol.id && definition.container == own.container && is_sibling(definition.kind)
    });
    let mut beside: Vec<_> = beside.map(|(definition, id)| (definition.start_line.abs_diff(own.start_line), id)).collect();
    beside.sort_unstable();
    beside.into_iter().map(|(_, id)| (Symbol { file: symbol.file, id }, None)).collect()
}
