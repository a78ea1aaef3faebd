//! The shape of a project under a budget of tokens: its directories and files, those first to which most refers, with their main
//! definitions.

use std::collections::BTreeMap;

use crate::kinds::SymbolKind;
use crate::resolve::{Symbol, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::context::tokens;
use super::filter::Filter;
use super::page::Course;
use super::search::prior_of_path;
use super::{MapRequest, MapRow, Options, Page, Query, QueryError, Report, Rows, in_world};

/// Definitions that are named of a file.
const NAMED_MAX: usize = 4;
/// Definitions of a file among which the main ones are chosen.
const CONSIDERED_MAX: usize = 24;
/// What a level of the tree is indented by.
const INDENT: usize = 2;

/// The main directories and files, as a tree.
pub fn map(store: &ProjectStore, request: MapRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let _exists = store.summary();
    Ok(Box::new(MapQuery { filter: Filter::new(&options)?, course: Course::new(&options), request }))
}

struct MapQuery {
    request: MapRequest,
    filter: Filter,
    course: Course,
}

/// A directory, or a file.
#[derive(Default)]
struct Node {
    children: BTreeMap<Vec<u8>, Node>,
    /// Of a file.
    file: Option<FileId>,
    files: u64,
    rank: f32,
    symbols: Vec<String>,
    is_shown: bool,
}

impl Query for MapQuery {
    fn page(&mut self, store: &ProjectStore, _page_bytes: usize) -> Result<Page, QueryError> {
        let rows = in_world(store, |world| {
            self.course.begin_page(world.snapshot.generation());
            self.rows(world)
        })?;
        for _ in &rows {
            let _counted = self.course.take_row(|| None);
        }
        Ok(Page { rows: Rows::Map(rows), done: true })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl MapQuery {
    fn rows(&mut self, world: &World<'_>) -> Result<Vec<MapRow>, QueryError> {
        let mut root = Node::default();
        let mut by_rank = self.tree(world, &mut root)?;
        by_rank.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut left = self.request.tokens as usize;
        let (mut left_out, all) = (0u64, by_rank.len());
        for (_, path) in &by_rank {
            if !self.show(world, &mut root, path, &mut left)? {
                left_out += 1;
            }
        }
        if left_out as usize == all && all > 0 {
            let tokens = self.request.tokens;
            return Err(QueryError::Argument(format!("{tokens} tokens have no room for one file; give more with --tokens")));
        }
        if left_out > 0 {
            self.course.note(format!("files that the budget of {} tokens has no room for: {left_out}", self.request.tokens));
        }
        let mut rows = Vec::new();
        flatten(&root, &mut Vec::new(), 0, &mut rows);
        Ok(rows)
    }

    /// Puts the files into the tree; returns them with their ranks.
    fn tree(&self, world: &World<'_>, root: &mut Node) -> Result<Vec<(f32, Vec<u8>)>, StoreError> {
        let ranks = world.snapshot.ranks()?;
        let mut files = Vec::new();
        world.snapshot.each_file(None, |row| {
            if !row.is_text() || !self.filter.admits(&row.path, row.language) {
                return true;
            }
            let symbols = row.structure.as_ref().map_or(0, |structure| structure.symbols);
            let rank = (1.0 + ranks.of(row.id) + 0.1 * symbols as f32).ln() * prior_of_path(&row.path);
            let mut node = &mut *root;
            (node.files, node.rank) = (node.files + 1, node.rank + rank);
            for part in self.shown(&row.path).split(|byte| *byte == b'/') {
                node = node.children.entry(part.to_vec()).or_default();
                (node.files, node.rank) = (node.files + 1, node.rank + rank);
            }
            node.file = Some(row.id).filter(|_| self.shown(&row.path).len() == row.path.len());
            files.push((rank, self.shown(&row.path).to_vec()));
            true
        })?;
        Ok(files)
    }

    /// What of a path is shown: as many parts as the depth allows.
    fn shown<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let Some(depth) = self.request.depth else { return path };
        let mut slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        slashes.nth((depth.max(1) - 1) as usize).map_or(path, |at| &path[..at])
    }

    /// Shows a file and the directories around it, if the budget has room for the lines.
    fn show(&self, world: &World<'_>, root: &mut Node, path: &[u8], left: &mut usize) -> Result<bool, StoreError> {
        let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let symbols = match find(root, &parts).and_then(|node| node.file) {
            Some(file) if *left > 0 => main_symbols(world, file)?,
            _ => Vec::new(),
        };
        let mut cost = 0;
        let mut node = &*root;
        for (depth, part) in parts.iter().enumerate() {
            let Some(child) = node.children.get(*part) else { return Ok(false) };
            node = child;
            if !node.is_shown {
                let named = if node.file.is_some() { symbols.iter().map(|name| name.len() + 2).sum() } else { 12 };
                cost += tokens(depth * INDENT + part.len() + named + 2);
            }
        }
        if cost > *left {
            return Ok(false);
        }
        *left -= cost;
        let mut node = root;
        for part in parts {
            let Some(child) = node.children.get_mut(part) else { return Ok(false) };
            node = child;
            node.is_shown = true;
        }
        if node.file.is_some() {
            node.symbols = symbols;
        }
        Ok(true)
    }
}

fn find<'n>(root: &'n Node, parts: &[&[u8]]) -> Option<&'n Node> {
    parts.iter().try_fold(root, |node, part| node.children.get(*part))
}

/// The definitions of a file that most files mention.
fn main_symbols(world: &World<'_>, file: FileId) -> Result<Vec<String>, StoreError> {
    let Some(facts) = world.file(file)? else { return Ok(Vec::new()) };
    let is_main = |kind: SymbolKind| !matches!(kind, SymbolKind::Impl | SymbolKind::Variable | SymbolKind::Field | SymbolKind::Module);
    let top = facts.definitions.iter().zip(0..).filter(|(definition, _)| definition.container.is_none() && is_main(definition.kind));
    let mut considered: Vec<(u32, u32)> = top.map(|(definition, id)| (definition.end_line - definition.start_line.min(definition.end_line), id)).collect();
    considered.sort_unstable_by(|a, b| b.cmp(a));
    let mut mentioned = Vec::new();
    for (lines, id) in considered.into_iter().take(CONSIDERED_MAX) {
        let name = world.name(Symbol { file, id })?;
        mentioned.push((world.hits(&name)?.len(), lines, name));
    }
    mentioned.sort_by(|a, b| b.cmp(a));
    let mut names: Vec<String> = Vec::new();
    for (.., name) in mentioned {
        if names.len() < NAMED_MAX && !names.iter().any(|known| **known == *name) {
            names.push(name.to_string());
        }
    }
    Ok(names)
}

/// The shown nodes as rows, those of higher rank first, each before what is in it.
fn flatten(node: &Node, path: &mut Vec<u8>, depth: u32, rows: &mut Vec<MapRow>) {
    let mut children: Vec<(&Vec<u8>, &Node)> = node.children.iter().filter(|(_, child)| child.is_shown).collect();
    children.sort_by(|a, b| b.1.rank.total_cmp(&a.1.rank).then_with(|| a.0.cmp(b.0)));
    for (name, child) in children {
        let length = path.len();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        rows.push(MapRow {
            path: path.clone(),
            is_directory: child.file.is_none(),
            depth,
            files: child.files,
            rank: child.rank,
            symbols: child.symbols.clone(),
        });
        flatten(child, path, depth + 1, rows);
        path.truncate(length);
    }
}
