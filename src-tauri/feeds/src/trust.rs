//! The metadata that was verified last: what new metadata is measured against.
//!
//! New metadata takes its place only when all of it is true and none has expired. A new root alone is kept even when
//! the rest fails, because it revokes keys; where it replaces those of timestamp or snapshot, versions begin anew. Files
//! of versions that are known already are not asked for again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use tough::schema::{Root, Signed, Timestamp as SignedTime};
use tough::{ExpirationEnforcement, Limits, Repository, RepositoryLoader};
use url::Url;

use crate::disk;
use crate::error::{Error, Result};
use crate::signers::Signers;
use crate::source::{RepositoryFiles, TIMESTAMP_LIMIT};
use crate::transport::{METADATA, SourceTransport};

const ROLES: [&str; 4] = ["root.json", "timestamp.json", "snapshot.json", "targets.json"];

/// In bytes, for files whose length no signed file says.
const LIMITS: Limits = Limits {
    max_root_size: 512 * 1024,
    max_targets_size: 32 * 1024 * 1024,
    max_timestamp_size: TIMESTAMP_LIMIT,
    max_snapshot_size: 1024 * 1024,
    max_root_updates: 256,
};

/// A folder with the last verified metadata.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    folder: PathBuf,
}

impl Trust {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Begins with a root file that a person trusts.
    pub(crate) fn begin(folder: PathBuf, root: &[u8]) -> Result<Self> {
        check_root(root)?;
        disk::make_folder(&folder)?;
        disk::replace(&folder.join("root.json"), root)?;
        Ok(Self { folder })
    }

    /// Loads and verifies a repository's metadata, and trusts it from then on.
    ///
    /// # Errors
    ///
    /// One for each way in which it can be untrue, see [`Error`].
    pub(crate) async fn renew(
        &self,
        source: &Arc<RepositoryFiles>,
        next_root: NextRoot,
        timestamp: Vec<u8>,
        now: Timestamp,
    ) -> Result<Repository> {
        let mut at_hand = self.known()?;
        at_hand.insert("timestamp.json".to_owned(), Some(timestamp.clone()));
        at_hand.insert(next_root.file, next_root.bytes);
        let transport = SourceTransport::new(Arc::clone(source), at_hand);
        match self.try_renew(&transport, now).await {
            // A damaged file of ours, or keys that were replaced since we asked for them: once more with theirs.
            Err(_) if transport.has_used_kept() => {
                let at_hand = HashMap::from([("timestamp.json".to_owned(), Some(timestamp))]);
                self.try_renew(&SourceTransport::new(Arc::clone(source), at_hand), now).await
            }
            result => result,
        }
    }

    /// Asks for the root file after the trusted one. It comes before all others, because it says whose word counts.
    pub(crate) async fn next_root(&self, source: &RepositoryFiles) -> Result<NextRoot> {
        let version = self.trusted_root()?.version.get();
        let file = format!("{}.root.json", version.saturating_add(1));
        let bytes = source.metadata(&file, LIMITS.max_root_size).await?;
        Ok(NextRoot { file, bytes })
    }

    /// Who signs, by the newest root file that is trusted.
    pub(crate) fn signers(&self) -> Result<Signers> {
        Ok(Signers::of(&self.trusted_root()?))
    }

    /// The timestamp to go on with: the trusted one where another of the same version came, because what was signed
    /// once under a version holds. Only when no new root file is there.
    pub(crate) fn settled(&self, timestamp: Vec<u8>) -> Result<Vec<u8>> {
        let Some(kept) = disk::read(&self.folder.join("timestamp.json"))? else { return Ok(timestamp) };
        let root = self.trusted_root()?;
        let signed_version = |bytes: &[u8]| {
            let signed: Signed<SignedTime> = serde_json::from_slice(bytes).ok()?;
            root.verify_role(&signed).ok().map(|()| signed.signed.version)
        };
        match (signed_version(&kept), signed_version(&timestamp)) {
            (Some(before), Some(after)) if before == after => Ok(kept),
            _ => Ok(timestamp),
        }
    }

    /// Removes what a kill has left.
    pub(crate) fn sweep(&self) -> Result<()> {
        disk::sweep(&self.folder)
    }

    async fn try_renew(&self, transport: &SourceTransport, now: Timestamp) -> Result<Repository> {
        let root = self.root()?;
        // `tough` writes as it goes, and compares the system's clock with a file there: it gets a copy.
        let staged = disk::temporary().tempdir_in(&self.folder).map_err(Error::disk(&self.folder))?;
        for role in ROLES {
            if let Some(bytes) = disk::read(&self.folder.join(role))? {
                disk::replace(&staged.path().join(role), &bytes)?;
            }
        }
        let metadata = Url::parse(METADATA).expect("a constant that is an address");
        let loaded = RepositoryLoader::new(&root, metadata.clone(), metadata)
            .transport(transport.clone())
            .limits(LIMITS)
            .datastore(staged.path())
            .expiration_enforcement(ExpirationEnforcement::Unsafe)
            .load()
            .await;
        // `tough` has put only roots there that the chain of signatures leads to.
        if let Some(newest) = disk::read(&staged.path().join("root.json"))?
            && version(&newest) > version(&root)
        {
            self.follow(&root, &newest)?;
        }
        let repository = loaded.map_err(|error| transport.explain(&error))?;
        check_expiry(&repository, now)?;
        self.keep(transport, &repository)?;
        Ok(repository)
    }

