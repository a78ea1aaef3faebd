//! C#.

use tree_sitter::Node;

use super::{field_text, import, text};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[("identifier", Role::Read), ("implicit_parameter", Role::Write)],
    sigils: &["@"],
    keywords: &[],
    builtins: &[],
    words: &[],
    // Operators, where they are defined.
    soft: &[
        "!", "!=", "%", "&", "*", "+", "++", "-", "--", "/", "<", "<<", "<=", "==", ">", ">=", ">>", ">>>", "^",
        "false", "this", "true", "|", "~",
    ],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &["Nullable", "Task", "ValueTask"],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["///", "/**"], docstring: None },
    text: include_str!("csharp.rs"),
};

const TYPE: Give = Give::Role(Role::Type);
const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    definition("namespace_declaration", SymbolKind::Namespace, &["name"]),
    definition("file_scoped_namespace_declaration", SymbolKind::Namespace, &["name"]),
    definition("class_declaration", SymbolKind::Class, &["name"]),
    definition("struct_declaration", SymbolKind::Struct, &["name"]),
    // The parameters of a record are its properties.
    definition("record_declaration", SymbolKind::Class, &["name"]).rest(Give::Define(SymbolKind::Property)),
    definition("interface_declaration", SymbolKind::Interface, &["name"]),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_member_declaration", SymbolKind::Variant, &["name"]),
    definition("delegate_declaration", SymbolKind::Type, &["name"]).gives(&[("type", TYPE)]),
    definition("method_declaration", SymbolKind::Method, &["name"]).gives(&[("returns", TYPE)]).typed("returns"),
    definition("local_function_statement", SymbolKind::Function, &["name"]).gives(&[("type", TYPE)]).typed("type"),
    definition("constructor_declaration", SymbolKind::Constructor, &["name"]),
    definition("destructor_declaration", SymbolKind::Method, &["name"]),
    definition("indexer_declaration", SymbolKind::Property, &["(this)"])
        .ends(End::Before(&["accessors", "value"]))
        .gives(&[("type", TYPE)])
        .typed("type")
        .function(),
    definition("operator_declaration", SymbolKind::Method, &["operator"]).gives(&[("type", TYPE)]).typed("type"),
    definition("property_declaration", SymbolKind::Property, &["name"])
        .ends(End::Brace)
        .gives(&[("type", TYPE)])
        .typed("type"),
    definition("event_declaration", SymbolKind::Property, &["name"])
        .ends(End::Brace)
        .gives(&[("type", TYPE)])
        .typed("type"),
    node("field_declaration").given(field).rest(Give::Inherit).form(Form::Statement),
    node("event_field_declaration").rest(Give::Define(SymbolKind::Field)).form(Form::Statement),
    node("attribute_list").form(Form::Attribute),
    node("attribute").gives(&[("name", Give::Role(Role::Decorate))]),
    node("using_directive").all(Role::Import).imports(used),
    node("extern_alias_directive").all(Role::Import),
    node("comment").form(Form::Comment),
    node("block").locals().block(),
    node("for_statement").block(),
    node("using_statement").block(),
    node("catch_clause").block(),
    node("switch_section").block(),
    node("switch_expression_arm").block(),
    node("query_expression").block(),
    node("lambda_expression").gives(&[("type", TYPE), ("parameters", Give::Parameter)]).locals().function(),
    node("anonymous_method_expression").locals().function(),
];

const EXPRESSIONS: &[Rule] = &[
    path("member_access_expression", "expression", &[("name", Give::Inherit)]),
    path("qualified_name", "qualifier", &[("name", Give::Inherit)]),
    path("alias_qualified_name", "alias", &[("name", Give::Inherit)]),
    path("conditional_access_expression", "condition", &[]).rest(Give::Inherit),
    node("member_binding_expression").gives(&[("name", Give::Inherit)]).ends_path(),
    transparent("generic_name").ends_path(),
    transparent("parenthesized_expression"),
    node("invocation_expression").gives(&[("function", Give::Role(Role::Call))]),
    node("object_creation_expression").gives(&[("type", Give::Role(Role::Call))]).labels_of("type"),
    node("attribute_argument").gives(&[("name", Give::Label)]).labelled(),
    node("argument").gives(&[("name", Give::Label)]).labelled(),
    node("with_initializer").rest(Give::Label).labelled(),
    node("labeled_statement").rest(Give::Label),
    node("goto_statement").rest(Give::Label),
];

