//! What a question is about: `name`, `Container.name`, or the name at FILE:LINE:COLUMN, perhaps with the name that is seen there.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use crate::facts::{DefinitionId, Position, ReferenceId, operator_at, operator_name};
use crate::kinds::{Confidence, Disposition, SymbolKind};
use crate::language;
use crate::project::below;
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, Target, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::absent::left_out;
use super::aliases::meant_by_imports;
use super::nothing;
use super::{QueryError, TargetRequest};

/// What was asked about, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything of that name, or whose qualified name ends in `qualified`.
    Name {
        /// The last part.
        name: String,
        /// All of it, joined by dots; the same as `name` if nothing stands before it.
        qualified: String,
    },
    /// What stands at a place.
    Place {
        /// Relative to the root.
        path: Vec<u8>,
        /// From 1.
        line: u32,
        /// In bytes, from 1.
        column: u32,
    },
}

/// A definition by its place, which holds from one page to the next, whatever becomes of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) file: FileId,
    pub(super) position: Position,
}

/// What is meant by what was asked.
#[derive(Default)]
pub(super) struct Meant {
    /// The name to look for.
    pub(super) name: String,
    /// The definitions, local bindings or modules.
    pub(super) found: Resolution,
    /// Just these are meant, and not everything that bears the name.
    pub(super) is_specific: bool,
    /// The name at the place that was asked about is imported, and what it means lies outside of the index.
    pub(super) import: Option<(Rc<FileFacts>, usize)>,
}

impl Asked {
    pub(super) fn new(store: &ProjectStore, target: &str) -> Result<Asked, QueryError> {
        let (target, seen) = split_seen(target);
        if let Some((file, line, column)) = parse_location(target)? {
            let path = path_in(store, Path::new(file))?;
            let Some(name) = seen else { return Ok(Asked::Place { path, line, column }) };
            let place = store.snapshot(|snapshot| nearest(&World::new(snapshot), &path, (line, column), name))?;
            return match place {
                Some((line, column)) => Ok(Asked::Place { path, line, column }),
                None => Asked::named(name),
            };
        }
        let asked = Asked::named(target)?;
        if let Asked::Name { name, qualified } = &asked
            && let Some(file) = file_of_that_name(store, target)?
            && store.snapshot(|snapshot| called(&World::new(snapshot), name, qualified))?.is_empty()
        {
            return Err(QueryError::Argument(format!(
                "{file} is a file of the project, and no name; give FILE:LINE:COL of a name in it, or ask `vigie outline {file}` or \
                 `vigie map {file}`"
            )));
        }
        Ok(asked)
    }

    fn named(target: &str) -> Result<Asked, QueryError> {
        if let Some((before, operator)) = operator_at(target).map(|at| target.split_at(at)) {
            let name = operator_name(operator).unwrap_or_default().into_owned();
            let before = before.replace("::", ".").replace("->", ".").replace(['\\', '#'], ".");
            let qualified = format!("{}{name}", before.trim_start_matches('.'));
            return Ok(Asked::Name { name, qualified });
        }
        let qualified = target.replace("::", ".").replace("->", ".").replace(['\\', '#'], ".");
        match qualified.rsplit('.').next() {
            Some(name) if !name.is_empty() => {
                Ok(Asked::Name { name: name.to_owned(), qualified: qualified.trim_start_matches('.').to_owned() })
            }
            _ => Err(QueryError::Argument(format!(
                "{target:?} is neither a name, nor Container.name, nor FILE:LINE:COLUMN"
            ))),
        }
    }

    /// Whether it is a name that nothing defines and that imports give to something in the index, or a member asked for through
    /// another name of its type.
    pub(super) fn is_alias(&self, world: &World<'_>) -> Result<bool, StoreError> {
        Ok(match self {
            Asked::Name { name, qualified } if name == qualified && world.defining_files(name)?.is_empty() => {
                !meant_by_imports(world, name)?.targets.is_empty()
            }
            Asked::Name { name, qualified } if name != qualified => {
                !through_alias(world, name, qualified)?.is_empty() && called(world, name, qualified)?.is_empty()
            }
            Asked::Name { .. } | Asked::Place { .. } => false,
        })
    }

    /// The filters that were given with it: what stands before the name, and the kinds.
    pub(super) fn filters(&self, kinds: &[SymbolKind]) -> Vec<String> {
        let container = match self {
            Asked::Name { name, qualified } => {
                qualified.strip_suffix(name.as_str()).map(|way| way.trim_end_matches('.'))
            }
            Asked::Place { .. } => None,
        };
        let container = nothing::filter("container", container.filter(|way| !way.is_empty()));
        container.into_iter().chain(nothing::of_kinds(kinds)).collect()
    }

