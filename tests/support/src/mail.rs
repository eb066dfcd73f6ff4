//! What the stack's mail sink received.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::{TestStack, eventually};

/// A message as the sink keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    /// Ascending in order of arrival.
    pub id: String,
    /// Sender of the envelope.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Decoded subject.
    pub subject: String,
    /// Plain text part.
    pub text: Option<String>,
    /// HTML part.
    pub html: Option<String>,
}

impl Mail {
    /// The http addresses of the text part, in order.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        let text = self.text.as_deref().unwrap_or_default();
        text.split_whitespace().filter(|word| word.starts_with("http://") || word.starts_with("https://")).map(str::to_owned).collect()
    }

    /// The secret in a link's fragment (`…#token=…`), which browsers send to no server.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        self.links().iter().find_map(|link| Some(link.split_once("#token=")?.1.to_owned()))
    }
}

/// The messages to one address. Give every test an address of its own.
#[derive(Debug)]
pub struct Mailbox {
    folder: PathBuf,
    address: String,
    seen: usize,
}

impl Mailbox {
    /// The mailbox of an address.
    #[must_use]
    pub fn of(stack: &TestStack, address: &str) -> Self {
        Self::in_folder(stack.mail_dir(), address)
    }

    /// The mailbox of an address in the folder of another sink.
    #[must_use]
    pub fn in_folder(folder: &Path, address: &str) -> Self {
        Self { folder: folder.to_path_buf(), address: address.to_lowercase(), seen: 0 }
    }

    /// All messages so far, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Mail> {
        let suffix = format!("-{}.json", file_part(&self.address));
        let mut names: Vec<String> = std::fs::read_dir(&self.folder)
            .expect("the mail folder")
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with(&suffix))
            .collect();
        names.sort();
        names
            .iter()
            .filter_map(|name| std::fs::read(self.folder.join(name)).ok())
            .map(|text| serde_json::from_slice::<Mail>(&text).expect("a message of the sink"))
            .filter(|mail| mail.to.iter().any(|to| to.to_lowercase() == self.address))
            .collect()
    }

    /// Waits for the next message that this mailbox has not handed out yet.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn next(&mut self, deadline: Duration) -> Mail {
        let mail = eventually(deadline, async || self.all().into_iter().nth(self.seen)).await;
        self.seen += 1;
        mail
    }
}

/// How the sink writes an address into a file's name (`platform/nexus/src/dev/mail.rs`).
fn file_part(address: &str) -> String {
    address.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+') { c } else { '_' }).take(120).collect()
}
