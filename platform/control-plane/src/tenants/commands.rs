//! What the operators' command line does with tenants: the services behind the routes, without HTTP.
//!
//! Answers are the JSON of the API's own representations, so that scripts read one form everywhere. The actor is the system: whoever may run the program
//! with the platform's secrets needs no log-in.

use nexus_core::list::{FieldKind, Filter, ListRequest, Listing, Op, Paging, Scalar, SortKey};
use nexus_core::{AuditEntry, Email, Origin, Problem, Slug, TenantId, TenantState};
use nexus_infra::{DbError, Tx};
use nexus_provisioning::{Erase, Operation, ReconcileReport, Reconciler};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::error::TenantError;
use super::service;
use super::store;
use super::wire::{OwnerIn, TenantDetailOut, TenantIn, TenantOut};
use crate::auth::NewPasswordIn;
use crate::billing::{PlanOut, SubscriptionOut};
use crate::state::ControlPlane;
use crate::tenancy;

/// Rows of one query of a longer list.
const CHUNK: u64 = 200;

/// A tenant to be made from the command line.
#[derive(Debug)]
pub struct NewTenantCommand {
    /// Name in host names.
    pub slug: String,
    /// The organization's name.
    pub name: String,
    /// Plan key; the default plan without one.
    pub plan: Option<String>,
    /// The owner's address; an existing account becomes the owner.
    pub owner_email: String,
    /// Name of a new account.
    pub owner_name: Option<String>,
    /// Password of a new account.
    pub owner_password: Option<SecretString>,
}

impl ControlPlane {
    /// Tenants in order of their names, `limit` at most, of one state or of all.
    ///
    /// # Errors
    /// 503 when the control database does not answer.
    pub async fn list_tenants(&self, state: Option<TenantState>, limit: u64) -> Result<Vec<Value>, Problem> {
        let name = SortKey { name: "name", column: "name", kind: FieldKind::Text, descending: false, nullable: false };
        let id = SortKey { name: "id", column: "id", kind: FieldKind::Uuid, descending: false, nullable: false };
        let filter =
            |state: TenantState| Filter { name: "state", column: "state", op: Op::In, values: vec![Scalar::Text(state.as_str().to_owned())] };
        let mut found = Vec::new();
        let mut after = None;
        while (found.len() as u64) < limit {
            let request = ListRequest {
                filters: state.map(filter).into_iter().collect(),
                sort: vec![name, id],
                q: None,
                include: Vec::new(),
                extra: std::collections::BTreeMap::new(),
                paging: Paging::Cursor { after: after.take(), before: None, limit: CHUNK.min(limit - found.len() as u64) },
            };
            let Listing::Cursor { items, next, .. } = service::list(self, &request).await? else { break };
            for view in items {
                found.push(shown(&TenantOut::from(view))?);
            }
            match next {
                Some(position) => after = Some(position),
                None => break,
            }
        }
        Ok(found)
    }

    /// A tenant with its subscription, by slug or id.
    ///
    /// # Errors
    /// 404.
    pub async fn show_tenant(&self, reference: &str) -> Result<Value, Problem> {
        let (view, subscription) = service::get(self, self.tenant_id(reference).await?).await?;
        shown(&TenantDetailOut { tenant: view.into(), subscription: subscription.map(SubscriptionOut::from) })
    }

    /// The id behind a slug or an id.
    ///
    /// # Errors
    /// 404.
    pub async fn tenant_id(&self, reference: &str) -> Result<TenantId, Problem> {
        let found = match (reference.parse::<Uuid>(), Slug::parse(reference)) {
            (Ok(id), _) => tenancy::get(self.db.conn(), TenantId(id)).await,
            (Err(_), Ok(slug)) => store::by_slug(self.db.conn(), slug.as_str()).await,
            (Err(_), Err(_)) => Ok(None),
        };
        let row = found.map_err(TenantError::from)?.ok_or(TenantError::Unknown)?;
        Ok(TenantId(row.id))
    }

    /// Whether an account has this address.
    ///
    /// # Errors
    /// 422 when it is no address.
    pub async fn account_exists(&self, email: &str) -> Result<bool, Problem> {
        let email = Email::parse(email).map_err(|fault| Problem::validation(vec![fault]))?;
        Ok(self.accounts.find_by_email(&email).await?.is_some())
    }

