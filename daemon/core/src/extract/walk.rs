//! One walk over a syntax tree, driven by a table. Knows no language. Its stack is its own, so that no nesting is too deep.

use std::collections::HashSet;
use std::ops::Range;

use tree_sitter::{Node, Point, Tree, TreeCursor};

use super::collect::{Collector, LocalRule};
use super::paths::{self, Spelling};
use super::scene::{Scene, has_locals, has_members};
use super::scopes::ScopeKind;
use super::table::{
    self, Action, Arguments, Compiled, CompiledRule, DefinitionRule, End, Form, Give, Leads, Seen, Table, Verdict,
};
use super::trivia::{self, Above, Lead, Span};
use super::typed::{self, Said};
use super::words::{self, Token, Wanted};
use crate::facts::{
    ARGUMENTS_MAX, Definition, DefinitionId, Facts, NAME_BYTES_MAX, OPERATOR, Position, RECEIVER_OF_LABEL,
    RECEIVER_UNKNOWN, TYPE_OF_VALUE,
};
use crate::kinds::{BindingKind, Role, SymbolKind};

/// The receiver of a label that is a member of the class around.
const OWN: &str = "this";

/// Most steps from a definition to its name (`**(*name)(…)[]`), and most attributes inside one.
const STEPS_MAX: u32 = 64;

/// The facts in a tree. What is hidden is not in it.
pub(super) fn walk(compiled: &Compiled, tree: &Tree, source: &[u8], hidden: &[Range<usize>]) -> Facts {
    let mut walk = Walk {
        compiled,
        source,
        out: Collector::new(source.len(), compiled.table.locals),
        names_operators: compiled.table.soft.contains(&OPERATOR),
        frames: vec![Frame::default()],
        ahead: Vec::new(),
        bound: Vec::new(),
        statements: Vec::new(),
        error: None,
        hidden,
        hidden_line: (0, 0),
        hidden_run: 0..0,
    };
    walk.out.enter_scope(ScopeKind::File);
    walk.run(tree);
    walk.scan_hidden(source.len());
    walk.out.leave_scope();
    walk.out.finish(source)
}

struct Walk<'s, 'c> {
    compiled: &'c Compiled,
    source: &'s [u8],
    out: Collector<'s>,
    /// Operators have names: `operator bool`.
    names_operators: bool,
    /// One for each node from the root to the current one's parent, below a frame for the file.
    frames: Vec<Frame<'c>>,
    /// First bytes of the names of definitions entered but whose name was not reached yet.
    ahead: Vec<usize>,
    /// How many bindings there were before one in a condition, and where its value ends, if that was not reached yet.
    bound: Vec<(usize, usize)>,
    /// Those around the current node.
    statements: Vec<Statement>,
    /// The outermost node of error around it.
    error: Option<Error>,
    /// What the tree does not have, as far as it was not reached yet.
    hidden: &'s [Range<usize>],
    /// Where the line begins in which something hidden was found last, and its row.
    hidden_line: (usize, usize),
    /// What was hidden last, with all that stands directly before it.
    hidden_run: Range<usize>,
}

/// What a node's children need to know.
#[derive(Clone, Copy, Default)]
struct Frame<'c> {
    rule: Option<&'c CompiledRule>,
    given: Give,
    all: Option<Role>,
    scene: Scene,
    /// Children met so far, comments not counted.
    children: u32,
    /// Of a path: the bytes of what stands before the dot.
    receiver: (u32, u32),
    /// Of a flat path: where its last name begins, and the bytes of the parts met so far.
    last_part: Option<u32>,
    parts: (u32, u32),
    lead: Lead,
    wrapper: Option<Wrapper>,
    /// Where the node begins if it is a wrapper, for judges of what stands directly inside.
    wrapper_start: Option<u32>,
    /// Where a node with a rule begins.
    start: u32,
    /// Leaving it ends a scope.
    is_scope: bool,
    /// How many bindings there were, plus one, if those made inside are not seen at once.
    late: u32,
    /// The bytes of the type that is written for what is declared inside, or behind it of its value.
    typed: TypedBytes,
    /// Of a list of names, where it begins.
    in_order: Option<u32>,
    /// The bytes of the type or function whose labels stand inside.
    labels_of: (u32, u32),
    /// The bytes of what paths inside stand on.
    base: (u32, u32),
    /// How many arguments a call gives whose name stands inside.
    arguments: Option<u8>,
}

/// Where the type of what is declared is written, or its value; nowhere if empty.
#[derive(Clone, Copy, Debug, Default)]
struct TypedBytes {
    of_type: (u32, u32),
    of_value: (u32, u32),
    /// Where it is declared a value might stand.
    may_have_value: bool,
}

/// Frames looked up from a name to the node that declares it (`**(*name)(…)[]`), or from a label to that whose it is.
const DECLARATOR_FRAMES_MAX: usize = 12;

/// Bytes of a condition looked at for the value that it gives to a name.
const CONDITION_BYTES_MAX: usize = 256;

/// Frames looked up from a path to what it stands on.
const BASE_FRAMES_MAX: usize = 16;

/// What the first definition inside takes over.
#[derive(Clone, Copy)]
struct Wrapper {
    above: Above,
    start: u32,
    row: u32,
    /// Only for a definition that starts in `row`.
    of_line: bool,
}

/// What a grammar did not understand.
struct Error {
    bytes: Range<usize>,
    start: Point,
    /// How many definitions and references were found before it.
    before: (usize, usize),
    /// How many frames there are with its own.
    depth: usize,
}

/// The extent of names that are definitions themselves.
#[derive(Clone)]
struct Statement {
    bytes: Range<usize>,
    text_start: usize,
    above: Above,
    end_row: u32,
    /// What it defines itself, and the container of that: further names stand beside it, not in it.
    definition: Option<DefinitionId>,
    container: Option<DefinitionId>,
}

/// A name to be understood.
struct Name<'s, 't> {
    node: Node<'t>,
    text: &'s [u8],
    position: Position,
    given: Give,
    is_object: bool,
}

