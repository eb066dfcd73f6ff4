-- Foundation of a tenant database: shared trigger functions, schema version, settings.
--
-- Objects belong to nx_owner (NOLOGIN); tenants' login roles only inherit the DML grants of nx_tenant.
-- Every constraint has a stable name: the services map it to a domain error.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- The owner's own right comes with the database's ownership; said here too, because foreign keys are checked in its name.
GRANT USAGE ON SCHEMA public TO nx_tenant, nx_owner;

-- Row discipline: each UPDATE raises `version` by exactly one, whatever the statement says, and moves `updated_at`
-- unless the statement sets it. `created_at` and the id of a row's birth never change.
CREATE FUNCTION nx_touch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := greatest(now(), OLD.updated_at);
    END IF;
    RETURN NEW;
END $$;

-- Ledgers and logs: history is added to, never changed. The grants say so too; this holds for their owner as well.
CREATE FUNCTION nx_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

-- The words of a text as they are indexed and searched: lower case, split at everything that is neither letter nor
-- digit, at most 64 characters each. One definition for both sides of a search.
CREATE FUNCTION search_terms(input text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(array_agg(DISTINCT left(term, 64)), '{}')
            FROM regexp_split_to_table(lower(coalesce(input, '')), '[^[:alnum:]]+') AS term
            WHERE term <> '');

CREATE FUNCTION search_document(input text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(search_terms(input));

-- Codes (SKUs, barcodes): the words of each, and each once more without its separators, so that `AB-12`, `ab12` and
-- `12` all find `AB-12`.
CREATE FUNCTION search_document_codes(codes text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN search_document(array_to_string(codes, ' ') || ' '
        || (SELECT coalesce(string_agg(regexp_replace(code, '[^[:alnum:]]+', '', 'g'), ' '), '') FROM unnest(codes) AS code));

-- What a person typed → every word as a prefix, all of them wanted. NULL (finds nothing) when no word is left.
CREATE FUNCTION search_query(input text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT string_agg(quote_literal(term) || ':*', ' & ')::tsquery FROM unnest(search_terms(input)) AS term);

-- One row: which schema this database has. Written by the migrator alone, read by the runtime (it serves N and N-1).
CREATE TABLE schema_info (
    singleton   boolean PRIMARY KEY DEFAULT true CONSTRAINT schema_info_singleton CHECK (singleton),
    version     integer NOT NULL,
    fingerprint text NOT NULL,
    migrated_at timestamptz NOT NULL DEFAULT now()
);

-- The organization's own settings. `version` counts per key; the sum over all keys is the ETag of the whole.
CREATE TABLE settings (
    key        text PRIMARY KEY,
    value      jsonb NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settings_key_form CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT settings_value_size CHECK (octet_length(value::text) <= 16384)
);
CREATE TRIGGER settings_touch BEFORE UPDATE ON settings FOR EACH ROW EXECUTE FUNCTION nx_touch();
