//! Rules of API keys and their transaction boundaries.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::{Faults, ListRequest, Listing};
use nexus_iam::api_keys::{self, ApiKey, NewApiKey};
use nexus_iam::permissions::{PermissionDef, find};
use nexus_iam::policy::PolicyVersion;
use nexus_infra::{IdempotencyError, IdempotencyKey};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::wire::{ApiKeyIn, ApiKeyOut, CreatedApiKeyOut};
use crate::change::Change;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

const CREATED: Change = Change { action: "api_keys.create", event: "access.api_key.created.v1", entity: "api_key" };
const REVOKED: Change = Change { action: "api_keys.revoke", event: "access.api_key.revoked.v1", entity: "api_key" };

/// Keys that work at the same time under any plan: they are all read with the policy.
const MOST_KEYS: i64 = 100;
/// How far ahead a key may be made to expire.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(5 * 366);

/// A key that was made, and the policy's version from which on it works.
#[derive(Serialize, Deserialize)]
struct Made {
    api_key: ApiKeyOut,
    policy: PolicyVersion,
}

fn shown(ctx: &TenantContext, key: ApiKey) -> ApiKeyOut {
    ApiKeyOut::at(key, ctx.now())
}

/// One part of the list of keys.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<ApiKeyOut>, AccessError> {
    Ok(api_keys::list(ctx.read().await?.conn(), request).await?.map(|key| shown(ctx, key)))
}

/// One key.
pub(in crate::modules::access) async fn get(ctx: &TenantContext, id: Uuid) -> Result<ApiKeyOut, AccessError> {
    let key = api_keys::find(ctx.read().await?.conn(), id).await?.ok_or(AccessError::NotFound("API key"))?;
    Ok(shown(ctx, key))
}

/// Makes a key, and shows it for the only time.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: ApiKeyIn) -> Result<CreatedApiKeyOut, AccessError> {
    let created_by = ctx.require_verified_user().map_err(AccessError::NotAllowed)?;
    let scopes = checked(ctx, &input)?;
    let id = ctx.new_id();
    let minted = api_keys::mint(&ctx.runtime().keyring, ctx.tenant_id(), id)?;
    let new = NewApiKey { id, name: &input.name, scopes: &scopes, created_by, expires_at: input.expires_at };
    let done = ctx
        .write_once(CREATED.action, key, async |tx| {
            room(ctx, i64::try_from(api_keys::count_live(tx).await?).unwrap_or(i64::MAX))?;
            let api_key = ApiKeyOut::at(api_keys::insert(tx, &new, &minted).await?, tx.now());
            CREATED.record(tx, id, None, Some(&api_key));
            Ok::<_, AccessError>(Made { api_key, policy: PolicyVersion::in_transaction(tx.conn()).await? })
        })
        .await?;
    if done.replayed {
        return Err(IdempotencyError::SecretNotReplayable.into());
    }
    ctx.policy_changed(done.value.policy).await;
    Ok(CreatedApiKeyOut { key: minted.key.expose_secret().to_owned(), api_key: done.value.api_key })
}

/// Whether one more key may work beside the `live` ones.
fn room(ctx: &TenantContext, live: i64) -> Result<(), AccessError> {
    if live >= MOST_KEYS {
        return Err(AccessError::TooManyKeys { most: MOST_KEYS });
    }
    match ctx.entitlements().limit("api_keys") {
        Some(limit) if live >= limit => Err(AccessError::QuotaExceeded { what: "API keys", limit }),
        _ => Ok(()),
    }
}

/// Ends a key for good. Revoking it again changes nothing.
pub(super) async fn revoke(ctx: &TenantContext, id: Uuid) -> Result<(), AccessError> {
    let changed = ctx
        .write(REVOKED.action, async |tx| {
            let before = api_keys::find_locked(tx, id).await?.ok_or(AccessError::NotFound("API key"))?;
            if before.revoked_at.is_some() {
                return Ok(None);
            }
            api_keys::revoke(tx, id).await?;
            let after = ApiKey { revoked_at: Some(tx.now()), ..before.clone() };
            REVOKED.record(tx, id, Some(&ApiKeyOut::at(before, tx.now())), Some(&ApiKeyOut::at(after, tx.now())));
            Ok::<_, AccessError>(Some(PolicyVersion::in_transaction(tx.conn()).await?))
        })
        .await?;
    if let Some(policy) = changed {
        ctx.policy_changed(policy).await;
    }
    Ok(())
}

/// The scopes, sorted. Every fault of scopes and expiry is named.
fn checked(ctx: &TenantContext, input: &ApiKeyIn) -> Result<Vec<String>, AccessError> {
    let mut faults = Faults::new();
    check_expiry(&mut faults, input.expires_at, ctx.now());
    let mut scopes = BTreeSet::new();
    for (place, scope) in input.scopes.iter().enumerate() {
        let field = format!("scopes[{place}]");
        match find(scope).map(PermissionDef::is_scope) {
            None => faults.push(field, "unknown", "is no permission: GET /api/v1/permissions lists them"),
            Some(false) => faults.push(field, "not_a_scope", "is for people alone: no API key can have it"),
            Some(true) if !ctx.allows(scope) => faults.push(field, "not_held", "is not yours to give: you don't hold it"),
            Some(true) if !scopes.insert(scope.clone()) => faults.push(field, "duplicate", "is listed before"),
            Some(true) => {}
        }
    }
    if faults.is_empty() { Ok(scopes.into_iter().collect()) } else { Err(faults.into()) }
}

fn check_expiry(faults: &mut Faults, expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    let Some(end) = expires_at else { return };
    faults.check(end > now, "expires_at", "past", "must lie ahead");
    faults.check(end <= now + LONGEST_LIFE, "expires_at", "too_far", "may lie at most five years ahead");
}
