//! Which stores are open, which must close so that another can open, and who waits. Pure: it decides, the actor carries out.
//! A store with a lease is never closed; of the idle ones the one used longest ago goes first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// Where a store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// On disk only.
    Closed,
    /// Being opened.
    Opening,
    /// Ready.
    Open,
    /// Being checkpointed and closed.
    Closing,
}

#[derive(Debug)]
enum Slot<S> {
    Opening,
    Open { store: S, leases: usize, jobs: usize, used: u64, condemned: bool },
    Closing,
}

/// Somebody who waits for a store.
#[derive(Debug)]
pub(crate) struct Waiter<T> {
    /// Which store.
    pub(crate) root: PathBuf,
    /// For a job, which keeps its store open until it ends.
    pub(crate) is_job: bool,
    /// Who.
    pub(crate) token: T,
}

/// What the actor has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<S, T> {
    /// Open this store.
    Open(PathBuf),
    /// Close this store.
    Close(PathBuf, S),
    /// The store is ready for this waiter; its lease counts already.
    Grant(PathBuf, S, T),
}

/// All stores that are not closed, and who waits for one.
#[derive(Debug)]
pub(crate) struct Shelf<S, T> {
    slots: BTreeMap<PathBuf, Slot<S>>,
    waiting: VecDeque<Waiter<T>>,
    open_max: usize,
    clock: u64,
}

impl<S: Clone, T> Shelf<S, T> {
    /// An empty shelf that holds at most `open_max` stores.
    pub(crate) fn new(open_max: usize) -> Shelf<S, T> {
        Shelf { slots: BTreeMap::new(), waiting: VecDeque::new(), open_max, clock: 0 }
    }

    /// Where a store stands.
    pub(crate) fn standing(&self, root: &Path) -> Standing {
        match self.slots.get(root) {
            None => Standing::Closed,
            Some(Slot::Opening) => Standing::Opening,
            Some(Slot::Open { .. }) => Standing::Open,
            Some(Slot::Closing) => Standing::Closing,
        }
    }

    /// How many stores are not closed.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A store that is open.
    pub(crate) fn store(&self, root: &Path) -> Option<&S> {
        match self.slots.get(root) {
            Some(Slot::Open { store, .. }) => Some(store),
            Some(Slot::Opening | Slot::Closing) | None => None,
        }
    }

    /// Whether a store is open and nobody uses it.
    pub(crate) fn is_idle(&self, root: &Path) -> bool {
        matches!(self.slots.get(root), Some(Slot::Open { leases: 0, .. }))
    }

    /// Somebody wants a store.
    pub(crate) fn wait(&mut self, waiter: Waiter<T>) -> Vec<Step<S, T>> {
        self.waiting.push_back(waiter);
        self.settle()
    }

    /// A store was opened.
    pub(crate) fn opened(&mut self, root: &Path, store: S) -> Vec<Step<S, T>> {
        let used = self.tick();
        self.slots.insert(root.to_path_buf(), Slot::Open { store, leases: 0, jobs: 0, used, condemned: false });
        self.settle()
    }

