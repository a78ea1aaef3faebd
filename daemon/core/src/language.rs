//! Which grammar a file wants: by its extension or name, else by its `#!` line. Contents beyond that line are not looked at.

use crate::kinds::Language;

/// Bytes of a file's beginning that [`detect`] can use.
pub const HEAD_BYTES: usize = 128;

/// File name extensions, as they are written.
const EXTENSIONS: &[(&[u8], Language)] = &[
    (b"rs", Language::Rust),
    (b"py", Language::Python),
    (b"pyi", Language::Python),
    (b"pyw", Language::Python),
    (b"c", Language::C),
    (b"h", Language::C),
    (b"js", Language::JavaScript),
    (b"mjs", Language::JavaScript),
    (b"cjs", Language::JavaScript),
    (b"jsx", Language::JavaScript),
    (b"ts", Language::TypeScript),
    (b"mts", Language::TypeScript),
    (b"cts", Language::TypeScript),
    (b"tsx", Language::Tsx),
    (b"go", Language::Go),
];

/// Names of files that have a language but no extension.
const FILE_NAMES: &[(&[u8], Language)] = &[
    (b"SConscript", Language::Python),
    (b"SConstruct", Language::Python),
    (b"wscript", Language::Python),
    (b"Jakefile", Language::JavaScript),
];

/// Programs of a `#!` line, without their version.
const INTERPRETERS: &[(&[u8], Language)] = &[
    (b"python", Language::Python),
    (b"pypy", Language::Python),
    (b"node", Language::JavaScript),
    (b"nodejs", Language::JavaScript),
    (b"bun", Language::TypeScript),
    (b"deno", Language::TypeScript),
    (b"ts-node", Language::TypeScript),
    (b"tsx", Language::TypeScript),
    (b"rust-script", Language::Rust),
];

/// The language of the file at `path`, whose first bytes are `head` ([`HEAD_BYTES`] are enough).
pub fn detect(path: &[u8], head: &[u8]) -> Option<Language> {
    let file_name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let by_name = match file_name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 => look_up(EXTENSIONS, &file_name[dot + 1..]),
        _ => look_up(FILE_NAMES, file_name),
    };
    by_name.or_else(|| look_up(INTERPRETERS, interpreter(head)?))
}

fn look_up(table: &[(&[u8], Language)], key: &[u8]) -> Option<Language> {
    table.iter().find(|(name, _)| *name == key).map(|&(_, language)| language)
}

/// The program a `#!` line starts, `env` and its options looked through, without folder and version: `python` for
/// `#!/usr/bin/env -S python3.11 -u`.
fn interpreter(head: &[u8]) -> Option<&[u8]> {
    let line = head.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).map(base_name);
    let first = words.next()?;
    let is_program = |word: &&[u8]| !word.starts_with(b"-") && !word.contains(&b'=');
    let program = if first == b"env" { words.find(is_program)? } else { first };
    let version = program.iter().rev().take_while(|&&byte| byte.is_ascii_digit() || byte == b'.').count();
    Some(&program[..program.len() - version])
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_extension_and_name() {
        for (path, language) in [
            ("src/main.rs", Some(Language::Rust)),
            ("a/b.pyi", Some(Language::Python)),
            ("a.min.js", Some(Language::JavaScript)),
            ("x.mjs", Some(Language::JavaScript)),
            ("x.cjs", Some(Language::JavaScript)),
            ("x.jsx", Some(Language::JavaScript)),
            ("x.ts", Some(Language::TypeScript)),
            ("x.tsx", Some(Language::Tsx)),
            ("x.h", Some(Language::C)),
            ("x.c", Some(Language::C)),
            ("x.go", Some(Language::Go)),
            ("SConstruct", Some(Language::Python)),
            ("README.md", None),
            (".py", None),
            ("go", None),
            ("src.rs/Makefile", None),
            ("", None),
        ] {
            assert_eq!(detect(path.as_bytes(), b""), language, "{path}");
        }
    }

    #[test]
    fn by_interpreter() {
        for (head, language) in [
            ("#!/usr/bin/python\n", Some(Language::Python)),
            ("#!/usr/bin/env python3.11\nx", Some(Language::Python)),
            ("#! /usr/bin/env -S A=b python3 -u", Some(Language::Python)),
            ("#!/usr/bin/env node\r\n", Some(Language::JavaScript)),
            ("#!/bin/sh\n# python", None),
            ("#!", None),
            ("#!/usr/bin/env", None),
            ("python", None),
        ] {
            assert_eq!(detect(b"bin/tool", head.as_bytes()), language, "{head}");
        }
    }

    #[test]
    fn the_extension_wins() {
        assert_eq!(detect(b"a.rs", b"#!/usr/bin/python\n"), Some(Language::Rust));
    }
}
