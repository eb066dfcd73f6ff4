//! Who writes, and on behalf of which request.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What kind of caller acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person of the tenant, or an account on the control plane.
    User,
    /// A program with an API key.
    ApiKey,
    /// An operator of the platform.
    Operator,
    /// Nexus itself: jobs, reconcilers, the command line.
    System,
    /// Nobody yet: sign-up and log-in.
    Anonymous,
}

impl ActorKind {
    /// The value stored in `actor_kind` columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actor {
    /// What kind of caller.
    pub kind: ActorKind,
    /// Which one; none for the system and for nobody.
    pub id: Option<Uuid>,
}

impl Actor {
    /// Nexus itself.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, id: None };
    /// Nobody yet.
    pub const ANONYMOUS: Self = Self { kind: ActorKind::Anonymous, id: None };

    /// A person.
    #[must_use]
    pub fn user(id: Uuid) -> Self {
        Self { kind: ActorKind::User, id: Some(id) }
    }

    /// A program with an API key.
    #[must_use]
    pub fn api_key(id: Uuid) -> Self {
        Self { kind: ActorKind::ApiKey, id: Some(id) }
    }

    /// An operator.
    #[must_use]
    pub fn operator(id: Uuid) -> Self {
        Self { kind: ActorKind::Operator, id: Some(id) }
    }
}

/// Where a write comes from: goes into every audit entry and event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who acts.
    pub actor: Actor,
    /// The request (or job run) it happens in.
    pub request_id: String,
}

impl Origin {
    /// A write by Nexus itself, under the id of a job or run.
    pub fn system(request_id: impl Into<String>) -> Self {
        Self { actor: Actor::SYSTEM, request_id: request_id.into() }
    }
}