    /// Says what a name that was asked about is called where it is defined, if that is another.
    pub(super) fn other_name(&self, world: &World<'_>, meant: &Meant) -> Result<Option<String>, StoreError> {
        let (Asked::Name { name, .. }, Some(symbol)) = (self, meant.found.definitions().next()) else {
            return Ok(None);
        };
        let own = world.name(symbol)?;
        Ok((**name != *own).then(|| format!("{name} is what imports call {own}")))
    }

    /// What is meant in a snapshot.
    pub(super) fn meant(&self, world: &World<'_>, request: &TargetRequest) -> Result<Meant, QueryError> {
        let mut meant = match self {
            Asked::Name { name, qualified } => Meant {
                found: by_name(world, name, qualified)?,
                is_specific: name != qualified || world.defining_files(name)?.is_empty(),
                name: name.clone(),
                import: None,
            },
            Asked::Place { path, line, column } => at_place(world, path, *line, *column)?,
        };
        if !request.kinds.is_empty() {
            let mut kept = Vec::new();
            for target in std::mem::take(&mut meant.found.targets) {
                if is_of_kind(world, target, &request.kinds)? {
                    kept.push(target);
                }
            }
            (meant.found.targets, meant.is_specific) = (kept, true);
        }
        Ok(meant)
    }
}

fn is_of_kind(world: &World<'_>, target: Target, kinds: &[SymbolKind]) -> Result<bool, StoreError> {
    Ok(match target {
        Target::Symbol(symbol) => world.kind(symbol)?.is_some_and(|kind| kinds.contains(&kind)),
        Target::Local(..) => false,
        Target::Module(_) => kinds.contains(&SymbolKind::Module),
    })
}

/// The path of a file relative to the root, if it lies inside and is no directory.
pub(super) fn path_in(store: &ProjectStore, path: &Path) -> Result<Vec<u8>, QueryError> {
    let Some(relative) = below(store.root(), path) else {
        let (file, root) = (path.display(), store.root().display());
        return Err(QueryError::Argument(format!("{file} lies outside the project {root}; name a file inside it")));
    };
    let whole = store.root().join(OsStr::from_bytes(&relative));
    if whole.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        let (shown, list) = match String::from_utf8_lossy(&relative) {
            root if root.is_empty() => (".".into(), "vigie files".to_owned()),
            shown => (shown.clone(), format!("vigie files '{shown}/**'")),
        };
        return Err(QueryError::Argument(format!("{shown} is a directory; `{list}` lists the files in it")));
    }
    Ok(relative)
}

/// The file that is written like a name, as in `src/lib.rs`, if the index has it; relative to the root.
fn file_of_that_name(store: &ProjectStore, target: &str) -> Result<Option<String>, StoreError> {
    let relative = below(store.root(), Path::new(target)).filter(|_| target.contains(['.', '/']));
    let Some(relative) = relative.filter(|path| !path.is_empty()) else { return Ok(None) };
    let row = store.snapshot(|snapshot| snapshot.file_by_path(&relative))?;
    Ok(row.map(|_| String::from_utf8_lossy(&relative).into_owned()))
}

/// FILE:LINE:COLUMN:NAME without its name, and that; anything else as it is.
fn split_seen(target: &str) -> (&str, Option<&str>) {
    let split = target.rsplit_once(':').filter(|(place, name)| {
        let begins_as_name = |c: char| !c.is_ascii_digit() && c != '+' && c != '-';
        name.starts_with(begins_as_name) && matches!(parse_location(place), Ok(Some(_)))
    });
    split.map_or((target, None), |(place, name)| (place, Some(name)))
}

