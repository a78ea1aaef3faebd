//! What is wrong with a glob, and where: the parsers of globs say only the first.

use std::fmt::Display;

use super::QueryError;

/// A glob that does not parse, as a sentence.
pub(super) fn bad_glob(glob: &str, why: impl Display) -> QueryError {
    let place = column_of_fault(glob).map(|column| format!(" (column {column})")).unwrap_or_default();
    QueryError::Argument(format!("the glob {glob:?} does not parse: {why}{place}"))
}

/// Where the first fault stands, or what is not closed begins: in characters from 1.
fn column_of_fault(glob: &str) -> Option<usize> {
    let letters: Vec<char> = glob.chars().collect();
    let (mut at, mut open) = (0, Vec::new());
    while let Some(letter) = letters.get(at) {
        match letter {
            '\\' if at + 1 == letters.len() => return Some(at + 1),
            '\\' => at += 1,
            '{' => open.push(at),
            '}' if open.pop().is_none() => return Some(at + 1),
            '[' => match end_of_class(&letters, at) {
                Ok(end) => at = end,
                Err(fault) => return Some(fault + 1),
            },
            _ => {}
        }
        at += 1;
    }
    open.last().map(|at| at + 1)
}

/// Where a class ends that begins there, or else its fault: a range that runs backwards, or its beginning if nothing closes it.
fn end_of_class(letters: &[char], begin: usize) -> Result<usize, usize> {
    let is_negated = matches!(letters.get(begin + 1), Some('!' | '^'));
    let first = begin + 1 + usize::from(is_negated);
    let mut at = first;
    while let Some(letter) = letters.get(at) {
        match (letter, letters.get(at + 1), letters.get(at + 2)) {
            (']', ..) if at > first => return Ok(at),
            (from, Some('-'), Some(to)) if *to != ']' && from > to => return Err(at),
            (_, Some('-'), Some(to)) if *to != ']' => at += 3,
            _ => at += 1,
        }
    }
    Err(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_places() {
        for (glob, column) in [
            ("[", 1),
            ("é[a", 2),
            ("a{b", 2),
            ("{a,{b,c}", 1),
            ("a}b", 2),
            ("x[z-a]", 3),
            ("[!b-a]", 3),
            ("a\\", 2),
            ("[]]{", 4),
        ] {
            assert_eq!(column_of_fault(glob), Some(column), "{glob}");
            assert!(globset::Glob::new(glob).is_err(), "{glob}");
        }
        for glob in ["*.rs", "[a-z]", "[]-]x", "[!]a]", "{a,b}", "\\[", "a\\{", "[a-]", "{a,[}]}"] {
            assert_eq!(column_of_fault(glob), None, "{glob}");
            assert!(globset::Glob::new(glob).is_ok(), "{glob}");
        }
    }
}
