//! Root files: which keys sign a list, and how subscribers learn of others.
//!
//! A new root file is signed by the keys of the one before and by its own, so that subscribers follow by themselves. At
//! each moment, also after a kill, what is published fits the newest root file and the one before. Root files are never
//! removed: a subscriber who was away goes from one to the next.

use std::collections::HashMap;
use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use tough::schema::key::Key;
use tough::schema::{RoleKeys, RoleType, Root};

use crate::current::Versions;
use crate::disk;
use crate::error::{Error, Result};
use crate::keys::{KeyFile, KeyId, KeyPair, sign};
use crate::publisher::{Lifetime, Published, Publisher, SPEC_VERSION, SignWith, counted};

const ROOT_KEYS: [KeyFile; 2] = [KeyFile::Root, KeyFile::SecondRoot];
/// The keys that every publish needs.
pub(crate) const DAILY_KEYS: [(RoleType, KeyFile); 3] = [
    (RoleType::Targets, KeyFile::Targets),
    (RoleType::Snapshot, KeyFile::Snapshot),
    (RoleType::Timestamp, KeyFile::Timestamp),
];

impl Publisher {
    /// Replaces the root key `root.key` by a new one. With the first root key lost, the second does. The timestamp is
    /// signed anew, so that subscribers look at once.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when no root key is there, [`Error::NothingThere`] before the first publish.
    pub fn rotate_root(&mut self, lifetime: Lifetime, now: Timestamp) -> Result<()> {
        let (root, mut signers) = self.root_and_keys()?;
        let first = self.keys.find(KeyFile::Root)?;
        let stays = |id: &KeyId| match &first {
            Some(first) => *id != first.id,
            None => signers.iter().any(|key| key.id == *id),
        };
        let ids = ids(&root, RoleType::Root);
        let kept: Vec<Key> = ids.iter().filter(|id| stays(id)).filter_map(|id| root.keys.get(id)).cloned().collect();
        let new = self.keys.make_next(KeyFile::Root)?;
        let keys: Vec<Key> = std::iter::once(new.public.clone()).chain(kept).collect();
        signers.push(new);
        self.publish_root(renewed(with_keys(root, RoleType::Root, &keys), lifetime.root_after(now)), &signers)?;
        self.keys.adopt_next(KeyFile::Root)?;
        self.sign_timestamp_again(lifetime, now)
    }

    /// Replaces the keys of daily work, for when their computer may have been broken into, and signs everything anew.
    /// Subscribers to whom a thief has shown higher versions come back too.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when no root key is there, [`Error::NothingThere`] before the first publish.
    pub fn rotate_keys(&mut self, lifetime: Lifetime, now: Timestamp) -> Result<Published> {
        // Before anything is made: without a root key there is nothing to do.
        self.root_and_keys()?;
        for (_, file) in DAILY_KEYS {
            self.keys.make_next(file)?;
        }
        let published = self.publish_signed(Vec::new(), &[], lifetime, now, SignWith::NextKeysToo)?;
        let (mut root, signers) = self.root_and_keys()?;
        for (role, file) in DAILY_KEYS {
            let next = self.keys.find_next(file)?.ok_or_else(|| Error::Key { path: self.keys.path(file) })?;
            root = with_keys(root, role, &[next.public]);
        }
        let root = renewed(root, lifetime.root_after(now));
        let last = published.versions;
        let versions = Versions { root: root.version.get(), timestamp: last.timestamp + 1, ..last };
        self.publish_root(root, &signers)?;
        for (_, file) in DAILY_KEYS {
            self.keys.adopt_next(file)?;
        }
        self.sign_timestamp_again(lifetime, now)?;
        Ok(Published { versions, ..published })
    }

    /// Adds a second root key, `root-2.key`, to be kept in another place: either can replace the other.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] when there are two already, [`Error::Key`] when the first is not there.
    pub fn add_root_key(&mut self, lifetime: Lifetime, now: Timestamp) -> Result<()> {
        let (root, mut signers) = self.root_and_keys()?;
        let ids = ids(&root, RoleType::Root);
        if ids.len() > 1 {
            return Err(Error::Exists { path: self.keys.path(KeyFile::SecondRoot) });
        }
        let second = self.keys.make(KeyFile::SecondRoot)?;
        let mut keys: Vec<Key> = ids.iter().filter_map(|id| root.keys.get(id)).cloned().collect();
        keys.push(second.public.clone());
        signers.push(second);
        self.publish_root(renewed(with_keys(root, RoleType::Root, &keys), lifetime.root_after(now)), &signers)?;
        self.sign_timestamp_again(lifetime, now)
    }

