//! Announcements on the stream: which aggregate of which database has undone events.
//!
//! They carry no payload. The rows are read from the database, so that Redis holds no business data and a lost or
//! doubled announcement changes nothing.

use nexus_core::TenantId;
use uuid::Uuid;

use super::Plane;
use crate::redis::{Redis, RedisError, StreamEntry, wire as redis};

/// Entries kept, roughly: more than are ever unread, and small.
const KEEP: usize = 100_000;

/// One announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announcement {
    pub(super) tenant: Option<TenantId>,
    pub(super) aggregate_type: String,
    pub(super) aggregate_id: Uuid,
    /// None when it stands for whatever is undone of the aggregate.
    pub(super) kind: Option<String>,
}

impl Announcement {
    fn fields(&self) -> [String; 4] {
        [
            self.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
            self.aggregate_type.clone(),
            self.aggregate_id.to_string(),
            self.kind.clone().unwrap_or_default(),
        ]
    }

    /// `None` for an entry that is not ours to understand.
    pub(super) fn read(entry: &StreamEntry) -> Option<Self> {
        let field = |name: &str| entry.fields.get(name).map(String::as_str);
        let tenant = match field("tenant")? {
            "" => None,
            id => Some(id.parse().ok()?),
        };
        Some(Self {
            tenant,
            aggregate_type: field("type")?.to_owned(),
            aggregate_id: field("aggregate")?.parse().ok()?,
            kind: field("kind").filter(|kind| !kind.is_empty()).map(str::to_owned),
        })
    }
}

/// Where a plane's own subscribers listen.
pub(super) fn stream(plane: Plane) -> String {
    format!("nexus:events:{}", plane.as_str())
}

/// Where the other plane's subscribers listen to the events of this one's databases: they are few, and need not read through all the others.
pub(super) fn stream_elsewhere(plane: Plane) -> String {
    format!("nexus:events:{}:elsewhere", plane.as_str())
}

/// Puts the announcements on the stream, in order.
pub(super) async fn announce(redis: &Redis, stream: &str, announcements: &[Announcement]) -> Result<(), RedisError> {
    // Small pipelines: each stays well within the time-out of a call.
    for part in announcements.chunks(100) {
        let rows: Vec<[String; 4]> = part.iter().map(Announcement::fields).collect();
        let entries: Vec<Vec<(&str, &str)>> = rows
            .iter()
            .map(|[tenant, kind_of, id, kind]| vec![("tenant", tenant.as_str()), ("type", kind_of), ("aggregate", id), ("kind", kind)])
            .collect();
        redis.stream_add_all(stream, KEEP, &entries).await?;
    }
    Ok(())
}

/// Identity of what Redis remembers: another one after it was wiped.
pub(super) async fn generation(redis: &Redis, plane: Plane) -> Result<String, RedisError> {
    let key = format!("nexus:events:{}:generation", plane.as_str());
    if let Some(generation) = redis.get(&key).await? {
        return Ok(String::from_utf8_lossy(&generation).into_owned());
    }
    let fresh = Uuid::new_v4().to_string();
    let set: Option<String> = redis.query(redis::cmd("SET").arg(&key).arg(&fresh).arg("NX")).await?;
    match set {
        Some(_) => Ok(fresh),
        None => Ok(redis.get(&key).await?.map_or(fresh, |other| String::from_utf8_lossy(&other).into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn entry(announcement: &Announcement) -> StreamEntry {
        let names = ["tenant", "type", "aggregate", "kind"];
        let fields: HashMap<_, _> = names.iter().map(|name| (*name).to_owned()).zip(announcement.fields()).collect();
        StreamEntry { id: "1-0".into(), fields }
    }

    #[test]
    fn an_announcement_survives_the_stream() {
        for tenant in [None, Some(TenantId(Uuid::from_u128(7)))] {
            let sent = Announcement {
                tenant,
                aggregate_type: "product".into(),
                aggregate_id: Uuid::from_u128(9),
                kind: Some("catalog.product.created.v1".into()),
            };
            assert_eq!(Announcement::read(&entry(&sent)), Some(sent));
        }
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn an_entry_is_read_as_it_was_written_or_not_at_all(
                tenant in prop::option::of(any::<u128>()), aggregate_type in "[a-z_]{1,20}", id: u128, kind in prop::option::of("[a-z.]{1,30}\\.v[0-9]"), missing in 0_usize..5, other in "\\PC{0,40}",
            ) {
                let sent = Announcement { tenant: tenant.map(|id| TenantId(Uuid::from_u128(id))), aggregate_type, aggregate_id: Uuid::from_u128(id), kind };
                prop_assert_eq!(Announcement::read(&entry(&sent)), Some(sent.clone()));
                let mut lacking = entry(&sent);
                if let Some(name) = ["tenant", "type", "aggregate"].get(missing) {
                    lacking.fields.remove(*name);
                    prop_assert_eq!(Announcement::read(&lacking), None, "without {}", name);
                }
                for name in ["tenant", "aggregate"] {
                    let mut altered = entry(&sent);
                    altered.fields.insert(name.to_owned(), other.clone());
                    let is_id = other.parse::<Uuid>().is_ok() || (name == "tenant" && other.is_empty());
                    prop_assert_eq!(Announcement::read(&altered).is_some(), is_id, "{}={}", name, other);
                }
            }
        }
    }

    #[test]
    fn a_foreign_entry_is_no_announcement() {
        assert_eq!(Announcement::read(&StreamEntry { id: "1-0".into(), fields: HashMap::new() }), None);
    }
}
