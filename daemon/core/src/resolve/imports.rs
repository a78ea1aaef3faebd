//! Imports: which module a text means, and what it offers under a name, through re-exports.

use crate::facts::{Import, OWN_MODULE, RETURNED, Reference};
use crate::kinds::{Confidence, Language, Role, SymbolKind};
use crate::store::{FileId, StoreError};

use super::languages::directory;
use super::names::{Wanted, is_namespace};
use super::rules::Modules;
use super::values::parts;
use super::{FileFacts, Resolution, Resolver, Site, Symbol, Target};

impl Resolver<'_, '_> {
    /// What an imported name means to whoever uses it: by the imports of the scopes around, the innermost first; then, but for a
    /// language whose modules stand in files, by any of the file.
    pub(super) fn in_imports(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        let mut found = Resolution::default();
        let scopes: Vec<_> = site.file.around(site.enclosing).map(|(id, _)| Some(id)).chain([None]).collect();
        let distance = |import: &Import| scopes.iter().position(|scope| *scope == import.enclosing);
        let is_seen = |import: &Import| distance(import).is_some() || !self.rules(site.file).nests_modules;
        let brings = |import: &&Import| import.module != OWN_MODULE && import.brings(name) && is_seen(import);
        let mut imports: Vec<&Import> = site.file.imports.iter().filter(brings).collect();
        imports.sort_by_key(|import| distance(import).unwrap_or(usize::MAX));
        for import in imports {
            let here = self.import(site, import)?;
            if !here.targets.is_empty() {
                return Ok(here);
            }
            found.external |= here.external;
        }
        Ok(found)
    }

    /// What imports of whole modules bring in under a name: those of the scopes around, the innermost first. Where two of one scope
    /// bring different things, none is chosen.
    pub(super) fn in_wildcards(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        let scopes = site.file.around(site.enclosing).map(|(id, _)| Some(id)).chain([None]);
        for scope in scopes {
            let mut all = Resolution::default();
            for import in site.file.imports.iter().filter(|import| import.name == "*" && import.enclosing == scope) {
                let found = self.taken_from(site, import, name)?;
                // Of texts that are included the first is as good as any: they hold prototypes, too.
                if !found.targets.is_empty() && self.rules(site.file).is_global {
                    return Ok(found);
                }
                all = all.or_any_of(found);
            }
            if !all.targets.is_empty() {
                return Ok(all);
            }
        }
        Ok(Resolution::default())
    }

    /// What an import statement names.
    pub(super) fn imported_name(
        &self,
        site: Site<'_>,
        name: &str,
        reference: &Reference,
    ) -> Result<Resolution, StoreError> {
        let line = reference.position.line;
        let is_named = |import: &Import| import.name == name || import.alias == name;
        let end_of = |import: &Import| {
            let part = parts(&import.module).into_iter().find(|part| part.name == name)?;
            Some(part.name.as_ptr() as usize - import.module.as_ptr() as usize + name.len())
        };
        let mentions = |import: &&Import| is_named(import) || end_of(import).is_some();
        let rank = |import: &&Import| (import.position.line.abs_diff(line), !is_named(import));
        match site.file.imports.iter().filter(mentions).min_by_key(rank) {
            Some(import) if is_named(import) => self.import(site, import),
            Some(import) => {
                let module = &import.module[..end_of(import).unwrap_or_default()];
                self.module_of_import(site, import, module)
            }
            None => Ok(Resolution::default()),
        }
    }

    /// A module that an import names on its way.
    fn module_of_import(&self, site: Site<'_>, import: &Import, module: &str) -> Result<Resolution, StoreError> {
        if self.rules(site.file).nests_modules {
            return self.module_path(Site { at: None, enclosing: import.enclosing, ..site }, module);
        }
        if matches!(self.rules(site.file).modules, Modules::Names(_)) {
            let (around, name) = module.rsplit_once(['.', '\\']).unwrap_or(("", module));
            return self.in_package_named(site, &around.replace('\\', "."), name);
        }
        let files = self.module_files(site.file, module)?;
        Ok(Resolution::of(files.into_iter().map(Target::Module).collect(), Confidence::Import))
    }

