//! A TCP proxy before a server, for the network's faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What is wrong with the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// Nothing arrives, in either direction, and nobody gets an error: a network that drops packets. What was said arrives when the line heals. Connections
    /// that come meanwhile are accepted, as a kernel does for a program that is stopped.
    Silence,
    /// What the client says arrives, what the server answers does not.
    HalfOpen,
    /// Everything arrives so much later, each way.
    Delay(Duration),
    /// Connections that stand are reset (RST), and so is each new one.
    Reset,
    /// Nobody listens: connections that stand are reset, new ones are refused.
    Refusal,
}

/// Passes on what both sides say, or breaks the line in the way it is told to.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
    hits: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    fault: Option<LineFault>,
    /// Connections of an earlier one are never heard of again.
    generation: u32,
}

/// The direction in which something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

/// One connection's view of the line.
#[derive(Clone)]
struct Passage {
    line: watch::Receiver<Line>,
    generation: u32,
    hits: Arc<AtomicU64>,
}

impl Passage {
    fn fault(&self) -> Option<LineFault> {
        self.line.borrow().fault
    }

    /// Comes back when something may pass in this direction; `false` when nothing ever will.
    async fn opens(&mut self, direction: Direction) -> bool {
        let generation = self.generation;
        let passes = move |line: &Line| {
            let is_held = line.fault == Some(LineFault::Silence) || line.fault == Some(LineFault::HalfOpen) && direction == Direction::ToClient;
            !is_held && line.generation == generation
        };
        if !passes(&self.line.borrow()) {
            self.hit();
        }
        self.line.wait_for(passes).await.is_ok()
    }

    /// Comes back when the connection is to be reset; `false` when the proxy is gone.
    async fn is_cut(&mut self) -> bool {
        self.line.wait_for(|line| matches!(line.fault, Some(LineFault::Reset | LineFault::Refusal))).await.is_ok()
    }

    fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }
}

impl Proxy {
    /// A proxy on a port of 127.0.0.1, without a fault.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address");
        let (line, seen) = watch::channel(Line { fault: None, generation: 0 });
        let hits = Arc::new(AtomicU64::new(0));
        let passage = Passage { line: seen, generation: 0, hits: Arc::clone(&hits) };
        let accepting = tokio::spawn(accept(listener, own, (host.to_owned(), port), passage));
        Self { port: own.port(), line, hits, accepting }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often the faults so far met something: bytes or a connection that were held up, delayed, reset or refused at the door. A fault that met nothing
    /// proves nothing. (A refused connection meets the kernel, not the proxy: of [`LineFault::Refusal`] only the resets are counted.)
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Breaks the line, for connections that stand and for new ones, until it is healed.
    pub fn inject(&self, fault: LineFault) {
        self.line.send_modify(|line| line.fault = Some(fault));
    }

    /// Everything arrives again, also what was held back.
    pub fn heal(&self) {
        self.line.send_modify(|line| line.fault = None);
    }

    /// [`LineFault::Silence`].
    pub fn fall_silent(&self) {
        self.inject(LineFault::Silence);
    }

    /// [`Self::heal`].
    pub fn speak_again(&self) {
        self.heal();
    }

    /// Another machine has taken the address over: new connections work, those that stand are never answered.
    pub fn take_over(&self) {
        self.line.send_modify(|line| *line = Line { fault: None, generation: line.generation + 1 });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Takes connections, and leaves the door for as long as they are to be refused.
async fn accept(listener: TcpListener, own: SocketAddr, target: (String, u16), mut passage: Passage) {
    let mut listener = Some(listener);
    loop {
        let Some(open) = &listener else {
            if passage.line.wait_for(|line| line.fault != Some(LineFault::Refusal)).await.is_err() {
                return;
            }
            // Whoever got the port meanwhile gives it back: it is a client's.
            listener = TcpListener::bind(own).await.ok();
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let mut line = passage.line.clone();
        tokio::select! {
            biased;
            refuse = line.wait_for(|line| line.fault == Some(LineFault::Refusal)) => match refuse {
                Ok(_) => drop(listener.take()),
                Err(_) => return,
            },
            accepted = open.accept() => {
                let Ok((client, _)) = accepted else { return };
                let generation = passage.line.borrow().generation;
                tokio::spawn(connect(client, target.clone(), Passage { generation, ..passage.clone() }));
            }
        }
    }
}

async fn connect(mut client: TcpStream, target: (String, u16), mut passage: Passage) {
    let mut cut = passage.clone();
    let mut server = None;
    let is_cut = tokio::select! {
        biased;
        is_cut = cut.is_cut() => is_cut,
        () = carry(&mut client, &mut server, target, &mut passage) => false,
    };
    if is_cut {
        passage.hit();
        // Closed without a farewell.
        let _ = client.set_zero_linger();
        if let Some(server) = &server {
            let _ = server.set_zero_linger();
        }
    }
}

async fn carry(client: &mut TcpStream, server: &mut Option<TcpStream>, target: (String, u16), passage: &mut Passage) {
    if !passage.opens(Direction::ToServer).await {
        return;
    }
    let Ok(connected) = TcpStream::connect(target).await else { return };
    let server = server.insert(connected);
    // Small packets are not to wait for each other: the proxy adds no delay of its own.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::join!(
        pass_on(from_client, to_server, Direction::ToServer, passage.clone()),
        pass_on(from_server, to_client, Direction::ToClient, passage.clone()),
    );
}

/// What was read, and when it is due; nothing is the end.
type Piece = (Instant, Vec<u8>);

async fn pass_on(from: ReadHalf<'_>, to: WriteHalf<'_>, direction: Direction, passage: Passage) {
    // Bounded, so that a slow reader slows the writer down.
    let (said, due) = mpsc::channel(64);
    tokio::join!(listen(from, said, passage.clone()), speak(to, due, direction, passage));
}

async fn listen(mut from: ReadHalf<'_>, said: mpsc::Sender<Piece>, passage: Passage) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        let delay = match passage.fault() {
            Some(LineFault::Delay(delay)) => delay,
            _ => Duration::ZERO,
        };
        if !delay.is_zero() {
            passage.hit();
        }
        let piece = buffer.get(..read).unwrap_or_default().to_vec();
        if said.send((Instant::now() + delay, piece)).await.is_err() || read == 0 {
            return;
        }
    }
}

