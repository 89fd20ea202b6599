//! Words that were read lately: most of a text is made of a few hundred words, and each is looked up once.

use crate::list::index::{Index, Node, WordKey};

/// The most words that are kept, as its logarithm.
const PLACES: u32 = 9;
/// The most bytes of a word that is kept.
const LONGEST: usize = 15;

/// What an index says of the words read last, each kept until another one takes its place. The default keeps none: it
/// is for readings that end soon.
#[derive(Default)]
pub(super) struct Frequent {
    keeps: bool,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    /// The word, filled with zeros, and its length in the last byte.
    word: [u8; LONGEST + 1],
    found: Looked,
}

/// What an index says of a word.
#[derive(Clone, Copy, Default)]
pub(super) struct Looked {
    pub key: Option<WordKey>,
    /// Where an entry begins with it, if one may.
    pub begin: Option<Node>,
    /// Whether one may begin with it but for an `s` at its end.
    pub begins_in_genitive: bool,
}

impl Frequent {
    /// One that keeps words.
    pub fn keeping() -> Frequent {
        Frequent { keeps: true, slots: Vec::new() }
    }

    /// What the index says of a word.
    pub fn look_up<I: Index>(&mut self, word: &str, index: &I) -> Looked {
        let bytes = word.as_bytes();
        if !self.keeps || bytes.is_empty() || bytes.len() > LONGEST {
            return look_up(word, index);
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); 1 << PLACES];
        }
        let mut kept = [0; LONGEST + 1];
        kept[..bytes.len()].copy_from_slice(bytes);
        kept[LONGEST] = bytes.len() as u8;
        // A multiplicative hash of all bytes; the high bits depend on all of them.
        let whole = u128::from_le_bytes(kept);
        let mixed = (whole as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (whole >> 64) as u64;
        let slot = &mut self.slots[(mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> (64 - PLACES)) as usize];
        if slot.word != kept {
            *slot = Slot { word: kept, found: look_up(word, index) };
        }
        slot.found
    }
}

fn look_up<I: Index>(word: &str, index: &I) -> Looked {
    let begin = |word: &str| index.word(word).and_then(|key| index.begin(key));
    let stem = word.strip_suffix('s').filter(|stem| !stem.is_empty());
    let key = index.word(word);
    let begins_in_genitive = stem.is_some_and(|stem| begin(stem).is_some());
    Looked { key, begin: key.and_then(|key| index.begin(key)), begins_in_genitive }
}