const BINDINGS: &[Rule] = &[
    // Where nothing says otherwise they are local.
    node("variable_declaration")
        .gives(&[("type", TYPE)])
        .rest(Give::Inherit)
        .turns(&[(Give::Nothing, Give::Local)])
        .typed("type"),
    node("variable_declarator").gives(&[("name", Give::Inherit)]).valued_last(),
    node("parameter")
        .gives(&[("type", TYPE), ("name", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Parameter)])
        .typed("type"),
    node("parameter_list").gives(&[("type", TYPE), ("name", Give::Parameter)]).rest(Give::Inherit),
    node("type_parameter").gives(&[("name", Give::TypeParameter)]),
    node("tuple_pattern").rest(Give::Local).takes_apart(),
    node("parenthesized_variable_designation").rest(Give::Local).takes_apart(),
    node("declaration_pattern").gives(&[("type", TYPE), ("name", Give::Local)]).typed("type"),
    node("declaration_expression").gives(&[("type", TYPE), ("name", Give::Local)]).typed("type"),
    node("recursive_pattern").gives(&[("type", TYPE), ("name", Give::Local)]).typed("type").labels_of("type"),
    node("subpattern").rest(Give::Label).labelled(),
    node("var_pattern").gives(&[("name", Give::Local)]),
    node("list_pattern").gives(&[("name", Give::Local)]),
    node("catch_declaration").gives(&[("type", TYPE), ("name", Give::Local)]).typed("type"),
    node("foreach_statement").gives(&[("type", TYPE), ("left", Give::Local)]).typed("type").block(),
    node("from_clause").gives(&[("type", TYPE), ("name", Give::Local)]).typed("type"),
    node("join_into_clause").rest(Give::Local),
    node("assignment_expression").given(assigned).gives(&[("left", Give::Inherit)]).labelled(),
    node("postfix_unary_expression").given(stepped).rest(Give::Inherit),
    node("prefix_unary_expression").given(stepped).rest(Give::Inherit),
];

const TYPES: &[Rule] = &[
    node("base_list").rest(Give::Role(Role::Inherit)),
    node("primary_constructor_base_type").gives(&[("type", Give::Inherit)]),
    node("type_argument_list").rest(TYPE),
    node("nullable_type").rest(TYPE),
    node("array_type").gives(&[("type", TYPE)]),
    node("pointer_type").rest(TYPE),
    node("ref_type").rest(TYPE),
    node("scoped_type").rest(TYPE),
    node("tuple_element").gives(&[("type", TYPE), ("name", Give::Label)]),
    node("function_pointer_parameter").rest(TYPE),
    node("function_pointer_type").gives(&[("returns", TYPE)]),
    node("type_parameter_constraints_clause").rest(TYPE),
    node("type_parameter_constraint").rest(TYPE),
    node("explicit_interface_specifier").rest(TYPE),
    node("as_expression").gives(&[("right", TYPE)]),
    node("is_expression").gives(&[("right", TYPE)]),
    node("cast_expression").gives(&[("type", TYPE)]),
    node("typeof_expression").rest(TYPE),
    node("default_expression").rest(TYPE),
    node("sizeof_expression").rest(TYPE),
    node("type_pattern").rest(TYPE),
    node("conversion_operator_declaration").gives(&[("type", TYPE)]).function(),
    node("join_clause").gives(&[("type", TYPE)]),
];

fn field(seen: &Seen<'_, '_>) -> Give {
    let is_const = |child: &Node<'_>| child.kind() == "modifier" && seen.text(*child) == b"const";
    let kind = match super::children(seen.node).iter().any(is_const) {
        true => SymbolKind::Constant,
        false => SymbolKind::Field,
    };
    Give::Define(kind)
}

/// `new Type { name = value }` sets a member of the type.
fn assigned(seen: &Seen<'_, '_>) -> Give {
    let is_in_literal = seen.node.parent().is_some_and(|around| around.kind() == "initializer_expression");
    if is_in_literal { Give::Label } else { WRITE }
}

/// `name++` writes; `-name` reads.
fn stepped(seen: &Seen<'_, '_>) -> Give {
    let text = seen.text(seen.node);
    let steps = [&b"++"[..], b"--"].iter().any(|step| text.starts_with(step) || text.ends_with(step));
    if steps { WRITE } else { Give::Nothing }
}

/// `using a.b` takes everything from it; `using c = a.b` is another name for it.
fn used(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let alias = field_text(node, "name", source);
    let target = match super::children(node).pop() {
        Some(target) if node.child_by_field_name("name") != Some(target) => target,
        Some(_) | None => return,
    };
    let name = if alias.is_empty() { "*" } else { "" };
    // Of a generic type its name.
    let module = text(target, source);
    let module = module.split('<').next().unwrap_or_default().trim_end();
    imports.push(import(module.into(), name.into(), alias, target));
}
