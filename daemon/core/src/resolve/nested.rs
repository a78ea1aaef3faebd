//! Paths of Rust, whose modules are files or stand in them: where a path begins, and what each module on its way offers.

use crate::facts::{DefinitionId, Import};
use crate::kinds::{Confidence, SymbolKind};
use crate::store::{FileId, StoreError};

use super::names::{Wanted, is_type};
use super::values::{Part, Value, parts};
use super::{FileFacts, Resolution, Resolver, Site, Symbol, Target};

impl Resolver<'_, '_> {
    /// What an import takes from its module, if it is one of a language whose modules may stand in files.
    pub(super) fn taken_through_modules(
        &self,
        site: Site<'_>,
        import: &Import,
        name: &str,
    ) -> Result<Option<Resolution>, StoreError> {
        if !self.rules(site.file).nests_modules {
            return Ok(None);
        }
        let place = Site { at: None, enclosing: import.enclosing, ..site };
        let module = self.module_path(place, &import.module)?;
        if !module.is_settled() {
            return Ok(Some(Resolution::external()));
        }
        let found = self.offered(place, &module.targets, name)?;
        let is_here =
            ["crate", "self", "super"].contains(&parts(&import.module).first().map_or("", |first| first.name));
        if found.is_settled() || import.name == "*" || !is_here {
            return Ok(Some(found));
        }
        self.hidden_below(place, &module.targets, name).map(Some)
    }

    /// What is the only one of its name in the files below modules that do not show how they come by it: a macro hides that
    /// (`cfg_feature! { pub use self::inner::Name; }`).
    fn hidden_below(&self, site: Site<'_>, modules: &[Target], name: &str) -> Result<Resolution, StoreError> {
        let mut above = Vec::new();
        for module in modules {
            let files = match *module {
                Target::Symbol(symbol) => self.files_of_module(symbol)?,
                Target::Module(file) => vec![file],
                Target::Local(..) => Vec::new(),
            };
            for file in files {
                // There the macro speaks of it.
                let row = if self.world.has_name(file, name)? { self.world.row(file)? } else { None };
                above.extend(row.map(|row| String::from_utf8_lossy(&row.path).into_owned()));
            }
        }
        let found = if above.is_empty() { Resolution::default() } else { self.candidates(site, name, Wanted::Free)? };
        if found.total > found.targets.len() {
            return Ok(Resolution::default());
        }
        let mut below = Vec::new();
        for symbol in found.definitions() {
            let Some(row) = self.world.row(symbol.file)? else { continue };
            let path = String::from_utf8_lossy(&row.path);
            if above.iter().any(|above| path != *above && is_below(&path, above)) {
                below.push(symbol);
            }
        }
        let found = Resolution::symbols(below, Confidence::Unique);
        Ok(if found.targets.len() == 1 { found } else { Resolution::default() })
    }

    /// What a path of modules, or of modules and a type, means at a place; nothing if it lies outside.
    pub(super) fn module_path(&self, site: Site<'_>, path: &str) -> Result<Resolution, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Resolution::default()) };
        let all = parts(path);
        let Some(first) = all.first() else { return Ok(Resolution::default()) };
        let (mut targets, consumed) = match self.own_module(site, path, &all)? {
            Some(found) => found,
            // Of old an import begins at the root, wherever it stands.
            None if super::languages::is_of_2015(self.world, site.file)? => match self.at_root(site, first.name)? {
                at_root if at_root.is_empty() => (self.module_named(site, first.name)?, 1),
                at_root => (at_root, 1),
            },
            None => (self.module_named(site, first.name)?, 1),
        };
        for part in all.iter().skip(consumed) {
            targets = self.offered(site, &targets, part.name)?.targets;
        }
        if targets.is_empty() && first.name == "crate" {
            // The root may be missing, and a macro may hide what declares a module: files lie where they must.
            targets = self.module_files(site.file, path)?.into_iter().map(Target::Module).collect();
        }
        Ok(Resolution::of(targets, Confidence::Import))
    }

    /// The files from which an import takes something: that of its module, and that of a module which it names itself.
    pub(crate) fn imported_from(&self, file: &FileFacts, import: &Import) -> Result<Vec<FileId>, StoreError> {
        if !self.rules(file).nests_modules {
            return self.module_files(file, &import.module);
        }
        let site = Site { file, at: None, enclosing: import.enclosing, depth: 0 };
        let mut files = Vec::new();
        for target in
            self.module_path(site, &import.module)?.targets.into_iter().chain(self.import(site, import)?.targets)
        {
            match target {
                Target::Module(file) => files.push(file),
                Target::Symbol(symbol) => files.extend(self.files_of_module(symbol)?),
                Target::Local(..) => {}
            }
        }
        Ok(files)
    }

