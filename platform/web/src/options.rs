//! What the HTTP layer takes from the settings.

use std::time::Duration;

use ipnet::IpNet;
use nexus_config::Settings;

use crate::admission::AdmissionOptions;
use crate::list::CursorKey;

/// Options of a server.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose scripts may call the API, such as `https://app.example`.
    pub cors_origins: Vec<String>,
    /// Greatest JSON body, in bytes.
    pub body_limit: usize,
    /// How long bodies may take to arrive.
    pub timeouts: BodyTimeouts,
    /// Number of workers; the number of cores without one.
    pub workers: Option<usize>,
    /// Most client connections at once; more wait to be accepted. Unbounded without one.
    pub most_connections: Option<usize>,
    /// Requests under way at once.
    pub admission: AdmissionOptions,
    /// Whether answers demand HTTPS (the public URL is one).
    pub hsts: bool,
    /// Signs list cursors.
    pub cursor_key: CursorKey,
    /// Rate limits.
    pub rate: RateOptions,
    /// How long the server goes on accepting once it was told to end.
    pub drain_delay: Duration,
    /// How long open requests may take after that.
    pub shutdown_timeout: Duration,
}

/// How long bodies may take to arrive, and answers to be read.
#[derive(Debug, Clone, Copy)]
pub struct BodyTimeouts {
    /// Longest pause between two pieces of any body.
    pub idle: Duration,
    /// All of a body that is no upload.
    pub body: Duration,
    /// All of an upload.
    pub upload: Duration,
    /// Bytes a second that an upload must arrive with on average, after a while.
    pub upload_rate: u64,
    /// How long a client may take nothing of an answer.
    pub unread: Duration,
}

impl BodyTimeouts {
    /// As long as the client of a live network is silent at most.
    const UNREAD: Duration = Duration::from_secs(30);
}

impl Default for BodyTimeouts {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(10),
            body: Duration::from_secs(30),
            upload: Duration::from_secs(3600),
            upload_rate: 8_192,
            unread: Self::UNREAD,
        }
    }
}

/// Rate limits.
#[derive(Debug, Clone, Copy)]
pub struct RateOptions {
    /// Whether requests are limited at all.
    pub enabled: bool,
    /// Requests a minute of one client address without a credential.
    pub anonymous_per_minute: u32,
    /// Requests a minute of one verified caller.
    pub principal_per_minute: u32,
    /// Sign-ups an hour of one client address.
    pub signup_per_hour: u32,
}

impl WebOptions {
    /// Options from the settings; `cursor_secret` is derived from the master key under a label of its own.
    #[must_use]
    pub fn from_settings(settings: &Settings, cursor_secret: &[u8]) -> Self {
        let http = &settings.http;
        Self {
            trusted_proxies: http.trusted_proxies.clone(),
            cors_origins: http.cors_origins.clone(),
            body_limit: http.body_limit_bytes,
            timeouts: BodyTimeouts {
                idle: Duration::from_secs(http.body_idle_timeout_s),
                body: Duration::from_secs(http.body_timeout_s),
                upload: Duration::from_secs(http.upload_timeout_s),
                upload_rate: http.upload_min_bytes_per_s,
                unread: BodyTimeouts::UNREAD,
            },
            workers: http.workers,
            most_connections: http.max_connections,
            admission: AdmissionOptions {
                places: settings.max_requests(),
                queue: http.max_queued_requests.unwrap_or_else(|| settings.max_requests()),
                patience: Duration::from_millis(http.queue_timeout_ms),
                refusals_per_second: AdmissionOptions::REFUSALS_PER_SECOND,
                unsent_bytes: AdmissionOptions::UNSENT_BYTES,
            },
            drain_delay: Duration::from_secs(http.drain_delay_s),
            shutdown_timeout: Duration::from_secs(http.shutdown_timeout_s),
            hsts: http.public_url.starts_with("https://"),
            rate: RateOptions {
                enabled: settings.rate_limit.enabled,
                anonymous_per_minute: settings.rate_limit.anonymous_per_minute,
                principal_per_minute: settings.rate_limit.principal_per_minute,
                signup_per_hour: settings.rate_limit.sign_ups_per_hour,
            },
            ..Self::new(cursor_secret)
        }
    }

    /// Options with a body limit of 1 MiB, no trusted proxies, no other origins, and no rate limits.
    #[must_use]
    pub fn new(cursor_secret: &[u8]) -> Self {
        Self {
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            body_limit: 1024 * 1024,
            timeouts: BodyTimeouts::default(),
            workers: None,
            most_connections: None,
            admission: AdmissionOptions::default(),
            hsts: false,
            cursor_key: CursorKey::new(cursor_secret),
            rate: RateOptions { enabled: false, anonymous_per_minute: 120, principal_per_minute: 1200, signup_per_hour: 20 },
            drain_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
