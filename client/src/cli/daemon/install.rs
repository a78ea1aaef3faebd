//! `vigie daemon install` and `uninstall`: writes the units for this user's systemd and has it listen, or undoes that. Either may be
//! done again; what is as it should be is left alone.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use vigie::systemd::{self, PROGRAM, SERVICE_UNIT, SOCKET_UNIT, UserManager, user_unit_dir};

use super::units::{MARK, Surroundings, service, socket};
use super::{Exit, running, stop_running};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use vigie::human::escape;
use vigie::json::Object;

/// What is to be done, or was.
#[derive(Debug, Default)]
struct Plan {
    /// Files to write.
    write: Vec<(PathBuf, String)>,
    /// Files to remove.
    remove: Vec<PathBuf>,
    /// A daemon that systemd did not start makes way.
    stop_own: bool,
    /// Words for `systemctl --user` before files are removed, and after files are written.
    commands: Vec<Vec<&'static str>>,
    /// Words for `systemctl --user` after files are removed.
    afterwards: Vec<Vec<&'static str>>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty() && self.commands.is_empty()
    }
}

/// Has systemd listen for the daemon.
pub(super) fn install(context: &mut Context, dry_run: bool) -> Result<Exit, CliError> {
    if context.global.socket.is_some() {
        return Err(CliError::Usage {
            message: "systemd listens on the usual socket, and --socket names another".to_owned(),
            hint: "leave --socket out".to_owned(),
        });
    }
    let options = context.options();
    let manager = UserManager::find(&options.environment);
    if manager.is_none() && !dry_run {
        return Err(no_manager(options.environment.uid));
    }
    let units = units(&options.environment)?;
    let mut plan = Plan::default();
    for (path, text) in units {
        plan.write.extend(needed(&path, text)?.map(|text| (path, text)));
    }
    let is_listening = manager.as_ref().is_some_and(|manager| manager.has_socket_enabled() && manager.is_listening());
    let serves = manager.as_ref().is_some_and(UserManager::is_serving);
    if !plan.write.is_empty() {
        plan.commands.push(vec!["daemon-reload"]);
    }
    if !is_listening {
        plan.stop_own = !serves && running(context)?.is_some();
        plan.commands.push(vec!["enable", "--now", SOCKET_UNIT]);
    }
    if serves && !plan.write.is_empty() {
        plan.commands.push(vec!["try-restart", SERVICE_UNIT]);
    }
    let listening = options.places()?.socket;
    let listens = format!("systemd listens on {}, and starts the daemon for the first command", listening.display());
    let done = if plan.is_empty() { format!("nothing to do: {listens}") } else { listens };
    let stopped = carry_out(context, manager.as_ref(), &plan, dry_run)?;
    if stopped {
        // Its jobs and watched projects go on.
        drop(vigie::connect_greeted(&options)?);
    }
    if dry_run && manager.is_none() {
        context.out.note(&no_manager(options.environment.uid).to_string());
    }
    describe(context, "daemon_install", &plan, dry_run, &done)
}

/// Has systemd listen no longer.
pub(super) fn uninstall(context: &mut Context, dry_run: bool) -> Result<Exit, CliError> {
    let options = context.options();
    let manager = UserManager::find(&options.environment);
    let dir = unit_dir(&options.environment)?;
    let written = [SOCKET_UNIT, SERVICE_UNIT].map(|name| dir.join(name)).into_iter().filter(|path| is_ours(path));
    let mut plan = Plan { remove: written.collect(), ..Plan::default() };
    if let Some(manager) = &manager {
        if manager.has_socket_enabled() || manager.is_listening() {
            plan.commands.push(vec!["disable", "--now", SOCKET_UNIT]);
        }
        if manager.is_serving() {
            plan.commands.push(vec!["stop", SERVICE_UNIT]);
        }
        if !plan.remove.is_empty() {
            plan.afterwards.push(vec!["daemon-reload"]);
        }
    } else if !plan.remove.is_empty() && !dry_run {
        return Err(no_manager(options.environment.uid));
    }
    let done = if plan.is_empty() {
        "nothing to do: systemd does not listen for the daemon".to_owned()
    } else {
        "systemd listens no longer, and commands start the daemon themselves; indexes and configuration stay".to_owned()
    };
    carry_out(context, manager.as_ref(), &plan, dry_run)?;
    describe(context, "daemon_uninstall", &plan, dry_run, &done)
}

