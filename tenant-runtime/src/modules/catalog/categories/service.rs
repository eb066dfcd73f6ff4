//! Rules of categories and their transaction boundaries.

use std::collections::HashMap;

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_infra::{DbError, IdempotencyKey, Tx};
use uuid::Uuid;

use super::store::{self, TreeRow};
use super::wire::{CategoryIn, CategoryNode, CategoryOut, CategoryPatch, slug_of};
use crate::change::Change;
use crate::context::TenantContext;
use crate::modules::catalog::error::CatalogError;

const CREATED: Change = Change { action: "categories.create", event: "catalog.category.created.v1", entity: "category" };
const UPDATED: Change = Change { action: "categories.update", event: "catalog.category.updated.v1", entity: "category" };
pub(in crate::modules::catalog) const DELETED: Change =
    Change { action: "categories.delete", event: "catalog.category.deleted.v1", entity: "category" };

/// Most categories of an organization: the tree is one answer.
const MAX_CATEGORIES: i64 = 10_000;

/// One part of the list.
pub(super) async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<CategoryOut>, CatalogError> {
    Ok(store::list(ctx.read().await?.conn(), request).await?)
}

/// One category.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<CategoryOut, CatalogError> {
    store::find(ctx.read().await?.conn(), id).await?.ok_or(CatalogError::NotFound("category"))
}

/// The whole tree.
pub(super) async fn tree(ctx: &TenantContext) -> Result<Vec<CategoryNode>, CatalogError> {
    Ok(grow(store::tree(ctx.read().await?.conn()).await?))
}

/// Rows in the order of siblings → roots with everything below them.
fn grow(rows: Vec<TreeRow>) -> Vec<CategoryNode> {
    fn below(parent: Option<Uuid>, by_parent: &mut HashMap<Option<Uuid>, Vec<TreeRow>>) -> Vec<CategoryNode> {
        let rows = by_parent.remove(&parent).unwrap_or_default();
        rows.into_iter()
            .map(|row| CategoryNode {
                id: row.id,
                name: row.name,
                slug: row.slug,
                position: row.position,
                product_count: row.product_count,
                children: below(Some(row.id), by_parent),
            })
            .collect()
    }
    let mut by_parent: HashMap<Option<Uuid>, Vec<TreeRow>> = HashMap::new();
    for row in rows {
        by_parent.entry(row.parent_id).or_default().push(row);
    }
    below(None, &mut by_parent)
}

/// Creates a category.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: CategoryIn) -> Result<Idempotent<CategoryOut>, CatalogError> {
    ctx.write_once(CREATED.action, key, async |tx| add(tx, &input).await).await
}

async fn add(tx: &Tx, input: &CategoryIn) -> Result<CategoryOut, CatalogError> {
    store::lock_tree(tx).await?;
    if store::count(tx).await? >= MAX_CATEGORIES {
        return Err(CatalogError::TooManyCategories(MAX_CATEGORIES));
    }
    let id = tx.new_id();
    let slug = slug_for(tx, id, input).await?;
    let category = store::insert(tx, id, input, slug).await?;
    CREATED.record(tx, id, None, Some(&category));
    Ok(category)
}

/// The category at the end of a path, and how many of the path had to be made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryAt {
    /// Its id.
    pub id: Uuid,
    /// Categories made.
    pub created: i64,
}

/// The category at this path from the top, made with all above it where `create` says so; none where it is missing.
pub(in crate::modules::catalog) async fn at_path(tx: &Tx, names: &[String], create: bool) -> Result<Option<CategoryAt>, CatalogError> {
    let (mut parent_id, mut created) = (None, 0);
    for name in names {
        let found = match store::child(tx, parent_id, name).await? {
            None if create => {
                // Somebody may have made it before the tree was locked.
                store::lock_tree(tx).await?;
                store::child(tx, parent_id, name).await?
            }
            found => found,
        };
        parent_id = match found {
            Some(id) => Some(id),
            None if create => {
                created += 1;
                Some(add(tx, &CategoryIn::named(name.clone(), parent_id)).await?.id)
            }
            None => return Ok(None),
        };
    }
    Ok(parent_id.map(|id| CategoryAt { id, created }))
}

