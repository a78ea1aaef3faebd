//! Where an answer was cut, as bytes a client hands back: what the rows are ordered by, so that the next answer begins behind
//! the last row whatever happened to the index meanwhile.

use crate::varint::{Malformed, Reader, put, put_bytes};

use super::QueryError;

/// The place of a row in the order of its answer. Each kind of question uses the fields it orders by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cursor {
    /// Score of the row; higher scores come first.
    pub(super) score: u32,
    /// Its name.
    pub(super) name: String,
    /// Its path.
    pub(super) path: Vec<u8>,
    /// Its line.
    pub(super) line: u64,
    /// Its column.
    pub(super) column: u32,
}

impl Cursor {
    /// The bytes a client is given.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, self.score.into());
        put_bytes(&mut out, self.name.as_bytes());
        put_bytes(&mut out, &self.path);
        put(&mut out, self.line);
        put(&mut out, self.column.into());
        out
    }

    /// The cursor a client handed back; `None` if it handed none.
    pub(super) fn unpack(bytes: &[u8]) -> Result<Option<Cursor>, QueryError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let read = || -> Result<Cursor, Malformed> {
            let mut reader = Reader::new(bytes);
            let score = reader.u32()?;
            let name = String::from_utf8(reader.bytes_with_length()?.to_vec()).map_err(|_| Malformed)?;
            let path = reader.bytes_with_length()?.to_vec();
            Ok(Cursor { score, name, path, line: reader.u64()?, column: reader.u32()? })
        };
        let bad = |_| QueryError::Argument("the cursor is not one that an earlier answer gave; leave it out".into());
        read().map(Some).map_err(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_comes_back() {
        let cursor = Cursor { score: 7, name: "né".into(), path: b"a/\xff".to_vec(), line: 1 << 40, column: 3 };
        assert_eq!(Cursor::unpack(&cursor.pack()).ok().flatten(), Some(cursor));
        assert!(matches!(Cursor::unpack(b""), Ok(None)));
        assert!(Cursor::unpack(b"\x07\xff").is_err());
    }
}
