//! Places in source as people and compilers write them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file, as it was written.
    pub file: &'a Path,
    /// Line, from 1.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
    /// The name that is seen there, with the colon before it; may be empty.
    pub name: &'a OsStr,
}

impl Location<'_> {
    /// Reads `FILE:LINE:COL` or `FILE:LINE:COL:NAME`; anything else, as `std::fs::read`, is a name.
    pub fn parse(text: &OsStr) -> Option<Location<'_>> {
        let bytes = text.as_bytes();
        let colon = || bytes.iter().rposition(|byte| *byte == b':').filter(|colon| colon + 1 < bytes.len());
        place(bytes, b"").or_else(|| colon().and_then(|colon| place(&bytes[..colon], &bytes[colon..])))
    }
}

fn place<'a>(text: &'a [u8], name: &'a [u8]) -> Option<Location<'a>> {
    let (rest, column) = split_number(text)?;
    let (file, line) = split_number(rest)?;
    let (file, name) = (Path::new(OsStr::from_bytes(file)), OsStr::from_bytes(name));
    (!file.as_os_str().is_empty()).then_some(Location { file, line, column, name })
}

fn split_number(text: &[u8]) -> Option<(&[u8], u32)> {
    let colon = text.iter().rposition(|byte| *byte == b':')?;
    let digits =
        std::str::from_utf8(&text[colon + 1..]).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    Some((&text[..colon], number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_and_names() {
        let parse = |text: &'static str| Location::parse(OsStr::new(text));
        let location =
            |file, line, column, name| Some(Location { file: Path::new(file), line, column, name: OsStr::new(name) });
        assert_eq!(parse("src/a.rs:12:8"), location("src/a.rs", 12, 8, ""));
        assert_eq!(parse("odd:name.c:1:2"), location("odd:name.c", 1, 2, ""));
        assert_eq!(parse("src/a.rs:12:8:run"), location("src/a.rs", 12, 8, ":run"));
        for name in [
            "main",
            "Container.name",
            "std::fs::read",
            "a.rs:12",
            "a.rs:0:1",
            "a.rs:1:x",
            ":1:2",
            "a.rs:+1:2",
            "a:99999999999:1",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
