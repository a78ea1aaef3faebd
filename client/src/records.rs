//! The messages of the daemon as lines of JSON. Field names are what scripts rely on: they are only added to.

use vigie_proto::{
    Bytes, CallRow, CancelAck, ChangedRow, Confidence, ConfigReply, ConfigRow, ContextRow, CoverageRow,
    CoverageSummary, Direction, EventType, FileEvent, FileEvents, FileMatchRow, FileRow, Forgotten, HierarchyRow,
    ImpactRow, ImportRow, JobAccepted, JobBrief, JobRow, Limit, MapRow, MapSymbol, MatchCount, Meaning, PauseAck,
    ProgressEvent, ProjectEvent, ProjectRow, QuerySummary, ReferenceRow, Refreshed, Resync, ScoreParts, SearchRow,
    Span, Stats, StatusReply, SymbolBrief, SymbolRow, TextRow, Tier, TokenBudget, WatchState, Watched, row_flag,
};

use crate::json::{Object, hex};

/// One step of a job. A terminal one bears `stats`.
pub fn progress(event: &ProgressEvent) -> Object {
    let line = Object::line(event.r#type.name())
        .string("stage", event.stage.name())
        .number("current", event.current)
        .number("total", event.total)
        .string("message", &event.message)
        .number("timestamp_ms", event.timestamp_ms)
        .number("job", event.job)
        .number("seq", event.seq)
        .string("state", event.state.name())
        .bytes("project", &event.project.0)
        .bytes("file", &event.file.0)
        .number("file_ms", event.file_ms)
        .number("bytes", event.bytes)
        .number("errors", event.errors)
        .number("rate", thousandths(event.rate_milli))
        .number("eta_ms", event.eta_ms)
        .number("permille", event.permille)
        .flag("sample", event.sample);
    if event.stats.is_some() || event.r#type != EventType::PROGRESS {
        line.object("stats", event.stats.as_ref().map(stats))
    } else {
        line
    }
}

/// A number in thousandths, as a decimal.
pub fn thousandths(milli: u64) -> String {
    format!("{}.{:03}", milli / 1000, milli % 1000)
}

fn stats(stats: &Stats) -> Object {
    Object::part()
        .number("files_seen", stats.files_seen)
        .number("files_indexed", stats.files_indexed)
        .number("files_unchanged", stats.files_unchanged)
        .number("files_skipped", stats.files_skipped)
        .number("files_pending", stats.files_pending)
        .number("files_failed", stats.files_failed)
        .number("files_unread", stats.files_unread)
        .number("directories_unread", stats.directories_unread)
        .number("files_deleted", stats.files_deleted)
        .number("files_cached", stats.files_cached)
        .number("symbols", stats.symbols)
        .number("references", stats.references)
        .number("bytes", stats.bytes)
        .number("elapsed_ms", stats.elapsed_ms)
        .number("text_ready_ms", stats.text_ready_ms)
        .number("generation", stats.generation)
        .number("peak_memory_bytes", stats.peak_memory_bytes)
        .number("store_bytes", stats.store_bytes)
        .string_or_null("limit", if stats.limit == Limit::NONE { "" } else { stats.limit.name() })
}

/// One file of the per-file topic.
pub fn file_event(job: u64, file: &FileEvent) -> Object {
    Object::line("file")
        .number("job", job)
        .bytes("path", &file.path.0)
        .string("stage", file.stage.name())
        .string("disposition", file.disposition.name())
        .string_or_null("reason", &file.reason)
        .string_or_null("language", &file.language)
        .number("symbols", file.symbols)
        .number("micros", file.micros)
}

/// The gap before these per-file events, if there is one.
pub fn files_dropped(files: &FileEvents) -> Option<Object> {
    let line = || Object::line("files_dropped").number("job", files.job).number("dropped", files.dropped);
    (files.dropped > 0).then(line)
}

/// State events were dropped.
pub fn resync(resync: &Resync) -> Object {
    Object::line("resync").number("dropped", resync.dropped)
}

