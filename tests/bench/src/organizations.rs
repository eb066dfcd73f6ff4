//! Organizations that are made once and shared by the scenarios, each with a database, a role, a bucket and articles of its own.

use std::sync::Arc;
use std::time::Instant;

use futures::stream::{self, StreamExt};
use nexus_test_support::{ControlDb, Role, TestTenant};

use crate::report;
use crate::statistics;

/// Organizations that are made at once: cloning a database waits for the disk.
const AT_ONCE: usize = 4;

/// Products of each.
pub const PRODUCTS: u32 = 1_000;

/// A catalogue as an import leaves it: every product with one variant.
const CATALOGUE: &str = "
    WITH made AS (
        INSERT INTO products (id, name, status, brand, unit, metadata, created_at)
        SELECT lpad(to_hex(n), 32, '0')::uuid, 'Article ' || n, 'active', 'Brand ' || n % 20, 'each', '{}', now() - n * interval '1 second'
        FROM generate_series(1, $1) AS n RETURNING id, name)
    INSERT INTO variants (id, product_id, sku)
    SELECT lpad(to_hex(substr(name, 9)::int + 1048576), 32, '0')::uuid, id, replace(upper(name), ' ', '-') FROM made";

/// Id of the variant of an article, counted from 1: the same in every organization.
pub fn variant(article: u32) -> String {
    format!("00000000-0000-0000-0000-{:012x}", article + 1_048_576)
}

/// The organizations of a run, all in one control database.
pub struct Organizations {
    pub control: Arc<ControlDb>,
    made: Vec<TestTenant>,
}

impl Organizations {
    pub fn none(control: Arc<ControlDb>) -> Self {
        Self { control, made: Vec::new() }
    }

    /// So many of them.
    pub async fn first(&mut self, count: usize) -> &[TestTenant] {
        let missing = count.saturating_sub(self.made.len());
        if missing > 0 {
            let begun = Instant::now();
            let control = &self.control;
            let made: Vec<TestTenant> = stream::iter(0..missing).map(|_| make(control)).buffer_unordered(AT_ONCE).collect().await;
            self.made.extend(made);
            report::say(&format!("    {missing} organizations made in {:.0} s", statistics::seconds(begun.elapsed())));
        }
        &self.made[..count]
    }
}

async fn make(control: &Arc<ControlDb>) -> TestTenant {
    let tenant = TestTenant::in_control(control).await;
    // The fixture's connections would count against the server's.
    tenant.db().close().await;
    let owner = tenant.owner_db().await;
    sqlx::query(CATALOGUE).bind(i64::from(PRODUCTS)).execute(owner.pool()).await.expect("a catalogue");
    // As autovacuum would have done some minutes later.
    sqlx::query("VACUUM ANALYZE").execute(owner.pool()).await.expect("statistics");
    owner.close().await;
    tenant
}

/// A token of the owner, fresh from now on, as the header that carries it.
pub fn authorization(tenant: &TestTenant) -> String {
    format!("Bearer {}", tenant.token(Role::Owner))
}
