//! Every built-in role and an API key with every scope against every operation of the tenant runtime: what each hears is a committed table, so that a new
//! operation can't be forgotten and no operation changes hands unseen. And the document itself: complete, and the committed one.

use nexus_test_support::{Nexus, Role, TestTenant, scopes};

use crate::platform::Platform;

/// `operation_id owner admin manager staff viewer key`, each `allow` or `deny`.
const TABLE: &str = include_str!("roles.txt");

/// Operations without a permission: open to every active user and every good key, who find there what is their own. This list may only shrink.
const OPEN: &[&str] = &["get_me", "get_job", "cancel_job", "download_job_result", "download_job_errors"];

fn table() -> Vec<(&'static str, [&'static str; 6])> {
    let lines = TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [id, answers @ ..] = words.as_slice() else { panic!("roles.txt: {line}") };
            (*id, answers.try_into().unwrap_or_else(|_| panic!("roles.txt: {line}")))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_and_a_key_hear_what_the_table_says() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let operations = platform.document.operations();
    let expected = table();
    for operation in operations.values().filter(|operation| operation.is_tenants()) {
        assert!(expected.iter().any(|row| row.0 == operation.id), "roles.txt lacks {}", operation.id);
        assert!(operation.secured, "{} asks for no token", operation.id);
        let without = OPEN.contains(&operation.id.as_str()) || operation.is_by_invitation();
        assert_eq!(operation.permissions.is_empty(), without, "{}: a permission, or in OPEN", operation.id);
    }
    let people = Role::ALL.map(|role| (role.key(), tenant.token(role)));
    let callers: Vec<(&str, String)> = people.into_iter().chain([("key", tenant.api_key(&scopes()).await.key)]).collect();
    for (id, answers) in expected {
        let operation =
            operations.get(id).filter(|operation| operation.is_tenants()).unwrap_or_else(|| panic!("roles.txt names {id}, which is gone"));
        let unknown = uuid::Uuid::new_v4().to_string();
        assert_eq!(operation.takes_keys, answers[5] == "allow", "{id}: the document and the table differ on API keys");
        for (answer, (caller, credential)) in answers.into_iter().zip(&callers) {
            let client = platform.client().bearer(credential).tenant(&tenant.slug);
            let got = platform.document.request(&client, operation, &operation.path_with(&unknown), &unknown).send().await;
            match answer {
                "allow" if operation.has_parameters() => drop(got.error(404, "NOT_FOUND")),
                "allow" => assert!(![401, 403, 404].contains(&got.status.as_u16()) && got.status.as_u16() < 500, "{id} as {caller}: {}", got.text()),
                "deny" if operation.is_by_invitation() => drop(got.error(403, "FORBIDDEN")),
                "deny" => {
                    let missing = got.error(403, "FORBIDDEN")["details"]["permission"].clone();
                    assert!(operation.permissions.iter().any(|named| missing == *named), "{id} asks for {missing}, which its document does not name");
                }
                other => panic!("roles.txt: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn the_committed_document_is_that_of_the_code() {
    let stack = nexus_test_support::TestStack::from_env();
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let checked = Nexus::command(&stack, &["openapi", "--check", committed]).run().await;
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
}
