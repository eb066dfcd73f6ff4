//! Making an account.

use nexus_core::{AccountId, AuditEntry, Email, Origin};
use nexus_infra::postgres::{DbError, Tx};
use secrecy::SecretString;

use super::uniform::in_even_time;
use super::{Account, AccountError, Accounts, Authentication, VERIFICATION_TTL, events, store};
use crate::password;
use crate::sessions::Client;
use crate::throttle::Charge;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMode {
    /// Everybody; a taken address answers 409.
    Open,
    /// Everybody, but the answer is the same whether the address is taken or not, and nothing works before it is proved.
    VerifyFirst,
    /// Nobody but invited people.
    InviteOnly,
}

/// A person who registers. `Debug` shows nothing personal.
pub struct NewAccount {
    /// The address.
    pub email: Email,
    /// Name shown to people, 1 to 200 characters.
    pub display_name: String,
    /// BCP 47 language, if known.
    pub locale: Option<String>,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewAccount(…)")
    }
}

impl Accounts {
    /// Registers a person. `None` in verify-first mode, whether the address was free or not.
    ///
    /// # Errors
    /// [`AccountError::EmailTaken`] in open mode, [`AccountError::RegistrationClosed`], [`AccountError::Invalid`] for a weak password.
    pub async fn register(
        &self,
        new: NewAccount,
        password: &SecretString,
        client: &Client,
        origin: &Origin,
    ) -> Result<Option<Account>, AccountError> {
        if self.mode == RegistrationMode::InviteOnly {
            return Err(AccountError::RegistrationClosed);
        }
        password::check_new(password, new.email.as_str())?;
        self.throttle.charge(Charge::Registration, client).await?;
        if self.mode != RegistrationMode::VerifyFirst {
            return self.make(&new, password, origin).await.map(Some);
        }
        match in_even_time(self.make(&new, password, origin)).await {
            Ok(_) | Err(AccountError::EmailTaken) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn make(&self, new: &NewAccount, password: &SecretString, origin: &Origin) -> Result<Account, AccountError> {
        let hash = self.passwords.hash(password).await?;
        self.db
            .write("accounts.register", &self.clock, origin, async |tx: &Tx| {
                let id = self.create(tx, new, &hash).await?;
                store::by_id(tx.conn(), id).await?.ok_or(AccountError::Unknown)
            })
            .await
    }

    /// Writes a new account, its credential and a link to prove the address, with audit entry and events.
    ///
    /// # Errors
    /// [`AccountError::EmailTaken`], [`AccountError::Db`]; the transaction is lost either way.
    pub async fn create(&self, tx: &Tx, new: &NewAccount, password_hash: &str) -> Result<AccountId, AccountError> {
        let id = Self::insert(tx, new, password_hash).await?;
        self.request_verification(tx, id, &new.email).await?;
        Ok(id)
    }

    /// As [`Self::create`], for somebody who has proved the address by a link that was mailed to it: there is nothing left to verify. Also where people
    /// register by invitation only.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn create_proved(&self, tx: &Tx, new: &NewAccount, password_hash: &str) -> Result<AccountId, AccountError> {
        let id = Self::insert(tx, new, password_hash).await?;
        self.prove(tx, id).await?;
        Ok(id)
    }

    async fn insert(tx: &Tx, new: &NewAccount, password_hash: &str) -> Result<AccountId, AccountError> {
        let id = AccountId(tx.new_id());
        store::insert(tx, id, &new.email, &new.display_name, new.locale.as_deref(), password_hash).await.map_err(taken)?;
        tx.audit(AuditEntry::of("accounts.register", "account", id.0).subject(id.0));
        tx.emit(events::registered(tx, id));
        Ok(id)
    }

    /// Hashes a password for [`Self::create`], after the check for new ones.
    ///
    /// # Errors
    /// [`AccountError::Invalid`], [`AccountError::Password`].
    pub async fn hash_new(&self, password: &SecretString, email: &Email) -> Result<String, AccountError> {
        password::check_new(password, email.as_str())?;
        Ok(self.passwords.hash(password).await?)
    }

    /// Whether [`Self::hash_new`] would hash at once: the password is good enough, and nobody waits for a turn. Work that is to go on beside the hashing is begun only then.
    #[must_use]
    pub fn hashes_at_once(&self, password: &SecretString, email: &Email) -> bool {
        password::check_new(password, email.as_str()).is_ok() && self.passwords.is_free()
    }

    /// Whether an address and password of a sign-up fit: `None` for a new person.
    ///
    /// # Errors
    /// [`AccountError::EmailTaken`] when the address has an account with another password.
    pub async fn known_or_new(&self, email: &Email, password: &SecretString, client: &Client) -> Result<Option<Account>, AccountError> {
        let uniform = self.mode == RegistrationMode::VerifyFirst;
        match self.authenticate(email, password, client, uniform).await? {
            Authentication::Known(proven) => Ok(Some(proven.account)),
            Authentication::Wrong => Err(AccountError::EmailTaken),
            Authentication::Nobody => Ok(None),
        }
    }

    pub(super) async fn request_verification(&self, tx: &Tx, account: AccountId, email: &Email) -> Result<(), AccountError> {
        let verification = tx.new_id();
        store::insert_verification(tx, verification, account, email.normalised(), tx.now() + VERIFICATION_TTL).await?;
        tx.emit(events::verification_requested(tx, account, verification));
        Ok(())
    }
}

fn taken(error: DbError) -> AccountError {
    if error.violates("accounts_email_normalised_key") { AccountError::EmailTaken } else { error.into() }
}
