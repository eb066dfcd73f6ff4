//! Schemas that every slice shares: envelopes, list metadata, money, quantities.

mod values;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use values::{CurrencyCode, DecimalString, MoneyDto, MoneyIn, MoneyOut, QuantityString};

/// A successful answer: `{"data": …}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Envelope<T> {
    /// The answer.
    pub data: T,
}

/// A page of a list: `{"data": […], "metadata": {…}}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListEnvelope<T> {
    /// The items of this page, in order.
    pub data: Vec<T>,
    /// Where this page lies in the list.
    pub metadata: ListMetadata,
}

/// Where a page lies in its list. Page mode fills `page` and `total`, cursor mode the cursors and `has_more`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListMetadata {
    /// Page number, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1, nullable = false)]
    pub page: Option<u64>,
    /// Greatest number of items of a page.
    #[schema(example = 20)]
    pub limit: u64,
    /// Items in the whole list: exact up to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 42, nullable = false)]
    pub total: Option<u64>,
    /// Present and true where `total` is an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_estimated: Option<bool>,
    /// Cursor of the following page; null at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub next_cursor: Option<Option<String>>,
    /// Cursor of the preceding page; null at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub prev_cursor: Option<Option<String>>,
    /// Whether more follow in the direction of travel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub has_more: Option<bool>,
}

impl ListMetadata {
    pub(crate) fn of(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }
}

/// Every error: `{"error": {…}}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable code in upper snake case; new codes may be added.
    #[schema(example = "NOT_FOUND")]
    pub code: String,
    /// What is wrong and where, in English; clients localise by `code`.
    #[schema(example = "No such product.")]
    pub message: String,
    /// Structured details. Of faulty input: a list of `{field, code, message}`. A body is read in stages, and the first that finds
    /// something answers: its shape (unknown fields together, a missing field or a wrong type one at a time), then the rules of all fields
    /// together, then what it refers to, together. Of 412: the current representation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub details: Option<Value>,
    /// Id of the request, to be quoted in reports.
    #[schema(example = "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11")]
    pub request_id: String,
}
