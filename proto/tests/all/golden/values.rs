//! One value of every message, with no field left at its default.

use vigie_proto::*;

use super::Visitor;

/// Visits every message once, in the order of kinds.
pub(crate) fn each(visitor: &mut impl Visitor) {
    connection(visitor);
    jobs(visitor);
    events(visitor);
    projects(visitor);
    super::observe::observe(visitor);
    queries(visitor);
    rows(visitor);
    structure(visitor);
    search(visitor);
    changed(visitor);
    reading(visitor);
    impact(visitor);
}

fn connection(visitor: &mut impl Visitor) {
    visitor.visit(
        1,
        false,
        Hello { client: "vigie".into(), version: "0.1.0".into(), required: strings(&["jobs", "events"]), ext: ext(1) },
    );
    visitor.visit(
        1,
        true,
        Welcome {
            version: "0.1.0".into(),
            protocol: 1,
            epoch: 0xfedc_ba98_7654_3210,
            pid: 4242,
            capabilities: strings(capability::ALL),
            body_bytes_max: CLIENT_BODY_BYTES_MAX,
            requests_max: 64,
            ext: ext(2),
        },
    );
    visitor.visit(0, false, GoAway { reason: "the system shuts down".into(), retry_after_ms: 1500, ext: ext(3) });
    visitor.visit(
        260,
        true,
        Failure {
            code: ErrorCode::NOT_INDEXED,
            message: "/home/ann/src/tool lies in no indexed project".into(),
            hint: "run `vigie index` there".into(),
            retry_after_ms: 250,
            root: "/home/ann/src".into(),
            ext: ext(4),
        },
    );
    visitor.visit(261, false, Ping { token: 0x0102_0304_0506_0708, ext: ext(5) });
    visitor.visit(261, true, Pong { token: 0x0102_0304_0506_0708, ext: ext(6) });
    visitor.visit(262, false, Withdraw { ext: ext(7) });
    visitor.visit(263, false, Shutdown { ext: ext(8) });
    visitor.visit(263, true, Done { ext: ext(9) });
}

