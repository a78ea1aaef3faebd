//! What the grammars of C and C++ cannot read where it stands: macros in the place of a keyword, of an attribute or of a whole
//! statement, and comments inside of macro bodies. It is left out of the tree, and its words are referred to as in any text without
//! structure. Told from the looks of the text alone, which nobody here preprocesses: a macro is written in capitals.

use std::borrow::Cow;
use std::ops::Range;

use super::trivia::string_bytes;
use super::words::is_word;

/// What of a source to leave out of its tree, in order.
pub(super) fn macros(source: &[u8]) -> Vec<Range<usize>> {
    let mut scan = Scan { source, at: 0, tokens: Vec::new(), open: Vec::new(), hidden: Vec::new() };
    scan.run();
    let mut hidden = scan.hidden;
    hidden.extend(Tokens { source, all: scan.tokens }.hidden());
    hidden.sort_unstable_by_key(|range| range.start);
    hidden
}

/// Puts blanks for what is to be hidden; newlines stay.
pub(super) fn blank(source: &mut Cow<'_, [u8]>, hidden: &[Range<usize>]) {
    for range in hidden {
        let bytes = &mut source.to_mut()[range.clone()];
        bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A name or keyword.
    Word,
    /// A word in capitals.
    Capitals,
    /// A number or string.
    Literal,
    /// A whole line for the preprocessor.
    Directive,
    /// `::`
    Scope,
    Punctuation(u8),
}

#[derive(Clone, Copy, Debug)]
struct Token {
    start: u32,
    end: u32,
    kind: Kind,
    begins_line: bool,
    /// Of a parenthesis the number of the other one; 0 if there is none.
    mate: u32,
}

/// Cuts a source into tokens.
struct Scan<'s> {
    source: &'s [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Numbers of open parentheses.
    open: Vec<u32>,
    hidden: Vec<Range<usize>>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut begins_line = true;
        while let Some(&byte) = self.source.get(self.at) {
            let rest = &self.source[self.at..];
            match byte {
                b'\n' => (begins_line, self.at) = (true, self.at + 1),
                _ if byte.is_ascii_whitespace() => self.at += 1,
                b'\\' => self.at += 1,
                b'/' if comment_bytes(rest) > 0 => self.at += comment_bytes(rest),
                _ => {
                    self.token(byte, begins_line);
                    begins_line = false;
                }
            }
        }
    }

    fn token(&mut self, byte: u8, begins_line: bool) {
        let (start, rest) = (self.at, &self.source[self.at..]);
        let (kind, bytes) = match byte {
            b'#' if begins_line => (Kind::Directive, self.directive_bytes()),
            b'"' if self.is_raw() => (Kind::Literal, raw_string_bytes(rest)),
            b'"' | b'\'' => (Kind::Literal, string_bytes(rest, byte)),
            b'0'..=b'9' => (Kind::Literal, number_bytes(rest)),
            _ if is_word(byte) => {
                let bytes = rest.iter().take_while(|&&byte| is_word(byte)).count();
                (if is_macro(&rest[..bytes]) { Kind::Capitals } else { Kind::Word }, bytes)
            }
            b':' if rest.starts_with(b"::") => (Kind::Scope, 2),
            _ => (Kind::Punctuation(byte), 1),
        };
        self.at += bytes;
        let number = self.tokens.len() as u32;
        let mate = match kind {
            Kind::Punctuation(b'(') => {
                self.open.push(number);
                0
            }
            Kind::Punctuation(b')') => self.open.pop().unwrap_or_default(),
            _ => 0,
        };
        if mate > 0 {
            self.tokens[mate as usize].mate = number;
        }
        self.tokens.push(Token { start: start as u32, end: self.at as u32, kind, begins_line, mate });
    }

    /// `R"…(` begins a string in which nothing is escaped.
    fn is_raw(&self) -> bool {
        let before = self.tokens.last().filter(|token| token.end as usize == self.at);
        before.is_some_and(|token| self.source[token.start as usize..token.end as usize].ends_with(b"R"))
    }

    /// Up to the end of its last line. Comments inside the body of a macro, which the grammar takes for the end of it, are hidden.
    fn directive_bytes(&mut self) -> usize {
        let rest = &self.source[self.at..];
        let is_definition = rest[1..].trim_ascii_start().starts_with(b"define");
        let mut at = 1;
        while at < rest.len() && rest[at] != b'\n' {
            let comment = comment_bytes(&rest[at..]);
            let quoted = if matches!(rest[at], b'"' | b'\'') { string_bytes(&rest[at..], rest[at]) } else { 0 };
            if comment > 0 && is_definition && is_in_line(rest, at, comment) {
                self.hidden.push(self.at + at..self.at + at + comment);
            }
            let is_continued = rest[at..].starts_with(b"\\\n") || rest[at..].starts_with(b"\\\r\n");
            at += if is_continued { 2 + usize::from(rest[at + 1] == b'\r') } else { comment.max(quoted).max(1) };
        }
        at.min(rest.len())
    }
}

