//! Other names under which something is spoken of: imports give them, and pass them on.

use std::collections::BTreeSet;

use crate::facts::{Import, NameUses, file_key, module_key};
use crate::resolve::{FileFacts, Resolution, Resolver, World};
use crate::store::{FileId, StoreError};

/// Most names that are looked for; what takes more is no way to speak of one thing.
const NAMES_MAX: usize = 64;
/// By this name a module of JavaScript offers one thing, to which whoever imports it gives a name.
const DEFAULT: &str = "default";

/// A name and every other that some import gives to what bears it, in whatever file.
pub(super) fn known_as(world: &World<'_>, name: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::from([name.to_owned()]);
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        for id in files(world, &name, NameUses::RENAMES)? {
            let Some(file) = world.file(id)? else { continue };
            for import in renaming(&file, &name) {
                let aliases =
                    if import.alias == DEFAULT { names_of_default(world, &file)? } else { vec![import.alias.clone()] };
                for alias in aliases {
                    if names.len() < NAMES_MAX && names.insert(alias.clone()) {
                        open.push(alias);
                    }
                }
            }
        }
    }
    Ok(names)
}

/// The imports of a file that give what bears a name another.
pub(super) fn renaming<'f>(file: &'f FileFacts, name: &str) -> impl Iterator<Item = &'f Import> {
    file.imports
        .iter()
        .filter(move |import| !import.alias.is_empty() && import.alias != name && import.own_name() == name)
}

/// What imports mean by a name that they alone give. Nothing defines it; what is meant may be several things, of which all are named.
pub(super) fn meant_by_imports(world: &World<'_>, name: &str) -> Result<Resolution, StoreError> {
    let mut all = Resolution::default();
    let mut is_external = false;
    for id in files(world, name, NameUses::IMPORTS)? {
        let Some(file) = world.file(id)? else { continue };
        for import in file.imports.iter().filter(|import| import.brings(name)) {
            let found = Resolver::new(world).import_of(&file, import)?;
            is_external |= found.external;
            all = all.or_any_of(found);
        }
    }
    Ok(Resolution { external: is_external && all.targets.is_empty(), ..all })
}

/// What a name that imports alone give may be called where it is defined.
pub(super) fn named_by_imports(world: &World<'_>, name: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if !world.defining_files(&name)?.is_empty() {
            continue;
        }
        for id in files(world, &name, NameUses::IMPORTS)? {
            let Some(file) = world.file(id)? else { continue };
            for import in file.imports.iter().filter(|import| import.brings(&name) && import.own_name() != DEFAULT) {
                if names.len() < NAMES_MAX && names.insert(import.own_name().to_owned()) {
                    open.push(import.own_name().to_owned());
                }
            }
        }
    }
    Ok(names)
}

/// What other files call that which a file offers by default.
fn names_of_default(world: &World<'_>, offering: &FileFacts) -> Result<Vec<String>, StoreError> {
    let path = offering.path();
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut names = Vec::new();
    for key in [file_key(&path), file_key(directory)] {
        for id in files(world, key, NameUses::IMPORTS)? {
            let Some(file) = world.file(id)? else { continue };
            names.extend(
                renaming(&file, DEFAULT)
                    .filter(|import| module_key(&import.module) == key)
                    .map(|import| import.alias.clone()),
            );
        }
    }
    Ok(names)
}

fn files(world: &World<'_>, name: &str, uses: NameUses) -> Result<Vec<FileId>, StoreError> {
    Ok(world.hits(name)?.iter().filter(|hit| hit.uses.has(uses)).map(|hit| hit.file).collect())
}
