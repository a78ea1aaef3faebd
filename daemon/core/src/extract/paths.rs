//! Paths in code as text: what stands before a dot, and the types of things, without what surrounds them. Works on the bytes of the
//! source, because a tree has too many shapes for the same few forms.

use crate::facts::{PATH_BYTES_MAX, RECEIVER_UNKNOWN, TYPE_OR, TYPES_MAX};

use super::table::Table;
use super::typed;
use super::words::is_word;

/// Bytes of an expression looked at; a longer one is not a path worth keeping.
const EXPRESSION_BYTES_MAX: usize = 512;

/// What a path begins with that begins at the root.
const ROOT: &str = "::";

/// The wrapper that stands for a list of results.
pub(super) const FIRST: &str = "(";

/// The wrapper that stands for a function which is given a type and makes something of it.
pub(super) const NEW: &str = "new(";

/// How names are written in a language.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    /// [`NEW`] is such a function.
    has_new: bool,
    /// What precedes a name and is no part of it: `r#`, `$`.
    sigils: &'static [&'static str],
    /// What the object around is called, also as a sigil: `self`, `@`.
    selves: &'static [&'static str],
    /// What the module around is called before `::`.
    pub(super) own_module: &'static str,
}

impl Spelling {
    pub(super) fn of(table: &Table) -> Spelling {
        Spelling {
            has_new: table.wrappers.contains(&NEW),
            sigils: table.sigils,
            selves: table.selves,
            own_module: table.own_module,
        }
    }
}

/// An expression as a path: names with their separators as written, calls and indexes as `()` and `[]`, type arguments left out
/// (`make(a, b).parts[0]` is `make().parts[]`), and names without sigils but for that of the object around (`@parts` is `@.parts`).
/// Brackets around it are left out, and of what is cast its type is taken. `None` = it is no path, or too long.
pub(super) fn path(expression: &[u8], spelling: Spelling) -> Option<String> {
    // What names a namespace may end in what separates it from the name.
    let expression = expression.strip_suffix(b"\\").unwrap_or(expression);
    let mut rest = Rest { bytes: expression.get(..EXPRESSION_BYTES_MAX).unwrap_or(expression) };
    let mut path = Vec::new();
    if let Some(of_cast) = cast(rest.bytes, spelling) {
        return Some(of_cast);
    }
    rest.skip_words(&[b"&", b"*", b"mut ", b"await ", b"new ", b"\\"]);
    if rest.bytes.starts_with(ROOT.as_bytes()) {
        rest.separator(&mut path)?;
    }
    loop {
        let is_first = path.is_empty() || path == ROOT.as_bytes();
        match rest.bytes {
            [b'(', ..] if is_first => {
                let inside = self::path(rest.balanced()?, spelling).filter(|inside| !inside.starts_with("function"))?;
                path.extend_from_slice(inside.as_bytes());
            }
            bytes if is_first && spelling.has_new && bytes.starts_with(NEW.as_bytes()) => {
                rest.skip(NEW.len() - 1);
                path.extend_from_slice(type_path(rest.balanced()?, &[])?.as_bytes());
            }
            _ => rest.segment(&mut path, spelling)?,
        }
        while rest.suffix(&mut path)? {}
        rest.skip_blanks();
        if rest.bytes.is_empty() {
            break;
        }
        rest.separator(&mut path)?;
        rest.skip_blanks();
    }
    let is_whole = expression.len() <= EXPRESSION_BYTES_MAX && path.len() <= PATH_BYTES_MAX;
    String::from_utf8(path).ok().filter(|_| is_whole)
}

/// The type of what is cast: `Foo` of `x as Foo` and `(Foo) x`.
fn cast(expression: &[u8], spelling: Spelling) -> Option<String> {
    let is_one = |path: &String| !path.contains(TYPE_OR) && !matches!(path.as_str(), "any" | "const" | "unknown");
    let of_name = |text: &[u8]| type_path(text, &[]).filter(is_one);
    let is_as = |blank: &usize| matches!(expression[*blank..], [b' ', b'a', b's', b' ' | b'?' | b'!', ..]);
    if memchr::memmem::find(expression, b" as").is_some()
        && let Some(blank) = top_level(expression, b' ').into_iter().rfind(is_as)
    {
        let of_type = &expression[blank + " as".len()..];
        return of_name(of_type.strip_prefix(b"?").or(of_type.strip_prefix(b"!")).unwrap_or(of_type));
    }
    let mut rest = Rest { bytes: expression };
    let of_type = rest.balanced().filter(|_| expression.starts_with(b"("))?;
    rest.skip_blanks();
    let is_name = rest.bytes.first().is_some_and(|byte| is_word(*byte));
    (is_name && path(rest.bytes, spelling).is_some()).then(|| of_name(of_type))?
}

