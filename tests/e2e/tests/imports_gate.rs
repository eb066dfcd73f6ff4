//! A gate before the object store: it can hold back what is stored, so that a test knows the moment between a commit and its file.

use std::sync::Arc;
use std::time::Duration;

use nexus_test_support::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes everything on to the object store but, when told, the storing of error files.
pub struct Gate {
    /// Address that stands in for the object store's.
    pub url: String,
    closed: Arc<watch::Sender<bool>>,
    held: Arc<watch::Sender<u32>>,
    task: tokio::task::JoinHandle<()>,
}

impl Gate {
    /// A gate before `endpoint`, open.
    pub async fn before(endpoint: &str) -> Self {
        let target = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let closed = Arc::new(watch::channel(false).0);
        let held = Arc::new(watch::channel(0).0);
        let (is_closed, count) = (Arc::clone(&closed), Arc::clone(&held));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (is_closed, count, target) = (Arc::clone(&is_closed), Arc::clone(&count), target.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(&target).await {
                        pass(client, server, &is_closed, &count).await;
                    }
                });
            }
        });
        Self { url, closed, held, task }
    }

    /// From now on error files wait.
    pub fn close(&self) {
        self.held.send_replace(0);
        self.closed.send_replace(true);
    }

    /// Waits until an error file waits.
    pub async fn holds(&self) {
        eventually(Duration::from_secs(120), async || (*self.held.borrow() > 0).then_some(())).await;
    }

    /// Lets pass what waits, and all that comes.
    pub fn open(&self) {
        self.closed.send_replace(false);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, server: TcpStream, closed: &watch::Sender<bool>, held: &watch::Sender<u32>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async { tokio::io::copy(&mut from_server, &mut to_client).await.map(drop) };
    let requests = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from_client.read(&mut buffer).await?;
            if length == 0 {
                return to_server.shutdown().await;
            }
            // A request begins a packet of its own: the program sends the next one when the last is answered.
            let is_error_file = buffer.starts_with(b"PUT ") && buffer[..length].windows(11).any(|word| word == b"-errors.csv");
            if is_error_file && *closed.borrow() {
                held.send_modify(|count| *count += 1);
                let _ = closed.subscribe().wait_for(|closed| !closed).await;
            }
            to_server.write_all(&buffer[..length]).await?;
        }
    };
    let _: Result<((), ()), std::io::Error> = tokio::try_join!(answers, requests);
}
