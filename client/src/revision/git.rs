//! The user's git, asked for the files that differ from a commit and for their old contents. A working tree that is not trusted may
//! have a configuration that names programs: none of them is run here. Nothing is written either.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use vigie_proto::Bytes;

use super::error::RevisionError;

/// Variables that say where git and its user's configuration are. All others may be of another repository: a hook, for one, is run
/// with `GIT_DIR` and `GIT_INDEX_FILE`.
const KEPT_VARIABLES: [&str; 6] = [
    "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// The name of an old content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob(String);

/// git in a project.
#[derive(Clone, Debug)]
pub(super) struct Git {
    root: PathBuf,
}

impl Git {
    /// git at a project's root, and the commit that a revision names.
    pub(super) fn at(root: &Path, revision: &str) -> Result<(Git, String), RevisionError> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains('\0') {
            return Err(RevisionError::NoRevision(revision.to_owned()));
        }
        let git = Git { root: root.to_path_buf() };
        let inside = git.output(&["rev-parse", "--is-inside-work-tree"])?;
        if inside.text() != "true" {
            let said = if inside.ok { "this is the repository itself".to_owned() } else { inside.said };
            return Err(RevisionError::NotARepository { root: git.root, said });
        }
        let commit = git.output(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
        if !commit.ok {
            return Err(RevisionError::NoSuchRevision { revision: revision.to_owned(), root: git.root });
        }
        let commit = commit.text();
        Ok((git, commit))
    }

    /// The files at or below `paths`, which are relative to the root, that may differ from a commit, each with what it was; `None` =
    /// it was no file. Those that git does not know and does not ignore are among them.
    pub(super) fn differing(
        &self,
        commit: &str,
        paths: &[Bytes],
    ) -> Result<BTreeMap<Vec<u8>, Option<Blob>>, RevisionError> {
        let below: Vec<&OsStr> =
            paths.iter().map(|path| OsStr::from_bytes(&path.0)).filter(|path| !path.is_empty()).collect();
        // One that is the root itself means everything.
        let below = if below.len() == paths.len() { below } else { Vec::new() };
        let with_paths = |words: &[&str]| -> Vec<std::ffi::OsString> {
            words
                .iter()
                .map(OsStr::new)
                .chain([OsStr::new("--")])
                .chain(below.iter().copied())
                .map(OsStr::to_owned)
                .collect()
        };
        let tracked = with_paths(&[
            "diff-index",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--relative",
            commit,
        ]);
        let tracked = self.succeed("compare the working tree", &tracked)?;
        let mut differing = BTreeMap::new();
        let mut fields = tracked.split(|byte| *byte == 0);
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            differing.insert(path.to_vec(), self.old_blob(commit, &String::from_utf8_lossy(head), path)?);
        }
        let others = with_paths(&["ls-files", "-z", "--others", "--exclude-standard"]);
        let others = self.succeed("list the files that it does not know", &others)?;
        // A directory is another repository.
        let files = others.split(|byte| *byte == 0).filter(|path| !path.is_empty() && !path.ends_with(b"/"));
        for path in files {
            differing.entry(path.to_vec()).or_insert(None);
        }
        Ok(differing)
    }

    /// What a file was, from a line `:MODE MODE BLOB BLOB STATUS`. Links and submodules are no files.
    fn old_blob(&self, commit: &str, line: &str, path: &[u8]) -> Result<Option<Blob>, RevisionError> {
        let words: Vec<&str> = line.split(' ').collect();
        let [mode, _, blob, _, status] = words[..] else {
            return Err(RevisionError::Git { what: "compare the working tree", said: format!("it answered {line:?}") });
        };
        if status.starts_with('U') {
            // Of a file whose merge is not settled only that is said.
            let name = [commit.as_bytes(), b":./", path].concat();
            let blob = self.output(&[
                OsStr::new("rev-parse"),
                OsStr::new("--verify"),
                OsStr::new("--quiet"),
                OsStr::from_bytes(&name),
            ])?;
            return Ok(blob.ok.then(|| Blob(blob.text())));
        }
        Ok(mode.starts_with(":100").then(|| Blob(blob.to_owned())))
    }

    /// The contents of blobs.
    pub(super) fn contents(&self) -> Result<Contents, RevisionError> {
        Ok(Contents { sizes: self.talk("--batch-check")?, bytes: self.talk("--batch")? })
    }

    /// Begins to ask for blobs.
    fn talk(&self, how: &'static str) -> Result<Talk, RevisionError> {
        let mut command = self.command();
        command.args(["cat-file", how]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|source| self.not_run(source))?;
        let (Some(names), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(RevisionError::NoGit { source: std::io::ErrorKind::BrokenPipe.into() });
        };
        Ok(Talk { git: self.clone(), how, child, names, answers: BufReader::new(answers) })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.args(["--no-optional-locks", "--literal-pathspecs", "--no-pager", "-c", "core.fsmonitor=false"]);
        command.current_dir(&self.root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("GIT_") && !KEPT_VARIABLES.contains(&name.as_str()) {
                command.env_remove(name);
            }
        }
        // Fetching what a partial clone lacks would run programs; and what git says is quoted in sentences.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command
    }

    fn output(&self, words: &[impl AsRef<OsStr>]) -> Result<Output, RevisionError> {
        let output = self.command().args(words).output().map_err(|source| self.not_run(source))?;
        Ok(Output { ok: output.status.success(), stdout: output.stdout, said: first_line(&output.stderr) })
    }

    /// A directory that is gone looks to the system like a program that is.
    fn not_run(&self, source: std::io::Error) -> RevisionError {
        match std::fs::metadata(&self.root) {
            Ok(_) => RevisionError::NoGit { source },
            Err(error) => RevisionError::NotARepository { root: self.root.clone(), said: error.to_string() },
        }
    }

    fn succeed(&self, what: &'static str, words: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, RevisionError> {
        let output = self.output(words)?;
        if output.ok { Ok(output.stdout) } else { Err(RevisionError::Git { what, said: output.said }) }
    }
}

