//! What may be typed. Only shapes and help: what a command does with them stands in its own file.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, Parser, Subcommand, ValueEnum};
use vigie_proto::{Disposition, Role, SymbolKind};

use super::complete::Shell;
use super::size::parse_size;
use super::text::TextArgs;
use crate::ui::template::Template;
use vigie::json::from_hex;

/// Ask a daemon that knows your code, while it is still reading it.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, infer_subcommands = false)]
#[command(
    after_help = "Without a command it says where you are: the project, how fresh its index is, and what is being done.\n\nWhat a script must know is said by the exit code. On stderr stands what is missing from an answer, and why nothing \
    was found; how long ago somebody looked at the files is said there on a terminal, and where nothing was found.\n\nExit codes: \
    0 found or done, 1 nothing found, 2 usage or failure, 3 limited or partial, 4 cancelled \
    by another, 69 daemon unreachable, 75 busy, 76 version mismatch, 77 permission, 130 interrupted."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Where help lists the options that every command takes: below its own.
const GLOBAL: &str = "Global options";

/// Options of every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Global {
    /// Print one JSON object a line
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,
    /// Socket of the daemon, instead of the usual one
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Do not start the daemon if none runs
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) no_spawn: bool,
    /// Root of the project, instead of the nearest one at or above the current directory
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ROOT")]
    pub(crate) project: Option<PathBuf>,
    /// Do not index a project only because a question is asked about it
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) no_index: bool,
    /// When to use colours; auto is on a terminal, and minds NO_COLOR, CLICOLOR and CLICOLOR_FORCE
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub(crate) color: When,
    /// When to make links of paths; auto is on a terminal that is known to have them
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub(crate) hyperlink: When,
    /// Print what is longer than the screen without VIGIE_PAGER, PAGER or less
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) no_pager: bool,
}

/// When something is done to what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
// The arguments of other commands than the one typed are not even built: that would be a quarter of a short command's time.
#[command(defer = true)]
pub(crate) enum Command {
    /// Index a project and show every step, or bring the index up to date with some files
    Index(IndexArgs),
    /// Follow a job that runs already
    Attach(AttachArgs),
    /// List jobs
    Jobs(JobsArgs),
    /// Cancel a job, for everybody
    Cancel(CancelArgs),
    /// Pause a job: it makes way, and what it has indexed answers questions
    Pause(JobArgs),
    /// Have a paused job go on
    Resume(JobArgs),
    /// Follow everything that happens, in one project or all
    Events(EventsArgs),
    /// Follow a project's tree from now on, so that its index is current; kept across restarts
    Watch(WatchArgs),
    /// Follow a project's tree no longer; its index stays
    Unwatch(UnwatchArgs),
    /// Remove a project's index and that it was known; its own files are not touched
    Forget(ForgetArgs),
    /// Show how the daemon and a project stand
    Status(StatusArgs),
    /// List the indexed projects
    Projects,
    /// Show what the configuration comes to, and where that was said; in a project, its own too
    Config,
    /// Find lines that match a pattern
    Text(TextArgs),
    /// Find what code is about something, said in a few words; best first
    Search(SearchArgs),
    /// Find definitions by part of their name
    Symbols(SymbolsArgs),
    /// Find the definitions of a name
    Def(DefArgs),
    /// Find where a name occurs, and what it means there
    Refs(RefsArgs),
    /// Find who calls a function
    Callers(CallsArgs),
    /// Find what a function calls
    Callees(CallsArgs),
    /// Show what a type inherits from, and what inherits from it
    Hierarchy(HierarchyArgs),
    /// Find what depends on something, directly or by steps
    Impact(ImpactArgs),
    /// Print what to read before changing something, within so many tokens
    Context(ContextArgs),
    /// Show the shape of a project, within so many tokens
    Map(MapArgs),
    /// Show what a file imports
    Imports(ImportsArgs),
    /// Find who imports a file
    Importers(ImportersArgs),
    /// Show which definitions changed since a generation of the index, or since a commit
    Changed(ChangedArgs),
    /// Show what a file defines
    Outline(OutlineArgs),
    /// Find files by path
    Files(FilesArgs),
    /// Show what the index holds, file by file
    Coverage(CoverageArgs),
    /// Print the whole index as canonical lines of JSON
    Dump(DumpArgs),
    /// Check everything that Vigie stands on, and say what to do
    Doctor(DoctorArgs),
    /// Print every number that the daemon counts, for Prometheus
    Metrics,
    /// Print the JSON Schema of what --json prints
    Schema,
    /// Start, stop, install or look at the daemon
    Daemon(DaemonArgs),
    /// Print what has a shell complete what is typed
    Completions(CompletionsArgs),
    /// Write the manual pages into a directory
    Man(ManArgs),
    /// Watch everything on one live screen: projects, jobs, what is slow, clients (the program `vigie-top`)
    #[command(disable_help_flag = true)]
    Top(BesideArgs),
    /// Answer HTTP on this machine: progress as server-sent events, and a page for people (the program `vigie-http`)
    #[command(disable_help_flag = true)]
    Http(BesideArgs),
    /// Answer an agent's questions over the Model Context Protocol, on stdin and stdout (the program `vigie-mcp`)
    #[command(disable_help_flag = true)]
    Mcp(BesideArgs),
}

