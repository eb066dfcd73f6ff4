//! What lies beside the program to build, start and check it: the image, the containers, the workflow. Nothing runs them here, so their text is compared with
//! what it speaks of: settings, secrets, commands.

use std::collections::BTreeSet;

use toml::Table;
use yaml_rust2::{Yaml, YamlLoader};

use crate::tree::read;

const COMPOSE: &str = "docker/compose.yaml";
const DOCKERFILE: &str = "docker/Dockerfile";
const WORKFLOW: &str = ".github/workflows/ci.yml";

fn yaml(path: &str) -> Yaml {
    YamlLoader::load_from_str(&read(path)).unwrap_or_else(|fault| panic!("{path}: {fault}")).remove(0)
}

/// The entries of a mapping by name.
fn entries(of: &Yaml) -> Vec<(&str, &Yaml)> {
    of.as_hash().into_iter().flatten().filter_map(|(name, value)| Some((name.as_str()?, value))).collect()
}

/// The texts of a list.
fn texts(of: &Yaml) -> Vec<&str> {
    of.as_vec().into_iter().flatten().filter_map(Yaml::as_str).collect()
}

/// Whether `NEXUS__SECTION__KEY` is a setting of config/default.toml, or names the file of one that has no default because it is secret.
fn is_setting(variable: &str, defaults: &Table) -> bool {
    let Some(path) = variable.strip_prefix("NEXUS__") else { return false };
    let path = path.to_ascii_lowercase();
    let mut place = Some(toml::Value::Table(defaults.clone()));
    for part in path.split("__") {
        place = place.and_then(|value| match (&value, part.parse::<usize>()) {
            // Every element of a list of tables is like the first.
            (toml::Value::Array(items), Ok(_)) => items.first().cloned(),
            (toml::Value::Table(table), _) => table.get(part).or_else(|| table.get(part.strip_suffix("_file")?)).cloned(),
            _ => None,
        });
    }
    place.is_some_and(|value| !value.is_table())
}

fn defaults() -> Table {
    read("config/default.toml").parse().unwrap()
}

/// The services of docker/compose.yaml, what they share merged in.
fn services(compose: &Yaml) -> Vec<(String, Vec<(&str, &Yaml)>)> {
    entries(&compose["services"])
        .into_iter()
        .map(|(name, service)| {
            let mut own = entries(service);
            own.extend(entries(&service["<<"]));
            (name.to_owned(), own)
        })
        .collect()
}

fn get<'y>(service: &[(&str, &'y Yaml)], key: &str) -> &'y Yaml {
    service.iter().find(|(name, _)| *name == key).map_or(&Yaml::BadValue, |(_, value)| *value)
}

#[test]
fn every_setting_that_the_containers_are_given_exists() {
    let defaults = defaults();
    let compose = yaml(COMPOSE);
    let given: Vec<&str> = entries(&compose["x-nexus"]["environment"]).into_iter().map(|(name, _)| name).collect();
    let in_image = read(DOCKERFILE);
    let in_image = in_image.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).filter(|word| word.starts_with("NEXUS__"));
    let unknown: Vec<&str> = given.iter().copied().chain(in_image).filter(|name| !is_setting(name, &defaults)).collect();
    assert!(given.len() > 10 && unknown.is_empty(), "not in config/default.toml: {unknown:?}");
    for (name, known) in [
        ("NEXUS__HTTP__BIND", true),
        ("NEXUS__SERVERS__0__ADMIN_URL_FILE", true),
        ("NEXUS__PROVISIONING__WARM_POOL__SIZE", true),
        ("NEXUS__HTTP__BINDING", false),
        ("NEXUS__HTTP", false),
        ("NEXUS__SERVERS__ADMIN_URL", false),
    ] {
        assert_eq!(is_setting(name, &defaults), known, "{name}");
    }
}

#[test]
fn every_secret_is_a_file_that_make_secrets_writes() {
    let compose = yaml(COMPOSE);
    let script = read("scripts/secrets.sh");
    let written: BTreeSet<&str> = script.lines().filter_map(|line| line.strip_prefix("write ")?.split_whitespace().next()).collect();
    let declared: BTreeSet<&str> = entries(&compose["secrets"]).into_iter().map(|(name, _)| name).collect();
    for (name, secret) in entries(&compose["secrets"]) {
        let file = secret["file"]
            .as_str()
            .and_then(|file| file.strip_prefix("./secrets/"))
            .unwrap_or_else(|| panic!("{name} is no file below docker/secrets"));
        assert!(written.contains(file), "`make secrets` does not write {file}");
    }
    let mut used = BTreeSet::new();
    for (name, service) in services(&compose) {
        let mounted: Vec<&str> = texts(get(&service, "secrets"));
        let text = format!("{service:?}");
        let named: Vec<&str> = text
            .split("/run/secrets/")
            .skip(1)
            .filter_map(|rest| rest.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next())
            .collect();
        let missing: Vec<_> = named.iter().filter(|secret| !mounted.contains(secret)).collect();
        assert!(missing.is_empty(), "{name} names secrets that it is not given: {missing:?}");
        used.extend(mounted.iter().map(|secret| (*secret).to_owned()));
    }
    assert_eq!(used, declared.iter().map(|name| (*name).to_owned()).collect(), "each secret is given to somebody");
    assert!(read("docker/.gitignore").lines().any(|line| line == "secrets/"), "secrets stay out of the checkout's history");
    assert!(read(".dockerignore").lines().any(|line| line == "**/secrets"), "and out of the image");
}

