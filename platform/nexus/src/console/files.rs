//! The console's files in memory: built into the shipped program, read from the checkout's `web/dist` by every other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use actix_web::http::header::{AcceptEncoding, Encoding};
use aws_lc_rs::digest;
use bytes::Bytes;

use super::{ASSETS, PAGE};

include!(concat!(env!("OUT_DIR"), "/console_files.rs"));

/// Where the console is built: in the checkout that a program is started in, else in the one that it was built from.
const BUILT: [&str; 2] = ["web/dist", concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist")];

/// A built console, or none. Clones share its files.
#[derive(Debug, Clone, Default)]
pub struct Console {
    files: Arc<BTreeMap<String, File>>,
}

/// One file and what was compressed of it beforehand.
#[derive(Debug)]
pub struct File {
    pub content_type: &'static str,
    /// Whether its name changes with its content.
    pub is_asset: bool,
    etag: String,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// A file as one client takes it.
#[derive(Debug)]
pub struct Content {
    /// `None` where the server may compress it as any answer.
    pub encoding: Option<&'static str>,
    pub etag: String,
    pub bytes: Bytes,
}

impl Console {
    /// The console of this program.
    ///
    /// # Errors
    /// Files that can't be read.
    pub fn load() -> io::Result<Self> {
        match EMBEDDED {
            Some(files) => Ok(Self::of(files.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes))).collect())),
            None => Self::read(BUILT.iter().map(Path::new).find(|folder| folder.is_dir()).unwrap_or(Path::new(BUILT[0]))),
        }
    }

    /// The console in a folder; none where there is no such folder.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        match fs::metadata(folder) {
            Ok(_) => collect(folder, "", &mut files)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(Self::of(files))
    }

    /// Whether there is one.
    pub fn is_built(&self) -> bool {
        self.files.contains_key(PAGE)
    }

    /// The file of exactly this name, without a leading slash.
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.get(name)
    }

    fn of(mut all: BTreeMap<String, Bytes>) -> Self {
        // Half a build is none.
        if !all.contains_key(PAGE) {
            return Self::default();
        }
        let names: Vec<String> = all.keys().filter(|name| !is_compressed(name, &all)).cloned().collect();
        let mut files = BTreeMap::new();
        for name in names {
            let Some(plain) = all.remove(&name) else { continue };
            let etag = hex::encode(&digest::digest(&digest::SHA256, &plain).as_ref()[..16]);
            let (brotli, gzip) = (all.remove(&format!("{name}.br")), all.remove(&format!("{name}.gz")));
            let file = File { content_type: content_type(&name), is_asset: name.starts_with(ASSETS), etag, plain, brotli, gzip };
            files.insert(name, file);
        }
        Self { files: Arc::new(files) }
    }
}

impl File {
    /// The smallest of what the client takes.
    pub fn content(&self, accepted: Option<&AcceptEncoding>) -> Content {
        let prepared = [("br", Encoding::brotli(), &self.brotli), ("gzip", Encoding::gzip(), &self.gzip)];
        let prepared: Vec<_> = prepared.into_iter().filter_map(|(name, encoding, bytes)| Some((name, encoding, bytes.as_ref()?))).collect();
        if prepared.is_empty() {
            return Content { encoding: None, etag: format!("\"{}\"", self.etag), bytes: self.plain.clone() };
        }
        let known: Vec<Encoding> = prepared.iter().map(|(_, encoding, _)| encoding.clone()).chain([Encoding::identity()]).collect();
        let chosen = accepted.and_then(|accepted| accepted.negotiate(known.iter()));
        match prepared.into_iter().find(|(_, encoding, _)| chosen.as_ref() == Some(encoding)) {
            Some((name, _, bytes)) => Content { encoding: Some(name), etag: format!("\"{}-{name}\"", self.etag), bytes: bytes.clone() },
            None => Content { encoding: Some("identity"), etag: format!("\"{}\"", self.etag), bytes: self.plain.clone() },
        }
    }
}

/// Whether it is what another file was compressed to.
fn is_compressed(name: &str, all: &BTreeMap<String, Bytes>) -> bool {
    [".br", ".gz"].iter().filter_map(|ending| name.strip_suffix(ending)).any(|plain| all.contains_key(plain))
}

/// Ordinary files only: what a link leads to is not the console's.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            files.insert(format!("{prefix}{name}"), fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

/// By the ending: what a build of the console consists of.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}
