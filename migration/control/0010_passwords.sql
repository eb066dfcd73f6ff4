-- A new password by a link, sessions that say where they are used, and people's pictures.

-- The one link of an account that sets a new password: the newest, not yet followed. Its token is derived from the id, so nothing here
-- can be presented.
CREATE TABLE password_resets (
    account_id       uuid CONSTRAINT password_resets_pkey PRIMARY KEY CONSTRAINT password_resets_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    id               uuid NOT NULL CONSTRAINT password_resets_id_key UNIQUE,
    email_normalised text NOT NULL,                           -- the address that the link was mailed to, and proves
    expires_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX password_resets_expires_at_idx ON password_resets (expires_at);

-- What the holder is shown of a session: words of our own, chosen by the user agent, and the network's prefix. Sessions from before know
-- nothing of it.
ALTER TABLE token_families
    ADD COLUMN client_family text,
    ADD COLUMN client_system text,
    ADD COLUMN client_network text,
    ADD COLUMN last_log_in_at timestamptz;                    -- the log-in of the account before the one that this session goes back to

-- A picture is made anew from what was uploaded; the account's row says whether there is one, and its version changes with it.
ALTER TABLE accounts ADD COLUMN has_avatar boolean NOT NULL DEFAULT false;
CREATE TABLE account_avatars (
    account_id uuid CONSTRAINT account_avatars_pkey PRIMARY KEY CONSTRAINT account_avatars_account_id_fkey REFERENCES accounts (id) ON DELETE CASCADE,
    image      bytea NOT NULL,                                -- WebP, 256 x 256
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_avatars_image_length CHECK (octet_length(image) BETWEEN 1 AND 524288)
);
DROP TRIGGER accounts_touch ON accounts;
CREATE TRIGGER accounts_touch
    BEFORE UPDATE OF id, email, email_normalised, display_name, locale, time_zone, status, email_verified_at, has_avatar, version, created_at, updated_at
    ON accounts FOR EACH ROW EXECUTE FUNCTION nx_touch();

GRANT SELECT, INSERT, UPDATE, DELETE ON password_resets, account_avatars TO nexus_control;
