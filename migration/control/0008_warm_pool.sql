-- The warm pool: databases, roles and buckets prepared for tenants to come. The id of an entry is drawn beforehand and becomes
-- the tenant's, so that the names derived from it hold and nothing is renamed. What a sign-up has claimed is gone from here.

CREATE TABLE warm_pool (
    id            uuid CONSTRAINT warm_pool_pkey PRIMARY KEY,
    server_id     uuid NOT NULL CONSTRAINT warm_pool_server_id_fkey REFERENCES database_servers (id) ON DELETE RESTRICT,
    fingerprint   text NOT NULL,                              -- of the tenant schema in the template
    secret_sealed bytea NOT NULL,                             -- sealed for the tenant to come
    state         text NOT NULL DEFAULT 'preparing',
    failures      integer NOT NULL DEFAULT 0,                 -- in a row
    error         text,                                       -- public wording of the last failure, or why it is taken down
    due_at        timestamptz NOT NULL DEFAULT now(),         -- not before (back-off)
    leased_by     uuid,                                       -- who works on it; nobody else may before leased_until
    leased_until  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    ready_at      timestamptz,
    CONSTRAINT warm_pool_state_known CHECK (state IN ('preparing', 'ready', 'draining')),
    CONSTRAINT warm_pool_ready_is_whole CHECK (state <> 'ready' OR (ready_at IS NOT NULL AND leased_by IS NULL)),
    CONSTRAINT warm_pool_lease_complete CHECK ((leased_by IS NULL) = (leased_until IS NULL))
);
CREATE INDEX warm_pool_ready_idx ON warm_pool (ready_at, id) WHERE state = 'ready';
CREATE INDEX warm_pool_due_idx ON warm_pool (due_at, id) WHERE state <> 'ready';
CREATE INDEX warm_pool_server_id_idx ON warm_pool (server_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON warm_pool TO nexus_control;
