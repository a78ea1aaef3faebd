//! The vocabulary in which a language's table is written, and its compiled form, looked up by node kind number. A table says
//! which nodes are names, definitions, paths and imports; how a tree is walked is none of its business.

use std::borrow::Cow;
use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use super::dense::Grammar;
use super::scene::Scene;
use super::scopes::ScopeKind;
use super::words;
use crate::facts::{Facts, Import};
use crate::kinds::{Role, SymbolKind};

/// Everything extraction knows about one language.
pub(super) struct Table {
    pub(super) grammar: fn() -> tree_sitter::Language,
    /// What to leave out of the tree, because the grammar cannot read it where it stands.
    pub(super) hidden: Option<Hidden>,
    /// A shorter way to the facts of some files, for which no tree is needed.
    pub(super) shortcut: Option<Shortcut>,
    /// Commas part the elements of lists, which may go over lines: leaving some of many numbers out changes nothing around them.
    pub(super) lists: bool,
    /// Leaves that are names, with the role a name of that kind has where no parent says otherwise.
    pub(super) names: &'static [(&'static str, Role)],
    /// What precedes a name inside its leaf and is not part of it: `r#`, `$`; a backtick also follows it.
    pub(super) sigils: &'static [&'static str],
    /// Words that are no names, where the grammar does not tell: in opaque text and among its built-in types.
    pub(super) keywords: &'static [&'static str],
    /// Leaves that are names unless the word is a keyword.
    pub(super) builtins: &'static [(&'static str, Role)],
    /// Leaves that are names only where a parent gives them something or a definition is named by them.
    pub(super) words: &'static [&'static str],
    /// The same of tokens of the grammar: words that are keywords only elsewhere, operators, `init`.
    pub(super) soft: &'static [&'static str],
    /// Inner nodes that mean something; dialects share groups.
    pub(super) nodes: &'static [&'static [Rule]],
    /// First words of a statement whose names are only declared: `extern`.
    pub(super) forward_words: &'static [&'static str],
    /// Receivers, or sigils, through which a first write defines a field of the class around: `self`, `this`, `@`.
    pub(super) selves: &'static [&'static str],
    /// What the module around is called before `::`, where the object around has the same name behind no colons.
    pub(super) own_module: &'static str,
    /// How local variables come about and how far they are seen.
    pub(super) locals: Locals,
    /// Generic types that have the members of the type inside: `Box`, `Optional`.
    pub(super) wrappers: &'static [&'static str],
    /// What a file imports at its top it offers to others as if it defined it there.
    pub(super) passes_imports_on: bool,
    /// How documentation and comments are written.
    pub(super) comments: Comments,
    /// The text of this table, which is part of the extractor's version.
    pub(super) text: &'static str,
}

/// How local variables come about and how far they are seen.
#[derive(Clone, Copy)]
pub(super) struct Locals {
    /// In the whole of their scope, not only behind where they are declared.
    pub(super) hoisted: bool,
    /// An assignment in a function declares what it assigns to.
    pub(super) assigned: bool,
    /// An assignment may give a variable or field a value of another type.
    pub(super) retyped: bool,
}

impl Locals {
    /// Declared by a statement of their own, and seen from there on.
    pub(super) const DECLARED: Locals = Locals { hoisted: false, assigned: false, retyped: false };
}

/// How comments look, for documentation and folded signatures.
pub(super) struct Comments {
    /// What starts a comment that runs to the end of the line.
    pub(super) line: &'static str,
    /// Whether `/* … */` is a comment.
    pub(super) block: bool,
    /// What starts and ends a string in which comment marks mean nothing.
    pub(super) quotes: &'static [u8],
    /// A comment above a definition documents it if it starts with one of these.
    pub(super) doc_marks: &'static [&'static str],
    /// Finds the documentation inside a definition.
    pub(super) docstring: Option<for<'tree> fn(Node<'tree>) -> Option<Node<'tree>>>,
}

impl Table {
    pub(super) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.nodes.iter().copied().flatten()
    }

    /// Leaves that are names.
    #[cfg(test)]
    pub(super) fn leaves(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().chain(self.builtins).map(|&(kind, _)| kind).chain(self.words.iter().copied())
    }
}

