//! What is on the disk of a file that is not whole yet: the journal beside its part file.
//!
//! Lines of text, each with a check that depends on the file it speaks of; lines are only added, and only after their
//! bytes were written. Reading ends at the first line whose check fails: a torn end costs that line, and a journal of
//! another content says nothing. Opening writes it anew and whole, through a rename.
//!
//! It holds against a process that dies at any moment. After a machine that dies it may promise bytes that the disk
//! lost; the checksum of the whole finds that, and the file is fetched anew then.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

use super::ranges::Ranges;

const CHECK_DIGITS: usize = 16;
/// A journal of the largest files has some thousands of lines.
const LIMIT: u64 = 64 << 20;

/// What the journal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// What is on the disk.
    pub(super) have: Ranges,
    /// The hub's tag of the content.
    pub(super) located: Option<String>,
    /// Address without query, and the strong tag that its server gave.
    pub(super) served: Option<(String, String)>,
}

/// The journal of one part file, open for more lines.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    binding: String,
    file: File,
}

impl Journal {
    /// What a journal says of the content with this binding; nothing where there is none or another.
    pub(super) fn read(path: &Path, binding: &str, bytes: u64) -> Notes {
        let mut notes = Notes::default();
        if fs::metadata(path).map_or(true, |metadata| metadata.len() > LIMIT) {
            return notes;
        }
        let Ok(content) = fs::read(path) else { return notes };
        for line in String::from_utf8_lossy(&content).split_inclusive('\n') {
            let Some(entry) = checked(line, binding) else { break };
            match entry.split(' ').collect::<Vec<_>>()[..] {
                ["have", start, end] => match (start.parse(), end.parse()) {
                    (Ok(start), Ok(end)) if start <= end && end <= bytes => notes.have.insert(start..end),
                    _ => break,
                },
                ["located", tag] => notes.located = Some(tag.to_owned()),
                ["served", address, tag] => notes.served = Some((address.to_owned(), tag.to_owned())),
                _ => break,
            }
        }
        notes
    }

    /// Writes it anew with these notes; a dying process leaves the old one or this one.
    pub(super) fn create(path: &Path, binding: &str, notes: &Notes) -> io::Result<Self> {
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let mut text = String::new();
        if let Some(tag) = &notes.located {
            text += &line(&format!("located {tag}"), binding);
        }
        if let Some((address, tag)) = &notes.served {
            text += &line(&format!("served {address} {tag}"), binding);
        }
        for range in notes.have.iter() {
            text += &line(&format!("have {} {}", range.start, range.end), binding);
        }
        let mut file = File::create(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(&fresh, path)?;
        Ok(Self { path: path.to_owned(), binding: binding.to_owned(), file })
    }

    /// Says that a range is on the disk now.
    pub(super) fn have(&mut self, range: &Range<u64>) -> io::Result<()> {
        self.file.write_all(line(&format!("have {} {}", range.start, range.end), &self.binding).as_bytes())
    }

    /// Forgets everything but these notes.
    pub(super) fn restart(&mut self, notes: &Notes) -> io::Result<()> {
        *self = Self::create(&self.path, &self.binding, notes)?;
        Ok(())
    }

    /// Makes sure that it outlives the machine.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Tags go into lines; one with white space is no tag that a server may send.
pub(super) fn is_tag(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.chars().all(|letter| letter.is_ascii_graphic())
}

fn line(entry: &str, binding: &str) -> String {
    format!("{} {entry}\n", check(entry, binding))
}

fn checked<'a>(line: &'a str, binding: &str) -> Option<&'a str> {
    let (digits, entry) = line.strip_suffix('\n')?.split_once(' ')?;
    (digits == check(entry, binding)).then_some(entry)
}

fn check(entry: &str, binding: &str) -> String {
    let mut digits = hex::encode(digest::digest(&digest::SHA256, format!("{binding}\n{entry}").as_bytes()));
    digits.truncate(CHECK_DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes() -> Notes {
        let mut notes = Notes {
            have: Ranges::default(),
            located: Some("\"tag\"".to_owned()),
            served: Some(("https://content.example/a".to_owned(), "\"other\"".to_owned())),
        };
        notes.have.insert(0..100);
        notes.have.insert(300..400);
        notes
    }

    #[test]
    fn a_journal_says_what_was_noted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part.journal");
        let mut journal = Journal::create(&path, "one", &notes()).expect("a journal");
        journal.have(&(100..200)).expect("a line");
        let mut expected = notes();
        expected.have.insert(100..200);
        assert_eq!(Journal::read(&path, "one", 400), expected);
        assert_eq!(Journal::read(&path, "two", 400), Notes::default(), "it speaks of another content");
        assert!(!Journal::read(&path, "one", 399).have.contains(&(300..400)), "the file is shorter than that");
        journal.restart(&Notes::default()).expect("a new beginning");
        journal.have(&(7..9)).expect("a line");
        assert_eq!(Journal::read(&path, "one", 400).have.total(), 2, "what was before is forgotten");
    }

    #[test]
    fn a_torn_journal_promises_no_byte_too_much() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part.journal");
        Journal::create(&path, "one", &notes()).expect("a journal");
        let whole = fs::read(&path).expect("its bytes");
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("a torn one");
            let have = Journal::read(&path, "one", 400).have;
            assert!(have.total() <= 100, "the last line is not whole: {have:?}");
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            fs::write(&path, &broken).expect("a broken one");
            let have = Journal::read(&path, "one", 400).have;
            assert!(have.iter().all(|range| notes().have.contains(&range)), "byte {at} made up {have:?}");
            assert_ne!(have, notes().have, "byte {at} is not checked");
        }
    }
}
