//! `docker/compose.yaml` gives the program settings that it accepts: all it needs for both planes, in files where they are secret.
#![expect(clippy::expect_used, reason = "helpers of a test: a fault there fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nexus_config::{Role, Settings};
use yaml_rust2::{Yaml, YamlLoader};

/// Where secrets lie in a container.
const MOUNTED: &str = "/run/secrets/";

/// A plausible content of each secret.
const SECRETS: &[(&str, &str)] = &[
    ("control_db_url", "postgres://nexus_control:a-long-password@postgres:5432/nexus_control"),
    ("directory_db_url", "postgres://nexus_directory:a-long-password@postgres:5432/nexus_control"),
    ("servers_admin_url", "postgres://postgres:a-long-password@postgres:5432/postgres"),
    ("redis_url", "redis://:a-long-password@redis:6379"),
    ("s3_secret_key", "a-long-secret-of-the-object-store"),
    ("smtp_url", "smtp://mail:1025"),
    ("master_key", "c2l4dGVlbiBieXRlcyAxMnNpeHRlZW4gYnl0ZXMgMTI="),
];

fn compose() -> Yaml {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/compose.yaml");
    YamlLoader::load_from_str(&fs::read_to_string(path).expect("docker/compose.yaml")).expect("YAML").remove(0)
}

/// A variable of docker/.env: what stands after `:-` where it is not set.
fn by_default(text: &str) -> String {
    match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(inside) => inside.split_once(":-").map_or_else(String::new, |(_, default)| default.to_owned()),
        None => text.to_owned(),
    }
}

#[test]
fn the_settings_of_the_containers_are_complete_and_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in SECRETS {
        fs::write(folder.path().join(name), content).expect("a secret");
    }
    let compose = compose();
    let environment = compose["x-nexus"]["environment"].as_hash().expect("variables of the program");
    let mut given: BTreeMap<String, String> = environment
        .iter()
        .map(|(name, value)| (name.as_str().expect("a name").to_owned(), by_default(value.as_str().expect("a text"))))
        .map(|(name, value)| (name, value.replace(MOUNTED, &format!("{}/", folder.path().display()))))
        .collect();
    // What the image itself says.
    given.insert("NEXUS__HTTP__BIND".to_owned(), "0.0.0.0:8080".to_owned());
    let settings = Settings::from_layers(Role::All, None, &given).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((settings.servers.len(), settings.servers[0].host.as_str()), (1, "postgres"));
    assert!(settings.http.trusted_proxies.is_empty(), "nobody is believed who is not named");
    let used: Vec<&str> = environment.values().filter_map(|value| value.as_str()?.strip_prefix(MOUNTED)).collect();
    let known: Vec<&str> = SECRETS.iter().map(|(name, _)| *name).collect();
    assert!(used.iter().all(|name| known.contains(name)) && used.len() == known.len(), "{used:?}");
}
