//! Root files: which keys sign a list, and how subscribers learn of others.
//!
//! A new root file is signed by the keys of the one before and by its own, so that subscribers follow by themselves. At
//! each moment, also after a kill, what is published fits the newest root file and the one before. Root files are never
//! removed: a subscriber who was away goes from one to the next.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use tough::schema::key::Key;
use tough::schema::{RoleKeys, RoleType, Root};

use crate::disk;
use crate::error::{Error, Result};
use crate::keys::{KeyId, KeyPair, KeyRole, sign};
use crate::publisher::{Lifetime, Publisher, SPEC_VERSION, SignWith, counted};

const ROOT_KEYS: [KeyRole; 2] = [KeyRole::Root, KeyRole::SecondRoot];
/// The keys that every publish needs.
pub(crate) const DAILY_KEYS: [(RoleType, KeyRole); 3] = [
    (RoleType::Targets, KeyRole::Targets),
    (RoleType::Snapshot, KeyRole::Snapshot),
    (RoleType::Timestamp, KeyRole::Timestamp),
];

impl Publisher {
    /// Replaces keys by new ones, for when a thief may have them or one is lost, and gives the version of the new root
    /// file, which names them. It is signed by the old root keys that are here and by the new ones. A second root key is
    /// replaced only where there is one.
    ///
    /// With a key of timestamp or snapshot among them, subscribers to whom a thief has shown higher versions come back.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when no root key is there, [`Error::NothingThere`] before the first publish.
    pub fn rotate(&mut self, roles: &[KeyRole], lifetime: Lifetime, now: Timestamp) -> Result<u64> {
        // Before anything is made: without a root key there is nothing to do.
        let (root, _) = self.root_and_keys()?;
        let has_second = ids(&root, RoleType::Root).len() > 1;
        let is_asked = |file: &KeyRole| roles.contains(file) && (*file != KeyRole::SecondRoot || has_second);
        let files: Vec<KeyRole> = KeyRole::ALL.into_iter().filter(is_asked).collect();
        for file in KeyRole::ALL {
            match files.contains(&file) {
                true => drop(self.keys.make_next(file)?),
                // Of an earlier attempt, which was given up.
                false => self.keys.forget_next(file)?,
            }
        }
        if DAILY_KEYS.iter().any(|(_, file)| files.contains(file)) {
            self.publish_signed(Vec::new(), &[], lifetime, now, SignWith::NextKeysToo)?;
        }
        let (mut root, mut signers) = self.root_and_keys()?;
        for (role, file) in DAILY_KEYS.into_iter().filter(|(_, file)| files.contains(file)) {
            root = with_keys(root, role, &[self.next_key(file)?.public]);
        }
        let mut root_keys = Vec::new();
        for (file, old) in ROOT_KEYS.into_iter().zip(self.root_keys(&root)?) {
            if files.contains(&file) {
                let new = self.next_key(file)?;
                root_keys.push(new.public.clone());
                signers.push(new);
            } else {
                root_keys.extend(old);
            }
        }
        let root = renewed(with_keys(root, RoleType::Root, &root_keys), lifetime.root_after(now));
        let version = root.version.get();
        self.publish_root(root, &signers)?;
        for file in files {
            self.keys.adopt_next(file)?;
        }
        self.sign_timestamp_again(lifetime, now)?;
        Ok(version)
    }

    /// Adds a second root key, `root-2.key`, to be kept in another place: either can replace the other. Gives the version
    /// of the new root file.
    ///
    /// # Errors
    ///
    /// [`Error::Unpublishable`] when there are two already, [`Error::Key`] when the first is not there.
    pub fn add_root_key(&mut self, lifetime: Lifetime, now: Timestamp) -> Result<u64> {
        let (root, mut signers) = self.root_and_keys()?;
        let ids = ids(&root, RoleType::Root);
        if ids.len() > 1 {
            return Err(Error::Unpublishable { what: "there is a second root key already, which can be replaced" });
        }
        let second = self.keys.make(KeyRole::SecondRoot)?;
        let mut keys: Vec<Key> = ids.iter().filter_map(|id| root.keys.get(id)).cloned().collect();
        keys.push(second.public.clone());
        signers.push(second);
        let root = renewed(with_keys(root, RoleType::Root, &keys), lifetime.root_after(now));
        let version = root.version.get();
        self.publish_root(root, &signers)?;
        self.sign_timestamp_again(lifetime, now)?;
        Ok(version)
    }

    /// Refuses a folder with someone else's root file, which would have us sign for them.
    pub(crate) fn check_keys(&self, root: &Root) -> Result<()> {
        let root_keys = ROOT_KEYS.map(|file| (RoleType::Root, file));
        for (role, file) in DAILY_KEYS.into_iter().chain(root_keys) {
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
        let signer = self.keys.read(KeyRole::Root)?;
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
            return Err(Error::Key { path: self.keys.path(KeyRole::Root) });
        }
        Ok((root.signed, keys))
    }

    fn next_key(&self, file: KeyRole) -> Result<KeyPair> {
        self.keys.find_next(file)?.ok_or_else(|| Error::Key { path: self.keys.path(file) })
    }

    /// The public parts of the first and the second root key. Either may be in another place, not both.
    fn root_keys(&self, root: &Root) -> Result<[Option<Key>; 2]> {
        let mut all = ids(root, RoleType::Root);
        let mut take = |file| -> Result<Option<KeyId>> {
            let id = self.keys.find(file)?.map(|key| key.id);
            Ok(id.and_then(|id| all.iter().position(|one| *one == id)).map(|place| all.remove(place)))
        };
        let (first, second) = (take(KeyRole::Root)?, take(KeyRole::SecondRoot)?);
        let mut rest = all.into_iter();
        let first = first.or_else(|| rest.next());
        let second = second.or_else(|| rest.next());
        Ok([first, second].map(|id| root.keys.get(&id?).cloned()))
    }

    fn publish_root(&self, root: Root, keys: &[KeyPair]) -> Result<()> {
        let path = self.metadata(&format!("{}.root.json", root.version));
        disk::replace(&path, &sign(root, keys)?)
    }
}

fn ids(root: &Root, role: RoleType) -> Vec<KeyId> {
    root.roles.get(&role).map(|keys| keys.keyids.clone()).unwrap_or_default()
}

/// The same root with other keys for a role. As many of them as before have to sign.
fn with_keys(mut root: Root, role: RoleType, keys: &[Key]) -> Root {
    let mut keyids = Vec::new();
    for key in keys {
        let id = key.key_id().expect("a key of bytes and constants has a canonical form");
        root.keys.insert(id.clone(), key.clone());
        keyids.push(id);
    }
    let threshold = root.roles.get(&role).map_or(NonZeroU64::MIN, |old| old.threshold);
    root.roles.insert(role, RoleKeys { keyids, threshold, _extra: HashMap::new() });
    let used: HashSet<&KeyId> = root.roles.values().flat_map(|role| &role.keyids).collect();
    root.keys.retain(|id, _| used.contains(id));
    root
}

/// The next version of a root.
fn renewed(root: Root, expires: Timestamp) -> Root {
    Root { version: counted(root.version.get() + 1), expires, ..root }
}
