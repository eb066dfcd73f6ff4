//! The document describes what the application does.

use nexus_core::ErrorCode;
use serde_json::{Value, json};

use super::app::{app, get, send};
use super::slice;
use crate::openapi::{Document, document};
use crate::slice::Slice;

fn of(slices: &[Slice]) -> Result<Document, Vec<String>> {
    document(slices, &[], "1.2.3").map_err(|faults| faults.faults)
}

fn things(codes: &[ErrorCode]) -> Slice {
    Slice::new("things", slice::routes).codes(codes)
}

fn statuses(document: &Value, pointer: &str) -> Vec<String> {
    document.pointer(pointer).unwrap()["responses"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_operation_lists_every_error_its_shape_implies() {
    let document = of(&[things(&[slice::OUT_OF_STOCK])]).unwrap();
    let value = document.value();
    assert_eq!(value["openapi"], "3.1.0");
    assert_eq!(statuses(value, "/paths/~1api~1v1~1things/get"), ["200", "400", "401", "403", "414", "429", "431", "500", "503"]);
    assert_eq!(
        statuses(value, "/paths/~1api~1v1~1things~1{id}/patch"),
        ["200", "400", "401", "403", "404", "408", "409", "412", "413", "414", "415", "422", "428", "429", "431", "500", "503"]
    );
    assert_eq!(statuses(value, "/paths/~1healthz/get"), ["200", "400", "414", "429", "431", "500", "503"]);
    assert_eq!(statuses(value, "/paths/~1api~1v1~1things~1{id}/get")[1], "304");
    let own = &value["paths"]["/api/v1/things/{id}/move"]["post"]["responses"]["409"];
    assert_eq!(own["description"], "Not enough.");
    assert!(own["content"]["application/json"]["examples"]["OUT_OF_STOCK"].is_object());
    assert!(value["x-error-codes"].as_array().unwrap().iter().any(|code| code["code"] == "OUT_OF_STOCK"));
    assert_eq!(value["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert!(value["components"]["schemas"]["Error"]["properties"]["error"].is_object());
}

#[test]
fn an_operation_lists_the_codes_of_its_own_slice_only() {
    mod other {
        use actix_web::delete;

        #[utoipa::path(tag = "other", operation_id = "delete_other", summary = "x", description = "x", responses((status = 204, description = "Ok.")))]
        #[delete("/others")]
        pub(super) async fn delete() -> actix_web::HttpResponse {
            actix_web::HttpResponse::NoContent().finish()
        }
    }
    let others = Slice::new("others", |cfg| {
        cfg.service(other::delete);
    });
    let document = of(&[things(&[slice::OUT_OF_STOCK]), others]).unwrap();
    let conflict = |path: &str, method: &str| document.value()["paths"][path][method]["responses"]["409"]["$ref"].clone();
    let (own, shared) = (conflict("/api/v1/things/{id}", "patch"), conflict("/api/v1/others", "delete"));
    assert_eq!((&own, &shared), (&json!("#/components/responses/things.Conflict"), &json!("#/components/responses/Conflict")));
    let examples = |name: &str| document.value()["components"]["responses"][name]["content"]["application/json"]["examples"].clone();
    assert!(examples("things.Conflict")["OUT_OF_STOCK"].is_object() && examples("things.Conflict")["CONFLICT"].is_object());
    assert!(examples("Conflict")["OUT_OF_STOCK"].is_null() && examples("Conflict")["CONFLICT"].is_object());
}

#[test]
fn bodies_have_examples_and_answers_have_their_headers() {
    let document = of(&[things(&[])]).unwrap();
    let create = &document.value()["paths"]["/api/v1/things"]["post"];
    let example = &create["requestBody"]["content"]["application/json"]["example"];
    assert_eq!(example["name"], "Screw");
    assert_eq!(example["quantity"], "12.5");
    assert_eq!(example["price"]["currency"], "EUR");
    let headers = &create["responses"]["201"]["headers"];
    for name in ["Location", "ETag", "X-Request-Id", "RateLimit", "Idempotency-Replayed"] {
        assert!(headers[name].is_object(), "{name}");
    }
    let list = &document.value()["paths"]["/api/v1/things"]["get"];
    assert!(list["responses"]["200"]["headers"]["Link"].is_object());
    let names: Vec<&str> = list["parameters"].as_array().unwrap().iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    for name in ["page", "limit", "cursor", "sort", "q", "include", "status", "status[ne]", "created_at[gte]"] {
        assert!(names.contains(&name), "{name}");
    }
    let patch = &document.value()["components"]["schemas"]["ThingPatch"];
    assert!(patch.get("required").is_none(), "{patch}");
}

#[test]
fn what_is_edited_by_its_version_promises_an_etag_and_nothing_else_does() {
    let document = of(&[things(&[])]).unwrap();
    let mut promised = Vec::new();
    for (path, item) in document.value()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                if !response["headers"]["ETag"].is_null() {
                    promised.push(format!("{method} {} {status}", path.trim_start_matches("/api/v1")));
                }
                assert!(status != "304" || method == "get", "{method} {path}");
            }
        }
    }
    promised.sort();
    assert_eq!(promised, ["get /things/{id} 200", "get /things/{id} 304", "patch /things/{id} 200", "post /things 201"]);
    assert!(document.value()["paths"]["/api/v1/keys/{key}"]["get"]["responses"]["304"].is_null(), "an id in the path is no version");
}

#[test]
fn what_is_created_listed_and_read_leads_to_what_can_be_done_with_it() {
    let document = of(&[things(&[])]).unwrap();
    let answer = |path: &str, method: &str, status: &str| document.value()["paths"][path][method]["responses"][status]["links"].clone();
    let created = answer("/api/v1/things", "post", "201");
    assert_eq!(created["get_thing"]["parameters"], json!({ "path.id": "$response.body#/data/id" }));
    assert_eq!(created["edit_thing"]["parameters"]["header.If-Match"], "$response.header.ETag");
    let listed = answer("/api/v1/things", "get", "200");
    assert_eq!(listed["get_thing"]["parameters"], json!({ "path.id": "$response.body#/data/0/id" }));
    assert!(listed["edit_thing"].is_null(), "a list tells no version: {listed}");
    let read = answer("/api/v1/things/{id}", "get", "200");
    assert_eq!(read["edit_thing"]["parameters"], json!({ "path.id": "$request.path.id", "header.If-Match": "$response.header.ETag" }));
    assert!(read["get_thing"].is_null(), "nothing leads to itself: {read}");
}

#[test]
fn a_header_that_every_answer_has_is_promised() {
    let document = of(&[things(&[])]).unwrap();
    let headers = &document.value()["components"]["headers"];
    for (name, promised) in
        [("RequestId", true), ("Location", true), ("RetryAfter", true), ("WwwAuthenticate", true), ("ETag", false), ("RateLimit", false)]
    {
        assert_eq!(headers[name]["required"] == true, promised, "{name}");
    }
}

#[test]
fn the_text_is_the_same_every_time() {
    let once = of(&[things(&[])]).unwrap();
    let twice = of(&[things(&[])]).unwrap();
    assert_eq!(once.text(), twice.text());
    assert!(once.text().ends_with("}\n"));
}

#[test]
fn an_incomplete_or_contradictory_document_is_refused() {
    mod bare {
        use actix_web::get;

        #[utoipa::path(responses((status = 200, description = "Ok.")))]
        #[get("/bare")]
        pub(super) async fn bare() -> actix_web::HttpResponse {
            actix_web::HttpResponse::Ok().finish()
        }

        #[utoipa::path(operation_id = "get_health", tag = "x", summary = "x", description = "x", responses((status = 200, description = "Ok.")))]
        #[get("/twin")]
        pub(super) async fn twin() -> actix_web::HttpResponse {
            actix_web::HttpResponse::Ok().finish()
        }
    }
    let routes = Slice::new("bare", |cfg| {
        cfg.service(bare::bare).service(bare::twin);
    });
    let faults = of(&[routes]).unwrap_err().join("\n");
    assert!(faults.contains("GET /api/v1/bare: summary is missing"), "{faults}");
    assert!(faults.contains("`get_health` is also that of"), "{faults}");
    let conflicting = ErrorCode { status: 400, ..ErrorCode::NOT_FOUND };
    assert!(of(&[things(&[conflicting])]).unwrap_err()[0].contains("NOT_FOUND"));
}

#[actix_web::test]
async fn the_document_and_its_page_are_served_with_nothing_from_elsewhere() {
    let app = app().await;
    let document = send(&app, get("/openapi.json")).await;
    assert_eq!(document.json()["info"]["version"], "9.8.7");
    for (accepted, encoding) in [("gzip, br", Some("gzip")), ("br", None), ("gzip;q=0, *", None)] {
        let encoded = send(&app, get("/openapi.json").insert_header(("accept-encoding", accepted))).await;
        assert_eq!((encoded.status, encoded.header("content-encoding")), (200, encoding), "{accepted}");
    }
    let again = send(&app, get("/openapi.json").insert_header(("if-none-match", document.header("etag").unwrap()))).await;
    assert_eq!(again.status, 304);
    assert_eq!(send(&app, get("/docs")).await.header("location"), Some("/docs/"));
    let page = String::from_utf8(send(&app, get("/docs/")).await.body).unwrap();
    assert!(page.contains("<title>Nexus API</title>"), "{page}");
    assert!(page.contains("swagger-initializer.js") && !page.contains("<script>") && !page.contains("https://"), "{page}");
    let script = String::from_utf8(send(&app, get("/docs/swagger-initializer.js")).await.body).unwrap();
    assert!(script.contains("/openapi.json"));
}
