//! The shape of a project under a budget of tokens: its directories and files, those first to which most refers, with their main
//! definitions.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use crate::facts::Definition;
use crate::kinds::SymbolKind;
use crate::resolve::{FileFacts, Symbol, World};
use crate::settings::Settings;
use crate::store::{NameRank, ProjectStore, RankedFile, Ranks, StoreError};

use super::absent::why_not_held;
use super::filter::Filter;
use super::nothing;
use super::page::{Course, ROW_BYTES, next_page};
use super::search::{is_test as is_path_of_test, prior_of_path};
use super::tokens::{TokenBudget, tokens};
use super::users::is_test;
use super::{Options, Page, Query, QueryError, Report, Rows, in_world};

/// Definitions that are named of a file.
const NAMED_MAX: usize = 4;
/// Blanks before each level of the tree.
const INDENT: usize = 2;
/// Blanks between a name and what is said of it.
const GAP: usize = 2;
/// Files that may find no room before no further ones are tried.
const MISSES_MAX: u32 = 16;
/// The share of the budget for the directories at the top, which are the shape of the whole.
const TOP_SHARE: u32 = 3;

/// How a project is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct MapRequest {
    /// Most tokens of the answer.
    pub tokens_max: u32,
    /// Levels that are shown; `None` = all.
    pub depth: Option<u32>,
}

/// A directory or file of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// The end of the path, to print behind two blanks for each level: what is below the row around it, of a directory with a slash
    /// at its end.
    pub name: String,
    /// What to print two blanks behind it: of a directory how many files it has, of a file its main definitions; may be empty.
    pub detail: String,
    /// It is a directory.
    pub is_directory: bool,
    /// Rows around it.
    pub depth: u32,
    /// Files in it; 1 if it is one.
    pub files: u64,
    /// How much refers to it, higher is more; comparable within one answer only.
    pub rank: f32,
    /// Its main definitions, those to which most refers first.
    pub symbols: Vec<MapSymbol>,
    /// What its line takes of the budget.
    pub tokens: u32,
}

/// A main definition of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapSymbol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Line of its name, from 1.
    pub line: u32,
}

/// The main directories and files, as a tree.
pub fn map(_store: &ProjectStore, request: MapRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    if request.depth == Some(0) {
        return Err(QueryError::Argument("a map of no level shows nothing; give --depth 1 or more".into()));
    }
    Ok(Box::new(MapQuery {
        budget: TokenBudget::new(request.tokens_max)?,
        depth_max: request.depth.unwrap_or(u32::MAX),
        filter: Filter::new(&options)?,
        course: Course::new(&options),
        rows: VecDeque::new(),
    }))
}

struct MapQuery {
    budget: TokenBudget,
    depth_max: u32,
    filter: Filter,
    course: Course,
    /// What no page held yet: all of it is found at once, and is no more than the budget.
    rows: VecDeque<MapRow>,
}

impl Query for MapQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        if self.course.is_new() {
            in_world(store, |world| self.begin(world, store.root()))?;
        }
        let bytes_of = |row: &MapRow| ROW_BYTES + row.path.len() + row.name.len() + row.detail.len() * 2;
        let rows = next_page(&mut self.rows, &mut self.course, page_bytes, bytes_of);
        Ok(Page { rows: Rows::Map(rows, self.budget), done: self.rows.is_empty() })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl MapQuery {
    fn begin(&mut self, world: &World<'_>, root: &Path) -> Result<(), QueryError> {
        self.course.begin_page(world.snapshot.generation());
        let settings = Settings::at(root);
        let prior = |path: &[u8]| prior_of_path(path, settings.is_generated(path));
        let ranks = world.snapshot.ranks(settings.generated_mark(), prior)?;
        let mut tree = Tree::new(&ranks, &self.filter);
        if tree.nodes.is_empty() {
            let filters = self.filter.given_with_paths();
            self.course.explain(match filters.is_empty() {
                true => "the index holds no text".to_owned(),
                false => nothing::left_none(&filters, "files"),
            });
            for path in self.filter.paths() {
                self.course.note_if(why_not_held(world.snapshot, root, path)?);
            }
            return Ok(());
        }
        tree.choose(world, self.depth_max, &mut self.budget)?;
        self.rows = tree.rows().into();
        if self.rows.is_empty() {
            return Err(QueryError::Argument(self.budget.no_room("one line")));
        }
        let shown = self.rows.iter().filter(|row| !row.is_directory).count() as u64;
        let files = tree.files;
        self.budget.left_out = files - shown;
        self.course.note(format!("{}; {shown} of {files} files", self.budget.sentence()));
        Ok(())
    }
}

