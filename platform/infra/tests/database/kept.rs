//! The one connection of who leases a database for itself: kept while it is in order, and never otherwise.

use std::time::{Duration, Instant};

use nexus_infra::postgres::WriteError;
use nexus_infra::{Db, DbError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::stack::{Database, eventually};

fn sql(text: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, text)
}

/// Which session of the server serves.
async fn session(conn: &impl ConnectionTrait) -> i32 {
    conn.query_one_raw(sql("SELECT pg_backend_pid() AS pid")).await.unwrap().unwrap().try_get("", "pid").unwrap()
}

async fn rows(db: &Db) -> i64 {
    db.conn().query_one_raw(sql("SELECT count(*) AS n FROM kept")).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn set_up() -> (Database, Db) {
    let database = Database::new().await;
    let db = Db::connect_kept(&database.spec().max_connections(7)).await.unwrap();
    db.conn().execute_unprepared("CREATE TABLE kept (n int PRIMARY KEY)").await.unwrap();
    (database, db)
}

async fn end(database: Database, db: Db) {
    db.close().await;
    database.drop().await;
}

#[derive(Debug)]
struct Refused(Option<DbError>);

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self(Some(error))
    }
}

impl WriteError for Refused {
    fn db_error(&self) -> Option<&DbError> {
        self.0.as_ref()
    }
}

#[tokio::test]
async fn all_calls_use_one_session_and_leave_nothing_behind() {
    let (database, db) = set_up().await;
    let first = session(db.conn()).await;
    assert_eq!(session(&db.hold().await.unwrap()).await, first);
    let inside = db.write("test", &database.clock, &database.origin, async |tx| {
        tx.conn().execute_unprepared("INSERT INTO kept VALUES (1)").await?;
        Ok::<_, DbError>(session(tx.conn()).await)
    });
    assert_eq!(inside.await.unwrap(), first);
    // A refusal: undone, and in order again once the server has said so.
    let refused = db.write("test", &database.clock, &database.origin, async |tx| {
        tx.conn().execute_unprepared("INSERT INTO kept VALUES (2)").await.map_err(DbError::from)?;
        Err::<(), _>(Refused(None))
    });
    assert!(refused.await.unwrap_err().0.is_none());
    assert_eq!(rows(&db).await, 1);
    // A part that is undone by itself, by its caller and by being dropped.
    let parts = db.write("test", &database.clock, &database.origin, async |tx| {
        let part = tx.conn().begin().await?;
        assert!(part.execute_unprepared("INSERT INTO kept VALUES (1)").await.is_err(), "it is there already");
        part.rollback().await?;
        let part = tx.conn().begin().await?;
        part.execute_unprepared("INSERT INTO kept VALUES (3)").await?;
        drop(part);
        let part = tx.conn().begin().await?;
        part.execute_unprepared("INSERT INTO kept VALUES (4)").await?;
        part.commit().await?;
        Ok::<_, DbError>(())
    });
    parts.await.unwrap();
    assert_eq!(rows(&db).await, 2);
    assert_eq!(session(db.conn()).await, first);
    assert_eq!(db.connections(), (1, 1));
    end(database, db).await;
}

#[tokio::test]
async fn a_transaction_that_was_dropped_is_undone_before_anybody_is_served() {
    let (database, db) = set_up().await;
    for (number, statement) in ["INSERT INTO kept VALUES (1)", "INSERT INTO kept SELECT 2 FROM pg_sleep(0.3)"].iter().enumerate() {
        let writing = db.write("test", &database.clock, &database.origin, async |tx| {
            tx.conn().execute_unprepared(statement).await?;
            // Between two statements the first time, in the middle of one the second.
            std::future::pending::<Result<(), DbError>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(100), writing).await.is_err());
        assert_eq!(rows(&db).await, 0, "case {number}");
        let other = sql("SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'");
        let other: i64 = db.conn().query_one_raw(other).await.unwrap().unwrap().try_get("", "n").unwrap();
        let own = sql("SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS open");
        let own: bool = db.conn().query_one_raw(own).await.unwrap().unwrap().try_get("", "open").unwrap();
        assert!(other == 0 && !own, "case {number}: it is still open");
    }
    assert_eq!(db.connections().0, 1);
    end(database, db).await;
}

