//! Swift: the files of a module share all names, extensions add to types wherever they stand, members need nothing before them.

use crate::kinds::Language;

use super::super::rules::{PLAIN, Rules};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Swift],
    selves: &["self"],
    supers: &["super"],
    classes: &["Self"],
    constructor_call: Some("init"),
    extends_foreign: true,
    has_impls: true,
    has_implicit_self: true,
    has_hidden_names: true,
    is_global: true,
    has_member_variants: true,
    common_members: COMMON,
    anything: &["Any", "AnyObject"],
    ..PLAIN
};

/// Members of the types of the language itself.
const COMMON: &[&str] = &[
    "append",
    "compactMap",
    "contains",
    "count",
    "description",
    "dropFirst",
    "enumerated",
    "filter",
    "first",
    "flatMap",
    "forEach",
    "hash",
    "hasPrefix",
    "id",
    "index",
    "init",
    "insert",
    "isEmpty",
    "joined",
    "keys",
    "last",
    "map",
    "max",
    "min",
    "name",
    "next",
    "prefix",
    "reduce",
    "remove",
    "removeAll",
    "removeValue",
    "replace",
    "reversed",
    "sort",
    "sorted",
    "split",
    "subtract",
    "suffix",
    "value",
    "values",
    "write",
];