/// FILE:LINE:COLUMN, as editors write a place; `None` = it is no place.
fn parse_location(target: &str) -> Result<Option<(&str, u32, u32)>, QueryError> {
    let split = |text: &str| text.rsplit_once(':').map(|(rest, _)| rest.len());
    let Some(second) = split(target) else { return Ok(None) };
    let (rest, column) = (&target[..second], &target[second + 1..]);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| is_digits(part));
    let fault = |what: &str| Err(QueryError::Argument(format!("{target:?} is no place: {what}")));
    // A name may have colons too, two at a time.
    let Some(first) = split(rest).filter(|first| *first > 0 && !rest.ends_with(':') && !rest[..*first].ends_with(':'))
    else {
        if names_source(rest) {
            return match number(column) {
                Some(_) => fault("it names a file and a line; give the column too, as in FILE:LINE:COLUMN"),
                None => fault(&format!("the line {column:?} is not a number; a place is FILE:LINE:COLUMN")),
            };
        }
        let is_file_and_line = is_digits(column) && !rest.is_empty() && !rest.contains("::") && !rest.ends_with(':');
        return match is_file_and_line && !rest.starts_with(':') {
            true => fault("it names a file and a line; give the column too, as in FILE:LINE:COLUMN"),
            false => Ok(None),
        };
    };
    let (file, line) = (&rest[..first], &rest[first + 1..]);
    if !is_digits(line) && !is_digits(column) && !names_source(file) {
        return Ok(None);
    }
    match (number(line), number(column)) {
        (Some(0), _) | (_, Some(0)) => fault("lines and columns begin at 1"),
        (Some(line), Some(column)) => Ok(Some((file, line, column))),
        (None, _) => fault(&format!("the line {line:?} is not a number that a line can have")),
        (Some(_), None) => fault(&format!("the column {column:?} is not a number that a column can have")),
    }
}

/// Whether a text is how files of source are named, and names of definitions are not.
fn names_source(text: &str) -> bool {
    let is_name_of_file = text.contains('.') && !text.starts_with('.') && !text.contains("::");
    is_name_of_file && language::detect(text.as_bytes(), b"").is_some()
}

/// Whether something defined in a file may be called so: by the end of its qualified name, or all of that and before it the end of the
/// way to the file or its directory, as modules and packages are named.
pub(super) fn is_called(qualified: &str, path: &[u8], wanted: &str) -> bool {
    let ends =
        |whole: &str| whole.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    ends(qualified) || wanted.ends_with(qualified) && ways(path).iter().any(|way| ends(&format!("{way}.{qualified}")))
}

/// The ways to a file and to its directory, joined by dots.
fn ways(path: &[u8]) -> [String; 2] {
    let path = Path::new(OsStr::from_bytes(path)).with_extension("");
    let dotted = |path: Option<&Path>| {
        let parts = path.into_iter().flatten().map(|part| part.to_string_lossy().into_owned());
        parts.collect::<Vec<_>>().join(".")
    };
    [dotted(Some(&path)), dotted(path.parent())]
}

/// Everything that is defined under a name, else what imports call so; of impl blocks only if there is nothing else: they define what
/// they are for nowhere.
fn by_name(world: &World<'_>, name: &str, qualified: &str) -> Result<Resolution, StoreError> {
    let mut symbols = called(world, name, qualified)?;
    if symbols.is_empty() && name == qualified && world.defining_files(name)?.is_empty() {
        return meant_by_imports(world, name);
    }
    if symbols.is_empty() {
        symbols = through_alias(world, name, qualified)?;
    }
    let confidence = if symbols.len() == 1 { Confidence::Unique } else { Confidence::Ambiguous };
    let total = symbols.len();
    let targets = symbols.into_iter().map(Target::Symbol).collect();
    Ok(Resolution { targets, confidence: (total > 0).then_some(confidence), total, ..Resolution::default() })
}

/// The members of a name of what is called so by a name that a definition or an import gives to another type: `Alias.name`.
fn through_alias(world: &World<'_>, name: &str, qualified: &str) -> Result<Vec<Symbol>, StoreError> {
    let Some(alias) = qualified.strip_suffix(name).and_then(|before| before.strip_suffix('.')) else {
        return Ok(Vec::new());
    };
    let last = alias.rsplit('.').next().unwrap_or(alias);
    let mut types = called(world, last, alias)?;
    if types.is_empty() && last == alias && world.defining_files(last)?.is_empty() {
        types.extend(meant_by_imports(world, last)?.definitions());
    } else {
        types.retain(|symbol| world.kind(*symbol).is_ok_and(|kind| kind.is_some_and(is_alias)));
    }
    let mut members = Vec::new();
    for of in types {
        members.extend(Resolver::new(world).members_through(of, name)?);
    }
    members.sort_unstable();
    members.dedup();
    Ok(members)
}

/// Whether definitions of this kind may be another name for a type.
fn is_alias(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Type | SymbolKind::Variable | SymbolKind::Constant)
}

