//! What tools take. The doc comments are what an agent reads of each argument, so they are short: every word is paid for by everybody
//! who lists the tools.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use vigie_proto::{Disposition, MatchCount, MatchMode, Role, SymbolKind, SymbolMode, text_flag};

use super::error::Refusal;

/// Tokens of an answer where none are asked for.
const TOKENS: u32 = 4_000;
/// Fewest tokens: what stands around the rows must fit.
pub(super) const TOKENS_MIN: u32 = 500;
/// Most tokens: hosts cut off what is longer than 25,000 of theirs, which are shorter than four bytes, and there is no cursor then.
pub(super) const TOKENS_MAX: u32 = 16_000;
/// Milliseconds that an answer may take where nothing is said: less than the minute after which clients give up.
const DEADLINE_MS: u32 = 20_000;

/// What all questions about code share.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    pub(super) project: String,
    pub(super) path: Vec<String>,
    pub(super) lang: Vec<String>,
    pub(super) fresh: bool,
    pub(super) deadline_ms: u32,
    pub(super) max_tokens: u32,
    pub(super) limit: u64,
    pub(super) cursor: Vec<u8>,
}

/// Arguments of a question about code.
pub(super) trait Asked {
    fn shared(&self) -> Result<Shared, Refusal>;
}

fn tokens() -> u32 {
    TOKENS
}

fn deadline_ms() -> u32 {
    DEADLINE_MS
}

/// Defines the arguments of a tool: its own, and those that all questions share. Serde cannot both flatten and refuse what is unknown.
macro_rules! arguments {
    (@shared $name:ident { $($fields:tt)* } $shared:expr) => {
        #[derive(Clone, Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($fields)*
            /// Absolute path of the project or of anything in it. Default: the client's first root, else the working directory
            #[serde(default)]
            pub(super) project: String,
            /// Only files matching one of these globs, seen from the root; a directory's name means all below it
            #[serde(default)]
            pub(super) path: Vec<String>,
            /// Only files of these languages: rust, python, typescript, ...
            #[serde(default)]
            pub(super) lang: Vec<String>,
            /// Look at all files first, so that every change made so far is in the answer
            #[serde(default)]
            pub(super) fresh: bool,
            /// Answer within so many milliseconds, with what there is by then
            #[serde(default = "deadline_ms")]
            pub(super) deadline_ms: u32,
            /// Most tokens of the answer, one being 4 bytes of JSON
            #[serde(default = "tokens")]
            #[schemars(range(min = 500, max = 16_000))]
            pub(super) max_tokens: u32,
        }
        impl Asked for $name {
            fn shared(&self) -> Result<Shared, Refusal> {
                if !(TOKENS_MIN..=TOKENS_MAX).contains(&self.max_tokens) {
                    return Err(Refusal::argument("max_tokens", format!("{} is not from {TOKENS_MIN} to {TOKENS_MAX}", self.max_tokens)));
                }
                let shared = Shared {
                    project: self.project.clone(),
                    path: self.path.clone(),
                    lang: self.lang.clone(),
                    fresh: self.fresh,
                    deadline_ms: self.deadline_ms,
                    max_tokens: self.max_tokens,
                    ..Shared::default()
                };
                let of: fn(&$name, Shared) -> Result<Shared, Refusal> = $shared;
                of(self, shared)
            }
        }
    };
    (paged $name:ident { $($fields:tt)* }) => {
        arguments! { @shared $name {
            $($fields)*
            /// Most rows
            #[serde(default)]
            pub(super) limit: u64,
            /// The cursor of an answer to the same question, to go on behind it
            #[serde(default)]
            pub(super) cursor: String,
        } |args, shared| Ok(Shared { limit: args.limit, cursor: cursor(&args.cursor)?, ..shared }) }
    };
    (whole $name:ident { $($fields:tt)* }) => {
        arguments! { @shared $name { $($fields)* } |_, shared| Ok(shared) }
    };
}

