//! One person's permissions, decided by Casbin.
//!
//! The adapter serves the rules of one person from a snapshot, which keeps each evaluation small however many roles and people the tenant has.

use async_trait::async_trait;
use casbin::{Adapter, CoreApi, DefaultModel, Enforcer, Filter, Model};
use uuid::Uuid;

use super::{PolicyError, PolicySnapshot};
use crate::permissions::PermissionSet;

const MODEL: &str = "
[request_definition]
r = sub, perm

[policy_definition]
p = sub, perm, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = g(r.sub, p.sub) && r.perm == p.perm
";

fn user_subject(user: Uuid) -> String {
    format!("user:{user}")
}

fn role_subject(role: Uuid) -> String {
    format!("role:{role}")
}

/// Everything `user` may do. Runs Casbin: call it on a blocking thread.
///
/// # Errors
/// [`PolicyError::Evaluation`] when Casbin refuses; the caller denies.
pub fn decide(snapshot: &PolicySnapshot, user: Uuid) -> Result<PermissionSet, PolicyError> {
    let rules = Rules::of(snapshot, user);
    // An empty policy could allow in casbin-rs, and a permission that no rule names can't be allowed: only named ones are asked about.
    if rules.grants.is_empty() || rules.links.is_empty() {
        return Ok(PermissionSet::none());
    }
    let failed = |error: casbin::Error| PolicyError::Evaluation { user, reason: error.to_string() };
    let named: std::collections::BTreeSet<String> = rules.grants.iter().map(|rule| rule[1].clone()).collect();
    // The futures do no I/O: the model and the rules are in memory.
    let enforcer = futures::executor::block_on(async {
        let model = DefaultModel::from_str(MODEL).await?;
        Enforcer::new(model, rules).await
    })
    .map_err(failed)?;
    let subject = user_subject(user);
    let mut allowed = Vec::with_capacity(named.len());
    for permission in named {
        if enforcer.enforce((subject.as_str(), permission.as_str())).map_err(failed)? {
            allowed.push(permission);
        }
    }
    Ok(allowed.into_iter().collect())
}

/// The rules that concern one person: `p` lines of the roles held, `g` lines to those roles.
struct Rules {
    grants: Vec<Vec<String>>,
    links: Vec<Vec<String>>,
}

impl Rules {
    fn of(snapshot: &PolicySnapshot, user: Uuid) -> Self {
        let Some(person) = snapshot.users.get(&user) else {
            return Self { grants: Vec::new(), links: Vec::new() };
        };
        let links = person.roles.iter().map(|role| vec![user_subject(user), role_subject(*role)]).collect();
        let grants = snapshot
            .grants
            .iter()
            .filter(|grant| person.roles.contains(&grant.role))
            .map(|grant| vec![role_subject(grant.role), grant.permission.clone(), grant.effect.as_str().to_owned()])
            .collect();
        Self { grants, links }
    }

    fn fill(&self, model: &mut dyn Model) {
        model.add_policies("p", "p", self.grants.clone());
        model.add_policies("g", "g", self.links.clone());
    }
}

/// Casbin writes nothing back: policy is changed in the tenant's tables.
fn read_only<T>() -> casbin::Result<T> {
    Err(casbin::Error::AdapterError(casbin::error::AdapterError("the policy is read-only".into())))
}

#[async_trait]
impl Adapter for Rules {
    async fn load_policy(&mut self, model: &mut dyn Model) -> casbin::Result<()> {
        self.fill(model);
        Ok(())
    }

    async fn load_filtered_policy<'a>(&mut self, model: &mut dyn Model, _filter: Filter<'a>) -> casbin::Result<()> {
        self.fill(model);
        Ok(())
    }

    /// Casbin loads nothing at first from an adapter that says yes. These rules are all there are for this enforcer.
    fn is_filtered(&self) -> bool {
        false
    }

    async fn save_policy(&mut self, _model: &mut dyn Model) -> casbin::Result<()> {
        read_only()
    }

    async fn clear_policy(&mut self) -> casbin::Result<()> {
        read_only()
    }

    async fn add_policy(&mut self, _sec: &str, _ptype: &str, _rule: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }

    async fn add_policies(&mut self, _sec: &str, _ptype: &str, _rules: Vec<Vec<String>>) -> casbin::Result<bool> {
        read_only()
    }

    async fn remove_policy(&mut self, _sec: &str, _ptype: &str, _rule: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }

    async fn remove_policies(&mut self, _sec: &str, _ptype: &str, _rules: Vec<Vec<String>>) -> casbin::Result<bool> {
        read_only()
    }

    async fn remove_filtered_policy(&mut self, _sec: &str, _ptype: &str, _index: usize, _values: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
