//! What changed between two states of a file: its definitions are matched by qualified name and kind. Nothing is guessed: what was
//! renamed or moved is removed there and added here.

use std::collections::HashMap;

use crate::facts::{Defined, Outline};
use crate::kinds::{Language, SymbolKind};
use crate::store::ContentHash;

/// A file at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Its language.
    pub language: Option<Language>,
    /// What is in it.
    pub content: Content,
}

/// What is in a file, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// There is no such file.
    Absent,
    /// It has no structure.
    Plain(ContentHash),
    /// Its structure is not known yet.
    Unparsed(ContentHash),
    /// It was not read to its end, being binary or too large; the hash is of its size and time.
    Unread(ContentHash),
    /// Its definitions, and what stands outside of them.
    Parsed(ContentHash, Outline),
    /// What it defines cannot be known; why, as a fragment.
    Unknown(ContentHash, String),
}

/// How something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is declared differently.
    Signature,
    /// It is declared as before, and its text is another.
    Body,
    /// Something in the file changed, and it cannot be told what.
    NotCompared,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How it changed.
    pub kind: ChangeKind,
    /// The definition as it was; `None` = it was not there, or the change is of the file as a whole.
    pub before: Option<Defined>,
    /// As it is.
    pub after: Option<Defined>,
    /// Why nothing better can be said, as a fragment; may be empty.
    pub reason: String,
}

impl Content {
    fn hash(&self) -> Option<ContentHash> {
        match self {
            Content::Absent => None,
            Content::Plain(hash)
            | Content::Unread(hash)
            | Content::Unparsed(hash)
            | Content::Parsed(hash, _)
            | Content::Unknown(hash, _) => Some(*hash),
        }
    }
}

/// What changed in a file. A change of the file as a whole is told where its text outside of definitions is another, or
/// where none of a definition is told.
pub fn compare(before: Content, after: Content) -> Vec<Change> {
    let is_same_text = before.hash() == after.hash();
    let whole = |kind| vec![of_file(kind, String::new())];
    let or_whole = |changes: Vec<Change>, kind| {
        if changes.is_empty() { whole(kind) } else { changes }
    };
    match (before, after) {
        // Of what was not parsed nothing was known: to whoever asked then, its definitions are new.
        (Content::Unparsed(_), Content::Parsed(_, defined)) if is_same_text => added(defined.definitions),
        _ if is_same_text => Vec::new(),
        (Content::Absent, Content::Parsed(_, defined)) => or_whole(added(defined.definitions), ChangeKind::Added),
        (Content::Parsed(_, defined), Content::Absent) => or_whole(removed(defined.definitions), ChangeKind::Removed),
        (Content::Absent, Content::Unknown(_, reason)) => vec![of_file(ChangeKind::Added, reason)],
        (Content::Absent, _) => whole(ChangeKind::Added),
        (_, Content::Absent) => whole(ChangeKind::Removed),
        (Content::Unknown(_, reason), _) | (_, Content::Unknown(_, reason)) => {
            vec![of_file(ChangeKind::NotCompared, reason)]
        }
        (_, Content::Unparsed(_)) => vec![of_file(ChangeKind::NotCompared, "it is not parsed yet".into())],
        (Content::Parsed(_, before), Content::Parsed(_, after)) => {
            let is_same_outside = before.outside_hash == after.outside_hash;
            let mut changes = compare_definitions(before.definitions, after.definitions);
            if changes.is_empty() || !is_same_outside {
                changes.push(of_file(ChangeKind::Body, String::new()));
            }
            changes
        }
        (Content::Plain(_) | Content::Unparsed(_), Content::Parsed(_, defined)) => {
            or_whole(added(defined.definitions), ChangeKind::Body)
        }
        (Content::Parsed(_, defined), Content::Plain(_)) => or_whole(removed(defined.definitions), ChangeKind::Body),
        // What it defined, or defines now, cannot be told.
        (Content::Unread(_), Content::Parsed(..)) | (Content::Parsed(..), Content::Unread(_)) => {
            vec![of_file(ChangeKind::NotCompared, "it is, or was, too large or binary".into())]
        }
        (Content::Plain(_) | Content::Unparsed(_) | Content::Unread(_), Content::Plain(_) | Content::Unread(_)) => {
            whole(ChangeKind::Body)
        }
    }
}

fn of_file(kind: ChangeKind, reason: String) -> Change {
    Change { kind, before: None, after: None, reason }
}

fn added(defined: Vec<Defined>) -> Vec<Change> {
    let change = |after| Change { kind: ChangeKind::Added, before: None, after: Some(after), reason: String::new() };
    defined.into_iter().map(change).collect()
}

fn removed(defined: Vec<Defined>) -> Vec<Change> {
    let change =
        |before| Change { kind: ChangeKind::Removed, before: Some(before), after: None, reason: String::new() };
    defined.into_iter().map(change).collect()
}

/// Definitions of one qualified name and kind, which are several where functions are overloaded.
#[derive(Default)]
struct Namesakes {
    before: Vec<Defined>,
    after: Vec<Defined>,
}

fn compare_definitions(before: Vec<Defined>, after: Vec<Defined>) -> Vec<Change> {
    let mut by_name: HashMap<(String, SymbolKind), Namesakes> = HashMap::new();
    for defined in before {
        by_name.entry((defined.qualified.clone(), defined.kind)).or_default().before.push(defined);
    }
    for defined in after {
        by_name.entry((defined.qualified.clone(), defined.kind)).or_default().after.push(defined);
    }
    by_name.into_values().flat_map(Namesakes::compare).collect()
}

