//! Golden values of what the daemon tells of itself.

use vigie_proto::*;

use super::Visitor;
use super::values::{ext, path, target};

pub(super) fn observe(visitor: &mut impl Visitor) {
    visitor.visit(300, false, Metrics { ext: ext(210) });
    visitor.visit(300, true, MetricsReply { rows: vec![metric()], ext: ext(211) });
    visitor.visit(301, false, Check { target: target(), store_ms_max: 60_000, quick: true, ext: ext(212) });
    visitor.visit(301, true, CheckRows { rows: vec![check_row()], ext: ext(213) });
    visitor.visit(302, false, Activity { ext: ext(214) });
    visitor.visit(302, true, activity());
}

fn metric() -> Metric {
    Metric {
        name: "vigie_query_duration_seconds".into(),
        help: "Time from a question to the end of its answer.".into(),
        kind: MetricKind::HISTOGRAM,
        scale: 1_000_000,
        bounds: vec![500, 1000],
        samples: vec![MetricSample {
            labels: vec![MetricLabel { name: "kind".into(), value: "text".into(), ext: ext(215) }],
            value: 4_321,
            counts: vec![3, 5, 6],
            ext: ext(216),
        }],
        ext: ext(217),
    }
}

fn check_row() -> CheckRow {
    CheckRow {
        name: "inotify".into(),
        project: "/home/ann/src".into(),
        state: CheckState::WARN,
        found: "8,100 of 8,192 watches are in use".into(),
        fix: "sudo sysctl fs.inotify.max_user_watches=524288".into(),
        ext: ext(218),
    }
}

fn activity() -> ActivityReply {
    ActivityReply {
        uptime_ms: 3_600_000,
        memory_bytes: 42 << 20,
        memory_bytes_max: 1 << 30,
        queries_waiting: 3,
        readers: 4,
        workers: vec![WorkerRow { pid: 4343, job: 77, memory_bytes: 21 << 20, ext: ext(219) }],
        clients: vec![ClientRow {
            session: 12,
            name: "vigie text".into(),
            version: "0.1.0".into(),
            pid: 4141,
            since_ms: 1_790_000_000_001,
            requests_open: 2,
            requests: 99,
            subscriptions: 1,
            queued_bytes: 65_536,
            resyncs: 4,
            files_dropped: 1_000,
            ext: ext(220),
        }],
        files_now: vec![FileNow {
            job: 77,
            project: "/home/ann/src".into(),
            path: path(),
            elapsed_ms: 1250,
            ext: ext(221),
        }],
        slow_queries: vec![SlowQuery {
            kind: 64,
            asked_ms: 1_790_000_000_002,
            elapsed_us: 350_000,
            worked_us: 120_000,
            rows: 41,
            project: "/home/ann/src".into(),
            generation: 91,
            client: "vigie text".into(),
            failure: 7,
            ext: ext(222),
        }],
        slow_query_us: 100_000,
        slow_files: vec![SlowFile {
            job: 77,
            project: "/home/ann/src".into(),
            path: path(),
            language: "rust".into(),
            done_ms: 1_790_000_000_003,
            elapsed_us: 640_000,
            bytes: 1_900_000,
            disposition: Disposition::QUARANTINED,
            ext: ext(223),
        }],
        slow_file_us: 250_000,
        ext: ext(224),
    }
}
