-- What a tenant told last of a thing, by its place in the outbox and by when it was written. An event that is behind in both comes late: it had been given up,
-- and was taken up again by hand. Behind in one alone is no sign: the places begin anew with a restored database, and clocks differ.

ALTER TABLE memberships
    ADD COLUMN told_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN told_at  timestamptz NOT NULL DEFAULT 'epoch';

ALTER TABLE invitations
    ADD COLUMN told_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN told_at  timestamptz NOT NULL DEFAULT 'epoch';
