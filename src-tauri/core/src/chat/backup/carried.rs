//! A backup to take along: one file in the format of age (<https://age-encryption.org/v1>), opened by a passphrase.
//!
//! In it are the key of the history and the backup as it is, encrypted by that key; so nothing is on any disk in clear,
//! neither when it is written nor when it is read.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::base::error::{Code, Error, Result};
use crate::base::key::Key;
use crate::base::store::{keep, partial};

/// What such a file begins with, inside.
const HEAD: &str = "lethe-backup 1";
/// In the place of the key, where the history is not encrypted.
const NO_KEY: &str = "none";
/// What every file of age begins with.
const AGE: &[u8] = b"age-encryption.org/";

/// What opens a backup that is taken along; it can't be printed.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Passphrase")
    }
}

impl Passphrase {
    /// Fewest characters: whoever finds the file can try as long as they like.
    pub const SHORTEST: usize = 8;

    /// Checks one for a new file.
    ///
    /// # Errors
    /// `BadInput` when it is too short.
    pub fn new(text: &str) -> Result<Self> {
        let passphrase = Self::known(text);
        if passphrase.0.expose_secret().chars().count() < Self::SHORTEST {
            let text = format!("the passphrase is shorter than {} characters: choose a longer one", Self::SHORTEST);
            return Err(Error::bad_input(text));
        }
        Ok(passphrase)
    }

    /// One that a file was written with.
    pub fn known(text: &str) -> Self {
        Self(SecretString::from(text.trim_end_matches(['\n', '\r']).to_owned()))
    }
}

/// Whether a file is one to take along.
pub fn is_carried(path: &Path) -> bool {
    let mut start = [0; AGE.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == AGE
}

/// Writes a backup and its key into a new file.
///
/// # Errors
/// `Store` when it can't be written, or there is one.
pub(super) async fn write(backup: &Path, key: Option<Key>, path: PathBuf, passphrase: Passphrase) -> Result<()> {
    let backup = backup.to_owned();
    blocking(move || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let part = partial(folder)?;
        let written = (|| {
            let file = std::fs::File::options().write(true).open(&part)?;
            let mut writer = age::Encryptor::with_user_passphrase(passphrase.0).wrap_output(file)?;
            writeln!(writer, "{HEAD}\n{}", key.as_ref().map_or(NO_KEY, Key::text))?;
            std::io::copy(&mut std::fs::File::open(&backup)?, &mut writer)?;
            writer.finish()?.sync_all()
        })();
        written.map_err(|error| Error::unwritable(&path, &error))?;
        keep(part, &path)
    })
    .await
}

/// Reads the backup into a file beside `folder`'s others, and its key.
///
/// # Errors
/// `BadInput` for a wrong passphrase, `Store` for a damaged file.
pub(super) async fn read(
    path: &Path,
    passphrase: Passphrase,
    folder: &Path,
) -> Result<(tempfile::TempPath, Option<Key>)> {
    let (path, folder) = (path.to_owned(), folder.to_owned());
    blocking(move || {
        let damaged = || Error::new(Code::Store, format!("{} is damaged: use another copy of it", path.display()));
        let file = std::fs::File::open(&path).map_err(|_| damaged())?;
        let decryptor = age::Decryptor::new(file).map_err(|_| damaged())?;
        let identity = age::scrypt::Identity::new(passphrase.0);
        let reader =
            decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|error| match error {
                age::DecryptError::ExcessiveWork { .. } => damaged(),
                age::DecryptError::DecryptionFailed
                | age::DecryptError::NoMatchingKeys
                | age::DecryptError::KeyDecryptionFailed => {
                    Error::bad_input("the passphrase is not the one of this file: try again")
                }
                _ => damaged(),
            })?;
        let mut reader = BufReader::new(reader);
        let mut line = |most: u64| {
            let mut text = Zeroizing::new(String::with_capacity(128));
            reader.by_ref().take(most).read_line(&mut text).map_err(|_| damaged())?;
            Ok::<_, Error>(text)
        };
        if line(64)?.trim_end() != HEAD {
            return Err(Error::new(
                Code::Store,
                format!("{} holds no backup of Lethe, or one of a newer version", path.display()),
            ));
        }
        let key = line(128)?;
        let key = match key.trim_end() {
            NO_KEY => None,
            text => Some(Key::parse(text).ok_or_else(damaged)?),
        };
        let part = partial(&folder)?;
        let copied = (|| {
            let mut file = std::fs::File::options().write(true).open(&part)?;
            std::io::copy(&mut reader, &mut file)
        })();
        // The end of an age file is authenticated: one that was cut is an error of the reader.
        copied.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => damaged(),
            _ => Error::unwritable(&part, &error),
        })?;
        Ok((part, key))
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::new(Code::Internal, "the backup can't be encrypted: start Lethe again"))?
}
