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
use crate::store::{FileId, FileStat, Snapshot, StoreError, TextFile};
use crate::terms::Weight;
use crate::text::decode;

use super::super::filter::Filter;
use super::place::{Finder, Hit, lines_of, lower, of_density, of_passages};
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
/// Most files that answer.
pub(super) const FILES_MAX: usize = 600;
/// Files that are looked at more closely.
const READ_MAX: usize = 40;
/// Files whose paths are looked at together.
const FILES_AT_ONCE: usize = 64;
/// Places of words that are kept for the rows of a page, of all files together: a few megabytes.
const HITS_MAX: usize = 100_000;

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
#[derive(Debug)]
pub(super) struct Ranked {
    pub(super) file: FileId,
    pub(super) path: Vec<u8>,
    pub(super) language: Option<Language>,
    pub(super) parts: Parts,
    /// Of each of its definitions, what its own words are worth.
    pub(super) definitions: Vec<f32>,
    /// What is asked for in it, if it was read just now, and the stat of what was read.
    pub(super) hits: Option<(FileStat, Vec<Hit>)>,
}

/// What answers, and how.
#[derive(Default)]
pub(super) struct Ranking {
    /// The files whose paths were looked at, the best first; see [`Ranking::settle`].
    pub(super) files: Vec<Ranked>,
    /// Those that have something of the question, and whose paths were not.
    rest: Candidates,
    settings: Settings,
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
    let Scores { of_files, idf, holders } = by_text(world.snapshot, asked.terms)?;
    let called = Called::of(world, asked.names)?;
    let rest = Candidates::new(of_files, &called);
    let mut ranking = Ranking { files: Vec::new(), rest, settings: Settings::of(root), idf, holders, is_cut: false };
    while ranking.known_best() < READ_MAX && ranking.look_at_more(world, asked.filter)? {}
    sort(&mut ranking.files);
    let mut hits_left = HITS_MAX;
    for ranked in ranking.files.iter_mut().take(READ_MAX) {
        let facts = world.file(ranked.file)?;
        let tests = facts.as_ref().map(|facts| prior::tests_within(world, facts)).transpose()?.unwrap_or_default();
        if let Source::Read(bytes, stat, _) = root.read(&ranked.path, TEXT_BYTES_MAX) {
            let text = decode(&bytes);
            let mut hits = asked.finder.hits(&text);
            tests.iter().for_each(|lines| lower(&mut hits, lines, prior::IN_TESTS));
            if !prior::is_generated(&ranked.path, &ranking.settings) && prior::says_generated(&text) {
                ranked.parts.prior *= prior::GENERATED;
            }
            ranked.parts.passage = PASSAGE * of_passages(&hits, &ranking.idf);
            ranked.parts.density = DENSITY * of_density(&hits, text.len());
            if let Some(left) = hits_left.checked_sub(hits.len()) {
                hits_left = left;
                ranked.hits = Some((stat, hits));
            }
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
    sort(&mut ranking.files);
    Ok(ranking)
}

impl Ranking {
    /// Makes certain which file stands at a place, by looking at paths until no other can come before it; `false` if fewer answer.
    pub(super) fn settle(&mut self, place: usize, world: &World<'_>, filter: &Filter) -> Result<bool, StoreError> {
        let is_certain = |ranking: &Ranking| {
            ranking.files.get(place).is_some_and(|ranked| ranked.parts.score() > ranking.rest.most())
        };
        while !is_certain(self) && self.look_at_more(world, filter)? {
            sort(&mut self.files);
        }
        Ok(place < self.files.len())
    }

    /// Makes certain where each file stands.
    pub(super) fn settle_all(&mut self, world: &World<'_>, filter: &Filter) -> Result<(), StoreError> {
        self.settle(FILES_MAX, world, filter).map(drop)
    }

    /// Lets go of what only makes the rows of one page cheaper.
    pub(super) fn forget_hits(&mut self) {
        self.files.iter_mut().for_each(|ranked| ranked.hits = None);
    }

    /// How many of the files are surely better than all whose paths were not looked at.
    fn known_best(&self) -> usize {
        let most = self.rest.most();
        self.files.iter().filter(|ranked| ranked.parts.score() > most).count()
    }

    /// Looks at the paths of some more files, the likeliest first; `false` if there are none.
    fn look_at_more(&mut self, world: &World<'_>, filter: &Filter) -> Result<bool, StoreError> {
        let mut are_there = false;
        for _ in 0..FILES_AT_ONCE {
            if self.files.len() >= FILES_MAX {
                self.is_cut |= self.rest.next().is_some();
                self.rest.end();
            }
            let Some(Candidate { file, text, path, called }) = self.rest.next() else { break };
            are_there = true;
            let row = world.snapshot.text_file(file)?.filter(|row| filter.admits(&row.path, row.language));
            let Some(TextFile { path: place, language, .. }) = row else { continue };
            let prior = prior::of_path(&place, self.settings.is_generated(&place));
            let parts = Parts { text, path, definition: called, prior, ..Parts::default() };
            self.files.push(Ranked { file, path: place, language, parts, definitions: Vec::new(), hits: None });
        }
        Ok(are_there)
    }
}

fn sort(found: &mut [Ranked]) {
    found.sort_by(|a, b| b.parts.score().total_cmp(&a.parts.score()).then_with(|| a.path.cmp(&b.path)));
}

/// A file, and what its text, its path and the names that it defines are worth.
struct Candidate {
    file: FileId,
    text: f32,
    path: f32,
    called: f32,
}

/// Files that have something of the question, the likeliest first. There may be as many as the project has, of which few are wanted: no
/// more of them are sorted.
#[derive(Default)]
struct Candidates {
    /// What text and path of each file are worth.
    scores: Vec<(f32, f32)>,
    /// And the names that it defines.
    called: Vec<f32>,
    /// Files by what all is worth, the upper half of each number, which is smaller the more that is; sorted up to `sorted`.
    order: Vec<u64>,
    sorted: usize,
    next: usize,
}

impl Candidates {
    fn new(scores: Vec<(f32, f32)>, called: &Called<'_>) -> Candidates {
        let found = (0..).zip(&scores).filter(|(_, (text, _))| *text > 0.0);
        // The bits of positive numbers are in their order.
        let of = |(file, (text, path)): (FileId, &(f32, f32))| {
            u64::from(!(text + path + called.in_file(file)).to_bits()) << 32 | u64::from(file)
        };
        let order = found.map(of).collect();
        let mut candidates = Candidates { scores, called: called.files.clone(), order, ..Candidates::default() };
        candidates.sort_more();
        candidates
    }

    /// What the next one is worth before it is known how likely its path is, which makes it no more.
    fn most(&self) -> f32 {
        self.order.get(self.next).map_or(0.0, |place| f32::from_bits(!((place >> 32) as u32)))
    }

    fn next(&mut self) -> Option<Candidate> {
        let file = *self.order.get(self.next)? as FileId;
        self.next += 1;
        if self.next == self.sorted {
            self.sort_more();
        }
        let (text, path) = self.scores.get(file as usize).copied().unwrap_or_default();
        Some(Candidate { file, text, path, called: self.called.get(file as usize).copied().unwrap_or_default() })
    }

    /// Has no further one come.
    fn end(&mut self) {
        self.order.truncate(self.next);
    }

    fn sort_more(&mut self) {
        let rest = &mut self.order[self.sorted..];
        let count = rest.len().min(self.sorted.max(4 * FILES_AT_ONCE));
        if count < rest.len() {
            rest.select_nth_unstable(count);
        }
        rest[..count].sort_unstable();
        self.sorted += count;
    }
}

/// What files are worth by their texts and paths.
#[derive(Default)]
struct Scores {
    /// What text and path of each file are worth, by its number.
    of_files: Vec<(f32, f32)>,
    /// What each term is worth.
    idf: Vec<f32>,
    /// For each term how many files have it.
    holders: Vec<usize>,
}

fn by_text(snapshot: &Snapshot<'_>, terms: &[Term]) -> Result<Scores, StoreError> {
    let files = snapshot.texts() as f32;
    // What every file has is worth little, and not nothing: else a project of one file had no answers.
    let rarity = |holders: usize| (1.0 + (files - holders as f32).max(0.5) / (holders as f32 + 0.5)).ln();
    let mut scores = Scores::default();
    let mut sums = Sums::default();
    for term in terms {
        let holders = snapshot.find_term(&term.term)?;
        scores.holders.push(holders.len());
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
        scores.idf.push(idf.unwrap_or_default());
    }
    scores.of_files = sums.all;
    Ok(scores)
}

/// Definitions that are called as words of the question.
struct Called<'a> {
    /// What each name is worth.
    names: Vec<(&'a str, f32)>,
    /// The most of it, by the number of a file.
    files: Vec<f32>,
}

impl<'a> Called<'a> {
    fn of(world: &World<'_>, names: &'a [String]) -> Result<Called<'a>, StoreError> {
        let mut called = Called { names: Vec::new(), files: Vec::new() };
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
                let index = file as usize;
                if called.files.len() <= index {
                    called.files.resize(index + 1, 0.0);
                }
                called.files[index] = called.files[index].max(worth);
            }
        }
        Ok(called)
    }

    fn in_file(&self, file: FileId) -> f32 {
        self.files.get(file as usize).copied().unwrap_or_default()
    }

    /// What the names of a file are worth.
    fn in_facts(&self, world: &World<'_>, facts: &FileFacts) -> Result<HashMap<NameId, f32>, StoreError> {
        let mut worths = HashMap::new();
        for (name, worth) in self.names.iter().filter(|_| self.in_file(facts.id()) > 0.0) {
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
