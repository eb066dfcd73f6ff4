//! The traps of policies: empty, circular, denying, unknown.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::permissions::{BUILT_IN_ROLES, PERMISSIONS};
use crate::policy::{Effect, Grant, PolicyKey, PolicyUser, PolicyVersion};

fn role(number: u128) -> Uuid {
    Uuid::from_u128(1000 + number)
}

fn snapshot(users: &[(u128, &[u128])], grants: &[(u128, &str, Effect)]) -> PolicySnapshot {
    PolicySnapshot {
        version: PolicyVersion { epoch: 1, changed_at: chrono::DateTime::UNIX_EPOCH },
        users: users
            .iter()
            .map(|(user, roles)| (Uuid::from_u128(*user), PolicyUser { roles: roles.iter().map(|number| role(*number)).collect() }))
            .collect(),
        grants: grants
            .iter()
            .map(|(number, permission, effect)| Grant { role: role(*number), permission: (*permission).into(), effect: *effect })
            .collect(),
        role_keys: BTreeMap::new(),
        keys: BTreeMap::new(),
    }
}

const ME: Subject = Subject::User(Uuid::from_u128(1));

#[test]
fn an_empty_policy_denies() {
    assert!(decide(&snapshot(&[], &[]), ME).unwrap().is_empty());
    assert!(decide(&snapshot(&[(1, &[])], &[]), ME).unwrap().is_empty());
    assert!(decide(&snapshot(&[(1, &[1])], &[]), ME).unwrap().is_empty(), "a role without grants");
    assert!(decide(&snapshot(&[(1, &[])], &[(1, "products.read", Effect::Allow)]), ME).unwrap().is_empty(), "a user without roles");
}

#[test]
fn the_empty_permission_and_the_empty_subject_are_never_allowed() {
    let policy = snapshot(&[(1, &[1])], &[(1, "products.read", Effect::Allow)]);
    assert!(!decide(&policy, ME).unwrap().allows(""));
    assert!(decide(&policy, Subject::User(Uuid::nil())).unwrap().is_empty());
}

#[test]
fn an_unknown_user_holds_nothing() {
    let policy = snapshot(&[(1, &[1])], &[(1, "products.read", Effect::Allow)]);
    assert!(decide(&policy, Subject::User(Uuid::from_u128(2))).unwrap().is_empty());
}

#[test]
fn a_user_whose_id_is_the_id_of_a_role_does_not_hold_that_role() {
    let mut policy = snapshot(&[(1, &[2])], &[(1, "settings.write", Effect::Allow), (2, "products.read", Effect::Allow)]);
    policy.users.insert(role(1), PolicyUser { roles: [role(2)].into() });
    let permissions = decide(&policy, Subject::User(role(1))).unwrap();
    assert!(permissions.allows("products.read"));
    assert!(!permissions.allows("settings.write"), "g(x, x) must not reach the role of the same id");
}

#[test]
fn deny_wins_whatever_the_order() {
    for order in [[Effect::Allow, Effect::Deny], [Effect::Deny, Effect::Allow]] {
        let policy =
            snapshot(&[(1, &[1, 2])], &[(1, "products.write", order[0]), (2, "products.write", order[1]), (2, "products.read", Effect::Allow)]);
        let permissions = decide(&policy, ME).unwrap();
        assert!(!permissions.allows("products.write"));
        assert!(permissions.allows("products.read"));
    }
}

#[test]
fn a_deny_in_a_role_not_held_does_not_count() {
    let policy = snapshot(&[(1, &[1])], &[(1, "products.write", Effect::Allow), (2, "products.write", Effect::Deny)]);
    assert!(decide(&policy, ME).unwrap().allows("products.write"));
}

#[test]
fn names_with_casbin_syntax_are_plain_text() {
    let odd = "a.b\" || true || \"";
    let policy = snapshot(&[(1, &[1])], &[(1, odd, Effect::Allow)]);
    let permissions = decide(&policy, ME).unwrap();
    assert_eq!(permissions.iter().collect::<Vec<_>>(), [odd]);
}

