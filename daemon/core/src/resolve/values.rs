//! What a path stands for: the class around, a module, or the type of a variable, a field or a result, where that is written.

use crate::facts::{Binding, ReferenceId, TYPE_AND, TYPE_OF_VALUE, TYPE_OR};
use crate::kinds::{Confidence, Language, Role, SymbolKind};
use crate::store::{FileId, StoreError};

use super::names::{is_namespace, is_type};
use super::receivers::IT;
use super::rules::Modules;
use super::several::any_of;
use super::{FileFacts, Resolution, Resolver, Site, Symbol, Target};

/// What a path stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Something of one of these types, or the type itself.
    Types(Vec<Symbol>),
    /// One of these files.
    Modules(Vec<FileId>),
    /// A module that stands in a file.
    Inner(Symbol),
    /// Whatever files say they belong to this package or namespace, joined by dots.
    Package(String),
    /// One of these; none of them is `Several` itself.
    Several(Vec<Value>),
    /// Something from outside of the index.
    External,
    /// What something from outside gives: it may be anything.
    Given,
    /// It cannot be told.
    Unknown,
}

/// A value, and by what it was found.
pub(super) type Found = (Value, Confidence);

/// What paths of C# begin with that begin at no namespace.
const GLOBAL: &str = "global::";

const UNKNOWN: Found = (Value::Unknown, Confidence::Ambiguous);

/// One part of a path, without what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'p> {
    pub(super) name: &'p str,
    /// It is called.
    called: bool,
    /// It is indexed.
    indexed: bool,
}

/// The parts of a path.
pub(super) fn parts(path: &str) -> Vec<Part<'_>> {
    let split = path.split(['.', '\\', ':']).flat_map(|part| part.split("->")).filter(|part| !part.is_empty());
    let part = |text: &'_ str| {
        let name = text.trim_end_matches(['(', ')', '[', ']']);
        (name.len(), text[name.len()..].contains('('), text[name.len()..].contains('['))
    };
    split
        .map(|text| {
            let (length, called, indexed) = part(text);
            Part { name: &text[..length], called, indexed }
        })
        .collect()
}

impl Resolver<'_, '_> {
    /// What a path stands for at a place.
    pub(super) fn value(&self, site: Site<'_>, path: &str) -> Result<Found, StoreError> {
        let Some(site) = site.deeper() else { return Ok(UNKNOWN) };
        let path = path.strip_prefix(GLOBAL).unwrap_or(path);
        let parts = parts(path);
        let Some((first, rest)) = parts.split_first() else { return Ok(UNKNOWN) };
        let (mut found, consumed) = match self.own_module_value(site, path, &parts)? {
            Some((value, consumed)) => ((value, Confidence::Import), consumed - 1),
            None => match self.first_value(site, *first)? {
                Some(found) => (found, 0),
                None => self.unexplained_value(site, path, &parts)?,
            },
        };
        for part in rest.iter().skip(consumed) {
            found = self.next_value(site, found, *part)?;
        }
        Ok(found)
    }

