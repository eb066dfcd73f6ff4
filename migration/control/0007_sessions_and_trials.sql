-- Sessions know which session they were switched from and when a password was last given; plans promise only what is there; trials end.

-- A session opened by switching ends with the one it came from, and lives no longer than the log-in at the root allows.
ALTER TABLE token_families
    ADD COLUMN parent_id uuid CONSTRAINT token_families_parent_id_fkey REFERENCES token_families (id) ON DELETE SET NULL,
    ADD COLUMN authenticated_at timestamptz;
UPDATE token_families SET authenticated_at = created_at;
ALTER TABLE token_families ALTER COLUMN authenticated_at SET NOT NULL;
CREATE INDEX token_families_parent_id_idx ON token_families (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX subscriptions_trial_ends_at_idx ON subscriptions (trial_ends_at) WHERE state = 'trialing';

-- Imports and saved views are part of every plan; a promise of faster support is none that this program can keep.
UPDATE plans SET features = '["imports", "saved_views"]' WHERE key IN ('free', 'team', 'business') AND version = 1;
UPDATE tenants t SET entitlements = jsonb_set(t.entitlements, '{features}', p.features)
  FROM subscriptions s JOIN plans p ON p.key = s.plan_key AND p.version = s.plan_version
 WHERE s.organization_id = t.id AND t.entitlements ? 'plan';
