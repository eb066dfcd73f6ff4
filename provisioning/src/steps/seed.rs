//! `seed`: the owner, the organization's defaults and the first event, written as the tenant's own role: what this step
//! may do is what the tenant's runtime may do, and the log-in is proven on the way.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::Saga;
use crate::error::StepError;
use crate::model::ProvisionInput;
use crate::store::{run, sql};

/// Id of the default site in the template; a tenant's own gets an id of its own.
const TEMPLATE_SITE: &str = "00000000-0000-7000-8000-000000000301";

#[derive(FromQueryResult)]
struct Owner {
    email: String,
    email_normalised: String,
    display_name: String,
}

pub(super) async fn act(saga: &Saga<'_>) -> Result<(), StepError> {
    let input: ProvisionInput = saga.input()?;
    let inner = saga.inner;
    let tenant = saga.tenant().await?;
    let owner = Owner::find_by_statement(sql("SELECT email, email_normalised, display_name FROM accounts WHERE id = $1", [input.owner.into()]))
        .one(inner.control.conn())
        .await?
        .ok_or_else(|| StepError::permanent("NOT_FOUND", "The owner's account does not exist."))?;
    let db = inner.enter(&tenant).await?;
    let seeded = db.write("provisioning.seed", &inner.clock, &saga.origin(), async |tx: &Tx| write(tx, &input, &owner).await).await;
    db.close().await;
    seeded
}

/// All or nothing: where the owner is, the rest is.
async fn write(tx: &Tx, input: &ProvisionInput, owner: &Owner) -> Result<(), StepError> {
    let fresh = run(
        tx.conn(),
        "INSERT INTO users (id, email, email_normalised, display_name, status, joined_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'active', $5, $5, $5) ON CONFLICT (id) DO NOTHING",
        [input.owner.into(), owner.email.clone().into(), owner.email_normalised.clone().into(), owner.display_name.clone().into(), tx.now().into()],
    )
    .await?;
    if fresh == 0 {
        return Ok(());
    }
    run(
        tx.conn(),
        "INSERT INTO user_roles (user_id, role_id, created_at) SELECT $1, id, $2 FROM roles WHERE key = 'owner'",
        [input.owner.into(), tx.now().into()],
    )
    .await?;
    for (key, value) in [("locale", &input.locale), ("currency", &input.currency), ("time_zone", &input.time_zone)] {
        if let Some(value) = value {
            run(tx.conn(), "UPDATE settings SET value = to_jsonb($2::text) WHERE key = $1", [key.into(), value.clone().into()]).await?;
        }
    }
    run(tx.conn(), "UPDATE locations SET id = $1 WHERE id = $2::uuid", [input.main_site_id.into(), TEMPLATE_SITE.into()]).await?;
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
