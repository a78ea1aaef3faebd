//! What is said of the type of something that is declared, and how what later assignments say is added. Knows no language: whether
//! assignments may change a type stands in the tables.

use crate::facts::{RECEIVER_UNKNOWN, TYPE_AND, TYPE_OF_VALUE, TYPE_OR, TYPES_MAX};

/// What a declaration or an assignment says of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: there is no value yet, or it is `null`, which may stand for any type.
    Nothing,
    /// The type is one that cannot be told.
    Unknown,
    /// What the value stands for.
    Value(String),
    /// The type is written.
    Written(String),
}

impl Said {
    /// The text that facts keep.
    pub(super) fn known(&self) -> Option<&str> {
        match self {
            Said::Nothing | Said::Unknown => None,
            Said::Value(text) | Said::Written(text) => Some(text),
        }
    }

    /// The same where it is added to what others say.
    pub(super) fn addition(&self) -> &str {
        match self {
            Said::Nothing => "",
            Said::Unknown => RECEIVER_UNKNOWN,
            Said::Value(text) | Said::Written(text) => text,
        }
    }
}

/// All the types of two texts, each once, the unknown one for those that are too many.
pub(super) fn joined(known: &str, more: &str) -> String {
    let mut all: Vec<&str> = Vec::new();
    for text in known.split(TYPE_OR).chain(more.split(TYPE_OR)).filter(|text| !text.is_empty()) {
        let text = if all.len() < TYPES_MAX || all.contains(&text) { text } else { RECEIVER_UNKNOWN };
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all.join("|")
}

/// What a path behind something of these types stands for.
pub(super) fn behind(types: &str, path: &str) -> String {
    let each = types.split(TYPE_OR).map(|text| match text {
        RECEIVER_UNKNOWN => text.to_owned(),
        text if text.contains(TYPE_AND) => RECEIVER_UNKNOWN.to_owned(),
        text => format!("{TYPE_OF_VALUE}{}{path}", text.trim_start_matches(TYPE_OF_VALUE)),
    });
    each.collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_joined_once_and_are_bounded() {
        assert_eq!(joined("", "=A()"), "=A()");
        assert_eq!(joined("=A()", ""), "=A()");
        assert_eq!(joined("=A()", "=A()"), "=A()");
        assert_eq!(joined("A|=B()", "=B()|?"), "A|=B()|?");
        assert_eq!(joined("A|B|C|D", "E|F"), "A|B|C|D|?");
    }

    #[test]
    fn a_path_stands_behind_each_type() {
        assert_eq!(behind("A|=b.c()|?", ".d()"), "=A.d()|=b.c().d()|?");
        assert_eq!(behind("A&B|C", ".d()"), "?|=C.d()");
    }
}