/// The wrapper in which a comma stands between the types of a union.
pub(super) const UNION: &str = "Union";

/// The wrapper of a function's parameters and its result, which is what is meant: nobody asks a function for members.
pub(super) const CALLABLE: &str = "Callable";

/// Words that begin what is of no single named type.
const NO_TYPES: [&str; 7] = ["chan", "infer", "interface", "keyof", "map", "struct", "typeof"];

/// Types in types that are looked into.
const DEPTH_MAX: usize = 4;

/// The path of a type: references, pointers, type arguments and nullability are left out, and of a wrapper the type inside is taken.
/// Of a union it is the paths of its types, with [`TYPE_OR`] between them. `None` = it has no name (an array, a tuple, a function);
/// of the results of a function that has several, [`FIRST`] among the wrappers takes the first.
pub(super) fn type_path(text: &[u8], wrappers: &[&str]) -> Option<String> {
    let text = text.get(..EXPRESSION_BYTES_MAX).unwrap_or(text);
    union_path(text, wrappers, DEPTH_MAX)
}

/// The same of a type that stands so deep in another that only some steps are left.
fn union_path(text: &[u8], wrappers: &[&str], depth: usize) -> Option<String> {
    let text = without_quotes(text);
    let bars = top_level(text, b'|');
    if bars.is_empty() || text.trim_ascii_start().starts_with(b"(") {
        return all_path(text, wrappers, depth);
    }
    let starts = std::iter::once(0).chain(bars.iter().map(|bar| bar + 1));
    let parts = starts.zip(bars.iter().copied().chain([text.len()])).map(|(start, end)| &text[start..end]);
    any_path(parts, wrappers, depth)
}

/// The paths of types of which any may be meant.
fn any_path<'a>(parts: impl Iterator<Item = &'a [u8]>, wrappers: &[&str], depth: usize) -> Option<String> {
    let mut all = String::new();
    // Nothing may stand before the first bar.
    let is_type = |part: &&[u8]| !part.trim_ascii().is_empty() && !is_nothing(part, true);
    for part in parts.map(without_quotes).filter(is_type) {
        let path = depth.checked_sub(1).and_then(|depth| union_path(part, wrappers, depth));
        all = typed::joined(&all, path.as_deref().unwrap_or(RECEIVER_UNKNOWN));
    }
    (!all.is_empty() && all != RECEIVER_UNKNOWN).then_some(all)
}

/// The paths of types all of which are meant, with [`TYPE_AND`] between them; of the first only if it begins with a bracket.
fn all_path(text: &[u8], wrappers: &[&str], depth: usize) -> Option<String> {
    if memchr::memchr2(b'&', b'+', text.get(1..).unwrap_or_default()).is_none() {
        return single_path(text, wrappers, depth);
    }
    let mut marks = top_level(text, b'&');
    marks.extend(top_level(text, b'+'));
    marks.sort_unstable();
    let starts = std::iter::once(0).chain(marks.iter().map(|mark| mark + 1));
    let parts = starts.zip(marks.iter().copied().chain([text.len()])).map(|(start, end)| text[start..end].trim_ascii());
    // A mark alone is that of a reference; a lifetime or what a type need not be is no type.
    let is_type = |part: &&[u8]| !part.is_empty() && !part.starts_with(b"'") && !part.starts_with(b"?");
    let types: Vec<&[u8]> = parts.filter(is_type).take(TYPES_MAX).collect();
    if types.len() < 2 {
        return single_path(text, wrappers, depth);
    }
    let paths: Vec<String> = types.iter().filter_map(|part| single_path(part, wrappers, depth)).collect();
    (!paths.is_empty()).then(|| paths.join("&")).and_then(short)
}

