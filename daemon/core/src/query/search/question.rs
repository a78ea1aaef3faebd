//! What is asked for, as terms.

use crate::terms::{each_term, is_unspaced, pieces, term_of};

use super::super::QueryError;
use super::synonyms::{self, Meaning, Said};

/// Most terms of a question that count; whoever pastes a page asks with its beginning.
pub(super) const TERMS_MAX: usize = 32;
/// Most words of a question that are heard together.
const WORDS_MAX: usize = 4 * TERMS_MAX;
/// Most terms that may stand for one.
const OTHERS_MAX: usize = 12;
/// Most words that are taken for names.
const NAMES_MAX: usize = 12;
/// From how many words on a question may be a sentence, whose first word has a capital whatever it is.
const SENTENCE_WORDS: usize = 4;
/// What a synonym is worth, where the word itself is worth 1; of a phrase, and of two words written as one (`host name`), more.
const SYNONYM: f32 = 0.4;
const OF_PHRASE: f32 = 0.6;
const JOINED: f32 = 0.7;

/// A term that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// As files have it.
    pub(super) term: String,
    /// As it was written.
    pub(super) word: String,
    /// Terms that may stand for it, and how much each is worth, below 1.
    pub(super) others: Vec<(String, f32)>,
}

/// The terms of a question, each once, in its order.
pub(super) fn terms(question: &str) -> Result<Vec<Term>, QueryError> {
    let said: Vec<Said> = Said::all(question).take(WORDS_MAX).collect();
    let meanings = synonyms::meanings(&said);
    let mut terms: Vec<Term> = Vec::new();
    // What a word with a number is without it: little of what is asked for.
    let mut part = String::new();
    let mut pieces = pieces(question).peekable();
    let (mut term, mut before) = (String::new(), "");
    while let Some(word) = pieces.next() {
        let is_said = term_of(word, &mut term);
        let before = std::mem::replace(&mut before, word);
        let is_part_of_next = pieces.peek().is_some_and(|next| is_part(word, next));
        if word.starts_with(is_unspaced) && (is_part_of_next || is_part(word, before)) {
            // Of several characters that stand together each alone says little.
            continue;
        }
        if is_part_of_next {
            part = if is_said { term.clone() } else { String::new() };
            continue;
        }
        let part = std::mem::take(&mut part);
        if is_said && terms.len() < TERMS_MAX && !terms.iter().any(|known| known.term == term) {
            let mut others = others(&term, &word.to_lowercase(), &said, &meanings);
            others.extend((!part.is_empty()).then_some((part, SYNONYM)));
            terms.push(Term { term: term.clone(), word: word.to_owned(), others });
        }
    }
    if terms.is_empty() {
        return Err(QueryError::Argument(why_no_term(question)));
    }
    Ok(terms)
}

/// Says why a question asks for nothing.
fn why_no_term(question: &str) -> String {
    if question.trim().is_empty() {
        return "the question is empty; say in a few words what the code does that you look for".to_owned();
    }
    let is_letter = |word: &str| word.chars().nth(1).is_none();
    let said: Vec<&str> = pieces(question).collect();
    let common = said.iter().find(|word| !is_letter(word));
    if said.is_empty() {
        format!(
            "{question:?} has no word; `vigie text -F` finds signs, and words say what the code does that you look for"
        )
    } else if said.iter().any(|word| word.starts_with(char::is_numeric)) {
        format!("{question:?} has only numbers, which are no words here; `vigie text` finds them")
    } else if let Some(common) = common {
        let letters = if said.iter().any(|word| is_letter(word)) { "single letters and " } else { "" };
        format!(
            "{question:?} has only {letters}words such as {common:?}, which any text may have; add some that say what it is about"
        )
    } else {
        format!("{question:?} has only single letters, which are no words here; `vigie text` finds them")
    }
}

/// Whether the second of two pieces of a question is the first and more: a number, another character.
fn is_part(word: &str, next: &str) -> bool {
    let end = |piece: &str| piece.as_ptr() as usize + piece.len();
    next.as_ptr() <= word.as_ptr() && end(word) <= end(next)
}

/// The numbers of a question that belong to no word, each once: no file is found by them.
pub(super) fn numbers(question: &str) -> Vec<&str> {
    let mut numbers: Vec<&str> = Vec::new();
    for piece in pieces(question).filter(|piece| piece.starts_with(char::is_numeric)) {
        if !numbers.contains(&piece) && numbers.len() < NAMES_MAX {
            numbers.push(piece);
        }
    }
    numbers
}

