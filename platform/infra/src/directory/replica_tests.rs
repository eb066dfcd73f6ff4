//! What the replica lets serve, and what it refuses however long the view is away.

use nexus_core::TenantState;

use super::super::samples::{record, tenant};
use super::*;

fn head(number: u128, epoch: i64) -> Head {
    Head { tenant: tenant(number), epoch, server_host: "db".into(), server_port: 5432 }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn epoch(replica: &Replica, number: u128) -> Option<i64> {
    replica.find(tenant(number)).map(|record| record.epoch)
}

/// As a snapshot that went through a file.
fn through_a_file(replica: &Replica) -> DirectorySnapshot {
    serde_json::from_slice(&serde_json::to_vec(&replica.snapshot().unwrap()).unwrap()).unwrap()
}

#[test]
fn what_the_view_said_serves_until_something_newer_is_announced() {
    let replica = Replica::default();
    replica.put(record(1, 3), None);
    assert_eq!(epoch(&replica, 1), Some(3));
    assert!(replica.announce(tenant(1), 3) && replica.announce(tenant(1), 2), "nothing new");
    assert!(!replica.announce(tenant(1), 4), "newer: the view is to be read");
    assert_eq!(epoch(&replica, 1), None, "it may have been suspended");
    assert!(!replica.announce(tenant(2), 1), "never heard of");
    replica.put(record(1, 4), Some(4));
    assert_eq!(epoch(&replica, 1), Some(4));
}

#[test]
fn a_read_from_before_an_announcement_does_not_undo_it() {
    let replica = Replica::default();
    replica.put(record(1, 1), None);
    let before = replica.floor(tenant(1));
    replica.announce(tenant(1), 2);
    replica.put(record(1, 1), before);
    assert_eq!(epoch(&replica, 1), None);
    // A control database that was restored counts from lower again: the next read is believed.
    replica.put(record(1, 1), Some(2));
    assert_eq!(epoch(&replica, 1), Some(1));
}

#[test]
fn a_slow_read_does_not_replace_a_newer_one() {
    let replica = Replica::default();
    replica.put(record(1, 1), None);
    let before = replica.floor(tenant(1));
    replica.put(record(1, 2), before);
    assert_eq!(replica.put(record(1, 1), before).epoch, 2);
    assert_eq!(epoch(&replica, 1), Some(2));
}

#[test]
fn only_what_changed_is_outdated_and_what_is_gone_goes() {
    let replica = Replica::default();
    for number in 1..=3 {
        replica.put(record(number, 1), None);
    }
    let moved = Head { server_port: 6432, ..head(3, 1) };
    assert_eq!(replica.outdated(&[head(1, 1), head(2, 2), moved, head(4, 1)]), [tenant(2), tenant(3), tenant(4)]);
    let before = replica.tenants();
    // Signed up while the view was read.
    replica.put(record(5, 1), None);
    replica.complete(&before, &[head(1, 1), head(2, 2)], at(0));
    assert_eq!(replica.tenants(), HashSet::from([tenant(1), tenant(2), tenant(5)]));
    assert_eq!(epoch(&replica, 2), None, "its record did not come, and what is known is older");
    assert_eq!(replica.outdated(&[head(2, 2)]), [tenant(2)]);
}

#[test]
fn equal_reads_are_no_change_and_share_one_record() {
    let replica = Replica::default();
    let first = replica.put(record(1, 1), None);
    let changes = replica.changes();
    let again = replica.put(record(1, 1), Some(1));
    assert!(Arc::ptr_eq(&first, &again));
    replica.complete(&replica.tenants(), &[head(1, 1)], at(0));
    assert_eq!(replica.changes(), changes);
    replica.put(DirectoryRecord { name: "Renamed".into(), ..record(1, 1) }, Some(1));
    assert_ne!(replica.changes(), changes);
}

#[test]
fn a_snapshot_keeps_what_was_refused_refused() {
    let replica = Replica::default();
    replica.put(record(1, 3), None);
    replica.put(record(2, 3), None);
    replica.complete(&HashSet::new(), &[head(1, 3), head(2, 3)], at(0));
    replica.announce(tenant(2), 4);
    let snapshot = through_a_file(&replica);
    assert_eq!((snapshot.len(), snapshot.read_at), (2, at(0)));

    let restarted = Replica::default();
    assert!(restarted.snapshot().is_none(), "nothing is known");
    restarted.restore(snapshot);
    assert_eq!(restarted.read_at(), (Some(at(0)), true));
    assert_eq!((epoch(&restarted, 1), epoch(&restarted, 2)), (Some(3), None));
    assert_eq!(*restarted.find(tenant(1)).unwrap(), record(1, 3));
    // What is heard after the restart counts, too.
    restarted.announce(tenant(1), 4);
    assert_eq!(epoch(&restarted, 1), None);
}

#[test]
fn an_older_snapshot_changes_nothing_that_the_view_said() {
    let old = Replica::default();
    for number in 1..=2 {
        old.put(record(number, 1), None);
    }
    old.complete(&HashSet::new(), &[head(1, 1), head(2, 1)], at(0));
    let replica = Replica::default();
    replica.put(DirectoryRecord { state: TenantState::Suspended, ..record(1, 2) }, None);
    replica.complete(&HashSet::new(), &[head(1, 2)], at(60));
    replica.restore(through_a_file(&old));
    assert_eq!((epoch(&replica, 1), epoch(&replica, 2)), (Some(2), None));
    assert_eq!(replica.read_at(), (Some(at(60)), false));

    // One request was answered by the view before the snapshot was read.
    let early = Replica::default();
    early.put(record(1, 2), None);
    early.restore(through_a_file(&old));
    assert_eq!((epoch(&early, 1), epoch(&early, 2)), (Some(2), Some(1)));
}

#[test]
fn the_tenants_in_use_are_known_once_the_view_was_read() {
    let replica = Replica::default();
    replica.put(DirectoryRecord { state: TenantState::ReadOnly, ..record(2, 1) }, None);
    replica.put(DirectoryRecord { state: TenantState::Suspended, ..record(3, 1) }, None);
    replica.put(record(1, 1), None);
    assert_eq!(replica.active(), None);
    replica.complete(&HashSet::new(), &[head(1, 1), head(2, 1), head(3, 1)], at(0));
    assert_eq!(replica.active(), Some(vec![tenant(1), tenant(2)]));
}
