//! Which projects are let go of without being asked: those whose root has been gone for a month, and, where all indexes together take
//! more room than they may, those that were used longest ago. Pure: the actor carries it out.

use std::path::PathBuf;

use vigie_core::store::registry::ProjectRecord;

/// A root that has been gone for this long will not come back: a disk that is not mounted now and then does.
const GONE_MAX_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Why a project is let go of, as a sentence.
fn gone(record: &ProjectRecord) -> String {
    format!("{} has been gone for 30 days: its index was removed", record.root.display())
}

fn over_quota(record: &ProjectRecord, quota_bytes: u64) -> String {
    let mib = |bytes: u64| bytes >> 20;
    format!(
        "the indexes took more than {} MiB together: that of {}, which was used longest ago, was removed ({} MiB)",
        mib(quota_bytes),
        record.root.display(),
        mib(record.store_bytes)
    )
}

/// The projects to let go of, each with a sentence that says why. `may_go` says of which nobody uses the store now.
pub(super) fn to_let_go<'a>(
    records: impl Iterator<Item = &'a ProjectRecord>,
    quota_bytes: u64,
    now_ms: u64,
    may_go: impl Fn(&ProjectRecord) -> bool,
) -> Vec<(PathBuf, String)> {
    let is_gone = |record: &&ProjectRecord| record.gone_ms > 0 && now_ms.saturating_sub(record.gone_ms) >= GONE_MAX_MS;
    let (gone_long, mut kept): (Vec<_>, Vec<_>) = records.partition(is_gone);
    let mut going: Vec<_> = gone_long.into_iter().map(|record| (record.root.clone(), gone(record))).collect();
    let mut bytes: u64 = kept.iter().map(|record| record.store_bytes).sum();
    kept.sort_by_key(|record| record.used_ms);
    // The one that was used last stays, however large it is: whoever made it wants it.
    kept.pop();
    for record in kept {
        if bytes <= quota_bytes {
            break;
        }
        if may_go(record) {
            bytes = bytes.saturating_sub(record.store_bytes);
            going.push((record.root.clone(), over_quota(record, quota_bytes)));
        }
    }
    going
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(root: &str, store_bytes: u64, used_ms: u64, gone_ms: u64) -> ProjectRecord {
        ProjectRecord {
            root: root.into(),
            store_name: String::new(),
            registered_ms: 1,
            note: String::new(),
            generation: 1,
            files: 1,
            bytes: 1,
            symbols: 1,
            references: 1,
            store_bytes,
            indexed_ms: 1,
            watched: false,
            used_ms,
            gone_ms,
        }
    }

    fn roots(records: &[ProjectRecord], quota_bytes: u64, now_ms: u64) -> Vec<String> {
        let going = to_let_go(records.iter(), quota_bytes, now_ms, |record| record.root.as_os_str() != "/busy");
        going.into_iter().map(|(root, _)| root.display().to_string()).collect()
    }

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let records = [record("/a", 40, 3, 0), record("/b", 40, 1, 0), record("/c", 40, 2, 0), record("/d", 40, 4, 0)];
        assert_eq!(roots(&records, 160, 9), Vec::<String>::new());
        assert_eq!(roots(&records, 159, 9), ["/b"]);
        assert_eq!(roots(&records, 80, 9), ["/b", "/c"]);
        assert_eq!(roots(&records, 0, 9), ["/b", "/c", "/a"], "the last one stays");
    }

    #[test]
    fn what_is_in_use_stays() {
        let records = [record("/busy", 40, 1, 0), record("/b", 40, 2, 0), record("/c", 40, 3, 0)];
        assert_eq!(roots(&records, 100, 9), ["/b"]);
    }

    #[test]
    fn a_root_that_is_gone_for_a_month_is_let_go_of() {
        let day = 24 * 60 * 60 * 1000;
        let records = [record("/a", 1, 1, 5), record("/b", 1, 1, 0)];
        assert_eq!(roots(&records, 100, 5 + 29 * day), Vec::<String>::new());
        assert_eq!(roots(&records, 100, 5 + 30 * day), ["/a"]);
    }
}
