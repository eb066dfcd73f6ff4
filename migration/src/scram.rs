//! SCRAM-SHA-256 verifiers (RFC 7677, stored form of Postgres): a password set by its verifier never reaches the
//! server's log, whatever it logs.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac, pbkdf2, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use stringprep::saslprep;

use crate::MigrationError;

const ITERATIONS: NonZeroU32 = match NonZeroU32::new(4096) {
    Some(count) => count,
    None => NonZeroU32::MIN,
};

/// The verifier of a password with a fresh salt: of its SASLprep form (RFC 4013), which clients make of it when they log in. A password that has none is
/// refused; sent as it is, for the server to do with it what it can, it would lie in the server's log.
pub(crate) fn verifier(password: &SecretString) -> Result<String, MigrationError> {
    let password = match password.expose_secret() {
        "" => "".into(),
        given => saslprep(given).map_err(|_| MigrationError::Password)?,
    };
    let mut salt = [0_u8; 16];
    rand::fill(&mut salt).map_err(|_| MigrationError::Crypto)?;
    Ok(with_salt(&password, &salt, ITERATIONS))
}

fn with_salt(password: &str, salt: &[u8], iterations: NonZeroU32) -> String {
    let mut salted = [0_u8; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let stored = digest::digest(&digest::SHA256, hmac::sign(&key, b"Client Key").as_ref());
    let server = hmac::sign(&key, b"Server Key");
    format!("SCRAM-SHA-256${iterations}:{}${}:{}", STANDARD.encode(salt), STANDARD.encode(stored), STANDARD.encode(server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_password_no_more_than_its_verifier_is_sent() {
        for password in ["pencil", "pässwörd", "пароль 1", "\u{aa}", ""] {
            let sent = verifier(&SecretString::from(password)).unwrap();
            assert!(sent.starts_with("SCRAM-SHA-256$4096:") && (password.is_empty() || !sent.contains(password)), "{sent}");
        }
        for refused in ["bell \u{7}", "\u{627}1"] {
            let error = verifier(&SecretString::from(refused)).unwrap_err();
            assert!(matches!(error, MigrationError::Password) && !error.to_string().contains(refused));
        }
    }

    #[test]
    fn the_verifier_is_that_of_the_published_example() {
        // RFC 7677, section 3: user "user", password "pencil"; keys computed by Postgres from salt and iterations.
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            with_salt("pencil", &salt, ITERATIONS),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}
