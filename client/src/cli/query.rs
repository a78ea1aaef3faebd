//! What all questions about code share: options, indexing a project that is not indexed yet, the summary, the exit code.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie::{Client, ClientError, EventStream, Query};
use vigie_proto::{
    Bytes, ChangedQuery, ErrorCode, Freshness, Index, QueryOptions, QuerySummary, Status, StatusReply, Target,
};

use super::args::QueryArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use super::schema;
use crate::ui::output::{Output, Reader};
use crate::ui::template::Template;
pub(crate) use vigie::answer::Tier;
use vigie::answer::{Advice, is_begun, is_cut_short, lack, pending, unread};
use vigie::human::{counted, duration_ms, escape, relative};
use vigie::json::{Object, hex};
use vigie::records;
use vigie_manual::usage::near;

/// Prints rows: as JSON with paths relative to the root, or for people with paths relative to the current directory.
#[derive(Debug)]
pub(crate) struct Printer<'a> {
    pub(crate) out: &'a mut Output,
    pub(crate) json: bool,
    format: Option<&'a Template>,
    null: bool,
    root: Vec<u8>,
    cwd: PathBuf,
}

impl<'a> Printer<'a> {
    fn new(context: Rows<'a>, scope: &'a Scope, root: Vec<u8>) -> Printer<'a> {
        let Rows { out, json, cwd } = context;
        Printer { out, json, format: scope.format.as_ref(), null: scope.null, root, cwd: cwd.to_owned() }
    }
}

/// What of a [`Context`] printing takes.
struct Rows<'a> {
    out: &'a mut Output,
    json: bool,
    cwd: &'a Path,
}

impl Printer<'_> {
    /// The path to show to a person, made safe for a terminal.
    pub(crate) fn path(&self, path: &Bytes) -> Vec<u8> {
        self.seen(&path.0)
    }

    fn seen(&self, path: &[u8]) -> Vec<u8> {
        let path = relative(&self.root, path, &self.cwd);
        // Behind a NUL byte nothing has to be told apart by a line feed.
        if self.null && !self.out.stdout_is_terminal() { path } else { self.out.safe(&path).into_owned() }
    }

    /// The same with its colour, and as a link where the terminal has them.
    pub(crate) fn painted_path(&self, path: &Bytes) -> Vec<u8> {
        self.linked(path, self.out.colors().paint(self.out.colors().path, self.path(path)))
    }

    /// A text that leads to a file.
    pub(crate) fn linked(&self, path: &Bytes, text: Vec<u8>) -> Vec<u8> {
        self.out.link(&[&self.root, b"/".as_slice(), &path.0].concat(), text)
    }

    /// What stands behind a path: a NUL byte if that is wanted.
    pub(crate) fn behind_path<'s>(&self, usual: &'s [u8]) -> &'s [u8] {
        if self.null { b"\0" } else { usual }
    }

    /// Whether rows are printed for programs, as [`Printer::record`] does.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.json || self.format.is_some()
    }

    /// Prints a row as a line of JSON, or as the template makes it.
    pub(crate) fn record(&mut self, object: Object) -> Reader {
        let object = object.finish();
        let Some(template) = self.format else { return self.out.line(object) };
        // It was written a moment ago.
        let row = serde_json::from_str(&object).unwrap_or_default();
        let mut line = template.fill(&row, |path| self.seen(path));
        line.push(if self.null { b'\0' } else { b'\n' });
        self.out.write(&line)
    }

    /// Prints the rows of a page, each as a record or as a line for people.
    pub(crate) fn rows<R>(
        &mut self,
        rows: &[R],
        record: impl Fn(&R) -> Object,
        line: impl Fn(&Printer<'_>, &R) -> Vec<u8>,
    ) -> Reader {
        for row in rows {
            let reader = if self.is_for_programs() {
                self.record(record(row))
            } else {
                let line = line(self, row);
                self.out.line(line)
            };
            if reader == Reader::Gone {
                return Reader::Gone;
            }
        }
        self.out.flush()
    }

    /// Says from where the paths are seen that the daemon itself has put into lines, where that is not the current directory.
    pub(crate) fn note_root(&mut self) {
        if !self.json && self.cwd.as_os_str().as_bytes() != self.root {
            self.out.note(&format!("paths are from {}", escape(&self.root)));
        }
    }

    /// Foreign text to show to a person, made safe for a terminal.
    pub(crate) fn text(&self, text: &str) -> Vec<u8> {
        self.out.safe(text.as_bytes()).into_owned()
    }
}

