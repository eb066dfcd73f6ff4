//! What exists outside the control database: the tenant's database, its role, its bucket.

use nexus_migration::database::{self as catalogue, NewDatabase, TenantRole};

use super::Saga;
use crate::error::StepError;
use crate::template;

/// Connections over all processes, as the backstop behind the runtime's own budget.
pub(crate) const CONNECTION_LIMIT: u32 = 40;

/// `database`: copied from the template, closed, with nothing granted to PUBLIC.
pub(super) async fn create(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    let server = saga.inner.server_of(&tenant)?;
    let admin = server.admin().await?;
    let template = template::ensure(admin, server.spec()).await.map_err(|error| StepError::outside("The database server")(Box::new(error)))?;
    let new = NewDatabase { name: &tenant.database_name, template: &template, open: false, connection_limit: Some(CONNECTION_LIMIT) };
    Ok(catalogue::create(admin.pool(), new).await?)
}

/// `role_and_grants`: the tenant's login role with its limits, then the doors open.
pub(super) async fn admit(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    let secrets = saga.inner.secrets(&tenant)?;
    let admin = saga.inner.server_of(&tenant)?.admin().await?;
    let role =
        TenantRole { name: &tenant.role_name, password: &secrets.db_password, database: &tenant.database_name, connection_limit: CONNECTION_LIMIT };
    catalogue::ensure_tenant_role(admin.pool(), role).await?;
    Ok(catalogue::open(admin.pool(), &tenant.database_name).await?)
}

/// Removes the role; undo of [`admit`] and a step of the deletion.
pub(super) async fn expel(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if tenant.server_name.is_none() {
        return Ok(());
    }
    let admin = saga.inner.server_of(&tenant)?.admin().await?;
    Ok(catalogue::remove_role(admin.pool(), &tenant.role_name).await?)
}

/// Drops the database; undo of [`create`]. One that is marked as in use stays.
pub(super) async fn drop(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if tenant.server_name.is_none() {
        return Ok(());
    }
    let admin = saga.inner.server_of(&tenant)?.admin().await?;
    Ok(catalogue::remove(admin.pool(), &tenant.database_name).await?)
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
    let objects = &saga.inner.objects;
    if !objects.bucket_exists(&tenant.bucket_name).await.map_err(outside)? {
        objects.create_bucket(&tenant.bucket_name).await.map_err(outside)?;
    }
    Ok(())
}

/// Empties and removes the bucket, unfinished uploads included.
pub(super) async fn remove_bucket(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    let objects = &saga.inner.objects;
    if objects.bucket_exists(&tenant.bucket_name).await.map_err(outside)? {
        objects.empty_and_delete_bucket(&tenant.bucket_name).await.map_err(outside)?;
    }
    Ok(())
}

fn outside(error: impl std::error::Error + Send + Sync + 'static) -> StepError {
    StepError::outside("The object store")(Box::new(error))
}
