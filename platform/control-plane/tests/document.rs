//! The control plane's part of the OpenAPI document is complete, and says of every operation who may call it.
#![expect(clippy::expect_used, reason = "helpers of a test: a fault there fails the test")]

use std::collections::BTreeSet;

use nexus_web::openapi::document;
use serde_json::Value;

/// Operations that nobody needs to be logged in for. Adding one is a decision: think of what it tells strangers and of its rate limit.
const PUBLIC: &[&str] = &[
    // Of the console: they take the cookies of this host, and requests of its own pages alone.
    "close_console_session",
    "close_operator_console_session",
    "enter_console_session",
    "get_operator_console_session",
    "open_console_session",
    "open_operator_console_session",
    "refresh_console_session",
    "refresh_operator_console_session",
    "forgot_password",
    "get_issuer",
    "get_jwks",
    "list_plans",
    "log_in",
    "log_in_operator",
    "log_out",
    "log_out_operator",
    "look_at_invitation",
    "refresh_operator_session",
    "refresh_session",
    "register_account",
    "resend_verification",
    "reset_password",
    "sign_up",
    "verify_email",
    // The HTTP layer's own.
    "get_health",
];

fn operations() -> Vec<Value> {
    let document = document(&nexus_control_plane::slices(), &nexus_control_plane::root_slices(), "test").expect("the document is complete");
    let paths = document.value()["paths"].as_object().expect("paths").clone();
    paths.values().flat_map(|item| item.as_object().expect("operations").values().cloned().collect::<Vec<_>>()).collect()
}

#[test]
fn every_operation_is_public_by_decision_or_names_its_audience() {
    let mut open = BTreeSet::new();
    for operation in operations().iter().filter(|operation| operation["tags"][0] != "health") {
        let id = operation["operationId"].as_str().expect("operation id");
        let secured = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        let audience = operation["x-audience"].as_str();
        assert_eq!(secured, audience.is_some(), "{id}: security and x-audience go together");
        if audience == Some("nexus-operator") {
            let permission = &operation["x-permission"];
            let named: Vec<_> = permission.as_array().map_or_else(|| vec![permission], |several| several.iter().collect());
            let are_permissions = named.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("platform.")));
            assert!(!named.is_empty() && are_permissions, "{id}: operators need a permission");
        }
        if !secured {
            open.insert(id.to_owned());
        }
    }
    let unexpected: Vec<_> = open.iter().filter(|id| !PUBLIC.contains(&id.as_str())).collect();
    assert!(unexpected.is_empty(), "public without a decision: {unexpected:?}");
}

#[test]
fn every_edit_wants_the_version_it_is_based_on() {
    for operation in operations() {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if id.starts_with("edit_") || id.starts_with("delete_") {
            let names: Vec<_> = operation["parameters"].as_array().into_iter().flatten().filter_map(|parameter| parameter["name"].as_str()).collect();
            assert!(names.contains(&"If-Match"), "{id}");
        }
    }
}
