//! How a caller that waits is told of the steps of a job: progress notifications where its request has a token, the status of its
//! task, or not at all.

use std::time::{Duration, Instant};

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use rmcp::task_manager::TaskContext;
use vigie::human::{escape, percent};
use vigie_proto::ProgressEvent;

/// No two notifications are closer together.
const PAUSE: Duration = Duration::from_millis(100);
/// The share of a whole job is told in thousandths.
const TOTAL: f64 = 1000.0;

/// Where steps are told.
#[derive(Clone)]
pub enum Steps {
    /// Nowhere.
    Untold,
    /// To a request's token.
    Notified(Notifier),
    /// To whoever asks for a task.
    Task(TaskContext),
}

impl Steps {
    /// Tells of a step, unless one was told just now.
    pub(super) async fn tell(&mut self, event: &ProgressEvent) {
        match self {
            Steps::Untold => {}
            Steps::Notified(notifier) => notifier.tell(event).await,
            Steps::Task(task) => task.set_status_message(sentence(event)),
        }
    }
}

/// Sends progress notifications: no more than ten a second, and each with more progress than the last, as the protocol wants it.
#[derive(Clone)]
pub struct Notifier {
    peer: Peer<RoleServer>,
    token: ProgressToken,
    last: Option<Instant>,
    pace: Pace,
}

impl Notifier {
    /// For a request's token.
    pub fn new(peer: Peer<RoleServer>, token: ProgressToken) -> Notifier {
        Notifier { peer, token, last: None, pace: Pace::default() }
    }

    async fn tell(&mut self, event: &ProgressEvent) {
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        self.last = Some(Instant::now());
        let param = ProgressNotificationParam::new(self.token.clone(), self.pace.step(event.permille))
            .with_total(TOTAL)
            .with_message(sentence(event));
        // Whoever went away misses nothing.
        let _gone = self.peer.notify_progress(param).await;
    }
}

/// Numbers that always rise, though a job may stand at one thousandth for long.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    permille: u16,
    steps: u32,
}

impl Pace {
    fn step(&mut self, permille: u16) -> f64 {
        // A job that is joined by another call may be told of anew.
        let permille = permille.max(self.permille);
        self.steps = if permille == self.permille { self.steps + 1 } else { 0 };
        self.permille = permille;
        let within = f64::from(self.steps) / f64::from(self.steps + 1);
        (f64::from(permille) + within).min(TOTAL)
    }
}

/// `indexing 120 of 1,000 files, 43.1%: src/main.rs`
fn sentence(event: &ProgressEvent) -> String {
    let mut sentence = event.stage.name().replace('_', " ");
    if event.total > 0 {
        sentence += &format!(" {} of {} files", event.current, event.total);
    }
    sentence += &format!(", {}", percent(event.permille));
    if !event.file.is_empty() {
        sentence += &format!(": {}", escape(&event.file.0));
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_always_rises() {
        let mut pace = Pace::default();
        let told: Vec<f64> =
            [0, 0, 0, 5, 5, 5, 999, 999, 1000].into_iter().map(|permille| pace.step(permille)).collect();
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
        assert_eq!(told.last(), Some(&TOTAL));
    }
}
