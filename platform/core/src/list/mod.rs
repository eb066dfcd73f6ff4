//! Lists: what a collection can be filtered, searched and sorted by, and one page of its answer.
//!
//! A slice declares a [`ListSpec`]; [`ListSpec::parse`] turns query parameters into a [`ListRequest`] and names every
//! parameter it does not know. Pure: cursors are signed by the HTTP layer and executed by the database layer.

mod parse;
mod request;

pub use parse::{CursorPosition, RawCursor};
pub use request::{Filter, ListRequest, Listing, Op, Paging, Scalar, SortKey};

/// Greatest page size.
pub const MAX_LIMIT: u64 = 200;
/// Page size when none is asked for.
pub const DEFAULT_LIMIT: u64 = 20;
/// Greatest number of values of one filter.
pub const MAX_VALUES: usize = 100;
/// Greatest length of a search text or of one filter value, in characters.
pub const MAX_TEXT: usize = 200;
/// Greatest `page × limit`; deeper lists use a cursor.
pub const MAX_DEPTH: u64 = 10_000;
/// Up to here `total` is exact, beyond it is an estimate.
pub const EXACT_TOTAL: u64 = 10_000;

/// How a field's values are read and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text, compared exactly.
    Text,
    /// One of a fixed set.
    Enum(&'static [&'static str]),
    /// A UUID.
    Uuid,
    /// An exact decimal.
    Decimal,
    /// A whole number.
    Integer,
    /// An RFC 3339 instant.
    Timestamp,
    /// `true` or `false`.
    Bool,
}

impl FieldKind {
    /// Whether `lt`, `lte`, `gt`, `gte` make sense.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Decimal | Self::Integer | Self::Timestamp)
    }
}

/// One field of a list.
#[derive(Debug, Clone, Copy)]
pub struct ListField {
    /// Name in query parameters and in JSON.
    pub name: &'static str,
    /// Column, qualified where the select joins tables (`products.name`).
    pub column: &'static str,
    /// How values are read.
    pub kind: FieldKind,
    /// Whether it can be filtered by.
    pub filter: bool,
    /// Whether it can be sorted by.
    pub sort: bool,
    /// Whether the column may be NULL (then `name=null` filters for it; NULLs sort last).
    pub nullable: bool,
}

impl ListField {
    /// A field that can be filtered and sorted by and is never NULL.
    #[must_use]
    pub const fn new(name: &'static str, column: &'static str, kind: FieldKind) -> Self {
        Self { name, column, kind, filter: true, sort: true, nullable: false }
    }

    /// Only for filtering.
    #[must_use]
    pub const fn filter_only(mut self) -> Self {
        self.sort = false;
        self
    }

    /// Only for sorting.
    #[must_use]
    pub const fn sort_only(mut self) -> Self {
        self.filter = false;
        self
    }

    /// The column may be NULL.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// Which ways of paging a list offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modes {
    /// `page` and `limit` by default, `cursor` on request.
    Both,
    /// Cursor only: ledgers, logs and exports.
    Cursor,
}

/// What a collection can be listed by.
#[derive(Debug, Clone, Copy)]
pub struct ListSpec {
    /// The fields.
    pub fields: &'static [ListField],
    /// Sort when none is asked for, such as `-created_at`.
    pub default_sort: &'static str,
    /// The tie-breaking last sort key: name of a unique, never-NULL field (usually `id`, `seq` for ledgers).
    pub key: ListField,
    /// Whether `q=` searches.
    pub search: bool,
    /// Expansions that `include=` may name.
    pub include: &'static [&'static str],
    /// Other parameters of the operation, handed through in `extra`.
    pub extra: &'static [&'static str],
    /// Ways of paging.
    pub modes: Modes,
}

impl ListSpec {
    /// The key of most lists: `id`.
    pub const ID: ListField = ListField::new("id", "id", FieldKind::Uuid);

    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static ListField> {
        self.fields.iter().find(|field| field.name == name)
    }
}
