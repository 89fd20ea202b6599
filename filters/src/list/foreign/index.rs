//! The contents of a foreign list, checked and ready to be asked.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::Descriptor;
use super::digests::Digests;
use super::hash::Hasher;
use crate::list::hashed::read_u32;
use crate::{Kind, is_usable_id};

/// How many hexadecimal digits of a digest stand for an entry without an id.
pub(crate) const SHORT_ID: usize = 12;

/// A foreign list. The ranges are places in `bytes`.
pub(crate) struct ForeignIndex {
    bytes: Vec<u8>,
    descriptor: Descriptor,
    hasher: Hasher,
    digests: Digests,
    kinds: Vec<Kind>,
    places: Places,
    /// For those who want all ids at once.
    short_ids: OnceLock<String>,
}

/// Where in a file its parts are.
pub(crate) struct Places {
    pub digests: Range<usize>,
    /// A byte for each digest: the place of its kind.
    pub entries: Range<usize>,
    /// Where the id of each begins, and where the last one ends; empty if there are no ids.
    pub id_places: Range<usize>,
    pub ids: Range<usize>,
}

impl ForeignIndex {
    /// Of the parts of a file; `None` if they do not fit each other.
    pub fn new(bytes: Vec<u8>, descriptor: Descriptor, kinds: Vec<Kind>, places: Places) -> Option<ForeignIndex> {
        let width = descriptor.digest_bytes();
        let digests = Digests::of(&bytes[places.digests.clone()], width)?;
        let count = places.digests.len() / width;
        let known = |place: &u8| usize::from(*place) < kinds.len();
        if places.entries.len() != count || !bytes[places.entries.clone()].iter().all(known) {
            return None;
        }
        let hasher = descriptor.hasher();
        let index = ForeignIndex { bytes, descriptor, hasher, digests, kinds, places, short_ids: OnceLock::new() };
        index.has_whole_ids(count).then_some(index)
    }

    fn has_whole_ids(&self, count: usize) -> bool {
        let Places { id_places, ids, .. } = &self.places;
        if id_places.is_empty() {
            return ids.is_empty();
        }
        let Ok(text) = std::str::from_utf8(&self.bytes[ids.clone()]) else { return false };
        if id_places.len() != (count + 1) * 4 {
            return false;
        }
        let at = |place| read_u32(&self.bytes[id_places.clone()], place) as usize;
        (0..count).all(|place| at(place) <= at(place + 1)) && (0..=count).all(|place| text.is_char_boundary(at(place)))
    }

    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    pub fn entry_count(&self) -> usize {
        self.places.entries.len()
    }

    /// The entry whose digest this text has, given in parts.
    pub fn find(&self, parts: &[&str]) -> Option<u32> {
        let mut digest = self.hasher.hash(parts);
        let width = self.descriptor.digest_bytes();
        if !self.descriptor.hex_digits().is_multiple_of(2) {
            digest[width - 1] &= 0xf0;
        }
        self.digests.find(&self.bytes[self.places.digests.clone()], &digest[..width])
    }

    pub fn kind(&self, entry: u32) -> &Kind {
        &self.kinds[usize::from(self.bytes[self.places.entries.start + entry as usize])]
    }

    /// The id that the file gives; the beginning of the digest if it gives none.
    pub fn id(&self, entry: u32) -> Cow<'_, str> {
        match self.given_id(entry) {
            "" => Cow::Owned(self.short_id(entry)),
            id => Cow::Borrowed(id),
        }
    }

    /// All ids, in order.
    pub fn ids(&self) -> Vec<&str> {
        let entries = 0..self.entry_count() as u32;
        let short_ids = || entries.clone().map(|entry| self.short_id(entry)).collect();
        let short_ids = self.short_ids.get_or_init(short_ids);
        let id = |entry: u32| match self.given_id(entry) {
            "" => &short_ids[entry as usize * SHORT_ID..][..SHORT_ID],
            id => id,
        };
        entries.clone().map(id).collect()
    }

    /// Whether its id can be shown, if the file gives one.
    pub fn has_usable_id(&self, entry: u32) -> bool {
        let id = self.given_id(entry);
        id.is_empty() || is_usable_id(id)
    }

    fn given_id(&self, entry: u32) -> &str {
        let Places { id_places, ids, .. } = &self.places;
        if id_places.is_empty() {
            return "";
        }
        let at = |place| read_u32(&self.bytes[id_places.clone()], place) as usize;
        let (start, end) = (at(entry as usize), at(entry as usize + 1));
        std::str::from_utf8(&self.bytes[ids.clone()][start..end]).expect("ids are checked when a list is opened")
    }

    fn short_id(&self, entry: u32) -> String {
        let width = self.descriptor.digest_bytes();
        let digest = &self.bytes[self.places.digests.start + entry as usize * width..][..SHORT_ID / 2];
        hex::encode(digest)
    }
}
