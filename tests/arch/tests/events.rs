//! The catalogue of events (`docs/events.md`): every kind that the sources name is in it and no other, and a slice names its own.

use std::collections::BTreeSet;

use crate::files::PRODUCT;
use crate::slices::{MODULES, shipped, slice_of};
use crate::tree::{read, sources};

/// Whether a text is the kind of an event: `catalog.product.created.v1`.
fn is_kind(text: &str) -> bool {
    let Some((name, version)) = text.rsplit_once(".v") else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) && name.contains('.') && name.split('.').all(is_word)
}

/// The kinds between marks: `"` in sources, a backquote in the catalogue.
fn kinds(text: &str, mark: char) -> BTreeSet<&str> {
    text.lines().flat_map(|line| line.split(mark)).filter(|text| is_kind(text)).collect()
}

#[test]
fn the_catalogue_of_events_is_what_the_sources_name() {
    let catalogue = read("docs/events.md");
    let sources: Vec<_> = PRODUCT.iter().flat_map(|folder| sources(folder)).filter(|source| !source.is_test()).collect();
    let named: BTreeSet<&str> = sources.iter().flat_map(|source| kinds(&source.code, '"')).collect();
    assert_eq!(kinds(&catalogue, '`'), named, "say in docs/events.md when it happens");
}

#[test]
fn slices_name_events_of_their_own() {
    for source in shipped().iter().filter(|source| source.path.starts_with(MODULES)) {
        let own = format!("{}.", slice_of(&source.path));
        let foreign: Vec<_> = kinds(&source.code, '"').into_iter().filter(|kind| !kind.starts_with(&own)).collect();
        assert!(foreign.is_empty(), "{}: {foreign:?} are not of {own}", source.path);
    }
}

#[test]
fn a_kind_is_known_by_its_form() {
    assert_eq!(kinds("emit(\"a.b.made.v1\"); let x = \"nexus.v\"; \"v1\"; \"A.b.v1\"; \"a.b.v1x\"", '"'), BTreeSet::from(["a.b.made.v1"]));
    assert_eq!(kinds("| `a_b.c.v12` | `x` |", '`'), BTreeSet::from(["a_b.c.v12"]));
}
