//! Query parameters → [`ListRequest`]. Every fault is named; nothing unknown is ignored.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    DEFAULT_LIMIT, FieldKind, Filter, ListField, ListRequest, ListSpec, MAX_DEPTH, MAX_LIMIT, MAX_TEXT, MAX_VALUES, Modes, Op, Paging, Scalar,
    SortKey,
};
use crate::error::{Faults, FieldFault};
use crate::quantity::plain_decimal;

/// Greatest number of sort keys a caller may name.
const MAX_SORT_KEYS: usize = 4;

/// Where a decoded cursor points to.
#[derive(Debug, Clone, PartialEq)]
pub enum CursorPosition {
    /// The beginning: an empty `cursor=`.
    Start,
    /// After these values.
    After(Vec<Scalar>),
    /// Before these values.
    Before(Vec<Scalar>),
}

/// The cursor parameter as received: its text is opened (signature, tenant, filter, sort) by the HTTP layer.
pub type RawCursor<'a> = &'a str;

impl ListSpec {
    /// Reads decoded query parameters. `open` opens a cursor after everything else is known.
    ///
    /// # Errors
    /// Every fault found, each with the parameter's name as its field.
    pub fn parse(
        &'static self,
        parameters: &[(String, String)],
        open: impl FnOnce(&ListRequest, RawCursor<'_>) -> Result<CursorPosition, FieldFault>,
    ) -> Result<ListRequest, Vec<FieldFault>> {
        let mut reader = Reader::new(self);
        for (name, value) in parameters {
            reader.take(name, value);
        }
        reader.finish(open)
    }

    fn sort_keys(&self, text: &str, faults: &mut Faults) -> Vec<SortKey> {
        let mut keys: Vec<SortKey> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, descending) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
            let field = self.field(name).filter(|field| field.sort).or_else(|| (name == self.key.name).then_some(&self.key));
            match field {
                Some(field) if keys.iter().any(|key| key.name == field.name) => {
                    faults.push("sort", "repeated", format!("`{name}` is named twice"));
                }
                Some(field) => keys.push(sort_key(field, descending)),
                None => faults.push("sort", "unknown", format!("can't sort by `{}`; sortable: {}", shortened(name), self.sortable())),
            }
        }
        if keys.len() > MAX_SORT_KEYS {
            faults.push("sort", "too_many", format!("takes at most {MAX_SORT_KEYS} sort keys"));
        }
        if !keys.iter().any(|key| key.name == self.key.name) {
            let descending = keys.first().is_some_and(|key| key.descending);
            keys.push(sort_key(&self.key, descending));
        }
        keys
    }

    fn sortable(&self) -> String {
        let names: Vec<_> = self.fields.iter().filter(|field| field.sort).map(|field| field.name).collect();
        names.join(", ")
    }
}

fn sort_key(field: &ListField, descending: bool) -> SortKey {
    SortKey { name: field.name, column: field.column, kind: field.kind, descending, nullable: field.nullable }
}

struct Reader {
    spec: &'static ListSpec,
    faults: Faults,
    seen: BTreeMap<String, String>,
    filters: Vec<Filter>,
    q: Option<String>,
    include: Vec<String>,
    extra: BTreeMap<String, String>,
}

impl Reader {
    fn new(spec: &'static ListSpec) -> Self {
        Self { spec, faults: Faults::new(), seen: BTreeMap::new(), filters: Vec::new(), q: None, include: Vec::new(), extra: BTreeMap::new() }
    }

    fn take(&mut self, name: &str, value: &str) {
        if self.seen.insert(name.to_owned(), value.to_owned()).is_some() {
            self.faults.push(shortened(name), "repeated", "is given twice; join values with commas");
            return;
        }
        if value.contains('\0') {
            self.faults.push(shortened(name), "characters", "must not contain NUL");
            return;
        }
        match name {
            "page" | "limit" | "cursor" | "sort" => {}
            "q" if self.spec.search => self.search(value),
            "include" if !self.spec.include.is_empty() => self.expand(value),
            _ if self.spec.extra.contains(&name) => {
                self.extra.insert(name.to_owned(), value.to_owned());
            }
            _ => self.filter(name, value),
        }
    }

    fn search(&mut self, text: &str) {
        let text = text.trim();
        if text.chars().count() > MAX_TEXT {
            self.faults.push("q", "too_long", format!("must have at most {MAX_TEXT} characters"));
        } else if !text.is_empty() {
            self.q = Some(text.to_owned());
        }
    }

