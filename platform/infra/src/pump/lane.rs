//! The order in which databases are visited: each waits its turn, none is visited twice at once.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// A queue of visits with a limited number under way. Fair: whoever had its visit waits behind all others.
#[derive(Debug)]
pub(super) struct Lane<K> {
    slots: usize,
    waiting: VecDeque<K>,
    queued: HashSet<K>,
    running: HashSet<K>,
    /// Called for while running: once more afterwards.
    again: HashSet<K>,
    later: BTreeSet<(Instant, K)>,
    appointments: BTreeMap<K, Instant>,
}

impl<K: Copy + Eq + Hash + Ord> Lane<K> {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            slots: slots.max(1),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            running: HashSet::new(),
            again: HashSet::new(),
            later: BTreeSet::new(),
            appointments: BTreeMap::new(),
        }
    }

    /// Calls for a visit as soon as its turn comes.
    pub(super) fn call(&mut self, key: K) {
        if let Some(at) = self.appointments.remove(&key) {
            self.later.remove(&(at, key));
        }
        if self.running.contains(&key) {
            self.again.insert(key);
        } else if self.queued.insert(key) {
            self.waiting.push_back(key);
        }
    }

    /// The next visit to begin, if one waits and a slot is free.
    pub(super) fn begin(&mut self) -> Option<K> {
        if self.running.len() >= self.slots {
            return None;
        }
        let key = self.waiting.pop_front()?;
        self.queued.remove(&key);
        self.running.insert(key);
        Some(key)
    }

    /// A visit has ended; it may ask for another one after a while.
    pub(super) fn end(&mut self, key: K, now: Instant, revisit: Option<Duration>) {
        self.running.remove(&key);
        if self.again.remove(&key) || revisit == Some(Duration::ZERO) {
            self.call(key);
        } else if let Some(at) = revisit.and_then(|after| now.checked_add(after)) {
            self.appoint(key, at);
        }
    }

    fn appoint(&mut self, key: K, at: Instant) {
        if self.queued.contains(&key) {
            return;
        }
        match self.appointments.get(&key) {
            Some(earlier) if *earlier <= at => return,
            Some(other) => {
                self.later.remove(&(*other, key));
            }
            None => {}
        }
        self.appointments.insert(key, at);
        self.later.insert((at, key));
    }

    /// Calls for what is due by now.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some((at, key)) = self.later.first().copied()
            && at <= now
        {
            self.call(key);
        }
    }

    /// When the next appointment is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.later.first().map(|(at, _)| *at)
    }

    /// How many visits could begin now.
    pub(super) fn room(&self) -> usize {
        self.slots.saturating_sub(self.running.len() + self.waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_visited_twice_at_once_and_calls_are_not_lost() {
        let mut lane = Lane::new(2);
        for key in [1, 1, 2, 3] {
            lane.call(key);
        }
        assert_eq!((lane.begin(), lane.begin(), lane.begin()), (Some(1), Some(2), None));
        lane.call(1);
        lane.end(1, Instant::now(), None);
        assert_eq!((lane.begin(), lane.begin()), (Some(3), None));
        lane.end(3, Instant::now(), None);
        assert_eq!(lane.begin(), Some(1), "called for while it ran");
        lane.end(1, Instant::now(), None);
        assert_eq!(lane.begin(), None);
    }

    #[test]
    fn whoever_had_a_turn_goes_to_the_end() {
        let mut lane = Lane::new(1);
        lane.call(1);
        lane.call(2);
        assert_eq!(lane.begin(), Some(1));
        lane.end(1, Instant::now(), Some(Duration::ZERO));
        assert_eq!(lane.begin(), Some(2));
    }

    #[test]
    fn the_earliest_appointment_counts_and_a_call_replaces_it() {
        let start = Instant::now();
        let mut lane = Lane::new(1);
        for after in [10, 5, 20] {
            lane.appoint(1, start + Duration::from_secs(after));
        }
        assert_eq!(lane.next(), Some(start + Duration::from_secs(5)));
        lane.wake(start + Duration::from_secs(4));
        assert_eq!(lane.begin(), None);
        lane.wake(start + Duration::from_secs(5));
        assert_eq!(lane.next(), None);
        assert_eq!(lane.begin(), Some(1));
        lane.end(1, start, Some(Duration::from_secs(30)));
        lane.call(1);
        assert_eq!((lane.next(), lane.begin()), (None, Some(1)));
    }
}
