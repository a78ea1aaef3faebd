//! A real tree, and what is told of it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::sync::mpsc;

use super::*;

struct Project {
    _dir: tempfile::TempDir,
    root: PathBuf,
    watch: Watch,
    told: mpsc::Receiver<Told>,
    hold: Arc<Hold>,
}

/// Has the watch's thread stand still before it tells anything.
#[derive(Default)]
struct Hold {
    is_wanted: AtomicBool,
    stands: AtomicBool,
}

impl Hold {
    fn pass(&self) {
        while self.is_wanted.load(Ordering::SeqCst) {
            self.stands.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn wait(&self) {
        let since = Instant::now();
        while !self.stands.load(Ordering::SeqCst) {
            assert!(since.elapsed() < Duration::from_secs(20), "the watch's thread stands still");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Project {
    /// A watched tree of these files, and how many directories are watched.
    fn new(files: &[&str]) -> (Project, usize) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("tree");
        fs::create_dir(&root).unwrap();
        for file in files {
            write(&root.join(file));
        }
        let (tell, told) = mpsc::channel();
        let hold = Arc::new(Hold::default());
        let passing = Arc::clone(&hold);
        let told_in_time = move |what| {
            passing.pass();
            drop(tell.send(what));
        };
        let watch = Watch::start(root.clone(), None, told_in_time).unwrap();
        let project = Project { _dir: dir, root, watch, told, hold };
        match project.next() {
            Told::Ready(directories) => (project, directories),
            other => panic!("{other:?}"),
        }
    }

    fn next(&self) -> Told {
        self.told.recv_timeout(Duration::from_secs(20)).expect("something is told")
    }

    /// The same, but for what is written and not settled.
    fn next_settled(&self) -> Told {
        loop {
            match self.next() {
                Told::Written(_) | Told::Burst(_) => {}
                told => return told,
            }
        }
    }

    fn write(&self, path: &str) {
        write(&self.root.join(path));
    }

    fn mkdir(&self, path: &str) {
        fs::create_dir_all(self.root.join(path)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.root.join(from), self.root.join(to)).unwrap();
    }

    /// Everything that changed until now, by a barrier, and all of that could be told.
    fn dirty(&self) -> Dirty {
        let (dirty, is_lost) = self.dirty_or_lost();
        assert!(!is_lost, "{dirty:?}");
        dirty
    }

    /// The same, and whether not all of it could be told.
    fn dirty_or_lost(&self) -> (Dirty, bool) {
        let (barrier, _waiting) = oneshot::channel();
        self.watch.barrier(barrier);
        let (mut dirty, mut is_lost) = (Dirty::default(), false);
        loop {
            match self.next_settled() {
                Told::Changed(more, barriers, _) => {
                    dirty.merge(more);
                    if !barriers.is_empty() {
                        return (dirty, is_lost);
                    }
                }
                Told::Lost => is_lost = true,
                other => panic!("{other:?}"),
            }
        }
    }

    fn dirty_paths(&self) -> Vec<String> {
        let dirty = self.dirty();
        assert!(!dirty.all, "only some of it");
        dirty.paths.into_iter().map(|path| String::from_utf8(path).unwrap()).collect()
    }

    /// Whether a change of this file is told.
    fn follows(&self, path: &str) -> bool {
        self.dirty();
        self.write(path);
        self.dirty_paths().contains(&path.to_owned())
    }
}

fn write(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "x").unwrap();
}

#[test]
fn what_was_done_before_a_barrier_is_told_with_it() {
    let (project, directories) = Project::new(&["a.rs", "sub/b.rs"]);
    assert_eq!(directories, 2);
    project.write("a.rs");
    assert_eq!(project.dirty_paths(), ["a.rs"]);
    project.write("sub/new.rs");
    fs::remove_file(project.root.join("a.rs")).unwrap();
    assert_eq!(project.dirty_paths(), ["a.rs", "sub/new.rs"]);
    assert_eq!(project.dirty(), Dirty::default());
}

#[test]
fn what_settles_is_told_without_being_asked_for() {
    let (project, _) = Project::new(&["a.rs"]);
    project.write("a.rs");
    match project.next_settled() {
        Told::Changed(dirty, barriers, _) => {
            assert_eq!((dirty.paths, barriers.len()), ([b"a.rs".to_vec()].into(), 0));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_written_is_told_before_that_settles() {
    let (project, _) = Project::new(&["a.rs", "b.rs", ".gitignore"]);
    let await_written =
        |path: &str| while !matches!(project.next(), Told::Written(written) if written == path.as_bytes()) {};
    project.write("a.rs");
    await_written("a.rs");
    project.dirty();
    project.rename("a.rs", "b.rs");
    await_written("b.rs");
    project.dirty();
    // A burst is no save.
    (0..1000).for_each(|n| project.write(&format!("sub/{n}.rs")));
    let mut written = 0;
    loop {
        match project.next() {
            Told::Written(_) => written += 1,
            Told::Changed(..) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(written < 100, "{written} of 1000 were told");
    project.dirty();
    fs::write(project.root.join(".gitignore"), "*.log\n").unwrap();
    project.dirty();
    project.write("a.log");
    project.dirty();
    project.write("a.log");
    assert_eq!(project.dirty(), Dirty::default());
    assert!(project.told.try_iter().all(|told| !matches!(told, Told::Written(_))), "known to be ignored");
}

#[test]
fn files_of_a_burst_are_told_before_it_settles() {
    let names: Vec<String> = (0..300).map(|n| format!("sub/{n}.rs")).collect();
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let (project, _) = Project::new(&files);
    fs::write(project.root.join(".gitignore"), "*.log\n").unwrap();
    project.write("sub/a.log");
    project.dirty();
    for file in [&files[..], &["sub/a.log"]].concat() {
        project.write(file);
    }
    let mut told = BTreeSet::new();
    let changed = loop {
        match project.next() {
            Told::Written(_) => {}
            Told::Burst(written) => told.extend(written),
            Told::Changed(dirty, ..) => break dirty,
            other => panic!("{other:?}"),
        }
    };
    // Those before which nobody knew that it is one are not.
    assert!(told.len() > 200, "{} of 300 were told", told.len());
    assert!(told.is_subset(&changed.paths), "those alone that may be a part of the project");
}

#[test]
fn directories_that_are_made_at_once_are_followed_with_all_in_them() {
    let (project, _) = Project::new(&["a.rs"]);
    project.write("one/two/three/deep.rs");
    assert!(project.dirty_paths().contains(&"one".to_owned()), "stands for all below it");
    assert!(project.follows("one/two/three/deep.rs"));
    assert!(project.follows("one/two/other.rs"));
}

#[test]
fn a_directory_that_moves_is_followed_under_its_new_name_only() {
    let (project, _) = Project::new(&["old/deep/a.rs"]);
    project.rename("old", "new");
    assert_eq!(project.dirty_paths(), ["new", "new/deep", "old"]);
    assert!(project.follows("new/deep/a.rs"));
    project.mkdir("old/deep");
    assert!(project.follows("old/deep/b.rs"));
    assert!(project.follows("new/deep/a.rs"), "still");
}

#[test]
fn directories_that_trade_places_are_both_followed() {
    let (project, _) = Project::new(&["a/x/1.rs", "b/y/2.rs"]);
    project.rename("a", "t");
    project.rename("b", "a");
    project.rename("t", "b");
    project.dirty();
    for path in ["a/y/2.rs", "b/x/1.rs", "a/new.rs", "b/new.rs"] {
        assert!(project.follows(path), "{path}");
    }
}

#[test]
fn a_directory_that_left_is_no_longer_followed() {
    let (project, _) = Project::new(&["a/1.rs"]);
    let outside = project.root.parent().unwrap().join("outside");
    fs::rename(project.root.join("a"), &outside).unwrap();
    project.mkdir("a");
    project.dirty();
    write(&outside.join("1.rs"));
    assert_eq!(project.dirty(), Dirty::default());
    assert!(project.follows("a/2.rs"));
}

#[test]
fn what_is_ignored_is_not_followed_until_it_is_not_ignored() {
    let (project, directories) = Project::new(&["a.rs", "target/debug/out.rs"]);
    assert_eq!(directories, 3);
    fs::write(project.root.join(".gitignore"), "target/\n*.log\n").unwrap();
    assert!(project.dirty().all, "rules changed");
    project.write("target/debug/out.rs");
    assert_eq!(project.dirty(), Dirty::default());
    project.write("a.log");
    project.dirty();
    project.write("a.log");
    assert_eq!(project.dirty(), Dirty::default(), "known to be ignored");
    fs::write(project.root.join(".gitignore"), "").unwrap();
    assert!(project.dirty().all);
    assert!(project.follows("a.log"));
    assert!(project.follows("target/debug/out.rs"));
}

#[test]
fn what_git_keeps_for_itself_is_not_told_but_its_rules_are() {
    let (project, _) = Project::new(&["a.rs", ".git/info/exclude", ".git/HEAD"]);
    project.write(".git/index.lock");
    project.write(".git/objects/new");
    assert_eq!(project.dirty(), Dirty::default());
    fs::write(project.root.join(".git/info/exclude"), "*.log\n").unwrap();
    assert!(project.dirty().all);
}

#[test]
fn a_link_that_becomes_a_file_is_told() {
    let (project, _) = Project::new(&["a.rs"]);
    symlink("a.rs", project.root.join("b.rs")).unwrap();
    project.dirty();
    fs::remove_file(project.root.join("b.rs")).unwrap();
    assert!(project.follows("b.rs"));
}

#[test]
fn a_root_that_is_replaced_is_looked_at_as_a_whole() {
    let (project, _) = Project::new(&["sub/a.rs"]);
    let other = project.root.parent().unwrap().join("other");
    fs::rename(&project.root, &other).unwrap();
    assert!(project.dirty().all);
    project.write("sub/a.rs");
    loop {
        if project.dirty().all {
            break;
        }
    }
    assert!(project.follows("sub/a.rs"));
}

#[test]
fn a_root_that_is_removed_file_by_file_and_made_anew_is_followed_again() {
    let names: Vec<String> = (0..300).map(|n| format!("dir_{}/file_{n}.rs", n % 20)).collect();
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let (project, _) = Project::new(&files);
    for _ in 0..3 {
        fs::remove_dir_all(&project.root).unwrap();
        project.write("sub/a.rs");
        while !project.dirty().all {}
        assert!(project.follows("sub/a.rs"));
    }
}

#[test]
fn more_than_the_queue_holds_is_looked_at_as_a_whole() {
    let (project, _) = Project::new(&["a.rs", "b.rs"]);
    let queue: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    project.hold.is_wanted.store(true, Ordering::SeqCst);
    project.write("a.rs");
    project.hold.wait();
    let mut files =
        ["b.rs", "a.rs"].map(|file| fs::File::options().append(true).open(project.root.join(file)).unwrap());
    // By turns: two equal events in a row would be one.
    for _ in 0..=queue {
        files.iter_mut().for_each(|file| file.write_all(b"x").unwrap());
    }
    project.write("lost.rs");
    project.hold.is_wanted.store(false, Ordering::SeqCst);
    let (dirty, is_lost) = project.dirty_or_lost();
    assert!(dirty.all, "nothing is lost in silence");
    assert!(is_lost, "and it is counted");
    assert!(project.follows("a.rs"));
    assert!(project.follows("lost.rs"));
}

#[test]
fn only_what_could_not_be_told_is_lost() {
    let (project, _) = Project::new(&["a.rs"]);
    project.watch.look_at_all();
    assert!(project.dirty().all, "as somebody wants");
    project.write(".gitignore");
    assert!(project.dirty().all, "other files may be a part of it");
    let mut pending = Pending::new(&project.root);
    pending.note(Happened::Lost);
    assert!(pending.take().is_lost);
    (0..=20_000).for_each(|number| pending.note(Happened::At(project.root.join(format!("{number}.rs")))));
    let touched = pending.take();
    assert!(touched.is_lost && touched.anything, "more than is remembered");
}