/// What a parent gives to a child: how a name at the child's place is to be understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Give {
    /// Nothing: the name's own default.
    #[default]
    Nothing,
    /// This role.
    Role(Role),
    /// What the parent was given itself.
    Inherit,
    /// It is called; in a decorator, it decorates.
    Called,
    /// It stands before the dot: read, or still part of the import.
    Object,
    /// A local variable, which is written here.
    Local,
    /// A parameter, which is written here.
    Parameter,
    /// A type parameter, which is written here.
    TypeParameter,
    /// A type parameter to whose bound the node around adds (`where T: Bound`).
    Bounded,
    /// Said to be no local of the function around, whatever is assigned to it: `global`.
    Free,
    /// Part of a pattern: a local variable, or used as usual if it is capitalised (a constant, a constructor, a type) or
    /// behind a dot.
    Binding,
    /// Told from the characters around it.
    Lexical,
    /// A field in a literal, the name of an argument, the key of an object: no name of the scopes around.
    Label,
    /// A definition, at file or class level; a local otherwise, which is written.
    Define(SymbolKind),
    /// The same, but a prototype or forward declaration.
    Declare(SymbolKind),
    /// The target of an assignment that may be a definition: the first at module or class level, or through a self.
    Assign,
    /// The target of an assignment that is a definition only if it is the first through a self.
    AssignMember,
}

/// What a node kind means. Unset parts mean nothing.
///
/// Where a rule names a field, it may name a place instead, for grammars that have no fields: `(kind)`, a child of that kind, or
/// `0`, `1` and so on, the child of that number (from 0, comments not counted).
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) kind: &'static str,
    pub(super) definition: Option<DefinitionRule>,
    /// What children in these fields are given.
    pub(super) gives: &'static [(&'static str, Give)],
    /// What children in other fields, or in none, are given.
    pub(super) rest: Give,
    /// Of a path: the field of what stands before the dot.
    pub(super) object: &'static str,
    /// Paths inside stand on its first child without holding it (`..name`).
    pub(super) has_base: bool,
    /// It is such a path: what stands before the dot is the base of the nearest node around that has one.
    pub(super) on_base: bool,
    /// The role of every name inside that nobody gave another.
    pub(super) all: Option<Role>,
    /// Changes what it was given before passing it on (C declarators).
    pub(super) turns: &'static [(Give, Give)],
    /// Adds to the imports of the file.
    pub(super) imports: Option<ImportsOf>,
    pub(super) form: Form,
    /// Whether a string names types.
    pub(super) quotes_types: Option<fn(&TreeCursor<'_>, &[u8]) -> bool>,
    /// What the node counts as given where its parts tell (embedded fields).
    pub(super) given: Option<fn(&Seen<'_, '_>) -> Give>,
    /// Stands around the last name of a path (`a.name<T>`): what is before the dot is that name's.
    pub(super) ends_path: bool,
    /// A path whose parts stand beside each other: its last name takes what it was given, what is before that name is its object.
    pub(super) is_flat: bool,
    /// Variables inside are locals.
    pub(super) locals: bool,
    /// Local variables declared inside are not seen outside. Definitions with parameters or members are such scopes without saying so.
    pub(super) scope: Option<ScopeKind>,
    /// When local variables declared inside are seen first: in the child of this field, or `""` behind the node; `None` = at once.
    pub(super) late: Option<&'static str>,
    /// Local variables declared inside belong to the whole function around (`var`).
    pub(super) of_function: bool,
    /// The field that holds the type of what is declared inside, or of what the definition returns; or several, from one to the next
    /// inside it, joined by `/`. Where the last is a token (`(:)`) it is what follows that.
    pub(super) typed: &'static str,
    /// The same of its value, where no type is written.
    pub(super) valued: &'static str,
    /// Where no field does: its last child holds the value.
    pub(super) valued_last: bool,
    /// It takes apart what is assigned to it: type and value are not those of the names inside.
    pub(super) takes_apart: bool,
    /// A block that may be given something that has no name in it: what stands before it is asked (`receiver.apply { … }`).
    pub(super) receives: Option<Receives>,
    /// A variable declared directly inside takes the value behind the `=` that follows it, without one that of its own name, and is
    /// seen behind that (`if let a = b, let c`).
    pub(super) binds: bool,
    /// What stands before the dot of a name inside may be left out (`.name`).
    pub(super) leaves_out: bool,
    /// Of an operation whose operator may be a method of its left side: their fields.
    pub(super) infix: Option<(&'static str, &'static str)>,
    /// A list of names to which a list of values may be assigned in the same order.
    pub(super) in_order: bool,
    /// The field that holds the type or function whose labels stand inside.
    pub(super) labels_of: &'static str,
    /// Of a call, the field that holds the arguments, if as many are given as there are children in it.
    pub(super) arguments: Option<Arguments>,
    /// A label with its value, in which other labels belong to a type that is not written.
    pub(super) labelled: bool,
    /// Labels inside are members of the class around.
    pub(super) labels_own: bool,
    /// Which child leads on to the name of a definition where no field does (C declarators).
    pub(super) leads_to_name: Option<Leads>,
}

