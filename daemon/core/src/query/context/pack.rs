//! Fills a budget of tokens: what was asked about first, whole where that fits; then a few lines of each neighbour, by turns of the reasons,
//! so that none crowds out the others; then neighbours whole. What found no room is named at the end.

use std::ops::RangeInclusive;

use crate::resolve::{Symbol, World};
use crate::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot, content_hash};
use crate::store::{ContentHash, FileId, StoreError};
use crate::text::decode;

use super::super::rows::symbol_row;
use super::super::tokens::{TokenBudget, tokens};
use super::super::users::is_certain;
use super::super::{QueryError, Since, SymbolRow};
use super::neighbours::Item;
use super::{ContextRow, Form, Reason};

/// Definitions that are named though they are left out.
const NAMED_MAX: usize = 12;
/// The share of a budget that is kept for naming what is left out.
const NAMED_SHARE: usize = 12;
/// The share of what neighbours may take that is kept for showing some of them whole.
const WHOLE_SHARE: usize = 2;
/// Shortest line of source, in bytes, its end included: by it a file need not be read to know that a definition is too long.
const LINE_BYTES_MIN: usize = 2;

/// A definition on its way into the pack.
struct Candidate {
    row: ContextRow,
    file: FileId,
    /// Of the content that its lines describe.
    hash: Option<ContentHash>,
    /// See [`Item::is_sure`].
    is_sure: bool,
    /// It is part of what is shown whole.
    is_covered: bool,
}

/// The rows, those that are shown before those that are left out; what is `beyond` all that is considered is left out too, unless it
/// stands in what is shown.
pub(super) fn pack(
    world: &World<'_>,
    root: &SourceRoot,
    items: Vec<Item>,
    beyond: &[Symbol],
    budget: &mut TokenBudget,
) -> Result<Vec<ContextRow>, QueryError> {
    let mut candidates = Vec::with_capacity(items.len());
    for item in items {
        candidates.extend(candidate(world, root, &item)?);
    }
    let mut pack = Pack { root, candidates, budget };
    pack.fill()?;
    let mut unseen = 0;
    let shown = pack.shown_whole();
    for symbol in beyond {
        let Some(file) = world.file_of(*symbol)? else { continue };
        let definition = &file.definitions[symbol.id as usize];
        let is_around = |(around, lines): &(FileId, RangeInclusive<u32>)| {
            *around == symbol.file && lines.contains(&definition.start_line) && lines.contains(&definition.end_line)
        };
        unseen += usize::from(!shown.iter().any(is_around));
    }
    Ok(pack.finish(unseen))
}

fn candidate(world: &World<'_>, root: &SourceRoot, item: &Item) -> Result<Option<Candidate>, StoreError> {
    let Some(file) = world.file_of(item.symbol)? else { return Ok(None) };
    let symbol = symbol_row(world, root, &file, item.symbol.id, item.confidence)?;
    let of = match item.of {
        Some(of) => world.file_of(of)?.map(|file| world.qualified(&file, Some(of.id))).transpose()?,
        None => None,
    };
    let of = of.unwrap_or_default();
    let heading = heading(&symbol, &why(item, &of));
    let row =
        ContextRow { symbol, reason: item.reason, of, form: Form::LeftOut, heading, text: String::new(), tokens: 0 };
    let hash = file.row.structure.as_ref().map(|structure| structure.hash);
    Ok(Some(Candidate { row, file: file.id(), hash, is_sure: item.is_sure(), is_covered: false }))
}

/// `path:FIRST-LAST kind qualified (why)`
fn heading(symbol: &SymbolRow, why: &str) -> String {
    let SymbolRow { path, start_line, end_line, kind, qualified, since, stale, .. } = symbol;
    let mark = match since {
        Since::Gone => " [file gone]",
        Since::Changed => " [changed since]",
        Since::Unchanged if *stale => " [stale]",
        Since::Unchanged => "",
    };
    let path = String::from_utf8_lossy(path).replace('\n', "\\n");
    format!("{path}:{start_line}-{end_line} {} {qualified} ({why}){mark}", kind.name())
}

