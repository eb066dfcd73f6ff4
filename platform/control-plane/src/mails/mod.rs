//! Mails to people: to prove an address, to set a new password, when that was done, when an organization is ready (as subscribers of the control outbox), and for
//! `invitations`, which hears tenants' outboxes.
//!
//! A mail leaves at least once. Sending it twice is harmless: both copies have one `Message-ID` and, links being derived, the same link. Events carry ids; addresses and names are read
//! when the mail is written, so that an erased account gets none.
//!
//! In the account's language; an invitation is in the organization's, since nobody knows the person yet.

mod passwords;
mod text;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::language::Language;
use nexus_core::{AccountId, EventEnvelope};
use nexus_iam::accounts::{Account, AccountError, events};
use nexus_infra::Db;
use nexus_infra::mail::Mail;
use nexus_infra::outbox::{Subscriber, SubscriberError};
use secrecy::ExposeSecret;
use serde::Deserialize;
use uuid::Uuid;

use crate::state::ControlPlane;
use text::{Letter, Names};

/// Written by provisioning when an organization is ready: `{tenant_id, slug, name, owner_account_id}`.
const TENANT_ACTIVATED: &str = "tenancy.tenant.activated.v1";

/// The control plane's subscribers.
pub(crate) fn subscribers(state: &ControlPlane) -> Vec<Arc<dyn Subscriber>> {
    vec![
        Arc::new(VerificationMail(state.clone())),
        Arc::new(passwords::ResetMail(state.clone())),
        Arc::new(passwords::ChangedMail(state.clone())),
        Arc::new(WelcomeMail(state.clone())),
    ]
}

/// Sends the link that proves an address.
struct VerificationMail(ControlPlane);

#[derive(Deserialize)]
struct VerificationRequested {
    verification_id: Uuid,
}

impl Subscriber for VerificationMail {
    fn name(&self) -> &'static str {
        "verification_mail"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[events::VERIFICATION_REQUESTED]
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let payload: VerificationRequested = read(event)?;
            let Some(account) = recipient(&self.0, event.aggregate_id).await? else { return Ok(()) };
            if account.is_verified() {
                return Ok(());
            }
            let token = self.0.accounts.verification_token(payload.verification_id);
            let letter = text::verification(&self.0.settings.http, language(&account), token.expose_secret());
            send(&self.0, event, &account, letter).await
        })
    }
}

/// Tells the owner that the organization is ready.
struct WelcomeMail(ControlPlane);

#[derive(Deserialize)]
struct TenantActivated {
    slug: String,
    name: String,
    owner_account_id: Uuid,
}

impl Subscriber for WelcomeMail {
    fn name(&self) -> &'static str {
        "welcome_mail"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[TENANT_ACTIVATED]
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let payload: TenantActivated = read(event)?;
            let Some(account) = recipient(&self.0, payload.owner_account_id).await? else { return Ok(()) };
            let names = Names { person: &account.display_name, organization: &payload.name };
            let letter = text::welcome(&self.0.settings.http, language(&account), account.is_verified().then_some(names), &payload.slug);
            send(&self.0, event, &account, letter).await
        })
    }
}

/// A payload that does not read will not read later either.
fn read<'a, T: Deserialize<'a>>(event: &'a EventEnvelope) -> Result<T, SubscriberError> {
    T::deserialize(&event.payload).map_err(SubscriberError::permanent)
}

/// The account that a mail goes to; none when it is gone or disabled by now.
async fn recipient(state: &ControlPlane, account: Uuid) -> Result<Option<Account>, SubscriberError> {
    match state.accounts.get(AccountId(account)).await {
        Ok(account) => Ok(Some(account).filter(|account| account.is_active())),
        Err(AccountError::Unknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn language(account: &Account) -> Language {
    Language::of_or_default(account.locale.as_deref())
}

/// An invitation that is to be mailed.
pub(crate) struct Invitation<'a> {
    /// Whom it is for.
    pub to: &'a str,
    /// The inviting organization's language.
    pub language: Language,
    /// The inviting organization's name.
    pub organization: &'a str,
    /// What the link carries.
    pub token: &'a str,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
}

/// Mails the link of an invitation, on account of this event.
pub(crate) async fn invite(state: &ControlPlane, event: Uuid, invitation: &Invitation<'_>) -> Result<(), SubscriberError> {
    let Invitation { to, language, organization, token, expires_at } = *invitation;
    post(state, event, to, text::invitation(&state.settings.http, language, organization, expires_at, token)).await
}

async fn send(state: &ControlPlane, event: &EventEnvelope, account: &Account, letter: Letter) -> Result<(), SubscriberError> {
    post(state, event.id, &account.email, letter).await
}

async fn post(state: &ControlPlane, event: Uuid, to: &str, letter: Letter) -> Result<(), SubscriberError> {
    let Letter { subject, text, html } = letter;
    let mail = Mail { to: to.to_owned(), subject, text, html: Some(html), message_id: event };
    state
        .mailer
        .send(mail)
        .await
        .map_err(|error| if error.is_permanent() { SubscriberError::permanent(error) } else { SubscriberError::retry(error) })
}
