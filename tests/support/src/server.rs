//! An application that is handed in, served on a free loopback port.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Client;

/// A server on a thread of its own; it stops when this is dropped.
#[derive(Debug)]
pub struct TestServer {
    /// `http://127.0.0.1:<port>`.
    pub base_url: String,
    stopping: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl TestServer {
    /// Serves `application`: a function that gets a bound listener and a token, serves until the token is cancelled, and returns.
    /// It runs inside an actix system, so that its future need not be `Send`. Returns once the port accepts connections.
    pub async fn start<F>(application: F) -> Self
    where
        F: AsyncFnOnce(TcpListener, CancellationToken) + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopping = CancellationToken::new();
        let token = stopping.clone();
        let thread = std::thread::Builder::new()
            .name("test-server".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
                tokio::task::LocalSet::new().block_on(&runtime, application(listener, token));
                runtime.shutdown_timeout(Duration::from_secs(5));
            })
            .expect("a thread");
        let server = Self { base_url: format!("http://{address}"), stopping, thread: Some(thread) };
        server.wait_until_it_serves().await;
        server
    }

    /// Serves an actix application: `configure` is called once per worker.
    pub async fn actix<F>(configure: F) -> Self
    where
        F: Fn(&mut actix_web::web::ServiceConfig) + Clone + Send + 'static,
    {
        Self::start(async move |listener, stopping: CancellationToken| {
            let server = actix_web::HttpServer::new(move || actix_web::App::new().configure(configure.clone()))
                .workers(1)
                .disable_signals()
                .shutdown_timeout(1)
                .listen(listener)
                .expect("the listener")
                .run();
            let handle = server.handle();
            tokio::select! {
                ended = server => ended.expect("the server"),
                () = stopping.cancelled() => handle.stop(false).await,
            }
        })
        .await
    }

    /// A client of this server.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.base_url)
    }

    async fn wait_until_it_serves(&self) {
        crate::eventually(Duration::from_secs(30), async || {
            assert!(!self.thread.as_ref().is_some_and(std::thread::JoinHandle::is_finished), "the application ended at once");
            reqwest::get(format!("{}/healthz", self.base_url)).await.ok()
        })
        .await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stopping.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the application under test panicked");
        }
    }
}
