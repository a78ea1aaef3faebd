//! A TOML document against a table of the keys it may have. Whatever is wrong is told with its line and what is expected there; what is
//! right is there nevertheless. Whose document it is, and whether a problem is an error or a warning, others decide.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest part of what was written that a problem repeats, in characters.
const SHOWN_MAX: usize = 60;

/// A key that a document may have.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// What holds without it, for people.
    pub default: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number, from the first to the second.
    Number(u64, u64),
    /// A string.
    Text,
    /// So many bytes, at most this many.
    Bytes(u64),
    /// So many bytes, or none.
    Room,
    /// So many seconds, or none.
    Time,
    /// Directories, each as an absolute path or below `~/`.
    Directories,
    /// Globs in the syntax of `.gitignore`.
    Globs,
    /// Globs or extensions, each with a language.
    Languages,
}

impl Shape {
    /// What to write, for people.
    pub fn expected(self) -> String {
        match self {
            Shape::Number(min, max) => format!("a whole number from {min} to {max}"),
            Shape::Text => "a string".to_owned(),
            Shape::Bytes(max) => format!("a size of at most {0}, as in 65536 or \"{0}\"", bytes(max)),
            Shape::Room => "a size, as in \"500M\" or \"20G\", or 0".to_owned(),
            Shape::Time => "a time, as in \"90s\", \"15m\" or \"2h\", or 0".to_owned(),
            Shape::Directories => "a list of directories, as in [\"~/src\", \"/srv/code\"]".to_owned(),
            Shape::Globs => "a list of globs, as in [\"*.log\", \"/out/\"]".to_owned(),
            Shape::Languages => "a table, as in { \"*.inc\" = \"php\", tpl = \"text\" }".to_owned(),
        }
    }
}

/// A value that fits its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of [`Shape::Number`], [`Shape::Bytes`], [`Shape::Room`] and [`Shape::Time`].
    Number(u64),
    /// Of [`Shape::Text`].
    Text(String),
    /// Of [`Shape::Directories`].
    Directories(Vec<String>),
    /// Of [`Shape::Globs`].
    Globs(Vec<Glob>),
    /// Of [`Shape::Languages`]: what is written of each glob, in the order of the document.
    Languages(Vec<(Glob, String)>),
}

/// A glob as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    /// It.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

/// A key that was given, with a value that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: &'static str,
    /// The value.
    pub value: Value,
    /// Its line, from 1.
    pub line: usize,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and what would be right, as a fragment of a sentence.
    pub text: String,
}

/// What a document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What fits, in the order of the document.
    pub entries: Vec<Entry>,
    /// What does not, by line.
    pub problems: Vec<Problem>,
}

/// Another document, whose keys somebody may have written into this one.
#[derive(Clone, Copy, Debug)]
pub struct Other {
    /// What it is called, for people.
    pub file: &'static str,
    /// The names of its keys.
    pub keys: &'static [&'static str],
}

/// Reads a document whose keys may be `keys`; of those of the other it is said where they belong.
pub fn read(bytes: &[u8], keys: &'static [Key], other: Other) -> Document {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let problem = Problem { line: line_of(bytes, e.valid_up_to()), text: "this is not UTF-8".to_owned() };
            return Document { entries: Vec::new(), problems: vec![problem] };
        }
    };
    let (table, faults) = DeTable::parse_recoverable(text);
    let mut reading = Reading { text, other, document: Document::default() };
    for fault in &faults {
        let at = fault.span().map_or(text.len(), |span| span.start);
        let mut problem = format!("this is no TOML: {}", fault.message());
        if fault.message().contains("duplicate key") {
            problem = "this key was given before".to_owned();
        }
        reading.problem(at, problem);
    }
    // What the parser makes of a line with a fault in it may be anything.
    let faulty: Vec<usize> = reading.document.problems.iter().map(|problem| problem.line).collect();
    for (name, value) in in_order(table.get_ref()) {
        let (first, last) = (reading.line(name.span().start), reading.line(value.span().end));
        if !faulty.iter().any(|line| (first..=last).contains(line)) {
            reading.entry(keys, name, value);
        }
    }
    reading.document.problems.sort_by_key(|problem| problem.line);
    reading.document
}

type Name<'a> = Spanned<std::borrow::Cow<'a, str>>;

