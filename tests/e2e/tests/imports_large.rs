//! Files of a hundred megabytes and more: the program's memory stays flat, however the file repeats itself, and reading ends where nothing more
//! can be learned.

use futures::stream;
use nexus_test_support::{Client, Role, TestTenant};
use serde_json::{Value, json};

use crate::platform::{Platform, text};
use crate::uploads::{PRODUCTS, Upload, ended};

/// What a large file may add to the program's peak: half of its size.
const ROOM_MB: u64 = 60;

/// Megabytes of short rows of one article.
struct Huge {
    block: Vec<u8>,
    blocks: usize,
}

impl Huge {
    const BLOCK: usize = 10_000;

    fn of_mb(megabytes: usize) -> Self {
        let block = b"HUGE,a row that says nothing new and names one article again and again\n".repeat(Self::BLOCK);
        let blocks = megabytes * 1024 * 1024 / block.len() + 1;
        Self { block, blocks }
    }

    fn rows(&self) -> usize {
        self.blocks * Self::BLOCK
    }

    async fn import(&self, client: &Client, sku_case: &str) -> Value {
        let content = std::iter::once(b"sku,name\n".to_vec()).chain(std::iter::repeat_n(self.block.clone(), self.blocks));
        let body = reqwest::Body::wrap_stream(stream::iter(content.map(Ok::<_, std::io::Error>)));
        let answer = Upload::stream(body).mapped(json!({ "sku_case": sku_case })).send(client, PRODUCTS).await.expect(202);
        ended(client, &text(&answer.ok()["id"])).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn millions_of_rows_of_one_article_leave_memory_flat() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let before = platform.process.peak_memory_mb();

    // Where repetitions are faults, reading ends as soon as the list of them is full.
    let long = Huge::of_mb(20);
    assert!(long.rows() > 200_000, "{} rows", long.rows());
    let job = long.import(&client, "report").await;
    assert!(job["state"] == "failed" && text(&job["error"]).starts_with("IMPORT_HAS_ERRORS"), "{job}");
    let read = job["summary"]["rows"].as_u64().expect("rows");
    assert!((1_000..50_000).contains(&read), "{read} rows were read to list 1,000 faults");
    let errors = client.get(&text(&job["errors_url"])).send().await.expect(200).text();
    assert!(errors.contains("3,sku,duplicate") && errors.contains("reading stopped here"), "{errors}");
    assert_eq!(client.get("/api/v1/products").send().await.expect(200).metadata()["total"], 0, "it was half imported");

    // Where they are merged, all of them are read.
    let huge = Huge::of_mb(120);
    assert!(huge.rows() > 1_600_000, "{} rows", huge.rows());
    let job = huge.import(&client, "merge").await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!((&job["summary"]["rows"], &job["summary"]["created"]), (&json!(huge.rows()), &json!(1)), "{job}");
    assert_eq!(job["summary"]["merged_rows"], json!(huge.rows() - 1), "{job}");
    let after = platform.process.peak_memory_mb();
    assert!(after < before + ROOM_MB, "memory grew from {before} MB to {after} MB");
}
