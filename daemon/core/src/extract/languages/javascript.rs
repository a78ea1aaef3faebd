//! JavaScript with JSX, and what TypeScript shares with it.

use tree_sitter::Node;

use super::{field_text, import, text, unquoted};
use crate::extract::table::*;
use crate::facts::{Import, OWN_MODULE};
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: NAMES,
    sigils: &["#"],
    keywords: &[],
    builtins: &[],
    words: &[],
    soft: &[],
    nodes: &[OWN, TYPED, DEFINITIONS, EXPRESSIONS, BINDINGS, JSX],
    forward_words: &[],
    selves: &["this"],
    own_module: "",
    locals: Locals { hoisted: true, assigned: false, retyped: true },
    wrappers: &[],
    passes_imports_on: false,
    comments: COMMENTS,
    text: include_str!("javascript.rs"),
};

pub(super) const NAMES: &[(&str, Role)] = &[
    ("identifier", Role::Read),
    ("private_property_identifier", Role::Read),
    ("property_identifier", Role::Read),
    ("shorthand_property_identifier", Role::Read),
    ("shorthand_property_identifier_pattern", Role::Write),
    ("statement_identifier", Role::Read),
];

pub(super) const COMMENTS: Comments =
    Comments { line: "//", block: true, quotes: b"\"'`", doc_marks: &["/**"], docstring: None };

/// What TypeScript has otherwise.
const OWN: &[Rule] = &[
    definition("field_definition", SymbolKind::Field, &["property"])
        .ends(End::Body(&["value", "body"]))
        .valued("value"),
    node("class_heritage").rest(Give::Role(Role::Inherit)),
    node("formal_parameters").rest(Give::Parameter),
];

const TYPED: &[Rule] = &typed("", "");

