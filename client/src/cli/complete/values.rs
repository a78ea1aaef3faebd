//! Values that are known where the daemon is: names of definitions, projects, jobs. A daemon is asked if one runs; none is started,
//! nothing is indexed, and what it does not say in time is not offered. Nobody waits for a TAB.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::CompletionCandidate;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, PathCompleter, ValueCompleter};
use vigie::Client;
use vigie_proto::{JobRow, ListJobs, ListProjects, QueryOptions, SymbolMode, SymbolQuery};

use crate::cli::args::Global;
use crate::cli::context::Context;

/// How long the daemon has for an answer.
const WITHIN: Duration = Duration::from_secs(1);

/// Most definitions that are looked at: many bear one name.
const ROWS_MAX: u64 = 2000;

/// Commands whose path is that of a known project, which may be gone.
const FOR_PROJECTS: &[&str] = &["forget", "unwatch"];

/// What `--lang` takes; a test compares it with what the daemon knows.
const LANGUAGES: &[&str] = &[
    "bash",
    "c",
    "cpp",
    "csharp",
    "dart",
    "go",
    "java",
    "javascript",
    "json",
    "kotlin",
    "lua",
    "markdown",
    "php",
    "python",
    "ruby",
    "rust",
    "scala",
    "swift",
    "toml",
    "tsx",
    "typescript",
    "yaml",
];

/// Adds what completes values to a command line that was built. `typed` is the one that is being typed.
pub(super) fn add(command: Command, typed: &[OsString]) -> Command {
    let asker = Asker { typed: typed.to_vec() };
    add_below(command, &asker)
}

fn add_below(command: Command, asker: &Asker) -> Command {
    let name = command.get_name().to_owned();
    command.mut_args(|arg| with_values(arg, &name, asker)).mut_subcommands(|sub| add_below(sub, asker))
}

fn with_values(arg: Arg, command: &str, asker: &Asker) -> Arg {
    let asker = asker.clone();
    let means_names = arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.starts_with("NAME|")));
    match arg.get_id().as_str() {
        "name" | "names" if means_names => {
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| asker.names(typed).unwrap_or_default()))
        }
        "project" => arg.add(ArgValueCompleter::new(move |typed: &OsStr| asker.projects(typed))),
        "path" if FOR_PROJECTS.contains(&command) => {
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| asker.projects(typed)))
        }
        "job" => arg.add(ArgValueCandidates::new(move || asker.jobs().unwrap_or_default())),
        "lang" => arg.add(ArgValueCandidates::new(|| LANGUAGES.iter().map(CompletionCandidate::new).collect())),
        _ => arg,
    }
}

/// Asks the daemon that the typed command line would ask.
#[derive(Clone)]
struct Asker {
    typed: Vec<OsString>,
}

impl Asker {
    fn context(&self) -> Option<Context> {
        let global = Global { no_spawn: true, no_index: true, ..self.global() };
        let mut context = Context::new(global, "vigie completion").ok()?;
        context.client = Client::new(context.options()).answer_within(WITHIN);
        Some(context)
    }

    /// The options of every command, of those that can be read already.
    fn global(&self) -> Global {
        let mut global = Global::default();
        for (at, word) in self.typed.iter().enumerate() {
            let value = |option: &str| match word.as_bytes().strip_prefix(option.as_bytes())? {
                [] => self.typed.get(at + 1).cloned(),
                [b'=', value @ ..] => Some(OsString::from_vec(value.to_vec())),
                _ => None,
            };
            global.socket = value("--socket").map(Into::into).or(global.socket);
            global.project = value("--project").map(Into::into).or(global.project);
        }
        global
    }

    /// Names of definitions, and with a container before a dot those of its members; files where a place is typed.
    fn names(&self, typed: &OsStr) -> Option<Vec<CompletionCandidate>> {
        let begun = typed.to_str()?;
        if begun.contains('/') {
            return Some(PathCompleter::any().complete(typed));
        }
        if begun.is_empty() {
            return None;
        }
        let container = begun.rsplit_once('.').map(|(container, _)| container);
        let query = begun.rsplit('.').next()?;
        let mut context = self.context()?;
        let request = SymbolQuery {
            target: context.target(None),
            query: query.to_owned(),
            mode: SymbolMode::PREFIX,
            options: QueryOptions {
                limit: ROWS_MAX,
                deadline_ms: u32::try_from(WITHIN.as_millis()).ok()?,
                ..QueryOptions::default()
            },
            ..SymbolQuery::default()
        };
        let mut names = BTreeSet::new();
        // What came before it failed, or before its time was over, is worth showing.
        let _partial = context.client.query(&request, |page| {
            let begun = |row: &vigie_proto::SymbolRow| match container {
                Some(container) => row.qualified.starts_with(&format!("{container}.")),
                None => true,
            };
            let of = |row: vigie_proto::SymbolRow| if container.is_some() { row.qualified } else { row.name };
            names.extend(page.rows.into_iter().filter(begun).map(of));
            ControlFlow::Continue(())
        });
        Some(names.into_iter().filter(|name| name.starts_with(begun)).map(CompletionCandidate::new).collect())
    }

    /// Roots of known projects, and directories.
    fn projects(&self, typed: &OsStr) -> Vec<CompletionCandidate> {
        let mut roots = Vec::new();
        if let Some(mut context) = self.context() {
            let _partial = context
                .client
                .list(&ListProjects::default(), |page| roots.extend(page.rows.into_iter().map(|row| row.root.0)));
        }
        roots.retain(|root| root.starts_with(typed.as_bytes()));
        // A root is also a directory, with a slash behind it.
        let is_known = |directory: &CompletionCandidate| {
            directory
                .get_value()
                .as_bytes()
                .strip_suffix(b"/")
                .is_some_and(|root| roots.iter().any(|known| known == root))
        };
        let directories: Vec<_> =
            PathCompleter::dir().complete(typed).into_iter().filter(|directory| !is_known(directory)).collect();
        let known = roots.into_iter().map(|root| CompletionCandidate::new(OsString::from_vec(root)));
        known.chain(directories).collect()
    }

    fn jobs(&self) -> Option<Vec<CompletionCandidate>> {
        let mut rows: Vec<JobRow> = Vec::new();
        let _partial = self.context()?.client.list(&ListJobs::default(), |page| rows.extend(page.rows));
        let described = |row: &JobRow| {
            let project = String::from_utf8_lossy(&row.project.0).into_owned();
            CompletionCandidate::new(row.job.to_string()).help(Some(format!("{} {project}", row.state.name()).into()))
        };
        Some(rows.iter().map(described).collect())
    }
}
