//! What belongs to organizations in a cluster and an object store.

use std::collections::BTreeSet;

use sqlx::PgPool;

use crate::{TestStack, buckets};

/// Names of databases, roles and buckets.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Estate {
    pub databases: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    pub buckets: BTreeSet<String>,
}

impl Estate {
    /// What there is.
    pub async fn found(stack: &TestStack) -> Self {
        let cluster = stack.admin_db("postgres").await;
        let names = async |select: &'static str| -> BTreeSet<String> {
            let names: Vec<String> = sqlx::query_scalar(select).fetch_all(cluster.pool()).await.expect("names");
            names.into_iter().collect()
        };
        Self {
            databases: names("SELECT datname::text FROM pg_database WHERE datname LIKE 'nxt%'").await,
            roles: names("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'nxt%'").await,
            buckets: buckets(stack, "nxt").await.into_iter().collect(),
        }
    }

    /// What the tenants that live and the entries of the warm pool own, by these control databases.
    pub async fn owned(controls: &[&PgPool]) -> Self {
        let mut owned = Self::default();
        for control in controls {
            let living: Vec<(String, String, String)> = sqlx::query_as(
                "SELECT database_name, role_name, bucket_name FROM tenants WHERE state = 'active'
                 UNION ALL
                 SELECT 'nxt_' || opaque, 'nxt_' || opaque, 'nxt-' || opaque FROM (SELECT replace(id::text, '-', '') AS opaque FROM warm_pool) AS entries",
            )
            .fetch_all(*control)
            .await
            .expect("the tenants");
            for (database, role, bucket) in living {
                owned.databases.insert(database);
                owned.roles.insert(role);
                owned.buckets.insert(bucket);
            }
        }
        owned
    }

    /// Only what has one of these names.
    #[must_use]
    pub fn only(mut self, names: &BTreeSet<String>) -> Self {
        for kept in [&mut self.databases, &mut self.roles, &mut self.buckets] {
            kept.retain(|name| names.contains(name));
        }
        self
    }

    /// In what this differs from what is owned: a sentence, and one of the names.
    #[must_use]
    pub fn difference(&self, owned: &Self) -> Option<(String, String)> {
        let kinds =
            [("databases", &self.databases, &owned.databases), ("roles", &self.roles, &owned.roles), ("buckets", &self.buckets, &owned.buckets)];
        kinds.into_iter().find_map(|(what, found, owned)| {
            let (orphans, lacking): (Vec<_>, Vec<_>) = (found.difference(owned).collect(), owned.difference(found).collect());
            let name = (*orphans.first().or(lacking.first())?).clone();
            Some((format!("{what} of nobody: {orphans:?}; {what} that lack: {lacking:?}"), name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orphan_and_a_lack_are_told_apart_and_what_is_owned_is_no_difference() {
        let with = |names: &[&str]| Estate { roles: names.iter().map(|name| (*name).to_owned()).collect(), ..Estate::default() };
        assert_eq!(with(&["a", "b"]).difference(&with(&["a", "b"])), None);
        let (told, name) = with(&["a", "b"]).difference(&with(&["b", "c"])).unwrap();
        assert_eq!((told.as_str(), name.as_str()), (r#"roles of nobody: ["a"]; roles that lack: ["c"]"#, "a"));
        assert_eq!(with(&["a", "b"]).only(&["b".to_owned()].into()), with(&["b"]));
    }
}
