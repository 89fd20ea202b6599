//! Writing compiled lists.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::canonical::CANONICAL_FORM;
use crate::list::alike::Alike;
use crate::list::file::{BODY, Body, DIGEST, FileError, HEAD, Hashing, ListFile, ListMeta, MAGIC, SECTIONS, VERSION};
use crate::list::hashed::{Inner, MOST_ENTRIES, Tagger, Tags};
use crate::list::index::Traits;
use crate::list::variants::Forms;
use crate::{Entry, Kind};

impl ListFile {
    /// Compiles entries, hashed: their text is not in the file. Their kinds and ids are.
    ///
    /// # Errors
    /// `TooLarge` from 16.7 million entries or 128 kinds on, `Empty` without any.
    pub fn build(meta: &ListMeta, entries: &[Entry], hashing: Hashing) -> Result<Vec<u8>, FileError> {
        let mut contents = Contents::default();
        let mut tags = Tags::default();
        let tagger = Tagger::new(&hashing.key);
        let mut alike = Alike::of(entries);
        // Where the tags of each entry begin.
        let mut places = Vec::with_capacity(entries.len() + 1);
        for (entry, number) in entries.iter().zip(0..) {
            contents.add_entry(entry.kind(), !entry.context().is_empty(), entry.id())?;
            places.push(tags.endings.len());
            match alike.first(number) {
                Some(first) => {
                    let same = places[first as usize]..places[first as usize + 1];
                    let endings = &mut tags.endings;
                    endings.extend_from_within(same);
                    let here = places[number as usize];
                    endings[here..].iter_mut().for_each(|(_, ending)| ending.entry = number);
                }
                None => tagger.add(number, &Forms::of(entry), &mut tags),
            }
        }
        tags.inner.sort_unstable();
        tags.inner.dedup();
        let bits = hashing.inner_bits.unwrap_or_else(|| Inner::bits_for(tags.inner.len())).clamp(4, 28);
        contents.inner = tags.inner.iter().map(|tag| Inner::place(bits, *tag)).collect();
        contents.tags = tags.endings.into_iter().map(|(tag, ending)| (tag, ending.entry, ending.traits)).collect();
        contents.write(meta, &hashing.key, bits)
    }

    /// Compiles entries in clear text.
    ///
    /// # Errors
    /// `Empty` without any.
    pub fn build_clear(meta: &ListMeta, entries: &[Entry]) -> Result<Vec<u8>, FileError> {
        if entries.is_empty() {
            return Err(FileError::Empty);
        }
        let mut lines = String::new();
        for entry in entries {
            lines.push_str(&entry.to_line());
            lines.push('\n');
        }
        let parts: [&[u8]; SECTIONS] = [&meta_json(meta), &[], lines.as_bytes(), &[], &[], &[], &[], &[], &[]];
        Ok(assemble(0, &[0; 16], 0, parts))
    }

    /// One list of several segments without the entries that were removed since. If an id is in two
    /// segments, the later one counts.
    ///
    /// # Errors
    /// `NotOneList` if they are not hashed under one key, `Empty` if nothing is left.
    pub fn merge(meta: &ListMeta, segments: &[ListFile], removed: &HashSet<String>) -> Result<Vec<u8>, FileError> {
        let hashing = segments.first().and_then(ListFile::hashing).ok_or(FileError::NotOneList)?;
        let bits = hashing.inner_bits.ok_or(FileError::NotOneList)?;
        let mut indexes = Vec::new();
        for segment in segments {
            match segment.body() {
                Body::Hashed(index) if segment.hashing() == Some(hashing) => indexes.push(index),
                _ => return Err(FileError::NotOneList),
            }
        }
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (number, index) in indexes.iter().enumerate() {
            for entry in 0..index.entry_count() as u32 {
                last.insert(index.id(entry), number);
            }
        }
        let mut contents = Contents::default();
        for (number, index) in indexes.iter().enumerate() {
            let mut renumbered = vec![None; index.entry_count()];
            for entry in 0..index.entry_count() as u32 {
                let id = index.id(entry);
                if last.get(id) == Some(&number) && !removed.contains(id) {
                    let facts = index.entry(entry);
                    renumbered[entry as usize] = Some(contents.ids.len() as u32);
                    contents.add_entry(&index.kinds[usize::from(facts & 127)], facts & 128 != 0, id)?;
                }
            }
            for place in 0..index.tag_count() {
                let (entry, traits) = index.owner(place);
                if let Some(entry) = renumbered[entry as usize] {
                    contents.tags.push((index.tag(place), entry, index.traits[traits]));
                }
            }
            // Bits of removed entries stay: they are shared, and cost one more word that waits.
            contents.inner.extend(index.inner.places());
        }
        contents.write(meta, &hashing.key, bits)
    }
}

