//! What a query asks, in the engine's terms. A number whose meaning is needed and not known is refused.

use vigie_core::kinds::{Disposition, Language};
use vigie_core::language::{named, near};
use vigie_core::query::{Options, PathMode, Selection, TextRequest};
use vigie_core::text::{Count, Pattern};
use vigie_proto as wire;
use vigie_proto::{Failure, MatchCount, MatchMode, text_flag};

use super::failures::bad_argument;

/// What all queries share.
pub(crate) fn options(options: &wire::QueryOptions) -> Result<Options, Failure> {
    Ok(Options {
        limit: (options.limit > 0).then_some(options.limit),
        cursor: options.cursor.0.clone(),
        languages: options.languages.iter().map(|name| language(name)).collect::<Result<_, _>>()?,
        globs: options.globs.clone(),
        paths: options.paths.iter().map(|path| path.0.clone()).collect(),
    })
}

/// A language by its name, what else it is called, or the extension of its files; case does not matter.
fn language(name: &str) -> Result<Language, Failure> {
    named(name).ok_or_else(|| {
        let known: Vec<_> = Language::ALL.iter().map(|language| language.name()).collect();
        let near = near(name).map(|near| format!("{} is near it; ", near.name())).unwrap_or_default();
        bad_argument(format!("there is no language \"{name}\" here; {near}there are {}", known.join(", ")))
    })
}

/// What a text query looks for, and in which files.
pub(crate) fn text(query: &wire::TextQuery) -> TextRequest {
    let selection = Selection {
        types: query.types.clone(),
        types_not: query.types_not.clone(),
        globs: query.overrides.clone(),
        globs_dir: query.overrides_dir.0.clone(),
    };
    TextRequest {
        pattern: pattern(query),
        selection,
        before: query.before,
        after: query.after,
        every_match: query.flags & text_flag::EVERY_MATCH != 0,
    }
}

fn pattern(query: &wire::TextQuery) -> Pattern {
    let flag = |flag: u16| query.flags & flag != 0;
    Pattern {
        text: query.pattern.clone(),
        alternatives: query.alternatives.clone(),
        fixed: flag(text_flag::FIXED),
        ignore_case: flag(text_flag::IGNORE_CASE),
        smart_case: flag(text_flag::SMART_CASE),
        word: flag(text_flag::WORD),
        line: flag(text_flag::LINE),
    }
}

/// What is counted of a file.
pub(crate) fn match_count(count: MatchCount) -> Result<Count, Failure> {
    match count {
        MatchCount::NONE => Ok(Count::Nothing),
        MatchCount::LINES => Ok(Count::Lines),
        MatchCount::MATCHES => Ok(Count::Matches),
        MatchCount(number) => Err(bad_argument(format!("match count {number} is not known here"))),
    }
}

/// How a file's path is asked for.
pub(crate) fn path_mode(mode: MatchMode) -> Result<PathMode, Failure> {
    match mode {
        MatchMode::FUZZY => Ok(PathMode::Fuzzy),
        MatchMode::GLOB => Ok(PathMode::Glob),
        MatchMode::SUBSTRING => Ok(PathMode::Substring),
        MatchMode(number) => Err(bad_argument(format!("match mode {number} is not known here"))),
    }
}

/// Which dispositions.
pub(crate) fn dispositions(wanted: &[wire::Disposition]) -> Result<Vec<Disposition>, Failure> {
    let one = |wanted: &wire::Disposition| {
        let known = u8::try_from(wanted.0).ok().and_then(Disposition::from_number);
        known.ok_or_else(|| bad_argument(format!("disposition {} is not known here", wanted.0)))
    };
    wanted.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::ErrorCode;

    #[test]
    fn unknown_choices_are_refused_by_name() {
        let unknown = wire::QueryOptions { languages: vec!["cobol".into()], ..Default::default() };
        let failure = options(&unknown).unwrap_err();
        assert_eq!(failure.code, ErrorCode::BAD_ARGUMENT);
        assert!(failure.message.contains("cobol") && failure.message.contains("rust"), "{}", failure.message);
        assert!(path_mode(MatchMode(99)).is_err());
        assert!(match_count(MatchCount(99)).is_err());
        assert!(dispositions(&[wire::Disposition(99)]).is_err());
    }

    #[test]
    fn languages_have_more_than_one_name() {
        let names = ["rust", "Rust", "rs", "py", "JS", "tsx", "hpp", "yml", "kt", "C++", "c#"];
        let languages = names.map(|name| language(name).unwrap().name());
        assert_eq!(
            languages,
            ["rust", "rust", "rust", "python", "javascript", "tsx", "cpp", "yaml", "kotlin", "cpp", "csharp"]
        );
        for name in ["", ".", "cobol", "tar.zz", "/"] {
            assert!(language(name).is_err(), "{name}");
        }
    }

    #[test]
    fn no_limit_is_zero_on_the_wire() {
        assert_eq!(options(&wire::QueryOptions::default()).unwrap().limit, None);
    }
}
