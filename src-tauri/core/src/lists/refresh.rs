//! Lists that come from elsewhere: subscribed once, refreshed again and again.
//!
//! A refresh verifies first and replaces then. Whatever goes wrong, the last good list stays in force, and why the
//! refresh failed is kept for the user to see.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use jiff::Timestamp;
use lethe_feeds::{Address, Feed, FileAddress, PlainFile};
use lethe_filters::{Detectors, ListFile};

use super::build::{hashed_elsewhere, read_descriptor};
use super::file::write_private;
use super::row::Row;
use super::segments::{About, Fetched, assemble};
use super::{ListView, Lists, NamedList, slug};
use crate::error::{Code, Error, Result};
use crate::history::now;

/// The largest unsigned file in bytes.
pub const HASH_FILE_LIMIT: u64 = 1 << 30;

/// The file that says what the hash values of an unsigned source were made by.
const DESCRIPTOR: &str = "descriptor.toml";

const HOUR: i64 = 60 * 60 * 1000;

/// What to subscribe to.
pub enum Subscription<'a> {
    /// A signed repository: its address and the publisher's root file.
    Feed {
        /// An http, https or file address, or a folder.
        url: &'a str,
        /// `root.json`, got in a way that the user trusts.
        root: &'a Path,
    },
    /// A file on the web that nobody has signed.
    Url {
        /// An https address.
        url: &'a str,
        /// How to read its hash values; none for a list of Lethe's own formats.
        descriptor: Option<&'a Path>,
    },
}

/// What a refresh has brought.
struct Brought {
    /// The new list; none if it is the one before.
    list: Option<NamedList>,
    version: Option<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
}

