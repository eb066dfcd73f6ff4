//! What a refresh token that is presented means: the first use of the current one, a retry, or a spent one that two parties hold.

use chrono::{DateTime, Utc};

use super::{ABSOLUTE_LIFETIME, Client, Family, RETRY_WINDOW};

/// How a refresh token is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is the current one.
    First,
    /// The one before, again from the client that has just spent it.
    Retry,
    /// A spent one: two parties hold it.
    Reuse,
}

/// `None`: a generation that was never handed out.
pub(super) fn use_of(family: &Family, generation: u32, client: &Client, now: DateTime<Utc>) -> Option<Use> {
    let (presented, current) = (i64::from(generation), i64::from(family.generation));
    let just_spent = family.client_fingerprint == client.fingerprint() && family.rotated_at.is_some_and(|at| now - at <= RETRY_WINDOW);
    match presented {
        _ if presented > current => None,
        _ if presented == current => Some(Use::First),
        _ if presented + 1 == current && just_spent => Some(Use::Retry),
        _ => Some(Use::Reuse),
    }
}

/// Whether a session is neither ended nor over; why not.
pub(super) fn alive(family: &Family, now: DateTime<Utc>) -> Result<(), &'static str> {
    if family.revoked_at.is_some() {
        return Err("the session has ended");
    }
    if family.expires_at <= now || family.authenticated_at + ABSOLUTE_LIFETIME <= now {
        return Err("expired");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn client(agent: &str) -> Client {
        Client::new(Some("192.0.2.1".parse().unwrap()), agent)
    }

    fn family() -> Family {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Family {
            id: Uuid::from_u128(1),
            parent_id: None,
            generation: 3,
            client_fingerprint: client("own").fingerprint().to_owned(),
            created_at: now,
            authenticated_at: now,
            last_log_in_at: None,
            rotated_at: Some(now),
            expires_at: now + TimeDelta::days(7),
            revoked_at: None,
        }
    }

    #[test]
    fn a_spent_token_is_a_retry_for_its_own_client_and_a_moment_only() {
        let (family, own, other) = (family(), client("own"), client("other"));
        let at = |seconds| family.created_at + TimeDelta::seconds(seconds);
        assert_eq!(use_of(&family, 3, &other, at(0)), Some(Use::First));
        assert_eq!(use_of(&family, 2, &own, at(10)), Some(Use::Retry));
        assert_eq!(use_of(&family, 2, &own, at(11)), Some(Use::Reuse));
        assert_eq!(use_of(&family, 2, &other, at(1)), Some(Use::Reuse));
        assert_eq!(use_of(&family, 1, &own, at(1)), Some(Use::Reuse));
        assert_eq!(use_of(&family, 4, &own, at(1)), None);
    }

    #[test]
    fn a_session_is_over_when_its_token_or_the_log_in_at_its_root_is() {
        let fresh = family();
        let at = |days| fresh.created_at + TimeDelta::days(days);
        assert!(alive(&fresh, at(6)).is_ok() && alive(&fresh, at(7)).is_err());
        // Switched to yesterday, from a log-in of a month ago.
        let switched = Family { authenticated_at: at(-29), ..fresh.clone() };
        assert!(alive(&switched, at(0)).is_ok() && alive(&switched, at(1)).is_err());
        assert!(alive(&Family { revoked_at: Some(at(0)), ..fresh.clone() }, at(0)).is_err());
    }
}
