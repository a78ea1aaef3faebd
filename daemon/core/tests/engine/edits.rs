//! Whatever happens to a tree, an index that followed it equals one made from nothing.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vigie_core::index::{Budget, JobControl, JobSpec, Refreshed};
use vigie_core::settings::SETTINGS_FILE;
use vigie_core::walk;

use crate::support::{Project, Random, Watcher, dump, let_files_age, refresh, run, run_with, source, sweep};

/// Something that happens to a file: which one, and with what, is drawn by number.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Create,
    Rewrite,
    MakeBinary,
    Delete,
    /// Within its directory.
    Rename,
    /// Into another one.
    Move,
    MoveDirectory,
    /// It becomes executable, unreadable (unless root asks), or neither.
    ChangeMode,
    BecomeDirectory,
    BecomeLink,
    IgnoreSome,
    /// The project says something else of itself.
    Configure,
}

fn edit() -> impl Strategy<Value = (Edit, u64)> {
    let edit = prop_oneof![
        6 => Just(Edit::Create),
        4 => Just(Edit::Rewrite),
        1 => Just(Edit::MakeBinary),
        3 => Just(Edit::Delete),
        3 => Just(Edit::Rename),
        3 => Just(Edit::Move),
        1 => Just(Edit::MoveDirectory),
        2 => Just(Edit::ChangeMode),
        1 => Just(Edit::BecomeDirectory),
        1 => Just(Edit::BecomeLink),
        1 => Just(Edit::IgnoreSome),
        2 => Just(Edit::Configure),
    ];
    (edit, 1..u64::MAX)
}

/// What a project may say of itself: each key or not, and sometimes something wrong.
fn settings(random: &mut Random) -> String {
    let lines = [
        format!("ignore = ['f{}*', '/d{}/']\n", random.below(10), random.below(4)),
        format!("max_file_bytes = {}\n", 40 << random.below(4)),
        format!("max_structure_bytes = {}\n", 40 << random.below(4)),
        format!("languages = {{ {} }}\n", ["py = 'text'", "txt = 'python'", "'d1/*' = 'rust'", ""][random.below(4)]),
        "generated = ['*']\n".to_owned(),
        "ignore = [\nnonsense = 1\n".to_owned(),
    ];
    lines.into_iter().filter(|_| random.below(3) == 0).collect()
}

/// A tree under edits; remembers every path that one of them touched.
struct Tree<'a> {
    project: &'a Project,
    touched: BTreeSet<Vec<u8>>,
    /// Rules changed, which only a walk sees.
    rules_changed: bool,
}

