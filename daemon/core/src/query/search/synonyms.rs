//! Words that programmers use for the same: a question says `sign in`, the code `login`. The table is `synonyms.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::terms::{each_term, words};

/// What may stand for what.
#[derive(Debug, Default)]
struct Synonyms {
    of_terms: HashMap<String, Vec<String>>,
    /// Words in lower case, and terms that may be meant by all of them.
    of_phrases: Vec<(Vec<String>, Vec<String>)>,
}

static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(|| Synonyms::parse(include_str!("synonyms.txt")));

/// The terms that may stand for a term.
pub(super) fn of_term(term: &str) -> impl Iterator<Item = &'static str> {
    SYNONYMS.of_terms.get(term).into_iter().flatten().map(String::as_str)
}

/// The terms that may stand for a phrase in which a word has a part. All words are in lower case.
pub(super) fn of_phrases(question: &[String], word: &str) -> impl Iterator<Item = &'static str> {
    let is_said = move |phrase: &[String]| {
        phrase.iter().any(|part| part == word) && question.windows(phrase.len()).any(|part| part == phrase)
    };
    let said = SYNONYMS.of_phrases.iter().filter(move |(phrase, _)| is_said(phrase));
    said.flat_map(|(_, terms)| terms).map(String::as_str)
}

impl Synonyms {
    fn parse(table: &str) -> Synonyms {
        let mut synonyms = Synonyms::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            if let Some((said, meant)) = line.split_once(':') {
                let phrase: Vec<String> = words(said).map(str::to_lowercase).collect();
                if phrase.len() > 1 {
                    synonyms.of_phrases.push((phrase, terms(meant)));
                } else {
                    terms(said).iter().for_each(|term| synonyms.add(term, &terms(meant)));
                }
            } else {
                let group = terms(line);
                group.iter().for_each(|term| synonyms.add(term, &group));
            }
        }
        synonyms
    }

    fn add(&mut self, term: &str, others: &[String]) {
        let known = self.of_terms.entry(term.to_owned()).or_default();
        for other in others {
            if other != term && !known.contains(other) {
                known.push(other.clone());
            }
        }
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

    #[test]
    fn words_and_phrases_have_synonyms() {
        let question: Vec<String> = ["sign", "in", "again"].map(str::to_owned).to_vec();
        assert!(of_term("delet").any(|term| term == "remov"), "a group works both ways");
        assert!(of_phrases(&question, "sign").any(|term| term == "login"));
        assert_eq!(of_phrases(&question, "again").count(), 0, "it is no part of the phrase");
        assert_eq!(of_term("vigie").count(), 0);
    }

    #[test]
    fn every_line_of_the_table_says_something() {
        for line in include_str!("synonyms.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (said, meant) =
                line.split_once(':').unwrap_or_else(|| line.split_once('=').expect("a line of the table"));
            assert!(said.contains(' ') || !terms(said).is_empty(), "{line}: nobody can ask for it");
            assert!(!terms(meant).is_empty(), "{line}: no file can have it");
        }
    }
}
