//! Input that no editor would write.

use super::*;
use crate::facts::{DOC_BYTES_MAX, SIGNATURE_BYTES_MAX};
use crate::kinds::Role;

/// Deeper than any thread's stack would bear.
const DEPTH: usize = 100_000;

/// Languages in which the word is no name.
const WITHOUT_NAME: [Language; 5] =
    [Language::Bash, Language::Json, Language::Toml, Language::Yaml, Language::Markdown];

#[test]
fn nesting_is_never_too_deep() {
    for &language in Language::ALL {
        for (open, close) in [("(", ")"), ("f[", "]")] {
            let begin = if language == Language::Php { "<?php $" } else { "" };
            let source = format!("{begin}x = {}y{}\n", open.repeat(DEPTH), close.repeat(DEPTH));
            let facts = extract(language, source.as_bytes());
            let has_name = !WITHOUT_NAME.contains(&language);
            let is_found = facts.names.iter().any(|name| name == "y");
            assert!(is_found || !has_name, "{} lost a name in {open}", language.name());
        }
    }
}

/// Each of these, done without a bound, takes the square of the file's size in time or memory.
#[test]
fn lists_behind_long_paths_stay_small() {
    let long = "a::".repeat(200_000) + "b";
    let nested = "use ".to_owned() + &"a::{".repeat(50_000) + "b" + &"}".repeat(50_000) + ";";
    let wide = format!("use {long}::{{{}}};", "x, ".repeat(50_000));
    for source in [nested, wide] {
        let facts = extract(Language::Rust, source.as_bytes());
        assert!(facts.pack().len() < 8 * source.len());
    }
    let source = format!("from {} import {}z\n", long.replace("::", "."), "x, ".repeat(50_000));
    let facts = extract(Language::Python, source.as_bytes());
    assert!(facts.pack().len() < 8 * source.len());
}

#[test]
fn bytes_that_are_no_text_are_survived() {
    let sources: [&[u8]; 6] = [
        b"",
        b"\xff\xfe\x00fn main() {}",
        b"fn caf\xe9() { caf\xe9(); }",
        b"def f():\n    \xff\xffx = y\n\tz = 1",
        b"\xef\xbb\xbfint main(void) { return 0; }",
        b"\0\0\0\0(((((\"'`/*",
    ];
    for &language in Language::ALL {
        for source in sources {
            let facts = extract(language, source);
            let symbols = facts.declarations.definitions.len();
            assert_eq!(PackedFacts::check(&facts.pack()).map(|packed| packed.symbols as usize), Ok(symbols));
        }
    }
}

#[test]
fn a_name_that_is_not_utf8_is_still_a_name() {
    let facts = extract(Language::Python, b"def f():\n    return '\xff', name\n");
    assert!(facts.names.contains(&"name".into()));
    let reference = &facts.occurrences.references[0];
    assert_eq!((reference.position.column, reference.position.column_utf16), (17, 17));
}

#[test]
fn utf16_columns_count_units() {
    let facts = extract(Language::Python, "s = 'é😀'; name = s\n".as_bytes());
    let name = facts.names.iter().position(|name| name == "name").map(|index| index as u32);
    let definition = facts.declarations.definitions.iter().find(|definition| Some(definition.name) == name);
    let columns = definition.map(|definition| (definition.position.column, definition.position.column_utf16));
    assert_eq!(columns, Some((15, 12)));
}

/// A minified file is one line; counting it from its start for every name would take minutes.
#[test]
fn a_long_line_is_counted_once() {
    let source = "var é=1;".to_owned() + &"é=f(é);".repeat(60_000);
    let facts = extract(Language::JavaScript, source.as_bytes());
    assert_eq!(facts.occurrences.references.len(), 180_000);
    let last = facts.occurrences.references[179_999].position;
    assert_eq!((last.line, last.column - last.column_utf16), (1, 120_000));
}

#[test]
fn long_texts_are_cut() {
    let source = format!("/// {}\nfn f({}: u8) {{}}\n", "é".repeat(500), "a".repeat(1000));
    let facts = extract(Language::Rust, source.as_bytes());
    let definition = &facts.declarations.definitions[0];
    assert!(definition.doc.ends_with('…') && definition.doc.len() <= DOC_BYTES_MAX);
    assert!(definition.signature.ends_with('…') && definition.signature.len() <= SIGNATURE_BYTES_MAX);
}

#[test]
fn broken_code_keeps_its_names() {
    let facts = extract(Language::Rust, b"fn good() { one(); }\nfn bad( { two( three @@ } four\nfn after() { five }\n");
    assert!(facts.syntax_errors);
    for name in ["good", "one", "two", "three", "four", "five", "after"] {
        assert!(facts.names.iter().any(|known| known == name), "{name} is lost");
    }
}

/// Each piece, made whole without a bound, takes the square of the word's length in time.
#[test]
fn a_long_word_that_is_cut_to_pieces_is_bounded() {
    let source = "class A { func ((( ".to_owned() + &"inasisfor".repeat(100_000);
    let facts = extract(Language::Swift, source.as_bytes());
    assert!(facts.syntax_errors && facts.occurrences.references.len() < 10);
}

#[test]
fn data_that_looks_like_words_is_bounded() {
    let source = "a ".repeat(500_000) + "last";
    let facts = lexical(source.as_bytes());
    assert!(facts.occurrences.references.len() < 300_000 && facts.names == ["a", "last"]);
}

#[test]
fn words_without_a_grammar() {
    let facts = lexical("let x1 = 0x1F; // naïve—word\n日本 _a9 b\u{e9}".as_bytes());
    assert!(facts.lexical && facts.declarations.definitions.is_empty());
    assert!(facts.occurrences.references.iter().all(|reference| reference.role == Role::Read));
    let found: Vec<String> = facts
        .occurrences
        .references
        .iter()
        .map(|reference| format!("{} {}", place(reference.position), facts.names[reference.name as usize]))
        .collect();
    assert_eq!(found, ["1:1 let", "1:5 x1", "1:19 naïve", "1:28(25) word", "2:1 日本", "2:8(4) _a9", "2:12(8) bé"]);
}