/// A directory or a file.
struct Node {
    /// Where its own name begins in the path of the first file below.
    start: usize,
    /// Where it ends.
    end: usize,
    /// The first file below, which is itself if it is a file.
    first: usize,
    parent: Option<usize>,
    is_file: bool,
    /// Directories and files in it.
    children: u32,
    files: u64,
    rank: f32,
    /// It is shown as a part of the one directory in it.
    is_joined: bool,
    /// Shown directories around it.
    depth: u32,
    /// What its line takes, if it is shown.
    tokens: u32,
    symbols: Vec<MapSymbol>,
}

/// Directories and files, each behind the directory that it is in.
struct Tree {
    ranks: Arc<Ranks>,
    nodes: Vec<Node>,
    files: u64,
}

impl Tree {
    fn new(ranks: &Arc<Ranks>, filter: &Filter) -> Tree {
        let mut tree = Tree { ranks: Arc::clone(ranks), nodes: Vec::new(), files: 0 };
        // The directories around the file before.
        let mut open: Vec<usize> = Vec::new();
        for (file, first) in ranks.files.iter().zip(0..) {
            if filter.admits(&file.path, file.language) {
                tree.add(file, first, &mut open);
            }
        }
        tree.join();
        tree
    }

    /// Adds a file, which stands behind the one before.
    fn add(&mut self, file: &RankedFile, first: usize, open: &mut Vec<usize>) {
        let path = &file.path;
        let is_around = |node: &Node| {
            let other = &self.ranks.files[node.first].path;
            path.len() > node.end && path[node.end] == b'/' && path[..node.end] == other[..node.end]
        };
        while open.last().is_some_and(|last| !is_around(&self.nodes[*last])) {
            open.pop();
        }
        let mut start = open.last().map_or(0, |last| self.nodes[*last].end + 1);
        while let Some(length) = memchr::memchr(b'/', &path[start..]) {
            let (end, parent) = (start + length, open.last().copied());
            open.push(self.push(Node { is_file: false, ..Node::new(start, end, first, parent) }));
            start = end + 1;
        }
        self.push(Node::new(start, path.len(), first, open.last().copied()));
        let file_node = self.nodes.len() - 1;
        for node in open.iter().copied().chain([file_node]) {
            self.nodes[node].files += 1;
            self.nodes[node].rank += file.rank;
        }
        self.files += 1;
    }

