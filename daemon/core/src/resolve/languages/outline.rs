//! Formats of which only an outline is kept: nothing in them refers to anything.

use super::super::rules::{PLAIN, Rules};

pub(super) const RULES: Rules = PLAIN;
