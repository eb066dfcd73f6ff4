//! The console's files as browsers, proxies and strangers ask for them.

use std::path::Path;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service, try_call_service};
use nexus_core::SystemClock;
use nexus_web::health::{BuildInfo, Health};
use nexus_web::{AppSpec, ServerSpec, WebOptions, server};
use tokio_util::sync::CancellationToken;

use super::Console;
use crate::roles::{Planes, fallback};

const PAGE: &str = "<!doctype html><title>Nexus</title><script type=\"module\" src=\"/assets/app-1a2b.js\"></script>";
const SCRIPT: &str = "console.log(\"a script that is long enough to be told from a page\")";

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn is_page(&self) -> bool {
        self.status == 200 && self.text() == PAGE && self.header("content-type") == "text/html; charset=utf-8"
    }
}

/// A console as a build leaves it, with something beside it that is not to be had.
fn built() -> (tempfile::TempDir, Console) {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let write = |path: &Path, content: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write(&folder.path().join("secret.txt"), "a secret");
    for (name, content) in [
        ("index.html", PAGE),
        ("assets/app-1a2b.js", SCRIPT),
        ("assets/app-1a2b.js.br", "brotli"),
        ("assets/app-1a2b.js.gz", "gzip"),
        ("assets/app-3c4d.css", "body{margin:0}"),
        ("assets/sans.woff2", "font"),
        ("assets/odd.unheard-of", "?"),
        ("manifest.webmanifest", "{}"),
        ("icons/nexus.svg", "<svg/>"),
    ] {
        write(&dist.join(name), content);
    }
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), dist.join("assets/link.txt")).unwrap();
    let console = Console::read(&dist).unwrap();
    (folder, console)
}

async fn ask(console: &Console, planes: Planes, request: TestRequest) -> Answer {
    let spec = ServerSpec {
        options: WebOptions::new(b"key"),
        clock: SystemClock::shared(),
        counter: None,
        health: Health::new(BuildInfo { version: "1", revision: None }, SystemClock::shared()),
        api: Vec::new(),
        root: Vec::new(),
        fallback: Some(fallback(planes, console.clone(), None)),
        shutdown: CancellationToken::new(),
    };
    let app = init_service(server::build(&AppSpec::new(spec).unwrap())).await;
    let response: ServiceResponse<BoxBody> = try_call_service(&app, request.to_request()).await.unwrap();
    let (_, response) = response.into_parts();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: to_bytes(response.into_body()).await.unwrap().to_vec() }
}

async fn get(console: &Console, path: &str) -> Answer {
    ask(console, Planes::BOTH, TestRequest::get().uri(path)).await
}

#[actix_web::test]
async fn every_path_that_is_nobody_elses_is_the_page() {
    let (_folder, console) = built();
    for path in
        ["/", "/log-in", "/products/0190c0de?tab=stock", "/verify-email", "/settings/members/", "/apiary", "/assets", "/index.html", "/favicon.ico"]
    {
        let answer = get(&console, path).await;
        assert!(answer.is_page(), "{path}: {} {}", answer.status, answer.text());
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        let policy = answer.header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("x-frame-options")), ("nosniff", "DENY"));
    }
}

#[actix_web::test]
async fn the_api_and_what_every_process_answers_are_never_the_page() {
    let (_folder, console) = built();
    for path in [
        "/api",
        "/api/",
        "/api/v1/nothing",
        "/api/v2/products",
        "//api/v1/nothing",
        "/.well-known/nothing",
        "/metrics",
        "/dev",
        "/dev/mail",
        "/healthz/x",
    ] {
        let answer = get(&console, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/json"), "{path}");
        assert!(answer.text().contains("\"NOT_FOUND\""), "{path}");
    }
    for path in ["/openapi.json", "/docs/", "/healthz", "/version"] {
        let answer = get(&console, path).await;
        assert!(answer.status == 200 && !answer.is_page(), "{path}");
    }
}

#[actix_web::test]
async fn an_asset_is_kept_for_a_year_and_a_missing_one_is_not_the_page() {
    let (_folder, console) = built();
    for (path, content, kind) in [
        ("/assets/app-1a2b.js", SCRIPT, "text/javascript; charset=utf-8"),
        ("/assets/app-3c4d.css", "body{margin:0}", "text/css; charset=utf-8"),
        ("/assets/sans.woff2", "font", "font/woff2"),
        ("/assets/odd.unheard-of", "?", "application/octet-stream"),
    ] {
        let answer = get(&console, path).await;
        assert_eq!((answer.status, answer.text(), answer.header("content-type")), (200, content, kind), "{path}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
        // The script of a worker is bound by the policy of its own answer.
        assert!(answer.header("content-security-policy").contains("connect-src 'self'"), "{path}");
    }
    for (path, kind) in [("/manifest.webmanifest", "application/manifest+json"), ("/icons/nexus.svg", "image/svg+xml")] {
        let answer = get(&console, path).await;
        assert_eq!((answer.status, answer.header("content-type"), answer.header("cache-control")), (200, kind, "no-cache"), "{path}");
    }
    for path in ["/assets/app-0000.js", "/assets/", "/assets/app-1a2b.js.br", "/assets/app-1a2b.js.map"] {
        let answer = get(&console, path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, "no-store"), "{path}");
        assert!(answer.text().contains("\"NOT_FOUND\""), "{path}");
    }
}

#[actix_web::test]
async fn no_path_leads_out_of_the_folder() {
    let (_folder, console) = built();
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/assets/link.txt",
        "//secret.txt",
        "/assets//app-1a2b.js",
        "/assets/%00",
        "/etc/passwd",
    ] {
        let answer = get(&console, path).await;
        assert!(answer.is_page() || answer.status == 404, "{path}: {}", answer.status);
        assert!(!answer.text().contains("a secret"), "{path}");
    }
}

