//! What differs between two states of a thing, and no more of it than fits.
//!
//! An organization writes as often as it likes, and what it writes is kept for good. So an entry grows with what a request changes, not with how large the thing
//! has become.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Most bytes of one state, as JSON.
const MAX_BYTES: usize = 64 * 1024;
/// Names a thing; stays in every state.
const ID: &str = "id";

/// The fields that differ, as they were and as they are. Both keep their `id`. Of a list whose items have ids, the items that differ.
pub(super) fn between(before: &Value, after: &Value) -> (Value, Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let (mut was, mut is) = (Map::new(), Map::new());
            for (field, old) in before {
                match after.get(field) {
                    Some(new) if field == ID || old != new => {
                        let (old, new) = if field == ID { (old.clone(), new.clone()) } else { between(old, new) };
                        was.insert(field.clone(), old);
                        is.insert(field.clone(), new);
                    }
                    Some(_) => {}
                    None => drop(was.insert(field.clone(), old.clone())),
                }
            }
            let added = after.iter().filter(|(field, _)| !before.contains_key(*field));
            is.extend(added.map(|(field, new)| (field.clone(), new.clone())));
            (was.into(), is.into())
        }
        (Value::Array(old), Value::Array(new)) => items(old, new).unwrap_or_else(|| (before.clone(), after.clone())),
        _ => (before.clone(), after.clone()),
    }
}

/// The items of two lists that differ; none when they are no lists of things with ids of their own, or differ by their order alone.
fn items(before: &[Value], after: &[Value]) -> Option<(Value, Value)> {
    let (old, new) = (by_id(before)?, by_id(after)?);
    let (mut was, mut is) = (Vec::new(), Vec::new());
    for (id, item) in &old {
        match new.get(id) {
            Some(now) if now == item => {}
            Some(now) => {
                let (item, now) = between(item, now);
                was.push(item);
                is.push(now);
            }
            None => was.push((*item).clone()),
        }
    }
    is.extend(new.iter().filter(|(id, _)| !old.contains_key(*id)).map(|(_, item)| (*item).clone()));
    (!was.is_empty() || !is.is_empty()).then(|| (was.into(), is.into()))
}

fn by_id(items: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let named = items.iter().map(|item| Some((item.as_object()?.get(ID)?.to_string(), item)));
    let named = named.collect::<Option<BTreeMap<_, _>>>()?;
    (named.len() == items.len()).then_some(named)
}

/// The state, with its largest values replaced by `{"omitted_bytes": n}` until the rest fits.
pub(crate) fn bounded(state: Value) -> Value {
    let Value::Object(mut fields) = state else {
        return if size(&state) > MAX_BYTES { omitted(size(&state)) } else { state };
    };
    let mut sizes: Vec<(usize, String)> =
        fields.iter().filter(|(field, _)| *field != ID).map(|(field, value)| (size(value), field.clone())).collect();
    sizes.sort_unstable();
    let mut whole = size(&fields);
    while whole > MAX_BYTES
        && let Some((bytes, field)) = sizes.pop()
    {
        fields.insert(field, omitted(bytes));
        whole = size(&fields);
    }
    fields.into()
}

fn omitted(bytes: usize) -> Value {
    json!({ "omitted_bytes": bytes })
}

fn size(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |text| text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stayed_is_left_out_and_the_id_is_not() {
        let before = json!({ "id": 1, "name": "a", "brand": null, "tags": ["x"], "metadata": { "from": "here", "size": 3 } });
        let after = json!({ "id": 1, "name": "b", "brand": null, "tags": ["x", "y"], "metadata": { "from": "there", "size": 3 } });
        let (was, is) = between(&before, &after);
        assert_eq!(was, json!({ "id": 1, "name": "a", "tags": ["x"], "metadata": { "from": "here" } }));
        assert_eq!(is, json!({ "id": 1, "name": "b", "tags": ["x", "y"], "metadata": { "from": "there" } }));
    }

    #[test]
    fn of_a_list_of_things_only_those_that_changed_came_or_went() {
        let before = json!({ "id": 1, "parts": [{ "id": 2, "a": 1, "b": 1 }, { "id": 3, "a": 1 }, { "id": 4 }] });
        let after = json!({ "id": 1, "parts": [{ "id": 2, "a": 2, "b": 1 }, { "id": 3, "a": 1 }, { "id": 5 }] });
        let (was, is) = between(&before, &after);
        assert_eq!(was, json!({ "id": 1, "parts": [{ "id": 2, "a": 1 }, { "id": 4 }] }));
        assert_eq!(is, json!({ "id": 1, "parts": [{ "id": 2, "a": 2 }, { "id": 5 }] }));
        assert_eq!(between(&before, &before), (json!({ "id": 1 }), json!({ "id": 1 })));
        let (forth, back) = (json!([{ "id": 2 }, { "id": 3 }]), json!([{ "id": 3 }, { "id": 2 }]));
        assert_eq!(between(&forth, &back), (forth.clone(), back.clone()), "an order is told by the whole list");
    }

    #[test]
    fn what_does_not_fit_says_how_large_it_was() {
        let small = json!({ "id": 1, "name": "a", "description": "x".repeat(1_000) });
        assert_eq!(bounded(small.clone()), small);
        let large = bounded(json!({ "id": 1, "name": "a", "description": "x".repeat(MAX_BYTES), "metadata": "y".repeat(30_000) }));
        assert_eq!(large["description"], json!({ "omitted_bytes": MAX_BYTES + 2 }));
        assert_eq!((&large["name"], large["metadata"].as_str().map(str::len)), (&json!("a"), Some(30_000)), "no more than must go");
        assert_eq!(bounded(json!(["z".repeat(MAX_BYTES)])), json!({ "omitted_bytes": MAX_BYTES + 4 }));
    }
}
