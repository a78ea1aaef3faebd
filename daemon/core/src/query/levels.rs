//! Walks from definition to definition, level by level: who calls whom, who inherits from whom. A walk goes on only from what is
//! certain; where it cannot be told which of several things is meant, the edge is shown and not followed.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use crate::facts::Position;
use crate::kinds::SymbolKind;
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::aliases::{known_as, meant_by_imports};
use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget};
use super::target::{Asked, Meant, Spot, spot_of, symbol_at};
use super::{
    Options, Page, Query, QueryError, Report, Rows, TargetRequest, in_world, near, nothing, open_root, subjects,
};
use crate::source::SourceRoot;

/// Farthest a walk goes.
pub(super) const DEPTH_MAX: u32 = 16;

/// What edges there are.
pub(super) trait Graph: Send {
    /// An edge as an answer has it.
    type Row: Send;

    /// The files in which edges from there may stand.
    fn files(&self, world: &World<'_>, front: &Front) -> Result<Vec<FileId>, StoreError>;

    /// The edges from there that stand in a file.
    fn edges(
        &self,
        walk: Walk<'_, '_>,
        file: &Rc<FileFacts>,
        front: &Front,
    ) -> Result<Vec<Edge<Self::Row>>, StoreError>;

    /// The edges as rows of an answer.
    fn rows(rows: Vec<Self::Row>) -> Rows;

    /// What it is that there is nothing of, as in "the calls of x".
    fn sought(name: &str, graphs: &[Self]) -> String
    where
        Self: Sized;

    /// Says why there is no edge, if no filter was given: of definitions of these kinds, or of what nothing in the index defines.
    fn why_nothing(name: &str, kinds: &BTreeSet<SymbolKind>, graphs: &[Self]) -> String
    where
        Self: Sized;
}

/// By what edges are found.
#[derive(Clone, Copy)]
pub(super) struct Walk<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) root: &'w SourceRoot,
}

/// One step.
pub(super) struct Edge<Row> {
    pub(super) row: Row,
    /// Where it stands.
    pub(super) position: Position,
    /// What it leads to; nothing if that is not certain.
    pub(super) to: Vec<Symbol>,
    /// It may lead to several things of which none is chosen.
    pub(super) is_ambiguous: bool,
    /// It is certain what it leads to.
    pub(super) is_certain: bool,
    /// Its bytes on the wire, roughly.
    pub(super) bytes: usize,
}

/// The definitions from which the next edges go.
#[derive(Debug, Default)]
pub(super) struct Front {
    /// Where they stand.
    spots: BTreeSet<Spot>,
    /// What they are called.
    pub(super) names: BTreeSet<String>,
    /// These names, and what else imports call what bears them.
    pub(super) known_as: BTreeSet<String>,
    /// Everything of that name: the walk begins with a mere name.
    is_named: bool,
    /// What bears the name lies outside of the index, so that whatever comes from there may be meant.
    is_outside: bool,
    /// A place was asked about whose name comes from outside: what nothing explains is not meant.
    is_placed: bool,
    /// Steps from what was asked about, from 1.
    pub(super) level: u32,
}

impl Front {
    /// Whether a definition is one of them.
    pub(super) fn contains(&self, world: &World<'_>, symbol: Symbol) -> Result<bool, StoreError> {
        if self.is_named {
            return Ok(!self.is_outside && self.names.contains(&*world.name(symbol)?));
        }
        Ok(spot_of(world, symbol)?.is_some_and(|spot| self.spots.contains(&spot)))
    }

