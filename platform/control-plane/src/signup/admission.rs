//! Who may found an organization, whichever way it is asked for: the same rules for a sign-up and for somebody who is logged in.

use nexus_core::AccountId;
use nexus_iam::accounts::{Account, RegistrationMode};
use nexus_infra::Tx;

use super::SignupError;
use crate::state::ControlPlane;
use crate::tenancy;

/// Refuses everybody where organizations are opened by invitation only.
///
/// # Errors
/// `SIGNUP_CLOSED`.
pub(crate) fn check_open(state: &ControlPlane) -> Result<(), SignupError> {
    if state.accounts.mode() == RegistrationMode::InviteOnly { Err(SignupError::Closed) } else { Ok(()) }
}

/// The account that founds, locked, so that requests at once count each other: it is in use, has proved its address where that is wanted, and has founded
/// fewer organizations than it may, whoever owns them by now.
///
/// # Errors
/// `ACCOUNT_DISABLED`, `VERIFICATION_REQUIRED`, `ORGANIZATION_LIMIT_REACHED`.
pub(crate) async fn admit(state: &ControlPlane, tx: &Tx, founder: AccountId) -> Result<Account, SignupError> {
    let account = state.accounts.lock(tx, founder).await?;
    let founded = tenancy::founded_by(tx.conn(), founder).await?;
    if !account.is_verified() {
        if state.accounts.mode() == RegistrationMode::VerifyFirst {
            return Err(SignupError::VerificationRequired);
        }
        // An account that proved nothing may work in the organization it created, and in no other.
        if founded > 0 {
            return Err(SignupError::VerificationRequiredForMore);
        }
    }
    let most = state.settings.signup.organizations_per_account;
    if founded < u64::from(most) { Ok(account) } else { Err(SignupError::LimitReached(most)) }
}
