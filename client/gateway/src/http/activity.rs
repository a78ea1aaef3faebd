//! `GET /mcp/activity`: what goes on in the daemon at this moment, and what took long lately.

use axum::extract;
use axum::response::Response;
use vigie::json::Object;
use vigie_proto::{Activity, ActivityReply, ClientRow, ErrorCode, FileNow, Kind, SlowFile, SlowQuery, WorkerRow};

use super::State;
use super::refusal::{Refusal, json};

/// Answers it.
pub(crate) async fn activity(extract::State(state): extract::State<State>) -> Result<Response, Refusal> {
    let reply = state.looking.run(|client| client.ask(&Activity::default())).await?;
    Ok(json(object(&reply)))
}

fn object(reply: &ActivityReply) -> Object {
    Object::line("activity")
        .number("uptime_ms", reply.uptime_ms)
        .number("memory_bytes", reply.memory_bytes)
        .number("memory_bytes_max", reply.memory_bytes_max)
        .number("queries_waiting", reply.queries_waiting)
        .number("readers", reply.readers)
        .objects("workers", reply.workers.iter().map(worker))
        .objects("clients", reply.clients.iter().map(client))
        .objects("files_now", reply.files_now.iter().map(file_now))
        .number("slow_file_us", reply.slow_file_us)
        .objects("slow_files", reply.slow_files.iter().map(slow_file))
        .number("slow_query_us", reply.slow_query_us)
        .objects("slow_queries", reply.slow_queries.iter().map(slow_query))
}

fn worker(row: &WorkerRow) -> Object {
    Object::part().number("pid", row.pid).number("job", row.job).number("memory_bytes", row.memory_bytes)
}

fn client(row: &ClientRow) -> Object {
    Object::part()
        .number("session", row.session)
        .string("name", &row.name)
        .string("version", &row.version)
        .number("pid", row.pid)
        .number("since_ms", row.since_ms)
        .number("requests_open", row.requests_open)
        .number("requests", row.requests)
        .number("subscriptions", row.subscriptions)
        .number("queued_bytes", row.queued_bytes)
        .number("resyncs", row.resyncs)
        .number("files_dropped", row.files_dropped)
}

fn file_now(row: &FileNow) -> Object {
    Object::part()
        .number("job", row.job)
        .bytes("project", &row.project.0)
        .bytes("path", &row.path.0)
        .number("elapsed_ms", row.elapsed_ms)
}

fn slow_file(row: &SlowFile) -> Object {
    Object::part()
        .number("job", row.job)
        .bytes("project", &row.project.0)
        .bytes("path", &row.path.0)
        .string_or_null("language", &row.language)
        .number("done_ms", row.done_ms)
        .number("elapsed_us", row.elapsed_us)
        .number("bytes", row.bytes)
        .string("disposition", row.disposition.name())
}

fn slow_query(row: &SlowQuery) -> Object {
    let failure = if row.failure == 0 { "" } else { ErrorCode(row.failure).name() };
    Object::part()
        .string("kind", Kind(row.kind).name().unwrap_or("unknown"))
        .number("asked_ms", row.asked_ms)
        .number("elapsed_us", row.elapsed_us)
        .number("worked_us", row.worked_us)
        .number("rows", row.rows)
        .bytes("project", &row.project.0)
        .number("generation", row.generation)
        .string("client", &row.client)
        .string_or_null("failure", failure)
}
