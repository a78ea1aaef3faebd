//! Names with nothing before them: scopes, the class around, the file, imports, the package, anywhere.

use crate::facts::DefinitionId;
use crate::kinds::{Confidence, Language, Role, SymbolKind};
use crate::store::{FileId, StoreError};

use super::{CANDIDATES_MAX, FILES_MAX, FileFacts, Resolution, Resolver, Site, Symbol, Target, languages};

/// What may stand for a name of this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// Something at the top of a file or namespace.
    Free,
    /// A member of a class or the like.
    Member,
}

impl Wanted {
    /// Whether a definition is of that sort.
    pub(super) fn fits(self, file: &FileFacts, id: DefinitionId) -> bool {
        let rules = languages::rules(file.language);
        let definition = &file.definitions[id as usize];
        let around = file.around(definition.container).next();
        let of_type = definition.of.is_some() || around.is_some_and(|(_, around)| is_type(around.kind));
        let is_member = of_type && (definition.kind != SymbolKind::Variant || rules.has_member_variants);
        // Methods of a module are those of whatever it is mixed into.
        let is_mixed_in = rules.mixes_in
            && definition.kind == SymbolKind::Method
            && around.is_some_and(|(_, around)| is_namespace(around.kind));
        match self {
            Wanted::Free => !is_member && around.is_none_or(|(_, around)| is_namespace(around.kind) || of_type),
            Wanted::Member => is_member || is_mixed_in || around.is_some_and(|(_, around)| is_table(around.kind)),
        }
    }
}

impl Resolver<'_, '_> {
    pub(super) fn bare_name(&self, site: Site<'_>, name: &str, role: Role) -> Result<Resolution, StoreError> {
        if let Some(binding) = self.binding(site, name)? {
            return Ok(Resolution::of(vec![Target::Local(site.file.id(), binding)], Confidence::Scope));
        }
        let rules = self.rules(site.file);
        if rules.classes.contains(&name)
            && let Some(class) = self.class_around(site)?
        {
            return Ok(Resolution::symbols(class, Confidence::Scope));
        }
        if rules.constructor_call == Some(name)
            && let Some(class) = self.class_around(site)?
        {
            return Ok(Resolution::symbols(self.constructed(&class)?, Confidence::Scope));
        }
        self.name_of_file(site, name, role)
    }

