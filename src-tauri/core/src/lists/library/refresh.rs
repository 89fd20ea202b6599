//! Lists that come from elsewhere: subscribed once, refreshed again and again.
//!
//! A refresh verifies first and replaces then. Whatever goes wrong, the last good list stays in force, and why the
//! refresh failed is kept for the user to see.

use crate::base::visible::clean_name;
use crate::lists::file::LARGEST_LIST;
use crate::lists::file::NamedList;
use crate::lists::file::write_private;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use jiff::Timestamp;
use lethe_feeds::{Address, Feed, FileAddress, PlainFile};
use lethe_filters::ListFile;
use sha2::{Digest, Sha256};

use super::build::{hashed_elsewhere, read_descriptor};

use super::row::ListRow;
use super::seen::Seen;
use super::segments::{About, Fetched, assemble};
use super::{ListView, Lists, SameName, slug};
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::user_file;

/// The file that says what the hash values of an unsigned source were made by.
const DESCRIPTOR: &str = "descriptor.toml";

/// How often a list that another program is fetching is asked for again.
const PATIENCE: u32 = 6;
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

/// What came of a refresh.
struct Refreshed {
    /// The new list; none if it is the one before.
    list: Option<Replacement>,
    /// Digest of what the list is made from.
    content: String,
    version: Option<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    /// By whose word it is this version; none for what nobody has signed.
    seen: Option<Seen>,
}

/// A list that replaces another.
struct Replacement {
    list: NamedList,
    /// Entries that came, changed ones too.
    added: u32,
    /// Entries that went.
    removed: u32,
}

impl Lists {
    /// Subscribes to a list. Nothing is fetched yet; until the first refresh, or until it is removed, nothing is
    /// answered.
    ///
    /// # Errors
    /// `BadInput` for an address, root file or descriptor that can't be used, or a name that is taken; `Store`.
    pub async fn subscribe(&self, name: &str, what: Subscription<'_>) -> Result<ListView> {
        let name = clean_name(name);
        let name = name.as_str();
        if name.is_empty() {
            return Err(Error::bad_input("the list needs a name: give it one"));
        }
        let _changing = self.change().await?;
        let id = slug(name);
        if self.find(&id).await?.is_some() {
            let taken = format!("there is a list \"{name}\" already: remove it first, or use another name");
            return Err(Error::bad_input(taken));
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
            "INSERT INTO list (id, name, entries, imported_at, sha256, source, address, format)
             VALUES (?, ?, 0, ?, '', ?, ?, '')",
        )
        .bind(&id)
        .bind(name)
        .bind(now())
        .bind(source)
        .bind(address)
        .execute(self.store.pool())
        .await?;
        self.apply_locked().await?;
        self.one(&id).await
    }

