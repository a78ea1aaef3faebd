//! What is asked for, as terms.

use crate::terms::each_term;

use super::super::QueryError;

/// Most terms of a question that count; whoever pastes a page asks with its beginning.
const TERMS_MAX: usize = 32;

/// A term that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// As files have it.
    pub(super) term: String,
    /// As it was written.
    pub(super) word: String,
}

/// The terms of a question, each once, in its order.
pub(super) fn terms(question: &str) -> Result<Vec<Term>, QueryError> {
    let mut terms: Vec<Term> = Vec::new();
    each_term(question, |term, word| {
        if terms.len() < TERMS_MAX && !terms.iter().any(|known| known.term == term) {
            terms.push(Term { term: term.to_owned(), word: word.to_owned() });
        }
    });
    if terms.is_empty() {
        let why = if question.trim().is_empty() {
            "the question is empty; say in a few words what the code does that you look for".to_owned()
        } else {
            format!("{question:?} has only words that every file has; add some that say what it is about")
        };
        return Err(QueryError::Argument(why));
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str) -> Vec<String> {
        terms(question).expect("it asks for something").into_iter().map(|term| term.term).collect()
    }

    #[test]
    fn a_question_is_its_terms() {
        assert_eq!(asked("Where are sessions validated?"), ["sess", "valid"]);
        assert_eq!(asked("validateSession session"), ["valid", "sess"]);
    }

    #[test]
    fn a_question_of_nothing_is_refused() {
        for (question, said) in [("", "empty"), (" ?! ", "only words"), ("how is it", "only words")] {
            let error = terms(question).expect_err("it asks for nothing").to_string();
            assert!(error.contains(said), "{question:?}: {error}");
        }
    }
}
