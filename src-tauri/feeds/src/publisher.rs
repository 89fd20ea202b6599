//! The publisher's side: a folder of signed, static files that any web server can hand out.
//!
//! Guarantees: readers never see a broken repository, because every file is renamed into place and the timestamp, which
//! leads to all others, comes last; a kill leaves the former version. What is signed again was signed by these keys
//! before: a tampered folder is refused. Root files are never removed, because new keys are proven through them.
//!
//! Every publish signs everything anew, so that the whole list is good for the full lifetime.
//!
//! Deliberately not in it: root files and new keys, which are in `rotation.rs`, uploading, and thresholds above one.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tough::TargetName;
use tough::schema::{Hashes, Metafile, Role, Root, Signed, Snapshot, Target, Targets, Timestamp as SignedTime};

use crate::current::Versions;
use crate::disk::{self, Lock};
use crate::error::{Error, Result};
use crate::feed::{self, ISSUED};
use crate::folders;
use crate::keys::{KeyPair, KeyRole, Keys, sign};
use crate::rotation::DAILY_KEYS;
use crate::segment::{NewSegment, Segment, SegmentName, Sha256};

pub(crate) const SPEC_VERSION: &str = "1.0.0";

/// How long signed files are good for, in whole days. The root file is good for ten times that, a year at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(u32);

impl Lifetime {
    /// Between a day and ten years.
    ///
    /// # Errors
    ///
    /// [`Error::Unpublishable`].
    pub fn days(days: u32) -> Result<Self> {
        match days {
            1..=3650 => Ok(Self(days)),
            _ => Err(Error::Unpublishable { what: "lists expire after 1 to 3650 days" }),
        }
    }

    fn after(self, now: Timestamp) -> Timestamp {
        later(now, self.0)
    }

    pub(crate) fn root_after(self, now: Timestamp) -> Timestamp {
        later(now, (self.0 * 10).max(365))
    }
}

impl Default for Lifetime {
    /// 30 days.
    fn default() -> Self {
        Self(30)
    }
}

/// Publishes one list. No other process can while this is open.
#[derive(Debug)]
pub struct Publisher {
    pub(crate) keys: Keys,
    pub(crate) repository: PathBuf,
    _lock: Lock,
}

/// What was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Of the signed files.
    pub versions: Versions,
    /// When readers refuse the list, unless it is published again before.
    pub expires: Timestamp,
    /// All of them, sorted by name.
    pub segments: Vec<Segment>,
}