/// The help of `--deadline-ms` where the daemon waits for what an answer needs.
fn waiting(arg: Arg) -> Arg {
    arg.help(
        "Give up after so many milliseconds [default: 0, never]. While the index is being built, the files that the answer \
        needs are parsed first, and waited for until shortly before that [default: for 2 s]. What is there by then is the \
        answer",
    )
}

/// The same where it waits only for what has a whole name.
fn waiting_if_exact(arg: Arg) -> Arg {
    arg.help(
        "Give up after so many milliseconds [default: 0, never]. With --exact, while the index is being built, the files that \
        hold the name are parsed first, and waited for until shortly before that [default: for 2 s]. What is there by then \
        is the answer",
    )
}

// Of a command that is a program of its own, which knows what they mean. No doc comment, as below.
#[derive(Debug, clap::Args)]
pub(crate) struct BesideArgs {
    /// Its own options; --help lists them
    #[arg(value_name = "OPTION", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IndexArgs {
    /// A directory, whose project is indexed [default: the current one]; or files of an indexed project that have changed or are
    /// gone: then they alone are looked at. Those that are no part of the project are named; the exit code is 3 if some are, 1 if
    /// all are
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read and parse every file again
    #[arg(long)]
    pub(crate) force: bool,
    /// Start the job and return
    #[arg(long, conflicts_with_all = ["files", "cancel_on_exit"])]
    pub(crate) detach: bool,
    /// Follow the tree from then on, as `vigie watch` does
    #[arg(long)]
    pub(crate) watch: bool,
    /// Print a line for every file
    #[arg(long)]
    pub(crate) files: bool,
    /// Cancel the job when this command ends, unless others follow it too
    #[arg(long)]
    pub(crate) cancel_on_exit: bool,
    /// Stop after so many files [default: 0, no limit]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, hide_default_value = true)]
    pub(crate) max_files: u64,
    /// Stop after so much source: 500K, 64M, 2G, but not before the first file [default: 0, no limit]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_negative_numbers = true, default_value = "0", hide_default_value = true)]
    pub(crate) max_bytes: u64,
    /// Stop after so many seconds, but not before the first file [default: 0, no limit]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, hide_default_value = true)]
    pub(crate) max_seconds: u64,
    /// Stop when daemon and workers together use so much memory, but not before the first file [default: 0, no limit]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_negative_numbers = true, default_value = "0", hide_default_value = true)]
    pub(crate) max_memory: u64,
    /// Work on at most so many files at a time [default: 0, as many as the daemon may]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) workers: u32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AttachArgs {
    /// Number of the job [default: the one that runs for this project]
    pub(crate) job: Option<u64>,
    /// Print a line for every file
    #[arg(long)]
    pub(crate) files: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobsArgs {
    /// List ended jobs too
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CancelArgs {
    /// Number of the job, as `vigie jobs` lists it
    pub(crate) job: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobArgs {
    /// Number of the job, as `vigie jobs` lists it
    pub(crate) job: u64,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each line is ok, warn or FAIL, what was looked at, and what was found; below it stands what to do. The exit code is 2 if \
    anything failed. No daemon is started for this, unless --start is given."
)]
pub(crate) struct DoctorArgs {
    /// Do not read the indexes
    #[arg(long)]
    pub(crate) quick: bool,
    /// Start the daemon if none runs
    #[arg(long, conflicts_with = "no_spawn")]
    pub(crate) start: bool,
    /// Leave reading one index after so many seconds [default: 60; 0 = never]
    #[arg(long, value_name = "N", default_value_t = 60, hide_default_value = true)]
    pub(crate) max_seconds: u32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EventsArgs {
    /// Only the project in which this path lies [default: all projects]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WatchArgs {
    /// The directory, or one inside a project [default: the current one]
    pub(crate) path: Option<PathBuf>,
    /// Return as soon as the tree is watched, if it must be indexed first
    #[arg(long)]
    pub(crate) detach: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnwatchArgs {
    /// A path in the project [default: the current directory]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "What its files were parsed to is removed with it, also of what they were before. The daemon's log still names its root."
)]
pub(crate) struct ForgetArgs {
    /// A path in the project, or the root of one that is gone
    #[arg(required_unless_present = "project")]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// A path in the project [default: the current directory]
    pub(crate) path: Option<PathBuf>,
    /// Show the questions and files that took long lately, instead
    #[arg(long, conflicts_with = "path")]
    pub(crate) slow: bool,
}

// Options of questions about code. No doc comment: it would stand in the help in place of the command's own.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) of: WholeArgs,
    /// Go on where an earlier answer was cut
    #[arg(long, value_name = "CURSOR", value_parser = parse_cursor)]
    pub(crate) cursor: Option<Cursor>,
    /// Print each row so: '{path}:{line}' with any field that a row of JSON has, {} {/} {//} {.} {/.} as in fd, \t for a tab
    #[arg(long, value_name = "TEMPLATE", value_parser = Template::parse, conflicts_with = "json")]
    pub(crate) format: Option<Template>,
    /// Put a NUL byte behind each path, and with --format behind each row
    #[arg(short = '0', long)]
    pub(crate) null: bool,
}

// How rows are grouped. No doc comment, as above.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct HeadingArgs {
    /// Print each path once above its rows, as is done on a terminal
    #[arg(long, overrides_with = "no_heading")]
    pub(crate) heading: bool,
    /// Print the path in each row, as is done in a pipe
    #[arg(long, overrides_with = "heading")]
    pub(crate) no_heading: bool,
}

impl HeadingArgs {
    /// Whether paths stand above their rows.
    pub(crate) fn wanted(self, is_terminal: bool) -> bool {
        self.heading || (is_terminal && !self.no_heading)
    }
}

impl From<&WholeArgs> for QueryArgs {
    fn from(of: &WholeArgs) -> QueryArgs {
        QueryArgs { of: of.clone(), ..QueryArgs::default() }
    }
}

// The same of questions whose answer comes whole: there is nowhere to go on. No doc comment, as above.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct WholeArgs {
    /// Only files of this language, by its name or the extension of its files (may be repeated): rust, python, c, cpp, csharp, java, javascript, typescript, tsx, go, ruby,
    /// php, bash, lua, kotlin, scala, swift, dart, json, toml, yaml, markdown
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Vec<String>,
    /// Only files whose path, seen from the project's root, matches this glob; the name of a directory means all below it (may be
    /// repeated)
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Stop after so many results [default: 0, no limit]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, hide_default_value = true)]
    pub(crate) limit: u64,
    /// Look at the tree first, so that every earlier change is in the answer
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Give up after so many milliseconds [default: 0, never]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, hide_default_value = true)]
    pub(crate) deadline_ms: u32,
}