/// Everything that is defined under a name and called so with what is around it.
fn called(world: &World<'_>, name: &str, qualified: &str) -> Result<Vec<Symbol>, StoreError> {
    let mut symbols = Vec::new();
    let around = qualified.strip_suffix(name).and_then(|before| before.trim_end_matches('.').rsplit('.').next());
    let around = around.unwrap_or_default();
    for id in world.defining_files(name)? {
        // What stands before the name is a name in the same file, or part of the way to it.
        let is_near = around.is_empty() || world.may_be_in(id, around)? || {
            let row = world.row(id)?;
            row.is_some_and(|row| memchr::memmem::find(&row.path, around.as_bytes()).is_some())
        };
        let Some(file) = (if is_near { world.file(id)? } else { None }) else { continue };
        for symbol in world.defined_in_file(&file, name)? {
            if file.definitions[symbol.id as usize].kind == SymbolKind::Impl {
                continue;
            }
            let own = if name == qualified { String::new() } else { world.qualified(&file, Some(symbol.id))? };
            if name == qualified || is_called(&own, &file.row.path, qualified) {
                symbols.push(symbol);
            }
        }
    }
    Ok(symbols)
}

/// The file of a path, with its facts.
pub(super) fn file_at(world: &World<'_>, path: &[u8]) -> Result<Rc<FileFacts>, QueryError> {
    let shown = String::from_utf8_lossy(path);
    let Some(row) = world.snapshot.file_by_path(path)? else {
        return Err(QueryError::Argument(format!(
            "{shown} is not in the index: it is ignored, newer than the index, or no file; `vigie index FILE` takes in a new one"
        )));
    };
    world.file(row.id)?.ok_or_else(|| {
        let why = match (row.disposition, row.language) {
            (Disposition::Indexed | Disposition::Quarantined, None) => "its language has no grammar here".to_owned(),
            (Disposition::Indexed | Disposition::Quarantined, Some(_)) => "it has not been parsed yet".to_owned(),
            _ => left_out(&row),
        };
        QueryError::Argument(format!("{shown} has no symbols in the index: {why}"))
    })
}

fn at_place(world: &World<'_>, path: &[u8], line: u32, column: u32) -> Result<Meant, QueryError> {
    let file = file_at(world, path)?;
    // A sigil is no part of the name behind it.
    for column in [column, column + 1] {
        if let Some(meant) = named_at(world, &file, line, column)? {
            return Ok(meant);
        }
    }
    let shown = String::from_utf8_lossy(path);
    Err(QueryError::Argument(format!("no name stands at line {line}, column {column} of {shown} in the index")))
}

/// The name by which to look for what is meant at a place, as far as is known yet: of what is imported under another name the one it
/// is imported by. None if none stands there, or its file has no structure.
pub(super) fn name_at(world: &World<'_>, path: &[u8], line: u32, column: u32) -> Result<Option<String>, StoreError> {
    let row = world.snapshot.file_by_path(path)?;
    let Some(file) = row.map(|row| world.file(row.id)).transpose()?.flatten() else { return Ok(None) };
    for column in [column, column + 1] {
        if let Some(meant) = named_at(world, &file, line, column)? {
            let imported = meant.import.map(|(file, number)| file.imports[number].own_name().to_owned());
            return Ok(Some(imported.unwrap_or(meant.name)));
        }
    }
    Ok(None)
}

fn named_at(world: &World<'_>, file: &Rc<FileFacts>, line: u32, column: u32) -> Result<Option<Meant>, StoreError> {
    let covers = |position: Position, name: &str| {
        position.line == line && position.column <= column && (column - position.column) as usize <= name.len()
    };
    let on_line = file.definitions.iter().zip(0..).filter(|(definition, _)| definition.position.line == line);
    for (definition, id) in on_line.filter(|(definition, _)| definition.kind != SymbolKind::Impl) {
        let name = world.text(file, definition.name)?;
        if covers(definition.position, &name) {
            let symbol = Symbol { file: file.id(), id };
            let found = Resolution::itself(symbol);
            return Ok(Some(Meant { name: name.to_string(), found, is_specific: true, import: None }));
        }
    }
    let references = &world.occurrences(file)?.references;
    let first = references.partition_point(|reference| reference.position.line < line);
    for (reference, id) in
        references.iter().zip(0..).skip(first).take_while(|(reference, _)| reference.position.line == line)
    {
        let name = world.text(file, reference.name)?;
        if covers(reference.position, &name) {
            return meant_by(world, file, id as ReferenceId, name.to_string()).map(Some);
        }
    }
    Ok(None)
}

fn meant_by(world: &World<'_>, file: &Rc<FileFacts>, id: ReferenceId, name: String) -> Result<Meant, StoreError> {
    let found = Resolver::new(world).reference(file, id)?;
    let import = file.imports.iter().position(|import| import.brings(&name));
    // Under another name here: its own is what others know it by.
    let mut own = name.clone();
    if let Some(symbol) = found.definitions().next() {
        own = world.name(symbol)?.to_string();
    }
    let import = import.filter(|_| found.targets.is_empty()).map(|import| (Rc::clone(file), import));
    Ok(Meant { name: own, is_specific: !found.targets.is_empty(), found, import })
}

