//! What a tenant's own database role can't do, whatever the program above it does.

use nexus_test_support::TestTenant;
use sqlx::AssertSqlSafe;

/// SQLSTATE of `insufficient_privilege`.
const REFUSED: &str = "42501";

async fn state_of(pool: &sqlx::PgPool, statement: &str) -> Option<String> {
    match sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await {
        Ok(_) => None,
        Err(error) => error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned()),
    }
}

#[tokio::test]
async fn history_can_not_be_changed_and_the_schema_not_be_touched() {
    let tenant = TestTenant::new().await;
    let pool = tenant.db().pool();
    for table in ["stock_movements", "audit_log"] {
        for statement in [format!("UPDATE {table} SET request_id = ''"), format!("DELETE FROM {table}"), format!("TRUNCATE {table}")] {
            assert_eq!(state_of(pool, &statement).await.as_deref(), Some(REFUSED), "{statement}");
        }
    }
    for statement in [
        "CREATE TABLE x (i int)",
        "CREATE TEMP TABLE x (i int)",
        "CREATE SCHEMA x",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE products ADD COLUMN x int",
        "DROP TABLE tags",
        "ALTER TABLE stock_movements DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE nx_owner",
        "CREATE ROLE x",
        "UPDATE policy_epoch SET epoch = 1",
        "UPDATE schema_info SET version = 99",
        "UPDATE api_keys SET scopes = '[\"audit_logs.read\"]'",
        "UPDATE api_keys SET expires_at = NULL",
        "UPDATE api_keys SET secret_digest = secret_digest",
        "DELETE FROM users",
        "DELETE FROM stock_levels",
        "SELECT * FROM seaql_migrations",
    ] {
        assert_eq!(state_of(pool, statement).await.as_deref(), Some(REFUSED), "{statement}");
    }
}

#[tokio::test]
async fn not_even_the_superuser_changes_history_by_accident() {
    let tenant = TestTenant::new().await;
    let owner = tenant.owner_db().await;
    for table in ["stock_movements", "audit_log"] {
        for statement in [
            format!("UPDATE {table} SET request_id = ''"),
            format!("DELETE FROM {table}"),
            format!("SET session_replication_role = replica; TRUNCATE {table} CASCADE"),
        ] {
            assert_eq!(state_of(owner.pool(), &statement).await.as_deref(), Some(REFUSED), "{statement}");
        }
    }
}

#[tokio::test]
async fn changes_of_people_roles_grants_and_keys_raise_the_policy_epoch_and_built_in_roles_stay() {
    let tenant = TestTenant::new().await;
    let pool = tenant.db().pool();
    let epoch = async || sqlx::query_scalar::<_, i64>("SELECT epoch FROM policy_epoch").fetch_one(pool).await.unwrap();
    let mut before = epoch().await;
    for statement in [
        "INSERT INTO users (id, email, email_normalised, display_name, status) VALUES (gen_random_uuid(), 'n@x.example', 'n@x.example', 'N', 'invited')",
        "UPDATE users SET status = 'active' WHERE email = 'n@x.example'",
        "INSERT INTO roles (id, key, name) VALUES (gen_random_uuid(), 'pickers', 'Pickers')",
        "INSERT INTO role_permissions (role_id, permission) SELECT id, 'inventory.read' FROM roles WHERE key = 'pickers'",
        "INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM users u, roles r WHERE u.email = 'n@x.example' AND r.key = 'pickers'",
        "DELETE FROM user_roles WHERE role_id = (SELECT id FROM roles WHERE key = 'pickers')",
        "INSERT INTO api_keys (id, name, redacted_key, secret_digest, scopes, created_by)
         SELECT gen_random_uuid(), 'Shop', 'nxk_…abcd', sha256('x'), '[\"products.read\"]', id FROM users LIMIT 1",
        "UPDATE api_keys SET revoked_at = now()",
    ] {
        assert_eq!(state_of(pool, statement).await, None, "{statement}");
        let after = epoch().await;
        assert!(after > before, "{statement}");
        before = after;
    }
    assert_eq!(state_of(pool, "UPDATE api_keys SET last_used_at = now()").await, None);
    assert_eq!(epoch().await, before, "a mere use of a key");
    for statement in ["UPDATE roles SET name = 'x' WHERE key = 'viewer'", "DELETE FROM role_permissions WHERE permission = 'products.read'"] {
        assert_eq!(state_of(pool, statement).await.as_deref(), Some("23514"), "{statement}");
    }
    assert_eq!(epoch().await, before);
}

#[tokio::test]
async fn a_circle_of_categories_is_refused_and_products_are_found_by_every_name_and_code() {
    let tenant = TestTenant::new().await;
    let pool = tenant.db().pool();
    let set_up = "INSERT INTO categories (id, name, slug) VALUES ('11111111-1111-7111-8111-111111111111', 'A', 'a');
         INSERT INTO categories (id, parent_id, name, slug) VALUES ('22222222-1111-7111-8111-111111111111', '11111111-1111-7111-8111-111111111111', 'B', 'b');
         INSERT INTO products (id, name, brand) VALUES ('33333333-1111-7111-8111-111111111111', 'Grüner Tee', 'Müller');
         INSERT INTO variants (id, product_id, sku, name) VALUES ('44444444-1111-7111-8111-111111111111', '33333333-1111-7111-8111-111111111111', 'GT-0012a', '200 g');
         INSERT INTO variant_barcodes (variant_id, barcode, kind) VALUES ('44444444-1111-7111-8111-111111111111', '4006381333931', 'ean13')";
    assert_eq!(state_of(pool, set_up).await, None);
    let circle = "UPDATE categories SET parent_id = '22222222-1111-7111-8111-111111111111' WHERE slug = 'a'";
    assert_eq!(state_of(pool, circle).await.as_deref(), Some("23514"));
    for (typed, found) in
        [("grü te", 1_i64), ("gt0012", 1), ("GT-0012A", 1), ("400638 müll", 1), ("200", 1), ("kaffee", 0), ("'; drop & | ! (", 0), ("", 0)]
    {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM products WHERE search @@ search_query($1)").bind(typed).fetch_one(pool).await.unwrap();
        assert_eq!(count, found, "{typed}");
    }
    let version: i64 = sqlx::query_scalar("SELECT version FROM products").fetch_one(pool).await.unwrap();
    assert_eq!(version, 1, "keeping the search document is no edit of the product");
}

/// Errors carry values in their DETAIL, such as the address that is taken; whoever reads the server's log shall not.
#[tokio::test]
async fn the_servers_log_tells_of_errors_without_values() {
    let tenant = TestTenant::new().await;
    let verbosity = "SELECT setting, source FROM pg_settings WHERE name = 'log_error_verbosity'";
    // Set for every role of the server by its bootstrap, whatever its configuration says.
    let expected = ("terse".to_owned(), "global".to_owned());
    for db in [tenant.db(), tenant.control.db(), tenant.control.directory_db()] {
        let found: (String, String) = sqlx::query_as(verbosity).fetch_one(db.pool()).await.unwrap();
        assert_eq!(found, expected);
    }
    assert_eq!(state_of(tenant.db().pool(), "SET log_error_verbosity = verbose").await.as_deref(), Some(REFUSED));
}
