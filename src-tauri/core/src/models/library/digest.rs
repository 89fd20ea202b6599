//! The SHA-256 of a model's files: made once, and known as long as they are the same by size and time of change.
//!
//! It takes a second for each gigabyte or so. Nothing that a person waits for asks for more than what is known.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Models, parts};
use crate::base::blocking::blocking;
use crate::base::error::{Code, Error, Result};
use crate::models::model::ModelFile;

/// By what the files of a model are known to be those that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Size and time of change of each file.
    pub text: String,
    /// Size of all files.
    bytes: u64,
    /// When one of them was changed last, milliseconds since 1970.
    changed_at: i64,
}

impl Stamp {
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut stamp = Self { text: String::new(), bytes: 0, changed_at: 0 };
        for part in parts(path) {
            let file = std::fs::metadata(part)?;
            // A file from before 1970 has a time like any other that is not known.
            let changed = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            stamp.text += &format!("{}@{} ", file.len(), changed.as_nanos());
            stamp.bytes += file.len();
            stamp.changed_at = stamp.changed_at.max(i64::try_from(changed.as_millis()).unwrap_or(i64::MAX));
        }
        Ok(stamp)
    }
}

/// A digest that is still that of the files.
pub(super) fn valid<'a>(path: &str, sha256: Option<&'a str>, sha256_of: Option<&str>) -> Option<&'a str> {
    let (sha256, sha256_of) = (sha256?, sha256_of?);
    Stamp::of(Path::new(path)).is_ok_and(|stamp| stamp.text == sha256_of).then_some(sha256)
}

impl Models {
    /// SHA-256 of a model's files, if it is known; none is read for it.
    ///
    /// # Errors
    /// `Store`; `ModelUnusable` for a model on a server.
    pub async fn known_sha256(&self, model: &ModelFile) -> Result<Option<String>> {
        let path = model.path()?.to_owned();
        let row: Option<(Option<String>, Option<String>)> =
            sqlx::query_as("SELECT sha256, sha256_of FROM model WHERE id = ?")
                .bind(&model.id)
                .fetch_optional(self.store.pool())
                .await?;
        let Some((Some(sha256), Some(sha256_of))) = row else { return Ok(None) };
        blocking(move || {
            let same = Stamp::of(&path).is_ok_and(|stamp| stamp.text == sha256_of);
            Ok::<_, Error>(same.then_some(sha256))
        })
        .await
    }

    /// SHA-256 of a model's files, which are read where it is not known. Whoever stops waiting ends the reading.
    ///
    /// # Errors
    /// `Store`; `NotFound` when a file can't be read, `Busy` when one is being changed; `ModelUnusable` for a model on a
    /// server.
    pub async fn sha256(&self, model: &ModelFile) -> Result<String> {
        let _reading = self.reading.lock().await;
        if let Some(known) = self.known_sha256(model).await? {
            return Ok(known);
        }
        let path = model.path()?.to_owned();
        let stop = CancellationToken::new();
        let _stop = stop.clone().drop_guard();
        let (sha256, stamp) = blocking(move || read(&path, &stop)).await?;
        sqlx::query("UPDATE model SET sha256 = ?, sha256_of = ?, bytes = ? WHERE id = ?")
            .bind(&sha256)
            .bind(&stamp.text)
            .bind(i64::try_from(stamp.bytes).unwrap_or(i64::MAX))
            .bind(&model.id)
            .execute(self.store.pool())
            .await?;
        Ok(sha256)
    }

    /// Since when a model of the list has the files that it has, milliseconds since 1970.
    ///
    /// # Errors
    /// `Store`, `NotFound` when a file is not there; `ModelUnusable` for a model on a server.
    pub(crate) async fn unchanged_since(&self, model: &ModelFile) -> Result<i64> {
        let path = model.path()?.to_owned();
        let row: Option<(i64,)> = sqlx::query_as("SELECT added_at FROM model WHERE id = ?")
            .bind(&model.id)
            .fetch_optional(self.store.pool())
            .await?;
        let (added_at,) = row.ok_or_else(|| Error::not_found("model"))?;
        let stamp = blocking(move || Stamp::of(&path).map_err(|_| Error::not_found("model file"))).await?;
        Ok(stamp.changed_at.max(added_at))
    }
}

