//! What the packed form must hold for any facts, and what it must refuse.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::facts::{ARGUMENTS_MAX, Binding, Definition, Position, Reference};
use crate::kinds::{BindingKind, Role, SymbolKind};

fn position() -> impl Strategy<Value = Position> {
    let column = (any::<u32>(), any::<u32>(), any::<bool>());
    (any::<u32>(), column).prop_map(|(line, (column, other, same))| Position {
        line,
        column,
        column_utf16: if same { column } else { other },
    })
}

prop_compose! {
    fn definition()(
        (name, container, of) in any::<(Index, Option<Index>, Option<Index>)>(),
        kind in select(SymbolKind::ALL),
        declaration: bool,
        position in position(),
        (start_line, end_line) in any::<(u32, u32)>(),
        (signature, doc, type_text) in (".{0,9}", ".{0,9}", "[=a-c.]{0,3}"),
        bases in vec("[a-c.]{1,3}", 0..3),
        text_hash: u32,
    ) -> (Index, Option<Index>, Option<Index>, Definition) {
        let definition = Definition {
            name: 0, kind, declaration, position, start_line, end_line, container: None, of: None, signature, doc, type_text, bases, text_hash,
        };
        (name, container, of, definition)
    }
}

prop_compose! {
    fn import()(
        (module, name, alias) in (".{0,9}", ".{0,9}", ".{0,9}"),
        position in position(),
        (enclosing, exported) in any::<(Option<Index>, bool)>(),
    ) -> (Option<Index>, Import) {
        (enclosing, Import { module, name, alias, position, enclosing: None, exported })
    }
}

type RawReference = (Index, Role, Position, Option<Index>, Option<Index>, Option<u8>);
type RawBinding = (BindingKind, Index, Index, Index, Option<Index>);

fn reference() -> impl Strategy<Value = RawReference> {
    let arguments = proptest::option::of(0..=ARGUMENTS_MAX);
    (any::<Index>(), select(Role::ALL), position(), any::<Option<Index>>(), any::<Option<Index>>(), arguments)
}

fn binding() -> impl Strategy<Value = RawBinding> {
    (select(BindingKind::ALL), any::<Index>(), any::<Index>(), any::<Index>(), any::<Option<Index>>())
}

fn within(index: Option<Index>, length: usize) -> Option<u32> {
    index.filter(|_| length > 0).map(|index| index.index(length) as u32)
}

prop_compose! {
    fn facts()(
        // Sorted, as they come back.
        names in proptest::collection::btree_set("[a-zé]{1,4}", 1..9),
        texts in vec("[a-c.?]{0,4}", 0..4),
        definitions in vec(definition(), 0..9),
        references in vec(reference(), 0..30),
        bindings in vec(binding(), 0..9),
        imports in vec(import(), 0..4),
        outside_hash: u32,
        lexical: bool,
    ) -> Facts {
        let names: Vec<String> = names.into_iter().collect();
        let definitions: Vec<Definition> = definitions.into_iter().enumerate().map(|(id, (name, container, of, definition))| Definition {
            name: name.index(names.len()) as NameId,
            container: within(container, id),
            of: within(of, names.len()),
            ..definition
        }).collect();
        let references: Vec<Reference> = references.into_iter().map(|(name, role, position, enclosing, receiver, arguments)| Reference {
            name: name.index(names.len()) as NameId,
            role, position,
            enclosing: within(enclosing, definitions.len()),
            receiver: within(receiver, texts.len()),
            arguments,
        }).collect();
        let has_references = !references.is_empty();
        let mut bindings: Vec<Binding> = bindings.into_iter().filter(|_| has_references).map(|(kind, at, a, b, text)| {
            let (a, b) = (a.index(references.len() + 1) as u32, b.index(references.len() + 1) as u32);
            Binding { kind, at: at.index(references.len()) as u32, from: a.min(b), to: a.max(b), type_text: within(text, texts.len()) }
        }).collect();
        bindings.sort_by_key(|binding| binding.at);
        let imports = imports.into_iter().map(|(enclosing, import)| Import {
            enclosing: within(enclosing, definitions.len()), ..import
        }).collect();
        let occurrences = Occurrences { texts, references, bindings };
        Facts { names, declarations: Declarations { definitions, imports, outside_hash }, occurrences, syntax_errors: false, lexical }
    }
}

/// What facts say once names are texts: packing adds names by which imports are found, and so may give all others new numbers.
fn with_names(facts: &Facts) -> impl PartialEq + std::fmt::Debug + use<> {
    let text = |name: NameId| facts.names[name as usize].clone();
    let definitions: Vec<_> = facts
        .declarations
        .definitions
        .iter()
        .map(|definition| {
            let anonymous = Definition { name: 0, of: None, ..definition.clone() };
            (text(definition.name), definition.of.map(text), anonymous)
        })
        .collect();
    let references: Vec<_> = facts
        .occurrences
        .references
        .iter()
        .map(|reference| (text(reference.name), Reference { name: 0, ..*reference }))
        .collect();
    let rest =
        (facts.declarations.imports.clone(), facts.occurrences.texts.clone(), facts.occurrences.bindings.clone());
    (definitions, references, rest, facts.lexical)
}