#[actix_web::test]
async fn only_get_and_head_are_answered() {
    let (_folder, console) = built();
    for path in ["/", "/log-in", "/assets/app-1a2b.js", "/assets/none.js"] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = ask(&console, Planes::BOTH, TestRequest::default().method(method.clone()).uri(path)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method} {path}");
            assert!(answer.text().contains("\"METHOD_NOT_ALLOWED\""));
        }
        let (got, head) = (get(&console, path).await, ask(&console, Planes::BOTH, TestRequest::default().method(Method::HEAD).uri(path)).await);
        assert_eq!(head.status, got.status, "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), got.header(name), "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn what_was_compressed_beforehand_goes_to_whoever_takes_it() {
    let (_folder, console) = built();
    let accepting = async |path: &str, accepted: &str| {
        ask(&console, Planes::BOTH, TestRequest::get().uri(path).insert_header(("accept-encoding", accepted))).await
    };
    let mut tags = Vec::new();
    for (accepted, encoding, content) in
        [("gzip, deflate, br, zstd", "br", "brotli"), ("gzip", "gzip", "gzip"), ("deflate", "", SCRIPT), ("br;q=0, gzip;q=0", "", SCRIPT)]
    {
        let answer = accepting("/assets/app-1a2b.js", accepted).await;
        assert_eq!((answer.header("content-encoding"), answer.text()), (encoding, content), "{accepted}");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert!(answer.header("vary").to_lowercase().contains("accept-encoding"), "{accepted}");
        tags.push(answer.header("etag").to_owned());
    }
    // A tag names one representation: the plain one is the same twice, the others differ.
    assert_eq!(tags[2], tags[3]);
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
}

#[actix_web::test]
async fn what_the_browser_has_is_not_sent_again() {
    let (_folder, console) = built();
    for path in ["/", "/log-in", "/assets/app-1a2b.js", "/icons/nexus.svg"] {
        let tag = get(&console, path).await.header("etag").to_owned();
        assert!(tag.len() > 10 && !tag.starts_with("W/"), "{path}: {tag:?}");
        let again = |tag: String| TestRequest::get().uri(path).insert_header(("if-none-match", tag));
        let same = ask(&console, Planes::BOTH, again(tag.clone())).await;
        assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()), "{path}");
        assert_eq!(ask(&console, Planes::BOTH, again("\"another\"".to_owned())).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn without_a_console_a_page_says_how_to_build_it() {
    let none = Console::default();
    assert!(!none.is_built() && built().1.is_built());
    for path in ["/", "/log-in"] {
        let answer = get(&none, path).await;
        assert_eq!((answer.status, answer.header("content-type"), answer.header("cache-control")), (200, "text/html; charset=utf-8", "no-store"));
        assert!(answer.text().contains("pnpm@10 build") && answer.text().contains("href=\"/docs/\""), "{path}: {}", answer.text());
    }
    assert!(get(&none, "/verify-email").await.text().contains("/api/v1/auth/verify-email"), "the mails' links work all the same");
    assert_eq!(get(&none, "/assets/app.js").await.status, 404);
    // Files without a page are no console, nor is a folder that is not there.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("robots.txt"), "x").unwrap();
    assert!(!Console::read(folder.path()).unwrap().is_built());
    assert!(!Console::read(&folder.path().join("none")).unwrap().is_built());
}

#[actix_web::test]
async fn a_process_without_tenants_leaves_the_console_to_the_others() {
    let (_folder, console) = built();
    for path in ["/", "/assets/app-1a2b.js"] {
        let answer = ask(&console, Planes::CONTROL, TestRequest::get().uri(path)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{path}");
        assert!(ask(&console, Planes::TENANT, TestRequest::get().uri(path)).await.status == 200);
    }
}
