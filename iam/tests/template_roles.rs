//! The tenant template seeds exactly the built-in roles of the catalogue: code and SQL are two lists, and this test holds them together.
#![expect(clippy::expect_used, reason = "a seed that can't be read fails the test, with the place")]

use std::collections::BTreeSet;

use nexus_iam::permissions::BUILT_IN_ROLES;

const SEED: &str = include_str!("../../migration/tenant/0007_seed.sql");
/// Files that grant more, in their order.
const LATER: &[&str] = &[
    include_str!("../../migration/tenant/0008_api_keys.sql"),
    include_str!("../../migration/tenant/0009_people.sql"),
    include_str!("../../migration/tenant/0011_onboarding.sql"),
];

/// What the roles are called and said to do.
const WORDS: &str = include_str!("../../migration/tenant/0012_role_words.sql");

/// The quoted words of the text, in order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split('\'').skip(1).step_by(2)
}

#[test]
fn the_template_seeds_the_roles_of_the_catalogue() {
    let block = SEED.split_once("INSERT INTO roles").expect("roles are seeded").1.split_once(";\n").expect("statement ends").0;
    let seeded: Vec<(&str, &str)> = block
        .lines()
        .filter(|line| line.trim_start().starts_with('(') && line.contains("'0000"))
        .map(|line| {
            let mut found = words(line);
            (found.next().expect("id"), found.next().expect("key"))
        })
        .collect();
    let expected: Vec<(String, &str)> = BUILT_IN_ROLES.iter().map(|role| (role.id.to_string(), role.key)).collect();
    assert_eq!(seeded, expected.iter().map(|(id, key)| (id.as_str(), *key)).collect::<Vec<_>>());
}

#[test]
fn the_template_calls_the_roles_as_the_catalogue_does() {
    let all: Vec<&str> = words(WORDS).collect();
    let called: Vec<&str> = BUILT_IN_ROLES.iter().flat_map(|role| [role.key, role.name, role.description]).collect();
    assert_eq!(all, called);
}

/// Role by role what a file grants.
fn grants(sql: &'static str) -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let block = sql.split_once("INSERT INTO role_permissions").expect("grants are seeded").1.split_once(";\n").expect("statement ends").0;
    assert!(block.contains("'allow'") && !block.contains("'deny'"), "built-in roles only allow");
    let rows = block.split("('").skip(1).filter(|row| row.contains("ARRAY["));
    rows.map(|row| {
        let (role, rest) = row.split_once('\'').expect("role key");
        (role, words(rest.split_once(']').expect("array ends").0).collect())
    })
    .collect()
}

#[test]
fn the_template_grants_what_the_catalogue_says() {
    let mut seeded = grants(SEED);
    for (role, more) in LATER.iter().flat_map(|sql| grants(sql)) {
        seeded.iter_mut().find(|(known, _)| *known == role).expect("a built-in role").1.extend(more);
    }
    let expected: Vec<(&str, BTreeSet<&str>)> = BUILT_IN_ROLES.iter().map(|role| (role.key, role.permissions.iter().copied().collect())).collect();
    assert_eq!(seeded, expected);
}