/// The digest of all files of a model one behind the other, and what they were known by.
fn read(path: &Path, stop: &CancellationToken) -> Result<(String, Stamp)> {
    let unreadable = |_| Error::not_found("model file");
    let before = Stamp::of(path).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    for part in parts(path) {
        let mut file = File::open(part).map_err(unreadable)?;
        loop {
            let read = file.read(&mut buffer).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            if stop.is_cancelled() {
                return Err(Error::new(Code::Busy, "the file was not read to its end: try again"));
            }
            hasher.update(&buffer[..read]);
        }
    }
    if Stamp::of(path).map_err(unreadable)? != before {
        return Err(Error::new(Code::Busy, "the file was changed while it was read: try again when it is whole"));
    }
    Ok((hex::encode(hasher.finalize()), before))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use lethe_network::Client;
    use tempfile::TempDir;

    use super::*;
    use crate::base::key::KeyWish;
    use crate::base::paths::Paths;
    use crate::base::secrets::Secrets;
    use crate::base::store::Store;
    use crate::models::remote::Remotes;

    struct Shelf {
        models: Models,
        folder: TempDir,
    }

    impl Shelf {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let paths = Paths::new(&folder.path().join("data"), &folder.path().join("engine")).expect("a folder");
            let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("a fresh database"));
            let secrets = Secrets::new(store.clone(), &paths);
            let remotes = Remotes::new(store.clone(), secrets, Client::offline());
            Self { models: Models::new(store, remotes), folder }
        }

        /// A file in the list, changed last so many seconds after some day.
        async fn with(&self, id: &str, content: &str, at: u64) -> ModelFile {
            let path = self.write(id, content, at);
            sqlx::query("INSERT INTO model (id, path, added_at, bytes) VALUES (?, ?, 0, ?)")
                .bind(id)
                .bind(path.to_str())
                .bind(i64::try_from(content.len()).expect("it is short"))
                .execute(self.models.store.pool())
                .await
                .expect("it is kept");
            ModelFile::at(id.to_owned(), path)
        }

        fn write(&self, id: &str, content: &str, at: u64) -> PathBuf {
            let path = self.folder.path().join(format!("{id}.gguf"));
            std::fs::write(&path, content).expect("it is written");
            let file = File::options().write(true).open(&path).expect("it is there");
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + at);
            file.set_modified(time).expect("a date");
            path
        }

        async fn known(&self, model: &ModelFile) -> Option<String> {
            self.models.known_sha256(model).await.expect("it is readable")
        }

        async fn sha256(&self, model: &ModelFile) -> String {
            self.models.sha256(model).await.expect("it is read")
        }
    }

    fn expected(content: &str) -> String {
        hex::encode(Sha256::digest(content))
    }

    #[tokio::test]
    async fn a_digest_is_known_until_size_or_time_change() {
        let shelf = Shelf::new().await;
        let model = shelf.with("one", "first", 0).await;
        assert_eq!(shelf.known(&model).await, None, "nobody has read it");
        assert_eq!(shelf.sha256(&model).await, expected("first"));
        assert_eq!(shelf.known(&model).await, Some(expected("first")));
        for (content, at) in [("other", 1), ("third", 2), ("longer than before", 2)] {
            shelf.write("one", content, at);
            assert_eq!(shelf.known(&model).await, None, "{content} is another file");
            assert_eq!(shelf.sha256(&model).await, expected(content));
        }
        shelf.write("one", "longer than before", 3);
        assert_eq!(shelf.known(&model).await, None, "what was touched may be another file");
    }

    #[tokio::test]
    async fn a_replaced_file_of_the_same_size_is_no_duplicate_any_more() {
        let shelf = Shelf::new().await;
        let (one, two) = (shelf.with("one", "same", 0).await, shelf.with("two", "same", 5).await);
        assert!(shelf.models.compare().await.expect("they are compared"), "both digests are new");
        assert!(!shelf.models.compare().await.expect("they are compared"), "nothing has changed");
        let duplicates = async || -> Vec<Vec<String>> {
            let all = shelf.models.all().await.expect("the list");
            all.into_iter().map(|model| model.duplicates).collect()
        };
        assert_eq!(duplicates().await, [vec!["two".to_owned()], vec!["one".to_owned()]]);
        shelf.write("two", "tuna", 6);
        assert_eq!(duplicates().await, [Vec::<String>::new(), Vec::new()], "an old digest says nothing of a new file");
        assert!(shelf.models.compare().await.expect("they are compared"), "the new file is read");
        assert_eq!(duplicates().await, [Vec::<String>::new(), Vec::new()]);
        assert_ne!(shelf.sha256(&one).await, shelf.sha256(&two).await);
    }

    #[tokio::test]
    async fn a_digest_of_an_older_version_is_made_anew() {
        let shelf = Shelf::new().await;
        let model = shelf.with("one", "first", 0).await;
        let old = "UPDATE model SET sha256 = 'of a file of that size'";
        sqlx::query(old).execute(shelf.models.store.pool()).await.expect("as it was");
        assert_eq!(shelf.known(&model).await, None, "the size alone does not tell");
        assert_eq!(shelf.sha256(&model).await, expected("first"));
    }

    #[tokio::test]
    async fn since_when_a_file_is_the_same_is_the_later_of_its_change_and_its_entry() {
        let shelf = Shelf::new().await;
        let model = shelf.with("one", "first", 7).await;
        assert_eq!(shelf.models.unchanged_since(&model).await, Ok(1_700_000_007_000));
        let later = "UPDATE model SET added_at = 1800000000000";
        sqlx::query(later).execute(shelf.models.store.pool()).await.expect("it was added later");
        assert_eq!(shelf.models.unchanged_since(&model).await, Ok(1_800_000_000_000));
    }

    #[test]
    fn a_reading_that_nobody_waits_for_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        std::fs::write(&path, "content").expect("it is written");
        let stop = CancellationToken::new();
        assert_eq!(read(&path, &stop).map(|(sha256, _)| sha256), Ok(expected("content")));
        stop.cancel();
        assert_eq!(read(&path, &stop).map(|(sha256, _)| sha256).map_err(|error| error.code), Err(Code::Busy));
    }
}