/// A hashed list before it is written.
#[derive(Default)]
struct Contents {
    kinds: Vec<Kind>,
    entries: Vec<u8>,
    ids: Vec<Box<str>>,
    tags: Vec<(u64, u32, Traits)>,
    inner: Vec<u32>,
}

impl Contents {
    fn add_entry(&mut self, kind: &Kind, needs_context: bool, id: &str) -> Result<(), FileError> {
        let place = self.kinds.iter().position(|known| known == kind).unwrap_or(self.kinds.len());
        if place == self.kinds.len() {
            self.kinds.push(kind.clone());
        }
        if place > 127 || self.ids.len() >= MOST_ENTRIES {
            return Err(FileError::TooLarge);
        }
        self.entries.push(place as u8 | u8::from(needs_context) << 7);
        self.ids.push(id.into());
        Ok(())
    }

    fn write(mut self, meta: &ListMeta, key: &[u8; 16], bits: u32) -> Result<Vec<u8>, FileError> {
        if self.entries.is_empty() {
            return Err(FileError::Empty);
        }
        self.tags.sort_unstable();
        self.tags.dedup();
        let traits: BTreeSet<u16> = self.tags.iter().map(|(_, _, traits)| traits.to_bits()).collect();
        let traits: Vec<u16> = traits.into_iter().collect();
        if traits.len() > 256 {
            return Err(FileError::TooLarge);
        }
        let (mut tags, mut owners) = (Vec::with_capacity(self.tags.len() * 8), Vec::with_capacity(self.tags.len() * 4));
        for (tag, entry, its) in &self.tags {
            let place = traits.binary_search(&its.to_bits()).expect("all traits are in the table");
            tags.extend_from_slice(&tag.to_le_bytes());
            owners.extend_from_slice(&(entry | (place as u32) << 24).to_le_bytes());
        }
        self.inner.sort_unstable();
        self.inner.dedup();
        let mut inner = Vec::with_capacity(self.inner.len());
        let mut last = 0;
        for place in &self.inner {
            write_number(place - last, &mut inner);
            last = *place;
        }
        let (mut ids, mut places) = (Vec::new(), Vec::with_capacity(self.ids.len() * 4 + 4));
        for id in &self.ids {
            places.extend_from_slice(&place_of(&ids)?);
            ids.extend_from_slice(id.as_bytes());
        }
        places.extend_from_slice(&place_of(&ids)?);
        let kinds: Vec<&str> = self.kinds.iter().map(Kind::name).collect();
        let traits: Vec<u8> = traits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let meta = meta_json(meta);
        let kinds = kinds.join("\n");
        let parts = [&meta, kinds.as_bytes(), &self.entries, &places, &ids, &traits, &inner, &tags, &owners];
        Ok(assemble(1, key, bits, parts))
    }
}

pub(super) fn meta_json(meta: &ListMeta) -> Vec<u8> {
    serde_json::to_vec(meta).expect("strings and numbers are always JSON")
}

pub(super) fn place_of(ids: &[u8]) -> Result<[u8; 4], FileError> {
    u32::try_from(ids.len()).map(u32::to_le_bytes).map_err(|_| FileError::TooLarge)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow (LEB128).
fn write_number(mut number: u32, out: &mut Vec<u8>) {
    while number > 127 {
        out.push(number as u8 & 127 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn assemble(sort: u32, key: &[u8; 16], bits: u32, parts: [&[u8]; SECTIONS]) -> Vec<u8> {
    let aligned = |length: usize| length.next_multiple_of(8);
    let length = BODY + parts.iter().map(|part| aligned(part.len())).sum::<usize>() + DIGEST;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&sort.to_le_bytes());
    out.extend_from_slice(&(length as u64).to_le_bytes());
    let mut form = [0; 16];
    form[..CANONICAL_FORM.len()].copy_from_slice(CANONICAL_FORM.as_bytes());
    out.extend_from_slice(&form);
    out.extend_from_slice(key);
    out.extend_from_slice(&bits.to_le_bytes());
    out.resize(HEAD, 0);
    let mut offset = BODY;
    for part in parts {
        out.extend_from_slice(&(offset as u64).to_le_bytes());
        out.extend_from_slice(&(part.len() as u64).to_le_bytes());
        offset += aligned(part.len());
    }
    for part in parts {
        out.extend_from_slice(part);
        out.resize(aligned(out.len()), 0);
    }
    let digest = blake3::hash(&out);
    out.extend_from_slice(digest.as_bytes());
    out
}