/// Something happened to a project.
pub fn project_event(event: &ProjectEvent) -> Object {
    let changed: Vec<String> = event.changed.iter().map(|path| String::from_utf8_lossy(&path.0).into_owned()).collect();
    Object::line("project_event")
        .string("event", event.r#type.name())
        .number("seq", event.seq)
        .number("timestamp_ms", event.timestamp_ms)
        .bytes("project", &event.project.0)
        .number("generation", event.generation)
        .string_or_null("tier", if event.tier == Tier::NONE { "" } else { event.tier.name() })
        .strings("changed", &changed)
        .flag("changed_many", event.changed_many)
        .string("message", &event.message)
}

/// How a project's tree is followed.
pub fn watched(watched: &Watched) -> Object {
    Object::line("watch")
        .bytes("root", &watched.root.0)
        .string("watch", watched.state.name())
        .number("directories", watched.directories)
        .string("note", &watched.note)
}

/// A key of the configuration. A value is what JSON has for it.
pub fn config(row: &ConfigRow, reply: &ConfigReply) -> Object {
    let line = Object::line("config")
        .string("of", if row.of_project { "project" } else { "daemon" })
        .string("key", &row.key)
        .json("value", &row.value)
        .string("source", row.source.name())
        .string_or_null("place", &row.place)
        .string_or_null("note", &row.note);
    if row.of_project { line.bytes("project", &reply.project.0) } else { line.bytes("file", &reply.file.0) }
}

/// A project is gone.
pub fn forgotten(forgotten: &Forgotten) -> Object {
    Object::line("forgotten").bytes("root", &forgotten.root.0).number("store_bytes", forgotten.store_bytes)
}

/// A job was accepted.
pub fn accepted(accepted: &JobAccepted) -> Object {
    Object::line("accepted")
        .number("job", accepted.job)
        .flag("joined", accepted.joined)
        .flag("resumed", accepted.resumed)
        .bytes("root", &accepted.root.0)
}

/// Files were looked at.
pub fn refreshed(refreshed: &Refreshed) -> Object {
    Object::line("refreshed")
        .bytes("root", &refreshed.root.0)
        .number("generation", refreshed.generation)
        .number("indexed", refreshed.indexed)
        .number("unchanged", refreshed.unchanged)
        .number("removed", refreshed.removed)
        .number("ignored", refreshed.ignored)
        .strings("notes", &refreshed.notes)
}

/// A cancel was acknowledged.
pub fn cancel_ack(ack: &CancelAck) -> Object {
    Object::line("cancel")
        .number("job", ack.job)
        .string("state", ack.state.name())
        .object("ended", ack.ended.as_ref().map(progress))
}

/// A job was paused, or goes on.
pub fn pause_ack(what: &str, ack: &PauseAck) -> Object {
    Object::line(what)
        .number("job", ack.job)
        .string("state", ack.state.name())
        .object("ended", ack.ended.as_ref().map(progress))
}

/// A job of the list.
pub fn job(row: &JobRow) -> Object {
    Object::line("job")
        .number("job", row.job)
        .bytes("project", &row.project.0)
        .string("kind", row.kind.name())
        .string("state", row.state.name())
        .string("stage", row.stage.name())
        .number("current", row.current)
        .number("total", row.total)
        .number("permille", row.permille)
        .number("accepted_ms", row.accepted_ms)
        .number("started_ms", row.started_ms)
        .number("ended_ms", row.ended_ms)
        .flag("force", row.force)
        .string("message", &row.message)
}

/// A project of the list.
pub fn project(row: &ProjectRow) -> Object {
    project_fields(Object::line("project"), row)
}

fn project_fields(object: Object, row: &ProjectRow) -> Object {
    object
        .bytes("root", &row.root.0)
        .string("state", row.state.name())
        .number("generation", row.generation)
        .number("files", row.files)
        .number("bytes", row.bytes)
        .number("symbols", row.symbols)
        .number("references", row.references)
        .number("store_bytes", row.store_bytes)
        .number("indexed_ms", row.indexed_ms)
        .bytes("store", &row.store.0)
        .string_or_null("note", &row.note)
        .string_or_null("watch", if row.watch == WatchState::NONE { "" } else { row.watch.name() })
        .number("watch_directories", row.watch_directories)
        .string_or_null("watch_note", &row.watch_note)
        .strings("warnings", &row.warnings)
}

/// How the daemon and a project stand. Without a project, what is about it is `null`.
pub fn status(reply: &StatusReply) -> Object {
    let indexed = reply.project.is_some();
    Object::line("status")
        .string("version", &reply.version)
        .number("pid", reply.pid)
        .number("epoch", reply.epoch)
        .number("uptime_ms", reply.uptime_ms)
        .number("memory_bytes", reply.memory_bytes)
        .bytes("socket", &reply.socket.0)
        .bytes("state_dir", &reply.state_dir.0)
        .number("sessions", reply.sessions)
        .number("stores_open", reply.stores_open)
        .number("stores_open_max", reply.stores_open_max)
        .objects("jobs", reply.jobs.iter().map(job_brief))
        .object("project", reply.project.as_ref().map(|row| project_fields(Object::part(), row)))
        .string_or_null("freshness", if indexed { reply.freshness.name() } else { "" })
        .number("age_ms", reply.age_ms)
        .object("coverage", indexed.then(|| coverage(&reply.coverage)))
        .strings("warnings", &reply.warnings)
}

/// What `vigie` alone says.
#[derive(Clone, Debug)]
pub struct Here {
    /// Where it was typed, or what `--project` names.
    pub directory: Bytes,
    /// The project, indexed or not.
    pub root: Option<Bytes>,
    /// What the daemon says, if one runs.
    pub reply: Option<StatusReply>,
    /// Languages with their files, most files first; empty where that is not known.
    pub languages: Vec<(String, u64)>,
}

/// Where you are. What is about an indexed project is `null` where there is none.
pub fn here(here: &Here) -> Object {
    let line = Object::line("here").bytes("directory", &here.directory.0);
    let line = match &here.root {
        Some(root) => line.bytes("root", &root.0),
        None => line.string_or_null("root", ""),
    };
    let reply = here.reply.as_ref();
    let indexed = reply.filter(|reply| reply.project.is_some());
    let language = |(name, files): &(String, u64)| Object::part().string("language", name).number("files", files);
    line.flag("running", reply.is_some())
        .object(
            "project",
            indexed.and_then(|reply| reply.project.as_ref()).map(|row| project_fields(Object::part(), row)),
        )
        .string_or_null("freshness", indexed.map_or("", |reply| reply.freshness.name()))
        .number_or_null("age_ms", indexed.map(|reply| reply.age_ms))
        .object("coverage", indexed.map(|reply| coverage(&reply.coverage)))
        .objects("languages", here.languages.iter().map(language))
        .objects("jobs", reply.into_iter().flat_map(|reply| &reply.jobs).map(job_brief))
}

fn job_brief(job: &JobBrief) -> Object {
    Object::part()
        .number("job", job.job)
        .bytes("project", &job.project.0)
        .string("state", job.state.name())
        .string("stage", job.stage.name())
        .number("permille", job.permille)
}

fn coverage(coverage: &CoverageSummary) -> Object {
    Object::part()
        .flag("complete", coverage.complete)
        .number("files", coverage.files)
        .number("text_files", coverage.text_files)
        .number("structure_files", coverage.structure_files)
        .number("structure_pending", coverage.structure_pending)
        .number("text_pending", coverage.text_pending)
        .number("skipped", coverage.skipped)
        .number("failed", coverage.failed)
        .number("unread", coverage.unread)
}

/// A matching line, or one near it, which has no column.
pub fn text_row(row: &TextRow) -> Object {
    let is_context = row.flags & row_flag::CONTEXT != 0;
    let column = |column: u32| (!is_context).then_some(column);
    Object::line(if is_context { "context" } else { "match" })
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number_or_null("column", column(row.column))
        .number_or_null("column_utf16", column(row.column_utf16))
        .bytes("text", &row.text.0)
        .objects("spans", row.spans.iter().map(span))
        .flag("text_truncated", row.flags & row_flag::TRUNCATED != 0)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
}

/// A file with matching lines: how many, as far as they were counted.
pub fn file_match_row(count: MatchCount, row: &FileMatchRow) -> Object {
    Object::line("file_matches")
        .bytes("path", &row.path.0)
        .number("lines", row.lines)
        .number_or_null("matches", (count == MatchCount::MATCHES).then_some(row.matches))
        .flag("changed", row.flags & row_flag::CHANGED != 0)
}

fn span(span: &Span) -> Object {
    Object::part().number("start", span.start).number("end", span.end)
}

/// A definition.
pub fn symbol_row(row: &SymbolRow) -> Object {
    symbol_fields(Object::line("symbol"), row).number("score", row.score)
}

fn symbol_fields(object: Object, row: &SymbolRow) -> Object {
    object
        .string("name", &row.name)
        .string("qualified", &row.qualified)
        .string("kind", row.kind.name())
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number("column", row.column)
        .number("column_utf16", row.column_utf16)
        .number("start_line", row.start_line)
        .number("end_line", row.end_line)
        .string_or_null("container", &row.container)
        .string("signature", &row.signature)
        .string_or_null("doc", &row.doc)
        .string_or_null("language", &row.language)
        .flag("declaration", row.flags & row_flag::DECLARATION != 0)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
        .flag("stale", row.flags & row_flag::STALE != 0)
        .string_or_null("confidence", confidence(row.confidence))
}

/// A change. What is of a definition is `null` where it is of a file as a whole.
pub fn changed_row(row: &ChangedRow) -> Object {
    let is_file = row.kind.0 == 0;
    let number = |number: u32| (!is_file).then_some(number);
    Object::line("changed")
        .bytes("path", &row.path.0)
        .string("change", row.change.name())
        .string_or_null("name", &row.name)
        .string_or_null("qualified", &row.qualified)
        .string_or_null("kind", if is_file { "" } else { row.kind.name() })
        .number_or_null("line", number(row.line))
        .number_or_null("column", number(row.column))
        .number_or_null("column_utf16", number(row.column_utf16))
        .string_or_null("signature", &row.signature)
        .string_or_null("old_signature", &row.old_signature)
        .string_or_null("language", &row.language)
        .string_or_null("reason", &row.reason)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
        .flag("stale", row.flags & row_flag::STALE != 0)
}

/// A place that answers a question in words. What is of its definition is `null` if it is in none.
pub fn search_row(row: &SearchRow) -> Object {
    let symbol = row.symbol.as_ref();
    let text = |of: fn(&SymbolRow) -> &str| symbol.map_or("", of);
    let number = |of: fn(&SymbolRow) -> u32| symbol.map(of);
    let flags = row.flags | symbol.map_or(0, |symbol| symbol.flags);
    Object::line("search")
        .bytes("path", &row.path.0)
        .number("start_line", row.start_line)
        .number("end_line", row.end_line)
        .number("score", thousandths(row.score_milli.into()))
        .string_or_null("name", text(|symbol| &symbol.name))
        .string_or_null("qualified", text(|symbol| &symbol.qualified))
        .string_or_null("kind", text(|symbol| symbol.kind.name()))
        .number_or_null("line", number(|symbol| symbol.line))
        .number_or_null("column", number(|symbol| symbol.column))
        .number_or_null("column_utf16", number(|symbol| symbol.column_utf16))
        .string_or_null("container", text(|symbol| &symbol.container))
        .string_or_null("signature", text(|symbol| &symbol.signature))
        .string_or_null("doc", text(|symbol| &symbol.doc))
        .string_or_null("language", &row.language)
        .object("snippet", (row.line > 0).then(|| snippet(row)))
        .object("parts", Some(score_parts(&row.parts)))
        .flag("declaration", flags & row_flag::DECLARATION != 0)
        .flag("changed", flags & row_flag::CHANGED != 0)
        .flag("gone", flags & row_flag::GONE != 0)
        .flag("stale", flags & row_flag::STALE != 0)
}

fn snippet(row: &SearchRow) -> Object {
    Object::part().number("line", row.line).bytes("text", &row.text.0).objects("spans", row.spans.iter().map(span))
}

fn score_parts(parts: &ScoreParts) -> Object {
    Object::part()
        .number("text", thousandths(parts.text_milli.into()))
        .number("path", thousandths(parts.path_milli.into()))
        .number("definition", thousandths(parts.definition_milli.into()))
        .number("passage", thousandths(parts.passage_milli.into()))
        .number("density", thousandths(parts.density_milli.into()))
        .number("prior", thousandths(parts.prior_milli.into()))
}

fn confidence(confidence: Confidence) -> &'static str {
    if confidence == Confidence::NONE { "" } else { confidence.name() }
}

