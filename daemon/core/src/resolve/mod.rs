//! What a name means: resolution across files, when a question asks, from one snapshot. Nothing of it is stored, so an incremental
//! index answers as a clean one does. Every answer says by what it was found; where several things may be meant, all are named and
//! none is chosen.
//!
//! A name without anything before it is looked for in the scopes around it, then in its file, its imports, its package, and, where a
//! language has one namespace for all files, anywhere. A name behind a dot is looked for in what stands before the dot: the class
//! around, a module, or the type of a variable where that is written. What languages do each in their own way stands in `languages`.

mod arity;
mod imports;
mod languages;
mod members;
mod memo;
mod names;
mod nested;
mod parameters;
mod receivers;
mod rules;
mod several;
mod values;
mod world;

use crate::facts::{Binding, DefinitionId, Import, RECEIVER_UNKNOWN, Reference, ReferenceId, owner_of_label};
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::store::{FileId, StoreError};

pub(crate) use languages::package_names;
use names::Wanted;
use rules::Rules;
pub(crate) use world::{FileFacts, Symbol, World};

/// Candidates of an ambiguous name that are named; how many there are in all is told too.
pub(crate) const CANDIDATES_MAX: usize = 16;
/// Files that may define a name and are looked at before it counts as ambiguous whatever they hold.
const FILES_MAX: usize = 64;
/// Steps from a name over imports, aliases and types to what it means.
const DEPTH_MAX: u32 = 12;

/// What a name may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A definition.
    Symbol(Symbol),
    /// A local variable or parameter of this file, declared by this reference.
    Local(FileId, Binding),
    /// A module that is a file.
    Module(FileId),
}

impl Target {
    /// The file of a module.
    fn module(&self) -> Option<FileId> {
        match self {
            Target::Module(file) => Some(*file),
            Target::Symbol(_) | Target::Local(..) => None,
        }
    }
}

/// What was found for a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolution {
    /// What is meant, or may be; overloads and partial definitions of one thing are several.
    pub(crate) targets: Vec<Target>,
    /// By what; `None` = nothing was found.
    pub(crate) confidence: Option<Confidence>,
    /// It comes from outside of the index: nothing here is meant.
    pub(crate) external: bool,
    /// How many candidates there are, where they are more than are named.
    pub(crate) total: usize,
    /// What those are that are not named, if all are the same: members, or what is none.
    pub(crate) unnamed: Option<Wanted>,
}

impl Resolution {
    fn of(targets: Vec<Target>, confidence: Confidence) -> Resolution {
        let total = targets.len();
        if targets.is_empty() {
            Resolution::default()
        } else {
            Resolution { targets, confidence: Some(confidence), external: false, total, unnamed: None }
        }
    }

    /// A definition where it stands.
    pub(crate) fn itself(symbol: Symbol) -> Resolution {
        Resolution::symbols(vec![symbol], Confidence::Scope)
    }

    fn symbols(symbols: Vec<Symbol>, confidence: Confidence) -> Resolution {
        Resolution::of(symbols.into_iter().map(Target::Symbol).collect(), confidence)
    }

    fn external() -> Resolution {
        Resolution { external: true, ..Resolution::default() }
    }

    fn is_settled(&self) -> bool {
        self.external || !self.targets.is_empty()
    }

    /// The definitions among the targets.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = Symbol> {
        self.targets.iter().filter_map(|target| match target {
            Target::Symbol(symbol) => Some(*symbol),
            Target::Local(..) | Target::Module(_) => None,
        })
    }

    /// The modules among the targets that are files.
    fn modules(&self) -> impl Iterator<Item = FileId> {
        self.targets.iter().filter_map(Target::module)
    }

    /// Whether something of a file, or the file itself, is meant, or may be.
    pub(crate) fn is_in(&self, file: FileId) -> bool {
        self.targets.iter().any(|target| match target {
            Target::Symbol(symbol) => symbol.file == file,
            Target::Local(of, _) | Target::Module(of) => *of == file,
        })
    }

    /// Whether a definition may be one of the candidates that are not named.
    pub(crate) fn may_be_unnamed(&self, world: &World<'_>, symbol: Symbol) -> Result<bool, StoreError> {
        if !self.is_ambiguous() || self.total <= self.targets.len() {
            return Ok(false);
        }
        let (Some(unnamed), Some(file)) = (self.unnamed, world.file_of(symbol)?) else { return Ok(true) };
        Ok(unnamed.fits(&file, symbol.id))
    }

    /// Whether it is not said which of the targets is meant.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.confidence == Some(Confidence::Ambiguous)
    }

    /// What two ways of finding give that are equally good: where they differ, it is not said which is meant.
    pub(crate) fn or_any_of(mut self, other: Resolution) -> Resolution {
        if self.targets.is_empty() {
            return other;
        }
        self.unnamed = self.unnamed.filter(|own| other.targets.is_empty() || other.unnamed == Some(*own));
        let own = self.targets.len();
        for target in other.targets {
            if !self.targets.contains(&target) {
                self.targets.push(target);
            }
        }
        if self.targets.len() > own {
            self.total = self.total.max(self.targets.len());
            self.confidence = Some(Confidence::Ambiguous);
            self.targets.truncate(CANDIDATES_MAX);
        }
        self
    }

    /// What is meant by two names of which both are meant.
    fn and(mut self, other: Resolution) -> Resolution {
        if self.targets.is_empty() {
            return Resolution { external: false, ..other };
        }
        for target in other.targets {
            if !self.targets.contains(&target) {
                self.targets.push(target);
                self.total += 1;
            }
        }
        self.confidence = self.confidence.max(other.confidence);
        self
    }

    /// The same found by less.
    fn weakened(self, confidence: Confidence) -> Resolution {
        Resolution { confidence: self.confidence.map(|own| own.max(confidence)), ..self }
    }
}