/// Does it, unless it is only to be shown. Whether a daemon was stopped that shall go on under systemd.
fn carry_out(context: &Context, manager: Option<&UserManager>, plan: &Plan, dry_run: bool) -> Result<bool, CliError> {
    let Some(manager) = manager.filter(|_| !dry_run) else { return Ok(false) };
    for (path, text) in &plan.write {
        write(path, text).map_err(|source| failed("write", path, &source))?;
    }
    let stopped = plan.stop_own && stop_running(context)?;
    for words in &plan.commands {
        command(manager, words)?;
    }
    for path in &plan.remove {
        fs::remove_file(path).map_err(|source| failed("remove", path, &source))?;
    }
    for words in &plan.afterwards {
        command(manager, words)?;
    }
    Ok(stopped)
}

fn command(manager: &UserManager, words: &[&str]) -> Result<(), CliError> {
    let ran = manager.run(words).map_err(|source| CliError::System { what: "run systemctl", source })?;
    if ran.done {
        return Ok(());
    }
    Err(CliError::Usage {
        message: format!("{} failed: {}", shown(words), ran.complaint),
        hint: "`systemctl --user status vigied.socket vigied.service` says more".to_owned(),
    })
}

/// Whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let beside = path.with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(beside, path)
}

fn failed(what: &str, path: &Path, source: &io::Error) -> CliError {
    CliError::Usage {
        message: format!("cannot {what} {}: {source}", path.display()),
        hint: "check whose the directory is".to_owned(),
    }
}

