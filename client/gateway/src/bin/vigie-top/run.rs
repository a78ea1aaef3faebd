//! Ties it together: what happens goes into the state, and the state onto the screen, as seldom as it changes.

use std::env;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ratatui::crossterm::event::{self, Event, KeyEvent};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use vigie::Exit;
use vigie::human::counted;
use vigie_gateway::program;
use vigie_proto::Bytes;

use crate::args::Args;
use crate::keys::press;
use crate::link::Link;
use crate::news::News;
use crate::palette::Palette;
use crate::screen::{self, Screen};
use crate::state::State;
use crate::{NAME, Trouble, once, view};

/// Time from one drawing to the next, at least.
const FRAME: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);

/// What the screen waits for.
enum Wake {
    News(News),
    Key(KeyEvent),
    /// The terminal has another size.
    Resized,
    /// Somebody wants the program to end.
    Ended,
    /// No keys will come any more.
    NoKeys(io::Error),
}

impl From<News> for Wake {
    fn from(news: News) -> Wake {
        Wake::News(news)
    }
}

/// Runs until the person leaves.
pub(crate) fn run(args: &Args) -> Result<Exit, Trouble> {
    if args.json {
        return Err(Trouble::Usage(
            "there is no --json: this is a screen",
            "programs read `vigie events --json`, `vigie projects --json`, `vigie jobs --json` and `vigie status --json`",
        ));
    }
    let options = args.daemon.options(NAME);
    let cwd = env::current_dir().map_err(|error| Trouble::Terminal("tell the current directory", error))?;
    let only = args.project.as_ref().map(|root| absolute(&cwd.join(root)));
    let home = options.environment.home.clone().unwrap_or_default().into_vec();
    let mut state = State::new(absolute(&cwd), home, only.clone());
    state.now_ms = now_ms();
    if args.once {
        return once::print(options, state);
    }

    screen::check()?;
    let (wakes, woken) = channel();
    let link = Link::begin(options, only, wakes.clone())?;
    listen_to_signals(wakes.clone()).map_err(|error| Trouble::Terminal("listen for signals", error))?;
    let mut screen = Screen::open()?;
    listen_to_keys(wakes);
    let end = show(&mut screen, &mut state, &link, &woken);
    drop(screen);
    let going_on = state.jobs.active().count() as u64;
    if going_on > 0 && state.is_up() && end.is_ok() {
        let verb = if going_on == 1 { "goes" } else { "go" };
        program::note(NAME, &format!("{} {verb} on; nothing was cancelled", counted(going_on, "job")), "");
    }
    end
}

/// Draws what is known when it has changed.
fn show(screen: &mut Screen, state: &mut State, link: &Link<Wake>, woken: &Receiver<Wake>) -> Result<Exit, Trouble> {
    let palette = Palette::of_terminal();
    let trouble = |error| Trouble::Terminal("draw on the terminal", error);
    let mut drawn: Option<Instant> = None;
    let mut second = Instant::now() + SECOND;
    let mut changed = true;
    while !state.quit {
        state.now_ms = now_ms();
        if Instant::now() >= second {
            second += SECOND;
            state.second();
            changed = true;
        }
        let frame_due = drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
        if changed && Instant::now() >= frame_due {
            screen.terminal.draw(|frame| view::draw(frame, state, &palette)).map_err(trouble)?;
            (drawn, changed) = (Some(Instant::now()), false);
        }
        let until = if changed { frame_due.min(second) } else { second };
        match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Wake::News(news)) => state.apply(news),
            Ok(Wake::Key(key)) => {
                if let Some(request) = press(state, key) {
                    link.ask(request);
                }
                // A person sees at once that the key was heard.
                drawn = None;
            }
            Ok(Wake::Resized) => drawn = None,
            Ok(Wake::Ended) | Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Interrupted),
            Ok(Wake::NoKeys(error)) => return Err(Trouble::Terminal("read the keys", error)),
            Err(RecvTimeoutError::Timeout) => continue,
        }
        changed = true;
    }
    Ok(Exit::Done)
}

fn listen_to_keys(wakes: Sender<Wake>) {
    thread::spawn(move || {
        loop {
            let wake = match event::read() {
                Ok(Event::Key(key)) => Wake::Key(key),
                Ok(Event::Resize(..)) => Wake::Resized,
                Ok(_) => continue,
                Err(error) => Wake::NoKeys(error),
            };
            let is_last = matches!(wake, Wake::NoKeys(_));
            if wakes.send(wake).is_err() || is_last {
                return;
            }
        }
    });
}

/// The terminal is given back before a signal ends the program.
fn listen_to_signals(wakes: Sender<Wake>) -> io::Result<()> {
    let (mut bell, ringer) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGHUP, SIGINT] {
        pipe::register(signal, ringer.try_clone()?)?;
    }
    thread::spawn(move || {
        let mut ring = [0];
        if matches!(bell.read(&mut ring), Ok(n) if n > 0) {
            // Who does not listen any more is ending already.
            let _ending = wakes.send(Wake::Ended);
        }
    });
    Ok(())
}

fn absolute(path: &std::path::Path) -> Bytes {
    let path: PathBuf = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Bytes(path.into_os_string().into_vec())
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