/// What has a type, which TypeScript writes in these fields.
pub(super) const fn typed(return_type: &'static str, r#type: &'static str) -> [Rule; 4] {
    [
        definition("function_declaration", SymbolKind::Function, &["name"]).typed(return_type),
        definition("generator_function_declaration", SymbolKind::Function, &["name"]).typed(return_type),
        definition("method_definition", SymbolKind::Method, &["name"]).judge(method).typed(return_type),
        definition("variable_declarator", SymbolKind::Variable, &["name"])
            .ends(End::Body(&["value", "body"]))
            .judge(variable)
            .given(declared)
            .gives(&[("name", Give::Inherit)])
            .typed(r#type)
            .valued("value")
            .imports(require)
            .form(Form::Statement),
    ]
}

pub(super) const DEFINITIONS: &[Rule] = &[
    definition("class_declaration", SymbolKind::Class, &["name"]),
    definition("class", SymbolKind::Class, &["name"]),
    definition("assignment_expression", SymbolKind::Function, &["left", "property"])
        .ends(End::Body(&["right", "body"]))
        .judge(assigned)
        .receiver(holder)
        .gives(&[("left", Give::AssignMember)])
        .imports(common_exports)
        .valued("right")
        .form(Form::Statement),
    definition("pair", SymbolKind::Method, &["key"])
        .ends(End::Body(&["value", "body"]))
        .judge(function_of_object)
        .gives(&[("key", Give::Label)])
        .labelled(),
    node("lexical_declaration").form(Form::WrapperOfLine),
    node("variable_declaration").form(Form::WrapperOfLine).of_function(),
    node("labeled_statement").gives(&[("label", Give::Label)]),
    node("break_statement").gives(&[("label", Give::Label)]),
    node("continue_statement").gives(&[("label", Give::Label)]),
    node("export_statement").form(Form::Wrapper).imports(reexport).given(exported).rest(Give::Inherit),
    transparent("export_clause"),
    transparent("export_specifier"),
    transparent("namespace_export"),
    node("decorator").rest(Give::Role(Role::Decorate)).form(Form::Attribute),
    node("import_statement").all(Role::Import).imports(imported),
    node("comment").form(Form::Comment),
    node("string").form(Form::Token),
    node("regex").form(Form::Token),
    node("statement_block").locals().block(),
    node("switch_body").locals().block(),
    node("for_statement").locals().block(),
    node("arrow_function").gives(&[("parameter", Give::Parameter)]).locals().function(),
    definition("function_expression", SymbolKind::Function, &["name"])
        .judge(named_function)
        .gives(&[("name", Give::Local)])
        .locals()
        .function(),
    definition("generator_function", SymbolKind::Function, &["name"])
        .judge(named_function)
        .gives(&[("name", Give::Local)])
        .locals()
        .function(),
];

pub(super) const EXPRESSIONS: &[Rule] = &[
    path("member_expression", "object", &[("property", Give::Inherit)]),
    node("call_expression").gives(&[("function", Give::Called)]),
    node("new_expression").gives(&[("constructor", Give::Role(Role::Call))]),
    transparent("parenthesized_expression"),
    node("augmented_assignment_expression").gives(&[("left", Give::Role(Role::Write))]),
    node("update_expression").gives(&[("argument", Give::Role(Role::Write))]),
];

pub(super) const BINDINGS: &[Rule] = &[
    transparent("object_pattern").takes_apart(),
    transparent("array_pattern").takes_apart(),
    transparent("rest_pattern"),
    node("pair_pattern").gives(&[("key", Give::Label), ("value", Give::Inherit)]),
    node("assignment_pattern").gives(&[("left", Give::Inherit)]),
    node("object_assignment_pattern").gives(&[("left", Give::Inherit)]),
    node("for_in_statement").gives(&[("left", Give::Local)]).block(),
    node("catch_clause").gives(&[("parameter", Give::Local)]).block(),
];

/// Using a component is calling it.
pub(super) const JSX: &[Rule] = &[
    node("jsx_opening_element").given(component).gives(&[("name", Give::Inherit)]),
    node("jsx_self_closing_element").given(component).gives(&[("name", Give::Inherit)]),
    node("jsx_closing_element").given(component).gives(&[("name", Give::Inherit)]),
    node("jsx_attribute").rest(Give::Label).labelled(),
];

/// A small letter begins the name of an element of the document.
fn component(seen: &Seen<'_, '_>) -> Give {
    let name = seen.node.child_by_field_name("name").map(|name| seen.text(name)).unwrap_or_default();
    let is_element = name.first().is_some_and(u8::is_ascii_lowercase) && !name.contains(&b'.');
    match (is_element, seen.node.kind()) {
        (true, _) => Give::Label,
        (false, "jsx_closing_element") => Give::Nothing,
        (false, _) => Give::Role(Role::Call),
    }
}

fn method(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let mut tokens = (0..8).map_while(|index| seen.node.child(index)).take_while(|child| !child.is_named());
    let is_accessor = tokens.any(|token| matches!(token.kind(), "get" | "set"));
    let name = seen.node.child_by_field_name("name")?;
    let kind = match seen.text(name) {
        b"constructor" if seen.scene.is_class() => SymbolKind::Constructor,
        _ if is_accessor => SymbolKind::Property,
        _ => SymbolKind::Method,
    };
    Some(Verdict { kind, ..usual })
}

/// A variable that holds a function is a function, also inside another one; other locals are none of our business.
fn variable(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let value = seen.node.child_by_field_name("value");
    let kind = match value.map(|value| value.kind()) {
        Some("class") => SymbolKind::Class,
        Some(kind) if is_function(kind) => SymbolKind::Function,
        _ if seen.scene.local || required(seen.node, seen.source).is_some() => return None,
        _ => kind_of_variable(seen),
    };
    Some(Verdict { kind, ..usual })
}

fn kind_of_variable(seen: &Seen<'_, '_>) -> SymbolKind {
    let before = seen.source.get(seen.wrapper..seen.node.start_byte()).unwrap_or_default();
    if before.starts_with(b"const") { SymbolKind::Constant } else { SymbolKind::Variable }
}

/// Names that are not the only one of their declarator are defined too; those of a `require` are imported.
fn declared(seen: &Seen<'_, '_>) -> Give {
    match required(seen.node, seen.source) {
        Some(_) => Give::Role(Role::Import),
        None => Give::Define(kind_of_variable(seen)),
    }
}

fn exported(seen: &Seen<'_, '_>) -> Give {
    if seen.has("source") { Give::Role(Role::Import) } else { Give::Nothing }
}

/// `exports.name = …`, `Class.prototype.name = …`, `Class.name = class …`, `this.name = function …` in a function that constructs.
fn assigned(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let right = seen.node.child_by_field_name("right")?;
    let left = seen.node.child_by_field_name("left").filter(|left| left.kind() == "member_expression")?;
    let object = seen.text(left.child_by_field_name("object")?);
    if object == b"this" && seen.scene.class.is_some() || is_exported_by_name(seen, left, right) {
        return None;
    }
    let is_prototype = object.ends_with(b".prototype");
    let is_named = right.child_by_field_name("name").is_some();
    match right.kind() {
        kind if is_function(kind) && (is_prototype || object == b"this") => {
            Some(Verdict { kind: SymbolKind::Method, ..usual })
        }
        kind if is_function(kind) => Some(usual),
        // A name of its own is a definition of its own, with the members.
        "class" => Some(Verdict { kind: SymbolKind::Class, contains: !is_named, ..usual }),
        _ if seen.scene.local => None,
        _ if is_prototype => Some(Verdict { kind: SymbolKind::Field, contains: false, ..usual }),
        // What has a name already is offered under it, as a rule.
        "identifier" | "member_expression" => None,
        _ if matches!(object, b"exports" | b"module.exports") => {
            Some(Verdict { kind: SymbolKind::Variable, contains: false, ..usual })
        }
        _ => None,
    }
}

/// `module.exports = function name …`: the value is the definition.
fn is_exported_by_name(seen: &Seen<'_, '_>, left: Node<'_>, right: Node<'_>) -> bool {
    seen.text(left) == b"module.exports" && right.child_by_field_name("name").is_some()
}

/// A function with a name of its own, unless it is the value of something that is defined under another one.
fn named_function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let around = seen.node.parent()?;
    let is_defined_otherwise = match around.kind() {
        "assignment_expression" => {
            !around.child_by_field_name("left").is_some_and(|left| is_exported_by_name(seen, left, seen.node))
        }
        kind => matches!(kind, "variable_declarator" | "pair" | "field_definition" | "public_field_definition"),
    };
    (!is_defined_otherwise).then_some(usual)
}

