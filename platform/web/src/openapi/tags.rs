//! What the groups of the document are about. A group that is missing here is described by its name alone; a test of the whole document
//! refuses that.

const TAGS: &[(&str, &str)] = &[
    ("access", "The organization's people, their roles and what these allow, your own place in it, and its audit log."),
    ("account", "Your account: one person, whichever organizations they belong to."),
    ("admin", "For operators: how the platform stands, what is done to tenants and how far it is, plans and who has them, the platform's audit log."),
    ("admin-auth", "Log-in of the platform's operators, who are no users of any organization."),
    ("api-keys", "Credentials of programs: each does what its scopes say until it is revoked, whoever made it."),
    ("auth", "Proving an e-mail address, logging in, renewing a session, switching organizations and logging out."),
    ("billing", "Plans, and the organization's subscription to one."),
    ("categories", "The tree that products are sorted into."),
    ("health", "Whether the program lives, can serve, and which version it is."),
    ("imports", "Files of products and of stock movements, read in the background with a report of every refused row."),
    ("invitations", "Asking people into the organization, and joining it."),
    ("inventory", "What lies where: stock levels, and the append-only ledger of movements that they follow from."),
    ("jobs", "Work in the background: how far it is, what it made, what it refused."),
    ("locations", "Where stock is kept: sites, and the areas, aisles and bins within them."),
    ("onboarding", "The first steps of a new organization, and sample data to try things with."),
    ("operations", "How far the building of an organization is, to be polled or watched."),
    ("organizations", "The organizations you belong to, and founding another."),
    ("products", "The catalogue: products, and the variants of them that are counted, sold and scanned."),
    ("saved-views", "List queries that a person keeps under a name, for themselves or for all."),
    ("sessions", "Where you are logged in, and logging out there."),
    ("settings", "The organization's language, currency and time zone."),
    ("signup", "Founding an organization together with its first account."),
    ("tags", "Free labels on products."),
    ("tenants", "For operators: every organization with its state, plan and place."),
    ("well-known", "The keys that access tokens are verified with."),
];

/// The description of a tag.
pub(super) fn about(tag: &str) -> String {
    let known = TAGS.iter().find(|(name, _)| *name == tag);
    known.map_or_else(|| format!("Operations on {}.", tag.replace(['-', '_'], " ")), |(_, about)| (*about).to_owned())
}
