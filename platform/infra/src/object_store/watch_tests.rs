//! Who waits for whom, with a store that takes connections and says nothing.

use std::future::pending;

use metrics_exporter_prometheus::PrometheusBuilder;
use nexus_config::Settings;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::object_store::TenantBuckets;
use crate::silence::STALLED;

/// How long a call of a bucket is waited for that never comes back.
async fn waits(bucket: &TenantBucket, bytes: u64) -> Duration {
    let started = Instant::now();
    let outcome = bucket.call::<(), ObjectStoreError>("GetObject", bytes, pending()).await;
    assert!(matches!(outcome, Err(ObjectStoreError::Unavailable(_))), "{outcome:?}");
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_a_hurry_gives_a_silent_store_up_soon_and_a_large_transfer_after_three_knocks() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = Settings::development().s3;
    settings.endpoint = Some(format!("http://{}", silent.local_addr().unwrap()));
    let buckets = TenantBuckets::new(&settings);
    let bucket = buckets.for_tenant(&buckets.access("nxt-1", None)).in_a_hurry();
    let once = STALLED + ANSWERS_WITHIN;
    let margin = Duration::from_millis(100);
    let took = waits(&bucket, LONG_WORK).await;
    assert!(took >= once && took < once + margin, "{took:?}");
    let took = waits(&bucket, LONG_WORK + 1).await;
    assert!(took >= once * KNOCKS_FOR_LONG_WORK && took < once * KNOCKS_FOR_LONG_WORK + margin, "{took:?}");
    assert!(recorder.handle().render().contains("nexus_object_store_silent_calls_total 2"));
}

#[tokio::test(start_paused = true)]
async fn who_is_in_no_hurry_waits_for_the_time_outs_of_the_call() {
    let buckets = TenantBuckets::new(&Settings::development().s3);
    let bucket = buckets.for_tenant(&buckets.access("nxt-1", None));
    let slow = async {
        tokio::time::sleep(Duration::from_secs(600)).await;
        Ok::<_, ObjectStoreError>(7)
    };
    assert_eq!(bucket.call("GetObject", 0, slow).await.unwrap(), 7);
}
