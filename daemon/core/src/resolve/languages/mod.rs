//! One small resolver a language: how names, modules and packages work in it.

mod c;
mod cargo;
mod csharp;
mod dart;
mod go;
mod javascript;
mod jvm;
mod lua;
mod manifests;
mod namespaces;
mod outline;
mod paths;
mod php;
mod python;
mod ruby;
mod rust;
mod shell;
mod swift;

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

pub(super) use cargo::Crates;
pub(super) use paths::directory;

use super::rules::Rules;
use super::{FileFacts, World};

/// How names work in a language.
pub(super) fn rules(language: Language) -> &'static Rules {
    match language {
        Language::Rust => &rust::RULES,
        Language::Python => &python::RULES,
        Language::C | Language::Cpp => &c::RULES,
        Language::JavaScript => &javascript::JAVASCRIPT,
        Language::TypeScript | Language::Tsx => &javascript::TYPESCRIPT,
        Language::Go => &go::RULES,
        Language::Java => &jvm::JAVA,
        Language::Kotlin => &jvm::KOTLIN,
        Language::Scala => &jvm::SCALA,
        Language::Swift => &swift::RULES,
        Language::Dart => &dart::RULES,
        Language::CSharp => &csharp::RULES,
        Language::Ruby => &ruby::RULES,
        Language::Php => &php::RULES,
        Language::Bash => &shell::RULES,
        Language::Lua => &lua::RULES,
        Language::Json | Language::Toml | Language::Yaml | Language::Markdown => &outline::RULES,
    }
}

/// The files of a module below a module that is a file.
pub(super) fn submodule(world: &World<'_>, of: &FileFacts, name: &str) -> Result<Vec<FileId>, StoreError> {
    match of.language {
        Language::Rust => rust::submodule(world, of, name),
        Language::Python => python::submodule(world, of, name),
        _ => Ok(Vec::new()),
    }
}

/// Whether a file is of a crate of Rust whose paths begin as they did before 2018.
pub(super) fn is_of_2015(world: &World<'_>, file: &FileFacts) -> Result<bool, StoreError> {
    cargo::is_of_2015(world, &file.path())
}

/// The names of the packages as whose beginning a file may be imported, where manifests give them.
pub(crate) fn package_names(world: &World<'_>, file: &FileFacts) -> Result<Vec<String>, StoreError> {
    match file.language {
        Language::Rust => cargo::crate_names(world, file),
        Language::JavaScript | Language::TypeScript | Language::Tsx => javascript::package_names(world, file),
        _ => Ok(Vec::new()),
    }
}

/// The files of a text that names a file, in a language whose modules are none.
pub(super) fn included(world: &World<'_>, from: &FileFacts, text: &str) -> Result<Vec<FileId>, StoreError> {
    match from.language {
        Language::Php => php::included(world, from, text),
        _ => Ok(Vec::new()),
    }
}
