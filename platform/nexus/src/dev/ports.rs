//! Loopback ports of the embedded servers: free ones, and the same ones again at the next start where possible.
//!
//! They are taken from a range that no system gives to outgoing connections, one of which would else hold a server's port at its next start.
//! The data directory remembers them (`ports.json`), so that an address noted in a shell or a client stays valid. A port that
//! somebody else has taken meanwhile is replaced. Between the check and the server's own bind another process may take it;
//! callers then ask for another (`Ports::replace`).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rand::Rng;

/// Below the ports of outgoing connections (from 32768 on Linux, 49152 elsewhere), above those of well-known servers.
const RANGE: Range<u16> = 20_000..30_000;
/// Ports of the range that are tried before any free port will do.
const TRIES: usize = 200;

/// The remembered ports by server name.
#[derive(Debug)]
pub struct Ports {
    file: PathBuf,
    known: BTreeMap<String, u16>,
}

impl Ports {
    /// Reads the remembered ports of a data directory; an unreadable file counts as none.
    #[must_use]
    pub fn load(data_dir: &Path) -> Self {
        let file = data_dir.join("ports.json");
        let known = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { file, known }
    }

    /// The remembered port of a server, if any: where an earlier run may still be listening.
    #[must_use]
    pub fn remembered(&self, server: &str) -> Option<u16> {
        self.known.get(server).copied()
    }

    /// The remembered port of a server when it is free, else a free one, which is remembered.
    pub fn take(&mut self, server: &str) -> Result<u16> {
        match self.remembered(server) {
            Some(port) if is_free(port) => Ok(port),
            _ => self.replace(server),
        }
    }

    /// Another free port for a server.
    pub fn replace(&mut self, server: &str) -> Result<u16> {
        self.bind_another(server).map(|(port, _)| port)
    }

    /// Binds a listener for a server that runs in this process.
    pub fn bind(&mut self, server: &str) -> Result<TcpListener> {
        if let Some(port) = self.remembered(server)
            && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        {
            return Ok(listener);
        }
        self.bind_another(server).map(|(_, listener)| listener)
    }

    fn bind_another(&mut self, server: &str) -> Result<(u16, TcpListener)> {
        let mut tries = std::iter::repeat_with(|| rand::rng().random_range(RANGE)).take(TRIES);
        let listener = match tries.find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()) {
            Some(listener) => listener,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?,
        };
        let port = listener.local_addr().context("no address of a loopback port")?.port();
        self.known.insert(server.to_owned(), port);
        super::files::write_private(&self.file, &serde_json::to_vec_pretty(&self.known)?)?;
        Ok((port, listener))
    }
}

/// Whether nobody listens on a loopback port.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Waits a while for a port to become free; whether it did is the next look's question.
pub async fn wait_free(port: u16, limit: std::time::Duration) {
    let deadline = tokio::time::Instant::now() + limit;
    while !is_free(port) && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_remembered_until_somebody_else_holds_it_and_no_outgoing_connection_can() {
        let dir = tempfile::tempdir().unwrap();
        let port = Ports::load(dir.path()).take("postgres").unwrap();
        assert!(RANGE.contains(&port), "{port}");
        let holder = Ports::load(dir.path()).bind("postgres").unwrap();
        assert_eq!(holder.local_addr().unwrap().port(), port);
        let other = Ports::load(dir.path()).take("postgres").unwrap();
        assert!(other != port && RANGE.contains(&other), "{other}");
        assert_eq!(Ports::load(dir.path()).remembered("postgres"), Some(other));
    }
}
