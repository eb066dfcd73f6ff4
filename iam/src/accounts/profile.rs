//! The person's own profile.

use nexus_core::language;
use nexus_core::{AccountId, AuditEntry, Faults, FieldFault, Origin};
use nexus_infra::postgres::{Tx, knows_time_zone};

use super::{Account, AccountError, Accounts, store};

/// Changes to a profile: an outer `None` leaves a field as it is, an inner `None` clears it.
#[derive(Debug, Default)]
pub struct ProfileChange {
    /// Name shown to people, 1 to 200 characters.
    pub display_name: Option<String>,
    /// BCP 47 language.
    pub locale: Option<Option<String>>,
    /// IANA time zone.
    pub time_zone: Option<Option<String>>,
}

impl ProfileChange {
    fn check(&self) -> Result<(), AccountError> {
        let mut faults = Faults::new();
        if let Some(name) = &self.display_name {
            let length = name.trim().chars().count();
            faults.check((1..=200).contains(&length), "display_name", "length", "must have 1 to 200 characters");
        }
        if let Some(Some(locale)) = &self.locale {
            faults.check(language::is_tag(locale), "locale", "locale", "must be a language tag such as `en` or `de-AT`");
        }
        if let Some(Some(zone)) = &self.time_zone {
            faults.check(is_time_zone_name(zone), "time_zone", "time_zone", "must be an IANA time zone such as `Europe/Vienna`");
        }
        if faults.is_empty() { Ok(()) } else { Err(AccountError::Invalid(faults.into_vec())) }
    }
}

/// The form of an IANA name; which there are is the database's to say.
fn is_time_zone_name(text: &str) -> bool {
    text.len() <= 64
        && text.split('/').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
        })
}

impl Accounts {
    /// Changes the profile, when its row is still at `version`.
    ///
    /// # Errors
    /// [`AccountError::Stale`] with the current row, [`AccountError::Invalid`], [`AccountError::Unknown`].
    pub async fn edit(&self, id: AccountId, version: i64, change: ProfileChange, origin: &Origin) -> Result<Account, AccountError> {
        change.check()?;
        if let Some(Some(zone)) = &change.time_zone
            && !knows_time_zone(&self.db, zone).await?
        {
            return Err(FieldFault::new("time_zone", "unknown", "must be an IANA time zone such as `Europe/Vienna`").into());
        }
        self.db
            .write("accounts.update", &self.clock, origin, async |tx: &Tx| {
                let current = store::lock(tx, id).await?.ok_or(AccountError::Unknown)?;
                if current.version != version {
                    return Err(AccountError::Stale(Box::new(current)));
                }
                let mut next = current.clone();
                if let Some(name) = &change.display_name {
                    next.display_name = name.trim().to_owned();
                }
                if let Some(locale) = &change.locale {
                    next.locale.clone_from(locale);
                }
                if let Some(zone) = &change.time_zone {
                    next.time_zone.clone_from(zone);
                }
                if next == current {
                    return Ok(current);
                }
                store::update_profile(tx, &next).await?;
                // A name is personal: the entry says that it changed, not from what to what.
                let shown = |account: &Account| serde_json::json!({ "locale": account.locale, "time_zone": account.time_zone });
                let mut after = shown(&next);
                after["display_name_changed"] = (next.display_name != current.display_name).into();
                tx.audit(AuditEntry::of("accounts.update", "account", id.0).subject(id.0).before(shown(&current)).after(after));
                store::by_id(tx.conn(), id).await?.ok_or(AccountError::Unknown)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_checked_by_form() {
        for good in ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(is_time_zone_name(good), "{good}");
        }
        for bad in ["", "/", "Europe/", "Europe Vienna", "../etc/passwd"] {
            assert!(!is_time_zone_name(bad), "{bad}");
        }
    }
}