fn cursor(text: &str) -> Result<Vec<u8>, Refusal> {
    let wrong =
        || Refusal::argument("cursor", "it is not a cursor; take it from an earlier answer to the same question");
    vigie::json::from_hex(text).ok_or_else(wrong)
}

arguments! { paged SearchArgs {
    /// What the code does or is about, in words: where are sessions validated
    pub(super) query: String,
    /// Only definitions of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { paged TextArgs {
    /// A regular expression in ripgrep's syntax
    pub(super) pattern: String,
    /// The pattern is a literal
    #[serde(default)]
    pub(super) fixed: bool,
    #[serde(default)]
    pub(super) ignore_case: bool,
    /// Whole words only
    #[serde(default)]
    pub(super) word: bool,
    /// So many lines around each match
    #[serde(default)]
    pub(super) context: u32,
    #[serde(default)]
    pub(super) show: Show,
} }

impl TextArgs {
    pub(super) fn flags(&self) -> u16 {
        let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
        flag(self.fixed, text_flag::FIXED)
            | flag(self.ignore_case, text_flag::IGNORE_CASE)
            | flag(self.word, text_flag::WORD)
    }
}

/// Matching lines, only their files, or how many lines each file has
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Show {
    #[default]
    Lines,
    Files,
    Counts,
}

impl Show {
    pub(super) fn count(self) -> Option<MatchCount> {
        match self {
            Show::Lines => None,
            Show::Files => Some(MatchCount::NONE),
            Show::Counts => Some(MatchCount::LINES),
        }
    }
}

