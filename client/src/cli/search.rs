//! `vigie search`: definitions, and regions of files, that are about what is said in words.

use vigie_proto::{ScoreParts, SearchQuery, SearchRow, SearchRows, SymbolRow};

use super::args::SearchArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::spans::mark;
use vigie::records::{self, thousandths};

pub(crate) fn run(context: &mut Context, args: &SearchArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Structure, &args.query, &[]);
    let question = |target, options| SearchQuery {
        target,
        query: args.words.join(" "),
        kinds: args.kind.clone(),
        options,
        ..SearchQuery::default()
    };
    query::run(context, &scope, question, |printer, page| print(printer, &page, args.explain))
}

/// Prints a page of places: on a terminal each with the line below it that says most, in a pipe in one line with it.
fn print(printer: &mut Printer<'_>, page: &SearchRows, explain: bool) -> Reader {
    printer.rows(&page.rows, records::search_row, |printer, row| {
        let fields = [Some(head(printer, row)), snippet(printer, row), explain.then(|| parts(printer, row))];
        let fields: Vec<Vec<u8>> = fields.into_iter().flatten().collect();
        fields.join(if printer.out.stdout_is_terminal() { &b"\n    "[..] } else { b"\t" })
    })
}

/// `path:line: kind qualified  signature`, or for a region `path:START-END`; in a pipe that is a line of the file too.
fn head(printer: &Printer<'_>, row: &SearchRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let path = [&printer.painted_path(&row.path), printer.behind_path(b":")].concat();
    let (start, end) = (row.start_line, row.end_line);
    let number = |lines: String| colors.paint(colors.number, lines);
    let flags = row.flags | row.symbol.as_ref().map_or(0, |symbol| symbol.flags);
    let rest = match &row.symbol {
        Some(symbol) => {
            let is_below = printer.out.stdout_is_terminal() && shows(&row.text.0, &symbol.signature);
            [number(symbol.line.to_string()), b": ".to_vec(), definition(printer, symbol, !is_below)].concat()
        }
        None if printer.out.stdout_is_terminal() => number(format!("{start}-{end}")),
        // Who jumps to places reads one number.
        None => {
            let line = if row.line > 0 { row.line } else { start };
            [number(line.to_string()), format!(": lines {start}-{end}").into_bytes()].concat()
        }
    };
    [path, rest, marks(flags).into_bytes()].concat()
}

/// Whether the line that is printed below holds a signature already.
fn shows(line: &[u8], signature: &str) -> bool {
    String::from_utf8_lossy(line).contains(signature)
}

fn definition(printer: &Printer<'_>, symbol: &SymbolRow, with_signature: bool) -> Vec<u8> {
    let colors = printer.out.colors();
    let signature = if with_signature { printer.text(&symbol.signature) } else { Vec::new() };
    let gap: &[u8] = if signature.is_empty() { b"" } else { b"  " };
    [
        colors.paint(colors.word, format!("{} ", symbol.kind)),
        colors.paint(colors.name, printer.text(&symbol.qualified)),
        gap.to_vec(),
        colors.paint(colors.dim, signature),
    ]
    .concat()
}

/// The line that says most, with what is asked for marked.
fn snippet(printer: &Printer<'_>, row: &SearchRow) -> Option<Vec<u8>> {
    let colors = printer.out.colors();
    let mut out = Vec::new();
    if printer.out.stdout_is_terminal() {
        out.extend(colors.paint(colors.number, row.line.to_string()));
        out.extend_from_slice(b": ");
    }
    mark(&mut out, printer.out.style(), &row.text.0, &row.spans);
    (row.line > 0).then_some(out)
}

fn parts(printer: &Printer<'_>, row: &SearchRow) -> Vec<u8> {
    let colors = printer.out.colors();
    colors.paint(colors.dim, explained(row.score_milli, &row.parts))
}

/// What a score is made of.
fn explained(score_milli: u32, parts: &ScoreParts) -> String {
    let ScoreParts { text_milli, path_milli, definition_milli, passage_milli, density_milli, prior_milli, .. } = *parts;
    let [score, text, path, definition, passage, density, prior] =
        [score_milli, text_milli, path_milli, definition_milli, passage_milli, density_milli, prior_milli]
            .map(|milli| thousandths(milli.into()));
    format!(
        "score {score} = (text {text} + path {path} + definition {definition} + passage {passage} + density {density}) * prior {prior}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_explained_as_it_is_computed() {
        let parts = ScoreParts {
            text_milli: 4_000,
            path_milli: 1_400,
            definition_milli: 3_000,
            passage_milli: 1_600,
            density_milli: 2_000,
            prior_milli: 500,
            ..ScoreParts::default()
        };
        let expected =
            "score 6.000 = (text 4.000 + path 1.400 + definition 3.000 + passage 1.600 + density 2.000) * prior 0.500";
        assert_eq!(explained(6_000, &parts), expected);
    }
}
