//! The pages of the development stack: `/dev` says what is where, `/dev/mail` shows the mail sink to people and `/dev/mail.json` to scripts.
//! Only `nexus dev` serves them.
//!
//! Invariants: everything a message says is escaped, its HTML is shown as source and never rendered; a request that names another
//! host than this machine is refused, so that a page on the internet cannot read the mails by pointing its own name at loopback.

use actix_web::http::header::{CACHE_CONTROL, HOST};
use actix_web::{HttpRequest, HttpResponse, web};

use super::mail::{MailFolder, Message};
use crate::pages::{escape, page};

const START: &str = "<h1>Nexus</h1><p>The development stack of this machine. Organizations sign up and work in the browser or through the API; \
    what <code>make run</code> printed shows the first calls.</p>\
    <ul><li><a href=\"/\">The console</a>: sign up and work in the browser</li>\
    <li><a href=\"/docs/\">The API</a>: every operation, to be tried out</li>\
    <li><a href=\"/dev/mail\">Mails</a>: what the platform sent, which left this machine for nowhere</li>\
    <li><a href=\"/readyz\">Health</a>: whether everything it needs answers</li></ul>";

/// Mounts the pages.
pub fn configure(cfg: &mut web::ServiceConfig, folder: MailFolder) {
    cfg.app_data(web::Data::new(folder))
        .route("/dev", web::get().to(start))
        .route("/dev/mail", web::get().to(mails))
        .route("/dev/mail.json", web::get().to(json));
}

async fn start(request: HttpRequest) -> HttpResponse {
    if is_local(&request) { page("Nexus", START, None) } else { HttpResponse::NotFound().finish() }
}

async fn mails(request: HttpRequest, folder: web::Data<MailFolder>) -> HttpResponse {
    if !is_local(&request) {
        return HttpResponse::NotFound().finish();
    }
    let messages = read(&folder).await;
    let mut body = String::from("<h1>Mails caught by the development stack</h1>");
    if messages.is_empty() {
        body.push_str("<p>None yet. Sign up, and reload this page.</p>");
    }
    for message in &messages {
        body.push_str(&format!(
            "<article><h2>{}</h2><p class=\"dim\">To {} · {}</p><pre>{}</pre>",
            escape(&message.subject),
            escape(&message.to.join(", ")),
            escape(&message.received_at),
            linkify(message.text.as_deref().unwrap_or("(no text part)").trim_end()),
        ));
        if let Some(source) = &message.html {
            body.push_str(&format!("<details><summary>HTML source</summary><pre>{}</pre></details>", escape(source)));
        }
        body.push_str("</article>");
    }
    page("Mails", &body, None)
}

async fn json(request: HttpRequest, folder: web::Data<MailFolder>) -> HttpResponse {
    if !is_local(&request) {
        return HttpResponse::NotFound().finish();
    }
    let messages = read(&folder).await;
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({ "data": messages }))
}

async fn read(folder: &MailFolder) -> Vec<Message> {
    let folder = folder.clone();
    web::block(move || folder.messages()).await.unwrap_or_default()
}

fn is_local(request: &HttpRequest) -> bool {
    let Some(host) = request.headers().get(HOST).and_then(|value| value.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Escapes a text and turns the http addresses in it into links.
fn linkify(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let (bare, space) = word.split_at(word.trim_end().len());
            let safe = escape(bare);
            if bare.starts_with("http://") || bare.starts_with("https://") {
                format!("<a href=\"{safe}\" rel=\"noreferrer\">{safe}</a>{space}")
            } else {
                format!("{safe}{space}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_says_is_escaped_and_its_addresses_become_links() {
        assert_eq!(
            linkify("<b> http://localhost/verify?a=1&b=2\n"),
            "&lt;b&gt; <a href=\"http://localhost/verify?a=1&amp;b=2\" rel=\"noreferrer\">http://localhost/verify?a=1&amp;b=2</a>\n"
        );
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let request = |host: &str| actix_web::test::TestRequest::get().insert_header((HOST, host)).to_http_request();
        for host in ["localhost:8080", "acme.localhost", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_local(&request(host)), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1"] {
            assert!(!is_local(&request(host)), "{host}");
        }
    }
}
