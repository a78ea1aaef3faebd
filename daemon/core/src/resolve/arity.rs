//! Whether a call can be one of a definition, by how many arguments it gives: a guess that has nothing but the name to go by is none
//! where they cannot fit. The parameters are read from the signature as it is written; whatever is unclear in it fits.

use crate::facts::{ARGUMENTS_MAX, RECEIVER_UNKNOWN, ReferenceId};
use crate::kinds::{Confidence, Language, Role, SymbolKind};
use crate::store::StoreError;

use super::values::parts;
use super::{FileFacts, Resolution, Resolver, Target};

/// How many arguments may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arity {
    min: usize,
    /// `None` = any number.
    max: Option<usize>,
    /// The object comes first, and is no argument where it stands before the dot.
    has_self: bool,
}

impl Resolver<'_, '_> {
    /// Leaves out of what was found by the name alone what the call cannot mean.
    pub(super) fn fitting(
        &self,
        file: &FileFacts,
        id: ReferenceId,
        found: Resolution,
    ) -> Result<Resolution, StoreError> {
        let occurrences = self.world.occurrences(file)?;
        let Some(reference) = occurrences.references.get(id as usize) else { return Ok(found) };
        let is_guess = matches!(found.confidence, Some(Confidence::Unique | Confidence::Ambiguous));
        let is_whole = found.total == found.targets.len();
        let Some(given) = reference.arguments.filter(|_| is_guess && is_whole && reference.role == Role::Call) else {
            return Ok(found);
        };
        let names_type = occurrences.receiver(reference).map(|receiver| may_name_type(file.language, receiver));
        let mut targets = Vec::with_capacity(found.targets.len());
        for target in &found.targets {
            let Target::Symbol(symbol) = target else { return Ok(found) };
            let Some(of) = self.world.file_of(*symbol)? else { continue };
            let definition = &of.definitions[symbol.id as usize];
            // What stands behind the name of a class need not be what it is made of.
            let is_function =
                matches!(definition.kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Constructor);
            let name = self.world.text(&of, definition.name)?;
            let arity = if is_function { arity(of.language, &definition.signature, &name) } else { None };
            if arity.is_none_or(|arity| arity.admits(given.into(), names_type)) {
                targets.push(*target);
            }
        }
        if targets.is_empty() {
            return Ok(Resolution::default());
        }
        Ok(Resolution { total: targets.len(), targets, ..found })
    }
}

impl Arity {
    /// Whether so many arguments fit, behind something that may be a type (`Type::method(object)`), surely is none, or nothing at all.
    fn admits(self, given: usize, names_type: Option<bool>) -> bool {
        // The object is a parameter like others where it is no receiver.
        let fits = |extra: usize| {
            let is_enough = given >= self.min + extra || given >= usize::from(ARGUMENTS_MAX);
            is_enough && self.max.is_none_or(|max| given <= max + extra)
        };
        match names_type {
            Some(false) => fits(0),
            Some(true) | None => fits(0) || self.has_self && fits(1),
        }
    }
}

/// Whether what stands before a dot may be a type whose method is named with the object among the arguments.
fn may_name_type(language: Language, receiver: &str) -> bool {
    if receiver == RECEIVER_UNKNOWN {
        // `<Type as Trait>::method`, which is seldom; anything else is an object.
        return language == Language::Rust;
    }
    let is_plain = !receiver.ends_with([')', ']']);
    is_plain && parts(receiver).last().is_some_and(|part| part.name.starts_with(char::is_uppercase))
}

/// What a definition takes; `None` = its signature does not tell.
fn arity(language: Language, signature: &str, name: &str) -> Option<Arity> {
    if !matches!(language, Language::Rust | Language::Go | Language::Java | Language::Python) {
        return None;
    }
    let levels =
        Levels { quotes: if language == Language::Python { &['"', '\''] } else { &['"'] }, ..Levels::default() };
    let list = parameters(signature, name, levels)?;
    let (mut arity, mut is_first) = (Arity { min: 0, max: Some(0), has_self: false }, true);
    for parameter in split(list, levels)? {
        let parameter = parameter.trim();
        if std::mem::take(&mut is_first) && is_self(language, parameter) {
            arity.has_self = true;
            continue;
        }
        let is_any = match language {
            Language::Python if matches!(parameter, "*" | "/") => continue,
            Language::Python => parameter.starts_with('*'),
            // Attributes of Rust may leave a parameter out.
            Language::Rust if parameter.starts_with('#') => return None,
            Language::Rust => parameter == "...",
            _ => parameter.contains("..."),
        };
        if is_any {
            arity.max = None;
            continue;
        }
        let may_be_left_out = language == Language::Python && parameter.contains('=');
        arity.min += usize::from(!may_be_left_out);
        arity.max = arity.max.map(|max| max + 1);
    }
    Some(arity)
}

fn is_self(language: Language, parameter: &str) -> bool {
    match language {
        Language::Rust => {
            let pattern = parameter.split(':').next().unwrap_or_default();
            pattern.split([' ', '&']).next_back() == Some("self")
        }
        Language::Python => matches!(parameter, "self" | "cls" | "mcs" | "mcls"),
        // `this`, which is written for its annotations.
        Language::Java => parameter.ends_with(" this"),
        _ => false,
    }
}

