//! Which files answer a question, best first.
//!
//! BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004) over the text of a file, its path, and
//! the names, signatures and documentation of its definitions; and beside it how much of the question stands close together. What is known
//! from the index of terms, text and path, chooses the files that are read and looked at more closely.

use std::collections::HashMap;

use crate::facts::{Definition, NameId};
use crate::kinds::{Language, SymbolKind};
use crate::resolve::{FileFacts, World};
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX};
use crate::store::{FileId, Snapshot, StoreError};
use crate::terms::Weight;
use crate::text::decode;

use super::super::filter::Filter;
use super::place::{Finder, lines_of, lower, of_density, of_passages};
use super::prior;
use super::question::Term;

/// What a term is worth in the path, in a definition's name, in the rest of its signature and in its documentation, where 1 is what many
/// of it in the text come to.
const PATH: f32 = 2.3;
const NAME: f32 = 1.0;
const SIGNATURE: f32 = 0.25;
const DOC: f32 = 0.5;
/// What of a container's name its members get.
const OF_CONTAINER: f32 = 0.6;
/// How much the best definition of a file counts for it, its best passage, and a term of which the file is full.
const DEFINITION: f32 = 0.8;
const PASSAGE: f32 = 0.5;
const DENSITY: f32 = 7.0;
/// What it is worth more that a definition is called just as the question says, the rarer the name the more.
const CALLED: f32 = 2.0;
/// How rare a name is, a small project cannot tell: it counts as one of so many files.
const TEXTS_MIN: f32 = 1_000.0;
/// Files whose paths are looked at.
pub(super) const FILES_MAX: usize = 600;
/// Files that are looked at more closely.
const READ_MAX: usize = 40;

/// What a score is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) text: f32,
    pub(super) path: f32,
    pub(super) definition: f32,
    pub(super) passage: f32,
    pub(super) density: f32,
    /// A factor.
    pub(super) prior: f32,
}

impl Parts {
    pub(super) fn score(&self) -> f32 {
        (self.text + self.path + self.definition + self.passage + self.density) * self.prior
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
    /// There are more files that have something of the question.
    pub(super) is_cut: bool,
}

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) terms: &'a [Term],
    /// Words of the question that are names.
    pub(super) names: &'a [String],
    /// Finds them in texts.
    pub(super) finder: &'a Finder,
    pub(super) filter: &'a Filter,
    /// Whether the definitions of a kind count.
    pub(super) counts: &'a dyn Fn(SymbolKind) -> bool,
}

