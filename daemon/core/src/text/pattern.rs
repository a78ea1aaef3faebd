//! A pattern as a user gives it, read the way `grep-regex` reads it, so that plan and verifier mean the same. Neither which files it
//! can match nor how lines are found is decided here.

use std::fmt;

use regex_syntax::{
    ast::{self, Ast, ClassSetItem},
    hir::{self, Hir},
};

/// Bytes of a pattern with its alternatives. Parsing one takes memory and time by the hundredfold, and the daemon does it for whoever asks.
pub const PATTERN_BYTES_MAX: usize = 64 << 10;

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// A regular expression in ripgrep's syntax, or a literal.
    pub text: String,
    /// More of the same: what one of them matches is a match too.
    pub alternatives: Vec<String>,
    /// All texts are literals.
    pub fixed: bool,
    /// Letters match in either case, by Unicode's simple folding.
    pub ignore_case: bool,
    /// As `ignore_case`, unless a text has an upper-case literal; what escapes such as `\W` are called does not count.
    pub smart_case: bool,
    /// A match must have no word character beside it on either side.
    pub word: bool,
    /// A match must be a whole line; then `word` has no meaning.
    pub line: bool,
}

/// Where in a pattern the fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which text, from 1; 0 where there is only one.
    pub text: usize,
    /// Bytes before it.
    pub offset: usize,
    /// Characters before it, plus one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}", self.column)?;
        if self.text > 0 { write!(f, " of pattern {}", self.text) } else { Ok(()) }
    }
}

/// Why a pattern cannot be searched for: a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not parse.
    #[error("the pattern is not a regular expression: {what} ({place})")]
    Syntax {
        /// What is wrong, in the words of the parser.
        what: String,
        /// Where.
        place: Place,
    },
    /// It demands a line feed, and lines are searched one at a time.
    #[error(
        "the pattern holds a line feed ({place}), but a match never spans lines; search for the part on one line, or use rg -U"
    )]
    LineFeed {
        /// Where.
        place: Place,
    },
    /// It demands a NUL byte, and files with NUL bytes are binary.
    #[error("the pattern holds a NUL byte ({place}), which no text file has; take it out")]
    Nul {
        /// Where.
        place: Place,
    },
    /// It parses, but cannot be compiled within bounds.
    #[error("the pattern is too large: {what}; shorten it, or use smaller repeat counts")]
    TooLarge {
        /// Which bound was met.
        what: String,
    },
}

impl Pattern {
    /// The expression the verifier compiles, without what `word` and `line` add (assertions only) and before line feeds are taken out
    /// of its classes.
    pub(crate) fn hir(&self) -> Result<Hir, PatternError> {
        let bytes: usize = self.texts().map(str::len).sum();
        if bytes > PATTERN_BYTES_MAX {
            let what = format!("it has {bytes} bytes, and {PATTERN_BYTES_MAX} are the most");
            return Err(PatternError::TooLarge { what });
        }
        let groups: Vec<String> = self.texts().map(|text| self.group(text)).collect();
        parse(&groups.join("|"), self).map_err(|error| self.syntax_error(error))
    }

    /// The text and its alternatives.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.alternatives.iter().map(String::as_str))
    }

    /// Where the pattern demands this character; its beginning if that cannot be told.
    pub(crate) fn place_of(&self, wanted: char) -> Place {
        let offset = |text: &str| if self.fixed { text.find(wanted) } else { literal_offset(text, wanted) };
        let mut places = self.texts().enumerate().filter_map(|(index, text)| Some(self.place(index, offset(text)?)));
        places.next().unwrap_or_else(|| self.place(0, 0))
    }

    /// A text as `grep-regex` hands it to the parser: in a group, so that it can stand beside others.
    fn group(&self, text: &str) -> String {
        if self.fixed { format!("(?:{})", regex_syntax::escape(text)) } else { format!("(?:{text})") }
    }

    /// The groups move places, and an unbalanced parenthesis is then blamed on them; so the user is shown the error of the bare text.
    fn syntax_error(&self, joined: Fault) -> PatternError {
        let in_group = |text: &str| parse(&self.group(text), self).err();
        let faulty = self.texts().enumerate().find_map(|(index, text)| Some((index, text, in_group(text)?)));
        let (index, fault) = match faulty {
            Some((index, text, grouped)) => {
                (index, parse(text, self).err().unwrap_or_else(|| grouped.moved("(?:".len())))
            }
            None => (0, joined),
        };
        PatternError::Syntax { what: fault.what, place: self.place(index, fault.offset) }
    }

    fn place(&self, index: usize, offset: usize) -> Place {
        let text = self.texts().nth(index).unwrap_or_default();
        let offset = text.floor_char_boundary(offset);
        let number = if self.alternatives.is_empty() { 0 } else { index + 1 };
        Place { text: number, offset, column: text[..offset].chars().count() + 1 }
    }
}

struct Fault {
    what: String,
    offset: usize,
}

impl Fault {
    /// The same fault in a text that lacks this many bytes before it.
    fn moved(self, bytes: usize) -> Fault {
        Fault { offset: self.offset.saturating_sub(bytes), ..self }
    }
}

impl From<ast::Error> for Fault {
    fn from(error: ast::Error) -> Fault {
        Fault { what: error.kind().to_string(), offset: error.span().start.offset }
    }
}

