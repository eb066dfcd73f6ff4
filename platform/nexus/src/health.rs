//! `nexus health`: whether the server of these settings on this machine is ready. For containers, which have nothing else to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nexus_config::{ConfigError, Role, Settings};

use crate::exit::{Exit, Failed};
use crate::roles;

/// Asks `/readyz` once; exits with 8 when the answer is not 200.
pub async fn run() -> Result<(), Failed> {
    let settings = settings().map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let address = on_this_machine(settings.http.bind);
    if roles::is_ready(address).await { Ok(()) } else { Err(Failed::new(Exit::CheckFailed, format!("the server at {address} is not ready"))) }
}

/// The settings of whichever role they are for: each wants other secrets.
fn settings() -> Result<Settings, ConfigError> {
    let others = [Role::TenantRuntime, Role::ControlPlane];
    Settings::load_for(Role::All).or_else(|error| others.into_iter().find_map(|role| Settings::load_for(role).ok()).ok_or(error))
}

/// Where a server that listens everywhere answers here.
fn on_this_machine(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, bind.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        for (bind, asked) in [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:80", "[::1]:80"), ("10.0.0.7:8080", "10.0.0.7:8080")] {
            assert_eq!(on_this_machine(bind.parse().unwrap()).to_string(), asked);
        }
    }
}
