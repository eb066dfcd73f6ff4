-- Follows lines.sql. Posts one chunk on levels that exist and are locked. $5 recorded from · $6 its milliseconds since 1970 ·
-- $7 actor kind · $8 actor id · $9 request id · $10 backdating reason
, keys AS MATERIALIZED (
    SELECT variant_id, location_id, sum(delta) AS delta, max(line) AS line FROM sides GROUP BY variant_id, location_id
), running AS MATERIALIZED (
    SELECT s.line, s.is_counter, l.on_hand + sum(s.delta) OVER (PARTITION BY s.variant_id, s.location_id ORDER BY s.line) AS after
    FROM sides s
    JOIN stock_levels l ON l.variant_id = s.variant_id AND l.location_id = s.location_id AND l.lot_id IS NULL
), levels AS (
    UPDATE stock_levels l
    SET on_hand = l.on_hand + k.delta,
        last_recorded_at = $5::timestamptz + k.line * interval '1 microsecond',
        version = l.version + 1,
        updated_at = $5::timestamptz
    FROM keys k
    WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id AND l.lot_id IS NULL
)
INSERT INTO stock_movements (
    id, batch_id, variant_id, quantity, unit, from_location_id, to_location_id, reason, note, reference_type, reference_number,
    actor_kind, actor_id, request_id, from_quantity_after, to_quantity_after, occurred_at, recorded_at, backdating_reason, import_id, import_line)
SELECT
    -- UUIDv7: milliseconds, version, random.
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send($6::bigint + r.line / 1000) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
    r.import_id, r.variant_id, abs(r.delta), r.article_unit,
    CASE WHEN r.delta < 0 THEN r.location_id ELSE r.counter_id END,
    CASE WHEN r.delta < 0 THEN r.counter_id ELSE r.location_id END,
    r.reason, r.note, r.reference_type, r.reference_number,
    $7::text, $8::uuid, $9::text,
    CASE WHEN r.delta < 0 THEN own.after ELSE other.after END,
    CASE WHEN r.delta < 0 THEN other.after ELSE own.after END,
    r.occurred_at, $5::timestamptz + r.line * interval '1 microsecond', $10::text, r.import_id, r.line
FROM lines r
JOIN running own ON own.line = r.line AND NOT own.is_counter
LEFT JOIN running other ON other.line = r.line AND other.is_counter
ORDER BY r.line