    /// Trusts a newer root file. With other keys for versions the old ones count no more, now and after a kill.
    fn follow(&self, root: &[u8], newest: &[u8]) -> Result<()> {
        let version_keys = |bytes| {
            let root: Option<Signed<Root>> = serde_json::from_slice(bytes).ok();
            root.map(|root| Signers::of(&root.signed).version_keys)
        };
        if version_keys(root) != version_keys(newest) {
            for role in ["timestamp.json", "snapshot.json"] {
                disk::remove(&self.folder.join(role))?;
            }
        }
        disk::replace(&self.folder.join("root.json"), newest)
    }

    /// Writes what was just verified, byte for byte, the timestamp last.
    fn keep(&self, transport: &SourceTransport, repository: &Repository) -> Result<()> {
        let (targets, snapshot) = (repository.targets().signed.version, repository.snapshot().signed.version);
        let names = if repository.root().signed.consistent_snapshot {
            [format!("{targets}.targets.json"), format!("{snapshot}.snapshot.json")]
        } else {
            ["targets.json".to_owned(), "snapshot.json".to_owned()]
        };
        let [targets, snapshot] = names;
        for (role, name) in
            [("targets.json", &*targets), ("snapshot.json", &*snapshot), ("timestamp.json", "timestamp.json")]
        {
            if let Some(bytes) = transport.heard(name) {
                disk::replace(&self.folder.join(role), &bytes)?;
            }
        }
        Ok(())
    }

    fn trusted_root(&self) -> Result<Root> {
        let root: Signed<Root> = serde_json::from_slice(&self.root()?)
            .map_err(|_| Error::StateDamaged { path: self.folder.join("root.json") })?;
        Ok(root.signed)
    }

    fn root(&self) -> Result<Vec<u8>> {
        let path = self.folder.join("root.json");
        let root = disk::read(&path)?.ok_or_else(|| Error::StateDamaged { path: path.clone() })?;
        check_root(&root).map_err(|_| Error::StateDamaged { path })?;
        Ok(root)
    }

    /// Verified files by the names under which a source would have them.
    fn known(&self) -> Result<HashMap<String, Option<Vec<u8>>>> {
        let mut known = HashMap::new();
        for role in ["snapshot.json", "targets.json"] {
            if let Some(bytes) = disk::read(&self.folder.join(role))?
                && let Some(version) = version(&bytes)
            {
                known.insert(format!("{version}.{role}"), Some(bytes));
            }
        }
        Ok(known)
    }
}

/// What a source has under the name of the next root file.
#[derive(Debug)]
pub(crate) struct NextRoot {
    file: String,
    bytes: Option<Vec<u8>>,
}

impl NextRoot {
    /// Whether there is one. It is not verified yet.
    pub(crate) fn is_there(&self) -> bool {
        self.bytes.is_some()
    }
}

/// Whether a root file is signed by its own keys.
fn check_root(bytes: &[u8]) -> Result<()> {
    let root: Signed<Root> = serde_json::from_slice(bytes).map_err(|_| Error::BadRoot)?;
    root.signed.verify_role(&root).map_err(|_| Error::BadRoot)
}

/// When a file expires, with its name; the earliest first.
pub(crate) fn expiries(repository: &Repository) -> [(Timestamp, &'static str); 4] {
    let mut expiries = [
        (repository.root().signed.expires, ROLES[0]),
        (repository.timestamp().signed.expires, ROLES[1]),
        (repository.snapshot().signed.expires, ROLES[2]),
        (repository.targets().signed.expires, ROLES[3]),
    ];
    expiries.sort_by_key(|(expires, _)| *expires);
    expiries
}

fn check_expiry(repository: &Repository, now: Timestamp) -> Result<()> {
    let [(since, file), ..] = expiries(repository);
    if since <= now { Err(Error::Expired { file: file.to_owned(), since }) } else { Ok(()) }
}

fn version(metadata: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Signed {
        signed: Version,
    }
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    serde_json::from_slice::<Signed>(metadata).ok().map(|metadata| metadata.signed.version)
}

/// Whether a folder holds a subscription's trusted root.
pub(crate) fn exists(folder: &Path) -> bool {
    folder.join("root.json").is_file()
}