    /// Whether a name of which this was found may mean one of them.
    pub(super) fn may_be(&self, world: &World<'_>, found: &Resolution) -> Result<bool, StoreError> {
        if found.external {
            return Ok(self.is_outside);
        }
        for symbol in found.definitions() {
            if self.contains(world, symbol)? {
                return Ok(true);
            }
        }
        if self.is_named && !self.is_placed && found.targets.is_empty() {
            return Ok(true);
        }
        if !found.is_ambiguous() || found.total <= found.targets.len() {
            return Ok(false);
        }
        for spot in &self.spots {
            if symbol_at(world, *spot)?.map_or(Ok(true), |symbol| found.may_be_unnamed(world, symbol))? {
                return Ok(true);
            }
        }
        Ok(self.is_named)
    }

    /// Whether the walk begins with a mere name, of which something from outside may be meant too.
    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// The files that they stand in.
    pub(super) fn files(&self, world: &World<'_>) -> Result<Vec<FileId>, StoreError> {
        if !self.is_named {
            let files: BTreeSet<FileId> = self.spots.iter().map(|spot| spot.file).collect();
            return Ok(files.into_iter().collect());
        }
        let mut files = Vec::new();
        for name in &self.names {
            files.extend(world.defining_files(name)?);
        }
        Ok(files)
    }

    /// Everything of a name, or of it what lies outside of the index.
    fn named(name: &str, is_outside: bool) -> Front {
        Front { names: BTreeSet::from([name.to_owned()]), is_named: true, is_outside, level: 1, ..Front::default() }
    }

    /// These definitions.
    pub(super) fn of(
        world: &World<'_>,
        symbols: impl IntoIterator<Item = Symbol>,
        level: u32,
    ) -> Result<Front, StoreError> {
        let mut front = Front { level, ..Front::default() };
        for symbol in symbols {
            front.add(world, symbol)?;
        }
        Ok(front)
    }

    /// Finds out what else imports call them.
    pub(super) fn know_aliases(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        for name in &self.names {
            self.known_as.extend(known_as(world, name)?);
        }
        Ok(())
    }

    /// Adds a definition.
    pub(super) fn add(&mut self, world: &World<'_>, symbol: Symbol) -> Result<(), StoreError> {
        // Where a constructor is called stands the name of its class.
        for symbol in [Some(symbol), Resolver::new(world).constructed_by(symbol)?].into_iter().flatten() {
            self.spots.extend(spot_of(world, symbol)?);
            self.names.insert(world.name(symbol)?.to_string());
        }
        if let Some(name) = Resolver::new(world).called_to_construct(symbol)? {
            self.names.insert(name.to_owned());
        }
        Ok(())
    }
}

/// A walk under way.
pub(super) struct LevelQuery<G: Graph> {
    asked: Asked,
    request: TargetRequest,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    depth_max: u32,
    /// Walked one after the other, each from what was asked about.
    graphs: Vec<G>,
    graph: usize,
    front: Front,
    /// Of the front, what was not looked at yet, by path.
    files: VecDeque<FileId>,
    /// What the next front begins with.
    next: Front,
    /// Everything of this name was asked about, and is not come back to.
    asked_name: Option<String>,
    seen: HashSet<Spot>,
    /// Of the last file, what no page held or passed over; `None` = it is not certain, and not to be shown.
    edges: VecDeque<(Cursor, usize, Option<G::Row>)>,
    /// Edges that were not followed.
    ambiguous: u64,
    /// What is not certain is counted, and neither shown nor followed.
    only_certain: bool,
    /// Edges that were passed over for that.
    uncertain: u64,
}

impl<G: Graph> LevelQuery<G> {
    pub(super) fn new(
        store: &ProjectStore,
        request: TargetRequest,
        graphs: Vec<G>,
        depth: u32,
        options: &Options,
    ) -> Result<LevelQuery<G>, QueryError> {
        if depth == 0 || depth > DEPTH_MAX {
            return Err(QueryError::Argument(format!("the depth {depth} is not between 1 and {DEPTH_MAX}")));
        }
        Ok(LevelQuery {
            asked: Asked::new(store, &request.target)?,
            request,
            filter: Filter::new(options)?,
            after: Cursor::unpack(&options.cursor)?,
            course: Course::new(options),
            root: open_root(store)?,
            depth_max: depth,
            graphs,
            graph: 0,
            front: Front::default(),
            files: VecDeque::new(),
            next: Front::default(),
            asked_name: None,
            seen: HashSet::new(),
            edges: VecDeque::new(),
            ambiguous: 0,
            only_certain: false,
            uncertain: 0,
        })
    }

