//! Random bytes and passwords, and comparing secrets.

use rand::RngCore;
use secrecy::SecretString;

/// `N` random bytes from a generator that the system seeds (and seeds again as it goes).
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// 192 random bits as 48 hex digits: passwords of database roles, which then need no quoting anywhere.
#[must_use]
pub fn random_password() -> SecretString {
    hex::encode(random_bytes::<24>()).into()
}

/// Whether two secrets are equal, in a time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn passwords_differ_and_have_their_length() {
        let (one, other) = (random_password(), random_password());
        assert_eq!(one.expose_secret().len(), 48);
        assert!(!constant_time_eq(one.expose_secret().as_bytes(), other.expose_secret().as_bytes()));
        assert!(constant_time_eq(b"same", b"same"));
        assert!(!constant_time_eq(b"same", b"same but longer"));
    }
}
