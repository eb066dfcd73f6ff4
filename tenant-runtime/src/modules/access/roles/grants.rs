//! What a role of an organization's own may name.

use std::collections::BTreeSet;

use nexus_core::Faults;
use nexus_iam::permissions::{Holders, OWN, find};

use super::wire::GrantsIn;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::reach;

/// Permissions to allow and to deny, sorted.
pub(super) struct Grants {
    pub(super) allow: Vec<String>,
    pub(super) deny: Vec<String>,
}

/// Whether a role of an organization's own can deny it. What gives access can't be denied: otherwise a role could lock everybody out.
pub(super) fn is_deniable(permission: &str) -> bool {
    find(permission).is_some_and(|known| known.holders != Holders::PeopleAsItGivesAccess)
}

/// Checks what a body names; every fault is told.
pub(super) fn checked(ctx: &TenantContext, input: &GrantsIn) -> Result<Grants, AccessError> {
    let mut faults = Faults::new();
    let mut seen = BTreeSet::new();
    for (field, permissions) in [("allow", &input.allow), ("deny", &input.deny)] {
        for (place, permission) in permissions.iter().enumerate() {
            if let Some((code, message)) = fault(ctx, field, permission, !seen.insert(permission)) {
                faults.push(format!("{field}[{place}]"), code, message);
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let sorted = |permissions: &[String]| permissions.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    Ok(Grants { allow: sorted(&input.allow), deny: sorted(&input.deny) })
}

fn fault(ctx: &TenantContext, field: &str, permission: &String, is_repeated: bool) -> Option<(&'static str, &'static str)> {
    if find(permission).is_none() {
        return Some(("unknown", "is no permission: GET /api/v1/permissions lists them"));
    }
    if permission == OWN {
        return Some(("owner_only", "is the owner's alone: no other role names it"));
    }
    if is_repeated {
        return Some(("duplicate", "is listed before"));
    }
    if field == "deny" && !is_deniable(permission) {
        return Some(("not_deniable", "gives access: denying it could lock everybody out"));
    }
    reach::lacking(ctx, [permission]).map(|_| ("not_held", "is not yours to give or take: you don't hold it"))
}
