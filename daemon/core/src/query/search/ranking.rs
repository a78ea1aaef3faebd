//! Which files answer a question, best first.
//!
//! BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004) over the text of a file, its path, and
//! the names, signatures and documentation of its definitions. The text's part comes from the index of terms and chooses the files that
//! are looked at more closely: first their paths, then their definitions.

use crate::kinds::{Language, SymbolKind};
use crate::resolve::{FileFacts, World};
use crate::store::{FileId, Snapshot, StoreError};
use crate::terms::each_term;

use super::super::filter::Filter;
use super::prior;
use super::question::Term;

/// What a term is worth in the path, in a definition's name, in the rest of its signature and in its documentation, where 1 is what many
/// of it in the text come to.
const PATH: f32 = 0.7;
const NAME: f32 = 1.0;
const SIGNATURE: f32 = 0.3;
const DOC: f32 = 0.5;
/// What of a container's name its members get.
const OF_CONTAINER: f32 = 0.4;
/// How much the best definition of a file counts for it.
const DEFINITION: f32 = 0.8;
/// Files whose paths are looked at.
const FILES_MAX: usize = 600;
/// Files whose definitions are looked at.
const DEFINED_MAX: usize = 64;

/// What a score is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) text: f32,
    pub(super) path: f32,
    pub(super) definition: f32,
    /// A factor.
    pub(super) prior: f32,
}

impl Parts {
    pub(super) fn score(&self) -> f32 {
        (self.text + self.path + self.definition) * self.prior
    }
}

/// A file that answers.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) file: FileId,
    pub(super) path: Vec<u8>,
    pub(super) language: Option<Language>,
    pub(super) parts: Parts,
    /// Of each of its definitions, what its own words are worth.
    pub(super) definitions: Vec<f32>,
}

/// What answers, and how.
#[derive(Default)]
pub(super) struct Ranking {
    /// The files, the best first.
    pub(super) files: Vec<Ranked>,
    /// What each term is worth: the rarer the more.
    pub(super) idf: Vec<f32>,
    /// For each term how many files have it.
    pub(super) holders: Vec<usize>,
}

/// The files that answer. Definitions count if they are of a kind that does.
pub(super) fn rank(
    world: &World<'_>,
    terms: &[Term],
    filter: &Filter,
    counts: &impl Fn(SymbolKind) -> bool,
) -> Result<Ranking, StoreError> {
    let mut ranking = Ranking::default();
    let scores = by_text(world.snapshot, terms, &mut ranking)?;
    let mut found = Vec::new();
    for (file, text, path) in scores {
        if found.len() >= FILES_MAX {
            break;
        }
        let Some(row) = world.row(file)?.filter(|row| row.is_text() && filter.admits(&row.path, row.language)) else {
            continue;
        };
        let parts = Parts { text, path, definition: 0.0, prior: prior::of_path(&row.path) };
        found.push(Ranked { file, path: row.path.clone(), language: row.language, parts, definitions: Vec::new() });
    }
    sort(&mut found);
    for ranked in found.iter_mut().take(DEFINED_MAX) {
        if let Some(facts) = world.file(ranked.file)? {
            ranked.definitions = definitions(&facts, terms, &ranking.idf, counts);
            ranked.parts.definition = DEFINITION * ranked.definitions.iter().copied().fold(0.0, f32::max);
        }
    }
    sort(&mut found);
    ranking.files = found;
    Ok(ranking)
}

fn sort(found: &mut [Ranked]) {
    found.sort_by(|a, b| b.parts.score().total_cmp(&a.parts.score()).then_with(|| a.path.cmp(&b.path)));
}

/// A file, and what its text and its path are worth.
type Scored = (FileId, f32, f32);

/// Files by what their text and their path are worth, the best first; notes of each term what it is worth.
fn by_text(snapshot: &Snapshot<'_>, terms: &[Term], ranking: &mut Ranking) -> Result<Vec<Scored>, StoreError> {
    let files = snapshot.texts() as f32;
    let mut sums: Vec<(f32, f32)> = Vec::new();
    for term in terms {
        let holders = snapshot.find_term(&term.term)?;
        ranking.holders.push(holders.len());
        let count = holders.len() as f32;
        // What every file has is worth little, and not nothing: else a project of one file had no answers.
        let worth = (1.0 + (files - count).max(0.5) / (count + 0.5)).ln();
        for (file, weight) in holders {
            let index = file as usize;
            if sums.len() <= index {
                sums.resize(index + 1, (0.0, 0.0));
            }
            sums[index].0 += worth * weight.in_text();
            sums[index].1 += if weight.is_in_path() { worth * PATH } else { 0.0 };
        }
        ranking.idf.push(worth);
    }
    let numbered = (0..).zip(sums).filter(|(_, (text, path))| *text + *path > 0.0);
    let mut scores: Vec<Scored> = numbered.map(|(file, (text, path))| (file, text, path)).collect();
    scores.sort_unstable_by(|a, b| (b.1 + b.2).total_cmp(&(a.1 + a.2)).then(a.0.cmp(&b.0)));
    Ok(scores)
}

/// What the words of each definition of a file are worth, where its kind counts.
fn definitions(facts: &FileFacts, terms: &[Term], idf: &[f32], counts: &impl Fn(SymbolKind) -> bool) -> Vec<f32> {
    let mut names: Vec<f32> = Vec::with_capacity(facts.definitions.len());
    let mut scores = Vec::with_capacity(facts.definitions.len());
    for definition in &facts.definitions {
        let (head, rest) = definition.signature.split_at(head_bytes(&definition.signature));
        let mut weights = vec![0.0f32; terms.len()];
        for (text, weight) in [(head, NAME), (rest, SIGNATURE), (definition.doc.as_str(), DOC)] {
            each_term(text, |term, _| {
                if let Some(index) = terms.iter().position(|wanted| wanted.term == term) {
                    weights[index] = weights[index].max(weight);
                }
            });
        }
        let own: f32 = weights.iter().zip(idf).map(|(weight, idf)| weight * idf).sum();
        let container = definition.container.and_then(|id| names.get(id as usize)).copied().unwrap_or(0.0);
        let score = own + OF_CONTAINER * container;
        names.push(score);
        let is_place =
            !matches!(definition.kind, SymbolKind::Variable | SymbolKind::Field | SymbolKind::Element) || own > 0.0;
        scores.push(if is_place && counts(definition.kind) { score } else { 0.0 });
    }
    scores
}

/// How much of a signature comes before parameters, bases, a type or a value: there the name stands.
fn head_bytes(signature: &str) -> usize {
    signature.find(['(', '{', '=', '<', ':']).unwrap_or(signature.len())
}
