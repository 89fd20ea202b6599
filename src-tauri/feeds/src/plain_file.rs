//! A list that is one file on a web server, signed by nobody.
//!
//! Guarantees: the last good file stays until a newer one is there whole. Encryption is all that protects it, so the
//! address has to be https; plain http only from this machine. Nothing here can tell a wrong list from a right one, an
//! old one from a new one, nor an empty one: say "unsigned" to the user.
//!
//! The folder: `plain.json` (name, address), `content/` by SHA-256, `current.json`, `partial` with `partial.json`.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use futures_util::StreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::disk::{self, Lock};
use crate::error::{Error, Result, Trouble};
use crate::fetch::{Answer, Body, Get, Validators};
use crate::segment::Sha256;
use lethe_network::{Client, PlainHttp, Purpose, host};

/// The address of one file: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileAddress(Url);

impl FromStr for FileAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|_| Error::BadAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::BadAddress);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if PlainHttp::Loopback.allows(&url) => Ok(Self(url)),
            "http" => Err(Error::Insecure { host: host(&url) }),
            _ => Err(Error::BadAddress),
        }
    }
}

impl fmt::Display for FileAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<FileAddress> for String {
    fn from(address: FileAddress) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for FileAddress {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// One followed file in one folder.
#[derive(Debug, Clone)]
pub struct PlainFile {
    folder: PathBuf,
    about: About,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    name: String,
    address: FileAddress,
}

/// The last good version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainCurrent {
    /// Of its bytes.
    pub sha256: Sha256,
    /// In bytes.
    pub length: u64,
    /// When these bytes were first received.
    pub changed_at: Timestamp,
    /// When the server was last found to have them.
    pub checked_at: Timestamp,
    validators: Validators,
}

/// What a refresh of a plain file has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainRefresh {
    /// The same bytes as before.
    NotModified,
    /// Other bytes, at [`PlainFile::path`] from now on.
    Changed {
        /// Of the new bytes.
        sha256: Sha256,
        /// Their number.
        bytes: u64,
    },
}

impl PlainFile {
    /// Follows a file. Makes no request. `name` is for people.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] when the folder follows a file already.
    pub fn subscribe(folder: &Path, name: &str, address: FileAddress) -> Result<Self> {
        disk::make_folder(folder)?;
        let _lock = Lock::take(folder)?;
        let path = folder.join("plain.json");
        if path.exists() {
            return Err(Error::Exists { path: folder.to_owned() });
        }
        let about = About { name: name.to_owned(), address };
        disk::replace_json(&path, &about)?;
        Ok(Self { folder: folder.to_owned(), about })
    }

