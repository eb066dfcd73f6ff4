-- Organizations and where they live. One organization is one tenant with the same id, so there is one table; the view
-- `organizations` is its business face. Rows are made by the provisioning saga's start and kept for ever.

CREATE TABLE database_servers (
    id          uuid CONSTRAINT database_servers_pkey PRIMARY KEY,
    name        text NOT NULL,                                -- key of its administrator's URL in the settings
    host        text NOT NULL,
    port        integer NOT NULL,
    state       text NOT NULL DEFAULT 'open',
    max_tenants integer NOT NULL DEFAULT 1000,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT database_servers_name_key UNIQUE (name),
    CONSTRAINT database_servers_port_range CHECK (port BETWEEN 1 AND 65535),
    CONSTRAINT database_servers_state_known CHECK (state IN ('open', 'full', 'draining', 'closed'))
);
CREATE TRIGGER database_servers_touch BEFORE UPDATE ON database_servers FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE tenants (
    id             uuid CONSTRAINT tenants_pkey PRIMARY KEY,
    slug           text NOT NULL,                             -- a released one carries `~` and part of the id, which no slug may
    name           text NOT NULL,
    state          text NOT NULL DEFAULT 'pending',
    state_reason   text,
    server_id      uuid CONSTRAINT tenants_server_id_fkey REFERENCES database_servers (id) ON DELETE RESTRICT,
    database_name  text NOT NULL,
    role_name      text NOT NULL,
    bucket_name    text NOT NULL,
    secret_sealed  bytea,
    entitlements   jsonb NOT NULL DEFAULT '{}',
    flags          jsonb NOT NULL DEFAULT '{}',
    schema_version integer NOT NULL DEFAULT 0,
    epoch          bigint NOT NULL DEFAULT 1,                 -- raised by trigger with everything the directory tells
    created_by     uuid CONSTRAINT tenants_created_by_fkey REFERENCES accounts (id) ON DELETE SET NULL,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    activated_at   timestamptz,
    deleted_at     timestamptz,                               -- access was cut
    erase_after    timestamptz,                               -- end of the undelete window
    CONSTRAINT tenants_slug_key UNIQUE (slug),
    CONSTRAINT tenants_database_name_key UNIQUE (database_name),
    CONSTRAINT tenants_slug_form CHECK (slug ~ '^[a-z][a-z0-9-]{1,38}[a-z0-9](~[0-9a-f]{12})?$'),
    CONSTRAINT tenants_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT tenants_state_known CHECK (state IN ('pending', 'provisioning', 'active', 'read_only', 'suspended', 'migrating',
        'moving', 'restoring', 'recovering', 'broken', 'archived', 'deleting', 'deleted')),
    CONSTRAINT tenants_names_opaque CHECK (database_name = 'nxt_' || replace(id::text, '-', '')
        AND role_name = 'nxt_' || replace(id::text, '-', '') AND bucket_name = 'nxt-' || replace(id::text, '-', '')),
    CONSTRAINT tenants_active_is_complete CHECK (state NOT IN ('active', 'read_only', 'suspended')
        OR (server_id IS NOT NULL AND secret_sealed IS NOT NULL AND schema_version > 0))
);
CREATE INDEX tenants_state_idx ON tenants (state, id);
CREATE INDEX tenants_name_idx ON tenants (name, id);
CREATE INDEX tenants_server_id_idx ON tenants (server_id, id);
CREATE INDEX tenants_created_by_idx ON tenants (created_by);
CREATE INDEX tenants_created_at_idx ON tenants (created_at, id);
CREATE INDEX tenants_updated_at_idx ON tenants (updated_at, id);
CREATE INDEX tenants_erase_after_idx ON tenants (erase_after) WHERE erase_after IS NOT NULL;

CREATE FUNCTION nx_raise_epoch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.epoch := OLD.epoch + (CASE WHEN (NEW.slug, NEW.name, NEW.state, NEW.state_reason, NEW.server_id, NEW.secret_sealed,
            NEW.entitlements, NEW.flags, NEW.schema_version)
        IS DISTINCT FROM (OLD.slug, OLD.name, OLD.state, OLD.state_reason, OLD.server_id, OLD.secret_sealed,
            OLD.entitlements, OLD.flags, OLD.schema_version) THEN 1 ELSE 0 END);
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_epoch BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION nx_raise_epoch();
CREATE TRIGGER tenants_touch BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION nx_touch();

-- Simple enough for Postgres to pass updates through to `tenants`.
CREATE VIEW organizations AS
    SELECT id, name, slug, created_by, version, created_at, updated_at FROM tenants;

-- Which person belongs to which organizations: an index for log-in and the chooser. The truth is in the tenants' users.
CREATE TABLE memberships (
    account_id      uuid NOT NULL CONSTRAINT memberships_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL CONSTRAINT memberships_organization_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    is_owner        boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memberships_pkey PRIMARY KEY (account_id, organization_id)
);
CREATE INDEX memberships_organization_id_idx ON memberships (organization_id);

-- One row per log-in (its id is the token's `sid`). A refresh raises the generation; reuse of an old one revokes the family.
CREATE TABLE token_families (
    id                 uuid CONSTRAINT token_families_pkey PRIMARY KEY,
    kind               text NOT NULL,
    account_id         uuid CONSTRAINT token_families_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    operator_id        uuid CONSTRAINT token_families_operator_id_fkey REFERENCES operators (id) ON DELETE CASCADE,
    tenant_id          uuid CONSTRAINT token_families_tenant_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    generation         integer NOT NULL DEFAULT 0,
    client_fingerprint text NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    rotated_at         timestamptz,
    expires_at         timestamptz NOT NULL,
    revoked_at         timestamptz,
    revoke_reason      text,
    CONSTRAINT token_families_kind_known CHECK (kind IN ('account', 'tenant', 'operator')),
    CONSTRAINT token_families_one_person CHECK ((account_id IS NULL) <> (operator_id IS NULL)),
    CONSTRAINT token_families_kind_matches CHECK ((kind = 'operator') = (operator_id IS NOT NULL)
        AND (kind = 'tenant') = (tenant_id IS NOT NULL))
);
CREATE INDEX token_families_account_id_idx ON token_families (account_id, created_at);
CREATE INDEX token_families_operator_id_idx ON token_families (operator_id, created_at);
CREATE INDEX token_families_tenant_id_idx ON token_families (tenant_id);
CREATE INDEX token_families_revoked_at_idx ON token_families (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX token_families_expires_at_idx ON token_families (expires_at);