/// Where in a node without fields the name stands.
#[derive(Clone, Copy)]
pub(super) enum Leads {
    First,
    Last,
    /// The first token.
    Token,
}

/// The facts of a file; nothing if it takes a tree to find them.
pub(super) type Shortcut = fn(&Table, &[u8]) -> Option<Facts>;

/// Finds what to leave out of the tree of a source, in order.
pub(super) type Hidden = fn(&[u8]) -> Vec<Range<usize>>;

/// What a block is given: tells from the text before it and from the last name there with its receiver. `None` = it is given nothing,
/// an empty path = it cannot be told what.
pub(super) type Receives = for<'a> fn(Node<'_>, &'a [u8], Option<(&str, Option<&'a str>)>) -> Option<Cow<'a, [u8]>>;

/// Reads the imports of a node.
pub(super) type ImportsOf = fn(Node<'_>, &[u8], &mut Vec<Import>);

/// How a node takes part in the walk beyond its names.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// In no special way.
    Plain,
    /// A comment, which may document what follows.
    Comment,
    /// An attribute or decorator, which belongs to what follows.
    Attribute,
    /// It begins the definition inside: its documentation and first line are the definition's.
    Wrapper,
    /// The same, if the definition inside starts on its first line.
    WrapperOfLine,
    /// Its extent is the extent of the names it defines.
    Statement,
    /// Text without structure, scanned for words.
    Opaque,
    /// Nothing inside is a name.
    Token,
    /// A string; nothing inside is a name if its text says that it is plain.
    String(fn(&[u8]) -> bool),
    /// Text of a string, in which this mark makes the word behind it a name, if it is not empty. Where nothing is given to it, the
    /// string ends in its line: if it does not, the grammar has taken code for a string.
    Text(&'static str),
}

/// Where a signature ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// Before the node these fields lead to; if there is none, with the definition.
    Body(&'static [&'static str]),
    /// Before the first of these that it has; if it has none, with the definition.
    Before(&'static [&'static str]),
    /// Before the first brace.
    Brace,
    /// With its first line.
    Line,
}

/// A node that is a definition.
#[derive(Clone, Copy)]
pub(super) struct DefinitionRule {
    pub(super) kind: SymbolKind,
    /// Its kind inside a class, trait or the like.
    pub(super) member: SymbolKind,
    /// Fields that lead from the node to its name, tried in order at each step.
    pub(super) name: &'static [&'static str],
    pub(super) ends: End,
    /// Decides where the kind of the node is not enough.
    pub(super) judge: Option<Judge>,
    /// Its name is a use of that name at the same time.
    pub(super) name_is_reference: bool,
    /// Leads to the name of its container where that is not around it.
    pub(super) receiver: Option<for<'tree> fn(Node<'tree>) -> Option<Node<'tree>>>,
}

/// Decides what a node defines, if anything, from what it sees and from what the rule alone would say.
pub(super) type Judge = fn(&Seen<'_, '_>, Verdict) -> Option<Verdict>;

/// A node and what is around it.
pub(super) struct Seen<'a, 'tree> {
    pub(super) node: Node<'tree>,
    pub(super) source: &'a [u8],
    pub(super) scene: Scene,
    /// What the node was given.
    pub(super) given: Give,
    /// Where the wrapper around begins; the node's own beginning if there is none.
    pub(super) wrapper: usize,
    /// What is written of the type whose labels stand in the node around the one around; empty if nothing is.
    pub(super) labels_of: &'a [u8],
}

