//! Names of operators as C++ defines them, in one spelling, whatever blanks stand in the source.

use std::borrow::Cow;

/// What such a name begins with.
pub const OPERATOR: &str = "operator";

/// The name of an operator in its one spelling: no blanks but one between words (`operator+=`, `operator new[]`,
/// `operator const char*`). `None` = it names none.
pub fn operator_name(text: &str) -> Option<Cow<'_, str>> {
    let rest = text.strip_prefix(OPERATOR)?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let first = rest.trim_start().chars().next()?;
    let is_symbol = "+-*/%^&|~!=<>,([\"".contains(first);
    if !(is_symbol || is_word(first) && rest.starts_with(char::is_whitespace)) {
        return None;
    }
    let mut spelled = String::with_capacity(text.len());
    let mut is_behind_blank = false;
    for c in text.trim_end().chars() {
        if c.is_whitespace() {
            is_behind_blank = true;
            continue;
        }
        if is_behind_blank && is_word(c) && spelled.ends_with(is_word) {
            spelled.push(' ');
        }
        spelled.push(c);
        is_behind_blank = false;
    }
    Some(if spelled == text { Cow::Borrowed(text) } else { Cow::Owned(spelled) })
}

/// Where the name of an operator begins that stands at the end of a qualified name.
pub fn operator_at(qualified: &str) -> Option<usize> {
    let begins = |at: &usize| *at == 0 || qualified[..*at].ends_with(['.', ':', '>', '#', '\\']);
    let mut places = qualified.match_indices(OPERATOR).map(|(at, _)| at).filter(begins);
    places.find(|at| operator_name(&qualified[*at..]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_one_spelling() {
        for (text, spelled) in [
            ("operator+=", Some("operator+=")),
            ("operator  +=", Some("operator+=")),
            ("operator ()", Some("operator()")),
            ("operator [ ]", Some("operator[]")),
            ("operator new [ ]", Some("operator new[]")),
            ("operator bool ", Some("operator bool")),
            ("operator\n  const  char *", Some("operator const char*")),
            ("operator std::vector<a, b> &", Some("operator std::vector<a,b>&")),
            ("operator \"\" _pt", Some("operator\"\"_pt")),
            ("operator", None),
            ("operators", None),
            ("operator.add", None),
            ("operator::a", None),
            ("operator_a", None),
        ] {
            assert_eq!(operator_name(text).as_deref(), spelled, "{text}");
        }
        for (qualified, at) in
            [("a::operator->", Some(3)), ("operator bool", Some(0)), ("my_operator +", None), ("operator::a", None)]
        {
            assert_eq!(operator_at(qualified), at, "{qualified}");
        }
    }
}
