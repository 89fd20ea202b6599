//! Secrets for servers: keys and access tokens. In the system's keychain, where the key of the history is too; else in
//! the encrypted database.
//!
//! A secret is a [`Secret`], which can't be printed, from the moment it comes in. Deliberately not in it: whom a secret
//! may be sent to. Its name says that, and who sends it looks it up by that name.

use std::sync::Arc;

use lethe_network::Secret;
use serde::Serialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::base::error::{Code, Error, Result};
use crate::base::key::{KeyPlace, Keychain};
use crate::base::paths::Paths;
use crate::base::store::Store;

/// Where a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    Keychain,
    /// The database of the history, encrypted as it is.
    Database,
}

/// The secrets of a data folder.
#[derive(Clone)]
pub struct Secrets {
    store: Arc<Store>,
    /// Names the data folder in the keychain; none where the keychain is not used.
    folder: Option<String>,
    keychain: Keychain,
}

impl Secrets {
    /// On an open database. The keychain is used where the key of the history is in it: elsewhere there is none, or the
    /// user does not want it.
    pub fn new(store: Arc<Store>, paths: &Paths) -> Self {
        let folder = (store.key_place() == KeyPlace::Keychain).then(|| format!("lethe/{}", paths.data().display()));
        let keychain = store.keychain().clone();
        Self { store, folder, keychain }
    }

    /// Keeps a secret; one of the same name is replaced. Says where it is now.
    ///
    /// # Errors
    /// `Store`.
    pub async fn write(&self, name: &str, secret: &Secret) -> Result<SecretPlace> {
        let value = secret.clone();
        // A keychain that takes a secret and does not give it back is none.
        let kept = self.keychain(name, move |entry| {
            entry.set_password(value.expose())?;
            entry.get_password().map(Zeroizing::new).map(|kept| kept.as_str() == value.expose())
        });
        if let Some(Ok(true)) = kept.await {
            self.forget_row(name).await?;
            return Ok(SecretPlace::Keychain);
        }
        sqlx::query("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(secret.expose())
            .execute(self.store.pool())
            .await?;
        Ok(SecretPlace::Database)
    }

    /// A secret, if there is one of that name.
    ///
    /// # Errors
    /// `Store`, also when the keychain can't be read.
    pub async fn read(&self, name: &str) -> Result<Option<Secret>> {
        Ok(self.find(name).await?.map(|(secret, _)| secret))
    }

    /// Where the secret of that name is, if there is one.
    ///
    /// # Errors
    /// As [`Secrets::read`].
    pub async fn place(&self, name: &str) -> Result<Option<SecretPlace>> {
        Ok(self.find(name).await?.map(|(_, place)| place))
    }

    /// Forgets a secret, wherever it is. One that is not there is forgotten already.
    ///
    /// # Errors
    /// `Store`, also when the keychain can't be written.
    pub async fn forget(&self, name: &str) -> Result<()> {
        self.forget_row(name).await?;
        match self.keychain(name, |entry| entry.delete_credential()).await {
            None | Some(Ok(()) | Err(keyring_core::Error::NoEntry)) => Ok(()),
            Some(Err(_)) => Err(locked()),
        }
    }

    async fn find(&self, name: &str) -> Result<Option<(Secret, SecretPlace)>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM secret WHERE name = ?")
            .bind(name)
            .fetch_optional(self.store.pool())
            .await?;
        if let Some(value) = row.map(|(value,)| Zeroizing::new(value)) {
            return Ok(Some((Secret::new(&value), SecretPlace::Database)));
        }
        match self.keychain(name, |entry| entry.get_password()).await {
            Some(Ok(value)) => Ok(Some((Secret::new(&Zeroizing::new(value)), SecretPlace::Keychain))),
            None | Some(Err(keyring_core::Error::NoEntry)) => Ok(None),
            Some(Err(_)) => Err(locked()),
        }
    }

    async fn forget_row(&self, name: &str) -> Result<()> {
        let done = sqlx::query("DELETE FROM secret WHERE name = ?").bind(name).execute(self.store.pool()).await?;
        if done.rows_affected() > 0 {
            // It is in the journal as long as somebody reads; the next checkpoint takes it out of there as well.
            let _ = self.store.checkpoint().await;
        }
        Ok(())
    }

    /// Asks the keychain, which answers by blocking calls; none where it is not used.
    async fn keychain<T: Send + 'static>(
        &self,
        name: &str,
        ask: impl FnOnce(&keyring_core::Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Option<keyring_core::Result<T>> {
        let (folder, name, keychain) = (self.folder.clone()?, name.to_owned(), self.keychain.clone());
        let asked = move || keychain.entry(&folder, &name).and_then(|entry| ask(&entry));
        tokio::task::spawn_blocking(asked).await.ok()
    }
}

fn locked() -> Error {
    Error::new(Code::Store, "the system's keychain can't be used: unlock it and try again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::key::KeyWish;

    async fn secrets(folder: &std::path::Path) -> Secrets {
        let paths = Paths::new(folder, &folder.join("engine")).expect("a folder");
        let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("a fresh database"));
        Secrets::new(store, &paths)
    }

    #[tokio::test]
    async fn a_secret_is_kept_replaced_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = secrets(folder.path()).await;
        let read = async |name: &str| secrets.read(name).await.expect("it is readable");
        assert_eq!(read("a").await, None);
        for value in ["first", "second"] {
            let place = secrets.write("a", &Secret::new(value)).await.expect("it is kept");
            assert_eq!(place, SecretPlace::Database, "without a keychain the database keeps it");
            assert_eq!(read("a").await, Some(Secret::new(value)));
            assert_eq!(read("b").await, None, "a name is a name of its own");
        }
        assert_eq!(secrets.place("a").await.expect("it is readable"), Some(SecretPlace::Database));
        secrets.forget("a").await.expect("it is forgotten");
        secrets.forget("a").await.expect("what is gone is forgotten");
        assert_eq!(read("a").await, None);
        assert_eq!(secrets.place("a").await.expect("it is readable"), None);
    }

    #[tokio::test]
    async fn a_forgotten_secret_is_in_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = secrets(folder.path()).await;
        let secret = Secret::new("sk-quillfeather-1234");
        let holding = || {
            let files = std::fs::read_dir(folder.path()).expect("the folder").flatten().map(|file| file.path());
            let holds = |path: &std::path::PathBuf| {
                let bytes = std::fs::read(path).unwrap_or_default();
                bytes.windows(secret.expose().len()).any(|window| window == secret.expose().as_bytes())
            };
            files.filter(|path| path.is_file()).filter(holds).count()
        };
        secrets.write("a", &secret).await.expect("it is kept");
        assert!(holding() > 0, "this search finds nothing at all");
        secrets.forget("a").await.expect("it is forgotten");
        assert_eq!(holding(), 0, "its bytes are still on the disk");
    }
}
