//! The schemas of Nexus: SQL files run by sea-orm-migration, and what a cluster needs before them.
//!
//! Invariants:
//! - The SQL files are the truth; Rust only runs them. A released file is never edited, a change is a new file.
//! - Every entry point is idempotent, takes an advisory lock and runs in one transaction where Postgres allows it: it
//!   may run twice, at once, or be killed at any point.
//! - All objects belong to `nx_owner`; login roles have exactly the grants that the SQL files name.
//!
//! Deliberately not here: opening connections (`nexus-infra`), tenants' databases and roles (`nexus-provisioning`), and
//! migrating the fleet of existing tenants.

mod apply;
pub mod cluster;
pub mod control;
pub mod database;
mod error;
mod name_lock;
mod scram;
pub mod sql;
mod step;
pub mod tenant;

pub use apply::Applied;
pub use cluster::{BootstrapReport, ClusterSpec, ControlSpec, ServerFacts, bootstrap_cluster};
pub use control::{CONTROL_SCHEMA_VERSION, migrate_control};
pub use error::MigrationError;
pub use tenant::{TENANT_SCHEMA_VERSION, fingerprint, migrate_tenant, template_name};
