-- Foundation of the control database: trigger functions, platform audit, outbox, idempotency.
--
-- Objects belong to nx_owner (NOLOGIN). nexus_control (the control plane) has DML, nexus_directory (the tenant runtime)
-- SELECT on three views. audit_log, outbox and idempotency_keys have the same columns as in a tenant database.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO nexus_control, nexus_directory;

-- Row discipline: each UPDATE raises `version` by exactly one and moves `updated_at` unless the statement sets it.
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

CREATE FUNCTION nx_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE TABLE audit_log (
    seq         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_log_pkey PRIMARY KEY,
    id          uuid NOT NULL CONSTRAINT audit_log_id_key UNIQUE,
    action      text NOT NULL,
    entity_type text NOT NULL,
    entity_id   uuid,
    subject_id  uuid,
    actor_kind  text NOT NULL,
    actor_id    uuid,
    request_id  text NOT NULL,
    before      jsonb,
    after       jsonb,
    personal    bytea,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT audit_log_action_form CHECK (action ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'),
    CONSTRAINT audit_log_entity_type_form CHECK (entity_type ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT audit_log_actor_kind_known CHECK (actor_kind IN ('user', 'api_key', 'operator', 'system', 'anonymous'))
);
CREATE INDEX audit_log_entity_idx ON audit_log (entity_type, entity_id, seq);
CREATE INDEX audit_log_subject_id_idx ON audit_log (subject_id, seq) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_log_actor_id_idx ON audit_log (actor_id, seq);
CREATE INDEX audit_log_action_idx ON audit_log (action, seq);
CREATE INDEX audit_log_request_id_idx ON audit_log (request_id);
CREATE INDEX audit_log_recorded_at_idx ON audit_log (recorded_at, id);
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION nx_append_only();
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_append_only;

CREATE TABLE outbox (
    seq            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
    id             uuid NOT NULL CONSTRAINT outbox_id_key UNIQUE,
    kind           text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id   uuid NOT NULL,
    payload        jsonb NOT NULL,
    request_id     text NOT NULL,
    occurred_at    timestamptz NOT NULL DEFAULT now(),
    published_at   timestamptz,
    publish_count  integer NOT NULL DEFAULT 0,
    done_at        timestamptz,
    last_error     text,
    CONSTRAINT outbox_kind_form CHECK (kind ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v[1-9][0-9]*$')
) WITH (fillfactor = 80);
CREATE INDEX outbox_open_idx ON outbox (seq) WHERE done_at IS NULL;
CREATE INDEX outbox_aggregate_idx ON outbox (aggregate_type, aggregate_id, seq) WHERE done_at IS NULL;
CREATE INDEX outbox_done_at_idx ON outbox (done_at) WHERE done_at IS NOT NULL;

-- One row per event and subscriber that wants its kind: retried with back-off, dead-lettered when it never works.
CREATE TABLE outbox_deliveries (
    event_id    uuid NOT NULL CONSTRAINT outbox_deliveries_event_id_fkey REFERENCES outbox (id) ON DELETE CASCADE,
    subscriber  text NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    not_before  timestamptz NOT NULL,
    finished_at timestamptz,
    dead_at     timestamptz,
    last_error  text,
    CONSTRAINT outbox_deliveries_pkey PRIMARY KEY (event_id, subscriber)
) WITH (fillfactor = 80);
CREATE INDEX outbox_deliveries_open_idx ON outbox_deliveries (not_before) WHERE finished_at IS NULL;
CREATE INDEX outbox_deliveries_dead_at_idx ON outbox_deliveries (dead_at) WHERE dead_at IS NOT NULL;

CREATE TABLE idempotency_keys (
    scope       text NOT NULL,
    key         text NOT NULL,
    fingerprint text NOT NULL,
    response    jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) BETWEEN 1 AND 255)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- One row: which schema this database has.
CREATE TABLE schema_info (
    singleton   boolean PRIMARY KEY DEFAULT true CONSTRAINT schema_info_singleton CHECK (singleton),
    version     integer NOT NULL,
    fingerprint text NOT NULL,
    migrated_at timestamptz NOT NULL DEFAULT now()
);
