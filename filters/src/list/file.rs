//! Compiled lists as files: `lethe-list-1`. The format is described in `docs/list-format.md`.
//!
//! A file is refused unless every bit of it is as it was written: it ends with the BLAKE3 digest of
//! all before. That finds accidents; who wrote it is for signatures around the file to say. Beyond
//! the digest everything that is read later is checked for being inside the file, so that a file made
//! to mislead can't do more than match wrongly.
//!
//! Files are written and read as bytes in memory. The format has fixed places, so it could be mapped;
//! reading it whole is as fast at a million entries and can't be changed under the reader.

mod compare;
mod foreign;
mod read;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::list::foreign::Descriptor;
use crate::list::foreign::index::ForeignIndex;
use crate::list::hashed::HashedIndex;
use crate::{Entry, Kind, MAX_ID};

pub use compare::Difference;

/// The name of the format.
pub const LIST_FORMAT: &str = "lethe-list-1";

pub(crate) const MAGIC: [u8; 8] = *b"LETHLIST";
pub(crate) const VERSION: u32 = 1;
pub(crate) const DIGEST: usize = 32;
/// Magic, version, sort, length, canonical form, key, size of the inner table, zero.
pub(crate) const HEAD: usize = 64;
pub(crate) const SECTIONS: usize = 9;
pub(crate) const BODY: usize = HEAD + SECTIONS * 16;

/// The parts of a file, in their order.
#[derive(Clone, Copy)]
pub(crate) enum Section {
    /// JSON: [`ListMeta`].
    Meta,
    /// The kinds' names, each on a line.
    Kinds,
    /// Clear: JSON Lines. Hashed and foreign: a byte an entry.
    Entries,
    IdPlaces,
    Ids,
    /// Hashed: the traits of forms. Foreign: the descriptor.
    Traits,
    /// Places of set bits, as differences, each in as many bytes as it needs.
    Inner,
    /// Hashed: tags. Foreign: digests, in order.
    Tags,
    Owners,
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListMeta {
    /// The list's name.
    pub name: String,
    /// When it was built, in milliseconds since 1970, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<i64>,
    /// What built it.
    #[serde(default)]
    pub generator: String,
}

/// Under which key a list is hashed. Segments of one list have the same, so that they can be merged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// The key: 16 random bytes. It is in the file and not secret; it makes tables that were computed
    /// for another list useless.
    pub key: [u8; 16],
    /// The size of the table of inner words: `1 << inner_bits` bits. `None`: as the entries need.
    pub inner_bits: Option<u32>,
}

/// A compiled list that was read and found whole.
#[derive(Clone)]
pub struct ListFile {
    meta: ListMeta,
    body: Body,
}

#[derive(Clone)]
pub(crate) enum Body {
    Clear(Arc<[Entry]>),
    Hashed(Arc<HashedIndex>),
    /// Hashed by others.
    Foreign(Arc<ForeignIndex>),
}

/// What a compiled list holds, without the text of any entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListSummaryOfFile {
    /// The name of the format.
    pub format: &'static str,
    /// What the file says of itself.
    #[serde(flatten)]
    pub meta: ListMeta,
    /// Whether its entries are hashed.
    pub hashed: bool,
    /// How others hashed them, as a descriptor names it; `None` if we did, or nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<&'static str>,
    /// The canonical form it was built for.
    pub canonical_form: &'static str,
    /// How many entries it has.
    pub entries: usize,
    /// How many of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// How many entries demand a context.
    pub with_context: usize,
    /// How many tags of ours stand for them.
    pub tags: usize,
}