/// The keys of a table with their values, in the order in which they were written.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Name<'i>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

struct Reading<'a> {
    text: &'a str,
    other: Other,
    document: Document,
}

impl Reading<'_> {
    fn line(&self, at: usize) -> usize {
        line_of(self.text.as_bytes(), at)
    }

    fn problem(&mut self, at: usize, text: String) {
        let problem = Problem { line: self.line(at), text };
        self.document.problems.push(problem);
    }

    fn entry(&mut self, keys: &'static [Key], name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let written = name.get_ref();
        let Some(key) = keys.iter().find(|key| key.name == written.as_ref()) else {
            if self.other.keys.contains(&written.as_ref()) {
                let text = format!("`{written}` is no key of this file: it belongs into {}", self.other.file);
                return self.problem(name.span().start, text);
            }
            let nearest = nearest(written, keys.iter().map(|key| key.name));
            let nearest = nearest.map(|nearest| format!("; the nearest is `{nearest}`")).unwrap_or_default();
            return self.problem(name.span().start, format!("there is no key `{}`{nearest}", cut(written)));
        };
        match self.value(key, value) {
            Ok(value) => {
                let line = self.line(name.span().start);
                self.document.entries.push(Entry { key: key.name, value, line });
            }
            Err(what) => {
                let text = format!("`{}` {what}: it must be {}", key.name, key.shape.expected());
                self.problem(value.span().start, text);
            }
        }
    }

    /// A value of that shape, or what is wrong with it.
    fn value(&mut self, key: &'static Key, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
        match (key.shape, value.get_ref()) {
            (Shape::Number(min, max), DeValue::Integer(number)) => {
                let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
                let fits = |number: &u64| (min..=max).contains(number);
                number.filter(fits).map(Value::Number).ok_or_else(|| "is out of bounds".to_owned())
            }
            (Shape::Text, DeValue::String(text)) => Ok(Value::Text(text.clone().into_owned())),
            (Shape::Bytes(max), DeValue::Integer(number)) => {
                of_bytes(u64::from_str_radix(number.as_str(), number.radix()).ok(), max)
            }
            (Shape::Bytes(max), DeValue::String(text)) => of_bytes(parse_bytes(text), max),
            (Shape::Room, DeValue::Integer(number)) => {
                of_room(u64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            (Shape::Room, DeValue::String(text)) => of_room(parse_bytes(text)),
            (Shape::Time, DeValue::Integer(number)) => {
                of_time(u64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            (Shape::Time, DeValue::String(text)) => of_time(parse_time(text)),
            (Shape::Directories, DeValue::Array(items)) => {
                let directory = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                    DeValue::String(path) if is_directory(path) => Ok(path.clone().into_owned()),
                    DeValue::String(path) => {
                        Err(format!("has \"{}\", which is neither absolute nor below ~/", cut(path)))
                    }
                    other => Err(format!("has {} where a string must be", named(other))),
                };
                items.iter().map(directory).collect::<Result<_, _>>().map(Value::Directories)
            }
            (Shape::Globs, DeValue::Array(items)) => {
                let mut globs = Vec::new();
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::String(glob) => {
                            let line = self.line(item.span().start);
                            globs.push(Glob { text: glob.clone().into_owned(), line });
                        }
                        other => {
                            let text = format!("`{}` has {} where a string must be", key.name, named(other));
                            self.problem(item.span().start, text);
                        }
                    }
                }
                Ok(Value::Globs(globs))
            }
            (Shape::Languages, DeValue::Table(table)) => {
                let mut languages = Vec::new();
                for (glob, language) in in_order(table) {
                    match language.get_ref() {
                        DeValue::String(language) => {
                            let line = self.line(glob.span().start);
                            let glob = Glob { text: glob.get_ref().clone().into_owned(), line };
                            languages.push((glob, language.clone().into_owned()));
                        }
                        other => {
                            let glob = cut(glob.get_ref());
                            let text = format!("`{glob}` is {}: it must be the name of a language", named(other));
                            self.problem(language.span().start, text);
                        }
                    }
                }
                Ok(Value::Languages(languages))
            }
            (_, other) => Err(format!("is {}", named(other))),
        }
    }
}

fn of_bytes(bytes: Option<u64>, max: u64) -> Result<Value, String> {
    match bytes {
        None | Some(0) => Err("is no size".to_owned()),
        Some(bytes) if bytes > max => Err("is too large".to_owned()),
        Some(bytes) => Ok(Value::Number(bytes)),
    }
}

