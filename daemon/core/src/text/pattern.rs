//! A pattern as a user gives it, read the way `grep-regex` reads it, so that plan and verifier mean the same. Neither which files it
//! can match nor how lines are found is decided here.

use regex_syntax::{
    ast::{self, Ast, ClassSetItem},
    hir::{self, Hir},
};

/// Bytes of a pattern. Parsing one takes memory and time by the hundredfold, and the daemon does it for whoever asks.
pub const PATTERN_BYTES_MAX: usize = 64 << 10;

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// A regular expression in ripgrep's syntax, or a literal.
    pub text: String,
    /// `text` is a literal.
    pub fixed: bool,
    /// Letters match in either case, by Unicode's simple folding.
    pub ignore_case: bool,
    /// As `ignore_case`, unless `text` has an upper-case literal; what escapes such as `\W` are called does not count.
    pub smart_case: bool,
    /// A match must have no word character beside it on either side.
    pub word: bool,
}

/// Where in a pattern the fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes before it.
    pub offset: usize,
    /// Characters before it, plus one.
    pub column: usize,
}

/// Why a pattern cannot be searched for: a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not parse.
    #[error("the pattern is not a regular expression: {what} (column {})", place.column)]
    Syntax {
        /// What is wrong, in the words of the parser.
        what: String,
        /// Where.
        place: Place,
    },
    /// It demands a line feed, and lines are searched one at a time.
    #[error("the pattern holds a line feed (column {}), but a match never spans lines; search for the part on one line", place.column)]
    LineFeed {
        /// Where.
        place: Place,
    },
    /// It demands a NUL byte, and files with NUL bytes are binary.
    #[error("the pattern holds a NUL byte (column {}), which no text file has; take it out", place.column)]
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
    /// The expression the verifier compiles, without what `word` adds (assertions only) and before line feeds are taken out of its
    /// classes.
    pub(crate) fn hir(&self) -> Result<Hir, PatternError> {
        if self.text.len() > PATTERN_BYTES_MAX {
            let what = format!("it has {} bytes, and {PATTERN_BYTES_MAX} are the most", self.text.len());
            return Err(PatternError::TooLarge { what });
        }
        parse(&self.expression(), self).map_err(|error| self.syntax_error(error))
    }

    /// Where the pattern demands this character; its beginning if that cannot be told.
    pub(crate) fn place_of(&self, wanted: char) -> Place {
        let offset = if self.fixed { self.text.find(wanted) } else { literal_offset(&self.text, wanted) };
        self.place(offset.unwrap_or(0))
    }

    /// The text as `grep-regex` hands it to the parser: in a group, so that it could stand beside other patterns.
    fn expression(&self) -> String {
        if self.fixed { format!("(?:{})", regex_syntax::escape(&self.text)) } else { format!("(?:{})", self.text) }
    }

    /// The group moves places, and an unbalanced parenthesis is then blamed on it; so the user is shown the error of the bare text.
    fn syntax_error(&self, grouped: Fault) -> PatternError {
        let (what, offset) = match parse(&self.text, self) {
            Err(bare) => (bare.what, bare.offset),
            Ok(_) => (grouped.what, grouped.offset.saturating_sub("(?:".len())),
        };
        PatternError::Syntax { what, place: self.place(offset) }
    }

    fn place(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        Place { offset, column: self.text[..offset].chars().count() + 1 }
    }
}

struct Fault {
    what: String,
    offset: usize,
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
    fn size_is_bounded() {
        assert!(regex(&"a".repeat(PATTERN_BYTES_MAX)).hir().is_ok());
        let sentence = regex(&"a".repeat(PATTERN_BYTES_MAX + 1)).hir().map(|_| ()).unwrap_err().to_string();
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
        assert_eq!(regex(r"é\n").place_of('\n'), Place { offset: 2, column: 2 });
        assert_eq!(Pattern { fixed: true, ..regex("a\nb") }.place_of('\n'), Place { offset: 1, column: 2 });
    }
}
