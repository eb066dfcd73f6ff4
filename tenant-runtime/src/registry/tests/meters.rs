//! What the metrics tell of openings and of what is open.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use super::*;

/// The value of a metric, as it is shown.
fn shown(recorder: &PrometheusRecorder, metric: &str) -> String {
    let text = recorder.handle().render();
    let value = text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    value.unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn openings_of_both_kinds_are_told_without_the_wait_for_the_budget() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(4, 2));
    let work = pools.work.lease(tenant(1), 1, &0).await.unwrap();
    let (first, second) = (lease(&pools, 2).await.unwrap(), lease(&pools, 3).await.unwrap());
    let waiting = asks(&pools, 4);
    millis(1_000).await;
    drop(first);
    let waited = waiting.await.unwrap().unwrap();
    assert_eq!(shown(&recorder, "nexus_tenant_pool_opens_total{outcome=\"opened\"}"), "4");
    assert_eq!(shown(&recorder, "nexus_tenant_pool_open_seconds_count"), "4");
    let took: f64 = shown(&recorder, "nexus_tenant_pool_open_seconds_sum").parse().unwrap();
    assert!(took > 0.0 && took < 0.1, "{took} seconds, with the wait for the budget");
    // At once, not at the next sweep.
    assert_eq!(shown(&recorder, "nexus_tenant_pools_open{use=\"requests\"}"), "2");
    assert_eq!(shown(&recorder, "nexus_tenant_pools_open{use=\"background\"}"), "1");
    drop((work, second, waited));
    pools.shut_down(Duration::from_secs(5)).await;
    assert_eq!(shown(&recorder, "nexus_tenant_pools_open{use=\"requests\"}"), "0");
    assert_eq!(shown(&recorder, "nexus_tenant_pools_open{use=\"background\"}"), "0");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_came_too_late_and_gives_way_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(1, 1));
    let hasty = tokio::time::timeout(Duration::from_millis(1), lease(&pools, 1));
    let (hasty, next) = tokio::join!(hasty, lease(&pools, 2));
    assert!(hasty.is_err() && next.is_ok());
    assert_eq!(server.openings(), 2);
    assert_eq!(shown(&recorder, "nexus_tenant_pool_evictions_total{reason=\"fairness\"}"), "1");
}