impl<'s, 'c> Walk<'s, 'c> {
    fn run(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        loop {
            if self.enter(&cursor) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave();
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return self.leave_root(tree.root_node());
                }
                self.leave();
            }
        }
    }

    /// A grammar that fails may also pass over the rest of the file.
    fn leave_root(&mut self, root: Node<'_>) {
        let last = root.child_count().checked_sub(1).and_then(|last| root.child(last));
        if let Some(last) = last.filter(|_| root.has_error() && !root.is_error()) {
            self.leave_error(self.error_in(last.end_byte()..self.source.len(), last.end_position()));
        }
    }

    fn leave(&mut self) {
        let depth = self.frames.len();
        if let Some(error) = self.error.take_if(|error| error.depth == depth) {
            self.leave_error(error);
        }
        let Some(frame) = self.frames.pop() else { return };
        let Some(rule) = frame.rule else { return };
        if matches!(rule.rule.form, Form::Statement) {
            self.statements.pop();
        }
        self.show_late(frame.late);
        if frame.is_scope {
            self.out.leave_scope();
        }
    }

    /// Lets bindings be seen from here on that were made since the mark of a frame.
    fn show_late(&mut self, late: u32) {
        if let Some(mark) = late.checked_sub(1) {
            self.out.delay(mark as usize);
        }
    }

    /// A leaf of error holds what the grammar could not use at all.
    fn enter_leaf(&mut self, node: Node<'_>) {
        if node.is_error() {
            self.scan(node);
        }
    }

    /// What a grammar does not understand it may cut to pieces, take for a string or pass over: names it has lost are found by
    /// their letters.
    fn leave_error(&mut self, error: Error) {
        let Facts { declarations, occurrences, .. } = &self.out.facts;
        let defined = declarations.definitions[error.before.0..].iter().map(|definition| definition.position);
        // A word may begin before the error in which it is cut.
        let referred =
            occurrences.references[error.before.1.saturating_sub(1)..].iter().map(|reference| reference.position);
        let known: HashSet<Position> = defined.chain(referred).collect();
        let is_lost = |word: &[u8], at: Position| !known.contains(&at) && !self.compiled.is_token(word);
        let enclosing = self.top().scene.definition;
        let bytes = error.bytes.start..error.bytes.end.min(self.source.len());
        let token = Token { bytes, start: error.start, enclosing };
        words::refer_to_words(&mut self.out, self.source, self.compiled.table, token, &Wanted::If(&is_lost));
        self.out.sort_references(error.before.1);
    }

    /// Visits a node; whether a frame was pushed for its children.
    fn enter(&mut self, cursor: &TreeCursor<'_>) -> bool {
        let node = cursor.node();
        if !self.hidden.is_empty() {
            self.scan_hidden(node.start_byte());
        }
        let action = self.compiled.action(node.kind_id());
        if !self.is_trivia(node, action) {
            self.top_mut().children += 1;
        }
        match action {
            Action::Skip => {
                // A keyword may stand before the dot: `this`, `base`.
                let top = self.top();
                if top.receiver.1 == 0 && top.rule.is_some_and(|rule| rule.object != 0) {
                    self.receive(cursor, node);
                }
                false
            }
            Action::Name(usual) => {
                self.enter_name(cursor, node, usual);
                false
            }
            Action::Builtin(usual) => {
                self.enter_builtin(cursor, node, usual);
                false
            }
            Action::Word => {
                self.enter_word(cursor, node);
                false
            }
            Action::Descend => {
                self.receive(cursor, node);
                self.forget_lead();
                if node.child_count() == 0 {
                    self.enter_leaf(node);
                    return false;
                }
                let &Frame { scene, all, .. } = self.top();
                self.frames.push(Frame { scene, all, ..Frame::default() });
                if node.is_error() && self.error.is_none() {
                    self.error = Some(self.error_in(node.byte_range(), node.start_position()));
                }
                true
            }
            Action::Rule(number) => self.enter_rule(cursor, node, self.compiled.rule(number)),
        }
    }

    fn error_in(&self, bytes: Range<usize>, start: Point) -> Error {
        let Facts { declarations, occurrences, .. } = &self.out.facts;
        let before = (declarations.definitions.len(), occurrences.references.len());
        Error { bytes, start, before, depth: self.frames.len() }
    }

    /// Tokens and comments, which do not count as children.
    fn is_trivia(&self, node: Node<'_>, action: Action) -> bool {
        match action {
            Action::Skip => true,
            Action::Word => !node.is_named(),
            Action::Rule(number) => matches!(self.compiled.rule(number).rule.form, Form::Comment),
            Action::Descend | Action::Name(_) | Action::Builtin(_) => false,
        }
    }

    fn top(&self) -> &Frame<'c> {
        &self.frames[self.frames.len() - 1]
    }

    fn top_mut(&mut self) -> &mut Frame<'c> {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn text(&self, node: Node<'_>) -> &'s [u8] {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// What the parent gives to a node, and whether the node stands before the dot of a path.
    fn receive(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>) -> (Give, bool) {
        let frame = self.top();
        let Some(rule) = frame.rule else { return (Give::Nothing, false) };
        if rule.gives.is_empty() && rule.object == 0 && rule.late == 0 && !rule.rule.is_flat {
            return (frame.resolve(rule.rule.rest), false);
        }
        let field = cursor.field_id().map_or(0, |id| id.get());
        let places = table::places(node, field, frame.children.saturating_sub(1));
        if rule.late != 0 && places.contains(&rule.late) {
            let late = std::mem::take(&mut self.top_mut().late);
            self.show_late(late);
        }
        if let Some((left, operator)) = rule.infix {
            let first = self.source.get(node.start_byte()).copied().unwrap_or_default();
            let is_name = words::is_word(first);
            let is_literal = first.is_ascii_digit() || matches!(first, b'"' | b'\'');
            let frame = self.top_mut();
            if places.contains(&left) && !is_literal {
                frame.parts = (node.start_byte() as u32, node.end_byte() as u32);
            }
            frame.receiver = if places.contains(&operator) && is_name { frame.parts } else { (0, 0) };
        }
        let frame = self.top();
        if rule.object != 0 && places.contains(&rule.object) {
            let give = frame.resolve(Give::Object);
            self.top_mut().receiver = (self.path_start(node, rule), node.end_byte() as u32);
            return (give, true);
        }
        match rule.gives.iter().find(|(place, _)| *place != 0 && places.contains(place)) {
            Some((_, give)) => (frame.resolve(*give), false),
            None if rule.rule.is_flat => (self.receive_part(node), false),
            None => (frame.resolve(rule.rule.rest), false),
        }
    }

    /// What a flat path gives to one of its parts: to the last name what the path was given, nothing to what follows that.
    fn receive_part(&mut self, part: Node<'_>) -> Give {
        let (start, end) = (part.start_byte() as u32, part.end_byte() as u32);
        let frame = self.top_mut();
        if frame.last_part.is_some_and(|last| last < start) {
            return Give::Nothing;
        }
        frame.receiver = frame.parts;
        frame.parts = (if frame.parts.1 == 0 { start } else { frame.parts.0 }, end);
        let is_before = frame.last_part.is_some_and(|last| start < last);
        frame.resolve(if is_before { Give::Object } else { Give::Inherit })
    }

    /// Where the path begins whose object a node is: further left if the path is itself the last part of another (C++).
    fn path_start(&self, node: Node<'_>, rule: &CompiledRule) -> u32 {
        let start = node.start_byte() as u32;
        if let Some(base) = self.base(rule) {
            return base.0;
        }
        let around = self.frames.len().checked_sub(2).map(|parent| &self.frames[parent]);
        let is_nested = |parent: &&Frame<'_>| parent.rule.is_some_and(|outer| std::ptr::eq(outer, rule));
        let outer = around.filter(is_nested).map_or((0, 0), |parent| parent.receiver);
        if outer.1 > 0 && outer.1 <= start { outer.0 } else { start }
    }

    /// The bytes of what a path stands on that does not hold it.
    fn base(&self, rule: &CompiledRule) -> Option<(u32, u32)> {
        let mut around = self.frames.iter().rev().take(BASE_FRAMES_MAX).filter(|_| rule.rule.on_base);
        around.find(|frame| frame.base.1 > 0).map(|frame| frame.base)
    }

    fn forget_lead(&mut self) {
        let lead = &mut self.top_mut().lead;
        if !lead.is_empty() {
            *lead = Lead::default();
        }
    }

    fn enter_rule(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>, rule: &'c CompiledRule) -> bool {
        match rule.rule.form {
            Form::Comment => {
                self.note_comment(node);
                return false;
            }
            Form::Token => return false,
            Form::String(is_plain) if is_plain(self.text(node)) => {
                if rule.rule.quotes_types.is_some_and(|is_type| is_type(cursor, self.source)) {
                    self.scan_types(node);
                }
                return false;
            }
            Form::Opaque => {
                self.scan(node);
                return false;
            }
            Form::Text(mark) => {
                self.enter_text(cursor, node, mark);
                return false;
            }
            Form::Attribute => {
                let span = span(node);
                self.top_mut().lead.attribute(span);
            }
            Form::Plain | Form::Wrapper | Form::WrapperOfLine | Form::Statement | Form::String(_) => {}
        }
        let (given, is_object) = self.receive(cursor, node);
        let mut frame = self.frame_of(node, rule, given);
        if rule.rule.ends_path && !is_object {
            frame.receiver = self.top().receiver;
        }
        if let Some(base) = self.base(rule) {
            frame.receiver = base;
        }
        if !matches!(rule.rule.form, Form::Attribute) {
            self.forget_lead();
        }
        self.frames.push(frame);
        true
    }

    fn enter_text(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>, mark: &str) {
        let is_of_one_line = self.receive(cursor, node).0 == Give::Nothing;
        let wanted = match mark {
            _ if is_of_one_line && self.text(node).contains(&b'\n') => Wanted::All,
            "" => return,
            mark => Wanted::Marked(mark),
        };
        self.scan_for(node, &wanted);
    }

    fn frame_of(&mut self, node: Node<'_>, rule: &'c CompiledRule, given: Give) -> Frame<'c> {
        let given = turned(rule, given);
        let parent = self.top();
        let is_body_of_namespace =
            parent.scene.is_namespace() && parent.rule.is_some_and(|r| r.rule.definition.is_some());
        let mut frame = Frame {
            rule: Some(rule),
            given,
            all: rule.rule.all.or(parent.all),
            scene: parent.scene,
            start: node.start_byte() as u32,
            ..Frame::default()
        };
        if rule.rule.is_flat {
            frame.last_part = self.last_name(node).map(|name| name.start_byte() as u32);
        }
        if let Some(imports) = rule.rule.imports {
            let found = &mut self.out.facts.declarations.imports;
            let before = found.len();
            imports(node, self.source, found);
            let is_at_top = frame.scene.definition.is_none();
            for import in &mut found[before..] {
                import.enclosing = frame.scene.definition;
                import.exported |= is_at_top && self.compiled.table.passes_imports_on;
            }
        }
        if rule.rule.late.is_some() {
            frame.late = self.out.bindings() as u32 + 1;
        }
        if !rule.typed.is_empty() || !rule.valued.is_empty() || rule.rule.valued_last {
            frame.typed = typed_bytes(node, rule);
        }
        frame.labels_of = field_bytes(node, rule.labels_of);
        frame.arguments = match rule.rule.arguments {
            Some(arguments) => arguments_of(node, rule.arguments, &arguments),
            None => self.top().arguments.filter(|_| given == Give::Role(Role::Call)),
        };
        if let Some(base) = rule.rule.has_base.then(|| node.child(0)).flatten() {
            frame.base = (base.start_byte() as u32, base.end_byte() as u32);
        }
        frame.in_order = rule.rule.in_order.then_some(node.start_byte() as u32);
        match rule.rule.form {
            Form::Wrapper => self.wrap(&mut frame, node, false),
            Form::WrapperOfLine => self.wrap(&mut frame, node, true),
            Form::Statement => {
                let statement = self.statement(node);
                self.statements.push(statement);
            }
            Form::Plain
            | Form::Comment
            | Form::Attribute
            | Form::Opaque
            | Form::Token
            | Form::String(_)
            | Form::Text(_) => {}
        }
        if rule.rule.locals && !is_body_of_namespace {
            frame.scene.local = true;
        }
        if let Some(given) = rule.rule.given {
            frame.given = given(&self.seen(&frame, node));
        }
        if let Some(definition) = &rule.rule.definition {
            self.define_node(&mut frame, node, rule, definition);
        }
        if let Some(scope) = rule.rule.scope.filter(|_| !frame.is_scope) {
            frame.is_scope = true;
            self.out.enter_scope(scope);
        }
        if let Some(receives) = rule.rule.receives {
            let before = self.source.get(..node.start_byte()).unwrap_or_default().trim_ascii_end();
            let given = receives(node, before, self.out.last());
            let path =
                given.map(|path| paths::path(&path, self.spelling()).map(|path| format!("{TYPE_OF_VALUE}{path}")));
            path.into_iter().for_each(|path| self.out.receive(path));
        }
        frame
    }

    fn seen<'t>(&self, frame: &Frame<'_>, node: Node<'t>) -> Seen<'s, 't> {
        let wrapper = self.top().wrapper_start.map_or(node.start_byte(), |start| start as usize);
        let around = self.frames.len().checked_sub(2).map_or((0, 0), |around| self.frames[around].labels_of);
        let labels_of = self.source.get(around.0 as usize..around.1 as usize).unwrap_or_default();
        Seen { node, source: self.source, scene: frame.scene, given: frame.given, wrapper, labels_of }
    }

    fn note_comment(&mut self, node: Node<'_>) {
        // Where comments are no documentation they belong all the same to what they stand above.
        if trivia::begins_line(self.source, node.start_byte()) {
            let span = span(node);
            self.top_mut().lead.comment(span);
        }
    }

    /// Comments and attributes above a node; those above its wrapper if it begins the wrapper.
    fn above(&self, node: Node<'_>) -> (Above, u32) {
        let row = node.start_position().row as u32;
        let above = self.top().lead.above(row);
        let start = self.text_start(node) as u32;
        match self.top().wrapper {
            Some(wrapper) if !wrapper.of_line || wrapper.row == row => {
                let doc = if above.doc.1 > above.doc.0 { above.doc } else { wrapper.above.doc };
                let start = if wrapper.row == row { wrapper.start } else { start };
                (Above { doc, ..wrapper.above }, start)
            }
            Some(_) | None => (above, start),
        }
    }

    /// Where a declaration's text begins, behind the decorators inside it or inside the modifiers it begins with.
    fn text_start(&self, node: Node<'_>) -> usize {
        let first = self.first_but_attributes(node);
        let inside = first.filter(|first| first.child(0).is_some_and(|child| self.is_attribute(child)));
        let start = inside.map(|modifiers| match self.first_but_attributes(modifiers) {
            Some(word) => word.start_byte(),
            None => modifiers.next_sibling().map_or(modifiers.end_byte(), |next| next.start_byte()),
        });
        start.or_else(|| first.map(|first| first.start_byte())).unwrap_or_else(|| node.start_byte())
    }

    fn first_but_attributes<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut children = (0..STEPS_MAX).map_while(|index| node.child(index));
        children.find(|child| !self.is_attribute(*child))
    }

    fn is_attribute(&self, node: Node<'_>) -> bool {
        match self.compiled.action(node.kind_id()) {
            Action::Rule(number) => matches!(self.compiled.rule(number).rule.form, Form::Attribute),
            Action::Skip | Action::Descend | Action::Name(_) | Action::Builtin(_) | Action::Word => false,
        }
    }

    fn wrap(&mut self, frame: &mut Frame<'c>, node: Node<'_>, of_line: bool) {
        let (mut above, start) = self.above(node);
        let row = self.row_of(node, start);
        above.first = above.first.into_iter().chain([node.start_byte() as u32]).min();
        frame.wrapper = Some(Wrapper { above, start, row, of_line });
        frame.wrapper_start = Some(node.start_byte() as u32);
    }

    /// The row of `start`, which is the node's own unless decorators come first.
    fn row_of(&self, node: Node<'_>, start: u32) -> u32 {
        let before = self.source.get(node.start_byte()..start as usize).unwrap_or_default();
        node.start_position().row as u32 + memchr::memchr_iter(b'\n', before).count() as u32
    }

    fn statement(&self, node: Node<'_>) -> Statement {
        let (above, _) = self.above(node);
        let container = self.top().scene.definition;
        let text_start = self.start_with_hidden(node.start_byte());
        Statement {
            bytes: node.byte_range(),
            text_start,
            above,
            end_row: span(node).rows.1,
            definition: None,
            container,
        }
    }

    fn define_node(&mut self, frame: &mut Frame<'c>, node: Node<'_>, rule: &CompiledRule, definition: &DefinitionRule) {
        let Some(name_node) = self.name_of(node, rule) else { return };
        let usual = Verdict {
            kind: if frame.scene.is_class() { definition.member } else { definition.kind },
            declaration: false,
            contains: true,
            of_class: false,
            name_is_reference: definition.name_is_reference,
            implied_name: "",
            levels: 1,
        };
        let seen = self.seen(frame, node);
        let Some(verdict) = definition.judge.map_or(Some(usual), |judge| judge(&seen, usual)) else { return };
        let Some(id) = self.add_definition(frame, node, rule, definition, name_node, verdict) else { return };
        if !verdict.name_is_reference {
            self.ahead.push(name_node.start_byte());
        }
        if let Some(container) = definition.receiver.and_then(|find| find(node)) {
            self.out.belongs_to(id, self.text(container));
        }
        if let (Form::Statement, Some(statement)) = (rule.rule.form, self.statements.last_mut()) {
            statement.definition = Some(id);
        }
        if verdict.contains {
            frame.scene = frame.scene.inside(id, verdict.kind, verdict.levels);
            // Behind a sigil fields and methods are two sets of names.
            let is_word = |own: &&str| own.starts_with(char::is_alphabetic);
            if has_members(verdict.kind) && self.compiled.table.selves.iter().any(is_word) {
                self.look_ahead(id, node, rule);
            }
            if has_locals(verdict.kind) || has_members(verdict.kind) {
                frame.is_scope = true;
                self.out.enter_scope(if has_locals(verdict.kind) { ScopeKind::Function } else { ScopeKind::Members });
            }
        }
    }

    /// Notes what a class declares, directly or in statements: writing it through a self further up is no definition.
    fn look_ahead(&mut self, class: DefinitionId, node: Node<'_>, rule: &CompiledRule) {
        let Some(body) = rule.body.first().and_then(|&place| table::child_at(node, place)) else { return };
        let mut cursor = body.walk();
        let members: Vec<Node<'_>> = body.named_children(&mut cursor).collect();
        for member in members {
            if !self.announce(class, member) {
                for inner in member.named_children(&mut cursor) {
                    self.announce(class, inner);
                }
            }
        }
    }

    /// Notes the name of a member, if the node is one.
    fn announce(&mut self, class: DefinitionId, node: Node<'_>) -> bool {
        let Action::Rule(number) = self.compiled.action(node.kind_id()) else { return false };
        let rule = self.compiled.rule(number);
        let name = rule.rule.definition.and_then(|_| self.name_of(node, rule));
        if let Some(name) = name {
            self.out.announce(class, self.name_at(name).0);
        }
        name.is_some()
    }

    fn add_definition(
        &mut self,
        frame: &Frame<'c>,
        node: Node<'_>,
        rule: &CompiledRule,
        definition: &DefinitionRule,
        name_node: Node<'_>,
        verdict: Verdict,
    ) -> Option<DefinitionId> {
        let scene = frame.scene;
        let (written, position) = self.name_at(name_node);
        let name = if verdict.implied_name.is_empty() { written } else { verdict.implied_name.as_bytes() };
        let name = self.out.name(name)?;
        let (above, start) = self.above(node);
        let start = self.start_with_hidden(start as usize);
        self.top_mut().wrapper = None;
        let definition = Definition {
            name,
            kind: verdict.kind,
            declaration: verdict.declaration,
            position,
            start_line: above.start_row + 1,
            end_line: span(node).rows.1 + 1,
            container: if verdict.of_class { scene.class } else { scene.definition },
            signature: self.signature(node, start, rule, definition),
            doc: self.doc(node, above),
            of: None,
            type_text: String::new(),
            bases: Vec::new(),
            text_hash: 0,
        };
        let first = start.min(node.start_byte()) as u32;
        let extent = above.first.map_or(first, |above| above.min(first))..node.end_byte() as u32;
        let said = if has_members(verdict.kind) { Said::Nothing } else { self.said(frame.typed) };
        Some(self.out.define(definition, extent, &said))
    }

    fn signature(&self, node: Node<'_>, start: usize, rule: &CompiledRule, definition: &DefinitionRule) -> String {
        let comments = &self.compiled.table.comments;
        let text = |end: usize| self.source.get(start..end).unwrap_or_default();
        let end = match definition.ends {
            End::Body(_) => self.body_start(node, rule).unwrap_or(node.end_byte()),
            End::Before(_) => {
                let end = rule.body.iter().find_map(|&place| table::child_at(node, place));
                end.map_or(node.end_byte(), |end| end.start_byte())
            }
            End::Line => start + memchr::memchr(b'\n', text(node.end_byte())).unwrap_or(node.end_byte() - start),
            End::Brace => trivia::brace(text(node.end_byte()), comments).map_or(node.end_byte(), |brace| start + brace),
        };
        trivia::fold(text(end), comments)
    }

    fn body_start<'t>(&self, node: Node<'t>, rule: &CompiledRule) -> Option<usize> {
        // A list of one may stand between (Lua).
        let last = |node: Node<'t>| node.named_child((node.named_child_count() as u32).checked_sub(1)?);
        let body = rule.body.iter().try_fold(node, |node, &field| {
            node.child_by_field_id(field).or_else(|| last(node)?.child_by_field_id(field))
        })?;
        (!rule.body.is_empty()).then(|| body.start_byte())
    }

    fn doc(&self, node: Node<'_>, above: Above) -> String {
        let comments = &self.compiled.table.comments;
        if let Some(docstring) = comments.docstring {
            return docstring(node).map_or_else(String::new, |string| trivia::docstring_line(self.text(string)));
        }
        let text = self.source.get(above.doc.0 as usize..above.doc.1 as usize).unwrap_or_default();
        if text.is_empty() { String::new() } else { trivia::doc_line(text, comments) }
    }

    /// The leaf that names a definition.
    fn name_of<'t>(&self, node: Node<'t>, rule: &CompiledRule) -> Option<Node<'t>> {
        let mut node = node;
        for _ in 0..STEPS_MAX {
            let by_place = || rule.name.iter().find_map(|&place| table::child_at(node, place));
            let by_part = if self.is_flat(node) { self.last_name(node) } else { None };
            node = by_part.or_else(|| self.leading_child(node)).or_else(by_place)?;
            if self.is_name(node) {
                return (node.end_byte() > node.start_byte()).then_some(node);
            }
        }
        None
    }

    /// What a node without fields holds that leads on to a name (`(*name)`).
    fn leading_child<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        match self.compiled.action(node.kind_id()) {
            Action::Rule(number) => match self.compiled.rule(number).rule.leads_to_name? {
                Leads::First => node.named_child(0),
                Leads::Last => node.named_child((node.named_child_count() as u32).checked_sub(1)?),
                Leads::Token => node.child(0),
            },
            Action::Skip | Action::Descend | Action::Name(_) | Action::Builtin(_) | Action::Word => None,
        }
    }

    fn is_flat(&self, node: Node<'_>) -> bool {
        match self.compiled.action(node.kind_id()) {
            Action::Rule(number) => self.compiled.rule(number).rule.is_flat,
            Action::Skip | Action::Descend | Action::Name(_) | Action::Builtin(_) | Action::Word => false,
        }
    }

    /// The last child that is a name itself.
    fn last_name<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let children = (0..node.named_child_count() as u32).rev().take(STEPS_MAX as usize);
        children.filter_map(|index| node.named_child(index)).find(|child| self.is_name(*child))
    }

    fn is_name(&self, node: Node<'_>) -> bool {
        matches!(self.compiled.action(node.kind_id()), Action::Name(_) | Action::Builtin(_) | Action::Word)
    }

    fn enter_builtin(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>, usual: Role) {
        let is_product = words::is_product(self.text(node));
        if is_product || words::is_keyword(self.compiled.table, self.text(node)) {
            self.receive(cursor, node);
            self.forget_lead();
        } else {
            self.enter_name(cursor, node, usual);
        }
        if is_product {
            self.scan(node);
        }
    }

    fn enter_word(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>) {
        let given = self.receive(cursor, node).0;
        // A token is a name only in text without structure, or if it is declared to be one.
        let is_declared = matches!(given, Give::Declare(_));
        if given == Give::Lexical || given != Give::Nothing && node.is_named() || is_declared {
            self.enter_name(cursor, node, Role::Read);
        }
        self.forget_lead();
    }

    fn enter_name(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>, usual: Role) {
        let (given, is_object) = self.receive(cursor, node);
        let start = node.start_byte();
        self.show_bound(start);
        while self.ahead.pop_if(|ahead| *ahead < start).is_some() {}
        if self.ahead.pop_if(|ahead| *ahead == start).is_none() {
            let (text, position) = self.name_at(node);
            self.understand(Name { node, text, position, given, is_object }, usual);
        }
        self.forget_lead();
    }

    fn understand(&mut self, name: Name<'s, '_>, usual: Role) {
        let frame = self.top();
        let role = match name.given {
            Give::Role(role) => role,
            Give::Binding if self.is_of_pattern(&name) => usual,
            Give::Binding | Give::Local => return self.declare(&name, BindingKind::Local, false),
            Give::Parameter => return self.declare(&name, BindingKind::Parameter, false),
            Give::TypeParameter => return self.declare(&name, BindingKind::TypeParameter, false),
            Give::Bounded => {
                self.bound(&name);
                Role::Type
            }
            Give::Free => {
                self.out.free(name.text);
                Role::Write
            }
            Give::Lexical => return self.refer_lexically(name),
            Give::Label => return self.label(&name),
            Give::Define(kind) => return self.define_name(name, kind, false),
            Give::Declare(kind) => return self.define_name(name, kind, true),
            Give::Assign | Give::AssignMember => return self.assign(name),
            Give::Nothing | Give::Inherit | Give::Called | Give::Object => frame.all.unwrap_or(usual),
        };
        self.refer(&name, role);
    }

    fn bound(&mut self, name: &Name<'s, '_>) {
        if self.is_bare(name)
            && let Said::Written(bound) = self.said(self.declarator(name).0)
        {
            self.out.bound(name.text, bound);
        }
    }

    /// A name in a pattern that stands for something known: it is capitalised, quoted (Scala) or behind a dot.
    fn is_of_pattern(&self, name: &Name<'_, '_>) -> bool {
        let before = self.source[..name.node.start_byte()].last();
        name.text.first().is_some_and(u8::is_ascii_uppercase)
            || before == Some(&b'.')
            || self.text(name.node).starts_with(b"`")
    }

    fn refer(&mut self, name: &Name<'s, '_>, role: Role) {
        let receiver = self.receiver_text(name);
        let enclosing = self.top().scene.definition;
        // What stands in a function inherits for itself.
        let heir = enclosing.filter(|_| !self.top().scene.kind.is_some_and(has_locals));
        if let (Role::Inherit, Some(definition)) = (role, heir) {
            let before = self.receiver(name).len();
            let start = if before == 0 { name.node.start_byte() } else { self.top().receiver.0 as usize };
            let bytes = self.source.get(start..name.node.end_byte());
            let base = bytes.and_then(|bytes| paths::path(bytes, self.spelling()));
            base.into_iter().for_each(|base| self.out.inherit(definition, base));
        }
        let arguments = self.top().arguments.filter(|_| role == Role::Call);
        self.out.refer_with(name.text, role, name.position, enclosing, receiver, arguments);
    }

    /// What stands before the dot of the path a name ends, as a path, or before the name in its leaf.
    fn receiver_text(&self, name: &Name<'s, '_>) -> Option<String> {
        match (self.receiver(name), self.sigil(name)) {
            (b"", b"") if self.leaves_out_receiver(name) => Some(RECEIVER_UNKNOWN.into()),
            // Of a namespace the root.
            (b"" | b"\\", b"") => None,
            (b"", sigil) => Some(String::from_utf8_lossy(sigil).into_owned()),
            (receiver, _) => {
                let after = self.source.get(self.top().receiver.1 as usize..).unwrap_or_default();
                Some(words::receiver(receiver, after, self.spelling()))
            }
        }
    }

    /// Whether before a name there is a dot with nothing before that.
    fn leaves_out_receiver(&self, name: &Name<'s, '_>) -> bool {
        let before = &self.source[..name.node.start_byte()];
        self.top().rule.is_some_and(|rule| rule.rule.leaves_out) && before.ends_with(b".") && !before.ends_with(b"..")
    }

    fn spelling(&self) -> Spelling {
        Spelling::of(self.compiled.table)
    }

    /// Refers to a label. Whose it is says the nearest node around that has labels; what stands in the value of another label
    /// belongs to a type that is not written.
    fn label(&mut self, name: &Name<'s, '_>) {
        let mut labels_around = 0;
        let mut owner = None;
        for frame in self.frames.iter().rev().take(DECLARATOR_FRAMES_MAX) {
            let flag = |of: fn(&table::Rule) -> bool| frame.rule.is_some_and(|rule| of(rule.rule));
            if flag(|rule| rule.labels_own) {
                return self.refer_to(name, Role::Write, Some(OWN.into()));
            }
            labels_around += u32::from(flag(|rule| rule.labelled));
            if frame.labels_of.1 > 0 || labels_around > 1 || frame.is_scope {
                owner = (labels_around <= 1 && frame.labels_of.1 > 0).then_some(frame.labels_of);
                break;
            }
        }
        let bytes = owner.and_then(|(start, end)| self.source.get(start as usize..end as usize));
        let path = bytes.and_then(paths::item_path).unwrap_or_default();
        self.refer_to(name, Role::Write, Some(format!("{RECEIVER_OF_LABEL}{path}")));
    }

    fn refer_to(&mut self, name: &Name<'s, '_>, role: Role, receiver: Option<String>) {
        let enclosing = self.top().scene.definition;
        self.out.refer(name.text, role, name.position, enclosing, receiver);
    }

    /// Refers to a name that becomes a local variable here.
    fn declare(&mut self, name: &Name<'s, '_>, kind: BindingKind, is_assigned: bool) {
        let enclosing = self.top().scene.definition;
        let (mut typed, of_function) = self.declarator(name);
        if self.top().rule.is_some_and(|rule| rule.rule.binds) {
            typed.of_value = self.value_behind(name.node);
            self.bound.push((self.out.bindings(), typed.of_value.1 as usize));
        }
        let local = LocalRule { kind, of_function, is_assigned };
        let (source, table) = (self.source, self.compiled.table);
        if is_assigned && self.out.is_declared(name.text) {
            self.assign_anywhere(name);
        }
        self.out.declare(name.text, name.position, enclosing, local, || said(source, typed, table));
    }

    /// The bytes of the value that a condition gives to a name, else those of the name itself.
    fn value_behind(&self, name: Node<'_>) -> (u32, u32) {
        let rest = &self.source[name.end_byte()..];
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else {
            return (name.start_byte() as u32, name.end_byte() as u32);
        };
        let start = self.source.len() - value.len();
        let value = value.get(..CONDITION_BYTES_MAX).unwrap_or(value);
        let mut depth = 0usize;
        let ends = |byte: &u8| {
            match byte {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                b',' | b'{' if depth == 0 => return true,
                _ => {}
            }
            false
        };
        let value = &value[..value.iter().position(ends).unwrap_or(value.len())];
        let value = value.trim_ascii_end();
        let value = value.strip_suffix(b" else").unwrap_or(value);
        (start as u32, (start + value.len()) as u32)
    }

    /// Lets the names that conditions before a place give values be seen from there on.
    fn show_bound(&mut self, start: usize) {
        while let Some((mark, _)) = self.bound.pop_if(|(_, end)| *end <= start) {
            self.out.delay(mark);
        }
    }

    /// What the node around says of the name declared in it: its type or value, and that it belongs to the whole function.
    fn declarator(&self, name: &Name<'s, '_>) -> (TypedBytes, bool) {
        let mut typed = TypedBytes::default();
        let mut takes_apart = false;
        let mut of_function = false;
        let mut list = None;
        for frame in self.frames.iter().rev().take(DECLARATOR_FRAMES_MAX) {
            let Some(rule) = frame.rule else { break };
            // What a definition says of its own type says nothing of its parameters.
            if frame.is_scope && rule.rule.definition.is_some() {
                break;
            }
            takes_apart |= rule.rule.takes_apart;
            of_function |= rule.rule.of_function;
            list = list.or(frame.in_order);
            typed.add(frame.typed);
            if frame.is_scope {
                break;
            }
        }
        if let Some(start) = list {
            typed.of_value = self.value_in_order(start, name.node.start_byte(), typed.of_value);
            typed.may_have_value &= typed.of_value.1 > 0;
        }
        (if takes_apart { TypedBytes::default() } else { typed }, of_function)
    }

    /// The value among several that is assigned to a name among several: the one at the same place. Of a single value for several
    /// names, a call with several results, the first is the first's.
    fn value_in_order(&self, list: u32, name: usize, values: (u32, u32)) -> (u32, u32) {
        let before = self.source.get(list as usize..name).unwrap_or_default();
        let place = paths::top_level_commas(before).len();
        let text = self.source.get(values.0 as usize..values.1 as usize).unwrap_or_default();
        let commas = paths::top_level_commas(text);
        let has_results_in_order = self.compiled.table.wrappers.contains(&paths::FIRST);
        if commas.is_empty() {
            return if place == 0 && has_results_in_order { values } else { (0, 0) };
        }
        let start = if place == 0 { 0 } else { commas.get(place - 1).map_or(text.len(), |comma| comma + 1) };
        let end = commas.get(place).copied().unwrap_or(text.len());
        (values.0 + start as u32, values.0 + end.max(start) as u32)
    }

    /// What is said of a type; a value that is a local variable is outside of its scope what that is.
    fn said(&self, typed: TypedBytes) -> Said {
        let said = said(self.source, typed, self.compiled.table);
        let Said::Value(text) = &said else { return said };
        let value = text.trim_start_matches(TYPE_OF_VALUE);
        let head = value.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(value.len());
        match self.out.local_type(&value[..head]) {
            None => said,
            Some(None) => Said::Unknown,
            Some(Some(local)) if head == value.len() => Said::Value(local.to_owned()),
            Some(Some(local)) => Said::Value(typed::behind(local, &value[head..])),
        }
    }

    /// The bytes before the dot of the path a name ends.
    fn receiver(&self, name: &Name<'_, '_>) -> &'s [u8] {
        let (start, end) = self.top().receiver;
        if name.is_object || end == 0 { &[] } else { self.source.get(start as usize..end as usize).unwrap_or_default() }
    }

    /// What precedes a name in its leaf, where that says whose it is: `@`.
    fn sigil(&self, name: &Name<'s, '_>) -> &'s [u8] {
        let leaf = self.text(name.node);
        let sigil = &leaf[..leaf.len().saturating_sub(name.text.len())];
        let is_self = self.compiled.table.selves.iter().any(|own| own.as_bytes() == sigil);
        if is_self { sigil } else { &[] }
    }

    fn refer_lexically(&mut self, name: Name<'s, '_>) {
        let start = name.node.start_byte();
        let is_lifetime = self.source[..start].last() == Some(&b'\'');
        if !is_lifetime {
            let role = words::role_at(self.source, name.node.end_byte());
            // A macro's own variable.
            let is_parameter = self.text(name.node).starts_with(b"$");
            let receiver = if is_parameter {
                Some(RECEIVER_OF_LABEL.into())
            } else {
                words::receiver_before(self.source, start, self.spelling())
            };
            if let Some(owner) = receiver.is_none().then(|| self.label_in_tokens(&name)).flatten() {
                return self.refer_to(&name, Role::Write, Some(format!("{RECEIVER_OF_LABEL}{owner}")));
            }
            let enclosing = self.top().scene.definition;
            self.out.refer(name.text, role, name.position, enclosing, receiver);
        }
    }

    /// Whose label a name in text without structure is: it stands in braces with a colon behind it, or alone behind the name of a type
    /// and is no local variable.
    fn label_in_tokens(&self, name: &Name<'s, '_>) -> Option<String> {
        let open = self.top().start as usize;
        let (before, after) = (self.source.get(open..name.node.start_byte())?, &self.source[name.node.end_byte()..]);
        let is_item = before.starts_with(b"{") && matches!(before.trim_ascii_end().last(), Some(b'{' | b','));
        let (has_value, is_alone) = match after.trim_ascii_start() {
            [b':', next, ..] => (*next != b':', false),
            [b',' | b'}', ..] => (false, true),
            _ => (false, false),
        };
        if !is_item || !has_value && !is_alone {
            return None;
        }
        let owner = words::path_before(self.source[..open].trim_ascii_end());
        let owner = paths::type_path(owner, &[]).unwrap_or_default();
        let names_type = || owner.rsplit(':').next().is_some_and(|last| last.starts_with(char::is_uppercase));
        let is_local = || str::from_utf8(name.text).is_ok_and(|name| self.out.local_type(name).is_some());
        (has_value || names_type() && !is_local()).then_some(owner)
    }

    fn define_name(&mut self, name: Name<'s, '_>, kind: SymbolKind, declaration: bool) {
        let scene = self.top().scene;
        if scene.local {
            return self.declare(&name, BindingKind::Local, false);
        }
        let declaration = declaration || self.is_forward();
        let beside = self.statements.last().filter(|s| s.definition.is_some() && s.definition == scene.definition);
        let container = beside.map_or(scene.definition, |statement| statement.container);
        self.add_name(&name, kind, declaration, container);
    }

    /// Defines a name whose extent is that of its statement, else its own.
    fn add_name(&mut self, name: &Name<'s, '_>, kind: SymbolKind, declaration: bool, container: Option<DefinitionId>) {
        let Some(number) = self.out.name(name.text) else { return };
        let here = self.top().scene.definition;
        let around = self.statements.last().filter(|around| [around.definition, around.container].contains(&here));
        let statement = around.cloned().unwrap_or_else(|| self.statement(name.node));
        let declared = self.source.get(statement.text_start..statement.bytes.end).unwrap_or_default();
        let (typed, _) = self.declarator(name);
        let definition = Definition {
            name: number,
            kind,
            declaration,
            position: name.position,
            start_line: statement.above.start_row + 1,
            end_line: statement.end_row + 1,
            container,
            signature: trivia::fold(declared, &self.compiled.table.comments),
            doc: self.doc(name.node, statement.above),
            of: None,
            type_text: String::new(),
            bases: Vec::new(),
            text_hash: 0,
        };
        let first = statement.text_start.min(statement.bytes.start) as u32;
        let extent = statement.above.first.map_or(first, |above| above.min(first))..statement.bytes.end as u32;
        let said = self.said(typed);
        self.out.define(definition, extent, &said);
    }

    fn is_forward(&self) -> bool {
        let bytes = self.statements.last().map(|statement| statement.bytes.clone()).unwrap_or_default();
        let statement = self.source.get(bytes).unwrap_or_default();
        self.compiled.table.forward_words.iter().any(|word| statement.starts_with(word.as_bytes()))
    }

    fn assign(&mut self, name: Name<'s, '_>) {
        match self.assigned(&name) {
            Some((kind, container)) if !self.is_known(container, name.text) => {
                self.add_name(&name, kind, false, container);
            }
            Some((_, container)) => {
                self.out.assign(container, name.text, &self.said(self.declarator(&name).0));
                self.refer(&name, Role::Write);
            }
            None if self.declares_local(&name) => self.declare(&name, BindingKind::Local, true),
            None if self.is_bare(&name) => {
                self.assign_anywhere(&name);
                self.refer(&name, Role::Write);
            }
            None => self.refer(&name, Role::Write),
        }
    }

    /// Adds to the type of the variable around that a name means: a local one, or the file's.
    fn assign_anywhere(&mut self, name: &Name<'s, '_>) {
        let said = self.said(self.declarator(name).0);
        if !self.out.assign_local(name.text, &said) {
            self.out.assign(None, name.text, &said);
        }
    }

    /// Whether assigning to a name is all it takes to make it a local variable.
    fn declares_local(&self, name: &Name<'_, '_>) -> bool {
        self.compiled.table.locals.assigned && self.is_bare(name)
    }

    /// Whether nothing stands before a name.
    fn is_bare(&self, name: &Name<'_, '_>) -> bool {
        self.receiver(name).is_empty() && self.sigil(name).is_empty()
    }

    /// What an assignment to this name would define, and where.
    fn assigned(&self, name: &Name<'_, '_>) -> Option<(SymbolKind, Option<DefinitionId>)> {
        let scene = self.top().scene;
        let receiver = match self.receiver(name) {
            b"" => self.sigil(name),
            receiver => receiver,
        };
        if !receiver.is_empty() {
            let is_self = self.compiled.table.selves.iter().any(|own| own.as_bytes() == receiver);
            return (is_self && scene.class.is_some()).then_some((SymbolKind::Field, scene.class));
        }
        if scene.local || name.given == Give::AssignMember {
            None
        } else if scene.is_class() {
            Some((SymbolKind::Field, scene.definition))
        } else {
            Some((if is_constant(name.text) { SymbolKind::Constant } else { SymbolKind::Variable }, scene.definition))
        }
    }

    fn is_known(&mut self, container: Option<DefinitionId>, text: &'s [u8]) -> bool {
        self.out.name(text).is_none_or(|name| self.out.is_defined(container, name))
    }

    fn scan(&mut self, node: Node<'_>) {
        self.scan_for(node, &Wanted::All);
    }

    /// Refers to the types in a string of one line, whose quotes are one byte each.
    fn scan_types(&mut self, string: Node<'_>) {
        let (bytes, start) = (string.byte_range(), string.start_position());
        let before = self.out.facts.occurrences.references.len();
        let inside = bytes.start + 1..(bytes.end - 1).max(bytes.start + 1);
        self.scan_bytes(inside, Point { column: start.column + 1, ..start }, &Wanted::All);
        let found = self.out.facts.occurrences.references.iter_mut().skip(before);
        found.for_each(|reference| reference.role = Role::Type);
    }

    fn scan_for(&mut self, node: Node<'_>, wanted: &Wanted<'_>) {
        self.scan_bytes(node.byte_range(), node.start_position(), wanted);
    }

    /// Refers to the words of what is hidden before a place.
    fn scan_hidden(&mut self, end: usize) {
        while let Some((first, rest)) = self.hidden.split_first().filter(|(first, _)| first.start < end) {
            self.hidden = rest;
            self.hidden_run = self.start_with_hidden(first.start)..first.end;
            let line = memchr::memrchr(b'\n', &self.source[..first.start]).map_or(0, |newline| newline + 1);
            let (counted, row) = self.hidden_line;
            let row = row + memchr::memchr_iter(b'\n', &self.source[counted..line]).count();
            self.hidden_line = (line, row);
            self.scan_bytes(first.clone(), Point { row, column: first.start - line }, &Wanted::All);
        }
    }

    /// Where the text begins of what begins at a place: with what is hidden directly before it.
    fn start_with_hidden(&self, start: usize) -> usize {
        let run = self.source.get(self.hidden_run.clone()).filter(|run| !run.is_empty() && !run.ends_with(b";"));
        let between = run.and_then(|_| self.source.get(self.hidden_run.end..start));
        let is_adjacent = between.is_some_and(|between| between.iter().all(|byte| matches!(byte, b' ' | b'\t')));
        if is_adjacent { self.hidden_run.start } else { start }
    }

    fn scan_bytes(&mut self, bytes: Range<usize>, start: Point, wanted: &Wanted<'_>) {
        let token = Token { bytes, start, enclosing: self.top().scene.definition };
        if token.bytes.end <= self.source.len() {
            words::refer_to_words(&mut self.out, self.source, self.compiled.table, token, wanted);
        }
    }

    /// A name's text without what is not part of it, and where that stands.
    fn name_at(&self, node: Node<'_>) -> (&'s [u8], Position) {
        let (text, point) = (self.text(node), node.start_position());
        let sigils = self.compiled.table.sigils;
        let found = sigils.iter().find(|sigil| text.starts_with(sigil.as_bytes()) && text.len() > sigil.len());
        let bytes = found.map_or(0, |sigil| sigil.len());
        if let Some(&"`") = found {
            let name = &text[bytes..];
            return (name.strip_suffix(b"`").unwrap_or(name), words::position(point.row, point.column + bytes));
        }
        let start = node.start_byte() + bytes;
        if self.names_operators && text == OPERATOR.as_bytes() {
            return (self.conversion(start), words::position(point.row, point.column));
        }
        let word = words::whole_word(self.source, start..node.end_byte());
        let name = self.source.get(word.clone()).unwrap_or_default();
        (name, words::position(point.row, (point.column + bytes).saturating_sub(start - word.start)))
    }
}

