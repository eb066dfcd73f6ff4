-- API keys: credentials of the organization that outlive the log-in of whoever made them.
--
-- Of a key only the digest of its secret is kept: 256 random bits need no slow hash. What a key may do is fixed when it
-- is made; after that it can only be revoked, and its last use noted.

CREATE TABLE api_keys (
    id            uuid CONSTRAINT api_keys_pkey PRIMARY KEY,
    name          text NOT NULL,
    redacted_key  text NOT NULL,                             -- its beginning and its last characters, to be told apart by people
    secret_digest bytea NOT NULL,                            -- SHA-256
    scopes        jsonb NOT NULL,                            -- permission keys, sorted
    created_by    uuid NOT NULL CONSTRAINT api_keys_created_by_fkey REFERENCES users (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    expires_at    timestamptz,
    last_used_at  timestamptz,                               -- to the minute
    revoked_at    timestamptz,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_keys_redacted_key_length CHECK (char_length(redacted_key) BETWEEN 1 AND 32),
    CONSTRAINT api_keys_secret_digest_size CHECK (octet_length(secret_digest) = 32),
    CONSTRAINT api_keys_scopes_form CHECK (jsonb_typeof(scopes) = 'array' AND jsonb_array_length(scopes) > 0 AND octet_length(scopes::text) <= 8192)
);
CREATE INDEX api_keys_name_idx ON api_keys (name, id);
CREATE INDEX api_keys_created_by_idx ON api_keys (created_by, id);
CREATE INDEX api_keys_created_at_idx ON api_keys (created_at, id);
CREATE INDEX api_keys_expires_at_idx ON api_keys (expires_at, id);
CREATE INDEX api_keys_last_used_at_idx ON api_keys (last_used_at, id);
CREATE INDEX api_keys_revoked_at_idx ON api_keys (revoked_at, id);

-- A use is no change of the key: neither its version nor the policy moves with it.
CREATE TRIGGER api_keys_touch BEFORE UPDATE OF name, scopes, expires_at, revoked_at ON api_keys FOR EACH ROW EXECUTE FUNCTION nx_touch();
CREATE TRIGGER api_keys_policy AFTER INSERT OR DELETE OR UPDATE OF id, secret_digest, scopes, expires_at, revoked_at OR TRUNCATE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION nx_bump_policy_epoch();

-- What a key may do can't be widened once it is there.
GRANT SELECT, INSERT, DELETE, UPDATE (last_used_at, revoked_at) ON api_keys TO nx_tenant;

INSERT INTO role_permissions (role_id, permission, effect)
SELECT r.id, m.permission, 'allow'
FROM (VALUES
    ('owner', ARRAY['api_keys.read', 'api_keys.write']),
    ('admin', ARRAY['api_keys.read', 'api_keys.write'])
) AS seed (role, permissions)
JOIN roles r ON r.key = seed.role
CROSS JOIN LATERAL unnest(seed.permissions) AS m (permission);
