//! Which project a request is about.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_core::project::{Resolution, RootError, canonical, check_root, resolve};
use vigie_proto::{Bytes, Failure, Target};

use super::{Call, path_of};
use crate::actors::storage::Roots;
use crate::convert::failures::{self, Advice};

impl Call {
    /// The registered root that answers, or a `NOT_INDEXED` that names the root it would be.
    pub(super) async fn resolve(&self, target: &Target) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        if let Some(root) = self.resolved.root_of(target, &roots) {
            return Ok(root);
        }
        let (path, project) = (path_of(&target.path), path_of(&target.project));
        let (home, known) = (self.services.about.home.clone(), roots.clone());
        let root = self.blocking(move || registered(&path, &project, &known, home.as_deref())).await??;
        self.resolved.keep(target, roots, &root);
        Ok(root)
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

/// How long a path is taken to lie where it lay: to look costs several times what a short answer does.
const RESOLVED_KEPT: Duration = Duration::from_secs(1);

/// Which project the last request of a connection was about: the next one is about the same, as a rule.
#[derive(Debug, Default)]
pub(in crate::actors::session) struct Resolved(RefCell<Option<Last>>);

#[derive(Debug)]
struct Last {
    target: Target,
    roots: Arc<BTreeSet<PathBuf>>,
    root: PathBuf,
    since: Instant,
}

impl Resolved {
    /// The root of the same target, looked up a moment ago among the same roots.
    fn root_of(&self, target: &Target, roots: &Arc<BTreeSet<PathBuf>>) -> Option<PathBuf> {
        let last = self.0.borrow();
        let last = last.as_ref().filter(|last| last.since.elapsed() < RESOLVED_KEPT)?;
        (last.target == *target && Arc::ptr_eq(&last.roots, roots)).then(|| last.root.clone())
    }

