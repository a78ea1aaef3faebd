//! Writes the golden vectors into `proto/tests/vectors/`, from which every client's decoder is tested. Files of messages that
//! no longer exist are left for their author to remove; the tests find them.

#[path = "../tests/all/golden/mod.rs"]
mod golden;

use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    std::fs::create_dir_all(&folder)?;
    for vector in golden::vectors() {
        std::fs::write(folder.join(&vector.file), &vector.text)?;
    }
    Ok(())
}
