-- The saga log: operations and their steps. What is written here before an outside call is what recovery starts from.

CREATE TABLE operations (
    id              uuid CONSTRAINT operations_pkey PRIMARY KEY,
    kind            text NOT NULL,
    tenant_id       uuid NOT NULL CONSTRAINT operations_tenant_id_fkey REFERENCES tenants (id) ON DELETE RESTRICT,
    state           text NOT NULL DEFAULT 'pending',
    direction       text NOT NULL DEFAULT 'forward',          -- undo: taking back what was done
    input           jsonb NOT NULL DEFAULT '{}',              -- what to do; ids and settings only, no secret, no personal datum
    error           jsonb,                                    -- {code, message, step} of what ended or holds it
    created_by_kind text NOT NULL,
    created_by      uuid,
    request_id      text NOT NULL,
    due_at          timestamptz NOT NULL DEFAULT now(),       -- not before (back-off)
    leased_by       uuid,                                     -- the runner at work; nobody else may touch it until leased_until
    leased_until    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    CONSTRAINT operations_kind_known CHECK (kind IN ('provision', 'delete')),
    CONSTRAINT operations_state_known CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'undone')),
    CONSTRAINT operations_direction_known CHECK (direction IN ('forward', 'undo')),
    CONSTRAINT operations_created_by_kind_known CHECK (created_by_kind IN ('user', 'api_key', 'operator', 'system', 'anonymous')),
    CONSTRAINT operations_finished_at_matches CHECK ((state IN ('succeeded', 'failed', 'undone')) = (finished_at IS NOT NULL)),
    CONSTRAINT operations_lease_complete CHECK ((leased_by IS NULL) = (leased_until IS NULL))
);
CREATE UNIQUE INDEX operations_one_per_tenant_key ON operations (tenant_id) WHERE state IN ('pending', 'running');
CREATE INDEX operations_due_idx ON operations (due_at, id) WHERE state IN ('pending', 'running');
CREATE INDEX operations_tenant_id_idx ON operations (tenant_id, id);
CREATE INDEX operations_state_idx ON operations (state, id);
CREATE INDEX operations_created_at_idx ON operations (created_at, id);
CREATE INDEX operations_created_by_idx ON operations (created_by);
CREATE TRIGGER operations_touch BEFORE UPDATE ON operations FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE saga_steps (
    operation_id  uuid NOT NULL CONSTRAINT saga_steps_operation_id_fkey REFERENCES operations (id) ON DELETE CASCADE,
    step          text NOT NULL,
    position      integer NOT NULL,
    state         text NOT NULL DEFAULT 'pending',
    attempts      integer NOT NULL DEFAULT 0,                 -- how often it was begun
    failures      integer NOT NULL DEFAULT 0,                 -- of these, how many ended with an error (the others: a crash)
    undo_failures integer NOT NULL DEFAULT 0,
    error         text,                                       -- public wording of the last failure
    started_at    timestamptz,
    finished_at   timestamptz,
    CONSTRAINT saga_steps_pkey PRIMARY KEY (operation_id, step),
    CONSTRAINT saga_steps_position_key UNIQUE (operation_id, position),
    CONSTRAINT saga_steps_state_known CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'undone'))
);

-- What the reconciler found outside without knowing why it is there. Removed once older than the grace period.
CREATE TABLE orphans (
    kind          text NOT NULL,
    place         text NOT NULL,                              -- server name, or the object store
    name          text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    removed_at    timestamptz,
    last_error    text,
    CONSTRAINT orphans_pkey PRIMARY KEY (kind, place, name),
    CONSTRAINT orphans_kind_known CHECK (kind IN ('database', 'role', 'bucket'))
);
