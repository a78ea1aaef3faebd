//! Merging segments, in slices small enough that a commit or a cancel never waits for one, and collecting what merges and
//! crashes leave behind.
//!
//! Tiered compaction (O'Neil et al., "The Log-Structured Merge-Tree", 1996, in the size-tiered form of Cassandra and RocksDB's
//! universal style): segments of a level hold about as many files; [`FAN_IN`] of one level become one of a higher level. A merge
//! writes under a new segment number that no manifest names yet, so a crash leaves only garbage, and it is published by one row.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};

use crate::text::posting;

use super::dictionary::{self, BLOCK_WORDS, Block, BlockWriter, DictionaryCursor, Holder, Rank};
use super::error::damaged;
use super::file::FileId;
use super::lexical::{self, PostingBlock, PostingWriter};
use super::names::{NameRank, pack_names, unpack_names};
use super::segment::{Local, Segment, SegmentId, Tier, Tombstones};
use super::structure;
use super::waiting::Waiting;

/// Segments of one level that are merged into one; also the ratio of sizes between levels.
const FAN_IN: usize = 8;
/// Files below which a segment is of level 0.
const LEVEL_0_FILES: usize = 32;
/// Most bytes a slice writes.
const SLICE_BYTES: usize = 1 << 20;
/// Longest a slice takes, one item beyond it.
const SLICE_TIME: Duration = Duration::from_millis(50);
/// The same while a command waits.
const SLICE_TIME_HURRIED: Duration = Duration::from_millis(1);
/// Most segments of a tier.
const SEGMENTS_MAX: usize = 12;
/// What a tier with more is merged down to at most.
const SEGMENTS_LEFT: usize = 8;
/// How many times as large as all smaller ones a segment may be to be merged with them.
const LIKE_MAX: usize = 2;
/// Free pages that are kept for reuse.
const FREE_PAGES_KEPT: i64 = 256;
/// Free pages that a slice gives back.
const FREE_PAGES_SLICE: i64 = 64;

/// A segment's level by its number of files.
pub(super) fn level_of(files: usize) -> u32 {
    (files / LEVEL_0_FILES).checked_ilog(FAN_IN).map_or(0, |level| level + 1)
}

/// Which segments ought to be merged now: all of the lowest level that has enough of them, one that is mostly dead by itself, or the
/// smallest ones of a tier that has too many: every look-up asks each segment.
pub(super) fn due(segments: &[Segment]) -> Option<Vec<SegmentId>> {
    let mostly_dead = |segment: &&Segment| segment.live() < segment.files.len() / 2;
    if let Some(segment) = segments.iter().find(mostly_dead) {
        return Some(vec![segment.id]);
    }
    Tier::ALL.into_iter().find_map(|tier| {
        let of_tier = || segments.iter().filter(move |segment| segment.tier == tier);
        let full = of_tier()
            .map(|segment| segment.level)
            .filter(|level| of_tier().filter(|segment| segment.level == *level).count() >= FAN_IN)
            .min();
        match full {
            Some(full) => Some(of_tier().filter(|segment| segment.level == full).map(|segment| segment.id).collect()),
            None => too_many(of_tier().collect()),
        }
    })
}

/// Whether a tier has so many segments that merging must not wait.
pub(super) fn is_overdue(segments: &[Segment]) -> bool {
    let of = |tier| segments.iter().filter(|segment| segment.tier == tier).count();
    Tier::ALL.into_iter().any(|tier| of(tier) > SEGMENTS_MAX)
}

/// The smallest segments of a tier with too many: at least two, and on while the next is not much larger than all before it, so that
/// no edit of one file makes a large segment be written anew. Nothing if they are few enough.
fn too_many(mut segments: Vec<&Segment>) -> Option<Vec<SegmentId>> {
    if segments.len() <= SEGMENTS_MAX {
        return None;
    }
    segments.sort_unstable_by_key(|segment| segment.live());
    let mut files = 0;
    let alike = segments.iter().enumerate().take_while(|(index, segment)| {
        let is_alike = *index < 2 || segment.live() <= files * LIKE_MAX;
        files += segment.live();
        is_alike
    });
    let most = segments.len() - SEGMENTS_LEFT + 1;
    Some(alike.take(most).map(|(_, segment)| segment.id).collect())
}

/// Whether a merge has more to write.
pub(super) enum MergeStep {
    More,
    Done,
}

