//! An index that followed edits equals one made from scratch.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vigie_tests::{Rng, SourceTree, TestEnv, registry_crates};

use crate::support::{check_same_dump, dump, dump_from_scratch, index};

/// A tree under random edits. The files are in a sorted set, so that the same seed makes the same edits.
pub(crate) struct Edits {
    root: PathBuf,
    files: BTreeSet<String>,
    rng: Rng,
    made: usize,
}

impl Edits {
    pub(crate) fn new(root: &Path, files: &[String], seed: u64) -> Edits {
        Edits { root: root.to_path_buf(), files: files.iter().cloned().collect(), rng: Rng::new(seed), made: 0 }
    }

    fn any(&mut self) -> String {
        let number = self.rng.below(self.files.len());
        self.files.iter().nth(number).cloned().expect("there are files left")
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// Makes one edit and names the files that it concerns, also those that are gone.
    pub(crate) fn edit(&mut self) -> Vec<String> {
        self.made += 1;
        let file = self.any();
        let mut files = vec![file.clone()];
        match self.rng.below(8) {
            0 | 1 => self.append(&file),
            2 => self.cut(&file),
            3 => self.delete(&file),
            4 => files.push(self.rename(&file)),
            5 => files.push(self.swap(&file)),
            6 => files.push(self.create()),
            _ => self.rewrite_alike(&file),
        }
        files
    }

    fn append(&mut self, file: &str) {
        let mut content = fs::read(self.path(file)).expect("the file exists");
        content.extend_from_slice(format!("\nfunction appended_{}() {{}}\n", self.made).as_bytes());
        fs::write(self.path(file), content).expect("the tree is ours");
    }

    fn cut(&mut self, file: &str) {
        let content = fs::read(self.path(file)).expect("the file exists");
        let length = self.rng.below(content.len() + 1);
        fs::write(self.path(file), &content[..length]).expect("the tree is ours");
    }

    fn delete(&mut self, file: &str) {
        if self.files.len() > 10 {
            fs::remove_file(self.path(file)).expect("the file exists");
            self.files.remove(file);
        }
    }

    fn rename(&mut self, file: &str) -> String {
        let (stem, extension) = file.rsplit_once('.').expect("the files have extensions");
        let name = format!("{stem}_moved{}.{extension}", self.made);
        fs::rename(self.path(file), self.path(&name)).expect("the file exists");
        self.files.remove(file);
        self.files.insert(name.clone());
        name
    }

    /// Two files change places, so that sizes and times wander while the paths stay.
    fn swap(&mut self, file: &str) -> String {
        let other = self.any();
        if other != file {
            let between = self.path("between.tmp");
            fs::rename(self.path(file), &between).expect("the file exists");
            fs::rename(self.path(&other), self.path(file)).expect("the file exists");
            fs::rename(&between, self.path(&other)).expect("the file exists");
        }
        other
    }

    fn create(&mut self) -> String {
        let name = format!("new/created_{}.py", self.made);
        fs::create_dir_all(self.root.join("new")).expect("the tree is ours");
        fs::write(self.path(&name), format!("import os\n\ndef created_{}():\n    os.getcwd()\n", self.made))
            .expect("ours");
        self.files.insert(name.clone());
        name
    }

    /// The same length and the same modification time, other bytes: only the change time tells.
    fn rewrite_alike(&mut self, file: &str) {
        let mut content = fs::read(self.path(file)).expect("the file exists");
        let modified = fs::metadata(self.path(file)).and_then(|meta| meta.modified()).expect("the file has a time");
        if let Some(byte) = content.iter_mut().rfind(|byte| byte.is_ascii_lowercase()) {
            *byte = if *byte == b'q' { b'z' } else { b'q' };
        }
        fs::write(self.path(file), content).expect("the tree is ours");
        let handle = fs::File::options().write(true).open(self.path(file)).expect("the file exists");
        handle.set_modified(modified).expect("the tree is ours");
    }
}

#[test]
fn p8_any_edits_leave_what_a_clean_index_has() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 120, 2500, 60);
    index(&env, &tree.root);
    let mut edits = Edits::new(&tree.root, &tree.files, 61);
    for round in 0..5 {
        let count = 1 + 12 * round;
        for _ in 0..count {
            let _files = edits.edit();
        }
        let event = index(&env, &tree.root);
        let unchanged = event["stats"]["files_unchanged"].as_u64();
        assert!(unchanged > Some(0), "round {round}: {event}");
        let what = format!("round {round}, {count} edits");
        check_same_dump(&what, &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
    }
}

#[test]
fn p8_a_checkout_of_another_tree_and_back() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("work");
    let (here, away) = (root.join("src"), env.path("projects/away"));
    registry_crates(&here, &["clap_builder"]);
    registry_crates(&away, &["clap_lex", "anyhow", "regex-syntax"]);
    index(&env, &root);
    let first = dump(&env, &root);
    let swap = || {
        let between = env.path("projects/between");
        fs::rename(&here, &between).expect("the tree is ours");
        fs::rename(&away, &here).expect("the tree is ours");
        fs::rename(&between, &away).expect("the tree is ours");
    };
    swap();
    index(&env, &root);
    check_same_dump("the other tree", &dump(&env, &root), &dump_from_scratch(&root));
    swap();
    index(&env, &root);
    check_same_dump("back again", &dump(&env, &root), &first);
}

#[test]
fn p8_ignore_rules_may_change() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 1500, 62);
    index(&env, &tree.root);
    fs::write(tree.root.join(".gitignore"), "*.py\n/part0/rust/\n").expect("the tree is ours");
    let event = index(&env, &tree.root);
    assert_eq!(event["stats"]["files_deleted"], 20, "{event}");
    check_same_dump("ignored", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
    fs::remove_file(tree.root.join(".gitignore")).expect("the file exists");
    index(&env, &tree.root);
    check_same_dump("no longer ignored", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}