/// A page cursor: opaque bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor(pub(crate) Vec<u8>);

fn parse_cursor(text: &str) -> Result<Cursor, String> {
    from_hex(text).map(Cursor).ok_or_else(|| "not a cursor; take it from the summary of an earlier answer".to_owned())
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting_if_exact))]
pub(crate) struct SymbolsArgs {
    /// Part of the name; case counts only if there is a capital letter in it
    #[arg(value_name = "QUERY")]
    pub(crate) name: String,
    /// QUERY is the whole name; case counts
    #[arg(long, conflicts_with_all = ["prefix", "fuzzy"])]
    pub(crate) exact: bool,
    /// QUERY is how the name begins; case counts
    #[arg(long, conflicts_with = "fuzzy")]
    pub(crate) prefix: bool,
    /// QUERY is some letters of the name, in their order
    #[arg(long)]
    pub(crate) fuzzy: bool,
    /// Only definitions of this kind (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

/// A limit for answers whose best rows come first.
fn ten_best(arg: Arg) -> Arg {
    arg.default_value("10").help("Stop after so many results [default: 10; 0 = no limit]")
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("limit", ten_best))]
#[command(
    after_help = "Words count whatever their endings and their case; those of names count one by one. Each file is shown once, with \
    the definition in it that answers best, or with some lines of it."
)]
pub(crate) struct SearchArgs {
    /// What the code does, or is about: where are sessions validated
    #[arg(value_name = "WORDS", required = true)]
    pub(crate) words: Vec<String>,
    /// Only definitions of this kind (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
    /// Show what each score is made of
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each line begins with what happened: + added, - removed, ~ declared differently, · only the text changed, ? not \
    compared. What was renamed or moved is removed there and added here. A line without a name is about a file as a whole. The \
    generation to ask about next stands in the summary of every answer (--json) and in `vigie status`."
)]
pub(crate) struct ChangedArgs {
    /// Only files at or below these [default: the whole project]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Since this generation of the index, as far back as it remembers
    #[arg(long, value_name = "GENERATION", conflicts_with = "rev", allow_negative_numbers = true)]
    pub(crate) since: Option<u64>,
    /// From this commit of git to the files as they are: HEAD, main, v1.2, a hash. Files that git does not know, and does not
    /// ignore, are new
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    pub(crate) rev: Option<String>,
    /// Only definitions of this kind (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
pub(crate) struct DefArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

// What a question is about.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetArgs {
    /// A name, Container.name, module.Container.name, or FILE:LINE:COL, where a name stands: line and byte column, both from 1; FILE:LINE:COL:NAME finds the name also if its line has moved
    #[arg(value_name = "NAME|FILE:LINE:COL")]
    pub(crate) name: OsString,
    /// Only if it is defined as this kind (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
#[command(
    after_help = "A line without an arrow: nothing in the index says what the name means there, so it is unknown, or from outside \
    of the project."
)]
pub(crate) struct RefsArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Only occurrences in which this is done with the name (may be repeated)
    #[arg(long, value_parser = named_if(Role::ALL, |role| *role != Role::OVERRIDE))]
    pub(crate) role: Vec<Role>,
    /// Show the definitions too
    #[arg(long)]
    pub(crate) with_defs: bool,
    /// Only where it is certain what the name means; how many are left out for that is said at the end
    #[arg(long)]
    pub(crate) certain: bool,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
