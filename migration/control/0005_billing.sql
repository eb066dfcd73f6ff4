-- Plans (versioned: subscribers keep the version they took) and the one subscription of each organization.

CREATE TABLE plans (
    key           text NOT NULL,
    version       integer NOT NULL,
    name          text NOT NULL,
    description   text NOT NULL DEFAULT '',
    currency      text NOT NULL,
    price_monthly numeric(19,4) NOT NULL,
    price_yearly  numeric(19,4) NOT NULL,
    trial_days    integer NOT NULL DEFAULT 0,
    limits        jsonb NOT NULL DEFAULT '{}',                -- {"users": 3, …}; a missing key is no limit
    features      jsonb NOT NULL DEFAULT '[]',
    position      integer NOT NULL DEFAULT 0,
    status        text NOT NULL DEFAULT 'active',
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT plans_pkey PRIMARY KEY (key, version),
    CONSTRAINT plans_key_form CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT plans_version_positive CHECK (version >= 1),
    CONSTRAINT plans_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT plans_prices_nonnegative CHECK (price_monthly >= 0 AND price_yearly >= 0),
    CONSTRAINT plans_trial_days_range CHECK (trial_days BETWEEN 0 AND 365),
    CONSTRAINT plans_limits_object CHECK (jsonb_typeof(limits) = 'object'),
    CONSTRAINT plans_features_array CHECK (jsonb_typeof(features) = 'array'),
    CONSTRAINT plans_status_known CHECK (status IN ('active', 'retired'))
);
CREATE UNIQUE INDEX plans_one_active_key ON plans (key) WHERE status = 'active';

CREATE TABLE subscriptions (
    organization_id      uuid CONSTRAINT subscriptions_pkey PRIMARY KEY
        CONSTRAINT subscriptions_organization_id_fkey REFERENCES tenants (id) ON DELETE RESTRICT,
    plan_key             text NOT NULL,
    plan_version         integer NOT NULL,
    state                text NOT NULL,
    interval             text NOT NULL DEFAULT 'month',
    trial_ends_at        timestamptz,
    current_period_start timestamptz NOT NULL DEFAULT now(),
    current_period_end   timestamptz,
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subscriptions_plan_fkey FOREIGN KEY (plan_key, plan_version) REFERENCES plans (key, version) ON DELETE RESTRICT,
    CONSTRAINT subscriptions_state_known CHECK (state IN ('trialing', 'active', 'past_due', 'cancelled')),
    CONSTRAINT subscriptions_interval_known CHECK (interval IN ('month', 'year')),
    CONSTRAINT subscriptions_period_order CHECK (current_period_end > current_period_start)
);
CREATE INDEX subscriptions_plan_idx ON subscriptions (plan_key, plan_version);
CREATE INDEX subscriptions_state_idx ON subscriptions (state, organization_id);
CREATE TRIGGER subscriptions_touch BEFORE UPDATE ON subscriptions FOR EACH ROW EXECUTE FUNCTION nx_touch();

INSERT INTO plans (key, version, name, description, currency, price_monthly, price_yearly, trial_days, limits, features, position) VALUES
    ('free', 1, 'Free', 'For trying things out and very small shops.', 'EUR', 0, 0, 0,
        '{"users": 3, "products": 1000, "locations": 5}', '[]', 1),
    ('team', 1, 'Team', 'For a growing business with several places.', 'EUR', 49, 490, 14,
        '{"users": 25, "products": 25000, "locations": 100}', '["imports", "saved_views"]', 2),
    ('business', 1, 'Business', 'For many places, many people and long histories.', 'EUR', 199, 1990, 14,
        '{"users": 500, "products": 1000000, "locations": 5000}', '["imports", "saved_views", "priority_support"]', 3);