    /// Subscribes to a list and fetches it. If that fails, there is no subscription.
    ///
    /// # Errors
    /// As [`Lists::subscribe`], and why the list was refused.
    pub async fn subscribe_and_fetch(&self, name: &str, what: Subscription<'_>) -> Result<ListView> {
        let view = self.subscribe(name, what).await?;
        match self.update(Some(&view.id)).await?.pop() {
            Some((_, Some(error))) => {
                self.remove(&view.id).await?;
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
    pub async fn update(&self, name: Option<&str>) -> Result<Vec<(ListView, Option<Error>)>> {
        let rows: Vec<ListRow> = match name {
            Some(name) => vec![self.row(name).await?],
            None => self.rows().await?.into_iter().filter(|row| row.source != "file").collect(),
        };
        let mut outcomes = Vec::new();
        for row in rows {
            if row.source == "file" {
                let local = format!("the list \"{}\" is a local file: import a newer one", row.name);
                return Err(Error::bad_input(local));
            }
            outcomes.push((row.id.clone(), self.refresh(&row, None).await?));
        }
        let views = self.all().await?;
        let view = |id: &str| views.iter().find(|view| view.id == id).cloned();
        Ok(outcomes.into_iter().filter_map(|(id, error)| Some((view(&id)?, error))).collect())
    }

    /// Refreshes a list from the disk, for machines without a network: a signed one from a folder or an archive of its
    /// repository, any other from a list file.
    ///
    /// # Errors
    /// As [`Lists::update`], and why it was refused.
    pub async fn update_from(&self, name: &str, path: &Path) -> Result<ListView> {
        if !path.exists() {
            return Err(Error::bad_input(format!("there is nothing at {}: check the path", path.display())));
        }
        let row = self.row(name).await?;
        if row.source == "file" {
            let origin = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let (path, name) = (path.to_owned(), row.name.clone());
            let read = tokio::task::spawn_blocking(move || super::read_list(&path)?.named(&name).hashed());
            let read = read.await.map_err(|_| unusable("it can't be read; try again"))??;
            return self.adopt(read, &origin.to_string_lossy(), SameName::Replace).await;
        }
        if let Some(error) = self.refresh(&row, Some(path)).await? {
            return Err(error);
        }
        self.one(&row.id).await
    }

    /// Refreshes the lists whose time has come: about a day after the last check, or an hour after one that failed.
    /// `spread` is between 0 and 1 and keeps the users of a publisher from asking at the same time. `starting` is true
    /// for the first look after the start. True if any list was looked at.
    ///
    /// # Errors
    /// `Store`.
    pub async fn update_due(&self, spread: f64, starting: bool) -> Result<bool> {
        let mut any = false;
        for row in self.rows().await? {
            if row.source != "file" && row.enabled && row.is_due(now(), spread, starting) {
                if let Some(error) = self.refresh(&row, None).await? {
                    tracing::warn!(list = row.id, %error, "a list was not refreshed");
                }
                any = true;
            }
        }
        Ok(any)
    }

    /// Fetches a list, verifies it and puts it in force; or notes and gives back why not.
    async fn refresh(&self, row: &ListRow, path: Option<&Path>) -> Result<Option<Error>> {
        let _fetching = self.fetching.lock().await;
        let mut outcome = self.fetch(row, path).await;
        for _ in 0..PATIENCE {
            // Another program is fetching the same list.
            if !matches!(&outcome, Err(error) if error.code == Code::Busy) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            outcome = self.fetch(row, path).await;
        }
        if let Err(error) = &outcome
            && error.code == Code::Busy
        {
            return Ok(Some(error.clone()));
        }
        let _changing = self.change().await?;
        // The user may have removed the list meanwhile, or subscribed anew.
        let same = self.find(&row.id).await?.filter(|now| now.imported_at == row.imported_at);
        let Some(row) = same else { return Ok(Some(Error::not_found("list"))) };
        let outcome = match outcome {
            Ok(refreshed) => self.accept(&row, refreshed).await,
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
        self.apply_locked().await?;
        Ok(outcome.err())
    }

    async fn fetch(&self, row: &ListRow, path: Option<&Path>) -> Result<Refreshed> {
        let folder = self.feed_folder(&row.id);
        match row.source.as_str() {
            "feed" => self.fetch_feed(row, &Feed::open(&folder)?, path).await,
            _ => self.fetch_file(row, &PlainFile::open(&folder)?, path).await,
        }
    }

    async fn fetch_feed(&self, row: &ListRow, feed: &Feed, archive: Option<&Path>) -> Result<Refreshed> {
        let before = feed.signers()?;
        let refreshed = match archive {
            None => feed.refresh(&self.client, Timestamp::now()).await?,
            Some(archive) => feed.refresh_from_archive(archive, Timestamp::now()).await?,
        };
        let current = refreshed.current;
        let names = current.segments.iter().map(|segment| format!("{} {}\n", segment.name, segment.sha256));
        let content = hex::encode(Sha256::digest(names.collect::<String>()));
        let version = current.versions.targets;
        // Whether versions may fall is for TUF to say: with new keys they begin anew.
        let seen = Seen { before, now: feed.signers()?, version };
        self.check_seen(&seen).await?;
        let issued_at = current.issued.map(Timestamp::as_millisecond);
        let feed = feed.clone();
        let assembled = self.renewed(row, &content, move |name| {
            // Damage on the disk is found here and removed, so that the next refresh fetches it anew.
            feed.verified()?;
            let mut segments = Vec::new();
            for segment in &current.segments {
                let about: Option<About> = segment.custom.read();
                let about = about.ok_or_else(|| unusable("it is no list of Lethe; check the address"))?;
                let bytes = std::fs::read(feed.segment_path(segment))
                    .map_err(|error| unusable(&format!("a segment can't be read ({}); try again", error.kind())))?;
                segments.push(Fetched { about, bytes });
            }
            let bytes = assemble(name, issued_at, segments).map_err(|why| unusable(&why))?;
            NamedList::of_bytes(name, bytes).map_err(|why| unusable(&why))
        });
        Ok(Refreshed {
            list: assembled.await?,
            content,
            version: Some(version.to_string()),
            issued_at,
            expires_at: Some(current.expires.as_millisecond()),
            seen: Some(seen),
        })
    }

    async fn fetch_file(&self, row: &ListRow, plain: &PlainFile, path: Option<&Path>) -> Result<Refreshed> {
        let (path, content, changed_at) = match path {
            Some(path) => {
                let file = path.to_owned();
                let content = tokio::task::spawn_blocking(move || user_file::read(&file, LARGEST_LIST)).await;
                let content = content.unwrap_or_else(|_| Err("it can't be read; try again".to_owned()));
                let content = content.map_err(|why| unusable(&why))?;
                (path.to_owned(), hex::encode(Sha256::digest(content)), now())
            }
            None => {
                plain.refresh(&self.client, LARGEST_LIST, Timestamp::now()).await?;
                let current = plain.current()?.ok_or_else(|| unusable("it is not there; try again"))?;
                (plain.path(&current), current.sha256.to_string(), current.changed_at.as_millisecond())
            }
        };
        let descriptor = self.feed_folder(&row.id).join(DESCRIPTOR);
        let list = self.renewed(row, &content, move |name| {
            let bytes = match descriptor.exists() {
                true => hashed_elsewhere(name, &read_descriptor(&descriptor)?, &path)?.0,
                false => user_file::read(&path, LARGEST_LIST).map_err(|why| unusable(&why))?,
            };
            if !ListFile::begins_like_one(&bytes) {
                return Err(unusable(
                    "it is no compiled list; give a descriptor for its hash values, or have it built with lethe-cli list build",
                ));
            }
            NamedList::of_bytes(name, bytes).map_err(|why| unusable(&why))?.hashed()
        });
        let list = list.await?;
        // A list knows better how old it is than the day on which it was first seen.
        let made_at = list.as_ref().map_or(row.issued_at, |new| new.list.issued_at);
        Ok(Refreshed {
            list,
            version: Some(content.chars().take(12).collect()),
            content,
            issued_at: Some(made_at.unwrap_or(changed_at).min(changed_at)),
            expires_at: None,
            seen: None,
        })
    }

    /// The list that `make` makes, and what is new in it; none if the one that is kept was made from the same.
    async fn renewed(
        &self,
        row: &ListRow,
        content: &str,
        make: impl FnOnce(&str) -> Result<NamedList> + Send + 'static,
    ) -> Result<Option<Replacement>> {
        let (row, file, same) = (row.clone(), self.file(row), row.content.as_deref() == Some(content));
        let renewed = tokio::task::spawn_blocking(move || {
            if same && row.is_fetched() && row.read(&file).is_ok() {
                return Ok(None);
            }
            let list = make(&row.name)?;
            let (added, removed) = changes(&row, &file, &list);
            Ok(Some(Replacement { list, added, removed }))
        });
        renewed.await.map_err(|_| unusable("it can't be read; try again"))?
    }

    async fn accept(&self, row: &ListRow, refreshed: Refreshed) -> Result<()> {
        if let Some(Replacement { list, added, removed }) = &refreshed.list {
            self.keep(&row.id, Some(&row.sha256), list).await?;
            let changed = added + removed > 0;
            sqlx::query(
                "UPDATE list SET entries = ?, sha256 = ?, format = ?, hashed = ?, content = ?,
                     changed_at = iif(?6, ?7, changed_at), added = iif(?6, ?8, added), removed = iif(?6, ?9, removed)
                 WHERE id = ?10",
            )
            .bind(list.facts.entries)
            .bind(&list.facts.sha256)
            .bind(list.format.name())
            .bind(list.list.is_hashed())
            .bind(&refreshed.content)
            .bind(changed)
            .bind(now())
            .bind(added)
            .bind(removed)
            .bind(&row.id)
            .execute(self.store.pool())
            .await?;
            super::kept::settle(&self.file_of(&row.id, list.format.name()));
        }
        sqlx::query(
            "UPDATE list SET version = ?, issued_at = ?, expires_at = ?, checked_at = ?5, tried_at = ?5, failure = NULL
             WHERE id = ?4",
        )
        .bind(refreshed.version)
        .bind(refreshed.issued_at.map(|at| at.clamp(0, now())))
        .bind(refreshed.expires_at)
        .bind(&row.id)
        .bind(now())
        .execute(self.store.pool())
        .await?;
        match &refreshed.seen {
            Some(seen) => self.note_seen(seen).await,
            None => Ok(()),
        }
    }

    pub(super) fn feed_folder(&self, id: &str) -> PathBuf {
        self.paths.lists().join(format!("{id}.feed"))
    }
}

/// How many entries came, changed ones too, and how many went.
fn changes(row: &ListRow, file: &Path, list: &NamedList) -> (u32, u32) {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let open = |bytes: Vec<u8>| ListFile::open(bytes).ok();
    let before = if row.is_fetched() { std::fs::read(file).ok().and_then(open) } else { None };
    let (Some(before), Some(after)) = (before, open(list.bytes.to_vec())) else { return (list.facts.entries, 0) };
    if let Ok(difference) = before.difference(&after) {
        return (count(difference.added.len() + difference.changed.len()), count(difference.removed.len()));
    }
    // Hashed under another key, only ids can be compared.
    let (before, after): (HashSet<&str>, HashSet<&str>) =
        (before.ids().into_iter().collect(), after.ids().into_iter().collect());
    (count(after.difference(&before).count()), count(before.difference(&after).count()))
}

impl ListRow {
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
            let root = user_file::read(root, user_file::SMALL_FILE)
                .map_err(|why| Error::bad_input(format!("the root file {} can't be used: {why}", root.display())))?;
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
        let code = match error {
            lethe_feeds::Error::Busy => Code::Busy,
            lethe_feeds::Error::Disk { .. } | lethe_feeds::Error::NotRecorded(_) => Code::Store,
            lethe_feeds::Error::Offline => Code::Offline,
            lethe_feeds::Error::Unreachable { .. } => Code::Network,
            _ => Code::BadInput,
        };
        Self::new(code, error.to_string())
    }
}
