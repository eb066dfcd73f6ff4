-- People come and go in organizations: the index of invitations, and memberships that rest. The truth of both is in the tenants'
-- databases; these tables follow their events.

-- Whoever may not enter for now keeps the entry: it is what they come back to.
ALTER TABLE memberships ADD COLUMN deactivated_at timestamptz;

CREATE TABLE invitations (
    id               uuid CONSTRAINT invitations_pkey PRIMARY KEY,  -- what the link is derived from: drawn anew for each mail that is no copy of the last one
    tenant_id        uuid NOT NULL CONSTRAINT invitations_tenant_id_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    invitation_id    uuid NOT NULL,                                 -- in the tenant's database
    generation       bigint NOT NULL,                               -- which of the invitation's mails: only the link of the last one is good
    email            text NOT NULL,                                 -- where the link was mailed to, and so what it proves; never changes under one id
    email_normalised text NOT NULL,
    locale           text,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    accepted_by      uuid CONSTRAINT invitations_accepted_by_fkey REFERENCES accounts (id) ON DELETE SET NULL,
    joined_at        timestamptz,                                   -- the tenant has taken the account in: the link is used up
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invitations_invitation_id_key UNIQUE (tenant_id, invitation_id),
    CONSTRAINT invitations_generation_range CHECK (generation BETWEEN 0 AND 4294967295),
    CONSTRAINT invitations_email_length CHECK (char_length(email) BETWEEN 3 AND 320)
);
CREATE INDEX invitations_accepted_by_idx ON invitations (accepted_by, tenant_id) WHERE accepted_by IS NOT NULL;
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO nexus_control;
