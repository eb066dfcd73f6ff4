//! The table of settings for the documentation, generated from the commented defaults.

use std::fmt::Write;

use crate::{DEFAULTS, SECRETS};

/// A markdown table of every setting: key, environment variable, default and meaning. It is the content of `default.toml` in another form, so
/// that the documentation can't drift from the program.
#[must_use]
pub fn settings_table() -> String {
    let mut table = String::from("| setting | environment variable | default | meaning |\n|---|---|---|---|\n");
    let mut section = String::new();
    let mut meaning: Vec<&str> = Vec::new();
    for line in DEFAULTS.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix('#') {
            meaning.push(comment.trim());
        } else if let Some(name) = line.strip_prefix("[[").and_then(|line| line.strip_suffix("]]")) {
            section = format!("{name}.0.");
            meaning.clear();
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{name}.");
            meaning.clear();
        } else if let Some((key, value)) = line.split_once(" = ") {
            let _ = writeln!(table, "{}", row(&format!("{section}{key}"), value, &meaning.join(" ")));
            meaning.clear();
        } else {
            meaning.clear();
        }
    }
    table
}

fn row(key: &str, value: &str, meaning: &str) -> String {
    let variable = key.to_ascii_uppercase().replace('.', "__");
    let default = match value {
        _ if SECRETS.contains(&key.replace(".0.", ".").as_str()) => format!("none (secret; or `{key}_file`)"),
        "\"\"" => "empty".to_owned(),
        value => format!("`{}`", value.trim_matches('"')),
    };
    format!("| `{key}` | `NEXUS__{variable}` | {default} | {} |", meaning.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_row_with_a_meaning() {
        let table = settings_table();
        let settings = DEFAULTS.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")).count();
        assert_eq!(table.lines().count(), settings + 2);
        assert!(table.contains("| `http.bind` | `NEXUS__HTTP__BIND` | `127.0.0.1:8080` | Address and port of the API. |"));
        assert!(table.contains("`servers.0.admin_url` | `NEXUS__SERVERS__0__ADMIN_URL` | none (secret; or `servers.0.admin_url_file`)"));
        assert!(!table.contains("|  |"), "a setting without a meaning");
    }

    #[test]
    fn the_readme_shows_this_table() {
        let readme = include_str!("../../README.md");
        let shown = readme.split("<!-- settings:begin -->\n").nth(1).and_then(|rest| rest.split("<!-- settings:end -->").next());
        assert!(shown == Some(settings_table().as_str()), "put this between the marks in README.md:\n{}", settings_table());
    }

    #[test]
    fn secrets_have_no_default() {
        let rows = settings_table();
        assert_eq!(rows.matches("none (secret").count(), SECRETS.len());
        for row in rows.lines().filter(|row| row.contains("none (secret")) {
            let key = row.split('`').nth(1).unwrap();
            let name = key.rsplit('.').next().unwrap();
            assert!(DEFAULTS.contains(&format!("{name} = \"\"")), "{key} has a default");
        }
    }
}