impl<'s> Walk<'s, '_> {
    /// The name of the operator at a place that converts to a type: all before the parameters.
    fn conversion(&self, start: usize) -> &'s [u8] {
        let text = self.source.get(start..).unwrap_or_default();
        let text = text.get(..NAME_BYTES_MAX).unwrap_or(text);
        memchr::memchr(b'(', text).map_or(OPERATOR.as_bytes(), |end| &text[..end])
    }
}

impl Frame<'_> {
    fn resolve(&self, give: Give) -> Give {
        match give {
            Give::Inherit => self.given,
            Give::Called if self.given == Give::Role(Role::Decorate) => self.given,
            Give::Called => Give::Role(Role::Call),
            Give::Object if self.all == Some(Role::Import) => Give::Role(Role::Import),
            Give::Object => Give::Role(Role::Read),
            Give::Nothing
            | Give::Role(_)
            | Give::Local
            | Give::Parameter
            | Give::TypeParameter
            | Give::Bounded
            | Give::Free
            | Give::Binding
            | Give::Lexical
            | Give::Label
            | Give::Define(_)
            | Give::Declare(_)
            | Give::Assign
            | Give::AssignMember => give,
        }
    }
}

fn turned(rule: &CompiledRule, given: Give) -> Give {
    rule.rule.turns.iter().find(|(from, _)| *from == given).map_or(given, |(_, to)| *to)
}