#[tokio::test]
async fn an_answer_that_nobody_waited_for_is_nobody_elses() {
    let database = Database::new().await;
    // Each round opens a connection anew, which a busy machine may take its time for.
    let db = Db::connect_kept(&database.spec().acquire_timeout(Duration::from_secs(3))).await.unwrap();
    for round in 0..20 {
        let slow = db.conn().query_one_raw(sql("SELECT -1 AS n FROM pg_sleep(0.06)"));
        assert!(tokio::time::timeout(Duration::from_millis(round), slow).await.is_err());
        let answer = db.conn().query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, "SELECT $1::int AS n", [(round as i32).into()]));
        assert_eq!(answer.await.unwrap().unwrap().try_get::<i32>("", "n").unwrap(), round as i32);
    }
    end(database, db).await;
}

#[tokio::test]
async fn a_connection_that_was_cut_is_replaced() {
    let (database, db) = set_up().await;
    let first = session(db.conn()).await;
    database.cut_connections().await;
    let since = Instant::now();
    eventually("it has rested long enough to be doubted", async || since.elapsed() > Duration::from_millis(400)).await;
    let second = session(db.conn()).await;
    assert_ne!(first, second);
    // Without a rest, one caller finds out, and the next is served.
    let mut last = second;
    let error = loop {
        let used = Instant::now();
        database.cut_connections().await;
        match db.conn().execute_unprepared("SELECT 1").await {
            Err(error) => break error,
            // The machine took so long over the cut that the connection was doubted.
            Ok(_) => assert!(used.elapsed() > Duration::from_millis(200), "the cut was not noticed"),
        }
        last = session(db.conn()).await;
    };
    assert!(DbError::from(error).is_unavailable());
    assert_ne!(session(db.conn()).await, last);
    end(database, db).await;
}

#[tokio::test]
async fn callers_take_turns_and_do_not_wait_for_ever() {
    let (database, db) = set_up().await;
    let callers = (0..8).map(|_| db.conn().execute_unprepared("SELECT pg_sleep(0.02)"));
    assert!(futures::future::join_all(callers).await.iter().all(Result::is_ok));
    assert_eq!(db.connections(), (1, 1));
    let held = db.hold().await.unwrap();
    assert!(matches!(db.hold().await, Err(DbError::PoolTimeout)));
    db.ping(Duration::from_secs(1)).await.unwrap();
    drop(held);
    session(db.conn()).await;
    end(database, db).await;
}

#[tokio::test]
async fn a_database_that_is_closed_has_no_connection() {
    let (database, db) = set_up().await;
    db.close_all().await;
    assert!(db.conn().execute_unprepared("SELECT 1").await.is_err());
    assert_eq!(database.cut_connections().await, database.db.connections().0 as usize, "only the test's own are left");
    database.drop().await;
}

#[tokio::test]
async fn no_commit_is_reported_that_did_not_happen() {
    let (database, db) = set_up().await;
    // Of a transaction in which something failed the server makes a rollback, without an error.
    let aborted = db.write("test", &database.clock, &database.origin, async |tx| {
        tx.conn().execute_unprepared("INSERT INTO kept VALUES (1)").await?;
        assert!(tx.conn().execute_unprepared("INSERT INTO kept VALUES (1)").await.is_err());
        Ok::<_, DbError>(())
    });
    assert!(aborted.await.is_err());
    // A part that could not be undone when it was dropped, because the session was in use, is still open.
    let nested = db.write("test", &database.clock, &database.origin, async |tx| {
        tx.conn().execute_unprepared("INSERT INTO kept VALUES (2)").await?;
        let part = tx.conn().begin().await?;
        let mut asking = std::pin::pin!(tx.conn().execute_unprepared("SELECT pg_sleep(0.05)"));
        assert!(futures::poll!(&mut asking).is_pending());
        drop(part);
        asking.await?;
        Ok::<_, DbError>(())
    });
    assert!(nested.await.is_err());
    assert_eq!(rows(&db).await, 0);
    // What failed in a part, and went with it, is no reason.
    let undone = db.write("test", &database.clock, &database.origin, async |tx| {
        tx.conn().execute_unprepared("INSERT INTO kept VALUES (3)").await?;
        let part = tx.conn().begin().await?;
        assert!(part.execute_unprepared("INSERT INTO kept VALUES (3)").await.is_err());
        drop(part);
        Ok::<_, DbError>(())
    });
    undone.await.unwrap();
    assert_eq!(rows(&db).await, 1);
    end(database, db).await;
}
