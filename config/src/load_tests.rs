//! Layers, types and refusals.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::*;
use crate::settings::{Environment, SignupMode, TlsMode};

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Everything that production needs.
const FILE: &str = r#"
[http]
public_url = "https://nexus.example/"
apex_host = "nexus.example"
[control_db]
url = "postgres://nexus_control:a@db/nexus_control"
[directory_db]
url = "postgres://nexus_directory:b@db/nexus_control"
[[servers]]
name = "one"
host = "db"
admin_url = "postgres://postgres:c@db/postgres"
[redis]
url = "redis://:d@redis"
[s3]
access_key = "root"
secret_key = "e"
[mail]
smtp_url = "smtps://mail.example"
[secrets]
master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"#;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::from_layers(Role::All, Some(("nexus.toml", FILE)), &env(pairs))
}

fn faults(result: Result<Settings, ConfigError>) -> Vec<(String, String)> {
    match result {
        Err(ConfigError::Invalid(faults)) => faults.into_iter().map(|fault| (fault.key, fault.message)).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

#[test]
fn an_organization_lives_below_the_apex_host() {
    let mut http = load(&[]).unwrap().http;
    assert_eq!(http.organization_url("acme"), "https://acme.nexus.example");
    (http.public_url, http.apex_host) = ("http://localhost:8080".to_owned(), "localhost".to_owned());
    assert_eq!(http.organization_url("acme"), "http://acme.localhost:8080");
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let settings = load(&[
        ("NEXUS__HTTP__BIND", "0.0.0.0:80"),
        ("NEXUS__HTTP__TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1/32"),
        ("NEXUS__SERVERS__0__HOST", "other"),
        ("NEXUS__SIGNUP__MODE", "invite_only"),
        ("NEXUS__RATE_LIMIT__ENABLED", "false"),
        ("HOME", "/root"),
    ])
    .unwrap();
    assert_eq!(settings.http.bind.to_string(), "0.0.0.0:80");
    assert_eq!(settings.http.trusted_proxies.len(), 2);
    assert_eq!((settings.servers[0].host.as_str(), settings.servers[0].name.as_str(), settings.servers[0].port), ("other", "one", 5432));
    assert_eq!(settings.signup.mode, SignupMode::InviteOnly);
    assert!(!settings.rate_limit.enabled);
    assert_eq!(settings.tokens.access_ttl_s, 900);
    assert_eq!(settings.tokens.issuer, "https://nexus.example", "follows the public URL");
    assert_eq!(settings.environment, Environment::Production);
    assert!(settings.http.workers.is_none() && settings.s3.endpoint.is_none() && settings.dev.data_dir.is_none());
}

#[test]
fn a_server_can_be_added_from_the_environment_without_a_gap() {
    let more = [
        ("NEXUS__SERVERS__1__NAME", "two"),
        ("NEXUS__SERVERS__1__HOST", "db2"),
        ("NEXUS__SERVERS__1__ADMIN_URL", "postgres://postgres:f@db2/postgres"),
    ];
    assert_eq!(load(&more).unwrap().servers[1].port, 5432);
    let found = faults(load(&[("NEXUS__SERVERS__2__NAME", "three")]));
    assert!(found[0].0 == "servers.2.name" && found[0].1.contains("gap"), "{found:?}");
}

#[test]
fn a_password_of_digits_stays_a_text() {
    let settings = load(&[("NEXUS__S3__SECRET_KEY", "007")]).unwrap();
    assert_eq!(settings.s3.secret_key.expose_secret(), "007");
    assert!(!format!("{settings:?}").contains("007"));
}

#[test]
fn faults_name_the_key_and_the_variable() {
    let found = faults(load(&[("NEXUS__HTTP__WORKERS", "many"), ("NEXUS__HTPP__BIND", "x"), ("NEXUS__HTTP__BINDD", "x"), ("NEXUS__HTTP", "x")]));
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["htpp.bind", "http", "http.bindd", "http.workers"]);
    assert!(found[3].1.contains("`many` is not a whole number (from the variable NEXUS__HTTP__WORKERS)"));

    let found = faults(Settings::from_layers(Role::All, Some(("f", "[http]\nbindd = 1")), &env(&[])));
    assert!(found[0].0.starts_with("http") && found[0].1.contains("bindd"), "{found:?}");

    let found = faults(Settings::from_layers(Role::All, Some(("f", "[redis]\nurl = 4711")), &env(&[])));
    assert_eq!(found, [("redis.url".to_owned(), "must be a text".to_owned())]);
}

#[test]
fn every_refused_setting_is_reported_at_once() {
    let found = faults(load(&[
        ("NEXUS__HTTP__CORS_ORIGINS", "https://a.example/"),
        ("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", "61"),
        ("NEXUS__SECRETS__MASTER_KEY", "c2hvcnQ="),
        ("NEXUS__HTTP__PUBLIC_URL", "http://nexus.example"),
    ]));
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["http.public_url", "http.cors_origins.0", "secrets.master_key", "runtime.tenant_max_connections"]);
}

