//! Files that are no good: each is refused with a clear error, and nothing of it is imported.

use nexus_test_support::Role;
use serde_json::json;

use super::{MOVEMENTS, PRODUCTS, code_of, errors, import, mapping, upload};
use crate::test_app::App;

#[tokio::test]
async fn what_is_no_text_in_utf_8_is_refused_at_the_door() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = upload(&client, PRODUCTS, "", &[]).await.error(422, "IMPORT_EMPTY");
    let utf16: Vec<u8> = "sku,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [&[0xff, 0xfe], utf16.as_slice()].concat();
    let error = upload(&client, PRODUCTS, with_mark, &[]).await.error(422, "IMPORT_ENCODING");
    assert!(error["message"].as_str().unwrap().contains("UTF-16"));
    let _ = upload(&client, PRODUCTS, utf16, &[]).await.error(422, "IMPORT_ENCODING");
    let error = upload(&client, PRODUCTS, b"sku,name\nA,\xa35 lamp\n".to_vec(), &[]).await.error(422, "IMPORT_ENCODING");
    assert!(error["message"].as_str().unwrap().contains("line 2"));
    let done = import(&app, PRODUCTS, b"sku,name\nA,\xa35 lamp\n".to_vec(), &[("encoding", "windows-1252".to_owned())]).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    let found = client.get("/api/v1/products?q=lamp").send().await.ok();
    assert_eq!(found[0]["name"], "£5 lamp");
}

#[tokio::test]
async fn the_form_is_checked_field_by_field() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let bad = [
        mapping(&json!({ "columns": { "colour": "Colour" } })),
        mapping(&json!({ "surprise": 1 })),
        mapping(&json!({ "time_zone": "Mars/Olympus" })),
        // Neither zones that count leap seconds nor second names of others, as in the settings.
        mapping(&json!({ "time_zone": "right/Europe/London" })),
        mapping(&json!({ "time_zone": "posix/Europe/London" })),
        mapping(&json!({ "time_zone": "Europe/London\0" })),
        mapping(&json!({ "date_format": "%Q" })),
        ("encoding", "latin-7".to_owned()),
        ("skip_invalid", "perhaps".to_owned()),
    ];
    for field in bad {
        let _ = upload(&client, MOVEMENTS, "sku,quantity,location\n", std::slice::from_ref(&field)).await.error(422, "VALIDATION_FAILED");
    }
    let texts = ["name", "description", "brand", "unit", "category"];
    let long = texts.iter().map(|field| ((*field).to_owned(), json!("x".repeat(410)))).collect::<serde_json::Map<_, _>>();
    let error = upload(&client, PRODUCTS, "sku\nA\n", &[mapping(&json!({ "defaults": long }))]).await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["field"], "mapping.defaults", "{error}");
    let _ = client.post(MOVEMENTS, &json!({})).idempotency_key("k").send().await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    let _ = upload(&app.client(Role::Staff), MOVEMENTS, "sku\n", &[]).await.error(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_header_that_lacks_doubles_or_floods_columns_is_refused_by_name() {
    let app = App::start().await;
    let job = import(&app, MOVEMENTS, "sku,menge\nA,1\n", &[]).await;
    assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), "IMPORT_HEADER"), "{job}");
    let message = job["error"].as_str().unwrap();
    assert!(message.contains("`quantity`") && message.contains("`location`"), "{message}");
    let wide = vec!["c"; 10_000].join(",");
    for (content, code) in [
        (format!("sku,{wide}\n"), "IMPORT_HEADER"),
        ("sku,name,SKU\nA,B,C\n".to_owned(), "IMPORT_HEADER"),
        ("sku,name\nA,\"open\nB,C\n".to_owned(), "IMPORT_MALFORMED"),
        ("sku,name\n".to_owned(), "IMPORT_EMPTY"),
    ] {
        let job = import(&app, PRODUCTS, content.clone(), &[]).await;
        assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), code), "{job}");
    }
}

#[tokio::test]
async fn formulas_are_text_and_stay_inert_in_our_own_file() {
    let app = App::start().await;
    let job = import(&app, PRODUCTS, "sku,name,price\nA,=1+1,2.50\n=cmd|x,B,ten\n", &[("skip_invalid", "true".to_owned())]).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let found = app.client(Role::Manager).get("/api/v1/products").send().await.ok();
    assert_eq!(found[0]["name"], "=1+1");
    let lines = errors(&app, &job).await;
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("3,price,amount,"), "{lines:?}");
}

#[tokio::test]
async fn reading_stops_when_the_list_of_faults_is_full() {
    let app = App::start().await;
    let cases = [
        (PRODUCTS, format!("sku,name,price\nGOOD,Good,1\n{}", "BAD,Bad,cheap\n".repeat(30_000))),
        (MOVEMENTS, format!("sku,quantity,location\nGOOD,1,MAIN\n{}", "BAD,many,MAIN\n".repeat(30_000))),
    ];
    for (path, content) in cases {
        let job = import(&app, path, content.clone(), &[]).await;
        assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), "IMPORT_HAS_ERRORS"), "{job}");
        let read = job["summary"]["rows"].as_i64().unwrap();
        assert!((1_000..30_000).contains(&read), "{read} of 30,001 rows were read to list 1,000 faults");
        let lines = errors(&app, &job).await;
        assert!(lines.len() == 1_001 && lines[1_000].contains("reading stopped here, after 1000 faults"), "{:?}", lines.last());

        // Who wants the good rows gets them, and the whole file is read for it.
        let job = import(&app, &format!("{path}?dry_run=true"), content, &[("skip_invalid", "true".to_owned())]).await;
        assert_eq!((job["state"].as_str(), &job["summary"]["rows"]), (Some("succeeded"), &json!(30_001)), "{job}");
        assert!(job["summary"]["errors"].as_i64() >= Some(30_000), "{job}");
    }
}
