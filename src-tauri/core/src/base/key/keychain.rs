//! The system's keychain, or another one that is handed in.
//!
//! An entry that exists is never written. Deliberately not in it: entries of servers' keys, which users replace; they
//! are in [`crate::base::secrets`].

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

use super::Key;
use crate::base::error::{Code, Error, Result};

/// Whose entries keys of histories are under.
const SERVICE: &str = "lethe";

/// Where passwords are kept by the system.
#[derive(Clone, Default)]
pub enum Keychain {
    /// The one of this system, if it has one.
    #[default]
    System,
    Other(Arc<CredentialStore>),
}

impl Keychain {
    /// An entry, whether or not it holds anything.
    pub(crate) fn entry(&self, service: &str, account: &str) -> keyring_core::Result<Entry> {
        match self {
            Self::System => keyring::Entry::new(service, account).map(|entry| entry.inner),
            Self::Other(store) => store.build(service, account, None),
        }
    }

    /// The key of an account.
    ///
    /// # Errors
    /// `Store` when the keychain is there and does not say whether it has one, and when what it has is no key.
    pub(super) fn read(&self, account: &str) -> Result<Option<Key>> {
        let Ok(entry) = self.entry(SERVICE, account) else { return Ok(None) };
        let foreign = || {
            Error::new(
                Code::Store,
                "the entry of this data folder in the system's keychain is no key of Lethe: delete it if it is of no use, or choose another folder with --data-dir",
            )
        };
        match entry.get_password().map(Zeroizing::new) {
            Ok(text) => Key::parse(&text).map(Some).ok_or_else(foreign),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            // There is none: a session without one answers in one of these ways.
            Err(keyring_core::Error::NoDefaultStore | keyring_core::Error::NotSupportedByStore(_)) => Ok(None),
            Err(keyring_core::Error::BadEncoding(_) | keyring_core::Error::Ambiguous(_)) => Err(foreign()),
            Err(error) => {
                tracing::warn!(%error, "the keychain does not answer");
                Err(Error::new(
                    Code::Store,
                    "the system's keychain does not say whether it has the key of the history: unlock it and try again; LETHE_KEY=file keeps the key of a new history in a file",
                ))
            }
        }
    }

    /// Keeps a key where there is none. Whether it is there now: a keychain that takes a key and does not give it back
    /// would lose the history.
    pub(super) fn keep(&self, account: &str, key: &Key) -> bool {
        let Ok(entry) = self.entry(SERVICE, account) else { return false };
        if !matches!(entry.get_password().map(Zeroizing::new), Err(keyring_core::Error::NoEntry)) {
            return false;
        }
        entry.set_password(key.text()).is_ok()
            && entry.get_password().map(Zeroizing::new).is_ok_and(|kept| *kept == key.text())
    }
}