fn why(item: &Item, of: &str) -> String {
    let verb = |certain: &'static str, uncertain| if is_certain(item.confidence) { certain } else { uncertain };
    match item.reason {
        Reason::Asked if item.by_words => "answers the question".to_owned(),
        Reason::Asked => "asked about".to_owned(),
        Reason::Member => format!("part of {of}"),
        Reason::Caller => format!("{} {of}", verb("calls", "may call")),
        Reason::Subtype => format!("{} {of}", verb("inherits from", "may inherit from")),
        Reason::User => format!("{} {of}", verb("uses", "may use")),
        Reason::Callee => format!("{} {of}", verb("called by", "may be called by")),
        Reason::Type => format!("{} {of}", verb("type in", "may be a type in")),
        Reason::Test => format!("test, {} {of}", verb("uses", "may use")),
        Reason::Sibling => format!("beside {of}"),
    }
}

/// Tokens of a heading with a text below it and an empty line behind.
fn cost(heading: &str, text: &str) -> usize {
    let below = if text.is_empty() { 0 } else { text.len() + 1 };
    tokens(heading.len() + 1 + below + 1)
}

fn brief(symbol: &SymbolRow) -> String {
    let lines = [symbol.signature.as_str(), symbol.doc.as_str()];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

struct Pack<'a> {
    root: &'a SourceRoot,
    candidates: Vec<Candidate>,
    budget: &'a mut TokenBudget,
}

