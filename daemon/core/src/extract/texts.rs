//! A hash of the text of each definition, by which a changed one is told from one that only moved.
//!
//! A function's is of all that stands in it. A class's, or that of anything else that holds definitions, leaves out what belongs to
//! those: who adds a method has changed the method and not the class. Line ends count as one whichever they are, because a version
//! control system may turn one into the other.

use std::borrow::Cow;
use std::hash::Hasher as _;
use std::ops::Range;

use super::scene::{has_locals, has_members};
use crate::facts::Definition;
use crate::fnv::{FNV_OFFSET, fnv};
use crate::hash::Folding;
use crate::kinds::SymbolKind;

/// Bytes of a definition, with the comments and decorators above it.
pub(super) type Extent = Range<u32>;

/// A definition around the place that was come to.
struct Open {
    id: usize,
    end: usize,
    /// How far its text was hashed.
    at: usize,
    /// Of its text outside of the definitions in it, without blanks and separators; nothing where only all of it counts.
    own: Option<u64>,
    /// Of all its text.
    whole: Folding,
    has_inner: bool,
}

/// Sets the hash of each definition, and returns that of the text outside of all; extents are in the same order. Takes as long as the
/// text is, however deep it is nested.
pub(super) fn hash(source: &[u8], extents: &[Extent], definitions: &mut [Definition]) -> u32 {
    let mut order: Vec<usize> = (0..definitions.len().min(extents.len())).collect();
    order.sort_by_key(|id| (extents[*id].start, u32::MAX - extents[*id].end, *id));
    let mut outside = Open::new(usize::MAX, 0..source.len(), true);
    let mut open: Vec<Open> = Vec::new();
    let mut twins: Vec<(usize, usize)> = Vec::new();
    for id in order {
        let (start, mut end) = (extents[id].start as usize, extents[id].end as usize);
        while let Some(inner) = open.pop_if(|inner| inner.end <= start) {
            close(source, inner, open.last_mut().unwrap_or(&mut outside), definitions);
        }
        if let Some(around) = open.last_mut() {
            // Several names of one statement have one text.
            if extents[around.id] == extents[id] {
                twins.push((id, around.id));
                continue;
            }
            around.take(source, start);
            around.has_inner = true;
            end = end.min(around.end);
        } else {
            outside.take(source, start);
        }
        let may_contain = is_container(definitions[id].kind, true);
        open.push(Open::new(id, start..end, may_contain));
    }
    while let Some(inner) = open.pop() {
        close(source, inner, open.last_mut().unwrap_or(&mut outside), definitions);
    }
    for (id, twin) in twins {
        definitions[id].text_hash = definitions[twin].text_hash;
    }
    outside.take(source, source.len());
    folded(outside.own.unwrap_or_default())
}

fn folded(hash: u64) -> u32 {
    (hash ^ hash >> 32) as u32
}

fn close(source: &[u8], mut inner: Open, around: &mut Open, definitions: &mut [Definition]) {
    inner.take(source, inner.end);
    let whole = inner.whole.finish();
    let definition = &mut definitions[inner.id];
    let hash = inner.own.filter(|_| is_container(definition.kind, inner.has_inner)).unwrap_or(whole);
    definition.text_hash = folded(hash);
    around.whole.write_u64(whole);
    around.at = around.at.max(inner.end);
}

/// Whether what stands inside a definition of that kind is no text of its own.
fn is_container(kind: SymbolKind, has_inner: bool) -> bool {
    let is_place = matches!(kind, SymbolKind::Module | SymbolKind::Package | SymbolKind::Namespace);
    has_members(kind) || is_place || has_inner && !has_locals(kind)
}

impl Open {
    fn new(id: usize, text: Range<usize>, may_contain: bool) -> Open {
        let (own, whole) = (may_contain.then_some(FNV_OFFSET), Folding::unseeded());
        Open { id, end: text.end, at: text.start, own, whole, has_inner: false }
    }

    /// Hashes its text up to a place.
    fn take(&mut self, source: &[u8], to: usize) {
        let text = source.get(self.at..to.max(self.at)).unwrap_or_default();
        self.at = self.at.max(to);
        let text = match memchr::memchr(b'\r', text) {
            Some(_) => Cow::Owned(text.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>()),
            None => Cow::Borrowed(text),
        };
        if let Some(own) = &mut self.own {
            let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';');
            *own = text.split(is_between).fold(*own, fnv);
        }
        // What follows a definition up to the next is part of some trees' nodes and not of others'.
        let text = if to == self.end { text.trim_ascii_end() } else { &text };
        self.whole.write(text);
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::kinds::Language;

    /// The names whose text differs between two sources, of those that both have.
    fn changed(language: Language, before: &str, after: &str) -> Vec<String> {
        let hashes = |source: &str| {
            let facts = extract(language, source.as_bytes());
            let named = facts.declarations.definitions.iter();
            named.map(|it| (facts.names[it.name as usize].clone(), it.text_hash)).collect::<Vec<_>>()
        };
        let after = hashes(after);
        let differs = |(name, hash): &(String, u32)| after.iter().any(|(other, now)| other == name && now != hash);
        hashes(before).into_iter().filter(differs).map(|(name, _)| name).collect()
    }