#[test]
fn the_built_in_roles_allow_exactly_what_they_list() {
    for (number, built_in) in (1..).zip(BUILT_IN_ROLES) {
        let grants: Vec<_> = built_in.permissions.iter().map(|key| (number, *key, Effect::Allow)).collect();
        let permissions = decide(&snapshot(&[(1, &[number])], &grants), ME).unwrap();
        for permission in PERMISSIONS {
            assert_eq!(permissions.allows(permission.key), built_in.permissions.contains(&permission.key), "{} {}", built_in.key, permission.key);
        }
    }
}

/// A policy with one key, of number 1, that has these scopes.
fn keyed(scopes: &[&str]) -> PolicySnapshot {
    let key = PolicyKey { scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(), digest: [0; 32], expires_at: None };
    let policy = snapshot(&[(1, &[1])], &[(1, "settings.write", Effect::Allow)]);
    PolicySnapshot { keys: BTreeMap::from([(Uuid::from_u128(1), key)]), ..policy }
}

#[test]
fn a_key_may_do_what_its_scopes_say_and_no_more() {
    let key = Subject::Key(Uuid::from_u128(1));
    for scope in PERMISSIONS.iter().filter(|permission| permission.is_scope()) {
        let permissions = decide(&keyed(&[scope.key]), key).unwrap();
        assert_eq!(permissions.iter().collect::<Vec<_>>(), [scope.key]);
    }
    let policy = keyed(&["products.read", "inventory.adjust"]);
    assert_eq!(decide(&policy, key).unwrap().iter().collect::<Vec<_>>(), ["inventory.adjust", "products.read"]);
    assert!(decide(&policy, Subject::Key(Uuid::from_u128(2))).unwrap().is_empty(), "an unknown key");
    assert!(decide(&keyed(&[]), key).unwrap().is_empty());
    assert!(decide(&snapshot(&[], &[]), key).unwrap().is_empty(), "there are no keys");
}

#[test]
fn a_key_and_a_person_of_the_same_id_are_not_each_other() {
    let policy = keyed(&["products.read"]);
    assert_eq!(decide(&policy, ME).unwrap().iter().collect::<Vec<_>>(), ["settings.write"]);
    assert_eq!(decide(&policy, Subject::Key(Uuid::from_u128(1))).unwrap().iter().collect::<Vec<_>>(), ["products.read"]);
}

#[test]
fn what_no_key_can_hold_gives_nothing_even_if_the_table_says_so() {
    let policy = keyed(&["api_keys.write", "saved_views.write", "made.up", "products.read"]);
    assert_eq!(decide(&policy, Subject::Key(Uuid::from_u128(1))).unwrap().iter().collect::<Vec<_>>(), ["products.read"]);
}

mod properties {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Casbin and the plain rule "some allow and no deny among the roles held" always agree.
        #[test]
        fn casbin_agrees_with_the_plain_rule(
            links in prop::collection::btree_set((0_u128..4, 0_u128..5), 0..12),
            grants in prop::collection::btree_set((0_u128..5, 0_usize..4, any::<bool>()), 0..16),
        ) {
            let names = ["products.read", "products.write", "inventory.adjust", "settings.write"];
            let mut users: BTreeMap<u128, Vec<u128>> = BTreeMap::new();
            for (user, number) in &links {
                users.entry(*user + 1).or_default().push(*number);
            }
            let users: Vec<(u128, Vec<u128>)> = users.into_iter().collect();
            let borrowed: Vec<(u128, &[u128])> = users.iter().map(|(user, roles)| (*user, roles.as_slice())).collect();
            let rules: Vec<_> = grants.iter().map(|(number, name, allow)| (*number, names[*name], if *allow { Effect::Allow } else { Effect::Deny })).collect();
            let policy = snapshot(&borrowed, &rules);
            for user in 1_u128..=5 {
                let held: BTreeSet<u128> = users.iter().filter(|(id, _)| *id == user).flat_map(|(_, roles)| roles.iter().copied()).collect();
                let permissions = decide(&policy, Subject::User(Uuid::from_u128(user))).unwrap();
                for name in names {
                    let effects: Vec<_> = rules.iter().filter(|(number, key, _)| held.contains(number) && *key == name).map(|(_, _, effect)| *effect).collect();
                    let expected = effects.contains(&Effect::Allow) && !effects.contains(&Effect::Deny);
                    prop_assert_eq!(permissions.allows(name), expected, "user {} {}", user, name);
                }
            }
        }
    }
}
