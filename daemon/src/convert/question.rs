//! A question as a client sent it, taken apart: what it is about, how its answer is wanted, and what its cursors are tied to. A cursor
//! names a row in the order of one answer; in that of another it would pass over rows, and nobody would be told.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie_core::fnv::{FNV_OFFSET, fnv};
use vigie_core::query::Options;
use vigie_proto::{
    CallQuery, ChangedQuery, ContextQuery, CoverageQuery, DumpQuery, Failure, FileMatchQuery, FileQuery,
    HierarchyQuery, ImpactQuery, ImportQuery, MapQuery, Message, QueryOptions, ReferenceQuery, SearchQuery,
    SymbolQuery, Target, TextQuery, encode,
};

use super::{failures, options};

/// A message that asks about a project.
pub(crate) trait Question: Message {
    /// What it says of the project, and of how the answer is wanted.
    fn parts(&mut self) -> (&mut Target, Option<&mut QueryOptions>);
}

macro_rules! questions {
    ($($question:ty),+) => {$(
        impl Question for $question {
            fn parts(&mut self) -> (&mut Target, Option<&mut QueryOptions>) {
                (&mut self.target, Some(&mut self.options))
            }
        }
    )+};
}

questions!(
    FileQuery,
    CoverageQuery,
    SymbolQuery,
    SearchQuery,
    ChangedQuery,
    ReferenceQuery,
    CallQuery,
    HierarchyQuery,
    ImportQuery,
    ContextQuery,
    MapQuery,
    ImpactQuery
);

impl Question for TextQuery {
    fn parts(&mut self) -> (&mut Target, Option<&mut QueryOptions>) {
        if self.overrides.is_empty() {
            // Where no glob was typed it says nothing.
            self.overrides_dir = vigie_proto::Bytes::default();
        }
        (&mut self.target, Some(&mut self.options))
    }
}

impl Question for FileMatchQuery {
    fn parts(&mut self) -> (&mut Target, Option<&mut QueryOptions>) {
        self.text.parts()
    }
}

impl Question for DumpQuery {
    fn parts(&mut self) -> (&mut Target, Option<&mut QueryOptions>) {
        (&mut self.target, None)
    }
}

/// The parts of a question that are not its own.
#[derive(Debug)]
pub(crate) struct Split {
    /// The project.
    pub(crate) target: Target,
    /// How the answer is wanted, with its cursor still tied.
    pub(crate) options: Options,
    /// What its cursors are tied to, but for the project.
    pub(crate) tie: Tie,
    /// The tree is walked first.
    pub(crate) fresh: bool,
    /// 0 = none.
    pub(crate) deadline_ms: u32,
}

/// Takes a question apart.
pub(crate) fn split(mut question: impl Question) -> Result<Split, Failure> {
    let (target, wanted) = question.parts();
    let target = std::mem::take(target);
    let wanted = wanted.map(|options| {
        let QueryOptions { languages, globs, paths, ext, .. } = options.clone();
        std::mem::replace(options, QueryOptions { languages, globs, paths, ext, ..QueryOptions::default() })
    });
    let tie = Tie::of(&question)?;
    let wanted = wanted.unwrap_or_default();
    let options = options::options(&wanted)?;
    Ok(Split { target, options, tie, fresh: wanted.fresh, deadline_ms: wanted.deadline_ms })
}

/// What is left of a question when the project, the limit, the cursor and the time are taken from it, as a hash that does not change
/// with the compiler: a cursor outlives the daemon that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tie(u64);

impl Tie {
    fn of<Q: Message>(question: &Q) -> Result<Tie, Failure> {
        let body = encode(question).map_err(|e| failures::malformed(&e))?;
        Ok(Tie(FNV_OFFSET).over(&Q::KIND.0.to_le_bytes()).over(&body))
    }

    /// The same of the project with this root.
    pub(crate) fn within(self, root: &Path) -> Tie {
        self.over(root.as_os_str().as_bytes())
    }

    /// A cursor as a client is given it; none stays none.
    pub(crate) fn seal(self, cursor: Vec<u8>) -> Vec<u8> {
        if cursor.is_empty() { cursor } else { [&self.0.to_le_bytes()[..], &cursor].concat() }
    }

    /// The cursor that a client handed back.
    pub(crate) fn open(self, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        match sealed.split_first_chunk::<8>() {
            None if sealed.is_empty() => Ok(Vec::new()),
            Some((tie, cursor)) if *tie == self.0.to_le_bytes() && !cursor.is_empty() => Ok(cursor.to_vec()),
            Some(_) => Err(failures::foreign_cursor()),
            None => Err(failures::bad_cursor()),
        }
    }

    fn over(self, bytes: &[u8]) -> Tie {
        Tie(fnv(self.0, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::{ErrorCode, SymbolMode};

    fn tie(question: impl Question) -> Tie {
        split(question).unwrap().tie.within(Path::new("/p"))
    }

    #[test]
    fn a_cursor_is_good_for_its_own_question_only() {
        let symbols = SymbolQuery { query: "get".into(), mode: SymbolMode::PREFIX, ..SymbolQuery::default() };
        let sealed = tie(symbols.clone()).seal(b"there".to_vec());
        assert_eq!(tie(symbols.clone()).open(&sealed).unwrap(), b"there");
        let refs = ReferenceQuery { query: "get".into(), ..ReferenceQuery::default() };
        let globs = QueryOptions { globs: vec!["*.rs".into()], ..QueryOptions::default() };
        let others = [
            tie(SymbolQuery { query: "set".into(), ..symbols.clone() }),
            tie(SymbolQuery { mode: SymbolMode::FUZZY, ..symbols.clone() }),
            tie(SymbolQuery { options: globs, ..symbols.clone() }),
            tie(refs),
            split(symbols).unwrap().tie.within(Path::new("/q")),
        ];
        for other in others {
            let failure = other.open(&sealed).unwrap_err();
            assert_eq!(failure.code, ErrorCode::BAD_ARGUMENT);
            assert!(failure.message.contains("belongs to another question"), "{}", failure.message);
        }
    }

    #[test]
    fn where_from_and_how_much_do_not_matter() {
        let options =
            QueryOptions { limit: 3, deadline_ms: 9, fresh: true, cursor: "x".into(), ..QueryOptions::default() };
        let target = Target { path: "/p/src".into(), ..Target::default() };
        let text = TextQuery { pattern: "x".into(), ..TextQuery::default() };
        let asked = TextQuery { target, options, overrides_dir: "/p/src".into(), ..text.clone() };
        assert_eq!(tie(asked), tie(text));
    }

    #[test]
    fn what_is_no_cursor_is_said_to_be_none() {
        let tie = tie(FileQuery::default());
        assert!(tie.open(b"").unwrap().is_empty() && tie.seal(Vec::new()).is_empty());
        assert!(tie.open(b"ab").unwrap_err().message.contains("not one that an earlier answer gave"));
    }
}
