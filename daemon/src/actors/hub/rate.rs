//! How fast a job goes and how long it will take. Pure: time is an argument.

use std::time::{Duration, Instant};

/// Weight of the past halves in this time, so that a short stop does not make the rate jump.
const HALF_LIFE: Duration = Duration::from_secs(2);
/// An estimate from less progress than this, in thousandths, would be noise.
const PERMILLE_MIN: u16 = 10;

/// Files a second, smoothed, and the estimate of the end.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    per_second: f64,
    last: Option<(Instant, u64)>,
    origin: Option<(Instant, u16)>,
}

impl Rate {
    /// Nothing known yet.
    pub(crate) fn new() -> Rate {
        Rate { per_second: 0.0, last: None, origin: None }
    }

    /// Another stage counts other files from the start.
    pub(crate) fn restart(&mut self) {
        (self.per_second, self.last) = (0.0, None);
    }

    /// Takes in the counters of now.
    pub(crate) fn note(&mut self, now: Instant, current: u64, permille: u16) {
        self.origin.get_or_insert((now, permille));
        let Some((then, before)) = self.last.replace((now, current)) else { return };
        let seconds = now.saturating_duration_since(then).as_secs_f64();
        if seconds <= 0.0 {
            self.last = Some((then, before));
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of files are far below 2^52")]
        let measured = current.saturating_sub(before) as f64 / seconds;
        let keep = if self.per_second == 0.0 { 0.0 } else { 0.5_f64.powf(seconds / HALF_LIFE.as_secs_f64()) };
        self.per_second = self.per_second * keep + measured * (1.0 - keep);
    }

    /// Files a second, in thousandths.
    pub(crate) fn milli(&self) -> u64 {
        whole(self.per_second * 1000.0)
    }

    /// Milliseconds until the job ends, by its share of committed work; before there is enough of that, by the files of the
    /// stage; 0 = not known.
    pub(crate) fn eta_ms(&self, now: Instant, permille: u16, left: u64) -> u64 {
        let Some((origin, began)) = self.origin else { return 0 };
        let done = permille.saturating_sub(began);
        if done >= PERMILLE_MIN {
            let elapsed = now.saturating_duration_since(origin).as_secs_f64() * 1000.0;
            return whole(elapsed * f64::from(1000 - permille.min(1000)) / f64::from(done));
        }
        if self.per_second < 0.001 {
            return 0;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of files are far below 2^52")]
        let left = left as f64;
        whole(left / self.per_second * 1000.0)
    }
}

fn whole(x: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, and never negative")]
    let whole = x.max(0.0) as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_job_has_its_rate_and_its_end() {
        let mut rate = Rate::new();
        let start = Instant::now();
        for tick in 0..=50_u32 {
            let permille = u16::try_from(tick * 10).unwrap();
            rate.note(start + Duration::from_millis(100) * tick, u64::from(tick) * 20, permille);
        }
        assert!((195_000..=205_000).contains(&rate.milli()), "{}", rate.milli());
        let eta = rate.eta_ms(start + Duration::from_secs(5), 500, 1000);
        assert!((4_900..=5_100).contains(&eta), "{eta}");
    }

    #[test]
    fn nothing_is_known_at_first() {
        let mut rate = Rate::new();
        assert_eq!((rate.milli(), rate.eta_ms(Instant::now(), 0, 10)), (0, 0));
        rate.note(Instant::now(), 5, 0);
        assert_eq!(rate.milli(), 0);
    }

    #[test]
    fn a_stop_lets_the_rate_fall() {
        let mut rate = Rate::new();
        let start = Instant::now();
        rate.note(start, 0, 0);
        rate.note(start + Duration::from_secs(1), 100, 0);
        let before = rate.milli();
        rate.note(start + Duration::from_secs(5), 100, 0);
        assert!(rate.milli() < before / 2);
    }
}
