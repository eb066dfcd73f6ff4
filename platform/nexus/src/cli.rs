//! The command line: names, arguments, help. What the commands do is in the modules named like them.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use nexus_core::TenantState;
use uuid::Uuid;

use crate::dev::DevChildArgs;

/// One program, many roles.
#[derive(Debug, Parser)]
#[command(name = "nexus", version, about = "Nexus: a self-hosted operations platform for many organizations", max_term_width = 110)]
#[command(after_help = "Settings: NEXUS_CONFIG names a file, NEXUS__SECTION__KEY overrides single values; config/default.toml explains each.\n\
Exit codes: 0 done · 1 unexpected failure · 2 usage · 3 settings · 4 a dependency does not answer · 5 not found · 6 conflict · 7 refused · 8 a check failed")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve sign-up, accounts, organizations, tenants and plans; run provisioning
    ControlPlane,
    /// Serve the tenants' API; run their jobs and events
    TenantRuntime,
    /// Serve both planes in one process
    Serve,
    /// Serve both planes with embedded Postgres, Redis, S3 and mail sink, on this machine only
    Dev(DevArgs),
    /// Prepare the database servers: roles, control database, tenant template
    #[command(
        after_help = "Organizations that exist keep the schema they were made with; new ones get this program's. Until organizations can be migrated, an older one\n\
                            answers 503 TENANT_NOT_MIGRATED to what its schema lacks, and TENANT_SCHEMA_UNSUPPORTED to everything when it is more than one version behind."
    )]
    Migrate(JsonFlag),
    /// Operators, tenants, plans, keys, undelivered events; repairs
    Admin(AdminArgs),
    /// Check every dependency and say what is wrong
    Doctor(JsonFlag),
    /// Ask the server of these settings on this machine whether it is ready; for containers
    Health,
    /// Print the OpenAPI document of both planes
    Openapi(OpenapiArgs),
    /// Start the embedded servers for tests, run a command with their addresses in its environment, stop them
    TestStack(TestStackArgs),
    /// (internal) Keep one embedded server running until the parent ends
    #[command(hide = true)]
    DevChild(DevChildArgs),
}

/// `--json`
#[derive(Debug, Clone, Copy, Args)]
pub struct JsonFlag {
    /// Print JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `nexus dev`.
#[derive(Debug, Args)]
#[command(
    after_help = "NEXUS_DEV_POSTGRES_URL (administrator's URL) and NEXUS_DEV_REDIS_URL name servers to use instead of embedded ones. They are read from the \
environment alone: everybody on the machine can read a program's arguments."
)]
pub struct DevArgs {
    /// Where everything is kept
    #[arg(long, env = "NEXUS__DEV__DATA_DIR", default_value = ".nexus")]
    pub data_dir: PathBuf,
    /// Port of the API; the next free one is taken when it is in use
    #[arg(long, env = "NEXUS_DEV_PORT", default_value_t = 8080)]
    pub port: u16,
}

/// Arguments of `nexus openapi`.
#[derive(Debug, Args)]
pub struct OpenapiArgs {
    /// Compare with this file instead of printing; a difference exits with 8
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

/// Arguments of `nexus test-stack`.
#[derive(Debug, Args)]
pub struct TestStackArgs {
    /// Keep the servers' data here instead of in a temporary directory
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Have Postgres sync what it writes, as in production: for measurements. Without it a crash of the machine, not of the server, loses the data
    #[arg(long)]
    pub fsync: bool,
    /// The command to run; without one the environment is printed and the stack runs until it is interrupted
    #[arg(last = true)]
    pub command: Vec<std::ffi::OsString>,
}

/// Arguments of `nexus admin`.
#[derive(Debug, Args)]
pub struct AdminArgs {
    /// Print JSON for scripts
    #[arg(long, global = true)]
    pub json: bool,
    /// What to administer.
    #[command(subcommand)]
    pub command: AdminCommand,
}

/// What `nexus admin` can do.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Create an operator of the platform
    CreateOperator(CreateOperatorArgs),
    /// Operators of the platform: who they are, who is shut out
    #[command(subcommand)]
    Operators(OperatorsCommand),
    /// Organizations and their databases
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// Plans on sale
    #[command(subcommand)]
    Plans(PlansCommand),
    /// Keys that sign tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The processes' keys, and what is sealed with them
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Events that are not delivered, in the outboxes of the platform and of every tenant
    #[command(subcommand)]
    Events(EventsCommand),
    /// What is prepared for organizations to come: databases with role and bucket
    #[command(subcommand)]
    WarmPool(WarmPoolCommand),
    /// Compare databases, roles and buckets with the tenants there are, now: make anew what is missing, remove what is nobody's
    ///
    /// What nobody knows is removed once it has been unknown for an hour; what is in use and what is lost is reported and left alone. Serving control planes
    /// do the same every minute. Exits with 6 while another process is at it, with 8 when something is lost or could not be looked at or done.
    Reconcile,
}

/// Arguments of `nexus admin create-operator`.
#[derive(Debug, Args)]
pub struct CreateOperatorArgs {
    /// E-mail address: the log-in name
    #[arg(long)]
    pub email: String,
    /// Name shown to others
    #[arg(long, default_value = "Operator")]
    pub name: String,
    /// What the operator may do: everything, see and suspend tenants, or see tenants and change plans
    #[arg(long, default_value = "super_admin", value_parser = ["super_admin", "support", "billing"])]
    pub role: String,
    /// Read the password from standard input (first line) instead of asking
    #[arg(long, conflicts_with = "generate_password")]
    pub password_stdin: bool,
    /// Generate a password and print it
    #[arg(long)]
    pub generate_password: bool,
}