/// An occurrence of a name.
pub fn reference_row(row: &ReferenceRow) -> Object {
    let line = Object::line("reference")
        .string("name", &row.name)
        .string("role", row.role.name())
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number("column", row.column)
        .number("column_utf16", row.column_utf16)
        .string_or_null("enclosing", &row.enclosing);
    meaning(line, &row.meaning, "targets")
        .string_or_null("language", &row.language)
        .bytes("text", &row.text.0)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
        .flag("stale", row.flags & row_flag::STALE != 0)
}

/// A call.
pub fn call_row(row: &CallRow) -> Object {
    let line = Object::line("call").object("from", row.from.as_ref().map(brief)).string("name", &row.name);
    meaning(line, &row.to, "to")
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number("column", row.column)
        .number("column_utf16", row.column_utf16)
        .number("depth", row.depth)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
        .flag("stale", row.flags & row_flag::STALE != 0)
}

/// A step of inheritance.
pub fn hierarchy_row(row: &HierarchyRow) -> Object {
    let line = Object::line(if row.direction == Direction::OUTGOING { "base" } else { "derived" })
        .object("derived", Some(brief(&row.derived)))
        .string("name", &row.name);
    meaning(line, &row.base, "base").number("depth", row.depth)
}

/// What depends on something.
pub fn impact_row(row: &ImpactRow) -> Object {
    let roles: Vec<String> = row.roles.iter().map(|role| role.name().to_owned()).collect();
    Object::line("dependent")
        .number("depth", row.depth)
        .object("user", row.user.as_ref().map(brief))
        .strings("roles", &roles)
        .number("uses", row.uses)
        .object("on", row.on.as_ref().map(brief))
        .string_or_null("confidence", confidence(row.confidence))
        .flag("uncertain", is_uncertain(row.confidence))
        .flag("test", row.test)
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number("column", row.column)
        .number("column_utf16", row.column_utf16)
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
        .flag("stale", row.flags & row_flag::STALE != 0)
}