/// `Class` in `Class.prototype.name = …` and in `Class.name = class …`.
fn holder(node: Node<'_>) -> Option<Node<'_>> {
    let object = node.child_by_field_name("left")?.child_by_field_name("object")?;
    let is_prototype = object.kind() == "member_expression"
        && object
            .child_by_field_name("property")
            .is_some_and(|property| property.byte_range().len() == "prototype".len());
    let is_class = node.child_by_field_name("right").is_some_and(|right| right.kind() == "class");
    let class = if is_prototype { object.child_by_field_name("object")? } else { object };
    (class.kind() == "identifier" && (is_prototype || is_class)).then_some(class)
}

fn function_of_object(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    seen.node.child_by_field_name("value").filter(|value| is_function(value.kind())).map(|_| usual)
}

fn is_function(kind: &str) -> bool {
    matches!(kind, "arrow_function" | "function_expression" | "generator_function")
}

fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let children = super::children(node);
    let required = children.iter().find(|child| child.kind() == "import_require_clause");
    let holder = required.copied().unwrap_or(node);
    let Some(from) = holder.child_by_field_name("source") else { return };
    let module = unquoted(from, source);
    if let Some(name) = required.and_then(|clause| clause.named_child(0)) {
        return imports.push(import(module, String::new(), text(name, source), name));
    }
    match children.into_iter().find(|child| child.kind() == "import_clause") {
        Some(clause) => clause_names(clause, source, &module, imports),
        None => imports.push(import(module, String::new(), String::new(), from)),
    }
}

fn clause_names(clause: Node<'_>, source: &[u8], module: &str, imports: &mut Vec<Import>) {
    for part in super::children(clause) {
        match part.kind() {
            "identifier" => imports.push(import(module.into(), "default".into(), text(part, source), part)),
            "namespace_import" => {
                let alias = part.named_child(0).map_or_else(String::new, |name| text(name, source));
                imports.push(import(module.into(), String::new(), alias, part));
            }
            _ => specifiers(part, source, module, imports),
        }
    }
}

