//! Entries that are the same but for their ids.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::{Entry, Kind};

/// Finds, entry by entry, which one before is the same, so that what stands in a list a million times is worked out once.
pub(crate) struct Alike<'a> {
    entries: &'a [Entry],
    /// By the hash of what they are; a hash that two share by chance costs a little work and nothing else.
    firsts: HashMap<u64, u32>,
    hasher: RandomState,
}

impl<'a> Alike<'a> {
    pub fn of(entries: &'a [Entry]) -> Alike<'a> {
        Alike { entries, firsts: HashMap::with_capacity(entries.len()), hasher: RandomState::new() }
    }

    /// The first entry that is the same as this one, of those that were asked about before.
    pub fn first(&mut self, number: u32) -> Option<u32> {
        let what = parts(&self.entries[number as usize]);
        let first = *self.firsts.entry(self.hasher.hash_one(what)).or_insert(number);
        (first != number && parts(&self.entries[first as usize]) == what).then_some(first)
    }
}

fn parts(entry: &Entry) -> (&Kind, &str, bool, bool, &[String]) {
    (entry.kind(), entry.text(), entry.initials(), entry.short(), entry.context())
}