async fn speak(mut to: WriteHalf<'_>, mut due: mpsc::Receiver<Piece>, direction: Direction, mut passage: Passage) {
    while let Some((at, piece)) = due.recv().await {
        tokio::time::sleep_until(at).await;
        // The end is held back, too.
        if !passage.opens(direction).await {
            return;
        }
        if piece.is_empty() || to.write_all(&piece).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says back what it hears, behind a proxy.
    async fn echo() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        Proxy::start("127.0.0.1", port).await
    }

    async fn connected(proxy: &Proxy) -> TcpStream {
        TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap()
    }

    async fn asks(stream: &mut TcpStream) -> std::io::Result<Duration> {
        let since = Instant::now();
        stream.write_all(b"word").await?;
        stream.read_exact(&mut [0; 4]).await?;
        Ok(since.elapsed())
    }

    async fn hears_nothing(stream: &mut TcpStream) {
        let answer = tokio::time::timeout(Duration::from_millis(300), asks(stream)).await;
        assert!(answer.is_err(), "an answer came through: {answer:?}");
    }

    #[tokio::test]
    async fn a_line_is_silent_or_half_open_until_it_heals_and_nothing_is_lost() {
        for fault in [LineFault::Silence, LineFault::HalfOpen] {
            let proxy = echo().await;
            let mut standing = connected(&proxy).await;
            asks(&mut standing).await.unwrap();
            assert_eq!(proxy.hits(), 0);
            proxy.inject(fault);
            hears_nothing(&mut standing).await;
            let mut new = connected(&proxy).await;
            hears_nothing(&mut new).await;
            assert!(proxy.hits() >= 2, "{fault:?} is not counted");
            proxy.heal();
            for mut stream in [standing, new] {
                stream.read_exact(&mut [0; 4]).await.unwrap();
                asks(&mut stream).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_delay_is_added_each_way() {
        let proxy = echo().await;
        let mut stream = connected(&proxy).await;
        asks(&mut stream).await.unwrap();
        proxy.inject(LineFault::Delay(Duration::from_millis(150)));
        let took = asks(&mut stream).await.unwrap();
        assert!(took >= Duration::from_millis(300), "{took:?}");
        assert_eq!(proxy.hits(), 2);
    }

    #[tokio::test]
    async fn connections_are_reset_or_refused_and_taken_again() {
        for (fault, expected) in
            [(LineFault::Reset, std::io::ErrorKind::ConnectionReset), (LineFault::Refusal, std::io::ErrorKind::ConnectionRefused)]
        {
            let proxy = echo().await;
            let mut standing = connected(&proxy).await;
            asks(&mut standing).await.unwrap();
            proxy.inject(fault);
            let ended = standing.read(&mut [0; 1]).await.unwrap_err();
            assert_eq!(ended.kind(), std::io::ErrorKind::ConnectionReset, "{fault:?}");
            let refused = crate::eventually(Duration::from_secs(5), async || {
                let mut new = TcpStream::connect(("127.0.0.1", proxy.port())).await;
                let fault = match &mut new {
                    Ok(new) => new.read(&mut [0; 1]).await.err(),
                    Err(_) => new.err(),
                };
                fault.filter(|fault| fault.kind() == expected)
            });
            refused.await;
            proxy.heal();
            crate::eventually(Duration::from_secs(5), async || {
                let mut new = TcpStream::connect(("127.0.0.1", proxy.port())).await.ok()?;
                asks(&mut new).await.ok()
            })
            .await;
        }
    }
}
