//! `vigie daemon logs`: the daemon's log, from the journal where systemd runs the daemon, else from its file. Both are shown by the
//! program that is made for it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use vigie::UserManager;
use vigie::systemd::{SERVICE_UNIT, is_system_unit_enabled};

use crate::cli::args::LogsArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Exit};
use crate::ui::output::Reader;
use vigie::json::Object;

pub(super) fn run(context: &mut Context, args: &LogsArgs) -> Result<Exit, CliError> {
    let options = context.options();
    let manager = UserManager::find(&options.environment);
    let uid = options.environment.uid;
    let mut command = if manager.is_some_and(|manager| manager.has_socket_enabled() || manager.is_serving()) {
        journal(&["--user", "--unit", SERVICE_UNIT], args)
    } else if is_system_unit_enabled(&format!("vigied@{uid}.socket")) {
        journal(&["--unit", &format!("vigied@{uid}.service")], args)
    } else {
        let log = options.places()?.log();
        if !log.is_file() {
            context.out.note(&format!("there is no log yet: {}", log.display()));
            return Ok(Exit::Nothing);
        }
        tail(&log, args)
    };
    if context.global.json {
        return wrapped(context, command);
    }
    let _still = context.out.flush();
    // It takes the place of this process; only a failure comes back.
    Err(CliError::System { what: "show the log", source: command.exec() })
}

fn journal(unit: &[&str], args: &LogsArgs) -> Command {
    let mut command = Command::new("journalctl");
    command.args(unit).args(["--no-pager", "--lines", &args.lines.to_string()]);
    if args.follow {
        command.arg("--follow");
    }
    command
}

fn tail(log: &Path, args: &LogsArgs) -> Command {
    let mut command = Command::new("tail");
    command.args(["-n", &args.lines.to_string()]);
    if args.follow {
        // By name: a log that is put aside goes on in a new file.
        command.arg("-F");
    }
    command.arg("--").arg(log);
    command
}

/// Each line in an object.
fn wrapped(context: &mut Context, mut command: Command) -> Result<Exit, CliError> {
    let failed = |source| CliError::System { what: "show the log", source };
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut lines = BufReader::new(child.stdout.take().ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let _still = context.out.line(Object::line("log").bytes("line", text).finish());
        if context.out.flush() == Reader::Gone {
            // Nobody reads on: neither does the program.
            let _killed = child.kill();
            break;
        }
        line.clear();
    }
    let _ended = child.wait().map_err(failed)?;
    Ok(Exit::Done)
}
