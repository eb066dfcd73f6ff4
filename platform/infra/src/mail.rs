//! Outgoing mail over SMTP.
//!
//! Invariants: a mail has a `Message-ID` derived from the event that causes it, so that a repeated delivery is recognised as the same mail; every step has
//! a time-out; no error and no log line repeats an address, not even where the server's answer does.
//! Deliberately not here: templates and languages (their slices), and retrying (the outbox does).

use std::fmt;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use nexus_core::Problem;
use secrecy::ExposeSecret;
use thiserror::Error;
use uuid::Uuid;

use crate::telemetry::traces;

/// The whole of a delivery takes at most this many times the time-out of one answer.
const STEPS: u32 = 4;

/// One mail to one person.
#[derive(Clone)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML, if there is one.
    pub html: Option<String>,
    /// Id of the event that causes the mail: the same event gives the same `Message-ID`.
    pub message_id: Uuid,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Why a mail was not sent. Never names the recipient.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailError {
    /// `mail.smtp_url` can't be used.
    #[error("mail.smtp_url can't be used")]
    Url,
    /// `mail.from` is no mailbox.
    #[error("mail.from is no mailbox")]
    From,
    /// The recipient's address is malformed.
    #[error("the recipient's address is malformed")]
    To,
    /// The mail can't be put together.
    #[error("the mail can't be put together")]
    Content,
    /// The server refuses it for good, with this code.
    #[error("the mail server refused with {0}")]
    Refused(String),
    /// No server, no answer in time, or an answer that says to try later.
    #[error("the mail server is unavailable: {0}")]
    Unavailable(String),
}

impl MailError {
    /// Whether sending the same mail again is pointless.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Unavailable(_))
    }
}

impl From<MailError> for Problem {
    fn from(error: MailError) -> Self {
        if error.is_permanent() { Self::internal(error) } else { Self::unavailable("The mail server").with_source(error) }
    }
}

impl From<smtp::Error> for MailError {
    fn from(error: smtp::Error) -> Self {
        // The text of an answer repeats addresses; the code does not.
        let code = error.status().map(|code| code.to_string());
        match (error.is_permanent(), code) {
            (true, Some(code)) => Self::Refused(code),
            (_, Some(code)) => Self::Unavailable(code),
            (_, None) if error.is_timeout() => Self::Unavailable("time-out".to_owned()),
            (_, None) if error.is_tls() => Self::Unavailable("TLS failed".to_owned()),
            (_, None) => Self::Unavailable("no connection".to_owned()),
        }
    }
}

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    limit: Duration,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Mailer {
    /// The server and sender of the settings. Connects when the first mail is sent. Call it inside a Tokio runtime.
    ///
    /// # Errors
    /// [`MailError::Url`], [`MailError::From`].
    pub fn new(settings: &nexus_config::Mail) -> Result<Self, MailError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.smtp_url.expose_secret())
            .map_err(|_| MailError::Url)?
            .timeout(Some(timeout))
            .build();
        let from = settings.from.parse().map_err(|_| MailError::From)?;
        Ok(Self { transport, from, limit: timeout * STEPS })
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// [`MailError`]; see [`MailError::is_permanent`] for whether to try again.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        let sending = async {
            match tokio::time::timeout(self.limit, self.transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(MailError::from(error)),
                Err(_) => Err(MailError::Unavailable("time-out".to_owned())),
            }
        };
        let outcome = traces::within(traces::mail(), sending).await;
        let label = match &outcome {
            Ok(()) => "sent",
            Err(error) if error.is_permanent() => "refused",
            Err(_) => "unavailable",
        };
        metrics::counter!("nexus_mails_total", "outcome" => label).increment(1);
        outcome
    }
}

fn message(from: &Mailbox, mail: Mail) -> Result<Message, MailError> {
    let to: Address = mail.to.parse().map_err(|_| MailError::To)?;
    let message_id = format!("<{}@{}>", mail.message_id.simple(), from.email.domain());
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject)
        .message_id(Some(message_id))
        // Keeps out-of-office answers away (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    match mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text, html)),
        None => builder.singlepart(SinglePart::plain(mail.text)),
    }
    .map_err(|_| MailError::Content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Grüße\r\nBcc: x@y.z".into(),
            text: "Hello".into(),
            html: Some("<p>Hello</p>".into()),
            message_id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn the_same_event_gives_the_same_message_id_and_no_header_can_be_smuggled_in() {
        let from: Mailbox = "Nexus <no-reply@nexus.example>".parse().unwrap();
        let text = String::from_utf8(message(&from, mail("a@b.example")).unwrap().formatted()).unwrap();
        assert!(text.contains("Message-ID: <00000000000000000000000000000007@nexus.example>"), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated") && text.contains("multipart/alternative"));
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    }

    #[test]
    fn a_malformed_recipient_is_refused_for_good_and_not_repeated() {
        let from: Mailbox = "no-reply@nexus.example".parse().unwrap();
        let error = message(&from, mail("no address")).unwrap_err();
        assert!(error.is_permanent() && !error.to_string().contains("no address"));
        assert!(!format!("{:?}", mail("a@b.example")).contains("a@b.example"));
    }

    #[tokio::test]
    async fn a_dead_server_is_worth_another_try() {
        let mut settings = nexus_config::Settings::development().mail;
        settings.smtp_url = "smtp://127.0.0.1:9".into();
        let error = Mailer::new(&settings).unwrap().send(mail("a@b.example")).await.unwrap_err();
        assert!(!error.is_permanent(), "{error}");
    }
}
