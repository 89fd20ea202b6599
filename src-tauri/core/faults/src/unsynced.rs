//! What was written to a file and not synced yet, so that it can be taken back.

use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::Path;

use lethe_seed::Random;

/// A disk writes this much or nothing.
const SECTOR: usize = 512;

/// One change of a file.
struct Change {
    offset: u64,
    /// The bytes that were there, up to the end of the file.
    before: Vec<u8>,
    /// The length that the file had.
    length: u64,
    /// What was written; none: the file was cut at `offset`.
    written: Option<Vec<u8>>,
}

/// The changes of one file since it was synced, oldest first.
pub(crate) struct Unsynced {
    /// The file that they belong to; another one may have its name by now.
    pub identity: Option<u64>,
    changes: Vec<Change>,
}

/// What tells two files of one name apart, where the system can say it.
pub(crate) fn identity(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    return std::fs::metadata(path).ok().map(|file| std::os::unix::fs::MetadataExt::ino(&file));
    #[cfg(not(unix))]
    return path.exists().then_some(0);
}

impl Unsynced {
    pub fn of(path: &Path) -> Self {
        Self { identity: identity(path), changes: Vec::new() }
    }

    /// Notes a write that is about to happen.
    pub fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) {
        let (before, length) = bytes_at(path, offset, bytes.len() as u64).unwrap_or_default();
        self.changes.push(Change { offset, before, length, written: Some(bytes.to_owned()) });
    }

    /// Notes that the file is about to be cut.
    pub fn cut(&mut self, path: &Path, at: u64) {
        let (before, length) = bytes_at(path, at, u64::MAX).unwrap_or_default();
        self.changes.push(Change { offset: at, before, length, written: None });
    }

    /// Takes back what a loss of power takes back, in a copy of the file: some of what was written last, or any of it.
    pub fn lose(&self, copy: &Path, random: &mut Random) -> Result<()> {
        let mut file = File::options().read(true).write(true).open(copy)?;
        for change in self.changes.iter().rev() {
            file.set_len(change.length)?;
            file.seek(SeekFrom::Start(change.offset))?;
            file.write_all(&change.before)?;
        }
        let in_order = random.one_in(2);
        let last = random.below(self.changes.len() + 1);
        for (number, change) in self.changes.iter().enumerate() {
            let kept = if in_order { number < last } else { random.one_in(2) };
            match &change.written {
                Some(bytes) if kept => write_at(&mut file, change.offset, bytes)?,
                Some(bytes) if number == last => {
                    let torn = random.below(bytes.len() / SECTOR + 1) * SECTOR;
                    write_at(&mut file, change.offset, &bytes[..torn])?;
                }
                None if kept => file.set_len(change.offset)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn write_at(file: &mut File, offset: u64, bytes: &[u8]) -> Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// The bytes of a part of a file, and its length.
fn bytes_at(path: &Path, offset: u64, most: u64) -> Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok((bytes, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_some_of_what_was_written_last() {
        let path = std::env::temp_dir().join(format!("lethe-unsynced-{}", std::process::id()));
        let written = |offset: u64, byte: u8| (offset, vec![byte; 2 * SECTOR]);
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            std::fs::write(&path, vec![0; 2 * SECTOR]).expect("it is writable");
            let mut unsynced = Unsynced::of(&path);
            for (offset, bytes) in [written(0, 1), written(2 * SECTOR as u64, 2), written(0, 3)] {
                unsynced.write(&path, offset, &bytes);
                let mut file = File::options().write(true).open(&path).expect("it is there");
                write_at(&mut file, offset, &bytes).expect("it is writable");
            }
            unsynced.lose(&path, &mut Random::new(seed)).expect("it is writable");
            let bytes = std::fs::read(&path).expect("it is readable");
            let sectors: Vec<u8> = bytes.chunks(SECTOR).map(|sector| sector[0]).collect();
            assert!(bytes.chunks(SECTOR).all(|sector| sector.iter().all(|byte| *byte == sector[0])), "{sectors:?}");
            seen.insert(sectors);
        }
        std::fs::remove_file(&path).expect("it was there");
        for wanted in [vec![0, 0], vec![1, 1, 2, 2], vec![3, 3, 2, 2], vec![1, 1], vec![1, 0], vec![3, 1, 2, 2]] {
            assert!(seen.contains(&wanted), "{wanted:?} is not among {seen:?}");
        }
    }
}
