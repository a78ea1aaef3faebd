//! Answers under a budget: whole rows as long as there is room, how many more there are, and a cursor that goes on exactly behind
//! the last one. A token is four bytes of the JSON.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie::answer::is_cut_short;
use vigie::json::{Object, hex};
use vigie::records;
use vigie::{Client, ClientError, Query};
use vigie_proto::{QueryOptions, QuerySummary};

use super::args::{TOKENS_MAX, TOKENS_MIN};
use super::ask;
use super::error::ToolError;

/// Bytes that count as a token.
const TOKEN_BYTES: usize = 4;
/// Rows without room that are counted. The rest is not even read.
const COUNTED_MAX: u64 = 10_000;
/// What stands around the rows, at a guess: the summary comes last.
pub(super) const AROUND_BYTES: usize = 900;

/// What a tool answers: JSON, as text and as a value.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The text.
    pub text: String,
}

impl Answer {
    /// The same as a value.
    pub fn value(&self) -> Value {
        // It was written a moment ago.
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// Part of an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// The rows, each as JSON.
    pub(super) rows: Vec<String>,
    /// What was taken of a budget that the daemon keeps, as JSON.
    pub(super) budget: Option<String>,
    /// Of the rows.
    pub(super) summary: QuerySummary,
    /// Rows that found no room; `None` = there are more, and they were not counted.
    pub(super) more: Option<u64>,
    /// What there is to be said.
    pub(super) notes: Vec<String>,
}

impl Part {
    /// The answer, if it has room.
    pub(super) fn write(&self, room: usize) -> Option<Answer> {
        let mut head = Object::part().bytes("root", &self.summary.root.0).finish();
        head.truncate(head.len() - 1);
        let tail = Object::part()
            .raw("summary", &records::summary(&self.summary).finish())
            .number_or_null("more", self.more)
            .string_or_null("cursor", &hex(&self.summary.cursor.0))
            .strings("notes", &self.notes);
        let tail = match &self.budget {
            Some(budget) => tail.raw("budget", budget).finish(),
            None => tail.finish(),
        };
        let (before, behind) = (",\"rows\":[", "],");
        let rows: usize = self.rows.iter().map(|row| row.len() + 1).sum();
        let around = head.len() + before.len() + behind.len() + tail.len();
        // An agent's gateway is small: what has no room is not even put together.
        if around + rows.saturating_sub(1) > room + 1 {
            return None;
        }
        let mut text = String::with_capacity(around + rows);
        text.push_str(&head);
        text.push_str(before);
        for (number, row) in self.rows.iter().enumerate() {
            text.push_str(if number > 0 { "," } else { "" });
            text.push_str(row);
        }
        text.push_str(behind);
        text.push_str(&tail[1..]);
        Some(Answer { text })
    }

