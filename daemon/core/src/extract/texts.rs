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
    /// Of its text outside of the definitions in it, without blanks and separators.
    own: u64,
    /// Of all its text.
    whole: Folding,
    has_inner: bool,
}

/// Sets the hash of each definition; extents are in the same order. Takes as long as the text is, however deep it is nested.
pub(super) fn hash(source: &[u8], extents: &[Extent], definitions: &mut [Definition]) {
    let mut order: Vec<usize> = (0..definitions.len().min(extents.len())).collect();
    order.sort_by_key(|id| (extents[*id].start, u32::MAX - extents[*id].end, *id));
    let mut open: Vec<Open> = Vec::new();
    let mut twins: Vec<(usize, usize)> = Vec::new();
    for id in order {
        let (start, mut end) = (extents[id].start as usize, extents[id].end as usize);
        while let Some(inner) = open.pop_if(|inner| inner.end <= start) {
            close(source, inner, &mut open, definitions);
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
        }
        open.push(Open { id, end, at: start, own: FNV_OFFSET, whole: Folding::unseeded(), has_inner: false });
    }
    while let Some(inner) = open.pop() {
        close(source, inner, &mut open, definitions);
    }
    for (id, twin) in twins {
        definitions[id].text_hash = definitions[twin].text_hash;
    }
}

fn close(source: &[u8], mut inner: Open, open: &mut [Open], definitions: &mut [Definition]) {
    inner.take(source, inner.end);
    let whole = inner.whole.finish();
    let definition = &mut definitions[inner.id];
    let hash = if is_container(definition.kind, inner.has_inner) { inner.own } else { whole };
    definition.text_hash = (hash ^ hash >> 32) as u32;
    if let Some(around) = open.last_mut() {
        around.whole.write_u64(whole);
        around.at = around.at.max(inner.end);
    }
}

/// Whether what stands inside a definition of that kind is no text of its own.
fn is_container(kind: SymbolKind, has_inner: bool) -> bool {
    let is_place = matches!(kind, SymbolKind::Module | SymbolKind::Package | SymbolKind::Namespace);
    has_members(kind) || is_place || has_inner && !has_locals(kind)
}

impl Open {
    /// Hashes its text up to a place.
    fn take(&mut self, source: &[u8], to: usize) {
        let text = source.get(self.at..to.max(self.at)).unwrap_or_default();
        self.at = self.at.max(to);
        let text = match memchr::memchr(b'\r', text) {
            Some(_) => Cow::Owned(text.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>()),
            None => Cow::Borrowed(text),
        };
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';');
        for word in text.split(is_between) {
            self.own = fnv(self.own, word);
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
}