/// Whether what was found by this may be meant, and something else as well.
pub fn is_uncertain(confidence: Confidence) -> bool {
    [Confidence::NONE, Confidence::AMBIGUOUS].contains(&confidence)
}

/// A definition that is worth reading.
pub fn context_row(row: &ContextRow) -> Object {
    let line = Object::line("context")
        .string("reason", row.reason.name())
        .string_or_null("of", &row.of)
        .string("form", row.form.name())
        .string("heading", &row.heading)
        .bytes("text", &row.text.0)
        .number("tokens", row.tokens);
    symbol_fields(line, &row.symbol)
}

/// A directory or file of a map.
pub fn map_row(row: &MapRow) -> Object {
    Object::line(if row.directory { "directory" } else { "file" })
        .bytes("path", &row.path.0)
        .number("depth", row.depth)
        .number("files", row.files)
        .number("rank", thousandths(row.rank_milli))
        .objects("symbols", row.symbols.iter().map(map_symbol))
        .number("tokens", row.tokens)
}

fn map_symbol(symbol: &MapSymbol) -> Object {
    Object::part().string("name", &symbol.name).string("kind", symbol.kind.name()).number("line", symbol.line)
}

/// What an answer took of its budget.
pub fn budget(budget: &TokenBudget) -> Object {
    Object::line("budget")
        .number("tokens_used", budget.used)
        .number("tokens_max", budget.max)
        .number("left_out", budget.left_out)
}

