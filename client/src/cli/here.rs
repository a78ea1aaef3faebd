//! `vigie` alone: where you are. It looks and begins nothing: no daemon, no job.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie::answer::unread;
use vigie::{Client, ClientError, Options};
use vigie_proto::{
    Bytes, FileQuery, FileRows, Freshness, JobBrief, JobState, MatchMode, ProjectRow, QueryOptions, Status,
    StatusReply, WatchState,
};

use super::context::Context;
use super::exit::{CliError, Exit};
use super::nested;
use super::query::ADVICE;
use crate::ui::output::Colors;
use vigie::human::{count, counted, directories, duration_ms, escape, percent};
use vigie::records::{self, Here};

/// Of more files it is not said which languages they are in: that would take longer than a glance.
const FILES_MAX: u64 = 20_000;
/// Languages that are named.
const LANGUAGES_SHOWN: usize = 5;
/// Longest that is waited for them.
const LANGUAGES_WITHIN_MS: u32 = 500;

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let target = context.target(None);
    let mut client = Client::new(Options { spawn: false, ..context.options() });
    let reply = match client.ask(&Status { target: target.clone(), ..Status::default() }) {
        Ok(reply) => Some(reply),
        Err(ClientError::NoDaemon { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let project = reply.as_ref().and_then(|reply| reply.project.as_ref());
    let at = if target.project.is_empty() { target.path.clone() } else { target.project.clone() };
    let root = project.map(|project| project.root.clone()).or_else(|| marked_root(&at));
    let languages = match project {
        Some(project) if project.files <= FILES_MAX => {
            let question = FileQuery {
                target,
                mode: MatchMode::FUZZY,
                options: QueryOptions { deadline_ms: LANGUAGES_WITHIN_MS, ..QueryOptions::default() },
                ..FileQuery::default()
            };
            languages(&mut client, &question)
        }
        Some(_) | None => Vec::new(),
    };
    let here = Here { directory: at, root, reply, languages };
    if context.global.json {
        let _still = context.out.line(records::here(&here).finish());
        return Ok(Exit::Done);
    }
    for line in lines(&here, context.out.colors()) {
        let _still = context.out.line(line);
    }
    Ok(Exit::Done)
}

/// The nearest directory that a question would index.
fn marked_root(path: &Bytes) -> Option<Bytes> {
    let root = nested::marked_root(Path::new(std::ffi::OsStr::from_bytes(&path.0)))?;
    Some(Bytes(root.as_os_str().as_bytes().to_vec()))
}

/// The languages of the project with their files, most files first; none if that cannot be told soon.
fn languages(client: &mut Client, question: &FileQuery) -> Vec<(String, u64)> {
    let mut files = BTreeMap::<String, u64>::new();
    let told = client.query(question, |page: FileRows| {
        for row in page.rows.into_iter().filter(|row| !row.language.is_empty()) {
            *files.entry(row.language).or_default() += 1;
        }
        ControlFlow::Continue(())
    });
    let mut languages: Vec<_> = files.into_iter().filter(|_| told.is_ok()).collect();
    languages.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    languages
}

fn lines(here: &Here, colors: Colors) -> Vec<Vec<u8>> {
    let shown = |path: &Bytes| colors.paint(colors.path, escape(&path.0));
    let mut lines = Vec::new();
    let mut say = |parts: &[&[u8]]| lines.push(parts.concat());
    match (&here.root, &here.reply) {
        (Some(root), Some(reply)) => match &reply.project {
            Some(project) if is_empty(project, reply) => {
                let why = if project.note.is_empty() { String::new() } else { format!(" ({})", project.note) };
                say(&[b"project ", &shown(root)]);
                say(&[
                    b"  its index holds nothing",
                    escape(why.as_bytes()).as_bytes(),
                    b": `vigie index` begins it, and so does any question",
                ]);
            }
            Some(project) => {
                say(&[b"project ", &shown(root)]);
                say(&[b"  ", files_line(project, &here.languages).as_bytes()]);
                let (freshness, color) = freshness(project, reply, colors);
                say(&[b"  ", &colors.paint(color, freshness)]);
                say(&[b"  ", completeness(project, reply).as_bytes()]);
            }
            None => say(&[
                b"project ",
                &shown(root),
                b", not indexed yet: `vigie index` does that, and so does any question",
            ]),
        },
        (Some(root), None) => say(&[b"project ", &shown(root)]),
        (None, None) => say(&[
            b"whether ",
            &shown(&here.directory),
            b" is indexed only the daemon knows; no directory above holds .git or the like",
        ]),
        (None, Some(_)) => say(&[
            b"no project here: ",
            &shown(&here.directory),
            b" is not indexed, and no directory above holds .git or the like; `vigie index` indexes it all the same",
        ]),
    }
    match &here.reply {
        Some(reply) => jobs(reply, here.root.as_ref()).iter().for_each(|line| say(&[line.as_bytes()])),
        None => say(&[b"no daemon runs: `vigie daemon start` starts it, and so does any other command"]),
    }
    if here.root.is_some() {
        let next = "try `vigie search WORDS`, `vigie def NAME`, `vigie text PATTERN`; `vigie help` lists all commands";
        say(&[&colors.paint(colors.dim, next)]);
    }
    lines
}

/// Whether nothing was ever put into an index, and nothing is about to be.
fn is_empty(project: &ProjectRow, reply: &StatusReply) -> bool {
    project.generation == 0 && reply.coverage.files == 0 && !reply.jobs.iter().any(|job| job.project == project.root)
}

/// `1,234 files: 1,000 rust, 200 python and 3 more languages`
fn files_line(project: &ProjectRow, languages: &[(String, u64)]) -> String {
    let mut line = counted(project.files, "file");
    let named: Vec<String> =
        languages.iter().take(LANGUAGES_SHOWN).map(|(name, files)| format!("{} {name}", count(*files))).collect();
    if !named.is_empty() {
        line += &format!(": {}", escape(named.join(", ").as_bytes()));
    }
    let more = languages.len().saturating_sub(LANGUAGES_SHOWN);
    if more > 0 {
        line += &format!(" and {}", counted(more as u64, "more language"));
    }
    line
}

/// How current the index is, by what that is known, and what would better it.
fn freshness(project: &ProjectRow, reply: &StatusReply, colors: Colors) -> (String, &'static str) {
    let age = duration_ms(reply.age_ms);
    match (project.watch, reply.freshness) {
        (_, Freshness::INDEXING) => ("being indexed".to_owned(), colors.altered),
        (WatchState::WATCHED, Freshness::FRESH) => {
            (format!("fresh: watched, {}", directories(project.watch_directories)), colors.added)
        }
        (WatchState::POLLED, _) => {
            let why = escape(project.watch_note.as_bytes());
            (format!("polled, last looked at {age} ago: {why}"), colors.altered)
        }
        (_, Freshness::FRESH) => ("fresh".to_owned(), colors.added),
        (WatchState::NONE, _) => {
            (format!("last looked at {age} ago; `vigie watch` keeps it current, --fresh looks first"), colors.altered)
        }
        (state, _) => (format!("{state}, last looked at {age} ago"), colors.altered),
    }
}

fn completeness(project: &ProjectRow, reply: &StatusReply) -> String {
    let coverage = &reply.coverage;
    let to_go = coverage.text_pending.max(coverage.structure_pending);
    let unread = unread(coverage, &ADVICE).map(|unread| format!("; {unread}")).unwrap_or_default();
    let complete = match (coverage.complete, to_go) {
        (true, _) => "complete".to_owned(),
        (false, 0) => "not complete; `vigie index` goes on".to_owned(),
        (false, _) => format!("not complete, {} to go", counted(to_go, "file")),
    };
    format!("generation {}, {complete}{unread}", project.generation)
}

/// The jobs of the project, and how many others there are.
fn jobs(reply: &StatusReply, root: Option<&Bytes>) -> Vec<String> {
    let (ours, others): (Vec<_>, Vec<_>) = reply.jobs.iter().partition(|job| Some(&job.project) == root);
    let line = |job: &&JobBrief| match (job.job, percent(job.permille), job.state) {
        (job, share, JobState::PAUSED) => format!("job {job}: paused at {share}; `vigie resume {job}` has it go on"),
        (number, share, _) => format!("job {number}: {share} {}; `vigie attach {number}` shows it", job.stage),
    };
    let mut lines: Vec<String> = ours.iter().map(line).collect();
    if !others.is_empty() {
        lines.push(format!("{} of other projects; `vigie jobs` lists all", counted(others.len() as u64, "job")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::{CoverageSummary, Stage};

    fn said(here: &Here) -> Vec<String> {
        let lines = lines(here, Colors::NONE);
        lines.into_iter().map(|line| String::from_utf8(line).expect("it is text")).collect()
    }

    fn here(reply: Option<StatusReply>) -> Here {
        Here { directory: "/p/src".into(), root: Some("/p".into()), reply, languages: Vec::new() }
    }

    #[test]
    fn a_project_says_how_it_stands_and_what_is_being_done() {
        let job = |job, project: &str| JobBrief {
            job,
            project: project.into(),
            stage: Stage::INDEXING,
            permille: 624,
            ..JobBrief::default()
        };
        let project = ProjectRow { root: "/p".into(), files: 12, generation: 7, ..ProjectRow::default() };
        let reply = StatusReply {
            project: Some(project.clone()),
            freshness: Freshness::UNVERIFIED,
            age_ms: 61_000,
            coverage: CoverageSummary { structure_pending: 3, ..CoverageSummary::default() },
            jobs: vec![job(4, "/p"), job(5, "/q")],
            ..StatusReply::default()
        };
        let languages = vec![("rust".to_owned(), 8), ("python".to_owned(), 4)];
        assert_eq!(
            said(&Here { languages, ..here(Some(reply.clone())) })[..6],
            [
                "project /p",
                "  12 files: 8 rust, 4 python",
                "  last looked at 1 min 01 s ago; `vigie watch` keeps it current, --fresh looks first",
                "  generation 7, not complete, 3 files to go",
                "job 4: 62.4% indexing; `vigie attach 4` shows it",
                "1 job of other projects; `vigie jobs` lists all",
            ]
        );
        let paused = JobBrief { state: JobState::PAUSED, ..job(4, "/p") };
        let reply_paused = StatusReply { jobs: vec![paused], ..reply.clone() };
        let line = "job 4: paused at 62.4%; `vigie resume 4` has it go on";
        assert!(said(&here(Some(reply_paused))).iter().any(|said| said == line));
        let project = ProjectRow { watch: WatchState::WATCHED, watch_directories: 2, ..project };
        let watched = StatusReply { project: Some(project), freshness: Freshness::FRESH, ..reply };
        assert!(said(&here(Some(watched)))[2].starts_with("  fresh: watched, 2 directories"));
    }

    #[test]
    fn without_a_project_or_a_daemon_it_says_what_to_type() {
        assert!(said(&here(Some(StatusReply::default())))[0].contains("not indexed yet: `vigie index`"));
        let nowhere = said(&Here { root: None, ..here(Some(StatusReply::default())) });
        assert!(
            nowhere[0].starts_with("no project here: /p/src") && nowhere[0].contains("`vigie index`"),
            "{nowhere:?}"
        );
        let unknown = said(&Here { root: None, ..here(None) });
        assert!(unknown[0].starts_with("whether /p/src is indexed only the daemon knows"), "{unknown:?}");
        assert!(unknown[1].contains("`vigie daemon start`") && unknown.len() == 2, "{unknown:?}");
        let note = "the database was damaged".to_owned();
        let project = Some(ProjectRow { root: "/p".into(), note, ..ProjectRow::default() });
        let damaged = said(&here(Some(StatusReply { project, ..StatusReply::default() })));
        assert!(damaged[1].contains("holds nothing (the database was damaged)"), "{damaged:?}");
    }

    #[test]
    fn of_many_languages_the_most_are_named() {
        let languages: Vec<(String, u64)> = (1..=7).rev().map(|n| (format!("l{n}"), n)).collect();
        let project = ProjectRow { files: 28, ..ProjectRow::default() };
        assert_eq!(files_line(&project, &languages), "28 files: 7 l7, 6 l6, 5 l5, 4 l4, 3 l3 and 2 more languages");
    }
}
