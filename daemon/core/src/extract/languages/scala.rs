//! Scala 2 and 3. An object is a class, for it has a class's members and can be passed on; only a package's object is a module.

use tree_sitter::Node;

use super::{children, field_text, has, import, text};
use crate::extract::scene::Scene;
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_scala::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    // The name behind `end` has a token of its own.
    names: &[("_end_ident", Role::Read), ("operator_identifier", Role::Call), ("type_identifier", Role::Type)],
    sigils: &["`"],
    keywords: &["super", "this"],
    builtins: &[("identifier", Role::Read)],
    words: &[],
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, PATTERNS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"", doc_marks: &["/**"], docstring: None },
    text: include_str!("scala.rs"),
};

const CALL: Give = Give::Role(Role::Call);
const INHERIT: Give = Give::Role(Role::Inherit);
const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    definition("package_clause", SymbolKind::Package, &["name"]),
    flat_path("package_identifier"),
    definition("package_object", SymbolKind::Module, &["name"]),
    definition("class_definition", SymbolKind::Class, &["name"])
        .given(case_class)
        .gives(&[("class_parameters", Give::Inherit)]),
    definition("object_definition", SymbolKind::Class, &["name"]),
    definition("trait_definition", SymbolKind::Trait, &["name"]),
    definition("enum_definition", SymbolKind::Enum, &["name"]),
    node("enum_case_definitions").form(Form::Wrapper),
    definition("simple_enum_case", SymbolKind::Variant, &["name"]),
    definition("full_enum_case", SymbolKind::Variant, &["name"])
        .gives(&[("class_parameters", Give::Define(SymbolKind::Field))]),
    node("class_parameters").given(explicit).rest(Give::Inherit),
    definition("class_parameter", SymbolKind::Field, &["name"])
        .judge(parameter_property)
        .ends(End::Body(&[]))
        .gives(&[("name", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Local)])
        .typed("type")
        .form(Form::Statement),
    definition("type_definition", SymbolKind::Type, &["name"]).ends(End::Body(&[])).typed("type").block(),
    definition("function_definition", SymbolKind::Function, &["name"]).judge(function).typed("return_type"),
    definition("function_declaration", SymbolKind::Function, &["name"]).judge(function).typed("return_type"),
    definition("val_definition", SymbolKind::Constant, &["pattern"])
        .judge(defined)
        .ends(End::Brace)
        .given(constant)
        .gives(&[("pattern", Give::Inherit)])
        .typed("type")
        .valued("value")
        .late()
        .form(Form::Statement),
    definition("val_declaration", SymbolKind::Constant, &["name"])
        .judge(defined)
        .ends(End::Brace)
        .given(constant)
        .gives(&[("name", Give::Inherit)])
        .typed("type")
        .form(Form::Statement),
    definition("var_definition", SymbolKind::Variable, &["pattern"])
        .judge(defined)
        .ends(End::Brace)
        .given(variable)
        .gives(&[("pattern", Give::Inherit)])
        .typed("type")
        .valued("value")
        .late()
        .form(Form::Statement),
    definition("var_declaration", SymbolKind::Variable, &["name"])
        .judge(defined)
        .ends(End::Brace)
        .given(variable)
        .gives(&[("name", Give::Inherit)])
        .typed("type")
        .form(Form::Statement),
    transparent("identifiers").leads_to_name(),
    definition("given_definition", SymbolKind::Constant, &["name", "return_type", "type", "base"])
        .member(SymbolKind::Field)
        .judge(instance)
        .given(implemented)
        .gives(&[("return_type", Give::Inherit)]),
    definition("extension_definition", SymbolKind::Impl, &["parameters", "type"]).name_is_reference(),
    node("parameters").leads_to_name(),
    node("annotation").gives(&[("name", Give::Role(Role::Decorate))]).form(Form::Attribute),
    node("import_declaration").all(Role::Import).imports(imported),
    node("export_declaration").all(Role::Import).imports(imported),
    node("comment").form(Form::Comment),
    node("block_comment").form(Form::Comment),
    node("block").locals().block(),
    node("indented_block").locals().block(),
    node("for_expression").block(),
    node("case_clause").gives(&[("pattern", Give::Binding)]).locals().block(),
];

