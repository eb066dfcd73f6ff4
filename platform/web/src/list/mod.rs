//! Lists over HTTP: query parameters → [`ListRequest`], signed cursors, `metadata` and the `Link` header.
//!
//! What a list offers is declared by the slice ([`ListSpec`]); parsing is pure (nexus-core); running it is infra's.

mod cursor;
mod document;
mod link;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use nexus_core::list::{Listing, Paging};
use nexus_core::{ListRequest, ListSpec};
use serde::Serialize;

use crate::error::{ApiError, bad_request};
use crate::extract;
use crate::identity;
use crate::wire::ListMetadata;

pub use cursor::CursorKey;
#[cfg(test)]
pub(crate) use cursor::Direction;
pub use document::parameters;

/// A parsed list request and what is needed to write its answer.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// What to look up: hand it to the store.
    pub request: ListRequest,
    path: String,
    pairs: Vec<(String, String)>,
    binding: Vec<u8>,
    key: CursorKey,
}

/// Reads the query parameters of a list.
///
/// # Errors
/// 400 naming every unknown, repeated or unreadable parameter, and a cursor that was not made for this tenant, filter
/// and sort.
pub fn list_query(req: &HttpRequest, spec: &'static ListSpec) -> Result<ListQuery, ApiError> {
    let pairs = extract::pairs(req)?;
    let key = CursorKey::of(req);
    let scope = identity::tenant_of(req).map_or_else(String::new, |tenant| tenant.to_string());
    let path = req.path().to_owned();
    let request = spec.parse(&pairs, |request, text| key.open(text, &cursor::binding(&scope, &path, request))).map_err(bad_request)?;
    let binding = cursor::binding(&scope, &path, &request);
    Ok(ListQuery { request, path, pairs, binding, key })
}

impl ListQuery {
    /// `metadata` of the answer.
    pub(crate) fn metadata<T: Serialize>(&self, listing: &Listing<T>) -> ListMetadata {
        match listing {
            Listing::Page { page, limit, total, total_estimated, .. } => {
                ListMetadata { page: Some(*page), total: Some(*total), total_estimated: total_estimated.then_some(true), ..ListMetadata::of(*limit) }
            }
            Listing::Cursor { limit, next, prev, has_more, .. } => ListMetadata {
                next_cursor: Some(next.as_ref().map(|position| self.key.seal(cursor::Direction::After, position, &self.binding))),
                prev_cursor: Some(prev.as_ref().map(|position| self.key.seal(cursor::Direction::Before, position, &self.binding))),
                has_more: Some(*has_more),
                ..ListMetadata::of(*limit)
            },
        }
    }

    /// `Link` to the neighbouring pages (RFC 8288), relative to this host.
    pub(crate) fn link(&self, metadata: &ListMetadata) -> Option<HeaderValue> {
        let by_cursor = matches!(self.request.paging, Paging::Cursor { .. });
        link::header(&self.path, &self.pairs, by_cursor, metadata)
    }
}

/// Declares a type that documents the query parameters of a [`ListSpec`]: `list_params!(pub ListProducts => PRODUCTS)`,
/// then `params(ListProducts)` in `#[utoipa::path]`.
#[macro_export]
macro_rules! list_params {
    ($visibility:vis $name:ident => $spec:expr) => {
        /// Query parameters of a list, documented from its specification.
        #[derive(Debug)]
        $visibility struct $name;

        impl ::utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<::utoipa::openapi::path::ParameterIn>,
            ) -> Vec<::utoipa::openapi::path::Parameter> {
                $crate::list::parameters(&$spec)
            }
        }
    };
}
