//! Rules of the settings and their transaction boundary.

use nexus_core::{AuditEntry, Event, Faults};
use nexus_infra::postgres::knows_time_zone;
use nexus_infra::{Db, DbError, Tx};
use serde_json::{Value, json};

use super::store::{self, Rows};
use super::wire::{SettingsOut, SettingsPatch};
use crate::change;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

/// Action of the audit entry.
const UPDATE: &str = "settings.update";
/// Emitted when a setting changed.
const EVENT: &str = "access.settings.updated.v1";

/// The settings, missing ones with their defaults.
pub(super) async fn get(ctx: &TenantContext) -> Result<SettingsOut, AccessError> {
    Ok(shown(&store::all(ctx.read().await?.conn()).await?))
}

/// The currency of the organization's new amounts.
///
/// # Errors
/// [`DbError`].
pub async fn currency(db: &Db) -> Result<String, DbError> {
    Ok(shown(&store::all(db.conn()).await?).currency)
}

/// The time zone of the organization's business days.
///
/// # Errors
/// [`DbError`].
pub async fn time_zone(db: &Db) -> Result<String, DbError> {
    Ok(shown(&store::all(db.conn()).await?).time_zone)
}

/// The organization's language and region, for mails.
pub(in crate::modules::access) async fn locale(tx: &Tx) -> Result<String, DbError> {
    Ok(shown(&store::all(tx.conn()).await?).locale)
}

fn shown(rows: &Rows) -> SettingsOut {
    let text = |key: &str, default: &str| rows.values.get(key).and_then(Value::as_str).unwrap_or(default).to_owned();
    SettingsOut { locale: text("locale", "en"), currency: text("currency", "EUR"), time_zone: text("time_zone", "UTC"), version: rows.version }
}

/// Changes the given settings.
pub(super) async fn edit(ctx: &TenantContext, version: i64, patch: SettingsPatch) -> Result<SettingsOut, AccessError> {
    if let Some(zone) = patch.time_zone.value() {
        let mut faults = Faults::new();
        faults.check(knows_time_zone(&*ctx.read().await?, zone).await?, "time_zone", "unknown", "must be an IANA time zone such as Europe/Berlin");
        if !faults.is_empty() {
            return Err(faults.into());
        }
    }
    let wanted = [
        ("locale", patch.locale.value().cloned()),
        ("currency", patch.currency.value().map(|currency| currency.0.to_string())),
        ("time_zone", patch.time_zone.value().cloned()),
    ];
    ctx.write(UPDATE, async |tx| {
        let before = store::all_locked(tx).await?;
        if before.version != version {
            return Err(AccessError::stale(shown(&before)));
        }
        for (key, value) in &wanted {
            if let Some(value) = value
                && before.values.get(*key).and_then(Value::as_str) != Some(value)
            {
                store::set(tx, key, json!(value)).await?;
            }
        }
        let after = store::all(tx.conn()).await?;
        if after != before {
            let (old, new) = change::states(Some(&shown(&before)), Some(&shown(&after)));
            let payload = new.clone().unwrap_or_default();
            tx.audit(AuditEntry { before: old, after: new, ..AuditEntry::batch(UPDATE, "settings") });
            tx.emit(Event { id: tx.new_id(), kind: EVENT, aggregate_type: "settings", aggregate_id: ctx.tenant_id().0, payload });
        }
        Ok(shown(&after))
    })
    .await
}