    const PYTHON: &str = "class Pump:\n    rate = 1\n\n    def start(self):\n        return 'on'\n\n    def stop(self):\n        pass\n\n\ndef run():\n    def inner():\n        return 1\n    return inner\n";

    #[test]
    fn a_definition_has_the_hash_of_its_text() {
        let edited = |from: &str, to: &str| {
            assert!(PYTHON.contains(from), "{from}");
            changed(Language::Python, PYTHON, &PYTHON.replace(from, to))
        };
        assert!(edited("class", "# moved\n\n\nclass").is_empty(), "lines above");
        assert!(edited("\n", "\r\n").is_empty(), "line ends");
        assert_eq!(edited("'on'", "'off'"), ["start"], "the class is what it was");
        assert_eq!(edited("pass", "pass  # soon"), ["stop"]);
        assert_eq!(edited("    def stop", "    @cached\n    def stop"), ["stop"]);
        assert_eq!(edited("return 1", "return 2"), ["run", "inner"], "what is in a function is of it");
        assert_eq!(edited("rate = 1", "rate = 2"), ["rate"]);
        assert_eq!(edited("class Pump:", "class Pump(Base):"), ["Pump"]);
        assert!(
            edited("    def stop", "    def pause(self):\n        pass\n\n    def stop").is_empty(),
            "a new method"
        );
        assert!(edited("\n    def stop(self):\n        pass\n", "").is_empty(), "a method less");
    }

    #[test]
    fn documentation_and_attributes_belong_to_what_they_stand_above() {
        let before =
            "/// Kinds.\npub enum Kind {\n    /// First.\n    A,\n}\n\nmod inner {\n    use a::b;\n    fn f() {}\n}\n";
        let edited = |from: &str, to: &str| changed(Language::Rust, before, &before.replace(from, to));
        assert_eq!(edited("First", "The first"), ["A"]);
        assert_eq!(edited("Kinds", "All kinds"), ["Kind"]);
        assert_eq!(edited("pub enum", "#[derive(Debug)]\npub enum"), ["Kind"]);
        assert!(edited("    A,\n", "    A,\n    /// Second.\n    #[default]\n    B,\n").is_empty());
        assert_eq!(edited("a::b", "a::c"), ["inner"]);
        assert_eq!(edited("fn f() {}", "fn f() { g() }"), ["f"]);
        let empty = before.replace("    /// First.\n    A,\n", "");
        assert!(changed(Language::Rust, &empty, before).is_empty(), "the first variant");
    }

    #[test]
    fn names_of_one_statement_share_its_text() {
        let before = "int first = 1, second = 2;\nstruct Point { int x; } origin;\n";
        let edited = |from: &str, to: &str| changed(Language::C, before, &before.replace(from, to));
        assert_eq!(edited("= 2", "= 3"), ["first", "second"]);
        assert_eq!(edited("int x", "long x"), ["x"]);
    }

    /// Whether the text outside of all definitions differs.
    fn is_other_outside(language: Language, before: &str, after: &str) -> bool {
        let [before, after] = [before, after].map(|text| extract(language, text.as_bytes()).declarations.outside_hash);
        before != after
    }