pub(crate) struct CallsArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How many calls away to look, at most 16
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) depth: u32,
    /// Only where it is certain what is called; how many are left out for that is said at the end
    #[arg(long)]
    pub(crate) certain: bool,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
pub(crate) struct HierarchyArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Only what it inherits from
    #[arg(long, conflicts_with = "derived")]
    pub(crate) bases: bool,
    /// Only what inherits from it
    #[arg(long)]
    pub(crate) derived: bool,
    /// How many steps away to look, at most 16
    #[arg(long, value_name = "N", default_value_t = 16, allow_negative_numbers = true)]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
#[command(
    after_help = "Each dependent is shown once, as near as it is. One step away stand also members that override what was asked about. \
    What only may depend comes behind what does, is marked with what is not known (ambiguous, none), and nothing is looked for behind \
    it; from two steps on it is only counted. Of a name that nothing defines any more, and of what was removed since the commit of \
    --diff, whoever still mentions it is shown so. When --deadline-ms is over, what was found until then is the answer, and the \
    summary says how to go on."
)]
pub(crate) struct ImpactArgs {
    #[command(flatten)]
    pub(crate) targets: TargetsArgs,
    /// How many steps away to look, at most 16; 0 = until nothing more is found
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    pub(crate) depth: u32,
    /// Only what depends for certain; how much else may is said at the end
    #[arg(long)]
    pub(crate) certain: bool,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

// What a question is about that may be about several things.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetsArgs {
    /// Names, Container.name, module.Container.name, or FILE:LINE:COL, where a name stands: line and byte column, both from 1; FILE:LINE:COL:NAME finds the name also if its line has moved
    #[arg(value_name = "NAME|FILE:LINE:COL", required_unless_present = "diff")]
    pub(crate) names: Vec<OsString>,
    /// All that changed from this commit of git to the files as they are: HEAD, main, v1.2, a hash
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    pub(crate) diff: Option<String>,
    /// Only what is defined as this kind is meant (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
}

