//! Checking an address and a password, with the same work and the same answer whatever is wrong.
//!
//! A password that was right may be replaced a moment later. What is opened with it is opened under the account's lock, and only if the hash that it was
//! checked against is still the account's: a new password ends the sessions that are there, and nobody comes in behind it with the old one.

use nexus_core::Email;
use secrecy::SecretString;

use super::store::{self, Credentials};
use super::{Account, AccountError, Accounts};
use crate::sessions::Client;
use crate::throttle::Attempt;

/// An account whose password was right, and the hash that said so.
pub struct Proven {
    /// The account.
    pub account: Account,
    pub(super) hash: String,
}

impl std::fmt::Debug for Proven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proven").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What an address and a password turned out to be. Only log-in and sign-up may look at it.
#[derive(Debug)]
pub enum Authentication {
    /// The account, and the password is right.
    Known(Box<Proven>),
    /// An account with another password, or a disabled one.
    Wrong,
    /// Nobody has this address.
    Nobody,
}

impl Accounts {
    /// Checks the credentials. A try counts against the address and the network before it is looked at, and too many answer before any hashing.
    ///
    /// `uniform`: an unknown address costs and counts like a wrong password. An open sign-up, which tells a taken address anyway and for which an unknown one is
    /// the normal case, spares itself that.
    ///
    /// # Errors
    /// [`AccountError::Throttled`], [`AccountError::Password`], [`AccountError::Db`].
    pub async fn authenticate(&self, email: &Email, password: &SecretString, client: &Client, uniform: bool) -> Result<Authentication, AccountError> {
        let attempt = Attempt::log_in("login", &self.derived, email.normalised(), client);
        let reservation = self.throttle.reserve(attempt).await?;
        match self.check(email, password, uniform).await {
            Ok(Checked::Right(proven)) => {
                reservation.succeeded().await;
                Ok(Authentication::Known(proven))
            }
            Ok(Checked::Unchecked) => {
                reservation.withdrawn().await;
                Ok(Authentication::Nobody)
            }
            Ok(Checked::Wrong) => Ok(Authentication::Wrong),
            Ok(Checked::Nobody) => Ok(Authentication::Nobody),
            Err(error) => {
                if !error.is_after_hashing() {
                    reservation.withdrawn().await;
                }
                Err(error)
            }
        }
    }

    async fn check(&self, email: &Email, password: &SecretString, uniform: bool) -> Result<Checked, AccountError> {
        let found = store::credentials(self.db.conn(), email).await?;
        if found.is_none() && !uniform {
            return Ok(Checked::Unchecked);
        }
        let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
        let matches = self.passwords.verify(password, hash).await?;
        Ok(match found {
            Some(Credentials { account, password_hash: Some(hash), .. }) if matches && account.is_active() => {
                Checked::Right(Box::new(Proven { account, hash }))
            }
            Some(_) => Checked::Wrong,
            None => Checked::Nobody,
        })
    }

    /// Checks the password of an account that is known. A try counts like one to log in.
    ///
    /// # Errors
    /// [`AccountError::Throttled`], [`AccountError::Password`].
    pub(super) async fn is_password(&self, found: &Credentials, password: &SecretString, client: &Client) -> Result<bool, AccountError> {
        let attempt = Attempt::log_in("login", &self.derived, &found.email_normalised, client);
        let reservation = self.throttle.reserve(attempt).await?;
        match self.passwords.verify(password, found.password_hash.as_deref()).await.map_err(AccountError::from) {
            Ok(true) => {
                reservation.succeeded().await;
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(error) => {
                if !error.is_after_hashing() {
                    reservation.withdrawn().await;
                }
                Err(error)
            }
        }
    }

    /// The work and the count of a well-formed address that nobody has, for one that is malformed.
    pub(super) async fn refuse(&self, address: &str, password: &SecretString, client: &Client) -> Result<(), AccountError> {
        let reservation = self.throttle.reserve(Attempt::log_in("login", &self.derived, address, client)).await?;
        let checked = self.passwords.verify(password, None).await;
        drop(reservation);
        checked?;
        Ok(())
    }
}

/// What a try came to.
enum Checked {
    Right(Box<Proven>),
    Wrong,
    Nobody,
    /// Nobody has the address, and nothing was hashed.
    Unchecked,
}
