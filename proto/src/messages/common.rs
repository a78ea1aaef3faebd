//! What every message is made of.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A byte string: a path, a line of text, a cursor. On the wire a `u64` length and the bytes. Paths on Unix are bytes, not
/// UTF-8, and stay so.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// The bytes as text, with what is not UTF-8 replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Bytes {
        Bytes(bytes.to_vec())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Bytes {
        Bytes(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(bytes)
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte string")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        // Asking for borrowed bytes makes the length be compared with what the body still holds before anything is allocated.
        deserializer.deserialize_bytes(Visitor)
    }
}

/// Fields that came after the struct was frozen: a tag and its value. Unknown tags are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ext(pub Vec<(u16, Bytes)>);

impl Ext {
    /// A field without a value, if it is set.
    pub fn flag(tag: u16, is_set: bool) -> Ext {
        Ext(is_set.then(|| (tag, Bytes::default())).into_iter().collect())
    }

    /// The value under a tag.
    pub fn get(&self, tag: u16) -> Option<&Bytes> {
        self.0.iter().find(|(t, _)| *t == tag).map(|(_, value)| value)
    }
}

/// Which project a request is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Absolute path of something that exists, as a rule the current directory: the nearest indexed root at or above it answers.
    pub path: Bytes,
    /// Absolute root that overrides the search; empty = search.
    pub project: Bytes,
    /// Later fields.
    pub ext: Ext,
}
