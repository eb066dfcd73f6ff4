//! Files that are not what they should be: refused whole, with row, column and reason; nothing half imported; memory stays flat.

use futures::stream;
use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::json;

use crate::fixtures::{article, on_hand};
use crate::platform::{Platform, text};
use crate::uploads::{MOVEMENTS, PRODUCTS, Upload, ended};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_files_are_refused_whole_and_say_where() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    no_bad_file_comes_in(&client).await;
    a_formula_is_text(&client).await;
    one_bad_movement_keeps_all_out(&client).await;
    the_same_file_twice_is_one_import(&client).await;
    the_upload_itself_is_checked(&client).await;
    a_form_is_no_place_for_endless_text(&client).await;
    a_200_mb_file_leaves_memory_flat(&platform, &client).await;
}

/// The end of an import that must not succeed: refused at once, or a failed job with its error file; answers the words used.
async fn refusal(client: &Client, answer: Answer) -> String {
    if answer.status.is_client_error() {
        return answer.text();
    }
    let id = text(&answer.expect(202).ok()["id"]);
    let job = ended(client, &id).await;
    assert_eq!(job["state"], "failed", "a bad file was imported: {job}");
    let errors = if job["errors_url"].is_null() { String::new() } else { client.get(&text(&job["errors_url"])).send().await.expect(200).text() };
    format!("{job} {errors}")
}

async fn no_bad_file_comes_in(client: &Client) {
    let wide = format!("sku,name{}\nA,B\n", (0..10_000).map(|number| format!(",c{number}")).collect::<String>());
    let long = format!("sku,name\nA,{}\n", "x".repeat(10_000));
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("no bytes", Vec::new(), &["IMPORT_EMPTY"]),
        ("a header only", b"sku,name\n".to_vec(), &["IMPORT_EMPTY"]),
        ("Latin-1", b"sku,name\nA,\xa35 voucher\n".to_vec(), &["IMPORT_ENCODING", "UTF-8"]),
        ("UTF-16", b"\xff\xfes\0k\0u\0,\0n\0\n\0".to_vec(), &["IMPORT_ENCODING", "UTF-16"]),
        ("a zip", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xb5\x55".to_vec(), &["IMPORT_ENCODING", "no text"]),
        ("a missing column", b"name\nTea\n".to_vec(), &["IMPORT_HEADER", "sku"]),
        ("a column twice", b"sku,name,name\nA,Tea,Coffee\n".to_vec(), &["IMPORT_HEADER", "name"]),
        ("10,000 columns", wide.into_bytes(), &["IMPORT_HEADER", "10002"]),
        ("an open quote", b"sku,name\nA,\"Tea\nB,Coffee\n".to_vec(), &["IMPORT_MALFORMED", "line 2"]),
        (
            "a bad row among good ones",
            b"sku,name,price,currency\nA,Tea,1.50,EUR\nB,Coffee,cheap,EUR\n".to_vec(),
            &["IMPORT_HAS_ERRORS", "3,", "price", "cheap"],
        ),
        ("too few cells", b"sku,name\nA,Tea\nB\n".to_vec(), &["IMPORT_HAS_ERRORS", "3,", "1 cells"]),
        ("a NUL", b"sku,name\nA,Te\0a\n".to_vec(), &["IMPORT_ENCODING", "NUL"]),
        ("a name of 10,000 characters", long.into_bytes(), &["IMPORT_HAS_ERRORS", "2,", "name"]),
        ("the same SKU in two cases", b"sku,name\nabc,Tea\nABC,Coffee\n".to_vec(), &["IMPORT_HAS_ERRORS", "3,", "sku"]),
    ];
    for (case, csv, words) in cases {
        let said = refusal(client, Upload::csv(csv).send(client, PRODUCTS).await).await;
        for word in words {
            assert!(said.contains(word), "{case}: `{word}` is missing in {said}");
        }
        assert_eq!(client.get("/api/v1/products").send().await.expect(200).metadata()["total"], 0, "{case} was half imported");
    }
}

/// Kept as it is, and made harmless where it leaves as CSV.
async fn a_formula_is_text(client: &Client) {
    let formula = "=HYPERLINK(\"http://evil.example\")";
    Upload::csv(format!("sku,name\nFORMULA,\"{}\"\n", formula.replace('"', "\"\""))).import(client, PRODUCTS).await;
    assert_eq!(client.get("/api/v1/products").send().await.expect(200).ok()[0]["name"], formula);
    let job = client.post("/api/v1/products/export", &json!({})).send().await.expect(202).ok();
    let job = ended(client, &text(&job["id"])).await;
    let exported = client.get(&text(&job["result_url"])).send().await.expect(200).text();
    let mut reader = csv::Reader::from_reader(exported.as_bytes());
    let cells: Vec<String> = reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.iter().any(|cell| cell.contains("HYPERLINK")), "{exported}");
    assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '@', '-'])), "a cell that a spreadsheet computes: {exported}");
}

async fn one_bad_movement_keeps_all_out(client: &Client) {
    let cup = article(client, "CUP").await;
    let cases: &[(&str, &str, &[&str])] = &[
        ("an unknown article", "CUP,5,MAIN\nNOTHING,5,MAIN\n", &["3,", "sku", "NOTHING"]),
        ("an unknown place", "CUP,5,MAIN\nCUP,5,NOWHERE\n", &["3,", "location", "NOWHERE"]),
        ("no number", "CUP,5,MAIN\nCUP,five,MAIN\n", &["3,", "quantity", "five"]),
        ("an absurd number", "CUP,5,MAIN\nCUP,999999999999999999999999,MAIN\n", &["3,", "quantity"]),
        ("more than there is", "CUP,5,MAIN\nCUP,-6,MAIN\n", &["3,", "quantity"]),
    ];
    for (case, rows, words) in cases {
        let said = refusal(client, Upload::csv(format!("sku,quantity,location\n{rows}")).send(client, MOVEMENTS).await).await;
        for word in words.iter().chain(&["IMPORT_HAS_ERRORS"]) {
            assert!(said.contains(word), "{case}: `{word}` is missing in {said}");
        }
        assert!(on_hand(client, &cup).await.iter().all(|quantity| quantity == "0"), "{case} was half imported");
    }
}

