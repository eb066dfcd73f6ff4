//! Wire types of `/sessions`.

use chrono::{DateTime, Utc};
use nexus_iam::sessions::OwnSession;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionOut {
    /// Id; the tokens' `sid`.
    pub id: Uuid,
    /// The session it was switched from, with which it ends.
    #[schema(nullable = true)]
    pub parent_id: Option<Uuid>,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// What it is for; null for the account itself.
    #[schema(nullable = true)]
    pub organization: Option<SessionOrganization>,
    /// Where it is used.
    pub client: SessionClient,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed, which clients do every few minutes while they are in use.
    pub last_used_at: DateTime<Utc>,
    /// When it ends, unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
}

/// The organization of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionOrganization {
    /// Id.
    pub id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Acme Trading")]
    pub name: String,
}

/// What refreshed a session last. What is not known is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionClient {
    /// The program, by what it calls itself; more may be added.
    #[schema(example = "Firefox", nullable = true)]
    pub family: Option<String>,
    /// What it runs on; more may be added.
    #[schema(example = "Windows", nullable = true)]
    pub system: Option<String>,
    /// The network of its address: a /24 of IPv4, a /64 of IPv6.
    #[schema(example = "192.0.2.0/24", nullable = true)]
    pub network: Option<String>,
}

impl SessionOut {
    /// As the session `current` is shown it.
    pub fn new(session: OwnSession, current: Uuid) -> Self {
        let OwnSession { id, parent_id, created_at, last_used_at, expires_at, client_family, client_system, client_network, .. } = session;
        let organization = session.organization_id.zip(session.organization_slug).zip(session.organization_name);
        Self {
            id,
            parent_id,
            is_current: id == current,
            organization: organization.map(|((id, slug), name)| SessionOrganization { id, slug, name }),
            client: SessionClient { family: client_family, system: client_system, network: client_network },
            created_at,
            last_used_at,
            expires_at,
        }
    }
}
