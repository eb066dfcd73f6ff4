//! Which database servers answer this process: asked when somebody wants to know, all of them at once, and not again for a few seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::provisioner::Provisioner;
use crate::servers::Server;

/// How long a server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long an answer is good: however many look, servers are asked no more often.
const FRESH: Duration = Duration::from_secs(5);

/// What was found out last.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    last: Mutex<Option<(Instant, BTreeMap<String, bool>)>>,
}

impl Provisioner {
    /// Whether each server of the settings answers its administrator, by the server's name; a few seconds old at most.
    pub async fn servers_reached(&self) -> BTreeMap<String, bool> {
        let mut last = self.reach.last.lock().await;
        if let Some((_, known)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return known.clone();
        }
        let found: BTreeMap<String, bool> =
            join_all(self.servers.all().map(async |server| (server.name.clone(), answers(server).await))).await.into_iter().collect();
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

async fn answers(server: &Server) -> bool {
    let asked = timeout(ANSWER_WITHIN, async { server.admin().await?.ping(ANSWER_WITHIN).await }).await;
    match asked {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::debug!(server = server.name, %error, "the database server does not answer");
            false
        }
        Err(_) => false,
    }
}
