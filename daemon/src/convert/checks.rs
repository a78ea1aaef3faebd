//! What the daemon finds about itself, as sentences with what to do. Pure: what was found is an argument.

use std::path::Path;

use vigie_core::store::Integrity;
use vigie_core::store::registry::ProjectRecord;
use vigie_proto::{Bytes, CheckRow, CheckState, Ext};

use super::numbers::size;
use super::progress::path_bytes;
use crate::limits::{Descriptors, Disk, Inotify};

/// Descriptors that the daemon has open whatever it does: logs, locks, the registry, the runtime.
const DESCRIPTORS_FIXED: u64 = 64;
/// Descriptors of an open store: three of each of its connections, and a watch.
const DESCRIPTORS_OF_STORE: u64 = 32;
/// Descriptors of a worker: two pipes, and one more while it starts.
const DESCRIPTORS_OF_WORKER: u64 = 3;
/// Connections that there must be room for. There may be more.
const DESCRIPTORS_OF_CLIENTS: u64 = 64;
/// Workers that are reckoned with where there are few descriptors: a job that gets none for more fails, and says so.
const WORKERS_OF_FEW: usize = 4;
/// Beyond this share of a limit, in hundredths, it is said that it comes near.
const NEAR_PERCENT: u64 = 80;
/// With less room on disk than this no job should begin.
const DISK_BYTES_MIN: u64 = 256 << 20;
/// What a limit of watches is worth raising to: some 500 MiB of the kernel's memory, if all were used.
const WATCHES_WANTED: u64 = 524_288;
/// What a limit of instances is worth raising to.
const INSTANCES_WANTED: u64 = 1024;

fn row(name: &str, state: CheckState, found: String, fix: String) -> CheckRow {
    CheckRow { name: name.to_owned(), project: Bytes::default(), state, found, fix, ext: Ext::default() }
}

fn ok(name: &str, found: String) -> CheckRow {
    row(name, CheckState::OK, found, String::new())
}

/// The configuration.
pub(crate) fn config(file: Option<&Path>, is_there: bool, warning: Option<String>) -> CheckRow {
    let place = file.map_or_else(|| "no place for config.toml".to_owned(), |file| file.display().to_string());
    match warning {
        Some(warning) => {
            let fix = format!("correct {place}, then vigie daemon restart");
            row("config", CheckState::WARN, warning, fix)
        }
        None if is_there => ok("config", format!("{place} is right")),
        None => ok("config", format!("{place} is not there, so every key has its default")),
    }
}

/// Memory of daemon and workers.
pub(crate) fn memory(used: u64, max: Option<u64>, cgroup: Option<u64>) -> CheckRow {
    let workers = "with its workers";
    match (max, cgroup) {
        (Some(max), Some(cgroup)) if max > cgroup => {
            let found = format!(
                "max_memory is {}, and the control group of the daemon may have only {}",
                size(max),
                size(cgroup)
            );
            row("memory", CheckState::WARN, found, format!("set max_memory below {} in config.toml", size(cgroup)))
        }
        (Some(max), _) if used > max => {
            let found = format!("the daemon uses {} {workers}, and max_memory is {}", size(used), size(max));
            let fix = "raise max_memory in config.toml; until then one job runs at a time, with one worker";
            row("memory", CheckState::WARN, found, fix.to_owned())
        }
        (Some(max), _) => ok("memory", format!("{} of {} {workers}", size(used), size(max))),
        (None, _) => ok("memory", format!("{} {workers}, no limit", size(used))),
    }
}

/// Fewest descriptors with which the daemon can do anything: one store, one job, and some connections.
pub(crate) fn descriptors_min(workers: usize) -> u64 {
    DESCRIPTORS_FIXED + DESCRIPTORS_OF_STORE + DESCRIPTORS_OF_WORKER * 2 * workers.min(WORKERS_OF_FEW) as u64
}

/// File descriptors, for so many open stores and so many workers of a job.
pub(crate) fn descriptors(found: Option<Descriptors>, stores: usize, workers: usize) -> CheckRow {
    let name = "descriptors";
    let Some(Descriptors { open, max }) = found else {
        return row(
            name,
            CheckState::WARN,
            "/proc does not say which files are open".to_owned(),
            "mount /proc".to_owned(),
        );
    };
    let Some(max) = max else { return ok(name, format!("{open} open, no limit")) };
    let wanted = DESCRIPTORS_FIXED
        + DESCRIPTORS_OF_CLIENTS
        + DESCRIPTORS_OF_STORE * stores as u64
        + DESCRIPTORS_OF_WORKER * 2 * workers as u64;
    let raised = wanted.max(2 * max).max(1024);
    // The soft limit was raised as far as it goes.
    let fix = format!(
        "have root raise the hard limit to {raised} (limits.conf, or LimitNOFILE= of the unit), then vigie daemon restart"
    );
    if open * 100 >= max * 95 {
        return row(name, CheckState::FAIL, format!("{open} of {max} are open: clients and stores are refused"), fix);
    }
    if max < wanted {
        let found = format!("{open} of {max} are open, and {wanted} may be needed with {stores} stores open");
        return row(name, CheckState::WARN, found, fix);
    }
    if open * 100 >= max * NEAR_PERCENT {
        return row(name, CheckState::WARN, format!("{open} of {max} are open"), fix);
    }
    ok(name, format!("{open} of {max} open"))
}

