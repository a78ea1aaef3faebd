//! No identifier is lost: real Rust files, compared with a lexer that knows nothing of grammars.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::*;

/// Files compared; every file of this crate is among them.
const FILES_MAX: usize = 200;
/// Larger files are tables of numbers.
const FILE_BYTES_MAX: u64 = 256 << 10;

#[test]
fn rust_identifiers_outside_comments_and_strings_are_found() {
    let (mut all, mut lost) = (0, Vec::new());
    for path in rust_files() {
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        let facts = extract(Language::Rust, source.as_bytes());
        if facts.syntax_errors {
            continue;
        }
        let positions = facts
            .declarations
            .definitions
            .iter()
            .map(|d| d.position)
            .chain(facts.occurrences.references.iter().map(|r| r.position));
        let found: HashSet<(u32, u32)> = positions.map(|position| (position.line, position.column)).collect();
        for (line, column, word) in Lexer::new(&source).identifiers() {
            all += 1;
            if !found.contains(&(line, column)) {
                lost.push(format!("{}:{line}:{column} {word}", path.display()));
            }
        }
    }
    let sample = &lost[..lost.len().min(20)];
    assert!(all > 10_000, "only {all} identifiers were compared");
    assert!(lost.len() * 1000 <= all, "{} of {all} identifiers are lost: {sample:#?}", lost.len());
}

/// This crate's sources, then what cargo has unpacked for it.
fn rust_files() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let mut open: Vec<PathBuf> = home.map(|home| home.join("registry/src")).into_iter().collect();
    open.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
            if metadata.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && metadata.len() <= FILE_BYTES_MAX {
                files.push(path);
            }
        }
        if files.len() >= FILES_MAX {
            break;
        }
    }
    files.truncate(FILES_MAX);
    files
}

/// Words that are no identifiers, or not everywhere.
const KEYWORDS: &str = "as async await break const continue crate default dyn else enum extern false fn for gen if impl in let loop \
    macro_rules match mod move mut pub raw ref return safe self static struct super trait true try type union unsafe use where \
    while yield _";

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn new(source: &'s str) -> Lexer<'s> {
        Lexer { source, at: 0 }
    }

    /// Line, column in bytes, and the word.
    fn identifiers(mut self) -> Vec<(u32, u32, &'s str)> {
        let keywords: HashSet<&str> = KEYWORDS.split_whitespace().collect();
        let mut found = Vec::new();
        let (mut line, mut line_start, mut counted) = (1, 0, 0);
        let mut after_metavariable = false;
        while let Some((start, word)) = self.next_word() {
            for newline in memchr::memchr_iter(b'\n', &self.source.as_bytes()[counted..start]) {
                (line, line_start) = (line + 1, counted + newline + 1);
            }
            counted = start;
            let is_fragment = after_metavariable && self.source[..start].trim_end().ends_with(':');
            let is_metavariable = self.source[..start].ends_with('$');
            if !keywords.contains(word) && !is_fragment {
                found.push((line, (start - line_start) as u32 + 1, word));
            }
            after_metavariable = is_metavariable;
        }
        found
    }

    fn next_word(&mut self) -> Option<(usize, &'s str)> {
        loop {
            let rest = &self.source[self.at..];
            let first = rest.chars().next()?;
            let word = word_bytes(rest);
            if let Some(skipped) = comment(rest).or_else(|| string(rest)).or_else(|| quote(rest)) {
                self.at += skipped;
            } else if rest.starts_with("r#") && word == 1 {
                self.at += 2;
            } else if first.is_ascii_digit() {
                let fraction = rest[word..].strip_prefix('.').filter(|f| f.starts_with(|c: char| c.is_ascii_digit()));
                self.at += word + fraction.map_or(0, |fraction| 1 + word_bytes(fraction));
            } else if word > 0 {
                let start = self.at;
                self.at += word;
                return Some((start, &rest[..word]));
            } else {
                self.at += first.len_utf8();
            }
        }
    }
}

fn word_bytes(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") || text.starts_with("#!/") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let (mut depth, mut at) = (1, 2);
    text.strip_prefix("/*")?;
    while depth > 0 && at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    Some(at)
}

/// `"…"`, `r#"…"#` and their `b` and `c` forms.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].iter().find(|prefix| text.starts_with(**prefix))?;
    let body = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.bytes().take_while(|&byte| byte == b'#').count();
        let end = format!("\"{}", "#".repeat(hashes));
        let inner = body[hashes..].strip_prefix('"')?;
        return inner.find(&end).map(|at| prefix.len() + hashes + 1 + at + end.len());
    }
    let inner = body.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some(prefix.len() + 1 + end + 1)
}

/// `'x'`, `b'x'` and `'lifetime`.
fn quote(text: &str) -> Option<usize> {
    let prefix = usize::from(text.starts_with("b'"));
    let inner = text[prefix..].strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        return inner[2..].find('\'').map(|end| prefix + 1 + 2 + end + 1);
    }
    let closes = inner[first.len_utf8()..].starts_with('\'');
    Some(if closes { prefix + 1 + first.len_utf8() + 1 } else { 1 + word_bytes(inner) })
}
