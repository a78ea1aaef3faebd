//! What people say, and what code calls it: a question says `sign in`, the code `login`. The tables beside this file hold for any project;
//! nothing here knows files or scores.
//!
//! A line is one of three rules. `a = b = c` are words for the same. In `said : code words` stands on the left a word or a phrase, whose
//! words follow each other but for those that every text has; in `one + other : code words` they stand anywhere in the question.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::terms::{each_term, term_of, words};

/// The tables, those first whose words are nearest to what is said.
const TABLES: &[&str] = &[
    include_str!("synonyms/words.txt"),
    include_str!("synonyms/web.txt"),
    include_str!("synonyms/tools.txt"),
    include_str!("synonyms/systems.txt"),
    include_str!("synonyms/verbs.txt"),
    include_str!("synonyms/nouns.txt"),
    include_str!("synonyms/terms.txt"),
];

/// The lines of the tables by one of the terms that must be said; kept as text, since rules take several times the memory and a question
/// needs few.
static LINES: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut lines: HashMap<String, Vec<&'static str>> = HashMap::new();
    for line in TABLES.iter().flat_map(|table| table.lines()) {
        for key in Rule::of(line).map(|rule| rule.keys()).unwrap_or_default() {
            lines.entry(key).or_default().push(line);
        }
    }
    lines
});

/// A word of a question.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// In lower case.
    pub(super) word: String,
    /// Its term; `None` = it has none.
    pub(super) term: Option<String>,
}

impl Said {
    /// The words of a text.
    pub(super) fn all(text: &str) -> impl Iterator<Item = Said> {
        let mut term = String::new();
        let said = move |word: &str| {
            let is_term = term_of(word, &mut term);
            Said { word: word.to_lowercase(), term: is_term.then(|| term.clone()) }
        };
        words(text).map(said)
    }

    /// What it is as a part of a rule, whatever its ending.
    fn part(&self) -> &str {
        self.term.as_ref().unwrap_or(&self.word)
    }
}

/// What may be meant by something that a question says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meaning {
    /// The terms of the question that say it.
    pub(super) of: Vec<String>,
    /// Terms that may stand for them.
    pub(super) terms: Vec<String>,
    /// It takes several words to say it, and so it is surely meant.
    pub(super) is_phrase: bool,
}

/// What may be meant by a question.
pub(super) fn meanings(question: &[Said]) -> Vec<Meaning> {
    let heard = Heard {
        parts: question.iter().map(Said::part).collect(),
        terms: question.iter().filter_map(|said| said.term.as_deref()).collect(),
    };
    let mut keys = heard.parts.clone();
    keys.sort_unstable();
    keys.dedup();
    let lines = keys.iter().flat_map(|key| LINES.get(*key).into_iter().flatten().map(move |line| (*key, line)));
    lines.filter_map(|(key, line)| Rule::of(line)?.meaning(key, &heard)).collect()
}

/// A question as rules hear it.
struct Heard<'q> {
    /// All of its words.
    parts: Vec<&'q str>,
    /// Those that not every text has.
    terms: Vec<&'q str>,
}

/// A line of a table.
enum Rule {
    /// Each of the terms may stand for any other.
    Same(Vec<String>),
    /// What is said behind each other, and what may be meant. Words that every text has count only where there is no more than one other.
    Phrase(Vec<Said>, &'static str),
    /// The same of what is said anywhere.
    Apart(Vec<Said>, &'static str),
}

impl Rule {
    fn of(line: &'static str) -> Option<Rule> {
        if line.starts_with('#') || line.is_empty() {
            return None;
        }
        let Some((said, meant)) = line.split_once(':') else { return Some(Rule::Same(terms(line))) };
        let is_apart = said.contains('+');
        let mut said: Vec<Said> = Said::all(said).collect();
        if is_apart {
            return Some(Rule::Apart(said, meant));
        }
        if said.iter().filter(|said| said.term.is_some()).count() > 1 {
            said.retain(|said| said.term.is_some());
        }
        Some(Rule::Phrase(said, meant))
    }

    /// What a question must have for the rule to be looked at: any of the terms, or one that stands for all that must be said.
    fn keys(self) -> Vec<String> {
        match self {
            Rule::Same(terms) => terms,
            Rule::Phrase(said, _) | Rule::Apart(said, _) => {
                let key = said.iter().find(|said| said.term.is_some()).or(said.first());
                key.map(|said| said.part().to_owned()).into_iter().collect()
            }
        }
    }

    /// What is meant if the question says it.
    fn meaning(self, key: &str, heard: &Heard<'_>) -> Option<Meaning> {
        let (said, meant, is_said) = match self {
            Rule::Same(mut terms) => {
                terms.retain(|term| term != key);
                return Some(Meaning { of: vec![key.to_owned()], terms, is_phrase: false });
            }
            Rule::Apart(said, meant) => {
                let is_said = said.iter().all(|said| heard.parts.contains(&said.part()));
                (said, meant, is_said)
            }
            Rule::Phrase(said, meant) => {
                let parts: Vec<&str> = said.iter().map(Said::part).collect();
                let among = if said.iter().all(|said| said.term.is_some()) { &heard.terms } else { &heard.parts };
                let is_said = among.windows(parts.len()).any(|window| window == parts);
                (said, meant, is_said)
            }
        };
        let is_phrase = said.len() > 1;
        let of = || said.into_iter().filter_map(|said| said.term).collect();
        is_said.then(|| Meaning { of: of(), terms: terms(meant), is_phrase })
    }
}

fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    each_term(text, |term, _| terms.push(term.to_owned()));
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(question: &str) -> Vec<Meaning> {
        meanings(&Said::all(question).collect::<Vec<_>>())
    }

    fn means(question: &str, term: &str) -> bool {
        meant(question).iter().any(|meaning| meaning.terms.iter().any(|meant| meant == term))
    }

    #[test]
    fn words_and_phrases_have_synonyms() {
        assert!(means("delete", "remov") && means("remove", "delet"), "a group works both ways");
        assert!(means("sign in again", "login") && means("who signs in", "login"));
        assert!(!means("in sign", "login") && !means("sign", "login"), "it is no part of the phrase");
        assert!(meant("sign in again").iter().all(|meaning| !meaning.is_phrase || meaning.of == ["sign"]));
        assert!(means("undo it when a part of it fails", "rollback"));
        assert!(
            means("the queue, when it is full", "backpressur") && !means("full", "backpressur"),
            "all must be said"
        );
        assert_eq!(meant("vigie"), []);
    }

    #[test]
    fn every_line_of_the_tables_says_something() {
        for line in TABLES.iter().flat_map(|table| table.lines()) {
            let Some(rule) = Rule::of(line) else { continue };
            let meant = match &rule {
                Rule::Same(terms) => terms.iter().skip(1).cloned().collect(),
                Rule::Phrase(said, meant) | Rule::Apart(said, meant) => {
                    assert!(said.iter().any(|said| said.term.is_some()), "{line}: it is about nothing");
                    let plus = line.split(':').next().unwrap_or_default().matches('+').count();
                    assert!(said.len() > plus, "{line}: a part says nothing");
                    terms(meant)
                }
            };
            assert!(!meant.is_empty(), "{line}: no file can have it");
            assert!(!rule.keys().is_empty(), "{line}: nobody can ask for it");
        }
    }
}