/// Watches.
pub(crate) fn inotify(found: Option<Inotify>, directories: u64) -> CheckRow {
    let name = "inotify";
    let Some(Inotify { watches, watches_max, instances, instances_max }) = found else {
        let found = "the system does not say how many watches there may be";
        return row(
            name,
            CheckState::WARN,
            found.to_owned(),
            "trees are polled where they cannot be watched".to_owned(),
        );
    };
    let said = format!(
        "{watches} of {watches_max} watches and {instances} of {instances_max} instances of this user, {directories} by vigied"
    );
    let sysctl = |key: &str, now: u64, wanted: u64| {
        format!(
            "echo fs.inotify.{key}={} | sudo tee /etc/sysctl.d/60-vigie.conf && sudo sysctl --system",
            wanted.max(2 * now)
        )
    };
    if watches * 100 >= watches_max * NEAR_PERCENT {
        let state = if watches >= watches_max { CheckState::FAIL } else { CheckState::WARN };
        return row(name, state, said, sysctl("max_user_watches", watches_max, WATCHES_WANTED));
    }
    if instances * 100 >= instances_max * NEAR_PERCENT {
        let state = if instances >= instances_max { CheckState::FAIL } else { CheckState::WARN };
        return row(name, state, said, sysctl("max_user_instances", instances_max, INSTANCES_WANTED));
    }
    ok(name, said)
}

/// Room on disk, where the indexes may take so many more bytes.
pub(crate) fn disk(dir: &Path, found: Option<Disk>, used: u64, quota: u64) -> Vec<CheckRow> {
    let place = dir.display();
    let of_quota = format!("the indexes have {} of {}", size(used), size(quota));
    let mut rows = vec![if used * 100 >= quota.saturating_mul(NEAR_PERCENT) {
        let fix = "raise store_quota in config.toml, or vigie forget PATH for projects that are not needed (vigie projects lists them)";
        row("quota", CheckState::WARN, format!("{of_quota}: those used longest ago are removed soon"), fix.to_owned())
    } else {
        ok("quota", of_quota)
    }];
    rows.push(match found {
        None => row("disk", CheckState::WARN, format!("the room at {place} is not known"), format!("df {place}")),
        Some(Disk { free_bytes, bytes }) => {
            let said = format!("{} of {} are free at {place}", size(free_bytes), size(bytes));
            let fix = format!("make room at {place}, or vigie forget PATH for projects that are not needed");
            if free_bytes < DISK_BYTES_MIN {
                row(
                    "disk",
                    CheckState::FAIL,
                    format!("{said}: with less than {} a job may find no room to write", size(DISK_BYTES_MIN)),
                    fix,
                )
            } else if free_bytes < quota.saturating_sub(used).min(4 * DISK_BYTES_MIN) {
                let wanted = size(quota.saturating_sub(used).min(4 * DISK_BYTES_MIN));
                row(
                    "disk",
                    CheckState::WARN,
                    format!("{said}: with less than {wanted} the indexes may outgrow it"),
                    fix,
                )
            } else {
                ok("disk", said)
            }
        }
    });
    rows
}

/// The registry.
pub(crate) fn registry(findings: &[String], projects: usize, path: &Path) -> CheckRow {
    if findings.is_empty() {
        return ok("registry", format!("whole, {}", super::numbers::counted(projects as u64, "project")));
    }
    let fix = format!("vigie daemon stop; mv {0} {0}.bad; index your projects again with vigie index", quoted(path));
    row("registry", CheckState::FAIL, format!("damaged: {}", findings.join("; ")), fix)
}

/// That the store of a project is being read.
pub(crate) fn store_begun(record: &ProjectRecord) -> CheckRow {
    let found = format!("reading {}", size(record.store_bytes));
    CheckRow { project: path_bytes(&record.root), ..row("store", CheckState::BEGUN, found, String::new()) }
}