fn jobs(visitor: &mut impl Visitor) {
    visitor.visit(
        264,
        false,
        Index {
            path: path(),
            project: "/home/ann/src".into(),
            flags: job_flag::FORCE | job_flag::FILES,
            budget: Budget {
                files_max: 10_000,
                bytes_max: 1 << 33,
                seconds_max: 3600,
                memory_bytes_max: 512 << 20,
                workers_max: 2,
                ext: ext(16),
            },
            ext: ext(17),
        },
    );
    visitor.visit(
        264,
        false,
        JobAccepted { job: 77, joined: true, resumed: true, root: "/home/ann/src".into(), ext: ext(18) },
    );
    visitor.visit(265, false, ListJobs { ended_max: 20, ext: ext(19) });
    visitor.visit(265, true, JobRows { rows: vec![job_row()], ext: ext(20) });
    visitor.visit(266, false, CancelJob { job: 77, ext: ext(21) });
    let ended = Some(ProgressEvent { r#type: EventType::CANCELLED, state: JobState::CANCELLED, ..progress_event() });
    visitor.visit(266, true, CancelAck { job: 77, state: JobState::CANCELLED, ended, ext: ext(22) });
    let files = vec!["src/mât.rs".into(), "/home/ann/src/gone.rs".into()];
    visitor.visit(267, false, Refresh { target: target(), files, ext: ext(91) });
    visitor.visit(
        267,
        true,
        Refreshed {
            root: "/home/ann/src".into(),
            generation: 41,
            indexed: 3,
            unchanged: 2,
            removed: 1,
            ignored: 4,
            notes: vec!["src/mât.tmp is ignored".into()],
            job: 78,
            ext: ext(92),
        },
    );
    visitor.visit(298, false, PauseJob { job: 77, ext: ext(200) });
    let ended = Some(ProgressEvent { r#type: EventType::ERROR, state: JobState::FAILED, ..progress_event() });
    visitor.visit(298, true, PauseAck { job: 77, state: JobState::PAUSED, ended, ext: ext(201) });
    visitor.visit(299, false, ResumeJob { job: 77, ext: ext(202) });
}

fn job_row() -> JobRow {
    JobRow {
        job: 77,
        project: "/home/ann/src".into(),
        kind: JobKind::REFRESH,
        state: JobState::RUNNING,
        stage: Stage::INDEXING,
        current: 1200,
        total: 5520,
        permille: 431,
        accepted_ms: 1_790_000_000_001,
        started_ms: 1_790_000_000_020,
        ended_ms: 1_790_000_009_999,
        force: true,
        message: "indexing 1,200 of 5,520 files".into(),
        ext: ext(23),
    }
}

fn progress_event() -> ProgressEvent {
    ProgressEvent {
        r#type: EventType::COMPLETE,
        stage: Stage::FINALIZING,
        current: 5520,
        total: 5521,
        message: "indexed 5,520 files — done".into(),
        timestamp_ms: 1_790_000_012_345,
        job: 77,
        seq: 31,
        state: JobState::DONE,
        project: "/home/ann/src".into(),
        file: path(),
        file_ms: 1250,
        bytes: 37_000_000,
        errors: 2,
        rate_milli: 812_500,
        eta_ms: 4000,
        permille: 1000,
        sample: true,
        stats: Some(stats()),
        ext: ext(24),
    }
}

fn stats() -> Stats {
    Stats {
        files_seen: 5521,
        files_indexed: 5000,
        files_unchanged: 500,
        files_skipped: 19,
        files_pending: 7,
        files_failed: 2,
        files_unread: 2,
        directories_unread: 1,
        files_deleted: 4,
        files_cached: 3,
        symbols: 61_234,
        references: 801_234,
        bytes: 37_000_000,
        elapsed_ms: 12_345,
        text_ready_ms: 1_234,
        generation: 91,
        peak_memory_bytes: 180 << 20,
        store_bytes: 21_000_000,
        limit: Limit::SECONDS,
        ext: ext(25),
    }
}

fn events(visitor: &mut impl Visitor) {
    let epoch = 0xfedc_ba98_7654_3210;
    visitor.visit(
        267,
        false,
        Subscribe { job: 77, path: "/home/ann/src".into(), epoch, seq: 30, files: true, ext: ext(32) },
    );
    visitor.visit(267, false, Snapshot { epoch, seq: 31, jobs: vec![progress_event()], reset: true, ext: ext(33) });
    visitor.visit(267, true, progress_event());
    visitor.visit(267, false, FileEvents { job: 77, dropped: 12, files: vec![file_event()], ext: ext(34) });
    visitor.visit(267, false, Resync { dropped: 3, ext: ext(35) });
    visitor.visit(
        268,
        false,
        ProjectEvent {
            r#type: ProjectEventType::CLOSED,
            seq: 32,
            timestamp_ms: 1_790_000_012_999,
            project: "/home/ann/src".into(),
            generation: 92,
            tier: Tier::STRUCTURE,
            changed: vec!["lib/a.rs".into()],
            changed_many: true,
            message: "project closed".into(),
            ext: ext(36),
        },
    );
    visitor.visit(268, false, KeepAlive { timestamp_ms: 1_790_000_027_999, ext: ext(37) });
}

fn file_event() -> FileEvent {
    FileEvent {
        path: path(),
        stage: Stage::INDEXING,
        disposition: Disposition::QUARANTINED,
        reason: "the parser ran out of time twice".into(),
        language: "rust".into(),
        symbols: 17,
        micros: 48_000,
        ext: ext(38),
    }
}

fn projects(visitor: &mut impl Visitor) {
    visitor.visit(269, false, Status { target: target(), ext: ext(48) });
    visitor.visit(
        269,
        true,
        StatusReply {
            version: "0.1.0".into(),
            pid: 4242,
            epoch: 0xfedc_ba98_7654_3210,
            uptime_ms: 3_600_000,
            memory_bytes: 42 << 20,
            socket: "/run/user/1000/vigie/vigied.sock".into(),
            state_dir: "/home/ann/.local/state/vigie".into(),
            sessions: 3,
            stores_open: 2,
            stores_open_max: 8,
            jobs: vec![job_brief()],
            project: Some(project_row()),
            warnings: vec!["/c/config.toml:3: there is no key `worker`".into()],
            freshness: Freshness::UNVERIFIED,
            age_ms: 61_000,
            coverage: coverage_summary(),
            ext: ext(49),
        },
    );
    visitor.visit(270, false, ListProjects { ext: ext(50) });
    visitor.visit(270, true, ProjectRows { rows: vec![project_row()], ext: ext(51) });
    visitor.visit(295, false, Watch { path: path(), project: "/home/ann/src".into(), end: true, ext: ext(136) });
    visitor.visit(
        295,
        true,
        Watched {
            root: "/home/ann/src".into(),
            state: WatchState::WATCHED,
            directories: 391,
            note: "it was not watched".into(),
            ext: ext(137),
        },
    );
    visitor.visit(296, false, Forget { target: target(), ext: ext(138) });
    visitor.visit(296, true, Forgotten { root: "/home/ann/src".into(), store_bytes: 21_000_000, ext: ext(139) });
    visitor.visit(297, false, Config { target: target(), ext: ext(140) });
    visitor.visit(
        297,
        true,
        ConfigReply {
            file: "/home/ann/.config/vigie/config.toml".into(),
            file_read: true,
            project: "/home/ann/src".into(),
            rows: vec![ConfigRow {
                of_project: true,
                key: "max_file_bytes".into(),
                value: "4194304".into(),
                source: ConfigSource::FILE,
                place: ".vigie.toml:3".into(),
                note: "lower than without it".into(),
                ext: ext(141),
            }],
            warnings: vec![".vigie.toml:4: there is no key `ignroe`".into()],
            ext: ext(142),
        },
    );
}

fn job_brief() -> JobBrief {
    JobBrief {
        job: 77,
        project: "/home/ann/src".into(),
        state: JobState::RUNNING,
        stage: Stage::SCANNING,
        permille: 120,
        ext: ext(52),
    }
}

fn project_row() -> ProjectRow {
    ProjectRow {
        root: "/home/ann/src".into(),
        state: ProjectState::OPEN,
        generation: 91,
        files: 5521,
        bytes: 37_000_000,
        symbols: 61_234,
        references: 801_234,
        store_bytes: 21_000_000,
        indexed_ms: 1_790_000_012_345,
        store: "/home/ann/.local/state/vigie/0123abcd.db".into(),
        note: "an earlier store could not be read and was set aside".into(),
        watch: WatchState::POLLED,
        watch_directories: 391,
        watch_note: "the system allows no more watches".into(),
        warnings: vec![".vigie.toml:4: there is no key `ignroe`".into()],
        ext: ext(53),
    }
}

fn coverage_summary() -> CoverageSummary {
    CoverageSummary {
        complete: true,
        files: 5521,
        text_files: 5500,
        structure_files: 5000,
        structure_pending: 7,
        text_pending: 1,
        skipped: 19,
        failed: 2,
        unread: 1,
        ext: ext(54),
    }
}

fn queries(visitor: &mut impl Visitor) {
    visitor.visit(271, false, text_query());
    visitor.visit(
        272,
        false,
        SymbolQuery {
            target: target(),
            query: "Decoder.push".into(),
            mode: SymbolMode::DEFINITION,
            kinds: vec![SymbolKind::METHOD, SymbolKind::FUNCTION],
            options: options(),
            ext: ext(65),
        },
    );
    visitor.visit(
        273,
        false,
        FileQuery {
            target: target(),
            query: "frm.rs".into(),
            mode: MatchMode::SUBSTRING,
            options: options(),
            ext: ext(66),
        },
    );
    visitor.visit(
        274,
        false,
        CoverageQuery {
            target: target(),
            since: 90,
            dispositions: vec![Disposition::BINARY, Disposition::TOO_LARGE],
            options: options(),
            ext: ext(67),
        },
    );
    visitor.visit(275, false, DumpQuery { target: target(), partial: true, ext: ext(68) });
}

fn text_query() -> TextQuery {
    TextQuery {
        target: target(),
        pattern: "fn \\w+_größe".into(),
        alternatives: strings(&["TODO", "FIXME"]),
        flags: text_flag::SMART_CASE | text_flag::WORD,
        before: 2,
        after: 3,
        types: strings(&["rust", "py"]),
        types_not: strings(&["lock"]),
        overrides: strings(&["*.rs", "!/target"]),
        overrides_dir: "/home/ann/src/tool".into(),
        options: options(),
        ext: ext(64),
    }
}

fn rows(visitor: &mut impl Visitor) {
    visitor.visit(271, false, TextRows { rows: vec![text_row(12), text_row(40)], ext: ext(69) });
    visitor.visit(272, false, SymbolRows { rows: vec![symbol_row()], ext: ext(70) });
    let file_row = FileRow {
        path: path(),
        language: "rust".into(),
        bytes: 6021,
        disposition: Disposition::INDEXED,
        score: 990,
        ext: ext(71),
    };
    visitor.visit(273, false, FileRows { rows: vec![file_row], ext: ext(72) });
    visitor.visit(274, false, CoverageRows { rows: vec![coverage_row()], ext: ext(73) });
    let lines = "{\"type\":\"file\",\"path\":\"a.rs\"}\n".into();
    visitor.visit(275, false, DumpLines { lines, ext: ext(74) });
    visitor.visit(
        271,
        true,
        QuerySummary {
            root: "/home/ann/src".into(),
            generation: 91,
            generation_changed: true,
            freshness: Freshness::INDEXING,
            age_ms: 350,
            coverage: coverage_summary(),
            pending: 3,
            provisional: true,
            truncated: true,
            cursor: Bytes(vec![0, 91, 0xff, b'"', b'\\']),
            rows: 2,
            vanished: 1,
            elapsed_us: 8_250,
            notes: strings(&["no trigram in the pattern: every file was read"]),
            ext: ext(75),
        },
    );
    visitor.visit(276, false, FileMatchQuery { text: text_query(), count: MatchCount::MATCHES, ext: ext(83) });
    let row = FileMatchRow { path: path(), lines: 17, matches: 21, flags: row_flag::CHANGED, ext: ext(84) };
    visitor.visit(276, false, FileMatchRows { rows: vec![row], ext: ext(85) });
}

fn text_row(line: u64) -> TextRow {
    TextRow {
        path: path(),
        line,
        column: 5,
        column_utf16: 4,
        text: Bytes(b"\xc3\xbc  fn gr\xc3\xb6\xc3\x9fe() {}".to_vec()),
        spans: vec![Span { start: 4, end: 13, ext: ext(76) }, Span { start: 14, end: 15, ext: ext(77) }],
        flags: row_flag::CHANGED | row_flag::TRUNCATED,
        ext: ext(78),
    }
}

fn symbol_row() -> SymbolRow {
    SymbolRow {
        name: "push".into(),
        qualified: "Decoder.push".into(),
        kind: SymbolKind::METHOD,
        path: path(),
        line: 117,
        column: 12,
        column_utf16: 11,
        start_line: 116,
        end_line: 128,
        container: "Decoder".into(),
        signature: "pub fn push(&mut self, bytes: &[u8])".into(),
        doc: "Takes bytes as they came.".into(),
        language: "rust".into(),
        flags: row_flag::STALE | row_flag::DECLARATION,
        score: 1000,
        confidence: Confidence::IMPORT,
        ext: ext(79),
    }
}

fn structure(visitor: &mut impl Visitor) {
    let kinds = vec![SymbolKind::METHOD];
    visitor.visit(
        277,
        false,
        ReferenceQuery {
            target: target(),
            query: "Decoder.push".into(),
            kinds: kinds.clone(),
            roles: vec![Role::CALL, Role::WRITE],
            flags: reference_flag::DEFINITIONS | reference_flag::TEXT | reference_flag::CERTAIN,
            options: options(),
            ext: ext(86),
        },
    );
    let row = ReferenceRow {
        path: path(),
        name: "push".into(),
        role: Role::CALL,
        line: 41,
        column: 9,
        column_utf16: 8,
        enclosing: "Session.read".into(),
        meaning: meaning(),
        language: "rust".into(),
        text: "decoder.push(&bytes);".into(),
        flags: row_flag::CHANGED,
        ext: ext(87),
    };
    visitor.visit(277, false, ReferenceRows { rows: vec![row], ext: ext(88) });
    visitor.visit(
        278,
        false,
        CallQuery {
            target: target(),
            query: "src/frame.rs:117:12".into(),
            kinds: kinds.clone(),
            direction: Direction::INCOMING,
            depth: 3,
            options: options(),
            ext: ext(89),
        },
    );
    let row = CallRow {
        from: Some(brief(90)),
        name: "push".into(),
        to: meaning(),
        path: path(),
        line: 41,
        column: 9,
        column_utf16: 8,
        depth: 2,
        flags: row_flag::STALE,
        ext: ext(91),
    };
    visitor.visit(278, false, CallRows { rows: vec![row], ext: ext(92) });
    visitor.visit(
        279,
        false,
        HierarchyQuery {
            target: target(),
            query: "Session".into(),
            kinds,
            direction: Direction::BOTH,
            depth: 4,
            options: options(),
            ext: ext(93),
        },
    );
    let row = HierarchyRow {
        direction: Direction::OUTGOING,
        derived: brief(94),
        name: "io::Read".into(),
        base: meaning(),
        depth: 1,
        ext: ext(95),
    };
    visitor.visit(279, false, HierarchyRows { rows: vec![row], ext: ext(96) });
    let query = ImportQuery {
        target: target(),
        file: path(),
        direction: Direction::INCOMING,
        options: options(),
        ext: ext(97),
    };
    visitor.visit(280, false, query);
    let row = ImportRow {
        path: path(),
        line: 3,
        column: 5,
        column_utf16: 5,
        module: "crate::frame".into(),
        name: "Decoder".into(),
        alias: "Reader".into(),
        exported: true,
        meaning: meaning(),
        flags: row_flag::CHANGED,
        ext: ext(98),
    };
    visitor.visit(280, false, ImportRows { rows: vec![row], ext: ext(99) });
}

fn search(visitor: &mut impl Visitor) {
    let query = SearchQuery {
        target: target(),
        query: "where are frames decoded".into(),
        kinds: vec![SymbolKind::METHOD, SymbolKind::FUNCTION],
        options: options(),
        ext: ext(102),
    };
    visitor.visit(281, false, query);
    let parts = ScoreParts {
        text_milli: 4_210,
        path_milli: 1_400,
        definition_milli: 3_875,
        passage_milli: 2_125,
        density_milli: 1_750,
        prior_milli: 900,
        ext: ext(103),
    };
    let row = SearchRow {
        path: path(),
        language: "rust".into(),
        symbol: Some(symbol_row()),
        start_line: 116,
        end_line: 128,
        score_milli: 8_536,
        parts,
        line: 119,
        text: "let frame = self.decode()?;".into(),
        spans: vec![Span { start: 4, end: 9, ext: ext(104) }, Span { start: 17, end: 23, ext: ext(105) }],
        flags: row_flag::CHANGED | row_flag::GONE,
        ext: ext(106),
    };
    visitor.visit(281, false, SearchRows { rows: vec![row], ext: ext(107) });
}

fn changed(visitor: &mut impl Visitor) {
    let kinds = vec![SymbolKind::METHOD, SymbolKind::FUNCTION];
    let files =
        vec![OldFile { path: path(), state: OldState::PRESENT, content: "fn old() {}\n".into(), ext: ext(130) }];
    let query = ChangedQuery { target: target(), since: Some(91), files, kinds, options: options(), ext: ext(133) };
    visitor.visit(282, false, query);
    let row = ChangedRow {
        path: path(),
        change: ChangeKind::SIGNATURE,
        kind: SymbolKind::METHOD,
        name: "decode".into(),
        qualified: "Frame.decode".into(),
        line: 118,
        column: 12,
        column_utf16: 11,
        signature: "pub fn decode(&self, max: u32) -> Frame".into(),
        old_signature: "pub fn decode(&self) -> Frame".into(),
        language: "rust".into(),
        reason: "no reason".into(),
        flags: row_flag::CHANGED | row_flag::STALE,
        ext: ext(134),
    };
    visitor.visit(282, false, ChangedRows { rows: vec![row], ext: ext(135) });
}

fn reading(visitor: &mut impl Visitor) {
    let query = ContextQuery {
        target: target(),
        targets: strings(&["Decoder.push", "/home/ann/src/tool/src/main.rs:9:4"]),
        words: "where are frames decoded".into(),
        kinds: vec![SymbolKind::METHOD, SymbolKind::FUNCTION],
        tokens_max: 4000,
        options: options(),
        ext: ext(110),
    };
    visitor.visit(290, false, query);
    let row = ContextRow {
        symbol: symbol_row(),
        reason: Reason::CALLER,
        of: "Decoder.pop".into(),
        form: Form::BRIEF,
        heading: "src/frame.rs:116-128 method Decoder.push (calls Decoder.pop)".into(),
        text: "pub fn push(&mut self, bytes: &[u8])".into(),
        tokens: 25,
        ext: ext(111),
    };
    visitor.visit(290, false, ContextRows { rows: vec![row], budget: budget(112), ext: ext(113) });
    let query = MapQuery { target: target(), tokens_max: 2000, depth: 3, options: options(), ext: ext(114) };
    visitor.visit(291, false, query);
    let symbol = MapSymbol { name: "Decoder".into(), kind: SymbolKind::STRUCT, line: 101, ext: ext(115) };
    let row = MapRow {
        path: path(),
        name: "naïve.rs".into(),
        detail: "Decoder".into(),
        directory: true,
        depth: 2,
        files: 17,
        rank_milli: 4_820,
        symbols: vec![symbol],
        tokens: 7,
        ext: ext(116),
    };
    visitor.visit(291, false, MapRows { rows: vec![row], budget: budget(117), ext: ext(118) });
}

fn budget(tag: u16) -> TokenBudget {
    TokenBudget { used: 3_998, max: 4_000, left_out: 57, ext: ext(tag) }
}

fn impact(visitor: &mut impl Visitor) {
    let query = ImpactQuery {
        target: target(),
        targets: strings(&["Decoder.push", "removed"]),
        gone: strings(&["Decoder.pull"]),
        kinds: vec![SymbolKind::METHOD, SymbolKind::FUNCTION],
        depth: 3,
        certain: true,
        options: options(),
        ext: ext(119),
    };
    visitor.visit(292, false, query);
    let row = ImpactRow {
        user: Some(brief(120)),
        path: path(),
        line: 204,
        column: 21,
        column_utf16: 20,
        roles: vec![Role::CALL, Role::READ],
        uses: 3,
        on: Some(brief(121)),
        confidence: Confidence::IMPORT,
        test: true,
        depth: 2,
        flags: row_flag::CHANGED | row_flag::STALE,
        ext: ext(122),
    };
    visitor.visit(292, false, ImpactRows { rows: vec![row], ext: ext(123) });
}

fn meaning() -> Meaning {
    Meaning { confidence: Confidence::AMBIGUOUS, targets: vec![brief(100)], total: 17, ext: ext(101) }
}

fn brief(tag: u16) -> SymbolBrief {
    SymbolBrief {
        qualified: "Decoder.push".into(),
        kind: SymbolKind::METHOD,
        path: path(),
        line: 117,
        column: 12,
        column_utf16: 11,
        ext: ext(tag),
    }
}

fn coverage_row() -> CoverageRow {
    CoverageRow {
        path: path(),
        disposition: Disposition::UNSTABLE,
        reason: "changed each time it was read".into(),
        language: "rust".into(),
        bytes: 6021,
        structure: StructureState::LEXICAL,
        symbols: 17,
        references: 210,
        generation: 91,
        ext: ext(80),
    }
}

pub(super) fn target() -> Target {
    Target { path: "/home/ann/src/tool".into(), project: "/home/ann/src".into(), ext: ext(81) }
}

fn options() -> QueryOptions {
    QueryOptions {
        deadline_ms: 2000,
        limit: 100,
        cursor: Bytes(vec![0, 91, 0xff]),
        fresh: true,
        languages: strings(&["rust", "c"]),
        globs: strings(&["**/*.rs"]),
        paths: vec!["src".into(), path()],
        ext: ext(82),
    }
}

/// A path that is not UTF-8.
pub(super) fn path() -> Bytes {
    Bytes(b"src/na\xefve.rs".to_vec())
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(super) fn ext(tag: u16) -> Ext {
    Ext(vec![(tag, Bytes(vec![0xff, 0x00])), (0x8000 | tag, "later".into())])
}
