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
    /// Checks the credentials. Failures count against the address and the network, and too many answer before any hashing.
    ///
    /// `uniform`: an unknown address costs and counts like a wrong password. An open sign-up, which tells a taken address anyway and for which an unknown one is
    /// the normal case, spares itself that.
    ///
    /// # Errors
    /// [`AccountError::Throttled`], [`AccountError::Password`], [`AccountError::Db`].
    pub async fn authenticate(&self, email: &Email, password: &SecretString, client: &Client, uniform: bool) -> Result<Authentication, AccountError> {
        let attempt = Attempt::new("login", &self.derived.blind(email.normalised()), client);
        self.throttle.admit(&attempt).await?;
        let found = store::credentials(self.db.conn(), email).await?;
        if found.is_none() && !uniform {
            return Ok(Authentication::Nobody);
        }
        let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
        let matches = self.passwords.verify(password, hash).await?;
        match found {
            Some(found) if matches && found.account.status == "active" => {
                self.throttle.succeeded(&attempt).await;
                Ok(Authentication::Known(Box::new(found.account)))
            }
            found => {
                self.throttle.failed(&attempt).await;
                Ok(if found.is_some() { Authentication::Wrong } else { Authentication::Nobody })
            }
        }
    }
}