/// Whether a comment ends in its line, before more of it.
fn is_in_line(text: &[u8], at: usize, comment: usize) -> bool {
    let behind = text[at + comment..].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    behind.is_some_and(|&byte| byte != b'\n') && !text[at..at + comment].contains(&b'\n')
}

fn comment_bytes(text: &[u8]) -> usize {
    match text {
        [b'/', b'/', ..] => memchr::memchr(b'\n', text).unwrap_or(text.len()),
        [b'/', b'*', inside @ ..] => memchr::memmem::find(inside, b"*/").map_or(text.len(), |end| end + 4),
        _ => 0,
    }
}

fn number_bytes(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_word(byte) || matches!(byte, b'.' | b'\'')).count()
}

fn raw_string_bytes(text: &[u8]) -> usize {
    const DELIMITER_BYTES_MAX: usize = 16;
    let Some(open) = text.iter().take(DELIMITER_BYTES_MAX + 2).position(|&byte| byte == b'(') else { return 1 };
    let end = [b")", &text[1..open], b"\""].concat();
    memchr::memmem::find(&text[open..], &end).map_or(text.len(), |at| open + at + end.len())
}

/// `UPPER_CASE`, and more than a type parameter.
fn is_macro(word: &[u8]) -> bool {
    let capitals = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    capitals >= 2 && word.len() >= 3 && word.iter().all(|byte| !byte.is_ascii_lowercase() && byte.is_ascii())
}

/// Words behind which no declared name stands but an expression or statement.
const STATEMENTS: &[&str] = &[
    "case",
    "catch",
    "co_await",
    "co_return",
    "co_yield",
    "delete",
    "do",
    "else",
    "for",
    "goto",
    "if",
    "new",
    "operator",
    "return",
    "sizeof",
    "switch",
    "throw",
    "while",
];

/// Words that make no type.
const STORAGE: &[&str] = &[
    "const",
    "constexpr",
    "explicit",
    "extern",
    "friend",
    "inline",
    "mutable",
    "register",
    "static",
    "typedef",
    "virtual",
    "volatile",
];

/// Words with which a declaration begins, a type or not.
const DECLARATIONS: &[&str] = &[
    "class",
    "enum",
    "namespace",
    "private",
    "protected",
    "public",
    "struct",
    "template",
    "typename",
    "union",
    "using",
];

/// Types that are keywords.
const TYPES: &[&str] =
    &["auto", "bool", "char", "double", "float", "int", "long", "short", "signed", "unsigned", "void", "wchar_t"];

/// Where in a source a token stands.
struct Place {
    /// A statement or declaration begins here.
    begins: bool,
    /// The token with which the one around began.
    first: usize,
    /// What the braces around open.
    bodies: Vec<Body>,
}

enum Body {
    /// Of a class that is named by one of these tokens.
    Class(Range<usize>),
    Namespace,
    /// Of a function, an enumeration, a value.
    Other,
}

