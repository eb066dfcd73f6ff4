//! Settings for one developer's machine and for tests: the starting point that `nexus dev` and the test stack change field by field.

use secrecy::{ExposeSecret, SecretString};

use crate::layers::Layers;
use crate::settings::{Environment, LogFormat, S3Credentials, Settings};

/// 32 bytes that everybody knows: `nexus development master key 32b`.
const MASTER_KEY: &str = "bmV4dXMgZGV2ZWxvcG1lbnQgbWFzdGVyIGtleSAzMmI=";
const CONTROL_URL: &str = "postgres://nexus_control:nexus@127.0.0.1:5432/nexus_control";
const DIRECTORY_URL: &str = "postgres://nexus_directory:nexus@127.0.0.1:5432/nexus_control";
const ADMIN_URL: &str = "postgres://postgres:nexus@127.0.0.1:5432/postgres";
const REDIS_URL: &str = "redis://127.0.0.1:6379";
const S3_SECRET: &str = "nexus-development-secret";
const SMTP_URL: &str = "smtp://127.0.0.1:1025";

/// Values that everybody can read here, so that production refuses them.
pub(crate) const KNOWN_SECRETS: &[&str] = &[MASTER_KEY, CONTROL_URL, DIRECTORY_URL, ADMIN_URL, S3_SECRET];

pub(crate) fn is_known(secret: &SecretString) -> bool {
    KNOWN_SECRETS.contains(&secret.expose_secret())
}

impl Settings {
    /// Every default, environment [`Environment::Dev`], and secrets that everybody knows (which production refuses). All fields are public:
    /// change what the case at hand needs, then call [`Settings::validate`].
    #[expect(clippy::expect_used, reason = "the embedded defaults are checked by this crate's tests")]
    #[must_use]
    pub fn development() -> Self {
        let mut settings = Layers::defaults().deserialize().expect("the embedded defaults can be read");
        settings.environment = Environment::Dev;
        settings.control_db.url = CONTROL_URL.into();
        settings.directory_db.url = DIRECTORY_URL.into();
        for server in &mut settings.servers {
            server.admin_url = ADMIN_URL.into();
        }
        settings.redis.url = REDIS_URL.into();
        settings.s3.endpoint = Some("http://127.0.0.1:9000".to_owned());
        settings.s3.access_key = "nexus-development".to_owned();
        settings.s3.secret_key = S3_SECRET.into();
        settings.s3.credentials = S3Credentials::Derived;
        settings.mail.smtp_url = SMTP_URL.into();
        settings.secrets.master_key = MASTER_KEY.into();
        settings.log.format = LogFormat::Pretty;
        // Nobody balances load between the processes of one developer.
        settings.http.drain_delay_s = 0;
        settings.complete();
        settings
    }
}
