//! What a name means, as people read it.

use vigie_proto::{Confidence, Meaning, SymbolBrief};

use super::query::Printer;

/// Targets that are named; of more the number is.
const TARGETS_MAX: usize = 2;

/// `  → qualified path:line [by what]`; nothing if nothing is known.
pub(super) fn arrow(printer: &Printer<'_>, meaning: &Meaning) -> Vec<u8> {
    let colors = printer.out.colors();
    let how = match meaning.confidence {
        Confidence::NONE => return Vec::new(),
        how => how.name(),
    };
    let mut line = format!("  {}→ ", colors.dim).into_bytes();
    if meaning.total > TARGETS_MAX as u64 {
        line.extend_from_slice(format!("{} candidates ", meaning.total).as_bytes());
    } else {
        for target in &meaning.targets {
            line.extend(brief(printer, target));
            line.push(b' ');
        }
    }
    line.extend_from_slice(format!("[{how}]{}", colors.reset).as_bytes());
    line
}

/// `qualified path:line`
fn brief(printer: &Printer<'_>, symbol: &SymbolBrief) -> Vec<u8> {
    let line = format!(":{}", symbol.line);
    [&printer.text(&symbol.qualified), b" ".as_slice(), &printer.path(&symbol.path), line.as_bytes()].concat()
}