fn specifiers(list: Node<'_>, source: &[u8], module: &str, imports: &mut Vec<Import>) {
    for specifier in super::children(list).into_iter().filter(|child| child.child_by_field_name("name").is_some()) {
        let name = field_text(specifier, "name", source);
        let alias = field_text(specifier, "alias", source);
        imports.push(import(module.into(), name, alias, specifier));
    }
}

/// `export … from` passes names through this file; `export { a as b }` and `export default a` give its own another name.
fn reexport(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let first = imports.len();
    match node.child_by_field_name("source") {
        Some(from) => exported_from(node, from, source, imports),
        None => own_exports(node, source, imports),
    }
    imports[first..].iter_mut().for_each(|import| import.exported = true);
}

fn own_exports(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let value =
        node.child_by_field_name("value").or_else(|| node.named_child(0)).filter(|value| value.kind() == "identifier");
    let own = |name: String, alias: &str, at| import(OWN_MODULE.into(), name, alias.into(), at);
    if let Some(value) = value {
        return imports.push(own(text(value, source), "default", value));
    }
    if let Some(declared) = node.child_by_field_name("declaration").or_else(|| node.child_by_field_name("value")) {
        let is_default = (0..4).filter_map(|index| node.child(index)).any(|token| token.kind() == "default");
        if let (true, Some(name)) = (is_default, declared.child_by_field_name("name")) {
            imports.push(own(text(name, source), "default", name));
        }
        return;
    }
    if let Some(clause) = super::children(node).into_iter().find(|child| child.kind() == "export_clause") {
        specifiers(clause, source, OWN_MODULE, imports);
    }
}

/// `module.exports = name`, `module.exports = { a, b: c }`.
fn common_exports(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(right) =
        node.child_by_field_name("right").filter(|_| field_text(node, "left", source) == "module.exports")
    else {
        return;
    };
    let own = |name: String, alias: String, at| Import { exported: true, ..import(OWN_MODULE.into(), name, alias, at) };
    match right.kind() {
        "identifier" => imports.push(own(text(right, source), "default".into(), right)),
        "object" => {
            for part in super::children(right) {
                match part.kind() {
                    "shorthand_property_identifier" => imports.push(own(text(part, source), String::new(), part)),
                    "pair" if part.child_by_field_name("value").is_some_and(|value| value.kind() == "identifier") => {
                        imports.push(own(field_text(part, "value", source), field_text(part, "key", source), part));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn exported_from(node: Node<'_>, from: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let module = unquoted(from, source);
    match super::children(node).into_iter().find(|child| matches!(child.kind(), "export_clause" | "namespace_export")) {
        Some(clause) if clause.kind() == "export_clause" => specifiers(clause, source, &module, imports),
        Some(namespace) => {
            let alias = namespace.named_child(0).map_or_else(String::new, |name| text(name, source));
            imports.push(import(module, String::new(), alias, namespace));
        }
        None => imports.push(import(module, "*".into(), String::new(), from)),
    }
}

/// `const name = require('module')` and `const { name } = require('module')`.
fn require(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some((name, module)) = required(node, source) else { return };
    if name.kind() != "object_pattern" {
        return imports.push(import(module, String::new(), text(name, source), name));
    }
    for part in super::children(name) {
        match part.kind() {
            "shorthand_property_identifier_pattern" => {
                imports.push(import(module.clone(), text(part, source), String::new(), part));
            }
            "pair_pattern" => {
                let (key, alias) = (field_text(part, "key", source), field_text(part, "value", source));
                imports.push(import(module.clone(), key, alias, part));
            }
            _ => {}
        }
    }
}

fn required<'tree>(node: Node<'tree>, source: &[u8]) -> Option<(Node<'tree>, String)> {
    let call = node.child_by_field_name("value").filter(|value| value.kind() == "call_expression")?;
    let argument = call.child_by_field_name("arguments")?.named_child(0).filter(|first| first.kind() == "string")?;
    let is_require = field_text(call, "function", source) == "require";
    is_require.then_some((node.child_by_field_name("name")?, unquoted(argument, source)))
}
