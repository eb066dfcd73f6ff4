//! Operators of the platform: another realm than people, with other tables, another token audience and platform roles.
//!
//! Not here: what each platform role may do on which route (the control plane's `OperatorAuth<P>` names the permission, [`PlatformRole::may`] answers).

mod error;
mod role;
mod standing;
mod store;

pub use error::{CODES, OperatorError};
pub use role::{PlatformPermission, PlatformRole};
pub use store::Operator;

use std::sync::Arc;

use nexus_core::{Actor, AuditEntry, Email, Origin, SharedClock};
use nexus_infra::postgres::{Db, Tx};
use secrecy::SecretString;
use uuid::Uuid;

use crate::derived::DerivedTokens;
use crate::password::{self, PasswordError, Passwords};
use crate::sessions::{Client, Holder, Sessions, Tokens};
use crate::throttle::{Attempt, Throttle};

/// An operator to be made.
pub struct NewOperator {
    /// The address.
    pub email: Email,
    /// Name shown to people, 1 to 200 characters.
    pub display_name: String,
    /// What the operator may do.
    pub role: PlatformRole,
}

impl std::fmt::Debug for NewOperator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOperator").field("role", &self.role).finish_non_exhaustive()
    }
}

/// The operators of the control database.
#[derive(Debug)]
pub struct Operators {
    db: Db,
    clock: SharedClock,
    passwords: Arc<Passwords>,
    sessions: Arc<Sessions>,
    throttle: Arc<Throttle>,
    derived: DerivedTokens,
}

impl Operators {
    /// The service over the control database.
    pub fn new(
        db: Db,
        clock: SharedClock,
        passwords: Arc<Passwords>,
        sessions: Arc<Sessions>,
        throttle: Arc<Throttle>,
        derived: DerivedTokens,
    ) -> Self {
        Self { db, clock, passwords, sessions, throttle, derived }
    }

    /// Makes an operator. Only the command line calls this: no route makes operators.
    ///
    /// # Errors
    /// [`OperatorError::EmailTaken`], [`OperatorError::Invalid`].
    pub async fn create(&self, new: NewOperator, password: &SecretString, origin: &Origin) -> Result<Operator, OperatorError> {
        password::check_new(password, new.email.as_str())?;
        let length = new.display_name.trim().chars().count();
        if !(1..=200).contains(&length) {
            return Err(nexus_core::FieldFault::new("display_name", "length", "must have 1 to 200 characters").into());
        }
        let hash = self.passwords.hash(password).await?;
        self.db
            .write("operators.create", &self.clock, origin, async |tx: &Tx| {
                let id = tx.new_id();
                store::insert(tx, id, &new, &hash).await?;
                tx.audit(AuditEntry::of("operators.create", "operator", id).after(serde_json::json!({ "role": new.role.as_str() })));
                store::by_id(tx.conn(), id).await?.ok_or(OperatorError::Unknown)
            })
            .await
    }

    /// The operator with this id.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`], [`OperatorError::Db`].
    pub async fn get(&self, id: Uuid) -> Result<Operator, OperatorError> {
        store::by_id(self.db.conn(), id).await?.ok_or(OperatorError::Unknown)
    }

    /// Logs an operator in; answers and costs the same whatever is wrong.
    ///
    /// # Errors
    /// [`OperatorError::InvalidCredentials`], [`OperatorError::Throttled`].
    pub async fn login(&self, email: &str, password: &SecretString, client: &Client, origin: &Origin) -> Result<Tokens, OperatorError> {
        let parsed = Email::parse(email).ok();
        let address = parsed.as_ref().map_or(email, Email::normalised);
        let reservation = self.throttle.reserve(Attempt::log_in("operator", &self.derived, address, client)).await?;
        let operator = match self.check(parsed.as_ref(), password).await {
            Ok(Some(operator)) => operator,
            Ok(None) => return Err(OperatorError::InvalidCredentials),
            Err(error) => {
                if !matches!(error, OperatorError::Password(PasswordError::Failed(_))) {
                    reservation.withdrawn().await;
                }
                return Err(error);
            }
        };
        reservation.succeeded().await;
        let holder = Holder::Operator { id: operator.id, role: operator.role.clone() };
        let origin = Origin { actor: Actor::operator(operator.id), ..origin.clone() };
        let family = self
            .db
            .write("operators.login", &self.clock, &origin, async |tx: &Tx| {
                // The row first, locked: whoever disables the operator meanwhile ends this session, or comes before it.
                if !store::touch_login(tx, operator.id).await? {
                    return Err(OperatorError::InvalidCredentials);
                }
                let family = self.sessions.open(tx, &holder, client, operator.last_login_at).await?;
                tx.audit(AuditEntry::of("operators.login", "operator", operator.id).after(serde_json::json!({ "session_id": family.id })));
                Ok::<_, OperatorError>(family)
            })
            .await?;
        Ok(self.sessions.tokens(&family, holder)?)
    }

    /// The active operator with these credentials; the same work whatever is wrong, a malformed address too.
    async fn check(&self, email: Option<&Email>, password: &SecretString) -> Result<Option<Operator>, OperatorError> {
        let found = match email {
            Some(email) => store::credentials(self.db.conn(), email).await?,
            None => None,
        };
        let matches = self.passwords.verify(password, found.as_ref().and_then(|(_, hash)| hash.as_deref())).await?;
        Ok(found.map(|(operator, _)| operator).filter(|operator| matches && operator.status == "active"))
    }
}
