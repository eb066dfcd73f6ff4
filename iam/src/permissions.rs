//! The permission catalogue and the built-in roles: the one list of what can be allowed in a tenant.
//!
//! A permission is named `area.verb` (`inventory.adjust`). The catalogue is code: every `Guard<P>` of the tenant runtime names one of these keys, and the tenant
//! template seeds the built-in roles with exactly the grants listed here (a test compares the two).
//!
//! Not here: who holds a role (the tenant's `user_roles`), custom roles (the tenant's `roles`), and deciding (`policy`).

use std::collections::BTreeSet;

use uuid::Uuid;

/// One permission of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionDef {
    /// `area.verb`, stable; used in routes, in the tenant's `role_permissions` and in the documentation.
    pub key: &'static str,
    /// What the holder may do, in one English line.
    pub summary: &'static str,
    /// Who can hold it.
    pub holders: Holders,
}

/// Who can hold a permission. Every permission says so: there is no default that a new one could fall into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holders {
    /// People by their roles, and API keys as one of their scopes.
    PeopleAndKeys,
    /// People only, because whoever holds it decides who else gets in: a key that leaked must not be able to outlive its revocation.
    PeopleAsItGivesAccess,
    /// People only, because what it opens belongs to a person.
    PeopleAsItIsPersonal,
}

impl PermissionDef {
    /// Whether an API key can have it as a scope.
    #[must_use]
    pub fn is_scope(&self) -> bool {
        self.holders == Holders::PeopleAndKeys
    }
}

/// One role that every tenant is born with. Its grants can't be edited by the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInRole {
    /// `roles.id`: the same in every tenant.
    pub id: Uuid,
    /// Stable key, also the value of `roles.key`.
    pub key: &'static str,
    /// Name shown to people.
    pub name: &'static str,
    /// What the role is for, in one English line.
    pub description: &'static str,
    /// Keys of the catalogue the role allows.
    pub permissions: &'static [&'static str],
}

macro_rules! permissions {
    ($($key:literal => $holders:ident $summary:literal),+ $(,)?) => {
        /// Every permission there is, in the order in which the documentation lists them.
        pub const PERMISSIONS: &[PermissionDef] = &[$(PermissionDef { key: $key, summary: $summary, holders: Holders::$holders }),+];
        const ALL_KEYS: &[&str] = &[$($key),+];
    };
}

permissions! {
    "products.read" => PeopleAndKeys "See products, variants and tags",
    "products.write" => PeopleAndKeys "Create, change and archive products, variants and tags",
    "products.import" => PeopleAndKeys "Import products from files",
    "categories.read" => PeopleAndKeys "See the category tree",
    "categories.write" => PeopleAndKeys "Create, change and delete categories",
    "inventory.read" => PeopleAndKeys "See stock levels and movements",
    "inventory.adjust" => PeopleAndKeys "Correct stock levels",
    "inventory.transfer" => PeopleAndKeys "Move stock between locations",
    "inventory.receive" => PeopleAndKeys "Receive stock into a location",
    "inventory.issue" => PeopleAndKeys "Issue, return and scrap stock",
    "inventory.import" => PeopleAndKeys "Import stock movements from files",
    "inventory.backdate" => PeopleAndKeys "Post movements with an earlier business time",
    "locations.read" => PeopleAndKeys "See sites and locations",
    "locations.write" => PeopleAndKeys "Create, change and archive sites and locations",
    "jobs.read" => PeopleAndKeys "See background jobs and their results",
    "audit_logs.read" => PeopleAndKeys "Read the audit log",
    "users.read" => PeopleAndKeys "See the organization's people",
    "users.write" => PeopleAsItGivesAccess "Invite people, give and take roles, deactivate and remove people",
    "roles.read" => PeopleAndKeys "See roles and what they allow",
    "roles.write" => PeopleAsItGivesAccess "Create, change and delete the organization's own roles",
    "settings.read" => PeopleAndKeys "See the organization's settings",
    "settings.write" => PeopleAndKeys "Change the organization's settings",
    "sample_data.write" => PeopleAndKeys "Load and remove sample data",
    "saved_views.read" => PeopleAsItIsPersonal "Use saved views",
    "saved_views.write" => PeopleAsItIsPersonal "Create, share and delete saved views",
    "api_keys.read" => PeopleAndKeys "See API keys, what they may do and when they were last used",
    "api_keys.write" => PeopleAsItGivesAccess "Create and revoke API keys",
    // Stands last: it is what tells an owner from an administrator.
    "organization.own" => PeopleAsItGivesAccess "Give and take the role of the owner, and change people and roles whatever they hold",
}

/// The areas of permissions, with the names that people know them by, in the order in which the documentation lists them.
pub const GROUPS: &[(&str, &str)] = &[
    ("products", "Products"),
    ("categories", "Categories"),
    ("inventory", "Stock"),
    ("locations", "Locations"),
    ("sample_data", "Sample data"),
    ("jobs", "Background jobs"),
    ("audit_logs", "Audit log"),
    ("users", "Members"),
    ("roles", "Roles"),
    ("settings", "Settings"),
    ("saved_views", "Saved views"),
    ("api_keys", "API keys"),
    ("organization", "Organization"),
];

/// What an owner holds and nobody else can.
pub const OWN: &str = "organization.own";

const ALL_BUT_OWN: &[&str] = match ALL_KEYS.split_last() {
    Some((_own, rest)) => rest,
    None => &[],
};

const fn role_id(number: u128) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0100 + number)
}

