//! What imports ask for.

use crate::context::permissions;

permissions! {
    /// Imports products.
    ProductsImport = "products.import";
    /// Imports stock movements.
    InventoryImport = "inventory.import";
}