/// An import.
pub fn import_row(row: &ImportRow) -> Object {
    let line = Object::line("import")
        .bytes("path", &row.path.0)
        .number("line", row.line)
        .number("column", row.column)
        .number("column_utf16", row.column_utf16)
        .string("module", &row.module)
        .string_or_null("name", &row.name)
        .string_or_null("alias", &row.alias)
        .flag("exported", row.exported);
    meaning(line, &row.meaning, "targets")
        .flag("changed", row.flags & row_flag::CHANGED != 0)
        .flag("gone", row.flags & row_flag::GONE != 0)
}

/// By what it was found what a name means, and that: under `key` if it is certain, else as `candidates`.
fn meaning(line: Object, meaning: &Meaning, key: &str) -> Object {
    let line = line.string_or_null("confidence", confidence(meaning.confidence));
    let targets = meaning.targets.iter().map(brief);
    if meaning.confidence == Confidence::AMBIGUOUS {
        line.objects(key, []).objects("candidates", targets).number("candidates_total", meaning.total)
    } else {
        line.objects(key, targets)
    }
}

/// A definition in few words.
fn brief(symbol: &SymbolBrief) -> Object {
    Object::part()
        .string("qualified", &symbol.qualified)
        .string("kind", symbol.kind.name())
        .bytes("path", &symbol.path.0)
        .number("line", symbol.line)
        .number("column", symbol.column)
        .number("column_utf16", symbol.column_utf16)
}

