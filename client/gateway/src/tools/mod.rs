//! The tools that agents call: one for each question worth asking while reading and changing code. Their rows are those of
//! `vigie --json`, field by field; around them stand how much more there is, where to go on, how fresh the answer is, and what there
//! is to be said of it. They know the daemon and, for progress, the protocol's SDK; not how a call has come.

mod answer;
mod args;
mod ask;
mod changes;
mod difference;
mod error;
mod packs;
mod questions;
mod schema;
mod standing;
mod steps;

use std::future::Future;
use std::pin::Pin;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use vigie_proto::Direction;

pub use answer::Answer;
pub use ask::{Call, Project};
pub use error::{Refusal, ToolError};
pub use standing::OnCancel;
pub use steps::{Notifier, Steps};

use args::{
    CallsArgs, ChangedArgs, ContextArgs, CoverageArgs, DefinitionArgs, FilesArgs, ImpactArgs, IndexArgs, MapArgs,
    OutlineArgs, ReferencesArgs, SearchArgs, StatusArgs, SymbolsArgs, TextArgs,
};
use schema::{Lines, Shape};

/// The tool that works at length.
pub const INDEX: &str = "index";

/// The tools, as a client lists them.
pub fn list() -> Vec<Tool> {
    let rows = &Lines::read();
    vec![
        of::<SearchArgs>(
            rows,
            "search",
            "Search in words",
            "Find the code that is about something, said in words, best first. Start here when you do not know a name.",
            "vigie search",
            Shape::Rows,
        ),
        of::<TextArgs>(
            rows,
            "text",
            "Search text",
            "Find lines that match a regular expression, like rg over the whole project, in the files as they are now.",
            "vigie text",
            Shape::Rows,
        ),
        of::<SymbolsArgs>(
            rows,
            "symbols",
            "Find symbols",
            "Find definitions by name or part of it, with signature and place.",
            "vigie symbols",
            Shape::Rows,
        ),
        of::<DefinitionArgs>(
            rows,
            "definition",
            "Go to definition",
            "Find what a name means: its definitions, or that of the name at a place in a file.",
            "vigie def",
            Shape::Rows,
        ),
        of::<ReferencesArgs>(
            rows,
            "references",
            "Find references",
            "Find where something is used, with the line and what the name means there. Ask by Container.name or place for one thing \
             among several of the same name.",
            "vigie refs",
            Shape::Rows,
        ),
        of::<CallsArgs>(rows, "callers", "Find callers", "Find who calls a function.", "vigie callers", Shape::Rows),
        of::<CallsArgs>(rows, "callees", "Find callees", "Find what a function calls.", "vigie callees", Shape::Rows),
        of::<OutlineArgs>(
            rows,
            "outline",
            "Outline a file",
            "List what a file defines, in order. Cheaper than reading it.",
            "vigie outline",
            Shape::Rows,
        ),
        of::<ContextArgs>(
            rows,
            "context",
            "Pack context",
            "Read before changing something: the source of the targets, their callers, callees, types and tests, the most \
             needed first, packed into max_tokens.",
            "vigie context",
            Shape::Pack,
        ),
        of::<MapArgs>(
            rows,
            "map",
            "Map the project",
            "Show the shape of a project: the directories and files that matter most, with their main definitions.",
            "vigie map",
            Shape::Pack,
        ),
        of::<ImpactArgs>(
            rows,
            "impact",
            "Find what a change affects",
            "Find what depends on something, directly or by steps, tests marked: what a change may break.",
            "vigie impact",
            Shape::Rows,
        ),
        of::<ChangedArgs>(
            rows,
            "changed",
            "Find what changed",
            "List the definitions that differ from a commit of git, by default what is not committed: added, removed, or changed in \
             signature or body.",
            "vigie changed",
            Shape::Rows,
        ),
        of::<FilesArgs>(rows, "files", "Find files", "Find files by path.", "vigie files", Shape::Rows),
        of::<CoverageArgs>(
            rows,
            "coverage",
            "Show coverage",
            "Show file by file what the index holds, and why it does not hold more: whether a file that was not found was looked at.",
            "vigie coverage",
            Shape::Rows,
        ),
        of::<StatusArgs>(
            rows,
            "status",
            "Show status",
            "Show how the index of a project stands, and which jobs are under way.",
            "vigie status",
            Shape::Standing,
        ),
        of::<IndexArgs>(
            rows,
            INDEX,
            "Index a project",
            "Bring the index of a project up to date and wait for it; with files, only those. Questions index a new project by \
             themselves, so this is rarely needed.",
            "vigie index",
            Shape::Standing,
        )
        .annotate(ToolAnnotations::new().read_only(false).destructive(false).idempotent(true).open_world(false)),
    ]
}

fn of<T: JsonSchema>(
    rows: &Lines,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    command: &str,
    shape: Shape,
) -> Tool {
    Tool::new(name, description, schema::input::<T>())
        .with_title(title)
        .with_raw_output_schema(schema::output(rows, command, shape))
        // Questions change no project. That the index of one is begun by the first is nothing to be asked about.
        .annotate(ToolAnnotations::new().read_only(true).idempotent(true).open_world(false))
}

/// Ends when a call is cancelled.
pub type Cancelled<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Carries a call out. `cancelled` is for what goes on without the call, a job: any other is stopped by dropping this future.
///
/// # Errors
/// [`Refusal`]: there is no such tool, an argument is wrong, or it failed.
pub async fn call(
    name: &str,
    arguments: JsonObject,
    call: &mut Call<'_>,
    cancelled: Cancelled<'_>,
    on_cancel: &(dyn Fn() -> OnCancel + Sync),
) -> Result<Answer, Refusal> {
    match name {
        "search" => questions::search(call, parse(arguments)?).await,
        "text" => questions::text(call, parse(arguments)?).await,
        "symbols" => questions::symbols(call, parse(arguments)?).await,
        "definition" => questions::definition(call, parse(arguments)?).await,
        "references" => questions::references(call, parse(arguments)?).await,
        "callers" => questions::calls(call, parse(arguments)?, Direction::INCOMING).await,
        "callees" => questions::calls(call, parse(arguments)?, Direction::OUTGOING).await,
        "outline" => questions::outline(call, parse(arguments)?).await,
        "context" => packs::context(call, parse(arguments)?).await,
        "map" => packs::map(call, parse(arguments)?).await,
        "impact" => questions::impact(call, parse(arguments)?).await,
        "files" => questions::files(call, parse(arguments)?).await,
        "coverage" => questions::coverage(call, parse(arguments)?).await,
        "changed" => changes::changed(call, parse(arguments)?).await,
        "status" => standing::status(call, &parse(arguments)?).await,
        INDEX => standing::index(call, &parse(arguments)?, cancelled, on_cancel).await,
        _ => Err(Refusal::NoSuchTool { name: name.to_owned() }),
    }
}

/// Whether a call of `index` waits for its job, as far as its arguments can be read.
pub fn waits(arguments: &JsonObject) -> bool {
    arguments.get("wait").is_none_or(|wait| matches!(wait, Value::Bool(true) | Value::Null))
}

fn parse<T: DeserializeOwned>(mut arguments: JsonObject) -> Result<T, Refusal> {
    // Many agents write null for what they leave out.
    arguments.retain(|_, value| !value.is_null());
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner().to_string();
        // Of what is missing only the reason knows the name.
        let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let field = missing.map_or(path, str::to_owned);
        Refusal::BadArgument { field, reason }
    })
}