    /// The same, of what is certain alone.
    pub(super) fn only_certain(self, only_certain: bool) -> LevelQuery<G> {
        LevelQuery { only_certain, ..self }
    }

    fn page_in(&mut self, world: &World<'_>, page_bytes: usize) -> Result<Page, QueryError> {
        if self.course.begin_page(world.snapshot.generation()) {
            self.begin(world)?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let (mut rows, mut done) = (Vec::new(), false);
        while !budget.is_over() {
            if let Some((key, bytes, row)) = self.edges.pop_front() {
                let Some(row) = row else {
                    self.uncertain += 1;
                    // It is counted by one part of an answer alone.
                    self.after = Some(key);
                    continue;
                };
                if !self.course.take_row(|| self.after.clone()) {
                    self.course.note_uncertain(self.uncertain);
                    return Ok(Page { rows: G::rows(rows), done: true });
                }
                budget.spend(bytes);
                rows.push(row);
                self.after = Some(key);
            } else if let Some(file) = self.files.pop_front() {
                self.look_at(world, file)?;
            } else if !self.step(world)? {
                done = true;
                break;
            }
        }
        if done && self.course.lacks_reason() {
            self.explain(world)?;
        }
        if done && self.ambiguous > 0 {
            let count = self.ambiguous;
            self.course.note(format!("not followed further, since several things may be meant: {count}"));
        }
        if done {
            self.course.note_uncertain(self.uncertain);
        }
        Ok(Page { rows: G::rows(rows), done })
    }

    /// Says why there is no row at all.
    fn explain(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        let meant = self.asked.meant(world, &self.request)?;
        let filters = self.filter.given();
        self.course.explain(match filters.is_empty() {
            _ if self.uncertain > 0 => format!("none of {} is certain", G::sought(&meant.name, &self.graphs)),
            true => G::why_nothing(&meant.name, &nothing::kinds_of(world, &meant)?, &self.graphs),
            false => nothing::left_nothing(&filters, &G::sought(&meant.name, &self.graphs)),
        });
        Ok(())
    }

    /// Sets out from what was asked about.
    fn begin(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        self.front = self.origin(world)?;
        self.enter(world)?;
        Ok(())
    }

    fn origin(&mut self, world: &World<'_>) -> Result<Front, QueryError> {
        if let Asked::Name { name, qualified } = &self.asked
            && name == qualified
            && self.request.kinds.is_empty()
        {
            let imported = match world.defining_files(name)?.is_empty() {
                true => meant_by_imports(world, name)?,
                false => Resolution::default(),
            };
            if imported.definitions().next().is_none() {
                if world.hits(name)?.is_empty() && self.graph == 0 {
                    self.course.explain(near::no_such_name(world, name)?);
                } else if imported.external && self.graph == 0 {
                    self.course.note(format!("{name} is imported from outside of the index"));
                }
                if self.graph == 0 && self.after.is_none() {
                    self.course.note_if(subjects::ambiguity(world, name)?);
                }
                self.asked_name = Some(name.clone());
                let is_outside = world.defining_files(name)?.is_empty();
                return Ok(Front::named(name, is_outside));
            }
        }
        let meant = self.asked.meant(world, &self.request)?;
        let is_here = meant.found.definitions().next().is_some();
        if !is_here && (meant.import.is_some() || meant.found.external) {
            let own = meant.import.as_ref().map(|(file, import)| file.imports[*import].own_name());
            let name = own.filter(|own| !own.is_empty()).unwrap_or(&meant.name);
            if self.graph == 0 {
                self.course.note(format!("{name} is imported from outside of the index"));
            }
            return Ok(Front { is_placed: true, ..Front::named(name, true) });
        }
        if self.graph == 0 {
            self.say_what_is_missing(world, &meant)?;
        }
        Ok(Front::of(world, meant.found.definitions(), 1)?)
    }

    fn say_what_is_missing(&mut self, world: &World<'_>, meant: &Meant) -> Result<(), StoreError> {
        if meant.found.definitions().next().is_some() {
            self.course.note_if(self.asked.other_name(world, meant)?);
            return Ok(());
        }
        if !meant.found.targets.is_empty() {
            self.course.explain(format!("{} is no definition: it is a local name or a module", meant.name));
        } else {
            let filters = self.asked.filters(&self.request.kinds);
            self.course.explain(near::why_no_definition(world, &meant.name, &filters)?);
        }
        Ok(())
    }

    /// Queues the files of the front.
    fn enter(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        self.next = Front { level: self.front.level + 1, ..Front::default() };
        let Some(graph) = self.graphs.get(self.graph) else { return Ok(()) };
        self.front.know_aliases(world)?;
        self.seen.extend(self.front.spots.iter().copied());
        let files: BTreeSet<FileId> = graph.files(world, &self.front)?.into_iter().collect();
        self.files = self.filter.of_step(world, files, self.front.level >= self.depth_max)?;
        Ok(())
    }

    /// Goes on to the next level or graph; `false` = there is none.
    fn step(&mut self, world: &World<'_>) -> Result<bool, QueryError> {
        let goes_deeper = !self.next.spots.is_empty() && self.next.level <= self.depth_max;
        if goes_deeper {
            self.front = std::mem::take(&mut self.next);
        } else {
            self.graph += 1;
            if self.graph >= self.graphs.len() {
                return Ok(false);
            }
            self.seen.clear();
            self.front = self.origin(world)?;
        }
        self.enter(world)?;
        Ok(true)
    }

    /// Finds the edges that stand in a file.
    fn look_at(&mut self, world: &World<'_>, id: FileId) -> Result<(), StoreError> {
        let (Some(graph), Some(file)) = (self.graphs.get(self.graph), world.file(id)?) else { return Ok(()) };
        let mut edges = graph.edges(Walk { world, root: &self.root }, &file, &self.front)?;
        edges.sort_by_key(|edge| edge.position);
        let is_wanted = self.filter.admits(&file.row.path, file.row.language);
        // The levels of all graphs come one behind the other.
        let level = self.graph as u32 * (DEPTH_MAX + 1) + self.front.level;
        for Edge { row, position, to, is_ambiguous, is_certain, bytes } in edges {
            let (line, column) = (position.line.into(), position.column);
            let key = Cursor { score: level, path: file.row.path.clone(), line, column, ..Cursor::default() };
            let is_wanted = is_wanted && self.after.as_ref().is_none_or(|after| key > *after);
            if self.only_certain && !is_certain {
                if is_wanted {
                    self.edges.push_back((key, bytes, None));
                }
                continue;
            }
            for symbol in to {
                let is_asked = self.asked_name.as_deref() == Some(&*world.name(symbol)?);
                let is_new = spot_of(world, symbol)?.is_some_and(|spot| self.seen.insert(spot));
                if is_new && !is_asked {
                    self.next.add(world, symbol)?;
                }
            }
            self.ambiguous += u64::from(is_ambiguous && self.front.level < self.depth_max);
            if is_wanted {
                self.edges.push_back((key, bytes, Some(row)));
            }
        }
        Ok(())
    }
}

impl<G: Graph> Query for LevelQuery<G> {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        in_world(store, |world| self.page_in(world, page_bytes))
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

/// Whether definitions of this kind call others, or are called.
pub(super) fn is_callable(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Constructor | SymbolKind::Macro)
}
