-- Codes that carry a log-in from the apex host to an organization's host: made there, taken here, once, within a minute. The code itself is not stored.
CREATE TABLE session_codes (
    digest     bytea CONSTRAINT session_codes_pkey PRIMARY KEY,           -- SHA-256 of 256 random bits
    session_id uuid NOT NULL CONSTRAINT session_codes_session_id_fkey REFERENCES token_families (id) ON DELETE CASCADE,
    account_id uuid NOT NULL CONSTRAINT session_codes_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    tenant_id  uuid NOT NULL CONSTRAINT session_codes_tenant_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT session_codes_digest_length CHECK (octet_length(digest) = 32)
);
CREATE INDEX session_codes_session_id_idx ON session_codes (session_id);
CREATE INDEX session_codes_account_id_idx ON session_codes (account_id);
CREATE INDEX session_codes_tenant_id_idx ON session_codes (tenant_id);
CREATE INDEX session_codes_expires_at_idx ON session_codes (expires_at);
GRANT SELECT, INSERT, DELETE ON session_codes TO nexus_control;
