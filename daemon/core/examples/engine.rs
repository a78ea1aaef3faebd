//! The engine alone, in one process: `engine ROOT STORE [PATTERN | QUESTION]...` indexes a tree and answers questions, printing how long
//! each step took. For measuring and profiling without the daemon. A question is `@NAME` (definitions), `?WORDS` (search), `+NAME` (context),
//! `=TOKENS` (map), `!NAME,NAME...` (impact, `!2:NAME` of two steps) or `dump`; the same one given twice is warm the second time.

use std::path::Path;
use std::time::Instant;

use vigie_core::extract::lane::InProcess;
use vigie_core::index::{
    self, Budget, ChangedFile, Environment, FileOutcome, JobControl, JobSpec, Observer, Surroundings,
};
use vigie_core::kinds::Stage;
use vigie_core::query::{self, ContextRequest, ImpactRequest, MapRequest, Options, Query, Rows, TargetRequest};
use vigie_core::store::ProjectStore;
use vigie_core::text::Pattern;

struct Printer(Instant);

#[expect(clippy::print_stdout, reason = "a program for people")]
impl Observer for Printer {
    fn stage(&self, _stage: Stage, message: &str) {
        println!("{:>8.3} s  {message}", self.0.elapsed().as_secs_f64());
    }
    fn file(&self, _outcome: &FileOutcome<'_>) {}
    fn committed(&self, _generation: u64, _changed: &[ChangedFile]) {}
}

#[expect(clippy::print_stdout, reason = "a program for people")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, path, questions @ ..] = arguments.as_slice() else {
        return Err("usage: engine ROOT STORE [QUESTION]...".into());
    };
    let root = Path::new(root).canonicalize()?;
    let (store, note) = ProjectStore::open(Path::new(path), &root)?;
    note.iter().for_each(|note| println!("{note}"));
    let control = JobControl::new(Budget::default(), 0);
    let observer = Printer(Instant::now());
    let around = Surroundings { root: &root, control: &control, observer: &observer, global_excludes: None };
    let collected = index::collect(&around)?;
    let environment = Environment { around, store: &store, extractors: &InProcess, lanes: 2, cache: None };
    let outcome = index::run(&JobSpec { job: 1, force: false }, &environment, collected)?;
    println!("{:?}", outcome.stats);
    let since = Instant::now();
    store.settle()?;
    println!("merged in {} ms, {} bytes", since.elapsed().as_millis(), store.summary().store_bytes);
    for question in questions {
        let since = Instant::now();
        let mut query = ask(&store, question)?;
        let mut bytes = 0;
        loop {
            let page = query.page(&store, 256 << 10)?;
            match &page.rows {
                Rows::Dump(lines) => bytes += lines.len(),
                Rows::Search(rows) => rows.iter().for_each(|row| {
                    let name = row.symbol.as_ref().map_or("", |symbol| &symbol.qualified);
                    println!(
                        "{:.2} {}:{} {name}: {}",
                        row.score,
                        String::from_utf8_lossy(&row.path),
                        row.line,
                        row.text
                    );
                }),
                Rows::Context(rows, _) => rows.iter().for_each(|row| println!("{}\n{}\n", row.heading, row.text)),
                Rows::Map(rows, _) => rows.iter().for_each(|row| {
                    println!("{:width$}{}  {}", "", row.name, row.detail, width = row.depth as usize * 2);
                }),
                Rows::Impact(rows) => rows.iter().for_each(|row| {
                    let user = row.user.as_ref().map_or("(file)", |user| &user.qualified);
                    let on = row.on.as_ref().map_or("?", |on| &on.qualified);
                    let (path, line) = (String::from_utf8_lossy(&row.path), row.position.line);
                    let overrides = if row.overrides { "overrides " } else { "" };
                    println!("{} {path}:{line} {user} {:?} {overrides}{on} {:?}", row.depth, row.roles, row.confidence);
                }),
                _ => {}
            }
            if page.done {
                break;
            }
        }
        println!("{question}: {} rows, {bytes} bytes, {} µs", query.report().rows, since.elapsed().as_micros());
        query.report().notes.iter().for_each(|note| println!("    {note}"));
    }
    println!("{:?}", store.close()?);
    Ok(())
}

fn ask(store: &ProjectStore, question: &str) -> Result<Box<dyn Query>, query::QueryError> {
    let target = |name: &str| TargetRequest { target: name.to_owned(), kinds: Vec::new() };
    let all = Options::default;
    match question.split_at_checked(1) {
        Some(("@", name)) => query::definitions(store, target(name), all()),
        Some(("?", words)) => query::search(store, words, &[], Options { limit: Some(10), ..all() }),
        Some(("+", name)) => {
            let request = ContextRequest { targets: vec![target(name)], words: String::new(), tokens_max: 4_000 };
            query::context(store, request, all())
        }
        Some(("=", tokens)) => {
            let request = MapRequest { tokens_max: tokens.parse().unwrap_or(2_000), depth: None };
            query::map(store, request, all())
        }
        Some(("!", name)) => {
            let (depth, names) = name.split_once(':').unwrap_or(("3", name));
            let targets = names.split(',').map(target).collect();
            let request = ImpactRequest { targets, depth: depth.parse().unwrap_or(3), ..ImpactRequest::default() };
            query::impact(store, request, all())
        }
        _ if question == "dump" => query::dump(store),
        _ => {
            let pattern = Pattern { text: question.to_owned(), ..Pattern::default() };
            query::text(store, &pattern.into(), all())
        }
    }
}