    /// A source with a line outside of definitions; that line, edited; a place before which, and a definition that, something new comes.
    const OUTSIDE: &[(Language, &str, &str, &str, &str, &str)] = &[
        (
            Language::Rust,
            "//! A pump.\n\nuse a::b;\n\n/// Runs.\nfn run() {}\n\nstruct Pump;\n\nimpl Pump {\n    fn start(&self) {}\n}\n",
            "use a::b;",
            "use a::c;",
            "    fn start",
            "    /// Stops.\n    #[inline]\n    fn stop(&self) {}\n\n",
        ),
        (
            Language::Rust,
            "use a::b;\n\nfn run() {}\n",
            "use a::b;",
            "use a::{b, c};",
            "fn run",
            "/// Walks.\n#[test]\npub fn walk() {}\n\n",
        ),
        (
            Language::Python,
            PYTHON,
            "",
            "import os\n",
            "    def stop",
            "    @cached\n    def pause(self):\n        pass\n\n",
        ),
        (
            Language::Python,
            "import os\n\n\ndef run():\n    pass\n\n\nrun()\n",
            "\nrun()",
            "\nrun(1)",
            "def run",
            "# Walks.\n@cached\ndef walk():\n    pass\n\n\n",
        ),
        (
            Language::C,
            "#include <a.h>\n\nint run(void) { return 1; }\n",
            "<a.h>",
            "<b.h>",
            "int run",
            "/* Walks. */\nstatic int walk(void) { return 2; }\n\n",
        ),
        (
            Language::Cpp,
            "#include \"a.h\"\nusing namespace std;\n\nclass Pump {\n  void start();\n};\n",
            "using namespace std;",
            "using namespace boost;",
            "  void start",
            "  // Stops.\n  void stop();\n",
        ),
        (
            Language::CSharp,
            "using System;\n\nclass Pump\n{\n    void Start() { }\n}\n",
            "using System;",
            "using System.IO;",
            "    void Start",
            "    /// Stops.\n    [Obsolete]\n    void Stop() { }\n\n",
        ),
        (
            Language::Java,
            "import a.B;\n\nclass Pump {\n    void start() {}\n}\n",
            "import a.B;",
            "import a.C;",
            "    void start",
            "    /** Stops. */\n    @Override\n    void stop() {}\n\n",
        ),
        (
            Language::JavaScript,
            "import { a } from './a.js';\n\nexport class Pump {\n  start() {}\n}\n\na();\n",
            "\na();",
            "\na(1);",
            "export class",
            "/** Walks. */\nexport function walk() {}\n\n",
        ),
        (
            Language::TypeScript,
            "import { a } from './a';\n\nexport class Pump {\n  start(): void {}\n}\n",
            "import { a }",
            "import { a, b }",
            "  start()",
            "  @cached\n  stop(): void {}\n\n",
        ),
        (
            Language::Tsx,
            "import a from 'a';\n\nfunction Pump() { return <a/>; }\n",
            "from 'a'",
            "from 'b'",
            "function Pump",
            "export const Crane = () => <a/>;\n\n",
        ),
        (
            Language::Go,
            "package pump\n\nimport \"os\"\n\ntype Pump struct{}\n\nfunc (p *Pump) Start() {}\n",
            "\"os\"",
            "\"io\"",
            "func (p *Pump) Start",
            "// Stop stops.\nfunc (p *Pump) Stop() {}\n\n",
        ),
        (
            Language::Ruby,
            "require 'a'\n\nclass Pump\n  def start\n  end\nend\n",
            "require 'a'",
            "require 'b'",
            "  def start",
            "  # Stops.\n  def stop\n  end\n\n",
        ),
        (
            Language::Php,
            "<?php\n\nuse A\\B;\n\nclass Pump\n{\n    function start() {}\n}\n",
            "use A\\B;",
            "use A\\C;",
            "    function start",
            "    /** Stops. */\n    function stop() {}\n\n",
        ),
        (
            Language::Bash,
            "source a.sh\n\nrun() {\n  :\n}\n\nrun\n",
            "source a.sh",
            "source b.sh",
            "run() {",
            "# Walks.\nwalk() {\n  :\n}\n\n",
        ),
        (
            Language::Lua,
            "require('a')\n\nfunction run()\nend\n",
            "require('a')",
            "require('b')",
            "function run",
            "-- Walks.\nlocal function walk()\nend\n\n",
        ),
        (
            Language::Kotlin,
            "import a.B\n\nclass Pump {\n    fun start() {}\n}\n",
            "import a.B",
            "import a.C",
            "    fun start",
            "    /** Stops. */\n    @Test\n    fun stop() {}\n\n",
        ),
        (
            Language::Scala,
            "import a.B\n\nclass Pump {\n  def start(): Unit = {}\n}\n",
            "import a.B",
            "import a.C",
            "  def start",
            "  /** Stops. */\n  @inline\n  def stop(): Unit = {}\n\n",
        ),
        (
            Language::Swift,
            "import A\n\nclass Pump {\n    func start() {}\n}\n",
            "import A",
            "import B",
            "    func start",
            "    /// Stops.\n    @objc\n    func stop() {}\n\n",
        ),
        (
            Language::Dart,
            "import 'a.dart';\n\nclass Pump {\n  void start() {}\n}\n",
            "'a.dart'",
            "'b.dart'",
            "  void start",
            "  /// Stops.\n  @override\n  void stop() {}\n\n",
        ),
        (Language::Toml, "# Pumps.\n\n[pump]\nrate = 1\n", "# Pumps.", "# All pumps.", "rate", "pressure = 2\n"),
        (Language::Yaml, "# Pumps.\n\npump:\n  rate: 1\n", "# Pumps.", "# All pumps.", "  rate", "  pressure: 2\n"),
        (
            Language::Markdown,
            "Before.\n\n# Pumps\n\nText.\n",
            "Before.",
            "Before that.",
            "# Pumps",
            "# Cranes\n\nText.\n\n",
        ),
    ];

    #[test]
    fn what_stands_outside_of_definitions_has_a_hash_of_its_own() {
        for (language, source, line, edited, place, new) in OUTSIDE {
            let name = language.name();
            let edited = source.replacen(line, edited, 1);
            let longer = source.replacen(place, &format!("{new}{place}"), 1);
            assert!(edited != *source && longer != *source, "{name}: the edits are none");
            assert!(is_other_outside(*language, source, &edited), "{name}: an edit outside, {edited:?}");
            assert!(!is_other_outside(*language, source, &longer), "{name}: a definition more, {longer:?}");
            let spaced = source.replace('\n', "\r\n");
            assert!(!is_other_outside(*language, source, &spaced), "{name}: line ends");
        }
        let json = "{\n  \"rate\": 1\n}\n";
        assert!(!is_other_outside(Language::Json, json, &json.replace("  \"rate", "  \"pressure\": 2,\n  \"rate")));
    }
}
