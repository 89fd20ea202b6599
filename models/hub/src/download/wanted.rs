//! What is wanted, and where it is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest;
use lethe_network::{PlainHttp, Secret, Url};

use super::error::DownloadError;

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    name: String,
    version: String,
    bytes: u64,
    checksum: Option<Checksum>,
}

/// Bytes of a name that file systems can store.
const LONGEST_NAME: usize = 255;
/// What the names of unfinished files end in.
const SUFFIXES: [&str; 3] = [".part", ".part.journal", ".part.journal.new"];
const LONGEST_SUFFIX: usize = SUFFIXES[2].len();

impl Wanted {
    /// A file of `bytes` bytes. `name` is a path with slashes, relative to the folder of the download. `version` says
    /// which content it is, for example repository and commit: what arrived for one is never used for another. Without
    /// a checksum, a file of this size under its final name counts as the one that is wanted.
    ///
    /// # Errors
    /// [`DownloadError::Name`] for a name that leads out of the folder or that not every system can store.
    pub fn new(name: &str, version: &str, bytes: u64, checksum: Option<Checksum>) -> Result<Self, DownloadError> {
        if !name.split('/').all(is_plain) || name.len() > 512 {
            return Err(DownloadError::Name);
        }
        Ok(Self { name: name.to_owned(), version: version.to_owned(), bytes, checksum })
    }

    /// The path below the folder, with slashes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which content it is.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What its content is checked with.
    pub fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }

    /// Where it lies when it is whole.
    pub fn path(&self, folder: &Path) -> PathBuf {
        let mut path = folder.to_owned();
        path.extend(self.name.split('/'));
        path
    }

    /// Its path with something added to the last name.
    pub(super) fn beside(&self, folder: &Path, suffix: &str) -> PathBuf {
        beside(&self.path(folder), suffix)
    }

    /// Stands for everything that must be the same for a download to go on.
    pub(super) fn binding(&self) -> String {
        let check = self.checksum.map_or_else(String::new, |checksum| format!("{checksum:?}"));
        let text = format!("{:?} {:?} {} {check}", self.name, self.version, self.bytes);
        hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
    }
}

/// What may lie beside a file while it is not whole.
pub fn leftovers(path: &Path) -> [PathBuf; 3] {
    SUFFIXES.map(|suffix| beside(path, suffix))
}

/// A path with something added to its last name, which is cut where file systems could not store the whole.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if name.len() + LONGEST_SUFFIX <= LONGEST_NAME {
        return path.with_file_name(format!("{name}{suffix}"));
    }
    let digest = hex::encode(digest::digest(&digest::SHA256, name.as_bytes()));
    let (short, cut) = (&digest[..16], name.floor_char_boundary(LONGEST_NAME - LONGEST_SUFFIX - 17));
    path.with_file_name(format!("{}-{short}{suffix}", &name[..cut]))
}

/// Whether a part of a path is a name on every system, and its own.
fn is_plain(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
    !part.is_empty()
        && !device
        && !part.ends_with(['.', ' '])
        && !part.contains(['\\', ':', '*', '?', '"', '<', '>', '|'])
        && !part.chars().any(char::is_control)
        && ![".part", ".journal"].iter().any(|ending| part.to_ascii_lowercase().ends_with(ending))
}

/// What a file's content is checked with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// SHA-256 of the content: what hubs give for large files.
    Sha256([u8; 32]),
    /// SHA-1 of `blob`, the size, a zero byte and the content: what git names a file by.
    GitBlob([u8; 20]),
}

impl fmt::Debug for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(bytes) => write!(formatter, "sha256 {}", hex::encode(bytes)),
            Self::GitBlob(bytes) => write!(formatter, "git {}", hex::encode(bytes)),
        }
    }
}

impl Checksum {
    /// Reads 64 hexadecimal digits; nothing when they are none.
    pub fn sha256(text: &str) -> Option<Self> {
        unhex(text).map(Self::Sha256)
    }

    /// Reads 40 hexadecimal digits; nothing when they are none.
    pub fn git_blob(text: &str) -> Option<Self> {
        unhex(text).map(Self::GitBlob)
    }

