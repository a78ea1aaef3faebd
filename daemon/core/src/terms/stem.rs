//! Endings of English words: `validates`, `validated`, `validating`, `validation` and `validator` ask for the same. Lighter than Porter's
//! algorithm ("An algorithm for suffix stripping", 1980), whose rules for measure it borrows in the plainest form: what is left has at
//! least three letters and a vowel.

/// The endings of words that end with a letter, and what stands in their place: the first that fits counts.
fn endings(last: u8) -> &'static [(&'static str, &'static str)] {
    match last {
        b'd' => &[("ized", "ize"), ("ated", "ate"), ("ied", "y"), ("ed", "")],
        b'g' => &[("izing", "ize"), ("ating", "ate"), ("ing", "")],
        b'n' => &[("ization", "ize"), ("isation", "ize"), ("ation", "ate"), ("ion", "")],
        b'r' => &[("izer", "ize"), ("ator", "ate"), ("er", ""), ("or", "")],
        b's' => &[
            ("izations", "ize"),
            ("izes", "ize"),
            ("izers", "ize"),
            ("ators", "ate"),
            ("ations", "ate"),
            ("ates", "ate"),
            ("ions", ""),
            ("ings", ""),
            ("ies", "y"),
            ("ers", ""),
            ("ors", ""),
            ("sses", "ss"),
            ("xes", "x"),
            ("ches", "ch"),
            ("shes", "sh"),
            ("es", "e"),
            ("ss", "ss"),
            ("us", "us"),
            ("is", "is"),
            ("s", ""),
        ],
        b'y' => &[("ingly", ""), ("edly", ""), ("ly", "")],
        _ => &[],
    }
}

/// Fewest letters that are left of a word.
const LEFT_MIN: usize = 3;

/// Takes the ending off a word in lower case. Words with anything but ASCII letters stay as they are.
pub fn stem(word: &mut String) {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    for (ending, instead) in word.bytes().last().map_or(&[][..], endings) {
        let Some(left) = word.strip_suffix(ending) else { continue };
        if left.len() >= LEFT_MIN && left.bytes().any(is_vowel) {
            word.truncate(left.len());
            word.push_str(instead);
            if instead.is_empty() && *ending != "s" {
                undouble(word);
            }
            break;
        }
    }
    // `validate` as `validating`, `cache` as `caching`, `serialize` as `serial`.
    for (ending, left_min) in [("ate", 3), ("ize", 3), ("ise", 4), ("e", LEFT_MIN)] {
        if word.len() >= ending.len() + left_min && word.ends_with(ending) {
            word.truncate(word.len() - ending.len());
            undouble(word);
            break;
        }
    }
    if word.len() > LEFT_MIN && word.ends_with('y') {
        word.truncate(word.len() - 1);
        word.push('i');
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// `mapp`, left of `mapping`, is `map`; `call`, `pass` and `off` are words.
fn undouble(word: &mut String) {
    let [.., before, last] = word.as_bytes() else { return };
    if word.len() > LEFT_MIN && before == last && !is_vowel(*last) && !matches!(last, b'l' | b's' | b'z' | b'f') {
        word.truncate(word.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stemmed(word: &str) -> String {
        let mut word = word.to_owned();
        stem(&mut word);
        word
    }

    #[test]
    fn words_of_one_meaning_are_one_term() {
        for family in [
            "validate validates validated validating validation validator validators",
            "connect connects connected connecting connection connections connector",
            "cache caches cached caching",
            "parse parses parsed parsing parser parsers",
            "query queries querying",
            "retry retries retried retrying",
            "map maps mapped mapping mappings mapper",
            "session sessions",
            "serialize serializes serialized serializer serialization",
            "route routes routed routing router",
            "match matches matched matching matcher",
            "index indexes indexed indexing indexer",
            "class classes",
            "handle handles handled handling handler",
            "call calls called calling caller",
            "escape escapes escaped escaping",
        ] {
            let stems: Vec<String> = family.split(' ').map(stemmed).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{family}: {stems:?}");
        }
    }

    #[test]
    fn words_of_different_meaning_stay_apart() {
        for (one, other) in [
            ("user", "use"),
            ("status", "state"),
            ("string", "strip"),
            ("process", "proceed"),
            ("thing", "the"),
            ("bus", "but"),
        ] {
            assert_ne!(stemmed(one), stemmed(other));
        }
    }

    #[test]
    fn short_and_foreign_words_stay() {
        for word in ["as", "ids", "größen", "x86", "é"] {
            assert!(stemmed(word).len() + 1 >= word.len(), "{word}: {}", stemmed(word));
        }
    }
}
