//! Sentences for answers without a row: what was asked left nothing, or there is nothing to find.

use std::collections::BTreeSet;

use crate::kinds::SymbolKind;
use crate::resolve::World;
use crate::store::StoreError;

use super::target::Meant;

/// One filter of a question as it was given: `kind class or struct`; nothing if it was not.
pub(super) fn filter<T: AsRef<str>>(what: &str, values: impl IntoIterator<Item = T>) -> Option<String> {
    let values: Vec<String> = values.into_iter().map(|value| value.as_ref().to_owned()).collect();
    (!values.is_empty()).then(|| format!("{what} {}", values.join(" or ")))
}

/// The filter by kinds, if it was given.
pub(super) fn of_kinds(kinds: &[SymbolKind]) -> Option<String> {
    filter("kind", kinds.iter().map(|kind| kind.name()))
}

/// The filters that were given, in one row of words.
pub(super) fn joined(filters: &[String]) -> String {
    filters.join(" and ")
}

/// Says that what was asked for leaves nothing of something.
pub(super) fn left_nothing(filters: &[String], of: &str) -> String {
    format!("{} nothing of {of}", leave(filters))
}

/// Says that what was asked for leaves none of a kind of thing.
pub(super) fn left_none(filters: &[String], what: &str) -> String {
    format!("{} no {what}", leave(filters))
}

fn leave(filters: &[String]) -> String {
    let verb = if filters.len() == 1 { "leaves" } else { "leave" };
    format!("{} {verb}", joined(filters))
}

/// What the definitions are that are meant; empty if none is.
pub(super) fn kinds_of(world: &World<'_>, meant: &Meant) -> Result<BTreeSet<SymbolKind>, StoreError> {
    let mut kinds = BTreeSet::new();
    for symbol in meant.found.definitions() {
        kinds.extend(world.kind(symbol)?);
    }
    Ok(kinds)
}

/// `a function`, `an enum`.
pub(super) fn a(kind: SymbolKind) -> String {
    let name = kind.name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_that_were_given_are_named() {
        assert_eq!(filter("language", Vec::<String>::new()), None);
        let filters: Vec<String> =
            [of_kinds(&[SymbolKind::Class, SymbolKind::Enum]), of_kinds(&[]), filter("path", ["*.py"])]
                .into_iter()
                .flatten()
                .collect();
        assert_eq!(joined(&filters), "kind class or enum and path *.py");
        assert_eq!(left_nothing(&filters[1..], "calls of x"), "path *.py leaves nothing of calls of x");
        assert_eq!([a(SymbolKind::Enum), a(SymbolKind::Function)], ["an enum", "a function"]);
    }
}