fn unpacked(bytes: &[u8]) -> Result<Facts, UnpackError> {
    PackedFacts::check(bytes)?.unpack()
}

proptest! {
    #[test]
    fn what_was_packed_is_unpacked(facts in facts()) {
        let unpacked = unpacked(&facts.clone().pack());
        prop_assert_eq!(unpacked.as_ref().map(with_names), Ok(with_names(&facts)));
    }

    #[test]
    fn names_say_what_is_done_with_them(facts in facts()) {
        let packed = PackedFacts::check(&facts.clone().pack());
        let Ok(packed) = packed else { return Err(TestCaseError::fail("it was packed")) };
        let uses: HashMap<&str, NameUses> = packed.names().collect();
        let has = |name: &str, what| uses.get(name).is_some_and(|uses| uses.has(what));
        let text = |name: NameId| facts.names[name as usize].as_str();
        for name in facts.names.iter().map(String::as_str) {
            let defined = facts.declarations.definitions.iter().any(|definition| text(definition.name) == name);
            let mentioned = facts.occurrences.references.iter().any(|reference| text(reference.name) == name);
            prop_assert_eq!(has(name, NameUses::DEFINES), defined);
            prop_assert_eq!(has(name, NameUses::MENTIONS), mentioned);
        }
        for import in &facts.declarations.imports {
            prop_assert!(import.name.is_empty() || import.name == "*" || has(&import.name, NameUses::IMPORTS));
            prop_assert!(import.module == OWN_MODULE || has(module_key(&import.module), NameUses::IMPORTS));
            let is_renamed = !import.alias.is_empty() && import.own_name() != OWN_MODULE;
            prop_assert!(!is_renamed || has(import.own_name(), NameUses::RENAMES));
        }
    }

    #[test]
    fn every_prefix_and_every_changed_byte_is_survived(facts in facts(), at: Index, byte: u8) {
        let mut packed = facts.pack();
        let at = at.index(packed.len());
        let _ = unpacked(&packed[..at]);
        packed[at] = byte;
        let _ = unpacked(&packed);
    }

    #[test]
    fn garbage_never_panics(mut bytes in vec(any::<u8>(), 0..200)) {
        let _ = unpacked(&bytes);
        bytes.insert(0, FORMAT);
        let _ = unpacked(&bytes);
    }
}

#[test]
fn unknown_sections_are_skipped() {
    let facts = Facts { names: vec!["a".into()], ..Facts::default() };
    let mut packed = facts.clone().pack();
    put(&mut packed, 99);
    put_bytes(&mut packed, b"of a later version");
    assert_eq!(unpacked(&packed), Ok(facts));
}

#[test]
fn lies_are_refused() {
    assert_eq!(unpacked(&[]), Err(UnpackError::Malformed(Malformed)));
    assert_eq!(unpacked(&[9]), Err(UnpackError::Format(9)));
    let huge_count = [FORMAT, SECTION_NAMES as u8, 5, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(unpacked(&huge_count), Err(UnpackError::Malformed(Malformed)));
    let reference = |name| Reference {
        name,
        role: Role::Read,
        position: Position::default(),
        enclosing: None,
        receiver: None,
        arguments: None,
    };
    let packed_with = |reference: Reference| {
        let occurrences = Occurrences { references: vec![reference], ..Occurrences::default() };
        let mut out = vec![FORMAT];
        put_section(&mut out, SECTION_NAMES, &pack_names(&["a".into()], &[NameUses::MENTIONS]));
        put_section(&mut out, SECTION_DECLARATIONS, &declarations::pack(&Declarations::default()));
        put_section(&mut out, SECTION_OCCURRENCES, &occurrences::pack(&occurrences));
        out
    };
    assert!(unpacked(&packed_with(reference(0))).is_ok());
    assert_eq!(unpacked(&packed_with(reference(3))), Err(UnpackError::Dangling));
    let enclosed = Reference { enclosing: Some(0), ..reference(0) };
    assert_eq!(unpacked(&packed_with(enclosed)), Err(UnpackError::Dangling));
    let unsorted = {
        let mut out = vec![FORMAT];
        put_section(&mut out, SECTION_NAMES, &pack_names(&["b".into(), "a".into()], &[NameUses::default(); 2]));
        put_section(&mut out, SECTION_DECLARATIONS, &declarations::pack(&Declarations::default()));
        put_section(&mut out, SECTION_OCCURRENCES, &occurrences::pack(&Occurrences::default()));
        out
    };
    assert_eq!(unpacked(&unsorted), Err(UnpackError::Dangling));
}
