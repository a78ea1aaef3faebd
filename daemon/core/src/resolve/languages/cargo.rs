//! Cargo's layout: which crate a Rust file belongs to, and which module of it the file is. Manifests say it; what they leave open
//! follows from where files lie, as it does for Cargo.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::kinds::{Language, SymbolKind};
use crate::store::{FileId, StoreError};

use super::super::{FileFacts, World};
use super::manifests::{above, has_key, settings};
use super::paths::{directory, first_file, join, normal, shared, upwards};

const MANIFEST: &str = "Cargo.toml";

/// Directories whose files and directories are crates of their own.
const TARGETS: [&str; 3] = ["tests", "examples", "benches"];

/// Tables of a manifest that describe a crate.
const TABLES: [&str; 5] = ["lib", "bin", "test", "example", "bench"];

/// What was found of crates, kept for the next name: manifests name hundreds of tests.
#[derive(Default)]
pub(in crate::resolve) struct Crates {
    places: RefCell<HashMap<String, Rc<Place>>>,
    named: RefCell<HashMap<Sought, Option<Rc<Crate>>>>,
}

/// The name of a crate and the directory from which it is looked for.
type Sought = (String, String);

/// A crate, by its modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crate {
    /// Where its modules lie.
    pub(super) directory: String,
    /// Which files may be its root, the likeliest first.
    roots: Vec<String>,
}

/// Where a file stands.
pub(in crate::resolve) struct Place {
    pub(super) within: Crate,
    /// The path of its own module in the crate; empty for the root.
    pub(super) module: Vec<String>,
}

impl Crate {
    fn conventional(directory: String) -> Crate {
        let roots = ["lib.rs", "main.rs"].map(|file| join(&directory, file)).into();
        Crate { directory, roots }
    }

    /// The root file; of several the one that declares a module at its top.
    pub(super) fn root(&self, world: &World<'_>, module: Option<&String>) -> Result<Vec<FileId>, StoreError> {
        if let (Some(module), true) = (module, self.roots.len() > 1) {
            for path in &self.roots {
                if let Some(id) = world.file_at(path)?
                    && declares(world, id, module)?
                {
                    return Ok(vec![id]);
                }
            }
        }
        first_file(world, self.roots.iter().cloned())
    }

    /// Where a file of the crate stands in it.
    fn place(self, path: &str) -> Place {
        let is_root = self.roots.iter().any(|root| root == path);
        let below = path.strip_prefix(&self.directory).unwrap_or(path).trim_start_matches('/');
        let mut module: Vec<String> = below.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if is_root {
            module.clear();
        } else if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        Place { within: self, module }
    }
}

/// Where a file stands in its crate.
pub(super) fn place(world: &World<'_>, path: &str) -> Result<Rc<Place>, StoreError> {
    if let Some(known) = world.crates.places.borrow().get(path) {
        return Ok(Rc::clone(known));
    }
    let place = Rc::new(find_place(world, path)?);
    world.crates.places.borrow_mut().insert(path.to_owned(), Rc::clone(&place));
    Ok(place)
}

fn find_place(world: &World<'_>, path: &str) -> Result<Place, StoreError> {
    let (package, explicit) = match above(world, path, MANIFEST)? {
        Some(package) => (package, explicit_roots(world, package)?),
        None => (package_by_layout(path), Vec::new()),
    };
    let is_root = path == join(package, "build.rs") || explicit.iter().any(|root| root == path);
    if is_root {
        return Ok(alone(path));
    }
    let below = path.strip_prefix(package).unwrap_or(path).trim_start_matches('/');
    let (first, rest) = below.split_once('/').unwrap_or(("", below));
    let inside = join(package, first);
    match first {
        "src" if rest.starts_with("bin/") && !is_module(world, &join(&inside, "bin"))? => {
            target(world, &join(&inside, "bin"), path)
        }
        "src" => {
            let mut own = Crate::conventional(inside);
            own.roots.extend(explicit.into_iter().filter(|root| directory(root) == own.directory));
            Ok(own.place(path))
        }
        first if TARGETS.contains(&first) && !is_module(world, &inside)? => target(world, &inside, path),
        _ => beside_a_root(world, package, explicit, path),
    }
}

