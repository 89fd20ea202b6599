//! Making list files.

use crate::lists::file::read_list;
use crate::lists::file::{meta, random_key};
use std::path::Path;

use lethe_filters::foreign::{Descriptor, FileShape};
use lethe_filters::{Hashing, List, ListFile, ListMeta};

pub use lethe_filters::ListSummaryOfFile;

use crate::base::error::{Error, Result};
use crate::base::user_file::{self, Existing, check_out, write_out};

/// A list file that was made and is not written yet.
pub struct Built {
    pub bytes: Vec<u8>,
    /// What it holds.
    pub summary: ListSummaryOfFile,
    /// Ids of people who are found only where all their first names stand, in the order of the entries.
    pub in_full_only: Vec<String>,
}

/// Where a list file goes.
pub enum Out<'a> {
    /// A file that the user named.
    File(&'a Path, Existing),
    /// Nowhere yet: the caller writes it.
    Caller,
}

/// Compiles entries into a list file, hashed or in clear. Its name is that of the entries' file.
///
/// # Errors
/// `BadInput` for entries that can't be used and for a file that would be written over, `Store` when it can't be
/// written; then there is none.
pub fn build_list(entries: &Path, out: &Out<'_>, clear: bool) -> Result<Built> {
    out.check(&[entries])?;
    let read = read_list(entries)?;
    let meta = meta(&read.facts.name);
    let list = read.list();
    if list.is_hashed() {
        return Err(Error::bad_input(format!("{} is a compiled list: give the entries in clear", entries.display())));
    }
    list.check_kinds()?;
    let bytes = match clear {
        true => ListFile::build_clear(&meta, list.entries()),
        false => ListFile::build(&meta, list.entries(), Hashing { key: random_key()?, inner_bits: None }),
    };
    let built = out.write(bytes.map_err(|error| Error::bad_input(error.to_string()))?, &[entries])?;
    Ok(Built { in_full_only: list.found_in_full_only().map(|entry| entry.id().to_owned()).collect(), ..built })
}

/// What was noticed when hash values were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Values that were there more than once.
    pub duplicates: u64,
    /// Values of a kind that the descriptor does not name.
    pub unknown_kinds: u64,
}

/// Makes a list file of somebody else's hash values.
///
/// # Errors
/// `BadInput` for a descriptor or values that can't be used and for a file that would be written over, `Store` when it
/// can't be written; then there is none.
pub fn import_hashes(descriptor: &Path, hashes: &Path, out: &Out<'_>) -> Result<(Built, Imported)> {
    let sources = [hashes, descriptor];
    out.check(&sources)?;
    let descriptor = read_descriptor(descriptor)?;
    let (bytes, imported) = hashed_elsewhere(descriptor.name(), &descriptor, hashes)?;
    Ok((out.write(bytes, &sources)?, imported))
}

/// Reads a descriptor.
///
/// # Errors
/// `BadInput` with the field that is wrong.
pub(super) fn read_descriptor(path: &Path) -> Result<Descriptor> {
    let bad = |reason: String| Error::bad_input(format!("the descriptor {} can't be used: {reason}", path.display()));
    let text = user_file::read_text(path).map_err(bad)?;
    Descriptor::parse(&text).map_err(|error| bad(error.to_string()))
}

/// The bytes of a list file of hash values.
pub(super) fn hashed_elsewhere(name: &str, descriptor: &Descriptor, hashes: &Path) -> Result<(Vec<u8>, Imported)> {
    let bad =
        |reason: String| Error::bad_input(format!("the hash values in {} can't be used: {reason}", hashes.display()));
    let by_lines = match descriptor.shape() {
        FileShape::Lines | FileShape::Csv { .. } => true,
        FileShape::Json { lines, .. } => *lines,
    };
    let whole = |first: &[u8]| !by_lines || lethe_import::unsupported(first).is_some();
    let bytes = user_file::read_lines(hashes, lethe_import::FILE_LIMIT, whole).map_err(bad)?;
    let read = lethe_import::import(descriptor, &bytes[..], lethe_import::FILE_LIMIT);
    let read = read.map_err(|error| bad(error.to_string()))?;
    let bytes =
        ListFile::build_foreign(&meta(name), descriptor, &read.digests).map_err(|error| bad(error.to_string()))?;
    let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
    Ok((bytes, Imported { duplicates: count(read.duplicates), unknown_kinds: count(read.unknown_kinds) }))
}

/// What a list file holds, of entries in clear too.
///
/// # Errors
/// `BadInput` when it can't be used.
pub fn inspect_list(path: &Path) -> Result<ListSummaryOfFile> {
    let read = read_list(path)?;
    if ListFile::begins_like_one(&read.bytes) {
        return Ok(open(read.bytes.to_vec())?.summary());
    }
    let list: List = read.list.clone();
    // When the entries were written nobody knows.
    let meta = ListMeta { issued_at: None, ..meta(&read.facts.name) };
    let bytes = ListFile::build_clear(&meta, list.entries());
    let file = open(bytes.map_err(|error| Error::bad_input(error.to_string()))?)?;
    Ok(ListSummaryOfFile { format: "JSON Lines", ..file.summary() })
}

impl Out<'_> {
    fn check(&self, sources: &[&Path]) -> Result<()> {
        match self {
            Self::File(path, existing) => check_out(path, sources, *existing),
            Self::Caller => Ok(()),
        }
    }

    fn write(&self, bytes: Vec<u8>, sources: &[&Path]) -> Result<Built> {
        if let Self::File(path, existing) = self {
            write_out(path, &bytes, sources, *existing)?;
        }
        Ok(Built { summary: open(bytes.clone())?.summary(), bytes, in_full_only: Vec::new() })
    }
}

fn open(bytes: Vec<u8>) -> Result<ListFile> {
    ListFile::open(bytes).map_err(|error| Error::bad_input(error.to_string()))
}