/// Tokens in which the name of a class stands: behind them only what it inherits from.
const NAME_TOKENS_MAX: usize = 16;

struct Tokens<'s> {
    source: &'s [u8],
    all: Vec<Token>,
}

impl Tokens<'_> {
    fn hidden(&self) -> Vec<Range<usize>> {
        let mut hidden = Vec::new();
        let mut place = Place { begins: true, first: 0, bodies: Vec::new() };
        // Parentheses around types, whose macros were hidden.
        let mut closes = Vec::new();
        let mut at = 0;
        while at < self.all.len() {
            if place.begins {
                place.first = at;
            }
            let end = if let Some(close) = self.around_type(at).filter(|_| place.begins) {
                closes.push(close);
                at + 2
            } else if closes.pop_if(|close| *close == at).is_some() {
                at + 1
            } else {
                self.hides(at, &place)
            };
            if end > at {
                hidden.push(self.all[at].start as usize..self.all[end - 1].end as usize);
                at = end;
                continue;
            }
            match self.all[at].kind {
                Kind::Punctuation(b'{') => {
                    let body = self.body_behind(place.first..at);
                    place.bodies.push(body);
                }
                Kind::Punctuation(b'}') => drop(place.bodies.pop()),
                Kind::Word | Kind::Capitals | Kind::Literal | Kind::Directive | Kind::Scope | Kind::Punctuation(_) => {}
            }
            place.begins = self.ends_statement(at);
            at += 1;
        }
        hidden
    }

    /// What the brace behind some tokens opens.
    fn body_behind(&self, head: Range<usize>) -> Body {
        let is_no_class = |kind: Kind| matches!(kind, Kind::Punctuation(b'=' | b')'));
        let is_linkage = self.is_one_of(head.start, &["extern"]) && head.len() == 2;
        if is_linkage || head.clone().any(|at| self.is_one_of(at, &["namespace"])) {
            return Body::Namespace;
        }
        // Earlier ones are parameters of a template.
        let class = head.clone().rev().find(|at| self.is_one_of(*at, &["class", "struct", "union"]));
        let class = class.filter(|at| !self.is_one_of(at.wrapping_sub(1), &["enum"]));
        match class.map(|class| class..head.end) {
            Some(head) if !head.clone().any(|at| self.kind(at).is_some_and(is_no_class)) => {
                Body::Class(head.start + 1..head.end.min(head.start + NAME_TOKENS_MAX))
            }
            Some(_) | None => Body::Other,
        }
    }

    /// The token behind what is hidden from a token on; that token itself if nothing is.
    fn hides(&self, at: usize, place: &Place) -> usize {
        if place.begins && self.is_one_of(at, &["static"]) && self.kind(at + 1) == Some(Kind::Capitals) {
            let behind = self.behind_arguments(at + 2);
            return if self.is_member(at + 1, behind, place) { behind } else { at };
        }
        if self.is_negated_argument(at) {
            return at + 1;
        }
        if self.kind(at) != Some(Kind::Capitals) {
            return at;
        }
        let behind = self.behind_arguments(at + 1);
        if place.begins && self.is_member(at, behind, place) {
            // Among members the grammar of C has no empty declaration.
            return behind + usize::from(matches!(place.bodies.last(), Some(Body::Class(_))));
        }
        let is_whole = self.names_class(at, behind)
            || place.begins && self.is_statement(at, behind)
            || self.is_annotation(at, behind);
        if is_whole {
            return behind;
        }
        let is_word = self.is_attribute(at, place)
            || self.is_of_parameter(at)
            || self.is_before_name(at)
            || self.is_around_name(at, place.first);
        if is_word { at + 1 } else { at }
    }

    /// `<!value>`, `, !value`: the grammar knows no such argument of a template, and no name hangs on it.
    fn is_negated_argument(&self, at: usize) -> bool {
        let is_first = matches!(self.kind(at.wrapping_sub(1)), Some(Kind::Punctuation(b'<' | b',')));
        let is_of_name = matches!(self.kind(at + 1), Some(Kind::Word | Kind::Capitals | Kind::Scope));
        is_first && is_of_name && self.kind(at) == Some(Kind::Punctuation(b'!'))
    }

    /// `MACRO(type) name(` at the beginning of a declaration: the type stays. Where it ends.
    fn around_type(&self, at: usize) -> Option<usize> {
        const TOKENS_MAX: usize = 8;
        let open = at + 1;
        let behind = self.behind_arguments(open);
        // With something between the parentheses.
        let close = (open + 2..=open + TOKENS_MAX).contains(&(behind.saturating_sub(1))).then(|| behind - 1)?;
        let is_of_type = |at: usize| {
            self.is_name(at)
                || [TYPES, STORAGE, &["struct", "union", "enum"]].iter().any(|words| self.is_one_of(at, words))
                || self.kind(at) == Some(Kind::Punctuation(b'*'))
        };
        let is_function = self.is_plain(close + 1) && self.kind(close + 2) == Some(Kind::Punctuation(b'('));
        let is_macro = self.kind(at) == Some(Kind::Capitals) && self.all[at].begins_line;
        (is_macro && is_function && (open + 1..close).all(is_of_type)).then_some(close)
    }

    /// `class MACRO name {`, `class MACRO(…) name : base`.
    fn names_class(&self, at: usize, behind: usize) -> bool {
        let is_class = self.is_one_of(at.wrapping_sub(1), &["class", "struct", "union"]);
        let is_name = self.is_name(behind) && !self.is_one_of(behind, &["final"]);
        let opens = [b'{', b':', b'<'].map(Kind::Punctuation);
        let is_body = |kind: Kind| opens.contains(&kind);
        is_class && is_name && (self.kind(behind + 1).is_some_and(is_body) || self.is_one_of(behind + 1, &["final"]))
    }

    /// A line with a macro and nothing else, in the place of a statement or declaration but without its semicolon.
    fn is_statement(&self, at: usize, behind: usize) -> bool {
        let Some(next) = self.all.get(behind) else { return behind > at + 1 };
        if !self.all[at].begins_line || !next.begins_line {
            return false;
        }
        let begins_declaration = self.is_one_of(behind, DECLARATIONS) || self.is_one_of(behind, STORAGE);
        if behind == at + 1 {
            // Alone it may be an enumerator, or the type of what is declared in the next line.
            let is_macro = next.kind == Kind::Capitals && self.kind(behind + 1) == Some(Kind::Punctuation(b'('));
            let is_no_type = begins_declaration && !self.is_one_of(behind, &["const", "volatile"]);
            return is_no_type || is_macro || self.is_one_of(behind, TYPES);
        }
        match next.kind {
            Kind::Directive | Kind::Punctuation(b'}' | b'~') | Kind::Capitals => true,
            Kind::Punctuation(b'[') => self.kind(behind + 1) == Some(Kind::Punctuation(b'[')),
            // What it stands for may be the type of a function in the next line, unless it takes a string.
            Kind::Word => {
                let takes_string = (at..behind).any(|at| self.kind(at) == Some(Kind::Literal));
                takes_string || self.kind(behind + 1) != Some(Kind::Punctuation(b'('))
            }
            Kind::Literal | Kind::Scope | Kind::Punctuation(_) => false,
        }
    }

    /// `MACRO(…);` outside of functions, unless it is a constructor of the class around.
    fn is_member(&self, at: usize, behind: usize, place: &Place) -> bool {
        let ends = self.kind(behind) == Some(Kind::Punctuation(b';')) && behind > at + 1;
        ends && match place.bodies.last() {
            Some(Body::Class(_)) => !self.names_class_around(at, place),
            Some(Body::Namespace) | None => true,
            Some(Body::Other) => false,
        }
    }

    /// Whether a token is the name of the class around, and so of its constructors.
    fn names_class_around(&self, at: usize, place: &Place) -> bool {
        match place.bodies.last() {
            Some(Body::Class(head)) => head.clone().any(|of_head| self.text(of_head) == self.text(at)),
            Some(Body::Namespace | Body::Other) | None => false,
        }
    }

    /// What is said of a function behind its parameters, or of a variable behind its name.
    fn is_annotation(&self, at: usize, behind: usize) -> bool {
        let is_end = matches!(self.kind(behind), Some(Kind::Punctuation(b';' | b'{' | b':') | Kind::Capitals));
        let Some(before) = at.checked_sub(1).filter(|_| is_end) else { return false };
        match self.kind(before) {
            Some(Kind::Punctuation(b')')) => self.ends_parameters(before),
            Some(Kind::Word) if self.is_one_of(before, &["const", "final", "noexcept", "override"]) => {
                before > 0 && self.ends_parameters(before - 1)
            }
            Some(Kind::Word) => {
                let is_typed = |kind: Kind| matches!(kind, Kind::Punctuation(b'>' | b'*' | b'&'));
                let type_end = before.wrapping_sub(1);
                let is_variable = self.is_plain(type_end)
                    || self.is_one_of(type_end, TYPES)
                    || self.kind(type_end).is_some_and(is_typed);
                let ends = self.kind(behind) == Some(Kind::Punctuation(b';'));
                behind > at + 1 && ends && self.is_plain(before) && is_variable
            }
            _ => false,
        }
    }

    /// Whether a parenthesis closes the parameters of a function that is declared.
    fn ends_parameters(&self, close: usize) -> bool {
        let open = self.all[close].mate as usize;
        self.kind(close) == Some(Kind::Punctuation(b')')) && open > 0 && self.is_plain(open - 1)
    }

    /// `MACRO type name(`, `MACRO type *name;`: a word more than a declaration has. Constructors and destructors have no type.
    fn is_attribute(&self, at: usize, place: &Place) -> bool {
        const TOKENS_MAX: usize = 16;
        let before = at.wrapping_sub(1);
        let is_behind_template = self.kind(before) == Some(Kind::Punctuation(b'>'));
        if !place.begins && !is_behind_template && !self.is_one_of(before, STORAGE) {
            return false;
        }
        let is_call = self.kind(at + 2) == Some(Kind::Punctuation(b'('));
        let is_constructor = is_call && self.is_name(at + 1) && self.names_class_around(at + 1, place);
        if is_constructor
            || matches!(place.bodies.last(), Some(Body::Class(_))) && self.kind(at + 1) == Some(Kind::Punctuation(b'~'))
        {
            return true;
        }
        let mut types = 0;
        for end in at + 1..(at + TOKENS_MAX).min(self.all.len()) {
            match self.kind(end) {
                Some(Kind::Word | Kind::Capitals) if self.is_one_of(end, STATEMENTS) => return false,
                Some(Kind::Word | Kind::Capitals) => types += usize::from(!self.is_one_of(end, STORAGE)),
                Some(Kind::Punctuation(b'*' | b'&')) if types > 0 => {}
                Some(Kind::Scope) => types -= usize::from(types > 0),
                Some(Kind::Punctuation(b'(')) if self.kind(end + 1) == Some(Kind::Punctuation(b'*')) => {
                    return types > 0;
                }
                Some(Kind::Punctuation(b'(' | b';' | b'=' | b'[' | b',')) => return types > 1 && self.is_name(end - 1),
                _ => return false,
            }
        }
        false
    }

    /// `type MACRO name(`, `type *MACRO name[`.
    fn is_before_name(&self, at: usize) -> bool {
        let before = at.wrapping_sub(1);
        let is_pointer = matches!(self.kind(before), Some(Kind::Punctuation(b'*' | b'&')));
        let is_typed = self.is_plain(before) || self.is_one_of(before, TYPES) || is_pointer;
        let ends = matches!(self.kind(at + 2), Some(Kind::Punctuation(b'(' | b';' | b'=' | b'[' | b',')));
        is_typed && self.is_name(at + 1) && ends
    }

    /// `(MACRO const type *name`, `, MACRO type name`; `(MACRO *name)(` of a pointer to a function.
    fn is_of_parameter(&self, at: usize) -> bool {
        let before = self.kind(at.wrapping_sub(1));
        let follows = |at: usize| self.is_name(at) || matches!(self.kind(at), Some(Kind::Punctuation(b'*' | b'&')));
        let is_pointer = before == Some(Kind::Punctuation(b'('))
            && self.kind(at + 1) == Some(Kind::Punctuation(b'*'))
            && self.is_name(at + 2)
            && self.kind(at + 3) == Some(Kind::Punctuation(b')'))
            && self.kind(at + 4) == Some(Kind::Punctuation(b'('));
        let is_first = matches!(before, Some(Kind::Punctuation(b'(' | b',')));
        let type_start = at + 1 + usize::from(self.is_one_of(at + 1, &["const", "struct"]));
        let is_type = self.is_name(type_start) || self.is_one_of(type_start, TYPES);
        is_pointer || is_first && is_type && follows(type_start + 1)
    }

    /// `type MACRO(name)(`, `type MACRO(name)[`: the macro makes the name from another.
    fn is_around_name(&self, at: usize, first: usize) -> bool {
        let close = at + 3;
        let is_around = self.kind(at + 1) == Some(Kind::Punctuation(b'('))
            && self.is_name(at + 2)
            && self.kind(close) == Some(Kind::Punctuation(b')'));
        let before = at.wrapping_sub(1);
        let is_typed = self.is_plain(before)
            || self.is_one_of(before, TYPES)
            || self.kind(before) == Some(Kind::Capitals)
            || self.is_one_of(first, &["typedef"]);
        let goes_on = matches!(self.kind(close + 1), Some(Kind::Punctuation(b'(' | b'[')));
        is_around && at > first && is_typed && goes_on
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|token| token.kind)
    }

    fn is_one_of(&self, at: usize, words: &[&str]) -> bool {
        self.kind(at) == Some(Kind::Word) && words.iter().any(|word| word.as_bytes() == self.text(at))
    }

    fn text(&self, at: usize) -> &[u8] {
        self.all.get(at).map_or(&[], |token| &self.source[token.start as usize..token.end as usize])
    }

    /// Whether a token is a name, in capitals or not.
    fn is_name(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Capitals) || self.is_plain(at)
    }

    /// Whether a token is a name that is no macro.
    fn is_plain(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
            && [STATEMENTS, STORAGE, DECLARATIONS, TYPES].iter().all(|words| !self.is_one_of(at, words))
    }

    /// The token behind the arguments that begin at a token, if they do.
    fn behind_arguments(&self, at: usize) -> usize {
        match self.all.get(at) {
            Some(token) if token.kind == Kind::Punctuation(b'(') && token.mate > 0 => token.mate as usize + 1,
            Some(_) | None => at,
        }
    }

    fn ends_statement(&self, at: usize) -> bool {
        match self.all[at].kind {
            Kind::Directive | Kind::Punctuation(b';' | b'{' | b'}') => true,
            Kind::Punctuation(b':') => self.is_one_of(at.wrapping_sub(1), &["private", "protected", "public"]),
            Kind::Word | Kind::Capitals | Kind::Literal | Kind::Scope | Kind::Punctuation(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a source, blanks folded.
    fn left(source: &str) -> String {
        let mut left = Cow::Borrowed(source.as_bytes());
        blank(&mut left, &macros(source.as_bytes()));
        String::from_utf8_lossy(&left).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn macros_that_no_grammar_knows_are_hidden() {
        for (source, expected) in [
            ("class FOO_API Foo : public Bar {};", "class Foo : public Bar {};"),
            ("struct EXPORT(1) Foo final {};", "struct Foo final {};"),
            ("NAMESPACE_BEGIN(detail)\nNAMESPACE_BEGIN(more)\nint a;", "int a;"),
            ("class Foo {\n  Q_OBJECT\npublic:\n};", "class Foo { public: };"),
            ("BEGIN_DECLS\nEXPORT(int) f(void);\nEND_DECLS\nint a;", "int f(void); int a;"),
            ("class Foo {\n  DEPRECATED(\"so\")\n  Foo();\n};", "class Foo { Foo(); };"),
            ("class Foo { Q_PROPERTY(int x READ x); int y; };", "class Foo { int y; };"),
            ("DEFINE(unsigned char, '0'); static TABLE(a, \"a\"); int a;", "; ; int a;"),
            ("bool f(int a) const LOCKS_EXCLUDED(mutex_) { }", "bool f(int a) const { }"),
            ("void f() NOTHROW;", "void f() ;"),
            ("struct a { int b GUARDED_BY(lock); };", "struct a { int b ; };"),
            ("MEM_STATIC size_t f(void) { }", "size_t f(void) { }"),
            ("static BOOL WINAPI f(HANDLE h);", "static WINAPI f(HANDLE h);"),
            ("template <class T> INLINE T get(T t);", "template <class T> T get(T t);"),
            ("struct a { INLINE a(int b); INLINE ~a(); };", "struct a { a(int b); ~a(); };"),
            ("EXTERN void (*hook)(int);", "void (*hook)(int);"),
            ("const uch INTERNAL codes[3] = {};", "const uch codes[3] = {};"),
            ("char *XMLCALL f(int a);", "char * f(int a);"),
            ("int f(NOESCAPE const void *a, REGISTER foo_t b);", "int f( const void *a, foo_t b);"),
            ("typedef VOID (CALLBACK *hook)(int);", "typedef VOID ( *hook)(int);"),
            ("typedef int GIT_CALLBACK(hook)(int);", "typedef int (hook)(int);"),
            ("const foo_t PRIV(table)[] = {};", "const foo_t (table)[] = {};"),
            ("GIT_EXTERN(const char *) git_name(int a);", "const char * git_name(int a);"),
            ("a = conditional<!is_a<T>, int>;", "a = conditional< is_a<T>, int>;"),
            ("#define A 1 /* one */ + 2\nint a;", "#define A 1 + 2 int a;"),
        ] {
            assert_eq!(left(source), expected, "{source}");
        }
    }

    #[test]
    fn what_the_grammars_can_read_stays() {
        for source in [
            "struct foo BAR = { 1 };",
            "enum a { ONLY };",
            "enum a {\n  ONLY\n};",
            "int a[] = {\n  FIRST,\n  LAST\n};",
            "DWORD f(HANDLE h) { return h; }",
            "BYTE const *p; FILE *f; BOOL b = TRUE;",
            "static FILE *open(PATH p);",
            "TEST(Foo, bar)\n{ EXPECT_EQ(a, b); }",
            "TEST_F(Foo, bar) { ASSERT(a); if (a) RETURN(b); for (;;) NEXT(c); }",
            "void f(void) { LOG(INFO)\n << a; }",
            "class RE { RE(const char *a); RE(); ~RE(); };",
            "int f() { return MAX(a, b) * SIZE; } int g(int a) { switch (a) { case FOO: BAR(a); } }",
            "#define A 1 /* at the end */",
            "#define A(x) \\\n  do_it(x) /* end */",
            "const char *s = \"class A B {\"; char c = 'x'; int n = 1'000;",
            "auto s = R\"(class A B {)\";",
            "// class FOO Bar {\n/* FOO(a)\nint */ int a;",
            "if (a < b && !c) f(a);",
        ] {
            assert!(macros(source.as_bytes()).is_empty(), "{source}: {}", left(source));
        }
    }

    #[test]
    fn any_bytes_are_accepted() {
        for source in
            [&b"\xff\"\xfe("[..], b"))((", b"R\"", b"#define A /*", b"class FOO", b"FOO(", b"'", b"/*", b"#", b"A_B"]
        {
            let mut left = Cow::Borrowed(source);
            blank(&mut left, &macros(source));
            assert_eq!(left.len(), source.len());
        }
    }
}