/// The crate of that name: its manifest says `name = "…"`. Where copies of it stand side by side, the nearest to a directory.
pub(super) fn named(world: &World<'_>, name: &str, from: &str) -> Result<Option<Rc<Crate>>, StoreError> {
    let key = (name.to_owned(), from.to_owned());
    if let Some(known) = world.crates.named.borrow().get(&key) {
        return Ok(known.clone());
    }
    let found = find_named(world, name, from)?.map(Rc::new);
    world.crates.named.borrow_mut().insert(key, found.clone());
    Ok(found)
}

/// The names under which other crates know the one whose root a file is.
pub(super) fn crate_names(world: &World<'_>, file: &FileFacts) -> Result<Vec<String>, StoreError> {
    let path = file.path();
    let is_root = place(world, &path)?.module.is_empty();
    let Some(package) = above(world, &path, MANIFEST)?.filter(|_| is_root) else { return Ok(Vec::new()) };
    let Some(manifest) = world.file_at(&join(package, MANIFEST))? else { return Ok(Vec::new()) };
    let names = settings(world, manifest, "name", &["package", "lib"])?;
    Ok(names.iter().map(|name| name.replace('-', "_")).collect())
}

/// Whether a file is of a package whose manifest names the first edition, or none.
pub(super) fn is_of_2015(world: &World<'_>, path: &str) -> Result<bool, StoreError> {
    let Some(package) = above(world, path, MANIFEST)? else { return Ok(false) };
    let Some(manifest) = world.file_at(&join(package, MANIFEST))? else { return Ok(false) };
    let package = ["package"];
    if has_key(world, manifest, "edition", &package)? {
        return Ok(settings(world, manifest, "edition", &package)?.iter().any(|edition| edition == "2015"));
    }
    Ok(has_key(world, manifest, "name", &package)? && !has_key(world, manifest, "edition.workspace", &package)?)
}

fn find_named(world: &World<'_>, name: &str, from: &str) -> Result<Option<Crate>, StoreError> {
    let mut nearest: Option<String> = None;
    for id in world.defining_files("package")? {
        let Some(row) = world.row(id)?.filter(|row| row.language == Some(Language::Toml)) else { continue };
        let path = String::from_utf8_lossy(&row.path);
        let is_manifest = path.rsplit('/').next() == Some(MANIFEST);
        let is_nearer = |old: &String| shared(directory(&path), from) > shared(old, from);
        if is_manifest
            && settings(world, id, "name", &["package", "lib"])?.iter().any(|own| own.replace('-', "_") == name)
            && nearest.as_ref().is_none_or(is_nearer)
        {
            nearest = Some(directory(&path).to_owned());
        }
    }
    let Some(package) = nearest else { return Ok(None) };
    let library = settings_at(world, &package, &["lib"])?.into_iter().next();
    if let Some(root) = library {
        return Ok(Some(Crate { directory: directory(&root).to_owned(), roots: vec![root] }));
    }
    let usual = Crate::conventional(join(&package, "src"));
    let is_there = !usual.root(world, None)?.is_empty();
    Ok(Some(if is_there { usual } else { Crate::conventional(package) }))
}

/// Where no manifest is known: the directory above the last that has a name Cargo knows.
fn package_by_layout(path: &str) -> &str {
    let is_known = |above: &&str| {
        let name = above.rsplit('/').next().unwrap_or(above);
        name == "src" || TARGETS.contains(&name)
    };
    upwards(directory(path)).find(is_known).map_or_else(|| directory(path), directory)
}