impl Namesakes {
    /// Those that are alike belong together, then those that are declared alike, then the first to the first.
    fn compare(mut self) -> Vec<Change> {
        self.pair(|defined| (Some(defined.text_hash), defined.signature.clone()));
        let bodies = self.pair(|defined| (None, defined.signature.clone()));
        let signatures = self.pair(|_| (None, String::new()));
        let changed = |kind| {
            move |(before, after)| Change { kind, before: Some(before), after: Some(after), reason: String::new() }
        };
        let bodies = bodies.into_iter().map(changed(ChangeKind::Body));
        let signatures = signatures.into_iter().map(changed(ChangeKind::Signature));
        let rest = removed(self.before).into_iter().chain(added(self.after));
        bodies.chain(signatures).chain(rest).collect()
    }

    /// Takes out the pairs that are alike by a key, in their order.
    fn pair(&mut self, key: impl Fn(&Defined) -> (Option<u32>, String)) -> Vec<(Defined, Defined)> {
        let mut waiting: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, defined) in self.after.iter().enumerate().rev() {
            waiting.entry(key(defined)).or_default().push(place);
        }
        let mut partners: Vec<Option<usize>> =
            self.before.iter().map(|defined| waiting.get_mut(&key(defined))?.pop()).collect();
        let mut after: Vec<Option<Defined>> = std::mem::take(&mut self.after).into_iter().map(Some).collect();
        let mut pairs = Vec::new();
        for (defined, partner) in std::mem::take(&mut self.before).into_iter().zip(partners.drain(..)) {
            match partner.and_then(|place| after.get_mut(place)?.take()) {
                Some(other) => pairs.push((defined, other)),
                None => self.before.push(defined),
            }
        }
        self.after = after.into_iter().flatten().collect();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Position;

    fn defined(name: &str, signature: &str, text_hash: u32) -> Defined {
        Defined {
            name: name.into(),
            qualified: name.into(),
            kind: SymbolKind::Function,
            declaration: false,
            position: Position::default(),
            signature: signature.into(),
            text_hash,
        }
    }

    fn changes(before: &[Defined], after: &[Defined]) -> Vec<String> {
        let parsed =
            |hash, all: &[Defined]| Content::Parsed([hash; 16], Outline { outside_hash: 0, definitions: all.to_vec() });
        let (before, after) = (parsed(1, before), parsed(2, after));
        let mut told: Vec<String> = compare(before, after).iter().map(tell).collect();
        told.sort();
        told
    }

    fn tell(change: &Change) -> String {
        let signature = |side: &Option<Defined>| side.as_ref().map(|it| it.signature.clone()).unwrap_or_default();
        format!("{:?} {}>{}", change.kind, signature(&change.before), signature(&change.after))
    }

    #[test]
    fn overloads_are_matched_by_what_is_alike() {
        let before = [defined("f", "f(a)", 1), defined("f", "f(b)", 2), defined("f", "f(c)", 3)];
        let moved = [before[2].clone(), before[0].clone(), before[1].clone()];
        assert_eq!(changes(&before, &moved), ["Body >"], "the file, whose definitions are what they were");
        let edited = [defined("f", "f(b)", 9), defined("f", "f(c)", 3), defined("f", "f(a, x)", 1)];
        assert_eq!(changes(&before, &edited), ["Body f(b)>f(b)", "Signature f(a)>f(a, x)"]);
        assert_eq!(changes(&before, &before[..2]), ["Removed f(c)>"]);
        assert_eq!(changes(&before[1..], &before), ["Added >f(a)"]);
        let alike = vec![defined("f", "f()", 1); 3];
        assert_eq!(changes(&alike, &alike[..1]), ["Removed f()>", "Removed f()>"]);
    }

    #[test]
    fn files_are_told_where_no_definition_is() {
        let (one, two) = ([1; 16], [2; 16]);
        let outline = Outline { outside_hash: 7, definitions: vec![defined("f", "f()", 1)] };
        let parsed = |hash| Content::Parsed(hash, outline.clone());
        let unknown = |hash| Content::Unknown(hash, "it crashed".into());
        let told = |before: Content, after: Content| compare(before, after).iter().map(tell).collect::<Vec<_>>();
        assert_eq!(told(Content::Absent, Content::Plain(one)), ["Added >"]);
        assert_eq!(told(Content::Absent, parsed(one)), ["Added >f()"]);
        assert_eq!(told(Content::Absent, Content::Parsed(one, Outline::default())), ["Added >"]);
        assert_eq!(told(Content::Plain(one), Content::Absent), ["Removed >"]);
        assert_eq!(told(parsed(one), Content::Absent), ["Removed f()>"]);
        assert_eq!(told(Content::Plain(one), Content::Plain(two)), ["Body >"]);
        assert_eq!(told(parsed(one), Content::Plain(two)), ["Removed f()>"]);
        let edited = Outline { outside_hash: 8, definitions: vec![defined("f", "f()", 2)] };
        assert_eq!(told(parsed(one), Content::Parsed(two, edited)), ["Body f()>f()", "Body >"]);
        assert_eq!(told(Content::Unread(one), Content::Unread(two)), ["Body >"]);
        assert_eq!(told(parsed(one), Content::Unread(two)), ["NotCompared >"]);
        assert_eq!(told(Content::Unparsed(one), parsed(one)), ["Added >f()"]);
        assert_eq!(told(unknown(one), parsed(two)), ["NotCompared >"]);
        assert_eq!(told(parsed(one), unknown(two)), ["NotCompared >"]);
        assert_eq!(told(Content::Absent, unknown(one)), ["Added >"]);
        for same in [Content::Absent, Content::Plain(one), parsed(one), unknown(one)] {
            assert!(told(same.clone(), same).is_empty());
        }
    }
}
