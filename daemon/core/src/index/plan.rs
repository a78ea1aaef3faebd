//! What a walk means for the index: which files to read, which are gone, which are as they were.

use crate::kinds::Disposition;
use crate::settings::Settings;
use crate::store::{FileId, FileRow, FileStat};
use crate::walk::Found;

use super::CHANGED_NAMED_MAX;
use super::control::{Budget, Limit};

/// A file is trusted to be unchanged only if it was at least this much older than when it was read: a later write within the clock's
/// resolution would leave the same times (git's "racily clean" entries).
const RACY_NS: i64 = 20_000_000;

/// A file to read.
#[derive(Debug)]
pub(super) struct ScanTask {
    /// Its number, new or known.
    pub(super) id: FileId,
    /// Relative to the root.
    pub(super) path: Vec<u8>,
    /// Its stat when it was walked.
    pub(super) stat: FileStat,
    /// What the index knows of it.
    pub(super) known: Option<FileRow>,
    /// The index does not hold its content; otherwise it is read only because every file is.
    pub(super) is_missing: bool,
    /// Why it cannot even be looked at.
    pub(super) unread: Option<String>,
}

impl ScanTask {
    /// Whether it is tried only because it could not be read before: each job does that, so it counts for no budget.
    pub(super) fn is_retry(&self) -> bool {
        self.known.as_ref().is_some_and(|row| is_unread(row.disposition))
    }
}

fn is_unread(disposition: Disposition) -> bool {
    matches!(disposition, Disposition::Unstable | Disposition::Unreadable)
}

/// What a file costs, in bytes and as much again as opening it is worth.
pub(super) fn weight(bytes: u64) -> u64 {
    bytes.saturating_add(1024)
}

/// What parsing a file costs, in the same measure; one too large to be parsed is only searched for names.
pub(super) fn parse_weight(bytes: u64, settings: &Settings) -> u64 {
    if bytes > settings.structure_bytes_max() { weight(bytes / PARSE_COST) } else { weight(bytes) }
}

/// How many times longer a byte takes to parse than to read and post, roughly, as measured over mixed source trees.
const PARSE_COST: u64 = 10;

/// The weight of a job's parts, also of what earlier runs of it have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    scan: u64,
    parse: u64,
}

impl Work {
    fn add(&mut self, path: &[u8], bytes: u64, settings: &Settings) {
        self.scan += weight(bytes);
        if settings.language(path, &[]).is_some() {
            self.parse += parse_weight(bytes, settings) * PARSE_COST;
        }
    }

    /// Which share of `span` the reading is.
    pub(super) fn scan_share(&self, span: u16) -> u16 {
        let share = (u64::from(span) * self.scan).checked_div(self.scan + self.parse);
        share.and_then(|share| u16::try_from(share).ok()).unwrap_or(0)
    }
}

/// What to do after a walk.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Files to read, by path.
    pub(super) scan: Vec<ScanTask>,
    /// Files that are gone, or of which nothing is known any more.
    pub(super) removed: Vec<FileId>,
    /// The paths of the first of them, as many as are named and one.
    pub(super) removed_named: Vec<Vec<u8>>,
    /// How many of them are surely gone.
    pub(super) deleted: u64,
    /// Files that were scanned by an earlier run of the same job.
    pub(super) scanned_before: u64,
    /// Source bytes of those.
    pub(super) bytes_before: u64,
    /// Missing files left out because a budget ends before them.
    pub(super) missing_beyond: u64,
    /// What all of it costs.
    pub(super) work: Work,
    /// That budget.
    pub(super) limit: Option<Limit>,
}

/// How a job decides what is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    /// What the project says of itself.
    pub(super) settings: &'a Settings,
    /// Files may be in the index as of a language that they are not of.
    pub(super) doubts_languages: bool,
    /// Read every file that this job has not read.
    pub(super) force: bool,
    /// The generation before this job's first commit.
    pub(super) start_generation: u64,
    /// The first file number never used.
    pub(super) next_file: FileId,
    /// Its budget of files and bytes.
    pub(super) budget: Budget,
}

