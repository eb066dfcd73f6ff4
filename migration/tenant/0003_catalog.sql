-- Catalogue: categories, tags, products, variants, barcodes.

CREATE TABLE categories (
    id              uuid PRIMARY KEY,
    parent_id       uuid CONSTRAINT categories_parent_id_fkey REFERENCES categories (id) ON DELETE RESTRICT,
    name            text NOT NULL,
    slug            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    seo_title       text,
    seo_description text,
    position        integer NOT NULL DEFAULT 0,
    search          tsvector GENERATED ALWAYS AS (public.search_document(name || ' ' || slug)) STORED,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT categories_slug_key UNIQUE (slug),
    CONSTRAINT categories_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 120),
    CONSTRAINT categories_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT categories_description_length CHECK (char_length(description) <= 10000),
    CONSTRAINT categories_seo_title_length CHECK (char_length(seo_title) <= 200),
    CONSTRAINT categories_seo_description_length CHECK (char_length(seo_description) <= 500),
    CONSTRAINT categories_no_cycle CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX categories_sibling_name_key ON categories (parent_id, lower(name)) NULLS NOT DISTINCT;
CREATE INDEX categories_name_idx ON categories (name, id);
CREATE INDEX categories_position_idx ON categories (parent_id, position, id);
CREATE INDEX categories_created_at_idx ON categories (created_at, id);
CREATE INDEX categories_updated_at_idx ON categories (updated_at, id);
CREATE INDEX categories_search_idx ON categories USING gin (search);
CREATE TRIGGER categories_touch BEFORE UPDATE ON categories FOR EACH ROW EXECUTE FUNCTION nx_touch();

-- A tree of at most 16 levels without cycles. Whoever hangs something into a table's tree queues behind the others (advisory
-- lock until commit): two moves that are fine alone can close a circle together, an insert beside a move can be too deep.
CREATE FUNCTION nx_guard_tree() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    above integer;
    below integer;
    closes boolean;
BEGIN
    IF NEW.parent_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(7301, TG_RELID::integer);
    EXECUTE format($walk$
        WITH RECURSIVE up (id, parent_id, depth) AS (
            SELECT id, parent_id, 1 FROM public.%1$I WHERE id = $1
            UNION ALL
            SELECT t.id, t.parent_id, up.depth + 1 FROM public.%1$I t JOIN up ON t.id = up.parent_id WHERE up.depth <= 16
        ), down (id, depth) AS (
            SELECT $2::uuid, 1
            UNION ALL
            SELECT t.id, down.depth + 1 FROM public.%1$I t JOIN down ON t.parent_id = down.id WHERE down.depth <= 16
        )
        SELECT coalesce(max(up.depth), 0), (SELECT max(depth) FROM down), coalesce(bool_or(up.id = $2), false) FROM up
    $walk$, TG_TABLE_NAME) INTO above, below, closes USING NEW.parent_id, NEW.id;
    IF closes THEN
        RAISE EXCEPTION '% % would become its own ancestor', TG_TABLE_NAME, NEW.id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_no_cycle';
    END IF;
    IF above + below > 16 THEN
        RAISE EXCEPTION '% would be deeper than 16 levels', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_depth';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER categories_tree BEFORE INSERT OR UPDATE OF parent_id ON categories
    FOR EACH ROW EXECUTE FUNCTION nx_guard_tree();

