-- People come and go: invitations, and what may become of a person's row.
--
-- An invited person is a row of `users` with an id for the time being, which holds the roles offered; on joining, the id becomes the
-- account's. Who has joined keeps row and id for good, because history names them; who never joined leaves nothing behind.

ALTER TABLE users DROP CONSTRAINT users_status_known;
ALTER TABLE users ADD CONSTRAINT users_status_known CHECK (status IN ('invited', 'active', 'deactivated', 'removed'));

-- The address of somebody whose membership has ended is free again.
ALTER TABLE users DROP CONSTRAINT users_email_normalised_key;
CREATE UNIQUE INDEX users_email_normalised_key ON users (email_normalised) WHERE status <> 'removed';

CREATE FUNCTION nx_guard_joined_people() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.joined_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.id <> OLD.id) AND NOT pg_has_role(session_user, 'nx_owner', 'member') THEN
        RAISE EXCEPTION 'who has joined keeps row and id'
            USING ERRCODE = 'insufficient_privilege', TABLE = 'users', CONSTRAINT = 'users_joined_stay';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER users_joined_stay BEFORE DELETE OR UPDATE OF id ON users FOR EACH ROW EXECUTE FUNCTION nx_guard_joined_people();
GRANT DELETE ON users TO nx_tenant;

CREATE TABLE invitations (
    id           uuid CONSTRAINT invitations_pkey PRIMARY KEY,
    user_id      uuid CONSTRAINT invitations_user_id_fkey REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL, -- none once it was revoked
    email        text NOT NULL,                               -- as typed
    display_name text,
    locale       text NOT NULL,                               -- language of its mails
    roles        jsonb NOT NULL,                              -- keys of the roles offered, sorted; as the person's while it is pending
    status       text NOT NULL DEFAULT 'pending',             -- a pending one may have expired: `expires_at` says
    generation   integer NOT NULL DEFAULT 1,                  -- raised by each further mail: only the link of the last one opens
    invited_by   uuid NOT NULL CONSTRAINT invitations_invited_by_fkey REFERENCES users (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    sent_at      timestamptz NOT NULL,                        -- the last mail
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,                                 -- accepted or revoked
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invitations_status_known CHECK (status IN ('pending', 'accepted', 'revoked')),
    CONSTRAINT invitations_ended_form CHECK ((status = 'pending') = (ended_at IS NULL)),
    CONSTRAINT invitations_user_id_form CHECK (status = 'revoked' OR user_id IS NOT NULL),
    CONSTRAINT invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 320),
    CONSTRAINT invitations_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200),
    CONSTRAINT invitations_generation_positive CHECK (generation > 0),
    CONSTRAINT invitations_roles_form CHECK (jsonb_typeof(roles) = 'array' AND octet_length(roles::text) <= 8192)
);
CREATE UNIQUE INDEX invitations_pending_key ON invitations (user_id) WHERE status = 'pending';
CREATE INDEX invitations_user_id_idx ON invitations (user_id);
CREATE INDEX invitations_invited_by_idx ON invitations (invited_by, id);
CREATE INDEX invitations_status_idx ON invitations (status, expires_at, id);
CREATE INDEX invitations_created_at_idx ON invitations (created_at, id);
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at, id);
CREATE TRIGGER invitations_touch BEFORE UPDATE ON invitations FOR EACH ROW EXECUTE FUNCTION nx_touch();

-- How many mails an organization has had sent to people it invites, by day (UTC).
CREATE TABLE invitation_mails (
    day  date CONSTRAINT invitation_mails_pkey PRIMARY KEY,
    sent integer NOT NULL CONSTRAINT invitation_mails_sent_positive CHECK (sent > 0)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON invitations, invitation_mails TO nx_tenant;

INSERT INTO role_permissions (role_id, permission, effect)
SELECT r.id, m.permission, 'allow'
FROM (VALUES
    ('owner', ARRAY['users.write', 'roles.write', 'organization.own']),
    ('admin', ARRAY['users.write', 'roles.write'])
) AS seed (role, permissions)
JOIN roles r ON r.key = seed.role
CROSS JOIN LATERAL unnest(seed.permissions) AS m (permission);
