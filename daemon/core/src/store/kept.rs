//! What is costly to make from the dictionaries and kept in memory while somebody asks for it. All readers of a store share it; what
//! nobody wanted for a while is forgotten.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::name_table::KeptNames;
use super::ranks::Ranks;

/// The tables of a store.
#[derive(Debug, Default)]
pub(super) struct KeptTables {
    pub(super) names: KeptNames,
    pub(super) ranks: KeptRanks,
}

impl KeptTables {
    /// Forgets what was not wanted within `age`; how long until it may be tried again, if something is kept.
    pub(super) fn forget(&self, age: Duration) -> Option<Duration> {
        [self.names.forget(age), self.ranks.forget(age)].into_iter().flatten().min()
    }
}

/// The ranks of the files at one generation and by one mark, with the time they were last wanted.
#[derive(Debug, Default)]
pub(super) struct KeptRanks(Mutex<Option<KeptAt>>);

#[derive(Debug)]
struct KeptAt {
    at: (u64, u64),
    ranks: Arc<Ranks>,
    wanted: Instant,
}

impl KeptRanks {
    /// The ranks at a generation and by a mark; those of another are forgotten, and `make` makes these.
    pub(super) fn at<E>(&self, at: (u64, u64), make: impl FnOnce() -> Result<Ranks, E>) -> Result<Arc<Ranks>, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ranks = match kept.take().filter(|kept| kept.at == at) {
            Some(kept) => kept.ranks,
            None => Arc::new(make()?),
        };
        *kept = Some(KeptAt { at, ranks: Arc::clone(&ranks), wanted: Instant::now() });
        Ok(ranks)
    }

    /// Does not wait for who is making them.
    fn forget(&self, age: Duration) -> Option<Duration> {
        let mut kept = match self.0.try_lock() {
            Ok(kept) => kept,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Some(age),
        };
        let left = age.saturating_sub(kept.as_ref()?.wanted.elapsed());
        if left > Duration::ZERO {
            return Some(left);
        }
        *kept = None;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_made_once_a_generation_and_forgotten_when_idle() {
        let (kept, mut made) = (KeptTables::default(), Vec::new());
        let mut at = |generation| {
            let ranks = kept.ranks.at((generation, 0), || {
                made.push(generation);
                Ok::<_, ()>(Ranks::default())
            });
            assert!(ranks.is_ok());
        };
        [1, 1, 2, 2, 1].into_iter().for_each(&mut at);
        assert!(kept.forget(Duration::from_secs(60)).is_some());
        at(1);
        assert_eq!(kept.forget(Duration::ZERO), None);
        at(1);
        assert_eq!(made, [1, 2, 1, 1]);
        let mut is_made_anew = false;
        let ranks = kept.ranks.at((1, 7), || {
            is_made_anew = true;
            Ok::<_, ()>(Ranks::default())
        });
        assert!(ranks.is_ok() && is_made_anew, "by another mark");
    }
}