impl Lists {
    /// Subscribes to a list. Nothing is fetched yet, and nothing is filtered by it before the first refresh.
    ///
    /// # Errors
    /// `BadInput` for an address, root file or descriptor that can't be used, or a name that is taken; `Store`.
    pub async fn subscribe(&self, name: &str, what: Subscription<'_>, detectors: Detectors) -> Result<ListView> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::bad_input("the list needs a name: give it one"));
        }
        let _guard = self.changing.lock().await;
        let id = slug(name);
        if self.row(&id).await.is_ok() {
            return Err(Error::bad_input(format!(
                "there is a list \"{name}\" already: remove it first, or use another name"
            )));
        }
        let folder = self.feed_folder(&id);
        // Left over from a list that was removed while its files were in use.
        let _ = std::fs::remove_dir_all(&folder);
        let (source, address) = match begin(&folder, name, what) {
            Ok(begun) => begun,
            Err(error) => {
                let _ = std::fs::remove_dir_all(&folder);
                return Err(error);
            }
        };
        sqlx::query(
            "INSERT INTO list (id, name, entries, imported_at, sha256, source, address, format) VALUES (?, ?, 0, ?, '', ?, ?, '')",
        )
        .bind(&id)
        .bind(name)
        .bind(now())
        .bind(source)
        .bind(address)
        .execute(self.store.pool())
        .await?;
        self.apply_locked(detectors).await?;
        self.one(&id).await
    }

    /// Subscribes to a list and fetches it. If that fails, there is no subscription.
    ///
    /// # Errors
    /// As [`Lists::subscribe`], and why the list was refused.
    pub async fn subscribe_and_fetch(
        &self,
        name: &str,
        what: Subscription<'_>,
        detectors: Detectors,
    ) -> Result<ListView> {
        let view = self.subscribe(name, what, detectors).await?;
        match self.update(Some(&view.id), detectors).await?.pop() {
            Some((_, Some(error))) => {
                self.remove(&view.id, detectors).await?;
                Err(error)
            }
            Some((view, None)) => Ok(view),
            None => Err(Error::not_found("list")),
        }
    }

    /// Refreshes one list, or all that are subscribed to: gives back for each why it was refused, if it was.
    ///
    /// # Errors
    /// `NotFound`, `BadInput` for a list that is a local file, `Store`.
    pub async fn update(&self, name: Option<&str>, detectors: Detectors) -> Result<Vec<(ListView, Option<Error>)>> {
        let rows: Vec<Row> = match name {
            Some(name) => vec![self.row(name).await?],
            None => self.rows().await?.into_iter().filter(|row| row.source != "file").collect(),
        };
        let mut outcomes = Vec::new();
        for row in rows {
            let outcome = self.refresh(&row, None).await;
            outcomes.push((row.id.clone(), self.settle(&row, outcome, detectors).await?));
        }
        self.with_views(outcomes).await
    }

    /// Refreshes a signed list from a folder or an archive of its repository, for machines without a network.
    ///
    /// # Errors
    /// As [`Lists::update`], and why the archive was refused.
    pub async fn update_from(&self, name: &str, archive: &Path, detectors: Detectors) -> Result<ListView> {
        let row = self.row(name).await?;
        let outcome = self.refresh(&row, Some(archive)).await;
        if let Some(error) = self.settle(&row, outcome, detectors).await? {
            return Err(error);
        }
        self.one(&row.id).await
    }

    /// Refreshes the lists whose time has come: about a day after the last check, or an hour after one that failed.
    /// `spread` is between 0 and 1 and keeps the users of a publisher from asking at the same time. `starting` is true
    /// for the first look after the start.
    ///
    /// # Errors
    /// `Store`.
    pub async fn update_due(&self, spread: f64, starting: bool, detectors: Detectors) -> Result<bool> {
        let mut any = false;
        for row in self.rows().await? {
            if row.source != "file" && row.enabled && row.is_due(now(), spread, starting) {
                let outcome = self.refresh(&row, None).await;
                if let Some(error) = self.settle(&row, outcome, detectors).await? {
                    tracing::warn!(list = row.id, %error, "a list was not refreshed");
                }
                any = true;
            }
        }
        Ok(any)
    }

    async fn with_views(&self, outcomes: Vec<(String, Option<Error>)>) -> Result<Vec<(ListView, Option<Error>)>> {
        let views = self.all().await?;
        let view = |id: &str| views.iter().find(|view| view.id == id).cloned();
        Ok(outcomes.into_iter().filter_map(|(id, error)| Some((view(&id)?, error))).collect())
    }

    async fn refresh(&self, row: &Row, archive: Option<&Path>) -> Result<Brought> {
        let folder = self.feed_folder(&row.id);
        match row.source.as_str() {
            "feed" => self.refresh_feed(row, &Feed::open(&folder)?, archive).await,
            "url" if archive.is_none() => self.refresh_file(row, &PlainFile::open(&folder)?).await,
            "url" => Err(Error::bad_input("this list is a single file: import it instead")),
            _ => Err(Error::bad_input(format!("the list \"{}\" is a local file: import a newer one", row.name))),
        }
    }

    async fn refresh_feed(&self, row: &Row, feed: &Feed, archive: Option<&Path>) -> Result<Brought> {
        let refreshed = match archive {
            None => feed.refresh(&self.fetch, Timestamp::now()).await?,
            Some(archive) => feed.refresh_from_archive(archive, Timestamp::now()).await?,
        };
        let current = &refreshed.current;
        let brought = Brought {
            list: None,
            version: Some(current.versions.targets.to_string()),
            issued_at: current.issued.map(Timestamp::as_millisecond),
            expires_at: Some(current.expires.as_millisecond()),
        };
        if refreshed.is_unchanged() && self.is_whole(row) {
            return Ok(brought);
        }
        let mut segments = Vec::new();
        for segment in &current.segments {
            let about: Option<About> = segment.custom.read();
            let about = about.ok_or_else(|| unusable("it is no list of Lethe; check the address"))?;
            let bytes = std::fs::read(feed.segment_path(segment))
                .map_err(|error| unusable(&format!("a segment can't be read ({}); try again", error.kind())))?;
            segments.push(Fetched { about, bytes });
        }
        let (name, issued_at) = (row.name.clone(), brought.issued_at);
        let list = tokio::task::spawn_blocking(move || {
            let bytes = assemble(&name, issued_at, segments)?;
            NamedList::of_bytes(&name, bytes)
        });
        let list = list.await.map_err(|_| unusable("it can't be assembled; try again"))?;
        Ok(Brought { list: Some(list.map_err(|why| unusable(&why))?), ..brought })
    }

    async fn refresh_file(&self, row: &Row, plain: &PlainFile) -> Result<Brought> {
        let refreshed = plain.refresh(&self.fetch, HASH_FILE_LIMIT, Timestamp::now()).await?;
        let current = plain.current()?.ok_or_else(|| unusable("it is not there; try again"))?;
        let brought = Brought {
            list: None,
            version: Some(current.sha256.to_string().chars().take(12).collect()),
            issued_at: Some(current.changed_at.as_millisecond()),
            expires_at: None,
        };
        if refreshed == lethe_feeds::PlainRefresh::NotModified && self.is_whole(row) {
            return Ok(brought);
        }
        let path = plain.path(&current);
        let descriptor = self.feed_folder(&row.id).join(DESCRIPTOR);
        let name = row.name.clone();
        let list = tokio::task::spawn_blocking(move || {
            let bytes = match descriptor.exists() {
                true => hashed_elsewhere(&name, &read_descriptor(&descriptor)?, &path)?.0,
                false => std::fs::read(path)
                    .map_err(|error| unusable(&format!("it can't be read ({}); try again", error.kind())))?,
            };
            NamedList::of_bytes(&name, bytes).map_err(|why| unusable(&why))?.hashed()
        });
        let list = list.await.map_err(|_| unusable("it can't be read; try again"))??;
        Ok(Brought { list: Some(list), ..brought })
    }

    /// Whether the list of the last refresh is there as it was kept.
    fn is_whole(&self, row: &Row) -> bool {
        !row.format.is_empty() && row.read(&self.file(row)).is_ok()
    }

    /// Puts what a refresh has brought in force, or notes why it failed.
    async fn settle(&self, row: &Row, outcome: Result<Brought>, detectors: Detectors) -> Result<Option<Error>> {
        let _guard = self.changing.lock().await;
        // The user may have removed the list meanwhile.
        let Ok(row) = self.row(&row.id).await else { return Ok(Some(Error::not_found("list"))) };
        let outcome = match outcome {
            Ok(brought) => self.accept(&row, brought).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            sqlx::query("UPDATE list SET tried_at = ?, failure = ? WHERE id = ?")
                .bind(now())
                .bind(&error.message)
                .bind(&row.id)
                .execute(self.store.pool())
                .await?;
        }
        self.apply_locked(detectors).await?;
        Ok(outcome.err())
    }

    async fn accept(&self, row: &Row, brought: Brought) -> Result<()> {
        if let Some(list) = &brought.list {
            let (added, removed) = self.changes(row, list);
            self.keep(&row.id, list)?;
            sqlx::query("UPDATE list SET entries = ?, sha256 = ?, format = ?, hashed = ? WHERE id = ?")
                .bind(list.facts.entries)
                .bind(&list.facts.sha256)
                .bind(list.format.name())
                .bind(list.list.is_hashed())
                .bind(&row.id)
                .execute(self.store.pool())
                .await?;
            if added + removed > 0 {
                sqlx::query("UPDATE list SET changed_at = ?, added = ?, removed = ? WHERE id = ?")
                    .bind(now())
                    .bind(added)
                    .bind(removed)
                    .bind(&row.id)
                    .execute(self.store.pool())
                    .await?;
            }
        }
        sqlx::query(
            "UPDATE list SET version = ?, issued_at = ?, expires_at = ?, checked_at = ?5, tried_at = ?5, failure = NULL
             WHERE id = ?4",
        )
        .bind(brought.version)
        .bind(brought.issued_at)
        .bind(brought.expires_at)
        .bind(&row.id)
        .bind(now())
        .execute(self.store.pool())
        .await?;
        Ok(())
    }

    /// How many entries came, changed ones too, and how many went.
    fn changes(&self, row: &Row, list: &NamedList) -> (u32, u32) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let open = |bytes: Vec<u8>| ListFile::open(bytes).ok();
        let before = std::fs::read(self.file(row)).ok().and_then(open);
        match (before, open(list.bytes.to_vec())) {
            (Some(before), Some(after)) => match before.difference(&after) {
                Ok(difference) => {
                    (count(difference.added.len() + difference.changed.len()), count(difference.removed.len()))
                }
                // Hashed under another key: all of it is new.
                Err(_) => (count(after.len()), count(before.len())),
            },
            _ => (list.facts.entries, row.entries),
        }
    }

    fn feed_folder(&self, id: &str) -> PathBuf {
        self.paths.lists().join(format!("{id}.feed"))
    }
}

