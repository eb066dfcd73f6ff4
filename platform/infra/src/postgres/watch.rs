//! A server that has fallen silent: nobody waits for it.
//!
//! Postgres itself ends a statement that takes too long (`statement_timeout`). A host that vanished ends nothing: no answer comes, no error either, and the
//! kernel gives the connection up after a quarter of an hour. So whoever has waited for a while knocks at the server's door, apart from the connection
//! at hand ([`silence`](crate::silence)).
//!
//! Whoever gives a call up (or is dropped in the middle of it) leaves a connection that may never answer. The pool would wait for it while taking it back;
//! for some seconds after such an end, connections are therefore asked with a time limit first ([`Watch::take_back`]) and closed without an answer.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError, Weak};
use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{Connection, Executor, PgConnection};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::DbError;
use crate::silence::{GivenUp, KNOCKS_FOR_LONG_WORK, Patience, STALLED, SUSPECTED, attend};

/// How long the server may take to open.
const OPENS_WITHIN: Duration = Duration::from_millis(750);
/// How long a connection may take to answer while it is taken back or handed out.
const ANSWERS_WITHIN: Duration = Duration::from_millis(750);
/// How long connections are doubted after one did not answer: longer than the pool takes to take one back.
const DOUBT: Duration = Duration::from_secs(5);
/// How long a server is suspected after it did not open to somebody. A request that waited for a connection of a silent server, and then got one, is not to wait
/// as long again.
const SUSPICION: Duration = Duration::from_secs(2);
/// `SSLRequest` of the Postgres protocol: answered with one byte before anybody logs in, so it costs no session.
const KNOCK: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A statement's greatest duration unless the transaction says otherwise: what the roles' `statement_timeout` allows, and a margin.
pub(super) const STATEMENT: Duration = Duration::from_secs(20);

/// The server did not answer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the server does not answer")]
pub struct Silent;

impl From<Silent> for DbErr {
    fn from(silent: Silent) -> Self {
        Self::Conn(RuntimeErr::Internal(silent.to_string()))
    }
}

/// Whether an error is [`Silent`].
pub(super) fn is_silence(error: &DbErr) -> bool {
    matches!(error, DbErr::Conn(RuntimeErr::Internal(text)) if *text == Silent.to_string())
}

impl From<Silent> for DbError {
    fn from(silent: Silent) -> Self {
        Self::Unavailable(Box::new(silent))
    }
}

impl From<Silent> for sqlx::Error {
    fn from(silent: Silent) -> Self {
        Self::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, silent))
    }
}

/// Where to knock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Door {
    pub(super) host: String,
    pub(super) port: u16,
}

/// The servers that connections of this process lead to.
static SERVERS: StdMutex<BTreeMap<Door, Weak<Server>>> = StdMutex::new(BTreeMap::new());

/// A server as the whole process knows it: those who wait for it together knock once, whatever connections they wait on.
#[derive(Debug)]
struct Server {
    door: Door,
    /// When somebody last had knocked, and whether the server opened.
    knocked: Mutex<Option<(Instant, bool)>>,
}

impl Server {
    fn behind(door: Door) -> Arc<Self> {
        let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = servers.get(&door).and_then(Weak::upgrade) {
            return known;
        }
        servers.retain(|_, server| server.strong_count() > 0);
        let server = Arc::new(Self { door: door.clone(), knocked: Mutex::default() });
        servers.insert(door, Arc::downgrade(&server));
        server
    }

    /// Whether somebody knocks right now, or lately did so in vain.
    fn is_suspected(&self) -> bool {
        match self.knocked.try_lock() {
            Ok(knocked) => matches!(*knocked, Some((at, false)) if at.elapsed() < SUSPICION),
            Err(_) => true,
        }
    }

    /// Whether it opens its door now.
    async fn opens(&self) -> bool {
        let asked = Instant::now();
        // Whoever knocks may be on a thread that is held up. Then everybody knocks for themselves.
        let Ok(mut knocked) = tokio::time::timeout(OPENS_WITHIN * 2, self.knocked.lock()).await else { return self.door.opens().await };
        if let Some((at, opened)) = *knocked
            && at >= asked
        {
            return opened;
        }
        let opened = self.door.opens().await;
        *knocked = Some((Instant::now(), opened));
        opened
    }
}

