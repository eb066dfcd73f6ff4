-- A database server that changes its address tells every tenant on it: their epochs rise, so whoever remembers their records or holds
-- connections to the old address gives them up.

-- An epoch that a statement raises itself stays raised.
CREATE OR REPLACE FUNCTION nx_raise_epoch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.epoch := greatest(NEW.epoch, OLD.epoch) + (CASE WHEN (NEW.slug, NEW.name, NEW.state, NEW.state_reason, NEW.server_id, NEW.secret_sealed,
            NEW.entitlements, NEW.flags, NEW.schema_version)
        IS DISTINCT FROM (OLD.slug, OLD.name, OLD.state, OLD.state_reason, OLD.server_id, OLD.secret_sealed,
            OLD.entitlements, OLD.flags, OLD.schema_version) THEN 1 ELSE 0 END);
    RETURN NEW;
END $$;

-- In one order, so that two of them wait for each other instead of going in circles.
CREATE FUNCTION nx_raise_epochs_of_server() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM FROM tenants WHERE server_id = NEW.id ORDER BY id FOR NO KEY UPDATE;
    UPDATE tenants SET epoch = epoch + 1 WHERE server_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER database_servers_moved AFTER UPDATE OF host, port ON database_servers FOR EACH ROW
    WHEN ((OLD.host, OLD.port) IS DISTINCT FROM (NEW.host, NEW.port))
    EXECUTE FUNCTION nx_raise_epochs_of_server();
