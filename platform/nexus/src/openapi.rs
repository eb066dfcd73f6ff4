//! `nexus openapi`: the document of both planes, printed or compared with the committed one.

use nexus_web::openapi::document;

use crate::cli::OpenapiArgs;
use crate::exit::{Exit, Failed};
use crate::terminal;

/// Prints the document, or compares it.
pub fn run(args: &OpenapiArgs) -> Result<(), Failed> {
    let current = text()?;
    let Some(file) = &args.check else {
        terminal::out(current.trim_end());
        return Ok(());
    };
    let committed = std::fs::read_to_string(file).map_err(|error| Failed::new(Exit::CheckFailed, format!("{}: {error}", file.display())))?;
    if committed == current {
        return Ok(());
    }
    let line = committed
        .lines()
        .zip(current.lines())
        .position(|(old, new)| old != new)
        .unwrap_or_else(|| committed.lines().count().min(current.lines().count()));
    let shown = |text: &str| text.lines().nth(line).unwrap_or("(end)").trim().to_owned();
    Err(Failed::new(
        Exit::CheckFailed,
        format!(
            "{} does not match the code (line {}):\n  committed: {}\n  code:      {}\nRun `make openapi` and commit the result.",
            file.display(),
            line + 1,
            shown(&committed),
            shown(&current)
        ),
    ))
}

fn text() -> Result<String, Failed> {
    let api = [nexus_control_plane::slices(), nexus_tenant_runtime::slices()].concat();
    let document = document(&api, &nexus_control_plane::root_slices(), env!("CARGO_PKG_VERSION"))
        .map_err(|error| Failed::new(Exit::CheckFailed, error.to_string()))?;
    Ok(document.text().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_says_what_it_is_about_and_a_key_is_suggested_only_where_it_is_needed() {
        let document: serde_json::Value = serde_json::from_str(&text().ok().unwrap()).unwrap();
        let tags = document["tags"].as_array().unwrap();
        assert!(tags.len() > 15);
        for tag in tags {
            assert!(!tag["description"].as_str().unwrap().starts_with("Operations on "), "{tag}: describe it in platform/web/src/openapi/tags.rs");
        }
        // Swagger UI sends an example along: whoever tries a write out twice would only see the first one again. What needs a key can't be
        // tried out without one.
        let operations = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let keys: Vec<_> = operations
            .flat_map(|operation| operation["parameters"].as_array().into_iter().flatten())
            .filter(|parameter| parameter["name"] == "Idempotency-Key")
            .collect();
        assert!(keys.len() > 10);
        assert!(keys.iter().any(|key| key["required"] == true));
        for key in keys {
            let suggests = |value: &serde_json::Value| ["example", "examples", "default"].iter().any(|word| !value[*word].is_null());
            assert!(suggests(key) == (key["required"] == true) && !suggests(&key["schema"]), "{key}");
        }
    }

    #[test]
    fn every_resource_with_an_id_is_reached_by_a_link_and_every_link_leads_somewhere() {
        let document: serde_json::Value = serde_json::from_str(&text().ok().unwrap()).unwrap();
        let operations: Vec<(&str, &serde_json::Value)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| item.as_object().unwrap().values().map(move |operation| (path.as_str(), operation)))
            .collect();
        let mut reached = std::collections::BTreeSet::new();
        for (path, operation) in &operations {
            for response in operation["responses"].as_object().unwrap().values() {
                for link in response["links"].as_object().into_iter().flatten().map(|(_, link)| link) {
                    let id = link["operationId"].as_str().unwrap();
                    assert!(operations.iter().any(|(_, operation)| operation["operationId"] == id), "{path}: {id}");
                    reached.insert(id.to_owned());
                }
            }
        }
        let parameters = |path: &str| path.matches('{').count();
        for (path, operation) in operations.iter().filter(|(path, _)| parameters(path) == 1) {
            assert!(reached.contains(operation["operationId"].as_str().unwrap()), "nothing leads to {path}");
        }
    }

    #[test]
    fn forms_take_no_unknown_fields_and_nothing_is_null_by_default_that_may_not_be_null() {
        let document: serde_json::Value = serde_json::from_str(&text().ok().unwrap()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas["ImportForm"]["additionalProperties"], false);
        let patch = &schemas["ProductPatch"]["properties"];
        assert_eq!((&patch["name"]["type"], &patch["name"]["default"]), (&"string".into(), &serde_json::Value::Null));
        assert!(!patch["name"].as_object().unwrap().contains_key("default") && patch["brand"].as_object().unwrap().contains_key("default"));
    }
}