impl Plan {
    /// Compares what was found with what is known; both come by path.
    pub(super) fn new(found: Vec<Found>, known: Vec<FileRow>, rules: Rules<'_>) -> Plan {
        let mut plan = Plan::default();
        let mut known = known.into_iter().peekable();
        let mut next_file = rules.next_file;
        let mut unread_directory: Option<Vec<u8>> = None;
        for file in found {
            while let Some(gone) = known.next_if(|row| row.path < file.path) {
                plan.remove(&gone, unread_directory.as_deref());
            }
            if file.unread.is_some() && file.path.ends_with(b"/") {
                unread_directory = Some(file.path.clone());
            }
            let row = known.next_if(|row| row.path == file.path);
            let by_this_job = row.as_ref().is_some_and(|row| row.scan_generation > rules.start_generation);
            let is_known = |row: &FileRow| {
                let settings = rules.settings;
                let is_doubted = rules.doubts_languages && row.is_text();
                is_unchanged(row, file.stat, settings) && (!is_doubted || settings.is_surely(&row.path, row.language))
            };
            let is_missing = row.as_ref().is_none_or(|row| !is_known(row));
            let wanted = is_missing || (rules.force && !by_this_job);
            if wanted || by_this_job {
                plan.work.add(&file.path, file.stat.size, rules.settings);
            }
            if !wanted {
                // A file that this job has read before and that changed since is read again, and counted once.
                plan.scanned_before += u64::from(by_this_job);
                plan.bytes_before += if by_this_job { file.stat.size } else { 0 };
                continue;
            }
            let id = row.as_ref().map_or(next_file, |row| row.id);
            if row.is_none() {
                next_file = next_file.saturating_add(1);
            }
            let Found { path, stat, unread } = file;
            plan.scan.push(ScanTask { id, path, stat, known: row, is_missing, unread });
        }
        known.for_each(|gone| plan.remove(&gone, unread_directory.as_deref()));
        plan.apply_budget(rules.budget);
        plan
    }

    /// Takes out what was not found. What is below a directory that cannot be read may be there still.
    fn remove(&mut self, gone: &FileRow, unread_directory: Option<&[u8]>) {
        self.removed.push(gone.id);
        if self.removed_named.len() <= CHANGED_NAMED_MAX {
            self.removed_named.push(gone.path.clone());
        }
        let is_hidden = unread_directory.is_some_and(|directory| gone.path.starts_with(directory));
        self.deleted += u64::from(!is_hidden && !gone.is_directory());
    }

    /// Cuts the list where a budget ends, but not before the first file: a job that goes on must come further.
    fn apply_budget(&mut self, budget: Budget) {
        let mut files = self.scanned_before;
        let mut bytes = self.bytes_before;
        let exceeded = self.scan.iter().position(|task| {
            if task.is_retry() {
                return false;
            }
            files += 1;
            bytes = bytes.saturating_add(task.stat.size);
            self.limit = if budget.files_max.is_some_and(|max| files > max) {
                Some(Limit::Files)
            } else if budget.bytes_max.is_some_and(|max| bytes > max && files > 1) {
                Some(Limit::Bytes)
            } else {
                None
            };
            self.limit.is_some()
        });
        if let Some(end) = exceeded {
            self.missing_beyond = self.scan.split_off(end).iter().filter(|task| task.is_missing).count() as u64;
        }
    }

    /// Files whose content the index does not hold.
    pub(super) fn missing(&self) -> u64 {
        self.missing_beyond + self.scan.iter().filter(|task| task.is_missing).count() as u64
    }
}

/// Why a file of that size is left out.
pub(super) fn too_large(bytes: u64, settings: &Settings) -> Option<String> {
    let max = settings.text_bytes_max();
    (bytes > max).then(|| format!("{bytes} bytes, more than the limit of {max}"))
}

/// Why a file of that size is not parsed.
pub(super) fn too_large_to_parse(bytes: u64, settings: &Settings) -> Option<String> {
    let max = settings.structure_bytes_max();
    let why = || format!("more than {max} bytes, so it was not parsed: its names are found, not its definitions");
    (bytes > max).then(why)
}

/// Whether a file wants to be parsed: it was not yet, or other files were too large then than are now.
pub(super) fn wants_parsing(row: &FileRow, settings: &Settings) -> bool {
    row.structure_pending() || !has_structure_of_its_size(row, settings)
}

fn has_structure_of_its_size(row: &FileRow, settings: &Settings) -> bool {
    if row.structure.is_none() {
        return true;
    }
    match too_large_to_parse(row.stat.size, settings) {
        Some(why) => row.reason == why,
        // There is no other reason for which a file is indexed, but not simply.
        None => row.disposition != Disposition::Indexed || row.reason.is_empty(),
    }
}

