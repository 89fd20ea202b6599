//! Where a repository is read from: a web server, a folder or an archive, all alike to the rest of the crate.
//!
//! A source is not trusted: whatever it hands out is checked against signed metadata elsewhere.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tough::Bytes;
use url::Url;

use crate::archive::Archive;
use crate::error::{Error, Result, Trouble};
use crate::fetch::{Answer, Get, Validators};
use lethe_network::{Client, PlainHttp, Purpose, host};

/// The signed file that is asked for first.
pub(crate) const TIMESTAMP: &str = "metadata/timestamp.json";
/// In bytes. A timestamp has about 500.
pub(crate) const TIMESTAMP_LIMIT: u64 = 64 * 1024;

/// Where a feed is published: an http, https or file address, or a folder. It holds `metadata/` and `targets/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address(Place);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Ends with a slash.
    Web(Url),
    Folder(PathBuf),
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if !text.contains("://") {
            let folder = Some(text).filter(|text| !text.is_empty()).and_then(|text| std::path::absolute(text).ok());
            return folder.map(|folder| Self(Place::Folder(folder))).ok_or(Error::BadAddress);
        }
        let mut url = Url::parse(text).map_err(|_| Error::BadAddress)?;
        if url.scheme() == "file" {
            return url.to_file_path().map(|folder| Self(Place::Folder(folder))).map_err(|()| Error::BadAddress);
        }
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return Err(Error::BadAddress);
        }
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(Place::Web(url)))
    }
}