/// The place in a file where the index has a name nearest to where it is seen: what asks may show a text that is not saved, and its lines
/// lie elsewhere. None if the file does not have the name, or is not in the index.
fn nearest(
    world: &World<'_>,
    path: &[u8],
    (line, column): (u32, u32),
    name: &str,
) -> Result<Option<(u32, u32)>, StoreError> {
    let row = world.snapshot.file_by_path(path)?;
    let Some(file) = row.map(|row| world.file(row.id)).transpose()?.flatten() else { return Ok(None) };
    let Some(id) = world.name_id(&file, name)? else { return Ok(None) };
    let definitions = file.definitions.iter().filter(|definition| definition.name == id).map(|it| it.position);
    let references = &world.occurrences(&file)?.references;
    let references = references.iter().filter(|reference| reference.name == id).map(|it| it.position);
    let distance = |position: Position| {
        let within = position.line == line && position.column <= column;
        let covers = within && (column - position.column) as usize <= name.len();
        (position.line.abs_diff(line), if covers { 0 } else { position.column.abs_diff(column) })
    };
    let place = definitions.chain(references).min_by_key(|position| distance(*position));
    Ok(place.map(|position| (position.line, position.column)))
}

/// The definition that stands at a place.
pub(super) fn symbol_at(world: &World<'_>, spot: Spot) -> Result<Option<Symbol>, StoreError> {
    let Some(file) = world.file(spot.file)? else { return Ok(None) };
    let id = file.definitions.iter().position(|definition| definition.position == spot.position);
    Ok(id.and_then(|id| DefinitionId::try_from(id).ok()).map(|id| Symbol { file: spot.file, id }))
}

/// Where a definition stands.
pub(super) fn spot_of(world: &World<'_>, symbol: Symbol) -> Result<Option<Spot>, StoreError> {
    let file = world.file_of(symbol)?;
    Ok(file.map(|file| Spot { file: symbol.file, position: file.definitions[symbol.id as usize].position }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qualified_name_may_begin_with_the_way_to_the_file() {
        let called = |wanted| is_called("Base.get", b"pkg/core.py", wanted);
        for wanted in ["get", "Base.get", "core.Base.get", "pkg.core.Base.get", "pkg.Base.get"] {
            assert!(called(wanted), "{wanted}");
        }
        for wanted in ["et", "core.get", "ore.Base.get", "other.Base.get", "x.pkg.core.Base.get", ".Base.get"] {
            assert!(!called(wanted), "{wanted}");
        }
        assert!(is_called("run", b"main.go", "main.run") && !is_called("run", b"main.go", "go.run"));
    }

    #[test]
    fn a_place_may_have_the_name_that_is_seen_there() {
        assert_eq!(split_seen("src/lib.rs:12:3:run"), ("src/lib.rs:12:3", Some("run")));
        assert_eq!(split_seen("a:b.rs:12:3:empty?"), ("a:b.rs:12:3", Some("empty?")));
        for plain in
            ["src/lib.rs:12:3", "std::fs::read", "a.rs:12:x", "run", "a.rs:1:2:+3", "a.rs:1:2:", "x.rs:0:1:run"]
        {
            assert_eq!(split_seen(plain), (plain, None), "{plain}");
        }
    }

    #[test]
    fn places_are_told_from_names() {
        let place = |target| parse_location(target).ok().flatten();
        assert_eq!(place("src/lib.rs:12:3"), Some(("src/lib.rs", 12, 3)));
        assert_eq!(place("a:b:c.rs:12:3"), Some(("a:b:c.rs", 12, 3)));
        for name in ["std::fs", "Class.name", ":1:2", "Tuple::0", "a::b::0", "Class:method", "a:b:c", "operator::1:2"] {
            assert!(matches!(parse_location(name), Ok(None)), "{name}");
        }
        for place in [
            "src/lib.rs:12",
            "src/lib.rs:0:1",
            "src/lib.rs:1:0",
            "src/lib.rs:1:x",
            "src/lib.rs:x:1",
            "src/lib.rs:99999999999:1",
            "src/lib.rs:1:+2",
            "lib.rs:a:b",
            "lib.rs:main",
        ] {
            assert!(matches!(parse_location(place), Err(QueryError::Argument(_))), "{place}");
        }
    }
}
