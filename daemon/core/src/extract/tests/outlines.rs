//! Formats of which only the outline is kept.

use expect_test::{Expect, expect};

use super::{extract, outline};
use crate::facts::PackedFacts;
use crate::kinds::Language;

fn check(language: Language, source: &str, definitions: Expect) {
    let facts = extract(language, source.as_bytes());
    assert!(!facts.syntax_errors, "the fixture does not parse");
    assert!(PackedFacts::check(&facts.clone().pack()).is_ok());
    assert!(facts.occurrences.references.is_empty());
    definitions.assert_eq(&outline(&facts));
}

#[test]
fn json() {
    let source = r#"{
  "name": "shop",
  "scripts": { "build": "make", "deep": { "deeper": 1 } },
  "list": [{ "inside": 1 }],
  "": null
}
"#;
    check(
        Language::Json,
        source,
        expect![[r#"
        2:4 element name [2-2] "name": "shop"
        3:4 element scripts [3-3] "scripts": { "build": "make", "deep": { "deeper": 1 } }
        3:17 element scripts.build [3-3] "build": "make"
        3:34 element scripts.deep [3-3] "deep": { "deeper": 1 }
        4:4 element list [4-4] "list": [{ "inside": 1 }]
    "#]],
    );
}

#[test]
fn toml() {
    let source = r#"title = "x"
[package]
name = "shop" # a name
a.b = 1
table = { inner = { deep = 1 } }

# Needed.
[target."cfg(unix)".dependencies]
libc = "0.2"

[[bin]]
list = [{ inside = 1 }]
"#;
    check(
        Language::Toml,
        source,
        expect![[r#"
        1:1 element title [1-1] title = "x"
        2:2 element package [2-7] [package]
        3:1 element package.name [3-3] name = "shop"
        4:1 element package.a.b [4-4] a.b = 1
        5:1 element package.table [5-5] table = { inner = { deep = 1 } }
        8:2 element target."cfg(unix)".dependencies [8-10] [target."cfg(unix)".dependencies]
        9:1 element target."cfg(unix)".dependencies.libc [9-9] libc = "0.2"
        11:3 element bin [11-12] [[bin]]
        12:1 element bin.list [12-12] list = [{ inside = 1 }]
    "#]],
    );
}

#[test]
fn yaml() {
    let source = r#"# Builds.
on: push
jobs:
  build: &anchor
    runs-on: linux
  "quoted key": *anchor
  8080: x
list:
  - inside: 1
---
second: {flow: 1}
"#;
    check(
        Language::Yaml,
        source,
        expect![[r#"
        2:1 element on [2-2] on: push
        3:1 element jobs [3-7] jobs
        4:3 element jobs.build [4-5] build: &anchor
        6:3 element jobs."quoted key" [6-6] "quoted key": *anchor
        7:3 element jobs.8080 [7-7] 8080: x
        8:1 element list [8-9] list
        11:1 element second [11-11] second: {flow: 1}
    "#]],
    );
}

#[test]
fn markdown() {
    let source = "preamble\n\n# Top `code`\ntext\n\n## Inner\n\n```sh\n# no heading\n```\n\n## Other\n\n# Last\n\nUnderlined\n---\nend\n";
    check(
        Language::Markdown,
        source,
        expect![[r#"
        3:3 element Top `code` [3-13] # Top `code`
        6:4 element Top `code`.Inner [6-11] ## Inner
        12:4 element Top `code`.Other [12-13] ## Other
        14:3 element Last [14-18] # Last
        16:1 element Last.Underlined [16-17] Underlined
    "#]],
    );
}