    fn push(&mut self, node: Node) -> usize {
        if let Some(parent) = node.parent {
            self.nodes[parent].children += 1;
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Joins each directory that holds one directory and nothing else with that.
    fn join(&mut self) {
        for index in 0..self.nodes.len() {
            let parent = self.nodes[index].parent;
            if let Some(parent) = parent
                && self.nodes[parent].children == 1
                && !self.nodes[index].is_file
            {
                self.nodes[parent].is_joined = true;
                self.nodes[index].start = self.nodes[parent].start;
            }
        }
        for index in 0..self.nodes.len() {
            let depth = self.nodes[index]
                .parent
                .map_or(0, |parent| self.nodes[parent].depth + u32::from(!self.nodes[parent].is_joined));
            self.nodes[index].depth = depth;
        }
    }

    /// Chooses what is shown: the directories at the top, then files, each with the directories around it, then what else has room.
    fn choose(&mut self, world: &World<'_>, depth_max: u32, budget: &mut TokenBudget) -> Result<(), StoreError> {
        let mut by_rank: Vec<usize> = (0..self.nodes.len()).filter(|node| self.may_show(*node, depth_max)).collect();
        let rank = |node: &usize| self.nodes[*node].rank;
        // Behind a path that is less stands the later node.
        by_rank.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then(a.cmp(b)));
        let (directories, files): (Vec<usize>, Vec<usize>) =
            by_rank.into_iter().partition(|node| !self.nodes[*node].is_file);
        for node in &directories {
            if self.nodes[*node].depth == 0 && budget.used < budget.max / TOP_SHARE {
                self.show(*node, budget);
            }
        }
        let mut misses = 0;
        for node in files {
            if misses >= MISSES_MAX {
                break;
            }
            let file = &self.ranks.files[self.nodes[node].first];
            if let Some(facts) = world.file(file.id)? {
                self.nodes[node].symbols = main_symbols(world, &facts, &file.names)?;
            }
            self.show(node, budget);
            misses += u32::from(self.nodes[node].tokens == 0);
        }
        // Where files have found no room, a directory that does would be shown for its short name alone.
        if misses < MISSES_MAX {
            directories.into_iter().for_each(|node| self.show(node, budget));
        }
        Ok(())
    }

    fn may_show(&self, node: usize, depth_max: u32) -> bool {
        let node = &self.nodes[node];
        !node.is_joined && node.depth < depth_max
    }

    /// Shows a directory or file and the directories around it, if there is room for their lines.
    fn show(&mut self, node: usize, budget: &mut TokenBudget) {
        let around = std::iter::successors(Some(node), |node| self.nodes[*node].parent);
        let is_new = |node: &usize| !self.nodes[*node].is_joined && self.nodes[*node].tokens == 0;
        let lines: Vec<(usize, usize)> = around.filter(is_new).map(|node| (node, self.line_tokens(node))).collect();
        if budget.take(lines.iter().map(|(_, tokens)| tokens).sum()) {
            for (node, tokens) in lines {
                self.nodes[node].tokens = tokens as u32;
            }
        }
    }

    fn line_tokens(&self, node: usize) -> usize {
        let detail = self.detail(node);
        let gap = if detail.is_empty() { 0 } else { GAP };
        tokens(self.nodes[node].depth as usize * INDENT + self.name(node).len() + gap + detail.len() + 1)
    }

    fn name(&self, node: usize) -> String {
        let Node { start, end, first, is_file, .. } = self.nodes[node];
        let name = String::from_utf8_lossy(&self.ranks.files[first].path[start..end]).replace('\n', "\\n");
        if is_file { name } else { name + "/" }
    }

    fn detail(&self, node: usize) -> String {
        let node = &self.nodes[node];
        match node.files {
            _ if node.is_file => node.symbols.iter().map(|symbol| symbol.name.as_str()).collect::<Vec<_>>().join(", "),
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        }
    }

    /// What is shown, what is in a directory behind it and by rank.
    fn rows(&self) -> Vec<MapRow> {
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut top = Vec::new();
        for node in (0..self.nodes.len()).filter(|node| self.nodes[*node].tokens > 0) {
            let mut around = std::iter::successors(self.nodes[node].parent, |parent| self.nodes[*parent].parent);
            match around.find(|parent| !self.nodes[*parent].is_joined) {
                Some(parent) => below[parent].push(node),
                None => top.push(node),
            }
        }
        let by_rank = |nodes: &mut Vec<usize>| {
            nodes.sort_by(|a, b| self.nodes[*a].rank.total_cmp(&self.nodes[*b].rank).then(b.cmp(a)));
        };
        by_rank(&mut top);
        below.iter_mut().for_each(by_rank);
        let (mut rows, mut open) = (Vec::new(), top);
        while let Some(node) = open.pop() {
            rows.push(self.row(node));
            open.append(&mut below[node]);
        }
        rows
    }

    fn row(&self, index: usize) -> MapRow {
        let node = &self.nodes[index];
        MapRow {
            path: self.ranks.files[node.first].path[..node.end].to_vec(),
            name: self.name(index),
            detail: self.detail(index),
            is_directory: !node.is_file,
            depth: node.depth,
            files: node.files,
            rank: node.rank,
            symbols: node.symbols.clone(),
            tokens: node.tokens,
        }
    }
}

impl Node {
    /// A file of which nothing is counted yet.
    fn new(start: usize, end: usize, first: usize, parent: Option<usize>) -> Node {
        Node {
            start,
            end,
            first,
            parent,
            is_file: true,
            children: 0,
            files: 0,
            rank: 0.0,
            is_joined: false,
            depth: 0,
            tokens: 0,
            symbols: Vec::new(),
        }
    }
}

/// The definitions at the top of a file to which most refers; behind them the longest.
fn main_symbols(world: &World<'_>, file: &FileFacts, names: &[NameRank]) -> Result<Vec<MapSymbol>, StoreError> {
    let mentioned = |name: u32| names.iter().position(|rank| file.name_of(*rank) == Some(name)).unwrap_or(names.len());
    let is_top = |container: Option<u32>| container.is_none_or(|of| holds_the_top(file.definitions[of as usize].kind));
    let top = file.definitions.iter().zip(0..).filter(|(one, _)| is_main(one.kind) && is_top(one.container));
    let lines = |one: &Definition| one.end_line.saturating_sub(one.start_line);
    let mut top: Vec<_> = top.map(|(one, id)| ((mentioned(one.name), Reverse(lines(one)), id), one)).collect();
    top.sort_unstable_by_key(|(order, _)| *order);
    let mut symbols: Vec<MapSymbol> = Vec::new();
    for ((.., id), one) in top {
        if symbols.len() >= NAMED_MAX {
            break;
        }
        // Tests beside the code that they test are not what the file is there for.
        if is_test(world, file, Some(id))? && !is_path_of_test(&file.row.path) {
            continue;
        }
        let name = world.name(Symbol { file: file.id(), id })?.to_string();
        if !symbols.iter().any(|known| known.name == name) {
            symbols.push(MapSymbol { name, kind: one.kind, line: one.position.line });
        }
    }
    Ok(symbols)
}

/// Whether a definition of this kind may be what a file is there for.
fn is_main(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    !matches!(kind, Impl | Variable | Constant | Field | Property | Variant | Element | Module | Package | Namespace)
}

/// Whether what stands in a definition of this kind stands at the top of the file all the same.
fn holds_the_top(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Namespace | SymbolKind::Package | SymbolKind::Module)
}