/// Where a name stands.
#[derive(Clone, Copy)]
struct Site<'f> {
    file: &'f FileFacts,
    /// The reference, or for what a binding says of its type the one that declares it.
    at: Option<ReferenceId>,
    /// The innermost definition around.
    enclosing: Option<DefinitionId>,
    depth: u32,
}

impl Site<'_> {
    /// One step further; `None` = too many.
    fn deeper(self) -> Option<Self> {
        (self.depth < DEPTH_MAX).then_some(Site { depth: self.depth + 1, ..self })
    }
}

/// Resolves names in one world.
pub(crate) struct Resolver<'w, 'a> {
    pub(crate) world: &'w World<'a>,
}

impl<'w, 'a> Resolver<'w, 'a> {
    pub(crate) fn new(world: &'w World<'a>) -> Resolver<'w, 'a> {
        Resolver { world }
    }

    /// What a reference means.
    pub(crate) fn reference(&self, file: &FileFacts, id: ReferenceId) -> Result<Resolution, StoreError> {
        let found = self.by_name(file, id)?;
        self.fitting(file, id, found)
    }

    /// The same for whoever changes what is called: calls that give other arguments may be those that the change breaks, and stay.
    pub(crate) fn reference_to_change(&self, file: &FileFacts, id: ReferenceId) -> Result<Resolution, StoreError> {
        let found = self.by_name(file, id)?;
        let fits = self.fitting(file, id, found.clone())?.targets.len() == found.targets.len();
        Ok(if fits { found } else { found.weakened(Confidence::Ambiguous) })
    }

    /// What a reference means, whatever arguments are given.
    fn by_name(&self, file: &FileFacts, id: ReferenceId) -> Result<Resolution, StoreError> {
        let occurrences = self.world.occurrences(file)?;
        let Some(reference) = occurrences.references.get(id as usize) else { return Ok(Resolution::default()) };
        let name = self.world.text(file, reference.name)?;
        let site = Site { file, at: Some(id), enclosing: reference.enclosing, depth: 0 };
        let found = match occurrences.receiver(reference) {
            _ if reference.role == Role::Import => self.imported_name(site, &name, reference)?,
            None => self.bare_name(site, &name, reference.role)?,
            Some(RECEIVER_UNKNOWN) => self.member_of_anything(site, &name, reference.role == Role::Call)?,
            Some(receiver) => match owner_of_label(receiver) {
                Some(owner) => self.label(site, owner, &name)?,
                None => self.member(site, receiver, &name, reference.role == Role::Call)?,
            },
        };
        self.as_called(found, reference)
    }

    /// What an import of a file means.
    pub(crate) fn import_of(&self, file: &FileFacts, import: &Import) -> Result<Resolution, StoreError> {
        self.import(Site { file, at: None, enclosing: import.enclosing, depth: 0 }, import)
    }

    /// What a base of a definition means.
    pub(crate) fn base(&self, file: &FileFacts, of: DefinitionId, base: &str) -> Result<Resolution, StoreError> {
        let enclosing = file.definitions.get(of as usize).and_then(|definition| definition.container);
        self.type_path(Site { file, at: None, enclosing, depth: 0 }, base)
    }

    /// Calling a class is calling its constructor, where that has the name of the class; the class is what people mean.
    fn as_called(&self, found: Resolution, reference: &Reference) -> Result<Resolution, StoreError> {
        if reference.role != Role::Call || found.targets.len() < 2 {
            return Ok(found);
        }
        let mut classes = Vec::new();
        for symbol in found.definitions() {
            if self.world.kind(symbol)?.is_some_and(|kind| kind != SymbolKind::Constructor) {
                classes.push(Target::Symbol(symbol));
            }
        }
        let is_mixed = !classes.is_empty() && classes.len() < found.targets.len();
        Ok(if is_mixed { Resolution { targets: classes, ..found } } else { found })
    }

    fn rules(&self, file: &FileFacts) -> &'static Rules {
        languages::rules(file.language)
    }
}
