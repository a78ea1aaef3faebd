//! Which project a request is about.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_core::project::{Resolution, RootError, canonical, check_root, gathers_projects, resolve};
use vigie_proto::{Bytes, Failure, Target};

use super::{Call, path_of};
use crate::actors::storage::Roots;
use crate::config::RootsAllowed;
use crate::convert::failures::{self, Advice};

/// Which directories may be projects.
#[derive(Clone, Copy)]
struct Rules<'a> {
    home: Option<&'a Path>,
    roots_allowed: &'a RootsAllowed,
}

impl Rules<'_> {
    /// Whether a canonical path may be indexed.
    fn check(&self, root: &Path) -> Result<(), Failure> {
        check_root(root, self.home).map_err(|e| failures::root(&e))?;
        self.check_place(root)
    }

    /// Whether it lies where a project may.
    fn check_place(&self, root: &Path) -> Result<(), Failure> {
        self.roots_allowed.refusal(root).map_or(Ok(()), |place| Err(failures::outside(root, place)))
    }
}

impl Call {
    /// The registered root that answers, or a `NOT_INDEXED` that names the root it would be.
    pub(super) async fn resolve(&self, target: &Target) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        let allowed = Arc::clone(&self.services.about.live.values().roots_allowed);
        if let Some(root) = self.resolved.root_of(target, &roots, &allowed) {
            return Ok(root);
        }
        let root = self.look_up(target, &roots, Arc::clone(&allowed)).await?;
        self.resolved.keep(target, roots, allowed, &root);
        Ok(root)
    }

    /// The registered root that is meant, also if it lies where no project may any more: to say so, or to let go of it.
    pub(super) async fn known_root(&self, target: &Target) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        self.look_up(target, &roots, Arc::default()).await
    }

    async fn look_up(
        &self,
        target: &Target,
        roots: &Arc<BTreeSet<PathBuf>>,
        allowed: Arc<RootsAllowed>,
    ) -> Result<PathBuf, Failure> {
        let (path, project) = (path_of(&target.path), path_of(&target.project));
        let (about, known) = (Arc::clone(&self.services.about), Arc::clone(roots));
        let look = move || {
            let rules = Rules { home: about.home.as_deref(), roots_allowed: &allowed };
            let root = registered(&path, &project, &known, rules)?;
            rules.check_place(&root).map(|()| root)
        };
        self.blocking(look).await?
    }

    /// The root to index for a request: checked, but perhaps not registered yet.
    pub(super) async fn root_to_index(&self, path: &Bytes, project: &Bytes) -> Result<PathBuf, Failure> {
        let roots = self.roots().await?;
        let (path, project) = (path_of(path), path_of(project));
        let about = Arc::clone(&self.services.about);
        let look = move || {
            let rules = Rules { home: about.home.as_deref(), roots_allowed: &about.live.values().roots_allowed };
            indexable(&path, &project, &roots, rules)
        };
        self.blocking(look).await?
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
    allowed: Arc<RootsAllowed>,
    root: PathBuf,
    since: Instant,
}

impl Resolved {
    /// The root of the same target, looked up a moment ago among the same roots and under the same configuration.
    fn root_of(&self, target: &Target, roots: &Arc<BTreeSet<PathBuf>>, allowed: &Arc<RootsAllowed>) -> Option<PathBuf> {
        let last = self.0.borrow();
        let last = last.as_ref().filter(|last| last.since.elapsed() < RESOLVED_KEPT)?;
        let is_same = last.target == *target && Arc::ptr_eq(&last.roots, roots) && Arc::ptr_eq(&last.allowed, allowed);
        is_same.then(|| last.root.clone())
    }

    fn keep(&self, target: &Target, roots: Arc<BTreeSet<PathBuf>>, allowed: Arc<RootsAllowed>, root: &Path) {
        let last = Last { target: target.clone(), roots, allowed, root: root.to_path_buf(), since: Instant::now() };
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

fn registered(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, rules: Rules<'_>) -> Result<PathBuf, Failure> {
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
    let would_be = marked.as_deref().unwrap_or(&wanted);
    if check_root(would_be, rules.home).is_ok() {
        // That it may not be indexed where it lies matters more than that it is not.
        rules.check_place(would_be)?;
    }
    Err(failures::not_indexed(&wanted, advice(&wanted, marked, is_override, rules)))
}

fn advice(wanted: &Path, marked: Option<PathBuf>, is_override: bool, rules: Rules<'_>) -> Advice {
    let may_be_indexed = |root: &Path| check_root(root, rules.home);
    match (marked, may_be_indexed(wanted)) {
        (Some(root), _) if may_be_indexed(&root).is_ok() && (!is_override || root == wanted) => Advice::Project(root),
        (_, Ok(())) if is_override => Advice::Exactly(wanted.to_path_buf()),
        // Above it is a marked root that would be refused, and found again.
        (Some(_), Ok(())) => Advice::Exactly(wanted.to_path_buf()),
        (None, Ok(())) if gathers_projects(wanted) => Advice::Inside,
        (None, Ok(())) => Advice::Directory(wanted.to_path_buf()),
        (_, Err(RootError::NotADirectory(_))) => Advice::Around,
        (_, Err(_)) => Advice::Inside,
    }
}

fn indexable(path: &Path, project: &Path, roots: &BTreeSet<PathBuf>, rules: Rules<'_>) -> Result<PathBuf, Failure> {
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
    rules.check(&root).map(|()| root)
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
    use std::sync::LazyLock;

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

    static ANYWHERE: LazyLock<RootsAllowed> = LazyLock::new(RootsAllowed::default);

    fn any() -> Rules<'static> {
        Rules { home: None, roots_allowed: &ANYWHERE }
    }

    fn at_home(home: &Path) -> Rules<'_> {
        Rules { home: Some(home), roots_allowed: &ANYWHERE }
    }

