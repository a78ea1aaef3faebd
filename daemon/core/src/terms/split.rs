//! The words of identifiers and of prose.

use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

/// The words of a text: runs of letters or of digits, cut where an identifier's case says that a word begins: `HTTPServerError2` is
/// `HTTP`, `Server`, `Error` and `2`. Underscores and everything else part words.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    ranges(text).map(|range| &text[range])
}

/// Most digits of a number that is part of a word; longer ones are data.
const DIGITS_MAX: usize = 4;

/// The same, but that a number directly behind letters comes with them, after they came by themselves: `base64_encode` is `base`,
/// `base64` and `encode`. So does a capital that stands alone before them (`IPv4`), and a letter that ends what stands together (`i18n`).
/// Where a script parts its words by nothing, each character and each two that stand together are pieces, as in Lucene's CJKAnalyzer.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let (mut before, mut capital) = (0..0, None);
    ranges(text).flat_map(move |range| {
        if text[range.clone()].starts_with(is_unspaced) {
            (before, capital) = (0..0, None);
            return None.into_iter().chain(Grams { left: &text[range], is_pair: false });
        }
        let is_number = text[range.clone()].bytes().all(|byte| byte.is_ascii_digit()) && range.len() <= DIGITS_MAX;
        let is_behind = before.end == range.start && before.start < before.end;
        let piece = match is_number && is_behind {
            true => &text[capital.unwrap_or(before.start)..range.end + last_letter(&text[range.end..])],
            false => &text[range.clone()],
        };
        let is_capital = before.len() == 1 && text.as_bytes()[before.start].is_ascii_uppercase();
        capital = (is_capital && is_behind).then_some(before.start);
        before = range;
        Some(piece).into_iter().chain(Grams { left: "", is_pair: false })
    })
}

/// Whether a character is of a script that puts no blanks between words, or so many things into one (Hangul) that its words are found by
/// parts only.
pub fn is_unspaced(character: char) -> bool {
    character >= '\u{e00}' && kind(character) == Kind::Unspaced
}

/// The characters of a text, and behind each the two that begin with it.
struct Grams<'t> {
    left: &'t str,
    is_pair: bool,
}

impl<'t> Iterator for Grams<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let mut ends = self.left.char_indices().map(|(at, character)| at + character.len_utf8());
        let first = ends.next()?;
        self.is_pair = !self.is_pair;
        if self.is_pair {
            return Some(&self.left[..first]);
        }
        let pair = ends.next().map(|second| &self.left[..second]);
        self.left = &self.left[first..];
        pair
    }
}

/// How many bytes a letter takes with which a text begins, and behind which stands no other and no digit.
fn last_letter(text: &str) -> usize {
    let mut characters = text.chars();
    let first = characters.next().filter(|first| first.is_ascii_lowercase());
    first.filter(|_| !characters.next().is_some_and(char::is_alphanumeric)).map_or(0, char::len_utf8)
}

fn ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|character| kind(character) != Kind::Other)?;
        at = start + word_bytes(&text[start..]);
        Some(start..at)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upper = 1,
    Lower,
    Digit,
    /// Of a script without blanks.
    Unspaced,
    Other,
}

/// The kinds of characters by their numbers, once somebody asked for them; before, 0. To find out takes a thousand instructions for a
/// letter without case.
static KINDS: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];

fn kind(character: char) -> Kind {
    let Some(known) = KINDS.get(character as usize) else { return kind_anew(character) };
    match known.load(Ordering::Relaxed) {
        1 => Kind::Upper,
        2 => Kind::Lower,
        3 => Kind::Digit,
        4 => Kind::Unspaced,
        5 => Kind::Other,
        _ => {
            let kind = kind_anew(character);
            known.store(kind as u8, Ordering::Relaxed);
            kind
        }
    }
}

fn kind_anew(character: char) -> Kind {
    let is_of_unspaced = matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Thai, Lao, Burmese, Khmer
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' // Han
        | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' // Kana
        | '\u{ac00}'..='\u{d7af}'); // Hangul
    match character {
        _ if is_of_unspaced && character.is_alphabetic() => Kind::Unspaced,
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
            (Kind::Upper | Kind::Lower, Kind::Lower)
            | (Kind::Digit, Kind::Digit)
            | (Kind::Unspaced, Kind::Unspaced) => {
                capitals = 0;
            }
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
    fn numbers_come_with_the_letters_before_them() {
        let cases = [
            ("base64_encode", "base base64 encode"),
            ("urlsafeBase64Encode", "urlsafe Base Base64 Encode"),
            ("SHA256Sum, SHA-256", "SHA SHA256 Sum SHA 256"),
            ("i18n l10ns k8s_pod", "i i18n n l l10 ns k k8s s pod"),
            ("x86_64 utf8ToUtf16", "x x86 64 utf utf8 To Utf Utf16"),
            ("IPv4 OAuth2Token aIPv6", "I Pv IPv4 O Auth OAuth2 Token a I Pv IPv6"),
            ("404 0x12 id20201231 3d", "404 0 x x12 id 20201231 3 d"),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn scripts_without_blanks_come_in_pairs_of_characters() {
        let cases = [
            ("猫", "猫"),
            ("搜索引擎", "搜 搜索 索 索引 引 引擎 擎"),
            ("get猫2を", "get 猫 2 を"),
            ("3Dモデル", "3 D モ モデ デ デル ル"),
            ("오류 처리", "오 오류 류 처 처리 리"),
            ("обработка ошибок", "обработка ошибок"),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_character_stays_of_its_kind() {
        for character in ['\0'..='\u{3ff}', '\u{e00}'..='\u{eff}', '\u{3000}'..='\u{30ff}', '\u{fff0}'..='\u{1000f}'] {
            for character in character {
                let anew = kind_anew(character) as u8;
                assert_eq!([kind(character) as u8, kind(character) as u8], [anew, anew], "{character:?}");
                assert_eq!(anew != Kind::Other as u8, character.is_alphanumeric(), "{character:?}");
            }
        }
    }

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