/// A type without what announces it and the quotes around it.
fn without_quotes(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    let colon = text.strip_prefix(b":").filter(|rest| !rest.starts_with(b":"));
    let text = colon.or_else(|| text.strip_prefix(b"->")).unwrap_or(text).trim_ascii();
    let quote = text.first().copied().filter(|first| matches!(first, b'"' | b'\''));
    let inside = quote.and_then(|quote| text[1..].strip_suffix(&[quote]).filter(|inside| !inside.contains(&quote)));
    inside.unwrap_or(text)
}

fn single_path(mut text: &[u8], wrappers: &[&str], depth: usize) -> Option<String> {
    let mut is_inside = false;
    for depth in (0..depth).rev() {
        let mut rest = Rest { bytes: text };
        if wrappers.contains(&FIRST)
            && let Some(results) = rest.bytes.trim_ascii_start().strip_prefix(FIRST.as_bytes())
        {
            rest.bytes = first_result(results);
        }
        rest.skip_type_words();
        let is_of_root =
            text[..text.len() - rest.bytes.len()].ends_with(ROOT.as_bytes()) && rest.bytes.len() < text.len();
        let mut name = rest.name().filter(|name| !NO_TYPES.contains(&name.as_str()))?;
        if is_of_root {
            name.insert_str(0, ROOT);
        }
        rest.skip_blanks();
        match rest.bytes.first() {
            None | Some(b'?' | b'!' | b'{' | b'&' | b'*' | b'=' | b';' | b'+' | b'"' | b'\'') => return short(name),
            Some(b'<' | b'[') => {
                let inside = rest.balanced()?;
                let last = name.rsplit(['.', ':', '\\']).next().unwrap_or(&name);
                if inside.is_empty() {
                    return None;
                }
                if !wrappers.contains(&last) {
                    return short(name);
                }
                match last {
                    UNION => return any_path(listed(inside), wrappers, depth),
                    CALLABLE => return union_path(listed(inside).last()?, wrappers, depth),
                    _ if has_several(inside) => return union_path(inside, wrappers, depth),
                    _ => (text, is_inside) = (inside, true),
                }
            }
            Some(b',' | b')') if is_inside || wrappers.contains(&FIRST) => return short(name),
            Some(byte) if is_word(*byte) && !rest.bytes.starts_with(b"is ") => return short(name),
            Some(_) => return None,
        }
    }
    None
}

/// Whether a text is several types of which any or all are meant.
fn has_several(text: &[u8]) -> bool {
    let is_between = |mark| top_level(text, mark).last().is_some_and(|last| *last > 0);
    memchr::memchr3(b'|', b'&', b'+', text).is_some() && [b'|', b'&', b'+'].into_iter().any(is_between)
}

/// The path of a type, of whose items or results a literal may leave out the type: `Foo` of `[]Foo` and `map[string]*Foo`.
pub(super) fn item_path(text: &[u8]) -> Option<String> {
    let mut rest = Rest { bytes: text };
    for _ in 0..DEPTH_MAX {
        rest.skip_words(&[b"*", b"map"]);
        if rest.bytes.first() != Some(&b'[') {
            break;
        }
        rest.balanced()?;
    }
    type_path(rest.bytes, &[])
}

/// The type of the first of several results, which may be named: `error` of `(a, b error)`.
fn first_result(results: &[u8]) -> &[u8] {
    let commas = top_level_commas(results);
    let starts = std::iter::once(0).chain(commas.iter().map(|comma| comma + 1));
    for (start, number) in starts.zip(0..) {
        let result = results[start..commas.get(number).copied().unwrap_or(results.len())].trim_ascii_start();
        let word = result.iter().take_while(|byte| is_word(**byte)).count();
        let is_named =
            result.get(word) == Some(&b' ') && !matches!(&result[..word], b"chan" | b"func" | b"map" | b"struct");
        if is_named {
            return &result[word..];
        }
    }
    results
}

/// Where the commas of a list are that stand in no bracket and no string.
pub(super) fn top_level_commas(list: &[u8]) -> Vec<usize> {
    top_level(list, b',')
}

/// The types between the commas of a list.
fn listed(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let commas = top_level(list, b',');
    let starts: Vec<usize> = std::iter::once(0).chain(commas.iter().map(|comma| comma + 1)).collect();
    let ends = commas.into_iter().chain([list.len()]);
    starts.into_iter().zip(ends).map(|(start, end)| &list[start..end])
}