/// A file.
pub fn file_row(row: &FileRow) -> Object {
    Object::line("file")
        .bytes("path", &row.path.0)
        .string_or_null("language", &row.language)
        .number("bytes", row.bytes)
        .string("disposition", row.disposition.name())
        .number("score", row.score)
}

/// What the index holds of a file.
pub fn coverage_row(row: &CoverageRow) -> Object {
    Object::line("coverage")
        .bytes("path", &row.path.0)
        .string("disposition", row.disposition.name())
        .string_or_null("reason", &row.reason)
        .string_or_null("language", &row.language)
        .number("bytes", row.bytes)
        .string("structure", row.structure.name())
        .number("symbols", row.symbols)
        .number("references", row.references)
        .number("generation", row.generation)
}

/// The last line of every query.
pub fn summary(summary: &QuerySummary) -> Object {
    Object::line("summary")
        .bytes("root", &summary.root.0)
        .number("generation", summary.generation)
        .flag("generation_changed", summary.generation_changed)
        .string("freshness", summary.freshness.name())
        .number("age_ms", summary.age_ms)
        .object("coverage", Some(coverage(&summary.coverage)))
        .number("files_pending", summary.pending)
        .flag("provisional", summary.provisional)
        .flag("truncated", summary.truncated)
        .string_or_null("cursor", &hex(&summary.cursor.0))
        .number("rows", summary.rows)
        .number("vanished", summary.vanished)
        .number("elapsed_us", summary.elapsed_us)
        .strings("notes", &summary.notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use vigie_proto::{Freshness, JobState, Stage};

    fn parse(object: Object) -> Value {
        serde_json::from_str(&object.finish()).expect("valid JSON")
    }

    #[test]
    fn progress_keeps_the_names_of_the_message() {
        let event = ProgressEvent {
            r#type: EventType::PROGRESS,
            stage: Stage::SCANNING,
            state: JobState::RUNNING,
            rate_milli: 3_120_045,
            file: Bytes(vec![b'a', 0xff]),
            project: "/p".into(),
            ..ProgressEvent::default()
        };
        let line = parse(progress(&event));
        assert_eq!(line["v"], 1);
        assert_eq!(line["type"], "progress");
        assert_eq!(line["stage"], "scanning");
        assert_eq!(line["rate"], 3120.045);
        assert_eq!(line["file_b64"], "Yf8=");
        assert!(line.get("file").is_none() && line.get("stats").is_none());
    }

    #[test]
    fn terminal_event_bears_stats() {
        let stats = Stats { files_seen: 5, limit: Limit::FILES, ..Stats::default() };
        let event = ProgressEvent { r#type: EventType::COMPLETE, stats: Some(stats), ..ProgressEvent::default() };
        let line = parse(progress(&event));
        assert_eq!(line["type"], "complete");
        assert_eq!(line["stats"]["files_seen"], 5);
        assert_eq!(line["stats"]["limit"], "files");
    }

    #[test]
    fn summary_holds_what_scripts_rely_on() {
        let message = QuerySummary { freshness: Freshness::FRESH, cursor: "ab".into(), ..QuerySummary::default() };
        let line = parse(summary(&message));
        for field in ["root", "generation", "freshness", "coverage", "truncated", "cursor", "elapsed_us"] {
            assert!(line.get(field).is_some(), "{field}");
        }
        assert_eq!(line["cursor"], "6162");
        assert_eq!(line["coverage"]["complete"], false);
    }

    #[test]
    fn lines_have_one_shape() {
        let span = Span { start: 2, end: 4, ..Span::default() };
        let row = TextRow { line: 7, column: 3, column_utf16: 3, spans: vec![span], ..TextRow::default() };
        let matching = parse(text_row(&row));
        let near = parse(text_row(&TextRow { flags: row_flag::CONTEXT, column: 0, spans: Vec::new(), ..row }));
        assert_eq!((&matching["type"], &near["type"]), (&"match".into(), &"context".into()));
        assert_eq!((&matching["column"], &near["column"]), (&3.into(), &Value::Null));
        let names = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&matching), names(&near));
    }

    #[test]
    fn files_say_what_was_counted() {
        let row = FileMatchRow { path: "a".into(), lines: 2, matches: 5, ..FileMatchRow::default() };
        let line = |count| file_match_row(count, &row).finish();
        let fields = r#""type":"file_matches","path":"a","lines":2,"matches":null,"changed":false"#;
        assert_eq!(line(MatchCount::LINES), format!("{{\"v\":1,{fields}}}"));
        assert_eq!(parse(file_match_row(MatchCount::MATCHES, &row))["matches"], 5);
    }

    #[test]
    fn places_have_one_shape_with_a_definition_and_without() {
        let symbol = SymbolRow { name: "push".into(), line: 7, flags: row_flag::STALE, ..SymbolRow::default() };
        let row = SearchRow { line: 9, score_milli: 12_034, text: "x".into(), ..SearchRow::default() };
        let within = parse(search_row(&SearchRow { symbol: Some(symbol), ..row.clone() }));
        let without = parse(search_row(&SearchRow { line: 0, ..row }));
        assert_eq!((&within["name"], &within["line"], &within["stale"]), (&"push".into(), &7.into(), &true.into()));
        assert_eq!((&within["score"], &within["snippet"]["line"]), (&12.034.into(), &9.into()));
        for field in ["name", "kind", "line", "column", "signature", "snippet"] {
            assert_eq!(without[field], Value::Null, "{field}");
        }
        let names = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&within), names(&without));
    }

    #[test]
    fn flags_of_rows_are_fields() {
        let row = SymbolRow { flags: row_flag::DECLARATION | row_flag::STALE, ..SymbolRow::default() };
        let line = parse(symbol_row(&row));
        assert_eq!(
            (&line["declaration"], &line["stale"], &line["changed"]),
            (&true.into(), &true.into(), &false.into())
        );
    }
}