/// Whether an image, or an action, is named with a version that does not move: `…:1.2`, `…@v1.2.3`, a digest.
fn is_pinned(name: &str) -> bool {
    let version = name.rsplit_once('@').or_else(|| name.rsplit_once(':')).map(|(_, version)| version.trim_start_matches('v'));
    version
        .is_some_and(|version| version.starts_with("sha256:") || (version.starts_with(|first: char| first.is_ascii_digit()) && version.contains('.')))
}

#[test]
fn images_have_a_version_and_servers_a_health_check() {
    let compose = yaml(COMPOSE);
    for (name, service) in services(&compose) {
        let image = get(&service, "image").as_str().unwrap_or_default();
        let is_ours = image.starts_with("nexus:");
        assert!(is_ours || is_pinned(image), "{name}: {image}");
        let health = get(&service, "healthcheck");
        // An image may hold nothing to ask with: that is said where it is so, and never of what others wait for.
        let cannot = health["disable"].as_bool() == Some(true) && !get(&service, "profiles").is_badvalue();
        assert!(is_ours || cannot || !health["test"].is_badvalue(), "{name} says to nobody whether it works");
        assert!(!get(&service, "restart").is_badvalue(), "{name}: what becomes of it when it ends?");
        let privileged = ["privileged", "network_mode", "pid"].into_iter().find(|key| !get(&service, key).is_badvalue());
        assert_eq!(privileged, None, "{name}");
    }
    let dockerfile = read(DOCKERFILE);
    let bases: Vec<&str> = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")?.split_whitespace().next()).collect();
    assert!(bases.len() == 3 && bases.iter().all(|base| is_pinned(base)), "{bases:?}");
    for wanted in ["\nUSER 10001:10001\n", "HEALTHCHECK", "CMD [\"nexus\", \"health\"]", "--locked", "--frozen-lockfile", "NEXUS_REVISION"] {
        assert!(dockerfile.contains(wanted), "the image lacks {wanted}");
    }
    assert!(is_pinned("a/b:4.47") && is_pinned("c@v2.1.1") && is_pinned("d@sha256:00"));
    assert!(!is_pinned("a/b:latest") && !is_pinned("a/b") && !is_pinned("c@main") && !is_pinned("c@v4"));
}

/// What follows each occurrence of `mark` in a text, to the end of the version there.
fn versions<'t>(text: &'t str, mark: &str) -> BTreeSet<&'t str> {
    text.split(mark).skip(1).filter_map(|rest| rest.split(|letter: char| !(letter.is_ascii_digit() || letter == '.')).next()).collect()
}

#[test]
fn the_console_is_built_by_the_versions_that_its_lockfile_is_of() {
    let package = read("web/package.json");
    let wanted = versions(&package, "\"packageManager\": \"pnpm@");
    assert_eq!(wanted.len(), 1, "web/package.json names the pnpm that wrote the lockfile");
    let rust = read("Cargo.toml");
    let rust = *versions(&rust, "rust-version = \"").first().unwrap();
    let mut nodes = BTreeSet::new();
    for path in [DOCKERFILE, WORKFLOW] {
        let text = read(path);
        assert_eq!(versions(&text, "pnpm@"), wanted, "{path}");
        nodes.extend(versions(&text, "FROM node:").union(&versions(&text, "NODE_VERSION: \"")).map(|node| (*node).to_owned()));
        let rusts = &versions(&text, "FROM rust:") | &versions(&text, "RUST_VERSION: \"");
        assert!(rusts.len() == 1 && rusts.iter().all(|found| found.starts_with(rust)), "{path} builds with Rust {rusts:?}, Cargo.toml wants {rust}");
    }
    assert_eq!(nodes.len(), 1, "one Node.js builds the console everywhere: {nodes:?}");
}

/// The targets that `make` is called with in a script.
fn targets(script: &str) -> Vec<&str> {
    let words: Vec<&str> = script.split_whitespace().collect();
    words.iter().zip(words.iter().skip(1)).filter(|(word, _)| **word == "make").map(|(_, target)| *target).collect()
}

#[test]
fn the_workflow_calls_what_there_is_and_may_change_nothing() {
    let workflow = yaml(WORKFLOW);
    let makefile = read("Makefile");
    let known: BTreeSet<&str> = makefile.lines().filter_map(|line| line.split_once(": ## ").map(|(target, _)| target)).collect();
    let mut called = BTreeSet::new();
    for (name, job) in entries(&workflow["jobs"]) {
        assert!(job["timeout-minutes"].as_i64().is_some(), "{name} may run for ever");
        assert!(job["permissions"].is_badvalue(), "{name} asks for rights of its own");
        for step in job["steps"].as_vec().into_iter().flatten() {
            if let Some(action) = step["uses"].as_str() {
                assert!(is_pinned(action), "{name}: {action}");
                let keeps_token = action.starts_with("actions/checkout@") && step["with"]["persist-credentials"].as_bool() != Some(false);
                assert!(!keeps_token, "{name} leaves its token in the checkout");
            }
            called.extend(targets(step["run"].as_str().unwrap_or_default()).into_iter().map(str::to_owned));
        }
    }
    let unknown: Vec<_> = called.iter().filter(|target| !known.contains(target.as_str())).collect();
    assert!(unknown.is_empty(), "not in the Makefile: {unknown:?}");
    for wanted in ["lint", "test", "secrets"] {
        assert!(called.contains(wanted), "the workflow does not call make {wanted}");
    }
    let rights: Vec<_> = entries(&workflow["permissions"]).into_iter().map(|(right, level)| (right, level.as_str().unwrap_or_default())).collect();
    assert_eq!(rights, [("contents", "read")], "a check has nothing to write");
    assert!(!workflow["concurrency"]["group"].is_badvalue(), "a newer push ends the checks of the one before");
    assert_eq!(targets("make lint && make test\nmake\tsecrets"), ["lint", "test", "secrets"]);
}
