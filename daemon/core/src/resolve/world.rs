//! The facts of files as resolving asks for them: read from one snapshot when they are first wanted, and kept for the next name. A
//! world lives as long as one page of an answer; what it keeps is bounded.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::facts::{
    Declarations, Definition, DefinitionId, Import, LocalNames, NameId, NameUses, Occurrences, namespace_name,
};
use crate::kinds::{Language, SymbolKind};
use crate::store::{FileId, FileRow, NameHit, NameRank, Snapshot, StoreError};

use super::languages::{Crates, rules};
use super::memo::Memo;

/// Definitions and references of files that are kept; beyond it all are forgotten and read again when wanted.
const KEPT_ITEMS_MAX: usize = 400_000;

/// A definition in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol {
    pub(crate) file: FileId,
    pub(crate) id: DefinitionId,
}

/// The facts of one file.
pub(crate) struct FileFacts {
    pub(crate) row: Rc<FileRow>,
    pub(crate) language: Language,
    names: Vec<NameRank>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) imports: Vec<Import>,
    occurrences: OnceCell<Occurrences>,
    locals: OnceCell<LocalNames>,
    texts: RefCell<HashMap<NameId, Rc<str>>>,
    /// The definitions by their names, those of one name in their order.
    by_name: OnceCell<Vec<(NameId, DefinitionId)>>,
}

impl FileFacts {
    pub(crate) fn id(&self) -> FileId {
        self.row.id
    }

    /// The path as text; what is not UTF-8 in it is replaced, and so names no module.
    pub(crate) fn path(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.row.path)
    }

    /// The place in the file's list of names of one that its part of the index has under this number.
    pub(crate) fn name_of(&self, rank: NameRank) -> Option<NameId> {
        self.names.binary_search(&rank).ok().and_then(|id| NameId::try_from(id).ok())
    }

    /// The definitions around one, the innermost first, and it itself before them.
    pub(crate) fn around(&self, id: Option<DefinitionId>) -> impl Iterator<Item = (DefinitionId, &Definition)> {
        let get = |id: Option<DefinitionId>| id.and_then(|id| Some((id, self.definitions.get(id as usize)?)));
        // A container stands before what it contains; anything else would be a circle.
        std::iter::successors(get(id), move |(id, definition)| get(definition.container.filter(|outer| outer < id)))
    }

    /// The names of the local bindings among what the file does with names.
    pub(super) fn locals(&self, occurrences: &Occurrences) -> &LocalNames {
        self.locals.get_or_init(|| LocalNames::new(occurrences))
    }

    /// What is defined under a name in a container, at the top of the file if it is none.
    pub(crate) fn defined_in(&self, container: Option<DefinitionId>, name: NameId) -> impl Iterator<Item = Symbol> {
        let is_there = move |definition: &Definition| definition.container == container && definition.of.is_none();
        self.named(name).filter(move |symbol| is_there(&self.definitions[symbol.id as usize]))
    }

    /// What is defined under a name, in whatever container.
    fn named(&self, name: NameId) -> impl Iterator<Item = Symbol> {
        let by_name = self.by_name.get_or_init(|| {
            let mut all: Vec<_> = self.definitions.iter().map(|definition| definition.name).zip(0..).collect();
            all.sort_unstable();
            all
        });
        let first = by_name.partition_point(|(other, _)| *other < name);
        let named = by_name[first..].iter().take_while(move |(other, _)| *other == name);
        named.map(|(_, id)| Symbol { file: self.row.id, id: *id })
    }
}

/// Packages by their names, with their directories.
pub(crate) type Packages = Vec<(String, String)>;

/// See the module.
pub(crate) struct World<'a> {
    pub(crate) snapshot: &'a Snapshot<'a>,
    files: RefCell<HashMap<FileId, Rc<FileFacts>>>,
    kept_items: RefCell<usize>,
    rows: RefCell<HashMap<FileId, Rc<FileRow>>>,
    hits: RefCell<HashMap<Box<str>, Rc<[NameHit]>>>,
    defining: RefCell<HashMap<Box<str>, Rc<[FileId]>>>,
    paths: RefCell<HashMap<Box<str>, Option<FileId>>>,
    pub(super) crates: Crates,
    packages: OnceCell<Packages>,
    pub(super) memo: Memo,
    under_way: RefCell<Vec<(Sought, Symbol)>>,
}

/// What is found out of a type by looking for names, which may in turn want to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    /// What it inherits from.
    Bases,
    /// What it is part of.
    Owner,
}

/// Things that may be found out one by way of the other.
const UNDER_WAY_MAX: usize = 8;

