//! What is mounted in a watched tree, or no longer: no directory tells of it, and the answers are current all the same; and file
//! systems where the system does not tell of all that changes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use vigie_tests::{TestEnv, skip};

use crate::support::write_files;

/// Serves an empty directory by FUSE, at the directory that is named.
const FUSE: &str = r#"
import errno, os, struct, subprocess, sys, time
fuse = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
mount = subprocess.Popen(["mount", "-i", "-t", "fuse", "-o", options, "none", sys.argv[1]], pass_fds=[fuse])
while True:
    try:
        _, call, unique = struct.unpack_from("=IIQ", os.read(fuse, 1 << 20))
    except OSError as e:
        if e.errno == errno.EPERM:  # It is not mounted yet.
            time.sleep(0.01)
            continue
        sys.exit(e.errno != errno.ENODEV)
    if call in (2, 42):
        continue
    answers = {
        3: struct.pack("=QII6Q10I", 1, 0, 0, 1, *[0] * 8, 0o40755, 2, *[0] * 5),
        17: bytes(80),
        26: struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, 0, 1, 1, 4096, 1, 1, 0, 0),
        27: bytes(16),
        28: b"",
        29: b"",
    }
    answer = answers.get(call)
    error = 0 if answer is not None else -errno.ENOENT if call == 1 else -errno.ENOSYS
    os.write(fuse, struct.pack("=IiQ", 16 + len(answer or b""), error, unique) + (answer or b""))
"#;

/// `asked TEXT COMMAND…` ends the script unless the command says that within 20 seconds, and `fails COMMAND…` unless it fails: what
/// `!` negates ends no script.
const STEPS: &str = r#"
fails() {
    if "$@"; then
        echo "$* does not fail"
        exit 1
    fi
}
asked() {
    wanted=$1
    shift
    for tenth in $(seq 200); do
        "$@" 2>&1 | grep -qe "$wanted" && return
        sleep 0.1
    done
    echo "$* does not say $wanted"
    exit 1
}
"#;

/// Runs a script, each step of which must succeed, in a project of these files, in namespaces of its own.
#[track_caller]
fn run(env: &TestEnv, test: &str, root: &Path, script: &str) {
    let script =
        format!("set -e\ntrap 'umount --lazy sub 2>/dev/null || true; $VIGIE daemon stop' EXIT\n{STEPS}\n{script}");
    if let Some(output) = env.script_in_namespace(test, root, &script) {
        output.expect_code(0);
    }
}

#[test]
fn p8_what_is_mounted_in_a_watched_tree_is_answered_for() {
    let env = TestEnv::new();
    let root = env.project("mounted");
    write_files(&root, &[("sub/a.py", "def hidden(): pass\n"), ("other/b.py", "def other(): pass\n")]);
    let outside = env.path("projects/outside");
    write_files(&outside, &[("c.py", "def bound(): pass\n")]);
    let script = r#"
        $VIGIE watch
        $VIGIE status | grep -w watched
        $VIGIE def --fresh hidden
        mount -t tmpfs none sub
        fails $VIGIE def --fresh hidden
        echo 'def mounted(): pass' > sub/m.py
        $VIGIE def --fresh mounted
        echo 'def later(): pass' > sub/later.py
        asked later.py $VIGIE def later
        mkdir sub/deep
        mount -t tmpfs none sub/deep
        echo 'def deep(): pass' > sub/deep/d.py
        $VIGIE def --fresh deep
        umount sub/deep
        fails $VIGIE def --fresh deep
        umount sub
        $VIGIE def --fresh hidden
        fails $VIGIE def --fresh mounted
        mount --bind ../outside sub
        asked c.py $VIGIE def bound
        echo 'def also(): pass' > ../outside/also.py
        $VIGIE def --fresh also
        umount sub
        asked a.py $VIGIE def hidden
        fails $VIGIE def --fresh bound
        $VIGIE status | grep -w watched
    "#;
    run(&env, "p8_what_is_mounted_in_a_watched_tree_is_answered_for", &root, script);
}

#[test]
fn a_directory_that_is_in_the_tree_twice_has_it_polled() {
    let env = TestEnv::new();
    let root = env.project("twice");
    write_files(&root, &[("a/a.py", "def before(): pass\n"), ("b/keep", "")]);
    let script = r#"
        $VIGIE watch
        mount --bind a b
        $VIGIE def --fresh before | grep b/a.py
        echo 'def after(): pass' > a/after.py
        $VIGIE def --fresh after > found
        grep a/after.py found
        grep b/after.py found
        asked 'is mounted as .* too' $VIGIE status
        umount b
        $VIGIE watch
        $VIGIE status | grep -w watched
        $VIGIE def --fresh after > found
        fails grep b/after.py found
    "#;
    run(&env, "a_directory_that_is_in_the_tree_twice_has_it_polled", &root, script);
}

#[test]
fn where_not_all_is_told_the_tree_is_polled_and_status_says_why() {
    let test = "where_not_all_is_told_the_tree_is_polled_and_status_says_why";
    let python = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !python.is_ok_and(|status| status.success()) {
        return skip(test, "there is no python3");
    }
    if fs::File::options().read(true).write(true).open("/dev/fuse").is_err() {
        return skip(test, "there is no /dev/fuse for whoever runs the tests");
    }
    let env = TestEnv::new();
    let root = env.project("fused");
    write_files(&root, &[("a.py", "def before(): pass\n"), ("sub/b.py", "def hidden(): pass\n")]);
    fs::write(env.path("projects/fuse.py"), FUSE).expect("the directory is ours");
    let script = r#"
        $VIGIE watch
        $VIGIE status | grep -w watched
        python3 ../fuse.py sub &
        asked 'is a mountpoint' mountpoint sub
        $VIGIE def --fresh before
        fails $VIGIE def --fresh hidden
        asked 'sub is on FUSE, which does not tell what others change' $VIGIE status
        $VIGIE watch 2>&1 | grep 'polled, not watched'
        umount sub
        wait
        $VIGIE watch
        $VIGIE status | grep -w watched
        $VIGIE def --fresh hidden
    "#;
    run(&env, test, &root, script);
}
