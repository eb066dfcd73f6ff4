//! The statements that the program really sends, read from Postgres' own log: what a baseline repeats is not written down by hand, so it can't drift.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nexus_test_support::{Process, TestTenant, eventually};
use sqlx::AssertSqlSafe;

use crate::bench::Bench;

/// A statement and the values it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Process id of the session that ran it.
    pub backend: u32,
    pub sql: String,
    /// As the log shows them; `None` is NULL.
    pub parameters: Vec<Option<String>>,
}

/// Starts a tenant runtime, lets `use_it` ask it twice, and answers what was sent to the tenant's database the second time: the first one opens the pool and
/// fills caches.
pub async fn statements(bench: &Bench, tenant: &TestTenant, use_it: impl AsyncFn(&Process)) -> Vec<Statement> {
    uses(bench, tenant, 1, async |process, _| use_it(process).await).await.remove(0)
}

/// As [`statements`], for several uses after the first one. Each is told its number; 0 is the one whose statements nobody wants.
pub async fn uses(bench: &Bench, tenant: &TestTenant, count: usize, use_it: impl AsyncFn(&Process, usize)) -> Vec<Vec<Statement>> {
    let database = tenant.database();
    let admin = bench.stack.admin_db("postgres").await;
    let alter = async |setting: &str| {
        let statement = AssertSqlSafe(format!("ALTER ROLE \"{database}\" {setting}"));
        sqlx::query(statement).execute(admin.pool()).await.expect("logging");
    };
    alter("SET log_statement = 'all'").await;
    // Elsewhere no values are logged.
    alter("SET log_error_verbosity = 'default'").await;
    let process = bench.nexus(&["tenant-runtime"], &tenant.control).spawn().await;
    let log = postgres_folder(bench).await.with_file_name("postgres.log");
    use_it(&process, 0).await;
    let mut seen = settled(&log, &database, 0).await;
    let mut found = Vec::new();
    for number in 1..=count {
        use_it(&process, number).await;
        let all = settled(&log, &database, seen).await;
        found.push(logged(&log, &database).into_iter().take(all).skip(seen).collect());
        seen = all;
    }
    process.kill9().await;
    for setting in ["RESET log_statement", "RESET log_error_verbosity"] {
        alter(setting).await;
    }
    found
}

/// The folder of the server's cluster.
async fn postgres_folder(bench: &Bench) -> PathBuf {
    let admin = bench.stack.admin_db("postgres").await;
    let folder: String = sqlx::query_scalar("SHOW data_directory").fetch_one(admin.pool()).await.expect("Postgres");
    folder.into()
}

/// Process id of the Postgres server.
pub async fn postmaster(bench: &Bench) -> u32 {
    let file = std::fs::read_to_string(postgres_folder(bench).await.join("postmaster.pid")).expect("root, or the user that Postgres runs as");
    file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id")
}

/// How many statements were logged, once there are more than these and no more come.
async fn settled(log: &Path, database: &str, seen: usize) -> usize {
    let mut before = seen;
    eventually(Duration::from_secs(20), async || {
        let now = logged(log, database).len();
        let is_still = now == before && now > seen;
        before = now;
        is_still.then_some(now)
    })
    .await
}

fn logged(log: &Path, database: &str) -> Vec<Statement> {
    read(&String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()), database)
}

/// Lines begin with `time [pid] database`; what belongs to the line before begins with a tab.
fn read(log: &str, database: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mark = format!("] {database} ");
    let (mut ours, mut in_statement) = (false, false);
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if ours
                && in_statement
                && let Some(last) = found.last_mut()
            {
                last.sql = format!("{}\n{more}", last.sql);
            }
            continue;
        }
        let Some((begin, told)) = line.split_once(&mark) else {
            ours = false;
            continue;
        };
        ours = true;
        let told = told.trim_start();
        let backend = begin.rsplit_once('[').and_then(|(_, pid)| pid.parse().ok()).unwrap_or_default();
        in_statement = false;
        if let Some(rest) = told.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": ")).map(|(_, sql)| sql) {
            found.push(Statement { backend, sql: rest.to_owned(), parameters: Vec::new() });
            in_statement = true;
        } else if let Some(sql) = told.strip_prefix("LOG:  statement: ") {
            found.push(Statement { backend, sql: sql.to_owned(), parameters: Vec::new() });
            in_statement = true;
        } else if let Some(list) = told.strip_prefix("DETAIL:  ").and_then(|rest| rest.get(..11).zip(rest.get(11..)))
            && list.0.eq_ignore_ascii_case("parameters:")
            && let Some(last) = found.last_mut()
        {
            last.parameters = parameters(list.1);
        }
    }
    found
}

/// `$1 = 'it''s', $2 = NULL`.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, after)) = rest.split_once(" = ") {
        let Some(quoted) = after.strip_prefix('\'') else {
            found.push(None);
            rest = after;
            continue;
        };
        let (mut value, mut left) = (String::new(), quoted);
        while let Some((part, after)) = left.split_once('\'') {
            value.push_str(part);
            left = after;
            match left.strip_prefix('\'') {
                Some(after) => {
                    value.push('\'');
                    left = after;
                }
                None => break,
            }
        }
        found.push(Some(value));
        rest = left;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_one_database_are_read_with_their_values() {
        let log = "\
2026-01-01 00:00:00.000 UTC [7] nxt_a LOG:  statement: BEGIN
2026-01-01 00:00:00.000 UTC [8] nxt_b LOG:  execute sqlx_s_1: SELECT 1
2026-01-01 00:00:00.000 UTC [7] nxt_a LOG:  execute sqlx_s_2: SELECT $1,
\t$2
2026-01-01 00:00:00.000 UTC [7] nxt_a DETAIL:  parameters: $1 = 'it''s, $3 = ', $2 = NULL, $3 = '20'
2026-01-01 00:00:00.000 UTC [9]  LOG:  checkpoint starting: time
";
        let found = read(log, "nxt_a");
        assert_eq!(found[0], Statement { backend: 7, sql: "BEGIN".to_owned(), parameters: Vec::new() });
        assert_eq!(found[1].sql, "SELECT $1,\n$2");
        assert_eq!(found[1].parameters, [Some("it's, $3 = ".to_owned()), None, Some("20".to_owned())]);
        assert_eq!(found.len(), 2);
    }
}
