//! A database server that gets another address while its tenants are in use.

use std::time::{Duration, Instant};

use nexus_infra::directory::DirectoryChange;
use nexus_test_support::{Proxy, Role, TestTenant};
use sqlx::AssertSqlSafe;

use crate::test_app::{App, behind_proxy};

async fn epoch(tenant: &TestTenant) -> i64 {
    sqlx::query_scalar("SELECT epoch FROM tenants WHERE id = $1").bind(tenant.id.0).fetch_one(tenant.control.db().pool()).await.unwrap()
}

async fn change(tenant: &TestTenant, statement: &str) {
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(tenant.control.db().pool()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_request_goes_where_the_server_is_now() {
    let tenant = TestTenant::new().await;
    let neighbour = TestTenant::in_control(&tenant.control).await;
    let settings = tenant.control.stack().settings(&tenant.control);
    let server = &settings.servers[0];
    let (former, present) = (behind_proxy(&tenant, "moves").await, Proxy::start(&server.host, server.port).await);
    let (before, neighbours) = (epoch(&tenant).await, epoch(&neighbour).await);
    let app = App::of(tenant).await;
    let client = app.client(Role::Owner);
    let _ = client.get("/api/v1/tags").send().await.expect(200);
    let record = app.runtime.record_for_work(app.tenant.id).await.unwrap();
    drop(app.runtime.registry.lease_for_background(&record).await.unwrap());

    change(&app.tenant, &format!("UPDATE database_servers SET port = {} WHERE name = 'moves'", present.port())).await;
    let after = epoch(&app.tenant).await;
    assert_eq!((after, epoch(&neighbour).await), (before + 1, neighbours), "the tenants of the server that moved, and no others");
    app.runtime.directory.announce(DirectoryChange { tenant_id: app.tenant.id, epoch: after });
    // Whoever still speaks to the former address gets no answer.
    former.fall_silent();
    let since = Instant::now();
    let _ = client.get("/api/v1/tags").send().await.expect(200);
    let record = app.runtime.record_for_work(app.tenant.id).await.unwrap();
    app.runtime.registry.lease_for_background(&record).await.unwrap().ping(Duration::from_secs(10)).await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(20));
    present.fall_silent();
    client.get("/api/v1/tags").send().await.error(503, "SERVICE_UNAVAILABLE");
    assert!(present.hits() > 0, "nothing went by the present address");
    // What is closed at the end says goodbye.
    former.speak_again();
    present.speak_again();
}

#[tokio::test]
async fn an_epoch_rises_with_what_the_directory_tells_and_never_falls() {
    let tenant = TestTenant::new().await;
    let before = epoch(&tenant).await;
    change(&tenant, "UPDATE database_servers SET host = host, port = port, state = 'draining'").await;
    assert_eq!(epoch(&tenant).await, before, "where it is has not changed");
    change(&tenant, "UPDATE tenants SET epoch = epoch + 5").await;
    assert_eq!(epoch(&tenant).await, before + 5, "a raise by hand stays");
    change(&tenant, "UPDATE tenants SET name = 'Another', epoch = 1").await;
    assert_eq!(epoch(&tenant).await, before + 6);
    change(&tenant, "UPDATE database_servers SET host = 'elsewhere.example'").await;
    assert_eq!(epoch(&tenant).await, before + 7);
}
