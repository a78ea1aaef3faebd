//! Names behind a dot: members of types, their bases, what modules offer.

use std::collections::VecDeque;

use crate::facts::{DefinitionId, TYPE_AND, TYPE_OR, file_key};
use crate::kinds::{Confidence, Language, Role, SymbolKind};
use crate::store::StoreError;
use crate::terms::words;

use super::languages::directory;
use super::names::{Wanted, is_type};
use super::rules::Modules;
use super::values::{Found, Value};
use super::world::Sought;
use super::{FileFacts, Resolution, Resolver, Site, Symbol, languages};

/// Bases of bases that are looked through.
const ANCESTORS_MAX: usize = 64;

/// Words of a name from which on it says by itself what is meant.
const TELLING_WORDS: usize = 3;

/// What was found under a name in types.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    pub(super) symbols: Vec<Symbol>,
    /// A base lies outside of the index: there may be more.
    pub(super) is_open: bool,
}

impl Resolver<'_, '_> {
    /// What a name behind a receiver means, where it is called or not.
    pub(super) fn member(
        &self,
        site: Site<'_>,
        receiver: &str,
        name: &str,
        called: bool,
    ) -> Result<Resolution, StoreError> {
        let found = self.value(site, receiver)?;
        self.member_of_value(site, found, name, called)
    }

    /// What a name means behind something that stands for a value.
    pub(super) fn member_of_value(
        &self,
        site: Site<'_>,
        (value, confidence): Found,
        name: &str,
        called: bool,
    ) -> Result<Resolution, StoreError> {
        match value {
            Value::Several(values) => self.member_of_several(site, &values, name, called),
            Value::External => Ok(Resolution::external()),
            Value::Unknown => self.member_of_anything(site, name, called),
            Value::Given => Ok(self.member_of_anything(site, name, called)?.weakened(Confidence::Ambiguous)),
            Value::Modules(files) => {
                let found = self.in_modules(site, &files, name)?;
                if found.is_settled() {
                    return Ok(found.weakened(confidence));
                }
                let inner = self.submodules(&files, name)?;
                Ok(Resolution::of(inner.into_iter().map(super::Target::Module).collect(), confidence))
            }
            Value::Inner(module) => {
                Ok(self.offered(site, &[super::Target::Symbol(module)], name)?.weakened(confidence))
            }
            Value::Package(package) => {
                let found = self.in_package_named(site, &package, name)?;
                if found.is_settled() {
                    return Ok(found.weakened(confidence));
                }
                // Nothing of that package is known: it lies elsewhere. But a field of a base, or `it`, looks like a package too.
                match self.may_be_variable(site, &package) {
                    true => self.member_of_anything(site, name, called),
                    false => Ok(Resolution::external()),
                }
            }
            Value::Types(types) => {
                let members = self.members_of_any(&types, name, called)?;
                if !members.symbols.is_empty() {
                    return Ok(Resolution::symbols(members.symbols, confidence));
                }
                if self.rules(site.file).constructor_call == Some(name) {
                    return Ok(Resolution::symbols(self.constructed(&types)?, confidence));
                }
                // It may come from an extension or a macro, or from a base of which nothing is known. Where there is no such base, a method
                // of something from outside is not meant.
                let found = self.member_of_anything(site, name, called && members.is_open)?;
                Ok(if members.is_open { found.weakened(Confidence::Ambiguous) } else { found })
            }
        }
    }

    /// Whether what was taken for a package because nothing explains its first name may be a variable instead.
    fn may_be_variable(&self, site: Site<'_>, package: &str) -> bool {
        if !matches!(self.rules(site.file).modules, Modules::Names(_)) || package.starts_with(char::is_uppercase) {
            return false;
        }
        // Behind packages stand types.
        let has_type = package.split('.').any(|part| part.starts_with(char::is_uppercase));
        !(has_type && matches!(site.file.language, Language::Java | Language::Kotlin | Language::Scala))
    }

