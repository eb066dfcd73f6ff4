//! How what people type compares with SKUs and location codes in lists: as the unique indexes do, by the database's own folding.

use sea_orm::sea_query::Expr;

/// The variant has this SKU; for selects that join `catalog_variants`.
pub fn has_sku(sku: &str) -> Expr {
    Expr::cust_with_values("catalog_variants.sku_normalised = lower(normalize(btrim($1), NFKC))", [sku])
}

/// The location has this code; for selects that join `locations`.
pub fn has_code(code: &str) -> Expr {
    Expr::cust_with_values("lower(locations.code) = lower(btrim($1))", [code])
}
