//! What a name means, as people read it.

use vigie_proto::{Bytes, Confidence, Meaning, SymbolBrief, SymbolKind};

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
    let is_uncertain = meaning.confidence == Confidence::AMBIGUOUS;
    if let Some(directory) = package(meaning) {
        line.extend_from_slice(&printer.path(&directory));
        line.extend_from_slice(b"/ ");
    } else if meaning.total > TARGETS_MAX as u64 {
        let what = if is_uncertain { "candidates" } else { "definitions" };
        line.extend_from_slice(format!("{} {what} ", meaning.total).as_bytes());
    } else {
        let targets: Vec<Vec<u8>> = meaning.targets.iter().map(|target| brief(printer, target)).collect();
        if is_uncertain && targets.len() == 1 {
            line.extend_from_slice(b"perhaps ");
        }
        line.extend(targets.join(if is_uncertain { &b" or "[..] } else { b", " }));
        line.push(b' ');
    }
    line.extend_from_slice(format!("[{how}]{}", colors.reset).as_bytes());
    line
}

/// The directory of a package of Go, if several files of one are meant: all of it is imported.
fn package(meaning: &Meaning) -> Option<Bytes> {
    let mut directories = meaning.targets.iter().map(|target| {
        let end = target.path.0.iter().rposition(|byte| *byte == b'/')?;
        let is_go = target.kind == SymbolKind::MODULE && target.path.0.ends_with(b".go");
        is_go.then_some(&target.path.0[..end])
    });
    let first = directories.next().filter(|_| meaning.total > 1)??;
    directories.all(|directory| directory == Some(first)).then(|| Bytes(first.to_vec()))
}

/// `qualified path:line`
fn brief(printer: &Printer<'_>, symbol: &SymbolBrief) -> Vec<u8> {
    let line = format!(":{}", symbol.line);
    [&printer.text(&symbol.qualified), b" ".as_slice(), &printer.path(&symbol.path), line.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_of_one_package_of_go_are_their_directory() {
        let of = |paths: &[&str]| {
            let file = |path: &&str| SymbolBrief {
                kind: SymbolKind::MODULE,
                path: Bytes(path.as_bytes().to_vec()),
                ..SymbolBrief::default()
            };
            let targets: Vec<SymbolBrief> = paths.iter().map(file).collect();
            package(&Meaning { total: targets.len() as u64, targets, ..Meaning::default() })
        };
        assert_eq!(of(&["src/bufio/bufio.go", "src/bufio/scan.go"]), Some(Bytes(b"src/bufio".to_vec())));
        assert_eq!(of(&["src/bufio/bufio.go", "src/io/io.go"]), None);
        assert_eq!(of(&["src/bufio/bufio.go"]), None);
        assert_eq!(of(&["a/b.py", "a/b.pyi"]), None);
    }
}
