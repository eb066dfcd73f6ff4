-- People (accounts), platform operators (another realm: own tables, own token audience), sessions, signing keys.

CREATE TABLE accounts (
    id                uuid CONSTRAINT accounts_pkey PRIMARY KEY,
    email             text NOT NULL,                          -- as typed
    email_normalised  text NOT NULL,                          -- comparison form (NFKC, lower case)
    display_name      text NOT NULL,
    locale            text,
    time_zone         text,
    status            text NOT NULL DEFAULT 'active',
    email_verified_at timestamptz,
    last_login_at     timestamptz,
    version           bigint NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT accounts_email_normalised_key UNIQUE (email_normalised),
    CONSTRAINT accounts_email_length CHECK (char_length(email) BETWEEN 3 AND 320),
    CONSTRAINT accounts_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200),
    CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled'))
);
CREATE INDEX accounts_created_at_idx ON accounts (created_at, id);
-- Named columns: a log-in is no edit of the account and leaves its version alone.
CREATE TRIGGER accounts_touch
    BEFORE UPDATE OF id, email, email_normalised, display_name, locale, time_zone, status, email_verified_at, version, created_at, updated_at
    ON accounts FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE credentials (
    account_id    uuid CONSTRAINT credentials_pkey PRIMARY KEY CONSTRAINT credentials_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE email_verifications (
    id               uuid CONSTRAINT email_verifications_pkey PRIMARY KEY,
    account_id       uuid NOT NULL CONSTRAINT email_verifications_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    email_normalised text NOT NULL,                           -- the address that the token proves; the token is derived from the id
    expires_at       timestamptz NOT NULL,
    used_at          timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX email_verifications_account_id_idx ON email_verifications (account_id, created_at);
CREATE INDEX email_verifications_expires_at_idx ON email_verifications (expires_at);

CREATE TABLE operators (
    id               uuid CONSTRAINT operators_pkey PRIMARY KEY,
    email            text NOT NULL,
    email_normalised text NOT NULL,
    display_name     text NOT NULL,
    role             text NOT NULL,
    status           text NOT NULL DEFAULT 'active',
    last_login_at    timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operators_email_normalised_key UNIQUE (email_normalised),
    CONSTRAINT operators_email_length CHECK (char_length(email) BETWEEN 3 AND 320),
    CONSTRAINT operators_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200),
    CONSTRAINT operators_role_known CHECK (role IN ('super_admin', 'support', 'billing')),
    CONSTRAINT operators_status_known CHECK (status IN ('active', 'disabled'))
);
CREATE TRIGGER operators_touch BEFORE UPDATE ON operators FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE operator_credentials (
    operator_id   uuid CONSTRAINT operator_credentials_pkey PRIMARY KEY CONSTRAINT operator_credentials_operator_id_fkey REFERENCES operators (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- The key pairs that sign tokens; the private half is sealed under the platform's key.
CREATE TABLE signing_keys (
    kid            text CONSTRAINT signing_keys_pkey PRIMARY KEY,
    algorithm      text NOT NULL DEFAULT 'ES256',
    public_jwk     jsonb NOT NULL,
    private_sealed bytea NOT NULL,
    state          text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    activated_at   timestamptz,
    retired_at     timestamptz,
    CONSTRAINT signing_keys_state_known CHECK (state IN ('next', 'active', 'retired')),
    CONSTRAINT signing_keys_retired_at_matches CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX signing_keys_one_active_key ON signing_keys (state) WHERE state = 'active';
