//! `vigie text`: lines that match a pattern. Looks like `rg`: grouped by file on a terminal, `path:line:text` in a pipe.

use vigie_proto::{TextQuery, TextRow, text_flag};

use super::args::TextArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use crate::ui::records;

pub(crate) fn run(context: &mut Context, args: &TextArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Text, &args.query, &args.paths);
    let question = |target, options| TextQuery {
        target,
        pattern: args.pattern.clone(),
        flags: flags(args),
        options,
        ..TextQuery::default()
    };
    let mut heading = Vec::new();
    query::run(context, &scope, question, |printer, page| {
        for row in &page.rows {
            if print(printer, &mut heading, row) == Reader::Gone {
                return Reader::Gone;
            }
        }
        printer.out.flush()
    })
}

fn flags(args: &TextArgs) -> u16 {
    let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
    flag(args.fixed_strings, text_flag::FIXED)
        | flag(args.ignore_case, text_flag::IGNORE_CASE)
        | flag(args.smart_case, text_flag::SMART_CASE)
        | flag(args.word_regexp, text_flag::WORD)
}

/// `heading` is the path above the lines printed last.
fn print(printer: &mut Printer<'_>, heading: &mut Vec<u8>, row: &TextRow) -> Reader {
    if printer.json {
        return printer.out.line(records::text_row(row).finish());
    }
    let path = printer.path(&row.path);
    let line = row.line.to_string();
    if !printer.out.stdout_is_terminal() {
        return printer.out.line([path.as_slice(), line.as_bytes(), &row.text.0].join(&b':'));
    }
    let colors = printer.out.colors();
    if *heading != path {
        let gap: &[u8] = if heading.is_empty() { b"" } else { b"\n" };
        let _still = printer.out.line([gap, colors.path.as_bytes(), &path, colors.reset.as_bytes()].concat());
        *heading = path;
    }
    let text = highlight(row, colors.hit, colors.reset, |part| printer.out.safe(part).into_owned());
    printer.out.line([colors.number.as_bytes(), line.as_bytes(), colors.reset.as_bytes(), b":", &text].concat())
}

/// The line with its matches between `hit` and `reset`; each part is made safe on its own.
fn highlight(row: &TextRow, hit: &str, reset: &str, safe: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let text = &row.text.0;
    let mut out = Vec::with_capacity(text.len() + 32);
    let mut done = 0;
    for span in &row.spans {
        let start = (span.start as usize).clamp(done, text.len());
        let end = (span.end as usize).clamp(start, text.len());
        out.extend(safe(&text[done..start]));
        if end > start {
            out.extend_from_slice(hit.as_bytes());
            out.extend(safe(&text[start..end]));
            out.extend_from_slice(reset.as_bytes());
        }
        done = end;
    }
    out.extend(safe(&text[done..]));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::Span;

    #[test]
    fn matches_are_marked_whatever_the_spans_say() {
        let marked = |text: &str, spans: &[(u32, u32)]| {
            let spans = spans.iter().map(|&(start, end)| Span { start, end, ..Span::default() }).collect();
            let row = TextRow { text: text.into(), spans, ..TextRow::default() };
            String::from_utf8(highlight(&row, "<", ">", <[u8]>::to_vec)).unwrap()
        };
        assert_eq!(marked("fn main() {}", &[(3, 7)]), "fn <main>() {}");
        assert_eq!(marked("aXbX", &[(1, 2), (3, 4)]), "a<X>b<X>");
        assert_eq!(marked("abc", &[]), "abc");
        assert_eq!(marked("abc", &[(0, 0)]), "abc");
        assert_eq!(marked("abc", &[(2, 99), (1, 2), (99, 100)]), "ab<c>");
    }
}
