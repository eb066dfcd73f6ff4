-- What the tenant runtime may see of the control database (three views, nothing else), and what the control plane may do.

-- Every organization that has an address, from its sign-up on: its people hear that it is being set up. The runtime decides by
-- `state` what it serves. `secret_sealed` opens only with the platform's key.
CREATE VIEW directory AS
    SELECT t.id AS tenant_id, t.slug, t.name, t.state, t.state_reason, t.epoch, t.schema_version,
           s.name AS server_name, s.host AS server_host, s.port AS server_port,
           t.database_name AS database, t.role_name AS role, t.bucket_name AS bucket,
           t.secret_sealed, nullif(t.entitlements, '{}') AS entitlements, t.flags
    FROM tenants t LEFT JOIN database_servers s ON s.id = t.server_id
    WHERE t.state <> 'deleted' AND t.slug !~ '~';

-- Families whose access tokens may still be running: none lives longer than two hours.
CREATE VIEW revocations AS
    SELECT id AS family_id, revoked_at FROM token_families
    WHERE revoked_at IS NOT NULL AND revoked_at > now() - interval '2 hours';

CREATE VIEW jwks AS
    SELECT kid, algorithm, public_jwk FROM signing_keys
    WHERE state <> 'retired' OR retired_at > now() - interval '1 day';

GRANT SELECT ON directory, revocations, jwks TO nexus_directory;

GRANT SELECT ON schema_info, directory, revocations, jwks TO nexus_control;
GRANT SELECT, INSERT ON audit_log TO nexus_control;
GRANT SELECT, UPDATE ON organizations TO nexus_control;
-- Kept for ever: an erased tenant leaves its row, its operations and its numbers.
GRANT SELECT, INSERT, UPDATE ON tenants, operations, saga_steps, subscriptions, plans, database_servers, operators, signing_keys TO nexus_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    accounts, credentials, email_verifications, operator_credentials, token_families, memberships,
    outbox, outbox_deliveries, idempotency_keys, orphans
TO nexus_control;
