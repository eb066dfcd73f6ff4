//! Which answers have an ETag: those of [`respond::ok_versioned`](crate::respond::ok_versioned), and of `created` with a version.
//!
//! It follows from what the handlers declare: what is edited by its version (`If-Match`) shows it where the editor reads it, and what is
//! created in that form has one already. A handler of a resource that nobody edits declares its 304 itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::finishing::{METHODS, declares};

/// What has a version in a document.
pub(super) struct Versions {
    /// Paths whose GET can be revalidated.
    paths: BTreeSet<String>,
    /// The schemas of what they answer.
    forms: BTreeSet<String>,
}

impl Versions {
    pub(super) fn of(document: &Value) -> Self {
        let mut versions = Self { paths: BTreeSet::new(), forms: BTreeSet::new() };
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let edited = METHODS.iter().filter_map(|method| item.get(method)).any(|operation| declares(operation, "header", "If-Match"));
            if !edited && item["get"]["responses"]["304"].is_null() {
                continue;
            }
            versions.paths.insert(path.clone());
            versions.forms.extend(["get", "put", "patch"].iter().filter_map(|method| form(&item[*method], "200")).map(str::to_owned));
        }
        versions
    }

    /// Statuses of the operation whose answers have an ETag.
    pub(super) fn tagged(&self, path: &str, method: &str, operation: &Value) -> &'static [&'static str] {
        // A dry run answers what is not stored: it has no version yet.
        let edits = declares(operation, "header", "If-Match") && !declares(operation, "query", "dry_run");
        match method {
            "get" if self.paths.contains(path) => &["200", "304"],
            _ if edits => &["200"],
            _ if form(operation, "201").is_some_and(|form| self.forms.contains(form)) => &["201"],
            _ => &[],
        }
    }
}

/// The name of the schema of an answer.
fn form<'d>(operation: &'d Value, status: &str) -> Option<&'d str> {
    operation["responses"][status]["content"]["application/json"]["schema"]["$ref"].as_str()
}
