//! What lies inside an indexed project and looks like one itself: a worktree, another repository. The nearest indexed root answers for
//! it, and whoever meant it alone is told so.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie_proto::{Bytes, Status};

use super::context::Context;
use super::exit::CliError;
use vigie::human::escape;

/// What makes a directory a project that a question may index, where none is known above it.
const MARKS: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".vigie.toml"];

/// The nearest directory at or above an absolute path that is marked as a project.
pub(crate) fn marked_root(path: &Path) -> Option<&Path> {
    path.ancestors().find(|above| MARKS.iter().any(|mark| above.join(mark).symlink_metadata().is_ok()))
}

/// Says, before a path is indexed, that a project around it is, and what it is itself; nothing if the two are one.
pub(crate) fn look(context: &mut Context, asked: &Bytes, command: &str) -> Result<(), CliError> {
    if !context.project().is_empty() || marked_root(Path::new(OsStr::from_bytes(&asked.0))).is_none() {
        return Ok(());
    }
    let target = context.target(Some(asked));
    if let Some(project) = context.client.ask(&Status { target, ..Status::default() })?.project {
        note(context, asked, &project.root, command);
    }
    Ok(())
}

/// Says the same where it is known which root answers. `command` makes a directory a project.
pub(crate) fn note(context: &mut Context, asked: &Bytes, root: &Bytes, command: &str) {
    // Whoever names the root means that one.
    let asked = Some(asked).filter(|_| context.project().is_empty());
    let sentence = asked.and_then(|asked| {
        sentence(Path::new(OsStr::from_bytes(&asked.0)), Path::new(OsStr::from_bytes(&root.0)), command)
    });
    if let Some(sentence) = sentence {
        context.out.note(&sentence);
    }
}

fn sentence(asked: &Path, root: &Path, command: &str) -> Option<String> {
    let own = marked_root(asked).filter(|own| *own != root && own.starts_with(root))?;
    let [shown, around] = [own, root].map(|path| escape(path.as_os_str().as_bytes()));
    Some(format!(
        "{shown} {}, and lies in the project {around}, which answers for it; to make it a project of its own: {command} {shown}",
        what(own)
    ))
}

/// What a marked directory is, behind its name.
fn what(directory: &Path) -> &'static str {
    let has = |mark: &str| directory.join(mark).symlink_metadata().is_ok();
    if has(".git") {
        // Of a worktree and of a submodule it is a file that says where the repository is.
        let link = fs::read_to_string(directory.join(".git")).unwrap_or_default();
        return match (link.contains("/worktrees/"), link.contains("/modules/")) {
            (true, _) => "is a worktree of git",
            (_, true) => "is a submodule of git",
            (false, false) => "is a repository of git",
        };
    }
    match [".hg", ".svn", ".jj"].into_iter().find(|mark| has(mark)) {
        Some(".hg") => "is a repository of Mercurial",
        Some(".svn") => "is a working copy of Subversion",
        Some(_) => "is a repository of Jujutsu",
        None => "has a .vigie.toml of its own",
    }
}
