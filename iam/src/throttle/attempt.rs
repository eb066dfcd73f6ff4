//! What a try is counted on.

use std::time::Duration;

use nexus_core::TenantId;
use nexus_core::network::NETWORKS_OF_A_SITE;

use super::HOUR;
use super::familiar::Familiar;
use crate::derived::DerivedTokens;
use crate::sessions::Client;

/// Failures are forgotten after this.
pub(super) const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failures on one address from one network.
pub(super) const PER_ADDRESS_AND_NETWORK: u64 = 10;
/// Failures on one address from everywhere; then tries are admitted slowly.
pub(super) const PER_ADDRESS: u64 = 100;
/// Failures from one network on all addresses.
pub(super) const PER_NETWORK: u64 = 200;
/// The pace of tries that are admitted slowly: on one address from everywhere, and one from each network.
pub(super) const SLOWLY: u64 = 10;
pub(super) const PACE: Duration = Duration::from_secs(60);
/// Links of mails that one network may try in vain.
pub(super) const LINKS_PER_NETWORK: u64 = 60;
/// Mails that one organization may have sent to people it invites, in an hour.
pub(super) const INVITATIONS_PER_ORGANIZATION: u64 = 200;
/// Of these, mails to one address.
pub(super) const INVITATIONS_PER_ORGANIZATION_AND_ADDRESS: u64 = 5;
/// Invitations to one address that all organizations together may have sent in an hour; beyond that each may send one.
pub(super) const INVITATIONS_PER_ADDRESS: u64 = 20;
/// Mails to one address that one network may ask for in an hour.
pub(super) const MAILS_PER_ADDRESS_AND_NETWORK: u64 = 5;
/// Mails to one address that all networks together may ask for in an hour.
pub(super) const MAILS_PER_ADDRESS: u64 = 20;

/// At most `limit` tries on `key` within a window.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) key: String,
    pub(super) limit: u64,
    pub(super) window: Duration,
}

/// One try, as the counters see it. The first rule is the one that a success resets.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub(super) rules: Vec<Rule>,
    pub(super) everywhere: Option<Everywhere>,
}

/// What is counted on an address whoever tries, and what holds instead once that is used up.
#[derive(Debug, Clone)]
pub(super) struct Everywhere {
    pub(super) bounds: Vec<Rule>,
    pub(super) slow: Vec<Rule>,
    /// Networks to which neither applies.
    pub(super) familiar: Option<Familiar>,
}

/// What a mail that anybody may ask for is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// A link to prove the address.
    Verification,
    /// A link to set a new password.
    Reset,
}

impl MailKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "mail",
            Self::Reset => "mail-reset",
        }
    }
}

impl Attempt {
    /// A try to log in to `realm` with an address by a client. Only keyed digests of the address are kept.
    pub fn log_in(realm: &str, derived: &DerivedTokens, address: &str, client: &Client) -> Self {
        let (network, site) = (client.network(), client.site());
        let digest = derived.blind(address);
        let rule = |key: String, limit| Rule { key, limit, window: WINDOW };
        let slow = |key: String, limit| Rule { key, limit, window: PACE };
        let mut rules =
            vec![rule(format!("{realm}:{digest}:{network}"), PER_ADDRESS_AND_NETWORK), rule(format!("{realm}:net:{network}"), PER_NETWORK)];
        let mut bounds = vec![rule(format!("{realm}:{digest}"), PER_ADDRESS)];
        if let Some(site) = site {
            rules.push(rule(format!("{realm}:net:{site}"), u64::from(NETWORKS_OF_A_SITE) * PER_NETWORK));
            bounds.push(rule(format!("{realm}:{digest}:{site}"), u64::from(NETWORKS_OF_A_SITE) * PER_ADDRESS_AND_NETWORK));
        }
        let slow = vec![slow(format!("{realm}:{digest}:slow:{}", site.unwrap_or(network)), 1), slow(format!("{realm}:{digest}:slow"), SLOWLY)];
        let familiar = Familiar::new(realm, &digest, derived.blind(&format!("familiar|{realm}|{address}|{network}")));
        Self { rules, everywhere: Some(Everywhere { bounds, slow, familiar: Some(familiar) }) }
    }

    /// A try at the link of a mail by a client. Give it back where the link is good.
    pub fn link(client: &Client) -> Self {
        let rule = |network: &str, limit| Rule { key: format!("link:{network}"), limit, window: WINDOW };
        let site = client.site().map(|site| rule(site, u64::from(NETWORKS_OF_A_SITE) * LINKS_PER_NETWORK));
        Self { rules: std::iter::once(rule(client.network(), LINKS_PER_NETWORK)).chain(site).collect(), everywhere: None }
    }

    /// A mail that an organization has sent to an address (as a keyed digest) which it invites. Once all organizations together have used up what an address gets
    /// in an hour, each still has one: nobody keeps others from inviting somebody.
    pub fn invitation(organization: TenantId, address_digest: &str) -> Self {
        let rule = |key: String, limit| Rule { key, limit, window: HOUR };
        let rules = vec![
            rule(format!("invitation:{organization}:{address_digest}"), INVITATIONS_PER_ORGANIZATION_AND_ADDRESS),
            rule(format!("invitation:{organization}"), INVITATIONS_PER_ORGANIZATION),
        ];
        let bounds = vec![rule(format!("invitation:{address_digest}"), INVITATIONS_PER_ADDRESS)];
        let slow = vec![rule(format!("invitation:{organization}:{address_digest}:slow"), 1)];
        Self { rules, everywhere: Some(Everywhere { bounds, slow, familiar: None }) }
    }

    /// A request for a mail to an address (as a keyed digest) by a client, whether anybody has the address or not. Kinds are counted apart.
    pub fn mail(kind: MailKind, address_digest: &str, client: &Client) -> Self {
        let kind = kind.as_str();
        let rule = |key: String, limit| Rule { key, limit, window: HOUR };
        let rules = vec![
            rule(format!("{kind}:{address_digest}:{}", client.network()), MAILS_PER_ADDRESS_AND_NETWORK),
            rule(format!("{kind}:{address_digest}"), MAILS_PER_ADDRESS),
        ];
        Self { rules, everywhere: None }
    }
}
