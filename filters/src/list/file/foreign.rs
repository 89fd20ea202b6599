//! Lists that others hashed, as list files: digests instead of tags, with their descriptor.

use crate::Kind;
use crate::list::file::read::{kinds, range};
use crate::list::file::write::{assemble, meta_json, place_of};
use crate::list::file::{DIGEST, FileError, ListFile, ListMeta, SECTIONS, Section};
use crate::list::foreign::index::{ForeignIndex, Places};
use crate::list::foreign::{Descriptor, DescriptorError, ForeignDigest};
use crate::list::hashed::MOST_ENTRIES;

const SORT: u32 = 2;
/// The most kinds of a list.
const MOST_KINDS: usize = 128;

impl ListFile {
    /// Makes a list of digests that others made. If one is there twice, the first counts.
    ///
    /// # Errors
    /// `DigestLength` if one does not fit the descriptor, `TooLarge` from 16.7 million digests or 128
    /// kinds on, `Empty` without any.
    pub fn build_foreign(
        meta: &ListMeta,
        descriptor: &Descriptor,
        digests: &[ForeignDigest],
    ) -> Result<Vec<u8>, FileError> {
        let expected = descriptor.digest_bytes();
        if let Some(place) = digests.iter().position(|one| one.digest.len() != expected) {
            return Err(FileError::DigestLength { number: place + 1, found: digests[place].digest.len(), expected });
        }
        // A stable sort: of two that are the same the first stays.
        let mut sorted: Vec<&ForeignDigest> = digests.iter().collect();
        sorted.sort_by(|a, b| a.digest.cmp(&b.digest));
        sorted.dedup_by(|later, kept| later.digest == kept.digest);
        match sorted.len() {
            0 => return Err(FileError::Empty),
            count if count > MOST_ENTRIES => return Err(FileError::TooLarge),
            _ => {}
        }
        let mut kinds: Vec<&Kind> = Vec::new();
        let mut entries = Vec::with_capacity(sorted.len());
        let (mut ids, mut places) = (Vec::new(), Vec::new());
        for one in &sorted {
            let place = kinds.iter().position(|known| **known == one.kind).unwrap_or(kinds.len());
            if place == kinds.len() {
                kinds.push(&one.kind);
            }
            if place >= MOST_KINDS {
                return Err(FileError::TooLarge);
            }
            entries.push(place as u8);
        }
        if sorted.iter().any(|one| one.id.is_some()) {
            for one in &sorted {
                places.extend_from_slice(&place_of(&ids)?);
                ids.extend_from_slice(one.id.as_deref().unwrap_or_default().as_bytes());
            }
            places.extend_from_slice(&place_of(&ids)?);
        }
        let kinds: Vec<&str> = kinds.into_iter().map(Kind::name).collect();
        let kinds = kinds.join("\n");
        let digests: Vec<u8> = sorted.iter().flat_map(|one| one.digest.iter().copied()).collect();
        let mut parts: [&[u8]; SECTIONS] = [&[]; SECTIONS];
        let meta = meta_json(meta);
        parts[Section::Meta as usize] = &meta;
        parts[Section::Kinds as usize] = kinds.as_bytes();
        parts[Section::Entries as usize] = &entries;
        parts[Section::IdPlaces as usize] = &places;
        parts[Section::Ids as usize] = &ids;
        parts[Section::Traits as usize] = descriptor.as_str().as_bytes();
        parts[Section::Tags as usize] = &digests;
        Ok(assemble(SORT, &[0; 16], 0, parts))
    }
}

/// The contents of a file that was found whole.
///
/// # Errors
/// `Newer` if its descriptor has fields that this version does not know, `Unsupported` if it names a hash function that
/// this version does not have.
pub(super) fn read(bytes: Vec<u8>) -> Result<ForeignIndex, FileError> {
    let content = &bytes[..bytes.len() - DIGEST];
    let range = |section| range(content, section).ok_or(FileError::Damaged);
    let places = Places {
        digests: range(Section::Tags)?,
        entries: range(Section::Entries)?,
        id_places: range(Section::IdPlaces)?,
        ids: range(Section::Ids)?,
    };
    let text = std::str::from_utf8(&bytes[range(Section::Traits)?]).map_err(|_| FileError::Damaged)?;
    let descriptor = Descriptor::parse(text).map_err(|error| match error {
        DescriptorError::Syntax { .. } => FileError::Damaged,
        DescriptorError::Field { .. } => FileError::Newer,
        DescriptorError::Unsupported { field, found, known } => FileError::Unsupported { field, found, known },
    })?;
    let kinds = kinds(&bytes[range(Section::Kinds)?]).ok_or(FileError::Damaged)?;
    if kinds.len() > MOST_KINDS || places.entries.len() > MOST_ENTRIES {
        return Err(FileError::Damaged);
    }
    let index = ForeignIndex::new(bytes, descriptor, kinds, places).ok_or(FileError::Damaged)?;
    let usable = (0..index.entry_count() as u32).all(|entry| index.has_usable_id(entry));
    usable.then_some(index).ok_or(FileError::Id)
}
