//! What every accepted connection is told.

use std::any::Any;
use std::time::Duration;

use actix_web::rt::net::TcpStream;

/// Has the system end the connection once its client has taken nothing of what was sent for so long. The server itself only waits until it can write on.
#[cfg(target_os = "linux")]
pub(super) fn end_unread(connection: &dyn Any, after: Duration) {
    use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};

    let millis = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = setsockopt(stream, TcpUserTimeout, &millis)
    {
        tracing::debug!(%error, "a connection has no time-out for unread data");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end_unread(_: &dyn Any, _: Duration) {}
