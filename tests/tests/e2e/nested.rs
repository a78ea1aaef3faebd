//! What lies in an indexed project and looks like one itself: the project answers for it, and that is said.

use std::path::Path;

use vigie_tests::{Git, TestEnv};

use crate::support::write_files;

#[test]
fn a_worktree_in_a_project_is_answered_for_by_it_until_it_is_one_itself() {
    let Some(git) = Git::find("a_worktree_in_a_project_is_answered_for_by_it_until_it_is_one_itself") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let outer = env.project("fleet");
    write_files(&outer, &[("sail.py", "def sail(): pass\n"), ("parts/mast.py", "def mast(): pass\n")]);
    git.run(&outer, &["init", "-q"]);
    git.commit(&outer, "one");
    git.run(&outer, &["worktree", "add", "-q", ".wt/feature", "-b", "side"]);
    let (tree, deep) = (outer.join(".wt/feature"), outer.join(".wt/feature/parts"));
    let module = outer.join("inner");
    write_files(&module, &[("hull.py", "def hull(): pass\n")]);
    git.run(&module, &["init", "-q"]);
    let nothing_said = |directory: &Path, args: &[&str]| {
        let output = env.vigie_in(directory, args);
        output.expect_code(0).check(!output.stderr.contains("which answers for it"), "nothing is said");
    };
    nothing_said(&outer, &["index"]);

    for (directory, args, makes) in [
        (&tree, &["index"][..], "vigie index --project"),
        (&outer, &["index", "--detach", ".wt/feature/parts"], "vigie index --project"),
        (&deep, &["watch"], "vigie watch --project"),
        (&deep, &["status"], "vigie index --project"),
        (&outer, &["status", "--json", ".wt/feature/parts/mast.py"], "vigie index --project"),
    ] {
        let output = env.vigie_in(directory, args);
        let (own, around) = (tree.display(), outer.display());
        output.expect_code(0).expect_stderr(&format!(
            "{own} is a worktree of git, and lies in the project {around}, which answers for it; \
             to make it a project of its own: {makes} {own}"
        ));
        output.check(output.stderr.matches("answers for it").count() == 1, "once");
    }
    env.vigie_in(&module, &["status"]).expect_code(0).expect_stderr("is a repository of git, and lies in the project");

    nothing_said(&outer.join("parts"), &["index"]);
    nothing_said(&tree, &["status", "--project", outer.to_str().expect("UTF-8")]);
    let own = tree.to_str().expect("UTF-8");
    nothing_said(&tree, &["index", "--project", own]);
    nothing_said(&deep, &["index"]);
    let status = env.vigie_in(&deep, &["status"]);
    status.check(status.text().contains(&format!("project {own}\n")), "the worktree answers for itself");
}
