//! What manifests say, of Cargo and of Node alike: what a key is set to. Read from the outlines that the index has of them, so that an
//! answer is of one state; what keys in them mean says who asks.

use std::rc::Rc;

use crate::facts::{Definition, DefinitionId};
use crate::store::{FileId, StoreError};

use super::super::{FileFacts, World};
use super::paths::{directory, join, upwards};

/// The directory of the nearest manifest of that name at or above that of a path.
pub(super) fn above<'p>(world: &World<'_>, path: &'p str, name: &str) -> Result<Option<&'p str>, StoreError> {
    for above in upwards(directory(path)) {
        if world.file_at(&join(above, name))?.is_some() {
            return Ok(Some(above));
        }
    }
    Ok(None)
}

/// The texts that a key of a manifest is set to in some tables, `""` for its top.
pub(super) fn settings(
    world: &World<'_>,
    manifest: FileId,
    key: &str,
    tables: &[&str],
) -> Result<Vec<String>, StoreError> {
    let Some(file) = world.file(manifest)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for symbol in world.defined_in_file(&file, key)? {
        let definition = &file.definitions[symbol.id as usize];
        if tables.contains(&world.container(&file, definition)?.as_str()) {
            found.extend(texts(definition));
        }
    }
    Ok(found)
}

/// Whether a manifest has a key in one of some tables.
pub(super) fn has_key(world: &World<'_>, manifest: FileId, key: &str, tables: &[&str]) -> Result<bool, StoreError> {
    let Some(file) = world.file(manifest)? else { return Ok(false) };
    for symbol in world.defined_in_file(&file, key)? {
        if tables.contains(&world.container(&file, &file.definitions[symbol.id as usize])?.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A key of a manifest with the keys in it.
pub(super) struct Setting {
    file: Rc<FileFacts>,
    id: DefinitionId,
}

impl Setting {
    /// A key at the top.
    pub(super) fn at_top(world: &World<'_>, manifest: FileId, key: &str) -> Result<Option<Setting>, StoreError> {
        let Some(file) = world.file(manifest)? else { return Ok(None) };
        let defined = world.defined_in_file(&file, key)?;
        let id = defined.iter().map(|symbol| symbol.id).find(|id| file.definitions[*id as usize].container.is_none());
        Ok(id.map(|id| Setting { file, id }))
    }

    /// The keys in it, in order.
    pub(super) fn inner(&self, world: &World<'_>) -> Result<Vec<(Rc<str>, Setting)>, StoreError> {
        let inside = self.file.definitions.iter().zip(0..).filter(|(inner, _)| inner.container == Some(self.id));
        let named = |(inner, id): (&Definition, DefinitionId)| {
            Ok((world.text(&self.file, inner.name)?, Setting { file: Rc::clone(&self.file), id }))
        };
        inside.map(named).collect()
    }

    /// The texts it is set to.
    pub(super) fn texts(&self) -> Vec<String> {
        texts(&self.file.definitions[self.id as usize])
    }
}

/// The texts in the value that follows a key on its line: one, or a list of them. Strings of TOML in double quotes are JSON's but for
/// marks that no path and no name has.
fn texts(definition: &Definition) -> Vec<String> {
    let line = definition.signature.as_str();
    // A key in quotes may hold what separates.
    let after_key = match line.strip_prefix('"').and_then(|line| line.split_once('"')) {
        Some((_, rest)) => rest,
        None => line.trim_start_matches(|c| !matches!(c, '=' | ':')),
    };
    let value = after_key.trim_start().trim_start_matches(['=', ':']).trim_start();
    if let Some((literal, _)) = value.strip_prefix('\'').and_then(|value| value.split_once('\'')) {
        return vec![literal.to_owned()];
    }
    match serde_json::Deserializer::from_str(value).into_iter().next() {
        Some(Ok(serde_json::Value::String(text))) => vec![text],
        Some(Ok(serde_json::Value::Array(items))) => {
            items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Position;
    use crate::kinds::SymbolKind;

    #[test]
    fn texts_follow_a_key() {
        for (line, expected) in [
            (r#""main": "./a.js","#, vec!["./a.js"]),
            (r#""./a:b": "x\u002fy" }"#, vec!["x/y"]),
            (r#""exports": ["./a.js", { "b": "c" }, "./d.js"],"#, vec!["./a.js", "./d.js"]),
            (r#""exports": {"#, vec![]),
            (r#""private": true,"#, vec![]),
            (r#"name = "tool-box" # "no""#, vec!["tool-box"]),
            (r"path = 'src/a.rs'", vec!["src/a.rs"]),
            (r#"members = ["a", "b"]"#, vec!["a", "b"]),
            ("name", vec![]),
        ] {
            let definition = Definition {
                name: 0,
                kind: SymbolKind::Element,
                declaration: false,
                position: Position::default(),
                start_line: 1,
                end_line: 1,
                container: None,
                of: None,
                signature: line.into(),
                doc: String::new(),
                type_text: String::new(),
                bases: Vec::new(),
                text_hash: 0,
            };
            assert_eq!(texts(&definition), expected, "{line}");
        }
    }
}
