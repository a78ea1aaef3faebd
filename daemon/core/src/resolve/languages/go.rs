//! Go: the files of a directory are a package, and imports name directories.

use crate::kinds::Language;
use crate::store::{FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::directory;

pub(super) const RULES: Rules = Rules {
    family: &[Language::Go],
    modules: Modules::Directories(fit),
    shares_package,
    common_members: COMMON,
    anything: &["any"],
    embeds: true,
    ..PLAIN
};

/// Methods that types of the standard library have and others too.
const COMMON: &[&str] = &[
    "Add", "Bytes", "Close", "Done", "Err", "Error", "Flush", "Get", "Len", "Less", "Lock", "Name", "Next", "Printf",
    "Read", "Reset", "Set", "String", "Swap", "Unlock", "Value", "Wait", "Write",
];

/// How many components at the end a directory shares with an import: all of one of them, or nothing.
fn fit(path: &str, module: &str) -> usize {
    let directory = directory(path);
    let shared = directory.rsplit('/').zip(module.rsplit('/')).take_while(|(a, b)| a == b).count();
    let whole = |text: &str| text.split('/').count() == shared && !text.is_empty();
    if whole(directory) || whole(module) { shared } else { 0 }
}

fn shares_package(_: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    let path = String::from_utf8_lossy(&b.path);
    Ok(b.language == Some(Language::Go) && directory(&path) == directory(&a.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_fit_imports_by_their_end() {
        assert_eq!(fit("src/fmt/print.go", "fmt"), 1);
        assert_eq!(fit("staging/src/k8s.io/api/core/v1/types.go", "k8s.io/api/core/v1"), 4);
        assert_eq!(fit("pkg/api/types.go", "example.com/m/pkg/api"), 2);
        assert_eq!(fit("pkg/other/types.go", "example.com/m/pkg/api"), 0);
        assert_eq!(fit("other/api/types.go", "example.com/m/pkg/api"), 0);
        assert_eq!(fit("main.go", "fmt"), 0);
    }
}
