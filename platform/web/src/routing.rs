//! The documented routes as a table: which methods a path has (405 rather than 404), which operations take no query and which need no credential.

use std::collections::HashSet;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::Value;

/// Every documented path template with its operations.
pub(crate) struct RouteTable {
    entries: Vec<Entry>,
    /// Operations without security, by their path; none of them has parameters in it.
    public: HashSet<(Method, String)>,
}

struct Entry {
    template: String,
    matcher: ResourceDef,
    operations: Vec<Operation>,
}

struct Operation {
    method: Method,
    takes_query: bool,
    public: bool,
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl RouteTable {
    /// The routes of a finished OpenAPI document.
    pub(crate) fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let entries: Vec<Entry> = paths.map(|(template, item)| Entry::of(template, item)).collect();
        let public = entries.iter().flat_map(Entry::public).collect();
        Self { entries, public }
    }

    /// The methods that exist at `path`; empty when nothing does.
    pub(crate) fn methods(&self, path: &str) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.matcher.is_match(path)) {
            methods.extend(entry.operations.iter().map(|operation| operation.method.clone()));
        }
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        methods.sort_by(|left, right| left.as_str().cmp(right.as_str()));
        methods.dedup();
        methods
    }

    /// Whether the operation asks for no credential, so that sending one changes nothing.
    pub(crate) fn is_public(&self, method: &Method, path: &str) -> bool {
        self.public.contains(&(method.clone(), path.to_owned()))
    }

    /// Whether the operation is documented and takes no query parameter at all.
    pub(crate) fn refuses_query(&self, method: &Method, template: &str) -> bool {
        self.entries
            .iter()
            .find(|entry| entry.template == template)
            .and_then(|entry| entry.operations.iter().find(|operation| operation.method == *method))
            .is_some_and(|operation| !operation.takes_query)
    }
}

impl Entry {
    fn of(template: &str, item: &Value) -> Self {
        let operations = METHODS
            .iter()
            .filter_map(|name| Some((name, item.get(name)?)))
            .filter_map(|(name, operation)| {
                let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
                let takes_query = parameters.iter().any(|parameter| parameter["in"] == "query");
                let public = operation["security"].as_array().is_none_or(Vec::is_empty);
                Some(Operation { method: Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()?, takes_query, public })
            })
            .collect();
        Self { template: template.to_owned(), matcher: ResourceDef::new(template), operations }
    }

    fn public(&self) -> impl Iterator<Item = (Method, String)> {
        self.operations.iter().filter(|operation| operation.public).map(|operation| (operation.method.clone(), self.template.clone()))
    }
}