#[test]
fn one_process_alone_does_not_exceed_what_the_server_allows_to_one_tenants_role() {
    let of = |budget: &str, most: &str| load(&[("NEXUS__RUNTIME__CONNECTION_BUDGET", budget), ("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", most)]);
    // Half of them are background work's.
    of("60", "20").unwrap();
    let found = faults(of("60", "21"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "runtime.tenant_max_connections");
    assert!(found[0].1.contains("could open 42 connections to one tenant's database; its server allows 40"), "{found:?}");
    // Never more than the whole process has.
    of("40", "40").unwrap();
}

#[test]
fn a_malformed_file_is_named_by_line_and_not_quoted() {
    let error = Settings::from_layers(Role::All, Some(("nexus.toml", "[s3]\nsecret_key = hunter2")), &env(&[])).unwrap_err();
    assert!(matches!(&error, ConfigError::Malformed { line: 2, .. }), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn a_secret_may_come_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let path = path.to_str().unwrap();
    let settings = load(&[("NEXUS__SECRETS__MASTER_KEY_FILE", path), ("NEXUS__SERVERS__0__ADMIN_URL_FILE", "")]);
    let found = faults(settings);
    assert_eq!(found[0].0, "servers.0.admin_url", "an empty path is no secret");
    let settings = load(&[("NEXUS__SECRETS__MASTER_KEY_FILE", path)]).unwrap();
    assert_eq!(settings.secrets.master_key.expose_secret(), KEY);

    let both = format!("[secrets]\nmaster_key = \"x\"\nmaster_key_file = \"{path}\"");
    assert!(faults(Settings::from_layers(Role::All, Some(("f", &both)), &env(&[])))[0].1.contains("not both"));
    assert_eq!(faults(load(&[("NEXUS__REDIS__URL_FILE", "/nowhere/at/all")]))[0].0, "redis.url_file");
    assert_eq!(faults(load(&[("NEXUS__HTTP__BIND_FILE", path)]))[0].0, "http.bind_file", "only secrets");
}

#[test]
fn production_refuses_empty_and_known_secrets() {
    let found = faults(Settings::from_layers(Role::All, None, &env(&[])));
    for key in ["control_db.url", "directory_db.url", "servers.0.admin_url", "redis.url", "s3.secret_key", "mail.smtp_url", "secrets.master_key"] {
        assert!(found.iter().any(|(found, message)| found == key && message.contains("_file")), "{key} in {found:?}");
    }
    let mut settings = Settings::development();
    settings.validate().unwrap();
    settings.environment = Environment::Production;
    let found = faults(settings.validate().map(|()| settings));
    assert!(found.iter().any(|(key, message)| key == "secrets.master_key" && message.contains("everybody knows")), "{found:?}");
}

#[test]
fn the_tenant_runtime_needs_none_of_the_control_planes_secrets() {
    let vars = [
        ("NEXUS__DIRECTORY_DB__URL", "postgres://nexus_directory:b@db/nexus_control"),
        ("NEXUS__REDIS__URL", "rediss://redis"),
        ("NEXUS__SECRETS__RUNTIME_KEY", KEY),
        ("NEXUS__S3__ACCESS_KEY", "objects"),
        ("NEXUS__S3__SECRET_KEY", "e"),
    ];
    let settings = Settings::from_layers(Role::TenantRuntime, None, &env(&vars)).unwrap();
    assert!(settings.secrets.master_key.expose_secret().is_empty());
    let found = faults(Settings::from_layers(Role::TenantRuntime, None, &env(&vars[..2])));
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["s3.access_key", "s3.secret_key", "secrets.runtime_key"]);
    assert!(found[2].1.contains("nexus admin secrets runtime-key"));
}

#[test]
fn the_runtimes_key_takes_the_master_keys_place_in_the_tenant_runtime_only() {
    for role in [Role::All, Role::ControlPlane] {
        let vars = env(&[("NEXUS__SECRETS__RUNTIME_KEY", KEY)]);
        assert_eq!(faults(Settings::from_layers(role, Some(("nexus.toml", FILE)), &vars))[0].0, "secrets.runtime_key");
    }
    let previous = [("NEXUS__SECRETS__PREVIOUS_KEK_ID", "k0"), ("NEXUS__SECRETS__MASTER_KEY", ""), ("NEXUS__SECRETS__RUNTIME_KEY", KEY)];
    let load = |more: &[(&str, &str)]| Settings::from_layers(Role::TenantRuntime, Some(("nexus.toml", FILE)), &env(&[&previous[..], more].concat()));
    assert!(faults(load(&[]))[0].1.contains("previous_runtime_key"));
    load(&[("NEXUS__SECRETS__PREVIOUS_RUNTIME_KEY", KEY)]).unwrap();
}

#[test]
fn keys_that_only_the_embedded_store_knows_are_refused_with_any_other() {
    let derived = ("NEXUS__S3__CREDENTIALS", "derived");
    for endpoint in ["", "https://s3.example", "http://10.0.0.1:9000"] {
        let found = faults(load(&[derived, ("NEXUS__S3__ENDPOINT", endpoint)]));
        assert!(found[0].0 == "s3.credentials" && found[0].1.contains("use `shared`"), "{endpoint}: {found:?}");
    }
    for endpoint in ["http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost:9000"] {
        load(&[derived, ("NEXUS__S3__ENDPOINT", endpoint)]).unwrap();
    }
}

#[test]
fn tls_to_databases_is_set_for_all_and_for_one() {
    let settings = load(&[("NEXUS__DATABASE_TLS__MODE", "verify-full"), ("NEXUS__DATABASE_TLS__ROOT_CERT", "/etc/ca.pem")]).unwrap();
    assert_eq!(settings.database_tls.mode_of(&settings.servers[0]), TlsMode::VerifyFull);
    assert_eq!(settings.database_tls.root_cert, Some("/etc/ca.pem".into()));
    let settings = load(&[("NEXUS__SERVERS__0__TLS_MODE", "require")]).unwrap();
    assert_eq!((settings.database_tls.mode, settings.database_tls.mode_of(&settings.servers[0])), (TlsMode::Prefer, TlsMode::Require));
    assert_eq!(faults(load(&[("NEXUS__SERVERS__0__TLS_MODE", "maybe")]))[0].0, "servers.0.tls_mode");
    assert!(faults(load(&[("NEXUS__DATABASE_TLS__MODE", "maybe")]))[0].1.contains("verify-full"));
}

#[test]
fn the_snapshot_has_one_place_whatever_folder_the_process_is_in() {
    let place = |path: &str| load(&[("NEXUS__RUNTIME__SNAPSHOT_FILE", path)]);
    assert_eq!(place("").unwrap().runtime.snapshot_file, None);
    assert_eq!(place("/state/s").unwrap().runtime.snapshot_file, Some("/state/s".into()));
    for path in ["state/s", "/"] {
        assert_eq!(faults(place(path))[0].0, "runtime.snapshot_file", "{path}");
    }
}

#[test]
fn development_stays_on_the_machine() {
    let mut settings = Settings::development();
    settings.http.bind = "0.0.0.0:8080".parse().unwrap();
    assert_eq!(faults(settings.validate().map(|()| settings))[0].0, "http.bind");
}