impl Address {
    /// As a web address that ends with a slash.
    pub(crate) fn web(&self) -> Option<&Url> {
        match &self.0 {
            Place::Web(url) => Some(url),
            Place::Folder(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Web(url) => url.fmt(formatter),
            Place::Folder(folder) => folder.display().fmt(formatter),
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// A repository's files during one refresh, with a count of what was received.
#[derive(Debug)]
pub(crate) struct RepositoryFiles {
    kind: Kind,
    client: Client,
    received: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Kind {
    Web(Url),
    Folder(PathBuf),
    Archive(Archive),
}

/// Pieces of a file as they come.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + Sync>>;

/// A file that was asked for.
pub(crate) enum Opened {
    NotModified,
    Missing,
    RangeRefused,
    Content(Content),
}

/// A file from a byte on.
pub(crate) struct Content {
    pub(crate) from: u64,
    /// Bytes that will come, where the source knows.
    pub(crate) length: Option<u64>,
    pub(crate) validators: Validators,
    pub(crate) pieces: Pieces,
}

impl RepositoryFiles {
    /// A published repository.
    pub(crate) fn at(address: &Address, client: &Client) -> Self {
        let kind = match address.0.clone() {
            Place::Web(url) => Kind::Web(url),
            Place::Folder(folder) => Kind::Folder(folder),
        };
        Self { kind, client: client.clone(), received: Arc::default() }
    }

    /// A copy in a folder or a tar archive.
    pub(crate) fn copy(path: &Path) -> Result<Self> {
        let kind = if path.is_dir() { Kind::Folder(path.to_owned()) } else { Kind::Archive(Archive::open(path)?) };
        Ok(Self { kind, client: Client::offline(), received: Arc::default() })
    }

    /// Whether looking at everything costs nothing.
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self.kind, Kind::Web(_))
    }

    /// Bytes received so far.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// For errors.
    pub(crate) fn host(&self) -> String {
        match &self.kind {
            Kind::Web(url) => host(url),
            Kind::Folder(path) => path.display().to_string(),
            Kind::Archive(archive) => archive.path().display().to_string(),
        }
    }

    /// Opens a file, `metadata/…` or `targets/…`, from a byte on, or only if it has changed.
    pub(crate) async fn open(
        &self,
        file: &str,
        purpose: Purpose,
        from: u64,
        unless: Option<&Validators>,
    ) -> Result<Opened> {
        let opened = match &self.kind {
            Kind::Web(base) => {
                let url = base.join(file).map_err(|_| Error::BadAddress)?;
                let get = Get { from, unless, ..Get::new(&url, purpose, PlainHttp::Anywhere) };
                match get.send(&self.client).await? {
                    Answer::NotModified => Opened::NotModified,
                    Answer::Missing { .. } => Opened::Missing,
                    Answer::RangeRefused => Opened::RangeRefused,
                    Answer::Content { from, validators, body } => {
                        Opened::Content(Content { from, length: body.length(), validators, pieces: Box::pin(body) })
                    }
                }
            }
            Kind::Folder(folder) => open_file(&folder.join(file), from)?,
            Kind::Archive(archive) => match archive.find(file) {
                Some((start, length)) => {
                    let file = File::open(archive.path()).map_err(Error::disk(archive.path()))?;
                    local(archive.path(), file, start, length, from)?
                }
                None => Opened::Missing,
            },
        };
        let Opened::Content(content) = opened else { return Ok(opened) };
        let received = Arc::clone(&self.received);
        let pieces = content.pieces.inspect(move |piece| {
            received.fetch_add(piece.as_ref().map_or(0, |piece| piece.len() as u64), Ordering::Relaxed);
        });
        Ok(Opened::Content(Content { pieces: Box::pin(pieces), ..content }))
    }

    /// The timestamp file and how to ask for it the next time, or nothing when it has not changed.
    pub(crate) async fn timestamp(&self, unless: Option<&Validators>) -> Result<Option<(Vec<u8>, Validators)>> {
        let content = match self.open(TIMESTAMP, Purpose::Metadata, 0, unless).await? {
            Opened::NotModified => return Ok(None),
            Opened::Missing => return Err(Error::NothingThere { host: self.host() }),
            Opened::RangeRefused => return Err(self.range_refused()),
            Opened::Content(content) => content,
        };
        let validators = content.validators.clone();
        Ok(Some((content.read(TIMESTAMP_LIMIT, "timestamp.json").await?, validators)))
    }

    /// A file of `metadata/` up to a limit in bytes, or nothing where there is none.
    pub(crate) async fn metadata(&self, file: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.open(&format!("metadata/{file}"), Purpose::Metadata, 0, None).await? {
            Opened::Missing | Opened::NotModified => Ok(None),
            Opened::RangeRefused => Err(self.range_refused()),
            Opened::Content(content) => content.read(limit, file).await.map(Some),
        }
    }

    fn range_refused(&self) -> Error {
        Error::Unreachable { host: self.host(), trouble: Trouble::Status(416) }
    }
}

impl Content {
    async fn read(self, limit: u64, file: &str) -> Result<Vec<u8>> {
        let mut pieces = self.pieces;
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() as u64 > limit {
                return Err(Error::TooLong { file: file.to_owned() });
            }
        }
        Ok(bytes)
    }
}

/// Links are not followed: a copy from somewhere else could lead to any file of this machine.
fn open_file(path: &Path, from: u64) -> Result<Opened> {
    let length = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Ok(Opened::Missing),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Opened::Missing);
        }
        Err(error) => return Err(Error::disk(path)(error)),
    };
    let file = File::open(path).map_err(Error::disk(path))?;
    local(path, file, 0, length, from)
}

/// `length` bytes of a file that begin at `start`, without the first `from` of them.
fn local(path: &Path, mut file: File, start: u64, length: u64, from: u64) -> Result<Opened> {
    if from > length {
        return Ok(Opened::RangeRefused);
    }
    file.seek(SeekFrom::Start(start + from)).map_err(Error::disk(path))?;
    let pieces = LocalPieces { path: path.to_owned(), file: file.take(length - from) };
    Ok(Opened::Content(Content {
        from,
        length: Some(length - from),
        validators: Validators::default(),
        pieces: Box::pin(stream::iter(pieces)),
    }))
}

/// Blocks for one piece at a time, which a local disk has soon.
struct LocalPieces {
    path: PathBuf,
    file: Take<File>,
}

impl Iterator for LocalPieces {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut buffer = vec![0; 64 * 1024];
        match self.file.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                buffer.truncate(count);
                Some(Ok(buffer.into()))
            }
            Err(error) => Some(Err(Error::disk(&self.path)(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_once() {
        for (text, shown) in [
            ("https://example.org/list", "https://example.org/list/"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ] {
            let address: Address = text.parse().expect("a good address");
            assert_eq!(address.to_string(), shown, "files are found below it");
        }
        for bad in ["", "ftp://example.org", "https://", "https://me:secret@example.org/", "https://example.org/?id=7"]
        {
            assert!(bad.parse::<Address>().is_err(), "{bad:?} is no address, or would identify its user");
        }
    }
}
