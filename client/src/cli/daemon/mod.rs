//! `vigie daemon`: starts, stops, installs and looks at the daemon. Where systemd listens for it, whoever connects starts it: whether
//! one runs is therefore asked of its locks.

mod install;
mod logs;
mod units;

use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use vigie::{
    ClientError, Connection, Options, PATIENCE, Received, UserManager, Wait, connect_greeted, request::expect,
    wait::Woken,
};
use vigie_proto::{Done, Shutdown};

use super::args::{DaemonAction, DaemonArgs};
use super::context::Context;
use super::doctor;
use super::exit::{CliError, Exit};
use vigie::human::escape;
use vigie::json::Object;

pub(crate) fn run(context: &mut Context, args: &DaemonArgs) -> Result<Exit, CliError> {
    check_spawn(context, &args.action)?;
    match &args.action {
        DaemonAction::Start => start(context),
        DaemonAction::Stop => stop(context),
        DaemonAction::Restart => {
            check_configuration()?;
            stop_running(context)?;
            start(context)
        }
        DaemonAction::Status => status(context),
        DaemonAction::Install(args) => install::install(context, args.dry_run),
        DaemonAction::Uninstall(args) => install::uninstall(context, args.dry_run),
        DaemonAction::Logs(args) => logs::run(context, args),
    }
}

/// Before a restart stops anything.
fn check_spawn(context: &Context, action: &DaemonAction) -> Result<(), CliError> {
    let spawns = matches!(action, DaemonAction::Start | DaemonAction::Restart);
    if !(spawns && context.global.no_spawn) {
        return Ok(());
    }
    Err(CliError::Usage {
        message: "--no-spawn forbids to start the daemon".to_owned(),
        hint: "leave --no-spawn out; `vigie daemon status` says whether one runs".to_owned(),
    })
}

/// Before a restart stops a daemon that is well.
fn check_configuration() -> Result<(), CliError> {
    match doctor::configuration_fault() {
        None => Ok(()),
        Some(fault) => Err(CliError::Usage {
            message: format!("no daemon would start, so none was stopped: {fault}"),
            hint: "correct that, then `vigie daemon restart`".to_owned(),
        }),
    }
}

fn start(context: &mut Context) -> Result<Exit, CliError> {
    let (connection, started) = match running(context)? {
        Some(connection) => (connection, false),
        None => (connect_greeted(&Options { spawn: true, ..context.options() })?, true),
    };
    describe(context, connection, if started { "started" } else { "runs already" })
}

fn status(context: &mut Context) -> Result<Exit, CliError> {
    match running(context)? {
        Some(connection) => describe(context, connection, "runs"),
        None => {
            absent(context, "no daemon runs", "starts one for the next command")?;
            Ok(Exit::Unreachable)
        }
    }
}

fn stop(context: &mut Context) -> Result<Exit, CliError> {
    let sentence = if stop_running(context)? { "the daemon has stopped" } else { "no daemon was running" };
    absent(context, sentence, "starts it again for the next command, until `vigie daemon uninstall`")?;
    Ok(Exit::Done)
}

/// Whether systemd listens where this client connects.
fn is_activated(context: &Context) -> bool {
    let manager = UserManager::find(&context.options().environment).filter(|_| context.global.socket.is_none());
    manager.is_some_and(|manager| manager.is_listening())
}

/// A connection to the daemon, if one runs. None is started.
fn running(context: &Context) -> Result<Option<Connection>, CliError> {
    let options = context.options();
    let Some(socket) = options.places()?.socket_of_running() else { return Ok(None) };
    match connect_greeted(&Options { spawn: false, socket: Some(socket), ..options }) {
        Ok(connection) => Ok(Some(connection)),
        Err(ClientError::NoDaemon { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn describe(context: &mut Context, mut connection: Connection, state: &str) -> Result<Exit, CliError> {
    let socket = connection.socket().as_os_str().as_encoded_bytes().to_vec();
    let welcome = connection.welcome()?;
    let line = if context.global.json {
        Object::line("daemon")
            .flag("running", true)
            .flag("started", state == "started")
            .number("pid", welcome.pid)
            .bytes("socket", &socket)
            .string("version", &welcome.version)
            .number("protocol", welcome.protocol)
            .number("epoch", welcome.epoch)
            .finish()
    } else {
        let version = escape(welcome.version.as_bytes());
        format!("vigied {version} {state}: pid {}, socket {}", welcome.pid, escape(&socket))
    };
    // The daemon runs whether or not somebody reads this.
    let _still = context.out.line(line);
    Ok(Exit::Done)
}

/// No daemon runs, and this is what systemd does about it if it listens.
fn absent(context: &mut Context, sentence: &str, systemd: &str) -> Result<(), CliError> {
    let socket = context.options().places()?.socket;
    let is_activated = is_activated(context);
    let line = if context.global.json {
        Object::line("daemon")
            .flag("running", false)
            .bytes("socket", socket.as_os_str().as_encoded_bytes())
            .flag("activated", is_activated)
            .finish()
    } else if is_activated {
        format!("{sentence}; systemd {systemd}")
    } else {
        sentence.to_owned()
    };
    // There is no daemon whether or not somebody reads this.
    let _still = context.out.line(line);
    Ok(())
}

/// Stops the daemon, if one runs, and waits for its end: the connection's, and the process's where that can be seen, because
/// the daemon lets go of its locks last.
fn stop_running(context: &Context) -> Result<bool, CliError> {
    match running(context)? {
        Some(connection) => stop_connected(connection).map(|()| true).map_err(CliError::from),
        None => Ok(false),
    }
}

/// The same for the daemon of a connection.
pub(super) fn stop_connected(mut connection: Connection) -> Result<(), ClientError> {
    let wait = Wait::until(Instant::now() + PATIENCE);
    let pid = connection.welcome()?.pid;
    let process = process(pid);
    let late = || ClientError::StillThere { pid, seconds: PATIENCE.as_secs() };
    let id = connection.send(&Shutdown::default())?;
    match connection.receive_for(id, &wait) {
        Ok(Received::Frame(frame)) => drop(expect::<Done>(&frame)?),
        Ok(Received::Deadline | Received::Wake) => return Err(late()),
        Err(error) if error.is_loss() => {}
        Err(error) => return Err(error),
    }
    match connection.read_to_end(&wait) {
        Err(ClientError::Deadline) => return Err(late()),
        ended => ended?,
    }
    match process.map(|process| wait.readable(process.as_fd())) {
        Some(Ok(Woken::Deadline | Woken::Wake)) => Err(late()),
        Some(Ok(Woken::Readable) | Err(_)) | None => Ok(()),
    }
}

/// A handle that becomes readable when the process ends. None if the process is in another namespace.
fn process(pid: u32) -> Option<OwnedFd> {
    pidfd_open(Pid::from_raw(i32::try_from(pid).ok()?)?, PidfdFlags::empty()).ok()
}