/// What a node defines.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    pub(super) kind: SymbolKind,
    pub(super) declaration: bool,
    /// It contains what is defined inside it.
    pub(super) contains: bool,
    /// Its container is the class around, not the method it stands in.
    pub(super) of_class: bool,
    /// Its name is a use of that name at the same time.
    pub(super) name_is_reference: bool,
    /// Its name, if what stands there is another word.
    pub(super) implied_name: &'static str,
    /// By how many levels of an outline what is inside stands deeper.
    pub(super) levels: i8,
}

impl End {
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            End::Body(fields) | End::Before(fields) => fields,
            End::Brace | End::Line => &[],
        }
    }
}

impl Seen<'_, '_> {
    pub(super) fn text(&self, node: Node<'_>) -> &[u8] {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.node.child_by_field_name(field).is_some()
    }
}

/// Begins a rule.
pub(super) const fn node(kind: &'static str) -> Rule {
    Rule {
        kind,
        definition: None,
        gives: &[],
        rest: Give::Nothing,
        object: "",
        has_base: false,
        on_base: false,
        all: None,
        turns: &[],
        imports: None,
        form: Form::Plain,
        quotes_types: None,
        given: None,
        leads_to_name: None,
        ends_path: false,
        is_flat: false,
        locals: false,
        scope: None,
        late: None,
        of_function: false,
        typed: "",
        valued: "",
        valued_last: false,
        takes_apart: false,
        receives: None,
        binds: false,
        leaves_out: false,
        infix: None,
        in_order: false,
        labels_of: "",
        arguments: None,
        labelled: false,
        labels_own: false,
    }
}

/// Begins the rule of a path: its last name takes what the path was given, `object` stands before it.
pub(super) const fn path(kind: &'static str, object: &'static str, gives: &'static [(&'static str, Give)]) -> Rule {
    Rule { object, gives, ..node(kind) }
}

/// Begins the rule of a path without fields, of two parts or more: `a.b.name`.
pub(super) const fn flat_path(kind: &'static str) -> Rule {
    Rule { is_flat: true, ..node(kind) }
}

/// Begins the rule of a node that hands on what it was given.
pub(super) const fn transparent(kind: &'static str) -> Rule {
    Rule { rest: Give::Inherit, ..node(kind) }
}