const EXPRESSIONS: &[Rule] = &[
    path("field_expression", "value", &[("field", Give::Inherit)]),
    flat_path("stable_identifier"),
    node("call_expression").gives(&[("function", Give::Called)]).labels_of("function"),
    node("generic_function").gives(&[("function", Give::Inherit)]),
    node("infix_expression")
        .given(assigned)
        .gives(&[("left", Give::Inherit), ("operator", CALL)])
        .infix("left", "operator"),
    node("postfix_expression").gives(&[("1", CALL)]),
    node("instance_expression").rest(CALL),
    node("assignment_expression").given(written).gives(&[("left", Give::Inherit)]).labelled(),
    node("interpolated_string_expression").gives(&[("interpolator", CALL)]),
    transparent("parenthesized_expression"),
];

const PATTERNS: &[Rule] = &[
    node("enumerator").gives(&[("0", Give::Binding)]),
    node("catch_clause").gives(&[("pattern", Give::Binding)]),
    transparent("tuple_pattern").takes_apart(),
    transparent("named_tuple_pattern").takes_apart(),
    transparent("alternative_pattern"),
    transparent("repeat_pattern"),
    node("typed_pattern").gives(&[("pattern", Give::Inherit)]).typed("type"),
    node("capture_pattern").gives(&[("name", Give::Inherit), ("pattern", Give::Inherit)]),
    node("case_class_pattern").gives(&[("pattern", Give::Inherit)]).takes_apart(),
    node("infix_pattern").gives(&[("left", Give::Inherit), ("right", Give::Inherit)]).takes_apart(),
    node("named_pattern").gives(&[("0", Give::Nothing)]).rest(Give::Inherit),
];

const BINDINGS: &[Rule] = &[
    node("parameter").gives(&[("name", Give::Parameter)]).typed("type"),
    node("binding").gives(&[("name", Give::Parameter)]).typed("type"),
    node("name_and_type").gives(&[("name", Give::Label)]),
    node("self_type").gives(&[("0", Give::Local)]),
    // One parameter may bring its type along.
    node("lambda_expression").gives(&[("parameters", Give::Binding)]).locals().function(),
    node("colon_argument").gives(&[("lambda_start", Give::Binding)]).locals().function(),
    node("type_parameters").gives(&[("name", Give::TypeParameter)]),
    node("covariant_type_parameter").gives(&[("name", Give::TypeParameter)]),
    node("contravariant_type_parameter").gives(&[("name", Give::TypeParameter)]),
    node("type_lambda").gives(&[("name", Give::TypeParameter)]).block(),
    node("context_bound").gives(&[("name", Give::Local)]),
    node("named_type_argument").gives(&[("name", Give::Label)]),
];

const TYPES: &[Rule] = &[
    flat_path("stable_type_identifier"),
    node("generic_type").gives(&[("type", Give::Inherit)]),
    node("compound_type").gives(&[("base", Give::Inherit), ("extra", Give::Inherit)]),
    node("infix_type").gives(&[("operator", Give::Role(Role::Type))]),
    transparent("annotated_type"),
    transparent("applied_constructor_type"),
    node("extends_clause").rest(INHERIT),
    node("derives_clause").rest(INHERIT),
];

/// The parameters of a case class are its fields.
fn case_class(seen: &Seen<'_, '_>) -> Give {
    if has(seen.node, "case") { Give::Define(SymbolKind::Field) } else { Give::Nothing }
}

/// A list that is filled in by itself, `(implicit …)`, is no part of the case.
fn explicit(seen: &Seen<'_, '_>) -> Give {
    if has(seen.node, "implicit") || has(seen.node, "using") { Give::Nothing } else { seen.given }
}

/// `class Name(val field: Type)`.
fn parameter_property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (has(seen.node, "val") || has(seen.node, "var")).then_some(usual)
}

/// `def this` constructs; what overrides is a method, also in a class without a name.
fn function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let name = seen.node.child_by_field_name("name")?;
    let modifiers = children(seen.node).into_iter().find(|child| child.kind() == "modifiers");
    let kind = match seen.text(name) {
        b"this" => SymbolKind::Constructor,
        _ if is_member(seen.scene) || modifiers.is_some_and(|it| has(it, "override")) => SymbolKind::Method,
        _ => usual.kind,
    };
    Some(Verdict { kind, ..usual })
}

/// In a class, or in an instance without a name that is the value of a field.
fn is_member(scene: Scene) -> bool {
    !scene.local && !matches!(scene.kind, None | Some(SymbolKind::Package | SymbolKind::Module))
}

