//! One file that has changed is parsed while it is scanned and that is committed, and not only after it: most often a refresh is about
//! one file, and somebody waits for it. Whoever parses the file then finds that it is under way; what is found if it is another by then
//! is thrown away.

use std::sync::{Mutex, PoisonError};

use crate::extract::lane::{Extraction, Extractors, Lane, LaneError, Task};
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, content_hash};
use crate::text;

use super::Environment;
use super::plan::{Plan, too_large_to_parse};

/// Extractors of which the first lane may have been given its first file already.
pub(super) struct Ahead<'a> {
    extractors: &'a dyn Extractors,
    begun: Mutex<Option<Begun<'a>>>,
}

/// A lane that has a file.
struct Begun<'a> {
    lane: Box<dyn Lane + 'a>,
    task: Task,
}

impl<'a> Ahead<'a> {
    /// Hands over the only file of a plan, if that has changed and wants to be parsed. What fails here is found to fail again, and told,
    /// when it is its turn.
    pub(super) fn new(env: &Environment<'a>, root: &SourceRoot, settings: &Settings, plan: &Plan) -> Ahead<'a> {
        let begun = task(env, root, settings, plan).and_then(|task| {
            let mut lane = env.extractors.lane().ok()?;
            lane.send(task.clone()).ok()?;
            Some(Begun { lane, task })
        });
        Ahead { extractors: env.extractors, begun: Mutex::new(begun) }
    }
}

fn task(env: &Environment<'_>, root: &SourceRoot, settings: &Settings, plan: &Plan) -> Option<Task> {
    let [file] = plan.scan.as_slice() else { return None };
    if too_large_to_parse(file.stat.size, settings).is_some() {
        return None;
    }
    let Source::Read(bytes, ..) = root.read(&file.path, settings.text_bytes_max()) else { return None };
    let source = text::decode(&bytes);
    let language = settings.language(&file.path, &source)?;
    let hash = content_hash(&bytes);
    let is_parsed = file.known.as_ref().is_some_and(|row| row.content_hash == Some(hash));
    if is_parsed || text::is_binary(&bytes, &source) || env.cache?.get(hash, language).is_some() {
        return None;
    }
    Some(Task { path: file.path.as_slice().into(), language, source: source.into() })
}

impl Extractors for Ahead<'_> {
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError> {
        // What is guarded is taken as a whole.
        match self.begun.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Begun { lane, task }) => {
                Ok(Box::new(AheadLane { extractors: self.extractors, lane: Some(lane), begun: Some(task) }))
            }
            None => self.extractors.lane(),
        }
    }
}

struct AheadLane<'a> {
    extractors: &'a dyn Extractors,
    lane: Option<Box<dyn Lane + 'a>>,
    /// What the lane was given before anybody asked.
    begun: Option<Task>,
}

impl<'a> AheadLane<'a> {
    fn lane(&mut self) -> Result<&mut Box<dyn Lane + 'a>, LaneError> {
        if self.lane.is_none() {
            self.lane = Some(self.extractors.lane()?);
        }
        self.lane.as_mut().ok_or_else(|| LaneError::Unavailable("none was opened".into()))
    }
}

impl Lane for AheadLane<'_> {
    fn send(&mut self, task: Task) -> Result<(), LaneError> {
        match self.begun.take() {
            Some(begun) if begun.language == task.language && begun.source == task.source => return Ok(()),
            // It answers in order, and nobody wants this answer.
            Some(_) => self.lane = None,
            None => {}
        }
        self.lane()?.send(task)
    }

    fn receive(&mut self) -> Result<Extraction, LaneError> {
        self.lane()?.receive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::lane::InProcess;
    use crate::kinds::Language;

    fn task(source: &str) -> Task {
        Task { path: b"a.py".as_slice().into(), language: Language::Python, source: source.as_bytes().into() }
    }

    #[test]
    fn a_file_that_is_another_by_then_is_parsed_as_it_is() {
        let (old, new) = (task("def old(): pass\n"), task("def new(): other()\n"));
        for wanted in [&old, &new] {
            let mut begun = InProcess.lane().unwrap();
            begun.send(old.clone()).unwrap();
            let begun = Begun { lane: begun, task: old.clone() };
            let ahead = Ahead { extractors: &InProcess, begun: Mutex::new(Some(begun)) };
            let mut lane = ahead.lane().unwrap();
            for wanted in [wanted, &new, &old] {
                lane.send(wanted.clone()).unwrap();
                let Extraction::Facts(facts) = lane.receive().unwrap() else { panic!("no facts") };
                let mut alone = InProcess.lane().unwrap();
                alone.send(wanted.clone()).unwrap();
                let Extraction::Facts(expected) = alone.receive().unwrap() else { panic!("no facts") };
                assert_eq!(facts, expected);
            }
        }
    }
}