    /// Begins to check a content of `bytes` bytes.
    pub(super) fn begin(&self, bytes: u64) -> digest::Context {
        match self {
            Self::Sha256(_) => digest::Context::new(&digest::SHA256),
            Self::GitBlob(_) => {
                let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
                context.update(format!("blob {bytes}\0").as_bytes());
                context
            }
        }
    }

    /// Whether the content that was checked is the right one.
    pub(super) fn is(&self, context: digest::Context) -> bool {
        let digest = context.finish();
        match self {
            Self::Sha256(bytes) => digest.as_ref() == bytes,
            Self::GitBlob(bytes) => digest.as_ref() == bytes,
        }
    }
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

/// Where a file is now.
#[derive(Debug, Clone)]
pub struct Location {
    /// The address of the content; it may expire.
    pub url: Url,
    /// Whether the address may be without encryption.
    pub plain_http: PlainHttp,
    /// A token for the host of the address.
    pub secret: Option<Secret>,
    /// What the hub says of the content's version: when it changes, the file is begun anew. It may be another one than
    /// the content's server gives.
    pub etag: Option<String>,
}

/// Why nobody can say where a file is.
#[derive(Debug)]
pub enum Unlocated {
    /// Ask again later, not before the time that the hub names.
    Later(lethe_network::Error, Option<Duration>),
    /// Asking again is of no use.
    Never(Box<dyn std::error::Error + Send + Sync>),
}

/// Says where files are: asked once for each file, and again when a location has expired.
pub trait Locate: Sync {
    /// Where the file is now.
    fn locate(&self, wanted: &Wanted) -> impl Future<Output = Result<Location, Unlocated>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_the_folder() {
        for (name, fine) in [
            ("model.gguf", true),
            ("quantised/model-00001-of-00003.gguf", true),
            (".gitattributes", true),
            ("", false),
            ("/etc/passwd", false),
            ("../model.gguf", false),
            ("a/../../b", false),
            ("a//b", false),
            ("a/", false),
            ("./a", false),
            ("a\\..\\b", false),
            ("C:model.gguf", false),
            ("nul", false),
            ("sub/COM1.gguf", false),
            ("model.gguf.", false),
            ("model\n.gguf", false),
            ("model.gguf.part", false),
            ("model.gguf.part.journal", false),
        ] {
            assert_eq!(Wanted::new(name, "one", 1, None).is_ok(), fine, "{name:?}");
        }
    }

    #[test]
    fn a_checksum_is_that_of_git_and_of_sha256() {
        for (checksum, content) in [
            // Both are what `git hash-object` and `sha256sum` say of these bytes.
            (Checksum::git_blob("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), ""),
            (Checksum::git_blob("ce013625030ba8dba906f756967f9e9ca394464a"), "hello\n"),
            (Checksum::sha256("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"), "hello\n"),
        ] {
            let checksum = checksum.expect("digits");
            let mut context = checksum.begin(content.len() as u64);
            context.update(content.as_bytes());
            assert!(checksum.is(context), "{checksum:?}");
            let mut context = checksum.begin(7);
            context.update(b"hullo\n\n");
            assert!(!checksum.is(context), "{checksum:?} fits everything");
        }
        assert_eq!(Checksum::sha256("5891"), None, "half a checksum checks nothing");
        assert_eq!(Checksum::git_blob(&"+1".repeat(20)), None, "a sign is no digit");
    }

    #[test]
    fn what_arrived_for_one_content_is_not_used_for_another() {
        let one =
            |name, version, bytes, checksum| Wanted::new(name, version, bytes, checksum).expect("a name").binding();
        let reference = one("a", "main", 5, None);
        assert_eq!(reference, one("a", "main", 5, None), "the same content");
        for other in [
            one("b", "main", 5, None),
            one("a", "next", 5, None),
            one("a", "main", 6, None),
            one("a", "main", 5, Some(Checksum::Sha256([0; 32]))),
        ] {
            assert_ne!(reference, other, "another content");
        }
    }
}
