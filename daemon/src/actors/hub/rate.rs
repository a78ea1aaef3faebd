//! How fast a job goes and how long it will take. Pure: time is an argument.

use std::time::{Duration, Instant};

/// Weight of the past halves in this time, so that a short stop does not make the rate jump.
const HALF_LIFE: Duration = Duration::from_secs(2);
/// For the estimate of the end it halves in this share of the job's time, if that is longer: a long job moves in rare steps.
const HALF_LIFE_SHARE: f64 = 0.25;
/// No end is estimated before the job has run for this long, nor before its share has had this many values.
const ESTIMATE_AFTER: Duration = Duration::from_secs(1);
const ESTIMATE_VALUES_MIN: u32 = 3;

/// Files a second, smoothed, and the estimate of the end.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    per_second: f64,
    last: Option<(Instant, u64)>,
    share: Option<Share>,
}

/// How the job's share of done work, in thousandths, has grown of late.
#[derive(Clone, Debug)]
struct Share {
    origin: Instant,
    values: u32,
    last: (Instant, u16),
    grown: f64,
    seconds: f64,
}

impl Share {
    fn new(now: Instant, permille: u16) -> Share {
        Share { origin: now, values: 1, last: (now, permille), grown: 0.0, seconds: 0.0 }
    }

    /// Adds what happened since the last look, and lets what was before weigh less.
    fn note(&mut self, now: Instant, permille: u16) {
        let (then, before) = std::mem::replace(&mut self.last, (now, permille));
        let has_grown = permille > before;
        // The time before the first step was spent on work that has no share.
        if self.values > 1 {
            let seconds = now.saturating_duration_since(then).as_secs_f64();
            let elapsed = now.saturating_duration_since(self.origin).as_secs_f64();
            let keep = 0.5_f64.powf(seconds / HALF_LIFE.as_secs_f64().max(elapsed * HALF_LIFE_SHARE));
            self.grown = self.grown * keep + f64::from(permille.saturating_sub(before));
            self.seconds = self.seconds * keep + seconds;
        }
        self.values += u32::from(has_grown);
    }

    fn eta_ms(&self) -> u64 {
        let (now, permille) = self.last;
        let is_early = now.saturating_duration_since(self.origin) < ESTIMATE_AFTER || self.values < ESTIMATE_VALUES_MIN;
        if is_early || self.grown <= 0.0 {
            return 0;
        }
        whole(f64::from(1000 - permille.min(1000)) * self.seconds / self.grown * 1000.0)
    }
}

impl Rate {
    /// Nothing known yet.
    pub(crate) fn new() -> Rate {
        Rate { per_second: 0.0, last: None, share: None }
    }

    /// Another stage counts other files from the start.
    pub(crate) fn restart(&mut self) {
        (self.per_second, self.last) = (0.0, None);
    }

    /// Takes in the counters of now.
    pub(crate) fn note(&mut self, now: Instant, current: u64, permille: u16) {
        self.share.get_or_insert_with(|| Share::new(now, permille)).note(now, permille);
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

    /// Milliseconds until the whole job ends, at the speed of late of its share of done work; 0 = not known.
    pub(crate) fn eta_ms(&self) -> u64 {
        self.share.as_ref().map_or(0, Share::eta_ms)
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
        let eta = rate.eta_ms();
        assert!((4_900..=5_100).contains(&eta), "{eta}");
    }

    #[test]
    fn nothing_is_known_at_first() {
        let mut rate = Rate::new();
        assert_eq!((rate.milli(), rate.eta_ms()), (0, 0));
        rate.note(Instant::now(), 5, 0);
        assert_eq!(rate.milli(), 0);
    }

    /// The estimates while the share stands at these values, one every 250 ms.
    fn estimates(values: &[u16]) -> Vec<u64> {
        let (mut rate, start) = (Rate::new(), Instant::now());
        let mut at = |(n, permille): (usize, &u16)| {
            rate.note(start + Duration::from_millis(250) * u32::try_from(n).unwrap(), 0, *permille);
            rate.eta_ms()
        };
        values.iter().enumerate().map(&mut at).collect()
    }

    #[test]
    fn no_end_is_estimated_from_too_little() {
        assert_eq!(estimates(&[0, 5, 10, 15])[..4], [0; 4], "not a second yet");
        assert_eq!(estimates(&[0, 0, 0, 0, 0, 0, 0, 0, 7, 7]), [0; 10], "two values only");
        assert!(*estimates(&[0, 100, 200, 300, 400]).last().unwrap() > 0);
    }

    #[test]
    fn the_walk_before_the_first_step_does_not_delay_the_end() {
        let mut values = vec![0; 20];
        values.extend([100, 200, 300, 400, 500]);
        assert_eq!(*estimates(&values).last().unwrap(), 1250);
    }

    #[test]
    fn the_speed_of_late_decides() {
        let slow = (0..20_u16).map(|n| n * 2);
        let fast = (1..20_u16).map(|n| 38 + n * 40);
        let values: Vec<u16> = slow.chain(fast).collect();
        let eta = *estimates(&values).last().unwrap();
        assert!((1_250..3_000).contains(&eta), "{eta} ms for what takes 1 263 ms now and took 25 s at the mean speed");
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