/// Why bytes are no list that this version can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// They do not begin like one.
    #[error("this is no compiled list: build one with `lethe-cli list build`")]
    NotAList,
    /// Bytes are missing, too many, or changed.
    #[error("the list is damaged: get it again")]
    Damaged,
    /// It was made by a later version.
    #[error("the list was made for a newer version: update Lethe")]
    Newer,
    /// Others hashed it in a way that this version does not read.
    #[error(
        "the list was made by others with `{field}` = {found:?}, which is not supported: ask them for one with {known}"
    )]
    Unsupported {
        /// The field of its descriptor.
        field: String,
        /// What it says.
        found: String,
        /// What is supported, as it stands in a sentence.
        known: String,
    },
    /// It was built for another canonical form.
    #[error("the list was built for the canonical form {found:?} and this version knows {known:?}: build it again", known = crate::canonical::CANONICAL_FORM)]
    OtherForm {
        /// The form it was built for.
        found: String,
    },
    /// There are more entries, kinds or bytes than a file can have.
    #[error("the list is too large for one file: split it")]
    TooLarge,
    /// Files that were to be merged are hashed under different keys or not hashed.
    #[error("these lists do not belong together: merge only hashed segments of one list")]
    NotOneList,
    /// A digest is not as long as the descriptor says.
    #[error("digest {number} has {found} bytes and the descriptor says {expected}: correct `algorithm` or `truncate`")]
    DigestLength {
        /// The digest, counted from 1.
        number: usize,
        /// How many bytes it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// An id is empty, too long or can't be shown.
    #[error(
        "an id of the list is empty, longer than {MAX_ID} characters or can't be shown: ask who made the list for another"
    )]
    Id,
    /// Nothing is left.
    #[error("the list is empty: add at least one entry, or remove the list")]
    Empty,
}

impl ListFile {
    /// What the file says of itself.
    pub fn meta(&self) -> &ListMeta {
        &self.meta
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Clear(entries) => entries.len(),
            Body::Hashed(index) => index.entry_count(),
            Body::Foreign(index) => index.entry_count(),
        }
    }

    /// Always false: a file without entries is refused.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Whether the entries are hashed.
    pub fn is_hashed(&self) -> bool {
        matches!(self.body, Body::Hashed(_) | Body::Foreign(_))
    }

    /// The ids of all entries, in their order.
    pub fn ids(&self) -> Vec<&str> {
        match &self.body {
            Body::Clear(entries) => entries.iter().map(Entry::id).collect(),
            Body::Hashed(index) => (0..index.entry_count() as u32).map(|entry| index.id(entry)).collect(),
            Body::Foreign(index) => index.ids(),
        }
    }

    /// Under which key it is hashed; `None` in clear, or if others hashed it.
    pub fn hashing(&self) -> Option<Hashing> {
        match &self.body {
            Body::Clear(_) | Body::Foreign(_) => None,
            Body::Hashed(index) => Some(Hashing { key: index.key, inner_bits: Some(index.inner.bits()) }),
        }
    }

    /// What it holds.
    pub fn summary(&self) -> ListSummaryOfFile {
        let mut kinds = BTreeMap::new();
        let mut count = |kind: &Kind| *kinds.entry(kind.name().to_owned()).or_insert(0) += 1;
        let (with_context, tags) = match &self.body {
            Body::Clear(entries) => {
                entries.iter().for_each(|entry| count(entry.kind()));
                (entries.iter().filter(|entry| !entry.context().is_empty()).count(), 0)
            }
            Body::Hashed(index) => {
                let entries = (0..index.entry_count() as u32).map(|entry| index.entry(entry));
                let with_context = entries.filter(|entry| {
                    count(&index.kinds[usize::from(entry & 127)]);
                    entry & 128 != 0
                });
                (with_context.count(), index.tag_count())
            }
            Body::Foreign(index) => {
                (0..index.entry_count() as u32).for_each(|entry| count(index.kind(entry)));
                (0, 0)
            }
        };
        ListSummaryOfFile {
            format: LIST_FORMAT,
            meta: self.meta.clone(),
            hashed: self.is_hashed(),
            algorithm: self.descriptor().map(|descriptor| descriptor.algorithm().name()),
            canonical_form: crate::canonical::CANONICAL_FORM,
            entries: self.len(),
            kinds,
            with_context,
            tags,
        }
    }

    /// How others hashed it; `None` of a list of our own.
    pub fn descriptor(&self) -> Option<&Descriptor> {
        match &self.body {
            Body::Foreign(index) => Some(index.descriptor()),
            Body::Clear(_) | Body::Hashed(_) => None,
        }
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }
}

impl std::fmt::Debug for ListFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ListFile").field("meta", &self.meta).field("entries", &self.len()).finish()
    }
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hashing").field("inner_bits", &self.inner_bits).finish_non_exhaustive()
    }
}