    /// The same for a name that is no local one.
    pub(super) fn name_of_file(&self, site: Site<'_>, name: &str, role: Role) -> Result<Resolution, StoreError> {
        type Step<'r> = fn(&Resolver<'_, '_>, Site<'_>, &str, Role) -> Result<Resolution, StoreError>;
        let steps: [Step<'_>; 10] = [
            |resolver, site, name, role| resolver.of_block_receiver(site, name, role),
            |resolver, site, name, role| resolver.in_scopes(site, name, role),
            |resolver, site, name, _| resolver.in_file(site, name),
            |resolver, site, name, _| resolver.in_imports(site, name),
            // What is in the same package is nearer than what a whole other one brings.
            |resolver, site, name, _| resolver.in_package(site, name),
            |resolver, site, name, _| resolver.in_wildcards(site, name),
            |resolver, site, name, _| resolver.in_preludes(site, name),
            |resolver, site, name, role| resolver.anywhere(site, name, role),
            |resolver, site, name, _| Ok(resolver.of_language(site, name)),
            |resolver, site, name, role| resolver.of_implicit_receiver(site, name, role),
        ];
        for step in steps {
            let found = step(self, site, name, role)?;
            if found.is_settled() {
                return Ok(found);
            }
        }
        Ok(Resolution::default())
    }

    /// What the language brings to every file, where the index has it.
    fn in_preludes(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        for package in self.rules(site.file).preludes {
            let found = self.in_whole_package(site, package, name)?;
            if found.is_settled() {
                return Ok(found);
            }
        }
        Ok(Resolution::default())
    }

    /// What the language brings, and the index does not have.
    fn of_language(&self, site: Site<'_>, name: &str) -> Resolution {
        let is_brought = self.rules(site.file).prelude_names.binary_search(&name).is_ok();
        if is_brought { Resolution::external() } else { Resolution::default() }
    }

    /// Definitions in what is around: functions in functions, members of the class around, what stands in the same namespace.
    fn in_scopes(&self, site: Site<'_>, name: &str, role: Role) -> Result<Resolution, StoreError> {
        let rules = self.rules(site.file);
        for (id, definition) in site.file.around(site.enclosing) {
            let confidence = if is_namespace(definition.kind) { Confidence::File } else { Confidence::Scope };
            if !is_type(definition.kind) {
                let found = self.defined_in(site.file, Some(id), name)?;
                // A function's name is no part of what is in it.
                if !found.is_empty() {
                    return Ok(Resolution::symbols(found, confidence));
                }
                if definition.of.is_some() && rules.has_implicit_self {
                    let owner = self.owner_of(site.file, id)?;
                    let members = self.members_of_any(&owner, name, role == Role::Call)?.symbols;
                    let seen = self.seen_in_class(members, role, true)?;
                    if !seen.is_empty() {
                        return Ok(Resolution::symbols(seen, Confidence::Scope));
                    }
                }
                continue;
            }
            if site.enclosing == Some(id) && rules.runs_class_bodies {
                let own = self.defined_in(site.file, Some(id), name)?;
                if !own.is_empty() {
                    return Ok(Resolution::symbols(own, confidence));
                }
            }
            let owners = self.owner_of(site.file, id)?;
            let members = self.members_of_any(&owners, name, role == Role::Call)?.symbols;
            let seen = self.seen_in_class(members, role, rules.has_implicit_self)?;
            if !seen.is_empty() {
                return Ok(Resolution::symbols(seen, Confidence::Scope));
            }
        }
        Ok(Resolution::default())
    }

    /// Members that need nothing before them: where a type is meant types, else what the language lets. A constructor has the name
    /// of its class, which is what is meant.
    fn seen_in_class(&self, members: Vec<Symbol>, role: Role, all: bool) -> Result<Vec<Symbol>, StoreError> {
        let is_of_type = matches!(role, Role::Type | Role::Inherit);
        let mut seen = Vec::new();
        for symbol in members {
            let Some(kind) = self.world.kind(symbol)? else { continue };
            let names_type = is_type(kind) || kind == SymbolKind::Type;
            if kind != SymbolKind::Constructor && (all && !is_of_type || is_of_type && names_type) {
                seen.push(symbol);
            }
        }
        Ok(seen)
    }

    /// What stands at the top of the file; where a language lets them, also prototypes of what is elsewhere.
    pub(super) fn in_file(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        let found = self.defined_in(site.file, None, name)?;
        let bodies = self.without_prototypes(&found)?;
        if bodies.is_empty() && !found.is_empty() {
            // Only a prototype: what it announces stands in another file, if anywhere.
            let elsewhere = self.anywhere(site, name, Role::Read)?;
            if !elsewhere.targets.is_empty() {
                return Ok(elsewhere);
            }
            return Ok(Resolution::symbols(found, Confidence::File));
        }
        Ok(Resolution::symbols(bodies, Confidence::File))
    }

    pub(super) fn defined_in(
        &self,
        file: &FileFacts,
        container: Option<DefinitionId>,
        name: &str,
    ) -> Result<Vec<Symbol>, StoreError> {
        let Some(name) = self.world.name_id(file, name)? else { return Ok(Vec::new()) };
        let is_meant = |symbol: &Symbol| {
            let kind = file.definitions[symbol.id as usize].kind;
            // An impl block bears the name of a type and is none; a package clause names what all files of it are in.
            kind != SymbolKind::Impl && kind != SymbolKind::Package
        };
        Ok(file.defined_in(container, name).filter(is_meant).collect())
    }

    fn in_package(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        let key = (site.file.id(), name.into());
        self.world.memo.in_package.of(self.world, key, || self.find_in_package(site, name))
    }

    fn find_in_package(&self, site: Site<'_>, name: &str) -> Result<Resolution, StoreError> {
        let rules = self.rules(site.file);
        let mut found = Vec::new();
        for id in self.world.defining_files(name)?.into_iter().filter(|id| *id != site.file.id()) {
            let Some(row) = self.world.row(id)? else { continue };
            if (rules.shares_package)(self.world, site.file, &row)?
                && let Some(file) = self.world.file(id)?
            {
                found.extend(self.top_level(&file, name)?);
            }
            if found.len() >= FILES_MAX {
                break;
            }
        }
        let bodies = self.without_prototypes(&found)?;
        Ok(Resolution::symbols(if bodies.is_empty() { found } else { bodies }, Confidence::Package))
    }

    /// What a file defines at its top, or in the namespaces and packages there.
    pub(super) fn top_level(&self, file: &FileFacts, name: &str) -> Result<Vec<Symbol>, StoreError> {
        let defined = self.world.defined_in_file(file, name)?;
        let is_top = |symbol: &Symbol| {
            let definition = &file.definitions[symbol.id as usize];
            // What a file of Lua offers of its local functions says what it returns.
            if file.language == Language::Lua && is_private(file, &definition.signature) {
                return false;
            }
            let is_open = |kind| is_namespace(kind) || self.rules(file).open_containers.contains(&kind);
            let in_namespaces = file.around(definition.container).all(|(_, around)| is_open(around.kind));
            in_namespaces
                && definition.of.is_none()
                && !matches!(definition.kind, SymbolKind::Impl | SymbolKind::Package)
        };
        Ok(defined.into_iter().filter(is_top).collect())
    }

    fn anywhere(&self, site: Site<'_>, name: &str, role: Role) -> Result<Resolution, StoreError> {
        let rules = self.rules(site.file);
        if !(rules.is_global || role == Role::Call && self.is_macro_somewhere(name, site)?) {
            return Ok(Resolution::default());
        }
        let found = self.candidates(site, name, Wanted::Free)?;
        if found.is_settled() || !rules.mixes_in || self.class_around(site)?.is_none() {
            return Ok(found);
        }
        // It may be a method of whatever this is mixed into.
        Ok(self.candidates(site, name, Wanted::Member)?.weakened(Confidence::Ambiguous))
    }

    /// Macros of Rust are seen wherever their crate is used.
    fn is_macro_somewhere(&self, name: &str, site: Site<'_>) -> Result<bool, StoreError> {
        let files = self.world.defining_files(name)?;
        for id in files.into_iter().take(CANDIDATES_MAX) {
            let Some(file) = self.world.file(id)?.filter(|file| file.language == site.file.language) else { continue };
            let defined = self.world.defined_in_file(&file, name)?;
            if defined.iter().any(|symbol| file.definitions[symbol.id as usize].kind == SymbolKind::Macro) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything of that name that may be meant: one thing, or several of which none is chosen.
    pub(super) fn candidates(&self, site: Site<'_>, name: &str, wanted: Wanted) -> Result<Resolution, StoreError> {
        let key = (site.file.id(), name.into(), wanted);
        self.world.memo.candidates.of(self.world, key, || self.find_candidates(site, name, wanted))
    }

    fn find_candidates(&self, site: Site<'_>, name: &str, wanted: Wanted) -> Result<Resolution, StoreError> {
        let files = self.world.defining_files(name)?;
        let (mut found, mut total) = (Vec::new(), 0);
        for id in self.nearest_first(site.file, &files)?.into_iter().take(FILES_MAX) {
            let here = self.candidates_in(site.file, id, name, wanted)?;
            total += here.len();
            found.extend(here);
        }
        if files.len() > FILES_MAX {
            total += files.len() - FILES_MAX;
        }
        let bodies = self.without_prototypes(&found)?;
        let found = if bodies.is_empty() { found } else { bodies };
        let total = if files.len() > FILES_MAX { total } else { found.len() };
        if total <= 1 || self.is_one_thing(&found)? {
            return Ok(Resolution::symbols(found, Confidence::Unique));
        }
        let targets = found.into_iter().take(CANDIDATES_MAX).map(Target::Symbol).collect();
        Ok(Resolution { total, unnamed: Some(wanted), ..Resolution::of(targets, Confidence::Ambiguous) })
    }

    /// Overloads and accessors: definitions of one name in one container; or parts of one class or namespace.
    fn is_one_thing(&self, found: &[Symbol]) -> Result<bool, StoreError> {
        let Some((first, rest)) = found.split_first() else { return Ok(false) };
        let Some(file) = self.world.file_of(*first)? else { return Ok(false) };
        let kind = file.definitions[first.id as usize].kind;
        if is_namespace(kind) || is_type(kind) && self.rules(&file).has_parts {
            return self.are_parts(&file, *first, rest);
        }
        let container =
            |symbol: &Symbol| file.definitions.get(symbol.id as usize).map(|definition| definition.container);
        Ok(rest.iter().all(|other| other.file == first.file && container(other) == container(first)))
    }

    /// Whether others bear the whole name of a class or namespace and are of its kind.
    fn are_parts(&self, file: &FileFacts, first: Symbol, others: &[Symbol]) -> Result<bool, StoreError> {
        let kind = file.definitions[first.id as usize].kind;
        let whole = self.world.qualified(file, Some(first.id))?;
        for other in others {
            let Some(file) = self.world.file_of(*other)? else { return Ok(false) };
            let is_alike = file.definitions[other.id as usize].kind == kind;
            if !is_alike || self.world.qualified(&file, Some(other.id))? != whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn candidates_in(
        &self,
        from: &FileFacts,
        id: FileId,
        name: &str,
        wanted: Wanted,
    ) -> Result<Vec<Symbol>, StoreError> {
        let family = self.rules(from).family;
        let Some(file) = self.world.file(id)?.filter(|file| family.contains(&file.language)) else {
            return Ok(Vec::new());
        };
        let is_private = |signature: &str| file.id() != from.id() && is_private(&file, signature);
        let is_wanted = |symbol: &Symbol| {
            let definition = &file.definitions[symbol.id as usize];
            wanted.fits(&file, symbol.id)
                && !matches!(definition.kind, SymbolKind::Impl | SymbolKind::Package | SymbolKind::Element)
                && !is_private(&definition.signature)
        };
        Ok(self.world.defined_in_file(&file, name)?.into_iter().filter(is_wanted).collect())
    }

    /// Files by how much of their path they share with another, the most first.
    fn nearest_first(&self, from: &FileFacts, files: &[FileId]) -> Result<Vec<FileId>, StoreError> {
        let mut ranked = Vec::with_capacity(files.len());
        for id in files {
            let Some(row) = self.world.row(*id)? else { continue };
            let shared =
                row.path.split(|b| *b == b'/').zip(from.row.path.split(|b| *b == b'/')).take_while(|(a, b)| a == b);
            ranked.push((std::cmp::Reverse(shared.count()), row.path.clone(), *id));
        }
        ranked.sort_unstable();
        Ok(ranked.into_iter().map(|(_, _, id)| id).collect())
    }

    /// Those that are no mere prototypes or forward declarations.
    pub(super) fn without_prototypes(&self, symbols: &[Symbol]) -> Result<Vec<Symbol>, StoreError> {
        let mut bodies = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            let file = self.world.file_of(*symbol)?;
            if file.is_some_and(|file| !file.definitions[symbol.id as usize].declaration) {
                bodies.push(*symbol);
            }
        }
        Ok(bodies)
    }

    /// The local variable that a name means at a place.
    pub(super) fn binding(&self, site: Site<'_>, name: &str) -> Result<Option<crate::facts::Binding>, StoreError> {
        let Some(at) = site.at else { return Ok(None) };
        let occurrences = self.world.occurrences(site.file)?;
        let Some(name) = self.world.name_id(site.file, name)? else { return Ok(None) };
        let locals = site.file.locals(occurrences);
        if occurrences.references.get(at as usize).is_some_and(|reference| reference.name == name) {
            return Ok(locals.of(occurrences, at).copied());
        }
        Ok(locals.at(occurrences, name, at).copied())
    }
}

/// Whether definitions of this kind have members.
pub(super) fn is_type(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    matches!(kind, Class | Struct | Union | Enum | Interface | Trait | Impl)
}

/// Whether definitions of this kind only group what is in them.
pub(super) fn is_namespace(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Namespace | SymbolKind::Module | SymbolKind::Package)
}

/// Whether what is defined so is seen in its file only.
fn is_private(file: &FileFacts, signature: &str) -> bool {
    is_c(file) && signature.starts_with("static ") || file.language == Language::Lua && signature.starts_with("local ")
}

/// Whether definitions of this kind may be tables into which functions are put.
fn is_table(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Field)
}

fn is_c(file: &FileFacts) -> bool {
    matches!(file.language, Language::C | Language::Cpp)
}