/// What is asked about, apart from the question itself.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    tier: Tier,
    target: Target,
    options: QueryOptions,
    /// When the answer is wanted; `None` = whenever it comes.
    deadline: Option<Instant>,
    /// Absolute arguments that narrow the question.
    paths: Vec<Bytes>,
    /// What there is to be said besides what the daemon says.
    notes: Vec<String>,
    /// How rows are printed.
    format: Option<Template>,
    null: bool,
}

/// What a question gets at least once the project is being indexed, though its deadline has passed: enough for what is there.
const LATE_MS: u32 = 250;

impl Scope {
    /// The project in which the first of `paths` lies, or else that of the current directory, narrowed to `paths`.
    pub(crate) fn new(context: &mut Context, tier: Tier, args: &QueryArgs, paths: &[PathBuf]) -> Scope {
        let QueryArgs { of: args, cursor, format, null } = args;
        context.set_deadline(args.deadline_ms);
        let options = QueryOptions {
            deadline_ms: args.deadline_ms,
            limit: args.limit,
            cursor: cursor.as_ref().map(|cursor| Bytes(cursor.0.clone())).unwrap_or_default(),
            fresh: args.fresh,
            languages: args.lang.clone(),
            globs: args.path.clone(),
            ..QueryOptions::default()
        };
        let paths: Vec<Bytes> = paths.iter().map(|path| context.absolute(path)).collect();
        let within = Duration::from_millis(args.deadline_ms.into());
        let deadline = (args.deadline_ms > 0).then(|| Instant::now() + within);
        let target = context.target(paths.first());
        Scope { tier, target, options, deadline, paths, notes: Vec::new(), format: format.clone(), null: *null }
    }

    /// The same of files that may be gone: the project is the one around what there is of the way to the first.
    pub(crate) fn of_gone(context: &mut Context, tier: Tier, args: &QueryArgs, paths: &[PathBuf]) -> Scope {
        let scope = Scope::new(context, tier, args, &[]);
        let paths: Vec<Bytes> = paths.iter().map(|path| context.absolute_or_gone(path)).collect();
        let there = paths.first().and_then(|path| {
            let path = Path::new(OsStr::from_bytes(&path.0));
            path.ancestors().find(|above| above.exists()).map(|above| Bytes(above.as_os_str().as_bytes().to_vec()))
        });
        Scope { target: context.target(there.as_ref()), paths, ..scope }
    }

    /// The arguments that name nothing that is there.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &Bytes> {
        self.paths.iter().filter(|path| !Path::new(OsStr::from_bytes(&path.0)).exists())
    }

    /// The same options about the project of another path.
    pub(crate) fn of(self, target: Target) -> Scope {
        Scope { target, ..self }
    }

    /// The same with something to say before what the daemon says.
    pub(crate) fn noting(self, notes: Vec<String>) -> Scope {
        Scope { notes, ..self }
    }

    /// The project.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// When the answer is wanted; `None` = whenever it comes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Rows name files relative to the root, and people want them relative to the current directory; arguments are the other
    /// way round. Where either matters this tells the root. Empty if the project is not indexed: the question itself will say
    /// so.
    fn status(&self) -> Status {
        Status { target: self.target.clone(), ..Status::default() }
    }

    fn options(&self, root: &[u8]) -> Result<QueryOptions, CliError> {
        let paths = if root.is_empty() { Vec::new() } else { narrow(root, &self.paths)? };
        Ok(QueryOptions { paths, ..self.options.clone() })
    }

    /// The same question with what is left of its time.
    fn later(&self) -> Scope {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_millis());
        let deadline_ms = left.map_or(0, |left| u32::try_from(left).unwrap_or(u32::MAX).max(LATE_MS));
        Scope { options: QueryOptions { deadline_ms, ..self.options.clone() }, ..self.clone() }
    }
}

/// What to type where an answer is partial.
pub(super) const ADVICE: Advice = Advice {
    longer: "--deadline-ms waits longer",
    again: "ask again when `vigie attach` has ended",
    names_unread: "`vigie coverage --disposition unreadable`",
};

