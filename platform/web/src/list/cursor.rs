//! Cursors: opaque to callers, signed, and good only for the tenant, path, filter and sort they were made for.
//!
//! `base64url(JSON of direction and values ‖ HMAC-SHA256)`; the MAC covers the binding, which is not in the cursor.

use std::fmt;
use std::sync::{Arc, OnceLock};

use actix_web::HttpRequest;
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_core::list::{CursorPosition, Scalar};
use nexus_core::{FieldFault, ListRequest};
use serde::{Deserialize, Serialize};

use crate::state::WebState;

/// Length of the MAC at a cursor's end, in bytes.
const MAC: usize = 32;
/// Longest cursor that is looked at.
const MAX_LENGTH: usize = 4096;

/// The key cursors are signed with: the same in every process of an installation.
#[derive(Clone)]
pub struct CursorKey(Arc<hmac::Key>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    After,
    Before,
}

#[derive(Serialize, Deserialize)]
struct Position {
    d: Direction,
    v: Vec<Scalar>,
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

impl CursorKey {
    /// A key from secret bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The server's key; outside a server (a slice's unit test) one of this process.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        static PROCESS: OnceLock<CursorKey> = OnceLock::new();
        WebState::of(req).map(|state| state.options.cursor_key.clone()).unwrap_or_else(|| {
            PROCESS
                .get_or_init(|| {
                    let mut secret = [0_u8; MAC];
                    // Without entropy the key stays constant within this process, which then only weakens its own test.
                    let _ = rand::fill(&mut secret);
                    Self::new(&secret)
                })
                .clone()
        })
    }

    pub(crate) fn seal(&self, direction: Direction, position: &[Scalar], binding: &[u8]) -> String {
        let mut sealed = serde_json::to_vec(&Position { d: direction, v: position.to_vec() }).unwrap_or_default();
        let tag = self.mac(&sealed, binding);
        sealed.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    pub(crate) fn open(&self, text: &str, binding: &[u8]) -> Result<CursorPosition, FieldFault> {
        let refused =
            || FieldFault::new("cursor", "cursor", "is not a cursor of this list with these filters and this sort; start again with an empty one");
        if text.len() > MAX_LENGTH {
            return Err(refused());
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let (payload, tag) = sealed.len().checked_sub(MAC).and_then(|at| sealed.split_at_checked(at)).ok_or_else(refused)?;
        hmac::verify(&self.0, &message(payload, binding), tag).map_err(|_| refused())?;
        let position: Position = serde_json::from_slice(payload).map_err(|_| refused())?;
        Ok(match position.d {
            Direction::After => CursorPosition::After(position.v),
            Direction::Before => CursorPosition::Before(position.v),
        })
    }

    fn mac(&self, payload: &[u8], binding: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, &message(payload, binding))
    }
}

fn message(payload: &[u8], binding: &[u8]) -> Vec<u8> {
    let mut message = (binding.len() as u64).to_be_bytes().to_vec();
    message.extend_from_slice(binding);
    message.extend_from_slice(payload);
    message
}

/// What a cursor is bound to: everything that decides which rows a list holds and in which order.
pub(crate) fn binding(tenant: &str, path: &str, request: &ListRequest) -> Vec<u8> {
    let mut filters: Vec<String> =
        request.filters.iter().map(|filter| serde_json::json!([filter.name, filter.op, filter.values]).to_string()).collect();
    filters.sort();
    let sort: Vec<_> = request.sort.iter().map(|key| (key.name, key.descending)).collect();
    serde_json::json!([tenant, path, filters, sort, request.q, request.extra]).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_with_its_key_and_binding() {
        let key = CursorKey::new(b"secret");
        let position = vec![Scalar::Text("Ωmega".into()), Scalar::Integer(-7), Scalar::Null];
        let cursor = key.seal(Direction::After, &position, b"here");
        assert_eq!(key.open(&cursor, b"here"), Ok(CursorPosition::After(position)));
        assert!(key.open(&cursor, b"there").is_err());
        assert!(CursorKey::new(b"other").open(&cursor, b"here").is_err());
        for index in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[index] = if forged[index] == b'A' { b'B' } else { b'A' };
            assert!(key.open(std::str::from_utf8(&forged).unwrap(), b"here").is_err(), "byte {index}");
        }
        for bad in ["x", "AAAA", "%%%", &"A".repeat(5000)] {
            assert!(key.open(bad, b"here").is_err());
        }
    }
}