    /// Makes a tenant and starts building it. Answers its id and the operation.
    ///
    /// # Errors
    /// 409 when the slug is taken, 422 when the input is refused.
    pub async fn create_tenant(&self, new: NewTenantCommand) -> Result<(TenantId, Operation), Problem> {
        let owner = OwnerIn { email: new.owner_email, display_name: new.owner_name, password: new.owner_password.map(NewPasswordIn) };
        let input = TenantIn { name: new.name, slug: new.slug, plan: new.plan, owner };
        input.validate().map_err(|errors| Problem::from(nexus_core::Faults::from(errors)))?;
        let founded = service::create(self, input, &Origin::system("admin tenants create"), None).await?.value;
        Ok((founded.organization_id, service::operation(self, founded.operation_id).await?))
    }

    /// Cuts a tenant's access and schedules the erasure (or erases at once). Answers the operation.
    ///
    /// # Errors
    /// 404; 409 when its state does not allow it.
    pub async fn delete_tenant(&self, tenant: TenantId, erase: Erase) -> Result<Operation, Problem> {
        let operation = self
            .db
            .write("tenants.delete", &self.clock, &Origin::system("admin tenants delete"), async |tx: &Tx| {
                Ok::<_, TenantError>(self.provisioner.delete(tx, tenant, erase).await?)
            })
            .await?;
        self.announce(tenant).await;
        self.provisioner.nudge();
        Ok(operation)
    }

    /// Tries again what failed on a tenant: builds it anew, or hurries what waits for its next try. Answers the operation.
    ///
    /// # Errors
    /// 404; 409 when nothing of it has failed.
    pub async fn retry_tenant(&self, tenant: TenantId) -> Result<Operation, Problem> {
        let retried = service::retry(self, tenant, &Origin::system("admin tenants retry"), None).await?;
        Ok(service::operation(self, retried.value).await?)
    }

    /// Moves a tenant to another plan on sale. Answers the tenant.
    ///
    /// # Errors
    /// 404; 422 when there is no such plan.
    pub async fn set_plan(&self, tenant: TenantId, plan: &str) -> Result<Value, Problem> {
        self.db
            .write("subscriptions.change_plan", &self.clock, &Origin::system("admin tenants set-plan"), async |tx: &Tx| {
                tenancy::lock(tx, tenant).await?.ok_or(TenantError::Unknown)?;
                nexus_billing::change_plan(tx, tenant, plan).await?;
                Ok::<_, TenantError>(())
            })
            .await?;
        self.announce(tenant).await;
        self.show_tenant(&tenant.to_string()).await
    }

    /// Compares what exists outside with what should, repairs and removes, now. `None` when another process is at it.
    ///
    /// # Errors
    /// 503 when the control database does not answer: then nothing was touched.
    pub async fn reconcile(&self) -> Result<Option<ReconcileReport>, Problem> {
        let Some(report) = Reconciler::new(self.provisioner.clone()).try_run().await? else { return Ok(None) };
        let origin = Origin::system("admin reconcile");
        let after = json!({ "repaired": report.repaired, "removed": report.removed, "lost": report.lost, "faults": report.faults.len() });
        self.db
            .write("platform.reconcile", &self.clock, &origin, async |tx: &Tx| {
                tx.audit(AuditEntry::batch("platform.reconcile", "platform").after(after.clone()));
                Ok::<_, DbError>(())
            })
            .await?;
        Ok(Some(report))
    }

    /// The plans on sale.
    ///
    /// # Errors
    /// 503 when the control database does not answer.
    pub async fn list_plans(&self) -> Result<Vec<Value>, Problem> {
        let plans = nexus_billing::active_plans(self.db.conn()).await.map_err(TenantError::from)?;
        plans.into_iter().map(|plan| shown(&PlanOut::from(plan))).collect()
    }

    /// How an operation stands.
    ///
    /// # Errors
    /// 404.
    pub async fn operation(&self, id: Uuid) -> Result<Operation, Problem> {
        Ok(service::operation(self, id).await?)
    }
}

fn shown(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(Problem::internal)
}
