//! An organization of a test's own: database, role, bucket, people and a directory record.

use std::sync::Arc;

use nexus_core::{AccountId, Clock, SystemClock, TenantId};
use nexus_infra::object_store::{BucketKey, derived_credentials};
use nexus_infra::secrets::{TenantKeyring, TenantSecrets};
use nexus_infra::{ConnectSpec, Db};
use nexus_migration::database::{self, NewDatabase, TenantRole};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{ControlDb, TestStack};

/// The built-in roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// `owner`
    Owner,
    /// `admin`
    Admin,
    /// `manager`
    Manager,
    /// `staff`
    Staff,
    /// `viewer`
    Viewer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Manager, Self::Staff, Self::Viewer];

    /// The key in `roles`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Staff => "staff",
            Self::Viewer => "viewer",
        }
    }
}

/// A person of the organization.
#[derive(Debug, Clone)]
pub struct TestUser {
    /// Account id, also the id in the tenant's `users`.
    pub account_id: AccountId,
    /// E-mail address, unique per test.
    pub email: String,
    /// Their role.
    pub role: Role,
}

/// An active organization with a user of every built-in role, on the schema and grants that provisioning gives.
#[derive(Debug)]
pub struct TestTenant {
    /// Tenant id = organization id.
    pub id: TenantId,
    /// Unique per test.
    pub slug: String,
    /// The control database that lists it.
    pub control: Arc<ControlDb>,
    users: Vec<TestUser>,
    db: Db,
    password: SecretString,
}

