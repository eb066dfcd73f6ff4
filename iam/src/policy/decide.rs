//! The permissions of one person or one API key, decided by Casbin.
//!
//! The adapter serves the rules of one subject from a snapshot, which keeps each evaluation small however many roles, people and keys the tenant has. A key
//! holds its scopes as a person holds a role that nobody else has.

use std::fmt;

use async_trait::async_trait;
use casbin::{Adapter, CoreApi, DefaultModel, Enforcer, Filter, Model};
use uuid::Uuid;

use super::{Effect, PolicyError, PolicySnapshot};
use crate::permissions::{PermissionDef, PermissionSet, find};

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

/// Whom the policy is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person.
    User(Uuid),
    /// An API key.
    Key(Uuid),
}

/// As Casbin knows it: prefixed, so that no id is taken for another.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
        }
    }
}

/// What a key holds its scopes by.
fn scopes_subject(key: Uuid) -> String {
    format!("scopes:{key}")
}

fn role_subject(role: Uuid) -> String {
    format!("role:{role}")
}

/// Everything `subject` may do. Runs Casbin: call it on a blocking thread.
///
/// # Errors
/// [`PolicyError::Evaluation`] when Casbin refuses; the caller denies.
pub fn decide(snapshot: &PolicySnapshot, subject: Subject) -> Result<PermissionSet, PolicyError> {
    let rules = Rules::of(snapshot, subject);
    // An empty policy could allow in casbin-rs, and a permission that no rule names can't be allowed: only named ones are asked about.
    if rules.grants.is_empty() || rules.links.is_empty() {
        return Ok(PermissionSet::none());
    }
    let failed = |error: casbin::Error| PolicyError::Evaluation { subject, reason: error.to_string() };
    let named: std::collections::BTreeSet<String> = rules.grants.iter().map(|rule| rule[1].clone()).collect();
    // The futures do no I/O: the model and the rules are in memory.
    let enforcer = futures::executor::block_on(async {
        let model = DefaultModel::from_str(MODEL).await?;
        Enforcer::new(model, rules).await
    })
    .map_err(failed)?;
    let subject = subject.to_string();
    let mut allowed = Vec::with_capacity(named.len());
    for permission in named {
        if enforcer.enforce((subject.as_str(), permission.as_str())).map_err(failed)? {
            allowed.push(permission);
        }
    }
    Ok(allowed.into_iter().collect())
}

/// The rules that concern one subject: `p` lines of the roles held or of the scopes, `g` lines to those.
struct Rules {
    grants: Vec<Vec<String>>,
    links: Vec<Vec<String>>,
}

impl Rules {
    fn none() -> Self {
        Self { grants: Vec::new(), links: Vec::new() }
    }

    fn of(snapshot: &PolicySnapshot, subject: Subject) -> Self {
        match subject {
            Subject::User(id) => Self::of_user(snapshot, id),
            Subject::Key(id) => Self::of_key(snapshot, id),
        }
    }

    /// A scope that no key can hold (any more) gives nothing, whatever the table says.
    fn of_key(snapshot: &PolicySnapshot, id: Uuid) -> Self {
        let Some(key) = snapshot.keys.get(&id) else { return Self::none() };
        let scopes = key.scopes.iter().filter(|scope| find(scope).is_some_and(PermissionDef::is_scope));
        let grants = scopes.map(|scope| vec![scopes_subject(id), scope.clone(), Effect::Allow.as_str().to_owned()]).collect();
        Self { grants, links: vec![vec![Subject::Key(id).to_string(), scopes_subject(id)]] }
    }

    fn of_user(snapshot: &PolicySnapshot, user: Uuid) -> Self {
        let Some(person) = snapshot.users.get(&user) else { return Self::none() };
        let links = person.roles.iter().map(|role| vec![Subject::User(user).to_string(), role_subject(*role)]).collect();
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
