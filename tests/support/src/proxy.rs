//! A TCP proxy before a server, for the network's faults.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes on what both sides say, or keeps it to itself as a network that drops packets does: nobody gets an error, and what was said arrives when it speaks
/// again. Connections that come meanwhile are accepted, as a kernel does for a program that is stopped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    speaks: bool,
    /// Connections of an earlier one are never heard of again.
    generation: u32,
}

/// One connection's view of the line.
#[derive(Clone)]
struct Passage {
    line: watch::Receiver<Line>,
    generation: u32,
}

impl Passage {
    /// Comes back when something may pass; `false` when nothing ever will.
    async fn opens(&mut self) -> bool {
        let generation = self.generation;
        self.line.wait_for(|line| line.speaks && line.generation == generation).await.is_ok()
    }
}

impl Proxy {
    /// A proxy on a port of 127.0.0.1 that speaks.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let (line, seen) = watch::channel(Line { speaks: true, generation: 0 });
        let target = (host.to_owned(), port);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let generation = seen.borrow().generation;
                tokio::spawn(connect(client, target.clone(), Passage { line: seen.clone(), generation }));
            }
        });
        Self { port: own, line, accepting }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Nothing arrives any more, on connections that stand and on new ones.
    pub fn fall_silent(&self) {
        self.line.send_modify(|line| line.speaks = false);
    }

    /// Everything arrives again, also what was held back.
    pub fn speak_again(&self) {
        self.line.send_modify(|line| line.speaks = true);
    }

    /// Another machine has taken the address over: new connections work, those that stand are never answered.
    pub fn take_over(&self) {
        self.line.send_modify(|line| *line = Line { speaks: true, generation: line.generation + 1 });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(client: TcpStream, target: (String, u16), mut passage: Passage) {
    if !passage.opens().await {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(pass_on(from_client, to_server, passage.clone()), pass_on(from_server, to_client, passage));
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut passage: Passage) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        // The end is held back, too.
        if !passage.opens().await {
            return;
        }
        let Some(said) = buffer.get(..read).filter(|said| !said.is_empty()) else { break };
        if to.write_all(said).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
