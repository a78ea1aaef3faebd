//! `vigie status --slow`: the questions and files that took long lately. What was asked is not among what the daemon remembers.

use vigie_proto::{Activity, ActivityReply, ErrorCode, Kind, SlowFile, SlowQuery};

use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::Reader;
use vigie::human::{bytes, counted, duration_ms, escape};
use vigie::json::Object;

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let reply = context.client.ask(&Activity::default())?;
    let lines = if context.global.json {
        let queries = reply.slow_queries.iter().map(query_record);
        queries.chain(reply.slow_files.iter().map(file_record)).map(Object::finish).collect()
    } else {
        lines(&reply)
    };
    for line in lines {
        if context.out.line(line) == Reader::Gone {
            break;
        }
    }
    Ok(Exit::Done)
}

fn lines(reply: &ActivityReply) -> Vec<String> {
    let title = |what: &str, us: u64, is_empty: bool| {
        let none = if is_empty { ": none" } else { ", newest first" };
        format!("{what} of {} or more{none}", duration_ms(us / 1000))
    };
    let mut lines = vec![title("questions", reply.slow_query_us, reply.slow_queries.is_empty())];
    lines.extend(reply.slow_queries.iter().map(query_line));
    lines.push(title("files", reply.slow_file_us, reply.slow_files.is_empty()));
    lines.extend(reply.slow_files.iter().map(file_line));
    lines
}

/// What a person calls a question of that kind.
fn question(kind: u16) -> &'static str {
    let name = Kind(kind).name().unwrap_or("unknown");
    name.strip_suffix("Query").unwrap_or(name)
}

fn query_line(query: &SlowQuery) -> String {
    let end = match query.failure {
        0 => counted(query.rows, "row"),
        failure => ErrorCode(failure).to_string(),
    };
    format!(
        "  {:>8}  {:<10}  {} at work, {end}  {}  by {}",
        duration_ms(query.elapsed_us / 1000),
        question(query.kind),
        duration_ms(query.worked_us / 1000),
        escape(&query.project.0),
        escape(query.client.as_bytes()),
    )
}

fn file_line(file: &SlowFile) -> String {
    let language = if file.language.is_empty() { "no language" } else { &file.language };
    format!(
        "  {:>8}  {:<10}  {}, {}  {}/{}",
        duration_ms(file.elapsed_us / 1000),
        escape(language.as_bytes()),
        bytes(file.bytes),
        file.disposition,
        escape(&file.project.0),
        escape(&file.path.0),
    )
}

fn query_record(query: &SlowQuery) -> Object {
    Object::line("slow_query")
        .string("kind", question(query.kind))
        .number("asked_ms", query.asked_ms)
        .number("elapsed_us", query.elapsed_us)
        .number("worked_us", query.worked_us)
        .number("rows", query.rows)
        .bytes("project", &query.project.0)
        .number("generation", query.generation)
        .string("client", &query.client)
        .string_or_null("failure", if query.failure == 0 { "" } else { ErrorCode(query.failure).name() })
}

fn file_record(file: &SlowFile) -> Object {
    Object::line("slow_file")
        .bytes("path", &file.path.0)
        .bytes("project", &file.project.0)
        .number("job", file.job)
        .string_or_null("language", &file.language)
        .number("done_ms", file.done_ms)
        .number("elapsed_us", file.elapsed_us)
        .number("bytes", file.bytes)
        .string("disposition", file.disposition.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_one_line_each() {
        let reply = ActivityReply {
            slow_query_us: 100_000,
            slow_file_us: 250_000,
            slow_queries: vec![SlowQuery {
                kind: 64,
                elapsed_us: 1_500_000,
                worked_us: 20_000,
                rows: 1,
                project: "/p".into(),
                client: "vigie \u{1b}text".into(),
                ..SlowQuery::default()
            }],
            ..ActivityReply::default()
        };
        let lines = lines(&reply);
        assert_eq!(lines[0], "questions of 100 ms or more, newest first");
        assert_eq!(lines[1], "     1.5 s  Text        20 ms at work, 1 row  /p  by vigie \\u{1b}text");
        assert_eq!(lines[2], "files of 250 ms or more: none");
    }
}
