//! Leaving the middle of long lists of numbers out of the tree changes no fact.

use proptest::prelude::*;

use crate::extract::{numbers, walked, walked_without, with_compiled};
use crate::kinds::Language;

/// A list in each language, between what must be found before and after it.
const LISTS: &[(Language, &str, &str)] = &[
    (Language::C, "int before;\nstatic const int table[] = {\n", "};\nint after(void) { return before; }\n"),
    (Language::Cpp, "int before;\nconst std::vector<int> table{\n", "};\nint after() { return before; }\n"),
    (Language::Go, "package p\nvar before int\nvar table = []int{\n", "}\nfunc after() int { return before }\n"),
    (Language::Rust, "static BEFORE: u8 = 1;\nstatic TABLE: [u8; 9] = [\n", "];\nfn after() -> u8 { BEFORE }\n"),
    (Language::Python, "before = 1\ntable = [\n", "]\ndef after():\n    return before\n"),
    (Language::Java, "class A { int before; int[] table = {\n", "}; int after() { return before; } }\n"),
    (Language::JavaScript, "let before = 1;\nconst table = [\n", "];\nfunction after() { return before; }\n"),
    (Language::TypeScript, "let before = 1;\nconst table: number[] = [\n", "];\nfunction after() { return before; }\n"),
    (Language::CSharp, "class A { int before; int[] table = {\n", "}; int After() { return before; } }\n"),
    (Language::Php, "<?php\n$before = 1;\n$table = [\n", "];\nfunction after() { return $before; }\n"),
    (Language::Ruby, "before = 1\nTABLE = [\n", "]\ndef after\n  before\nend\n"),
    (Language::Lua, "local before = 1\nlocal list = {\n", "}\nlocal function after() return before end\n"),
    (Language::Kotlin, "val before = 1\nval table = listOf(\n", "0)\nfun after() = before\n"),
    (Language::Swift, "let before = 1\nlet table = [\n", "]\nfunc after() -> Int { return before }\n"),
    (Language::Dart, "var before = 1;\nvar table = [\n", "];\nint after() => before;\n"),
    (Language::Scala, "val before = 1\nval table = List(\n", "0)\ndef after = before\n"),
    (Language::Json, "{\"before\": 1, \"table\": [\n", "0], \"after\": 2}\n"),
];

fn element() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec!["0x1F", "255", "-3", "0", "1.5", "17", "1e5", "2.5e-3"]);
    let odd = prop::sample::select(vec![
        "FULL",
        "add",
        "0..n",
        "1 + fade",
        "(1, 2)",
        "[3, 4]",
        "{5, 6}",
        "f(7)",
        "1.max",
        "/* x */ 8",
    ]);
    prop_oneof![400 => plain.prop_map(str::to_owned), 1 => odd.prop_map(str::to_owned)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_list_in_part_has_the_facts_of_the_whole(
        (language, before, after) in prop::sample::select(LISTS),
        elements in prop::collection::vec((element(), prop::sample::select(vec![", ", ",\n", ","])), 200..2_000),
    ) {
        let list: String = elements.iter().flat_map(|(element, comma)| [element.as_str(), comma]).collect();
        let source = format!("{before}{list}{after}");
        let (part, whole) = with_compiled(language, |compiled| {
            (walked(compiled, source.as_bytes()), walked_without(compiled, source.as_bytes(), &[]))
        });
        // What is no list of that language has errors anyway, and what is read around them is chance.
        if whole.as_ref().is_some_and(|facts| !facts.syntax_errors) {
            prop_assert_eq!(part, whole);
        }
    }
}

#[test]
fn what_is_left_out_is_whole_elements() {
    for element in ["0x12,", "-1.5e-3f,\n", "{0x1, 2UL,},\n", "[1, 2], ", "(1),"] {
        let source = format!("int a[] = {{ {} b }};", element.repeat(2_000));
        let runs = numbers::runs(source.as_bytes());
        assert_eq!(runs.len(), 1, "{element}");
        let rest = source.len() - runs[0].len();
        assert!(rest < 1_500, "{element}: {rest} bytes are left");
        assert!(source[..runs[0].start].ends_with(',') && source[..runs[0].end].ends_with(','), "{element}");
    }
    for element in ["FULL,", "1.max,", "0..n,", "f(1),", "{1, a},", "1 + 2,", "1;", "0x"] {
        let source = format!("int a[] = {{ {} }};", element.repeat(2_000));
        assert!(numbers::runs(source.as_bytes()).is_empty(), "{element}");
    }
}