/// Begins the rule of a definition.
pub(super) const fn definition(kind: &'static str, is: SymbolKind, name: &'static [&'static str]) -> Rule {
    let definition = DefinitionRule {
        kind: is,
        member: is,
        name,
        ends: End::Body(&["body"]),
        judge: None,
        name_is_reference: false,
        receiver: None,
    };
    Rule { definition: Some(definition), ..node(kind) }
}

impl Rule {
    pub(super) const fn gives(self, gives: &'static [(&'static str, Give)]) -> Rule {
        Rule { gives, ..self }
    }

    pub(super) const fn rest(self, rest: Give) -> Rule {
        Rule { rest, ..self }
    }

    pub(super) const fn all(self, role: Role) -> Rule {
        Rule { all: Some(role), ..self }
    }

    pub(super) const fn turns(self, turns: &'static [(Give, Give)]) -> Rule {
        Rule { turns, ..self }
    }

    pub(super) const fn imports(self, imports: ImportsOf) -> Rule {
        Rule { imports: Some(imports), ..self }
    }

    pub(super) const fn form(self, form: Form) -> Rule {
        Rule { form, ..self }
    }

    pub(super) const fn given(self, given: fn(&Seen<'_, '_>) -> Give) -> Rule {
        Rule { given: Some(given), ..self }
    }

    pub(super) const fn leads_to_name(self) -> Rule {
        Rule { leads_to_name: Some(Leads::First), ..self }
    }

    pub(super) const fn leads_to_last_name(self) -> Rule {
        Rule { leads_to_name: Some(Leads::Last), ..self }
    }

    pub(super) const fn leads_to_token(self) -> Rule {
        Rule { leads_to_name: Some(Leads::Token), ..self }
    }

    pub(super) const fn object(self, object: &'static str) -> Rule {
        Rule { object, ..self }
    }

    pub(super) const fn has_base(self) -> Rule {
        Rule { has_base: true, ..self }
    }

    pub(super) const fn on_base(self) -> Rule {
        Rule { on_base: true, ..self }
    }

    /// Its text names types where this says so (a quoted annotation).
    pub(super) const fn quotes_types(self, is_type: fn(&TreeCursor<'_>, &[u8]) -> bool) -> Rule {
        Rule { quotes_types: Some(is_type), ..self }
    }

    pub(super) const fn ends_path(self) -> Rule {
        Rule { ends_path: true, ..self }
    }

    pub(super) const fn locals(self) -> Rule {
        Rule { locals: true, ..self }
    }

    pub(super) const fn block(self) -> Rule {
        Rule { scope: Some(ScopeKind::Block), ..self }
    }

    pub(super) const fn function(self) -> Rule {
        Rule { scope: Some(ScopeKind::Function), ..self }
    }

    pub(super) const fn late(self) -> Rule {
        Rule { late: Some(""), ..self }
    }

    pub(super) const fn late_in(self, field: &'static str) -> Rule {
        Rule { late: Some(field), ..self }
    }

    pub(super) const fn of_function(self) -> Rule {
        Rule { of_function: true, ..self }
    }

    pub(super) const fn typed(self, field: &'static str) -> Rule {
        Rule { typed: field, ..self }
    }

    pub(super) const fn takes_apart(self) -> Rule {
        Rule { takes_apart: true, ..self }
    }

    pub(super) const fn receives(self, what: Receives) -> Rule {
        Rule { receives: Some(what), ..self }
    }

    pub(super) const fn binds(self) -> Rule {
        Rule { binds: true, ..self }
    }

    pub(super) const fn leaves_out(self) -> Rule {
        Rule { leaves_out: true, ..self }
    }

    pub(super) const fn infix(self, left: &'static str, operator: &'static str) -> Rule {
        Rule { infix: Some((left, operator)), ..self }
    }

    pub(super) const fn in_order(self) -> Rule {
        Rule { in_order: true, ..self }
    }

    pub(super) const fn labels_of(self, field: &'static str) -> Rule {
        Rule { labels_of: field, ..self }
    }

    pub(super) const fn arguments(self, arguments: Arguments) -> Rule {
        Rule { arguments: Some(arguments), ..self }
    }

    pub(super) const fn labelled(self) -> Rule {
        Rule { labelled: true, ..self }
    }

    pub(super) const fn labels_own(self) -> Rule {
        Rule { labels_own: true, ..self }
    }

    pub(super) const fn valued_last(self) -> Rule {
        Rule { valued_last: true, ..self }
    }

    pub(super) const fn valued(self, field: &'static str) -> Rule {
        Rule { valued: field, ..self }
    }

    pub(super) const fn member(self, member: SymbolKind) -> Rule {
        self.with(DefinitionRule { member, ..self.rule() })
    }

    pub(super) const fn ends(self, ends: End) -> Rule {
        self.with(DefinitionRule { ends, ..self.rule() })
    }

    pub(super) const fn judge(self, judge: Judge) -> Rule {
        self.with(DefinitionRule { judge: Some(judge), ..self.rule() })
    }

    pub(super) const fn name_is_reference(self) -> Rule {
        self.with(DefinitionRule { name_is_reference: true, ..self.rule() })
    }

    pub(super) const fn receiver(self, find: for<'tree> fn(Node<'tree>) -> Option<Node<'tree>>) -> Rule {
        self.with(DefinitionRule { receiver: Some(find), ..self.rule() })
    }

    const fn with(self, rule: DefinitionRule) -> Rule {
        Rule { definition: Some(rule), ..self }
    }

    /// Evaluated while compiling: a table that refines what is no definition does not build.
    const fn rule(self) -> DefinitionRule {
        match self.definition {
            Some(rule) => rule,
            None => panic!("only definitions have kinds, bodies and judges"),
        }
    }
}

