//! What a service manager is told as long as the daemon lives: how it is, and that it lives. The second only as long as every core
//! actor answers: whoever hangs takes the daemon down with it, and the one that is started then goes on with its jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::core::Core;
use crate::service;

/// How often the actors are asked, unless the watchdog wants to hear more often.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// Signs of life in the time that the watchdog allows: one may come late.
const SIGNS: u32 = 3;

/// Tells until the daemon is on its way out. `said` is what was said last.
pub(crate) async fn tell(core: Core, watchdog: Option<Duration>, mut said: String, stopping: Arc<AtomicBool>) {
    let mut ticks = tokio::time::interval(watchdog.map_or(ASK_EVERY, |allowed| (allowed / SIGNS).min(ASK_EVERY)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let answer = core.answers().await;
        if stopping.load(Ordering::Relaxed) {
            return;
        }
        if answer {
            service::alive();
        }
        let summary = core.summary().await;
        if summary != said {
            service::status(&summary);
            said = summary;
        }
    }
}
