//! Files of directives alone have the facts of their tree.

use proptest::prelude::*;

use crate::extract::{directives, languages, walked, with_compiled};
use crate::facts::Facts;
use crate::kinds::Language;

fn by_line(language: Language, source: &str) -> Option<Facts> {
    directives::facts(languages::table(language), source.as_bytes())
}

fn by_tree(language: Language, source: &str) -> Option<Facts> {
    with_compiled(language, |compiled| walked(compiled, source.as_bytes()))
}

/// What registers are described with.
const PLAIN: &[&str] = &[
    "",
    "  ",
    "#define REG_A 0x10",
    "#define REG_A__SHIFT 0x0",
    "\t# define\tREG_B   (REG_A | BASE(4) << 2)",
    "#define REG_C",
    "#define REG_D 1 /* why */",
    "#define REG_E 1 // why REG_A",
    "#define REG_F a.b->c::d, {1, 2} ; $x @ #y ##z",
    "#define REG_G 6 / 2",
    "#define REG_O sizeof(int) + return",
    "// A comment.",
    "//",
    "// \u{e9} REG_A",
    "/* About REG_A. */",
    "/*\n * Over lines.\n */",
    "#ifdef WIDE // why\n// Inside.\n#define REG_Q 1\n#endif /* WIDE */",
    "# ifndef WIDE /* why */\n#define REG_R 2\n#else\n/* Other. */\n#define REG_R 3\n#endif",
    "#ifdef WIDE\n#else /* why */\n#endif // WIDE",
];

/// What is not as plain, and may be left to the grammar.
const OTHER: &[&str] = &[
    "#define REG_C ",
    "#define WITH(parameter) (parameter + 1)",
    "#define REG_H \"text\"",
    "#define REG_I 'c'",
    "#define REG_J \\",
    "#define REG_K /* why */",
    "#define REG_L /* why */ 1",
    "#define REG_M // why",
    "#define REG_N 1 /* goes\non */",
    "#define REG_S 1 /* why */ + 2",
    "#define inline",
    "#define 9",
    "#define",
    "// continued \\",
    "/*",
    "*/",
    "/* About it. */ #define REG_P 1",
    "#ifdef WIDE",
    "#else",
    "#endif",
    "#if WIDE\n#endif",
    "#undef REG_A",
    "#pragma once",
    "#include <a.h>",
    "int x;",
    "\u{e9}",
    "#define REG_T \u{e9}",
    "#define REG_U 1\r",
];

fn line() -> impl Strategy<Value = &'static str> {
    prop_oneof![19 => prop::sample::select(PLAIN), 1 => prop::sample::select(OTHER)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_read_by_line_has_the_facts_of_its_tree(
        lines in prop::collection::vec(line(), 1..12),
        guarded in any::<bool>(),
        ended in prop::sample::select(vec!["", "\n", "\n\n", " "]),
        cpp in any::<bool>(),
    ) {
        let body = lines.join("\n");
        let source =
            if guarded { format!("#ifndef A_H\n#define A_H\n{body}\n#endif{ended}") } else { format!("{body}{ended}") };
        let language = if cpp { Language::Cpp } else { Language::C };
        if let Some(facts) = by_line(language, &source) {
            prop_assert_eq!(Some(facts), by_tree(language, &source));
        }
    }
}

#[test]
fn registers_are_read_by_line() {
    let source = "/* Registers. */\n#ifndef A_H\n#define A_H\n\n/* The first. */\n#define REG_A 0x10\n\
                  #ifdef WIDE\n#define REG_B (REG_A + 8) // wide\n#else\n#define REG_B (REG_A + 4)\n#endif\n#endif\n";
    let facts = by_line(Language::C, source);
    assert_eq!(facts.as_ref().map(|facts| facts.declarations.definitions.len()), Some(4));
    assert_eq!(facts, by_tree(Language::C, source));
    assert_eq!(by_line(Language::C, "#define A 1\nint a;\n"), None, "a declaration takes a tree");
    assert_eq!(by_line(Language::C, "#ifdef A\n#define B 1\n"), None, "a condition without its end is an error");
}
