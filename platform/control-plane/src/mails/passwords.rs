//! Mails about passwords: the link to set a new one, and that there is another.

use futures::future::LocalBoxFuture;
use nexus_core::EventEnvelope;
use nexus_iam::accounts::{Account, events};
use nexus_infra::Db;
use nexus_infra::outbox::{Subscriber, SubscriberError};
use secrecy::ExposeSecret;
use serde::Deserialize;
use uuid::Uuid;

use super::{language, read, recipient, send, text};
use crate::state::ControlPlane;

/// Sends the link that sets a new password, unless it is good no more.
pub(super) struct ResetMail(pub ControlPlane);

#[derive(Deserialize)]
struct ResetRequested {
    reset_id: Uuid,
}

impl Subscriber for ResetMail {
    fn name(&self) -> &'static str {
        "password_reset_mail"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[events::PASSWORD_RESET_REQUESTED]
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let ResetRequested { reset_id } = read(event)?;
            let Some(account) = recipient(&self.0, event.aggregate_id).await? else { return Ok(()) };
            if !self.0.accounts.is_reset_open(reset_id).await? {
                return Ok(());
            }
            let token = self.0.accounts.reset_token(reset_id);
            let letter = text::reset(&self.0.settings.http, language(&account), name(&account), token.expose_secret());
            send(&self.0, event, &account, letter).await
        })
    }
}

/// Tells that the password was changed: whoever did not do it must hear of it.
pub(super) struct ChangedMail(pub ControlPlane);

impl Subscriber for ChangedMail {
    fn name(&self) -> &'static str {
        "password_changed_mail"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[events::PASSWORD_CHANGED]
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let Some(account) = recipient(&self.0, event.aggregate_id).await? else { return Ok(()) };
            let letter = text::password_changed(&self.0.settings.http, language(&account), name(&account));
            send(&self.0, event, &account, letter).await
        })
    }
}

/// How the person is addressed, where the address is theirs.
fn name(account: &Account) -> Option<&str> {
    account.is_verified().then_some(account.display_name.as_str())
}