impl<'a> World<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot<'a>) -> World<'a> {
        World {
            snapshot,
            files: RefCell::default(),
            kept_items: RefCell::default(),
            rows: RefCell::default(),
            hits: RefCell::default(),
            defining: RefCell::default(),
            paths: RefCell::default(),
            crates: Crates::default(),
            packages: OnceCell::new(),
            memo: Memo::default(),
            under_way: RefCell::default(),
        }
    }

    /// Finds something out; `None` = that is under way already, or by way of too much else. Code may say what goes in a circle, as a
    /// base that is named by what the base brings.
    pub(super) fn seek<T>(
        &self,
        what: Sought,
        of: Symbol,
        find: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        {
            let mut under_way = self.under_way.borrow_mut();
            if under_way.contains(&(what, of)) || under_way.len() >= UNDER_WAY_MAX {
                return Ok(None);
            }
            under_way.push((what, of));
        }
        let found = find();
        self.under_way.borrow_mut().pop();
        found.map(Some)
    }

    /// Whether something is being found out of a type.
    pub(super) fn is_seeking(&self) -> bool {
        !self.under_way.borrow().is_empty()
    }

    /// The facts of a file; none if it has no structure.
    pub(crate) fn file(&self, id: FileId) -> Result<Option<Rc<FileFacts>>, StoreError> {
        if let Some(facts) = self.files.borrow().get(&id) {
            return Ok(Some(Rc::clone(facts)));
        }
        let Some(row) = self.row(id)? else { return Ok(None) };
        let Some(language) = row.language.filter(|_| row.structure.is_some()) else { return Ok(None) };
        let (names, Declarations { definitions, imports, .. }) = self.snapshot.declarations(id)?;
        self.keep(definitions.len());
        let facts = Rc::new(FileFacts {
            row,
            language,
            names,
            definitions,
            imports,
            occurrences: OnceCell::new(),
            locals: OnceCell::new(),
            texts: RefCell::default(),
            by_name: OnceCell::new(),
        });
        self.files.borrow_mut().insert(id, Rc::clone(&facts));
        Ok(Some(facts))
    }

    pub(super) fn keep(&self, items: usize) {
        let mut kept = self.kept_items.borrow_mut();
        *kept += items;
        if *kept > KEPT_ITEMS_MAX {
            *kept = items;
            self.files.borrow_mut().clear();
            self.memo.clear();
        }
    }

    /// What a file does with names.
    pub(crate) fn occurrences<'f>(&self, file: &'f FileFacts) -> Result<&'f Occurrences, StoreError> {
        if let Some(occurrences) = file.occurrences.get() {
            return Ok(occurrences);
        }
        let occurrences = self.snapshot.occurrences(file.id())?;
        self.keep(occurrences.references.len());
        Ok(file.occurrences.get_or_init(|| occurrences))
    }

    /// The row of a file, without its facts.
    pub(crate) fn row(&self, id: FileId) -> Result<Option<Rc<FileRow>>, StoreError> {
        if let Some(row) = self.rows.borrow().get(&id) {
            return Ok(Some(Rc::clone(row)));
        }
        let row = self.snapshot.file(id)?.map(Rc::new);
        if let Some(row) = &row {
            self.rows.borrow_mut().insert(id, Rc::clone(row));
        }
        Ok(row)
    }

    /// The file of a path relative to the root, if the index knows one.
    pub(crate) fn file_at(&self, path: &str) -> Result<Option<FileId>, StoreError> {
        if let Some(known) = self.paths.borrow().get(path) {
            return Ok(*known);
        }
        let row = self.snapshot.file_by_path(path.as_bytes())?;
        let id = row.filter(|row| row.structure.is_some()).map(|row| row.id);
        self.paths.borrow_mut().insert(path.into(), id);
        Ok(id)
    }

    /// The packages of JavaScript that the project consists of, by their names, with their directories; read when first wanted.
    pub(crate) fn packages(
        &self,
        read: fn(&World<'_>) -> Result<Packages, StoreError>,
    ) -> Result<&[(String, String)], StoreError> {
        if let Some(packages) = self.packages.get() {
            return Ok(packages);
        }
        let packages = read(self)?;
        Ok(self.packages.get_or_init(|| packages))
    }

    /// The files that use a name.
    pub(crate) fn hits(&self, name: &str) -> Result<Rc<[NameHit]>, StoreError> {
        if let Some(hits) = self.hits.borrow().get(name) {
            return Ok(Rc::clone(hits));
        }
        let mut hits = self.snapshot.find_name(name)?;
        hits.sort_unstable_by_key(|hit| hit.file);
        let hits: Rc<[NameHit]> = hits.into();
        self.hits.borrow_mut().insert(name.into(), Rc::clone(&hits));
        Ok(hits)
    }

    /// The files that define a name.
    pub(crate) fn defining_files(&self, name: &str) -> Result<Vec<FileId>, StoreError> {
        Ok(self.definers(name)?.to_vec())
    }

    fn definers(&self, name: &str) -> Result<Rc<[FileId]>, StoreError> {
        if let Some(files) = self.defining.borrow().get(name) {
            return Ok(Rc::clone(files));
        }
        let hits = self.hits(name)?;
        let files: Rc<[FileId]> =
            hits.iter().filter(|hit| hit.uses.has(NameUses::DEFINES)).map(|hit| hit.file).collect();
        self.defining.borrow_mut().insert(name.into(), Rc::clone(&files));
        Ok(files)
    }

    /// The files that define a name and do something with another one too.
    pub(crate) fn defining_files_with(&self, name: &str, other: &str) -> Result<Vec<FileId>, StoreError> {
        let (defining, others) = (self.definers(name)?, self.hits(other)?);
        let has_other = |file: &FileId| others.binary_search_by_key(file, |hit| hit.file).is_ok();
        Ok(defining.iter().copied().filter(has_other).collect())
    }

    /// Whether a file does something with a name.
    pub(crate) fn has_name(&self, file: FileId, name: &str) -> Result<bool, StoreError> {
        Ok(self.hits(name)?.binary_search_by_key(&file, |hit| hit.file).is_ok())
    }

    /// Whether a file imports something of that name, or a module whose last part it is.
    pub(super) fn imports(&self, file: FileId, name: &str) -> Result<bool, StoreError> {
        let hits = self.hits(name)?;
        Ok(hits.binary_search_by_key(&file, |hit| hit.file).is_ok_and(|at| hits[at].uses.has(NameUses::IMPORTS)))
    }

    /// Whether something in a file may stand in what has a name, by what the file does with that name.
    pub(crate) fn may_be_in(&self, file: FileId, name: &str) -> Result<bool, StoreError> {
        let hits = self.hits(name)?;
        let Ok(at) = hits.binary_search_by_key(&file, |hit| hit.file) else { return Ok(false) };
        let language = self.row(file)?.and_then(|row| row.language);
        let must_define = language.is_some_and(|language| rules(language).is_whole);
        Ok(!must_define || hits[at].uses.has(NameUses::DEFINES))
    }

    /// The place of a name in a file's list of names.
    pub(crate) fn name_id(&self, file: &FileFacts, name: &str) -> Result<Option<NameId>, StoreError> {
        let hits = self.hits(name)?;
        let Ok(at) = hits.binary_search_by_key(&file.id(), |hit| hit.file) else { return Ok(None) };
        Ok(file.names.binary_search(&hits[at].name).ok().and_then(|id| NameId::try_from(id).ok()))
    }

    /// The text of a name of a file.
    pub(crate) fn text(&self, file: &FileFacts, name: NameId) -> Result<Rc<str>, StoreError> {
        if let Some(text) = file.texts.borrow().get(&name) {
            return Ok(Rc::clone(text));
        }
        let text: Rc<str> = match file.names.get(name as usize) {
            Some(rank) => self.snapshot.name(file.id(), *rank)?.into(),
            None => "".into(),
        };
        file.texts.borrow_mut().insert(name, Rc::clone(&text));
        Ok(text)
    }

    /// What is defined under a name in one file.
    pub(crate) fn defined_in_file(&self, file: &FileFacts, name: &str) -> Result<Vec<Symbol>, StoreError> {
        let Some(name) = self.name_id(file, name)? else { return Ok(Vec::new()) };
        Ok(file.named(name).collect())
    }

    /// A symbol's file; none if it has gone.
    pub(crate) fn file_of(&self, symbol: Symbol) -> Result<Option<Rc<FileFacts>>, StoreError> {
        let file = self.file(symbol.file)?;
        Ok(file.filter(|file| file.definitions.len() > symbol.id as usize))
    }

    /// A symbol's kind.
    pub(crate) fn kind(&self, symbol: Symbol) -> Result<Option<SymbolKind>, StoreError> {
        Ok(self.file_of(symbol)?.map(|file| file.definitions[symbol.id as usize].kind))
    }

    /// A symbol's name.
    pub(crate) fn name(&self, symbol: Symbol) -> Result<Rc<str>, StoreError> {
        match self.file_of(symbol)? {
            Some(file) => self.text(&file, file.definitions[symbol.id as usize].name),
            None => Ok("".into()),
        }
    }

    /// The names of a definition's containers and its own, joined by dots; empty for none.
    pub(crate) fn qualified(&self, file: &FileFacts, id: Option<DefinitionId>) -> Result<String, StoreError> {
        let mut parts: Vec<Rc<str>> = Vec::new();
        for (_, definition) in file.around(id) {
            let name = self.text(file, definition.name)?;
            parts.push(match namespace_name(definition, &name) {
                Cow::Borrowed(_) => name,
                Cow::Owned(whole) => whole.into(),
            });
            if let Some(of) = definition.of {
                parts.push(self.text(file, of)?);
            }
        }
        parts.reverse();
        Ok(parts.join("."))
    }

    /// Qualified name of what holds a definition; empty at the top of a file.
    pub(crate) fn container(&self, file: &FileFacts, definition: &Definition) -> Result<String, StoreError> {
        let around = self.qualified(file, definition.container)?;
        let of = definition.of.map(|of| self.text(file, of)).transpose()?;
        Ok(match of {
            Some(of) if around.is_empty() => of.to_string(),
            Some(of) => format!("{around}.{of}"),
            None => around,
        })
    }
}
