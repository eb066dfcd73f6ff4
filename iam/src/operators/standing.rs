//! Who the operators are, and who of them may still come in.

use nexus_core::{AuditEntry, Email, Origin};
use nexus_infra::postgres::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{Operator, OperatorError, Operators, store};

impl Operators {
    /// Every operator, by address.
    ///
    /// # Errors
    /// [`OperatorError::Db`].
    pub async fn list(&self) -> Result<Vec<Operator>, OperatorError> {
        Ok(store::all(self.db.conn()).await?)
    }

    /// Shuts an operator out (by id or address), or lets one in again. Who is shut out is logged out everywhere: access tokens are refused within a second.
    /// Doing it twice is no fault. Only the command line calls this: no operator shuts out another.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`], [`OperatorError::Db`].
    pub async fn set_active(&self, reference: &str, active: bool, origin: &Origin) -> Result<Operator, OperatorError> {
        let id = reference.parse::<Uuid>().ok();
        let email = Email::parse(reference).ok();
        let address = email.as_ref().map_or("", Email::normalised);
        let (action, status) = if active { ("operators.enable", "active") } else { ("operators.disable", "disabled") };
        let (operator, ended, at) = self
            .db
            .write(action, &self.clock, origin, async |tx: &Tx| {
                let before = store::lock(tx, id, address).await?.ok_or(OperatorError::Unknown)?;
                if before.status != status {
                    store::set_status(tx, before.id, status).await?;
                    let entry = AuditEntry::of(action, "operator", before.id).before(json!({ "status": before.status }));
                    tx.audit(entry.after(json!({ "status": status })));
                }
                let ended = if active { Vec::new() } else { self.sessions.end_all_of_operator(tx, before.id).await? };
                Ok::<_, OperatorError>((Operator { status: status.to_owned(), ..before }, ended, tx.now()))
            })
            .await?;
        self.sessions.tell(&ended, at).await;
        Ok(operator)
    }
}
