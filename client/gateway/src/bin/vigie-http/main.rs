//! `vigie http`: the gateway for HTTP as a program. What it answers is the library's; here is what may be typed, what is said at the
//! start, and how it ends.

mod args;
mod manual;

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use vigie::json::Object;
use vigie::{Client, Exit, Options};
use vigie_gateway::http::{Gateway, GatewayError, Listening, Settings, Token, TokenError, UnixPlace};
use vigie_gateway::program;
use vigie_gateway::tools::Project;
use vigie_proto::Ping;

use args::Args;
use manual::MANUAL;

/// What it is called where it speaks.
const NAME: &str = "vigie http";
/// Threads for requests to the daemon, which block; other requests wait for one of them.
const BLOCKING_MAX: usize = 128;
/// A blocking thread without work ends after so long.
const BLOCKING_KEPT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let end = match MANUAL.asked_for::<Args>(&words) {
        Some(written) => written.map_err(Trouble::Output),
        None => match program::read::<Args>(NAME, &words) {
            Ok(args) => run(&args),
            Err(code) => return code,
        },
    };
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            program::note(NAME, &trouble.to_string(), &trouble.hint());
            ExitCode::from(trouble.exit().code())
        }
    }
}

fn run(args: &Args) -> Result<(), Trouble> {
    let options = args.daemon.options(NAME);
    let uid = options.environment.uid;
    let token = args.token_file.as_deref().map(|path| Token::read(path, uid)).transpose()?;
    let unix = args.unix.clone().map_or(UnixPlace::Beside, UnixPlace::At);
    let project = match &args.project {
        Some(root) => Project::Root(std::path::absolute(root).map_err(|e| Trouble::Gateway(GatewayError::System(e)))?),
        // Where the gateway was started says nothing about what its clients work on.
        None => Project::Unknown,
    };
    let bind = SocketAddr::new(args.bind, args.port);
    let settings = Settings { bind, token, unix, options: options.clone(), project };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_MAX)
        .thread_keep_alive(BLOCKING_KEPT)
        .build()
        .map_err(|e| Trouble::Gateway(GatewayError::System(e)))?;
    let end = runtime.block_on(async {
        let gateway = Gateway::listen(settings).await?;
        // Whoever is told where it listens may end it from then on.
        let signals = |kind| signal(kind).map_err(|e| Trouble::Gateway(GatewayError::System(e)));
        let (mut interrupt, mut terminate) = (signals(SignalKind::interrupt())?, signals(SignalKind::terminate())?);
        announce(args, &gateway.listening()).map_err(Trouble::Output)?;
        tokio::task::spawn_blocking(move || wake(options));
        let end = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        gateway.run(end).await;
        Ok(())
    });
    // A request that is still under way is nobody's any more.
    runtime.shutdown_background();
    end
}

/// Has the daemon started. If it does not, each request says why; it may by then.
fn wake(options: Options) {
    if let Err(error) = Client::new(options).ask(&Ping::default()) {
        program::note(NAME, &format!("no daemon yet: {error}"), "");
    }
}

/// Says where it listens, in one line.
fn announce(args: &Args, listening: &Listening) -> io::Result<()> {
    let unix = listening.unix.as_ref();
    let line = if args.json {
        let line = Object::line("listening").string("url", &listening.url);
        match unix {
            Some(path) => line.bytes("unix", std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str())),
            None => line.string_or_null("unix", ""),
        }
        .finish()
    } else {
        let unix = unix.map_or_else(String::new, |path| format!(", and on {}", path.display()));
        format!("{NAME}: listening on {}{unix}", listening.url)
    };
    if unix.is_none() {
        program::note(
            NAME,
            "another gateway has the Unix socket beside the daemon's; --unix PATH gives this one its own",
            "",
        );
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Why there is no gateway.
#[derive(Debug)]
enum Trouble {
    Gateway(GatewayError),
    Token(TokenError),
    Output(io::Error),
}

impl From<GatewayError> for Trouble {
    fn from(error: GatewayError) -> Trouble {
        Trouble::Gateway(error)
    }
}

impl From<TokenError> for Trouble {
    fn from(error: TokenError) -> Trouble {
        Trouble::Token(error)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Gateway(error) => error.fmt(f),
            Trouble::Token(error) => error.fmt(f),
            Trouble::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl Trouble {
    fn hint(&self) -> String {
        match self {
            Trouble::Gateway(error) => error.hint(),
            Trouble::Token(error) => error.hint(),
            Trouble::Output(_) => String::new(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Trouble::Gateway(GatewayError::Daemon(error)) => Exit::of(error),
            Trouble::Gateway(GatewayError::Bind(_, error) | GatewayError::Unix(_, error))
                if error.kind() == io::ErrorKind::PermissionDenied =>
            {
                Exit::Permission
            }
            Trouble::Gateway(_) | Trouble::Token(_) | Trouble::Output(_) => Exit::Failure,
        }
    }
}
