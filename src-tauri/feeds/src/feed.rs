//! A subscription to a published list: refreshed from its source, and never worse than it was.
//!
//! Guarantees, whatever a source does: `current.json` and the segments that it names change together and only to a
//! version that the publisher has signed, that is no older than the last one and has not expired; any failure leaves
//! them byte for byte. One refresh at a time in a folder. [`Feed::refresh`] says what it costs.
//!
//! Deliberately not in it: when to refresh, what segments mean, and delegated roles, which are not read.
//!
//! The folder: `feed.json` (name, address), `trusted/` (last verified metadata), `segments/` by SHA-256, `partial/`,
//! `current.json`, `lock`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tough::Repository;
use tough::schema::Targets;

use crate::current::{Checked, Current, Versions};
use crate::disk::{self, Lock};
use crate::download::Segments;
use crate::error::{Error, Result};
use crate::fetch::Validators;
use crate::segment::{Custom, Segment, Sha256};
use crate::signers::Signers;
use crate::source::{Address, RepositoryFiles};
use crate::trust::{self, Trust};
use lethe_network::Client;

/// When a publisher says it has signed: a field beside those of TUF, which readers of others ignore.
pub(crate) const ISSUED: &str = "x-lethe-issued";

/// One subscription in one folder.
#[derive(Debug, Clone)]
pub struct Feed {
    folder: PathBuf,
    about: About,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    name: String,
    address: Address,
}

/// What a refresh has changed.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// New ones, and those whose content or custom data changed.
    pub added: Vec<Segment>,
    /// Those that are gone, and the former content of changed ones.
    pub removed: Vec<Segment>,
    /// Bytes of files received, metadata and segments.
    pub bytes_fetched: u64,
    /// The state from now on.
    pub current: Current,
}

impl Feed {
    /// Subscribes: stores the address and the publisher's root file, which the user got in a way that they trust.
    /// Makes no request. `name` is for people.
    ///
    /// # Errors
    ///
    /// [`Error::BadRoot`], or [`Error::Exists`] when the folder holds a subscription.
    pub fn subscribe(folder: &Path, name: &str, address: Address, root: &[u8]) -> Result<Self> {
        disk::make_folder(folder)?;
        let _lock = Lock::take(folder)?;
        if trust::exists(&folder.join("trusted")) && folder.join("feed.json").exists() {
            return Err(Error::Exists { path: folder.to_owned() });
        }
        Trust::begin(folder.join("trusted"), root)?;
        let about = About { name: name.to_owned(), address };
        disk::replace_json(&folder.join("feed.json"), &about)?;
        Ok(Self { folder: folder.to_owned(), about })
    }