/// Whether a file whose stat is this is surely what the index knows.
pub(super) fn is_unchanged(row: &FileRow, stat: FileStat, settings: &Settings) -> bool {
    let settled = |time_ns: i64| time_ns.saturating_add(RACY_NS) <= row.read_ns;
    // Why a file cannot be read need not show in its stat: no descriptor was left, a disk failed.
    let was_read = !is_unread(row.disposition);
    let is_of_its_size = match too_large(stat.size, settings) {
        Some(why) => row.disposition == Disposition::TooLarge && row.reason == why,
        None => row.disposition != Disposition::TooLarge,
    };
    row.stat == stat && settled(stat.mtime_ns) && settled(stat.ctime_ns) && was_read && is_of_its_size
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::kinds::Language;
    use crate::store::Structure;

    const SECOND: i64 = 1_000_000_000;

    fn stat(mtime_ns: i64) -> FileStat {
        FileStat { size: 10, mtime_ns, ctime_ns: mtime_ns, inode: 1 }
    }

    fn row(id: FileId, path: &str, mtime_ns: i64, read_ns: i64, scan_generation: u64) -> FileRow {
        FileRow {
            id,
            path: path.into(),
            stat: stat(mtime_ns),
            read_ns,
            disposition: Disposition::Indexed,
            reason: String::new(),
            language: None,
            content_hash: Some([0; 16]),
            scan_generation,
            structure: None,
        }
    }

    fn found(path: &str, mtime_ns: i64) -> Found {
        Found { path: path.into(), stat: stat(mtime_ns), unread: None }
    }

    static BUILT_IN: LazyLock<Settings> = LazyLock::new(Settings::default);

    fn rules(force: bool, budget: Budget) -> Rules<'static> {
        Rules { settings: &BUILT_IN, doubts_languages: false, force, start_generation: 5, next_file: 100, budget }
    }

    fn scanned(plan: &Plan) -> Vec<(FileId, &[u8])> {
        plan.scan.iter().map(|task| (task.id, task.path.as_slice())).collect()
    }

    #[test]
    fn only_what_changed_is_read() {
        let known = vec![
            row(1, "changed", SECOND, 9 * SECOND, 1),
            row(2, "gone", SECOND, 9 * SECOND, 1),
            row(3, "racy", 9 * SECOND - 1, 9 * SECOND, 1),
            row(4, "same", SECOND, 9 * SECOND, 1),
        ];
        let walk =
            vec![found("changed", 2 * SECOND), found("new", 1), found("racy", 9 * SECOND - 1), found("same", SECOND)];
        let plan = Plan::new(walk, known, rules(false, Budget::default()));
        assert_eq!(scanned(&plan), [(1, b"changed".as_slice()), (100, b"new"), (3, b"racy")]);
        assert_eq!(plan.removed, [2]);
    }

    #[test]
    fn what_a_directory_hides_is_not_taken_for_deleted() {
        let known = [row(1, "a/x", 1, 9 * SECOND, 1), row(2, "b", 1, 9 * SECOND, 1), row(3, "gone", 1, 9 * SECOND, 1)];
        let hidden = Found { unread: Some("refused".into()), ..found("a/", 1) };
        let plan = Plan::new(vec![hidden, found("b", 1)], known.to_vec(), rules(false, Budget::default()));
        assert_eq!((plan.removed, plan.deleted), (vec![1, 3], 1));
        assert_eq!(plan.scan[0].unread.as_deref(), Some("refused"));
        let known = vec![row(4, "a/", 1, 9 * SECOND, 1)];
        let plan = Plan::new(vec![found("a/x", 1)], known, rules(false, Budget::default()));
        assert_eq!((plan.removed, plan.deleted), (vec![4], 0), "it can be read again");
    }

    #[test]
    fn what_other_settings_make_of_a_file_is_looked_at_again() {
        let text = |path, language| FileRow { language, ..row(1, path, SECOND, 9 * SECOND, 1) };
        let known = [
            text("a.py", Some(Language::Python)),
            text("b.inc", None),
            text("c.py", None),
            text("d.h", Some(Language::Cpp)),
            text("e.tpl", None),
        ];
        let walk = || {
            known.iter().map(|row| Found { path: row.path.clone(), stat: row.stat, unread: None }).collect::<Vec<_>>()
        };
        let plan = |settings: &str, doubts_languages| {
            let settings = Settings::parse(settings.as_bytes());
            let rules = Rules { settings: &settings, doubts_languages, ..rules(false, Budget::default()) };
            let plan = Plan::new(walk(), known.to_vec(), rules);
            plan.scan.iter().map(|task| String::from_utf8_lossy(&task.path).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(plan("", false), [] as [String; 0]);
        // What only the content tells is read whenever something else may have been told of it.
        assert_eq!(plan("", true), ["b.inc", "c.py", "d.h", "e.tpl"]);
        assert_eq!(plan("languages = { inc = 'php', 'e.tpl' = 'text', h = 'cpp' }", true), ["b.inc", "c.py"]);
        assert_eq!(plan("max_file_bytes = 9", false).len(), 5);
        assert_eq!(plan("max_file_bytes = 10", false).len(), 0);
    }

    #[test]
    fn a_file_too_large_to_parse_is_parsed_when_it_is_not_any_more() {
        let (small, built_in) = (Settings::parse(b"max_structure_bytes = 5"), Settings::default());
        let structure = Structure {
            hash: [0; 16],
            version: crate::extract::version(Language::Python),
            lexical: false,
            symbols: 0,
            references: 0,
            generation: 1,
        };
        let parsed = FileRow {
            language: Some(Language::Python),
            structure: Some(structure),
            ..row(1, "a.py", SECOND, 9 * SECOND, 1)
        };
        assert!(wants_parsing(&parsed, &small) && !wants_parsing(&parsed, &built_in));
        let left = FileRow { reason: too_large_to_parse(10, &small).unwrap(), ..parsed.clone() };
        assert!(!wants_parsing(&left, &small) && wants_parsing(&left, &built_in));
        assert!(wants_parsing(&left, &Settings::parse(b"max_structure_bytes = 6")), "it says the limit");
        let failed = FileRow { disposition: Disposition::Quarantined, reason: "its grammar failed".into(), ..parsed };
        assert!(wants_parsing(&failed, &small) && !wants_parsing(&failed, &built_in));
    }

    #[test]
    fn force_reads_what_this_job_has_not_read() {
        let known = vec![row(1, "a", SECOND, 9 * SECOND, 5), row(2, "b", SECOND, 9 * SECOND, 6)];
        let plan = Plan::new(vec![found("a", SECOND), found("b", SECOND)], known, rules(true, Budget::default()));
        assert_eq!(scanned(&plan), [(1, b"a".as_slice())]);
        assert_eq!(plan.scanned_before, 1);
    }

    #[test]
    fn what_could_not_be_read_is_tried_again() {
        let dispositions = [Disposition::Unreadable, Disposition::Unstable, Disposition::Binary];
        let known = dispositions
            .into_iter()
            .zip(["a", "b", "c"])
            .map(|(disposition, path)| FileRow { disposition, ..row(1, path, SECOND, 9 * SECOND, 1) });
        let walk = ["a", "b", "c"].map(|path| found(path, SECOND)).to_vec();
        let plan = Plan::new(walk, known.collect(), rules(false, Budget::default()));
        assert_eq!(scanned(&plan), [(1, b"a".as_slice()), (1, b"b")]);
    }

    #[test]
    fn budgets_count_what_an_earlier_run_of_the_job_did() {
        let known = vec![row(1, "a", SECOND, 9 * SECOND, 6), row(2, "b", SECOND, 9 * SECOND, 5)];
        let walk = || ["a", "b", "c", "d"].map(|path| found(path, SECOND)).to_vec();
        let files = Budget { files_max: Some(2), ..Default::default() };
        assert_eq!(scanned(&Plan::new(walk(), known.clone(), rules(false, files))), [(100, b"c".as_slice())]);
        let bytes = Budget { bytes_max: Some(20), ..Default::default() };
        assert_eq!(scanned(&Plan::new(walk(), known, rules(false, bytes))), [(100, b"c".as_slice())]);
    }

    #[test]
    fn budgets_end_the_list_and_say_so() {
        let walk = || vec![found("a", 1), found("b", 1), found("c", 1)];
        let files = Budget { files_max: Some(2), ..Default::default() };
        let plan = Plan::new(walk(), Vec::new(), rules(false, files));
        assert_eq!((plan.scan.len(), plan.missing_beyond, plan.limit), (2, 1, Some(Limit::Files)));
        let bytes = Budget { bytes_max: Some(10), ..Default::default() };
        let plan = Plan::new(walk(), Vec::new(), rules(false, bytes));
        assert_eq!((plan.scan.len(), plan.missing_beyond, plan.limit), (1, 2, Some(Limit::Bytes)));
    }

    #[test]
    fn a_budget_lets_one_file_through_and_what_could_not_be_read_does_not_count() {
        let walk = || vec![found("a", 1), found("b", 1), found("c", 1), found("d", 1)];
        let known = ["a", "b"].map(|path| FileRow { disposition: Disposition::Unreadable, ..row(1, path, 1, 9, 1) });
        let budgets =
            [Budget { files_max: Some(1), ..Budget::default() }, Budget { bytes_max: Some(1), ..Budget::default() }];
        for budget in budgets {
            let plan = Plan::new(walk(), known.to_vec(), rules(false, budget));
            let paths: Vec<_> = scanned(&plan).into_iter().map(|(_, path)| path).collect();
            assert_eq!((paths, plan.missing_beyond), (vec![b"a".as_slice(), b"b", b"c"], 1), "{budget:?}");
        }
    }
}