/// What git answered.
struct Output {
    ok: bool,
    stdout: Vec<u8>,
    /// The first line of its complaint.
    said: String,
}

impl Output {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }
}

/// The first line of a complaint, without the word for it.
fn first_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().next().unwrap_or("it did not say why");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

const READ: &str = "read old contents";

/// Reads blobs, whose sizes can be asked for before.
pub(super) struct Contents {
    sizes: Talk,
    bytes: Talk,
}

impl Contents {
    /// The size of a blob in bytes; `None` = git does not have it.
    pub(super) fn size(&mut self, blob: &Blob) -> Result<Option<u64>, RevisionError> {
        self.sizes.ask(blob)
    }

    /// The bytes of a blob; `None` = git does not have it.
    pub(super) fn read(&mut self, blob: &Blob) -> Result<Option<Vec<u8>>, RevisionError> {
        let Some(size) = self.bytes.ask(blob)? else { return Ok(None) };
        let mut content = Vec::new();
        // A newline stands behind it.
        let read = self.bytes.answers.by_ref().take(size + 1).read_to_end(&mut content);
        if read.is_err() || content.len() as u64 != size + 1 {
            return Err(RevisionError::Git { what: READ, said: "it stopped answering".into() });
        }
        content.pop();
        Ok(Some(content))
    }
}

/// A git that answers one name after the other.
struct Talk {
    git: Git,
    how: &'static str,
    child: Child,
    names: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Talk {
    /// Names a blob and reads `BLOB blob SIZE`, or `BLOB missing`.
    fn ask(&mut self, blob: &Blob) -> Result<Option<u64>, RevisionError> {
        let failed = |said: String| RevisionError::Git { what: READ, said };
        self.names.write_all(format!("{}\n", blob.0).as_bytes()).map_err(|e| failed(e.to_string()))?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|e| failed(e.to_string()))?;
        if line.is_empty() {
            // Some versions (2.39) end where they are not to fetch what they lack.
            *self = self.git.talk(self.how)?;
            return Ok(None);
        }
        match line.trim_end().split(' ').collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse().map(Some).map_err(|_| failed(format!("it answered {line:?}"))),
            [_, "missing"] => Ok(None),
            _ => Err(failed(format!("it answered {line:?}"))),
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // It may have been left in the middle of a content.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_revision_is_never_handed_to_git() {
        for revision in ["", "-p", "--output=x", "a\0b"] {
            assert!(matches!(Git::at(Path::new("/"), revision), Err(RevisionError::NoRevision(_))), "{revision:?}");
        }
    }

    #[test]
    fn complaints_are_one_line() {
        assert_eq!(first_line(b"fatal: bad object\nhint: none\n"), "bad object");
        assert_eq!(first_line(b""), "it did not say why");
    }
}