/// A table by node kind number.
pub(super) struct Compiled {
    pub(super) table: &'static Table,
    pub(super) grammar: Grammar,
    actions: Vec<Action>,
    rules: Vec<CompiledRule>,
    /// Words that are tokens of the grammar, in order.
    tokens: Vec<String>,
}

/// What to do at a node of one kind.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// A token: nothing inside, nothing to say.
    Skip,
    /// A node of no interest itself.
    Descend,
    /// A name with its default role.
    Name(Role),
    /// The same, unless it is a keyword.
    Builtin(Role),
    /// A name only if something is given to it.
    Word,
    /// A node with a rule.
    Rule(u16),
}

/// Where the arguments of a call stand.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub(super) field: &'static str,
    /// Kinds of arguments of which one may stand for any number.
    pub(super) spread: &'static [&'static str],
    /// The same of those that are the only one.
    pub(super) spread_alone: &'static [&'static str],
}

/// Marks the number of a node kind, and that of a child, where else the number of a field stands.
const KIND: u16 = 0x8000;
const NTH: u16 = 0x4000;

/// Most children looked through for one of a kind; nodes that are searched have few.
const CHILDREN_MAX: usize = 64;

/// A rule with its names resolved to the grammar's numbers.
pub(super) struct CompiledRule {
    pub(super) rule: &'static Rule,
    pub(super) gives: Vec<(u16, Give)>,
    pub(super) object: u16,
    pub(super) infix: Option<(u16, u16)>,
    pub(super) typed: Vec<u16>,
    pub(super) valued: Vec<u16>,
    pub(super) labels_of: u16,
    pub(super) arguments: u16,
    /// 0 = behind the node, or not late at all.
    pub(super) late: u16,
    pub(super) name: Vec<u16>,
    /// Empty if the signature ends elsewhere.
    pub(super) body: Vec<u16>,
}

impl Compiled {
    pub(super) fn new(table: &'static Table) -> Compiled {
        let grammar = Grammar::new((table.grammar)());
        let language = &grammar.language;
        let mut actions: Vec<Action> = (0..language.node_kind_count() as u16)
            .map(|id| if language.node_kind_is_named(id) { Action::Descend } else { Action::Skip })
            .collect();
        let mut set = |kind: &str, action: Action| {
            let is_named = language.id_for_node_kind(kind, true) != 0;
            for (id, slot) in actions.iter_mut().enumerate() {
                if language.node_kind_is_named(id as u16) == is_named
                    && language.node_kind_for_id(id as u16) == Some(kind)
                {
                    *slot = action;
                }
            }
        };
        for &(kind, role) in table.names {
            set(kind, Action::Name(role));
        }
        for &(kind, role) in table.builtins {
            set(kind, Action::Builtin(role));
        }
        for &kind in table.words {
            set(kind, Action::Word);
        }
        for (index, rule) in table.rules().enumerate() {
            set(rule.kind, Action::Rule(index as u16));
        }
        for (id, slot) in actions.iter_mut().enumerate() {
            let token = language.node_kind_for_id(id as u16).filter(|_| !language.node_kind_is_named(id as u16));
            if token.is_some_and(|token| table.soft.contains(&token)) {
                *slot = Action::Word;
            }
        }
        let rules = table.rules().map(|rule| CompiledRule::new(rule, language)).collect();
        let is_token = |&id: &u16| language.node_kind_is_visible(id) && !language.node_kind_is_named(id);
        let tokens = (0..language.node_kind_count() as u16).filter(is_token);
        let words =
            tokens.filter_map(|id| language.node_kind_for_id(id)).filter(|kind| words::is_plain(kind.as_bytes()));
        let mut tokens: Vec<String> = words.map(String::from).collect();
        tokens.sort_unstable();
        Compiled { table, grammar, actions, rules, tokens }
    }

    /// Whether a word is a token of the grammar: a keyword.
    pub(super) fn is_token(&self, word: &[u8]) -> bool {
        self.tokens.binary_search_by(|token| token.as_bytes().cmp(word)).is_ok()
    }

    /// Error nodes have a number outside the grammar's.
    pub(super) fn action(&self, kind: u16) -> Action {
        self.actions.get(usize::from(kind)).copied().unwrap_or(Action::Descend)
    }

    pub(super) fn rule(&self, number: u16) -> &CompiledRule {
        &self.rules[usize::from(number)]
    }
}

