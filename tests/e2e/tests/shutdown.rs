//! The end of the program: what is under way is finished, and nothing is left open behind it.

use nexus_test_support::{ControlDb, Role, TestStack, TestTenant};
use uuid::Uuid;

use crate::platform::Platform;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_closes_the_tenants_pools() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let tenants = [TestTenant::in_control(&control).await, TestTenant::in_control(&control).await];
    let log = std::env::temp_dir().join(format!("nexus-{}.log", Uuid::new_v4().simple()));
    let process = Platform::command(&stack, &control).log_to(&log).spawn().await;
    for tenant in &tenants {
        let client = process.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
        let _ = client.get("/api/v1/products").send().await.expect(200);
    }
    assert_eq!(process.terminate().await, 0, "the program ends cleanly");
    let said = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    let closed =
        said.lines().find(|line| line.contains("the tenants' pools are closed")).unwrap_or_else(|| panic!("not a word of the pools:\n{said}"));
    assert!(closed.contains("\"pools\":2") || closed.contains("pools=2"), "{closed}");
}
