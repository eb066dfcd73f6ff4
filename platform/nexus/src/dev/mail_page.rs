//! The pages that show the mail sink: `/dev/mail` for people and `/dev/mail.json` for scripts. Only `nexus dev` serves them.
//!
//! Invariants: everything a message says is escaped, its HTML is shown as source and never rendered; a request that names another
//! host than this machine is refused, so that a page on the internet cannot read the mails by pointing its own name at loopback.

use actix_web::http::header::{CACHE_CONTROL, HOST};
use actix_web::{HttpRequest, HttpResponse, web};

use super::mail::{MailFolder, Message};

/// Mounts the pages.
pub fn configure(cfg: &mut web::ServiceConfig, folder: MailFolder) {
    cfg.app_data(web::Data::new(folder)).route("/dev/mail", web::get().to(page)).route("/dev/mail.json", web::get().to(json));
}

async fn page(request: HttpRequest, folder: web::Data<MailFolder>) -> HttpResponse {
    if !is_local(&request) {
        return HttpResponse::NotFound().finish();
    }
    let messages = read(&folder).await;
    let mut html =
        String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mails</title><h1>Mails caught by the development stack</h1>");
    if messages.is_empty() {
        html.push_str("<p>None yet.</p>");
    }
    for message in &messages {
        html.push_str(&format!(
            "<article><h2>{}</h2><p>To {} · {}</p><pre>{}</pre>",
            escape(&message.subject),
            escape(&message.to.join(", ")),
            escape(&message.received_at),
            linkify(message.text.as_deref().unwrap_or("(no text part)")),
        ));
        if let Some(source) = &message.html {
            html.push_str(&format!("<details><summary>HTML source</summary><pre>{}</pre></details>", escape(source)));
        }
        html.push_str("</article><hr>");
    }
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/html; charset=utf-8").body(html)
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

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
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