/// The slug asked for; else one made from the name, with the end of the id when that is taken or empty.
async fn slug_for(tx: &Tx, id: Uuid, input: &CategoryIn) -> Result<String, CatalogError> {
    if let Some(slug) = &input.slug {
        return Ok(slug.clone());
    }
    let made = slug_of(&input.name);
    if !made.is_empty() && store::slug_is_free(tx, &made).await? {
        return Ok(made);
    }
    let tail = id.simple().to_string().split_off(24);
    let made: String = made.chars().take(100).collect();
    Ok(format!("{}-{tail}", if made.is_empty() { "category" } else { made.trim_end_matches('-') }))
}

/// Replaces a category. Without a slug it keeps the one it has.
pub(super) async fn replace(ctx: &TenantContext, id: Uuid, version: i64, input: CategoryIn) -> Result<CategoryOut, CatalogError> {
    change(ctx, id, version, |_| input.clone()).await
}

/// Changes the given fields of a category.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: CategoryPatch) -> Result<CategoryOut, CatalogError> {
    change(ctx, id, version, |before| patched(before, patch.clone())).await
}

fn patched(before: &CategoryOut, patch: CategoryPatch) -> CategoryIn {
    let mut after = CategoryIn {
        name: before.name.clone(),
        slug: Some(before.slug.clone()),
        parent_id: before.parent_id,
        description: before.description.clone(),
        seo_title: before.seo_title.clone(),
        seo_description: before.seo_description.clone(),
        position: before.position,
    };
    if let Some(name) = patch.name.into_change().flatten() {
        after.name = name;
    }
    if let Some(slug) = patch.slug.into_change().flatten() {
        after.slug = Some(slug);
    }
    if let Some(description) = patch.description.into_change() {
        after.description = description.unwrap_or_default();
    }
    if let Some(position) = patch.position.into_change().flatten() {
        after.position = position;
    }
    patch.parent_id.apply(&mut after.parent_id);
    patch.seo_title.apply(&mut after.seo_title);
    patch.seo_description.apply(&mut after.seo_description);
    after
}

async fn change(ctx: &TenantContext, id: Uuid, version: i64, to: impl Fn(&CategoryOut) -> CategoryIn) -> Result<CategoryOut, CatalogError> {
    ctx.write(UPDATED.action, async |tx| {
        store::lock_tree(tx).await?;
        let before = locked(tx, id, version).await?;
        let after = to(&before);
        let slug = after.slug.clone().unwrap_or_else(|| before.slug.clone());
        let category = store::update(tx, id, &after, slug).await?;
        UPDATED.record(tx, id, Some(&before), Some(&category));
        Ok(category)
    })
    .await
}

/// Deletes a category in which nothing lies.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), CatalogError> {
    ctx.write(DELETED.action, async |tx| {
        let before = locked(tx, id, version).await?;
        match store::delete(tx, id).await {
            Err(DbError::ForeignKeyViolation { .. }) => return Err(CatalogError::CategoryInUse),
            other => other?,
        }
        DELETED.record(tx, id, Some(&before), None);
        Ok(())
    })
    .await
}

async fn locked(tx: &Tx, id: Uuid, version: i64) -> Result<CategoryOut, CatalogError> {
    let category = store::find_locked(tx, id).await?.ok_or(CatalogError::NotFound("category"))?;
    if category.version == version { Ok(category) } else { Err(CatalogError::stale(category)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u128, parent: Option<u128>) -> TreeRow {
        TreeRow {
            id: Uuid::from_u128(id),
            parent_id: parent.map(Uuid::from_u128),
            name: id.to_string(),
            slug: id.to_string(),
            position: 0,
            product_count: 0,
        }
    }

    #[test]
    fn rows_grow_into_a_tree_that_keeps_the_order_of_siblings() {
        let tree = grow(vec![row(3, Some(1)), row(1, None), row(2, None), row(4, Some(1)), row(5, Some(4))]);
        let names = |nodes: &[CategoryNode]| nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&tree), ["1", "2"]);
        assert_eq!(names(&tree[0].children), ["3", "4"]);
        assert_eq!(names(&tree[0].children[1].children), ["5"]);
    }
}