    /// What an import means.
    pub(super) fn import(&self, site: Site<'_>, import: &Import) -> Result<Resolution, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Resolution::default()) };
        if !import.name.is_empty() && import.name != "*" {
            return self.taken_from(site, import, &import.name);
        }
        match self.rules(site.file).modules {
            Modules::Files(_) if self.rules(site.file).nests_modules => {
                let found = self.module_path(Site { at: None, enclosing: import.enclosing, ..site }, &import.module)?;
                Ok(if found.targets.is_empty() { Resolution::external() } else { found })
            }
            Modules::Files(_) if names_namespace(site.file, &import.module) => {
                let (around, name) = import.module.rsplit_once("::").unwrap_or(("", &import.module));
                let found = self.in_package_named(site, &around.replace("::", "."), name)?;
                Ok(if found.targets.is_empty() { Resolution::external() } else { found })
            }
            Modules::Files(_) | Modules::Directories(_) => {
                let files = self.module_files(site.file, &import.module)?;
                let targets: Vec<Target> = files.into_iter().map(Target::Module).collect();
                Ok(if targets.is_empty() {
                    Resolution::external()
                } else {
                    Resolution::of(targets, Confidence::Import)
                })
            }
            // The name of a package is no module, but what stands there may be a type, or a file that is included.
            Modules::Names(_) => {
                let files = match import.name.as_str() {
                    "*" => super::languages::included(self.world, site.file, &import.module)?,
                    _ => Vec::new(),
                };
                if !files.is_empty() {
                    return Ok(Resolution::of(files.into_iter().map(Target::Module).collect(), Confidence::Import));
                }
                let (module, name) = import.module.rsplit_once(['.', '\\']).unwrap_or(("", &import.module));
                let found = self.in_package_named(site, &module.replace('\\', "."), name)?;
                Ok(if found.targets.is_empty() { Resolution::external() } else { found })
            }
            Modules::None => Ok(Resolution::default()),
        }
    }

    fn taken_from(&self, site: Site<'_>, import: &Import, name: &str) -> Result<Resolution, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Resolution::default()) };
        match self.rules(site.file).modules {
            Modules::Files(_) if import.module == OWN_MODULE => {
                let top = Site { at: None, enclosing: None, ..site };
                self.name_of_file(top, name, Role::Read)
            }
            Modules::Files(_) => {
                if let Some(found) = self.taken_through_modules(site, import, name)? {
                    return Ok(found);
                }
                let files = self.module_files(site.file, &import.module)?;
                if files.is_empty() && names_namespace(site.file, &import.module) {
                    let found = self.in_package_named(site, &import.module.replace("::", "."), name)?;
                    return Ok(if found.is_settled() { found } else { Resolution::external() });
                }
                if files.is_empty() {
                    return Ok(Resolution::external());
                }
                let found = self.in_modules(site, &files, name)?;
                if !found.targets.is_empty() || import.name == "*" {
                    return Ok(found);
                }
                let inner = self.submodules(&files, name)?;
                Ok(Resolution::of(inner.into_iter().map(Target::Module).collect(), Confidence::Import))
            }
            Modules::Directories(_) => {
                let found = self.in_directories(site, &import.module, name)?;
                Ok(if found.targets.is_empty() && import.name != "*" { Resolution::external() } else { found })
            }
            Modules::Names(_) => {
                let found = self.in_package_named(site, &import.module.replace('\\', ".").replace("::", "."), name)?;
                Ok(if found.targets.is_empty() && import.name != "*" { Resolution::external() } else { found })
            }
            Modules::None => Ok(Resolution::default()),
        }
    }

    /// The files that a module's text means, seen from a file.
    pub(crate) fn module_files(&self, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
        match self.rules(from).modules {
            Modules::Files(find) => find(self.world, from, module),
            Modules::Directories(fits) => self.directory_files(from, module, fits),
            Modules::Names(_) | Modules::None => Ok(Vec::new()),
        }
    }

    /// What files offer under a name at their top: what they define, else what they import and pass on.
    pub(super) fn in_modules(&self, site: Site<'_>, files: &[FileId], name: &str) -> Result<Resolution, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Resolution::default()) };
        if self.rules(site.file).nests_modules {
            let modules: Vec<Target> = files.iter().copied().map(Target::Module).collect();
            return self.offered(site, &modules, name);
        }
        if let Some(found) = self.in_returned_table(site, files, name)? {
            return Ok(found);
        }
        let mut symbols = Vec::new();
        let defining = self.world.defining_files(name)?;
        for id in files.iter().filter(|id| defining.binary_search(id).is_ok()) {
            let Some(file) = self.world.file(*id)? else { continue };
            symbols.extend(self.top_level(&file, name)?);
        }
        let bodies = self.without_prototypes(&symbols)?;
        if bodies.is_empty() && !symbols.is_empty() && self.rules(site.file).is_global {
            // What a header announces stands in another file.
            let elsewhere = self.candidates(site, name, Wanted::Free)?;
            let is_body = elsewhere.is_ambiguous() || !elsewhere.definitions().all(|found| symbols.contains(&found));
            if is_body {
                return Ok(elsewhere);
            }
        }
        let symbols = if bodies.is_empty() { symbols } else { bodies };
        if !symbols.is_empty() {
            return Ok(Resolution::symbols(symbols, Confidence::Import));
        }
        if !matches!(self.rules(site.file).modules, Modules::Files(_)) {
            return Ok(Resolution::default());
        }
        for id in files {
            let Some(file) = self.world.file(*id)? else { continue };
            let found = self.passed_on(site, &file, name)?;
            if found.is_settled() {
                return Ok(found);
            }
        }
        Ok(Resolution::default())
    }

