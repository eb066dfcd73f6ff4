//! Database servers as the settings name them.

use std::time::Duration;

use nexus_infra::redis::{Incoming, Redis};
use nexus_provisioning::OperationState;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::bench::Bench;

#[tokio::test]
async fn a_server_that_moved_raises_the_epochs_of_its_tenants_and_the_runtimes_hear_of_it() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("moves").await;
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Succeeded);
    let control = bench.control.db().pool();
    // The address of an earlier start.
    sqlx::query("UPDATE database_servers SET port = 1").execute(control).await.unwrap();
    let epoch = "SELECT epoch FROM tenants WHERE id = $1";
    let before: i64 = sqlx::query_scalar(epoch).bind(tenant.0).fetch_one(control).await.unwrap();

    let mut news = Redis::new(&bench.settings.redis).unwrap().subscribe(&["nexus:directory"]);
    assert_eq!(news.next().await, Some(Incoming::Connected));
    bench.provisioner.register_servers().await.unwrap();
    let told = json!({ "tenant_id": tenant, "epoch": before + 1 });
    let heard = async {
        while let Some(incoming) = news.next().await {
            // Other tests speak on this channel, too.
            if matches!(&incoming, Incoming::Message { payload, .. } if serde_json::from_str::<Value>(payload).unwrap() == told) {
                return;
            }
        }
    };
    timeout(Duration::from_secs(10), heard).await.unwrap();
    let after: i64 = sqlx::query_scalar(epoch).bind(tenant.0).fetch_one(control).await.unwrap();
    bench.provisioner.register_servers().await.unwrap();
    let unmoved: i64 = sqlx::query_scalar(epoch).bind(tenant.0).fetch_one(control).await.unwrap();
    assert_eq!((after, unmoved), (before + 1, before + 1), "only a move is one");
}