impl TypedBytes {
    /// Takes what the node around says where nothing is said yet.
    fn add(&mut self, around: TypedBytes) {
        if self.of_type.1 == 0 {
            self.of_type = around.of_type;
        }
        if self.of_value.1 == 0 {
            self.of_value = around.of_value;
        }
        self.may_have_value |= around.may_have_value;
    }
}

fn typed_bytes(node: Node<'_>, rule: &CompiledRule) -> TypedBytes {
    let last = node.named_child_count().checked_sub(1).filter(|last| *last > 0 && rule.rule.valued_last);
    let last = last.and_then(|last| node.named_child(last as u32));
    let of_value = match last {
        Some(last) => (last.start_byte() as u32, last.end_byte() as u32),
        None => path_bytes(node, &rule.valued),
    };
    let may_have_value = !rule.valued.is_empty() || rule.rule.valued_last;
    TypedBytes { of_type: path_bytes(node, &rule.typed), of_value, may_have_value }
}

/// The bytes of what steps from child to child lead to, of a token of what follows it; none if they lead nowhere.
fn path_bytes(node: Node<'_>, steps: &[u16]) -> (u32, u32) {
    let child = steps.iter().try_fold(node, |node, step| table::child_at(node, *step)).filter(|_| !steps.is_empty());
    let child = child.and_then(|child| if child.is_named() { Some(child) } else { child.next_named_sibling() });
    child.map_or((0, 0), |child| (child.start_byte() as u32, child.end_byte() as u32))
}