CREATE TABLE tags (
    id              uuid PRIMARY KEY,
    name            text NOT NULL,
    name_normalised text GENERATED ALWAYS AS (lower(normalize(name, NFKC))) STORED,
    color           text,
    search          tsvector GENERATED ALWAYS AS (public.search_document(name)) STORED,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tags_name_normalised_key UNIQUE (name_normalised),
    CONSTRAINT tags_name_length CHECK (char_length(name) BETWEEN 1 AND 60),
    CONSTRAINT tags_color_form CHECK (color ~ '^#[0-9a-f]{6}$')
);
CREATE INDEX tags_name_idx ON tags (name, id);
CREATE INDEX tags_created_at_idx ON tags (created_at, id);
CREATE INDEX tags_search_idx ON tags USING gin (search);
CREATE TRIGGER tags_touch BEFORE UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE products (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'draft',
    kind        text NOT NULL DEFAULT 'stocked',
    category_id uuid CONSTRAINT products_category_id_fkey REFERENCES categories (id) ON DELETE RESTRICT,
    brand       text,
    unit        text NOT NULL DEFAULT 'each',
    metadata    jsonb NOT NULL DEFAULT '{}',
    search      tsvector NOT NULL DEFAULT ''::tsvector,       -- kept by triggers: names, brand, SKUs, barcodes; never write it
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    CONSTRAINT products_status_known CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT products_kind_known CHECK (kind IN ('stocked', 'non_stocked', 'service')),
    CONSTRAINT products_archived_at_matches CHECK ((status = 'archived') = (archived_at IS NOT NULL)),
    CONSTRAINT products_name_length CHECK (char_length(name) BETWEEN 1 AND 300),
    CONSTRAINT products_description_length CHECK (char_length(description) <= 20000),
    CONSTRAINT products_brand_length CHECK (char_length(brand) BETWEEN 1 AND 120),
    CONSTRAINT products_unit_length CHECK (char_length(unit) BETWEEN 1 AND 32),
    CONSTRAINT products_metadata_object CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) <= 16384)
);
CREATE INDEX products_name_idx ON products (name, id);
CREATE INDEX products_status_idx ON products (status, name, id);
CREATE INDEX products_kind_idx ON products (kind, id);
CREATE INDEX products_category_id_idx ON products (category_id, id);
CREATE INDEX products_brand_idx ON products (brand, id);
CREATE INDEX products_created_at_idx ON products (created_at, id);
CREATE INDEX products_updated_at_idx ON products (updated_at, id);
CREATE INDEX products_search_idx ON products USING gin (search);
-- Named columns: keeping `search` up to date is no edit of the product and leaves its version alone.
CREATE TRIGGER products_touch
    BEFORE UPDATE OF id, name, description, status, kind, category_id, brand, unit, metadata, version, created_at, updated_at, archived_at
    ON products FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE variants (
    id             uuid PRIMARY KEY,
    product_id     uuid NOT NULL CONSTRAINT variants_product_id_fkey REFERENCES products (id) ON DELETE CASCADE,
    sku            text NOT NULL,
    sku_normalised text NOT NULL GENERATED ALWAYS AS (lower(normalize(sku, NFKC))) STORED,
    name           text NOT NULL DEFAULT '',                  -- what tells it from its siblings; empty for an only variant
    attributes     jsonb NOT NULL DEFAULT '{}',
    weight_g       numeric(14,3),
    length_mm      numeric(14,3),
    width_mm       numeric(14,3),
    height_mm      numeric(14,3),
    price_amount   numeric(19,4),
    price_currency text,
    cost_amount    numeric(19,4),
    cost_currency  text,
    position       integer NOT NULL DEFAULT 0,
    status         text NOT NULL DEFAULT 'active',
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    archived_at    timestamptz,
    CONSTRAINT variants_sku_normalised_key UNIQUE (sku_normalised),
    CONSTRAINT variants_sku_length CHECK (char_length(sku) BETWEEN 1 AND 100 AND sku = btrim(sku)),
    CONSTRAINT variants_name_length CHECK (char_length(name) <= 300),
    CONSTRAINT variants_status_known CHECK (status IN ('active', 'archived')),
    CONSTRAINT variants_archived_at_matches CHECK ((status = 'archived') = (archived_at IS NOT NULL)),
    CONSTRAINT variants_attributes_object CHECK (jsonb_typeof(attributes) = 'object' AND octet_length(attributes::text) <= 16384),
    CONSTRAINT variants_weight_positive CHECK (weight_g >= 0),
    CONSTRAINT variants_dimensions_positive CHECK (length_mm >= 0 AND width_mm >= 0 AND height_mm >= 0),
    CONSTRAINT variants_price_nonnegative CHECK (price_amount >= 0),
    CONSTRAINT variants_price_complete CHECK ((price_amount IS NULL) = (price_currency IS NULL)),
    CONSTRAINT variants_price_currency_form CHECK (price_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT variants_cost_nonnegative CHECK (cost_amount >= 0),
    CONSTRAINT variants_cost_complete CHECK ((cost_amount IS NULL) = (cost_currency IS NULL)),
    CONSTRAINT variants_cost_currency_form CHECK (cost_currency ~ '^[A-Z]{3}$')
);
CREATE INDEX variants_product_id_idx ON variants (product_id, position, id);
CREATE INDEX variants_sku_idx ON variants (sku, id);
CREATE INDEX variants_status_idx ON variants (status, id);
CREATE INDEX variants_price_idx ON variants (price_amount, id);
CREATE INDEX variants_created_at_idx ON variants (created_at, id);
CREATE INDEX variants_updated_at_idx ON variants (updated_at, id);
CREATE TRIGGER variants_touch BEFORE UPDATE ON variants FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE variant_barcodes (
    variant_id uuid NOT NULL CONSTRAINT variant_barcodes_variant_id_fkey REFERENCES variants (id) ON DELETE CASCADE,
    barcode    text NOT NULL,
    kind       text NOT NULL,
    position   integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT variant_barcodes_pkey PRIMARY KEY (barcode),
    CONSTRAINT variant_barcodes_kind_known CHECK (kind IN ('ean13', 'upca', 'ean8', 'gtin14', 'code128', 'other')),
    CONSTRAINT variant_barcodes_form CHECK (char_length(barcode) BETWEEN 1 AND 80 AND barcode = btrim(barcode))
);
CREATE INDEX variant_barcodes_variant_id_idx ON variant_barcodes (variant_id, position);

CREATE TABLE product_tags (
    product_id uuid NOT NULL CONSTRAINT product_tags_product_id_fkey REFERENCES products (id) ON DELETE CASCADE,
    tag_id     uuid NOT NULL CONSTRAINT product_tags_tag_id_fkey REFERENCES tags (id) ON DELETE CASCADE,
    CONSTRAINT product_tags_pkey PRIMARY KEY (product_id, tag_id)
);
CREATE INDEX product_tags_tag_id_idx ON product_tags (tag_id, product_id);

-- products.search = words of name and brand + names, SKUs and barcodes of its variants. Set-based (statement triggers
-- with transition tables), so that an import of thousands of variants refreshes each product once per statement.
CREATE FUNCTION nx_product_document(product uuid, name text, brand text) RETURNS tsvector
    LANGUAGE sql STABLE
    RETURN search_document(name || ' ' || coalesce(brand, '')
               || ' ' || coalesce((SELECT string_agg(v.name, ' ') FROM public.variants v WHERE v.product_id = product), ''))
        || search_document_codes(ARRAY(
               SELECT v.sku FROM public.variants v WHERE v.product_id = product
               UNION ALL
               SELECT b.barcode FROM public.variant_barcodes b JOIN public.variants v ON v.id = b.variant_id WHERE v.product_id = product));

CREATE FUNCTION nx_product_search() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.search := nx_product_document(NEW.id, NEW.name, NEW.brand);
    RETURN NEW;
END $$;
CREATE TRIGGER products_search BEFORE INSERT OR UPDATE OF name, brand ON products
    FOR EACH ROW EXECUTE FUNCTION nx_product_search();

CREATE FUNCTION nx_variants_search() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    touched uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT product_id) INTO touched FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT product_id) INTO touched FROM stale;
    ELSE
        SELECT array_agg(DISTINCT id) INTO touched
        FROM (SELECT unnest(ARRAY[f.product_id, s.product_id]) AS id
              FROM fresh f JOIN stale s ON s.id = f.id
              WHERE (f.product_id, f.sku, f.name) IS DISTINCT FROM (s.product_id, s.sku, s.name)) AS changed;
    END IF;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE products p SET search = nx_product_document(p.id, p.name, p.brand)
    FROM (SELECT id FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE) AS locked
    WHERE p.id = locked.id;
    RETURN NULL;
