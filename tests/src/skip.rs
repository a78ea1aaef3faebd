//! Tests that this machine cannot run say so, and fail where that is not allowed.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Names a test that is left out, and why, also in the file that `VIGIE_TEST_SKIPS` names, because the test runner keeps what a
/// passing test prints. Panics where the environment variable `VIGIE_TEST_NO_SKIP` is 1.
#[expect(clippy::print_stdout, reason = "the line is what the person who runs the tests reads")]
pub fn skip(name: &str, why: &str) {
    let line = format!("skipped: {name}: {why}");
    assert!(std::env::var("VIGIE_TEST_NO_SKIP").as_deref() != Ok("1"), "{line}");
    println!("{line}");
    if let Some(path) = std::env::var_os("VIGIE_TEST_SKIPS") {
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| writeln!(file, "{line}")).expect("the list of skipped tests can be written");
    }
}

/// Whether the tests run as root, who may read everything and become anybody.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
