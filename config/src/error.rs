//! What is wrong with the settings, by key.

use std::fmt;

use thiserror::Error;

/// One fault of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFault {
    /// The setting, such as `http.bind` or `servers.0.admin_url`.
    pub key: String,
    /// What is wrong and what would be right. Never repeats a secret.
    pub message: String,
}

impl fmt::Display for SettingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// Why the settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The file named by `NEXUS_CONFIG` can't be read.
    #[error("the configuration file {path} can't be read: {reason}")]
    Unreadable {
        /// Path of the file.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// The file is not TOML.
    #[error("the configuration file {path} is malformed at line {line}: {reason}")]
    Malformed {
        /// Path of the file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// The parser's reason, without the line's content.
        reason: String,
    },
    /// Settings are unknown, of the wrong type, or refused: every one of them.
    #[error("{} wrong in the configuration:\n  {}", count(.0.len()), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "))]
    Invalid(Vec<SettingFault>),
}

fn count(faults: usize) -> String {
    if faults == 1 { "one setting is".to_owned() } else { format!("{faults} settings are") }
}

impl ConfigError {
    pub(crate) fn one(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![SettingFault { key: key.into(), message: message.into() }])
    }
}