async fn the_same_file_twice_is_one_import(client: &Client) {
    let bowl = article(client, "BOWL").await;
    let csv = "sku,quantity,location\nBOWL,5,MAIN\nBOWL,5,MAIN\nbowl,-1,MAIN\n";
    let file = || Upload::csv(csv);
    // A dry run consumes nothing.
    file().import(client, &format!("{MOVEMENTS}?dry_run=true")).await;
    assert!(on_hand(client, &bowl).await.iter().all(|quantity| quantity == "0"));
    // Equal lines of one file are different movements; an equal file is the same import.
    let first = file().import(client, MOVEMENTS).await;
    assert_eq!(on_hand(client, &bowl).await, ["9"]);
    let second = file().import(client, MOVEMENTS).await;
    assert_eq!((&first["id"], on_hand(client, &bowl).await), (&second["id"], vec!["9".to_owned()]));
    // Unless it is asked for.
    let third = file().import(client, &format!("{MOVEMENTS}?again=true")).await;
    assert_ne!(first["id"], third["id"]);
    assert_eq!(on_hand(client, &bowl).await, ["18"]);
    // Many at once are one import as well.
    let csv = "sku,quantity,location\nBOWL,1,MAIN\n";
    let uploads = futures::future::join_all((0..8).map(|_| Upload::csv(csv).send(client, MOVEMENTS))).await;
    for answer in uploads {
        assert!([200, 202, 409].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
        if answer.status.is_success() {
            ended(client, &text(&answer.ok()["id"])).await;
        }
    }
    Upload::csv(csv).import(client, MOVEMENTS).await;
    assert_eq!(on_hand(client, &bowl).await, ["19"]);
}

async fn the_upload_itself_is_checked(client: &Client) {
    let post = |path: &str| client.request(reqwest::Method::POST, path);
    post(PRODUCTS).json(&json!({ "file": "sku,name" })).send().await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    let refused = async |form: reqwest::multipart::Form| {
        let answer = post(PRODUCTS).multipart(form).send().await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
    };
    let file = || reqwest::multipart::Part::bytes(&b"sku,name\nA,Tea\n"[..]).file_name("a.csv").mime_str("text/csv").expect("a part");
    refused(reqwest::multipart::Form::new()).await;
    refused(reqwest::multipart::Form::new().text("mapping", "{}")).await;
    refused(reqwest::multipart::Form::new().text("mapping", "{").part("file", file())).await;
    refused(reqwest::multipart::Form::new().text("mapping", r#"{"columns":{"colour":"Colour"}}"#).part("file", file())).await;
    refused(reqwest::multipart::Form::new().text("nonsense", "1").part("file", file())).await;
    refused(reqwest::multipart::Form::new().part("file", file()).part("file", file())).await;
}

/// Separators that the parser of forms stumbles over, and 4 MB where only a separator or a part's headers may stand.
async fn a_form_is_no_place_for_endless_text(client: &Client) {
    let send = async |boundary: &str, body: Vec<u8>| {
        let kind = format!("multipart/form-data; boundary={boundary}");
        client.request(reqwest::Method::POST, PRODUCTS).body(&kind, body).send().await.error(400, "BAD_REQUEST").to_string()
    };
    for (boundary, body) in [("B", "\n"), ("BB", "--\n"), ("BBBB", "\n\n\n\n"), ("BBBB", "--BBBB\r\n"), ("BBBB", "--BBBB--")] {
        let told = send(boundary, body.as_bytes().to_vec()).await;
        assert_eq!(told.contains("4 to 70 characters"), boundary.len() < 4, "{told}");
    }
    for start in ["", "--BBBB\r\nx: "] {
        let told = send("BBBB", [start.as_bytes(), &vec![b'a'; 4 << 20]].concat()).await;
        assert!(told.contains("no end to its headers"), "{told}");
    }
}

/// 200 MB of rows of 65 KB each, all of them wrong, all of them read.
async fn a_200_mb_file_leaves_memory_flat(platform: &Platform, client: &Client) {
    let before = platform.process.peak_memory_mb();
    let row = format!("HUGE,Huge,{}\n", "a description without end ".repeat(2_500)).into_bytes();
    let rows = 200 * 1024 * 1024 / row.len() + 1;
    let content = std::iter::once(b"sku,name,description\n".to_vec()).chain(std::iter::repeat_n(row, rows)).map(Ok::<_, std::io::Error>);
    let upload = Upload::stream(reqwest::Body::wrap_stream(stream::iter(content))).skipping_invalid();
    let job = upload.import(client, PRODUCTS).await;
    assert_eq!((&job["summary"]["rows"], &job["summary"]["errors"], &job["summary"]["created"]), (&json!(rows), &json!(rows), &json!(0)), "{job}");
    let errors = client.get(&text(&job["errors_url"])).send().await.expect(200).text();
    for word in ["2,description,too_long", &format!("{rows} rows are wrong")] {
        assert!(errors.contains(word), "`{word}` is missing in {errors}");
    }
    assert_eq!(client.get("/api/v1/variants?sku=HUGE").send().await.expect(200).metadata()["total"], 0, "it was half imported");
    let after = platform.process.peak_memory_mb();
    assert!(after < before + 100, "memory grew from {before} MB to {after} MB");
}
