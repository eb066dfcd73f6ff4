//! The loopback ports that `nexus dev` itself serves: the wanted one, or the next that is free.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use nexus_config::Settings;

use crate::exit::{Exit, Failed};

/// How many ports are tried after the wanted one.
const PORTS_TRIED: u16 = 100;

/// Binds the wanted port or the next free one.
pub fn from_port(wanted: u16) -> Result<TcpListener, Failed> {
    let last = wanted.saturating_add(PORTS_TRIED);
    for port in wanted..=last {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) if port != 0 && is_taken_on_ipv6(port) => {}
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(Failed::new(Exit::Unavailable, format!("port {port} cannot be listened on: {error}"))),
        }
    }
    Err(Failed::new(Exit::Unavailable, format!("no free port from {wanted} to {last}")))
}

/// Binds exactly this address.
pub fn at(address: SocketAddr) -> Result<TcpListener, Failed> {
    TcpListener::bind(address).map_err(|error| Failed::new(Exit::Unavailable, format!("{address} cannot be listened on: {error}")))
}

/// `nexus dev` serves this machine only, whatever the environment says.
pub fn refuse_beyond_loopback(settings: &Settings) -> Result<(), Failed> {
    for (key, address) in [("http.bind", settings.http.bind), ("http.metrics_bind", settings.http.metrics_bind)] {
        if !address.ip().is_loopback() {
            let message =
                format!("`nexus dev` is for this machine only: {key} is {address}, which others could reach. Use `nexus serve` to serve others");
            return Err(Failed::new(Exit::Settings, message));
        }
    }
    Ok(())
}

/// Whether another program serves the port on `::1`. `localhost` is both addresses, and clients try that one first: they would reach the other program.
fn is_taken_on_ipv6(port: u16) -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_another_program_holds_on_either_address_is_passed_over() {
        // A machine without IPv6 has nothing to pass over there.
        let loopbacks = [TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), TcpListener::bind((Ipv6Addr::LOCALHOST, 0))];
        for taken in loopbacks.iter().flatten() {
            let port = taken.local_addr().unwrap().port();
            assert_ne!(from_port(port).unwrap().local_addr().unwrap().port(), port, "{taken:?}");
        }
        assert!(loopbacks[0].is_ok());
    }
}
