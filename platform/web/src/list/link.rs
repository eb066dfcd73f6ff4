//! The `Link` header of a list.

use actix_web::http::header::HeaderValue;
use nexus_core::list::MAX_DEPTH;

use crate::wire::ListMetadata;

pub(super) fn header(path: &str, pairs: &[(String, String)], by_cursor: bool, metadata: &ListMetadata) -> Option<HeaderValue> {
    let targets = if by_cursor { cursor_targets(metadata) } else { page_targets(metadata) };
    let name = if by_cursor { "cursor" } else { "page" };
    let links: Vec<String> =
        targets.into_iter().filter_map(|(rel, value)| Some(format!("<{path}?{}>; rel=\"{rel}\"", replaced(pairs, name, &value)?))).collect();
    if links.is_empty() { None } else { HeaderValue::from_str(&links.join(", ")).ok() }
}

fn cursor_targets(metadata: &ListMetadata) -> Vec<(&'static str, String)> {
    let next = metadata.next_cursor.clone().flatten().map(|cursor| ("next", cursor));
    let prev = metadata.prev_cursor.clone().flatten().map(|cursor| ("prev", cursor));
    std::iter::once(("first", String::new())).chain(prev).chain(next).collect()
}

fn page_targets(metadata: &ListMetadata) -> Vec<(&'static str, String)> {
    let (Some(page), Some(total)) = (metadata.page, metadata.total) else { return Vec::new() };
    let limit = metadata.limit.max(1);
    let last = total.div_ceil(limit).max(1);
    let reachable = |page: u64| page.checked_mul(limit).is_some_and(|depth| depth <= MAX_DEPTH);
    let mut targets = vec![("first", 1)];
    if page > 1 {
        targets.push(("prev", page - 1));
    }
    if page < last && reachable(page + 1) {
        targets.push(("next", page + 1));
    }
    if metadata.total_estimated.is_none() && reachable(last) {
        targets.push(("last", last));
    }
    targets.into_iter().map(|(rel, page)| (rel, page.to_string())).collect()
}

/// The query string with one parameter set; `page` and `cursor` exclude each other.
fn replaced(pairs: &[(String, String)], name: &str, value: &str) -> Option<String> {
    let kept = pairs.iter().filter(|(known, _)| known != "page" && known != "cursor");
    let changed: Vec<(&str, &str)> = kept.map(|(known, value)| (known.as_str(), value.as_str())).chain([(name, value)]).collect();
    serde_urlencoded::to_string(changed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: u64, limit: u64, total: u64, estimated: bool) -> String {
        let metadata = ListMetadata { page: Some(page), total: Some(total), total_estimated: estimated.then_some(true), ..ListMetadata::of(limit) };
        let pairs = [("limit".to_owned(), limit.to_string()), ("page".to_owned(), page.to_string())];
        header("/p", &pairs, false, &metadata).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn pages_link_to_their_neighbours() {
        assert_eq!(
            page(2, 20, 45, false),
            "</p?limit=20&page=1>; rel=\"first\", </p?limit=20&page=1>; rel=\"prev\", </p?limit=20&page=3>; rel=\"next\", </p?limit=20&page=3>; rel=\"last\""
        );
        assert!(!page(3, 20, 45, false).contains("next"));
        assert!(!page(1, 20, 20_000, true).contains("last"));
        assert!(!page(50, 200, 20_000, true).contains("next"), "no link leads deeper than a page may");
    }
}
