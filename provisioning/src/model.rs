//! Operations as everybody sees them.

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, Entitlements, Slug, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// The value in the database and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads the value in the database.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

wire_enum!(
    /// What an operation does.
    OperationKind {
        /// Builds a tenant.
        Provision = "provision",
        /// Erases one.
        Delete = "delete",
    }
);
wire_enum!(
    /// Where an operation stands.
    OperationState {
        /// Not begun.
        Pending = "pending",
        /// At work, or waiting for its next try; undoing, too (see [`Direction`]).
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Given up, with nothing taken back (deletion that turned out not to be wanted).
        Failed = "failed",
        /// Given up and taken back without a trace; or a deletion that was called off.
        Undone = "undone",
    }
);
wire_enum!(
    /// Which way a saga goes.
    Direction {
        /// Towards its goal.
        Forward = "forward",
        /// Taking back what was done.
        Undo = "undo",
    }
);
wire_enum!(
    /// Where a step stands.
    StepState {
        /// Its turn has not come.
        Pending = "pending",
        /// At work, or waiting for its next try.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Given up.
        Failed = "failed",
        /// Taken back.
        Undone = "undone",
    }
);

/// A tenant to be built. Its id is drawn with it: see [`Operation::tenant_id`].
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name in host names.
    pub slug: Slug,
    /// The organization's name.
    pub name: String,
    /// The first person in it, with the role owner. The account must exist in the same transaction.
    pub owner: AccountId,
    /// What its plan grants.
    pub entitlements: Entitlements,
    /// BCP 47 tag; the template's default when none.
    pub locale: Option<String>,
    /// ISO 4217 code; the template's default when none.
    pub currency: Option<String>,
    /// IANA name; the template's default when none.
    pub time_zone: Option<String>,
}

/// An operation with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub kind: OperationKind,
    /// On which tenant.
    pub tenant_id: TenantId,
    /// Where it stands.
    pub state: OperationState,
    /// Which way it goes.
    pub direction: Direction,
    /// What ended it, or holds it up just now.
    pub error: Option<OperationError>,
    /// Kind of who asked for it.
    pub created_by_kind: String,
    /// Who asked for it.
    pub created_by: Option<Uuid>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its steps, in order.
    pub steps: Vec<OperationStep>,
}

/// What ended an operation. Public wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationError {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
    /// The step it happened in.
    pub step: String,
}

/// One step of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationStep {
    /// Its name.
    pub step: String,
    /// Where it stands.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: i32,
    /// Its last failure, in public words.
    pub error: Option<String>,
    /// When it was first begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a provisioning saga works from. Ids of things to be made are fixed here, so that a repetition makes the same things.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProvisionInput {
    /// Database, role and bucket were prepared: the steps up to `bucket` are done from the start.
    #[serde(default)]
    pub(crate) from_warm_pool: bool,
    /// They were being made when the sign-up was committed: whatever the steps did, they may be there.
    #[serde(default)]
    pub(crate) begun_ahead: bool,
    pub(crate) slug: String,
    pub(crate) owner: Uuid,
    pub(crate) locale: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) main_site_id: Uuid,
    pub(crate) joined_event_id: Uuid,
    pub(crate) activated_event_id: Uuid,
}

/// What a deletion saga works from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeleteInput {
    /// Where an undelete leads back to.
    pub(crate) previous_state: String,
    pub(crate) erased_event_id: Uuid,
}
