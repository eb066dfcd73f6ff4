//! Fixtures for tests against real servers: the one way to build them.
//!
//! The servers (Postgres, Redis, S3, mail sink) are started once, outside the test processes, by `nexus test-stack -- <command>`, and
//! handed over by environment variables (`NEXUS_TEST_…`). Tests run in parallel: each has databases, a bucket and names of its own.
//!
//! - [`TestStack`]: where the servers are; [`ControlDb`]: a control database of one's own; [`TestTenant`]: an organization with its
//!   database, role, bucket and a user of every built-in role; [`TestTokens`]: tokens that say whatever a test wants; [`TestApiKey`]: API keys
//!   ([`TestTenant::api_key`]), which go where tokens go.
//! - [`TestServer`]: serves an application that is handed in, so that no plane is compiled a second time; [`Client`]: checks what every
//!   answer must keep to; [`Browser`]: cookies, and which page asks; [`eventually`]: waits for a condition, never for time; [`Proxy`]: a network with faults; [`Mailbox`]: what was mailed to an
//!   address; [`OtlpReceiver`]: what was traced.
//! - [`Nexus`]: the real program as a process, to be killed; [`OwnStack`]: servers of a test's own, to be broken; [`Frozen`]: servers that are stopped; [`DevStack`]: `nexus dev` in a folder
//!   of its own; [`proc`]: what processes do and cost.
//! - [`black_box`]: the product from outside, for the end-to-end tests and the fault scenarios: its OpenAPI document as a witness of every answer, sign-up and
//!   log-in, uploads, and what each organization owns.
//!
//! Fixtures panic: a test whose ground is missing has failed. Nothing outside [`black_box`] knows any plane's routes.
#![expect(clippy::expect_used, reason = "a fixture that fails fails its test, with the place")]

mod api_key;
pub mod black_box;
mod browser;
mod client;
mod control;
mod dev_stack;
mod frozen;
mod mail;
mod otlp;
mod own_stack;
pub mod proc;
mod process;
mod proxy;
mod samples;
mod server;
mod stack;
mod tenant;
mod tokens;
mod wait;

pub use api_key::{TestApiKey, scopes};
pub use browser::{Browser, Page};
pub use client::{Answer, Client, Request, Watcher};
pub use control::ControlDb;
pub use dev_stack::DevStack;
pub use frozen::Frozen;
pub use mail::{Mail, Mailbox};
pub use nix::sys::signal::Signal;
pub use otlp::{OtlpReceiver, ReceivedSpan};
pub use own_stack::{Outage, OwnStack};
pub use process::{Nexus, Output, Process};
pub use proxy::{LineFault, Proxy};
pub use samples::percentile;
pub use server::TestServer;
pub use stack::{TestStack, bucket_exists, buckets, try_connect, variable};
pub use tenant::{Role, TestTenant, TestUser};
pub use tokens::{TestTokens, claims};
pub use wait::eventually;