/// How many arguments a call gives; `None` = one of them may stand for any number, or the grammar did not understand them.
fn arguments_of(call: Node<'_>, field: u16, rule: &Arguments) -> Option<u8> {
    let list = call.child_by_field_id(field).filter(|list| !list.has_error())?;
    let mut count = 0;
    let mut only = "";
    let mut cursor = list.walk();
    for argument in list.named_children(&mut cursor).filter(|argument| !argument.is_extra()) {
        (only, count) = (argument.kind(), count + 1);
        if rule.spread.contains(&only) {
            return None;
        }
        if count >= ARGUMENTS_MAX {
            break;
        }
    }
    (count != 1 || !rule.spread_alone.contains(&only)).then_some(count)
}

/// The bytes of the child in a field; none if there is no such field.
fn field_bytes(node: Node<'_>, field: u16) -> (u32, u32) {
    let child = if field == 0 { None } else { table::child_at(node, field) };
    child.map_or((0, 0), |child| (child.start_byte() as u32, child.end_byte() as u32))
}

/// Words that stand where a type does and leave it to the value.
const INFERRED: [&str; 5] = ["auto", "var", "val", "let", "final"];

/// What is written of a type, or else what the value says.
fn said(source: &[u8], typed: TypedBytes, table: &Table) -> Said {
    let bytes = |(start, end): (u32, u32)| source.get(start as usize..end as usize).unwrap_or_default();
    let written =
        paths::type_path(bytes(typed.of_type), table.wrappers).filter(|path| !INFERRED.contains(&path.as_str()));
    if let Some(written) = written {
        return Said::Written(written);
    }
    let value = bytes(typed.of_value).trim_ascii();
    let is_nothing = value.is_empty() || paths::is_nothing(value, table.locals.retyped);
    match paths::path(value, Spelling::of(table)).filter(|_| !is_nothing) {
        Some(path) => Said::Value(format!("{TYPE_OF_VALUE}{path}")),
        // Also where a type is written, but one that has no name.
        None if !is_nothing || !typed.may_have_value || typed.of_type.1 > 0 => Said::Unknown,
        None => Said::Nothing,
    }
}

/// The last row is the last one with a byte in it.
fn span(node: Node<'_>) -> Span {
    let (start, end) = (node.start_position(), node.end_position());
    let last_row = if end.column == 0 && end.row > start.row { end.row - 1 } else { end.row };
    Span { bytes: (node.start_byte() as u32, node.end_byte() as u32), rows: (start.row as u32, last_row as u32) }
}

/// `UPPER_CASE`.
fn is_constant(name: &[u8]) -> bool {
    name.iter().any(u8::is_ascii_uppercase) && !name.iter().any(u8::is_ascii_lowercase)
}
