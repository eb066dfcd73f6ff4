//! Checking an address and a password, with the same work and the same answer whatever is wrong.

use nexus_core::Email;
use secrecy::SecretString;

use super::{Account, AccountError, Accounts, store};
use crate::sessions::Client;
use crate::throttle::Attempt;

/// What an address and a password turned out to be. Only log-in and sign-up may look at it.
#[derive(Debug)]
pub enum Authentication {
    /// The account, and the password is right.
    Known(Box<Account>),
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
            Ok(Checked::Right(account)) => {
                reservation.succeeded().await;
                Ok(Authentication::Known(account))
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
            Some(found) if matches && found.account.is_active() => Checked::Right(Box::new(found.account)),
            Some(_) => Checked::Wrong,
            None => Checked::Nobody,
        })
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
    Right(Box<Account>),
    Wrong,
    Nobody,
    /// Nobody has the address, and nothing was hashed.
    Unchecked,
}
