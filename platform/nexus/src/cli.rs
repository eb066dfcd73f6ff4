//! The command line: names, arguments, help. What the commands do is in the modules named like them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    Migrate(JsonFlag),
    /// Operators, tenants, plans and keys
    Admin(AdminArgs),
    /// Check every dependency and say what is wrong
    Doctor(JsonFlag),
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
pub struct DevArgs {
    /// Where everything is kept
    #[arg(long, env = "NEXUS__DEV__DATA_DIR", default_value = ".nexus")]
    pub data_dir: PathBuf,
    /// Port of the API; the next free one is taken when it is in use
    #[arg(long, env = "NEXUS_DEV_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Use this Postgres server (administrator's URL) instead of an embedded one
    #[arg(long, env = "NEXUS_DEV_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: Option<String>,
    /// Use this Redis server instead of an embedded one
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,
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
    /// Organizations and their databases
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// Plans on offer
    #[command(subcommand)]
    Plans(PlansCommand),
    /// Keys that sign tokens
    #[command(subcommand)]
    Keys(KeysCommand),
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
    /// super_admin, support or billing
    #[arg(long, default_value = "super_admin", value_parser = ["super_admin", "support", "billing"])]
    pub role: String,
    /// Read the password from standard input (first line) instead of asking
    #[arg(long, conflicts_with = "generate_password")]
    pub password_stdin: bool,
    /// Generate a password and print it
    #[arg(long)]
    pub generate_password: bool,
}

/// `nexus admin tenants …`
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// List tenants
    List(TenantsListArgs),
    /// Show one tenant and its last operation
    Get(TenantRef),
    /// Create a tenant with its owner and wait until it is active
    Create(TenantCreateArgs),
    /// Cut a tenant's access and schedule its erasure
    Delete(TenantDeleteArgs),
    /// Let a failed operation of a tenant run again
    Retry(TenantRef),
    /// Move a tenant to another plan
    SetPlan(SetPlanArgs),
}

/// Arguments of `nexus admin tenants list`.
#[derive(Debug, Args)]
pub struct TenantsListArgs {
    /// Only tenants in this state (active, broken, …)
    #[arg(long)]
    pub state: Option<String>,
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
    /// E-mail address of the owner; an account is made for it when there is none
    #[arg(long)]
    pub owner_email: String,
    /// The owner's name
    #[arg(long, default_value = "Owner")]
    pub owner_name: String,
    /// Plan key
    #[arg(long, default_value = "free")]
    pub plan: String,
    /// Read the owner's password from standard input (first line) instead of asking; only for a new account
    #[arg(long, conflicts_with = "generate_password")]
    pub password_stdin: bool,
    /// Generate the owner's password and print it; only for a new account
    #[arg(long)]
    pub generate_password: bool,
    /// Do not wait until it is active
    #[arg(long)]
    pub no_wait: bool,
}

/// Arguments of `nexus admin tenants delete`.
#[derive(Debug, Args)]
pub struct TenantDeleteArgs {
    /// Slug or id
    pub tenant: String,
    /// Erase at once instead of after the undelete window
    #[arg(long)]
    pub now: bool,
    /// Answer the question
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `nexus admin tenants set-plan`.
#[derive(Debug, Args)]
pub struct SetPlanArgs {
    /// Slug or id
    pub tenant: String,
    /// Plan key
    pub plan: String,
}

/// `nexus admin plans …`
#[derive(Debug, Subcommand)]
pub enum PlansCommand {
    /// List the plans on offer
    List,
}

/// `nexus admin keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Sign with the next key from now on; older tokens stay good until they expire
    Rotate,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
