//! The mail sink: an SMTP server on loopback that delivers to a folder instead of the world.
//!
//! Each message is one JSON file (`Message`), written whole, newest names last, so that the page of `nexus dev` and the tests read
//! the same thing. The folder is bounded: the oldest messages go first. Nothing leaves the machine.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use mailparse::{MailHeaderMap, ParsedMail};
use serde::{Deserialize, Serialize};

use super::files;

/// The largest message that is kept; larger ones are refused.
const MESSAGE_LIMIT: usize = 5 * 1024 * 1024;
/// Sessions served at once. Clients keep connections open, and each holds a thread.
const SESSIONS: u32 = 128;

/// A delivered message.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Message {
    /// Unique and ascending: the name of its file.
    pub id: String,
    /// When it arrived, RFC 3339 UTC.
    pub received_at: String,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The decoded subject; empty when there is none.
    pub subject: String,
    /// The first plain text part.
    pub text: Option<String>,
    /// The first HTML part.
    pub html: Option<String>,
}

/// The folder of delivered messages.
#[derive(Debug, Clone)]
pub struct MailFolder {
    path: PathBuf,
    keep: usize,
    names: Arc<Mutex<(u64, VecDeque<String>)>>,
}

impl MailFolder {
    /// Opens (or makes) a folder that keeps the last `keep` messages.
    pub fn open(path: &Path, keep: usize) -> Result<Self> {
        files::private_dir(path)?;
        let mut names: Vec<String> = std::fs::read_dir(path)
            .context("the mail folder cannot be read")?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with(".json"))
            .collect();
        names.sort();
        Ok(Self { path: path.to_path_buf(), keep, names: Arc::new(Mutex::new((0, names.into()))) })
    }

    /// Where the messages are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kept messages, newest first. A file that cannot be read is left out.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let names: Vec<String> = self.names.lock().unwrap_or_else(PoisonError::into_inner).1.iter().rev().cloned().collect();
        names.iter().filter_map(|name| std::fs::read(self.path.join(name)).ok()).filter_map(|text| serde_json::from_slice(&text).ok()).collect()
    }

    fn deliver(&self, from: &str, to: &[String], raw: &[u8]) -> Result<()> {
        let parsed = mailparse::parse_mail(raw).context("a message that is not MIME")?;
        let now = nexus_core::Clock::now(&nexus_core::SystemClock);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.0 += 1;
        let id = format!("{}-{:06}-{}", now.format("%Y%m%dT%H%M%S%6f"), names.0, file_part(to.first().map_or("", String::as_str)));
        let message = Message {
            received_at: now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            from: from.to_owned(),
            to: to.to_vec(),
            subject: parsed.headers.get_first_value("Subject").unwrap_or_default(),
            text: body_of(&parsed, "text/plain"),
            html: body_of(&parsed, "text/html"),
            id,
        };
        let name = format!("{}.json", message.id);
        files::write_private(&self.path.join(&name), &serde_json::to_vec_pretty(&message)?)?;
        names.1.push_back(name);
        while names.1.len() > self.keep {
            if let Some(oldest) = names.1.pop_front() {
                let _ = std::fs::remove_file(self.path.join(oldest));
            }
        }
        Ok(())
    }
}

/// The part of a file's name that tells its recipient: `nexus-test-support` looks messages up by it.
#[must_use]
pub fn file_part(address: &str) -> String {
    address
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+') { c } else { '_' })
        .take(120)
        .collect()
}

fn body_of(mail: &ParsedMail<'_>, kind: &str) -> Option<String> {
    if mail.subparts.is_empty() {
        return (mail.ctype.mimetype == kind).then(|| mail.get_body().ok()).flatten();
    }
    mail.subparts.iter().find_map(|part| body_of(part, kind))
}

/// Starts the SMTP server on a bound listener, on threads of its own that end with the process. Answers its URL.
pub fn start(folder: MailFolder, listener: std::net::TcpListener) -> Result<String> {
    let address = listener.local_addr().context("the mail sink's address")?;
    let mut server = Server::new(Session { folder, envelope: Envelope::default() });
    server.with_name("localhost").with_num_threads(SESSIONS).with_tcp_listener(listener);
    server.with_ssl(SslConfig::None).map_err(|error| anyhow::anyhow!("the mail sink: {error}"))?;
    std::thread::Builder::new()
        .name("mail-sink".to_owned())
        .spawn(move || {
            if let Err(error) = server.serve() {
                tracing::error!(%error, "the mail sink stopped");
            }
        })
        .context("the mail sink could not be started")?;
    Ok(format!("smtp://{address}"))
}

#[derive(Debug, Clone, Default)]
struct Envelope {
    from: String,
    to: Vec<String>,
    data: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Session {
    folder: MailFolder,
    envelope: Envelope,
}

impl Handler for Session {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.envelope = Envelope { from: from.to_owned(), ..Envelope::default() };
        response::OK
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.envelope = Envelope { from: from.to_owned(), to: to.to_vec(), data: Vec::new() };
        response::START_DATA
    }

    fn data(&mut self, buffer: &[u8]) -> std::io::Result<()> {
        if self.envelope.data.len() + buffer.len() > MESSAGE_LIMIT {
            return Err(std::io::Error::other("the message is too large"));
        }
        self.envelope.data.extend_from_slice(buffer);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let envelope = std::mem::take(&mut self.envelope);
        match self.folder.deliver(&envelope.from, &envelope.to, &envelope.data) {
            Ok(()) => response::OK,
            Err(error) => {
                tracing::error!(%error, "a message could not be kept");
                response::INTERNAL_ERROR
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_kept_decoded_and_the_oldest_go_first() {
        let dir = tempfile::tempdir().unwrap();
        let folder = MailFolder::open(dir.path(), 2).unwrap();
        let raw = b"From: a@x.example\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHallo =C3=BC\r\n\
            --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hallo</p>\r\n--b--\r\n";
        for recipient in ["one@x.example", "two@x.example", "three@x.example"] {
            folder.deliver("a@x.example", &[recipient.to_owned()], raw).unwrap();
        }
        let kept = folder.messages();
        assert_eq!(kept.iter().map(|mail| mail.to[0].as_str()).collect::<Vec<_>>(), ["three@x.example", "two@x.example"]);
        assert_eq!(kept[0].subject, "Grüße");
        assert_eq!(kept[0].text.as_deref().map(str::trim), Some("Hallo ü"));
        assert_eq!(kept[0].html.as_deref().map(str::trim), Some("<p>Hallo</p>"));
        assert_eq!(MailFolder::open(dir.path(), 2).unwrap().messages(), kept);
    }

    #[test]
    fn an_address_cannot_climb_out_of_the_folder() {
        assert_eq!(file_part("../../Etc/Passwd"), ".._.._etc_passwd");
    }
}