/// A merge under way.
pub(super) struct Merge {
    target: SegmentId,
    inputs: Vec<Segment>,
    files: Vec<FileId>,
    /// For each input, its files' numbers in the target; `None` for those dead when the merge began.
    locals: Vec<Vec<Option<Local>>>,
    work: Work,
}

enum Work {
    Lexical(LexicalMerge),
    Structure(StructureMerge),
}

impl Merge {
    /// A merge of segments of one tier into a new segment number.
    pub(super) fn new(inputs: Vec<Segment>, target: SegmentId) -> Merge {
        let mut files: Vec<FileId> = inputs
            .iter()
            .flat_map(|segment| (0..).zip(segment.files.iter()).filter_map(|(local, _)| segment.live_file(local)))
            .collect();
        files.sort_unstable();
        let local = |file: &FileId| files.binary_search(file).ok().and_then(|index| Local::try_from(index).ok());
        let locals = inputs
            .iter()
            .map(|segment| {
                let live = |here: Local| segment.live_file(here).and_then(|file| local(&file));
                (0..).zip(segment.files.iter()).map(|(here, _)| live(here)).collect()
            })
            .collect();
        let work = match inputs.first().map(|segment| segment.tier) {
            Some(Tier::Structure) => Work::Structure(StructureMerge::new(inputs.len())),
            Some(Tier::Lexical) | None => Work::Lexical(LexicalMerge::new(inputs.len())),
        };
        Merge { target, inputs, files, locals, work }
    }

    /// The number it writes under.
    pub(super) fn target(&self) -> SegmentId {
        self.target
    }

    /// The segments merged.
    pub(super) fn inputs(&self) -> Vec<SegmentId> {
        self.inputs.iter().map(|segment| segment.id).collect()
    }

    /// Writes one slice in a transaction of its own; a short one when `waiting` says that commands wait.
    pub(super) fn step(&mut self, connection: &mut Connection, waiting: &Waiting) -> rusqlite::Result<MergeStep> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let slice = Slice { connection: &transaction, target: self.target, since: Instant::now(), waiting };
        let step = match &mut self.work {
            Work::Lexical(work) => work.step(&slice, &self.inputs, &self.locals)?,
            Work::Structure(work) => work.step(&slice, &self.inputs, &self.locals)?,
        };
        transaction.commit()?;
        Ok(step)
    }

    /// The finished segment. Files that died in an input while the merge ran are dead in it too.
    pub(super) fn finish(&self, now: &[Segment]) -> Segment {
        let mut tombstones = Tombstones::default();
        for (input, locals) in self.inputs.iter().zip(&self.locals) {
            let Some(current) = now.iter().find(|segment| segment.id == input.id) else { continue };
            for (here, target) in (0..).zip(locals) {
                if let Some(target) = target
                    && current.tombstones.contains(here)
                {
                    tombstones.insert(*target);
                }
            }
        }
        let risen = self.inputs.iter().map(|segment| segment.level + 1).max().filter(|_| self.inputs.len() > 1);
        let level = level_of(self.files.len()).max(risen.unwrap_or(0));
        let tier = self.inputs.first().map_or(Tier::Lexical, |segment| segment.tier);
        Segment { id: self.target, tier, level, files: self.files.clone().into(), tombstones }
    }
}

struct Slice<'a> {
    connection: &'a Connection,
    target: SegmentId,
    since: Instant,
    waiting: &'a Waiting,
}

impl Slice<'_> {
    fn is_full(&self, bytes: usize) -> bool {
        let time = if self.waiting.is_somebody() { SLICE_TIME_HURRIED } else { SLICE_TIME };
        bytes >= SLICE_BYTES || self.since.elapsed() >= time
    }
}

/// One input's postings, read ahead block by block.
#[derive(Default)]
struct PostingCursor {
    lists: VecDeque<(u32, Vec<u8>)>,
    /// Where the next block may begin.
    next: u32,
    ended: bool,
}