/// Where a mark stands in no bracket and no string; between types angles are brackets.
fn top_level(list: &[u8], mark: u8) -> Vec<usize> {
    let of_types = matches!(mark, b'|' | b'&' | b'+');
    let (mut places, mut depth, mut at) = (Vec::new(), 0u32, 0);
    while at < list.len() {
        match list[at] {
            b'<' if of_types => depth += 1,
            b'>' if of_types && !matches!(at.checked_sub(1).map(|before| list[before]), Some(b'-' | b'=')) => {
                depth = depth.saturating_sub(1);
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                // The list ends here.
                None => break,
            },
            byte if byte == mark && depth == 0 => places.push(at),
            quote @ (b'"' | b'\'' | b'`') => at = string_end(list, at, quote),
            _ => {}
        }
        at += 1;
    }
    places
}

fn short(name: String) -> Option<String> {
    (name.len() <= PATH_BYTES_MAX).then_some(name)
}

/// Whether a value, or one half of `A | None`, is of no type. `None` is a value of a type of its own where types do not change.
pub(super) fn is_nothing(text: &[u8], with_none: bool) -> bool {
    match text.trim_ascii() {
        b"null" | b"NULL" | b"nullptr" | b"nil" | b"undefined" => true,
        text => with_none && text == b"None",
    }
}

/// What of a text has not been read.
struct Rest<'a> {
    bytes: &'a [u8],
}

impl<'a> Rest<'a> {
    fn skip(&mut self, count: usize) {
        self.bytes = self.bytes.get(count..).unwrap_or_default();
    }

    fn skip_blanks(&mut self) {
        self.bytes = self.bytes.trim_ascii_start();
    }

    fn skip_words(&mut self, words: &[&[u8]]) {
        loop {
            self.skip_blanks();
            let Some(word) = words.iter().find(|word| self.bytes.starts_with(word)) else { return };
            self.skip(word.len());
        }
    }

    /// What may stand before the name of a type.
    fn skip_type_words(&mut self) {
        const WORDS: &[&[u8]] = &[
            b"&",
            b"*",
            b":",
            b"->",
            b"?",
            b"\\",
            b"mut ",
            b"const ",
            b"dyn ",
            b"impl ",
            b"struct ",
            b"union ",
            b"enum ",
            b"class ",
            b"interface ",
            b"typename ",
            b"final ",
            b"volatile ",
            b"static ",
            b"unsigned ",
            b"inout ",
            b"some ",
            b"any ",
            b"readonly ",
            b"ref ",
            b"out ",
            b"in ",
            b"late ",
            b"var ",
            b"extends ",
            b"\"",
        ];
        loop {
            self.skip_words(WORDS);
            let Some(quoted) = self.bytes.strip_prefix(b"'") else { return };
            let word = quoted.iter().take_while(|byte| is_word(**byte)).count();
            // Before a type a lifetime, around it the quotes of a forward reference.
            let is_lifetime = quoted.get(word) == Some(&b' ');
            self.skip(if is_lifetime { word + 1 } else { 1 });
        }
    }

