//! Places in source as people and compilers write them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie_proto::Target;

use super::context::Context;
use super::exit::CliError;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Location<'a> {
    /// The file, as it was written.
    file: &'a Path,
    /// Line, from 1.
    line: u32,
    /// Byte column, from 1.
    column: u32,
    /// The name that is seen there, with the colon before it; may be empty.
    name: &'a OsStr,
}

/// Reads `FILE:LINE:COL` or `FILE:LINE:COL:NAME`; anything else, as `std::fs::read`, is a name.
fn parse_location(text: &OsStr) -> Option<Location<'_>> {
    let bytes = text.as_bytes();
    let colon = || bytes.iter().rposition(|byte| *byte == b':').filter(|colon| colon + 1 < bytes.len());
    place(bytes, b"").or_else(|| colon().and_then(|colon| place(&bytes[..colon], &bytes[colon..])))
}

fn place<'a>(text: &'a [u8], name: &'a [u8]) -> Option<Location<'a>> {
    let (rest, column) = split_number(text)?;
    let (file, line) = split_number(rest)?;
    let (file, name) = (Path::new(OsStr::from_bytes(file)), OsStr::from_bytes(name));
    (!file.as_os_str().is_empty()).then_some(Location { file, line, column, name })
}

/// What NAME|FILE:LINE:COL[:NAME] asks about, as the daemon takes it, and the project in which that lies.
pub(crate) fn asked(context: &Context, text: &OsStr) -> Result<(String, Target), CliError> {
    let Some(location) = parse_location(text) else { return Ok((utf8(text)?, context.target(None))) };
    let path = context.absolute(location.file);
    let file = utf8(OsStr::from_bytes(&path.0))?;
    let name = utf8(location.name)?;
    Ok((format!("{file}:{}:{}{name}", location.line, location.column), context.target(Some(&path))))
}

/// The same of several, in one project: that of the first place, or of the current directory.
pub(crate) fn all_asked(context: &Context, texts: &[OsString]) -> Result<(Vec<String>, Target), CliError> {
    let (mut asked, mut of_place) = (Vec::with_capacity(texts.len()), None);
    for text in texts {
        let (one, target) = self::asked(context, text)?;
        if parse_location(text).is_some() {
            of_place.get_or_insert(target);
        }
        asked.push(one);
    }
    Ok((asked, of_place.unwrap_or_else(|| context.target(None))))
}

/// A text that goes into a question.
pub(crate) fn utf8(text: &OsStr) -> Result<String, CliError> {
    text.to_str().map(str::to_owned).ok_or_else(|| CliError::Usage {
        message: format!("{} is not UTF-8", text.display()),
        hint: "a definition is looked up by a name, or by a place in a file whose path is UTF-8".to_owned(),
    })
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
        let parse = |text: &'static str| parse_location(OsStr::new(text));
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