/// The words of a question that are written as only names are (`QuerySet`, `on_delete`), each once; any word if nothing else is asked for.
pub(super) fn names(question: &str) -> Vec<String> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let said: Vec<&str> = question.split(|character| !is_part(character)).filter(|word| !word.is_empty()).collect();
    let mut names: Vec<String> = Vec::new();
    for (word, index) in said.iter().zip(0..) {
        let is_name = word.trim_matches('_').contains('_')
            || word.chars().skip(1).any(char::is_uppercase) && word.contains(char::is_lowercase)
            || word.starts_with(char::is_uppercase) && (index > 0 || said.len() < SENTENCE_WORDS)
            || said.len() == 1;
        if is_name && names.len() < NAMES_MAX && !names.iter().any(|known| known == word) {
            names.push((*word).to_owned());
        }
    }
    names
}

/// What may stand for a term, the most worth first.
fn others(term: &str, word: &str, said: &[Said], meanings: &[Meaning]) -> Vec<(String, f32)> {
    let mut others: Vec<(String, f32)> = Vec::new();
    let mut add = |other: &str, worth: f32| {
        let is_known = other == term || others.iter().any(|(known, _)| known == other);
        if !is_known && others.len() < OTHERS_MAX {
            others.push((other.to_owned(), worth));
        }
    };
    for pair in said.windows(2).filter(|pair| pair.iter().any(|part| part.word == word)) {
        each_term(&format!("{}{}", pair[0].word, pair[1].word), |joined, _| add(joined, JOINED));
    }
    for (is_phrase, worth) in [(true, OF_PHRASE), (false, SYNONYM)] {
        let of_term = |meaning: &&Meaning| meaning.is_phrase == is_phrase && meaning.of.iter().any(|of| of == term);
        meanings.iter().filter(of_term).flat_map(|meaning| &meaning.terms).for_each(|other| add(other, worth));
    }
    others
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
    fn numbers_belong_to_the_word_before() {
        assert_eq!(asked("base64Encode sha 256"), ["base64", "encod", "sha"]);
        assert_eq!(asked("IPv4 and ipv4"), ["ipv4"]);
        let base = terms("base64").expect("it asks for something").remove(0);
        assert_eq!(base.others, [("bas".to_owned(), SYNONYM)]);
        assert_eq!(numbers("base64 sha 256 of 404, 404"), ["256", "404"]);
        let sha = terms("sha 256").expect("it asks for something").remove(0);
        assert!(sha.others.contains(&("sha256".to_owned(), JOINED)), "{sha:?}");
    }

    #[test]
    fn words_of_any_script_are_asked_for() {
        assert_eq!(asked("Wo wird die Größe ÜBERGEBEN"), ["wo", "wird", "die", "größe", "übergeben"]);
        assert_eq!(asked("обработка ошибок"), ["обработка", "ошибок"]);
        assert_eq!(asked("検索"), ["検索"]);
        assert_eq!(asked("猫 検索する"), ["猫", "検索", "索す", "する"]);
    }

    #[test]
    fn other_words_may_stand_for_a_term() {
        let asked = terms("look up host names").expect("it asks for something");
        let others = asked.iter().flat_map(|asked| &asked.others);
        let worth = |term: &str| others.clone().find(|(other, _)| other == term).map_or(0.0, |(_, worth)| *worth);
        assert_eq!([worth("lookup"), worth("hostnam")], [JOINED, JOINED]);
        assert_eq!([worth("domain"), worth("cooki")], [SYNONYM, 0.0]);
    }

    #[test]
    fn some_words_are_surely_names() {
        let asked = names("Where is QuerySet.on_delete of the HTTP Paginator cached, __where?");
        assert_eq!(asked, ["QuerySet", "on_delete", "HTTP", "Paginator"]);
        assert_eq!(names("session"), ["session"], "nothing else is asked for");
        assert_eq!(names("Paginator page"), ["Paginator"]);
    }

    #[test]
    fn a_question_of_nothing_is_refused() {
        for (question, said) in [
            ("", "empty"),
            (" ?! ", "has no word; `vigie text -F`"),
            ("how is it", "has only words such as \"how\", which any text may have"),
            ("how x", "has only single letters and words such as \"how\""),
            ("x", "has only single letters"),
            ("C #", "has only single letters"),
            ("the 404", "only numbers"),
        ] {
            let error = terms(question).expect_err("it asks for nothing").to_string();
            assert!(error.contains(said), "{question:?}: {error}");
        }
    }
}
