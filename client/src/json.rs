//! Lines of JSON: objects whose fields keep their order, each with the version of this format. Strings that are not UTF-8 go
//! under another name, in base64, so that a reader never meets a replaced byte.

use std::fmt::{Display, Write};

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde_json::Value;

/// Version of the format; fields are only ever added to it.
const VERSION: u8 = 1;

/// An object being written.
#[derive(Debug)]
pub struct Object {
    text: String,
}

impl Object {
    /// A line of its own: version and type first.
    pub fn line(r#type: &str) -> Object {
        Object::part().number("v", VERSION).string("type", r#type)
    }

    /// An object within another.
    pub fn part() -> Object {
        Object { text: "{".to_owned() }
    }

    /// A number.
    pub fn number(self, key: &str, value: impl Display) -> Object {
        self.raw(key, &value.to_string())
    }

    /// A number, `null` if there is none.
    pub fn number_or_null(self, key: &str, value: Option<impl Display>) -> Object {
        match value {
            Some(value) => self.number(key, value),
            None => self.raw(key, "null"),
        }
    }

    /// `true` or `false`.
    pub fn flag(self, key: &str, value: bool) -> Object {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// A string.
    pub fn string(self, key: &str, value: &str) -> Object {
        let quoted = quote(value);
        self.raw(key, &quoted)
    }

    /// What a peer wrote as JSON; if it is none, that as a string.
    pub fn json(self, key: &str, value: &str) -> Object {
        match serde_json::from_str::<Value>(value) {
            // Written anew, so that it is one line.
            Ok(value) => self.raw(key, &value.to_string()),
            Err(_) => self.string(key, value),
        }
    }

    /// A string, `null` if it is empty.
    pub fn string_or_null(self, key: &str, value: &str) -> Object {
        if value.is_empty() { self.raw(key, "null") } else { self.string(key, value) }
    }

    /// A byte string: under `key` if it is UTF-8, else in base64 under `key_b64`.
    pub fn bytes(self, key: &str, value: &[u8]) -> Object {
        match std::str::from_utf8(value) {
            Ok(text) => self.string(key, text),
            Err(_) => {
                let encoded = quote(&BASE64.encode(value));
                self.raw(&format!("{key}_b64"), &encoded)
            }
        }
    }

    /// An object, or `null`.
    pub fn object(self, key: &str, value: Option<Object>) -> Object {
        match value {
            Some(object) => self.raw(key, &object.finish()),
            None => self.raw(key, "null"),
        }
    }

    /// A list of objects.
    pub fn objects(self, key: &str, values: impl IntoIterator<Item = Object>) -> Object {
        let values: Vec<String> = values.into_iter().map(Object::finish).collect();
        self.raw(key, &format!("[{}]", values.join(",")))
    }

    /// A list of strings.
    pub fn strings(self, key: &str, values: &[String]) -> Object {
        let values: Vec<String> = values.iter().map(|value| quote(value)).collect();
        self.raw(key, &format!("[{}]", values.join(",")))
    }

    /// The text of the object.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    /// What is JSON already.
    pub fn raw(mut self, key: &str, value: &str) -> Object {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        // Writing to a string does not fail.
        let _ok = write!(self.text, "\"{key}\":{value}");
        self
    }
}

fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// A page cursor as one word of a command line.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Reads what [`hex`] wrote.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_comes_back() {
        assert_eq!(hex(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(from_hex("001fFF"), Some(vec![0, 0x1f, 0xff]));
        assert_eq!(from_hex(""), Some(vec![]));
        for bad in ["0", "0g", "é"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn objects_are_json_in_order() {
        let line = Object::line("match")
            .bytes("path", b"a\"\n.rs")
            .bytes("text", b"\xff")
            .number("line", 3)
            .flag("changed", false)
            .string_or_null("container", "")
            .objects("spans", [Object::part().number("start", 0)])
            .strings("notes", &["a".to_owned()])
            .json("value", "[ 1,\n{}]")
            .json("no_value", "{")
            .object("stats", None)
            .finish();
        assert_eq!(
            line,
            r#"{"v":1,"type":"match","path":"a\"\n.rs","text_b64":"/w==","line":3,"changed":false,"container":null,"spans":[{"start":0}],"notes":["a"],"value":[1,{}],"no_value":"{","stats":null}"#
        );
        assert!(serde_json::from_str::<Value>(&line).is_ok());
    }
}