    /// Refuses a folder with someone else's root file, which would have us sign for them.
    pub(crate) fn check_keys(&self, root: &Root) -> Result<()> {
        for (role, file) in DAILY_KEYS.into_iter().chain([(RoleType::Root, KeyFile::Root)]) {
            // A kill came between a new root file and the new key's name.
            if self.keys.find_next(file)?.is_some_and(|next| ids(root, role).contains(&next.id)) {
                self.keys.adopt_next(file)?;
            }
        }
        for (role, file) in DAILY_KEYS {
            if !ids(root, role).contains(&self.keys.read(file)?.id) {
                return Err(Error::Key { path: self.keys.path(file) });
            }
        }
        Ok(())
    }

    /// The root file to publish under: the first one, one with more time, or the one that is there.
    pub(crate) fn renewed_root(&self, lifetime: Lifetime, now: Timestamp) -> Result<Root> {
        let expires = lifetime.root_after(now);
        let Some(root) = self.root()? else { return self.first_root(expires) };
        let half = now + SignedDuration::from_secs((expires.as_second() - now.as_second()) / 2);
        if root.signed.expires > half {
            return Ok(root.signed);
        }
        match self.root_and_keys() {
            Ok((root, signers)) => {
                let root = renewed(root, expires);
                self.publish_root(root.clone(), &signers)?;
                Ok(root)
            }
            // It is kept elsewhere, and there is time.
            Err(Error::Key { .. }) if root.signed.expires > now => Ok(root.signed),
            Err(error) => Err(error),
        }
    }

    fn first_root(&self, expires: Timestamp) -> Result<Root> {
        let mut root = Root {
            spec_version: SPEC_VERSION.to_owned(),
            consistent_snapshot: true,
            version: NonZeroU64::MIN,
            expires,
            keys: HashMap::new(),
            roles: HashMap::new(),
            _extra: HashMap::new(),
        };
        let signer = self.keys.read(KeyFile::Root)?;
        root = with_keys(root, RoleType::Root, std::slice::from_ref(&signer.public));
        for (role, file) in DAILY_KEYS {
            root = with_keys(root, role, &[self.keys.read(file)?.public]);
        }
        self.publish_root(root.clone(), &[signer])?;
        Ok(root)
    }

    /// The newest root and those of its keys that are here, at least one.
    fn root_and_keys(&self) -> Result<(Root, Vec<KeyPair>)> {
        let root = self.root()?.ok_or_else(|| Error::NothingThere { host: self.repository.display().to_string() })?;
        let mut keys = Vec::new();
        for file in ROOT_KEYS {
            keys.extend(self.keys.find(file)?.filter(|key| ids(&root.signed, RoleType::Root).contains(&key.id)));
        }
        if keys.is_empty() {
            return Err(Error::Key { path: self.keys.path(KeyFile::Root) });
        }
        Ok((root.signed, keys))
    }

    fn publish_root(&self, root: Root, keys: &[KeyPair]) -> Result<()> {
        let path = self.metadata(&format!("{}.root.json", root.version));
        disk::replace(&path, &sign(root, keys)?)
    }
}

fn ids(root: &Root, role: RoleType) -> Vec<KeyId> {
    root.roles.get(&role).map(|keys| keys.keyids.clone()).unwrap_or_default()
}

/// The same root with other keys for a role, one of which is enough.
fn with_keys(mut root: Root, role: RoleType, keys: &[Key]) -> Root {
    let old = ids(&root, role);
    root.keys.retain(|id, _| !old.contains(id));
    let mut keyids = Vec::new();
    for key in keys {
        let id = key.key_id().expect("a key of bytes and constants has a canonical form");
        root.keys.insert(id.clone(), key.clone());
        keyids.push(id);
    }
    root.roles.insert(role, RoleKeys { keyids, threshold: NonZeroU64::MIN, _extra: HashMap::new() });
    root
}

/// The next version of a root.
fn renewed(root: Root, expires: Timestamp) -> Root {
    Root { version: counted(root.version.get() + 1), expires, ..root }
}
