//! What a question names: a name, or a place in source.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use vigie::location::Location;
use vigie_proto::Target;

use super::context::Context;
use super::exit::CliError;

/// What NAME|FILE:LINE:COL[:NAME] asks about, as the daemon takes it, and the project in which that lies.
pub(crate) fn asked(context: &Context, text: &OsStr) -> Result<(String, Target), CliError> {
    let Some(location) = Location::parse(text) else { return Ok((utf8(text)?, context.target(None))) };
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
        if Location::parse(text).is_some() {
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
