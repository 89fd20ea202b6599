//! Segments on the disk: fetched once, known by what they hash to, and continued where a download broke off.
//!
//! A segment is under its final name only when its length and hash are right. A partial file is kept when a source
//! breaks off, and thrown away when it proves wrong: a source that ignores ranges, or a damaged disk, costs one more
//! download, never a wrong segment.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use sha2::{Digest, Sha256 as Hasher};

use crate::disk;
use crate::error::{Error, Result, Trouble};
use crate::segment::{Segment, Sha256};
use crate::source::{Content, Opened, RepositoryFiles};
use lethe_network::Purpose;

/// The folders of a feed's segments.
#[derive(Debug, Clone)]
pub(crate) struct Segments {
    whole: PathBuf,
    partial: PathBuf,
}

impl Segments {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { whole: folder.join("segments"), partial: folder.join("partial") }
    }

    /// Where a segment is, or will be.
    pub(crate) fn path(&self, sha256: Sha256) -> PathBuf {
        self.whole.join(sha256.to_string())
    }

    /// Whether a segment is there in its full length. Its hash was checked when it came.
    pub(crate) fn has(&self, segment: &Segment) -> bool {
        fs::metadata(self.path(segment.sha256)).is_ok_and(|metadata| metadata.len() == segment.length)
    }

    /// Hashes a segment again. A damaged one is removed, so that the next refresh gets it anew.
    pub(crate) fn verify(&self, segment: &Segment) -> Result<()> {
        let path = self.path(segment.sha256);
        let wrong = || Error::WrongHash { file: segment.name.to_string() };
        let file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(wrong()),
            result => result.map_err(Error::disk(&path))?,
        };
        let found = Sha256::of_reader(file).map_err(Error::disk(&path))?;
        if found == (segment.sha256, segment.length) {
            return Ok(());
        }
        disk::remove(&path)?;
        Err(wrong())
    }

    /// Removes whatever is none of these segments. What can't be removed now, because someone reads it, is removed
    /// after the next refresh.
    pub(crate) fn keep_only(&self, segments: &[Segment]) -> Result<()> {
        for (folder, keeps_current) in [(&self.whole, true), (&self.partial, false)] {
            for name in disk::names(folder)? {
                let is_current = segments.iter().any(|segment| segment.sha256.to_string() == name);
                if !(is_current && keeps_current) {
                    let _ = fs::remove_file(folder.join(name));
                }
            }
        }
        Ok(())
    }

    /// Gets a segment from a source. `file` is its name there.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::TooLong`], [`Error::WrongLength`], [`Error::WrongHash`], and those of the source.
    pub(crate) async fn fetch(&self, source: &RepositoryFiles, segment: &Segment, file: &str) -> Result<()> {
        disk::make_folder(&self.whole)?;
        disk::make_folder(&self.partial)?;
        let mut partial = Partial::open(self.partial.join(segment.sha256.to_string()), segment)?;
        loop {
            let began_at = partial.length;
            if began_at < segment.length {
                match source.open(file, Purpose::Segment, began_at, None).await? {
                    Opened::Content(content) if content.from == 0 || content.from == began_at => {
                        partial.receive(content).await?;
                    }
                    Opened::Missing => return Err(Error::Missing { file: segment.name.to_string() }),
                    // From the beginning once more; from there on it is the source's fault.
                    _ if began_at > 0 => {
                        partial.restart(0)?;
                        continue;
                    }
                    _ => return Err(Error::Unreachable { host: source.host(), trouble: Trouble::BrokeOff }),
                }
            }
            if Sha256::finish(partial.hasher.clone()) == segment.sha256 {
                return partial.finish(&self.path(segment.sha256));
            }
            partial.restart(0)?;
            if began_at == 0 {
                partial.discard()?;
                return Err(Error::WrongHash { file: segment.name.to_string() });
            }
        }
    }
}

/// A segment that is coming in.
struct Partial<'a> {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    /// Bytes that are there.
    length: u64,
    segment: &'a Segment,
}

impl<'a> Partial<'a> {
    /// Goes on with what an earlier attempt has left.
    fn open(path: PathBuf, segment: &'a Segment) -> Result<Self> {
        let options = File::options().create(true).read(true).append(true).clone();
        let file = options.open(&path).map_err(Error::disk(&path))?;
        let (mut hasher, mut length) = Sha256::hash(&file).map_err(Error::disk(&path))?;
        if length > segment.length {
            file.set_len(0).map_err(Error::disk(&path))?;
            (hasher, length) = (Hasher::new(), 0);
        }
        Ok(Self { path, file, hasher, length, segment })
    }

    /// Goes back to a length of zero, or stays where it is.
    fn restart(&mut self, from: u64) -> Result<()> {
        if from == self.length {
            return Ok(());
        }
        self.file.set_len(0).map_err(Error::disk(&self.path))?;
        self.hasher = Hasher::new();
        self.length = 0;
        Ok(())
    }

    async fn receive(&mut self, mut content: Content) -> Result<()> {
        let name = || self.segment.name.to_string();
        if let Some(length) = content.length {
            match (content.from + length).cmp(&self.segment.length) {
                std::cmp::Ordering::Less => return Err(Error::WrongLength { file: name() }),
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => return Err(Error::TooLong { file: name() }),
            }
        }
        self.restart(content.from)?;
        while let Some(piece) = content.pieces.next().await {
            let piece = piece?;
            if self.length + piece.len() as u64 > self.segment.length {
                let file = self.segment.name.to_string();
                self.restart(0)?;
                return Err(Error::TooLong { file });
            }
            self.file.write_all(&piece).map_err(Error::disk(&self.path))?;
            self.hasher.update(&piece);
            self.length += piece.len() as u64;
        }
        if self.length < self.segment.length {
            self.restart(0)?;
            return Err(Error::WrongLength { file: self.segment.name.to_string() });
        }
        Ok(())
    }

    fn finish(self, path: &Path) -> Result<()> {
        self.file.sync_all().map_err(Error::disk(&self.path))?;
        // Closed first: Windows renames no open file.
        drop(self.file);
        fs::rename(&self.path, path).map_err(Error::disk(path))
    }

    fn discard(self) -> Result<()> {
        drop(self.file);
        disk::remove(&self.path)
    }
}