    /// What a path stands for whose head is no name of the file: a module or package, or something from outside.
    fn unexplained_value(&self, site: Site<'_>, path: &str, parts: &[Part<'_>]) -> Result<(Found, usize), StoreError> {
        let found = self.module_value(site, path, parts)?;
        if found.0.0 != Value::Unknown {
            return Ok(found);
        }
        let (rules, head) = (self.rules(site.file), parts[0]);
        let is_defined = rules.is_global && !self.world.defining_files(head.name)?.is_empty();
        let is_clear = rules.foreign_heads.contains(&head.name)
            || !rules.has_hidden_names
            || head.name.starts_with(char::is_uppercase)
            || path.contains("::");
        if is_defined || !is_clear || self.is_of_anything(site.file, head.name) {
            return Ok((UNKNOWN, 0));
        }
        let value = if head.called || head.indexed { Value::Given } else { Value::External };
        Ok(((value, Confidence::Import), 0))
    }

    /// What the head of a path stands for, if a name of the file or of the scopes around explains it.
    fn first_value(&self, site: Site<'_>, part: Part<'_>) -> Result<Option<Found>, StoreError> {
        let rules = self.rules(site.file);
        let name = part.name;
        if rules.selves.contains(&name) || rules.classes.contains(&name) {
            // A parameter that is only called so is what it is said to be.
            let typed = self.binding(site, name)?.filter(|binding| binding.type_text.is_some());
            if typed.is_none() {
                if let Some(found) = self.block_receiver(site, false)? {
                    return Ok(Some(found));
                }
                let class = self.class_around(site)?;
                return Ok(Some(class.map_or(UNKNOWN, |class| (Value::Types(class), Confidence::Scope))));
            }
        }
        if rules.supers.contains(&name) {
            let Some(class) = self.class_around(site)? else { return Ok(Some(UNKNOWN)) };
            let (bases, is_open) = self.bases_of_any(&class)?;
            let value = if bases.is_empty() && is_open { Value::External } else { Value::Types(bases) };
            return Ok(Some((value, Confidence::Scope)));
        }
        if let Some(binding) = self.binding_of_value(site, name)? {
            let occurrences = self.world.occurrences(site.file)?;
            let text = occurrences.text(binding.type_text).filter(|_| !part.indexed);
            let Some(text) = text else { return Ok(Some(UNKNOWN)) };
            let declared = Site { at: Some(binding.at), ..site };
            let (value, _) = self.type_of_text(declared, text)?;
            return Ok(Some((value, Confidence::Type)));
        }
        let found = self.name_of_file(site, name, Role::Read)?;
        if !found.is_settled() {
            return if name == IT { self.block_receiver(site, true) } else { Ok(None) };
        }
        if found.external
            && let Some(package) = self.imported_package(site, name)
        {
            return Ok(Some((Value::Package(package), Confidence::Import)));
        }
        self.value_of(site, &found, part).map(Some)
    }

    /// The package or namespace that an import of a file may name; what is in it shows when it is asked for.
    fn imported_package(&self, site: Site<'_>, name: &str) -> Option<String> {
        let may_be = self.rules(site.file).has_relative_packages;
        let import = site.file.imports.iter().find(|import| may_be && import.name != "*" && import.brings(name))?;
        let parts = [import.module.as_str(), import.name.as_str()].into_iter().filter(|part| !part.is_empty());
        Some(parts.collect::<Vec<_>>().join(".").replace('\\', "."))
    }

    /// The local variable that a name means in a value; in that of a variable of the same name an earlier one.
    fn binding_of_value(&self, site: Site<'_>, name: &str) -> Result<Option<Binding>, StoreError> {
        let binding = self.binding(site, name)?;
        match (site.at, &binding) {
            (Some(at), Some(own)) if own.at == at => {
                let Some(name) = self.world.name_id(site.file, name)? else { return Ok(None) };
                let occurrences = self.world.occurrences(site.file)?;
                Ok(site.file.locals(occurrences).before(occurrences, name, at).copied())
            }
            _ => Ok(binding),
        }
    }

    /// A path that begins with a module or package and not with a name of the file: how many further parts belong to it.
    fn module_value(&self, site: Site<'_>, path: &str, parts: &[Part<'_>]) -> Result<(Found, usize), StoreError> {
        let rules = self.rules(site.file);
        match rules.modules {
            Modules::Files(_) => {
                let text = |count: usize| parts[..count].iter().map(|part| part.name).collect::<Vec<_>>().join(".");
                for count in (1..=parts.len()).rev() {
                    let files = self.module_files(site.file, &text(count))?;
                    if !files.is_empty() {
                        return Ok(((Value::Modules(files), Confidence::Import), count - 1));
                    }
                }
                Ok((UNKNOWN, 0))
            }
            // Whether there is such a package shows when something of it is asked for.
            Modules::Names(_) => {
                let is_package = parts[0].name.starts_with(char::is_lowercase)
                    || path.contains('\\')
                    || self.begins_package(site, parts[0].name)?
                    || self.is_namespace_somewhere(parts[0].name)?;
                let value =
                    if is_package && !parts[0].called { Value::Package(parts[0].name.into()) } else { Value::Unknown };
                Ok(((value, Confidence::Import), 0))
            }
            Modules::Directories(_) | Modules::None => {
                let is_namespace = self.is_namespace_somewhere(parts[0].name)?;
                let value = if is_namespace { Value::Package(parts[0].name.into()) } else { Value::Unknown };
                Ok(((value, Confidence::Unique), 0))
            }
        }
    }

    /// Whether a name begins that of the package around or of one that is imported, where packages may be named without importing.
    fn begins_package(&self, site: Site<'_>, name: &str) -> Result<bool, StoreError> {
        let begins = |package: &str| package.split(['.', '\\']).next() == Some(name);
        Ok(self.rules(site.file).has_relative_packages
            && (begins(&self.package_around(site)?) || site.file.imports.iter().any(|import| begins(&import.module))))
    }

    fn is_namespace_somewhere(&self, name: &str) -> Result<bool, StoreError> {
        for id in self.world.defining_files(name)?.into_iter().take(super::FILES_MAX) {
            let Some(file) = self.world.file(id)? else { continue };
            let defined = self.world.defined_in_file(&file, name)?;
            if defined.iter().any(|symbol| is_namespace(file.definitions[symbol.id as usize].kind)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn next_value(&self, site: Site<'_>, (value, confidence): Found, part: Part<'_>) -> Result<Found, StoreError> {
        let next = match &value {
            Value::External if part.called || part.indexed => return Ok((Value::Given, confidence)),
            Value::External => return Ok((Value::External, confidence)),
            Value::Given => return Ok((Value::Given, confidence)),
            Value::Unknown => return Ok(UNKNOWN),
            Value::Several(values) => {
                let mut next = Vec::new();
                for value in values {
                    next.push(self.next_value(site, (value.clone(), confidence), part)?.0);
                }
                return Ok((any_of(next), confidence));
            }
            // `Outer.this`
            Value::Types(_) if self.rules(site.file).selves.contains(&part.name) => return Ok((value, confidence)),
            Value::Types(types) => {
                let members = self.members_of_any(types, part.name, part.called)?;
                if members.symbols.is_empty() && self.rules(site.file).constructor_call == Some(part.name) {
                    return Ok((value, confidence));
                }
                if members.symbols.is_empty() && self.rules(site.file).returns_itself.contains(&part.name) {
                    return Ok((value, confidence));
                }
                let confidence = if confidence == Confidence::Scope { Confidence::Type } else { confidence };
                Resolution::symbols(members.symbols, confidence)
            }
            Value::Modules(files) => {
                let found = self.in_modules(site, files, part.name)?;
                if found.targets.is_empty() {
                    let inner = self.submodules(files, part.name)?;
                    return Ok(if inner.is_empty() { UNKNOWN } else { (Value::Modules(inner), confidence) });
                }
                found
            }
            Value::Inner(module) => self.offered(site, &[Target::Symbol(*module)], part.name)?,
            Value::Package(package) => {
                let found = self.in_package_named(site, package, part.name)?;
                if found.targets.is_empty() && part.called && site.file.language == Language::Php {
                    return Ok((Value::Given, confidence));
                }
                if found.targets.is_empty() {
                    return Ok((Value::Package(format!("{package}.{}", part.name)), confidence));
                }
                found
            }
        };
        let found = self.value_of(site, &next, part)?;
        Ok((found.0, found.1.max(confidence)))
    }

    /// What a resolved name stands for: a type for itself, a variable for its type, a call for its result.
    fn value_of(&self, site: Site<'_>, found: &Resolution, part: Part<'_>) -> Result<Found, StoreError> {
        if found.external {
            let value = if part.called || part.indexed { Value::Given } else { Value::External };
            return Ok((value, Confidence::Import));
        }
        let (Some(confidence), false) = (found.confidence, found.is_ambiguous() || part.indexed) else {
            return Ok(UNKNOWN);
        };
        let modules: Vec<FileId> = found.modules().collect();
        if !modules.is_empty() {
            return Ok((Value::Modules(modules), confidence));
        }
        let mut types = Vec::new();
        for symbol in found.definitions() {
            let Some(file) = self.world.file_of(symbol)? else { continue };
            let definition = &file.definitions[symbol.id as usize];
            let is_of_body = has_result(definition.kind) && definition.type_text.starts_with(TYPE_OF_VALUE);
            let at = if is_of_body { self.last_inside(&file, symbol)? } else { None };
            let inside = Site { file: &file, at, enclosing: Some(symbol.id), depth: site.depth };
            match definition.kind {
                kind if is_type(kind) => types.push(symbol),
                SymbolKind::Module if definition.declaration => return self.declared_module(&file, symbol),
                SymbolKind::Module if self.rules(&file).nests_modules => return Ok((Value::Inner(symbol), confidence)),
                kind if is_namespace(kind) => {
                    return Ok((Value::Package(self.world.qualified(&file, Some(symbol.id))?), confidence));
                }
                // It is of the type in which it stands.
                SymbolKind::Variant => {
                    types.push(symbol);
                    types.extend(definition.container.map(|id| Symbol { file: symbol.file, id }));
                }
                // Members of a table or of a function that constructs.
                _ if definition.type_text.is_empty() => types.push(symbol),
                kind if has_result(kind) && !part.called => return Ok(UNKNOWN),
                _ => match self.type_of_text(inside, &definition.type_text)? {
                    (Value::Types(of_text), _) => types.extend(of_text),
                    other => return Ok(other),
                },
            }
        }
        types.dedup();
        Ok(if types.is_empty() { UNKNOWN } else { (Value::Types(types), confidence) })
    }

    /// The last reference in a function: there its parameters are seen.
    fn last_inside(&self, file: &FileFacts, function: Symbol) -> Result<Option<ReferenceId>, StoreError> {
        let references = &self.world.occurrences(file)?.references;
        let last = references.iter().rposition(|reference| reference.enclosing == Some(function.id));
        Ok(last.map(|last| last as ReferenceId))
    }

    /// `mod name;` stands for a file.
    fn declared_module(&self, file: &FileFacts, symbol: Symbol) -> Result<Found, StoreError> {
        let name = self.world.qualified(file, Some(symbol.id))?;
        let files = self.module_files(file, &format!("self.{name}"))?;
        Ok(if files.is_empty() { UNKNOWN } else { (Value::Modules(files), Confidence::Import) })
    }

    /// The type that facts write for something declared at a place.
    pub(super) fn type_of_text(&self, site: Site<'_>, text: &str) -> Result<Found, StoreError> {
        let Some(site) = site.deeper() else { return Ok(UNKNOWN) };
        if text.contains(TYPE_OR) {
            return self.types_of_text(site, text);
        }
        if let Some(path) = text.strip_prefix(TYPE_OF_VALUE) {
            return self.value(site, path);
        }
        let types = self.named_type(site, text)?;
        match types {
            None if self.is_of_anything(site.file, text) => Ok(UNKNOWN),
            // To a type from outside methods may be added.
            None if self.rules(site.file).extends_foreign => Ok((Value::Given, Confidence::Type)),
            None => Ok((Value::External, Confidence::Type)),
            Some(types) if types.is_empty() => Ok(UNKNOWN),
            Some(types) => Ok((Value::Types(types), Confidence::Type)),
        }
    }

    /// The types that a path of a type names at a place; `None` = one from outside of the index.
    pub(super) fn named_type(&self, site: Site<'_>, path: &str) -> Result<Option<Vec<Symbol>>, StoreError> {
        let Some(site) = site.deeper() else { return Ok(Some(Vec::new())) };
        if path.contains(TYPE_AND) {
            let mut all = None;
            for path in path.split(TYPE_AND) {
                if let Some(types) = self.named_type(site, path)? {
                    all.get_or_insert_with(Vec::new).extend(types);
                }
            }
            return Ok(all);
        }
        let found = self.type_path(site, path)?;
        if found.external {
            return Ok(None);
        }
        let mut types = Vec::new();
        for symbol in found.definitions().filter(|_| !found.is_ambiguous()) {
            let Some(file) = self.world.file_of(symbol)? else { continue };
            let definition = &file.definitions[symbol.id as usize];
            match definition.kind {
                kind if is_type(kind) => types.push(symbol),
                // Another name for a type, unless it is a type of its own with members.
                SymbolKind::Type => {
                    let inside = Site { file: &file, at: None, enclosing: definition.container, depth: site.depth };
                    // Of several none is meant before the others.
                    let aliased = if definition.type_text.is_empty() || definition.type_text.contains(TYPE_OR) {
                        None
                    } else {
                        self.named_type(inside, &definition.type_text)?
                    };
                    types.push(symbol);
                    types.extend(aliased.into_iter().flatten());
                }
                _ => types.push(symbol),
            }
        }
        Ok(Some(types))
    }

    /// What a path of a type means at a place; a type parameter means whatever it is given.
    pub(super) fn type_path(&self, site: Site<'_>, path: &str) -> Result<Resolution, StoreError> {
        let path = path.strip_prefix(GLOBAL).unwrap_or(path);
        let all = parts(path);
        let Some((last, before)) = all.split_last() else { return Ok(Resolution::default()) };
        if !before.is_empty() {
            let prefix = &path[..path.len() - last.name.len()];
            // What separates stays: `self::` is no `self`.
            let (value, confidence) = self.value(site, prefix.trim_end_matches(['\\', '>', '-']))?;
            if let Value::Package(package) = &value {
                let found = self.in_package_named(site, package, last.name)?;
                let is_here = found.is_settled();
                return Ok(if is_here { found.weakened(confidence) } else { Resolution::external() });
            }
            return self.member_of_value(site, (value, confidence), last.name, false);
        }
        if self.rules(site.file).classes.contains(&last.name) {
            let class = self.class_around(site)?.unwrap_or_default();
            return Ok(Resolution::symbols(class, Confidence::Scope));
        }
        if let Some(local) = self.local_type(site, last.name)? {
            return Ok(local);
        }
        let found = self.name_of_file(site, last.name, Role::Type)?;
        // What is written as a type and is none of ours is one of the language's own.
        Ok(if found.is_settled() { found } else { Resolution::external() })
    }
}

/// Whether calling definitions of this kind gives a result, whose type is theirs.
fn has_result(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Function | SymbolKind::Method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fall_into_parts() {
        let names = |path| parts(path).iter().map(|part| (part.name, part.called, part.indexed)).collect::<Vec<_>>();
        assert_eq!(
            names("a::b.c->d"),
            [("a", false, false), ("b", false, false), ("c", false, false), ("d", false, false)]
        );
        assert_eq!(names("make().parts[]"), [("make", true, false), ("parts", false, true)]);
        assert_eq!(names("@.pool"), [("@", false, false), ("pool", false, false)]);
        assert_eq!(names("App\\Models"), [("App", false, false), ("Models", false, false)]);
        assert_eq!(names(""), []);
    }
}