/// The first name of a definition is what it gives to the others.
fn defined(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    match seen.given {
        Give::Define(kind) if !seen.scene.local => Some(Verdict { kind, ..usual }),
        _ => None,
    }
}

fn constant(seen: &Seen<'_, '_>) -> Give {
    Give::Define(if is_member(seen.scene) { SymbolKind::Field } else { SymbolKind::Constant })
}

fn variable(seen: &Seen<'_, '_>) -> Give {
    Give::Define(if is_member(seen.scene) { SymbolKind::Field } else { SymbolKind::Variable })
}

/// `given name: Type with …` is an object; without a name it is the implementation of the type.
fn instance(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    match (seen.has("name"), has_members(seen)) {
        (true, true) => Some(Verdict { kind: SymbolKind::Class, ..usual }),
        (true, false) => (!seen.scene.local).then_some(usual),
        (false, true) => Some(Verdict { kind: SymbolKind::Impl, name_is_reference: true, ..usual }),
        (false, false) => None,
    }
}

fn implemented(seen: &Seen<'_, '_>) -> Give {
    if has_members(seen) { INHERIT } else { Give::Nothing }
}

fn has_members(seen: &Seen<'_, '_>) -> bool {
    let body = seen.node.child_by_field_name("body");
    body.is_some_and(|body| matches!(body.kind(), "with_template_body" | "template_body"))
}

/// Among arguments `name = value` names the parameter.
fn written(seen: &Seen<'_, '_>) -> Give {
    let is_argument = seen.node.parent().is_some_and(|around| around.kind() == "arguments");
    if is_argument { Give::Label } else { WRITE }
}

/// `a += b` writes; `a <= b` reads.
fn assigned(seen: &Seen<'_, '_>) -> Give {
    let operator = seen.node.child_by_field_name("operator").map_or(&b""[..], |operator| seen.text(operator));
    let compares = matches!(operator, b"<=" | b">=" | b"!=") || operator.starts_with(b"=");
    if operator.ends_with(b"=") && !compares { WRITE } else { Give::Nothing }
}

/// `a.b.C` takes `C` from `a.b`; `a.b._` and `a.b.*` take everything, `a.{b, c => d}` some.
fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let mut path: Option<(Node<'_>, Node<'_>)> = None;
    for child in node.children(&mut node.walk()) {
        match child.kind() {
            "identifier" | "operator_identifier" => path = Some((path.map_or(child, |(first, _)| first), child)),
            "." => {}
            "," => take(path.take(), None, source, imports),
            _ if child.is_named() && path.is_some() => take(path.take(), Some(child), source, imports),
            "as_renamed_identifier" => take(None, Some(child), source, imports),
            _ => {}
        }
    }
    take(path, None, source, imports);
}

/// One path, from its first name to its last, and what is taken from there.
fn take(path: Option<(Node<'_>, Node<'_>)>, taken: Option<Node<'_>>, source: &[u8], imports: &mut Vec<Import>) {
    let whole = path.and_then(|(first, last)| source.get(first.start_byte()..last.end_byte()));
    let whole = String::from_utf8_lossy(whole.filter(|path| path.len() <= super::IMPORT_BYTES_MAX).unwrap_or_default());
    if path.is_some() && whole.is_empty() {
        return;
    }
    let Some(taken) = taken else {
        let Some((first, _)) = path else { return };
        let (module, name) = whole.rsplit_once('.').unwrap_or((&whole, ""));
        return imports.push(import(module.into(), name.into(), String::new(), first));
    };
    let selectors = if taken.kind() == "namespace_selectors" { children(taken) } else { vec![taken] };
    for selector in selectors {
        let (name, alias) = match selector.kind() {
            "arrow_renamed_identifier" | "as_renamed_identifier" => {
                (field_text(selector, "name", source), field_text(selector, "alias", source))
            }
            "identifier" | "operator_identifier" => (text(selector, source), String::new()),
            // `_`, `*` or `given`.
            "namespace_wildcard" => (text(selector, source).replace('_', "*"), String::new()),
            _ => (text(selector, source), String::new()),
        };
        match (whole.as_ref(), alias.as_str()) {
            // Hidden from what a wildcard beside it takes.
            (_, "_") => {}
            ("", _) => imports.push(import(name, String::new(), alias, selector)),
            (module, _) => imports.push(import(module.into(), name, alias, selector)),
        }
    }
}
