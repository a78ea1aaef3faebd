//! What an answer is worth: how much of the index a question needs, what of that was missing, and the sentence that says so. The
//! command line and the gateways for agents say the same, and differ in what they advise.

use vigie_proto::{CoverageSummary, Freshness, ProgressEvent, QueryOptions, QuerySummary, Stage};

use crate::human::{count, counted};

/// What of the index a question needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Files and their text.
    Text,
    /// How files stand: what could not be read is said there.
    Standing,
    /// Symbols.
    Structure,
    /// Whatever a name or a file needs: the daemon waits for that, and says what is missing.
    Named,
    /// What is several steps away from a name or a file, and may stand in any file: the daemon says what is missing.
    Linked,
}

impl Tier {
    /// What a question needs that goes so many steps from a name.
    pub fn of_steps(steps: u32) -> Tier {
        if steps > 1 { Tier::Linked } else { Tier::Named }
    }

    /// Whether a first job has done enough for the question when the text of all files is indexed.
    pub fn needs_text_only(self) -> bool {
        matches!(self, Tier::Text | Tier::Named)
    }
}

/// What to do about a partial answer, in the words of whoever shows it.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// How to have the daemon wait longer: "--deadline-ms waits longer".
    pub longer: &'static str,
    /// When to ask again: "ask again when `vigie attach` has ended".
    pub again: &'static str,
    /// What names the files that could not be read: "`vigie coverage --disposition unreadable`".
    pub names_unread: &'static str,
}

/// Files that were found and are not in the tier yet: what they hold is not in the answer.
pub fn pending(tier: Tier, summary: &QuerySummary) -> u64 {
    match tier {
        Tier::Text => summary.coverage.text_pending,
        Tier::Structure | Tier::Standing => summary.coverage.text_pending.max(summary.coverage.structure_pending),
        Tier::Named | Tier::Linked => summary.pending,
    }
}

/// Whether an answer ended before its limit, as its deadline passed.
pub fn is_cut_short(options: &QueryOptions, summary: &QuerySummary) -> bool {
    options.deadline_ms > 0 && summary.truncated && (options.limit == 0 || summary.rows < options.limit)
}

/// Whether the first job of a project has not found all of its files yet, so that nobody knows how many are missing.
pub fn is_begun(summary: &QuerySummary) -> bool {
    let coverage = &summary.coverage;
    let is_known = coverage.complete || coverage.text_pending > 0 || coverage.structure_pending > 0;
    [Freshness::INDEXING, Freshness::UNVERIFIED].contains(&summary.freshness) && !is_known
}

/// What an answer lacks since the index is not complete, as a sentence; `None` = nothing.
pub fn lack(tier: Tier, summary: &QuerySummary, advice: &Advice) -> Option<String> {
    let pending = pending(tier, summary);
    let files = counted(pending, "file");
    let is_at_work = summary.freshness != Freshness::UNVERIFIED;
    let partial = || format!("the answer is partial: {files} that it may concern are not indexed yet");
    match tier {
        _ if is_begun(summary) && !is_at_work => {
            Some("the index is not complete: its files were not all looked for".to_owned())
        }
        _ if is_begun(summary) => Some("the index is not complete: its files are still being looked for".to_owned()),
        _ if pending == 0 => None,
        Tier::Named | Tier::Linked if !is_at_work => Some(partial()),
        Tier::Named => Some(format!("{}; {}", partial(), advice.longer)),
        Tier::Linked => Some(format!("{}; {}", partial(), advice.again)),
        Tier::Text | Tier::Standing | Tier::Structure => Some(format!("the index is not complete: {files} to go")),
    }
}

/// Says of how much no answer has anything, because it could not be read.
pub fn unread(coverage: &CoverageSummary, advice: &Advice) -> Option<String> {
    let (what, whom) = match coverage.unread {
        0 => return None,
        1 => ("1 file or directory".to_owned(), "it"),
        more => (format!("{} files or directories", count(more)), "them"),
    };
    Some(format!("{what} could not be read and may be missing here: {} names {whom}", advice.names_unread))
}

/// Whether with this event of a job all files are searchable as text.
pub fn is_text_ready(event: &ProgressEvent) -> bool {
    [Stage::INDEXING, Stage::FINALIZING].contains(&event.stage)
}