/// The roles of every tenant: `owner`, `admin`, `manager`, `staff`, `viewer`. `owner` has no special branch anywhere: it holds every permission, that is all.
pub const BUILT_IN_ROLES: &[BuiltInRole] = &[
    BuiltInRole { id: role_id(1), key: "owner", name: "Owner", description: "Everything, the organization itself included.", permissions: ALL_KEYS },
    BuiltInRole {
        id: role_id(2),
        key: "admin",
        name: "Administrator",
        description: "Everything within the organization, but its owners.",
        permissions: ALL_BUT_OWN,
    },
    BuiltInRole {
        id: role_id(3),
        key: "manager",
        name: "Manager",
        description: "Runs catalogue and stock; sees people and roles.",
        permissions: &[
            "products.read",
            "products.write",
            "products.import",
            "categories.read",
            "categories.write",
            "inventory.read",
            "inventory.adjust",
            "inventory.transfer",
            "inventory.receive",
            "inventory.issue",
            "inventory.import",
            "inventory.backdate",
            "locations.read",
            "locations.write",
            "jobs.read",
            "users.read",
            "roles.read",
            "settings.read",
            "sample_data.write",
            "saved_views.read",
            "saved_views.write",
        ],
    },
    BuiltInRole {
        id: role_id(4),
        key: "staff",
        name: "Staff",
        description: "Daily work with stock.",
        permissions: &[
            "products.read",
            "categories.read",
            "inventory.read",
            "inventory.adjust",
            "inventory.transfer",
            "inventory.receive",
            "inventory.issue",
            "locations.read",
            "jobs.read",
            "settings.read",
            "saved_views.read",
            "saved_views.write",
        ],
    },
    BuiltInRole {
        id: role_id(5),
        key: "viewer",
        name: "Viewer",
        description: "Looks, changes nothing.",
        permissions: &["products.read", "categories.read", "inventory.read", "locations.read", "settings.read", "saved_views.read"],
    },
];

/// The catalogue's entry for `key`, if there is one.
pub fn find(key: &str) -> Option<&'static PermissionDef> {
    PERMISSIONS.iter().find(|permission| permission.key == key)
}

/// What one person may do in one tenant: a set look-up per request, computed once per policy epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionSet(BTreeSet<String>);

impl PermissionSet {
    /// A set that allows nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the set allows `permission`. Exact match: there are no wildcards.
    pub fn allows(&self, permission: &str) -> bool {
        self.0.contains(permission)
    }

    /// The allowed permissions, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// How many permissions are allowed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<String> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = String>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_well_formed() {
        let keys: BTreeSet<_> = PERMISSIONS.iter().map(|permission| permission.key).collect();
        assert_eq!(keys.len(), PERMISSIONS.len(), "a key is listed twice");
        for key in keys {
            let (area, verb) = key.split_once('.').expect("area.verb");
            for part in [area, verb] {
                assert!(!part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{key}");
            }
        }
    }

    #[test]
    fn every_permission_is_of_a_group_and_every_group_has_one() {
        let areas: BTreeSet<_> = PERMISSIONS.iter().filter_map(|permission| permission.key.split_once('.')).map(|(area, _)| area).collect();
        let groups: BTreeSet<_> = GROUPS.iter().map(|(key, _)| *key).collect();
        assert_eq!(areas, groups);
        assert_eq!(groups.len(), GROUPS.len(), "a group is listed twice");
    }

    #[test]
    fn what_gives_access_or_is_personal_is_for_people_alone() {
        let (scopes, people): (Vec<&PermissionDef>, Vec<&PermissionDef>) = PERMISSIONS.iter().partition(|permission| permission.is_scope());
        let keys: Vec<_> = people.iter().map(|permission| permission.key).collect();
        assert_eq!(keys, ["users.write", "roles.write", "saved_views.read", "saved_views.write", "api_keys.write", OWN], "what no API key can hold");
        // Whatever is added to these areas later decides who gets in.
        for scope in scopes {
            let (area, verb) = scope.key.split_once('.').expect("area.verb");
            assert!(
                verb == "read" || !["users", "roles", "permissions", "groups", "api_keys", "organization"].contains(&area),
                "{} must not be a scope",
                scope.key
            );
        }
    }

    #[test]
    fn built_in_roles_name_only_permissions_of_the_catalogue() {
        for role in BUILT_IN_ROLES {
            let distinct: BTreeSet<_> = role.permissions.iter().collect();
            assert_eq!(distinct.len(), role.permissions.len(), "{} lists a permission twice", role.key);
            for key in role.permissions {
                assert!(find(key).is_some(), "{} names {key}, which is not in the catalogue", role.key);
            }
        }
    }

    #[test]
    fn each_built_in_role_includes_the_weaker_one() {
        for pair in BUILT_IN_ROLES.windows(2) {
            for key in pair[1].permissions {
                assert!(pair[0].permissions.contains(key), "{} lacks {key} of {}", pair[0].key, pair[1].key);
            }
        }
    }

    #[test]
    fn only_the_owner_owns_and_administrators_hold_all_the_rest() {
        let holders: Vec<_> = BUILT_IN_ROLES.iter().filter(|role| role.permissions.contains(&OWN)).map(|role| role.key).collect();
        assert_eq!(holders, ["owner"]);
        assert_eq!(BUILT_IN_ROLES[1].permissions.len(), PERMISSIONS.len() - 1);
    }

    #[test]
    fn an_empty_set_allows_nothing() {
        for permission in PERMISSIONS {
            assert!(!PermissionSet::none().allows(permission.key));
        }
    }
}
