//! The key of the encrypted history: in the system's keychain, else in a file that only its owner can read.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use ts_rs::TS;

use crate::error::{Code, Error, Result};
use crate::paths::Paths;

/// Where the key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// The system's keychain.
    Keychain,
    /// `store.key` in the data folder.
    File,
    /// The history is not encrypted.
    None,
}

/// Where the key of a new history is to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyWish {
    /// In the keychain, or in a file where there is none.
    #[default]
    Best,
    /// In a file.
    File,
    /// Nowhere: no encryption.
    None,
}

impl KeyWish {
    /// From `LETHE_KEY`: `file`, `none`, or nothing.
    ///
    /// # Errors
    /// `BadInput` for another word.
    pub fn from_environment() -> Result<Self> {
        match std::env::var("LETHE_KEY").as_deref() {
            Err(_) | Ok("") => Ok(Self::Best),
            Ok("file") => Ok(Self::File),
            Ok("none") => Ok(Self::None),
            Ok(_) => Err(Error::bad_input("LETHE_KEY must be file or none: change it or leave it out")),
        }
    }
}

/// 32 random bytes as 64 hexadecimal digits; its `Debug` shows none of them.
pub struct Key(String);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

impl Key {
    /// As SQLCipher takes a raw key: `"x'…'"`.
    pub fn pragma(&self) -> String {
        format!("\"x'{}'\"", self.0)
    }

    fn random() -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers: start Lethe again"))?;
        Ok(Self(bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }
}

/// The key of an existing history, or a new one for a new history, where it is wished.
///
/// # Errors
/// `Store` when the key of an existing history can't be reached.
pub fn find_or_make(paths: &Paths, wish: KeyWish) -> Result<(Option<Key>, KeyPlace)> {
    let database = paths.database();
    if std::fs::metadata(&database).is_ok_and(|file| file.len() > 0) {
        return find(paths, &database);
    }
    if wish == KeyWish::None {
        return Ok((None, KeyPlace::None));
    }
    // A history that was moved away for a while must find its key again.
    if let Some(key) = std::fs::read_to_string(paths.key_file()).ok().and_then(|text| Key::parse(&text)) {
        return Ok((Some(key), KeyPlace::File));
    }
    let key = Key::random()?;
    if wish != KeyWish::File && keep_in_keychain(paths, &key) {
        return Ok((Some(key), KeyPlace::Keychain));
    }
    keep_in_file(&paths.key_file(), &key)?;
    Ok((Some(key), KeyPlace::File))
}

fn find(paths: &Paths, database: &Path) -> Result<(Option<Key>, KeyPlace)> {
    if is_plain(database) {
        return Ok((None, KeyPlace::None));
    }
    if let Ok(text) = std::fs::read_to_string(paths.key_file()) {
        let key = Key::parse(&text).ok_or_else(|| {
            Error::new(
                Code::Store,
                "the file store.key is damaged: put back a copy of it, without it the history can't be opened",
            )
        })?;
        return Ok((Some(key), KeyPlace::File));
    }
    let key = entry(paths).and_then(|entry| entry.get_password().ok()).and_then(|text| Key::parse(&text));
    let key = key.ok_or_else(|| {
        Error::new(
            Code::Store,
            "the key of the history is not at hand: unlock the system's keychain and try again, or put store.key back into the data folder",
        )
    })?;
    Ok((Some(key), KeyPlace::Keychain))
}

/// An unencrypted database begins with this, <https://www.sqlite.org/fileformat.html>.
fn is_plain(database: &Path) -> bool {
    let mut start = [0u8; 16];
    let read = std::fs::File::open(database).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok() && &start == b"SQLite format 3\0"
}

fn entry(paths: &Paths) -> Option<keyring::Entry> {
    keyring::Entry::new("lethe", &paths.data().to_string_lossy()).ok()
}

fn keep_in_keychain(paths: &Paths, key: &Key) -> bool {
    let Some(entry) = entry(paths) else { return false };
    // A keychain that takes a key and does not give it back would lose the history.
    entry.set_password(&key.0).is_ok() && entry.get_password().is_ok_and(|kept| kept == key.0)
}

fn keep_in_file(path: &Path, key: &Key) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{}", key.0)?;
        file.sync_all()
    });
    written.map_err(|error| {
        Error::new(
            Code::Store,
            format!(
                "the key can't be written to the data folder ({}): free some space or check its rights",
                error.kind()
            ),
        )
    })
}
