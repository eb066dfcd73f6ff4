//! `seed`: the owner, the organization's defaults and the first event, written as the tenant's own role: what this step
//! may do is what the tenant's runtime may do, and the log-in is proven on the way.

use std::time::Duration;

use nexus_core::{AuditEntry, Event};
use nexus_infra::{Db, Tx};
use sea_orm::FromQueryResult;
use serde_json::json;
use tokio::time::timeout;

use super::{Saga, database};
use crate::error::StepError;
use crate::model::ProvisionInput;
use crate::outside;
use crate::store::{TenantRow, run, sql};

/// Id of the default site in the template; a tenant's own gets an id of its own.
const TEMPLATE_SITE: &str = "00000000-0000-7000-8000-000000000301";

/// How long a prepared bucket is looked for.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

#[derive(FromQueryResult)]
struct Owner {
    email: String,
    email_normalised: String,
    display_name: String,
}

pub(super) async fn act(saga: &Saga<'_>) -> Result<(), StepError> {
    let input: ProvisionInput = saga.input()?;
    let inner = saga.inner;
    let tenant = saga.placed().await?;
    let owner = async {
        let text = "SELECT email, email_normalised, display_name FROM accounts WHERE id = $1";
        let owner = Owner::find_by_statement(sql(text, [input.owner.into()])).one(inner.control.conn()).await?;
        owner.ok_or_else(|| StepError::permanent("NOT_FOUND", "The owner's account does not exist."))
    };
    let entered = async { if input.from_warm_pool { Box::pin(take_over(saga, tenant)).await } else { saga.database(tenant).await } };
    let (owner, db) = tokio::try_join!(owner, Box::pin(entered))?;
    db.write("provisioning.seed", &inner.clock, &saga.origin(), async |tx: &Tx| write(tx, &input, &owner).await).await
}

/// Enters a database that was prepared: closed to everybody until now. The steps that made it, its role and its bucket are noted
/// as done, so what has vanished since is made anew here.
async fn take_over<'a>(saga: &'a Saga<'_>, tenant: &TenantRow) -> Result<&'a Db, StepError> {
    let server = saga.inner.server_of(tenant)?;
    let enter = async {
        outside::open_database(server, &tenant.database_name).await?;
        saga.database(tenant).await
    };
    // The bucket was there. When the store does not tell, its owner need not wait: the reconciler looks after buckets of tenants in use.
    let look = timeout(LOOK_LIMIT, outside::create_bucket(&saga.inner.objects, &tenant.bucket_name));
    let (entered, bucket) = tokio::join!(Box::pin(enter), Box::pin(look));
    if !matches!(bucket, Ok(Ok(()))) {
        tracing::warn!(tenant = %saga.tenant_id(), bucket = tenant.bucket_name, "a prepared bucket could not be looked at");
        saga.inner.look_around.notify_one();
    }
    if let Err(error) = &entered {
        tracing::warn!(tenant = %saga.tenant_id(), %error, "a prepared database can't be entered; what it lacks is made anew");
        Box::pin(database::create(saga)).await?;
        Box::pin(database::admit(saga)).await?;
        return saga.database(tenant).await;
    }
    entered
}

/// All or nothing: where the owner is, the rest is.
async fn write(tx: &Tx, input: &ProvisionInput, owner: &Owner) -> Result<(), StepError> {
    let settings: serde_json::Map<String, serde_json::Value> =
        [("locale", &input.locale), ("currency", &input.currency), ("time_zone", &input.time_zone)]
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into())))
            .collect();
    // One call: in a database that nobody has been in yet, each statement is a wait of its own.
    let fresh = run(
        tx.conn(),
        "WITH owner AS (
             INSERT INTO users (id, email, email_normalised, display_name, status, joined_at, created_at, updated_at)
             VALUES ($1, $6, $7, $8, 'active', $2, $2, $2) ON CONFLICT (id) DO NOTHING RETURNING id),
         role AS (INSERT INTO user_roles (user_id, role_id, created_at) SELECT owner.id, roles.id, $2 FROM owner, roles WHERE roles.key = 'owner'),
         site AS (UPDATE locations SET id = $3 WHERE id = $4::uuid AND EXISTS (SELECT FROM owner)),
         chosen AS (UPDATE settings s SET value = chosen.value FROM jsonb_each($5) AS chosen WHERE s.key = chosen.key AND EXISTS (SELECT FROM owner))
         SELECT FROM owner",
        [
            input.owner.into(),
            tx.now().into(),
            input.main_site_id.into(),
            TEMPLATE_SITE.into(),
            serde_json::Value::Object(settings).into(),
            owner.email.clone().into(),
            owner.email_normalised.clone().into(),
            owner.display_name.clone().into(),
        ],
    )
    .await?;
    if fresh == 0 {
        return Ok(());
    }
    tx.audit(AuditEntry::of("users.join", "user", input.owner).subject(input.owner).after(json!({ "status": "active", "roles": ["owner"] })));
    tx.emit(Event {
        id: input.joined_event_id,
        kind: "access.user.joined.v1",
        aggregate_type: "user",
        aggregate_id: input.owner,
        payload: json!({ "user_id": input.owner, "roles": ["owner"] }),
    });
    Ok(())
}