/// The store of a project; an error is a sentence.
pub(crate) fn store(record: &ProjectRecord, found: &Result<Integrity, String>, ms_max: u32) -> CheckRow {
    let root = quoted(&record.root);
    let watch = if record.watched { " --watch" } else { "" };
    let anew = format!("vigie forget {root}; vigie index{watch} --project {root}");
    let row = match found {
        Ok(Integrity::Whole) => ok("store", format!("whole, {}", size(record.store_bytes))),
        Ok(Integrity::Damaged(reason)) => row("store", CheckState::FAIL, format!("damaged: {reason}"), anew),
        Ok(Integrity::Missing) if record.generation == 0 => ok("store", "nothing is indexed yet".to_owned()),
        Ok(Integrity::Missing) => {
            let fix = format!("vigie index{watch} --project {root}");
            row("store", CheckState::FAIL, "its file is gone".to_owned(), fix)
        }
        Ok(Integrity::Unfinished) => {
            let found =
                format!("not read to its end within {:.1} s; what was read is whole", f64::from(ms_max) / 1000.0);
            row("store", CheckState::WARN, found, format!("vigie doctor --project {root} --max-seconds 0"))
        }
        Err(reason) => row("store", CheckState::FAIL, format!("cannot be read: {reason}"), anew),
    };
    CheckRow { project: path_bytes(&record.root), ..row }
}

/// The root of a project, and how it is followed, if either is not as it should be.
pub(crate) fn project(record: &ProjectRecord, is_there: bool, polled: Option<&str>) -> Option<CheckRow> {
    let root = quoted(&record.root);
    let row = if !is_there {
        let found = "its directory is gone; its index is kept for 30 days".to_owned();
        row("project", CheckState::WARN, found, format!("vigie forget {root}"))
    } else {
        let note = polled?;
        row(
            "watch",
            CheckState::WARN,
            format!("looked at again and again, not watched: {note}"),
            format!("vigie watch {root}"),
        )
    };
    Some(CheckRow { project: path_bytes(&record.root), ..row })
}

/// A project that lies in none of the directories that are allowed.
pub(crate) fn outside(record: &ProjectRecord, place: &str) -> CheckRow {
    let found = format!("it lies outside of roots_allowed in {place}: its index is kept, and answers nothing");
    let fix = format!("add it there, or vigie forget {}", quoted(&record.root));
    CheckRow { project: path_bytes(&record.root), ..row("project", CheckState::WARN, found, fix) }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }

    #[test]
    fn few_descriptors_are_told_before_they_are_used_up() {
        let with = |open, max| descriptors(Some(Descriptors { open, max: Some(max) }), 8, 4);
        assert_eq!(with(40, 4096).state, CheckState::OK);
        let low = with(40, 128);
        assert!(low.state == CheckState::WARN && low.fix.contains("hard limit to 1024"), "{low:?}");
        assert_eq!(with(125, 128).state, CheckState::FAIL);
        assert_eq!(with(3500, 4096).state, CheckState::WARN);
        assert_eq!(descriptors(Some(Descriptors { open: 9, max: None }), 8, 4).state, CheckState::OK);
    }

    #[test]
    fn the_limit_that_is_near_is_the_one_to_raise() {
        let of = |watches, instances| {
            inotify(Some(Inotify { watches, watches_max: 8192, instances, instances_max: 128 }), 7)
        };
        assert_eq!(of(10, 1).state, CheckState::OK);
        let full = of(8192, 1);
        assert!(full.state == CheckState::FAIL && full.fix.contains("max_user_watches=524288"), "{full:?}");
        let near = of(10, 120);
        assert!(near.state == CheckState::WARN && near.fix.contains("max_user_instances=1024"), "{near:?}");
    }

    #[test]
    fn room_is_judged_by_what_may_come() {
        let with = |free_bytes, used, quota| {
            let rows = disk(Path::new("/s"), Some(Disk { free_bytes, bytes: 1 << 40 }), used, quota);
            (rows[0].state, rows[1].state)
        };
        assert_eq!(with(100 << 30, 1 << 30, 20 << 30), (CheckState::OK, CheckState::OK));
        assert_eq!(with(100 << 30, 19 << 30, 20 << 30), (CheckState::WARN, CheckState::OK));
        assert_eq!(with(500 << 20, 1 << 30, 20 << 30).1, CheckState::WARN);
        assert_eq!(with(10 << 20, 0, 20 << 30).1, CheckState::FAIL);
    }

    #[test]
    fn memory_beyond_the_control_group_is_told() {
        assert_eq!(memory(1 << 20, None, None).state, CheckState::OK);
        assert_eq!(memory(1 << 20, Some(2 << 20), Some(1 << 20)).state, CheckState::WARN);
        assert_eq!(memory(3 << 20, Some(2 << 20), None).state, CheckState::WARN);
        assert_eq!(memory(1 << 20, Some(2 << 20), Some(4 << 20)).state, CheckState::OK);
    }
}
