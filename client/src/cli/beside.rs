//! Commands that are programs of their own, so that this one stays thin: `vigie top` becomes `vigie-top`.

use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::args::Global;
use super::exit::CliError;

/// Becomes the program of that name with these words; what was said to `vigie` itself goes along. Only a failure returns.
pub(crate) fn run(name: &'static str, global: &Global, words: &[OsString]) -> Result<Infallible, CliError> {
    let exe = env::current_exe().ok();
    let program = program(name, exe.as_deref());
    let error = Command::new(&program).args(options(global)).args(words).exec();
    Err(failure(name, &program, error))
}

/// The one beside this program, so that the two are of one build; else the one in `PATH`.
fn program(name: &str, exe: Option<&Path>) -> PathBuf {
    let beside = exe.and_then(Path::parent).map(|directory| directory.join(name));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

/// The global options as they are typed. `--no-index` is about questions, which these programs do not ask by themselves.
fn options(global: &Global) -> Vec<OsString> {
    let mut words = Vec::new();
    for (option, path) in [("--socket", &global.socket), ("--project", &global.project)] {
        words.extend(path.iter().flat_map(|path| [OsString::from(option), path.clone().into_os_string()]));
    }
    for (option, given) in [("--no-spawn", global.no_spawn), ("--json", global.json)] {
        words.extend(given.then(|| OsString::from(option)));
    }
    words
}

fn failure(name: &'static str, program: &Path, error: io::Error) -> CliError {
    let (message, hint) = if error.kind() == io::ErrorKind::NotFound {
        (
            format!("{name} is not installed: it is neither beside vigie nor in PATH"),
            "`cargo install --path client/gateway`, in a checkout of Vigie, installs it".to_owned(),
        )
    } else {
        (format!("cannot run {}: {error}", program.display()), String::new())
    };
    CliError::Usage { message, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_beside_comes_first() {
        let temp = tempfile::tempdir().expect("a directory");
        let exe = temp.path().join("vigie");
        assert_eq!(program("vigie-top", Some(&exe)), Path::new("vigie-top"));
        std::fs::write(temp.path().join("vigie-top"), "").expect("a file");
        assert_eq!(program("vigie-top", Some(&exe)), temp.path().join("vigie-top"));
        assert_eq!(program("vigie-top", None), Path::new("vigie-top"));
    }

    #[test]
    fn what_was_said_to_vigie_goes_along() {
        let global = Global {
            json: false,
            socket: Some("/s".into()),
            no_spawn: true,
            project: Some("/p".into()),
            no_index: true,
            ..Global::default()
        };
        assert_eq!(options(&global), ["--socket", "/s", "--project", "/p", "--no-spawn"]);
    }
}