fn describe(context: &mut Context, r#type: &str, plan: &Plan, dry_run: bool, done: &str) -> Result<Exit, CliError> {
    let commands: Vec<String> = plan.commands.iter().chain(&plan.afterwards).map(|words| shown(words)).collect();
    // Done whether or not somebody reads this.
    if context.global.json {
        let written = plan.write.iter().map(|(path, text)| {
            let object = Object::part().bytes("path", path.as_os_str().as_encoded_bytes());
            if dry_run { object.string("text", text) } else { object }
        });
        let removed = plan.remove.iter().map(|path| Object::part().bytes("path", path.as_os_str().as_encoded_bytes()));
        let line = Object::line(r#type)
            .flag("dry_run", dry_run)
            .objects("written", written)
            .objects("removed", removed)
            .strings("commands", &commands);
        let _still = context.out.line(line.finish());
        return Ok(Exit::Done);
    }
    let (write, remove, run) =
        if dry_run { ("would write", "would remove", "would run") } else { ("wrote", "removed", "ran") };
    for (path, text) in &plan.write {
        let path = escape(path.as_os_str().as_encoded_bytes());
        let _still = context.out.line(format!("{write} {path}"));
        if dry_run {
            let _still = context.out.line(text.lines().map(|line| format!("    {line}\n")).collect::<String>());
        }
    }
    for path in &plan.remove {
        let _still = context.out.line(format!("{remove} {}", escape(path.as_os_str().as_encoded_bytes())));
    }
    for command in &commands {
        let _still = context.out.line(format!("{run} {command}"));
    }
    if !dry_run || plan.is_empty() {
        let _still = context.out.line(escape(done.as_bytes()));
    }
    Ok(Exit::Done)
}

fn shown(words: &[&str]) -> String {
    format!("{PROGRAM} --user {}", words.join(" "))
}

fn unit_dir(environment: &vigie::Environment) -> Result<PathBuf, CliError> {
    let config_home = env::var_os("XDG_CONFIG_HOME");
    user_unit_dir(config_home.as_ref(), environment.home.as_ref()).ok_or_else(|| CliError::Usage {
        message: "there is no place for units: neither XDG_CONFIG_HOME nor HOME is an absolute path".to_owned(),
        hint: "set HOME".to_owned(),
    })
}

/// The units of this user: where, and with which text, without the mark.
fn units(environment: &vigie::Environment) -> Result<[(PathBuf, String); 2], CliError> {
    let dir = unit_dir(environment)?;
    let config_home = env::var_os("XDG_CONFIG_HOME");
    let home = environment.home.clone();
    let program = absolute_program()?;
    let program = text_of(program.as_os_str().to_owned())?;
    let state_home = unusual(environment.xdg_state_home.clone(), home.as_ref(), ".local/state")?;
    let config_home = unusual(config_home, home.as_ref(), ".config")?;
    let surroundings =
        Surroundings { program: &program, state_home: state_home.as_deref(), config_home: config_home.as_deref() };
    Ok([(dir.join(SOCKET_UNIT), socket()), (dir.join(SERVICE_UNIT), service(&surroundings))])
}

/// A directory that the environment names, unless it is the usual one below the home directory.
fn unusual(value: Option<OsString>, home: Option<&OsString>, usual: &str) -> Result<Option<String>, CliError> {
    let named = value.filter(|value| Path::new(value).is_absolute());
    let is_usual = |named: &OsString| home.is_some_and(|home| Path::new(home).join(usual) == Path::new(named));
    named.filter(|named| !is_usual(named)).map(text_of).transpose()
}

fn text_of(path: OsString) -> Result<String, CliError> {
    path.into_string().map_err(|path| CliError::Usage {
        message: format!("{} is no UTF-8, and units are", path.display()),
        hint: "use a directory of another name".to_owned(),
    })
}

/// The daemon's program by its path: a unit looks it up nowhere.
fn absolute_program() -> Result<PathBuf, CliError> {
    let program = vigie::program();
    if program.is_absolute() {
        return Ok(program);
    }
    let dirs: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let found = dirs.into_iter().map(|dir| dir.join(&program)).find(|path| path.is_absolute() && path.is_file());
    found.ok_or_else(|| CliError::Usage {
        message: "there is no `vigied` beside `vigie`, and none in a directory of PATH".to_owned(),
        hint: "install both programs".to_owned(),
    })
}

/// What to write, if anything: neither where it stands already, here or for all users, nor over what somebody else wrote.
fn needed(path: &Path, text: String) -> Result<Option<String>, CliError> {
    let marked = format!("{MARK}{text}");
    match fs::read_to_string(path) {
        Ok(there) if there == marked => Ok(None),
        Ok(there) if there.starts_with(MARK) => Ok(Some(marked)),
        Ok(_) => Err(CliError::Usage {
            message: format!("{} is there already, and `vigie daemon install` did not write it", path.display()),
            hint: "move it away; `systemctl --user edit vigied` keeps changes of yours".to_owned(),
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            Ok((!systemd::is_shared(name, &text)).then_some(marked))
        }
        Err(e) => Err(failed("read", path, &e)),
    }
}

fn is_ours(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.starts_with(MARK))
}

fn no_manager(uid: u32) -> CliError {
    CliError::Usage {
        message: "no user manager of systemd runs here, and nothing needs to be installed: commands start the daemon themselves"
            .to_owned(),
        hint: format!(
            "on a machine with systemd but without user managers, root can install vigied@.socket and vigied@.service, and run \
             `systemctl enable --now vigied@{uid}.socket`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("no-such-unit-anywhere.service");
        let wanted = || needed(&path, "[Unit]\n".to_owned());
        let text = wanted().unwrap().unwrap();
        write(&path, &text).unwrap();
        assert!(is_ours(&path) && wanted().unwrap().is_none(), "it is there");
        fs::write(&path, format!("{MARK}[Unit]\nDescription=older\n")).unwrap();
        assert_eq!(wanted().unwrap(), Some(text), "an older one is replaced");
        fs::write(&path, "[Unit]\n").unwrap();
        assert!(wanted().unwrap_err().to_string().contains("did not write it"));
        assert!(!is_ours(&path));
    }

    #[test]
    fn only_unusual_directories_are_named() {
        let home = OsString::from("/home/ann");
        let of = |value: &str| unusual(Some(value.into()), Some(&home), ".local/state").unwrap();
        assert_eq!(of("/home/ann/.local/state"), None);
        assert_eq!(of("relative"), None);
        assert_eq!(of("/data"), Some("/data".to_owned()));
    }
}
