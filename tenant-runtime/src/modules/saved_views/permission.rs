//! What the operations of the slice ask for.

use crate::context::permissions;

permissions! {
    /// Uses saved views.
    SavedViewsRead = "saved_views.read";
    /// Creates, shares and deletes saved views.
    SavedViewsWrite = "saved_views.write";
}
