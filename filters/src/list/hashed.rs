//! Entries as keyed hash values, without their text.
//!
//! What is stored of a form is one 64-bit tag of all its words, in order of the tags. Of the words
//! before the last one there is only a bit in a table in which about one bit in sixteen is set: it
//! says "perhaps an entry goes on behind these words", is wrong one time in sixteen, and so does not
//! tell which words they are. Beginnings of words are not stored at all, since letter by letter any
//! entry could be read out of them. The price is that the word being written always waits for its
//! end, and that one word in sixteen waits for the next.
//!
//! Tags are SipHash-1-3 under the list's own key, chained word by word. The key is in the list, so
//! whoever has the list can try names; see `docs/threat-model.md`. A wrong match needs two forms
//! with the same 64 bits: for a million entries and a thousand million words about one in a million.

use std::ops::Range;

use siphasher::sip::SipHasher13;
use unicode_normalization::char::is_combining_mark;

use crate::Kind;
use crate::list::crowd::{Crowds, FEW};
use crate::list::index::{Ending, Index, Node, Traits, WordKey};
use crate::list::numbers::LONGEST_NUMBER;
use crate::list::variants::{Forms, SPELLED_LENGTH};

/// The most entries of a hashed list.
pub(crate) const MOST_ENTRIES: usize = 1 << 24;
/// Letters of a spelled name that have a bit of their own.
const SPELLED_BEGINNING: usize = 2;
/// Letters and digits of a number that have a bit of their own. Entries have at least five.
const NUMBER_BEGINNING: usize = 3;
/// Tags in one bucket of the directory, on average.
const BUCKET: usize = 16;

/// Tags of what begins an entry, of a spelled name and of a number are chained to these.
const WORDS: Node = Node(0);
const SPELLED: Node = Node(1);
const NUMBERS: Node = Node(2);

/// Makes tags.
#[derive(Clone, Copy)]
pub(crate) struct Tagger {
    hasher: SipHasher13,
}

/// All tags of a list that is being built.
#[derive(Default)]
pub(crate) struct Tags {
    /// What ends in a tag.
    pub endings: Vec<(u64, Ending)>,
    /// What goes on.
    pub inner: Vec<u64>,
}

impl Tagger {
    pub fn new(key: &[u8; 16]) -> Tagger {
        Tagger { hasher: SipHasher13::new_with_key(key) }
    }

    fn word(&self, word: &str) -> WordKey {
        WordKey(self.hasher.hash(word.as_bytes()))
    }

    fn step(&self, node: Node, word: WordKey) -> Node {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&node.0.to_le_bytes());
        bytes[8..].copy_from_slice(&word.0.to_le_bytes());
        Node(self.hasher.hash(&bytes))
    }

    fn of(&self, beginning: Node, text: &str) -> Node {
        self.step(beginning, self.word(text))
    }

    /// Adds the tags of an entry.
    pub fn add(&self, entry: u32, forms: &Forms, tags: &mut Tags) {
        for (words, traits) in &forms.sequences {
            let mut node = WORDS;
            for (place, word) in words.iter().enumerate() {
                node = self.step(node, self.word(word));
                // A form of one word is also found there.
                if place + 1 < words.len() || place == 0 {
                    tags.inner.push(node.0);
                }
            }
            tags.endings.push((node.0, Ending { entry, traits: *traits }));
        }
        let bare = Ending { entry, traits: Traits::default() };
        for letters in &forms.spelled {
            for (at, _) in letters.char_indices().skip(1).take(SPELLED_BEGINNING) {
                tags.inner.push(self.of(SPELLED, &letters[..at]).0);
            }
            tags.endings.push((self.of(SPELLED, letters).0, bare));
        }
        for key in &forms.numbers {
            tags.inner.push(self.of(NUMBERS, &key[..NUMBER_BEGINNING]).0);
            tags.endings.push((self.of(NUMBERS, key).0, bare));
        }
    }
}

/// A table of bits, of which the first ones of a tag are the place.
pub(crate) struct Inner {
    words: Vec<u64>,
    bits: u32,
}

impl Inner {
    /// An empty table of `1 << bits` bits; at most 32.
    pub fn new(bits: u32) -> Inner {
        Inner { words: vec![0; 1_usize << bits.saturating_sub(6)], bits }
    }

    /// The size at which about one bit in sixteen is set.
    pub fn bits_for(tags: usize) -> u32 {
        (usize::BITS - tags.leading_zeros() + 3).clamp(4, 28)
    }