impl Pack<'_> {
    fn fill(&mut self) -> Result<(), QueryError> {
        let asked = self.candidates.iter().take_while(|candidate| candidate.row.reason == Reason::Asked).count();
        (0..asked).for_each(|index| self.show_brief(index));
        if self.candidates[..asked].iter().all(|candidate| candidate.row.form == Form::LeftOut) {
            let costs = self.candidates[..asked]
                .iter()
                .map(|candidate| cost(&candidate.row.heading, &brief(&candidate.row.symbol)));
            let least = costs.min().unwrap_or_default();
            let sentence = self.budget.no_room(&format!("what was asked about, which takes {least}"));
            return Err(QueryError::Argument(sentence));
        }
        (0..asked).for_each(|index| self.show_whole(index));
        // What is kept back here names at the end what is left out.
        let kept = (self.budget.max as usize / NAMED_SHARE).min(self.budget.left());
        self.budget.take(kept);
        let turns = self.turns(asked);
        let for_whole = self.budget.left() / WHOLE_SHARE;
        self.budget.take(for_whole);
        turns.iter().for_each(|index| self.show_brief(*index));
        self.budget.give_back(for_whole);
        for index in &turns {
            // More than a few lines of any other says nothing.
            if self.candidates[*index].is_sure {
                self.show_whole(*index);
            }
        }
        turns.iter().for_each(|index| self.show_brief(*index));
        self.budget.give_back(kept);
        Ok(())
    }

    /// The neighbours, one of each reason by turns: first those that are sure.
    fn turns(&self, asked: usize) -> Vec<usize> {
        let mut turns: Vec<(bool, usize, usize)> = Vec::new();
        let (mut turn, mut before) = (0, None);
        for (index, candidate) in self.candidates.iter().enumerate().skip(asked) {
            let of = Some((candidate.is_sure, candidate.row.reason));
            turn = if before == of { turn + 1 } else { 0 };
            before = of;
            turns.push((!candidate.is_sure, turn, index));
        }
        turns.sort_unstable();
        turns.into_iter().map(|(.., index)| index).collect()
    }

    /// Shows the signature and the documentation, if there is room for them.
    fn show_brief(&mut self, index: usize) {
        if self.candidates[index].row.form != Form::LeftOut || self.candidates[index].is_covered {
            return;
        }
        if self.is_in_whole(index) {
            self.candidates[index].is_covered = true;
            return;
        }
        let row = &mut self.candidates[index].row;
        let text = brief(&row.symbol);
        let cost = cost(&row.heading, &text);
        if self.budget.take(cost) {
            (row.form, row.text, row.tokens) = (Form::Brief, text, cost as u32);
        }
    }

    /// Shows all of what is shown in brief, if there is room for it: instead of what it consists of, where that is shown.
    fn show_whole(&mut self, index: usize) {
        let row = &self.candidates[index].row;
        let lines = (row.symbol.end_line + 1).saturating_sub(row.symbol.start_line) as usize;
        let parts: Vec<usize> = (0..self.candidates.len()).filter(|part| self.is_part(*part, index)).collect();
        let freed: usize = parts.iter().map(|part| self.candidates[*part].row.tokens as usize).sum();
        let room = self.budget.left() + row.tokens as usize + freed;
        if row.form != Form::Brief || tokens(lines * LINE_BYTES_MIN) > room {
            return;
        }
        let Some(text) = self.source(index) else { return };
        let row = &self.candidates[index].row;
        let cost = cost(&row.heading, &text);
        if cost > room {
            return;
        }
        self.budget.give_back(row.tokens as usize + freed);
        self.budget.take(cost);
        let row = &mut self.candidates[index].row;
        (row.form, row.text, row.tokens) = (Form::Whole, text, cost as u32);
        for part in parts {
            let part = &mut self.candidates[part];
            part.is_covered = true;
            (part.row.form, part.row.text, part.row.tokens) = (Form::LeftOut, String::new(), 0);
        }
    }

    /// Whether one definition lies within another.
    fn is_part(&self, part: usize, whole: usize) -> bool {
        let (a, b) = (&self.candidates[part], &self.candidates[whole]);
        let lines = |candidate: &Candidate| (candidate.row.symbol.start_line, candidate.row.symbol.end_line);
        if a.file != b.file || part == whole {
            return false;
        }
        let ((from, to), (first, last)) = (lines(a), lines(b));
        // Of two that have the same lines the first is the whole.
        let is_more = (to.saturating_sub(from), whole) < (last.saturating_sub(first), part);
        first <= from && to <= last && is_more
    }

    /// The lines that are shown whole.
    fn shown_whole(&self) -> Vec<(FileId, RangeInclusive<u32>)> {
        let whole = self.candidates.iter().filter(|candidate| candidate.row.form == Form::Whole);
        whole.map(|of| (of.file, of.row.symbol.start_line..=of.row.symbol.end_line)).collect()
    }

    fn is_in_whole(&self, index: usize) -> bool {
        let is_whole = |whole: &usize| self.candidates[*whole].row.form == Form::Whole;
        (0..self.candidates.len()).filter(is_whole).any(|whole| self.is_part(index, whole))
    }

    /// The source of a definition, if the file is still what its lines describe.
    fn source(&self, index: usize) -> Option<String> {
        let Candidate { row, hash, .. } = &self.candidates[index];
        let Source::Read(bytes, ..) = self.root.read(&row.symbol.path, STRUCTURE_BYTES_MAX) else { return None };
        if *hash != Some(content_hash(&bytes)) {
            return None;
        }
        let text = decode(&bytes);
        let (from, to) = (row.symbol.start_line.max(1) as usize - 1, row.symbol.end_line as usize);
        let lines = text.split_inclusive(|byte| *byte == b'\n').take(to).skip(from);
        let lines: Vec<&[u8]> = lines.collect();
        let source = String::from_utf8_lossy(&lines.concat()).trim_end().to_owned();
        (!source.is_empty()).then_some(source)
    }

    /// The rows: what is left out is named as far as there is room, but for so many that were not considered.
    fn finish(self, beyond: usize) -> Vec<ContextRow> {
        let Pack { candidates, budget, .. } = self;
        let rows = candidates.into_iter().filter(|candidate| !candidate.is_covered).map(|candidate| candidate.row);
        let (left_out, mut shown): (Vec<_>, Vec<_>) = rows.partition(|row| row.form == Form::LeftOut);
        let all = left_out.len() + beyond;
        budget.left_out = all as u64;
        // Above those that are named stands how many there are.
        let above = tokens(format!("left out, {all} in all:\n").len());
        if left_out.is_empty() || !budget.take(above) {
            return shown;
        }
        let before = shown.len();
        for mut row in left_out.into_iter().take(NAMED_MAX) {
            row.tokens = tokens(row.heading.len() + 1) as u32;
            if budget.take(row.tokens as usize) {
                shown.push(row);
            }
        }
        if shown.len() == before {
            budget.give_back(above);
        }
        shown
    }
}
