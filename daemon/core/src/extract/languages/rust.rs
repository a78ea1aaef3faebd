//! Rust.

use tree_sitter::Node;

use super::{IMPORT_BYTES_MAX, field_text, import, text};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_rust::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[
        ("identifier", Role::Read),
        ("field_identifier", Role::Read),
        ("metavariable", Role::Read),
        ("primitive_type", Role::Type),
        ("shorthand_field_identifier", Role::Write),
        ("type_identifier", Role::Type),
    ],
    sigils: &["r#", "$"],
    keywords: &[],
    builtins: &[],
    words: &[],
    soft: &["default", "gen", "raw", "union"],
    nodes: &[DEFINITIONS, EXPRESSIONS, SCOPES, PATTERNS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "self",
    locals: Locals::DECLARED,
    wrappers: &["Arc", "Box", "Cow", "MutexGuard", "Pin", "Rc", "Ref", "RefMut", "RwLockReadGuard", "RwLockWriteGuard"],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"", doc_marks: &["///", "/**"], docstring: None },
    text: include_str!("rust.rs"),
};

const DEFINITIONS: &[Rule] = &[
    definition("mod_item", SymbolKind::Module, &["name"]).judge(module),
    definition("struct_item", SymbolKind::Struct, &["name"]),
    definition("union_item", SymbolKind::Union, &["name"]),
    definition("enum_item", SymbolKind::Enum, &["name"]),
    definition("enum_variant", SymbolKind::Variant, &["name"]),
    definition("field_declaration", SymbolKind::Field, &["name"]).typed("type"),
    definition("trait_item", SymbolKind::Trait, &["name"]).gives(&[("bounds", Give::Role(Role::Inherit))]),
    definition("impl_item", SymbolKind::Impl, &["type", "name", "trait", "element"])
        .gives(&[("trait", Give::Role(Role::Inherit))])
        .name_is_reference(),
    definition("function_item", SymbolKind::Function, &["name"]).member(SymbolKind::Method).typed("return_type"),
    definition("function_signature_item", SymbolKind::Function, &["name"])
        .member(SymbolKind::Method)
        .judge(signature)
        .typed("return_type"),
    definition("const_item", SymbolKind::Constant, &["name"]).typed("type"),
    definition("static_item", SymbolKind::Constant, &["name"]).typed("type"),
    definition("type_item", SymbolKind::Type, &["name"]).typed("type").block(),
    definition("associated_type", SymbolKind::Type, &["name"]),
    definition("macro_definition", SymbolKind::Macro, &["name"]).ends(End::Brace),
    node("use_declaration").all(Role::Import).imports(uses),
    node("extern_crate_declaration").all(Role::Import).imports(extern_crate),
    node("line_comment").form(Form::Comment),
    node("block_comment").form(Form::Comment),
    node("attribute_item").form(Form::Attribute),
    node("attribute").gives(&[("arguments", Give::Nothing), ("value", Give::Nothing)]).rest(Give::Role(Role::Decorate)),
];

const ARGUMENTS: Arguments = Arguments { field: "arguments", spread: &[], spread_alone: &[] };

const EXPRESSIONS: &[Rule] = &[
    path("scoped_identifier", "path", &[("name", Give::Inherit)]),
    path("field_expression", "value", &[("field", Give::Inherit)]),
    node("call_expression").gives(&[("function", Give::Role(Role::Call))]).arguments(ARGUMENTS),
    node("generic_function").gives(&[("function", Give::Inherit)]),
    node("macro_invocation").gives(&[("macro", Give::Role(Role::Call))]),
    node("assignment_expression").gives(&[("left", Give::Role(Role::Write))]),
    node("compound_assignment_expr").gives(&[("left", Give::Role(Role::Write))]),
    node("struct_expression").labels_of("name"),
    node("field_initializer").gives(&[("field", Give::Label)]).labelled(),
    transparent("parenthesized_expression"),
    transparent("tuple_expression"),
    node("token_tree").rest(Give::Lexical),
    node("token_tree_pattern").rest(Give::Lexical),
    node("token_repetition").rest(Give::Lexical),
    node("token_binding_pattern").gives(&[("name", Give::Label)]),
    node("token_repetition_pattern").rest(Give::Lexical),
    node("string_literal").form(Form::Token),
    node("raw_string_literal").form(Form::Token),
    node("char_literal").form(Form::Token),
    node("lifetime").form(Form::Token),
    node("label").form(Form::Token),
];

const SCOPES: &[Rule] = &[
    node("block").block(),
    node("if_expression").block(),
    node("while_expression").block(),
    node("match_arm").block(),
    node("closure_expression").function(),
];