/// The root files that the manifest of a package names.
fn explicit_roots(world: &World<'_>, package: &str) -> Result<Vec<String>, StoreError> {
    settings_at(world, package, &TABLES)
}

/// The paths that tables of the manifest in a directory name, relative to the project.
fn settings_at(world: &World<'_>, package: &str, tables: &[&str]) -> Result<Vec<String>, StoreError> {
    let Some(manifest) = world.file_at(&join(package, MANIFEST))? else { return Ok(Vec::new()) };
    let paths = settings(world, manifest, "path", tables)?;
    Ok(paths.iter().filter_map(|path| normal(&join(package, path))).collect())
}

/// A file that is the root of its own crate.
fn alone(path: &str) -> Place {
    let within = Crate { directory: directory(path).to_owned(), roots: vec![path.to_owned()] };
    Place { within, module: Vec::new() }
}

/// A file somewhere in a directory of crates: one for each file in it and for each directory with a `main.rs`; other directories
/// hold modules of those files that declare them.
fn target(world: &World<'_>, targets: &str, path: &str) -> Result<Place, StoreError> {
    let below = path.strip_prefix(targets).unwrap_or(path).trim_start_matches('/');
    let (first, is_file) = match below.split_once('/') {
        Some((first, _)) => (first, false),
        None => (below.trim_end_matches(".rs"), true),
    };
    let own = join(targets, first);
    if !is_file && world.file_at(&join(&own, "main.rs"))?.is_some() {
        return Ok(Crate { roots: vec![join(&own, "main.rs")], directory: own }.place(path));
    }
    let mut roots = declaring(world, targets, first)?;
    roots.retain(|root| root != path);
    match (roots.as_slice(), is_file) {
        ([], true) => Ok(alone(path)),
        ([], false) => Ok(Crate { directory: targets.to_owned(), roots: vec![format!("{own}.rs")] }.place(path)),
        // Which of several is compiled cannot be told: none is the root.
        ([_, _, ..], _) => Ok(Crate { directory: targets.to_owned(), roots: Vec::new() }.place(path)),
        ([_], _) => Ok(Crate { directory: targets.to_owned(), roots }.place(path)),
    }
}

/// A file outside of the directories that Cargo knows: a module of the nearest root above, else a crate of its own.
fn beside_a_root(world: &World<'_>, package: &str, explicit: Vec<String>, path: &str) -> Result<Place, StoreError> {
    for above in upwards(directory(path)).take_while(|above| above.len() >= package.len()) {
        let mut own = Crate::conventional(above.to_owned());
        let named = explicit.iter().filter(|root| directory(root) == above);
        own.roots.splice(0..0, named.cloned());
        if !own.root(world, None)?.is_empty() {
            return Ok(own.place(path));
        }
    }
    Ok(alone(path))
}

/// Whether a directory is a module that has a file.
fn is_module(world: &World<'_>, directory: &str) -> Result<bool, StoreError> {
    let files = first_file(world, [format!("{directory}.rs"), join(directory, "mod.rs")])?;
    Ok(!files.is_empty())
}

/// The files directly in a directory that declare a module.
fn declaring(world: &World<'_>, directory: &str, module: &str) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for id in world.defining_files(module)? {
        let Some(row) = world.row(id)? else { continue };
        let path = String::from_utf8_lossy(&row.path);
        if self::directory(&path) == directory && declares(world, id, module)? {
            found.push(path.into_owned());
        }
    }
    Ok(found)
}

fn declares(world: &World<'_>, file: FileId, module: &str) -> Result<bool, StoreError> {
    let Some(file) = world.file(file)?.filter(|file| file.language == Language::Rust) else { return Ok(false) };
    let defined = world.defined_in_file(&file, module)?;
    Ok(defined
        .iter()
        .map(|symbol| &file.definitions[symbol.id as usize])
        .any(|definition| definition.kind == SymbolKind::Module && definition.container.is_none()))
}
