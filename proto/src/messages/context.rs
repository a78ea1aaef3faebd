//! What to read about something, under a budget of tokens.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::query::QueryOptions;
use super::structure::{SymbolKind, SymbolRow};
use crate::names::named_numbers;

/// What somebody has to read before changing something: the definitions that are asked about, and what is around them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContextQuery {
    /// Where.
    pub target: Target,
    /// Names, `Container.name`, or places `FILE:LINE:COLUMN`.
    pub targets: Vec<String>,
    /// A question in words, whose best answers are asked about too; empty = none.
    pub words: String,
    /// Only definitions of these kinds are meant by `targets`; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Most tokens of the answer, a token being four bytes.
    pub tokens_max: u32,
    /// Filters of what is around, and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// Why a definition is worth reading.
    Reason {
        /// It was asked about.
        1 ASKED "asked",
        /// It is part of what was asked about, which is not shown whole.
        2 MEMBER "member",
        /// It calls what was asked about.
        3 CALLER "caller",
        /// It inherits from what was asked about, or implements it.
        4 SUBTYPE "subtype",
        /// It uses what was asked about in another way.
        5 USER "user",
        /// What was asked about calls it.
        6 CALLEE "callee",
        /// What was asked about names it as a type.
        7 TYPE "type",
        /// It is a test that uses what was asked about.
        8 TEST "test",
        /// It stands beside what was asked about.
        9 SIBLING "sibling",
    }
}

named_numbers! {
    /// How much of a definition is shown.
    Form {
        /// All of its source.
        1 WHOLE "whole",
        /// Its signature and the first line of its documentation.
        2 BRIEF "brief",
        /// Nothing: the budget had no room.
        3 LEFT_OUT "left-out",
    }
}

/// A definition that is worth reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContextRow {
    /// The definition; its confidence says by what it was found that it belongs here.
    pub symbol: SymbolRow,
    /// Why it is here.
    pub reason: Reason,
    /// Qualified name of what was asked about that it is here for; empty if that is itself.
    pub of: String,
    /// How much of it is shown.
    pub form: Form,
    /// The line to print above `text`: where it stands, what it is, and why it is here.
    pub heading: String,
    /// What to print of it; empty with `LEFT_OUT`.
    pub text: Bytes,
    /// What it takes of the budget.
    pub tokens: u32,
    /// Later fields.
    pub ext: Ext,
}

/// What an answer took of its budget.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenBudget {
    /// Tokens of everything that is printed.
    pub used: u32,
    /// Tokens that there were; `used` is never more.
    pub max: u32,
    /// Definitions, or files, that it had no room for.
    pub left_out: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`ContextQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContextRows {
    /// By reason, confidence and nearness; at the end some of what is left out.
    pub rows: Vec<ContextRow>,
    /// That of the whole answer, in each part the same.
    pub budget: TokenBudget,
    /// Later fields.
    pub ext: Ext,
}