impl CompiledRule {
    fn new(rule: &'static Rule, language: &tree_sitter::Language) -> CompiledRule {
        let field = |name: &str| place(name, language).unwrap_or(0);
        let fields = |names: &[&str]| names.iter().map(|name| field(name)).collect();
        let steps = |path: &str| path.split('/').filter(|step| !step.is_empty()).map(field).collect();
        CompiledRule {
            rule,
            gives: rule.gives.iter().map(|&(name, give)| (field(name), give)).collect(),
            object: field(rule.object),
            infix: rule.infix.map(|(left, operator)| (field(left), field(operator))),
            typed: steps(rule.typed),
            valued: steps(rule.valued),
            labels_of: field(rule.labels_of),
            arguments: rule.arguments.map_or(0, |arguments| field(arguments.field)),
            late: rule.late.map_or(0, field),
            name: rule.definition.map(|definition| fields(definition.name)).unwrap_or_default(),
            body: rule.definition.map(|definition| fields(definition.ends.fields())).unwrap_or_default(),
        }
    }
}

/// The number of a field or of another place; none if the grammar does not have it.
fn place(name: &str, language: &tree_sitter::Language) -> Option<u16> {
    if let Some(kind) = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
        return id_of(kind, language).map(|id| KIND | id);
    }
    match name.parse::<u16>() {
        Ok(nth) => Some(NTH | nth),
        Err(_) => language.field_id_for_name(name).map(|id| id.get()),
    }
}

/// The number of a node kind, which may be a token.
fn id_of(kind: &str, language: &tree_sitter::Language) -> Option<u16> {
    [true, false].into_iter().map(|named| language.id_for_node_kind(kind, named)).find(|&id| id != 0)
}

/// The places at which a child stands, from its field's number, 0 if it has none, and its own among its siblings.
pub(super) fn places(child: Node<'_>, field: u16, nth: u32) -> [u16; 3] {
    [field, KIND | child.kind_id(), NTH | u16::try_from(nth).unwrap_or(u16::MAX).min(NTH - 1)]
}

/// The first child of a node at a place.
pub(super) fn child_at<'tree>(node: Node<'tree>, place: u16) -> Option<Node<'tree>> {
    match place & (KIND | NTH) {
        0 => node.child_by_field_id(place),
        KIND => node.children(&mut node.walk()).take(CHILDREN_MAX).find(|child| KIND | child.kind_id() == place),
        _ => node.named_child(u32::from(place - NTH)),
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::languages;
    use crate::kinds::Language;

    /// A node or field a grammar does not have would silently never match.
    #[test]
    fn every_name_in_every_table_is_in_its_grammar() {
        for &language in Language::ALL {
            let table = languages::table(language);
            let grammar = (table.grammar)();
            let known = |kind: &str| super::id_of(kind, &grammar).is_some();
            let kinds = table.leaves().chain(table.rules().map(|rule| rule.kind));
            let mut unknown: Vec<&str> = kinds.filter(|kind| !known(kind)).collect();
            unknown.extend(table.soft.iter().filter(|token| grammar.id_for_node_kind(token, false) == 0));
            for rule in table.rules() {
                let definition = rule.definition.iter().flat_map(|d| d.name.iter().chain(d.ends.fields()));
                let own = [rule.object, rule.labels_of, rule.late.unwrap_or_default()];
                let steps = rule.typed.split('/').chain(rule.valued.split('/'));
                let fields =
                    rule.gives.iter().map(|(field, _)| *field).chain(definition.copied()).chain(own).chain(steps);
                unknown.extend(fields.filter(|f| !f.is_empty() && super::place(f, &grammar).is_none()));
            }
            assert!(unknown.is_empty(), "{}: {unknown:?}", language.name());
        }
    }

    #[test]
    fn no_node_kind_has_two_rules() {
        for &language in Language::ALL {
            let table = languages::table(language);
            let mut kinds: Vec<&str> = table.leaves().chain(table.rules().map(|rule| rule.kind)).collect();
            kinds.sort_unstable();
            let repeated: Vec<_> = kinds.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
            assert!(repeated.is_empty(), "{}: {repeated:?}", language.name());
        }
    }
}
