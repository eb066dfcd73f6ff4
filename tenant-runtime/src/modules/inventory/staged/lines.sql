-- The staged lines of one import with what they name. $1 import · $2 after line · $3 until line · $4 whether SKUs that differ
-- only by case are different articles: then the exact spelling wins, then its numbered namesake (`abc~2`), then any case.
WITH staged AS MATERIALIZED (
    SELECT * FROM import_movement_rows WHERE import_id = $1::uuid AND line > $2::bigint AND line <= $3::bigint
), spelled AS (
    SELECT d.sku, lower(normalize(d.sku, NFKC)) AS key FROM (SELECT DISTINCT sku FROM staged) AS d
), namesakes AS (
    SELECT DISTINCT ON (base) base, id
    FROM (SELECT left(sku, -2) AS base, sku, id FROM catalog_variants WHERE $4::boolean AND sku ~ '~[2-9]$') AS numbered
    ORDER BY base, sku
), articles AS MATERIALIZED (
    SELECT found.sku, v.id, v.unit, v.kind, v.variant_status = 'archived' OR v.product_status = 'archived' AS archived
    FROM (
        SELECT k.sku, CASE WHEN any_case.sku = k.sku THEN any_case.id ELSE coalesce(n.id, any_case.id) END AS id
        FROM spelled k
        LEFT JOIN catalog_variants any_case ON any_case.sku_normalised = k.key
        LEFT JOIN namesakes n ON n.base = k.sku
    ) AS found
    LEFT JOIN catalog_variants v ON v.id = found.id
), places AS MATERIALIZED (
    SELECT k.key, l.id, l.type = 'virtual' AS is_virtual, l.is_stock, l.status = 'archived' AS archived
    FROM (SELECT location_key AS key FROM staged UNION SELECT counter_location_key FROM staged) AS k
    LEFT JOIN locations l ON lower(l.code) = lower(k.key)
), named AS (
    SELECT s.*, a.id AS variant_id, a.unit AS article_unit, a.kind,
           f.id AS location_id, c.id AS counter_id, NOT c.is_virtual AS counter_stock,
           CASE WHEN a.id IS NULL THEN 'unknown' WHEN a.archived THEN 'archived' END AS sku_fault,
           CASE WHEN a.kind = 'stocked' AND s.unit <> a.unit THEN 'unit_mismatch' END AS unit_fault,
           CASE WHEN f.id IS NULL THEN 'unknown' WHEN f.is_virtual THEN 'virtual' WHEN f.archived THEN 'archived'
                WHEN NOT f.is_stock THEN 'no_stock' END AS location_fault,
           CASE WHEN c.id IS NULL THEN 'unknown' WHEN c.id = f.id THEN 'same_place' WHEN c.archived THEN 'archived'
                WHEN NOT c.is_virtual AND NOT c.is_stock THEN 'no_stock' END AS counter_fault
    FROM staged s
    JOIN articles a ON a.sku = s.sku
    JOIN places f ON f.key = s.location_key
    JOIN places c ON c.key = s.counter_location_key
), lines AS (
    SELECT * FROM named
    WHERE kind = 'stocked' AND sku_fault IS NULL AND unit_fault IS NULL AND location_fault IS NULL AND counter_fault IS NULL
), sides AS (
    SELECT line, false AS is_counter, variant_id, location_id, delta FROM lines
    UNION ALL
    SELECT line, true, variant_id, counter_id, -delta FROM lines WHERE counter_stock
)
