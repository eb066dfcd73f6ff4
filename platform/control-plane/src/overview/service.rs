//! Puts the overview together.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use nexus_core::{Problem, TenantState};

use super::store::{self, OperationCounts, PoolCounts, ServerRow};
use crate::state::ControlPlane;

/// Days whose foundings are told, today included.
const DAYS: u64 = 30;

/// How the platform stands.
pub(super) struct Overview {
    pub(super) at: DateTime<Utc>,
    /// Every state, also those that no tenant is in.
    pub(super) tenants: BTreeMap<String, i64>,
    pub(super) operations: OperationCounts,
    pub(super) pool: PoolCounts,
    pub(super) pool_target: u32,
    /// Every one of the days, the oldest first.
    pub(super) founded: Vec<(NaiveDate, i64)>,
    /// Each with whether it answers; nothing of those that this process has no way to.
    pub(super) servers: Vec<(ServerRow, Option<bool>)>,
}

pub(super) async fn get(state: &ControlPlane) -> Result<Overview, Problem> {
    let at = state.clock.now();
    let today = at.date_naive();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let read = async {
        let conn = state.db.hold().await?;
        let tenants = store::tenants(&conn).await?;
        let operations = store::operations(&conn).await?;
        let pool = store::warm_pool(&conn).await?;
        let founded = store::founded(&conn, first.and_time(NaiveTime::MIN).and_utc()).await?;
        let servers = store::servers(&conn).await?;
        Ok::<_, nexus_infra::DbError>((tenants, operations, pool, founded, servers))
    };
    let (read, reached) = tokio::join!(read, state.provisioner.servers_reached());
    let (tenants, operations, pool, founded, servers) = read?;
    let mut by_state: BTreeMap<String, i64> = TenantState::NAMES.iter().map(|name| ((*name).to_owned(), 0)).collect();
    by_state.extend(tenants);
    Ok(Overview {
        at,
        tenants: by_state,
        operations,
        pool,
        pool_target: state.settings.provisioning.warm_pool.size,
        founded: first.iter_days().take_while(|day| *day <= today).map(|day| (day, founded.get(&day).copied().unwrap_or(0))).collect(),
        servers: servers
            .into_iter()
            .map(|server| {
                let answers = reached.get(&server.name).copied();
                (server, answers)
            })
            .collect(),
    })
}