fn of_room(bytes: Option<u64>) -> Result<Value, String> {
    bytes.map(Value::Number).ok_or_else(|| "is no size".to_owned())
}

fn of_time(seconds: Option<u64>) -> Result<Value, String> {
    seconds.map(Value::Number).ok_or_else(|| "is no time".to_owned())
}

/// Whether this names a directory wherever it is read: an absolute path, or one below the home directory.
pub fn is_directory(path: &str) -> bool {
    path.starts_with('/') || path == "~" || path.starts_with("~/")
}

/// So many seconds: digits, and perhaps `s`, `m` or `h`.
pub fn parse_time(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1),
        b'm' => (&text[..text.len() - 1], 60),
        b'h' => (&text[..text.len() - 1], 3600),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The same backwards, as short as it is exact.
pub fn time(seconds: u64) -> String {
    match seconds {
        0 => "0".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// So many bytes: digits, and perhaps `K`, `M` or `G`.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'K' | b'k' => (&text[..text.len() - 1], 1 << 10),
        b'M' | b'm' => (&text[..text.len() - 1], 1 << 20),
        b'G' | b'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The same backwards, as short as it is exact.
pub fn bytes(count: u64) -> String {
    let units = [(30, "G"), (20, "M"), (10, "K")];
    let unit = units.into_iter().find(|(shift, _)| count > 0 && count.trailing_zeros() >= *shift);
    unit.map_or_else(|| count.to_string(), |(shift, unit)| format!("{}{unit}", count >> shift))
}

fn named(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The name that is most like what was written.
pub(super) fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = cut(written);
    names.min_by_key(|name| strsim::damerau_levenshtein(&written, name))
}

/// The beginning of what was written, on one line.
pub(super) fn cut(written: &str) -> String {
    let line = written.replace(['\n', '\r'], " ");
    match line.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    static KEYS: [Key; 7] = [
        Key { name: "count", shape: Shape::Number(1, 9), default: "1", help: "" },
        Key { name: "name", shape: Shape::Text, default: "", help: "" },
        Key { name: "size", shape: Shape::Bytes(4 << 20), default: "4M", help: "" },
        Key { name: "time", shape: Shape::Time, default: "0", help: "" },
        Key { name: "directories", shape: Shape::Directories, default: "[]", help: "" },
        Key { name: "globs", shape: Shape::Globs, default: "[]", help: "" },
        Key { name: "languages", shape: Shape::Languages, default: "{}", help: "" },
    ];

    const OTHER: Other = Other { file: "other.toml", keys: &["counts"] };

    fn check(text: &str, entries: &[(&str, usize)], problems: &[(usize, &str)]) {
        let document = read(text.as_bytes(), &KEYS, OTHER);
        let found: Vec<_> = document.entries.iter().map(|entry| (entry.key, entry.line)).collect();
        assert_eq!(found, entries, "{text}: {document:?}");
        assert_eq!(document.problems.len(), problems.len(), "{text}: {document:?}");
        for (problem, (line, part)) in document.problems.iter().zip(problems) {
            assert_eq!(problem.line, *line, "{text}: {problem:?}");
            assert!(problem.text.contains(part), "{text}: {problem:?}");
        }
    }

    #[test]
    fn what_fits_is_there_with_its_line() {
        let text = "# a comment\ncount = 0x7\n\nname = 'x'\nsize = \"2M\"\nglobs = [\n  'a',\n  'b',\n]\n[languages]\nz = 'php'\n'*.a' = 'c'\n";
        let document = read(text.as_bytes(), &KEYS, OTHER);
        assert_eq!(document.problems, []);
        let glob = |text: &str, line| Glob { text: text.to_owned(), line };
        let values: Vec<_> = document.entries.into_iter().map(|entry| (entry.line, entry.value)).collect();
        assert_eq!(
            values,
            [
                (2, Value::Number(7)),
                (4, Value::Text("x".to_owned())),
                (5, Value::Number(2 << 20)),
                (6, Value::Globs(vec![glob("a", 7), glob("b", 8)])),
                (10, Value::Languages(vec![(glob("z", 11), "php".to_owned()), (glob("*.a", 12), "c".to_owned())])),
            ]
        );
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        check("counts = 3\n", &[], &[(1, "`counts` is no key of this file: it belongs into other.toml")]);
        check("cuont = 3\n", &[], &[(1, "there is no key `cuont`; the nearest is `count`")]);
        check("\n[langauges]\na = 'c'\n", &[], &[(2, "the nearest is `languages`")]);
        check("size.x = 1\n", &[], &[(1, "`size` is a table: it must be a size of at most 4M")]);
    }

    #[test]
    fn wrong_values_say_what_is_expected() {
        check("count = 'x'\n", &[], &[(1, "`count` is a string: it must be a whole number from 1 to 9")]);
        check("count = 10\n", &[], &[(1, "`count` is out of bounds")]);
        check("count = -1\n", &[], &[(1, "`count` is out of bounds")]);
        check("count = 1.5\n", &[], &[(1, "`count` is a number with a fraction")]);
        check("size = 0\n", &[], &[(1, "`size` is no size")]);
        check("size = '4MB'\n", &[], &[(1, "`size` is no size")]);
        check("size = '1G'\n", &[], &[(1, "`size` is too large: it must be a size of at most 4M")]);
        check("time = '15 minutes'\n", &[], &[(1, "`time` is no time: it must be a time, as in \"90s\"")]);
        check("size = 99999999999999999999999\n", &[], &[(1, "`size` is no size")]);
        check("directories = ['/a', '~/b', '~']\n", &[("directories", 1)], &[]);
        for (bad, what) in
            [("'/a'", "is a string"), ("['/a', 'b']", "has \"b\", which is neither absolute"), ("[1]", "has a number")]
        {
            check(&format!("directories = {bad}\n"), &[], &[(1, what)]);
        }
        check("globs = 'x'\n", &[], &[(1, "`globs` is a string: it must be a list of globs")]);
        check("globs = [\n'x',\n3]\n", &[("globs", 1)], &[(3, "`globs` has a number where a string must be")]);
        check(
            "[languages]\na = 3\n",
            &[("languages", 1)],
            &[(2, "`a` is a number: it must be the name of a language")],
        );
    }

    #[test]
    fn a_fault_costs_its_own_lines() {
        check("count = \nname = 'x'\n", &[("name", 2)], &[(1, "this is no TOML")]);
        check("count = 3\ncount = 4\n", &[("count", 1)], &[(2, "this key was given before")]);
        check("size = 4M\nname = 'x'\n", &[("name", 2)], &[(1, "this is no TOML")]);
        let document = read(b"name = 'x'\nname2 = '\xff'\n", &KEYS, OTHER);
        assert_eq!(document.problems, [Problem { line: 2, text: "this is not UTF-8".to_owned() }]);
    }

    #[test]
    fn anything_is_read_without_a_panic() {
        let deep = format!("globs = {}{}", "[".repeat(5000), "]".repeat(5000));
        let long = format!("{} = 1\n", "k".repeat(60_000));
        for text in [deep.as_str(), &long, "", "=", "[", "\u{feff}count = 3", "\"\\uD800\" = 1", "a.b.c = 1\n[a.b]\n"] {
            let document = read(text.as_bytes(), &KEYS, OTHER);
            assert!(document.problems.iter().all(|problem| problem.text.len() < 400), "{document:?}");
        }
    }

    #[test]
    fn times_are_short_and_exact() {
        for (seconds, text) in [(0, "0"), (1, "1s"), (90, "90s"), (900, "15m"), (7200, "2h"), (3660, "61m")] {
            assert_eq!(time(seconds), text);
            assert_eq!(parse_time(text), Some(seconds));
        }
        assert_eq!(parse_time("30"), Some(30));
        for bad in ["", "m", "15min", "-1", "1.5h", "é", "99999999999999999999", "9999999999999999999h"] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_short_and_exact() {
        for (count, text) in [(0, "0"), (1, "1"), (1024, "1K"), (1025, "1025"), (16 << 20, "16M"), (3 << 30, "3G")] {
            assert_eq!(bytes(count), text);
            assert_eq!(parse_bytes(text), Some(count));
        }
        for bad in ["", "K", "4MB", "-1", "1.5M", "é", "99999999999999999999", "99999999999999G"] {
            assert_eq!(parse_bytes(bad), None, "{bad}");
        }
    }
}