    #[test]
    fn the_nearest_registered_root_answers() {
        let tree = tree();
        let ask = |path: &str| registered(&tree.root.join(path), Path::new(NONE), &tree.roots, any());
        assert_eq!(ask("known/sub").unwrap(), tree.root.join("known"));
        let failure = ask("marked/deep").unwrap_err();
        assert_eq!(failure.code, ErrorCode::NOT_INDEXED);
        assert_eq!(path_of(&failure.root), tree.root.join("marked"));
        assert!(ask("plain").unwrap_err().root.is_empty());
        assert_eq!(ask("gone").unwrap_err().code, ErrorCode::NO_SUCH_PATH);
    }

    #[test]
    fn a_path_is_looked_up_again_when_it_is_another_or_what_counts_is() {
        let roots = Arc::new(BTreeSet::from([PathBuf::from("/a")]));
        let target = |path: &str| Target { path: Bytes::from(path), ..Target::default() };
        let (resolved, allowed) = (Resolved::default(), Arc::default());
        assert_eq!(resolved.root_of(&target("/a/b"), &roots, &allowed), None);
        resolved.keep(&target("/a/b"), roots.clone(), Arc::clone(&allowed), Path::new("/a"));
        assert_eq!(resolved.root_of(&target("/a/b"), &roots, &allowed), Some(PathBuf::from("/a")));
        assert_eq!(resolved.root_of(&target("/a/c"), &roots, &allowed), None);
        assert_eq!(
            resolved.root_of(&target("/a/b"), &Arc::new((*roots).clone()), &allowed),
            None,
            "one may have come between"
        );
        assert_eq!(resolved.root_of(&target("/a/b"), &roots, &Arc::default()), None, "it may not be allowed any more");
        if let Some(last) = resolved.0.borrow_mut().as_mut() {
            last.since -= RESOLVED_KEPT;
        }
        assert_eq!(resolved.root_of(&target("/a/b"), &roots, &allowed), None);
    }

    #[test]
    fn nobody_is_sent_to_be_refused() {
        let tree = tree();
        let hint = |path: &Path, project: &str| {
            let project = if project.is_empty() { PathBuf::new() } else { tree.root.join(project) };
            registered(path, &project, &tree.roots, at_home(&tree.root)).unwrap_err().hint
        };
        let plain = tree.root.join("plain");
        assert_eq!(hint(&plain, NONE), format!("index it: vigie index {}", plain.display()));
        assert_eq!(hint(&plain, "plain"), format!("index it: vigie index --project {}", plain.display()));
        // The last may be indexed, but who asks there means something in it.
        for refused in [tree.root.as_path(), Path::new("/"), Path::new("/proc/self"), Path::new("/usr")] {
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
        let hint =
            |path: &str| registered(&tree.root.join(path), Path::new(NONE), &tree.roots, any()).unwrap_err().hint;
        assert_eq!(hint("removed"), "it was indexed, but is gone");
        assert_eq!(hint("never"), "check the spelling");
    }

    #[test]
    fn an_override_is_taken_at_its_word() {
        let tree = tree();
        let ask = |project: &str| registered(Path::new("/"), &tree.root.join(project), &tree.roots, any());
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
        let ask = |path: &str| indexable(&tree.root.join(path), Path::new(NONE), &tree.roots, any());
        assert_eq!(ask("known/sub").unwrap(), tree.root.join("known"));
        assert_eq!(ask("marked/deep").unwrap(), tree.root.join("marked"));
        assert_eq!(ask("plain").unwrap(), tree.root.join("plain"));
        assert_eq!(ask("plain/file").unwrap_err().code, ErrorCode::NOT_A_DIRECTORY);
        let home = indexable(&tree.root.join("plain"), Path::new(NONE), &tree.roots, at_home(&tree.root.join("plain")));
        assert_eq!(home.unwrap_err().code, ErrorCode::ROOT_REFUSED);
        assert_eq!(
            indexable(Path::new("x"), Path::new(NONE), &tree.roots, any()).unwrap_err().code,
            ErrorCode::BAD_ARGUMENT
        );
    }
}