/// The watch of one pool, or one kept connection, over its server. Clones share what it knows.
#[derive(Debug, Clone)]
pub(super) struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    server: Option<Arc<Server>>,
    started: Instant,
    /// Milliseconds since `started`.
    doubted_until: AtomicU64,
}

impl Watch {
    /// Without a door only the limits of the calls hold.
    pub(super) fn new(door: Option<Door>) -> Self {
        Self(Arc::new(Inner { server: door.map(Server::behind), started: Instant::now(), doubted_until: AtomicU64::new(0) }))
    }

    /// The call's outcome, unless the server has fallen silent or `limit` is over.
    pub(super) async fn call<T, E: From<Silent>>(&self, limit: Duration, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let call = pin!(call);
        // Goes before the call does, so that whoever takes the connection back knows.
        let mut doubt = Doubt::of(self);
        let unheard = if limit > STATEMENT { KNOCKS_FOR_LONG_WORK } else { 1 };
        let first = if self.0.server.as_ref().is_some_and(|server| server.is_suspected()) { SUSPECTED } else { STALLED };
        match attend(call, Patience { first, unheard, limit }, || self.opens()).await {
            Ok(outcome) => doubt.settle(outcome),
            Err(GivenUp) => {
                metrics::counter!("nexus_db_silent_calls_total").increment(1);
                Err(Silent.into())
            }
        }
    }

    /// Whether the server opens its door now.
    pub(super) async fn opens(&self) -> bool {
        match &self.0.server {
            Some(server) => server.opens().await,
            None => true,
        }
    }

    /// Asks a connection whether it answers, before it is used again after a rest.
    pub(super) async fn answers(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        tokio::time::timeout(ANSWERS_WITHIN, connection.ping()).await.map_err(|_| sqlx::Error::from(Silent))?
    }

    /// Asks a connection that comes back to the pool, if there is reason to doubt it: the pool itself would ask without a time limit.
    ///
    /// The question is a `ROLLBACK`. Whoever gave up while a transaction was being opened left it open: the driver counts it once it is answered, so
    /// nobody ends it, and what the next user of the connection is told was kept would go with it.
    pub(super) async fn take_back(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        if self.0.doubted_until.load(Ordering::Acquire) > self.millis() {
            let ended = connection.execute("ROLLBACK");
            tokio::time::timeout(ANSWERS_WITHIN, ended).await.map_err(|_| sqlx::Error::from(Silent))??;
        }
        Ok(true)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Door {
    async fn opens(&self) -> bool {
        matches!(tokio::time::timeout(OPENS_WITHIN, self.knock()).await, Ok(Ok(())))
    }

    async fn knock(&self) -> std::io::Result<()> {
        if self.host.starts_with('/') {
            let path = format!("{}/.s.PGSQL.{}", self.host, self.port);
            return ask(UnixStream::connect(path).await?).await;
        }
        ask(TcpStream::connect((self.host.as_str(), self.port)).await?).await
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    stream.write_all(&KNOCK).await?;
    stream.read_u8().await.map(|_| ())
}

/// Casts doubt on the pool's connections unless what was begun has come to its end.
#[derive(Debug)]
pub(super) struct Doubt {
    watch: Watch,
    settled: bool,
}

impl Doubt {
    pub(super) fn of(watch: &Watch) -> Self {
        Self { watch: watch.clone(), settled: false }
    }

    pub(super) fn settle<T>(&mut self, outcome: T) -> T {
        self.settled = true;
        outcome
    }
}

impl Drop for Doubt {
    fn drop(&mut self) {
        if !self.settled {
            let until = self.watch.millis().saturating_add(u64::try_from(DOUBT.as_millis()).unwrap_or(u64::MAX));
            self.watch.0.doubted_until.fetch_max(until, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
