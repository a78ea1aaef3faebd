//! A service manager's watchdog: fed as long as every part of the daemon answers, and no longer.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{Duration, Instant};

use vigie_proto::Ping;
use vigie_tests::TestEnv;

use crate::support::indexed;

/// The time that the watchdog allows.
const ALLOWED: Duration = Duration::from_millis(900);
/// Longest to wait for something to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// The service manager's end of what a daemon says of itself.
struct Listener(UnixDatagram);

impl Listener {
    fn at(path: &Path) -> Listener {
        let socket = UnixDatagram::bind(path).expect("the path is free");
        socket.set_read_timeout(Some(ALLOWED)).expect("a time");
        Listener(socket)
    }

    /// Whether the watchdog is fed within the time that it allows.
    fn is_fed(&self) -> bool {
        let (since, mut text) = (Instant::now(), [0; 4096]);
        while since.elapsed() < ALLOWED {
            match self.0.recv(&mut text) {
                Ok(bytes) if text[..bytes].split(|byte| *byte == b'\n').any(|line| line == b"WATCHDOG=1") => {
                    return true;
                }
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return false,
                Err(e) => panic!("the socket fails: {e}"),
            }
        }
        false
    }

    /// Waits until it is so, or is not so.
    #[track_caller]
    fn until_fed(&self, wanted: bool) {
        let since = Instant::now();
        while self.is_fed() != wanted {
            assert!(since.elapsed() < PATIENCE, "fed: {wanted}, within {PATIENCE:?}");
        }
    }
}

/// The registry's thread waits for a lock that somebody else holds: one part of a daemon that is otherwise well.
#[test]
fn a_part_that_is_stuck_ends_the_feeding_of_the_watchdog() {
    let env = TestEnv::new();
    let listener = Listener::at(&env.path("notify"));
    let (socket, micros) = (env.path("notify"), ALLOWED.as_micros().to_string());
    let variables = [("NOTIFY_SOCKET", socket.to_str().expect("UTF-8")), ("WATCHDOG_USEC", micros.as_str())];
    let daemon = env.start_daemon_with(&[], &variables);
    let root = indexed(&env, "held", &[("a.py", "def here(): pass\n")]);
    listener.until_fed(true);
    let registry = rusqlite::Connection::open(env.state_dir().join("registry.sqlite")).expect("the registry");
    registry.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    // A job is written down before anybody hears of it.
    let waiting = env.spawn_vigie_in(&root, &["index", "--force"]);
    listener.until_fed(false);
    let mut wire = daemon.connect();
    wire.ask(&Ping::default()).expect("the sessions answer all the while");
    registry.execute_batch("ROLLBACK").expect("it is ours");
    listener.until_fed(true);
    waiting.finish();
    assert!(daemon.stop());
}
