//! Invitations: asking people in, and joining.
//!
//! Inviting writes an invited person, whose id is provisional, with the roles offered, and asks the control plane for a mail. Whoever follows the link is
//! given a token that names the invitation and the mail's generation; accepting with it makes the invited person the account's user.
//!
//! Invariants: an address is invited once at a time; only the link of the last mail opens; accepting and revoking wait for each other, and whoever is second
//! hears what became of it; nobody offers more than they hold; who is invited counts for the plan. The mail's event is the only one that carries an
//! address, and names nothing that would open the invitation: the link's secret is the control plane's.

pub(super) mod routes;
pub(super) mod service;
#[cfg(test)]
mod tests;
mod upkeep;
pub(super) mod wire;

pub(super) use upkeep::ForgetsOldInvitations;
