//! A publisher's keys: one ed25519 key in PKCS #8 a file, readable for its owner only.
//!
//! A folder of keys is for one list. `list.sha256` in it, the digest of the list's first root file, says that there is
//! one: with the same keys for two, whoever hands them out could hand out one for the other.
//!
//! Deliberately not in it: passwords and key stores. Keep the folder on an encrypted disk, and the root keys apart from
//! the others once the list is published: they are needed to renew or replace keys only.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::Ed25519KeyPair;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::schema::{Role, Signature, Signed};
use tough::sign::Sign;

use crate::disk;
use crate::error::{Error, Result};
use crate::segment::Sha256;

/// The keys of a publisher by what they sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyRole {
    /// Which keys count.
    Root,
    /// The same: it can replace a lost first one.
    SecondRoot,
    /// The list of segments.
    Targets,
    /// The set of signed files.
    Snapshot,
    /// That this is the newest set.
    Timestamp,
}

impl KeyRole {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Root, Self::SecondRoot, Self::Targets, Self::Snapshot, Self::Timestamp];

    fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::SecondRoot => "root-2",
            Self::Targets => "targets",
            Self::Snapshot => "snapshot",
            Self::Timestamp => "timestamp",
        }
    }
}

/// A folder of key files.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    folder: PathBuf,
}

/// What a key is called in signed files.
pub(crate) type KeyId = Decoded<Hex>;

/// A key that can sign.
pub(crate) struct KeyPair {
    pair: Ed25519KeyPair,
    pub(crate) public: Key,
    pub(crate) id: KeyId,
}

impl Keys {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    pub(crate) fn path(&self, file: KeyRole) -> PathBuf {
        self.folder.join(format!("{}.key", file.name()))
    }

    /// Where a new key is until the root file that names it is published.
    fn next_path(&self, file: KeyRole) -> PathBuf {
        self.folder.join(format!("{}-next.key", file.name()))
    }

    /// A key, or [`Error::Key`].
    pub(crate) fn read(&self, file: KeyRole) -> Result<KeyPair> {
        self.find(file)?.ok_or_else(|| Error::Key { path: self.path(file) })
    }

    /// A key, or nothing where there is no file.
    pub(crate) fn find(&self, file: KeyRole) -> Result<Option<KeyPair>> {
        read(&self.path(file))
    }

    /// A key's replacement, or nothing where none was made.
    pub(crate) fn find_next(&self, file: KeyRole) -> Result<Option<KeyPair>> {
        read(&self.next_path(file))
    }

    /// Makes a key where there is none.
    pub(crate) fn make(&self, file: KeyRole) -> Result<KeyPair> {
        match self.find(file)? {
            Some(pair) => Ok(pair),
            None => self.make_at(&self.path(file)),
        }
    }

    /// Makes a key's replacement. One that an earlier attempt has left is not used.
    pub(crate) fn make_next(&self, file: KeyRole) -> Result<KeyPair> {
        let path = self.next_path(file);
        disk::remove(&path)?;
        self.make_at(&path)
    }

    /// Removes a replacement that was never used.
    pub(crate) fn forget_next(&self, file: KeyRole) -> Result<()> {
        disk::remove(&self.next_path(file))
    }

    /// Puts a key's replacement into its place. The old key is gone then.
    pub(crate) fn adopt_next(&self, file: KeyRole) -> Result<()> {
        let path = self.path(file);
        fs::rename(self.next_path(file), &path).map_err(Error::disk(&path))
    }

    /// Whether these keys have signed a list before.
    pub(crate) fn have_signed(&self) -> bool {
        self.signed_path().exists()
    }

    /// Remembers that these keys sign the list with this first root file.
    pub(crate) fn note_signed(&self, first_root: &[u8]) -> Result<()> {
        match self.have_signed() {
            true => Ok(()),
            false => disk::replace(&self.signed_path(), format!("{}\n", Sha256::of(first_root)).as_bytes()),
        }
    }

    fn signed_path(&self) -> PathBuf {
        self.folder.join("list.sha256")
    }

    fn make_at(&self, path: &Path) -> Result<KeyPair> {
        let failed = |_| Error::disk(path)(std::io::Error::other("no randomness"));
        let document = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(failed)?;
        // On Unix a temporary file is for its owner only, from its first byte on.
        let mut temporary = disk::temporary().tempfile_in(&self.folder).map_err(Error::disk(&self.folder))?;
        temporary
            .write_all(document.as_ref())
            .and_then(|()| temporary.as_file().sync_all())
            .map_err(Error::disk(path))?;
        temporary.persist_noclobber(path).map_err(|error| Error::disk(path)(error.error))?;
        read(path)?.ok_or_else(|| Error::Key { path: path.to_owned() })
    }
}

fn read(path: &Path) -> Result<Option<KeyPair>> {
    let Some(bytes) = disk::read(path)? else { return Ok(None) };
    let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| Error::Key { path: path.to_owned() })?;
    let public = pair.tuf_key();
    let id = public.key_id().expect("a key of bytes and constants has a canonical form");
    Ok(Some(KeyPair { pair, public, id }))
}

/// Signs a role with one or more keys and gives the file's bytes.
pub(crate) fn sign<T: Role>(role: T, keys: &[KeyPair]) -> Result<Vec<u8>> {
    let unsignable = |_| Error::Unpublishable { what: "custom data has to be a map without floating-point numbers" };
    let canonical = role.canonical_form().map_err(unsignable)?;
    let sign =
        |key: &KeyPair| Signature { keyid: key.id.clone(), sig: key.pair.sign(&canonical).as_ref().to_vec().into() };
    let signatures = keys.iter().map(sign).collect();
    Ok(serde_json::to_vec(&Signed { signed: role, signatures }).expect("what has a canonical form is JSON"))
}
