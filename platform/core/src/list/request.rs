//! A parsed list request and its answer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FieldKind;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// One of the values (one value: equal).
    In,
    /// None of the values.
    NotIn,
    /// Less than.
    Lt,
    /// At most.
    Lte,
    /// Greater than.
    Gt,
    /// At least.
    Gte,
}

/// A value of a filter or of a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "v", rename_all = "snake_case")]
pub enum Scalar {
    /// Text or a member of an enumeration.
    Text(String),
    /// UUID.
    Uuid(Uuid),
    /// Exact decimal.
    Decimal(Decimal),
    /// Whole number.
    Integer(i64),
    /// Instant.
    Timestamp(DateTime<Utc>),
    /// Truth value.
    Bool(bool),
    /// SQL NULL.
    Null,
}

/// One condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Name in the query string.
    pub name: &'static str,
    /// Column, from the specification: never from the caller.
    pub column: &'static str,
    /// Comparison.
    pub op: Op,
    /// At least one value; exactly one unless `op` is `In` or `NotIn`.
    pub values: Vec<Scalar>,
}

/// One sort key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SortKey {
    /// Name in the query string.
    pub name: &'static str,
    /// Column, from the specification.
    pub column: &'static str,
    /// How its values are read from a cursor.
    pub kind: FieldKind,
    /// Largest first.
    pub descending: bool,
    /// Whether NULLs occur; they sort last in either direction.
    pub nullable: bool,
}

/// Which part of the list is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Paging {
    /// By number.
    Page {
        /// From 1.
        page: u64,
        /// 1 to 200.
        limit: u64,
    },
    /// From a position: values of every sort key, the tie-breaker included.
    Cursor {
        /// Rows after this position.
        after: Option<Vec<Scalar>>,
        /// Rows before this position.
        before: Option<Vec<Scalar>>,
        /// 1 to 200.
        limit: u64,
    },
}

/// A checked list request.
#[derive(Debug, Clone, PartialEq)]
pub struct ListRequest {
    /// Conditions, all of which hold.
    pub filters: Vec<Filter>,
    /// Sort keys; the last one is unique.
    pub sort: Vec<SortKey>,
    /// Text searched for.
    pub q: Option<String>,
    /// Expansions asked for.
    pub include: Vec<String>,
    /// Other parameters of the operation.
    pub extra: BTreeMap<String, String>,
    /// Part asked for.
    pub paging: Paging,
}

impl ListRequest {
    /// Whether the expansion was asked for.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        self.include.iter().any(|included| included == name)
    }

    /// Takes the filters called `name` out: for a slice that answers them itself (joins, sub-selects).
    pub fn take_filters(&mut self, name: &str) -> Vec<Filter> {
        let (taken, kept) = std::mem::take(&mut self.filters).into_iter().partition(|filter| filter.name == name);
        self.filters = kept;
        taken
    }
}

/// One part of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing<T> {
    /// A numbered page.
    Page {
        /// Its items.
        items: Vec<T>,
        /// From 1.
        page: u64,
        /// Page size.
        limit: u64,
        /// Length of the whole list.
        total: u64,
        /// Whether `total` is an estimate.
        total_estimated: bool,
    },
    /// A part between positions.
    Cursor {
        /// Its items.
        items: Vec<T>,
        /// Size asked for.
        limit: u64,
        /// Position of the last item, when more follow.
        next: Option<Vec<Scalar>>,
        /// Position of the first item, when some precede.
        prev: Option<Vec<Scalar>>,
        /// Whether more follow in the direction of travel.
        has_more: bool,
    },
}

impl<T> Listing<T> {
    /// The items.
    #[must_use]
    pub fn items(&self) -> &[T] {
        match self {
            Self::Page { items, .. } | Self::Cursor { items, .. } => items,
        }
    }

    /// Turns the items into another form, all at once.
    ///
    /// # Errors
    /// Whatever `f` fails with.
    pub fn try_map_all<U, E>(self, f: impl FnOnce(Vec<T>) -> Result<Vec<U>, E>) -> Result<Listing<U>, E> {
        Ok(match self {
            Self::Page { items, page, limit, total, total_estimated } => Listing::Page { items: f(items)?, page, limit, total, total_estimated },
            Self::Cursor { items, limit, next, prev, has_more } => Listing::Cursor { items: f(items)?, limit, next, prev, has_more },
        })
    }

    /// Turns each item into another form.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listing<U> {
        match self {
            Self::Page { items, page, limit, total, total_estimated } => {
                Listing::Page { items: items.into_iter().map(f).collect(), page, limit, total, total_estimated }
            }
            Self::Cursor { items, limit, next, prev, has_more } => {
                Listing::Cursor { items: items.into_iter().map(f).collect(), limit, next, prev, has_more }
            }
        }
    }
}
