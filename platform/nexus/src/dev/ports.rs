//! Loopback ports of the embedded servers: free ones, and the same ones again at the next start where possible.
//!
//! The data directory remembers them (`ports.json`), so that an address noted in a shell or a client stays valid. A port that
//! somebody else has taken meanwhile is replaced. Between the check and the server's own bind another process may take it;
//! callers then ask for another (`Ports::replace`).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

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
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
        let port = probe.local_addr().context("no address of a loopback port")?.port();
        self.known.insert(server.to_owned(), port);
        super::files::write_private(&self.file, &serde_json::to_vec_pretty(&self.known)?)?;
        Ok(port)
    }

    /// Binds a listener for a server that runs in this process.
    pub fn bind(&mut self, server: &str) -> Result<TcpListener> {
        if let Some(port) = self.remembered(server)
            && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        {
            return Ok(listener);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
        let port = listener.local_addr().context("no address of a loopback port")?.port();
        self.known.insert(server.to_owned(), port);
        super::files::write_private(&self.file, &serde_json::to_vec_pretty(&self.known)?)?;
        Ok(listener)
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
