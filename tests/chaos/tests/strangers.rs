//! Forged keys and tokens, hosts that nobody has, organizations drawn by lot, at full rate: nobody's database is opened for them, and nobody's is closed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use nexus_test_support::{Client, Request, TestTenant, TestTokens};
use uuid::Uuid;

use crate::crowd::{Seen, crowd};
use crate::ground::Ground;
use crate::platform::{Organization, sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

/// What resident memory may grow by, in kilobytes.
const GROWTH_KB: u64 = 32 * 1024;

/// What a stranger brings.
struct Stranger {
    client: Client,
    forger: TestTokens,
    /// Organizations that exist: one that is in use and one that is not.
    known: [Uuid; 2],
    slugs: [String; 2],
}

impl Stranger {
    fn request(&self, number: usize) -> Request {
        let which = (number / 8) % 2;
        let claims = self.forger.tenant_claims(Uuid::new_v4(), if number.is_multiple_of(3) { Uuid::new_v4() } else { self.known[which] });
        let client = match number % 8 {
            0 => self.client.bearer(format!("nxk_{}", letters(128))),
            1 => self.client.bearer(format!("nxk_{}", letters(128))).tenant(&self.slugs[which]),
            2 => self.client.bearer(self.forger.mint(&claims)),
            3 => self.client.bearer(self.forger.unsigned(&claims)).tenant(&self.slugs[which]),
            4 => self.client.bearer(self.forger.hmac_confused(&claims)).host(format!("{}.localhost", self.slugs[which])),
            5 => self.client.host(format!("{}.localhost", unique_slug())),
            6 => self.client.tenant(unique_slug()),
            _ => self.client.bearer("nonsense").host(format!("{}.example", letters(12))),
        };
        client.get("/api/v1/products")
    }
}

/// Letters that a key could have.
fn letters(number: usize) -> String {
    let mut letters = String::new();
    while letters.len() < number {
        letters += &Uuid::new_v4().simple().to_string();
    }
    letters.truncate(number);
    letters
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_open_nothing_and_close_nothing() {
    // Room for all requests and all upkeep, which comes to each organization by itself within two minutes: what has to give way then does so for strangers.
    let ground = Ground::start(&[("NEXUS__RUNTIME__CONNECTION_BUDGET", "20"), ("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", "2")]).await;
    let client = ground.client().await;
    // Nothing ever happened there: neither requests nor events have opened it. It writes down the server's own address instead of the proxy's, which the program would
    // put right within a minute, and open everybody anew.
    let cold = TestTenant::in_control(&ground.control).await;
    ground.lines.named_by(ground.control.db().pool()).await;
    let warm = [sign_up(&client, &unique_slug()).await, sign_up(&client, &unique_slug()).await];
    let plain = ground.process.read().await.client();
    let members = warm.each_ref().map(|one| plain.bearer(&one.token).tenant(&one.slug));
    let stranger = Stranger {
        client: plain.clone(),
        forger: TestTokens::foreign("http://localhost:8080"),
        known: [cold.id.0, warm[0].id],
        slugs: [cold.slug.clone(), warm[0].slug.clone()],
    };
    let member = |number: usize| members[number % members.len()].get("/api/v1/products");
    let rounds = rounds(1, 5);
    let lasts = Duration::from_secs(if is_long() { 20 } else { 3 });
    let (strangers, rest) = if is_long() { (32, Duration::ZERO) } else { (8, Duration::from_millis(5)) };
    let demanded = "no database opened for them, each member's connections kept and none taken to make room, no growth of memory, \
                    members' p95 at most that beside as many callers with a token, twice";
    let mut line = Line::of("forged keys, unknown hosts, random tenants", rounds, demanded);
    let pace = Duration::from_millis(20);
    // What as many callers who may ask cost the others: strangers must not cost more.
    let guests = crowd(strangers, lasts / 2, rest, 200, member);
    let (_, beside_members) = tokio::join!(guests, crowd(4, lasts / 2, pace, 200, member));
    let database = cold.database();
    let before = [sessions(&ground, &warm[0]).await, sessions(&ground, &warm[1]).await];
    let given = given_way(&ground).await;
    let resident = ground.process.read().await.resident_kb();
    let (mut asked, mut refused, mut p95) = (0, 0, Duration::ZERO);
    for _ in 0..rounds {
        let watch = async {
            let until = Instant::now() + lasts;
            while Instant::now() < until {
                assert_eq!(asked_of(&ground, &database).await, Vec::<String>::new(), "a database was opened for strangers");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let (strange, own, ()): (Seen, Seen, ()) =
            tokio::join!(crowd(strangers, lasts, rest, 401, |number| stranger.request(number)), crowd(4, lasts, pace, 200, member), watch);
        assert_eq!((own.refused, own.cut, strange.cut), (0, 0, 0), "members were refused, or somebody was cut");
        asked += strange.served.len();
        refused += strange.refused;
        p95 = p95.max(own.percentile(95));
    }
    let after = [sessions(&ground, &warm[0]).await, sessions(&ground, &warm[1]).await];
    let kept: Vec<usize> = before.iter().zip(&after).map(|(before, after)| before.intersection(after).count()).collect();
    let taken = given_way(&ground).await - given;
    let growth = ground.process.read().await.resident_kb().saturating_sub(resident);
    line.saw("strangers' requests", format!("{asked} refused with 401, {refused} with 429 or 503"));
    line.saw("members' sessions kept", format!("{kept:?} of {:?}", before.each_ref().map(BTreeSet::len)));
    line.saw("connections taken to make room", taken);
    line.took("members' p95 beside members", beside_members.percentile(95));
    line.took("beside strangers", p95);
    line.saw("memory", format!("{growth} kB more"));
    assert!(asked > 100, "{asked} requests are no attack");
    // A session that looks for nothing proves nothing: members have theirs under this name.
    assert!(before.iter().all(|sessions| !sessions.is_empty()), "no sessions for requests are seen at all");
    assert!(kept.iter().all(|kept| *kept > 0), "a member's connections were closed for strangers: {kept:?} of {before:?} are left");
    assert_eq!(taken, 0, "connections were taken from members to make room");
    assert!(growth <= GROWTH_KB, "{growth} kB more");
    let bound = beside_members.percentile(95) * 2 + Duration::from_millis(if is_long() { 5 } else { 200 });
    assert!(p95 <= bound, "{p95:?} where {bound:?} is allowed");
    line.passed();
}

/// How many connections were taken from organizations that could have used them, because others wanted one.
async fn given_way(ground: &Ground) -> u64 {
    let metrics = ["room", "fairness"].map(|reason| format!("nexus_tenant_pool_evictions_total{{reason=\"{reason}\"}}"));
    let process = ground.process.read().await;
    process.metric(&metrics[0]).await + process.metric(&metrics[1]).await
}

/// What was asked of a database last, by each session for requests. Upkeep and its jobs have sessions of their own; the look whether work waits, once a minute, has
/// not, and is left out.
async fn asked_of(ground: &Ground, database: &str) -> Vec<String> {
    let admin = ground.behind("postgres").await;
    let asked = "SELECT query FROM pg_stat_activity WHERE datname = $1 AND application_name = 'nexus-requests'
                 AND query NOT LIKE '%FROM jobs WHERE state IN%AS waits' AND (query <> '' OR backend_start < clock_timestamp() - interval '1 second')";
    sqlx::query_scalar(asked).bind(database).fetch_all(&admin).await.unwrap()
}

/// A member's sessions for requests, by the number of the process that serves each.
async fn sessions(ground: &Ground, member: &Organization) -> BTreeSet<i32> {
    let admin = ground.behind("postgres").await;
    let sessions = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'nexus-requests'";
    sqlx::query_scalar::<_, i32>(sessions).bind(format!("nxt_{}", member.id.simple())).fetch_all(&admin).await.unwrap().into_iter().collect()
}
