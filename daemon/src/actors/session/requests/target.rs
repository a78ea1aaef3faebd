//! Which project a request is about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_core::project::{Resolution, canonical, check_root, resolve};
use vigie_proto::{Bytes, Failure, Target};

use super::{Call, path_of};
use crate::actors::storage::Roots;
use crate::convert::failures;

impl Call {
    /// The registered root that answers, or a `NOT_INDEXED` that names the root it would be.
    pub(super) async fn resolve(&self, target: &Target) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        let (path, project) = (path_of(&target.path), path_of(&target.project));
        let home = self.services.about.home.clone();
        self.blocking(move || registered(&path, &project, &roots, home.as_deref())).await?
    }

    /// The root to index for a request: checked, but perhaps not registered yet.
    pub(super) async fn root_to_index(&self, path: &Bytes, project: &Bytes) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        let (path, project) = (path_of(path), path_of(project));
        let home = self.services.about.home.clone();
        self.blocking(move || indexable(&path, &project, &roots, home.as_deref())).await?
    }

    async fn roots(&self) -> Result<Arc<BTreeSet<PathBuf>>, Failure> {
        self.services.storage.send(Roots).await.map_err(|_| failures::unavailable())
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_absolute() {
        return Err(failures::bad_argument(format!("\"{}\" is not an absolute path", path.display())));
    }
    canonical(path).map_err(|e| failures::root(&e))
}

fn registered(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, home: Option<&Path>) -> Result<PathBuf, Failure> {
    let is_override = !project.as_os_str().is_empty();
    let wanted = absolute(if is_override { project } else { path })?;
    if is_override && roots.contains(&wanted) {
        return Ok(wanted);
    }
    let marked = match resolve(&wanted, |dir| !is_override && roots.contains(dir)) {
        Resolution::Registered(root) => return Ok(root),
        Resolution::Marked(root) => Some(root),
        Resolution::Nowhere => None,
    };
    let marked = marked.filter(|root| check_root(root, home).is_ok() && (!is_override || *root == wanted));
    Err(failures::not_indexed(&wanted, marked))
}

fn indexable(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, home: Option<&Path>) -> Result<PathBuf, Failure> {
    let root = if project.as_os_str().is_empty() {
        let path = absolute(path)?;
        check_directory(&path)?;
        match resolve(&path, |dir| roots.contains(dir)) {
            Resolution::Registered(root) | Resolution::Marked(root) => root,
            Resolution::Nowhere => path,
        }
    } else {
        absolute(project)?
    };
    check_root(&root, home).map_err(|e| failures::root(&e))?;
    Ok(root)
}

/// A file inside a project is refused too: whoever names one to be indexed means something that will not happen.
fn check_directory(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    Err(failures::root(&vigie_core::project::RootError::NotADirectory(path.to_path_buf())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::ErrorCode;

    struct Tree {
        _dir: tempfile::TempDir,
        root: PathBuf,
        roots: BTreeSet<PathBuf>,
    }

    fn tree() -> Tree {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["known/sub", "marked/.git", "marked/deep", "plain"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::fs::write(root.join("plain/file"), "").unwrap();
        let roots = BTreeSet::from([root.join("known")]);
        Tree { _dir: dir, root, roots }
    }

    const NONE: &str = "";

    #[test]
    fn the_nearest_registered_root_answers() {
        let tree = tree();
        let ask = |path: &str| registered(&tree.root.join(path), Path::new(NONE), &tree.roots, None);
        assert_eq!(ask("known/sub").unwrap(), tree.root.join("known"));
        let failure = ask("marked/deep").unwrap_err();
        assert_eq!(failure.code, ErrorCode::NOT_INDEXED);
        assert_eq!(path_of(&failure.root), tree.root.join("marked"));
        assert!(ask("plain").unwrap_err().root.is_empty());
        assert_eq!(ask("gone").unwrap_err().code, ErrorCode::NO_SUCH_PATH);
    }

    #[test]
    fn an_override_is_taken_at_its_word() {
        let tree = tree();
        let ask = |project: &str| registered(Path::new("/"), &tree.root.join(project), &tree.roots, None);
        assert_eq!(ask("known").unwrap(), tree.root.join("known"));
        assert!(ask("known/sub").unwrap_err().root.is_empty(), "not the project above it");
        assert_eq!(path_of(&ask("marked").unwrap_err().root), tree.root.join("marked"));
    }

    #[test]
    fn what_is_indexed_is_the_project_around_the_path() {
        let tree = tree();
        let ask = |path: &str| indexable(&tree.root.join(path), Path::new(NONE), &tree.roots, None);
        assert_eq!(ask("known/sub").unwrap(), tree.root.join("known"));
        assert_eq!(ask("marked/deep").unwrap(), tree.root.join("marked"));
        assert_eq!(ask("plain").unwrap(), tree.root.join("plain"));
        assert_eq!(ask("plain/file").unwrap_err().code, ErrorCode::NOT_A_DIRECTORY);
        let home = indexable(&tree.root.join("plain"), Path::new(NONE), &tree.roots, Some(&tree.root.join("plain")));
        assert_eq!(home.unwrap_err().code, ErrorCode::ROOT_REFUSED);
        assert_eq!(
            indexable(Path::new("x"), Path::new(NONE), &tree.roots, None).unwrap_err().code,
            ErrorCode::BAD_ARGUMENT
        );
    }
}