    /// Where a tag's bit is.
    pub fn place(bits: u32, tag: u64) -> u32 {
        (tag >> (64 - bits)) as u32
    }

    /// Sets a bit; false if there is no such bit.
    pub fn set(&mut self, place: u32) -> bool {
        let inside = u64::from(place) < 1 << self.bits;
        if inside {
            self.words[place as usize / 64] |= 1 << (place % 64);
        }
        inside
    }

    /// How large it is.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The bits that are set, in order.
    pub fn places(&self) -> impl Iterator<Item = u32> {
        let words = self.words.iter().zip(0_u32..);
        words.flat_map(|(word, at)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }

    fn has(&self, tag: u64) -> bool {
        let place = Inner::place(self.bits, tag);
        self.words[place as usize / 64] >> (place % 64) & 1 == 1
    }
}

/// The checked contents of a list file.
pub(crate) struct HashedIndex {
    pub bytes: Vec<u8>,
    pub key: [u8; 16],
    pub kinds: Vec<Kind>,
    pub traits: Vec<Traits>,
    pub inner: Inner,
    /// Where in `bytes` these are. A byte an entry: the place of its kind, and 128 if it needs a context.
    pub entries: Range<usize>,
    /// Where the id of each entry begins in `ids`, and where the last one ends: 4 bytes each.
    pub id_places: Range<usize>,
    pub ids: Range<usize>,
    /// 8 bytes each, in order.
    pub tags: Range<usize>,
    /// 4 bytes for each tag: its entry, and in the highest byte the place of its traits.
    pub owners: Range<usize>,
    /// For each number that a tag may begin with, the first tag.
    pub directory: Directory,
    pub crowds: Crowds,
    pub has_numbers: bool,
    pub has_spelled: bool,
}

/// Where to look for a tag.
pub(crate) struct Directory {
    firsts: Vec<u32>,
    shift: u32,
    /// A bit for each tag, so that most of what has none is told from a small table.
    present: Inner,
}

impl Directory {
    /// Of tags in order; `None` if they are not.
    pub fn of(count: usize, tag: impl Fn(usize) -> u64) -> Option<Directory> {
        let bits = (usize::BITS - (count / BUCKET).leading_zeros()).clamp(1, 24);
        let present = Inner::new(Inner::bits_for(count));
        let mut directory = Directory { firsts: Vec::with_capacity((1 << bits) + 1), shift: 64 - bits, present };
        let mut last = 0;
        for place in 0..count {
            let tag = tag(place);
            if tag < last {
                return None;
            }
            last = tag;
            directory.present.set(Inner::place(directory.present.bits, tag));
            while directory.firsts.len() as u64 <= tag >> directory.shift {
                directory.firsts.push(place as u32);
            }
        }
        directory.firsts.resize((1 << bits) + 1, count as u32);
        Some(directory)
    }

    /// The places among which the tag is, if it is there.
    fn range(&self, tag: u64) -> Range<usize> {
        if !self.present.has(tag) {
            return 0..0;
        }
        let bucket = (tag >> self.shift) as usize;
        self.firsts[bucket] as usize..self.firsts[bucket + 1] as usize
    }
}

impl HashedIndex {
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    pub fn tag_count(&self) -> usize {
        self.tags.len() / 8
    }

    pub fn tag(&self, place: usize) -> u64 {
        read_u64(&self.bytes[self.tags.clone()], place)
    }

    /// The entry and the place of the traits.
    pub fn owner(&self, place: usize) -> (u32, usize) {
        let owner = read_u32(&self.bytes[self.owners.clone()], place);
        (owner & 0xff_ffff, (owner >> 24) as usize)
    }

    pub fn id(&self, entry: u32) -> &str {
        let places = &self.bytes[self.id_places.clone()];
        let (start, end) = (read_u32(places, entry as usize) as usize, read_u32(places, entry as usize + 1) as usize);
        std::str::from_utf8(&self.bytes[self.ids.clone()][start..end]).expect("ids are checked when a list is opened")
    }

    pub fn entry(&self, entry: u32) -> u8 {
        self.bytes[self.entries.start + entry as usize]
    }

    fn tagger(&self) -> Tagger {
        Tagger::new(&self.key)
    }