impl Row {
    fn is_due(&self, now: i64, spread: f64, starting: bool) -> bool {
        let within = |hours: i64| (hours as f64 * HOUR as f64 * spread) as i64;
        let wait = match (&self.failure, starting) {
            // A program that is started often does not ask each time.
            (None, true) => HOUR,
            (None, false) => 20 * HOUR + within(8),
            (Some(_), true) => HOUR / 4,
            (Some(_), false) => HOUR + within(1),
        };
        self.tried_at.is_none_or(|tried| now - tried >= wait || tried > now)
    }
}

fn begin(folder: &Path, name: &str, what: Subscription<'_>) -> Result<(&'static str, String)> {
    match what {
        Subscription::Feed { url, root } => {
            let root = std::fs::read(root).map_err(|error| {
                Error::bad_input(format!(
                    "the root file {} can't be read ({}): check the path",
                    root.display(),
                    error.kind()
                ))
            })?;
            let feed = Feed::subscribe(folder, name, Address::from_str(url)?, &root)?;
            Ok(("feed", feed.address().to_string()))
        }
        Subscription::Url { url, descriptor } => {
            let descriptor = descriptor.map(read_descriptor).transpose()?;
            let plain = PlainFile::subscribe(folder, name, FileAddress::from_str(url)?)?;
            if let Some(descriptor) = descriptor {
                write_private(&folder.join(DESCRIPTOR), descriptor.as_str().as_bytes()).map_err(|error| {
                    Error::new(Code::Store, format!("the descriptor can't be kept ({}): free some space", error.kind()))
                })?;
            }
            Ok(("url", plain.address().to_string()))
        }
    }
}

fn unusable(why: &str) -> Error {
    Error::new(Code::BadInput, format!("the list can't be used: {why}"))
}

impl From<lethe_feeds::Error> for Error {
    fn from(error: lethe_feeds::Error) -> Self {
        Self::new(Code::BadInput, error.to_string())
    }
}
