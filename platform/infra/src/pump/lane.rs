//! The order in which databases are visited: each waits its turn, none is visited twice at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// A queue of visits with a limited number under way. Fair: whoever had its visit waits behind all others.
///
/// Some slots may be express: a visit there has a short time, and gives up what it can't end in it. Whoever gave up is served by the other slots alone until it
/// has had a visit that ended. So long visits, however many there are, leave the express slots to short ones.
#[derive(Debug)]
pub(super) struct Lane<K> {
    slots: usize,
    express: usize,
    waiting: VecDeque<K>,
    queued: HashSet<K>,
    /// With whether the slot is express.
    running: HashMap<K, bool>,
    /// Gave up in an express slot.
    long: HashSet<K>,
    /// Called for while running: once more afterwards.
    again: HashSet<K>,
    later: BTreeSet<(Instant, K)>,
    appointments: BTreeMap<K, Instant>,
}

impl<K: Copy + Eq + Hash + Ord> Lane<K> {
    pub(super) fn new(slots: usize) -> Self {
        Self::with_express(slots, 0)
    }

    /// So many of the slots are express, but never all of them.
    pub(super) fn with_express(slots: usize, express: usize) -> Self {
        let slots = slots.max(1);
        Self {
            slots,
            express: express.min(slots - 1),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            running: HashMap::new(),
            long: HashSet::new(),
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
        if self.running.contains_key(&key) {
            self.again.insert(key);
        } else if self.queued.insert(key) {
            self.waiting.push_back(key);
        }
    }

    /// The next visit to begin, if one waits and a slot is free, and whether that slot is express.
    pub(super) fn begin(&mut self) -> Option<(K, bool)> {
        let in_express = self.running.values().filter(|express| **express).count();
        let express = self.running.len() - in_express >= self.slots - self.express;
        let next = if !express {
            0
        } else if in_express < self.express {
            self.waiting.iter().position(|key| !self.long.contains(key))?
        } else {
            return None;
        };
        let key = self.waiting.remove(next)?;
        self.queued.remove(&key);
        self.running.insert(key, express);
        Some((key, express))
    }

    /// A visit has ended; it may ask for another one after a while. `gave_up`: its time in an express slot was too short.
    pub(super) fn end(&mut self, key: K, now: Instant, revisit: Option<Duration>, gave_up: bool) {
        self.running.remove(&key);
        if gave_up {
            self.long.insert(key);
        } else {
            self.long.remove(&key);
        }
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

    fn next<K: Copy + Eq + Hash + Ord>(lane: &mut Lane<K>) -> Option<K> {
        lane.begin().map(|(key, _)| key)
    }

    #[test]
    fn long_visits_leave_the_express_slot_to_short_ones() {
        let (mut lane, now) = (Lane::with_express(3, 1), Instant::now());
        for large in 1..=4 {
            lane.call(large);
        }
        assert_eq!([lane.begin(), lane.begin(), lane.begin(), lane.begin()], [Some((1, false)), Some((2, false)), Some((3, true)), None]);
        // What gives up waits for the other slots, and holds up nobody.
        lane.end(3, now, Some(Duration::ZERO), true);
        lane.call(5);
        assert_eq!(lane.begin(), Some((4, true)));
        lane.end(4, now, Some(Duration::ZERO), true);
        assert_eq!((lane.begin(), lane.begin()), (Some((5, true)), None));
        lane.end(5, now, None, false);
        assert_eq!(lane.begin(), None);
        lane.end(1, now, None, false);
        assert_eq!((lane.begin(), lane.begin()), (Some((3, false)), None));
        // Its visit ended: the next one may be short.
        lane.end(3, now, None, false);
        lane.call(3);
        assert_eq!((lane.begin(), lane.begin()), (Some((4, false)), Some((3, true))));
    }

    #[test]
    fn a_lane_of_one_slot_has_no_express_one() {
        let mut lane = Lane::with_express(1, 1);
        lane.call(1);
        assert_eq!(lane.begin(), Some((1, false)));
    }

    #[test]
    fn nobody_is_visited_twice_at_once_and_calls_are_not_lost() {
        let mut lane = Lane::new(2);
        for key in [1, 1, 2, 3] {
            lane.call(key);
        }
        assert_eq!((next(&mut lane), next(&mut lane), next(&mut lane)), (Some(1), Some(2), None));
        lane.call(1);
        lane.end(1, Instant::now(), None, false);
        assert_eq!((next(&mut lane), next(&mut lane)), (Some(3), None));
        lane.end(3, Instant::now(), None, false);
        assert_eq!(next(&mut lane), Some(1), "called for while it ran");
        lane.end(1, Instant::now(), None, false);
        assert_eq!(next(&mut lane), None);
    }

    #[test]
    fn whoever_had_a_turn_goes_to_the_end() {
        let mut lane = Lane::new(1);
        lane.call(1);
        lane.call(2);
        assert_eq!(next(&mut lane), Some(1));
        lane.end(1, Instant::now(), Some(Duration::ZERO), false);
        assert_eq!(next(&mut lane), Some(2));
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
        assert_eq!(next(&mut lane), None);
        lane.wake(start + Duration::from_secs(5));
        assert_eq!(lane.next(), None);
        assert_eq!(next(&mut lane), Some(1));
        lane.end(1, start, Some(Duration::from_secs(30)), false);
        lane.call(1);
        assert_eq!((lane.next(), next(&mut lane)), (None, Some(1)));
    }
}
