//! Accounts: people, globally, with an e-mail address and a password.
//!
//! - An address belongs to one account, compared after Unicode normalisation and without case.
//! - Log-in answers uniformly: an unknown address, a wrong password and a disabled account look and cost the same, and failures are counted alike.
//! - Where an answer must be the same for every address (registration in verify-first mode, another link, a forgotten password), it takes the same time, too.
//! - Another password ends sessions: all of them when it came by a link, all others when the person gave the present one. So no log-in with a former password
//!   outlives it.
//! - Registering grants nothing. What a person may do in an organization is decided in that tenant.
//! - Personal data (addresses, names, pictures) is in accounts' own tables alone: audit entries and events carry ids.
//!
//! Not here: sign-up of an organization (the control plane composes [`authenticate`](Accounts::authenticate) and [`create`](Accounts::create)), and mails
//! (subscribers of [`events`]).

mod authenticate;
mod avatar;
mod change;
mod error;
pub mod events;
mod handoff;
mod login;
pub mod memberships;
mod profile;
mod register;
mod reset;
mod store;
mod uniform;
mod verify;

pub use authenticate::{Authentication, Proven};
pub use avatar::Avatar;
pub use change::PasswordChange;
pub use error::{AccountError, CODES, NOT_A_MEMBER};
pub use handoff::{Entered, HandOver, end_codes_of};
pub use login::{Login, Proof};
pub use profile::ProfileChange;
pub use register::{NewAccount, RegistrationMode};
pub use reset::RESET_TTL;
pub use store::{Account, Membership};
pub use verify::VERIFICATION_TTL;

use std::sync::Arc;

use nexus_core::SharedClock;
use nexus_infra::postgres::{Db, Tx};

use crate::derived::DerivedTokens;
use crate::password::Passwords;
use crate::picture::Pictures;
use crate::sessions::Sessions;
use crate::throttle::Throttle;

/// The accounts of the control database. One per process.
#[derive(Debug)]
pub struct Accounts {
    db: Db,
    clock: SharedClock,
    passwords: Arc<Passwords>,
    sessions: Arc<Sessions>,
    throttle: Arc<Throttle>,
    derived: DerivedTokens,
    mode: RegistrationMode,
    pictures: Pictures,
}

impl Accounts {
    /// The service over the control database.
    pub fn new(
        db: Db,
        clock: SharedClock,
        passwords: Arc<Passwords>,
        sessions: Arc<Sessions>,
        throttle: Arc<Throttle>,
        derived: DerivedTokens,
        mode: RegistrationMode,
    ) -> Self {
        Self { db, clock, passwords, sessions, throttle, derived, mode, pictures: Pictures::default() }
    }

    /// Who may register.
    pub fn mode(&self) -> RegistrationMode {
        self.mode
    }

    /// The account with this id.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::Db`].
    pub async fn get(&self, id: nexus_core::AccountId) -> Result<Account, AccountError> {
        store::by_id(self.db.conn(), id).await?.ok_or(AccountError::Unknown)
    }

    /// The organizations that the account belongs to, by name: the first 200.
    ///
    /// # Errors
    /// [`AccountError::Db`].
    pub async fn memberships(&self, id: nexus_core::AccountId) -> Result<Vec<Membership>, AccountError> {
        Ok(store::memberships(self.db.conn(), id).await?)
    }

    /// The organization with this id, which the account belongs to.
    ///
    /// # Errors
    /// [`AccountError::NotAMember`], [`AccountError::Db`].
    pub async fn membership_in(&self, id: nexus_core::AccountId, organization: nexus_core::TenantId) -> Result<Membership, AccountError> {
        store::membership_by_id(self.db.conn(), id, organization).await?.ok_or(AccountError::NotAMember)
    }

    /// The account with this id, locked for the rest of the transaction: what depends on how many of something a person has is decided under this lock.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::Disabled`], [`AccountError::Db`].
    pub async fn lock(&self, tx: &Tx, id: nexus_core::AccountId) -> Result<Account, AccountError> {
        let account = store::lock(tx, id).await?.ok_or(AccountError::Unknown)?;
        if account.is_active() { Ok(account) } else { Err(AccountError::Disabled) }
    }

    /// The account with this address. For operators: people themselves never learn whether an address has an account.
    ///
    /// # Errors
    /// [`AccountError::Db`].
    pub async fn find_by_email(&self, email: &nexus_core::Email) -> Result<Option<Account>, AccountError> {
        Ok(store::credentials(self.db.conn(), email).await?.map(|found| found.account))
    }
}
