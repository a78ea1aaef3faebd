//! The commands: one file each, under the name the user types, over what they share.

mod args;

mod context;
mod exit;
mod interrupt;
mod location;
mod meaning;
mod size;
mod surroundings;
mod usage;

mod follow;
mod query;

mod attach;
mod beside;
mod calls;
mod cancel;
mod changed;
mod complete;
mod config;
mod coverage;
mod daemon;
mod def;
mod difference;
mod doctor;
mod dump;
mod events;
mod files;
mod forget;
mod here;
mod hierarchy;
mod impact;
mod imports;
mod index;
mod jobs;
mod manual;
mod map;
mod metrics;
mod near;
mod nested;
mod outline;
mod pack;
mod pause;
mod places;
mod projects;
mod refs;
mod schema;
mod search;
mod skew;
mod slow;
mod status;
mod symbols;
mod text;
mod watch;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use vigie_manual::usage::{Unread, read};
use vigie_proto::Direction;

use args::{Args, Command};
use context::Context;
use exit::{CliError, Exit};

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    if let Some(exit) = complete::answer(&words) {
        return ExitCode::from(exit.code());
    }
    let args: Args = match read(&words) {
        Ok(args) => args,
        Err(Unread::Told(code)) => return ExitCode::from(code),
        Err(Unread::Untold(error)) => return failed(&CliError::Output(error), usage::wants_json(&words)),
        Err(Unread::Wrong(error)) => return failed(&usage::explain(&error, &words), usage::wants_json(&words)),
    };
    let json = args.global.json;
    let name = args.command.as_ref().map_or("vigie", name);
    let result = Context::new(args.global, name).and_then(|context| run_command(context, args.command.as_ref()));
    result.map_or_else(|error| failed(&error, json), |exit| ExitCode::from(exit.code()))
}

fn failed(error: &CliError, json: bool) -> ExitCode {
    error.report(json);
    ExitCode::from(error.exit().code())
}

fn run_command(mut context: Context, command: Option<&Command>) -> Result<Exit, CliError> {
    let Some(command) = command else {
        let result = here::run(&mut context);
        let written = context.out.finish().map_err(CliError::Output);
        return result.and_then(|exit| written.map(|()| exit));
    };
    let mut result = dispatch(&mut context, command);
    let _still = context.out.flush();
    let lacks = skew::is_lack(&result);
    if skew::settle(&mut context, command, &result) == skew::Settled::Replaced && lacks {
        result = dispatch(&mut context, command);
    }
    let result = result.map_err(|error| near::advise(&mut context, command, error));
    let written = context.out.finish().map_err(CliError::Output);
    result.and_then(|exit| written.map(|()| exit))
}

/// What the daemon's log and others who follow a job are told about who asked.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Index(_) => "vigie index",
        Command::Attach(_) => "vigie attach",
        Command::Jobs(_) => "vigie jobs",
        Command::Cancel(_) => "vigie cancel",
        Command::Pause(_) => "vigie pause",
        Command::Resume(_) => "vigie resume",
        Command::Events(_) => "vigie events",
        Command::Watch(_) => "vigie watch",
        Command::Unwatch(_) => "vigie unwatch",
        Command::Forget(_) => "vigie forget",
        Command::Status(_) => "vigie status",
        Command::Projects => "vigie projects",
        Command::Config => "vigie config",
        Command::Text(_) => "vigie text",
        Command::Search(_) => "vigie search",
        Command::Symbols(_) => "vigie symbols",
        Command::Def(_) => "vigie def",
        Command::Refs(_) => "vigie refs",
        Command::Callers(_) => "vigie callers",
        Command::Callees(_) => "vigie callees",
        Command::Hierarchy(_) => "vigie hierarchy",
        Command::Context(_) => "vigie context",
        Command::Map(_) => "vigie map",
        Command::Impact(_) => "vigie impact",
        Command::Imports(_) => "vigie imports",
        Command::Importers(_) => "vigie importers",
        Command::Changed(_) => "vigie changed",
        Command::Outline(_) => "vigie outline",
        Command::Files(_) => "vigie files",
        Command::Coverage(_) => "vigie coverage",
        Command::Dump(_) => "vigie dump",
        Command::Doctor(_) => "vigie doctor",
        Command::Metrics => "vigie metrics",
        Command::Schema => "vigie schema",
        Command::Daemon(_) => "vigie daemon",
        Command::Completions(_) => "vigie completions",
        Command::Man(_) => "vigie man",
        Command::Top(_) => "vigie top",
        Command::Http(_) => "vigie http",
        Command::Mcp(_) => "vigie mcp",
    }
}

fn dispatch(context: &mut Context, command: &Command) -> Result<Exit, CliError> {
    match command {
        Command::Index(args) => index::run(context, args),
        Command::Attach(args) => attach::run(context, args),
        Command::Jobs(args) => jobs::run(context, args),
        Command::Cancel(args) => cancel::run(context, args),
        Command::Pause(args) => pause::pause(context, args),
        Command::Resume(args) => pause::resume(context, args),
        Command::Events(args) => events::run(context, args),
        Command::Watch(args) => watch::run(context, args),
        Command::Unwatch(args) => watch::end(context, args),
        Command::Forget(args) => forget::run(context, args),
        Command::Status(args) => status::run(context, args),
        Command::Projects => projects::run(context),
        Command::Config => config::run(context),
        Command::Text(args) => text::run(context, args),
        Command::Search(args) => search::run(context, args),
        Command::Symbols(args) => symbols::run(context, args),
        Command::Def(args) => def::run(context, args),
        Command::Refs(args) => refs::run(context, args),
        Command::Callers(args) => calls::run(context, args, Direction::INCOMING),
        Command::Callees(args) => calls::run(context, args, Direction::OUTGOING),
        Command::Hierarchy(args) => hierarchy::run(context, args),
        Command::Context(args) => pack::run(context, args),
        Command::Map(args) => map::run(context, args),
        Command::Impact(args) => impact::run(context, args),
        Command::Imports(args) => imports::imports(context, args),
        Command::Importers(args) => imports::importers(context, args),
        Command::Changed(args) => changed::run(context, args),
        Command::Outline(args) => outline::run(context, args),
        Command::Files(args) => files::run(context, args),
        Command::Coverage(args) => coverage::run(context, args),
        Command::Dump(args) => dump::run(context, args),
        Command::Doctor(args) => doctor::run(context, args),
        Command::Metrics => metrics::run(context),
        Command::Schema => schema::run(context),
        Command::Daemon(args) => daemon::run(context, args),
        Command::Completions(args) => complete::print(context, args),
        Command::Man(args) => manual::run(args),
        Command::Top(args) => match beside::run("vigie-top", &context.global, &args.words)? {},
        Command::Http(args) => match beside::run("vigie-http", &context.global, &args.words)? {},
        Command::Mcp(args) => match beside::run("vigie-mcp", &context.global, &args.words)? {},
    }
}