    /// What the table that a file of Lua returns has under a name; `None` = no table is named.
    fn in_returned_table(
        &self,
        site: Site<'_>,
        files: &[FileId],
        name: &str,
    ) -> Result<Option<Resolution>, StoreError> {
        for id in files {
            let Some(file) = self.world.file(*id)?.filter(|file| file.language == Language::Lua) else { continue };
            let is_returned = |import: &&Import| import.module == OWN_MODULE && import.alias == RETURNED;
            let Some(returned) = file.imports.iter().find(is_returned) else { continue };
            let inside = Site { file: &file, at: None, enclosing: None, depth: site.depth };
            let table = self.name_of_file(inside, &returned.name, Role::Read)?;
            let modules: Vec<FileId> = table.modules().collect();
            if !modules.is_empty() {
                return self.in_modules(inside, &modules, name).map(Some);
            }
            let tables: Vec<Symbol> = table.definitions().collect();
            let members = self.members_of_any(&tables, name, false)?.symbols;
            return Ok(Some(Resolution::symbols(members, Confidence::Import)));
        }
        Ok(None)
    }

    fn passed_on(&self, site: Site<'_>, file: &FileFacts, name: &str) -> Result<Resolution, StoreError> {
        let inside = Site { file, at: None, enclosing: None, depth: site.depth };
        let is_part = self.is_part_of_library(site.file, file)?;
        let passes = |import: &&Import| import.exported || is_part;
        for import in file.imports.iter().filter(passes).filter(|import| import.brings(name)) {
            let found = self.import(inside, import)?;
            if found.is_settled() {
                let confidence = found
                    .confidence
                    .map(|_| if found.is_ambiguous() { Confidence::Ambiguous } else { Confidence::Import });
                return Ok(Resolution { confidence, ..found });
            }
        }
        for import in file.imports.iter().filter(passes).filter(|import| import.name == "*") {
            let found = self.taken_from(inside, import, name)?;
            if !found.targets.is_empty() {
                return Ok(found);
            }
        }
        Ok(Resolution::default())
    }

