//! The key of the encrypted history: in the system's keychain, else in a file that only its owner can read.
//!
//! A key is made once, for a history that is new, and never again: one that exists is reused, in the file and in the
//! keychain, and neither is ever overwritten. Whether a history is new is for [`crate::base::store`] to say.

mod file;
mod keychain;

use std::fmt::Write as _;

use serde::Serialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;

pub use keychain::Keychain;

/// Where the key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
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
            Err(std::env::VarError::NotPresent) | Ok("") => Ok(Self::Best),
            Ok("file") => Ok(Self::File),
            Ok("none") => Ok(Self::None),
            Ok(_) | Err(_) => Err(Error::bad_input("LETHE_KEY must be file or none: change it or leave it out")),
        }
    }
}

/// 32 random bytes as 64 hexadecimal digits; its `Debug` shows none of them, and its memory is overwritten at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<String>);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

impl Key {
    /// As SQLCipher takes a raw key: `"x'…'"`.
    pub fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("\"x'{}'\"", self.0.as_str()))
    }

    /// The same without quotes, as a value.
    pub(crate) fn spec(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("x'{}'", self.0.as_str()))
    }

    fn random() -> Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers: start Lethe again"))?;
        // As long as it will get: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in bytes.iter() {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// The key in the file of a data folder, if there is such a file.
///
/// # Errors
/// `Store` when it is there and can't be read, or is damaged.
pub(crate) fn in_file(paths: &Paths) -> Result<Option<Key>> {
    file::read(&paths.key_file())
}

/// The key of a data folder in the keychain, if there is a keychain and it has one.
///
/// # Errors
/// `Store` when the keychain is locked, or holds something else under this name.
pub(crate) fn in_keychain(paths: &Paths, keychain: &Keychain) -> Result<Option<Key>> {
    keychain.read(&account(paths))
}

/// The key for a new history: one that is there already, else a new one. Call it only where no history is or may be,
/// and with the data folder locked.
///
/// # Errors
/// `Store` when there may be a key that can't be read now, and when a new one can't be kept.
pub(crate) fn for_new_history(paths: &Paths, wish: KeyWish, keychain: &Keychain) -> Result<(Option<Key>, KeyPlace)> {
    let kept = in_file(paths)?;
    if wish == KeyWish::None {
        return match kept {
            None => Ok((None, KeyPlace::None)),
            Some(_) => Err(Error::new(
                Code::Store,
                format!(
                    "LETHE_KEY is none, but there is a key in {}: a history in this folder is encrypted; leave LETHE_KEY out, or choose another folder",
                    paths.key_file().display()
                ),
            )),
        };
    }
    // A history that was moved away must find its key again.
    if let Some(key) = kept {
        return Ok((Some(key), KeyPlace::File));
    }
    if wish == KeyWish::Best {
        if let Some(key) = in_keychain(paths, keychain)? {
            return Ok((Some(key), KeyPlace::Keychain));
        }
        let key = Key::random()?;
        if keychain.keep(&account(paths), &key) {
            return Ok((Some(key), KeyPlace::Keychain));
        }
    }
    let key = file::keep_new(&paths.key_file(), Key::random()?)?;
    Ok((Some(key), KeyPlace::File))
}

fn account(paths: &Paths) -> String {
    paths.data().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