END $$;
CREATE TRIGGER variants_search_insert AFTER INSERT ON variants REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_variants_search();
CREATE TRIGGER variants_search_update AFTER UPDATE ON variants REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_variants_search();
CREATE TRIGGER variants_search_delete AFTER DELETE ON variants REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION nx_variants_search();

CREATE FUNCTION nx_barcodes_search() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    touched uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT v.product_id) INTO touched FROM fresh f JOIN variants v ON v.id = f.variant_id;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT v.product_id) INTO touched FROM stale s JOIN variants v ON v.id = s.variant_id;
    ELSE
        SELECT array_agg(DISTINCT v.product_id) INTO touched
        FROM (SELECT variant_id FROM fresh UNION SELECT variant_id FROM stale) AS b JOIN variants v ON v.id = b.variant_id;
    END IF;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE products p SET search = nx_product_document(p.id, p.name, p.brand)
    FROM (SELECT id FROM products WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE) AS locked
    WHERE p.id = locked.id;
    RETURN NULL;
END $$;
CREATE TRIGGER variant_barcodes_search_insert AFTER INSERT ON variant_barcodes REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_barcodes_search();
CREATE TRIGGER variant_barcodes_search_update AFTER UPDATE ON variant_barcodes REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nx_barcodes_search();
CREATE TRIGGER variant_barcodes_search_delete AFTER DELETE ON variant_barcodes REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION nx_barcodes_search();

-- The catalogue's reading surface for other slices: an article as stock, orders and imports need it.
CREATE VIEW catalog_variants AS
    SELECT v.id, v.product_id, v.sku, v.sku_normalised, v.name AS variant_name, v.status AS variant_status,
           p.name AS product_name, p.unit, p.kind, p.status AS product_status, p.search
    FROM variants v JOIN products p ON p.id = v.product_id;

-- Saved list queries of people.
CREATE TABLE saved_views (
    id         uuid PRIMARY KEY,
    resource   text NOT NULL,
    name       text NOT NULL,
    query      jsonb NOT NULL,
    user_id    uuid NOT NULL CONSTRAINT saved_views_user_id_fkey REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE,
    shared     boolean NOT NULL DEFAULT false,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_views_resource_form CHECK (resource ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT saved_views_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT saved_views_query_size CHECK (jsonb_typeof(query) = 'object' AND octet_length(query::text) <= 8192)
);
CREATE UNIQUE INDEX saved_views_name_key ON saved_views (user_id, resource, lower(name));
CREATE INDEX saved_views_resource_idx ON saved_views (resource, id);
CREATE INDEX saved_views_name_idx ON saved_views (name, id);
CREATE INDEX saved_views_created_at_idx ON saved_views (created_at, id);
CREATE INDEX saved_views_updated_at_idx ON saved_views (updated_at, id);
CREATE TRIGGER saved_views_touch BEFORE UPDATE ON saved_views FOR EACH ROW EXECUTE FUNCTION nx_touch();