/// The names are one way to ask of three.
fn or_in_words(arg: Arg) -> Arg {
    arg.required_unless_present_any(["words", "diff"])
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting), mut_arg("names", or_in_words))]
#[command(
    after_help = "First what was asked about, whole where that fits; then who uses it, what it calls, its types, its tests and what \
    stands beside it, the surest and nearest first, each with the reason why it is there; at the end what found no room. A token is \
    four bytes of what is printed. Paths are those from the root of the project, as the tokens are counted over them."
)]
pub(crate) struct ContextArgs {
    #[command(flatten)]
    pub(crate) targets: TargetsArgs,
    /// A question in words, whose best answers are asked about
    #[arg(id = "words", long = "query", value_name = "WORDS")]
    pub(crate) words: Option<String>,
    /// Print at most so many tokens
    #[arg(long, value_name = "N", default_value_t = 4000, allow_negative_numbers = true)]
    pub(crate) tokens: u32,
    #[command(flatten)]
    pub(crate) query: WholeArgs,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Directories and files stand in the order of how much refers to them. A token is four bytes of what is printed."
)]
pub(crate) struct MapArgs {
    /// Only what is at or below this path [default: the whole project]
    #[arg(value_name = "PATH")]
    pub(crate) subtree: Option<PathBuf>,
    /// Print at most so many tokens
    #[arg(long, value_name = "N", default_value_t = 2000, allow_negative_numbers = true)]
    pub(crate) tokens: u32,
    /// Show at most so many levels [default: 0, all]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, hide_default_value = true)]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) query: WholeArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
pub(crate) struct ImportsArgs {
    /// The file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportersArgs {
    /// The file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("deadline_ms", waiting))]
pub(crate) struct OutlineArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// Only definitions of this kind (may be repeated)
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<SymbolKind>,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FilesArgs {
    /// Letters of the path in order, or a glob if it has one of `*?[{` [default: every file]
    #[arg(value_name = "QUERY", default_value = "", hide_default_value = true)]
    pub(crate) path_query: String,
    /// How QUERY is meant
    #[arg(long, value_enum)]
    pub(crate) mode: Option<FilesMode>,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FilesMode {
    /// The letters in order, best first
    Fuzzy,
    /// A glob over the whole path
    Glob,
    /// Part of the path
    Substring,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CoverageArgs {
    /// Only at or below this path [default: the whole project]
    pub(crate) subtree: Option<PathBuf>,
    /// Only files committed after this generation
    #[arg(
        long,
        value_name = "GENERATION",
        default_value_t = 0,
        allow_negative_numbers = true,
        hide_default_value = true
    )]
    pub(crate) since: u64,
    /// Only files of this disposition (may be repeated)
    #[arg(long, value_parser = named(Disposition::ALL))]
    pub(crate) disposition: Vec<Disposition>,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DumpArgs {
    /// A path in the project [default: the current directory]
    pub(crate) path: Option<PathBuf>,
    /// Do not wait for a running job
    #[arg(long)]
    pub(crate) partial: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell; what is printed belongs into a file that it reads at its start
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The directory, as ~/.local/share/man/man1
    pub(crate) dir: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DaemonArgs {
    #[command(subcommand)]
    pub(crate) action: DaemonAction,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DaemonAction {
    /// Start the daemon if none runs
    Start,
    /// Stop the daemon; its jobs go on at the next start
    Stop,
    /// Stop the daemon and start it again
    Restart,
    /// Say whether the daemon runs
    Status,
    /// Have systemd listen for the daemon, start it for the first command, and start it again when it fails
    Install(DryRun),
    /// Undo that; indexes and configuration stay
    Uninstall(DryRun),
    /// Show the daemon's log, from the journal where systemd runs the daemon
    Logs(LogsArgs),
}

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct DryRun {
    /// Only show what would be written and run
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct LogsArgs {
    /// How many of the last lines are shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(crate) lines: u32,
    /// Go on with what is written from now on
    #[arg(short, long)]
    pub(crate) follow: bool,
}

/// Reads the kind of a definition. What only an answer about a place may have is none.
fn kinds() -> impl TypedValueParser<Value = SymbolKind> {
    named_if(SymbolKind::ALL, |kind| kind.0 <= SymbolKind::ELEMENT.0)
}

/// Reads one of the names of `all`, which help shows.
fn named<T: Copy + Send + Sync + 'static>(all: &'static [(T, &'static str)]) -> impl TypedValueParser<Value = T> {
    named_if(all, |_| true)
}

fn named_if<T: Copy + Send + Sync + 'static>(
    all: &'static [(T, &'static str)],
    is_offered: fn(&T) -> bool,
) -> impl TypedValueParser<Value = T> {
    let offered = || all.iter().filter(move |(value, _)| is_offered(value));
    PossibleValuesParser::new(offered().map(|(_, name)| *name)).try_map(move |text| {
        let named = all.iter().find(|(_, name)| *name == text);
        named.map(|(value, _)| *value).ok_or("not one of the names")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use vigie_proto::text_flag;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn global_options_may_follow_the_command() {
        let args = Args::try_parse_from(["vigie", "text", "x", "a", "b", "--json", "-iw", "--limit", "3"]).unwrap();
        assert!(args.global.json);
        let Some(Command::Text(text)) = args.command else { panic!("not text") };
        assert_eq!(
            (text.paths().len(), text.query.of.limit, text.flags()),
            (2, 3, text_flag::IGNORE_CASE | text_flag::WORD)
        );
    }

    #[test]
    fn a_question_is_words_and_its_ten_best_answers() {
        let search = |line: &[&str]| match Args::try_parse_from(line).map(|args| args.command) {
            Ok(Some(Command::Search(search))) => search,
            other => panic!("{other:?}"),
        };
        let args = search(&["vigie", "search", "where", "are", "--limit", "3", "sessions validated"]);
        assert_eq!((args.words.join(" ").as_str(), args.query.of.limit), ("where are sessions validated", 3));
        assert_eq!(search(&["vigie", "search", "x"]).query.of.limit, 10);
    }

    #[test]
    fn help_lists_values_and_puts_the_options_of_all_commands_last() {
        let error = Args::try_parse_from(["vigie", "symbols", "--help"]).unwrap_err();
        let help = error.to_string();
        let place = |what: &str| help.find(what).unwrap_or_else(|| panic!("{what} is missing in {help}"));
        assert!(place("--kind") < place(GLOBAL) && place(GLOBAL) < place("--json"), "{help}");
        assert!(place("interface") < place(GLOBAL) && place("no limit") < place(GLOBAL), "{help}");
    }

    #[test]
    fn help_is_no_wider_than_a_terminal_and_says_what_waits() {
        let commands: Vec<(String, String)> = Args::command()
            .get_subcommands()
            // A program of its own has its own help.
            .filter(|c| !["top", "http", "mcp"].contains(&c.get_name()))
            .map(|c| (c.get_name().to_owned(), c.get_about().map(ToString::to_string).unwrap_or_default()))
            .collect();
        assert!(commands.len() > 20, "{commands:?}");
        for (command, about) in &commands {
            let help = Args::try_parse_from(["vigie", command, "-h"]).unwrap_err().to_string();
            assert!(help.starts_with(about), "{about}: {help}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
            assert_eq!(Args::try_parse_from(["vigie", "help", command]).unwrap_err().exit_code(), 0);
            let waits = help.contains("for 2 s");
            let is_named = [
                "symbols",
                "def",
                "refs",
                "callers",
                "callees",
                "hierarchy",
                "impact",
                "context",
                "imports",
                "outline",
            ];
            assert_eq!(waits, is_named.contains(&command.as_str()), "{help}");
        }
    }

    #[test]
    fn nonsense_is_usage() {
        for line in [
            &["vigie", "nonsense"][..],
            &["vigie", "cancel", "seven"],
            &["vigie", "symbols", "x", "--kind", "verb"],
            &["vigie", "search"],
            &["vigie", "search", "x", "--kind", "local"],
            &["vigie", "def", "x", "--kind", "local"],
            &["vigie", "coverage", "--disposition", "lost"],
            &["vigie", "index", "--detach", "--files"],
            &["vigie", "index", "--max-bytes", "12Q"],
            &["vigie", "text", "x", "--cursor", "zz"],
            &["vigie", "text", "x", "--format", "{"],
            &["vigie", "text", "x", "--format", "{path}", "--json"],
            &["vigie", "--color", "green"],
        ] {
            assert_eq!(Args::try_parse_from(line).unwrap_err().exit_code(), 2, "{line:?}");
        }
    }
}
