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

/// Whether a word in lower case is one of them.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(STOP_WORDS.is_sorted_by(|a, b| a < b));
        assert!(is_stop_word("where") && !is_stop_word("session"));
    }
}