/// The files that answer.
pub(super) fn rank(world: &World<'_>, root: &SourceRoot, asked: &Asked<'_>) -> Result<Ranking, StoreError> {
    let settings = Settings::of(root);
    let mut ranking = Ranking::default();
    let scores = by_text(world.snapshot, asked.terms, &mut ranking)?;
    let called = Called::of(world, asked.names)?;
    let of_file = |scored: Scored| (scored.1 + scored.2 + called.in_file(scored.0), scored);
    let mut scores: Vec<(f32, Scored)> = scores.into_iter().map(of_file).collect();
    scores.sort_unstable_by(|(a, scored), (b, other)| b.total_cmp(a).then(scored.0.cmp(&other.0)));
    let mut found = Vec::new();
    for (_, (file, text, path)) in scores {
        if found.len() >= FILES_MAX {
            ranking.is_cut = true;
            break;
        }
        let row = world.row(file)?.filter(|row| row.is_text() && asked.filter.admits(&row.path, row.language));
        let Some(row) = row else { continue };
        let definition = called.in_file(file);
        let prior = prior::of_path(&row.path, settings.is_generated(&row.path));
        let parts = Parts { text, path, definition, prior, ..Parts::default() };
        found.push(Ranked { file, path: row.path.clone(), language: row.language, parts, definitions: Vec::new() });
    }
    sort(&mut found);
    for ranked in found.iter_mut().take(READ_MAX) {
        let facts = world.file(ranked.file)?;
        let tests = facts.as_ref().map(|facts| prior::tests_within(world, facts)).transpose()?.unwrap_or_default();
        if let Source::Read(bytes, ..) = root.read(&ranked.path, TEXT_BYTES_MAX) {
            let text = decode(&bytes);
            let mut hits = asked.finder.hits(&text);
            tests.iter().for_each(|lines| lower(&mut hits, lines, prior::IN_TESTS));
            ranked.parts.passage = PASSAGE * of_passages(&hits, &ranking.idf);
            ranked.parts.density = DENSITY * of_density(&hits, text.len());
        }
        if let Some(facts) = facts {
            ranked.definitions = definitions(&facts, asked, &ranking.idf, &called.in_facts(world, &facts)?);
            let in_tests =
                |definition: &Definition| tests.iter().any(|lines| lines.contains(&lines_of(definition).start));
            for (score, definition) in ranked.definitions.iter_mut().zip(&facts.definitions) {
                *score *= if in_tests(definition) { prior::IN_TESTS } else { 1.0 };
            }
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

/// Files by what their text and their path are worth; notes of each term what it is worth.
fn by_text(snapshot: &Snapshot<'_>, terms: &[Term], ranking: &mut Ranking) -> Result<Vec<Scored>, StoreError> {
    let files = snapshot.texts() as f32;
    // What every file has is worth little, and not nothing: else a project of one file had no answers.
    let rarity = |holders: usize| (1.0 + (files - holders as f32).max(0.5) / (holders as f32 + 0.5)).ln();
    let mut sums = Sums::default();
    for term in terms {
        let holders = snapshot.find_term(&term.term)?;
        ranking.holders.push(holders.len());
        let mut idf = if holders.is_empty() { None } else { Some(rarity(holders.len())) };
        sums.add(&holders, idf.unwrap_or_default());
        for (other, worth) in &term.others {
            let holders = snapshot.find_term(other)?;
            if !holders.is_empty() {
                // Another word is never worth more than the one that was said, if that is known at all.
                let of_other = rarity(holders.len());
                sums.add(&holders, worth * idf.get_or_insert(of_other).min(of_other));
            }
        }
        sums.end_term();
        ranking.idf.push(idf.unwrap_or_default());
    }
    Ok(sums.scores().collect())
}

/// Definitions that are called as words of the question.
struct Called<'a> {
    /// What each name is worth.
    names: Vec<(&'a str, f32)>,
    /// The most of it, by file.
    files: HashMap<FileId, f32>,
}

impl<'a> Called<'a> {
    fn of(world: &World<'_>, names: &'a [String]) -> Result<Called<'a>, StoreError> {
        let mut called = Called { names: Vec::new(), files: HashMap::new() };
        for name in names {
            let definers = world.defining_files(name)?;
            if definers.is_empty() {
                continue;
            }
            let among = (world.snapshot.texts() as f32).max(TEXTS_MIN);
            let rarity = (1.0 + among / definers.len() as f32).ln();
            let worth = CALLED * rarity;
            called.names.push((name, worth));
            for file in definers {
                let most = called.files.entry(file).or_default();
                *most = most.max(worth);
            }
        }
        Ok(called)
    }

    fn in_file(&self, file: FileId) -> f32 {
        self.files.get(&file).copied().unwrap_or_default()
    }

    /// What the names of a file are worth.
    fn in_facts(&self, world: &World<'_>, facts: &FileFacts) -> Result<HashMap<NameId, f32>, StoreError> {
        let mut worths = HashMap::new();
        for (name, worth) in self.names.iter().filter(|_| self.files.contains_key(&facts.id())) {
            worths.extend(world.name_id(facts, name)?.map(|id| (id, *worth)));
        }
        Ok(worths)
    }
}

/// What texts and paths are worth, by file.
#[derive(Default)]
struct Sums {
    /// Of all terms so far.
    all: Vec<(f32, f32)>,
    /// Of this one: the most of the words that may stand for it.
    term: Vec<(f32, f32)>,
    /// The files in which it is.
    touched: Vec<FileId>,
}

impl Sums {
    /// The files that have a word that stands for the term.
    fn add(&mut self, holders: &[(FileId, Weight)], worth: f32) {
        for (file, weight) in holders {
            let index = *file as usize;
            if self.term.len() <= index {
                self.term.resize(index + 1, (0.0, 0.0));
            }
            let (text, path) = &mut self.term[index];
            if *text == 0.0 {
                self.touched.push(*file);
            }
            *text = text.max(worth * weight.in_text());
            *path = path.max(if weight.is_in_path() { worth * PATH } else { 0.0 });
        }
    }

    fn end_term(&mut self) {
        self.all.resize(self.term.len(), (0.0, 0.0));
        for file in self.touched.drain(..) {
            let (text, path) = std::mem::take(&mut self.term[file as usize]);
            self.all[file as usize].0 += text;
            self.all[file as usize].1 += path;
        }
    }

    fn scores(&self) -> impl Iterator<Item = Scored> {
        let found = (0..).zip(&self.all).filter(|(_, (text, _))| *text > 0.0);
        found.map(|(file, (text, path))| (file, *text, *path))
    }
}

/// What the words of each definition of a file are worth, where its kind counts.
fn definitions(facts: &FileFacts, asked: &Asked<'_>, idf: &[f32], called: &HashMap<NameId, f32>) -> Vec<f32> {
    let mut named: Vec<f32> = Vec::with_capacity(facts.definitions.len());
    let mut scores = Vec::with_capacity(facts.definitions.len());
    for definition in &facts.definitions {
        let (head, rest) = definition.signature.split_at(head_bytes(&definition.signature));
        let mut weights = vec![0.0f32; asked.terms.len()];
        for (text, weight) in [(head, NAME), (rest, SIGNATURE), (definition.doc.as_str(), DOC)] {
            asked.finder.each(text.as_bytes(), |index, worth, _| weights[index] = weights[index].max(weight * worth));
        }
        let own: f32 = weights.iter().zip(idf).map(|(weight, idf)| weight * idf).sum();
        let container = definition.container.and_then(|id| named.get(id as usize)).copied().unwrap_or(0.0);
        let score = own + OF_CONTAINER * container;
        named.push(score);
        let score = score + called.get(&definition.name).copied().unwrap_or_default();
        scores.push(if (asked.counts)(definition.kind) { score * prior::of_kind(definition.kind) } else { 0.0 });
    }
    scores
}

/// How much of a signature comes before parameters, bases, a type or a value: there the name stands.
fn head_bytes(signature: &str) -> usize {
    signature.find(['(', '{', '=', '<', ':']).unwrap_or(signature.len())
}
