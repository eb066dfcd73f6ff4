//! Ending trials: billing decides, and the runtimes hear of the new limits at once.

use nexus_billing::{BillingError, end_trial, trials_over};

use crate::state::ControlPlane;

/// Ends the trials that are over. One that can't be ended holds up no other.
///
/// # Errors
/// The last that went wrong.
pub(crate) async fn end_trials(state: &ControlPlane) -> Result<(), BillingError> {
    let mut outcome = Ok(());
    for organization in trials_over(&state.db, &state.clock).await? {
        match end_trial(&state.db, &state.clock, organization).await {
            Ok(Some(_)) => {
                tracing::info!(tenant = %organization, "a trial has ended; the organization has the free plan");
                state.announce(organization).await;
            }
            Ok(None) => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
