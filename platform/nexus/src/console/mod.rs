//! The console in the browser: its files, on every host, for every path that is nobody else's.
//!
//! Invariants: what is served was read when the process started (or was built in) and is found by its exact name, so that no path leads out of the folder; the
//! page's policy lets run and load what comes from this host, and nothing inline; a file below `/assets` never changes under its name and is kept for a year, the
//! page itself is asked for again each time; a missing asset is 404, never the page, which nobody may keep as a script.

mod files;

#[cfg(test)]
mod tests;

use actix_web::http::Method;
use actix_web::http::header::{self, AcceptEncoding, Header, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use nexus_core::{ErrorCode, Problem};
use nexus_web::ApiError;

pub use files::Console;
use files::File;

use crate::pages;

/// What a page of the console may run and load. Also of its other files: a worker's script is bound by its own answer's policy.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The page of the console, which finds out by itself what a path shows.
const PAGE: &str = "index.html";
/// Files whose name changes with their content.
const ASSETS: &str = "assets/";

const NOT_BUILT: &str = "<h1>Nexus</h1><p>This program was built without its console. The API is there: <a href=\"/docs/\">every operation, to be tried out</a>.</p>\
    <p>To build the console (Node 20 or newer), in the checkout:</p><pre>cd web\nnpx pnpm@10 install\nnpx pnpm@10 build</pre>\
    <p>Then start the program again; one that was built to be shipped must be built again.</p>";

/// Answers a request for the console.
pub fn answer(console: &Console, request: &HttpRequest) -> HttpResponse {
    // Asked with HEAD, a request arrives as GET.
    if request.method() != Method::GET {
        return wrong_method();
    }
    let path = request.match_info().as_str().trim_start_matches('/');
    match console.file(path).or_else(|| console.file(PAGE).filter(|_| !path.starts_with(ASSETS))) {
        Some(file) => send(file, request),
        None if path.starts_with(ASSETS) => HttpResponse::from_error(ApiError(Problem::not_found("file"))),
        None if path == "verify-email" => pages::verify_email(),
        None => pages::page("Nexus", NOT_BUILT, None),
    }
}

fn send(file: &File, request: &HttpRequest) -> HttpResponse {
    let accepted = AcceptEncoding::parse(request).ok();
    let content = file.content(accepted.as_ref());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, file.content_type))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, if file.is_asset { "public, max-age=31536000, immutable" } else { "no-cache" }))
        .insert_header((header::ETAG, content.etag));
    if let Some(encoding) = content.encoding {
        // Compressed already, or not worth it: nobody does it anew for each answer.
        response.insert_header((header::CONTENT_ENCODING, encoding)).insert_header((header::VARY, header::ACCEPT_ENCODING.as_str()));
    }
    response.body(content.bytes)
}

fn wrong_method() -> HttpResponse {
    let mut response = HttpResponse::from_error(ApiError(Problem::new(ErrorCode::METHOD_NOT_ALLOWED, "This path answers GET, HEAD only.")));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