    fn word(&mut self) -> &'a [u8] {
        let (word, rest) = self.bytes.split_at(self.bytes.iter().take_while(|byte| is_word(**byte)).count());
        self.bytes = rest;
        word
    }

    /// A dotted name.
    fn name(&mut self) -> Option<String> {
        let mut name = Vec::new();
        loop {
            if self.bytes.starts_with(b"r#") {
                self.skip(2);
            }
            let word = self.word();
            if word.is_empty() || word[0].is_ascii_digit() {
                return None;
            }
            name.extend_from_slice(word);
            if separator_bytes(self.bytes).is_none() {
                return String::from_utf8(name).ok();
            }
            self.separator(&mut name)?;
        }
    }

    /// One name of a path.
    fn segment(&mut self, path: &mut Vec<u8>, spelling: Spelling) -> Option<()> {
        let is_here =
            |sigil: &&&str| self.bytes.starts_with(sigil.as_bytes()) && !sigil.ends_with(|c: char| c.is_alphanumeric());
        let own = spelling.selves.iter().filter(is_here).max_by_key(|sigil| sigil.len());
        let dropped = spelling.sigils.iter().filter(is_here).max_by_key(|sigil| sigil.len());
        if let Some(own) = own {
            path.extend_from_slice(own.as_bytes());
            path.push(b'.');
        }
        self.skip(own.or(dropped).map_or(0, |sigil| sigil.len()));
        let sigil = self.bytes.iter().take_while(|byte| matches!(byte, b'$' | b'@' | b'#')).count();
        path.extend_from_slice(&self.bytes[..sigil]);
        self.skip(sigil);
        let word = self.word();
        if word.is_empty() || (word[0].is_ascii_digit() && path.is_empty()) {
            return None;
        }
        path.extend_from_slice(word);
        Some(())
    }

    /// A call, an index, type arguments or a mark behind a name; whether there was one.
    fn suffix(&mut self, path: &mut Vec<u8>) -> Option<bool> {
        match self.bytes {
            [b'(', ..] => {
                self.balanced()?;
                path.extend_from_slice(b"()");
            }
            [b'[', ..] => {
                self.balanced()?;
                path.extend_from_slice(b"[]");
            }
            // What a literal of a type is made of, or a block that is an argument.
            [b'{', ..] | [b' ', b'{', ..] => {
                self.skip_blanks();
                self.balanced()?;
                // Type arguments, not an index.
                if path.ends_with(b"[]") {
                    path.truncate(path.len() - 2);
                }
                if !path.ends_with(b"()") {
                    path.extend_from_slice(b"()");
                }
            }
            [b'<', ..] => {
                self.balanced()?;
            }
            [b':', b':', b'<', ..] => {
                self.skip(2);
                self.balanced()?;
            }
            [b'?', b'.' | b'[', ..] | [b'?' | b'!', ..] => self.skip(1),
            [b'&', b'.', ..] => self.skip(1),
            _ => return Some(false),
        }
        Some(true)
    }

    fn separator(&mut self, path: &mut Vec<u8>) -> Option<()> {
        let bytes = separator_bytes(self.bytes)?;
        path.extend_from_slice(&self.bytes[..bytes]);
        self.skip(bytes);
        Some(())
    }

    /// What stands between the bracket here and the one that closes it; both are skipped.
    fn balanced(&mut self) -> Option<&'a [u8]> {
        let (&open, all) = self.bytes.split_first()?;
        let mut depth = 0usize;
        let mut at = 0;
        while at < all.len() {
            match all[at] {
                b'(' | b'[' | b'{' => depth += 1,
                b'<' if open == b'<' => depth += 1,
                b'>' if open == b'<' && at > 0 && matches!(all[at - 1], b'-' | b'=') => {}
                b')' | b']' | b'}' | b'>' if depth == 0 && closes(open, all[at]) => {
                    self.skip(at + 2);
                    return Some(&all[..at]);
                }
                b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
                b'>' if open == b'<' => depth = depth.checked_sub(1)?,
                quote @ (b'"' | b'\'' | b'`') => at = string_end(all, at, quote),
                _ => {}
            }
            at += 1;
        }
        None
    }
}

fn closes(open: u8, close: u8) -> bool {
    matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'<', b'>'))
}

/// Where the string that begins at `at` ends; `at` itself if it does not (a lifetime, an apostrophe).
fn string_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' => end += 1,
            b'\n' if quote != b'`' => return at,
            byte if *byte == quote => return end,
            _ => {}
        }
        end += 1;
    }
    at
}

