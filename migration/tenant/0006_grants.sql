-- What a tenant's login role may do: exactly this, inherited from nx_tenant. No DDL, no TEMP (revoked on the database),
-- nothing on what is not named here. A later migration that adds a table adds its grants.

GRANT SELECT ON schema_info, policy_epoch, catalog_variants, variant_stock TO nx_tenant;

-- Append-only: add and read.
GRANT SELECT, INSERT ON stock_movements, audit_log TO nx_tenant;

-- Never deleted: people are deactivated, levels go to zero, settings have defaults, imports are history.
GRANT SELECT, INSERT, UPDATE ON users, stock_levels, settings, imports TO nx_tenant;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    roles, role_permissions, user_roles,
    categories, tags, products, variants, variant_barcodes, product_tags, saved_views,
    locations, outbox, outbox_deliveries, idempotency_keys, jobs
TO nx_tenant;

-- Staged rows are written and thrown away, never edited.
GRANT SELECT, INSERT, DELETE ON import_movement_rows, import_product_rows TO nx_tenant;
