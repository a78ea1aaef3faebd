//! The end of a daemon that has nothing to do. It ends only when nobody is connected and nobody accepts any more: whoever comes
//! then waits in the queue of the socket, which a service manager keeps, for the next daemon.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Recipient;
use vigie_core::settings::document::time;

use super::Stop;
use super::acceptor::{AloneSince, Retire};
use super::core::Core;
use crate::config::Live;

/// How often it is looked at most, and at least: twenty times in the time allowed.
const LOOK_EVERY_MAX: Duration = Duration::from_secs(15);
const LOOK_EVERY_MIN: Duration = Duration::from_millis(50);

/// Looks again and again whether there is anything to do, and stops the daemon when there was nothing for as long as the
/// configuration says.
pub(crate) async fn watch(core: Core, live: Arc<Live>, lifecycle: Recipient<Stop>) {
    let mut worked = Instant::now();
    loop {
        let allowed = live.values().idle_exit;
        tokio::time::sleep(pause(allowed)).await;
        let Some(allowed) = allowed else { continue };
        if core.has_work().await {
            worked = Instant::now();
            continue;
        }
        let Ok(alone) = core.acceptor.send(AloneSince).await else { return };
        let is_over = alone.is_some_and(|since| since.max(worked).elapsed() >= allowed);
        if is_over && core.acceptor.send(Retire).await.is_ok_and(|has_retired| has_retired) {
            let reason = format!("there was nothing to do for {}", time(allowed.as_secs()));
            return lifecycle.do_send(Stop { reason });
        }
    }
}

fn pause(allowed: Option<Duration>) -> Duration {
    allowed.map_or(LOOK_EVERY_MAX, |allowed| (allowed / 20).clamp(LOOK_EVERY_MIN, LOOK_EVERY_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_time_is_looked_at_more_often() {
        assert_eq!(pause(None), Duration::from_secs(15));
        assert_eq!(pause(Some(Duration::from_secs(900))), Duration::from_secs(15));
        assert_eq!(pause(Some(Duration::from_secs(2))), Duration::from_millis(100));
    }
}
