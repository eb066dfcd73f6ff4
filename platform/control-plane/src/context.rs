//! What every handler takes from a request besides its body: who acts, in which request, from which client.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use nexus_core::{Actor, Origin, language};
use nexus_iam::sessions::Client;
use nexus_web::{RequestId, client_address};

/// Longest part of a user agent that is looked at.
const MAX_USER_AGENT: usize = 400;

/// The origin of a write by `actor`.
pub(crate) fn origin(req: &HttpRequest, actor: Actor) -> Origin {
    Origin { actor, request_id: RequestId::of(req).0 }
}

/// The client of a log-in or refresh.
pub(crate) fn client(req: &HttpRequest) -> Client {
    let agent = req.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default();
    Client::new(client_address(req), agent.get(..MAX_USER_AGENT).unwrap_or(&agent))
}

/// The language that the client asks for, if it is one that the platform writes in: for the mails to somebody who is not known yet.
pub(crate) fn locale(req: &HttpRequest) -> Option<String> {
    req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(language::preferred)
}
