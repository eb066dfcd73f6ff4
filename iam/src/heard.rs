//! What tenants' databases tell the control plane: the kinds of events that it hears, what they carry, and who listens there.
//!
//! The one place where this is declared: the runtime's relay reads it in order to know that an event is done only when the control plane has finished it, too;
//! the control plane in order to listen (docs/adr/0017-events-across-planes.md).
//!
//! A payload is a tenant's data: whatever its types do not rule out is checked by whoever hears it. Whose event it is, is never read from it.

use chrono::{DateTime, Utc};
use nexus_infra::outbox::Listener;
use serde::Deserialize;
use uuid::Uuid;

/// A person was invited, or is mailed once more: [`InvitationSent`].
pub const INVITATION_SENT: &str = "access.invitation.sent.v1";
/// An invitation was withdrawn: [`InvitationRevoked`].
pub const INVITATION_REVOKED: &str = "access.invitation.revoked.v1";
/// A person became a user: [`UserRoles`]. The founder's comes from provisioning.
pub const USER_JOINED: &str = "access.user.joined.v1";
/// A person may not enter any more, for now: [`UserChanged`].
pub const USER_DEACTIVATED: &str = "access.user.deactivated.v1";
/// A person may enter again: [`UserChanged`].
pub const USER_REACTIVATED: &str = "access.user.reactivated.v1";
/// Roles were given to a person or taken: [`UserRoles`].
pub const USER_ROLES_CHANGED: &str = "access.user.roles_changed.v1";
/// A person does not belong to the organization any more: [`UserChanged`].
pub const USER_REMOVED: &str = "access.user.removed.v1";

/// Keeps the index of invitations, and mails their links.
pub const INVITATION_MAIL: Listener = Listener { name: "invitation_mail", kinds: &[INVITATION_SENT, INVITATION_REVOKED] };
/// Keeps the index of who belongs to which organization, and who owns it.
pub const MEMBERSHIP_INDEX: Listener =
    Listener { name: "membership_index", kinds: &[USER_JOINED, USER_DEACTIVATED, USER_REACTIVATED, USER_ROLES_CHANGED, USER_REMOVED] };

/// Who listens to tenants' events in the control plane.
pub const BY_CONTROL: &[Listener] = &[INVITATION_MAIL, MEMBERSHIP_INDEX];

/// Payload of [`INVITATION_SENT`]; what else it holds is for others.
#[derive(Clone, Deserialize)]
pub struct InvitationSent {
    /// The invitation in the tenant's database.
    pub invitation_id: Uuid,
    /// Whom it is for, as typed.
    pub email: String,
    /// Language of the mail.
    pub locale: Option<String>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// Which of the invitation's mails this is. Only the last one's link is good.
    pub generation: u32,
}

impl std::fmt::Debug for InvitationSent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvitationSent").field("invitation_id", &self.invitation_id).field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// Payload of [`INVITATION_REVOKED`].
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct InvitationRevoked {
    /// The invitation in the tenant's database.
    pub invitation_id: Uuid,
}

/// What the payloads of events about users share.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct UserChanged {
    /// The account.
    pub user_id: Uuid,
}

/// Payload of what tells of a person's roles; what else it holds is for others.
#[derive(Debug, Clone, Deserialize)]
pub struct UserRoles {
    /// Keys of all that the person holds now.
    pub roles: Option<Vec<String>>,
}

impl UserRoles {
    /// Whether the person owns the organization; nothing where the payload does not tell.
    #[must_use]
    pub fn owns(&self) -> Option<bool> {
        self.roles.as_ref().map(|roles| roles.iter().any(|role| role == "owner"))
    }
}
