//! What may have been meant where the daemon does not know a job or a project: its failure then names what there is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use vigie::ClientError;
use vigie_proto::{ErrorCode, ListJobs, ListProjects};

use super::args::Command;
use super::context::Context;
use super::exit::CliError;

/// The failure with a better hint, if there is one.
pub(super) fn advise(context: &mut Context, command: &Command, error: CliError) -> CliError {
    let CliError::Client(ClientError::Failure(mut failure)) = error else { return error };
    let advice = match failure.code {
        ErrorCode::NO_SUCH_JOB => job(context),
        ErrorCode::NOT_INDEXED | ErrorCode::NO_SUCH_PATH => project(context, command),
        _ => None,
    };
    if let Some(advice) = advice {
        failure.hint = if failure.hint.is_empty() { advice } else { format!("{advice}; {}", failure.hint) };
    }
    CliError::Client(ClientError::Failure(failure))
}

/// The jobs under way, else the one that ended last.
fn job(context: &mut Context) -> Option<String> {
    let mut rows = Vec::new();
    context.client.list(&ListJobs { ended_max: 1, ..ListJobs::default() }, |page| rows.extend(page.rows)).ok()?;
    let (ended, under_way): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.ended_ms > 0);
    match (under_way.as_slice(), ended.as_slice()) {
        ([], []) => Some("there has been none".to_owned()),
        ([], [last, ..]) => Some(format!("none is under way, and the last was job {}", last.job)),
        ([only], _) => Some(format!("job {} is under way", only.job)),
        (several, _) => {
            let numbers: Vec<String> = several.iter().map(|row| row.job.to_string()).collect();
            Some(format!("jobs {} are under way", numbers.join(", ")))
        }
    }
}

/// The project whose name is like that of the one that was named.
fn project(context: &mut Context, command: &Command) -> Option<String> {
    let of_command = if let Command::Forget(args) = command { args.path.clone() } else { None };
    let named = context.global.project.clone().or(of_command)?;
    let mut roots = Vec::new();
    let path = |root: &vigie_proto::Bytes| PathBuf::from(OsStr::from_bytes(&root.0));
    context
        .client
        .list(&ListProjects::default(), |page| roots.extend(page.rows.iter().map(|row| path(&row.root))))
        .ok()?;
    near(&context.cwd.join(named), &roots).map(|near| format!("{} is near it", near.display()))
}

/// One slip in three letters of the last name.
fn near<'r>(named: &Path, roots: &'r [PathBuf]) -> Option<&'r Path> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wanted = name(named);
    let slips_max = (wanted.chars().count() / 3).max(1);
    let slips = |root: &&PathBuf| strsim::osa_distance(&wanted, &name(root));
    let whole = |root: &&PathBuf| strsim::osa_distance(&named.to_string_lossy(), &root.to_string_lossy());
    let near = roots.iter().filter(|root| root.as_path() != named && slips(root) <= slips_max);
    near.min_by_key(|root| (slips(root), whole(root))).map(PathBuf::as_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_known_by_their_last_name() {
        let roots = ["/src/harbour", "/old/harbour", "/src/fleet"].map(PathBuf::from);
        let found = |named: &str| near(Path::new(named), &roots).and_then(Path::to_str);
        assert_eq!(found("/src/harbor"), Some("/src/harbour"));
        assert_eq!(found("/elsewhere/fleet"), Some("/src/fleet"));
        assert_eq!(found("/src/fleet"), None, "it is not what was named");
        assert_eq!(found("/src/quay"), None);
    }
}
