//! The end of the program: what is under way is finished, and nothing is left open behind it.

use std::time::{Duration, Instant};

use nexus_test_support::{ControlDb, Process, Role, Signal, TestStack, TestTenant, eventually};
use uuid::Uuid;

use crate::fixtures::article;
use crate::load::Load;
use crate::platform::{Organization, Platform};

/// How long a program that was told to end still accepts, in these tests.
const DRAIN: Duration = Duration::from_secs(1);

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
        said.lines().find(|line| line.contains("the tenants' connections are closed")).unwrap_or_else(|| panic!("not a word of them:\n{said}"));
    // Each tenant's for requests, and perhaps one for its background work.
    let pools = (2..=4).any(|count| closed.contains(&format!("\"pools\":{count}")) || closed.contains(&format!("pools={count}")));
    assert!(pools, "{closed}");
}

/// The organization's client of another program.
fn client_of(process: &Process, organization: &Organization) -> nexus_test_support::Client {
    process.client().bearer(&organization.token).tenant(&organization.slug)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_restarts_under_load_cut_no_request_off() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let command = Platform::command(&stack, &control).env("NEXUS__HTTP__DRAIN_DELAY_S", DRAIN.as_secs().to_string());
    let platform = Platform::of(stack, control, command.spawn().await).await;
    let organization = platform.sign_up().await;
    let load = Load::of(&organization, article(&organization.client, "DRAINED").await);
    let Platform { process, .. } = platform;
    let mut serving = Some(process);
    load.during(async {
        for _ in 0..5 {
            load.goes_on(20, Duration::from_secs(60)).await;
            let next = command.spawn().await;
            let last = serving.replace(next).expect("a program");
            let probe = last.client();
            let (told, ending) = (Instant::now(), tokio::spawn(last.terminate()));
            // It is not ready any more, and yet it answers.
            eventually(Duration::from_secs(5), async || {
                let ready = probe.get("/readyz").try_send().await.expect("it still accepts").status;
                (ready == 503).then_some(())
            })
            .await;
            load.goes_on(3, Duration::from_secs(30)).await;
            assert_eq!(ending.await.expect("its end"), 0, "the program ends cleanly");
            assert!(told.elapsed() >= DRAIN && told.elapsed() < Duration::from_secs(30), "{:?}", told.elapsed());
            load.goes_to(client_of(serving.as_ref().expect("a program"), &organization)).await;
        }
        load.goes_on(20, Duration::from_secs(60)).await;
    })
    .await;
    // Whoever came too late was not let in: refused, or reset in the system's queue with nothing read. What was read has its answer.
    let too_late = |fault: &&String| fault.contains("ConnectionRefused") || fault.contains("ConnectionReset");
    let cut = load.cut();
    let accepted: Vec<_> = cut.iter().filter(|fault| !too_late(fault)).collect();
    assert!(accepted.is_empty(), "{} requests were cut off: {accepted:#?}", accepted.len());
    assert_eq!(load.refused(), 0, "a program that ends still serves");
    load.assert_kept().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let process = Platform::command(&stack, &control).env("NEXUS__HTTP__DRAIN_DELAY_S", "60").spawn().await;
    let client = process.client();
    process.signal(Signal::SIGTERM);
    eventually(Duration::from_secs(5), async || (client.get("/readyz").try_send().await.expect("it still accepts").status == 503).then_some(()))
        .await;
    let told = Instant::now();
    assert_eq!(process.terminate().await, 130);
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
}

/// What opens the file waits until somebody reads it: a disk that gives no answer.
fn stuck(file: &std::path::Path) -> bool {
    std::process::Command::new("mkfifo").arg(file).stderr(std::process::Stdio::null()).status().expect("mkfifo").success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_gives_no_answer_does_not_keep_the_program() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let file = control.snapshot_file();
    let process = Platform::command(&stack, &control).spawn().await;
    eventually(Duration::from_secs(30), async || file.exists().then_some(())).await;
    let unfinished = std::path::PathBuf::from(format!("{}.{}.unfinished", file.display(), process.pid));
    eventually(Duration::from_secs(10), async || stuck(&unfinished).then_some(())).await;
    // Something new to write.
    let tenant = TestTenant::in_control(&control).await;
    let _ = process.client().bearer(tenant.token(Role::Owner)).get("/api/v1/products").send().await.expect(200);
    let told = Instant::now();
    assert_eq!(process.terminate().await, 0, "the program ends cleanly");
    assert!(told.elapsed() < Duration::from_secs(20), "{:?}", told.elapsed());
    std::fs::remove_file(&unfinished).expect("the snapshot was written elsewhere: nothing was shown");
}
