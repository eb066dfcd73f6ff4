-- What every organization starts with. Built-in roles and virtual locations carry the same ids in every tenant; the
-- provisioning saga gives the default site an id of its own and sets locale, currency and time zone as asked for.

INSERT INTO roles (id, key, name, description, built_in) VALUES
    ('00000000-0000-7000-8000-000000000101', 'owner',   'Owner',   'Everything, the organization itself included.', true),
    ('00000000-0000-7000-8000-000000000102', 'admin',   'Admin',   'Everything within the organization.', true),
    ('00000000-0000-7000-8000-000000000103', 'manager', 'Manager', 'Runs catalogue and stock; no settings, no audit log.', true),
    ('00000000-0000-7000-8000-000000000104', 'staff',   'Staff',   'Daily work with stock.', true),
    ('00000000-0000-7000-8000-000000000105', 'viewer',  'Viewer',  'Reads catalogue and stock.', true);

-- The matrix of the built-in roles; nexus-iam's catalogue test compares it with the code.
INSERT INTO role_permissions (role_id, permission, effect)
SELECT r.id, m.permission, 'allow'
FROM (VALUES
    ('owner', ARRAY['products.read', 'products.write', 'products.import', 'categories.read', 'categories.write',
        'inventory.read', 'inventory.adjust', 'inventory.transfer', 'inventory.receive', 'inventory.issue', 'inventory.import', 'inventory.backdate',
        'locations.read', 'locations.write', 'jobs.read', 'audit_logs.read', 'users.read', 'roles.read',
        'settings.read', 'settings.write', 'saved_views.read', 'saved_views.write']),
    ('admin', ARRAY['products.read', 'products.write', 'products.import', 'categories.read', 'categories.write',
        'inventory.read', 'inventory.adjust', 'inventory.transfer', 'inventory.receive', 'inventory.issue', 'inventory.import', 'inventory.backdate',
        'locations.read', 'locations.write', 'jobs.read', 'audit_logs.read', 'users.read', 'roles.read',
        'settings.read', 'settings.write', 'saved_views.read', 'saved_views.write']),
    ('manager', ARRAY['products.read', 'products.write', 'products.import', 'categories.read', 'categories.write',
        'inventory.read', 'inventory.adjust', 'inventory.transfer', 'inventory.receive', 'inventory.issue', 'inventory.import', 'inventory.backdate',
        'locations.read', 'locations.write', 'jobs.read', 'users.read', 'roles.read',
        'settings.read', 'saved_views.read', 'saved_views.write']),
    ('staff', ARRAY['products.read', 'categories.read',
        'inventory.read', 'inventory.adjust', 'inventory.transfer', 'inventory.receive', 'inventory.issue',
        'locations.read', 'jobs.read', 'settings.read', 'saved_views.read', 'saved_views.write']),
    ('viewer', ARRAY['products.read', 'categories.read', 'inventory.read', 'locations.read', 'settings.read', 'saved_views.read'])
) AS seed (role, permissions)
JOIN roles r ON r.key = seed.role
CROSS JOIN LATERAL unnest(seed.permissions) AS m (permission);

INSERT INTO locations (id, code, name, type, virtual_kind, is_stock) VALUES
    ('00000000-0000-7000-8000-000000000201', 'SUPPLIER',   'Suppliers',  'virtual', 'supplier',   false),
    ('00000000-0000-7000-8000-000000000202', 'CUSTOMER',   'Customers',  'virtual', 'customer',   false),
    ('00000000-0000-7000-8000-000000000203', 'TRANSIT',    'In transit', 'virtual', 'transit',    false),
    ('00000000-0000-7000-8000-000000000204', 'SCRAP',      'Scrap',      'virtual', 'scrap',      false),
    ('00000000-0000-7000-8000-000000000205', 'PRODUCTION', 'Production', 'virtual', 'production', false),
    ('00000000-0000-7000-8000-000000000206', 'COUNT',      'Count',      'virtual', 'count',      false);

INSERT INTO locations (id, code, name, type, kind) VALUES
    ('00000000-0000-7000-8000-000000000301', 'MAIN', 'Main warehouse', 'site', 'warehouse');

INSERT INTO settings (key, value) VALUES
    ('locale', '"en"'),
    ('currency', '"EUR"'),
    ('time_zone', '"UTC"');

-- Built-in virtual locations are fixed points of the ledger: only a migration changes them.
CREATE FUNCTION nx_guard_virtual_locations() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'nx_owner', 'member')
       AND (OLD.type = 'virtual' OR (TG_OP = 'UPDATE' AND NEW.type = 'virtual')) THEN
        RAISE EXCEPTION 'location % is built in', OLD.code
            USING ERRCODE = 'check_violation', TABLE = 'locations', CONSTRAINT = 'locations_virtual_read_only';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER locations_virtual BEFORE UPDATE OR DELETE ON locations
    FOR EACH ROW EXECUTE FUNCTION nx_guard_virtual_locations();
