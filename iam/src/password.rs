//! Passwords: the rule for new ones, and argon2id on blocking threads with bounded concurrency.
//!
//! A hash takes about 20 MiB and tens of milliseconds on purpose, so only a few run at a time. A bounded number of callers queues for a moment; whoever comes
//! beyond that is told at once to come back. A
//! verification without a stored hash (unknown address) does the same work against a dummy, so that time tells nothing.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use nexus_core::{FieldFault, Problem};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a new password.
pub const MIN_LENGTH: usize = 10;
/// Most characters of a password.
pub const MAX_LENGTH: usize = 128;
/// How long a caller waits for its turn.
const QUEUE: Duration = Duration::from_secs(5);
/// How many callers may wait for each turn: about as many as have theirs within a second or two.
const WAITING_PER_TURN: usize = 32;

/// Why a password could not be hashed or checked.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too many are being hashed; try again shortly.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash or the library is broken.
    #[error("hashing failed: {0}")]
    Failed(String),
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::overloaded("Checking passwords"),
            PasswordError::Failed(_) => Self::internal(error),
        }
    }
}

/// Checks a new password: 10 to 128 characters, not the person's own address. No composition rules (they make passwords worse).
///
/// # Errors
/// A fault at field `password`.
pub fn check_new(password: &SecretString, email: &str) -> Result<(), FieldFault> {
    let text = password.expose_secret();
    let length = text.chars().count();
    if !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
        return Err(FieldFault::new("password", "length", format!("must be {MIN_LENGTH} to {MAX_LENGTH} characters long")));
    }
    let (lower, email) = (text.to_lowercase(), email.to_lowercase());
    let one_letter = text.chars().all(|letter| text.starts_with(letter));
    if one_letter || lower == email || email.split('@').next().is_some_and(|local| lower == local) {
        return Err(FieldFault::new("password", "too_easy", "is too easy to guess"));
    }
    Ok(())
}

/// Hashes and verifies passwords. One per process.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Those who have a turn and those who wait for one.
    callers: Semaphore,
    /// Those among them with a new password: half at most, or strangers who sign up keep everybody from logging in.
    newcomers: Semaphore,
    dummy: Arc<str>,
    parameters: Params,
}

impl Passwords {
    /// At most `concurrency` hashes at a time: one per core, or a flood of log-ins keeps everything else from the processor.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] when the system's randomness fails.
    pub fn new(concurrency: usize) -> Result<Self, PasswordError> {
        Self::with_parameters(concurrency, Params::default())
    }