    /// A store could not be opened: those who waited for it, to be told, and what follows.
    pub(crate) fn failed(&mut self, root: &Path) -> (Vec<T>, Vec<Step<S, T>>) {
        self.slots.remove(root);
        let (theirs, others): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|waiter| waiter.root == root);
        self.waiting = others.into();
        (theirs.into_iter().map(|waiter| waiter.token).collect(), self.settle())
    }

    /// A store was closed.
    pub(crate) fn closed(&mut self, root: &Path) -> Vec<Step<S, T>> {
        self.slots.remove(root);
        self.settle()
    }

    /// A lease was given back. A condemned store closes as soon as the last one is, and nobody gets another.
    pub(crate) fn released(&mut self, root: &Path, was_job: bool, condemn: bool) -> Vec<Step<S, T>> {
        let now = self.tick();
        if let Some(Slot::Open { leases, jobs, used, condemned, .. }) = self.slots.get_mut(root) {
            *condemned |= condemn;
            *leases = leases.saturating_sub(1);
            *jobs = jobs.saturating_sub(usize::from(was_job));
            *used = now;
            if *condemned && *leases == 0 {
                let mut steps: Vec<_> = self.close(root.to_path_buf()).into_iter().collect();
                steps.extend(self.settle());
                return steps;
            }
        }
        self.fit()
    }

    /// From now on it holds at most that many.
    pub(crate) fn set_open_max(&mut self, open_max: usize) -> Vec<Step<S, T>> {
        self.open_max = open_max;
        self.fit()
    }

    /// Closes what is open beyond the limit and not in use, and serves the waiting.
    fn fit(&mut self) -> Vec<Step<S, T>> {
        let mut steps = Vec::new();
        let stays = |slot: &&Slot<S>| !matches!(slot, Slot::Closing);
        while self.slots.values().filter(stays).count() > self.open_max {
            let Some((_, victim)) = self.idle().min() else { break };
            let victim = victim.to_path_buf();
            steps.extend(self.close(victim));
        }
        steps.extend(self.settle());
        steps
    }

    /// Has a store closed as soon as nobody uses it; until then nobody gets another lease.
    pub(crate) fn condemn(&mut self, root: &Path) -> Vec<Step<S, T>> {
        match self.slots.get_mut(root) {
            Some(Slot::Open { leases: 0, .. }) => self.close(root.to_path_buf()).into_iter().collect(),
            Some(Slot::Open { condemned, .. }) => {
                *condemned = true;
                Vec::new()
            }
            Some(Slot::Opening | Slot::Closing) | None => Vec::new(),
        }
    }

    /// Takes everybody who waits off the list: the daemon stops.
    pub(crate) fn dismiss(&mut self) -> Vec<T> {
        self.waiting.drain(..).map(|waiter| waiter.token).collect()
    }

    /// Closes every store that is open and idle, to leave none behind.
    pub(crate) fn close_idle(&mut self) -> Vec<Step<S, T>> {
        let idle: Vec<_> = self.idle().map(|(_, root)| root.to_path_buf()).collect();
        idle.into_iter().filter_map(|root| self.close(root)).collect()
    }

    /// Why a waiter of this root still waits, as a sentence: what is closed for it, or whose end it needs.
    pub(crate) fn reason(&self, root: &Path) -> Option<String> {
        let shown = root.display();
        match self.standing(root) {
            Standing::Open | Standing::Opening => return None,
            Standing::Closing => return Some(format!("Waiting until {shown} is closed, to open it again")),
            Standing::Closed => {}
        }
        let closing = self.slots.iter().find(|(_, slot)| matches!(slot, Slot::Closing));
        if let Some((victim, _)) = closing {
            return Some(format!("Closing {} to open {shown}", victim.display()));
        }
        let at_work = |slot: &Slot<S>| matches!(slot, Slot::Open { jobs, .. } if *jobs > 0);
        let busy = self.slots.iter().find(|(_, slot)| at_work(slot)).or_else(|| self.slots.iter().next());
        busy.map(|(busy, _)| format!("Waiting for {}, which is in use, to open {shown}", busy.display()))
    }

    /// Everybody who waits, each with the reason; `None` = the store is being opened.
    pub(crate) fn waiting(&mut self) -> impl Iterator<Item = (&mut T, Option<String>)> {
        let reasons: Vec<_> = self.waiting.iter().map(|waiter| self.reason(&waiter.root)).collect();
        self.waiting.iter_mut().map(|waiter| &mut waiter.token).zip(reasons)
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn idle(&self) -> impl Iterator<Item = (u64, &Path)> {
        self.slots.iter().filter_map(|(root, slot)| match slot {
            Slot::Open { leases: 0, used, .. } => Some((*used, root.as_path())),
            Slot::Open { .. } | Slot::Opening | Slot::Closing => None,
        })
    }

    fn close(&mut self, root: PathBuf) -> Option<Step<S, T>> {
        match self.slots.insert(root.clone(), Slot::Closing) {
            Some(Slot::Open { store, .. }) => Some(Step::Close(root, store)),
            Some(Slot::Opening | Slot::Closing) | None => None,
        }
    }

    /// Serves the waiting in their order, as far as there are stores and places.
    fn settle(&mut self) -> Vec<Step<S, T>> {
        let mut steps = Vec::new();
        let mut coming: usize = self.slots.values().filter(|slot| matches!(slot, Slot::Closing)).count();
        let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
        for waiter in std::mem::take(&mut self.waiting) {
            if let Some(store) = self.lease(&waiter) {
                steps.push(Step::Grant(waiter.root, store, waiter.token));
                continue;
            }
            if wanted.insert(waiter.root.clone()) && self.standing(&waiter.root) == Standing::Closed {
                steps.extend(self.make_place(&waiter.root, &mut coming));
            }
            self.waiting.push_back(waiter);
        }
        steps
    }

    fn lease(&mut self, waiter: &Waiter<T>) -> Option<S> {
        let now = self.tick();
        match self.slots.get_mut(&waiter.root)? {
            Slot::Open { condemned: true, .. } | Slot::Opening | Slot::Closing => None,
            Slot::Open { store, leases, jobs, used, .. } => {
                *leases += 1;
                *jobs += usize::from(waiter.is_job);
                *used = now;
                Some(store.clone())
            }
        }
    }

    /// Opens a closed store if there is a place; else closes another one for it, unless a place is coming anyway.
    fn make_place(&mut self, root: &Path, coming: &mut usize) -> Option<Step<S, T>> {
        if self.slots.len() < self.open_max {
            self.slots.insert(root.to_path_buf(), Slot::Opening);
            return Some(Step::Open(root.to_path_buf()));
        }
        if *coming > 0 {
            *coming -= 1;
            return None;
        }
        let (_, victim) = self.idle().min()?;
        let victim = victim.to_path_buf();
        self.close(victim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Steps = Vec<Step<&'static str, u32>>;

    fn path(root: &str) -> PathBuf {
        PathBuf::from(root)
    }

    fn want(shelf: &mut Shelf<&'static str, u32>, root: &str, token: u32) -> Steps {
        shelf.wait(Waiter { root: path(root), is_job: token >= 100, token })
    }

    fn opened(shelf: &mut Shelf<&'static str, u32>, root: &'static str, token: u32) {
        assert_eq!(want(shelf, root, token), [Step::Open(path(root))]);
        assert_eq!(shelf.opened(Path::new(root), root), [Step::Grant(path(root), root, token)]);
    }

    #[test]
    fn a_store_opens_once_for_all_who_wait() {
        let mut shelf = Shelf::new(2);
        assert_eq!(want(&mut shelf, "/a", 1), [Step::Open(path("/a"))]);
        assert_eq!(want(&mut shelf, "/a", 2), []);
        let grants = [Step::Grant(path("/a"), "a", 1), Step::Grant(path("/a"), "a", 2)];
        assert_eq!(shelf.opened(Path::new("/a"), "a"), grants);
    }

    #[test]
    fn the_idle_store_used_longest_ago_closes_first() {
        let mut shelf = Shelf::new(2);
        opened(&mut shelf, "/a", 1);
        opened(&mut shelf, "/b", 2);
        shelf.released(Path::new("/b"), false, false);
        shelf.released(Path::new("/a"), false, false);
        assert_eq!(want(&mut shelf, "/c", 3), [Step::Close(path("/b"), "/b")]);
        assert_eq!(shelf.reason(Path::new("/c")).unwrap(), "Closing /b to open /c");
        assert_eq!(shelf.closed(Path::new("/b")), [Step::Open(path("/c"))]);
    }

    #[test]
    fn a_store_with_a_lease_stays_and_the_opener_waits_for_it() {
        let mut shelf = Shelf::new(1);
        opened(&mut shelf, "/a", 100);
        assert_eq!(want(&mut shelf, "/b", 101), []);
        assert_eq!(shelf.reason(Path::new("/b")).unwrap(), "Waiting for /a, which is in use, to open /b");
        assert_eq!(shelf.released(Path::new("/a"), true, false), [Step::Close(path("/a"), "/a")]);
        assert_eq!(want(&mut shelf, "/a", 1), [], "the next to use it waits behind");
        assert_eq!(shelf.closed(Path::new("/a")), [Step::Open(path("/b"))]);
        assert_eq!(shelf.len(), 1);
    }

    #[test]
    fn one_place_is_made_for_each_who_needs_one() {
        let mut shelf = Shelf::new(2);
        opened(&mut shelf, "/a", 1);
        opened(&mut shelf, "/b", 2);
        shelf.released(Path::new("/a"), false, false);
        shelf.released(Path::new("/b"), false, false);
        assert_eq!(want(&mut shelf, "/c", 3), [Step::Close(path("/a"), "/a")]);
        assert_eq!(want(&mut shelf, "/c", 4), [], "the same place serves both");
        assert_eq!(want(&mut shelf, "/d", 5), [Step::Close(path("/b"), "/b")]);
        assert_eq!(shelf.standing(Path::new("/a")), Standing::Closing);
    }

    #[test]
    fn a_failure_tells_those_who_waited_and_serves_the_others() {
        let mut shelf = Shelf::<&str, u32>::new(1);
        assert_eq!(want(&mut shelf, "/a", 1), [Step::Open(path("/a"))]);
        assert_eq!(want(&mut shelf, "/b", 2), []);
        let (told, steps) = shelf.failed(Path::new("/a"));
        assert_eq!((told, steps), (vec![1], vec![Step::Open(path("/b"))]));
    }

    #[test]
    fn a_damaged_store_closes_when_the_last_lease_is_back_and_opens_anew() {
        let mut shelf = Shelf::new(2);
        opened(&mut shelf, "/a", 1);
        assert_eq!(want(&mut shelf, "/a", 2), [Step::Grant(path("/a"), "/a", 2)]);
        assert_eq!(shelf.released(Path::new("/a"), false, true), []);
        assert_eq!(want(&mut shelf, "/a", 3), [], "nobody gets it any more");
        assert_eq!(shelf.released(Path::new("/a"), false, false), [Step::Close(path("/a"), "/a")]);
        assert_eq!(shelf.closed(Path::new("/a")), [Step::Open(path("/a"))]);
    }

    #[test]
    fn a_lower_limit_closes_what_nobody_uses_and_the_rest_when_it_is_given_back() {
        let mut shelf = Shelf::new(3);
        opened(&mut shelf, "/a", 1);
        opened(&mut shelf, "/b", 2);
        opened(&mut shelf, "/c", 3);
        assert_eq!(shelf.released(Path::new("/c"), false, false), []);
        assert_eq!(shelf.set_open_max(1), [Step::Close(path("/c"), "/c")]);
        assert_eq!(shelf.closed(Path::new("/c")), []);
        assert_eq!(shelf.released(Path::new("/b"), false, false), [Step::Close(path("/b"), "/b")]);
        assert_eq!(shelf.closed(Path::new("/b")), []);
        assert_eq!(shelf.released(Path::new("/a"), false, false), []);
        assert_eq!(want(&mut shelf, "/b", 4), [Step::Close(path("/a"), "/a")]);
        assert_eq!(shelf.set_open_max(2), [Step::Open(path("/b"))], "a place more serves who waits");
    }

    #[test]
    fn at_the_end_idle_stores_close_and_busy_ones_when_released() {
        let mut shelf = Shelf::new(2);
        opened(&mut shelf, "/a", 1);
        opened(&mut shelf, "/b", 2);
        shelf.released(Path::new("/b"), false, false);
        assert_eq!(shelf.close_idle(), [Step::Close(path("/b"), "/b")]);
        shelf.closed(Path::new("/b"));
        shelf.released(Path::new("/a"), false, false);
        assert_eq!(shelf.close_idle(), [Step::Close(path("/a"), "/a")]);
    }
}