impl TestTenant {
    /// An organization with a control database of its own.
    ///
    /// # Panics
    /// When the stack does not serve.
    pub async fn new() -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self::in_control(&control).await
    }

    /// One more organization in a control database.
    ///
    /// # Panics
    /// When the stack does not serve.
    pub async fn in_control(control: &Arc<ControlDb>) -> Self {
        let stack = control.stack();
        let id = TenantId(SystemClock.new_id());
        let name = format!("nxt_{}", id.opaque());
        let password = SecretString::from(Uuid::new_v4().simple().to_string());

        let admin = stack.admin_db("postgres").await;
        let new = NewDatabase { name: &name, template: stack.tenant_template(), open: true, connection_limit: None };
        database::create(admin.pool(), new).await.expect("a tenant database");
        stack.own_database(&admin, &name).await;
        let role = TenantRole { name: &name, password: &password, database: &name, connection_limit: 20 };
        database::ensure_tenant_role(admin.pool(), role).await.expect("a tenant role");

        let spec = stack.admin_spec(&name).role(&name, &password).max_connections(4);
        let db = Db::connect(&spec).await.expect("the tenant's connection");
        let slug = format!("t{}", &Uuid::new_v4().simple().to_string()[..12]);
        let tenant = Self { id, users: people(&slug), slug, control: Arc::clone(control), db, password };
        tenant.create_bucket().await;
        tenant.add_people().await;
        tenant.list_in_directory().await;
        tenant
    }

    /// As the tenant's own least-privileged role.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// As a superuser on the tenant's database: to look behind the scenes and to break things.
    pub async fn owner_db(&self) -> Db {
        self.control.stack().admin_db(&self.database()).await
    }

    /// Name of the database and of its role.
    #[must_use]
    pub fn database(&self) -> String {
        format!("nxt_{}", self.id.opaque())
    }

    /// Name of the bucket.
    #[must_use]
    pub fn bucket(&self) -> String {
        format!("nxt-{}", self.id.opaque())
    }

    /// How the tenant's role reaches a database of the cluster (its own, or one it must not enter).
    #[must_use]
    pub fn connect_spec(&self, database: &str) -> ConnectSpec {
        self.control.stack().admin_spec(database).role(&self.database(), &self.password)
    }

    /// The same for programs that take a URL: as the tenant's role, into its own database.
    #[must_use]
    pub fn url(&self) -> String {
        let spec = self.connect_spec(&self.database());
        // Name and password are hexadecimal.
        format!("postgres://{}:{}@{}:{}/{}", spec.user(), self.password.expose_secret(), spec.host(), spec.port(), spec.database_name())
    }

    /// The person with a role.
    ///
    /// # Panics
    /// Never: every role has one.
    #[must_use]
    pub fn user(&self, role: Role) -> &TestUser {
        self.users.iter().find(|user| user.role == role).expect("a user of every role")
    }

    /// A bearer token for the person with a role.
    #[must_use]
    pub fn token(&self, role: Role) -> String {
        self.control.tokens().mint(&self.claims(role))
    }

    /// The claims behind [`Self::token`], to be changed.
    #[must_use]
    pub fn claims(&self, role: Role) -> Value {
        self.control.tokens().tenant_claims(self.user(role).account_id.0, self.id.0)
    }

    /// A token of an account that followed the link of an invitation's mail, as the control plane gives it.
    #[must_use]
    pub fn invited_token(&self, account: Uuid, invitation: Uuid, generation: u32) -> String {
        let mut claims = self.control.tokens().tenant_claims(account, self.id.0);
        claims["inv"] = json!({ "id": invitation, "gen": generation });
        self.control.tokens().mint(&claims)
    }

    /// A token of an account for this organization, whether or not it is a user of it.
    #[must_use]
    pub fn token_of(&self, account: Uuid) -> String {
        self.control.tokens().mint(&self.control.tokens().tenant_claims(account, self.id.0))
    }

    /// Puts the tenant into a state of the directory, with the epoch raised.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn set_state(&self, state: &str) {
        self.update_directory("state = $2", json!(state)).await;
    }

    /// Replaces the entitlements in the directory, such as `{"plan": "free", "limits": {"products": 2}, "features": []}`.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn set_entitlements(&self, entitlements: Value) {
        self.update_directory("entitlements = $2", entitlements).await;
    }

    async fn update_directory(&self, assignment: &'static str, value: Value) {
        let statement = format!("UPDATE tenants SET {assignment} WHERE id = $1");
        let query = sqlx::query(AssertSqlSafe(statement)).bind(self.id.0);
        let query = match value {
            Value::String(text) => query.bind(text),
            other => query.bind(other),
        };
        query.execute(self.control.db().pool()).await.expect("the directory");
    }

    async fn create_bucket(&self) {
        self.control.stack().objects().create_bucket(&self.bucket()).await.expect("a bucket");
    }

    async fn add_people(&self) {
        for user in &self.users {
            sqlx::query("INSERT INTO accounts (id, email, email_normalised, display_name, email_verified_at) VALUES ($1, $2, $2, $3, now())")
                .bind(user.account_id.0)
                .bind(&user.email)
                .bind(user.role.key())
                .execute(self.control.db().pool())
                .await
                .expect("an account");
            sqlx::query(
                "WITH u AS (INSERT INTO users (id, email, email_normalised, display_name, status, joined_at) VALUES ($1, $2, $2, $3, 'active', now()) RETURNING id)
                 INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM u, roles r WHERE r.key = $3",
            )
            .bind(user.account_id.0)
            .bind(&user.email)
            .bind(user.role.key())
            .execute(self.db.pool())
            .await
            .expect("a user");
        }
    }

    async fn list_in_directory(&self) {
        let stack = self.control.stack();
        let settings = stack.settings(&self.control);
        let keyring = TenantKeyring::from_settings(&settings.secrets).expect("a keyring");
        let (access_key, secret_key) = derived_credentials(stack.s3_root().1, &self.bucket());
        let bucket_key = Some(BucketKey { access_key, secret_key: secret_key.into() });
        let secrets = TenantSecrets { db_password: self.password.clone(), bucket_key };
        let sealed = keyring.seal_tenant(self.id, &secrets).expect("sealed secrets");
        let server = &settings.servers[0];
        let pool = self.control.db().pool();
        let server_id: Uuid = sqlx::query_scalar(
            "INSERT INTO database_servers (id, name, host, port) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET host = excluded.host, port = excluded.port RETURNING id",
        )
        .bind(SystemClock.new_id())
        .bind(&server.name)
        .bind(&server.host)
        .bind(i32::from(server.port))
        .fetch_one(pool)
        .await
        .expect("a server");
        sqlx::query(
            "INSERT INTO tenants (id, slug, name, state, server_id, database_name, role_name, bucket_name, secret_sealed, entitlements, schema_version, created_by, activated_at)
             VALUES ($1, $2, $2, 'active', $3, $4, $4, $5, $6, $7, $8, $9, now())",
        )
        .bind(self.id.0)
        .bind(&self.slug)
        .bind(server_id)
        .bind(self.database())
        .bind(self.bucket())
        .bind(sealed)
        .bind(json!({ "plan": "business", "limits": {}, "features": ["imports", "saved_views"] }))
        .bind(nexus_migration::TENANT_SCHEMA_VERSION)
        .bind(self.user(Role::Owner).account_id.0)
        .execute(pool)
        .await
        .expect("a directory record");
        for user in &self.users {
            sqlx::query("INSERT INTO memberships (account_id, organization_id, is_owner) VALUES ($1, $2, $3)")
                .bind(user.account_id.0)
                .bind(self.id.0)
                .bind(user.role == Role::Owner)
                .execute(pool)
                .await
                .expect("a membership");
        }
    }
}

fn people(slug: &str) -> Vec<TestUser> {
    Role::ALL
        .into_iter()
        .map(|role| TestUser { account_id: AccountId(SystemClock.new_id()), email: format!("{}@{slug}.example", role.key()), role })
        .collect()
}