    /// One followed earlier.
    ///
    /// # Errors
    ///
    /// [`Error::NothingThere`] where there is none, and [`Error::StateDamaged`].
    pub fn open(folder: &Path) -> Result<Self> {
        let about = disk::read_json(&folder.join("plain.json"))?;
        let about = about.ok_or_else(|| Error::NothingThere { host: folder.display().to_string() })?;
        Ok(Self { folder: folder.to_owned(), about })
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// Where it comes from.
    pub fn address(&self) -> &FileAddress {
        &self.about.address
    }

    /// The last good version, or nothing before the first refresh.
    ///
    /// # Errors
    ///
    /// [`Error::StateDamaged`], which the next good refresh mends.
    pub fn current(&self) -> Result<Option<PlainCurrent>> {
        disk::read_json(&self.folder.join("current.json"))
    }

    /// The file of a version.
    pub fn path(&self, current: &PlainCurrent) -> PathBuf {
        self.content(current.sha256)
    }

    /// Gets the file if it has changed, up to `limit` bytes. An unchanged one costs one request without a body where
    /// the server knows `ETag` or `Last-Modified`. A download that broke off goes on where the server has an `ETag`.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`], [`Error::Unreachable`], [`Error::NothingThere`], [`Error::Insecure`], [`Error::Offline`],
    /// [`Error::Busy`] and [`Error::Disk`]. The last good file stays.
    pub async fn refresh(&self, client: &Client, limit: u64, now: Timestamp) -> Result<PlainRefresh> {
        let _lock = Lock::take(&self.folder)?;
        disk::sweep(&self.folder)?;
        let last = self.current().unwrap_or_default();
        let last = last.filter(|last| fs::metadata(self.path(last)).is_ok_and(|file| file.len() == last.length));
        let partial = self.partial();
        let begun: Option<(Validators, u64)> = disk::read_json(&self.partial_about())
            .unwrap_or_default()
            .and_then(|validators: Validators| Some((validators, fs::metadata(&partial).ok()?.len())));
        let mut get = Get::new(&self.about.address.0, Purpose::PlainFile, PlainHttp::Loopback);
        match &begun {
            Some((validators, from @ 1..)) if validators.strong().is_some() => {
                get = Get { from: *from, if_still: validators.strong(), ..get };
            }
            _ => get.unless = last.as_ref().map(|last| &last.validators),
        }
        let mut answer = get.send(client).await?;
        let from_there = |from| from == 0 || from == get.from;
        if !matches!(&answer, Answer::Content { from, .. } if from_there(*from)) && get.from > 0 {
            let unless = last.as_ref().map(|last| &last.validators);
            answer = Get { from: 0, if_still: None, unless, ..get }.send(client).await?;
        }
        match (answer, last) {
            (Answer::NotModified, Some(last)) => {
                self.store(&PlainCurrent { checked_at: now, ..last })?;
                Ok(PlainRefresh::NotModified)
            }
            (Answer::Content { from, validators, body }, last) => {
                let (sha256, length) = self.receive(from, &validators, body, limit).await?;
                let same = last.filter(|last| last.sha256 == sha256);
                let changed_at = same.as_ref().map_or(now, |last| last.changed_at);
                self.store(&PlainCurrent { sha256, length, changed_at, checked_at: now, validators })?;
                Ok(match same {
                    Some(_) => PlainRefresh::NotModified,
                    None => PlainRefresh::Changed { sha256, bytes: length },
                })
            }
            (Answer::Missing { host }, _) => Err(Error::NothingThere { host }),
            (Answer::NotModified | Answer::RangeRefused, _) => {
                let host = host(&self.about.address.0);
                Err(Error::Unreachable { host, trouble: Trouble::BrokeOff })
            }
        }
    }

    /// Appends to the partial file, or begins it, and moves it to its place when it is whole.
    async fn receive(&self, from: u64, validators: &Validators, mut body: Body, limit: u64) -> Result<(Sha256, u64)> {
        let path = self.partial();
        let too_long = || Error::TooLong { file: self.about.address.0.path().to_owned() };
        if body.length().is_some_and(|length| from.saturating_add(length) > limit) {
            return Err(too_long());
        }
        disk::replace_json(&self.partial_about(), validators)?;
        let mut file = File::options().create(true).append(true).open(&path).map_err(Error::disk(&path))?;
        file.set_len(from).map_err(Error::disk(&path))?;
        let mut length = from;
        while let Some(piece) = body.next().await {
            let piece = piece?;
            length += piece.len() as u64;
            if length > limit {
                drop(file);
                disk::remove(&path)?;
                return Err(too_long());
            }
            file.write_all(&piece).map_err(Error::disk(&path))?;
        }
        file.sync_all().map_err(Error::disk(&path))?;
        drop(file);
        let file = File::open(&path).map_err(Error::disk(&path))?;
        let (sha256, length) = Sha256::of_reader(file).map_err(Error::disk(&path))?;
        disk::make_folder(&self.folder.join("content"))?;
        fs::rename(&path, self.content(sha256)).map_err(Error::disk(&path))?;
        disk::remove(&self.partial_about())?;
        Ok((sha256, length))
    }

    /// Makes a version the current one, then removes the others.
    fn store(&self, current: &PlainCurrent) -> Result<()> {
        disk::replace_json(&self.folder.join("current.json"), current)?;
        for name in disk::names(&self.folder.join("content"))? {
            if name != current.sha256.to_string() {
                // Someone may be reading it: then it goes after the next refresh.
                let _ = fs::remove_file(self.folder.join("content").join(name));
            }
        }
        Ok(())
    }

    fn content(&self, sha256: Sha256) -> PathBuf {
        self.folder.join("content").join(sha256.to_string())
    }

    fn partial(&self) -> PathBuf {
        self.folder.join("partial")
    }

    fn partial_about(&self) -> PathBuf {
        self.folder.join("partial.json")
    }
}
