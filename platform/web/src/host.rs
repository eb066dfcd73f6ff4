//! The host that a request asks for, and whose it is.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

/// Whose host this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKind {
    /// The platform's own.
    Apex,
    /// A direct child of the apex host: the label is a slug (not yet looked up).
    Tenant(String),
    /// None of ours.
    Foreign,
}

/// The host the client asked for, with its port if it named one: HTTP/2's authority or the `Host` header, never a forwarded one.
#[must_use]
pub fn asked(req: &HttpRequest) -> Option<String> {
    let authority = req.head().uri.authority().map(ToString::to_string);
    authority.or_else(|| req.headers().get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned))
}

/// Whose host `req` asks for, under the apex host `apex`.
#[must_use]
pub fn kind_of(req: &HttpRequest, apex: &str) -> HostKind {
    kind(&asked(req).unwrap_or_default(), apex)
}

/// Sorts `host` (with or without a port) under `apex`. With a local apex the loopback addresses are the apex host too.
fn kind(host: &str, apex: &str) -> HostKind {
    let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
    let apex = without_port(apex).to_ascii_lowercase();
    if name == apex || (apex == "localhost" && is_loopback(&name)) {
        return HostKind::Apex;
    }
    match name.strip_suffix(&apex).and_then(|left| left.strip_suffix('.')) {
        Some(label) if !label.is_empty() && !label.contains('.') => HostKind::Tenant(label.to_owned()),
        _ => HostKind::Foreign,
    }
}
fn is_loopback(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tenant(slug: &str) -> HostKind {
        HostKind::Tenant(slug.to_owned())
    }

    #[test]
    fn a_direct_child_of_the_apex_host_names_a_tenant() {
        assert_eq!(kind("acme.nexus.example", "nexus.example"), tenant("acme"));
        assert_eq!(kind("ACME.nexus.example.:8443", "nexus.example"), tenant("acme"));
        assert_eq!(kind("acme.localhost:8080", "localhost"), tenant("acme"));
    }

    #[test]
    fn the_apex_host_names_none() {
        assert_eq!(kind("nexus.example", "nexus.example"), HostKind::Apex);
        assert_eq!(kind("localhost:8080", "localhost"), HostKind::Apex);
        assert_eq!(kind("127.0.0.1:8080", "localhost"), HostKind::Apex);
        assert_eq!(kind("[::1]:8080", "localhost"), HostKind::Apex);
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn a_tenants_host_is_one_label_below_the_apex(host in "[a-zA-Z0-9.:\\[\\]@_-]{0,30}(\\.nexus\\.example)?(:[0-9]{0,5})?\\.{0,2}|\\PC{0,20}") {
                match kind(&host, "nexus.example") {
                    HostKind::Tenant(label) => {
                        prop_assert!(!label.is_empty() && !label.contains('.') && label.to_ascii_lowercase() == label);
                        let name = host.to_ascii_lowercase();
                        prop_assert!(name.starts_with(&format!("{label}.nexus.example")), "{host:?} is no child of the apex");
                    }
                    HostKind::Apex => prop_assert!(host.to_ascii_lowercase().starts_with("nexus.example"), "{host:?}"),
                    HostKind::Foreign => {}
                }
            }

            #[test]
            fn port_case_and_final_point_make_no_difference(label in "[a-z][a-z0-9-]{0,20}", port in prop::option::of(any::<u16>())) {
                let port = port.map_or(String::new(), |port| format!(":{port}"));
                for host in [format!("{label}.nexus.example{port}"), format!("{}.NEXUS.example{port}", label.to_uppercase()), format!("{label}.nexus.example.{port}")] {
                    prop_assert_eq!(kind(&host, "nexus.example"), tenant(&label), "{}", host);
                }
            }

            #[test]
            fn a_name_that_only_ends_alike_is_foreign(prefix in "[a-z0-9-]{1,20}") {
                prop_assert_eq!(kind(&format!("{prefix}nexus.example"), "nexus.example"), HostKind::Foreign);
                prop_assert_eq!(kind(&format!("a.{prefix}.nexus.example"), "nexus.example"), HostKind::Foreign);
                prop_assert_eq!(kind(&format!("nexus.example.{prefix}"), "nexus.example"), HostKind::Foreign);
            }
        }
    }

    #[test]
    fn everything_else_is_foreign() {
        for host in ["", "evil.example", "nexus.example.evil.example", "acmenexus.example", "a.b.nexus.example", ".nexus.example", "127.0.0.1"] {
            assert_eq!(kind(host, "nexus.example"), HostKind::Foreign, "{host}");
        }
    }
}