    /// Whether a file of Dart is a part of the library in another: all it imports is that library, which names it as its own. A part
    /// sees what its library imports.
    fn is_part_of_library(&self, part: &FileFacts, library: &FileFacts) -> Result<bool, StoreError> {
        let [only] = part.imports.as_slice() else { return Ok(false) };
        if part.language != Language::Dart
            || only.exported
            || !self.module_files(part, &only.module)?.contains(&library.id())
        {
            return Ok(false);
        }
        for import in library.imports.iter().filter(|import| import.exported) {
            if self.module_files(library, &import.module)?.contains(&part.id()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Modules below modules.
    pub(super) fn submodules(&self, files: &[FileId], name: &str) -> Result<Vec<FileId>, StoreError> {
        for id in files {
            let Some(file) = self.world.file(*id)? else { continue };
            let inner = super::languages::submodule(self.world, &file, name)?;
            if !inner.is_empty() {
                return Ok(inner);
            }
        }
        Ok(Vec::new())
    }

    /// What stands under a name in a package or namespace, in whatever file.
    pub(super) fn in_package_named(&self, site: Site<'_>, package: &str, name: &str) -> Result<Resolution, StoreError> {
        let found = self.in_whole_package(site, package, name)?;
        if found.is_settled() || !self.rules(site.file).has_relative_packages {
            return Ok(found);
        }
        let own = self.package_around(site)?;
        let mut around = own.as_str();
        while !around.is_empty() {
            let found = self.in_whole_package(site, &format!("{around}.{package}"), name)?;
            if found.is_settled() {
                return Ok(found);
            }
            around = around.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        Ok(Resolution::default())
    }

    /// The package or namespace that a place is in, joined by dots.
    pub(super) fn package_around(&self, site: Site<'_>) -> Result<String, StoreError> {
        let Modules::Names(package_of) = self.rules(site.file).modules else { return Ok(String::new()) };
        let own = package_of(self.world, site.file)?;
        let inner = site.file.around(site.enclosing).find(|(_, around)| is_namespace(around.kind));
        let inner = self.world.qualified(site.file, inner.map(|(id, _)| id))?;
        Ok([own, inner].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("."))
    }

    /// The same of a package by its whole name.
    pub(super) fn in_whole_package(&self, site: Site<'_>, package: &str, name: &str) -> Result<Resolution, StoreError> {
        let key = (site.file.language, package.into(), name.into());
        self.world.memo.in_whole_package.of(self.world, key, || self.find_in_whole_package(site, package, name))
    }

    fn find_in_whole_package(&self, site: Site<'_>, package: &str, name: &str) -> Result<Resolution, StoreError> {
        let family = self.rules(site.file).family;
        let mut symbols = Vec::new();
        // What stands in a package stands below a clause, or in something, that has the package's name.
        let last = package.rsplit('.').next().unwrap_or(package);
        for id in self.world.defining_files(name)? {
            let may_be = package.is_empty() || self.world.may_be_in(id, last)? || self.world.may_be_in(id, package)?;
            if !may_be {
                continue;
            }
            let Some(file) = self.world.file(id)?.filter(|file| family.contains(&file.language)) else { continue };
            let own = match self.rules(&file).modules {
                Modules::Names(package_of) => package_of(self.world, &file)?,
                Modules::Files(_) | Modules::Directories(_) | Modules::None => String::new(),
            };
            for symbol in self.world.defined_in_file(&file, name)? {
                if self.is_in_package(&file, symbol, &own, package)? {
                    symbols.push(symbol);
                }
            }
        }
        let bodies = self.without_prototypes(&symbols)?;
        Ok(Resolution::symbols(if bodies.is_empty() { symbols } else { bodies }, Confidence::Import))
    }

    fn is_in_package(&self, file: &FileFacts, symbol: Symbol, own: &str, package: &str) -> Result<bool, StoreError> {
        let definition = &file.definitions[symbol.id as usize];
        if matches!(definition.kind, SymbolKind::Impl | SymbolKind::Package) {
            return Ok(false);
        }
        let container = self.world.container(file, definition)?;
        Ok(match (own, container.as_str()) {
            ("", container) => container == package,
            (own, "") => own == package,
            (own, container) => package.strip_prefix(own).and_then(|rest| rest.strip_prefix('.')) == Some(container),
        })
    }

    fn in_directories(&self, site: Site<'_>, module: &str, name: &str) -> Result<Resolution, StoreError> {
        let Modules::Directories(fits) = self.rules(site.file).modules else { return Ok(Resolution::default()) };
        let mut best = (0, Vec::new());
        for id in self.world.defining_files(name)? {
            let Some(row) = self.world.row(id)? else { continue };
            let path = String::from_utf8_lossy(&row.path);
            let fit = if is_test_elsewhere(&path, site.file) { 0 } else { fits(&path, module) };
            if fit == 0 || fit < best.0 {
                continue;
            }
            let Some(file) = self.world.file(id)?.filter(|file| file.language == site.file.language) else { continue };
            let found = self.top_level(&file, name)?;
            if fit > best.0 && !found.is_empty() {
                best = (fit, Vec::new());
            }
            best.1.extend(found);
        }
        Ok(Resolution::symbols(best.1, Confidence::Import))
    }

    /// The files of a directory that a module's text means: those that say which package they are of.
    fn directory_files(
        &self,
        from: &FileFacts,
        module: &str,
        fits: fn(&str, &str) -> usize,
    ) -> Result<Vec<FileId>, StoreError> {
        let package = crate::facts::module_key(module);
        let mut best = (0, Vec::new());
        for id in self.world.defining_files(package)? {
            let Some(row) = self.world.row(id)?.filter(|row| row.language == Some(from.language)) else { continue };
            let path = String::from_utf8_lossy(&row.path);
            let fit = if is_test_elsewhere(&path, from) { 0 } else { fits(&path, module) };
            if fit > best.0 {
                best = (fit, Vec::new());
            }
            if fit > 0 && fit == best.0 {
                best.1.push(id);
            }
        }
        Ok(best.1)
    }
}

/// Whether a file of Go is a test that is no part of what another file imports: only tests beside it see it (`export_test.go`).
fn is_test_elsewhere(path: &str, from: &FileFacts) -> bool {
    let is_test = |path: &str| path.ends_with("_test.go");
    let from = from.path();
    is_test(path) && !(is_test(&from) && directory(path) == directory(&from))
}

/// Whether what a file of C++ takes from is a namespace and no header.
fn names_namespace(file: &FileFacts, module: &str) -> bool {
    file.language == Language::Cpp && !module.contains(['.', '/'])
}
