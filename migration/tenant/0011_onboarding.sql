-- The way in: whether the list of first steps was put away, and which things are sample data.

-- One row, as long as the organization. What is done is read from the data themselves.
CREATE TABLE onboarding (
    singleton    boolean PRIMARY KEY DEFAULT true CONSTRAINT onboarding_singleton CHECK (singleton),
    dismissed_at timestamptz
);
INSERT INTO onboarding DEFAULT VALUES;

-- Sets of sample data: one at a time, and those that were removed.
CREATE TABLE sample_data (
    id         uuid CONSTRAINT sample_data_pkey PRIMARY KEY,
    movements  bigint NOT NULL,
    loaded_at  timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT sample_data_movements_nonnegative CHECK (movements >= 0),
    CONSTRAINT sample_data_removed_after CHECK (removed_at >= loaded_at)
);
CREATE UNIQUE INDEX sample_data_loaded_key ON sample_data ((removed_at IS NULL)) WHERE removed_at IS NULL;

-- What belongs to a set, with the version that it was made with: another one says that somebody has worked with it. What is deleted, or no
-- sample any more, has no row; what is archived keeps its own. Postings (the ledger's `batch_id`) stay: they are never what an
-- organization moved itself. No foreign keys: the things are those of other slices, which may delete them.
CREATE TABLE sample_records (
    id      uuid CONSTRAINT sample_records_pkey PRIMARY KEY,
    kind    text NOT NULL,
    version bigint,
    set_id  uuid NOT NULL CONSTRAINT sample_records_set_id_fkey REFERENCES sample_data (id) ON DELETE RESTRICT,
    CONSTRAINT sample_records_kind_known CHECK (kind IN ('product', 'category', 'location', 'posting')),
    CONSTRAINT sample_records_version_matches CHECK ((kind = 'posting') = (version IS NULL))
);
CREATE INDEX sample_records_set_id_idx ON sample_records (set_id, kind);
CREATE INDEX sample_records_posting_idx ON sample_records (id) WHERE kind = 'posting';

-- For other slices: the ids of what is shown as a sample.
CREATE VIEW sample_marks AS SELECT id FROM sample_records WHERE kind IN ('product', 'location');

GRANT SELECT ON sample_marks TO nx_tenant;
GRANT SELECT, UPDATE (dismissed_at) ON onboarding TO nx_tenant;
GRANT SELECT, INSERT, UPDATE (removed_at) ON sample_data TO nx_tenant;
GRANT SELECT, INSERT, DELETE ON sample_records TO nx_tenant;

INSERT INTO role_permissions (role_id, permission, effect)
SELECT r.id, m.permission, 'allow'
FROM (VALUES
    ('owner', ARRAY['sample_data.write']),
    ('admin', ARRAY['sample_data.write']),
    ('manager', ARRAY['sample_data.write'])
) AS seed (role, permissions)
JOIN roles r ON r.key = seed.role
CROSS JOIN LATERAL unnest(seed.permissions) AS m (permission);
