//! What moved from day to day.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use nexus_core::{Clock, SystemClock};
use nexus_test_support::{Client, Role};
use serde_json::{Value, json};

use super::{movement, post, product, warehouse};
use crate::test_app::App;

async fn days(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/inventory/activity{query}")).send().await.ok()["days"].as_array().unwrap().clone()
}

fn day(days: &[Value], date: NaiveDate) -> &Value {
    days.iter().find(|day| day["date"] == json!(date)).unwrap_or_else(|| panic!("{date} is missing: {days:?}"))
}

/// Receives one piece of `A` at an instant.
async fn receive_at(client: &Client, at: DateTime<Utc>) {
    let body =
        json!({ "kind": "receive", "occurred_at": at, "backdating_reason": "late", "lines": [{ "sku": "A", "location": "MAIN", "quantity": "1" }] });
    let _ = post(client, "/api/v1/stock-movements", &body).await.created();
}

#[tokio::test]
async fn every_day_tells_what_came_in_and_went_out_by_kind() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    warehouse(&app, "SHOP").await;
    let today = SystemClock.now().date_naive();
    let _ = movement(&client, "receive", "A", "MAIN", "10.5").await.created();
    let _ = movement(&client, "issue", "A", "MAIN", "2").await.created();
    let _ = movement(&client, "issue", "A", "MAIN", "1.25").await.created();
    let _ = movement(&client, "return", "A", "MAIN", "1").await.created();
    let _ = movement(&client, "scrap", "A", "MAIN", "1").await.created();
    let transfer = json!({ "lines": [{ "sku": "A", "from_location": "MAIN", "to_location": "SHOP", "quantity": "3" }] });
    let _ = post(&client, "/api/v1/inventory/transfer", &transfer).await.created();
    let adjust = |delta: &str| json!({ "reason": "count", "lines": [{ "sku": "A", "location": "MAIN", "delta": delta }] });
    for delta in ["2", "-1"] {
        let _ = post(&client, "/api/v1/inventory/adjust", &adjust(delta)).await.created();
    }
    // What was undone happened to nobody.
    let slip = movement(&client, "receive", "A", "MAIN", "1000").await.created()["movements"][0]["id"].clone();
    let _ = post(&client, &format!("/api/v1/stock-movements/{}/reverse", slip.as_str().unwrap()), &json!({})).await.created();

    let seen = days(&client, "").await;
    assert_eq!(seen.len(), 30);
    let dates: Vec<Value> = seen.iter().map(|day| day["date"].clone()).collect();
    assert!(dates.is_sorted_by_key(|date| date.as_str().unwrap().to_owned()));
    let kind = |kind: &str, movements: i64, quantity: &str| json!({ "kind": kind, "movements": movements, "quantity": quantity });
    let expected = json!({ "date": today, "movements": 8, "quantity_in": "13.5", "quantity_out": "5.25", "kinds": [
        kind("receive", 1, "10.5"), kind("issue", 2, "3.25"), kind("return", 1, "1"), kind("scrap", 1, "1"), kind("adjust", 2, "3"), kind("transfer", 1, "3"),
    ] });
    assert_eq!(*day(&seen, today), expected);
    let quiet = today - Days::new(1);
    assert_eq!(*day(&seen, quiet), json!({ "date": quiet, "movements": 0, "quantity_in": "0", "quantity_out": "0", "kinds": [] }));
    assert_eq!(days(&client, "?days=1").await, [expected]);
    assert_eq!(days(&client, "?days=366").await.len(), 366);
    for wrong in ["?days=0", "?days=367", "?days=-1", "?days=x", "?day=1"] {
        client.get(&format!("/api/v1/inventory/activity{wrong}")).send().await.error(400, "BAD_REQUEST");
    }
    let _ = app.client(Role::Viewer).get("/api/v1/inventory/activity").send().await.expect(200);
}

#[tokio::test]
async fn a_day_begins_at_midnight_where_the_organization_is() {
    let app = App::start().await;
    let client = app.client(Role::Owner);
    product(&app, "A", "stocked").await;
    let settings = client.get("/api/v1/settings").send().await;
    // Fourteen hours ahead of UTC: another day than there for most of the day.
    let zone = json!({ "time_zone": "Pacific/Kiritimati" });
    let _ = client.patch("/api/v1/settings", &zone).if_match(settings.etag()).send().await.expect(200);
    let ahead = TimeDelta::hours(14);
    let today = (SystemClock.now() + ahead).date_naive();
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc() - ahead;
    let (before, after) = (today - Days::new(2), today - Days::new(1));
    receive_at(&client, midnight(after) - TimeDelta::seconds(1)).await;
    for _ in 0..2 {
        receive_at(&client, midnight(after)).await;
    }
    let seen = client.get("/api/v1/inventory/activity?days=3").send().await.ok();
    assert_eq!(seen["time_zone"], "Pacific/Kiritimati");
    let moved: Vec<(Value, Value)> = seen["days"].as_array().unwrap().iter().map(|day| (day["date"].clone(), day["movements"].clone())).collect();
    assert_eq!(moved, [(json!(before), json!(1)), (json!(after), json!(2)), (json!(today), json!(0))]);
}