/// What stands in the brackets behind a name in a signature, after those of its type parameters.
fn parameters<'s>(signature: &'s str, name: &str, levels: Levels) -> Option<&'s str> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let starts = signature.match_indices(name).map(|(at, _)| at);
    let behind = starts.filter(|at| !signature[..*at].ends_with(is_part)).find_map(|at| {
        let behind = signature[at + name.len()..].trim_start();
        let behind = match behind.chars().next()? {
            '<' | '[' => behind[closing(behind, levels)? + 1..].trim_start(),
            _ => behind,
        };
        behind.starts_with('(').then_some(behind)
    })?;
    Some(&behind[1..closing(behind, levels)?])
}

/// Where the bracket closes with which a text begins.
fn closing(text: &str, mut levels: Levels) -> Option<usize> {
    text.char_indices()
        .find(|(at, character)| levels.pass(*character, &text[..*at]) && levels.depth == 0)
        .map(|it| it.0)
}

/// The parts of a list between commas, without an empty last one; `None` = it cannot be told.
fn split(list: &str, mut levels: Levels) -> Option<Vec<&str>> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, character) in list.char_indices() {
        levels.pass(character, &list[..at]);
        if character == ',' && levels.depth == 0 && levels.quote.is_none() {
            parts.push(&list[start..at]);
            start = at + 1;
        }
    }
    if levels.depth != 0 || levels.quote.is_some() {
        return None;
    }
    if !list[start..].trim().is_empty() {
        parts.push(&list[start..]);
    }
    Some(parts)
}

/// How many brackets are open in a text, as far as it was passed.
#[derive(Clone, Copy, Default)]
struct Levels {
    depth: usize,
    quote: Option<char>,
    /// What text stands between; in Rust one of them by itself is a lifetime.
    quotes: &'static [char],
}

impl Levels {
    /// Passes a character; whether it is a bracket.
    fn pass(&mut self, character: char, before: &str) -> bool {
        if let Some(quote) = self.quote {
            if character == quote && !before.ends_with('\\') {
                self.quote = None;
            }
            return false;
        }
        match character {
            _ if self.quotes.contains(&character) => self.quote = Some(character),
            '(' | '[' | '{' | '<' => {
                self.depth += 1;
                return true;
            }
            // `->`, `=>` and `>=` close nothing.
            '>' if before.ends_with(['-', '=']) => {}
            ')' | ']' | '}' | '>' => {
                self.depth = self.depth.saturating_sub(1);
                return true;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(language: Language, signature: &str) -> Option<(usize, Option<usize>, bool)> {
        arity(language, signature, "run").map(|arity| (arity.min, arity.max, arity.has_self))
    }

    #[test]
    fn signatures_say_how_many_arguments_there_are() {
        let cases = [
            (Language::Rust, "pub fn run(&mut self, chunk: Bytes) -> Result<(), Error>", Some((1, Some(1), true))),
            (
                Language::Rust,
                "fn run<F: Fn(u8, u8) -> u8>(self: Pin<&mut Self>, f: F, m: Map<A, B>,)",
                Some((2, Some(2), true)),
            ),
            (Language::Rust, "fn run(&'a self)", Some((0, Some(0), true))),
            (Language::Rust, "fn run(myself: u8, (a, b): (u8, u8))", Some((2, Some(2), false))),
            (Language::Rust, "fn run(a: u8, b: …", None),
            (Language::Go, "func (s *run) run(a, b int, c func(x, y int)) error", Some((3, Some(3), false))),
            (Language::Go, "func run[T any](format string, rest ...T)", Some((1, None, false))),
            (Language::Go, "func run()", Some((0, Some(0), false))),
            (
                Language::Java,
                "@Run(1) public static <T> void run(Map<String, List<T>> a, T... rest)",
                Some((1, None, false)),
            ),
            (Language::Java, "void run(final int a, int b)", Some((2, Some(2), false))),
            (Language::Python, "def run(self, a, b=(1, 2), *, c, d='x,')", Some((2, Some(4), true))),
            (
                Language::Python,
                "async def run(a, /, b: dict[str, int] = {}, *args, **kwargs) -> None",
                Some((1, None, false)),
            ),
            (Language::Python, "def run()", Some((0, Some(0), false))),
            (Language::Python, "run = partial(other)", None),
            (Language::C, "int run(int a)", None),
        ];
        for (language, signature, expected) in cases {
            assert_eq!(of(language, signature), expected, "{signature}");
        }
    }

    #[test]
    fn a_call_fits_or_not() {
        let method = Arity { min: 1, max: Some(2), has_self: true };
        let fits = |given| [Some(false), Some(true), None].map(|names_type| method.admits(given, names_type));
        assert_eq!(fits(0), [false; 3]);
        assert_eq!(fits(2), [true; 3]);
        assert_eq!(fits(3), [false, true, true]);
        assert_eq!(fits(4), [false; 3]);
        let many = Arity { min: 9, max: None, has_self: false };
        assert!(many.admits(ARGUMENTS_MAX.into(), None) && !many.admits(3, None), "more are not counted");
    }

    #[test]
    fn only_types_may_take_the_object_as_an_argument() {
        for (receiver, expected) in [("Sender", true), ("a::Sender", true), ("self.body", false), ("make()", false)] {
            assert_eq!(may_name_type(Language::Rust, receiver), expected, "{receiver}");
        }
        assert!(may_name_type(Language::Rust, RECEIVER_UNKNOWN) && !may_name_type(Language::Go, RECEIVER_UNKNOWN));
    }
}