/// What [`Publisher::prune`] has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Publisher {
    /// Opens a repository with its keys. Both folders are made when missing, and the keys of a new repository too.
    ///
    /// # Errors
    ///
    /// [`Error::Together`], [`Error::NotOurs`] and [`Error::KeysInUse`], before anything is written. [`Error::Key`] when there is a repository but a key for daily use is missing; root keys may be elsewhere.
    /// [`Error::Busy`] and [`Error::Disk`].
    pub fn open_or_create(keys: &Path, repository: &Path) -> Result<Self> {
        folders::check(keys, repository)?;
        if root_version(repository)?.is_none() && Keys::new(keys).have_signed() {
            return Err(Error::KeysInUse { keys: keys.to_owned() });
        }
        make_private_folder(keys)?;
        disk::make_folder(&repository.join("metadata"))?;
        disk::make_folder(&repository.join("targets"))?;
        let lock = Lock::take(keys)?;
        for folder in [keys, &repository.join("metadata"), &repository.join("targets")] {
            disk::sweep(folder)?;
        }
        let publisher = Self { keys: Keys::new(keys), repository: repository.to_owned(), _lock: lock };
        match publisher.root()? {
            Some(root) => publisher.check_keys(&root.signed)?,
            None => {
                publisher.keys.make(KeyRole::Root)?;
                for (_, file) in DAILY_KEYS {
                    publisher.keys.make(file)?;
                }
            }
        }
        Ok(publisher)
    }

    /// What is published now, sorted by name; nothing before the first publish.
    ///
    /// # Errors
    ///
    /// [`Error::StateDamaged`] when a signed file is not as it was signed.
    pub fn current(&self) -> Result<Vec<Segment>> {
        let Some(signed) = self.signed()? else { return Ok(Vec::new()) };
        feed::segments_of(&signed.targets)
    }

    /// Publishes segments, takes others out, and signs everything anew until `now` plus the lifetime. A segment with a
    /// name that is published already replaces it. The root file is renewed with its keys after half of its time, when
    /// a root key is there.
    ///
    /// # Errors
    ///
    /// [`Error::Key`], [`Error::Disk`], [`Error::StateDamaged`]. The former version stays published.
    pub fn publish(
        &mut self,
        add: Vec<NewSegment>,
        remove: &[SegmentName],
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Published> {
        self.publish_signed(add, remove, lifetime, now, SignWith::Keys)
    }

    pub(crate) fn publish_signed(
        &self,
        add: Vec<NewSegment>,
        remove: &[SegmentName],
        lifetime: Lifetime,
        now: Timestamp,
        sign_with: SignWith,
    ) -> Result<Published> {
        let last = self.signed()?;
        let mut targets = last.as_ref().map(|last| last.targets.targets.clone()).unwrap_or_default();
        let gone: BTreeSet<&str> = remove.iter().map(SegmentName::as_str).collect();
        targets.retain(|name, _| !gone.contains(name.raw()));
        for segment in add {
            let sha256 = Sha256::of(&segment.bytes);
            disk::replace(&self.repository.join(format!("targets/{sha256}.{}", segment.name)), &segment.bytes)?;
            let name = TargetName::new(segment.name.as_str()).expect("a segment's name is a safe one");
            let custom = segment.custom.to_signed();
            let length = segment.bytes.len() as u64;
            targets.insert(name, Target { length, hashes: hashes(sha256), custom, _extra: HashMap::new() });
        }
        let root = self.renewed_root(lifetime, now)?;
        if let Some(first) = disk::read(&self.metadata("1.root.json"))? {
            self.keys.note_signed(&first)?;
        }
        let next = |version: fn(&Versions) -> u64| counted(last.as_ref().map_or(0, |last| version(&last.versions)) + 1);

        let targets = Targets {
            spec_version: SPEC_VERSION.to_owned(),
            version: next(|versions| versions.targets),
            expires: lifetime.after(now),
            targets,
            delegations: None,
            _extra: HashMap::new(),
        };
        let segments = feed::segments_of(&targets)?;
        let targets_version = targets.version;
        let bytes = sign(targets, &self.signers(KeyRole::Targets, sign_with)?)?;
        disk::replace(&self.metadata(&format!("{targets_version}.targets.json")), &bytes)?;

        let expires = lifetime.after(now);
        let mut snapshot = Snapshot::new(SPEC_VERSION.to_owned(), next(|versions| versions.snapshot), expires);
        snapshot.meta.insert("targets.json".to_owned(), metafile(targets_version, &bytes));
        let snapshot_version = snapshot.version;
        let bytes = sign(snapshot, &self.signers(KeyRole::Snapshot, sign_with)?)?;
        disk::replace(&self.metadata(&format!("{snapshot_version}.snapshot.json")), &bytes)?;

        let timestamp = next(|versions| versions.timestamp);
        self.publish_timestamp(timestamp, metafile(snapshot_version, &bytes), lifetime, now, sign_with)?;
        let versions = Versions {
            root: root.version.get(),
            timestamp: timestamp.get(),
            snapshot: snapshot_version.get(),
            targets: targets_version.get(),
        };
        Ok(Published { versions, expires: expires.min(root.expires), segments })
    }

    /// Removes files that neither this version nor the one before it names. Readers that began with the one before
    /// still find theirs.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`] and [`Error::StateDamaged`].
    pub fn prune(&mut self) -> Result<Pruned> {
        let mut pruned = Pruned { files: 0, bytes: 0 };
        let Some(signed) = self.signed()? else { return Ok(pruned) };
        let mut kept = BTreeSet::new();
        let mut targets = vec![signed.targets];
        for (role, version) in [("targets", signed.versions.targets), ("snapshot", signed.versions.snapshot)] {
            kept.extend([version, version - 1].map(|version| format!("{version}.{role}.json")));
        }
        let before = self.metadata(&format!("{}.targets.json", signed.versions.targets - 1));
        if before.exists() {
            targets.push(read_signed::<Targets>(&before)?.signed);
        }
        for segment in targets.iter().map(feed::segments_of).collect::<Result<Vec<_>>>()?.concat() {
            kept.insert(format!("{}.{}", segment.sha256, segment.name));
        }
        for folder in ["metadata", "targets"] {
            for name in disk::names(&self.repository.join(folder))? {
                let is_old = name.ends_with(".targets.json") || name.ends_with(".snapshot.json");
                let is_target = folder == "targets" && name.find('.') == Some(64);
                if (is_target || is_old) && !kept.contains(&name) {
                    let path = self.repository.join(folder).join(name);
                    pruned.bytes += fs::metadata(&path).map_err(Error::disk(&path))?.len();
                    pruned.files += 1;
                    disk::remove(&path)?;
                }
            }
        }
        Ok(pruned)
    }

    pub(crate) fn metadata(&self, file: &str) -> PathBuf {
        self.repository.join("metadata").join(file)
    }

    pub(crate) fn root(&self) -> Result<Option<Signed<Root>>> {
        let Some(version) = root_version(&self.repository)? else { return Ok(None) };
        let path = self.metadata(&format!("{version}.root.json"));
        let root = read_signed::<Root>(&path)?;
        root.signed.verify_role(&root).map_err(|_| Error::StateDamaged { path })?;
        Ok(Some(root))
    }

    /// The last published files, all verified, or nothing before the first publish.
    fn signed(&self) -> Result<Option<LastSigned>> {
        let Some(root) = self.root()? else { return Ok(None) };
        let path = self.metadata("timestamp.json");
        if !path.exists() {
            return Ok(None);
        }
        let timestamp: SignedTime = self.read_verified(&root.signed, path)?;
        let version =
            |meta: &HashMap<String, Metafile>, name: &str| meta.get(name).map_or(0, |meta| meta.version.get());
        let snapshot_version = version(&timestamp.meta, "snapshot.json");
        let path = self.metadata(&format!("{snapshot_version}.snapshot.json"));
        let snapshot: Snapshot = self.read_verified(&root.signed, path)?;
        let targets_version = version(&snapshot.meta, "targets.json");
        let path = self.metadata(&format!("{targets_version}.targets.json"));
        let targets: Targets = self.read_verified(&root.signed, path)?;
        let versions = Versions {
            root: root.signed.version.get(),
            timestamp: timestamp.version.get(),
            snapshot: snapshot_version,
            targets: targets_version,
        };
        Ok(Some(LastSigned { versions, timestamp, targets }))
    }

    fn read_verified<T: Role + DeserializeOwned>(&self, root: &Root, path: PathBuf) -> Result<T> {
        let signed = read_signed::<T>(&path)?;
        root.verify_role(&signed).map_err(|_| Error::StateDamaged { path })?;
        Ok(signed.signed)
    }

    fn publish_timestamp(
        &self,
        version: NonZeroU64,
        meta: Metafile,
        lifetime: Lifetime,
        now: Timestamp,
        sign_with: SignWith,
    ) -> Result<()> {
        let mut timestamp = SignedTime::new(SPEC_VERSION.to_owned(), version, lifetime.after(now));
        timestamp.meta.insert("snapshot.json".to_owned(), meta);
        timestamp._extra.insert(ISSUED.to_owned(), later(now, 0).to_string().into());
        let bytes = sign(timestamp, &self.signers(KeyRole::Timestamp, sign_with)?)?;
        disk::replace(&self.metadata("timestamp.json"), &bytes)
    }

    /// A new timestamp makes subscribers ask for new keys now instead of within a week.
    pub(crate) fn sign_timestamp_again(&self, lifetime: Lifetime, now: Timestamp) -> Result<()> {
        let Some(signed) = self.signed()? else { return Ok(()) };
        let meta = signed.timestamp.meta.get("snapshot.json").cloned();
        let meta = meta.ok_or_else(|| Error::StateDamaged { path: self.metadata("timestamp.json") })?;
        self.publish_timestamp(counted(signed.versions.timestamp + 1), meta, lifetime, now, SignWith::Keys)
    }

    fn signers(&self, file: KeyRole, sign_with: SignWith) -> Result<Vec<KeyPair>> {
        let mut keys = vec![self.keys.read(file)?];
        if sign_with == SignWith::NextKeysToo {
            keys.extend(self.keys.find_next(file)?);
        }
        Ok(keys)
    }
}

