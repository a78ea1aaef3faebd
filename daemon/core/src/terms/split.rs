//! The words of identifiers and of prose.

/// The words of a text: runs of letters or of digits, cut where an identifier's case says that a word begins: `HTTPServerError2` is
/// `HTTP`, `Server`, `Error` and `2`. Underscores and everything else part words.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        let (word, behind) = rest[start..].split_at(word_bytes(&rest[start..]));
        rest = behind;
        Some(word)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upper,
    Lower,
    Digit,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        _ if character.is_uppercase() => Kind::Upper,
        _ if character.is_alphabetic() => Kind::Lower,
        _ if character.is_numeric() => Kind::Digit,
        _ => Kind::Other,
    }
}

/// How many bytes of a text, which begins with a letter or a digit, are its first word.
fn word_bytes(text: &str) -> usize {
    let mut kinds = text.char_indices().map(|(at, character)| (at, kind(character)));
    let Some((_, first)) = kinds.next() else { return 0 };
    let mut before = (0, first);
    // How many capitals there are so far, while there is nothing else.
    let mut capitals = usize::from(first == Kind::Upper);
    for (at, kind) in kinds {
        match (before.1, kind) {
            // The last of several capitals begins the next word: `HTTPServer`.
            (Kind::Upper, Kind::Lower) if capitals > 1 => return before.0,
            (Kind::Upper, Kind::Upper) => capitals += 1,
            (Kind::Upper | Kind::Lower, Kind::Lower) | (Kind::Digit, Kind::Digit) => capitals = 0,
            _ => return at,
        }
        before = (at, kind);
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_cut_into_words() {
        let cases = [
            ("HTTPServerError2", "HTTP Server Error 2"),
            ("parse_http_request", "parse http request"),
            ("getURL", "get URL"),
            ("SHA256Sum", "SHA 256 Sum"),
            ("utf8", "utf 8"),
            ("MAX_BODY_BYTES", "MAX BODY BYTES"),
            ("x.y->zed(1)", "x y zed 1"),
            ("don't", "don t"),
            ("Größe_übergeben", "Größe übergeben"),
            ("", ""),
            ("__init__", "init"),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
