//! Where people and invitations stand, and what may become of them.

use super::entity::{InvitationState, UserState};

impl UserState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Deactivated, Self::Removed];

    /// The value stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Removed => "removed",
        }
    }

    /// Whether a person may go from here to there. Who was removed comes back by another invitation; an invited person whose invitation is revoked is deleted.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Invited | Self::Deactivated | Self::Removed, Self::Active)
                | (Self::Active, Self::Deactivated)
                | (Self::Active | Self::Deactivated, Self::Removed)
        )
    }
}

impl InvitationState {
    /// The value stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_becomes_invited_again_and_nobody_is_removed_before_joining() {
        for state in UserState::ALL {
            assert!(!state.may_become(UserState::Invited) && !state.may_become(state), "{state:?}");
        }
        assert!(!UserState::Invited.may_become(UserState::Removed), "the row is deleted");
        assert!(!UserState::Invited.may_become(UserState::Deactivated) && !UserState::Removed.may_become(UserState::Deactivated));
        assert!(UserState::Deactivated.may_become(UserState::Active) && UserState::Removed.may_become(UserState::Active));
    }
}