/// `nexus admin operators …`
#[derive(Debug, Subcommand)]
pub enum OperatorsCommand {
    /// List the operators
    List,
    /// Shut an operator out: no log-in, and every session ends within a second
    Disable(OperatorRef),
    /// Let an operator log in again
    Enable(OperatorRef),
}

/// An operator, by address or id.
#[derive(Debug, Args)]
pub struct OperatorRef {
    /// E-mail address or id
    pub operator: String,
}

/// `nexus admin tenants …`
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// List tenants
    List(TenantsListArgs),
    /// Show one tenant and its subscription
    Get(TenantRef),
    /// Create a tenant with its owner and wait until it is active
    Create(TenantCreateArgs),
    /// Cut a tenant's access now and schedule its erasure for the end of the undelete window (7 days)
    Delete(TenantDeleteArgs),
    /// Build a tenant again whose building failed and was taken back, and wait until it is active
    Retry(TenantRef),
    /// Give a tenant another plan on sale; a running trial ends, and the plan stays
    SetPlan(SetPlanArgs),
}

/// Arguments of `nexus admin tenants list`.
#[derive(Debug, Args)]
pub struct TenantsListArgs {
    /// Only tenants in this state
    #[arg(long, value_parser = PossibleValuesParser::new(TenantState::NAMES).try_map(|name| name.parse::<TenantState>()))]
    pub state: Option<TenantState>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub limit: u64,
}

/// A tenant, by slug or id.
#[derive(Debug, Args)]
pub struct TenantRef {
    /// Slug or id
    pub tenant: String,
}

/// Arguments of `nexus admin tenants create`.
#[derive(Debug, Args)]
pub struct TenantCreateArgs {
    /// Name in the host: 3 to 40 of a-z, 0-9 and -
    #[arg(long)]
    pub slug: String,
    /// The organization's name
    #[arg(long)]
    pub name: String,
    /// E-mail address of the owner; an account is made for it when there is none, and one that is there must have proved it
    #[arg(long)]
    pub owner_email: String,
    /// The owner's name; only for a new account
    #[arg(long, default_value = "Owner")]
    pub owner_name: String,
    /// Key of a plan on sale (`nexus admin plans list`); without it the platform's default (`signup.default_plan`)
    #[arg(long)]
    pub plan: Option<String>,
    /// Read the owner's password from standard input (first line) instead of asking; only for a new account
    #[arg(long, conflicts_with = "generate_password")]
    pub password_stdin: bool,
    /// Generate the owner's password and print it; only for a new account
    #[arg(long)]
    pub generate_password: bool,
    /// Do not wait until it is active: a serving control plane builds it
    #[arg(long)]
    pub no_wait: bool,
}

/// Arguments of `nexus admin tenants delete`.
#[derive(Debug, Args)]
pub struct TenantDeleteArgs {
    /// Slug or id
    pub tenant: String,
    /// Erase at once and for ever instead of after the undelete window
    #[arg(long)]
    pub now: bool,
    /// Do not ask before deleting
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `nexus admin tenants set-plan`.
#[derive(Debug, Args)]
pub struct SetPlanArgs {
    /// Slug or id
    pub tenant: String,
    /// Key of a plan on sale (`nexus admin plans list`)
    pub plan: String,
}

/// `nexus admin plans …`
#[derive(Debug, Subcommand)]
pub enum PlansCommand {
    /// List the plans on sale
    List,
}

/// `nexus admin secrets …`
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Print the key for `secrets.runtime_key` of a tenant runtime: derived from the master key, it opens nothing of the control plane
    RuntimeKey,
    /// Seal anew what lies under the previous master key, so that it can be taken out of the settings
    ///
    /// First give every process the new key as master_key and the old one as previous_master_key (runtimes: runtime_key and previous_runtime_key), each with its
    /// kek_id. May be interrupted and repeated beside serving processes. Exits with 8 when something does not open with either key.
    Rewrap,
}

/// `nexus admin keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Sign with the next key from now on; older tokens stay good until they expire
    Rotate,
}

/// `nexus admin warm-pool …`
#[derive(Debug, Subcommand)]
pub enum WarmPoolCommand {
    /// List the entries: what is ready, in preparation or being taken down, and what holds it up
    List,
    /// Take every entry down that nobody has claimed, and wait until it is gone; serving control planes prepare new ones
    Drain,
}

/// `nexus admin events …`
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// List what is not delivered: events that wait for a try, and dead letters that a subscriber gave up on
    List(EventsListArgs),
    /// Give dead letters another round of tries; they come after what happened since
    Requeue(EventsRequeueArgs),
}

/// Arguments of `nexus admin events list`.
#[derive(Debug, Args)]
pub struct EventsListArgs {
    /// Only dead letters
    #[arg(long)]
    pub dead: bool,
    /// Only the outbox of this tenant (slug or id); without it the platform's own and every tenant's
    #[arg(long)]
    pub tenant: Option<String>,
    /// How many at most, in all
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub limit: u64,
}

/// Arguments of `nexus admin events requeue`.
#[derive(Debug, Args)]
pub struct EventsRequeueArgs {
    /// Id of the event
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub event: Option<Uuid>,
    /// Every dead letter
    #[arg(long)]
    pub all: bool,
    /// Only in the outbox of this tenant (slug or id)
    #[arg(long)]
    pub tenant: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