fn separator_bytes(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b':', b':', ..] | [b'-', b'>', ..] => Some(2),
        [b'.' | b'\\', ..] => Some(1),
        // Lua's method call.
        [b':', next, ..] if is_word(*next) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPELLING: Spelling =
        Spelling { has_new: true, sigils: &["r#", "$"], selves: &["this", "@", "@@"], own_module: "" };

    #[test]
    fn expressions_become_paths() {
        for (expression, expected) in [
            ("self", Some("self")),
            ("self.field", Some("self.field")),
            ("std::fs", Some("std::fs")),
            ("::std::fs", Some("::std::fs")),
            ("::make()", Some("::make()")),
            ("a->b.c", Some("a->b.c")),
            ("$this->pool", Some("this->pool")),
            ("@pool.size", Some("@.pool.size")),
            ("r#type::Name", Some("type::Name")),
            ("make(a, \")\", b[1]).parts[0]", Some("make().parts[]")),
            ("Foo::<T>::new()", Some("Foo::new()")),
            ("Vec<Box<T>>::new", Some("Vec::new")),
            ("await client\n    .get(x)", Some("client.get()")),
            ("a?.b!.c", Some("a.b.c")),
            ("load()?", Some("load()")),
            ("new Foo(1)", Some("Foo()")),
            ("&pkg.Foo{A: 1}", Some("pkg.Foo()")),
            ("Foo { a, ..b }", Some("Foo()")),
            ("&Stack[K]{a: 1}", Some("Stack()")),
            ("list.map { it + 1 }.filter", Some("list.map().filter")),
            ("\\App\\Models\\", Some("App\\Models")),
            ("\"text\"", None),
            ("a + b", None),
            ("(a)", Some("a")),
            ("(*a.b()).c", Some("a.b().c")),
            ("(await load()).parts", Some("load().parts")),
            ("(a, b)", None),
            ("(a) => b", None),
            ("(a ?? b).c", None),
            ("(x as Foo).bar", Some("Foo.bar")),
            ("x as? a.Foo<B>", Some("a.Foo")),
            ("((Foo) x.y()).bar", Some("Foo.bar")),
            ("(a) to b", None),
            ("(x as const).bar", None),
            ("(function () { return 1 })().bar", None),
            ("new(pkg.Foo)", Some("pkg.Foo")),
            ("1.5", None),
            ("", None),
            ("f(", None),
        ] {
            assert_eq!(path(expression.as_bytes(), SPELLING).as_deref(), expected, "{expression}");
        }
        assert_eq!(path(&b"a.".repeat(PATH_BYTES_MAX)[..], SPELLING), None);
    }

    #[test]
    fn types_lose_what_surrounds_them() {
        let wrappers = &["Box", "Optional", UNION, CALLABLE];
        for (text, expected) in [
            ("Foo", Some("Foo")),
            ("&mut a::B<C>", Some("a::B")),
            ("&'a Foo", Some("Foo")),
            ("-> ::a::Foo<B>", Some("::a::Foo")),
            (": ::Foo", Some("::Foo")),
            ("const struct foo *", Some("foo")),
            ("Box<dyn Foo + Send>", Some("Foo&Send")),
            ("Optional[models.Model]", Some("models.Model")),
            ("Foo | None", Some("Foo")),
            ("null | Foo", Some("Foo")),
            ("Foo?", Some("Foo")),
            (": Map<string, Foo>", Some("Map")),
            ("List[Foo]", Some("List")),
            ("Foo[]", None),
            ("[]Foo", None),
            ("(a, b)", None),
            ("A | B", Some("A|B")),
            ("| a.A | 'b' | null", Some("a.A|b")),
            ("A[] | B", Some("?|B")),
            ("A<B | C> | D", Some("A|D")),
            ("(a: A | B) => C", None),
            ("A & b.B<C & D>", Some("A&b.B")),
            ("A & B | C & { d: 1 }", Some("A&B|C")),
            ("&A", Some("A")),
            ("const A &", Some("A")),
            ("A &&", Some("A")),
            (": Read + 'static + ?Sized", Some("Read")),
            ("&mut (dyn Read + Write)", None),
            ("Box<dyn Read + Write + Send>", Some("Read&Write&Send")),
            ("Iterator<Item = A + B>", Some("Iterator")),
            ("extends A & B", Some("A&B")),
            ("Box<A | B>", Some("A|B")),
            ("Union[A, B]", Some("A|B")),
            ("typing.Union[None, \"A\"]", Some("A")),
            ("Optional[Union[A, List[B]]]", Some("A|List")),
            ("Callable[[int, B], A]", Some("A")),
            ("\"A | None\"", Some("A")),
            ("interface{ Go() }", None),
            ("x is Foo", None),
            ("typeof foo", None),
            ("", None),
        ] {
            assert_eq!(type_path(text.as_bytes(), wrappers).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_first_result_counts() {
        for (text, expected) in [
            ("error", Some("error")),
            ("(*Stack[K], error)", Some("Stack")),
            ("(area float64)", Some("float64")),
            ("(a, b pkg.Foo, err error)", Some("pkg.Foo")),
            ("(map[string]int, error)", None),
            ("(n int, err error)", Some("int")),
        ] {
            assert_eq!(type_path(text.as_bytes(), &[FIRST]).as_deref(), expected, "{text}");
        }
    }
}
