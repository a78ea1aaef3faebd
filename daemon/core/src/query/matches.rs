//! Names that match a question, the best first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter::Peekable;

use memchr::memmem;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::store::{Letters, NameAt, NameTable, Snapshot, StoreError};

use super::NameMode;

/// Names with how well they match, those of equal score by name. What is not read is not sorted.
pub(super) type Matches = Peekable<Box<dyn Iterator<Item = (u32, String)> + Send>>;

/// No name.
pub(super) fn none() -> Matches {
    listed(Vec::new())
}

/// One name.
pub(super) fn just(name: &str) -> Matches {
    listed(vec![(0, name.to_owned())])
}

/// The defined names that match.
pub(super) fn matches(snapshot: &Snapshot<'_>, query: &str, mode: NameMode) -> Result<Matches, StoreError> {
    match mode {
        NameMode::Exact => Ok(just(query)),
        NameMode::Prefix => with_prefix(snapshot, query),
        NameMode::Substring | NameMode::Fuzzy => Ok(ranked(snapshot.name_table()?, query, mode)),
    }
}

fn listed(names: Vec<(u32, String)>) -> Matches {
    let names: Box<dyn Iterator<Item = _> + Send> = Box::new(names.into_iter());
    names.peekable()
}

fn with_prefix(snapshot: &Snapshot<'_>, prefix: &str) -> Result<Matches, StoreError> {
    let mut names = Vec::new();
    snapshot.each_defined_name(prefix, |name| {
        names.push((if name == prefix { WHOLE } else { PREFIX }, name.to_owned()));
        true
    })?;
    names.sort_by(|a, b| (Reverse(a.0), &a.1).cmp(&(Reverse(b.0), &b.1)));
    names.dedup();
    Ok(listed(names))
}

fn ranked(table: NameTable, query: &str, mode: NameMode) -> Matches {
    let mut score = scoring(query, mode);
    let mut by_score: BTreeMap<u32, Vec<NameAt>> = BTreeMap::new();
    table.each(Letters::wanted(query), |at, name| {
        if let Some(score) = score(name) {
            by_score.entry(score).or_default().push(at);
        }
    });
    let of_score = move |(score, mut names): (u32, Vec<NameAt>)| {
        names.sort_unstable_by(|a, b| table.name(*a).cmp(table.name(*b)));
        names.dedup_by(|a, b| table.name(*a) == table.name(*b));
        names.into_iter().map(|at| (score, table.name(at).to_owned())).collect::<Vec<_>>()
    };
    let names: Box<dyn Iterator<Item = _> + Send> = Box::new(by_score.into_iter().rev().flat_map(of_score));
    names.peekable()
}

/// Most letters of a name beyond those that are asked for that count against it, each a point of the score.
const UNASKED_MAX: usize = 64;
/// The name is the query.
const WHOLE: u32 = 3;
/// The name begins with the query.
const PREFIX: u32 = 2;
/// The query stands in the name.
const PART: u32 = 1;

/// Scores a name; `None` = it does not match.
type Score<'a> = Box<dyn FnMut(&str) -> Option<u32> + 'a>;

/// How well a name matches part of it or the letters in order. Where the query has no capital, case does not matter.
fn scoring(query: &str, mode: NameMode) -> Score<'_> {
    if mode == NameMode::Fuzzy {
        let pattern = Pattern::new(query, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut characters = Vec::new();
        let letters = in_order(query);
        return Box::new(move |name| {
            // Most names are soon told not to match.
            let may_match = !name.is_ascii() || letters(name.as_bytes());
            let score = may_match.then(|| pattern.score(Utf32Str::new(name, &mut characters), &mut matcher)).flatten();
            let unasked = name.len().saturating_sub(query.len()).min(UNASKED_MAX) as u32;
            score.map(|score| score.saturating_sub(unasked))
        });
    }
    let finder = memmem::Finder::new(query);
    let grade = move |name: &[u8]| match finder.find(name) {
        Some(0) if name.len() == query.len() => Some(WHOLE),
        Some(0) => Some(PREFIX),
        Some(_) => Some(PART),
        None => None,
    };
    if query.chars().any(char::is_uppercase) {
        return Box::new(move |name| grade(name.as_bytes()));
    }
    let mut lower = Vec::new();
    Box::new(move |name| {
        if !name.is_ascii() {
            return grade(name.to_lowercase().as_bytes());
        }
        lower.clear();
        lower.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
        grade(&lower)
    })
}

/// Whether an ASCII name has the query's letters in their order. Where the query has no capital, case does not matter.
fn in_order(query: &str) -> impl Fn(&[u8]) -> bool + use<> {
    let is_sensitive = query.chars().any(char::is_uppercase);
    let fold = move |byte: u8| if is_sensitive { byte } else { byte.to_ascii_lowercase() };
    // A letter outside of ASCII may be alike to one inside.
    let letters: Vec<u8> = query.bytes().filter(u8::is_ascii).map(fold).collect();
    move |name| {
        let mut wanted = letters.iter();
        let mut next = wanted.next();
        for byte in name {
            let Some(letter) = next else { break };
            if fold(*byte) == *letter {
                next = wanted.next();
            }
        }
        next.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_names_come_before_prefixes_and_parts() {
        let grades = |query| ["get", "getter", "forget", "Get", "set", "éget"].map(scoring(query, NameMode::Substring));
        assert_eq!(grades("get"), [Some(3), Some(2), Some(1), Some(3), None, Some(1)]);
        assert_eq!(grades("Get"), [None, None, None, Some(3), None, None]);
    }

    #[test]
    fn a_short_name_that_says_little_else_comes_first() {
        let names = [
            "ReadAll",
            "readAllBytes",
            "ERROR_DS_NO_RIDS_ALLOCATED",
            "FVE_E_POLICY_USER_CONFIGURE_RDV_NOT_ALLOWED",
            "TestReadAll",
            "RoundAllowance",
        ];
        let mut score = scoring("rdall", NameMode::Fuzzy);
        let mut ranked = names.to_vec();
        ranked.sort_by_key(|name| Reverse(score(name)));
        assert_eq!(ranked[..3], ["ReadAll", "readAllBytes", "RoundAllowance"]);
        assert!(score("FVE_E_POLICY_USER_CONFIGURE_RDV_NOT_ALLOWED") < score("TestReadAll"));
    }

    #[test]
    fn letters_in_order_match() {
        let mut score = scoring("gtr", NameMode::Fuzzy);
        let scores = ["getter", "get_tail_right", "target", "GETTER", "gétr", "gt"].map(&mut score);
        // The beginnings of words count more.
        assert!(scores[1] > scores[0] && scores[0] == scores[3] && scores[4] > Some(0), "{scores:?}");
        assert_eq!((scores[2], scores[5]), (None, None));
        let mut score = scoring("GTr", NameMode::Fuzzy);
        assert!(score("getter").is_none() && score("GeTter").is_some());
    }
}
