//! A month of a real retailer: its articles, opening stock and 42,000 movements, every level compared with a sum computed apart from
//! the product.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use nexus_test_support::Client;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::platform::{Organization, Platform, text};
use crate::uploads::{MOVEMENTS, PRODUCTS, Upload};

/// One line of the file. Codes that differ only by case are one article.
struct Line {
    code: String,
    quantity: Decimal,
}

/// The file and what it means, computed without the product.
struct Retail {
    csv: Vec<u8>,
    lines: Vec<Line>,
    /// Codes that stand for no goods, as they are written.
    fees: BTreeSet<String>,
}

impl Retail {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/online-retail-2010-12.csv.gz");
        let mut csv = Vec::new();
        GzDecoder::new(std::fs::File::open(path).expect("the test data")).read_to_end(&mut csv).expect("gzip");
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header = reader.byte_headers().expect("a header").clone();
        let column = |name: &str| header.iter().position(|field| field == name.as_bytes()).expect("a column");
        let (code, quantity) = (column("StockCode"), column("Quantity"));
        let mut read = Self { csv: Vec::new(), lines: Vec::new(), fees: BTreeSet::new() };
        for record in reader.byte_records().map(|record| record.expect("a line")) {
            let field = |place: usize| String::from_utf8_lossy(&record[place]).trim().to_owned();
            if !is_goods(&field(code)) {
                read.fees.insert(field(code));
            }
            read.lines.push(Line { code: field(code).to_uppercase(), quantity: field(quantity).parse().expect("a number") });
        }
        read.csv = csv;
        read
    }

    fn goods(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| is_goods(&line.code))
    }

    /// Per article: the greatest running shortfall, which opening stock must cover.
    fn openings(&self) -> BTreeMap<String, Decimal> {
        let mut running: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
        for line in self.goods() {
            let (level, lowest) = running.entry(&line.code).or_default();
            *level -= line.quantity;
            *lowest = (*lowest).min(*level);
        }
        running.into_iter().map(|(code, (_, lowest))| (code.to_owned(), -lowest)).collect()
    }

    /// Per article: what must be on hand at the end.
    fn levels(&self) -> BTreeMap<String, Decimal> {
        let mut levels = self.openings();
        for line in self.goods() {
            *levels.entry(line.code.clone()).or_default() -= line.quantity;
        }
        levels
    }

    fn openings_csv(&self) -> String {
        let mut csv = String::from("sku,quantity,location,reason,occurred_at\n");
        for (code, quantity) in self.openings().iter().filter(|(_, quantity)| **quantity > Decimal::ZERO) {
            writeln!(csv, "{code},{quantity},MAIN,opening_stock,2010-11-30T00:00:00Z").expect("text");
        }
        csv
    }

    /// How the retailer's columns are read as articles.
    fn articles(&self) -> Value {
        json!({
            "columns": { "sku": "StockCode", "name": "Description", "price": "UnitPrice" },
            "defaults": { "currency": "GBP" }, "sku_case": "merge", "non_stocked_skus": self.fees,
        })
    }
}

fn is_goods(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_digit())
}

/// How the retailer's columns are read as movements: positive is sold, negative came back.
fn sales() -> Value {
    json!({
        "columns": { "sku": "StockCode", "quantity": "Quantity", "occurred_at": "InvoiceDate", "reference": "InvoiceNo" },
        "defaults": { "location": "MAIN" }, "sign": "sale", "sku_case": "merge", "time_zone": "Europe/London",
    })
}

async fn levels(client: &Client) -> BTreeMap<String, Decimal> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/api/v1/inventory?limit=200&cursor={cursor}")).send().await.expect(200);
        for level in page.ok().as_array().expect("levels") {
            let code = text(&level["sku"]).to_uppercase();
            assert!(found.insert(code, text(&level["on_hand"]).parse().expect("a number")).is_none(), "an article has two levels: {level}");
        }
        match page.metadata()["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}

fn compare(found: &BTreeMap<String, Decimal>, expected: &BTreeMap<String, Decimal>) {
    for (code, quantity) in expected {
        assert_eq!(found.get(code).copied().unwrap_or_default(), *quantity, "article {code}");
    }
    let surplus: Vec<&String> = found.keys().filter(|code| !expected.contains_key(*code)).collect();
    assert!(surplus.is_empty(), "levels of articles that never moved: {surplus:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_real_movements_gives_every_level() {
    let retail = Retail::read();
    assert_eq!(retail.lines.len(), 42_481, "the extract's lines");
    let expected = retail.levels();
    assert!(expected.len() > 2_500 && expected.values().any(|quantity| *quantity > Decimal::ZERO), "{} articles", expected.len());
    let platform = Platform::start().await;
    let Organization { client, id, .. } = platform.sign_up().await;
    let file = || Upload::csv(retail.csv.clone());
    file().mapped(retail.articles()).import(&client, PRODUCTS).await;
    Upload::csv(retail.openings_csv()).import(&client, MOVEMENTS).await;
    let imported = file().mapped(sales()).import(&client, MOVEMENTS).await;
    compare(&levels(&client).await, &expected);

    // The same file again is the first import: no double stock.
    let again = file().mapped(sales()).import(&client, MOVEMENTS).await;
    assert_eq!(imported["id"], again["id"]);
    compare(&levels(&client).await, &expected);

    // Every line of goods is a movement, in the order of the file.
    let admin = platform.stack.admin_db(&format!("nxt_{}", id.simple())).await;
    let (movements, in_order): (i64, bool) = sqlx::query_as(
        "SELECT count(*), bool_and(seq > before) IS NOT FALSE FROM
         (SELECT seq, lag(seq) OVER (ORDER BY import_line) AS before FROM stock_movements WHERE import_id = $1::uuid) AS lines",
    )
    .bind(text(&imported["id"]))
    .fetch_one(admin.pool())
    .await
    .unwrap();
    assert_eq!((usize::try_from(movements).unwrap(), in_order), (retail.goods().count(), true));
    let peak = platform.process.peak_memory_mb();
    assert!(peak < 700, "the program used {peak} MB");
}
