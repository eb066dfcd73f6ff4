-- What every slice writes along with its change (audit, outbox, idempotency), background jobs, imports.

-- `seq` and `subject_id` are there for the sealing to come: blocks of entries in seq order, and personal data of one
-- person (`personal`, encrypted under that person's key) that can be made unreadable without touching the chain.
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

-- Events leave through here. A row is finished when `done_at` is set: every subscriber that wants the kind is done.
-- Redis may be emptied at any time; rows that are not done are published again.
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

-- Answers of writes that were asked for with an Idempotency-Key; kept at least 24 hours.
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

-- Background work: picked with FOR UPDATE SKIP LOCKED, held by a lease, retried with back-off.
CREATE TABLE jobs (
    id              uuid CONSTRAINT jobs_pkey PRIMARY KEY,
    kind            text NOT NULL,
    state           text NOT NULL DEFAULT 'queued',
    payload         jsonb NOT NULL DEFAULT '{}',
    result          jsonb,
    error           text,
    progress_done   bigint NOT NULL DEFAULT 0,
    progress_total  bigint,
    attempts        integer NOT NULL DEFAULT 0,
    max_attempts    integer NOT NULL DEFAULT 5,
    run_at          timestamptz NOT NULL DEFAULT now(),
    leased_until    timestamptz,
    worker          text,
    dedupe_key      text,
    created_by_kind text NOT NULL DEFAULT 'system',
    created_by      uuid,
    request_id      text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    CONSTRAINT jobs_kind_form CHECK (kind ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'),
    CONSTRAINT jobs_created_by_kind_known CHECK (created_by_kind IN ('user', 'api_key', 'operator', 'system', 'anonymous')),
    CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_finished_at_matches CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_running_is_leased CHECK (state <> 'running' OR leased_until IS NOT NULL),
    CONSTRAINT jobs_progress_sane CHECK (progress_done >= 0 AND progress_total >= 0),
    CONSTRAINT jobs_attempts_sane CHECK (attempts >= 0 AND max_attempts >= 1)
);
CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running');
CREATE INDEX jobs_due_idx ON jobs (run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_leased_idx ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_state_idx ON jobs (state, id);
CREATE INDEX jobs_kind_idx ON jobs (kind, id);
CREATE INDEX jobs_created_at_idx ON jobs (created_at, id);

-- One uploaded file. Identity is (kind, digest, generation): the same file again answers the first job; `again=true`
-- opens the next generation; a dry run consumes nothing.
CREATE TABLE imports (
    id           uuid CONSTRAINT imports_pkey PRIMARY KEY CONSTRAINT imports_id_fkey REFERENCES jobs (id) ON DELETE RESTRICT,
    kind         text NOT NULL,
    digest       text NOT NULL,                               -- SHA-256 of the file, hex
    file_key     text,                                        -- object in the tenant's bucket; NULL once it is removed
    file_name    text NOT NULL,
    content_type text,
    size_bytes   bigint NOT NULL,
    mapping      jsonb NOT NULL DEFAULT '{}',
    options      jsonb NOT NULL DEFAULT '{}',
    dry_run      boolean NOT NULL DEFAULT false,
    generation   integer NOT NULL DEFAULT 1,
    error_key    text,                                        -- object with the rejected rows and their reasons
    row_count    bigint NOT NULL DEFAULT 0,
    error_count  bigint NOT NULL DEFAULT 0,
    summary      jsonb NOT NULL DEFAULT '{}',
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    version      bigint NOT NULL DEFAULT 1,
    CONSTRAINT imports_kind_known CHECK (kind IN ('products', 'movements')),
    CONSTRAINT imports_digest_form CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT imports_file_name_length CHECK (char_length(file_name) BETWEEN 1 AND 255),
    CONSTRAINT imports_size_positive CHECK (size_bytes >= 0),
    CONSTRAINT imports_generation_positive CHECK (generation >= 1),
    CONSTRAINT imports_counts_nonnegative CHECK (row_count >= 0 AND error_count >= 0)
);
CREATE UNIQUE INDEX imports_identity_key ON imports (kind, digest, generation) WHERE NOT dry_run;
CREATE INDEX imports_created_at_idx ON imports (created_at, id);
CREATE INDEX imports_kept_idx ON imports (id) INCLUDE (size_bytes) WHERE file_key IS NOT NULL;
CREATE TRIGGER imports_touch BEFORE UPDATE ON imports FOR EACH ROW EXECUTE FUNCTION nx_touch();

ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE RESTRICT;

-- Staging: the typed rows of a running import, gone when it is finished. Unlogged and without foreign keys: half a million
-- lines pass through, and a job that resumes after a crash stages its file anew.
CREATE UNLOGGED TABLE import_movement_rows (
    import_id            uuid NOT NULL,
    line                 bigint NOT NULL,                     -- line in the file, header = 1
    sku                  text NOT NULL,
    sku_key              text NOT NULL,
    location_key         text NOT NULL,
    counter_location_key text,
    delta                numeric(20,6) NOT NULL,
    reason               text NOT NULL,
    unit                 text,
    occurred_at          timestamptz NOT NULL,
    reference_type       text,
    reference_number     text,
    note                 text,
    CONSTRAINT import_movement_rows_pkey PRIMARY KEY (import_id, line)
);

CREATE UNLOGGED TABLE import_product_rows (
    import_id uuid NOT NULL,
    line      bigint NOT NULL,
    sku       text NOT NULL,
    sku_key   text NOT NULL,
    fields    jsonb NOT NULL,
    CONSTRAINT import_product_rows_pkey PRIMARY KEY (import_id, line)
);
