//! Importing a file of movements beside `psql`'s `\copy` of the rows that came of it, into the same table of another organization with the same triggers and
//! indexes. The time of the import is the upload and the job; what the job waited in the queue does not count.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use nexus_test_support::{Client, Process, Role, TestTenant, eventually};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::process::Command;

use super::density::random;
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::organizations::PRODUCTS;
use crate::statistics;

const ROWS: usize = 100_000;

/// Everything but the order of the ledger, which the table makes itself.
const COLUMNS: &str = "id, variant_id, lot_id, quantity, unit, from_location_id, to_location_id, reason, note, reference_type, reference_id, reference_number, \
    reference_line, backdating_reason, batch_id, actor_kind, actor_id, request_id, from_quantity_after, to_quantity_after, occurred_at, recorded_at, \
    import_id, import_line";

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let rows = bench.sized(ROWS, 500);
    let runs = bench.runs();
    let mut organizations = bench.organizations().await;
    // Two for each round, with ledgers as empty as each other's; the first one is other scenarios'.
    let tenants = &organizations.first(1 + 2 * runs).await[1..];
    let nexus = bench.nexus(&["tenant-runtime"], &tenants[0].control).spawn().await;
    let file = file(rows);
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("movements.copy");
    let (mut imports, mut copies) = (Vec::new(), Vec::new());
    for pair in tenants.chunks_exact(2) {
        imports.push(statistics::seconds(import(&nexus, &pair[0], &file, rows).await));
        psql(bench, &pair[0], &format!("\\copy (SELECT {COLUMNS} FROM stock_movements ORDER BY seq) TO '{}'", copy.display())).await;
        announce(&pair[0], &pair[1]).await;
        copies.push(statistics::seconds(copied(bench, &pair[1], &copy, rows).await));
    }
    let per_second = |seconds: &[f64]| seconds.iter().map(|seconds| statistics::share(statistics::number(rows as u64), *seconds)).collect::<Vec<_>>();
    vec![
        Figure::beside("import.movements", "s", &imports, &copies, Bound::AtMost(4.0)),
        Figure::of("import.rows", "/s", &per_second(&imports), Bound::Nothing),
    ]
}

/// Sales as a till writes them down; the same in every run.
fn file(rows: usize) -> Vec<u8> {
    let mut text = "StockCode,Quantity,InvoiceDate,InvoiceNo\n".to_owned();
    for row in 0..rows {
        let (article, quantity) = (random(1, row) % PRODUCTS as usize + 1, random(2, row) % 24 + 1);
        let (day, minute) = (row * 28 / rows + 1, row % 600);
        let _ = writeln!(text, "ARTICLE-{article},{quantity},2024-02-{day:02} {:02}:{:02}:00,{}", 8 + minute / 60, minute % 60, 536_365 + row / 20);
    }
    text.into_bytes()
}

/// Uploads the file, waits for the job, and answers how long both took without the queue.
async fn import(nexus: &Process, tenant: &TestTenant, file: &[u8], rows: usize) -> Duration {
    let client = nexus.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let mapping = json!({
        "columns": { "sku": "StockCode", "quantity": "Quantity", "occurred_at": "InvoiceDate", "reference": "InvoiceNo" },
        "defaults": { "location": "MAIN" }, "sign": "receipt", "time_zone": "Europe/London", "backdating_reason": "Deliveries of February",
    });
    let part = Part::bytes(file.to_vec()).file_name("movements.csv").mime_str("text/csv").expect("a part");
    let form = Form::new().text("mapping", mapping.to_string()).part("file", part);
    let begun = Instant::now();
    let request =
        client.request(reqwest::Method::POST, "/api/v1/stock-movements/import").multipart(form).idempotency_key(&format!("import-{}", tenant.slug));
    let accepted = request.send().await.expect(202).ok();
    let upload = begun.elapsed();
    let job = ended(&client, accepted["id"].as_str().expect("a job")).await;
    assert_eq!((&job["state"], &job["summary"]["rows"]), (&json!("succeeded"), &json!(rows)), "{job}");
    let at = |name: &str| job[name].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()).expect("an instant");
    upload + (at("finished_at") - at("started_at")).to_std().expect("a duration")
}

async fn ended(client: &Client, job: &str) -> Value {
    eventually(Duration::from_secs(300), async || {
        let found = client.get(&format!("/api/v1/jobs/{job}")).send().await.expect(200).ok();
        ["succeeded", "failed", "cancelled"].iter().any(|state| found["state"] == *state).then_some(found)
    })
    .await
}

/// The rows name the import that they came with: it must be known where they are copied to. What it refers to in turn needs not.
async fn announce(from: &TestTenant, to: &TestTenant) {
    let (source, target) = (from.owner_db().await, to.owner_db().await);
    let row: Value = sqlx::query_scalar("SELECT to_jsonb(i) FROM imports i").fetch_one(source.pool()).await.expect("the import");
    let mut transaction = target.pool().begin().await.expect("a transaction");
    sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *transaction).await.expect("no checks");
    let known = sqlx::query("INSERT INTO imports SELECT * FROM jsonb_populate_record(NULL::imports, $1)").bind(row);
    known.execute(&mut *transaction).await.expect("the import");
    transaction.commit().await.expect("the import");
    source.close().await;
    target.close().await;
}

async fn copied(bench: &Bench, tenant: &TestTenant, file: &Path, rows: usize) -> Duration {
    let begun = Instant::now();
    psql(bench, tenant, &format!("\\copy stock_movements ({COLUMNS}) FROM '{}'", file.display())).await;
    let took = begun.elapsed();
    let owner = tenant.owner_db().await;
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_movements").fetch_one(owner.pool()).await.expect("the ledger");
    owner.close().await;
    assert_eq!(usize::try_from(found), Ok(rows), "psql copied something else");
    took
}

/// Runs a command as the organization's role.
async fn psql(bench: &Bench, tenant: &TestTenant, command: &str) {
    let postgres = crate::sniff::postmaster(bench).await;
    let server = std::fs::read_link(format!("/proc/{postgres}/exe")).expect("root, or the user that Postgres runs as");
    let own = server.with_file_name("psql");
    let program = if own.exists() { own } else { "psql".into() };
    let output = Command::new(program).args(["-X", "-v", "ON_ERROR_STOP=1", "-q", "-c", command, &tenant.url()]).output().await.expect("psql");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}