/// An answer is not worth a word about its age before that.
const AGE_MIN_MS: u64 = 1000;

/// Absolute paths as ones relative to the root, which is the empty one itself.
fn narrow(root: &[u8], paths: &[Bytes]) -> Result<Vec<Bytes>, CliError> {
    let root = Path::new(OsStr::from_bytes(root));
    let mut narrowed = Vec::with_capacity(paths.len());
    for path in paths {
        let path = Path::new(OsStr::from_bytes(&path.0));
        let relative = path.strip_prefix(root).map_err(|_| CliError::Usage {
            message: format!("{} is outside of the project {}", path.display(), root.display()),
            hint: "one question is about one project: ask once for each".to_owned(),
        })?;
        narrowed.push(Bytes(relative.as_os_str().as_bytes().to_vec()));
    }
    Ok(narrowed)
}

/// Asks what `question` makes of target and options, hands every page to `print`, says what the summary has to say, and
/// settles the exit code.
pub(crate) fn run<Q: Query>(
    context: &mut Context,
    scope: &Scope,
    question: impl Fn(Target, QueryOptions) -> Q,
    print: impl FnMut(&mut Printer<'_>, Q::Page) -> Reader,
) -> Result<Exit, CliError> {
    let Some(answer) = ask(context, scope, question, print)? else { return Ok(Exit::Done) };
    let Answer { summary, is_early } = answer;
    conclude(context, scope.tier, &summary);
    Ok(if is_early || is_cut_short(&scope.options, &summary) { Exit::Partial } else { exit(scope.tier, &summary) })
}

/// Asks a question that is about files of the project, and so needs its root: `asked` is told it, and asks with the options. Says what
/// the summary has to say, and returns it; `None` if the reader of stdout went away.
pub(crate) fn run_at_root<P>(
    context: &mut Context,
    scope: &Scope,
    asked: impl FnOnce(
        &mut Client,
        &Path,
        (Target, QueryOptions),
        &mut dyn FnMut(P) -> ControlFlow<()>,
    ) -> Result<QuerySummary, CliError>,
    mut print: impl FnMut(&mut Printer<'_>, P) -> Reader,
) -> Result<Option<QuerySummary>, CliError> {
    check_format(context, scope)?;
    let root = root(context, scope)?;
    let options = scope.options(&root)?;
    let json = context.global.json;
    let Context { client, out, cwd, .. } = &mut *context;
    let mut page = |page: P| {
        let mut printer = Printer::new(Rows { out, json, cwd }, scope, root.clone());
        match print(&mut printer, page) {
            Reader::Listening => ControlFlow::Continue(()),
            Reader::Gone => ControlFlow::Break(()),
        }
    };
    let path = Path::new(OsStr::from_bytes(&root));
    match asked(client, path, (scope.target.clone(), options), &mut page) {
        Ok(summary) => {
            conclude(context, scope.tier, &summary);
            Ok(Some(summary))
        }
        Err(CliError::Client(ClientError::Stopped)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A template that names what no row has would print nothing there, for ever.
fn check_format(context: &Context, scope: &Scope) -> Result<(), CliError> {
    let Some(template) = &scope.format else { return Ok(()) };
    let command = &context.client.options().client;
    let fields = schema::row_fields(command);
    match template.fields().find(|field| !fields.iter().any(|known| known == field)) {
        Some(unknown) => Err(CliError::Usage {
            message: format!("rows of `{command}` have no field {unknown}"),
            hint: near(unknown, &fields),
        }),
        None => Ok(()),
    }
}

/// The root of the project, which is indexed first if it is not.
pub(crate) fn root(context: &mut Context, scope: &Scope) -> Result<Vec<u8>, CliError> {
    let root = root_of(&context.client.ask(&scope.status())?);
    if !root.is_empty() {
        return Ok(root);
    }
    // Any question brings about that the project is indexed, or says why it is not.
    let nothing = |target, options| ChangedQuery { target, options, ..ChangedQuery::default() };
    ask(context, scope, nothing, |_, _| Reader::Listening)?;
    Ok(root_of(&context.client.ask(&scope.status())?))
}

/// Prints the summary, or says what it has to say.
pub(crate) fn conclude(context: &mut Context, tier: Tier, summary: &QuerySummary) {
    if context.global.json {
        let _still = context.out.line(records::summary(summary).finish());
    } else {
        say(context, tier, summary);
    }
}

/// What came of a question.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) summary: QuerySummary,
    /// The deadline passed before the project was indexed as far as the question needs: nobody knows what is missing.
    pub(crate) is_early: bool,
}

/// Asks; a project that is not indexed yet is indexed first, if it may be. `None` if the reader of stdout went away.
pub(crate) fn ask<Q: Query>(
    context: &mut Context,
    scope: &Scope,
    question: impl Fn(Target, QueryOptions) -> Q,
    mut print: impl FnMut(&mut Printer<'_>, Q::Page) -> Reader,
) -> Result<Option<Answer>, CliError> {
    check_format(context, scope)?;
    let mut is_early = false;
    let result = match ask_once(context, scope, &question, &mut print) {
        Err(error) => match root_to_index(context, &error) {
            Some(root) => {
                is_early = index_first(context, scope, root)? == Readiness::Early;
                let scope = scope.later();
                context.set_deadline(scope.options.deadline_ms);
                ask_once(context, &scope, &question, &mut print)
            }
            None => Err(error),
        },
        answered => answered,
    };
    match result {
        Ok(mut summary) => {
            summary.notes.splice(0..0, scope.notes.iter().cloned());
            if is_early {
                summary
                    .notes
                    .push("the project is still being indexed: the answer has what was there at the deadline".into());
            }
            Ok(Some(Answer { summary, is_early }))
        }
        Err(CliError::Client(ClientError::Stopped)) => Ok(None),
        Err(error) if is_early && is_too_early(&error) => Err(CliError::StillIndexing),
        Err(error) => Err(error),
    }
}

fn ask_once<Q: Query>(
    context: &mut Context,
    scope: &Scope,
    question: &impl Fn(Target, QueryOptions) -> Q,
    print: &mut impl FnMut(&mut Printer<'_>, Q::Page) -> Reader,
) -> Result<QuerySummary, CliError> {
    let json = context.global.json;
    let Context { client, out, cwd, .. } = context;
    let mut print = |root: Vec<u8>, page| {
        let mut printer = Printer::new(Rows { out, json, cwd }, scope, root);
        match print(&mut printer, page) {
            Reader::Listening => ControlFlow::Continue(()),
            Reader::Gone => ControlFlow::Break(()),
        }
    };
    if !scope.paths.is_empty() {
        let root = root_of(&client.ask(&scope.status())?);
        let request = question(scope.target.clone(), scope.options(&root)?);
        return Ok(client.query(&request, |page| print(root.clone(), page))?);
    }
    let request = question(scope.target.clone(), scope.options.clone());
    Ok(if json {
        client.query(&request, |page| print(Vec::new(), page))?
    } else {
        client.query_after(&scope.status(), &request, |status, page| print(root_of(status), page))?
    })
}

fn root_of(status: &StatusReply) -> Vec<u8> {
    status.project.as_ref().map(|project| project.root.0.clone()).unwrap_or_default()
}

fn root_to_index(context: &Context, error: &CliError) -> Option<Bytes> {
    let CliError::Client(ClientError::Failure(failure)) = error else { return None };
    let wanted = failure.code == ErrorCode::NOT_INDEXED && !context.global.no_index;
    Some(failure.root.clone()).filter(|root| wanted && !root.is_empty())
}

/// Whether a question failed since nothing is indexed yet.
fn is_too_early(error: &CliError) -> bool {
    match error {
        CliError::Client(ClientError::Failure(failure)) => {
            [ErrorCode::NOT_INDEXED, ErrorCode::DEADLINE].contains(&failure.code)
        }
        CliError::Client(ClientError::Deadline) => true,
        _ => false,
    }
}

/// How far a project is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    /// As far as the question needs.
    Ready,
    /// Not so far: the deadline passed.
    Early,
}

/// Indexes a project because a question is asked about it. The job is nobody's: it goes on when this command is done.
fn index_first(context: &mut Context, scope: &Scope, root: Bytes) -> Result<Readiness, CliError> {
    let target = Target { path: root.clone(), project: root.clone(), ..Target::default() };
    let known = context.client.ask(&Status { target, ..Status::default() })?.project;
    context.out.note(&match known {
        None => format!("{} is not indexed yet, so it is indexed first", escape(&root.0)),
        // What became of an earlier index.
        Some(project) if !project.note.is_empty() => {
            format!(
                "the index of {} holds nothing, so it is indexed first: {}",
                escape(&root.0),
                escape(project.note.as_bytes())
            )
        }
        Some(_) => format!("the index of {} holds nothing yet, so it is indexed first", escape(&root.0)),
    });
    let index = Index { path: root.clone(), project: root, ..Index::default() };
    let stream = EventStream::index(&context.options(), index)?;
    let until = if scope.tier.needs_text_only() { Until::TextReady } else { Until::End };
    let follow = Follow { until, own: false, files: false, aside: true, begun: false };
    match follow::job_until(context, stream, follow, scope.deadline)? {
        None => Ok(Readiness::Early),
        Some(Exit::Done | Exit::Partial) => Ok(Readiness::Ready),
        Some(exit) => Err(CliError::IndexEnded(exit)),
    }
}

/// What was found in an index that is not complete is not all, and nothing found there is not yet "nothing".
fn exit(tier: Tier, summary: &QuerySummary) -> Exit {
    match (summary.rows, pending(tier, summary)) {
        _ if is_begun(summary) => Exit::Partial,
        (_, 1..) => Exit::Partial,
        // It may stand in what could not be read.
        _ if tier != Tier::Standing && summary.coverage.unread > 0 => Exit::Partial,
        (1.., 0) => Exit::Done,
        (0, 0) => Exit::Nothing,
    }
}

fn say(context: &mut Context, tier: Tier, summary: &QuerySummary) {
    for line in remarks(tier, summary, context.out.stderr_is_terminal()) {
        context.out.note(&line);
    }
}

/// What a person should know about an answer.
fn remarks(tier: Tier, summary: &QuerySummary, terminal: bool) -> Vec<String> {
    // That something was not found is worth little before it is known how much was looked at.
    let mut lines = Vec::new();
    lines.extend(lack(tier, summary, &ADVICE));
    lines.extend(summary.notes.iter().cloned());
    if tier != Tier::Standing {
        lines.extend(unread(&summary.coverage, &ADVICE));
    }
    if terminal && summary.provisional {
        let files = counted(summary.coverage.structure_pending, "file");
        lines.push(format!("nothing is missing, but while {files} are not indexed yet some meanings are less certain"));
    }
    // Where it is said why there is nothing, it matters to scripts too how old that is.
    let is_wanted = terminal || summary.rows == 0 && !summary.notes.is_empty();
    if is_wanted && summary.freshness == Freshness::UNVERIFIED && summary.age_ms >= AGE_MIN_MS {
        let age = duration_ms(summary.age_ms);
        lines.push(format!("nobody looked at the files for {age}; --fresh looks first"));
    }
    if summary.truncated {
        let cursor = hex(&summary.cursor.0);
        lines.push(if cursor.is_empty() {
            "there is more than --limit lets through".to_owned()
        } else {
            format!("there is more: --cursor {cursor}")
        });
    }
    if summary.generation_changed {
        lines.push("the index changed while this answer was read".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::CoverageSummary;

    fn summary(rows: u64, text_pending: u64, structure_pending: u64) -> QuerySummary {
        let coverage = CoverageSummary { text_pending, structure_pending, ..CoverageSummary::default() };
        QuerySummary { rows, coverage, ..QuerySummary::default() }
    }

    #[test]
    fn an_answer_is_whole_only_in_a_complete_tier() {
        assert_eq!(exit(Tier::Text, &summary(3, 0, 9)), Exit::Done);
        assert_eq!(exit(Tier::Text, &summary(3, 9, 9)), Exit::Partial);
        assert_eq!(exit(Tier::Structure, &summary(3, 0, 9)), Exit::Partial);
        assert_eq!(exit(Tier::Structure, &summary(3, 0, 0)), Exit::Done);
        assert_eq!(exit(Tier::Text, &summary(0, 0, 9)), Exit::Nothing);
        assert_eq!(exit(Tier::Text, &summary(0, 1, 0)), Exit::Partial);
        assert_eq!(exit(Tier::Structure, &summary(0, 0, 9)), Exit::Partial);
        let mut hidden = summary(3, 0, 0);
        hidden.coverage.unread = 1;
        assert_eq!(exit(Tier::Text, &hidden), Exit::Partial);
        assert_eq!(exit(Tier::Standing, &hidden), Exit::Done);
        let said = remarks(Tier::Named, &hidden, false);
        assert!(said[0].starts_with("1 file or directory could not be read"), "{said:?}");
        assert_eq!(remarks(Tier::Standing, &hidden, false), [] as [String; 0]);
        assert_eq!(exit(Tier::Structure, &summary(0, 0, 0)), Exit::Nothing);
        let named = |rows, pending| exit(Tier::Named, &QuerySummary { pending, ..summary(rows, 0, 9) });
        assert_eq!(
            [named(0, 0), named(1, 0), named(0, 1), named(1, 1)],
            [Exit::Nothing, Exit::Done, Exit::Partial, Exit::Partial]
        );
    }

    #[test]
    fn path_arguments_become_relative_to_the_root() {
        let narrow = |paths: &[&str]| narrow(b"/p", &paths.iter().map(|path| Bytes::from(*path)).collect::<Vec<_>>());
        assert_eq!(narrow(&["/p/src", "/p/a b/c.rs"]).unwrap(), ["src".into(), "a b/c.rs".into()]);
        assert_eq!(narrow(&["/p/src", "/p"]).unwrap(), ["src".into(), "".into()]);
        assert!(narrow(&["/pp/src"]).is_err() && narrow(&["/"]).is_err() && narrow(&["/p", "/q"]).is_err());
    }

    #[test]
    fn how_much_was_looked_at_is_said_before_what_was_not_found() {
        let freshness = Freshness::FRESH;
        let nothing = QuerySummary { notes: vec!["no such name".into()], freshness, ..summary(0, 0, 9) };
        let expected = ["the index is not complete: 9 files to go", "no such name"];
        assert_eq!(remarks(Tier::Structure, &nothing, false), expected);
        let freshness = Freshness::UNVERIFIED;
        let nothing = QuerySummary { freshness, age_ms: 4_000, ..nothing };
        let age = "nobody looked at the files for 4.0 s; --fresh looks first";
        assert_eq!(remarks(Tier::Structure, &nothing, false), [expected[0], expected[1], age]);
    }

    #[test]
    fn nothing_is_not_yet_nothing_while_files_are_looked_for() {
        let nothing = QuerySummary { freshness: Freshness::INDEXING, ..QuerySummary::default() };
        for tier in [Tier::Text, Tier::Structure, Tier::Named, Tier::Linked] {
            let said = remarks(tier, &nothing, false);
            assert_eq!(said, ["the index is not complete: its files are still being looked for"]);
            assert_eq!(exit(tier, &nothing), Exit::Partial);
        }
        // Nobody is at it any more: its job was paused or cancelled before it had found them all.
        let left = QuerySummary { freshness: Freshness::UNVERIFIED, ..nothing.clone() };
        assert_eq!(remarks(Tier::Text, &left, false), ["the index is not complete: its files were not all looked for"]);
        assert_eq!(exit(Tier::Text, &left), Exit::Partial);
        let coverage = CoverageSummary { complete: true, ..CoverageSummary::default() };
        let again = QuerySummary { coverage, ..nothing };
        assert_eq!((exit(Tier::Text, &again), remarks(Tier::Text, &again, false)), (Exit::Nothing, Vec::new()));
    }

    #[test]
    fn an_old_answer_is_remarked_on_a_terminal() {
        let coverage = CoverageSummary { complete: true, ..CoverageSummary::default() };
        let old = QuerySummary { coverage, freshness: Freshness::UNVERIFIED, age_ms: 4_000, ..QuerySummary::default() };
        assert_eq!(remarks(Tier::Text, &old, true), ["nobody looked at the files for 4.0 s; --fresh looks first"]);
        assert!(remarks(Tier::Text, &old, false).is_empty());
        let cut = QuerySummary { truncated: true, cursor: "ab".into(), ..QuerySummary::default() };
        assert_eq!(remarks(Tier::Text, &cut, false), ["there is more: --cursor 6162"]);
        let whole = QuerySummary { truncated: true, ..QuerySummary::default() };
        assert_eq!(remarks(Tier::Text, &whole, false), ["there is more than --limit lets through"]);
    }
}
