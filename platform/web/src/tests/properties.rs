//! What holds of every header and parameter that is read: nothing altered opens, nothing is read in two ways, and what the document calls
//! valid is.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use nexus_core::list::{CursorPosition, FieldKind, ListField, Modes, Scalar};
use nexus_core::{FieldFault, ListSpec};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::string::string_regex;

use crate::client;
use crate::extract::parse_tag;
use crate::list::{CursorKey, Direction, parameters};

static SPEC: ListSpec = ListSpec {
    fields: &[
        ListField::new("status", "status", FieldKind::Enum(&["active", "archived"])),
        ListField::new("price", "price_amount", FieldKind::Decimal).nullable(),
        ListField::new("stock", "stock", FieldKind::Integer),
        ListField::new("name", "name", FieldKind::Text).nullable(),
        ListField::new("parent_id", "parent_id", FieldKind::Uuid).nullable(),
        ListField::new("low_stock", "low_stock", FieldKind::Bool).filter_only(),
    ],
    default_sort: "name",
    key: ListSpec::ID,
    search: true,
    include: &["variants", "tags"],
    extra: &[],
    modes: Modes::Both,
};

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![any::<i64>().prop_map(Scalar::Integer), ".{0,20}".prop_map(Scalar::Text), any::<bool>().prop_map(Scalar::Bool), Just(Scalar::Null)]
}

fn headers(lines: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(line).unwrap());
    }
    headers
}

/// Sorting and the search text: parameters of each list with the pattern that the document gives them.
fn patterns() -> Vec<(String, String)> {
    let described = parameters(&SPEC).into_iter().map(|parameter| serde_json::to_value(parameter).unwrap());
    described.filter_map(|parameter| Some((parameter["name"].as_str()?.to_owned(), parameter["schema"]["pattern"].as_str()?.to_owned()))).collect()
}

proptest! {
    #[test]
    fn a_cursor_opens_unaltered_and_in_its_place_alone(
        position in prop::collection::vec(scalar(), 1..4), tenant in "[a-z]{1,8}", other in "[a-z]{1,8}", bit: prop::sample::Index, cut: prop::sample::Index,
    ) {
        let key = CursorKey::new(b"secret");
        let cursor = key.seal(Direction::Before, &position, tenant.as_bytes());
        prop_assert_eq!(key.open(&cursor, tenant.as_bytes()), Ok(CursorPosition::Before(position)));
        if other != tenant {
            prop_assert!(key.open(&cursor, other.as_bytes()).is_err(), "another organization's cursor");
        }
        let place = bit.index(cursor.len() * 8);
        let mut flipped = cursor.clone().into_bytes();
        flipped[place / 8] ^= 1 << (place % 8);
        if let Ok(flipped) = String::from_utf8(flipped) {
            prop_assert!(key.open(&flipped, tenant.as_bytes()).is_err(), "bit {place}");
        }
        prop_assert!(key.open(&cursor[..cut.index(cursor.len())], tenant.as_bytes()).is_err(), "cut short");
        prop_assert!(key.open(&format!("{cursor}A"), tenant.as_bytes()).is_err(), "made longer");
    }

    #[test]
    fn no_other_text_is_a_cursor(text in "[A-Za-z0-9_-]{0,200}|\\PC{0,50}") {
        prop_assert!(CursorKey::new(b"secret").open(&text, b"here").is_err());
    }

    #[test]
    fn a_version_has_one_tag(version in 0_i64..) {
        prop_assert_eq!(parse_tag(&format!("\"{version}\"")), Some(version));
    }

    #[test]
    fn a_tag_that_is_read_is_the_one_that_was_given_out(text in "(W/)?\"?[-+0-9 ]{0,22}\"?|\\PC{0,12}") {
        if let Some(version) = parse_tag(&text) {
            prop_assert_eq!(text.trim(), format!("\"{version}\""));
        }
    }

    #[test]
    fn whom_nobody_trusts_speaks_for_itself_alone(peer: IpAddr, claims in prop::collection::vec("[ -~]{0,60}", 0..4)) {
        prop_assert_eq!(client::resolve(Some(peer), &headers(&claims), &[]), Some(peer.to_canonical()));
    }

    #[test]
    fn what_a_client_claims_left_of_the_last_stranger_changes_nothing(
        client: IpAddr, proxies in prop::collection::vec(0_u8.., 0..4), claims in prop::collection::vec("[ -~]{0,60}", 0..3), port: Option<u16>,
    ) {
        let trusted: [ipnet::IpNet; 1] = ["10.0.0.0/8".parse().unwrap()];
        prop_assume!(!trusted[0].contains(&client.to_canonical()));
        let hop = port.map_or(client.to_string(), |port| std::net::SocketAddr::new(client, port).to_string());
        let chain = std::iter::once(hop).chain(proxies.iter().map(|last| format!("10.1.2.{last}"))).collect::<Vec<_>>().join(", ");
        let peer = Some("10.0.0.1".parse().unwrap());
        let honest = client::resolve(peer, &headers(std::slice::from_ref(&chain)), &trusted);
        prop_assert_eq!(honest, Some(client.to_canonical()));
        let mut lines = claims.clone();
        lines.push(chain.clone());
        prop_assert_eq!(client::resolve(peer, &headers(&lines), &trusted), honest, "in fields before");
        prop_assert_eq!(client::resolve(peer, &headers(&[format!("{}, {chain}", claims.join(","))]), &trusted), honest, "in the same field");
    }

    #[test]
    fn what_the_document_calls_valid_is_read(choice: prop::sample::Index, seed in prop::collection::vec(any::<u8>(), 32)) {
        let patterns = patterns();
        let (name, pattern) = &patterns[choice.index(patterns.len())];
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(
            ProptestConfig::default(),
            proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &seed),
        );
        let value = string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap().new_tree(&mut runner).unwrap().current();
        let read = SPEC.parse(&[(name.clone(), value.clone())], |_, _| Ok(CursorPosition::Start));
        // A sort key may not be named twice, which no pattern can tell.
        let explained = |fault: &FieldFault| fault.code == "repeated";
        prop_assert!(read.as_ref().map_or_else(|faults| faults.iter().all(explained), |_| true), "{name}={value}: {read:?}");
    }
}

#[test]
fn every_filter_of_a_list_has_a_pattern() {
    let named: Vec<String> = patterns().into_iter().map(|(name, _)| name).collect();
    for name in ["sort", "q", "include", "cursor", "status", "status[ne]", "price", "price[lt]", "stock", "name", "parent_id", "low_stock"] {
        assert!(named.iter().any(|known| known == name), "{name} in {named:?}");
    }
}