    /// An answer without rows is worth more than none: what has no room is what is said.
    pub(super) fn write_shortened(mut self, room: usize) -> Result<Answer, ToolError> {
        loop {
            if let Some(answer) = self.write(room) {
                return Ok(answer);
            }
            if self.notes.pop().is_none() && self.summary.notes.pop().is_none() {
                return Err(ToolError::NoRoom);
            }
        }
    }
}

/// Bytes of a budget.
pub(super) fn room(tokens_max: u32) -> usize {
    tokens_max as usize * TOKEN_BYTES
}

/// Asks for rows under a budget.
pub(super) fn rows<Q: Query, R>(
    client: &mut Client,
    options: &QueryOptions,
    tokens_max: u32,
    reading: &Reading<'_, Q, R>,
) -> Result<Answer, ToolError> {
    let (room, began) = (room(tokens_max), Instant::now());
    let mut first = read(client, options.clone(), room, reading)?;
    let is_cut_short = first.is_whole && is_cut_short(options, &first.summary);
    if first.without_room.is_none() {
        let part = Part {
            more: (!first.summary.truncated).then_some(0),
            notes: (reading.notes)(&first.summary, is_cut_short),
            rows: std::mem::take(&mut first.rows),
            summary: first.summary.clone(),
            ..Part::default()
        };
        if let Some(answer) = part.write(room) {
            return Ok(answer);
        }
    }
    let counted = (first.is_whole && !first.summary.truncated).then_some(first.counted);
    // What was seen first is known of the files; the second time they need not be looked at again.
    let fresh = options.fresh && !first.is_whole;
    let mut limit = first.fitting;
    while limit > 0 {
        let deadline_ms = ask::left_ms(began + Duration::from_millis(options.deadline_ms.into()));
        let again = QueryOptions { limit, fresh, deadline_ms, ..options.clone() };
        let second = read(client, again, usize::MAX, reading)?;
        let mut summary = second.summary;
        if first.is_whole {
            (summary.freshness, summary.age_ms) = (first.summary.freshness, first.summary.age_ms);
        }
        let part = Part {
            more: counted.map(|counted| counted.saturating_sub(summary.rows)),
            notes: (reading.notes)(&summary, is_cut_short),
            rows: second.rows,
            summary,
            ..Part::default()
        };
        if let Some(answer) = part.write(room) {
            return Ok(answer);
        }
        limit -= limit.div_ceil(16);
    }
    // Not even one row has room: it is said which budget would do.
    let needed = tokens_for(first.without_room.unwrap_or(room));
    let needed = if needed > TOKENS_MAX as usize {
        format!("the next row alone takes more than {TOKENS_MAX} tokens, the most there are: ask for less of it")
    } else {
        format!("the next row alone takes more than max_tokens: {needed} would do")
    };
    let summary = if first.is_whole {
        first.summary
    } else {
        read(client, QueryOptions { limit: 1, ..options.clone() }, 0, reading)?.summary
    };
    let summary = QuerySummary { rows: 0, truncated: true, cursor: options.cursor.clone(), ..summary };
    let notes = [vec![needed], (reading.notes)(&summary, is_cut_short)].concat();
    Part { more: counted, notes, summary, ..Part::default() }.write_shortened(room)
}

/// A budget in which a row of so many bytes has room.
fn tokens_for(bytes: usize) -> usize {
    let needed = (bytes + 2 * AROUND_BYTES).div_ceil(TOKEN_BYTES);
    needed.max(TOKENS_MIN as usize).next_multiple_of(100)
}

/// How a question is asked and its answer is written.
pub(super) struct Reading<'a, Q: Query, R> {
    /// The question.
    pub(super) question: &'a dyn Fn(QueryOptions) -> Q,
    /// The rows of a page.
    pub(super) rows: fn(Q::Page) -> Vec<R>,
    /// A row as JSON.
    pub(super) record: &'a dyn Fn(&R) -> Object,
    /// Whether a row counts, as those do not that stand beside another.
    pub(super) counts: fn(&R) -> bool,
    /// What there is to be said of an answer, and of one that its deadline ended.
    pub(super) notes: &'a dyn Fn(&QuerySummary, bool) -> Vec<String>,
}

/// What was read of an answer.
struct Read {
    rows: Vec<String>,
    summary: QuerySummary,
    /// The first rows that have room, as a limit.
    fitting: u64,
    /// All rows that were counted.
    counted: u64,
    /// Bytes of the first row without room.
    without_room: Option<usize>,
    /// It was read to its end.
    is_whole: bool,
}

fn read<Q: Query, R>(
    client: &mut Client,
    options: QueryOptions,
    room: usize,
    reading: &Reading<'_, Q, R>,
) -> Result<Read, ToolError> {
    let room = room.saturating_sub(AROUND_BYTES);
    let (mut rows, mut bytes, mut counted, mut fitting) = (Vec::new(), 0, 0, 0);
    let mut without_room = None;
    let result = client.query(&(reading.question)(options), |page| {
        for row in (reading.rows)(page) {
            counted += u64::from((reading.counts)(&row));
            if without_room.is_some() {
                continue;
            }
            let text = (reading.record)(&row).finish();
            if bytes + text.len() + 1 > room {
                without_room = Some(text.len());
                continue;
            }
            bytes += text.len() + 1;
            fitting = counted;
            rows.push(text);
        }
        let is_enough = without_room.is_some() && counted > fitting + COUNTED_MAX;
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    match result {
        Ok(summary) => Ok(Read { rows, summary, fitting, counted, without_room, is_whole: true }),
        Err(ClientError::Stopped) if without_room.is_some() && counted > fitting + COUNTED_MAX => {
            // The connection has rows left that nobody wants.
            client.take_connection();
            let summary = QuerySummary::default();
            Ok(Read { rows, summary, fitting, counted, without_room, is_whole: false })
        }
        Err(error) => Err(error.into()),
    }
}