    fn expand(&mut self, value: &str) {
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if self.spec.include.contains(&name) {
                self.include.push(name.to_owned());
            } else {
                self.faults.push("include", "unknown", format!("can't include `{}`; possible: {}", shortened(name), self.spec.include.join(", ")));
            }
        }
    }

    fn filter(&mut self, name: &str, value: &str) {
        let (base, op) = match name.strip_suffix(']').and_then(|open| open.split_once('[')) {
            Some((base, op)) => (base, Some(op)),
            None => (name, None),
        };
        let Some(field) = self.spec.field(base).filter(|field| field.filter) else {
            self.faults.push(shortened(name), "unknown", "is not a parameter of this operation");
            return;
        };
        let op = match op {
            None | Some("in" | "eq") => Op::In,
            Some("ne" | "nin") => Op::NotIn,
            Some("lt") if field.kind.is_ordered() => Op::Lt,
            Some("lte") if field.kind.is_ordered() => Op::Lte,
            Some("gt") if field.kind.is_ordered() => Op::Gt,
            Some("gte") if field.kind.is_ordered() => Op::Gte,
            Some(_) => {
                self.faults.push(shortened(name), "operator", "has an unknown operator; known: eq, ne, and for numbers and times lt, lte, gt, gte");
                return;
            }
        };
        let parts: Vec<&str> = if matches!(op, Op::In | Op::NotIn) { value.split(',').collect() } else { vec![value] };
        if field.kind == FieldKind::Bool && parts.len() > 1 {
            self.faults.push(name, "too_many", "takes one value: true or false");
            return;
        }
        if parts.len() > MAX_VALUES {
            self.faults.push(name, "too_many", format!("takes at most {MAX_VALUES} values"));
            return;
        }
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            match scalar(field, part) {
                // Nothing is greater or less than nothing.
                Ok(Scalar::Null) if !matches!(op, Op::In | Op::NotIn) => {
                    return self.faults.push(name, "value", "can't be compared with `null`");
                }
                Ok(value) => values.push(value),
                Err(reason) => return self.faults.push(name, "value", reason),
            }
        }
        self.filters.push(Filter { name: field.name, column: field.column, op, values });
    }

    fn number(&mut self, name: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> u64 {
        let Some(text) = self.seen.get(name) else { return default };
        match text.parse::<u64>() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.faults.push(name, "range", format!("must be a whole number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }

    fn finish(
        mut self,
        open: impl FnOnce(&ListRequest, RawCursor<'_>) -> Result<CursorPosition, FieldFault>,
    ) -> Result<ListRequest, Vec<FieldFault>> {
        let limit = self.number("limit", DEFAULT_LIMIT, 1..=MAX_LIMIT);
        let page = self.number("page", 1, 1..=MAX_DEPTH);
        let sort = self.seen.get("sort").filter(|text| !text.is_empty()).cloned();
        let sort = self.spec.sort_keys(sort.as_deref().unwrap_or(self.spec.default_sort), &mut self.faults);
        let cursor = self.seen.get("cursor").cloned();
        if self.seen.contains_key("page") && (cursor.is_some() || self.spec.modes == Modes::Cursor) {
            self.faults.push("page", "cursor_only", "can't be combined with a cursor; this list goes by `cursor` and `limit`");
        } else if page * limit > MAX_DEPTH {
            self.faults.push("page", "too_deep", format!("page × limit may be at most {MAX_DEPTH}; use `cursor` to go further"));
        }
        let by_cursor = cursor.is_some() || self.spec.modes == Modes::Cursor;
        let paging = if by_cursor { Paging::Cursor { after: None, before: None, limit } } else { Paging::Page { page, limit } };
        let mut request = ListRequest { filters: self.filters, sort, q: self.q, include: self.include, extra: self.extra, paging };
        if let Some(cursor) = cursor.filter(|text| !text.is_empty()).filter(|_| self.faults.is_empty()) {
            match open(&request, &cursor) {
                Ok(CursorPosition::Start) => {}
                Ok(CursorPosition::After(position)) => request.paging = Paging::Cursor { after: Some(position), before: None, limit },
                Ok(CursorPosition::Before(position)) => request.paging = Paging::Cursor { after: None, before: Some(position), limit },
                Err(fault) => self.faults.extend([fault]),
            }
        }
        if self.faults.is_empty() { Ok(request) } else { Err(self.faults.into_vec()) }
    }
}

fn scalar(field: &ListField, text: &str) -> Result<Scalar, String> {
    if text.chars().count() > MAX_TEXT {
        return Err(format!("a value may have at most {MAX_TEXT} characters"));
    }
    if field.nullable && text == "null" {
        return Ok(Scalar::Null);
    }
    let read = match field.kind {
        FieldKind::Text => Some(Scalar::Text(text.to_owned())),
        FieldKind::Enum(members) => members.contains(&text).then(|| Scalar::Text(text.to_owned())),
        FieldKind::Uuid => text.parse().ok().map(Scalar::Uuid),
        FieldKind::Decimal => plain_decimal(text).map(Scalar::Decimal),
        FieldKind::Integer => text.parse().ok().map(Scalar::Integer),
        FieldKind::Timestamp => DateTime::parse_from_rfc3339(text).ok().map(|time| Scalar::Timestamp(time.with_timezone(&Utc))),
        FieldKind::Bool => text.parse().ok().map(Scalar::Bool),
    };
    read.ok_or_else(|| match field.kind {
        FieldKind::Enum(members) => format!("must be one of {}", members.join(", ")),
        FieldKind::Uuid => "must be a UUID".to_owned(),
        FieldKind::Decimal => "must be a decimal number such as 12.5".to_owned(),
        FieldKind::Integer => "must be a whole number".to_owned(),
        FieldKind::Timestamp => "must be an RFC 3339 time such as 2026-01-31T12:00:00Z".to_owned(),
        FieldKind::Bool => "must be true or false".to_owned(),
        FieldKind::Text => "must be text".to_owned(),
    })
}

/// A caller's text, cut to a length that is safe to repeat in a message.
fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPEC: ListSpec = ListSpec {
        fields: &[
            ListField::new("status", "status", FieldKind::Enum(&["active", "archived"])),
            ListField::new("price", "price_amount", FieldKind::Decimal).nullable(),
            ListField::new("name", "name", FieldKind::Text),
            ListField::new("created_at", "created_at", FieldKind::Timestamp),
            ListField::new("low_stock", "low_stock", FieldKind::Bool).filter_only(),
        ],
        default_sort: "-created_at",
        key: ListSpec::ID,
        search: true,
        include: &["variants"],
        extra: &[],
        modes: Modes::Both,
    };

    fn parse(query: &[(&str, &str)]) -> Result<ListRequest, Vec<FieldFault>> {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        SPEC.parse(&query, |_, _| Ok(CursorPosition::Start))
    }

    #[test]
    fn filters_sort_and_paging_are_read() {
        let request = parse(&[("status", "active,archived"), ("price[gte]", "10"), ("sort", "name,-price"), ("page", "3"), ("q", " tea ")]).unwrap();
        assert_eq!(request.filters.len(), 2);
        assert_eq!(request.filters[1].op, Op::Gte);
        let names: Vec<_> = request.sort.iter().map(|key| (key.name, key.descending)).collect();
        assert_eq!(names, [("name", false), ("price", true), ("id", false)]);
        assert_eq!(request.paging, Paging::Page { page: 3, limit: 20 });
        assert_eq!(request.q.as_deref(), Some("tea"));
        assert_eq!(parse(&[]).unwrap().sort.last().map(|key| key.descending), Some(true));
    }

    #[test]
    fn every_unknown_or_absurd_parameter_is_named() {
        let faults = parse(&[("colour", "red"), ("limit", "0"), ("sort", "weight"), ("price[like]", "1"), ("status", "gone"), ("page", "9999999")])
            .unwrap_err();
        let mut fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["colour", "limit", "page", "price[like]", "sort", "status"]);
    }

    #[test]
    fn a_truth_value_is_one_value() {
        assert_eq!(parse(&[("low_stock", "true")]).unwrap().filters[0].values, [Scalar::Bool(true)]);
        for (name, value) in [("low_stock", "true,false"), ("low_stock[ne]", "true,true"), ("low_stock", "true,")] {
            let faults = parse(&[(name, value)]).unwrap_err();
            assert_eq!((faults.len(), faults[0].field.as_str(), faults[0].code.as_str()), (1, name, "too_many"), "{value}");
        }
        assert_eq!(parse(&[("low_stock", "yes")]).unwrap_err()[0].code, "value");
    }

    #[test]
    fn what_may_be_missing_is_found_by_null_and_not_compared_with_it() {
        assert_eq!(parse(&[("price", "null")]).unwrap().filters[0].values, [Scalar::Null]);
        assert_eq!(parse(&[("price[ne]", "null")]).unwrap().filters[0].op, Op::NotIn);
        for name in ["price[lt]", "price[lte]", "price[gt]", "price[gte]"] {
            let faults = parse(&[(name, "null")]).unwrap_err();
            assert_eq!((faults[0].field.as_str(), faults[0].code.as_str()), (name, "value"));
        }
    }

    #[test]
    fn depth_is_capped_and_a_cursor_has_no_page() {
        assert_eq!(parse(&[("page", "51"), ("limit", "200")]).unwrap_err()[0].code, "too_deep");
        assert_eq!(parse(&[("page", "2"), ("cursor", "")]).unwrap_err()[0].code, "cursor_only");
        assert_eq!(parse(&[("cursor", "")]).unwrap().paging, Paging::Cursor { after: None, before: None, limit: 20 });
    }
}
