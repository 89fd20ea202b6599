//! What has changed from one compiled list to another, entry by entry and without their text.

use std::collections::HashMap;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::list::file::{Body, FileError, ListFile};

/// The ids of entries by what has become of them, each in the order of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the later list only.
    pub added: Vec<String>,
    /// In both, but found by something else, or of another kind.
    pub changed: Vec<String>,
    /// In the earlier list only.
    pub removed: Vec<String>,
}

impl Difference {
    /// Whether both lists are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

impl ListFile {
    /// What is different in a later list that is hashed under the same key.
    ///
    /// # Errors
    /// `NotOneList`.
    pub fn difference(&self, later: &ListFile) -> Result<Difference, FileError> {
        if self.hashing().is_none() || self.hashing() != later.hashing() {
            return Err(FileError::NotOneList);
        }
        let (before, after) = (self.prints(), later.prints());
        let mut difference = Difference::default();
        for id in later.ids() {
            match before.get(id) {
                None => difference.added.push(id.to_owned()),
                Some(print) if after.get(id) != Some(print) => difference.changed.push(id.to_owned()),
                Some(_) => {}
            }
        }
        difference.removed = self.ids().into_iter().filter(|id| !after.contains_key(id)).map(str::to_owned).collect();
        Ok(difference)
    }

    /// For each entry a number that is the same if it is found by the same.
    fn prints(&self) -> HashMap<&str, u64> {
        let Body::Hashed(index) = self.body() else { return HashMap::new() };
        let mut hashers: Vec<SipHasher13> = (0..index.entry_count() as u32)
            .map(|entry| {
                let facts = index.entry(entry);
                let mut hasher = SipHasher13::new();
                hasher.write(index.kinds[usize::from(facts & 127)].name().as_bytes());
                hasher.write_u8(facts & 128);
                hasher
            })
            .collect();
        // Tags are in order, so each entry gets its own in the same order in both lists.
        for place in 0..index.tag_count() {
            let (entry, traits) = index.owner(place);
            let hasher = &mut hashers[entry as usize];
            hasher.write_u64(index.tag(place));
            hasher.write_u16(index.traits[traits].to_bits());
        }
        (0..).zip(&hashers).map(|(entry, hasher)| (index.id(entry), hasher.finish())).collect()
    }
}
