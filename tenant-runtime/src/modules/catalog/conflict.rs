//! Names the SKU or barcode behind a unique violation: the failed transaction can no longer be asked, so the database is asked again.

use nexus_infra::DbError;
use uuid::Uuid;

use super::error::CatalogError;
use super::variants::store;
use super::variants::wire::VariantIn;
use crate::context::TenantContext;

/// `error` with the first taken SKU or barcode of `variants` named. `except` are the variants that were being written.
pub(super) async fn name<'v>(
    ctx: &TenantContext,
    error: CatalogError,
    variants: impl IntoIterator<Item = &'v VariantIn>,
    except: &[Uuid],
) -> CatalogError {
    let CatalogError::Db(violation) = &error else { return error };
    match violation.constraint() {
        Some("variants_sku_normalised_key") => {
            let skus: Vec<String> = variants.into_iter().map(|variant| variant.sku.clone()).collect();
            let taken = async { store::taken_skus(ctx.read().await?.conn(), &skus, except).await };
            first(error, taken.await, CatalogError::SkuTaken, skus.first())
        }
        Some("variant_barcodes_pkey") => {
            let codes: Vec<String> = variants.into_iter().flat_map(|variant| variant.barcodes.iter().map(|code| code.barcode.clone())).collect();
            let taken = async { store::taken_barcodes(ctx.read().await?.conn(), &codes, except).await };
            first(error, taken.await, CatalogError::BarcodeTaken, codes.first())
        }
        _ => error,
    }
}

/// The first taken code. When it was given free meanwhile, the first one asked for: the caller may simply try again.
fn first(error: CatalogError, taken: Result<Vec<String>, DbError>, make: fn(String) -> CatalogError, asked: Option<&String>) -> CatalogError {
    match taken {
        Ok(taken) => taken.into_iter().next().or_else(|| asked.cloned()).map_or(error, make),
        Err(unreadable) => unreadable.into(),
    }
}
