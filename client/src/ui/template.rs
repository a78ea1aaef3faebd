//! Rows as a template of the user's makes them: `{path}:{line}` with the fields that `--json` has, and the placeholders of `fd` for
//! parts of the path.

use std::borrow::Cow;

use data_encoding::BASE64;
use serde_json::Value;

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A field of the row, or one of an object within it: `from.qualified`, `targets.0.path`.
    Field(Vec<String>),
    Path(Piece),
}

/// Which part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Whole,
    Name,
    Directory,
    WithoutExtension,
    NameWithoutExtension,
}

/// The placeholders of `fd`.
const PIECES: [(&str, Piece); 5] = [
    ("", Piece::Whole),
    ("/", Piece::Name),
    ("//", Piece::Directory),
    (".", Piece::WithoutExtension),
    ("/.", Piece::NameWithoutExtension),
];

impl Template {
    /// Reads a template: `{field}`, `{}` and its relatives, `{{` and `}}` for braces, `\t`, `\n`, `\0` and `\\`.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '{' if rest.as_str().starts_with('{') => literal.extend(rest.next()),
                '}' if rest.as_str().starts_with('}') => literal.extend(rest.next()),
                '}' => return Err("a '}' stands alone; for a brace itself write }}".to_owned()),
                '{' => {
                    let (name, after) = rest
                        .as_str()
                        .split_once('}')
                        .ok_or("a '{' has no '}' after it; for a brace itself write {{")?;
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(placeholder(name)?);
                    rest = after.chars();
                }
                '\\' => literal.push(match rest.next() {
                    Some('t') => '\t',
                    Some('n') => '\n',
                    Some('0') => '\0',
                    Some('\\') => '\\',
                    _ => return Err(r"behind a backslash stands t, n, 0 or another backslash".to_owned()),
                }),
                other => literal.push(other),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Template { parts })
    }

    /// The first names of the fields that it takes from rows.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field(way) => way.first().map(String::as_str),
            Part::Path(_) => Some("path"),
            Part::Text(_) => None,
        })
    }

    /// What it makes of a row. Paths are as `shown` has them; what a row does not have is empty.
    pub(crate) fn fill(&self, row: &Value, shown: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Field(way) => {
                    let value = value(row, way);
                    let is_path = way.last().is_some_and(|name| name == "path");
                    out.extend_from_slice(&if is_path { shown(&value).into() } else { value });
                }
                Part::Path(piece) => {
                    let path = shown(&value(row, &["path".to_owned()]));
                    out.extend_from_slice(&self::piece(&path, *piece));
                }
            }
        }
        out
    }
}

fn placeholder(name: &str) -> Result<Part, String> {
    if let Some((_, piece)) = PIECES.iter().find(|(text, _)| *text == name) {
        return Ok(Part::Path(*piece));
    }
    let way: Vec<String> = name.split('.').map(str::to_owned).collect();
    let is_word = |word: &String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if way.iter().all(is_word) {
        return Ok(Part::Field(way));
    }
    Err(format!("'{{{name}}}' is no field of a row, nor {{}}, {{/}}, {{//}}, {{.}} or {{/.}}"))
}

fn value<'a>(row: &'a Value, way: &[String]) -> Cow<'a, [u8]> {
    let mut at = row;
    for (step, name) in way.iter().enumerate() {
        let next = match at {
            Value::Array(values) => name.parse::<usize>().ok().and_then(|place| values.get(place)),
            other => other.get(name),
        };
        match next {
            Some(next) => at = next,
            // What is not UTF-8 stands under another name.
            None if step + 1 == way.len() => {
                let encoded = at.get(format!("{name}_b64")).and_then(Value::as_str).unwrap_or_default();
                return BASE64.decode(encoded.as_bytes()).unwrap_or_default().into();
            }
            None => return Cow::default(),
        }
    }
    match at {
        Value::Null => Cow::default(),
        Value::String(text) => text.as_bytes().into(),
        other => other.to_string().into_bytes().into(),
    }
}

fn piece(path: &[u8], piece: Piece) -> Vec<u8> {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    let name = slash.map_or(0, |slash| slash + 1);
    let dot = path[name..].iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0);
    let stem = dot.map_or(path.len(), |dot| name + dot);
    match piece {
        Piece::Whole => path.to_vec(),
        Piece::Name => path[name..].to_vec(),
        Piece::Directory => slash.map_or_else(|| b".".to_vec(), |slash| path[..slash].to_vec()),
        Piece::WithoutExtension => path[..stem].to_vec(),
        Piece::NameWithoutExtension => path[name..stem].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(template: &str, row: &Value) -> String {
        let shown = |path: &[u8]| [b"./", path].concat();
        String::from_utf8_lossy(&Template::parse(template).expect(template).fill(row, shown)).into_owned()
    }

    #[test]
    fn fields_are_those_of_json() {
        let row = json!({ "path": "src/a.b.rs", "line": 7, "text_b64": "/2E=", "container": null,
            "from": { "qualified": "A.b", "path": "c" }, "targets": [{ "line": 3 }], "changed": false });
        assert_eq!(filled("{path}:{line}", &row), "./src/a.b.rs:7");
        assert_eq!(filled("{from.qualified} {from.path} {targets.0.line}{targets.1.line}", &row), "A.b ./c 3");
        assert_eq!(filled("[{container}{nothing}] {changed} {text}", &row), "[] false \u{fffd}a");
        assert_eq!(filled(r"{} {/} {//} {.} {/.}\t{{x}}\\", &row), "./src/a.b.rs a.b.rs ./src ./src/a.b a.b\t{x}\\");
        let names: Vec<String> = Template::parse("{/}{from.line}x").unwrap().fields().map(str::to_owned).collect();
        assert_eq!(names, ["path", "from"]);
    }

    #[test]
    fn parts_of_paths_are_those_of_fd() {
        let parts = |path: &str| filled("{/} {.} {/.}", &json!({ "path": path }));
        assert_eq!(parts(".gitignore"), ".gitignore ./.gitignore .gitignore");
        assert_eq!(parts("a.d/Makefile"), "Makefile ./a.d/Makefile Makefile");
    }

    #[test]
    fn what_is_no_template_is_explained() {
        for (template, word) in
            [("{path", "no '}'"), ("a}", "}}"), ("{a b}", "'{a b}'"), (r"\x", "backslash"), ("\\", "t, n")]
        {
            let error = Template::parse(template).expect_err(template);
            assert!(error.contains(word), "{template}: {error}");
        }
    }
}
