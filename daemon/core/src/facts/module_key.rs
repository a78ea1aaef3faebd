//! By which part of its text a module is found again.

/// The part of a module's text by which whoever imports it is found: its last component without extensions (`path` of `os.path`,
/// `stdio` of `sys/stdio.h`), or a dot if it has no other.
pub fn module_key(module: &str) -> &str {
    // In a path a dot begins an extension; elsewhere it separates packages.
    if module.contains('/') || is_source_extension(module) {
        return file_key(module.trim_end_matches('/'));
    }
    let is_separator = |c| matches!(c, '.' | ':' | '\\');
    match module.trim_end_matches(is_separator).rsplit(is_separator).next() {
        Some(last) if !last.is_empty() => last,
        _ => ".",
    }
}

/// The same of a file's path: its name up to the first dot.
pub fn file_key(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.split('.').next() {
        Some(stem) if !stem.is_empty() => stem,
        _ => ".",
    }
}

fn is_source_extension(file: &str) -> bool {
    const EXTENSIONS: [&str; 20] = [
        "h", "hh", "hpp", "hxx", "c", "cc", "cpp", "js", "mjs", "cjs", "jsx", "ts", "tsx", "json", "php", "rb", "sh",
        "lua", "dart", "css",
    ];
    file.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_without_extension() {
        for (module, key) in [
            ("os.path", "path"),
            ("std::fs", "fs"),
            ("sys/stdio.h", "stdio"),
            ("stdio.h", "stdio"),
            ("./util", "util"),
            ("./util.js", "util"),
            ("../a/b.test.ts", "b"),
            ("./b.test", "b"),
            ("./dir/", "dir"),
            ("github.com/a/b.v2", "b"),
            ("App\\Models\\User", "User"),
            ("requests", "requests"),
            (".", "."),
            ("..pkg", "pkg"),
            ("../..", "."),
            ("", "."),
        ] {
            assert_eq!(module_key(module), key, "{module}");
        }
    }
}