/// With which keys to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignWith {
    Keys,
    /// For readers with the old root file and the new one.
    NextKeysToo,
}

struct LastSigned {
    versions: Versions,
    timestamp: SignedTime,
    targets: Targets,
}

fn root_version(repository: &Path) -> Result<Option<u64>> {
    let names = disk::names(&repository.join("metadata"))?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".root.json")?.parse().ok()).max())
}

fn read_signed<T: DeserializeOwned>(path: &Path) -> Result<Signed<T>> {
    disk::read_json(path)?.ok_or_else(|| Error::StateDamaged { path: path.to_owned() })
}

/// Makes a folder that only its owner can look into; one that is there stays as it is.
fn make_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::disk(path))
}

fn metafile(version: NonZeroU64, bytes: &[u8]) -> Metafile {
    Metafile {
        length: Some(bytes.len() as u64),
        hashes: Some(hashes(Sha256::of(bytes))),
        version,
        _extra: HashMap::new(),
    }
}

fn hashes(sha256: Sha256) -> Hashes {
    Hashes { sha256: sha256.as_bytes().to_vec().into(), _extra: HashMap::new() }
}

pub(crate) fn counted(version: u64) -> NonZeroU64 {
    NonZeroU64::new(version).expect("one more than a version is more than none")
}

/// In whole seconds: TUF knows no fractions.
fn later(now: Timestamp, days: u32) -> Timestamp {
    let seconds = now.as_second().saturating_add(i64::from(days) * 24 * 60 * 60);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
