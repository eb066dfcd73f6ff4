//! The snapshot as a running runtime keeps it.

use nexus_test_support::{TestTenant, eventually};
use uuid::Uuid;

use super::*;
use crate::test_app::App;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_keys_and_ended_sessions_are_on_disk_soon_after_they_are_known() {
    let app = App::start().await;
    let file = app.runtime.snapshot.clone().expect("a file in the settings");
    let kept = async || eventually(SOON, async || read(&file).unwrap()).await;
    let content = kept().await;
    assert_eq!(content.directory.len(), 1);
    assert!(content.jwks.iter().any(|jwk| jwk.kid == app.tenant.control.tokens().kid()));

    // Signed up and logged out since.
    let ended = Revocation { family_id: Uuid::new_v4(), revoked_at: app.runtime.clock.now() };
    app.runtime.verifier.revocations().add([ended]);
    let other = TestTenant::in_control(&app.tenant.control).await;
    eventually(SOON, async || {
        let content = kept().await;
        (content.directory.len() == 2 && content.revocations.contains(&ended)).then_some(())
    })
    .await;
    let bytes = std::fs::read(file.path()).unwrap();
    for secret in [other.slug.as_bytes(), other.id.to_string().as_bytes()] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "readable without the key");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_ours_is_ignored() {
    let app = App::without_workers().await;
    let file = app.runtime.snapshot.clone().expect("a file in the settings");
    for content in [b"{}".as_slice(), b"[1]", b"no JSON"] {
        file.write(content).unwrap();
        assert!(matches!(read(&file), Err(ReadError::Content(_))));
        app.runtime.restore_snapshot();
    }
    std::fs::write(file.path(), "no snapshot").unwrap();
    assert!(matches!(read(&file), Err(ReadError::File(SnapshotError::Malformed))));
    app.runtime.restore_snapshot();
    assert!(!app.runtime.directory.status().is_loaded());
}
