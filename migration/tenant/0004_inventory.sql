-- Stock: the tree of locations, the append-only ledger, and the levels projected from it in the same transaction.

CREATE TABLE locations (
    id           uuid PRIMARY KEY,
    parent_id    uuid CONSTRAINT locations_parent_id_fkey REFERENCES locations (id) ON DELETE RESTRICT,
    code         text NOT NULL,
    name         text NOT NULL,
    type         text NOT NULL,
    kind         text,                                        -- sites only
    virtual_kind text,                                        -- virtual locations only
    is_stock     boolean NOT NULL DEFAULT true,               -- keeps levels; virtual locations never do (they would be the hottest rows)
    address      jsonb,
    map          jsonb,
    status       text NOT NULL DEFAULT 'active',
    search       tsvector GENERATED ALWAYS AS (public.search_document(name || ' ' || code)) STORED,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    archived_at  timestamptz,
    CONSTRAINT locations_code_form CHECK (char_length(code) BETWEEN 1 AND 64 AND code = btrim(code)),
    CONSTRAINT locations_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT locations_type_known CHECK (type IN ('site', 'area', 'aisle', 'bin', 'virtual')),
    CONSTRAINT locations_kind_known CHECK (kind IN ('warehouse', 'restaurant', 'store', 'third_party')),
    CONSTRAINT locations_virtual_kind_known
        CHECK (virtual_kind IN ('supplier', 'customer', 'transit', 'scrap', 'production', 'count')),
    CONSTRAINT locations_status_known CHECK (status IN ('active', 'archived')),
    CONSTRAINT locations_archived_at_matches CHECK ((status = 'archived') = (archived_at IS NOT NULL)),
    CONSTRAINT locations_kind_of_site CHECK ((type = 'site') = (kind IS NOT NULL)),
    CONSTRAINT locations_virtual_kind_of_virtual CHECK ((type = 'virtual') = (virtual_kind IS NOT NULL)),
    CONSTRAINT locations_root_is_site CHECK ((type IN ('site', 'virtual')) = (parent_id IS NULL)),
    CONSTRAINT locations_virtual_keeps_no_stock CHECK (type <> 'virtual' OR NOT is_stock),
    CONSTRAINT locations_address_object CHECK (jsonb_typeof(address) = 'object' AND octet_length(address::text) <= 8192),
    CONSTRAINT locations_map_object CHECK (jsonb_typeof(map) = 'object' AND octet_length(map::text) <= 16384),
    CONSTRAINT locations_no_cycle CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX locations_code_key ON locations (lower(code));
CREATE UNIQUE INDEX locations_virtual_kind_key ON locations (virtual_kind);
CREATE INDEX locations_parent_id_idx ON locations (parent_id, id);
CREATE INDEX locations_code_idx ON locations (code, id);
CREATE INDEX locations_name_idx ON locations (name, id);
CREATE INDEX locations_type_idx ON locations (type, kind, id);
CREATE INDEX locations_created_at_idx ON locations (created_at, id);
CREATE INDEX locations_updated_at_idx ON locations (updated_at, id);
CREATE INDEX locations_search_idx ON locations USING gin (search);
CREATE TRIGGER locations_touch BEFORE UPDATE ON locations FOR EACH ROW EXECUTE FUNCTION nx_touch();
CREATE TRIGGER locations_tree BEFORE INSERT OR UPDATE OF parent_id ON locations
    FOR EACH ROW EXECUTE FUNCTION nx_guard_tree();

-- The projection: one row per variant × real location × lot, written only in the transaction that adds to the ledger.
-- on_hand = available + committed + reserved + damaged + safety_stock + quality_control; incoming stands outside.
-- No touch trigger and no index on what every movement changes: an update stays on its page (HOT). The writer sets
-- version = version + 1 and updated_at itself. A decrement must be an UPDATE, not the insert of an upsert: CHECKs look
-- at the proposed row first.
CREATE TABLE stock_levels (
    id               uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT stock_levels_pkey PRIMARY KEY, -- born inside set-based statements
    variant_id       uuid NOT NULL CONSTRAINT stock_levels_variant_id_fkey REFERENCES variants (id) ON DELETE RESTRICT,
    location_id      uuid NOT NULL CONSTRAINT stock_levels_location_id_fkey REFERENCES locations (id) ON DELETE RESTRICT,
    lot_id           uuid,                                    -- lots come with their own table and foreign key
    on_hand          numeric(20,6) NOT NULL DEFAULT 0,
    committed        numeric(20,6) NOT NULL DEFAULT 0,
    reserved         numeric(20,6) NOT NULL DEFAULT 0,
    damaged          numeric(20,6) NOT NULL DEFAULT 0,
    safety_stock     numeric(20,6) NOT NULL DEFAULT 0,
    quality_control  numeric(20,6) NOT NULL DEFAULT 0,
    available        numeric(20,6) NOT NULL
        GENERATED ALWAYS AS (on_hand - committed - reserved - damaged - safety_stock - quality_control) STORED,
    incoming         numeric(20,6) NOT NULL DEFAULT 0,
    last_recorded_at timestamptz NOT NULL DEFAULT '-infinity', -- recorded_at of its newest ledger entry; the next one is later
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_levels_place_key UNIQUE NULLS NOT DISTINCT (variant_id, location_id, lot_id),
    CONSTRAINT stock_levels_on_hand_nonnegative CHECK (on_hand >= 0),
    CONSTRAINT stock_levels_available_nonnegative
        CHECK (on_hand - committed - reserved - damaged - safety_stock - quality_control >= 0),
    CONSTRAINT stock_levels_parts_nonnegative CHECK (committed >= 0 AND reserved >= 0 AND damaged >= 0
        AND safety_stock >= 0 AND quality_control >= 0 AND incoming >= 0)
) WITH (fillfactor = 80);
CREATE INDEX stock_levels_location_id_idx ON stock_levels (location_id, variant_id);

-- The ledger. One row is one movement from → to; supplier, customer, count … are virtual locations (double entry).
-- `recorded_at` is the database's clock and grows along one variant × location × lot; `occurred_at` is business time.
-- The *_quantity_after columns say what each real side held after this entry: computed with it, for people to read.
CREATE TABLE stock_movements (
    seq                 bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT stock_movements_pkey PRIMARY KEY,
    id                  uuid NOT NULL CONSTRAINT stock_movements_id_key UNIQUE,
    variant_id          uuid NOT NULL CONSTRAINT stock_movements_variant_id_fkey REFERENCES variants (id) ON DELETE RESTRICT,
    lot_id              uuid,
    quantity            numeric(20,6) NOT NULL,
    unit                text NOT NULL,
    from_location_id    uuid NOT NULL CONSTRAINT stock_movements_from_location_id_fkey REFERENCES locations (id) ON DELETE RESTRICT,
    to_location_id      uuid NOT NULL CONSTRAINT stock_movements_to_location_id_fkey REFERENCES locations (id) ON DELETE RESTRICT,
    reason              text NOT NULL,
    note                text,
    reference_type      text,
    reference_id        uuid,                                 -- a document of ours
    reference_number    text,                                 -- a document as people know it, such as an outside invoice
    reference_line      integer,
    backdating_reason   text,                                 -- why occurred_at lies in the past, where that is asked for
    batch_id            uuid NOT NULL,                        -- one posting; its audit entry and event carry it too
    actor_kind          text NOT NULL,
    actor_id            uuid,
    request_id          text NOT NULL,
    from_quantity_after numeric(20,6),
    to_quantity_after   numeric(20,6),
    occurred_at         timestamptz NOT NULL,
    recorded_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    import_id           uuid,
    import_line         bigint,
    CONSTRAINT stock_movements_quantity_positive CHECK (quantity > 0),
    CONSTRAINT stock_movements_places_differ CHECK (from_location_id <> to_location_id),
    CONSTRAINT stock_movements_unit_length CHECK (char_length(unit) BETWEEN 1 AND 32),
    CONSTRAINT stock_movements_reason_form CHECK (reason ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT stock_movements_note_length CHECK (char_length(note) <= 1000),
    CONSTRAINT stock_movements_reference_type_form CHECK (reference_type ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT stock_movements_reference_number_length CHECK (char_length(reference_number) BETWEEN 1 AND 100),
    CONSTRAINT stock_movements_reference_complete CHECK (
        (reference_type IS NOT NULL) = (reference_id IS NOT NULL OR reference_number IS NOT NULL)
        AND (reference_line IS NULL OR reference_type IS NOT NULL)),
    CONSTRAINT stock_movements_backdating_reason_length CHECK (char_length(backdating_reason) BETWEEN 1 AND 500),
    CONSTRAINT stock_movements_actor_kind_known CHECK (actor_kind IN ('user', 'api_key', 'operator', 'system')),
    CONSTRAINT stock_movements_import_complete CHECK ((import_id IS NULL) = (import_line IS NULL)),
    CONSTRAINT stock_movements_import_line_key UNIQUE (import_id, import_line)
);
CREATE INDEX stock_movements_variant_id_idx ON stock_movements (variant_id, seq);
CREATE INDEX stock_movements_from_location_id_idx ON stock_movements (from_location_id, seq);
CREATE INDEX stock_movements_to_location_id_idx ON stock_movements (to_location_id, seq);
CREATE INDEX stock_movements_reference_idx ON stock_movements (reference_type, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX stock_movements_reference_number_idx ON stock_movements (reference_number, seq) WHERE reference_number IS NOT NULL;
CREATE INDEX stock_movements_batch_id_idx ON stock_movements (batch_id, seq);
CREATE INDEX stock_movements_occurred_at_idx ON stock_movements (occurred_at, id);
CREATE INDEX stock_movements_recorded_at_idx ON stock_movements (recorded_at, id);
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION nx_append_only();
ALTER TABLE stock_movements ENABLE ALWAYS TRIGGER stock_movements_append_only;

-- What the catalogue may know of stock: whether an article ever moved, and whether any of it lies or is due somewhere.
CREATE VIEW variant_stock AS
    SELECT v.id AS variant_id, v.product_id,
           EXISTS (SELECT FROM stock_levels l WHERE l.variant_id = v.id)
               OR EXISTS (SELECT FROM stock_movements m WHERE m.variant_id = v.id) AS has_moved,
           EXISTS (SELECT FROM stock_levels l WHERE l.variant_id = v.id AND (l.on_hand > 0 OR l.incoming > 0)) AS has_stock
    FROM variants v;

-- The ledger counts in the product's unit: unit and kind are fixed once a variant has moved, and what holds stock is not put away.
-- The ledger's foreign keys hold a variant until the posting commits; the stronger lock here waits for such postings, so that what
-- is looked at afterwards includes them.
CREATE FUNCTION nx_guard_product_stock() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    moved boolean;
    held boolean;
    refusal text;
BEGIN
    PERFORM FROM variants WHERE product_id = NEW.id ORDER BY id FOR UPDATE;
    SELECT coalesce(bool_or(has_moved), false), coalesce(bool_or(has_stock), false) INTO moved, held
    FROM variant_stock WHERE product_id = NEW.id;
    refusal := CASE
        WHEN moved AND NEW.unit <> OLD.unit THEN 'products_unit_fixed'
        WHEN moved AND NEW.kind <> OLD.kind THEN 'products_kind_fixed'
        WHEN held AND NEW.status = 'archived' AND OLD.status <> 'archived' THEN 'products_has_stock'
    END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'product % has stock or movements', NEW.id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = refusal;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER products_stock BEFORE UPDATE OF unit, kind, status ON products FOR EACH ROW
    WHEN (NEW.unit <> OLD.unit OR NEW.kind <> OLD.kind OR (NEW.status = 'archived' AND OLD.status <> 'archived'))
    EXECUTE FUNCTION nx_guard_product_stock();

CREATE FUNCTION nx_guard_variant_stock() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM FROM variants WHERE id = NEW.id FOR UPDATE;
    IF EXISTS (SELECT FROM variant_stock WHERE variant_id = NEW.id AND has_stock) THEN
        RAISE EXCEPTION 'variant % has stock', NEW.id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'variants_has_stock';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER variants_stock BEFORE UPDATE OF status ON variants FOR EACH ROW
    WHEN (NEW.status = 'archived' AND OLD.status <> 'archived')
    EXECUTE FUNCTION nx_guard_variant_stock();

-- The other half: a posting reads what an article is before its foreign keys hold it. If the catalogue was changed in between, the
-- posting is to be repeated on what the article is now. Statement triggers run after the foreign keys of their rows.
CREATE FUNCTION nx_guard_posted_articles() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f JOIN variants v ON v.id = f.variant_id JOIN products p ON p.id = v.product_id
        WHERE p.unit <> f.unit OR p.kind <> 'stocked' OR p.status = 'archived' OR v.status = 'archived'
    ) THEN
        RAISE EXCEPTION 'an article was changed while it was posted' USING ERRCODE = 'serialization_failure', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_movements_articles AFTER INSERT ON stock_movements REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_guard_posted_articles();
