//! What a tenant has outside the control database: a database, a login role, a bucket. Each of these calls looks before it acts
//! and may be repeated; sagas and the warm pool make and remove things by them alone.

use nexus_config::TENANT_CONNECTION_LIMIT;
use nexus_core::TenantId;
use nexus_infra::Db;
use nexus_infra::object_store::ObjectStore;
use nexus_migration::database::{self as catalogue, NewDatabase, TenantRole};
use secrecy::SecretString;

use crate::error::StepError;
use crate::servers::Server;
use crate::template;

/// The names that a tenant's id stands for.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) database: String,
    pub(crate) role: String,
    pub(crate) bucket: String,
}

impl Names {
    pub(crate) fn of(tenant: TenantId) -> Self {
        let id = tenant.opaque();
        Self { database: format!("nxt_{id}"), role: format!("nxt_{id}"), bucket: format!("nxt-{id}") }
    }
}

/// The database: copied from the template, closed, with nothing granted to PUBLIC.
pub(crate) async fn create_database(server: &Server, name: &str) -> Result<(), StepError> {
    let admin = server.admin().await?;
    let template = template_on(server, admin).await?;
    let new = NewDatabase { name, template: &template, open: false, connection_limit: Some(TENANT_CONNECTION_LIMIT) };
    Ok(catalogue::create(admin.pool(), new).await?)
}

/// The same, with its role, which is made beside the copying, let in. Answers whether it was: without a role the database stays closed.
pub(crate) async fn create_with_role(server: &Server, name: &str, role: &str, password: &SecretString) -> Result<bool, StepError> {
    let admin = server.admin().await?;
    let template = template_on(server, admin).await?;
    let new = NewDatabase { name, template: &template, open: false, connection_limit: Some(TENANT_CONNECTION_LIMIT) };
    let prepared = async {
        let prepared = ensure_role(server, role, name, password).await;
        if let Err(error) = &prepared {
            tracing::debug!(database = name, %error, "the role is left to its own step");
        }
        prepared.is_ok()
    };
    Ok(catalogue::create_and_admit(admin.pool(), new, role, prepared).await?)
}

async fn template_on(server: &Server, admin: &Db) -> Result<String, StepError> {
    template::ensure(admin, server.spec()).await.map_err(|error| StepError::outside("The database server")(Box::new(error)))
}

/// Lets those come in who may.
pub(crate) async fn open_database(server: &Server, name: &str) -> Result<(), StepError> {
    Ok(catalogue::open(server.admin().await?.pool(), name).await?)
}

/// Drops the database; one that is marked as in use stays, and that is an error.
pub(crate) async fn drop_database(server: &Server, name: &str) -> Result<(), StepError> {
    Ok(catalogue::remove(server.admin().await?.pool(), name).await?)
}

/// The login role with its limits and grants.
pub(crate) async fn create_role(server: &Server, name: &str, database: &str, password: &SecretString) -> Result<(), StepError> {
    let role = TenantRole { name, password, database, connection_limit: TENANT_CONNECTION_LIMIT };
    Ok(catalogue::ensure_tenant_role(server.admin().await?.pool(), role).await?)
}

/// The same but for what concerns its database, which may not be there yet.
pub(crate) async fn prepare_role(server: &Server, name: &str, database: &str, password: &SecretString) -> Result<(), StepError> {
    let role = TenantRole { name, password, database, connection_limit: TENANT_CONNECTION_LIMIT };
    Ok(catalogue::prepare_tenant_role(server.admin().await?.pool(), role).await?)
}

/// Lets the role into its database, and opens that. A role that is not there is made.
pub(crate) async fn admit(server: &Server, name: &str, database: &str, password: &SecretString) -> Result<(), StepError> {
    ensure_role(server, name, database, password).await?;
    Ok(catalogue::admit(server.admin().await?.pool(), name, database).await?)
}

/// Makes the role unless it is there: it never exists half made, and a tenant's password never changes.
async fn ensure_role(server: &Server, name: &str, database: &str, password: &SecretString) -> Result<(), StepError> {
    let mut connection = server.admin().await?.pool().acquire().await?;
    let is_there = catalogue::role_exists(&mut connection, name).await?;
    drop(connection);
    if is_there { Ok(()) } else { prepare_role(server, name, database, password).await }
}

/// Removes the role with its sessions.
pub(crate) async fn drop_role(server: &Server, name: &str) -> Result<(), StepError> {
    Ok(catalogue::remove_role(server.admin().await?.pool(), name).await?)
}

/// The bucket.
pub(crate) async fn create_bucket(objects: &ObjectStore, name: &str) -> Result<(), StepError> {
    if !objects.bucket_exists(name).await.map_err(object_store)? {
        objects.create_bucket(name).await.map_err(object_store)?;
    }
    Ok(())
}

/// Empties and removes the bucket, unfinished uploads included.
pub(crate) async fn remove_bucket(objects: &ObjectStore, name: &str) -> Result<(), StepError> {
    if objects.bucket_exists(name).await.map_err(object_store)? {
        objects.empty_and_delete_bucket(name).await.map_err(object_store)?;
    }
    Ok(())
}

fn object_store(error: impl std::error::Error + Send + Sync + 'static) -> StepError {
    StepError::outside("The object store")(Box::new(error))
}