const PATTERNS: &[Rule] = &[
    node("let_declaration").gives(&[("pattern", Give::Binding)]).typed("type").valued("value").late(),
    node("let_condition").gives(&[("pattern", Give::Binding)]).valued("value").late(),
    node("for_expression").gives(&[("pattern", Give::Binding)]).late_in("body").block(),
    node("parameter").gives(&[("pattern", Give::Parameter)]).typed("type"),
    node("closure_parameters").rest(Give::Parameter),
    node("match_pattern").gives(&[("condition", Give::Nothing)]).rest(Give::Binding),
    transparent("tuple_pattern").takes_apart(),
    transparent("slice_pattern").takes_apart(),
    transparent("ref_pattern"),
    transparent("mut_pattern"),
    transparent("reference_pattern"),
    transparent("or_pattern"),
    transparent("captured_pattern"),
    transparent("tuple_struct_pattern").gives(&[("type", Give::Role(Role::Read))]).takes_apart(),
    transparent("struct_pattern").gives(&[("type", Give::Nothing)]).takes_apart().labels_of("type"),
    node("field_pattern")
        .given(field_in_pattern)
        .gives(&[("name", Give::Inherit), ("pattern", Give::Binding)])
        .labelled(),
];

const TYPES: &[Rule] = &[
    path("scoped_type_identifier", "path", &[("name", Give::Inherit)]),
    node("generic_type").gives(&[("type", Give::Inherit)]),
    node("generic_type_with_turbofish").gives(&[("type", Give::Inherit)]),
    transparent("trait_bounds"),
    transparent("removed_trait_bound"),
    node("higher_ranked_trait_bound").gives(&[("type", Give::Inherit)]),
    node("type_parameter").gives(&[("name", Give::TypeParameter)]).typed("bounds"),
    node("where_predicate").gives(&[("left", Give::Bounded)]).typed("bounds"),
    node("const_parameter").gives(&[("name", Give::TypeParameter)]),
];

fn module(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: !seen.has("body"), ..usual })
}

/// Alone it is a local variable too.
fn field_in_pattern(seen: &Seen<'_, '_>) -> Give {
    if seen.has("pattern") { Give::Label } else { Give::Local }
}

/// A signature in a trait is the definition; in an `extern` block it is a prototype.
fn signature(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: seen.scene.kind != Some(SymbolKind::Trait), ..usual })
}

fn extern_crate(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    imports.push(import(field_text(node, "name", source), String::new(), field_text(node, "alias", source), node));
}

/// Flattens a tree of uses; the paths not done yet are kept aside, for lists may be nested to any depth.
fn uses(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let first = imports.len();
    let mut open: Vec<(String, Node<'_>)> =
        node.child_by_field_name("argument").map(|n| (String::new(), n)).into_iter().collect();
    while let Some((prefix, node)) = open.pop() {
        match node.kind() {
            "use_list" => open.extend(super::children(node).into_iter().rev().map(|child| (prefix.clone(), child))),
            "scoped_use_list" => {
                let prefix = joined(&prefix, &field_text(node, "path", source));
                open.extend(node.child_by_field_name("list").map(|list| (prefix, list)));
            }
            "use_as_clause" => {
                let path = joined(&prefix, &field_text(node, "path", source));
                imports.push(taken(&path, field_text(node, "alias", source), node));
            }
            "use_wildcard" => {
                let path = node.named_child(0).map_or_else(String::new, |path| text(path, source));
                imports.push(import(joined(&prefix, &path), "*".into(), String::new(), node));
            }
            "line_comment" | "block_comment" => {}
            _ => imports.push(taken(&joined(&prefix, &text(node, source)), String::new(), node)),
        }
    }
    let exported = node.child(0).is_some_and(|first| first.kind() == "visibility_modifier");
    imports[first..].iter_mut().for_each(|import| import.exported = exported);
}

fn joined(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        (prefix, path) if prefix.len() + path.len() > IMPORT_BYTES_MAX => String::new(),
        ("", path) => path.into(),
        (prefix, "") => prefix.into(),
        (prefix, path) => format!("{prefix}::{path}"),
    }
}

/// `a::b::c` takes `c` from `a::b`; `a::b::self` is `a::b` itself.
fn taken(path: &str, alias: String, at: Node<'_>) -> Import {
    let path = path.strip_suffix("::self").unwrap_or(path);
    let (module, name) = path.rsplit_once("::").unwrap_or((path, ""));
    import(module.into(), name.into(), alias, at)
}