    /// A member of something of which nothing is known: the one of that name, if there is one and the name says anything. A method of
    /// that name may also be that of some type from outside, so it is certain only where something speaks for it.
    pub(super) fn member_of_anything(
        &self,
        site: Site<'_>,
        name: &str,
        called: bool,
    ) -> Result<Resolution, StoreError> {
        let found = self.candidates(site, name, Wanted::Member)?;
        let is_common = self.rules(site.file).common_members.contains(&name);
        let is_certain = !is_common && (!called || self.is_spoken_for(site.file, name, &found)?);
        Ok(if is_certain { found } else { found.weakened(Confidence::Ambiguous) })
    }

    /// Whether what has a name, and alone has it, is likely what is called by it somewhere: the file speaks of its type, imports from
    /// its module or lies beside it, or nobody else would choose such a name.
    fn is_spoken_for(&self, from: &FileFacts, name: &str, found: &Resolution) -> Result<bool, StoreError> {
        if is_telling(name) || matches!(from.language, Language::C) {
            return Ok(true);
        }
        for symbol in found.definitions() {
            let Some(file) = self.world.file_of(symbol)? else { continue };
            let (path, own) = (file.path(), from.path());
            if directory(&path) == directory(&own) {
                return Ok(true);
            }
            for module in [file_key(&path), file_key(directory(&path))] {
                if !module.is_empty() && self.world.imports(from.id(), module)? {
                    return Ok(true);
                }
            }
            let definition = &file.definitions[symbol.id as usize];
            let around = definition.container.map(|id| file.definitions[id as usize].name);
            for of in [definition.of, around].into_iter().flatten() {
                if self.world.has_name(from.id(), &self.world.text(&file, of)?)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What a label means: a member of the type whose it is.
    pub(super) fn label(&self, site: Site<'_>, owner: &str, name: &str) -> Result<Resolution, StoreError> {
        if owner.is_empty() {
            return Ok(Resolution::default());
        }
        let mut found = Resolution::default();
        for owner in owner.split([TYPE_AND, TYPE_OR]) {
            let here = self.label_of(site, owner, name)?;
            found = if found.targets.is_empty() { here } else { found.or_any_of(here) };
        }
        Ok(found)
    }

    fn label_of(&self, site: Site<'_>, owner: &str, name: &str) -> Result<Resolution, StoreError> {
        match self.value(site, owner)?.0 {
            Value::External => Ok(Resolution::external()),
            Value::Types(types) => {
                Ok(Resolution::symbols(self.members_of_any(&types, name, false)?.symbols, Confidence::Type))
            }
            Value::Several(values) => {
                let mut found = Resolution::default();
                for value in values {
                    let Value::Types(types) = value else { continue };
                    let members = self.members_of_any(&types, name, false)?.symbols;
                    found = found.or_any_of(Resolution::symbols(members, Confidence::Type));
                }
                Ok(found)
            }
            Value::Modules(_) | Value::Inner(_) | Value::Package(_) | Value::Given | Value::Unknown => {
                Ok(Resolution::default())
            }
        }
    }

    /// The members of a name that a type has, or what is another name for one, or something of a type that is known.
    pub(crate) fn members_through(&self, alias: Symbol, name: &str) -> Result<Vec<Symbol>, StoreError> {
        let Some(file) = self.world.file_of(alias)? else { return Ok(Vec::new()) };
        let definition = &file.definitions[alias.id as usize];
        let site = Site { file: &file, at: None, enclosing: definition.container, depth: 0 };
        let types = match definition.kind {
            kind if is_type(kind) => vec![alias],
            _ if definition.type_text.is_empty() => Vec::new(),
            _ => match self.type_of_text(site, &definition.type_text)?.0 {
                Value::Types(types) => types,
                _ => Vec::new(),
            },
        };
        Ok(self.members_of_any(&types, name, false)?.symbols)
    }

    /// The constructors of classes, of those that have none the class.
    pub(super) fn constructed(&self, types: &[Symbol]) -> Result<Vec<Symbol>, StoreError> {
        let mut constructed = Vec::new();
        for of in types {
            let constructors = self.constructors_of(*of)?;
            if constructors.is_empty() {
                constructed.push(*of);
            }
            constructed.extend(constructors);
        }
        Ok(constructed)
    }

    /// The class around a place, and for a block that only adds to a class the class itself.
    pub(super) fn class_around(&self, site: Site<'_>) -> Result<Option<Vec<Symbol>>, StoreError> {
        for (id, definition) in site.file.around(site.enclosing) {
            if is_type(definition.kind) || definition.of.is_some() {
                return self.owner_of(site.file, id).map(Some);
            }
            // A table or function that methods were put into.
            let is_method =
                matches!(definition.kind, SymbolKind::Method | SymbolKind::Constructor | SymbolKind::Property);
            if let Some(container) = definition.container.filter(|_| is_method) {
                return self.owner_of(site.file, container).map(Some);
            }
        }
        Ok(None)
    }

    /// The class that is made by calling a definition, if that is a constructor.
    pub(crate) fn constructed_by(&self, symbol: Symbol) -> Result<Option<Symbol>, StoreError> {
        let Some(file) = self.world.file_of(symbol)? else { return Ok(None) };
        let definition = &file.definitions[symbol.id as usize];
        let container = definition.container.filter(|_| definition.kind == SymbolKind::Constructor);
        Ok(container.map(|id| Symbol { file: symbol.file, id }))
    }

    /// By what a constructor, or that of a class, is called, where that is always the same.
    pub(crate) fn called_to_construct(&self, symbol: Symbol) -> Result<Option<&'static str>, StoreError> {
        let Some(file) = self.world.file_of(symbol)? else { return Ok(None) };
        let kind = file.definitions[symbol.id as usize].kind;
        let is_constructed = matches!(kind, SymbolKind::Class | SymbolKind::Constructor);
        Ok(self.rules(&file).constructor_call.filter(|_| is_constructed))
    }

    /// The constructors that stand in a class.
    pub(crate) fn constructors_of(&self, class: Symbol) -> Result<Vec<Symbol>, StoreError> {
        let Some(file) = self.world.file_of(class)? else { return Ok(Vec::new()) };
        let inside = file.definitions.iter().zip(0..).filter(|(definition, _)| definition.container == Some(class.id));
        let constructors = inside.filter(|(definition, _)| definition.kind == SymbolKind::Constructor);
        Ok(constructors.map(|(_, id)| Symbol { file: class.file, id }).collect())
    }

    /// The type that a definition is a part of: itself, or that whose name it bears.
    pub(crate) fn owner_of(&self, file: &FileFacts, id: DefinitionId) -> Result<Vec<Symbol>, StoreError> {
        let definition = &file.definitions[id as usize];
        let own = Symbol { file: file.id(), id };
        let name = match (definition.kind, definition.of) {
            (SymbolKind::Impl, _) => definition.name,
            (_, Some(of)) => of,
            _ => return Ok(vec![own]),
        };
        let name = self.world.text(file, name)?;
        let site = Site { file, at: None, enclosing: definition.container, depth: 0 };
        let types = self.world.seek(Sought::Owner, own, || self.name_of_file(site, &name, Role::Type))?;
        let types: Vec<Symbol> = types.unwrap_or_default().definitions().collect();
        Ok(if types.is_empty() { vec![own] } else { types })
    }

    /// Members of that name of any of these types or of their bases: those of the nearest that has some.
    pub(super) fn members_of_any(&self, types: &[Symbol], name: &str, called: bool) -> Result<Members, StoreError> {
        let key = (types.to_vec(), name.into(), called);
        self.world.memo.members.of_types(self.world, key, || self.find_members(types, name, called))
    }

    fn find_members(&self, types: &[Symbol], name: &str, called: bool) -> Result<Members, StoreError> {
        let mut queue: VecDeque<Symbol> = types.iter().copied().collect();
        let mut seen: Vec<Symbol> = Vec::new();
        let mut is_open = false;
        // Where something is of all of them, the member of each is meant.
        let mut own = Vec::new();
        for of in types.iter().filter(|_| types.len() > 1) {
            own.extend(self.own_members(*of, name, called)?);
        }
        own.sort_unstable();
        own.dedup();
        if !own.is_empty() {
            return Ok(Members { symbols: own, is_open });
        }
        while let Some(of) = queue.pop_front() {
            if seen.contains(&of) || seen.len() >= ANCESTORS_MAX {
                continue;
            }
            seen.push(of);
            let own = self.own_members(of, name, called)?;
            if !own.is_empty() {
                return Ok(Members { symbols: own, is_open });
            }
            let (bases, open) = self.bases_of(of)?;
            for base in &bases {
                // What is embedded is a member under the name of its type.
                if self.is_embedded(*base, name)? {
                    return Ok(Members { symbols: vec![*base], is_open });
                }
            }
            is_open |= open;
            queue.extend(bases);
        }
        Ok(Members { symbols: Vec::new(), is_open })
    }

    fn is_embedded(&self, base: Symbol, name: &str) -> Result<bool, StoreError> {
        let embeds = self.world.file_of(base)?.is_some_and(|file| self.rules(&file).embeds);
        Ok(embeds && *self.world.name(base)? == *name)
    }

    /// What a type defines under a name itself, in whatever files. Where a field and a method share the name, the method is what is
    /// called, and the field what is not.
    fn own_members(&self, of: Symbol, name: &str, called: bool) -> Result<Vec<Symbol>, StoreError> {
        let Some(home) = self.world.file_of(of)? else { return Ok(Vec::new()) };
        let inside = self.defined_in(&home, Some(of.id), name)?;
        let is_value = |symbol: &Symbol| is_value(home.definitions[symbol.id as usize].kind);
        let fitting: Vec<Symbol> = inside.iter().copied().filter(|symbol| is_value(symbol) != called).collect();
        let bodies = self.without_prototypes(if fitting.is_empty() { &inside } else { &fitting })?;
        // Methods may stand in another block than fields.
        let elsewhere = called && fitting.is_empty();
        if !bodies.is_empty() && !elsewhere {
            return Ok(bodies);
        }
        let of_companions = self.members_of_companions(&home, of, name)?;
        if !of_companions.is_empty() {
            return Ok(of_companions);
        }
        // Whatever adds to a type names it.
        let type_name = self.world.name(of)?;
        let mut found = Vec::new();
        for id in self.world.defining_files_with(name, &type_name)? {
            let Some(row) = self.world.row(id)? else { continue };
            let family = self.rules(&home).family;
            if !row.language.is_some_and(|other| family.contains(&other) && !languages::rules(other).is_whole) {
                continue;
            }
            let Some(file) = self.world.file(id)? else { continue };
            for symbol in self.world.defined_in_file(&file, name)? {
                if self.is_part_of(&file, symbol, of, &type_name)? {
                    found.push(symbol);
                }
            }
        }
        Ok(if found.is_empty() { inside } else { found })
    }

    /// Members of an object that accompanies a class (Kotlin), which are called as if they were the class's.
    fn members_of_companions(&self, home: &FileFacts, of: Symbol, name: &str) -> Result<Vec<Symbol>, StoreError> {
        let mut members = Vec::new();
        if home.language != Language::Kotlin {
            return Ok(members);
        }
        for (definition, id) in home.definitions.iter().zip(0..) {
            if definition.container == Some(of.id) && definition.signature.contains("companion object") {
                members.extend(self.defined_in(home, Some(id), name)?);
            }
        }
        Ok(members)
    }

    /// Whether a definition stands in a block that adds to a type: an impl, an extension, another part of a class, or by itself.
    fn is_part_of(&self, file: &FileFacts, symbol: Symbol, of: Symbol, type_name: &str) -> Result<bool, StoreError> {
        let definition = &file.definitions[symbol.id as usize];
        let block = match (definition.of, definition.container) {
            (Some(of_name), _) => (of_name, symbol.id),
            (None, Some(container)) if container != of.id || file.id() != of.file => {
                let around = &file.definitions[container as usize];
                let adds = around.kind == SymbolKind::Impl || self.rules(file).has_parts && is_type(around.kind);
                match adds {
                    true => (around.name, container),
                    false => return Ok(false),
                }
            }
            _ => return Ok(false),
        };
        if *self.world.text(file, block.0)? != *type_name {
            return Ok(false);
        }
        if file.definitions[block.1 as usize].kind != SymbolKind::Impl && definition.of.is_none() {
            // Parts of one class bear its whole name.
            let Some(home) = self.world.file_of(of)? else { return Ok(false) };
            return Ok(self.world.qualified(file, Some(block.1))? == self.world.qualified(&home, Some(of.id))?);
        }
        Ok(self.owner_of(file, block.1)?.contains(&of))
    }

    /// The direct bases of any of these types; whether one lies outside of the index.
    pub(super) fn bases_of_any(&self, types: &[Symbol]) -> Result<(Vec<Symbol>, bool), StoreError> {
        let (mut all, mut is_open) = (Vec::new(), false);
        for of in types {
            let (bases, open) = self.bases_of(*of)?;
            all.extend(bases);
            is_open |= open;
        }
        Ok((all, is_open))
    }

    /// The direct bases of a type, also those that blocks elsewhere give it; whether one lies outside of the index.
    pub(crate) fn bases_of(&self, of: Symbol) -> Result<(Vec<Symbol>, bool), StoreError> {
        self.world.memo.bases.of_types(self.world, of, || {
            Ok(self.world.seek(Sought::Bases, of, || self.find_bases(of))?.unwrap_or((Vec::new(), true)))
        })
    }

    fn find_bases(&self, of: Symbol) -> Result<(Vec<Symbol>, bool), StoreError> {
        let Some(home) = self.world.file_of(of)? else { return Ok((Vec::new(), false)) };
        let (mut bases, mut is_open) = self.bases_in(&home, of.id, of)?;
        let name = self.world.name(of)?;
        for id in self.world.defining_files(&name)? {
            let Some(row) = self.world.row(id)? else { continue };
            if !row.language.is_some_and(|language| languages::rules(language).adds_bases()) {
                continue;
            }
            let Some(file) = self.world.file(id)? else { continue };
            for block in self.world.defined_in_file(&file, &name)? {
                let definition = &file.definitions[block.id as usize];
                let adds =
                    definition.kind == SymbolKind::Impl || self.rules(&file).has_parts && is_type(definition.kind);
                if block == of || !adds || definition.bases.is_empty() || !self.owner_of(&file, block.id)?.contains(&of)
                {
                    continue;
                }
                let (more, open) = self.bases_in(&file, block.id, of)?;
                bases.extend(more);
                is_open |= open;
            }
        }
        Ok((bases, is_open))
    }

    fn bases_in(&self, file: &FileFacts, id: DefinitionId, of: Symbol) -> Result<(Vec<Symbol>, bool), StoreError> {
        let definition = &file.definitions[id as usize];
        let site = Site { file, at: None, enclosing: definition.container, depth: 0 };
        let (mut bases, mut is_open) = (Vec::new(), false);
        for base in &definition.bases {
            match self.named_type(site, base)? {
                Some(types) if !types.is_empty() => bases.extend(types.into_iter().filter(|base| *base != of)),
                Some(_) | None => is_open = true,
            }
        }
        Ok((bases, is_open))
    }
}

/// Whether members of this kind hold something.
fn is_value(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Field | SymbolKind::Property | SymbolKind::Constant | SymbolKind::Variable)
}

/// Whether a name is one that two projects hardly both have: of several words.
fn is_telling(name: &str) -> bool {
    words(name).filter(|word| word.chars().nth(1).is_some()).count() >= TELLING_WORDS
}