    /// Where what is in a module stands: if the module is only declared, in a file of its own.
    fn files_of_module(&self, symbol: Symbol) -> Result<Vec<FileId>, StoreError> {
        let Some(file) = self.world.file_of(symbol)? else { return Ok(Vec::new()) };
        let definition = &file.definitions[symbol.id as usize];
        if definition.kind != SymbolKind::Module || !definition.declaration {
            return Ok(vec![symbol.file]);
        }
        self.module_files(&file, &format!("self.{}", self.world.qualified(&file, Some(symbol.id))?))
    }

    /// The module that `crate`, `self` or `super` at the beginning of a path means, or its first name behind `::`, and how many parts
    /// say so.
    fn own_module(
        &self,
        site: Site<'_>,
        path: &str,
        parts: &[Part<'_>],
    ) -> Result<Option<(Vec<Target>, usize)>, StoreError> {
        if let Some(first) = parts.first().filter(|_| path.starts_with("::")) {
            return Ok(Some((self.at_root(site, first.name)?, 1)));
        }
        if parts.first().is_some_and(|first| first.name == "crate") {
            let root = self.module_files(site.file, "crate")?;
            return Ok(Some((root.into_iter().map(Target::Module).collect(), 1)));
        }
        let own = usize::from(parts.first().is_some_and(|first| first.name == "self"));
        let supers = parts[own..].iter().take_while(|part| part.name == "super").count();
        if own + supers == 0 {
            return Ok(None);
        }
        let around: Vec<DefinitionId> = modules_around(site).collect();
        let targets = match (around.get(supers), supers.checked_sub(around.len())) {
            (Some(id), _) => vec![Target::Symbol(Symbol { file: site.file.id(), id: *id })],
            (None, None | Some(0)) => vec![Target::Module(site.file.id())],
            (None, Some(above)) => {
                let files = self.module_files(site.file, &vec!["super"; above].join("::"))?;
                files.into_iter().map(Target::Module).collect()
            }
        };
        Ok(Some((targets, own + supers)))
    }

    /// The same as a value, where a path of an expression or a type begins so.
    pub(super) fn own_module_value(
        &self,
        site: Site<'_>,
        path: &str,
        parts: &[Part<'_>],
    ) -> Result<Option<(Value, usize)>, StoreError> {
        // Without the colons `self` is the object.
        if !self.rules(site.file).nests_modules || parts[0].name == "self" && !path.starts_with("self::") {
            return Ok(None);
        }
        let Some((targets, consumed)) = self.own_module(site, path, parts)? else { return Ok(None) };
        if targets.is_empty() {
            return Ok(path.starts_with("::").then_some((Value::External, consumed)));
        }
        let value = match targets.first() {
            Some(Target::Symbol(symbol)) if self.world.kind(*symbol)?.is_some_and(is_type) => {
                Value::Types(vec![*symbol])
            }
            Some(Target::Symbol(module)) => Value::Inner(*module),
            _ => Value::Modules(targets.iter().filter_map(Target::module).collect()),
        };
        Ok(Some((value, consumed)))
    }

    /// What a name behind `::` means: a crate; until 2018 first what the root of its own crate offers.
    fn at_root(&self, site: Site<'_>, name: &str) -> Result<Vec<Target>, StoreError> {
        if super::languages::is_of_2015(self.world, site.file)? {
            let root: Vec<Target> = self.module_files(site.file, "crate")?.into_iter().map(Target::Module).collect();
            let found = self.offered(site, &root, name)?;
            if !found.targets.is_empty() {
                return Ok(found.targets);
            }
        }
        Ok(self.module_files(site.file, &format!("::{name}"))?.into_iter().map(Target::Module).collect())
    }

    /// The head of a path: what the scopes around define or import under the name, else a crate.
    fn module_named(&self, site: Site<'_>, name: &str) -> Result<Vec<Target>, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Vec::new()) };
        let scopes = site.file.around(site.enclosing).map(|(id, _)| Some(id)).chain([None]);
        for scope in scopes {
            let found = self.defined_or_imported(site, site.file, scope, name)?;
            if found.is_settled() {
                return Ok(found.targets);
            }
            if is_closed(site.file, scope) {
                break;
            }
        }
        Ok(self.module_files(site.file, name)?.into_iter().map(Target::Module).collect())
    }

    /// What modules, or enumerations, offer under a name to whoever is at a place.
    pub(super) fn offered(&self, site: Site<'_>, by: &[Target], name: &str) -> Result<Resolution, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Resolution::default()) };
        for target in by {
            let found = match *target {
                Target::Module(file) => self.offered_by(site, file, None, name)?,
                Target::Symbol(symbol) => self.offered_by_symbol(site, symbol, name)?,
                Target::Local(..) => Resolution::default(),
            };
            if found.is_settled() {
                return Ok(found);
            }
        }
        Ok(Resolution::default())
    }

    fn offered_by_symbol(&self, site: Site<'_>, symbol: Symbol, name: &str) -> Result<Resolution, StoreError> {
        let Some(file) = self.world.file_of(symbol)? else { return Ok(Resolution::default()) };
        let definition = &file.definitions[symbol.id as usize];
        match definition.kind {
            SymbolKind::Module if definition.declaration => {
                let path = self.world.qualified(&file, Some(symbol.id))?;
                let files = self.module_files(&file, &format!("self.{path}"))?;
                let files: Vec<Target> = files.into_iter().map(Target::Module).collect();
                self.offered(site, &files, name)
            }
            SymbolKind::Module => self.offered_by(site, symbol.file, Some(symbol.id), name),
            kind if is_type(kind) => {
                // They stand in it. To look for other members, or for its bases, may take the very import that is being looked at.
                let mut variants = self.defined_in(&file, Some(symbol.id), name)?;
                variants.retain(|member| self.world.kind(*member).is_ok_and(|kind| kind == Some(SymbolKind::Variant)));
                Ok(Resolution::symbols(variants, Confidence::Import))
            }
            _ => Ok(Resolution::default()),
        }
    }

    /// What one module offers: what it defines, what it imports and passes on, and the files below it.
    fn offered_by(
        &self,
        site: Site<'_>,
        file: FileId,
        module: Option<DefinitionId>,
        name: &str,
    ) -> Result<Resolution, StoreError> {
        let Some(file) = self.world.file(file)? else { return Ok(Resolution::default()) };
        let found = self.defined_or_imported(site, &file, module, name)?;
        if found.is_settled() {
            return Ok(found);
        }
        let inside = Site { file: &file, at: None, enclosing: module, depth: site.depth };
        let mut all = Resolution::default();
        for import in passed_on(site, &file, module).filter(|import| import.name == "*") {
            let found = self.taken_through_modules(inside, import, name)?.unwrap_or_default();
            if !found.targets.is_empty() {
                all = all.or_any_of(found);
            }
        }
        if all.is_settled() || module.is_some() {
            return Ok(all);
        }
        let inner = super::languages::submodule(self.world, &file, name)?;
        Ok(Resolution::of(inner.into_iter().map(Target::Module).collect(), Confidence::Import))
    }

    fn defined_or_imported(
        &self,
        site: Site<'_>,
        file: &FileFacts,
        module: Option<DefinitionId>,
        name: &str,
    ) -> Result<Resolution, StoreError> {
        let defined = self.defined_in(file, module, name)?;
        if !defined.is_empty() {
            return Ok(Resolution::symbols(defined, Confidence::Import));
        }
        let inside = Site { file, at: None, enclosing: module, depth: site.depth };
        let mut nothing = Resolution::default();
        // `use a;` says where `a` lies as little as `a` itself does, unless it is a crate.
        let is_itself = |import: &Import| import.name.is_empty() && import.module == name;
        for import in passed_on(site, file, module).filter(|import| import.brings(name)) {
            let found = match is_itself(import) {
                true => {
                    let files = self.module_files(file, &format!("::{name}"))?;
                    Resolution::of(files.into_iter().map(Target::Module).collect(), Confidence::Import)
                }
                false => self.import(inside, import)?,
            };
            if !found.targets.is_empty() {
                return Ok(found.weakened(Confidence::Import));
            }
            nothing.external |= found.external;
        }
        Ok(nothing)
    }
}

/// The modules in a file that a place is in, the innermost first.
fn modules_around(site: Site<'_>) -> impl Iterator<Item = DefinitionId> {
    let is_module = |kind| kind == SymbolKind::Module;
    site.file.around(site.enclosing).filter(move |(_, definition)| is_module(definition.kind)).map(|(id, _)| id)
}

/// The imports of a module that are seen from a place: those it passes on, and to what is inside of it all.
fn passed_on<'f>(
    site: Site<'_>,
    file: &'f FileFacts,
    module: Option<DefinitionId>,
) -> impl Iterator<Item = &'f Import> {
    let is_inside = file.id() == site.file.id() || is_below(&site.file.path(), &file.path());
    file.imports.iter().filter(move |import| import.enclosing == module && (import.exported || is_inside))
}

/// Whether a file holds a module inside of that of another.
fn is_below(path: &str, other: &str) -> bool {
    let (directory, name) = other.rsplit_once('/').unwrap_or(("", other));
    let is_whole = matches!(name, "lib.rs" | "main.rs" | "mod.rs");
    let around = if is_whole { directory } else { other.trim_end_matches(".rs") };
    around.is_empty() || path.strip_prefix(around).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether what is around a module is not seen in it: it is unless `use super::*` brings it.
fn is_closed(file: &FileFacts, scope: Option<DefinitionId>) -> bool {
    let is_module =
        scope.is_some_and(|id| file.definitions.get(id as usize).is_some_and(|of| of.kind == SymbolKind::Module));
    let opens = |import: &Import| import.name == "*" && import.module.starts_with("super") && import.enclosing == scope;
    is_module && !file.imports.iter().any(opens)
}
