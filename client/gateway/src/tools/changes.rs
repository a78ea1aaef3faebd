//! `changed`: which definitions differ from a commit of git, or since a generation of the index.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie::answer::Tier;
use vigie::{Client, records, revision};
use vigie_proto::{ChangedQuery, QueryOptions, QuerySummary, Status, Target};

use super::answer::{AROUND_BYTES, Answer, Part, room};
use super::args::{Asked, ChangedArgs, Kind};
use super::ask::{self, Call, Scope};
use super::error::{Refusal, ToolError};
use super::questions;

/// What is compared with where nothing is said: what is not committed.
const REVISION: &str = "HEAD";

pub(super) async fn changed(call: &mut Call<'_>, args: ChangedArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let kinds = Kind::of(&args.kind);
    let target = call.target(&shared.project, None)?;
    if args.since > 0 {
        if !args.rev.is_empty() {
            return Err(Refusal::argument("since", "it is said since when already, by rev"));
        }
        let scope = Scope::new(Tier::Structure, target, &shared);
        let since = Some(args.since);
        let question = move |target, options| ChangedQuery {
            target,
            since,
            kinds: kinds.clone(),
            options,
            ..ChangedQuery::default()
        };
        return questions::rows(call, &scope, question, |page| page.rows, records::changed_row, |_| true).await;
    }
    if !shared.cursor.is_empty() {
        return Err(Refusal::argument("cursor", "from a commit there is none: the files may be others by now"));
    }
    // It is answered from the files, whatever the index holds of them.
    let scope = Scope::new(Tier::Text, target, &shared);
    let revision = if args.rev.is_empty() { REVISION.to_owned() } else { args.rev };
    let (target, tokens_max) = (scope.target.clone(), scope.tokens_max);
    let asked = move |client: &mut Client, options: &QueryOptions, is_early| {
        let options = options.clone();
        let question =
            ChangedQuery { target: target.clone(), kinds: kinds.clone(), options, ..ChangedQuery::default() };
        let notes = |summary: &QuerySummary| ask::notes(Tier::Text, is_early, summary, false);
        from_revision(client, &target, &revision, &question, room(tokens_max), &notes)
    };
    Ok(ask::ask(call, &scope, asked).await?)
}

fn from_revision(
    client: &mut Client,
    target: &Target,
    revision: &str,
    question: &ChangedQuery,
    room: usize,
    notes: &dyn Fn(&QuerySummary) -> Vec<String>,
) -> Result<Answer, ToolError> {
    let status = client.ask(&Status { target: target.clone(), ..Status::default() })?;
    let Some(project) = status.project else {
        // The daemon's own failure says which root there would be.
        let summary = client.query(question, |_| ControlFlow::Continue(()))?;
        return Part { summary, ..Part::default() }.write_shortened(room);
    };
    let root = Path::new(OsStr::from_bytes(&project.root.0));
    let (mut part, mut bytes, mut more) = (Part::default(), AROUND_BYTES, 0);
    part.summary = revision::changed(client, root, revision, question, |page| {
        for row in &page.rows {
            let row = records::changed_row(row).finish();
            bytes += row.len() + 1;
            if bytes <= room { part.rows.push(row) } else { more += 1 }
        }
        ControlFlow::Continue(())
    })?;
    if part.summary.rows == 0 && part.summary.notes.is_empty() {
        part.notes.push(format!("nothing changed since {revision}"));
    }
    part.notes.extend(notes(&part.summary));
    if more > 0 {
        part.notes.push("path and kind narrow it, and a larger max_tokens has room for more".to_owned());
    }
    let is_cut = part.summary.truncated;
    loop {
        part.more = (!is_cut).then_some(more);
        if let Some(answer) = part.write(room) {
            return Ok(answer);
        }
        if part.rows.pop().is_none() {
            return part.write_shortened(room);
        }
        more += 1;
    }
}
