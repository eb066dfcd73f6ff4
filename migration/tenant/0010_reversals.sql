-- Reversals: movements that undo others. The ledger keeps both; which belong together stands here, so that the rows of the ledger, and the
-- statement that writes them, are what they were.

CREATE TABLE stock_reversals (
    reversal_id uuid CONSTRAINT stock_reversals_pkey PRIMARY KEY
        CONSTRAINT stock_reversals_reversal_id_fkey REFERENCES stock_movements (id) ON DELETE RESTRICT,
    reverses_id uuid NOT NULL CONSTRAINT stock_reversals_reverses_id_fkey REFERENCES stock_movements (id) ON DELETE RESTRICT,
    CONSTRAINT stock_reversals_reverses_id_key UNIQUE (reverses_id)  -- a movement is reversed once
);
CREATE TRIGGER stock_reversals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_reversals
    FOR EACH STATEMENT EXECUTE FUNCTION nx_append_only();
ALTER TABLE stock_reversals ENABLE ALWAYS TRIGGER stock_reversals_append_only;

-- A reversal takes the same quantity of the same article the same way back, and is not reversed itself: what was undone by mistake is
-- posted anew.
CREATE FUNCTION nx_guard_reversals() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f JOIN stock_movements r ON r.id = f.reversal_id JOIN stock_movements m ON m.id = f.reverses_id
        WHERE (r.variant_id, r.lot_id, r.quantity, r.unit, r.from_location_id, r.to_location_id)
              IS DISTINCT FROM (m.variant_id, m.lot_id, m.quantity, m.unit, m.to_location_id, m.from_location_id)
    ) THEN
        RAISE EXCEPTION 'a reversal is not the opposite of its movement'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'stock_reversals_opposite';
    END IF;
    IF EXISTS (SELECT FROM fresh f JOIN stock_reversals s ON s.reversal_id = f.reverses_id) THEN
        RAISE EXCEPTION 'a reversal is not reversed'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'stock_reversals_final';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_reversals_opposite AFTER INSERT ON stock_reversals REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_guard_reversals();

-- Append-only: add and read.
GRANT SELECT, INSERT ON stock_reversals TO nx_tenant;
