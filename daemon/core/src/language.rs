//! Which grammar a file wants: by its extension or name, else by its `#!` line. Of the contents beyond that line only those of headers
//! are looked at, which C and C++ name alike.

use crate::fnv::{FNV_OFFSET, fnv};
use crate::kinds::Language;

/// Bytes of a file's beginning that [`detect`] looks at.
const HEAD_BYTES_MAX: usize = 64 << 10;

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
    (b"java", Language::Java),
    (b"cc", Language::Cpp),
    (b"cpp", Language::Cpp),
    (b"cxx", Language::Cpp),
    (b"hh", Language::Cpp),
    (b"hpp", Language::Cpp),
    (b"hxx", Language::Cpp),
    (b"cs", Language::CSharp),
    (b"rb", Language::Ruby),
    (b"rake", Language::Ruby),
    (b"gemspec", Language::Ruby),
    (b"ru", Language::Ruby),
    (b"php", Language::Php),
    (b"phtml", Language::Php),
    (b"sh", Language::Bash),
    (b"bash", Language::Bash),
    (b"bats", Language::Bash),
    (b"lua", Language::Lua),
    (b"json", Language::Json),
    (b"jsonc", Language::Json),
    (b"toml", Language::Toml),
    (b"yaml", Language::Yaml),
    (b"yml", Language::Yaml),
    (b"md", Language::Markdown),
    (b"markdown", Language::Markdown),
    (b"kt", Language::Kotlin),
    (b"kts", Language::Kotlin),
    (b"scala", Language::Scala),
    (b"sc", Language::Scala),
    (b"sbt", Language::Scala),
    (b"swift", Language::Swift),
    (b"dart", Language::Dart),
];

/// Names of files that have a language but no extension.
const FILE_NAMES: &[(&[u8], Language)] = &[
    (b"SConscript", Language::Python),
    (b"SConstruct", Language::Python),
    (b"wscript", Language::Python),
    (b"Jakefile", Language::JavaScript),
    (b"Gemfile", Language::Ruby),
    (b"Rakefile", Language::Ruby),
    (b"Guardfile", Language::Ruby),
    (b"Vagrantfile", Language::Ruby),
    (b".bash_profile", Language::Bash),
    (b".bashrc", Language::Bash),
    (b".profile", Language::Bash),
    (b"PKGBUILD", Language::Bash),
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
    (b"ruby", Language::Ruby),
    (b"php", Language::Php),
    (b"bash", Language::Bash),
    (b"dash", Language::Bash),
    (b"ksh", Language::Bash),
    (b"sh", Language::Bash),
    (b"lua", Language::Lua),
    (b"luajit", Language::Lua),
    (b"kotlin", Language::Kotlin),
    (b"kscript", Language::Kotlin),
    (b"scala", Language::Scala),
    (b"scala-cli", Language::Scala),
    (b"amm", Language::Scala),
    (b"swift", Language::Swift),
    (b"dart", Language::Dart),
];

/// Changes when detection changes: two builds with the same number see the same language in the same file.
pub fn version() -> u64 {
    const VERSION: u64 = fnv(FNV_OFFSET, include_bytes!("language.rs"));
    VERSION
}

/// The language of the file at `path`, which contains `text`.
pub fn detect(path: &[u8], text: &[u8]) -> Option<Language> {
    let head = text.get(..HEAD_BYTES_MAX).unwrap_or(text);
    match look_up_name(path) {
        Some(Language::C) if is_header(path) && is_cpp(head) => Some(Language::Cpp),
        Some(language) => Some(language),
        None => look_up(INTERPRETERS, interpreter(head)?),
    }
}

/// The language that a file has by its path, whatever is in it.
pub fn by_name(path: &[u8]) -> Option<Language> {
    look_up_name(path).filter(|_| !is_header(path))
}

/// No name of a language, nor a slip of one, is longer.
const NAME_BYTES_MAX: usize = 32;

/// A language by its name, what else it is called, or the extension of its files; case does not matter.
pub fn named(name: &str) -> Option<Language> {
    let lower = name.to_lowercase();
    let by_other_name = || match lower.as_str() {
        "c++" => Some(Language::Cpp),
        "c#" => Some(Language::CSharp),
        "golang" => Some(Language::Go),
        "shell" => Some(Language::Bash),
        extension => look_up(EXTENSIONS, extension.as_bytes()),
    };
    Language::from_name(&lower).or_else(by_other_name)
}

