//! A database's URL, read without asking anything else: the driver's own reading begins with the PG* variables of the environment and looks into `~/.pgpass`.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use sqlx::postgres::PgSslMode;
use url::Url;

use super::DbError;

/// What a URL says.
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password: SecretString,
    pub(super) ssl_mode: Option<PgSslMode>,
    pub(super) root_cert: Option<PathBuf>,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database`. Errors do not repeat it.
    pub(super) fn parse(text: &str) -> Result<Self, DbError> {
        let malformed = || DbError::other("the database URL is malformed");
        let url = Url::parse(text).map_err(|_| malformed())?;
        let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(|part| part.into_owned()).map_err(|_| malformed());
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(malformed());
        }
        let host = decoded(url.host_str().unwrap_or_default())?.trim_matches(['[', ']']).to_owned();
        let user = decoded(url.username())?;
        let database = decoded(url.path().trim_start_matches('/'))?;
        let mut address = Self {
            host,
            port: url.port().unwrap_or(5432),
            database: if database.is_empty() { user.clone() } else { database },
            user,
            password: decoded(url.password().unwrap_or_default())?.into(),
            ssl_mode: None,
            root_cert: None,
        };
        for (key, value) in url.query_pairs() {
            match &*key {
                "sslmode" => address.ssl_mode = Some(value.parse().map_err(|_| DbError::other("the database URL's sslmode is unknown"))?),
                "sslrootcert" => address.root_cert = Some(PathBuf::from(&*value)),
                // The directory of a socket, which has no place before the path.
                "host" => address.host = value.into_owned(),
                key => return Err(DbError::other(format!("the database URL's parameter {key} is unknown; sslmode, sslrootcert and host are read"))),
            }
        }
        if address.host.is_empty() || address.user.is_empty() {
            return Err(DbError::other("the database URL names no host or no user"));
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn every_part_is_read_and_what_is_left_out_has_a_fixed_value() {
        let read = Address::parse("postgres://n%40x:p%2Fw@db.example/nxt_1?sslmode=verify-full&sslrootcert=/etc/ca.pem").unwrap();
        assert_eq!((read.host.as_str(), read.port, read.database.as_str(), read.user.as_str()), ("db.example", 5432, "nxt_1", "n@x"));
        assert_eq!((read.password.expose_secret(), read.root_cert), ("p/w", Some(PathBuf::from("/etc/ca.pem"))));
        assert!(matches!(read.ssl_mode, Some(PgSslMode::VerifyFull)));
        let short = Address::parse("postgresql://nx@[::1]:6432").unwrap();
        assert_eq!((short.host.as_str(), short.port, short.database.as_str(), short.password.expose_secret()), ("::1", 6432, "nx", ""));
        assert_eq!(Address::parse("postgres://nx@x/db?host=/run/postgresql").unwrap().host, "/run/postgresql");
    }

    #[test]
    fn what_would_be_passed_over_is_refused() {
        for url in
            ["postgres://nx@/db", "postgres://db/x", "postgres://nx@db/x?options=-c%20a%3Db", "postgres://nx@db/x?sslmode=maybe", "http://nx@db/x"]
        {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }
}