impl From<hir::Error> for Fault {
    fn from(error: hir::Error) -> Fault {
        Fault { what: error.kind().to_string(), offset: error.span().start.offset }
    }
}

/// The parser's and the translator's settings are those of ripgrep's matcher.
fn parse(expression: &str, pattern: &Pattern) -> Result<Hir, Fault> {
    let ast = ast::parse::Parser::new().parse(expression)?;
    let fold = pattern.ignore_case || pattern.smart_case && is_lower_case(&ast);
    let mut translator =
        hir::translate::TranslatorBuilder::new().utf8(false).multi_line(true).case_insensitive(fold).build();
    Ok(translator.translate(expression, &ast)?)
}

/// Smart case folds where there is a literal, and none is upper-case.
fn is_lower_case(ast: &Ast) -> bool {
    let (mut any, mut upper) = (false, false);
    each_literal(ast, |literal| {
        any = true;
        upper |= literal.c.is_uppercase();
    });
    any && !upper
}

fn literal_offset(text: &str, wanted: char) -> Option<usize> {
    let ast = ast::parse::Parser::new().parse(text).ok()?;
    let mut offset = None;
    each_literal(&ast, |literal| {
        if literal.c == wanted && offset.is_none() {
            offset = Some(literal.span.start.offset);
        }
    });
    offset
}

fn each_literal(ast: &Ast, each: impl FnMut(&ast::Literal)) {
    match ast::visit(ast, LiteralVisitor(each)) {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

struct LiteralVisitor<F>(F);

impl<F: FnMut(&ast::Literal)> ast::Visitor for LiteralVisitor<F> {
    type Output = ();
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<(), Self::Err> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        if let Ast::Literal(literal) = ast {
            (self.0)(literal);
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Literal(literal) => (self.0)(literal),
            ClassSetItem::Range(range) => [&range.start, &range.end].into_iter().for_each(&mut self.0),
            ClassSetItem::Empty(_)
            | ClassSetItem::Ascii(_)
            | ClassSetItem::Unicode(_)
            | ClassSetItem::Perl(_)
            | ClassSetItem::Bracketed(_)
            | ClassSetItem::Union(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(text: &str) -> Pattern {
        Pattern { text: text.into(), ..Pattern::default() }
    }

    fn place_of_error(text: &str) -> Option<(usize, usize)> {
        match regex(text).hir() {
            Err(PatternError::Syntax { place, .. }) => Some((place.offset, place.column)),
            _ => None,
        }
    }

    #[test]
    fn errors_point_into_the_text_as_typed() {
        assert_eq!(place_of_error("ab(c"), Some((2, 3)));
        assert_eq!(place_of_error("ab)c"), Some((2, 3)));
        assert_eq!(place_of_error("é[z-a]"), Some((3, 3)));
        assert_eq!(place_of_error("x{3,1}"), Some((1, 2)));
        assert_eq!(place_of_error(r"(?-u)\pL"), Some((5, 6)));
        assert_eq!(place_of_error("(?x)a # swallows the group's end"), Some((0, 1)));
        assert_eq!(place_of_error("(fine)"), None);
        let sentence = regex("a[b").hir().map(|_| ()).unwrap_err().to_string();
        assert!(sentence.contains("unclosed character class (column 2)"), "{sentence}");
    }

    #[test]
    fn errors_name_the_pattern_where_there_are_several() {
        let sentence = |alternatives: &[&str]| {
            let alternatives = alternatives.iter().map(|text| (*text).to_owned()).collect();
            Pattern { alternatives, ..regex("fine") }.hir().map(|_| ()).unwrap_err().to_string()
        };
        assert!(sentence(&["é[z-a]"]).ends_with("(column 3 of pattern 2)"), "{}", sentence(&["é[z-a]"]));
        assert!(sentence(&["is)(?:fine", "b("]).ends_with("(column 2 of pattern 3)"));
        assert!(sentence(&["(?x)a # swallows the group's end"]).ends_with("(column 1 of pattern 2)"));
    }

    #[test]
    fn size_is_bounded() {
        assert!(regex(&"a".repeat(PATTERN_BYTES_MAX)).hir().is_ok());
        let long = regex(&"a".repeat(PATTERN_BYTES_MAX));
        let sentence = Pattern { alternatives: vec!["b".into()], ..long }.hir().map(|_| ()).unwrap_err().to_string();
        assert!(sentence.contains("65537 bytes"), "{sentence}");
    }

    #[test]
    fn smart_case_looks_at_literals() {
        let folds = |text: &str| {
            let pattern = Pattern { smart_case: true, ..regex(text) };
            pattern.hir().unwrap() != regex(text).hir().unwrap()
        };
        for (text, expected) in
            [("foo", true), ("Foo", false), (r"foo\W", true), ("foo[A-Z]", false), (r"foo\x41", false), (r"\pL", false)]
        {
            assert_eq!(folds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_character_is_found_as_written() {
        assert_eq!(regex(r"é\n").place_of('\n'), Place { text: 0, offset: 2, column: 2 });
        assert_eq!(Pattern { fixed: true, ..regex("a\nb") }.place_of('\n'), Place { text: 0, offset: 1, column: 2 });
    }
}
