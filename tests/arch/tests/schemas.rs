//! Names of the API's schemas: the contract holds one schema by each name, so two types of one name would hide each other.

use std::collections::BTreeMap;

use crate::files::PRODUCT;
use crate::tree::sources;

/// The types of a source that are schemas, by their derives.
fn schemas(code: &str) -> impl Iterator<Item = &str> {
    let derives = code.split("#[derive(").skip(1).filter(|after| after.split(')').next().is_some_and(|list| list.contains("ToSchema")));
    derives.filter_map(|after| {
        let mut words = after.lines().skip(1).find(|line| line.contains("struct ") || line.contains("enum "))?.split([' ', '<', '(', '{', ';']);
        words.find(|word| matches!(*word, "struct" | "enum"))?;
        words.next().filter(|name| !name.starts_with('$'))
    })
}

#[test]
fn no_two_schemas_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sources = PRODUCT.iter().flat_map(|folder| sources(folder));
    for source in sources.filter(|source| !source.is_test()) {
        for name in schemas(&source.code) {
            places.entry(name.to_owned()).or_default().push(source.path.clone());
        }
    }
    assert!(places.len() > 100, "{places:?}");
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "{places:?}");
}

#[test]
fn a_schema_is_known_by_its_derive() {
    let code =
        "#[derive(Debug, ToSchema)]\n#[serde(x)]\npub(crate) struct AOut {\n}\n#[derive(Debug)]\nstruct B;\n#[derive(ToSchema)]\npub enum C<T> {";
    assert_eq!(schemas(code).collect::<Vec<_>>(), ["AOut", "C"]);
}
