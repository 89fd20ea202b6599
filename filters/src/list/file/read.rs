//! Reading compiled lists: all is checked here, so that nothing has to be when matching.

use std::ops::Range;
use std::sync::Arc;

use crate::canonical::CANONICAL_FORM;
use crate::list::crowd::Crowds;
use crate::list::file::{BODY, Body, DIGEST, FileError, HEAD, ListFile, MAGIC, Section, VERSION, foreign};
use crate::list::hashed::{Directory, HashedIndex, Inner, MOST_ENTRIES, read_u32, read_u64};
use crate::list::index::Traits;
use crate::{EntryProblem, Kind, List, ListError, is_usable_id};

impl ListFile {
    /// Whether bytes begin like a compiled list.
    pub fn begins_like_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Reads a compiled list.
    ///
    /// # Errors
    /// `Damaged` if any bit is not as it was written; the others of [`FileError`] if it can't be used.
    pub fn open(bytes: Vec<u8>) -> Result<ListFile, FileError> {
        if !ListFile::begins_like_one(&bytes) {
            return Err(FileError::NotAList);
        }
        if bytes.len() < BODY + DIGEST {
            return Err(FileError::Damaged);
        }
        let (body, digest) = bytes.split_at(bytes.len() - DIGEST);
        if *blake3::hash(body).as_bytes() != *digest {
            return Err(FileError::Damaged);
        }
        if read_u32(body, 2) != VERSION {
            return Err(FileError::Newer);
        }
        if read_u64(body, 2) != bytes.len() as u64 {
            return Err(FileError::Damaged);
        }
        let form = String::from_utf8_lossy(&body[24..40]).trim_end_matches('\0').to_owned();
        if form != CANONICAL_FORM {
            return Err(FileError::OtherForm { found: form });
        }
        let range = |section: Section| range(body, section).ok_or(FileError::Damaged);
        let meta = serde_json::from_slice(&body[range(Section::Meta)?]).map_err(|_| FileError::Damaged)?;
        let body = match read_u32(body, 3) {
            0 => {
                let lines = std::str::from_utf8(&body[range(Section::Entries)?]).map_err(|_| FileError::Damaged)?;
                let list = List::from_jsonl("", lines).map_err(|error| match error {
                    ListError::Line { problem: EntryProblem::Id, .. } => FileError::Id,
                    _ => FileError::Damaged,
                })?;
                Body::Clear(list.entries().into())
            }
            1 => {
                let index = hashed(bytes).ok_or(FileError::Damaged)?;
                let usable = (0..index.entry_count() as u32).all(|entry| is_usable_id(index.id(entry)));
                Body::Hashed(Arc::new(usable.then_some(index).ok_or(FileError::Id)?))
            }
            2 => Body::Foreign(Arc::new(foreign::read(bytes)?)),
            _ => return Err(FileError::Newer),
        };
        Ok(ListFile { meta, body })
    }
}

/// Where a section is, if it is inside the file.
pub(super) fn range(bytes: &[u8], section: Section) -> Option<Range<usize>> {
    let place = HEAD / 8 + section as usize * 2;
    let (start, length) = (read_u64(bytes, place), read_u64(bytes, place + 1));
    let end = start.checked_add(length)?;
    let inside = start >= BODY as u64 && start.is_multiple_of(8) && end <= bytes.len() as u64;
    inside.then_some(start as usize..end as usize)
}

fn hashed(bytes: Vec<u8>) -> Option<HashedIndex> {
    let content = &bytes[..bytes.len() - DIGEST];
    let range = |section| range(content, section);
    let (entries, id_places, ids) = (range(Section::Entries)?, range(Section::IdPlaces)?, range(Section::Ids)?);
    let (tags, owners) = (range(Section::Tags)?, range(Section::Owners)?);
    let kinds = kinds(&bytes[range(Section::Kinds)?])?;
    let traits: Option<Vec<Traits>> = bytes[range(Section::Traits)?]
        .chunks(2)
        .map(|bits| Traits::from_bits(u16::from_le_bytes(bits.try_into().ok()?)))
        .collect();
    let traits = traits?;
    let inner = inner(read_u32(&bytes, 14), &bytes[range(Section::Inner)?])?;

    let count = entries.len();
    if count == 0 || count > MOST_ENTRIES || id_places.len() != (count + 1) * 4 || kinds.len() > 128 {
        return None;
    }
    if !bytes[entries.clone()].iter().all(|entry| usize::from(entry & 127) < kinds.len()) {
        return None;
    }
    let text = std::str::from_utf8(&bytes[ids.clone()]).ok()?;
    let mut last = 0;
    for place in 0..=count {
        let at = read_u32(&bytes[id_places.clone()], place) as usize;
        if at < last || !text.is_char_boundary(at) {
            return None;
        }
        last = at;
    }
    let tag_count = tags.len() / 8;
    if tags.len() % 8 != 0 || owners.len() != tag_count * 4 || tag_count > u32::MAX as usize {
        return None;
    }
    let owner_bytes = &bytes[owners.clone()];
    let known = |owner: u32| ((owner & 0xff_ffff) as usize) < count && ((owner >> 24) as usize) < traits.len();
    if !(0..tag_count).all(|place| known(read_u32(owner_bytes, place))) {
        return None;
    }
    let tag_bytes = &bytes[tags.clone()];
    let directory = Directory::of(tag_count, |place| read_u64(tag_bytes, place))?;
    let key = bytes[40..56].try_into().ok()?;
    let mut index = HashedIndex {
        key,
        has_numbers: kinds.iter().any(crate::list::numbers::is_number),
        has_spelled: kinds.contains(&Kind::Person),
        kinds,
        traits,
        inner,
        entries,
        id_places,
        ids,
        tags,
        owners,
        directory,
        crowds: Crowds::default(),
        bytes,
    };
    index.find_crowds();
    Some(index)
}

pub(super) fn kinds(names: &[u8]) -> Option<Vec<Kind>> {
    std::str::from_utf8(names).ok()?.lines().map(|name| name.parse().ok()).collect()
}

fn inner(bits: u32, mut differences: &[u8]) -> Option<Inner> {
    if !(4..=28).contains(&bits) {
        return None;
    }
    let mut inner = Inner::new(bits);
    let mut place = 0_u32;
    while !differences.is_empty() {
        let mut difference = 0_u32;
        for shift in 0.. {
            let (byte, rest) = differences.split_first()?;
            differences = rest;
            difference |= u32::from(byte & 127).checked_shl(shift * 7).filter(|_| shift < 5)?;
            if byte & 128 == 0 {
                break;
            }
        }
        place = place.checked_add(difference)?;
        inner.set(place).then_some(())?;
    }
    Some(inner)
}
