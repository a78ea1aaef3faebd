//! Words that say nothing of what a text is about.

/// Of English, and of questions. In order, for the search.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before", "being",
    "but", "by", "can", "could", "did", "do", "does", "doing", "each", "else", "etc", "false", "for", "from", "get",
    "gets", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "just", "let", "may", "me", "might",
    "must", "my", "new", "nil", "no", "none", "not", "null", "of", "on", "only", "or", "other", "our", "out", "over",
    "own", "return", "returns", "self", "shall", "should", "so", "some", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "too", "true", "under", "up", "us", "var", "very",
    "was", "we", "were", "what", "when", "where", "which", "while", "who", "whose", "why", "will", "with", "would",
    "you", "your",
];

/// Of the longest.
const STOP_WORD_BYTES_MAX: usize = 7;

static STOP_NUMBERS: [u64; STOP_WORDS.len()] = {
    let (mut numbers, mut at) = ([0; STOP_WORDS.len()], 0);
    while at < numbers.len() {
        numbers[at] = number(STOP_WORDS[at]);
        at += 1;
    }
    numbers
};

/// Whether a word in lower case is one of them.
pub fn is_stop_word(word: &str) -> bool {
    word.len() <= STOP_WORD_BYTES_MAX && STOP_NUMBERS.binary_search(&number(word)).is_ok()
}

/// The bytes of a short word as a number; of two words the later one has the greater. To compare numbers takes a fraction of the time, and
/// each new word of a text is looked for.
const fn number(word: &str) -> u64 {
    let (bytes, mut number, mut at) = (word.as_bytes(), 0, 0);
    while at < bytes.len() {
        number |= (bytes[at] as u64) << (8 * (STOP_WORD_BYTES_MAX - at));
        at += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(STOP_WORDS.is_sorted_by(|a, b| a < b));
        assert_eq!(STOP_WORDS.iter().map(|word| word.len()).max(), Some(STOP_WORD_BYTES_MAX));
        assert!(STOP_WORDS.iter().all(|word| is_stop_word(word)));
        assert!(["session", "wher", "wheres", "", "returned", "whereabouts"].iter().all(|word| !is_stop_word(word)));
    }
}
