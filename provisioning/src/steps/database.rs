//! What exists outside the control database: the tenant's database, its role, its bucket.

use std::time::Duration;

use nexus_migration::database as catalogue;
use tokio::time::timeout;

use super::Saga;
use crate::error::StepError;
use crate::outside;

/// How long a database that is there waits for its bucket, which has a step of its own.
const BESIDE_LIMIT: Duration = Duration::from_secs(2);

/// `database`: copied from the template and closed to PUBLIC. That takes the server a while, in which role and bucket are made beside it; what is not made then, its own step
/// makes.
pub(super) async fn create(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.placed().await?;
    let secrets = saga.inner.secrets(tenant)?;
    let server = saga.inner.server_of(tenant)?;
    let database = outside::create_with_role(server, &tenant.database_name, &tenant.role_name, &secrets.db_password);
    let bucket = outside::create_bucket(&saga.inner.objects, &tenant.bucket_name);
    let (is_open, bucket) = tokio::join!(Box::pin(database), Box::pin(timeout(BESIDE_LIMIT, bucket)));
    saga.beside.bucket.set(matches!(bucket, Ok(Ok(()))));
    let is_open = is_open?;
    if is_open {
        saga.enter_soon(tenant);
    }
    saga.beside.admitted.set(is_open);
    Ok(())
}

/// Undo of [`create`].
pub(super) async fn uncreate(saga: &Saga<'_>) -> Result<(), StepError> {
    expel(saga).await?;
    remove_bucket(saga).await?;
    drop(saga).await
}

/// `role_and_grants`: the tenant's login role with its limits, then the doors open.
pub(super) async fn admit(saga: &Saga<'_>) -> Result<(), StepError> {
    if saga.beside.admitted.take() {
        return Ok(());
    }
    let tenant = saga.placed().await?;
    let secrets = saga.inner.secrets(tenant)?;
    outside::admit(saga.inner.server_of(tenant)?, &tenant.role_name, &tenant.database_name, &secrets.db_password).await
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
    if saga.beside.bucket.take() {
        return Ok(());
    }
    let tenant = saga.placed().await?;
    outside::create_bucket(&saga.inner.objects, &tenant.bucket_name).await
}

/// Empties and removes the bucket, unfinished uploads included.
pub(super) async fn remove_bucket(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    outside::remove_bucket(&saga.inner.objects, &tenant.bucket_name).await
}
