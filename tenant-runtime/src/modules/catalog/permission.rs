//! What the operations of the catalogue ask for.

use crate::context::permissions;

permissions! {
    /// Sees products, variants and tags.
    ProductsRead = "products.read";
    /// Creates, changes and archives products, variants and tags.
    ProductsWrite = "products.write";
    /// Sees the category tree.
    CategoriesRead = "categories.read";
    /// Creates, changes and deletes categories.
    CategoriesWrite = "categories.write";
}
