//! Terms of ranked search: what is left of the words of a text, a path or a question when an identifier has been split into its words
//! and each of these lost its case and its ending. The same here for files and for questions, so that both meet. Nothing here opens a
//! file or knows the store.

mod count;
mod split;
mod stem;
mod stop;

pub use count::{FileTerms, TermCounter, Weight};
pub use split::{is_unspaced, pieces, words};
pub use stem::stem;
pub use stop::is_stop_word;

/// Bytes of a word that count; nobody asks for longer ones.
pub const TERM_BYTES_MAX: usize = 24;

/// Calls `visit` with every term of a text, in its order, and the word it comes from.
pub fn each_term(text: &str, mut visit: impl FnMut(&str, &str)) {
    let mut term = String::new();
    for word in pieces(text) {
        if term_of(word, &mut term) {
            visit(&term, word);
        }
    }
}

/// Writes the term of a word; `false` if it has none: a single letter, a number, a word that every text has. A character of a script
/// without blanks may be a word.
pub fn term_of(word: &str, term: &mut String) -> bool {
    term.clear();
    if word.is_ascii() {
        term.push_str(&word[..word.len().min(TERM_BYTES_MAX)]);
        term.make_ascii_lowercase();
    } else {
        lower(word, term);
    }
    let is_letter = term.chars().nth(1).is_none() && !term.starts_with(is_unspaced);
    let is_said = !is_letter && !term.bytes().all(|byte| byte.is_ascii_digit()) && !is_stop_word(term);
    if is_said {
        stem(term);
    }
    is_said
}

/// Appends as much of a word in lower case as counts.
fn lower(word: &str, term: &mut String) {
    for character in word.chars().flat_map(char::to_lowercase) {
        // At the end of a word it has another form.
        let character = if character == 'ς' { 'σ' } else { character };
        if term.len() + character.len_utf8() > TERM_BYTES_MAX {
            break;
        }
        term.push(character);
    }
}
