//! Flags of ripgrep that people type and that `vigie text` does not have: why not, and what to do instead.

/// The sentence about a flag and what helps; nothing about one that ripgrep has not, or that few people type.
pub(crate) fn absence(flag: &str) -> Option<(&'static str, &'static str)> {
    let is_meant = |names: &&[&str]| names.contains(&flag);
    let (_, why, hint) = ABSENT.iter().find(|(names, ..)| is_meant(names) || is_no_ignore(flag, names))?;
    Some((why, hint))
}

/// The many ways of ripgrep to say that ignored files are wanted.
fn is_no_ignore(flag: &str, names: &[&str]) -> bool {
    flag.starts_with("--no-ignore-") && names.contains(&"--no-ignore")
}

type Absent = (&'static [&'static str], &'static str, &'static str);

const ABSENT: &[Absent] = &[
    (&["-v", "--invert-match"], "only lines that match are found", "use rg -v"),
    (
        &["-U", "--multiline", "--multiline-dotall"],
        "a match never spans lines",
        "search for the part that is on one line, or use rg -U",
    ),
    (
        &["-P", "--pcre2", "--engine", "--auto-hybrid-regex"],
        "patterns have no look-around and no backreferences",
        "use rg -P",
    ),
    (&["-r", "--replace"], "matches are printed as they are", "use rg -r, or pipe the output through sed"),
    (&["-z", "--search-zip"], "compressed files are not in the index", "use rg -z"),
    (&["-L", "--follow"], "symbolic links are not followed", "index the project they lead to, or use rg -L"),
    (&["-.", "--hidden"], "hidden files are always searched", "leave it out"),
    (
        &["-u", "--unrestricted", "--no-ignore"],
        "what the ignore rules leave out is not in the index",
        "use rg -u, or change the rules and index again",
    ),
    (&["-m", "--max-count"], "there is no limit for each file", "use --limit N to end the whole answer after N lines"),
    (&["-N", "--no-line-number"], "line numbers are always printed", "cut them off, as cut -d: -f1,3- does"),
    (&["-I", "--no-filename"], "paths are always printed", "cut them off, as cut -d: -f2- does"),
    (&["-a", "--text", "--binary"], "binary files are not in the index", "use rg -a"),
    (
        &["-q", "--quiet"],
        "what is found is always printed",
        "use --limit 1 >/dev/null: the exit code is 0 if something is found, 1 if nothing is",
    ),
    (&["-f", "--file"], "patterns are not read from a file", "give each of them with -e"),
    (&["-b", "--byte-offset"], "offsets are not printed", "--vimgrep prints columns; for offsets use rg -b"),
    (&["--column"], "columns are printed with every match or not at all", "use --vimgrep"),
    (
        &["-M", "--max-columns", "--max-columns-preview"],
        "lines of more than 4 KiB are cut around their first match, and no others",
        "leave it out, or use rg -M",
    ),
    (&["--files"], "files are not listed without a pattern", "use vigie files"),
    (&["--files-without-match"], "only files with a match are listed", "use rg --files-without-match"),
    (&["--passthru", "--passthrough"], "only lines that match are found", "use rg --passthru"),
    (&["--iglob", "--glob-case-insensitive"], "globs mind case", "write both cases, as in -g '*.[jJ][sS]'"),
    (&["--type-list"], "there is no list of types", "use -t '?' with any pattern: all are named"),
    (&["--type-add", "--type-clear"], "file types cannot be changed", "use -g to choose files"),
    (&["-E", "--encoding"], "files are read as UTF-8, or as UTF-16 if they begin with a byte order mark", "use rg -E"),
    (&["--sort", "--sortr"], "answers come by path, then by line", "leave it out, or pipe the output through sort"),
    (&["-j", "--threads"], "the daemon decides that", "leave it out"),
    (&["-p", "--pretty"], "it has no short name here", "use --color always --heading"),
    (&["--colors"], "the colours are those of the terminal", "leave it out; --color says when to use them"),
    (&["--hyperlink-format"], "links are file://HOST/PATH", "use --hyperlink"),
    (&["--stats"], "there is nothing but the answer", "use --json, which ends with a summary"),
    (&["--no-config"], "there is no configuration of searches", "leave it out"),
    (&["--no-require-git"], "ignore files always count, with git or without", "leave it out"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Args;

    #[test]
    fn flags_are_told_apart_and_none_of_them_exists() {
        let mut command = Args::command();
        command.build();
        let text = command.find_subcommand("text").unwrap();
        let ours: BTreeSet<String> = text
            .get_arguments()
            .flat_map(|arg| [arg.get_short().map(|c| format!("-{c}")), arg.get_long().map(|name| format!("--{name}"))])
            .flatten()
            .collect();
        let mut seen = BTreeSet::new();
        for flag in ABSENT.iter().flat_map(|(names, ..)| *names) {
            assert!(!ours.contains(*flag), "{flag} exists");
            assert!(seen.insert(flag), "{flag} stands twice");
        }
        assert!(ours.contains("--vimgrep"), "{ours:?}");
    }

    #[test]
    fn the_family_of_no_ignore_is_one() {
        assert_eq!(absence("--no-ignore-vcs"), absence("-u"));
        assert!(absence("-u").is_some_and(|(why, _)| why.contains("not in the index")));
        assert_eq!(absence("--no-such-flag"), None);
    }
}
