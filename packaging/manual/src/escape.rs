//! Foreign text that is shown on a terminal.

use std::fmt::Write;

/// Foreign text for a terminal: what is not UTF-8 is replaced; control characters and those that reorder text are spelled out,
/// because a file's name or line may hold any. Tabs stay.
pub fn escape(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hostile(c) {
            // Writing to a string does not fail.
            let _ok = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

fn is_hostile(c: char) -> bool {
    let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\t') || reorders
}
