//! Pages, cursors, links.

use super::app::{app, get, known, send};

#[actix_web::test]
async fn a_page_has_metadata_and_links() {
    let app = app().await;
    let answer = send(&app, known(get("/api/v1/things?page=2&limit=10&status=active"))).await;
    let body = answer.json();
    assert_eq!(body["metadata"], serde_json::json!({ "page": 2, "limit": 10, "total": 45 }));
    assert_eq!(body["data"].as_array().unwrap().len(), 2);
    let link = answer.header("link").unwrap();
    assert!(link.contains("</api/v1/things?limit=10&status=active&page=3>; rel=\"next\""), "{link}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_cursor_leads_on_and_only_where_it_was_made_for() {
    let app = app().await;
    let first = send(&app, known(get("/api/v1/things?cursor=&status=active"))).await.json();
    assert_eq!((&first["metadata"]["has_more"], &first["metadata"]["prev_cursor"]), (&true.into(), &serde_json::Value::Null));
    let cursor = first["metadata"]["next_cursor"].as_str().unwrap().to_owned();
    let second = send(&app, known(get(&format!("/api/v1/things?cursor={cursor}&status=active&limit=5")))).await;
    assert_eq!(second.status, 200, "another limit is allowed");
    assert!(second.json()["metadata"]["prev_cursor"].is_string());
    assert!(second.header("link").unwrap().contains("rel=\"prev\""));
    let elsewhere = [
        format!("/api/v1/things?cursor={cursor}"),
        format!("/api/v1/things?cursor={cursor}&status=archived"),
        format!("/api/v1/things?cursor={cursor}&status=active&sort=name"),
        format!("/api/v1/things?cursor={cursor}x&status=active"),
    ];
    for path in elsewhere {
        let answer = send(&app, known(get(&path))).await;
        assert_eq!((answer.error().0, answer.faults()[0].0.as_str()), (400, "cursor"), "{path}");
    }
    let foreign = known(get(&format!("/api/v1/things?cursor={cursor}&status=active"))).insert_header(("x-tenant", "2"));
    assert_eq!(send(&app, foreign).await.error().0, 400);
}

#[actix_web::test]
async fn every_faulty_parameter_of_a_list_is_named() {
    let app = app().await;
    let answer = send(&app, known(get("/api/v1/things?limit=0&status=gone&colour=red&sort=weight"))).await;
    assert_eq!(answer.error(), (400, "BAD_REQUEST".to_owned()));
    let mut fields: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["colour", "limit", "sort", "status"]);
    assert_eq!(send(&app, known(get("/api/v1/things?q=%ff"))).await.error().0, 400, "bytes that are no UTF-8 are no text");
}
