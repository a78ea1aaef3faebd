//! `vigie doctor`: looks at everything that Vigie stands on, and says what to do. What lies around the daemon is looked at here, so that
//! something can be said too where there is none; what only the daemon knows it is asked.

mod daemon;
mod places;
mod tools;

pub(crate) use tools::configuration_fault;

use std::time::Duration;

use vigie::{Client, ClientError, Connection, Options, Places, UserManager, connect_greeted};
use vigie_proto::{Check, CheckRow, CheckState, Target};

use super::args::DoctorArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::{Colors, Output, Reader};
use vigie::human::{counted, escape};
use vigie::json::Object;

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    name: &'static str,
    state: CheckState,
    found: String,
    /// What to do; empty = nothing.
    fix: String,
}

impl Finding {
    fn ok(name: &'static str, found: impl Into<String>) -> Finding {
        Finding { name, state: CheckState::OK, found: found.into(), fix: String::new() }
    }

    fn warn(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Finding {
        Finding { name, state: CheckState::WARN, found: found.into(), fix: fix.into() }
    }

    fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Finding {
        Finding { name, state: CheckState::FAIL, found: found.into(), fix: fix.into() }
    }
}

pub(crate) fn run(context: &mut Context, args: &DoctorArgs) -> Result<Exit, CliError> {
    let options = Options { spawn: args.start, ..context.options() };
    let mut report = Report::new(context);
    for finding in places::look(&options) {
        report.add(finding.into());
    }
    let manager = UserManager::find(&options.environment);
    match options.places() {
        // What is wrong with the places was said.
        Err(_) => {}
        Ok(places) => match connect(&options, &places, manager.as_ref()) {
            Ok(connection) => {
                running(&mut report, &options, &places, connection, args)?;
                tools::next_configuration().into_iter().for_each(|finding| report.add(finding.into()));
            }
            Err(error) => {
                report.add(daemon::unreached(&error).into());
                report.add(daemon::holder(&places).into());
                report.add(tools::configuration().into());
                if matches!(error, ClientError::NoDaemon { .. }) {
                    let found = "limits, registry and indexes were not looked at, because no daemon runs";
                    report.add(Finding::warn("checks", found, "vigie doctor --start").into());
                }
            }
        },
    }
    for finding in [tools::git(), tools::systemd(manager.as_ref())] {
        report.add(finding.into());
    }
    Ok(report.end())
}

/// Connects, and starts nothing unless that is asked for: where systemd listens, to connect would.
fn connect(options: &Options, places: &Places, manager: Option<&UserManager>) -> Result<Connection, ClientError> {
    let is_activated = !places.socket_overridden && manager.is_some_and(UserManager::is_listening);
    if is_activated && !options.spawn && places.socket_of_running().is_none() {
        return Err(ClientError::NoDaemon { socket: places.socket.clone() });
    }
    connect_greeted(options)
}

/// Looks at the daemon, and asks what it finds about itself.
fn running(
    report: &mut Report<'_>,
    options: &Options,
    places: &Places,
    mut connection: Connection,
    args: &DoctorArgs,
) -> Result<(), CliError> {
    let socket = connection.socket().to_path_buf();
    let welcome = connection.welcome()?.clone();
    for finding in daemon::look(&welcome, &socket, places, options) {
        report.add(finding.into());
    }
    let check = Check {
        target: report.target.clone(),
        store_ms_max: args.max_seconds.saturating_mul(1000),
        quick: args.quick,
        ..Check::default()
    };
    drop(connection);
    // A store is read for so long at most, and something is said with each.
    let mut client = Client::new(Options { spawn: false, ..options.clone() });
    if args.max_seconds > 0 {
        client = client.answer_within(Duration::from_secs(3600));
    }
    match client.list(&check, |page| page.rows.into_iter().for_each(|row| report.add(row))) {
        Ok(()) => Ok(()),
        // One that knows no such request is of another version, which was said.
        Err(ClientError::Failure(failure)) => {
            report.add(Finding::fail("checks", failure.message.clone(), failure.hint.clone()).into());
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

impl From<Finding> for CheckRow {
    fn from(finding: Finding) -> CheckRow {
        let Finding { name, state, found, fix } = finding;
        CheckRow { name: name.to_owned(), state, found, fix, ..CheckRow::default() }
    }
}

/// What was found until now, printed as it is found.
struct Report<'a> {
    out: &'a mut Output,
    json: bool,
    target: Target,
    counts: [u64; 3],
    reader: Reader,
}

impl<'a> Report<'a> {
    fn new(context: &'a mut Context) -> Report<'a> {
        // Only whoever names a project has one store read.
        let target = Target { project: context.project(), ..Target::default() };
        let json = context.global.json;
        Report { out: &mut context.out, json, target, counts: [0; 3], reader: Reader::Listening }
    }

    fn add(&mut self, row: CheckRow) {
        if row.state == CheckState::BEGUN {
            if !self.json && self.out.stderr_is_terminal() {
                self.out.note(&format!("{} of {}: {}", row.name, escape(&row.project.0), row.found));
            }
            return;
        }
        let place = match row.state {
            CheckState::OK => 0,
            CheckState::WARN => 1,
            _ => 2,
        };
        self.counts[place] += 1;
        let text = if self.json { record(&row).finish() } else { lines(&row, self.out.colors()) };
        if self.reader == Reader::Listening {
            self.reader = self.out.line(text);
        }
        // Some checks take long; what was found before is there to be read.
        self.reader = if self.reader == Reader::Listening { self.out.flush() } else { Reader::Gone };
    }

    fn end(self) -> Exit {
        let [ok, warn, fail] = self.counts;
        let line = if self.json {
            Object::line("doctor").number("ok", ok).number("warn", warn).number("fail", fail).finish()
        } else if warn + fail == 0 {
            format!("all is well: {}", counted(ok, "check"))
        } else {
            format!("{}: {ok} ok, {warn} to look at, {fail} failed", counted(ok + warn + fail, "check"))
        };
        // Whoever does not read it has the exit code.
        let _still = self.out.line(line);
        if fail > 0 { Exit::Failure } else { Exit::Done }
    }
}

fn lines(row: &CheckRow, colors: Colors) -> String {
    let (word, color) = match row.state {
        CheckState::OK => ("ok  ", colors.number),
        CheckState::WARN => ("warn", colors.path),
        _ => ("FAIL", colors.hit),
    };
    let project = if row.project.is_empty() { String::new() } else { format!("{}: ", escape(&row.project.0)) };
    let (name, found) = (escape(row.name.as_bytes()), escape(row.found.as_bytes()));
    let line = format!("{color}{word}{}  {name:<11}  {project}{found}", colors.reset);
    if row.fix.is_empty() { line } else { format!("{line}\n      fix: {}", escape(row.fix.as_bytes())) }
}

fn record(row: &CheckRow) -> Object {
    let line = Object::line("check")
        .string("name", &row.name)
        .string("state", row.state.name())
        .string("found", &row.found)
        .string_or_null("fix", &row.fix);
    if row.project.is_empty() { line } else { line.bytes("project", &row.project.0) }
}

/// A path as one word of a shell.
fn quoted(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_line_and_its_fix_another() {
        let colors = crate::ui::output::Style::PIPE.colors;
        let row = CheckRow::from(Finding::fail("socket", "others may \u{1b} use it", "chmod 600 /s"));
        assert_eq!(lines(&row, colors), "FAIL  socket       others may \\u{1b} use it\n      fix: chmod 600 /s");
        let of_project = CheckRow { project: "/p".into(), ..Finding::ok("store", "whole").into() };
        assert_eq!(lines(&of_project, colors), "ok    store        /p: whole");
        assert_eq!(
            record(&of_project).finish(),
            r#"{"v":1,"type":"check","name":"store","state":"ok","found":"whole","fix":null,"project":"/p"}"#
        );
    }
}
