//! Who comes in and who does not, what strangers can learn, and what a slow caller costs the others.

use nexus_infra::redis::Incoming;
use nexus_test_support::{Role, TestTenant};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::SCHEMA_VERSION;
use crate::test_app::App;

/// A request whose body stops after its beginning.
struct Slow {
    stream: TcpStream,
    rest: String,
}

impl Slow {
    async fn begin(app: &App, tenant: &TestTenant, path: &str, content_type: &str, body: &str) -> Self {
        let address = app.server.base_url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (begin, rest) = body.split_at(body.len() - 1);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nX-Tenant: {}\r\nIdempotency-Key: slow\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{begin}",
            tenant.token(Role::Owner),
            tenant.slug,
            body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        Self { stream, rest: rest.to_owned() }
    }

    /// The last byte; answers the status line.
    async fn finish(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn who_sends_slowly_holds_nothing_that_others_need() {
    // The budget is one tenant's pool: whoever keeps it locks everybody else out.
    let app = App::with_settings(|settings| {
        settings.runtime.connection_budget = 2;
        settings.runtime.tenant_max_connections = 2;
    })
    .await;
    let control = &app.tenant.control;
    let others = [TestTenant::in_control(control).await, TestTenant::in_control(control).await];
    let _ = app.client(Role::Owner).get("/api/v1/tags").send().await.expect(200);
    let form =
        "--form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nsku,name\nA,B\n\r\n--form--";
    let json = Slow::begin(&app, &app.tenant, "/api/v1/tags", "application/json", r#"{"name":"slow"}"#).await;
    let upload = Slow::begin(&app, &app.tenant, "/api/v1/products/import", "multipart/form-data; boundary=form", form).await;
    for _ in 0..3 {
        for tenant in &others {
            let client = app.server.client().bearer(tenant.token(Role::Owner));
            let _ = client.get("/api/v1/tags").send().await.expect(200);
        }
    }
    assert_eq!(json.finish().await, "HTTP/1.1 201 Created");
    assert_eq!(upload.finish().await, "HTTP/1.1 202 Accepted");
}

#[tokio::test]
async fn a_tenant_with_another_schema_is_refused_with_its_background_work() {
    let tenant = TestTenant::new().await;
    let written_for: i32 = sqlx::query_scalar("SELECT version FROM schema_info").fetch_one(tenant.db().pool()).await.unwrap();
    assert_eq!(SCHEMA_VERSION, written_for, "the slices are written for the newest schema");
    let newer = SCHEMA_VERSION + 1;
    change(&tenant, &format!("schema_version = {newer}")).await;
    let app = App::of(tenant).await;
    let client = app.client(Role::Owner);
    client.get("/api/v1/me").send().await.error(503, "TENANT_SCHEMA_UNSUPPORTED");
    let refused = client.post("/api/v1/tags", &json!({ "name": "x" })).send().await;
    refused.error(503, "TENANT_SCHEMA_UNSUPPORTED");
    assert!(refused.header("retry-after").is_some());
    let kept_away = app.runtime.record_for_work(app.tenant.id).await.unwrap_err();
    assert!(kept_away.to_string().contains(&format!("schema version {newer}")), "{kept_away}");
}

#[tokio::test]
async fn the_people_of_a_new_organization_hear_that_it_is_being_set_up() {
    let tenant = TestTenant::new().await;
    change(&tenant, "state = 'pending', server_id = NULL, secret_sealed = NULL, schema_version = 0, entitlements = '{}'").await;
    let app = App::of(tenant).await;
    let client = app.client(Role::Owner);
    let answer = client.get("/api/v1/me").send().await;
    answer.error(503, "TENANT_NOT_READY");
    assert_eq!(answer.header("retry-after"), Some("1"), "setting up is over soon");
}

#[tokio::test]
async fn who_was_deaf_for_a_while_asks_whether_a_policy_has_changed() {
    let app = App::without_workers().await;
    let client = app.client(Role::Viewer);
    let _ = client.get("/api/v1/me").send().await.expect(200);
    // What is said of it reaches nobody.
    let out = "UPDATE users SET status = 'deactivated' WHERE email = $1";
    sqlx::query(out).bind(&app.tenant.user(Role::Viewer).email).execute(app.tenant.owner_db().await.pool()).await.unwrap();
    let _ = client.get("/api/v1/me").send().await.expect(200);
    crate::workers::take_in(&app.runtime, &Incoming::Connected).await;
    client.get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
}

/// Changes the tenant's row in the directory.
async fn change(tenant: &TestTenant, assignments: &str) {
    let statement = format!("UPDATE tenants SET {assignments} WHERE id = $1");
    sqlx::query(sqlx::AssertSqlSafe(statement)).bind(tenant.id.0).execute(tenant.control.db().pool()).await.unwrap();
}
