//! The allowance of a caller is one for all processes.

use std::time::Duration;

use nexus_test_support::{ControlDb, Nexus, Role, TestStack, TestTenant, eventually};

const LIMIT: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_lets_through_is_gone_for_the_others() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let tenants = [TestTenant::in_control(&control).await, TestTenant::in_control(&control).await];
    let start = async || {
        let command = Nexus::command(&stack, &["tenant-runtime"]).on(&stack, &control);
        let command = command.env("NEXUS__RATE_LIMIT__ENABLED", "true").env("NEXUS__RATE_LIMIT__PRINCIPAL_PER_MINUTE", LIMIT.to_string());
        command.spawn().await
    };
    let processes = [start().await, start().await];
    let request = |process: usize, tenant: usize| {
        let client = processes[process].client().bearer(tenants[tenant].token(Role::Owner)).tenant(&tenants[tenant].slug);
        client.get("/api/v1/locations")
    };
    // Both callers within one round: the process tells of them together.
    for tenant in [0, 1] {
        for _ in 0..LIMIT - 2 {
            let _ = request(0, tenant).send().await.expect(200);
        }
    }
    // The other process learns with the caller's first request there what is left: it lets at most that one and what it had not been told of through.
    for tenant in [0, 1] {
        let mut passed = 0;
        eventually(Duration::from_secs(5), async || {
            let answer = request(1, tenant).send().await;
            passed += usize::from(answer.status == 200);
            (answer.status == 429).then_some(())
        })
        .await;
        assert!(passed < LIMIT / 2, "the second process let {passed} requests of a caller through whose allowance was used up");
    }
    for process in processes {
        process.terminate().await;
    }
}
