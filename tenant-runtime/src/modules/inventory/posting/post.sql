-- A posting in one statement: lock the levels in key order, check every line in its order against the running level, then
-- write levels and ledger, all or nothing. Answers one row per line.
-- $1 lines (record set) · $2 reference type · $3 reference id · $4 reference number · $5 occurred at · $6 backdating reason ·
-- $7 actor kind · $8 actor id · $9 request id · $10 batch
WITH lines AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS l(
        line integer, id uuid, variant_id uuid, quantity numeric(20, 6), unit text, from_id uuid, from_stock boolean, to_id uuid,
        to_stock boolean, reason text, note text, occurred_at timestamptz, reference_line integer, expected_quantity numeric, expected_version bigint)
), sides AS MATERIALIZED (
    SELECT line, variant_id, from_id AS location_id, -quantity AS delta, expected_quantity, expected_version FROM lines WHERE from_stock
    UNION ALL
    SELECT line, variant_id, to_id, quantity, expected_quantity, expected_version FROM lines WHERE to_stock
), keys AS MATERIALIZED (
    SELECT variant_id, location_id, sum(delta) AS delta, max(line) AS line FROM sides GROUP BY variant_id, location_id
), present AS MATERIALIZED (
    SELECT (SELECT count(*) FROM stock_levels s JOIN keys k USING (variant_id, location_id) WHERE s.lot_id IS NULL)
         = (SELECT count(*) FROM keys) AS complete
), locked AS MATERIALIZED (
    SELECT s.variant_id, s.location_id, s.on_hand, s.committed, s.reserved, s.damaged, s.safety_stock, s.quality_control, s.available, s.version,
           s.last_recorded_at
    FROM stock_levels s
    WHERE s.lot_id IS NULL
      AND (s.variant_id, s.location_id) IN (SELECT variant_id, location_id FROM keys)
      AND (SELECT complete FROM present)
    ORDER BY s.variant_id, s.location_id
    FOR NO KEY UPDATE OF s
), clock AS MATERIALIZED (
    -- Read after the locks are held, and never behind what the levels have seen.
    SELECT greatest(clock_timestamp(), max(last_recorded_at) + interval '1 microsecond') AS base FROM locked
), running AS MATERIALIZED (
    SELECT s.line, s.variant_id, s.location_id, s.delta, l.version,
           l.on_hand + sum(s.delta) OVER so_far AS after,
           l.on_hand + sum(s.delta) OVER so_far - s.delta AS before,
           l.available + sum(s.delta) OVER so_far - s.delta AS available_before,
           s.delta < 0 AND l.available + sum(s.delta) OVER so_far < 0 AS short,
           l.on_hand + sum(s.delta) OVER so_far >= 100000000000000 AS over,
           coalesce(s.expected_quantity <> l.on_hand + sum(s.delta) OVER so_far - s.delta, false)
               OR coalesce(s.expected_version <> l.version, false) AS changed
    FROM sides s JOIN locked l USING (variant_id, location_id)
    WINDOW so_far AS (PARTITION BY s.variant_id, s.location_id ORDER BY s.line)
), verdict AS MATERIALIZED (
    SELECT p.complete, p.complete AND NOT EXISTS (SELECT FROM running WHERE short OR over OR changed) AS fine FROM present p
), levels AS (
    -- Set from the locked row, every part: an UPDATE puts the row of the statement's snapshot to the CHECKs before it finds that the
    -- row has moved on. Computed from `s`, a level that was raised while we waited for its lock would be called negative.
    UPDATE stock_levels s
    SET on_hand = h.on_hand + k.delta,
        committed = h.committed, reserved = h.reserved, damaged = h.damaged, safety_stock = h.safety_stock, quality_control = h.quality_control,
        last_recorded_at = c.base + k.line * interval '1 microsecond',
        version = h.version + 1,
        updated_at = c.base
    FROM keys k JOIN locked h USING (variant_id, location_id) CROSS JOIN clock c CROSS JOIN verdict v
    WHERE v.fine AND s.variant_id = k.variant_id AND s.location_id = k.location_id AND s.lot_id IS NULL
), posted AS (
    INSERT INTO stock_movements (
        id, variant_id, quantity, unit, from_location_id, to_location_id, reason, note, reference_type, reference_id, reference_number,
        reference_line, batch_id, actor_kind, actor_id, request_id, from_quantity_after, to_quantity_after, occurred_at, recorded_at, backdating_reason)
    SELECT l.id, l.variant_id, l.quantity, l.unit, l.from_id, l.to_id, l.reason, l.note, $2::text, $3::uuid, $4::text,
           l.reference_line, $10::uuid, $7::text, $8::uuid, $9::text, f.after, t.after,
           coalesce(l.occurred_at, $5::timestamptz, c.base + l.line * interval '1 microsecond'), c.base + l.line * interval '1 microsecond', $6::text
    FROM lines l
    CROSS JOIN clock c
    CROSS JOIN verdict v
    LEFT JOIN running f ON f.line = l.line AND f.location_id = l.from_id
    LEFT JOIN running t ON t.line = l.line AND t.location_id = l.to_id
    WHERE v.fine
    ORDER BY l.line
    RETURNING id, seq, occurred_at, recorded_at
)
SELECT l.line, v.complete, v.fine AS posted, p.seq, p.occurred_at, p.recorded_at,
       f.after AS from_after, t.after AS to_after, f.available_before AS from_available_before,
       coalesce(f.short, false) AS from_short,
       coalesce(f.over, false) OR coalesce(t.over, false) AS over,
       coalesce(f.changed, false) OR coalesce(t.changed, false) AS changed,
       coalesce(f.before, t.before) AS on_hand_before,
       coalesce(f.available_before, t.available_before) AS available_before,
       coalesce(f.version, t.version) AS version_before
FROM lines l
CROSS JOIN verdict v
LEFT JOIN running f ON f.line = l.line AND f.location_id = l.from_id
LEFT JOIN running t ON t.line = l.line AND t.location_id = l.to_id
LEFT JOIN posted p ON p.id = l.id
ORDER BY l.line