impl PostingCursor {
    fn peek(&mut self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<Option<u32>> {
        if self.lists.is_empty() && !self.ended {
            let lists = &mut self.lists;
            let block = lexical::block_from(connection, segment, self.next, |trigram, posting| {
                lists.push_back((trigram, posting.to_vec()));
            })?;
            self.ended = block.is_none();
            self.next = block.map_or(self.next, |first| first + 1);
        }
        Ok(self.lists.front().map(|(trigram, _)| *trigram))
    }
}

struct LexicalMerge {
    terms: DictionaryMerge,
    cursors: Vec<PostingCursor>,
    lists: PostingWriter,
}

impl LexicalMerge {
    fn new(inputs: usize) -> LexicalMerge {
        LexicalMerge {
            terms: DictionaryMerge::new(inputs),
            cursors: (0..inputs).map(|_| PostingCursor::default()).collect(),
            lists: PostingWriter::default(),
        }
    }

    fn step(
        &mut self,
        slice: &Slice<'_>,
        inputs: &[Segment],
        locals: &[Vec<Option<Local>>],
    ) -> rusqlite::Result<MergeStep> {
        if let MergeStep::More = self.terms.step(slice, inputs, locals)? {
            return Ok(MergeStep::More);
        }
        let mut bytes = 0;
        while !slice.is_full(bytes) {
            let mut least: Option<u32> = None;
            for (cursor, input) in self.cursors.iter_mut().zip(inputs) {
                let trigram = cursor.peek(slice.connection, input.id)?;
                least = [least, trigram].into_iter().flatten().min();
            }
            let Some(trigram) = least else {
                put_postings(slice, &std::mem::take(&mut self.lists).finish())?;
                return Ok(MergeStep::Done);
            };
            let mut merged: Vec<Local> = Vec::new();
            for (cursor, locals) in self.cursors.iter_mut().zip(locals) {
                if let Some((_, posting)) = cursor.lists.pop_front_if(|(t, _)| *t == trigram) {
                    for local in posting::decode(&posting) {
                        let local = local.map_err(|_| damaged("posting list"))?;
                        merged.extend(locals.get(local as usize).copied().flatten());
                    }
                }
            }
            if !merged.is_empty() {
                // Each input's part rises; the stable sort merges the runs.
                merged.sort();
                self.lists.push(trigram, &posting::encode(&merged));
                let full = self.lists.take_full();
                bytes += full.iter().map(PostingBlock::bytes).sum::<usize>();
                put_postings(slice, &full)?;
            }
        }
        Ok(MergeStep::More)
    }
}

fn put_postings(slice: &Slice<'_>, blocks: &[PostingBlock]) -> rusqlite::Result<()> {
    blocks.iter().try_for_each(|block| lexical::put_block(slice.connection, slice.target, block))
}

/// One input's dictionary, and where its words went.
#[derive(Default)]
struct Input {
    cursor: DictionaryCursor,
    /// For each word read so far its number in the target; `None` = no live file holds it.
    ranks: Vec<Option<Rank>>,
}

/// Dictionaries becoming one.
struct DictionaryMerge {
    inputs: Vec<Input>,
    /// Every cursor stands at its first word, or behind it.
    begun: bool,
    /// `None` once the dictionary is whole.
    words: Option<BlockWriter>,
    blocks: u32,
}

impl DictionaryMerge {
    fn new(inputs: usize) -> DictionaryMerge {
        DictionaryMerge {
            inputs: (0..inputs).map(|_| Input::default()).collect(),
            begun: false,
            words: Some(BlockWriter::default()),
            blocks: 0,
        }
    }

    fn step(
        &mut self,
        slice: &Slice<'_>,
        inputs: &[Segment],
        locals: &[Vec<Option<Local>>],
    ) -> rusqlite::Result<MergeStep> {
        if !std::mem::replace(&mut self.begun, true) {
            for (input, segment) in self.inputs.iter_mut().zip(inputs) {
                input.cursor.advance(slice.connection, segment.id)?;
            }
        }
        let Some(mut words) = self.words.take() else { return Ok(MergeStep::Done) };
        let mut bytes = 0;
        let (mut word, mut holders) = (Vec::new(), Vec::new());
        while !slice.is_full(bytes) {
            for _ in 0..BLOCK_WORDS {
                let Some(least) = self.inputs.iter().filter_map(|input| input.cursor.word()).min() else {
                    self.put_blocks(slice, words.finish())?;
                    return Ok(MergeStep::Done);
                };
                word.clear();
                word.extend_from_slice(least);
                holders.clear();
                for (input, locals) in self.inputs.iter().zip(locals) {
                    if input.cursor.word() == Some(&word) {
                        input.cursor.each_holder(|holder| {
                            let local = locals.get(holder.local as usize).copied().flatten();
                            holders.extend(local.map(|local| Holder { local, ..holder }));
                        })?;
                    }
                }
                // Each input's part rises; the stable sort merges the runs.
                holders.sort_by_key(|holder: &Holder| holder.local);
                let rank = if holders.is_empty() { None } else { Some(words.push(&word, &holders)) };
                for (input, segment) in self.inputs.iter_mut().zip(inputs) {
                    if input.cursor.word() == Some(&word) {
                        input.ranks.push(rank);
                        input.cursor.advance(slice.connection, segment.id)?;
                    }
                }
            }
            let full = words.take_full();
            bytes += full.iter().map(Block::bytes).sum::<usize>();
            self.put_blocks(slice, full)?;
        }
        self.words = Some(words);
        Ok(MergeStep::More)
    }

