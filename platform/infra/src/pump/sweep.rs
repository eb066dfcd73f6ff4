//! The slow round over all databases, which finds the work that no hint told of.
//!
//! Most databases have none: each is looked at over one connection, and visited only if something waits. The round takes its time, so that it does not
//! compete with requests for connections.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio_util::sync::CancellationToken;

use super::Key;
use crate::databases::Databases;
use crate::postgres::DbError;

/// A round rests so many times as long as it works.
const RESTS: u32 = 3;

/// Whether an event or a job waits, due or not.
const WORK: &str =
    "SELECT EXISTS (SELECT 1 FROM outbox WHERE done_at IS NULL) OR EXISTS (SELECT 1 FROM jobs WHERE state IN ('queued', 'running')) AS waits";

/// What a round has still to look at.
#[derive(Debug, Default)]
pub(super) struct Round {
    left: VecDeque<Key>,
    looking: bool,
    rest: Duration,
}

impl Round {
    /// Begins with the list of databases.
    pub(super) fn of(&mut self, databases: Vec<Key>) {
        self.left = databases.into();
    }

    /// The next to look at, and how long to rest before, unless a look is under way.
    pub(super) fn next(&mut self) -> Option<(Key, Duration)> {
        if self.looking {
            return None;
        }
        let key = self.left.pop_front()?;
        self.looking = true;
        Some((key, std::mem::take(&mut self.rest)))
    }

    /// A look is over that took so long.
    pub(super) fn looked(&mut self, took: Duration) {
        self.looking = false;
        self.rest = took * RESTS;
    }

    pub(super) fn is_over(&self) -> bool {
        self.left.is_empty() && !self.looking
    }
}

/// Whether the database is to be visited, and how long the look took. One that can't be looked at is visited: the visit tells why, and is repeated.
pub(super) async fn look(databases: &impl Databases, key: Key, rest: Duration, shutdown: &CancellationToken) -> (bool, Duration) {
    let looking = async {
        tokio::time::sleep(rest).await;
        let started = Instant::now();
        let visit = match waits(databases, key).await {
            Ok(waits) => waits,
            Err(error) => !matches!(error, DbError::NotFound),
        };
        (visit, started.elapsed())
    };
    shutdown.run_until_cancelled(looking).await.unwrap_or_default()
}

async fn waits(databases: &impl Databases, key: Key) -> Result<bool, DbError> {
    let Some(tenant) = key else { return Ok(true) };
    let db = databases.glance(tenant).await?;
    let row = db.conn().query_one_raw(Statement::from_string(DbBackend::Postgres, WORK)).await?;
    Ok(row.ok_or(DbError::NotFound)?.try_get("", "waits")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_looks_at_one_after_the_other_and_rests_in_between() {
        let mut round = Round::default();
        assert!(round.is_over() && round.next().is_none());
        round.of(vec![None, None]);
        assert_eq!(round.next(), Some((None, Duration::ZERO)));
        assert_eq!(round.next(), None, "a look is under way");
        round.looked(Duration::from_millis(5));
        assert!(!round.is_over());
        assert_eq!(round.next(), Some((None, Duration::from_millis(15))));
        assert!(!round.is_over());
        round.looked(Duration::from_millis(1));
        assert!(round.is_over());
    }
}
