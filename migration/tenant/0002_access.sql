-- Who may enter and what they may do. Truth is here, not in the control plane: restoring this database restores its people.

CREATE TABLE users (
    id               uuid PRIMARY KEY,                       -- the account's id once joined
    email            text NOT NULL,                          -- as typed
    email_normalised text NOT NULL,                          -- comparison form (NFKC, lower case), computed by the application
    display_name     text NOT NULL,
    status           text NOT NULL,
    invited_at       timestamptz,
    joined_at        timestamptz,
    deactivated_at   timestamptz,
    search           tsvector GENERATED ALWAYS AS (public.search_document(display_name || ' ' || email)) STORED,
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_normalised_key UNIQUE (email_normalised),
    CONSTRAINT users_status_known CHECK (status IN ('invited', 'active', 'deactivated')),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 320),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);
CREATE INDEX users_status_idx ON users (status, id);
CREATE INDEX users_display_name_idx ON users (display_name, id);
CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_updated_at_idx ON users (updated_at, id);
CREATE INDEX users_search_idx ON users USING gin (search);
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE roles (
    id          uuid PRIMARY KEY,
    key         text NOT NULL,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    built_in    boolean NOT NULL DEFAULT false,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_key_key UNIQUE (key),
    CONSTRAINT roles_key_form CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT roles_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT roles_description_length CHECK (char_length(description) <= 1000)
);
CREATE INDEX roles_name_idx ON roles (name, id);
CREATE INDEX roles_created_at_idx ON roles (created_at, id);
CREATE INDEX roles_updated_at_idx ON roles (updated_at, id);
CREATE TRIGGER roles_touch BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION nx_touch();

CREATE TABLE role_permissions (
    role_id    uuid NOT NULL CONSTRAINT role_permissions_role_id_fkey REFERENCES roles (id) ON DELETE CASCADE,
    permission text NOT NULL,
    effect     text NOT NULL DEFAULT 'allow',
    CONSTRAINT role_permissions_pkey PRIMARY KEY (role_id, permission),
    CONSTRAINT role_permissions_effect_known CHECK (effect IN ('allow', 'deny')),
    CONSTRAINT role_permissions_permission_form CHECK (permission ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$')
);

-- Built-in roles are the product's: an organization adds its own, but only a migration changes these.
CREATE FUNCTION nx_guard_built_in_roles() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    subject text;
BEGIN
    IF pg_has_role(session_user, 'nx_owner', 'member') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_TABLE_NAME = 'roles' THEN
        subject := CASE WHEN OLD.built_in THEN OLD.key END;
    ELSE
        SELECT r.key INTO subject FROM roles r WHERE r.built_in AND r.id IN (OLD.role_id, NEW.role_id);
    END IF;
    IF subject IS NOT NULL THEN
        RAISE EXCEPTION 'role % is built in', subject
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'roles_built_in_read_only';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER roles_built_in BEFORE UPDATE OR DELETE ON roles
    FOR EACH ROW EXECUTE FUNCTION nx_guard_built_in_roles();
CREATE TRIGGER role_permissions_built_in BEFORE INSERT OR UPDATE OR DELETE ON role_permissions
    FOR EACH ROW EXECUTE FUNCTION nx_guard_built_in_roles();

CREATE TABLE user_roles (
    user_id    uuid NOT NULL CONSTRAINT user_roles_user_id_fkey REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE,
    role_id    uuid NOT NULL CONSTRAINT user_roles_role_id_fkey REFERENCES roles (id) ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);

-- The number of the policy in force. Raised in the transaction of every change to users' status, roles and grants, by
-- trigger, so that no code path can forget it; nx_tenant may only read it.
CREATE TABLE policy_epoch (
    singleton  boolean PRIMARY KEY DEFAULT true CONSTRAINT policy_epoch_singleton CHECK (singleton),
    epoch      bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO policy_epoch DEFAULT VALUES;

CREATE FUNCTION nx_bump_policy_epoch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE public.policy_epoch SET epoch = epoch + 1, updated_at = now();
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION nx_bump_policy_epoch() FROM PUBLIC;

CREATE TRIGGER users_policy AFTER INSERT OR DELETE OR UPDATE OF id, status OR TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION nx_bump_policy_epoch();
CREATE TRIGGER roles_policy AFTER INSERT OR DELETE OR UPDATE OF id, key OR TRUNCATE ON roles
    FOR EACH STATEMENT EXECUTE FUNCTION nx_bump_policy_epoch();
CREATE TRIGGER role_permissions_policy AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON role_permissions
    FOR EACH STATEMENT EXECUTE FUNCTION nx_bump_policy_epoch();
CREATE TRIGGER user_roles_policy AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON user_roles
    FOR EACH STATEMENT EXECUTE FUNCTION nx_bump_policy_epoch();