    fn put_blocks(&mut self, slice: &Slice<'_>, blocks: Vec<Block>) -> rusqlite::Result<()> {
        for block in blocks {
            dictionary::put_block(slice.connection, slice.target, self.blocks, &block)?;
            self.blocks += 1;
        }
        Ok(())
    }
}

struct StructureMerge {
    names: DictionaryMerge,
    next_local: Local,
}

impl StructureMerge {
    fn new(inputs: usize) -> StructureMerge {
        StructureMerge { names: DictionaryMerge::new(inputs), next_local: 0 }
    }

    fn step(
        &mut self,
        slice: &Slice<'_>,
        inputs: &[Segment],
        locals: &[Vec<Option<Local>>],
    ) -> rusqlite::Result<MergeStep> {
        match self.names.step(slice, inputs, locals)? {
            MergeStep::More => Ok(MergeStep::More),
            MergeStep::Done => self.move_facts(slice, inputs, locals),
        }
    }

    fn move_facts(
        &mut self,
        slice: &Slice<'_>,
        inputs: &[Segment],
        locals: &[Vec<Option<Local>>],
    ) -> rusqlite::Result<MergeStep> {
        let mut sources: Vec<(Local, usize, Local)> = Vec::new();
        for (input, locals) in locals.iter().enumerate() {
            let rising = (0..).zip(locals).filter_map(|(here, target)| Some(((*target)?, input, here)));
            sources.extend(rising.filter(|(target, ..)| *target >= self.next_local));
        }
        sources.sort_unstable();
        let mut bytes = 0;
        for (target, input, here) in sources {
            if slice.is_full(bytes) {
                return Ok(MergeStep::More);
            }
            let mut facts = structure::facts_row(slice.connection, inputs[input].id, here)?;
            let names = unpack_names(&facts.names).map_err(|_| damaged("names of a file"))?;
            let ranks = &self.names.inputs[input].ranks;
            // Every name of a live file is alive.
            let moved = names.into_iter().map(|rank| ranks.get(rank as usize).copied().flatten());
            let moved: Option<Vec<NameRank>> = moved.collect();
            facts.names = pack_names(&moved.ok_or_else(|| damaged("names of a segment"))?);
            bytes += facts.names.len() + facts.declarations.len() + facts.occurrences.len();
            structure::put_facts(slice.connection, slice.target, target, &facts)?;
            self.next_local = target + 1;
        }
        Ok(MergeStep::Done)
    }
}

/// Highest segment number that any table knows, published or not.
pub(super) fn segment_id_max(connection: &Connection) -> rusqlite::Result<SegmentId> {
    let max = connection.query_row(
        "SELECT max(ifnull((SELECT max(id) FROM segment), 0), ifnull((SELECT max(id) >> 24 FROM posting_block), 0),
                    ifnull((SELECT max(id) >> 32 FROM dictionary_block), 0), ifnull((SELECT max(id) >> 32 FROM facts), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(max)
}

/// Every segment number that has rows, published or not. Each look-up skips to the next number; no table is scanned.
pub(super) fn segment_ids(connection: &Connection) -> rusqlite::Result<Vec<SegmentId>> {
    let mut ids = Vec::new();
    for sql in [
        "SELECT min(id) >> 24 FROM posting_block WHERE id >= (?1 + 1) << 24",
        "SELECT min(id) >> 32 FROM dictionary_block WHERE id >= (?1 + 1) << 32",
        "SELECT min(id) >> 32 FROM facts WHERE id >= (?1 + 1) << 32",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut last: SegmentId = 0;
        while let Some(id) = statement.query_row([last], |row| row.get::<_, Option<SegmentId>>(0))? {
            ids.push(id);
            last = id;
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Deletes some rows of a retired segment; `true` when none are left.
pub(super) fn collect(connection: &mut Connection, segment: SegmentId) -> rusqlite::Result<bool> {
    const ROWS: i64 = 128;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let postings = transaction
        .prepare_cached(
            "DELETE FROM posting_block WHERE id IN
               (SELECT id FROM posting_block WHERE id >= ?1 << 24 AND id < (?1 + 1) << 24 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![segment, ROWS])?;
    let blocks = transaction
        .prepare_cached(
            "DELETE FROM dictionary_block WHERE id IN
               (SELECT id FROM dictionary_block WHERE id >= ?1 << 32 AND id < (?1 + 1) << 32 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![segment, ROWS])?;
    let facts = transaction
        .prepare_cached(
            "DELETE FROM facts WHERE id IN
               (SELECT id FROM facts WHERE id >= ?1 << 32 AND id < (?1 + 1) << 32 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![segment, ROWS])?;
    transaction.commit()?;
    Ok(postings == 0 && blocks == 0 && facts == 0)
}

/// Whether so much of the database is free that giving it back is worth the work.
pub(super) fn is_mostly_free(connection: &Connection) -> rusqlite::Result<bool> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    Ok(free_pages(connection)? > FREE_PAGES_KEPT.max(pages / 4))
}

/// Returns some free pages to the file system; `true` = there are more to return.
pub(super) fn give_pages_back(connection: &Connection) -> rusqlite::Result<bool> {
    let surplus = free_pages(connection)? - FREE_PAGES_KEPT;
    if surplus > 0 {
        let slice = surplus.min(FREE_PAGES_SLICE);
        let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({slice})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(surplus > FREE_PAGES_SLICE)
}

fn free_pages(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "freelist_count", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::segment::Tombstones;

    fn segment(id: SegmentId, files: usize) -> Segment {
        let files: Vec<FileId> = (0..).take(files).collect();
        Segment {
            id,
            tier: Tier::Structure,
            level: level_of(files.len()),
            files: files.into(),
            tombstones: Tombstones::default(),
        }
    }

    fn of_sizes(sizes: impl IntoIterator<Item = usize>) -> Vec<Segment> {
        (1..).zip(sizes).map(|(id, size)| segment(id, size)).collect()
    }

    #[test]
    fn a_tier_has_few_segments() {
        // Seven of each of two levels: no level has enough for a merge of its own.
        let mut segments = of_sizes((1..=7).chain((1..=7).map(|size| LEVEL_0_FILES * size)));
        assert_eq!(segments.len(), 14);
        assert_eq!(due(&segments), Some((1..=7).collect()), "the smallest of them, so that eight are left");
        assert!(is_overdue(&segments));
        segments.drain(..2);
        assert_eq!(due(&segments), None, "twelve are few enough");
        assert!(!is_overdue(&segments));
    }

    #[test]
    fn small_segments_are_merged_among_themselves() {
        let large = [1000, 1001, 1002, 1003, 9000, 9001, 9002, 9003];
        assert_eq!(due(&of_sizes([1, 1, 1, 1, 1].into_iter().chain(large))), Some((1..=5).collect()));
        let more_large = large.into_iter().chain([90_000, 90_001, 90_002, 90_003]);
        assert_eq!(due(&of_sizes([1].into_iter().chain(more_large))), Some((1..=5).collect()), "room is made for many");
    }

    #[test]
    fn editing_one_file_writes_few_anew() {
        const EDITS: usize = 10_000;
        let mut segments = of_sizes([1000, 1001, 1002, 1003, 9000, 9001, 9002, 90_000]);
        let mut written = 0;
        for id in (100..).take(EDITS) {
            segments.push(segment(id, 1));
            while let Some(merged) = due(&segments) {
                let files = segments.iter().filter(|s| merged.contains(&s.id)).map(Segment::live).sum();
                written += files;
                segments.retain(|s| !merged.contains(&s.id));
                segments.push(segment(merged[0], files));
            }
            assert!(segments.len() <= SEGMENTS_MAX);
        }
        assert!(written < EDITS * 16, "{written}");
    }
}