impl Tree<'_> {
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut open = vec![self.project.root.clone()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).expect("a directory") {
                let entry = entry.expect("an entry");
                match entry.file_type().expect("its type").is_dir() {
                    true => open.push(entry.path()),
                    false => files.push(entry.path()),
                }
            }
        }
        files.sort();
        files
    }

    fn touch(&mut self, path: &Path) {
        let relative = path.strip_prefix(&self.project.root).expect("a path in the tree");
        let relative = relative.as_os_str().as_encoded_bytes();
        self.rules_changed |= walk::has_rules(relative);
        self.touched.insert(relative.to_vec());
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        if to.exists() {
            return;
        }
        fs::create_dir_all(to.parent().expect("a parent")).expect("its directory");
        fs::rename(from, to).expect("it moves");
        self.touch(from);
        self.touch(to);
    }

    fn write(&mut self, path: &Path, content: &[u8]) {
        if path.is_dir() && !path.is_symlink() {
            return;
        }
        // What is under another name in a link's place must stay as it is.
        let _was_there = fs::remove_file(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
        fs::write(path, content).expect("it is written");
        self.touch(path);
    }

    fn apply(&mut self, edit: Edit, seed: u64) {
        let mut random = Random(seed);
        let root = self.project.root.clone();
        let files = self.files();
        if let Edit::Create = edit {
            let language = random.below(3);
            let (extension, content) = source(&mut random, language);
            let path = root.join(format!("d{}/f{}.{extension}", random.below(4), random.below(1000)));
            return self.write(&path, content.as_bytes());
        }
        if files.is_empty() {
            return;
        }
        let file = &files[random.below(files.len())];
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        match edit {
            Edit::Create => {}
            Edit::Rewrite => self.write(file, source(&mut random, 0).1.as_bytes()),
            Edit::MakeBinary => self.write(file, b"\0binary"),
            Edit::Delete => {
                fs::remove_file(file).expect("the file");
                self.touch(file);
            }
            Edit::Rename => self.rename(file, &file.with_file_name(format!("r{}{name}", random.below(9)))),
            Edit::Move => self.rename(file, &root.join(format!("moved{}/{name}", random.below(3)))),
            Edit::MoveDirectory => self.move_directory(file, &root.join(format!("dir{}", random.below(50)))),
            Edit::ChangeMode => {
                let mode = [0o755, 0o000, 0o644][random.below(3)];
                // A link would lead elsewhere.
                if !file.is_symlink() {
                    fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("the mode changes");
                    self.touch(file);
                }
            }
            Edit::BecomeDirectory => {
                fs::remove_file(file).expect("the file");
                self.touch(file);
                self.write(&file.join("inner.py"), b"def inner(): pass\n");
            }
            Edit::BecomeLink => {
                fs::remove_file(file).expect("the file");
                symlink(&files[0], file).expect("a link");
                self.touch(file);
            }
            Edit::IgnoreSome => {
                self.write(&root.join(".gitignore"), format!("f{}*\n", random.below(10)).as_bytes());
            }
            Edit::Configure => self.write(&root.join(SETTINGS_FILE), settings(&mut random).as_bytes()),
        }
    }

    fn move_directory(&mut self, file: &Path, to: &Path) {
        let directory = file.parent().expect("a parent");
        if directory == self.project.root || to.exists() {
            return;
        }
        for file in self.files().iter().filter(|file| file.starts_with(directory)) {
            self.touch(file);
            self.touch(&to.join(file.strip_prefix(directory).expect("it is inside")));
        }
        fs::rename(directory, to).expect("it moves");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// By turns a job finds what changed, a caller says it, and a look at the whole tree finds it.
    #[test]
    fn p8_incremental_equals_clean_after_any_edits(rounds in prop::collection::vec(prop::collection::vec(edit(), 1..10), 1..9)) {
        let project = Project::new();
        let store = project.open("store");
        run(&store, 1, &Watcher::default());
        for (edits, round) in rounds.iter().zip(2..) {
            let mut tree = Tree { project: &project, touched: BTreeSet::new(), rules_changed: false };
            edits.iter().for_each(|(edit, seed)| tree.apply(*edit, *seed));
            match round % 3 {
                0 if !tree.rules_changed => drop(refresh(&store, &tree.touched)),
                1 if sweep(&store, usize::MAX).is_some() => {}
                _ => drop(run(&store, round, &Watcher::default())),
            }
            prop_assert_eq!(dump(&store), project.clean_dump(), "round {} of {:?}", round, rounds);
        }
        store.settle().expect("merges end");
        prop_assert_eq!(dump(&store), project.clean_dump(), "after merging");
        store.close().expect("it closes");
    }
}

#[test]
fn named_files_are_counted_by_what_became_of_them() {
    let project = Project::new();
    project.write(".gitignore", "*.log\n");
    for file in ["same.py", "edited.py", "gone.py", "other.py"] {
        project.write(file, "def before(): pass\n");
    }
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let_files_age();
    run(&store, 2, &Watcher::default());
    let generation = store.summary().generation;
    project.write("edited.py", "def after(): pass\n");
    project.write("new/new.py", "def new(): pass\n");
    project.write("ignored.log", "x");
    // Nobody speaks of it, so nobody looks at it.
    project.write("other.py", "def unseen(): pass\n");
    project.remove("gone.py");
    let paths =
        ["same.py", "edited.py", "gone.py", "new/new.py", "ignored.log", "never.py"].map(|path| path.into()).into();
    let refreshed = refresh(&store, &paths);
    assert!(refreshed.generation > generation);
    let notes = ["ignored.log is ignored", "never.py does not exist, and the index has no file of that name"]
        .map(str::to_owned);
    let (notes, generation) = (notes.to_vec(), refreshed.generation);
    let changed = ["edited.py", "gone.py", "new/new.py"].map(|path| path.into()).into();
    let expected = Refreshed { indexed: 2, unchanged: 1, removed: 1, ignored: 2, notes, generation, changed };
    assert_eq!(refreshed, expected);
    let dump = dump(&store);
    assert!(dump.contains("after") && dump.contains("new") && !dump.contains("unseen") && !dump.contains("gone.py"));
    store.close().expect("it closes");
}

#[test]
fn a_directory_stands_for_all_below_it() {
    let project = Project::new();
    for file in ["old/deep/a.py", "old/b.py", "old-not.py"] {
        project.write(file, "def here(): pass\n");
    }
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    fs::rename(project.root.join("old"), project.root.join("new")).expect("it moves");
    let refreshed = refresh(&store, &["old".into(), "new".into()].into());
    assert_eq!((refreshed.indexed, refreshed.removed, refreshed.ignored), (2, 2, 0), "{refreshed:?}");
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn what_is_work_for_a_job_is_left_to_one() {
    let project = Project::new();
    project.write("a.py", "a = 1\n");
    let_files_age();
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let before = (dump(&store), store.summary().generation);
    (0..5).for_each(|n| project.write(&format!("new/{n}.py"), "b = 2\n"));
    assert_eq!(sweep(&store, 4), None);
    assert_eq!((dump(&store), store.summary().generation), before);
    let swept = sweep(&store, 5).expect("so few files need no job");
    assert_eq!((swept.indexed, swept.unchanged), (5, 0));
    assert_eq!(dump(&store), project.clean_dump());
    let_files_age();
    sweep(&store, 5).expect("they are as they were");
    assert_eq!(sweep(&store, 0).expect("nothing differs").changed, BTreeSet::new());
    store.close().expect("it closes");
}

#[test]
fn a_sweep_leaves_out_what_a_budget_left_out() {
    let project = Project::new();
    ["a.py", "b.py", "c.py"].into_iter().for_each(|file| project.write(file, "a = 1\n"));
    let store = project.open("store");
    let one = Budget { files_max: Some(1), ..Budget::default() };
    run_with(&store, &JobSpec { job: 1, force: false }, &JobControl::new(one, 0), &Watcher::default());
    project.write("a.py", "edited = 1\n");
    let swept = sweep(&store, usize::MAX).expect("so few files need no job");
    assert_eq!(swept.changed, [b"a.py".to_vec()].into());
    assert_eq!(store.summary().text_pending, 2);
    store.close().expect("it closes");
}