    fn keep(&self, target: &Target, roots: Arc<BTreeSet<PathBuf>>, root: &Path) {
        let last = Last { target: target.clone(), roots, root: root.to_path_buf(), since: Instant::now() };
        self.0.replace(Some(last));
    }
}

fn absolute(path: &Path, roots: &BTreeSet<PathBuf>) -> Result<PathBuf, Failure> {
    if !path.is_absolute() {
        return Err(failures::bad_argument(format!("\"{}\" is not an absolute path", path.display())));
    }
    canonical(path).map_err(|e| match e {
        RootError::Missing(_) if roots.contains(path) => failures::gone(&e),
        _ => failures::root(&e),
    })
}

fn registered(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, home: Option<&Path>) -> Result<PathBuf, Failure> {
    let is_override = !project.as_os_str().is_empty();
    let wanted = absolute(if is_override { project } else { path }, roots)?;
    if is_override && roots.contains(&wanted) {
        return Ok(wanted);
    }
    if is_override && wanted.is_file() {
        let around = match resolve(&wanted, |dir| roots.contains(dir)) {
            Resolution::Registered(root) => Some(root),
            Resolution::Marked(_) | Resolution::Nowhere => None,
        };
        return Err(failures::file_as_root(&wanted, around.as_deref()));
    }
    let marked = match resolve(&wanted, |dir| !is_override && roots.contains(dir)) {
        Resolution::Registered(root) => return Ok(root),
        Resolution::Marked(root) => Some(root),
        Resolution::Nowhere => None,
    };
    Err(failures::not_indexed(&wanted, advice(&wanted, marked, is_override, home)))
}

fn advice(wanted: &Path, marked: Option<PathBuf>, is_override: bool, home: Option<&Path>) -> Advice {
    let may_be_indexed = |root: &Path| check_root(root, home);
    match (marked, may_be_indexed(wanted)) {
        (Some(root), _) if may_be_indexed(&root).is_ok() && (!is_override || root == wanted) => Advice::Project(root),
        (_, Ok(())) if is_override => Advice::Exactly(wanted.to_path_buf()),
        // Above it is a marked root that would be refused, and found again.
        (Some(_), Ok(())) => Advice::Exactly(wanted.to_path_buf()),
        (None, Ok(())) => Advice::Directory(wanted.to_path_buf()),
        (_, Err(RootError::NotADirectory(_))) => Advice::Around,
        (_, Err(_)) => Advice::Inside,
    }
}

fn indexable(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, home: Option<&Path>) -> Result<PathBuf, Failure> {
    let root = if project.as_os_str().is_empty() {
        let path = absolute(path, roots)?;
        check_directory(&path)?;
        match resolve(&path, |dir| roots.contains(dir)) {
            Resolution::Registered(root) | Resolution::Marked(root) => root,
            Resolution::Nowhere => path,
        }
    } else {
        absolute(project, roots)?
    };
    check_root(&root, home).map_err(|e| failures::root(&e))?;
    Ok(root)
}

/// A file inside a project is refused too: whoever names one to be indexed means something that will not happen.
fn check_directory(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    Err(failures::root(&RootError::NotADirectory(path.to_path_buf())))
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
    fn a_path_is_looked_up_again_when_it_is_another_or_the_roots_are() {
        let roots = Arc::new(BTreeSet::from([PathBuf::from("/a")]));
        let target = |path: &str| Target { path: Bytes::from(path), ..Target::default() };
        let resolved = Resolved::default();
        assert_eq!(resolved.root_of(&target("/a/b"), &roots), None);
        resolved.keep(&target("/a/b"), roots.clone(), Path::new("/a"));
        assert_eq!(resolved.root_of(&target("/a/b"), &roots), Some(PathBuf::from("/a")));
        assert_eq!(resolved.root_of(&target("/a/c"), &roots), None);
        assert_eq!(resolved.root_of(&target("/a/b"), &Arc::new((*roots).clone())), None, "one may have come between");
        if let Some(last) = resolved.0.borrow_mut().as_mut() {
            last.since -= RESOLVED_KEPT;
        }
        assert_eq!(resolved.root_of(&target("/a/b"), &roots), None);
    }

    #[test]
    fn nobody_is_sent_to_be_refused() {
        let tree = tree();
        let hint = |path: &Path, project: &str| {
            let project = if project.is_empty() { PathBuf::new() } else { tree.root.join(project) };
            registered(path, &project, &tree.roots, Some(&tree.root)).unwrap_err().hint
        };
        let plain = tree.root.join("plain");
        assert_eq!(hint(&plain, NONE), format!("index it: vigie index {}", plain.display()));
        assert_eq!(hint(&plain, "plain"), format!("index it: vigie index --project {}", plain.display()));
        for refused in [tree.root.as_path(), Path::new("/"), Path::new("/proc/self")] {
            assert!(hint(refused, NONE).starts_with("name a project inside it"), "{}", refused.display());
        }
        let of_file = hint(&plain.join("file"), NONE);
        assert!(of_file.contains("--project ROOT") && !of_file.contains("vigie index"), "{of_file}");
        assert!(hint(&plain, "marked/deep").contains("--project"), "not the project above it");
    }

    #[test]
    fn a_project_that_was_removed_is_said_to_be_gone() {
        let mut tree = tree();
        tree.roots.insert(tree.root.join("removed"));
        let hint = |path: &str| registered(&tree.root.join(path), Path::new(NONE), &tree.roots, None).unwrap_err().hint;
        assert_eq!(hint("removed"), "it was indexed, but is gone");
        assert_eq!(hint("never"), "check the spelling");
    }

    #[test]
    fn an_override_is_taken_at_its_word() {
        let tree = tree();
        let ask = |project: &str| registered(Path::new("/"), &tree.root.join(project), &tree.roots, None);
        assert_eq!(ask("known").unwrap(), tree.root.join("known"));
        assert!(ask("known/sub").unwrap_err().root.is_empty(), "not the project above it");
        std::fs::write(tree.root.join("known/file"), "").unwrap();
        let of_file = ask("known/file").unwrap_err();
        assert_eq!(of_file.code, ErrorCode::NOT_A_DIRECTORY);
        assert!(
            of_file.hint.ends_with(&format!("--project {}", tree.root.join("known").display())),
            "{}",
            of_file.hint
        );
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