    /// The places of a tag.
    fn places(&self, tag: u64) -> impl Iterator<Item = usize> {
        let Range { mut start, end } = self.directory.range(tag);
        // A file may have been made so that most tags lie in one bucket.
        let mut length = end - start;
        while length > 0 {
            let half = length / 2;
            if self.tag(start + half) < tag {
                start += half + 1;
                length -= half + 1;
            } else {
                length = half;
            }
        }
        (start..end).take_while(move |place| self.tag(*place) == tag)
    }

    fn ending(&self, place: usize) -> Ending {
        let (entry, traits) = self.owner(place);
        Ending { entry, traits: self.traits[traits] }
    }

    /// The tags that more than [`FEW`] forms have.
    pub fn find_crowds(&mut self) {
        let mut crowded = Vec::new();
        let mut place = 0;
        while place + FEW < self.tag_count() {
            let tag = self.tag(place);
            if self.tag(place + FEW) == tag {
                let endings: Vec<Ending> = self.places(tag).map(|place| self.ending(place)).collect();
                place += endings.len();
                crowded.push((Node(tag), endings));
            } else {
                place += 1;
            }
        }
        self.crowds = Crowds::of(crowded.into_iter(), |entry| self.needs_context(entry));
    }
}

pub(crate) fn read_u64(bytes: &[u8], place: usize) -> u64 {
    let bytes = bytes[place * 8..][..8].try_into().expect("eight bytes were taken");
    u64::from_le_bytes(bytes)
}

pub(crate) fn read_u32(bytes: &[u8], place: usize) -> u32 {
    let bytes = bytes[place * 4..][..4].try_into().expect("four bytes were taken");
    u32::from_le_bytes(bytes)
}

impl Index for HashedIndex {
    fn word(&self, text: &str) -> Option<WordKey> {
        Some(self.tagger().word(text))
    }

    fn begin(&self, word: WordKey) -> Option<Node> {
        let node = self.tagger().step(WORDS, word);
        self.inner.has(node.0).then_some(node)
    }

    fn step(&self, node: Node, word: WordKey) -> Option<Node> {
        Some(self.tagger().step(node, word))
    }

    fn goes_on(&self, node: Node) -> bool {
        self.inner.has(node.0)
    }

    fn ends(&self, node: Node, report: &mut dyn FnMut(Ending)) {
        self.places(node.0).for_each(|place| report(self.ending(place)));
    }

    fn crowds(&self) -> &Crowds {
        &self.crowds
    }

    fn may_begin(&self, half_word: &str) -> bool {
        let mut letters = half_word.chars();
        match (letters.next(), letters.next()) {
            // A sign is whole; a mark may begin a word.
            (Some(c), None) if !c.is_alphanumeric() && !is_combining_mark(c) => {
                self.begin(self.tagger().word(half_word)).is_some()
            }
            _ => true,
        }
    }

    fn may_step(&self, _: Node, _: &str) -> bool {
        true
    }

    fn may_pause(&self, _: Node) -> bool {
        true
    }

    fn may_skip(&self, _: Node) -> bool {
        true
    }

    fn spelled(&self, letters: &str) -> (Option<Node>, bool) {
        let count = letters.chars().count();
        if !self.has_spelled || count > *SPELLED_LENGTH.end() {
            return (None, false);
        }
        let tag = self.tagger().of(SPELLED, letters);
        let whole = SPELLED_LENGTH.contains(&count) && self.places(tag.0).next().is_some();
        let more = count < *SPELLED_LENGTH.end() && (count > SPELLED_BEGINNING || self.inner.has(tag.0));
        (whole.then_some(tag), more)
    }

    fn has_numbers(&self) -> bool {
        self.has_numbers
    }

    fn number(&self, key: &str) -> Option<u32> {
        let tag = self.has_numbers.then(|| self.tagger().of(NUMBERS, key))?;
        self.places(tag.0).next().map(|place| self.owner(place).0)
    }

    fn may_number(&self, beginning: &str) -> bool {
        self.has_numbers
            && beginning.len() < LONGEST_NUMBER
            && (beginning.len() != NUMBER_BEGINNING || self.inner.has(self.tagger().of(NUMBERS, beginning).0))
    }

    fn needs_context(&self, entry: u32) -> bool {
        self.entry(entry) & 128 != 0
    }

    fn describe(&self, entry: u32) -> (Kind, &str) {
        (self.kinds[usize::from(self.entry(entry) & 127)].clone(), self.id(entry))
    }
}
