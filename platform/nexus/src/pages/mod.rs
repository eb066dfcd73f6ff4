//! The few pages that the program itself shows to people: what a link in a mail opens, and the pages of the development stack.
//!
//! Invariants: a page loads nothing, from nowhere: its one style and its script are inside it, and its policy names them by their hash,
//! so that nothing else would run even if something of a caller's got into the page. Pages are never cached.

mod verify_email;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use verify_email::show as verify_email;

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:52rem;margin:3rem auto;padding:0 1.5rem}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:0}\
article{border:1px solid #8886;border-radius:.5rem;padding:1rem 1.25rem;margin:1rem 0}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.75rem 0 0}\
details pre{font:.8rem/1.4 ui-monospace,monospace}\
.dim{opacity:.7;margin:0}\
button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.4rem;background:#1f5fbf;color:#fff;cursor:pointer}\
button:disabled{opacity:.5;cursor:default}";

/// A page with this title (already escaped), body, and script.
pub fn page(title: &str, body: &str, script: Option<&str>) -> HttpResponse {
    let script_source = script.map_or_else(|| "'none'".to_owned(), source);
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {script_source}; connect-src 'self'; img-src data:; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        source(STYLE)
    );
    let script = script.map(|script| format!("<script>{script}</script>")).unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"icon\" href=\"data:,\"><title>{title}</title><style>{STYLE}</style></head><body>{body}{script}</body></html>"
    );
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// How a policy names an inline style or script.
fn source(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest::digest(&digest::SHA256, content.as_bytes())))
}

/// A text inside a page.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    fn policy(response: &HttpResponse) -> String {
        response.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().to_owned()
    }

    #[actix_web::test]
    async fn the_policy_of_a_page_allows_its_own_style_and_script_and_nothing_else() {
        let response = page("A title", "<p>Hello</p>", Some("\"use strict\";"));
        let allowed = policy(&response);
        let html = String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap();
        let between = |open: &str, close: &str| html.split_once(open).unwrap().1.split_once(close).unwrap().0.to_owned();
        assert!(allowed.contains(&format!("style-src {};", source(&between("<style>", "</style>")))), "{allowed}");
        assert!(allowed.contains(&format!("script-src {};", source(&between("<script>", "</script>")))), "{allowed}");
        // The hash of a known text, so that both sides can't be wrong together.
        assert_eq!(source("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
        let without = page("A title", "", None);
        assert!(policy(&without).contains("script-src 'none'"));
    }
}