    /// As [`Self::new`], with weaker parameters for tests that are about something else.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_parameters(concurrency: usize, parameters: Params) -> Result<Self, PasswordError> {
        let dummy = hash_now("no such person", &parameters)?.into();
        let concurrency = concurrency.max(1);
        let places = concurrency * (1 + WAITING_PER_TURN);
        let (callers, newcomers) = (Semaphore::new(places), Semaphore::new(places / 2));
        Ok(Self { turns: Arc::new(Semaphore::new(concurrency)), callers, newcomers, dummy, parameters })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let _newcomer = self.newcomers.try_acquire().map_err(|_| busy())?;
        let (password, parameters) = (password.clone(), self.parameters.clone());
        self.in_turn(move || hash_now(password.expose_secret(), &parameters)).await
    }

    /// Whether a hash would begin at once, without waiting for its turn.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.turns.available_permits() > 0
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, after the same work.
    ///
    /// # Errors
    /// [`PasswordError`]; a wrong password is `Ok(false)`.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> Result<bool, PasswordError> {
        let known = stored.is_some();
        let hash: Arc<str> = stored.map_or_else(|| self.dummy.clone(), Arc::from);
        let password = password.clone();
        let matches = self.in_turn(move || verify_now(password.expose_secret(), &hash)).await?;
        Ok(matches && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static) -> Result<T, PasswordError> {
        let _caller = self.callers.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(QUEUE, turn).await.map_err(|_| PasswordError::Busy)?.map_err(|_| PasswordError::Busy)?;
        // The turn goes with the work, which goes on when the caller has left.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

/// Nobody else may wait.
fn busy() -> PasswordError {
    metrics::counter!("nexus_password_checks_refused_total").increment(1);
    PasswordError::Busy
}

fn canonical(password: &str) -> String {
    password.nfc().collect()
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

fn hash_now(password: &str, parameters: &Params) -> Result<String, PasswordError> {
    let mut salt = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| PasswordError::Failed("no randomness".into()))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    let hash: PasswordHash = argon.hash_password_with_salt(canonical(password).as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let parsed = PasswordHash::new(stored).map_err(failed)?;
    if parsed.salt.is_none() || parsed.hash.is_none() {
        return Err(PasswordError::Failed("the stored hash is incomplete".into()));
    }
    match Argon2::default().verify_password(canonical(password).as_bytes(), &parsed) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Passwords {
        Passwords::with_parameters(2, Params::new(64, 1, 1, None).unwrap()).unwrap()
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash_only() {
        let passwords = quick();
        let hash = passwords.hash(&secret("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"));
        assert_ne!(hash, passwords.hash(&secret("correct horse battery")).await.unwrap(), "salted");
        assert!(passwords.verify(&secret("correct horse battery"), Some(&hash)).await.unwrap());
        assert!(!passwords.verify(&secret("Correct horse battery"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_caller_who_leaves_takes_no_turn_along() {
        let passwords = Arc::new(quick());
        let (started, begun) = std::sync::mpsc::channel();
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let work = move || {
            started.send(()).unwrap();
            let _ = finished.recv();
            Ok(())
        };
        let caller = tokio::spawn({
            let passwords = Arc::clone(&passwords);
            async move { passwords.in_turn(work).await }
        });
        tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
        let free = passwords.turns.available_permits();
        caller.abort();
        assert!(caller.await.is_err());
        assert_eq!(passwords.turns.available_permits(), free, "the work goes on");
        drop(finish);
        drop(tokio::time::timeout(Duration::from_secs(10), passwords.turns.acquire_many(u32::try_from(free + 1).unwrap())).await.unwrap());
    }

    #[tokio::test]
    async fn whoever_finds_too_many_waiting_is_told_at_once_to_come_back() {
        let passwords = quick();
        let turns = passwords.turns.acquire_many(2).await.unwrap();
        let word = secret("correct horse battery");
        let at_once = async |error: Option<PasswordError>| {
            let refused = Problem::from(error.expect("too many wait"));
            assert!(refused.code.status == 503 && refused.retry_after.is_some());
        };
        let second = Duration::from_secs(1);
        let all = passwords.callers.available_permits();
        let mut signing_up: Vec<_> = (0..all / 2).map(|_| Box::pin(passwords.hash(&word))).collect();
        for one in &mut signing_up {
            assert!(futures::poll!(one).is_pending());
        }
        at_once(tokio::time::timeout(second, passwords.hash(&word)).await.expect("no wait").err()).await;
        // Who has an account finds a place all the same.
        let mut logging_in: Vec<_> = (all / 2..all).map(|_| Box::pin(passwords.verify(&word, None))).collect();
        for one in &mut logging_in {
            assert!(futures::poll!(one).is_pending());
        }
        at_once(tokio::time::timeout(second, passwords.verify(&word, None)).await.expect("no wait").err()).await;
        drop((signing_up, logging_in));
        drop(turns);
        passwords.hash(&word).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_turn_for_ever() {
        let passwords = quick();
        let _turns = passwords.turns.acquire_many(2).await.unwrap();
        let since = tokio::time::Instant::now();
        let refused = tokio::time::timeout(QUEUE * 2, passwords.hash(&secret("correct horse battery"))).await.expect("an end").unwrap_err();
        assert!(matches!(refused, PasswordError::Busy) && since.elapsed() >= QUEUE, "{refused} after {:?}", since.elapsed());
        assert_eq!(passwords.callers.available_permits(), 2 * (1 + WAITING_PER_TURN), "and leaves the queue");
    }

    #[tokio::test]
    async fn nobody_logs_in_with_the_dummy() {
        let passwords = quick();
        assert!(!passwords.verify(&secret("no such person"), None).await.unwrap());
    }

    #[tokio::test]
    async fn composed_and_decomposed_letters_are_one_password() {
        let passwords = quick();
        let hash = passwords.hash(&secret("caf\u{e9} am morgen")).await.unwrap();
        assert!(passwords.verify(&secret("cafe\u{301} am morgen"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_broken_stored_hash_is_a_fault_and_not_a_wrong_password() {
        for broken in ["", "nonsense", "$argon2id", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ"] {
            assert!(matches!(quick().verify(&secret("x"), Some(broken)).await, Err(PasswordError::Failed(_))), "{broken}");
        }
    }

    #[test]
    fn new_passwords_are_long_and_not_the_address() {
        for bad in ["short", "aaaaaaaaaaaaaaa", "ada.lovelace", "ada.lovelace@example.com", &"x1".repeat(65)] {
            assert!(check_new(&secret(bad), "Ada.Lovelace@example.com").is_err(), "{bad}");
        }
        assert!(check_new(&secret("correct horse battery"), "ada@example.com").is_ok());
    }
}
