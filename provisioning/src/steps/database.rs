//! What exists outside the control database: the tenant's database, its role, its bucket.

use nexus_migration::database as catalogue;

use super::Saga;
use crate::error::StepError;
use crate::outside;

/// `database`: copied from the template, closed. That takes the server a while, in which the role is made beside it; without it, the
/// next step makes it.
pub(super) async fn create(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    let secrets = saga.inner.secrets(&tenant)?;
    let server = saga.inner.server_of(&tenant)?;
    let role = outside::prepare_role(server, &tenant.role_name, &tenant.database_name, &secrets.db_password);
    let (created, prepared) = tokio::join!(Box::pin(outside::create_database(server, &tenant.database_name)), Box::pin(role));
    if let Err(error) = prepared {
        tracing::debug!(tenant = %saga.tenant_id(), %error, "the role is left to its own step");
    }
    created
}

/// Undo of [`create`].
pub(super) async fn uncreate(saga: &Saga<'_>) -> Result<(), StepError> {
    expel(saga).await?;
    drop(saga).await
}

/// `role_and_grants`: the tenant's login role with its limits, then the doors open.
pub(super) async fn admit(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    let secrets = saga.inner.secrets(&tenant)?;
    outside::admit(saga.inner.server_of(&tenant)?, &tenant.role_name, &tenant.database_name, &secrets.db_password).await
}

/// Removes the role; undo of [`admit`] and a step of the deletion.
pub(super) async fn expel(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if tenant.server_name.is_none() {
        return Ok(());
    }
    outside::drop_role(saga.inner.server_of(&tenant)?, &tenant.role_name).await
}

/// Drops the database. One that is marked as in use stays.
pub(super) async fn drop(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if tenant.server_name.is_none() {
        return Ok(());
    }
    outside::drop_database(saga.inner.server_of(&tenant)?, &tenant.database_name).await
}

/// `drop_database`: of a deletion, which alone may drop what was in use.
pub(super) async fn erase(saga: &Saga<'_>) -> Result<(), StepError> {
    release(saga).await?;
    drop(saga).await
}

/// Takes the mark of a database in use away.
pub(super) async fn release(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if tenant.server_name.is_none() {
        return Ok(());
    }
    let admin = saga.inner.server_of(&tenant)?.admin().await?;
    Ok(catalogue::unmark_in_use(admin.pool(), &tenant.database_name).await?)
}

/// `bucket`.
pub(super) async fn create_bucket(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    outside::create_bucket(&saga.inner.objects, &tenant.bucket_name).await
}

/// Empties and removes the bucket, unfinished uploads included.
pub(super) async fn remove_bucket(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    outside::remove_bucket(&saga.inner.objects, &tenant.bucket_name).await
}