arguments! { paged SymbolsArgs {
    /// The name or part of it
    pub(super) name: String,
    #[serde(default)]
    pub(super) mode: NameMode,
    /// Only definitions of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

/// How the name is meant
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum NameMode {
    #[default]
    Substring,
    Exact,
    Prefix,
    Fuzzy,
}

impl From<NameMode> for SymbolMode {
    fn from(mode: NameMode) -> SymbolMode {
        match mode {
            NameMode::Substring => SymbolMode::SUBSTRING,
            NameMode::Exact => SymbolMode::EXACT,
            NameMode::Prefix => SymbolMode::PREFIX,
            NameMode::Fuzzy => SymbolMode::FUZZY,
        }
    }
}

arguments! { paged DefinitionArgs {
    /// Name, Container.name, or FILE:LINE:COLUMN where a name stands (byte column, both from 1)
    pub(super) target: String,
    /// Only if it is defined as one of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { paged ReferencesArgs {
    /// Name, Container.name, or FILE:LINE:COLUMN where a name stands (byte column, both from 1)
    pub(super) target: String,
    /// Only if it is defined as one of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
    /// Only where this is done with it
    #[serde(default)]
    pub(super) role: Vec<RoleName>,
    /// The definitions too
    #[serde(default)]
    pub(super) definitions: bool,
    /// Only where it is certain what it means
    #[serde(default)]
    pub(super) certain: bool,
} }

fn one() -> u32 {
    1
}

arguments! { paged CallsArgs {
    /// Name, Container.name, or FILE:LINE:COLUMN where a name stands (byte column, both from 1)
    pub(super) target: String,
    /// Only if it is defined as one of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
    /// How many calls away to look, at most 16
    #[serde(default = "one")]
    pub(super) depth: u32,
    /// Only where it is certain what is called
    #[serde(default)]
    pub(super) certain: bool,
} }

arguments! { paged OutlineArgs {
    /// The file, absolute or seen from the root
    pub(super) file: String,
    /// Only definitions of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { whole ContextArgs {
    /// What is to be changed: names, Container.name, or FILE:LINE:COLUMN
    #[serde(default)]
    pub(super) targets: Vec<String>,
    /// Instead or besides: a question in words, whose best answers are taken
    #[serde(default)]
    pub(super) query: String,
    /// Instead: all that changed since this commit of git, as HEAD
    #[serde(default)]
    pub(super) diff: String,
    /// Only if a target is defined as one of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { whole MapArgs {
    /// Most levels of directories; 0 = all
    #[serde(default)]
    pub(super) depth: u32,
} }

fn three() -> u32 {
    3
}

arguments! { paged ImpactArgs {
    /// Names, Container.name, or FILE:LINE:COLUMN
    #[serde(default)]
    pub(super) targets: Vec<String>,
    /// Instead: all that changed since this commit of git, as HEAD
    #[serde(default)]
    pub(super) diff: String,
    /// How many steps away to look, at most 16; 0 = until nothing more is found
    #[serde(default = "three")]
    pub(super) depth: u32,
    /// Only what depends for certain
    #[serde(default)]
    pub(super) certain: bool,
    /// Only if a target is defined as one of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { paged ChangedArgs {
    /// The commit: HEAD, main, v1.2, a hash. Default: HEAD
    #[serde(default)]
    pub(super) rev: String,
    /// Instead: the generation of an earlier answer
    #[serde(default)]
    pub(super) since: u64,
    /// Only definitions of these kinds
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
} }

arguments! { paged FilesArgs {
    /// Letters of the path in order, or a glob if it has one of *?[{; empty = every file
    #[serde(default)]
    pub(super) query: String,
    #[serde(default)]
    pub(super) mode: Option<PathMode>,
} }

/// How the query is meant, if it is not to be guessed
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PathMode {
    Fuzzy,
    Glob,
    Substring,
}

impl FilesArgs {
    pub(super) fn mode(&self) -> MatchMode {
        match self.mode {
            Some(PathMode::Fuzzy) => MatchMode::FUZZY,
            Some(PathMode::Glob) => MatchMode::GLOB,
            Some(PathMode::Substring) => MatchMode::SUBSTRING,
            None if self.query.contains(['*', '?', '[', '{']) => MatchMode::GLOB,
            None => MatchMode::FUZZY,
        }
    }
}

arguments! { paged CoverageArgs {
    /// Only files indexed after this generation; 0 = all
    #[serde(default)]
    pub(super) since: u64,
    /// Only files that were treated so
    #[serde(default)]
    pub(super) disposition: Vec<DispositionName>,
} }

/// Of `status`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusArgs {
    /// Absolute path of the project or of anything in it. Default: the client's first root, else the working directory
    #[serde(default)]
    pub(super) project: String,
}

fn yes() -> bool {
    true
}

/// Of `index`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IndexArgs {
    /// Absolute path of the project or of anything in it. Default: the client's first root, else the working directory
    #[serde(default)]
    pub(super) project: String,
    /// Only these files, absolute or seen from the root, which were written or removed: the quick way after an edit
    #[serde(default)]
    pub(super) files: Vec<String>,
    /// Read and parse every file again
    #[serde(default)]
    pub(super) force: bool,
    /// Wait until the job has ended; false: return its number at once
    #[serde(default = "yes")]
    pub(super) wait: bool,
}

/// Defines the name of one of several choices of the protocol.
macro_rules! choice {
    ($name:ident of $of:ident, $is_offered:expr) => {
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name(pub(super) $of);

        impl $name {
            fn names() -> impl Iterator<Item = &'static str> {
                let is_offered: fn($of) -> bool = $is_offered;
                $of::ALL.iter().filter(move |(value, _)| is_offered(*value)).map(|(_, name)| *name)
            }

            pub(super) fn of(names: &[$name]) -> Vec<$of> {
                names.iter().map(|name| name.0).collect()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                let known = $name::names().any(|name| name == text).then(|| $of::from_name(&text)).flatten();
                known.map($name).ok_or_else(|| {
                    let names: Vec<&str> = $name::names().collect();
                    D::Error::custom(format!("{text:?} is not one of {}", names.join(", ")))
                })
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": $name::names().collect::<Vec<_>>() })
            }
        }
    };
}

// What only an answer about a place may have is asked for by nobody.
choice!(Kind of SymbolKind, |kind| kind.0 <= SymbolKind::ELEMENT.0);
choice!(RoleName of Role, |role| role != Role::OVERRIDE);
choice!(DispositionName of Disposition, |_| true);