    /// A subscription made earlier.
    ///
    /// # Errors
    ///
    /// [`Error::NothingThere`] where there is none, and [`Error::StateDamaged`].
    pub fn open(folder: &Path) -> Result<Self> {
        let about = disk::read_json(&folder.join("feed.json"))?;
        let about = about.ok_or_else(|| Error::NothingThere { host: folder.display().to_string() })?;
        Ok(Self { folder: folder.to_owned(), about })
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// Where it is published.
    pub fn address(&self) -> &Address {
        &self.about.address
    }

    /// Who signs it, by the newest root file that was confirmed.
    ///
    /// # Errors
    ///
    /// [`Error::StateDamaged`].
    pub fn signers(&self) -> Result<Signers> {
        self.trust().signers()
    }

    /// The last good state, or nothing before the first refresh. Reads one file; the network is not touched.
    ///
    /// # Errors
    ///
    /// [`Error::StateDamaged`], which the next good refresh mends.
    pub fn current(&self) -> Result<Option<Current>> {
        disk::read_json(&self.current_path())
    }

    /// The last good state after hashing every segment again. Blocks as long as reading them takes.
    ///
    /// # Errors
    ///
    /// [`Error::WrongHash`] names a damaged segment. All such are removed, so that the next refresh gets them anew.
    pub fn verified(&self) -> Result<Option<Current>> {
        let current = self.current()?;
        let segments = current.iter().flat_map(|current| &current.segments);
        // All of them, so that one refresh mends them all.
        let damaged: Vec<Error> = segments.filter_map(|segment| self.segments().verify(segment).err()).collect();
        damaged.into_iter().next().map_or(Ok(current), Err)
    }

    /// The file of a segment of [`Feed::current`]. It stays until a refresh has removed it from the list.
    pub fn segment_path(&self, segment: &Segment) -> PathBuf {
        self.segments().path(segment.sha256)
    }

    /// Brings the list up to date from its address. `now` is the time by which things expire.
    ///
    /// An unchanged list costs two requests: one for new keys (404), because they say whose word counts, and one for
    /// the timestamp: 304 without a body where the server knows `ETag` or `Last-Modified`, else about 500 bytes. A
    /// changed list costs two more for a snapshot (about 500 bytes) and the list of segments (about 250 bytes each),
    /// then one for each new segment.
    ///
    /// # Errors
    ///
    /// Any but those of publishing; the last good state stays in force.
    pub async fn refresh(&self, client: &Client, now: Timestamp) -> Result<Refreshed> {
        let _lock = Lock::take(&self.folder)?;
        self.refresh_from(RepositoryFiles::at(&self.about.address, client), now).await
    }

    /// Brings the list up to date from a copy of the published repository: a folder, or a tar file of [`pack`].
    /// It is trusted as little as a server.
    ///
    /// # Errors
    ///
    /// Those of [`Feed::refresh`], and [`Error::BadArchive`].
    ///
    /// [`pack`]: crate::pack
    pub async fn refresh_from_archive(&self, path: &Path, now: Timestamp) -> Result<Refreshed> {
        let _lock = Lock::take(&self.folder)?;
        self.refresh_from(RepositoryFiles::copy(path)?, now).await
    }

    async fn refresh_from(&self, source: RepositoryFiles, now: Timestamp) -> Result<Refreshed> {
        disk::sweep(&self.folder)?;
        self.trust().sweep()?;
        let source = Arc::new(source);
        // A damaged state is as good as none: the trusted metadata still forbids going back.
        let last = self.current().or_else(|error| match error {
            Error::StateDamaged { .. } => Ok(None),
            error => Err(error),
        })?;
        if let Some(last) = &last
            && last.is_before(now)
        {
            return Err(Error::ClockSetBack { last: last.checked_at });
        }
        let is_complete = |last: &&Current| last.segments.iter().all(|segment| self.segments().has(segment));
        // An expired list is looked at as a whole: the publisher may have renewed one of its other files.
        let is_spare = |last: &&Current| !source.is_local() && !last.wants_walk(now) && last.expires > now;
        let next_root = self.trust().next_root(&source).await?;
        let spare = last.as_ref().filter(is_spare).filter(is_complete).filter(|_| !next_root.is_there());

        let answer = source.timestamp(spare.map(|last| &last.checked.validators)).await?;
        let (timestamp, validators) = match (answer, spare) {
            (None, Some(last)) => {
                return self.confirm(last.clone(), None, &source, now);
            }
            (Some((bytes, validators)), _) if next_root.is_there() => (bytes, validators),
            (Some((bytes, validators)), spare) => {
                let bytes = self.trust().settled(bytes)?;
                if let Some(last) = spare
                    && Sha256::of(&bytes) == last.checked.timestamp
                {
                    return self.confirm(last.clone(), Some(validators), &source, now);
                }
                (bytes, validators)
            }
            (None, None) => return Err(Error::Malformed { file: "timestamp.json".to_owned() }),
        };

        let checked_timestamp = Sha256::of(&timestamp);
        let repository = self.trust().renew(&source, next_root, timestamp, now).await?;
        let segments = segments_of(&repository.targets().signed)?;
        for segment in &segments {
            if !self.segments().has(segment) {
                let prefix = match repository.root().signed.consistent_snapshot {
                    true => format!("{}.", segment.sha256),
                    false => String::new(),
                };
                self.segments().fetch(&source, segment, &format!("targets/{prefix}{}", segment.name)).await?;
            }
        }
        let [(expires, _), ..] = trust::expiries(&repository);
        let current = Current {
            versions: Versions {
                root: repository.root().signed.version.get(),
                timestamp: repository.timestamp().signed.version.get(),
                snapshot: repository.snapshot().signed.version.get(),
                targets: repository.targets().signed.version.get(),
            },
            issued: issued(&repository),
            expires,
            checked_at: now,
            segments,
            checked: Checked { walked_at: now, timestamp: checked_timestamp, validators },
        };
        disk::replace_json(&self.current_path(), &current)?;
        self.segments().keep_only(&current.segments)?;
        let before = last.map(|last| last.segments).unwrap_or_default();
        let missing_in = |one: &[Segment], other: &[Segment]| {
            one.iter().filter(|segment| !other.contains(segment)).cloned().collect::<Vec<_>>()
        };
        Ok(Refreshed {
            added: missing_in(&current.segments, &before),
            removed: missing_in(&before, &current.segments),
            bytes_fetched: source.received(),
            current,
        })
    }

    /// The source has nothing new, and nothing has expired.
    fn confirm(
        &self,
        mut current: Current,
        validators: Option<Validators>,
        source: &RepositoryFiles,
        now: Timestamp,
    ) -> Result<Refreshed> {
        current.checked_at = now;
        if let Some(validators) = validators {
            current.checked.validators = validators;
        }
        disk::replace_json(&self.current_path(), &current)?;
        Ok(Refreshed { added: Vec::new(), removed: Vec::new(), bytes_fetched: source.received(), current })
    }

    fn trust(&self) -> Trust {
        Trust::new(self.folder.join("trusted"))
    }

    fn segments(&self) -> Segments {
        Segments::new(&self.folder)
    }

    fn current_path(&self) -> PathBuf {
        self.folder.join("current.json")
    }
}

/// The segments of a signed list, sorted by name.
pub(crate) fn segments_of(targets: &Targets) -> Result<Vec<Segment>> {
    let malformed = || Error::Malformed { file: "targets.json".to_owned() };
    let mut segments = Vec::new();
    for (name, target) in &targets.targets {
        segments.push(Segment {
            name: name.raw().parse().map_err(|_| malformed())?,
            sha256: Sha256::from_bytes(&target.hashes.sha256).ok_or_else(malformed)?,
            length: target.length,
            custom: Custom::from_signed(&target.custom),
        });
    }
    segments.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(segments)
}

fn issued(repository: &Repository) -> Option<Timestamp> {
    repository.timestamp().signed._extra.get(ISSUED)?.as_str()?.parse().ok()
}
