//! scratch
use serde_json::json;
use super::{MOVEMENTS, PRODUCTS, assert_levels_are_true, mapping};
use crate::test_app::App;

fn rss() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS")).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scratch_full_file() {
    let app = App::start().await;
    let bytes = std::fs::read("/var/tmp/h6/online-retail.csv").unwrap();
    let mut low: std::collections::BTreeMap<String, (i64, i64)> = Default::default();
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
    for r in reader.byte_records() {
        let r = r.unwrap();
        let sku = String::from_utf8_lossy(&r[1]).trim().to_lowercase();
        let q: i64 = String::from_utf8_lossy(&r[3]).trim().parse().unwrap();
        let e = low.entry(sku).or_default();
        e.0 -= q;
        e.1 = e.1.min(e.0);
    }
    let t = std::time::Instant::now();
    let m = json!({"columns": {"sku":"StockCode","name":"Description","price":"UnitPrice"}, "defaults": {"currency":"GBP","status":"active"}, "sku_case":"merge"});
    let job = go(&app, PRODUCTS, bytes.clone(), &[mapping(&m), ("encoding", "windows-1252".to_owned()), ("skip_invalid", "true".to_owned())]).await;
    eprintln!("products {:?} {} {}", t.elapsed(), job, rss());
    let opening: String = low.iter().filter(|(_, (_, l))| *l < 0).map(|(s, (_, l))| format!("{s},{}\n", -l)).collect();
    let t = std::time::Instant::now();
    let job = go(&app, MOVEMENTS, format!("sku,quantity\n{opening}"), &[mapping(&json!({"defaults":{"location":"MAIN","reason":"opening_stock"}}))]).await;
    eprintln!("opening {:?} {}", t.elapsed(), job);
    let t = std::time::Instant::now();
    let m = json!({"columns": {"sku":"StockCode","quantity":"Quantity","occurred_at":"InvoiceDate","reference":"InvoiceNo"}, "defaults": {"location":"MAIN"}, "sign":"sale"});
    let job = go(&app, MOVEMENTS, bytes, &[mapping(&m), ("encoding", "windows-1252".to_owned())]).await;
    eprintln!("movements {:?} {} {}", t.elapsed(), job, rss());
    assert_levels_are_true(&app).await;
}

async fn go(app: &App, path: &str, bytes: impl Into<Vec<u8>>, fields: &[(&'static str, String)]) -> serde_json::Value {
    let t = std::time::Instant::now();
    let client = app.client(nexus_test_support::Role::Manager);
    let ticket = super::upload(&client, path, bytes, fields).await.ok();
    eprintln!("uploaded {:?} {}", t.elapsed(), rss());
    let path = format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap());
    let mut last = -1;
    loop {
        let job = client.get(&path).send().await.ok();
        let done = job["progress"]["done"].as_i64().unwrap();
        if done / 100 != last { last = done / 100; eprintln!("{done} at {:?}", t.elapsed()); }
        if ["succeeded", "failed"].contains(&job["state"].as_str().unwrap()) { return job; }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}