/// The language whose name may have been meant: one slip in three letters.
pub fn near(name: &str) -> Option<Language> {
    let lower = name.to_lowercase();
    let slips_max = (lower.chars().count() / 3).clamp(1, 3);
    let slips = |language: &Language| strsim::osa_distance(&lower, language.name());
    let is_long = lower.len() > NAME_BYTES_MAX;
    let near = Language::ALL.iter().copied().filter(|language| !is_long && slips(language) <= slips_max);
    near.min_by_key(slips)
}

fn look_up_name(path: &[u8]) -> Option<Language> {
    let file_name = base_name(path);
    match file_name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 => look_up(EXTENSIONS, &file_name[dot + 1..]),
        _ => look_up(FILE_NAMES, file_name),
    }
}

fn is_header(path: &[u8]) -> bool {
    path.ends_with(b".h")
}

/// Whether a header has a line that only C++ has.
fn is_cpp(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').any(|line| is_cpp_line(line.trim_ascii()))
}

fn is_cpp_line(line: &[u8]) -> bool {
    let opens = matches!(line.last(), Some(b'{' | b';' | b':' | b','));
    let after = |word: &[u8]| line.strip_prefix(word);
    match line {
        b"public:" | b"private:" | b"protected:" => true,
        [b't', ..] => after(b"template").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"<")),
        // Prose may begin with these words, but no line of it ends so.
        [b'c', ..] => after(b"class ").is_some() && opens && !line.contains(&b'('),
        [b'n', ..] => after(b"namespace ").is_some_and(|rest| rest.ends_with(b"{") || !rest.contains(&b' ')),
        [b'u', ..] => after(b"using ")
            .is_some_and(|rest| rest.ends_with(b";") && (rest.starts_with(b"namespace ") || rest.contains(&b'='))),
        [b'e', ..] => after(b"enum class ").is_some() && opens,
        _ => false,
    }
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
            ("x.hpp", Some(Language::Cpp)),
            ("x.cc", Some(Language::Cpp)),
            ("X.java", Some(Language::Java)),
            ("X.cs", Some(Language::CSharp)),
            ("lib/x.rb", Some(Language::Ruby)),
            ("Rakefile", Some(Language::Ruby)),
            ("index.php", Some(Language::Php)),
            ("a.sh", Some(Language::Bash)),
            (".bashrc", Some(Language::Bash)),
            ("init.lua", Some(Language::Lua)),
            ("package.json", Some(Language::Json)),
            ("Cargo.toml", Some(Language::Toml)),
            ("ci.yml", Some(Language::Yaml)),
            ("README.md", Some(Language::Markdown)),
            ("src/Main.kt", Some(Language::Kotlin)),
            ("build.gradle.kts", Some(Language::Kotlin)),
            ("Main.scala", Some(Language::Scala)),
            ("build.sbt", Some(Language::Scala)),
            ("script.sc", Some(Language::Scala)),
            ("Package.swift", Some(Language::Swift)),
            ("lib/main.dart", Some(Language::Dart)),
            ("notes.txt", None),
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
            ("#!/bin/sh\n# python", Some(Language::Bash)),
            ("#!/usr/bin/env lua5.4\n", Some(Language::Lua)),
            ("#!/usr/bin/env ruby\n", Some(Language::Ruby)),
            ("#!/usr/bin/env -S scala-cli shebang\n", Some(Language::Scala)),
            ("#!/usr/bin/env kotlin\n", Some(Language::Kotlin)),
            ("#!/usr/bin/swift\n", Some(Language::Swift)),
            ("#!/usr/bin/env dart\n", Some(Language::Dart)),
            ("#!/usr/bin/perl\n", None),
            ("#!", None),
            ("#!/usr/bin/env", None),
            ("python", None),
        ] {
            assert_eq!(detect(b"bin/tool", head.as_bytes()), language, "{head}");
        }
    }

    #[test]
    fn headers_tell_by_what_only_cpp_has() {
        for text in [
            "class Pool : public Base {",
            "  public:",
            "namespace a::b {",
            "template <class T>",
            "using A = B;",
            "enum class M {",
        ] {
            assert_eq!(detect(b"a.h", format!("#pragma once\n{text}\n").as_bytes()), Some(Language::Cpp), "{text}");
            assert_eq!(detect(b"a.c", text.as_bytes()), Some(Language::C));
        }
        for text in [
            "class of devices",
            "using the driver",
            "struct class { int x; };",
            "extern \"C\" {",
            "namespace is a word",
            "",
        ] {
            assert_eq!(detect(b"a.h", text.as_bytes()), Some(Language::C), "{text}");
        }
    }

    #[test]
    fn the_extension_wins() {
        assert_eq!(detect(b"a.rs", b"#!/usr/bin/python\n"), Some(Language::Rust));
    }
}
