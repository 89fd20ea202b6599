//! Making list files.

use std::path::Path;

use lethe_filters::foreign::Descriptor;
use lethe_filters::{Hashing, List, ListFile, ListMeta};

pub use lethe_filters::ListSummaryOfFile;

use super::file::write_new;
use super::read_list;
use crate::error::{Code, Error, Result};
use crate::history::now;

/// Compiles entries into a list file, hashed or in clear. Its name is that of the entries' file.
///
/// # Errors
/// `BadInput` for entries that can't be used, `Store` when the file can't be written; then there is none.
pub fn build_list(entries: &Path, out: &Path, clear: bool) -> Result<ListSummaryOfFile> {
    let read = read_list(entries)?;
    let meta = meta(&read.facts.name);
    let list = read.list();
    if list.is_hashed() {
        return Err(Error::bad_input(format!("{} is a compiled list: give the entries in clear", entries.display())));
    }
    let bytes = match clear {
        true => ListFile::build_clear(&meta, list.entries()),
        false => ListFile::build(&meta, list.entries(), Hashing { key: random_key()?, inner_bits: None }),
    };
    written(bytes.map_err(|error| Error::bad_input(error.to_string()))?, out)
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
/// `BadInput` for a descriptor or values that can't be used, `Store` when the file can't be written; then there is none.
pub fn import_hashes(descriptor: &Path, hashes: &Path, out: &Path) -> Result<(ListSummaryOfFile, Imported)> {
    let descriptor = read_descriptor(descriptor)?;
    let (bytes, imported) = hashed_elsewhere(descriptor.name(), &descriptor, hashes)?;
    Ok((written(bytes, out)?, imported))
}

/// Reads a descriptor.
///
/// # Errors
/// `BadInput` with the field that is wrong.
pub(super) fn read_descriptor(path: &Path) -> Result<Descriptor> {
    let bad = |reason: String| Error::bad_input(format!("the descriptor {} can't be used: {reason}", path.display()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| bad(format!("it can't be read ({}); check the path", error.kind())))?;
    Descriptor::parse(&text).map_err(|error| bad(error.to_string()))
}

/// The bytes of a list file of hash values.
pub(super) fn hashed_elsewhere(name: &str, descriptor: &Descriptor, hashes: &Path) -> Result<(Vec<u8>, Imported)> {
    let bad =
        |reason: String| Error::bad_input(format!("the hash values in {} can't be used: {reason}", hashes.display()));
    let file = std::fs::File::open(hashes)
        .map_err(|error| bad(format!("the file can't be read ({}); check the path", error.kind())))?;
    let read = lethe_import::import(descriptor, std::io::BufReader::new(file), lethe_import::FILE_LIMIT);
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
    let bytes = ListFile::build_clear(&meta(&read.facts.name), list.entries());
    let file = open(bytes.map_err(|error| Error::bad_input(error.to_string()))?)?;
    Ok(ListSummaryOfFile { format: "JSON Lines", ..file.summary() })
}

/// What a list that is made now says of itself.
pub(crate) fn meta(name: &str) -> ListMeta {
    ListMeta {
        name: name.to_owned(),
        issued_at: Some(now()),
        generator: concat!("lethe ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// A key for a new list.
pub(crate) fn random_key() -> Result<[u8; 16]> {
    let mut key = [0; 16];
    getrandom::fill(&mut key)
        .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers: try again"))?;
    Ok(key)
}

/// Writes a list file and says what it holds.
pub(super) fn written(bytes: Vec<u8>, out: &Path) -> Result<ListSummaryOfFile> {
    let unwritable = |error: std::io::Error| {
        Error::new(Code::Store, format!("{} can't be written ({}): choose another place", out.display(), error.kind()))
    };
    write_new(out, &bytes).map_err(unwritable)?;
    Ok(open(bytes)?.summary())
}

fn open(bytes: Vec<u8>) -> Result<ListFile> {
    ListFile::open(bytes).map_err(|error| Error::bad_input(error.to_string()))
}
