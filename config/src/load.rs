//! From layers to settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::layers::Layers;
use crate::settings::Settings;

/// What the process does, and so which secrets it must be given (and should be given no others).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `nexus serve`: both planes in one process.
    All,
    /// `nexus control-plane`, and the operators' commands.
    ControlPlane,
    /// `nexus tenant-runtime`: no administrator's URL, no mail, no control database.
    TenantRuntime,
}

impl Role {
    pub(crate) fn controls(self) -> bool {
        self != Self::TenantRuntime
    }

    pub(crate) fn serves_tenants(self) -> bool {
        self != Self::ControlPlane
    }
}

impl Settings {
    /// Reads defaults, the file named by `NEXUS_CONFIG`, and the environment, and validates the result.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault found.
    pub fn load_for(role: Role) -> Result<Self, ConfigError> {
        let environment = environment();
        let file = environment.get("NEXUS_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self::load_layers(role, file.as_deref(), &environment)
    }

    /// Reads defaults, this file instead of the one named by `NEXUS_CONFIG`, and the environment, and validates the result (`nexus dev`).
    ///
    /// # Errors
    /// [`ConfigError`] with every fault found.
    pub fn load_file(role: Role, file: &Path) -> Result<Self, ConfigError> {
        Self::load_layers(role, Some(file), &environment())
    }

    fn load_layers(role: Role, file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let Some(path) = file else { return Self::from_layers(role, None, environment) };
        let name = path.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: name.clone(), reason: error.to_string() })?;
        Self::from_layers(role, Some((&name, &text)), environment)
    }

    /// The embedded defaults, then `file` (its name for errors, and its TOML), then every `NEXUS__…` variable of `environment`.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault found.
    pub fn from_layers(role: Role, file: Option<(&str, &str)>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut layers = Layers::defaults();
        if let Some((path, text)) = file {
            layers.add_file(path, text)?;
        }
        layers.add_environment(environment)?;
        layers.read_secret_files()?;
        let mut settings = layers.deserialize()?;
        settings.complete();
        settings.validate_for(role)?;
        Ok(settings)
    }

    /// Fills what follows from other settings.
    pub(crate) fn complete(&mut self) {
        let length = self.http.public_url.trim_end_matches('/').len();
        self.http.public_url.truncate(length);
        self.http.apex_host.make_ascii_lowercase();
        if self.tokens.issuer.is_empty() {
            self.tokens.issuer.clone_from(&self.http.public_url);
        }
    }
}

/// The process' variables. One that is not Unicode can't be ours: it is passed over instead of ending the process.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
