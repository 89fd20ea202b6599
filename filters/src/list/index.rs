//! What every compiled list can be asked, in clear or hashed.
//!
//! Entries are looked for word by word: a [`Node`] stands for the words read so far. An index may
//! say "perhaps" where it does not know whether more words lead on (a hashed one can't), and it then
//! merely makes text wait a little longer. It never says "perhaps" to what decides: which entries
//! end in a node. So all indexes of the same entries find the same.

use crate::Kind;
use crate::list::crowd::Crowds;

/// A word that some entry may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WordKey(pub u64);

/// The words read so far.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node(pub u64);

/// An entry that ends in a node, and how it may have been reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Ending {
    pub entry: u32,
    pub traits: Traits,
}

/// How a form may be written beyond its words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Traits {
    /// An `s` may stand directly behind the last word.
    pub genitive: bool,
    /// Behind so many words a comma may stand; 0 is nowhere. At most [`Traits::MAX_PLACE`].
    pub comma: u8,
    /// Behind so many words one more word may stand, as a middle name does; 0 is nowhere. Behind all words of a reversed
    /// form: no initial may stand there, since the entry has one that was left out, or all of them.
    pub middle: u8,
    /// No name, but what has to stand near one.
    pub context: bool,
}

/// What was read beside the words of a node.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Passed {
    pub genitive: bool,
    /// Behind how many words something stood that is not part of the entry; 0 if nothing did.
    pub place: u8,
    /// A comma stood there.
    pub comma: bool,
    /// A title.
    pub title: bool,
    /// Middle names or initials.
    pub middle: bool,
    /// Whether what stood there was more than an initial: a middle name, or something in brackets.
    pub middle_name: bool,
    /// What parts the fields of a table or a record.
    pub fields: bool,
    /// The end of a line.
    pub line: bool,
    /// An empty line.
    pub paragraph: bool,
    /// Parts in fields with labels of their own.
    pub labelled: bool,
    /// A first name or an initial that a hyphen joins to the first word.
    pub joined: bool,
    /// A hyphen directly before the first word.
    pub hyphen: bool,
    /// An article directly before it.
    pub article: bool,
    /// A semicolon, as in a row of fields.
    pub row: bool,
    /// Whether words begin with capital letters.
    pub capitals: bool,
    /// Whether words begin with small ones.
    pub small: bool,
    /// Whether all words are of everyday language.
    pub everyday: bool,
}

impl Traits {
    /// The last place that a comma or a middle name can have.
    pub const MAX_PLACE: usize = 15;

    /// Whether the form may be written so. A name goes across no empty line, and what may be a phrase is none in small
    /// letters. It does not begin within a double first name, and nothing but names has fields of its own.
    pub fn allow(self, passed: Passed) -> bool {
        let is_phrase = passed.everyday && passed.small;
        (self.genitive || !passed.genitive)
            && !(self.is_name() && (passed.paragraph || is_phrase || passed.joined))
            && (self.is_name() || !passed.labelled)
            && if self.is_reversed() { self.allow_reversed(passed) } else { self.allow_natural(passed) }
    }

    fn is_name(self) -> bool {
        self.genitive || self.comma > 0 || self.middle > 0
    }

    /// Whether the surname stands first.
    pub fn is_reversed(self) -> bool {
        self.comma > 0
    }

    /// Whether no initial may stand behind a reversed form: the entry has another one there, or its first names are
    /// initials themselves.
    pub fn is_shortened(self) -> bool {
        self.is_reversed() && self.middle > 0
    }

    /// Across the end of a line there is no middle name, nor a name that begins in a row of fields, and before the
    /// surname no title and no comma.
    fn allow_natural(self, passed: Passed) -> bool {
        let is_in_rows = self.is_name() && passed.row;
        (passed.place == 0 || passed.place == self.middle)
            && (passed.fields || !passed.comma && !(passed.line && (passed.middle_name || is_in_rows)))
            && !passed.title
    }

    /// A surname does not begin in the middle of a double name. Without a comma it stands before the first name within a
    /// line, in letters of one case, and not behind an article: `Der Bäcker Martin`, `the price Mark quoted`.
    fn allow_reversed(self, passed: Passed) -> bool {
        let is_mixed = passed.capitals && passed.small;
        let is_plain = !(passed.line || passed.article || passed.middle_name || is_mixed);
        (passed.place == 0 || passed.place == self.comma)
            && !passed.middle
            && !passed.hyphen
            && (passed.comma || passed.fields || is_plain)
    }

    /// As a number below 1024, as list files have it.
    pub fn to_bits(self) -> u16 {
        u16::from(self.genitive)
            | u16::from(self.comma & 15) << 1
            | u16::from(self.middle & 15) << 5
            | u16::from(self.context) << 9
    }

    /// The traits of a number that [`Traits::to_bits`] makes; none of any other.
    pub fn from_bits(bits: u16) -> Option<Traits> {
        let place = |shift: u16| (bits >> shift & 15) as u8;
        let traits = Traits { genitive: bits & 1 == 1, comma: place(1), middle: place(5), context: bits >> 9 & 1 == 1 };
        (bits < 1 << 10).then_some(traits)
    }
}

/// A list, compiled for being looked up.
pub(crate) trait Index: Send + Sync + 'static {
    /// A whole word; `None` if no entry has it.
    fn word(&self, text: &str) -> Option<WordKey>;

    /// Where a word leads from the beginning of an entry.
    fn begin(&self, word: WordKey) -> Option<Node>;

    /// Where a word leads from within an entry.
    fn step(&self, node: Node, word: WordKey) -> Option<Node>;

    /// Whether more words may lead on.
    fn goes_on(&self, node: Node) -> bool;

    /// The entries that end in a node. Of a node of [`Index::crowds`] there are many: ask these.
    fn ends(&self, node: Node, report: &mut dyn FnMut(Ending));

    /// The nodes in which many entries end.
    fn crowds(&self) -> &Crowds;

    /// Whether an entry may begin with a word that begins like this.
    fn may_begin(&self, half_word: &str) -> bool;

    /// Whether a word that begins like this may lead on.
    fn may_step(&self, node: Node, half_word: &str) -> bool;

    /// Whether a comma may stand here that is not part of the entry.
    fn may_pause(&self, node: Node) -> bool;

    /// Whether one more word may stand here that is not part of the entry.
    fn may_skip(&self, node: Node) -> bool;

    /// Where entries end whose letters, one by one, are these, and whether more of them may make another.
    fn spelled(&self, letters: &str) -> (Option<Node>, bool);

    /// Whether there are entries that [`Index::number`] finds.
    fn has_numbers(&self) -> bool;

    /// The entry whose letters and digits are these.
    fn number(&self, key: &str) -> Option<u32>;

    /// Whether the letters and digits of an entry may begin like this and go on.
    fn may_number(&self, beginning: &str) -> bool;

    /// Whether an entry is looked for only near its context.
    fn needs_context(&self, entry: u32) -> bool;

    /// The kind and the id of an entry.
    fn describe(&self, entry: u32) -> (Kind, &str);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_are_read_back_as_themselves() {
        for bits in 0..1 << 10 {
            assert_eq!(Traits::from_bits(bits).map(Traits::to_bits), Some(bits));
        }
        assert_eq!(Traits::from_bits(1 << 10), None);
    }

    #[test]
    fn table_of_what_traits_allow() {
        let reversed = Traits { genitive: true, comma: 1, middle: 0, context: false };
        let natural = Traits { genitive: true, comma: 0, middle: 1, context: false };
        let nothing = Passed::default();
        for (passed, in_reversed, in_natural) in [
            (nothing, true, true),
            (Passed { genitive: true, ..nothing }, true, true),
            (Passed { place: 1, comma: true, ..nothing }, true, false),
            (Passed { place: 2, comma: true, ..nothing }, false, false),
            (Passed { place: 1, comma: true, fields: true, ..nothing }, true, true),
            (Passed { place: 1, comma: true, title: true, ..nothing }, true, false),
            (Passed { place: 1, middle: true, ..nothing }, false, true),
            (Passed { line: true, ..nothing }, false, true),
            (Passed { line: true, row: true, ..nothing }, false, false),
            (Passed { paragraph: true, ..nothing }, false, false),
            (Passed { joined: true, ..nothing }, false, false),
            (Passed { labelled: true, fields: true, ..nothing }, true, true),
            (Passed { line: true, place: 1, comma: true, ..nothing }, true, false),
            (Passed { hyphen: true, ..nothing }, false, true),
            (Passed { article: true, ..nothing }, false, true),
            (Passed { capitals: true, small: true, ..nothing }, false, true),
            (Passed { small: true, ..nothing }, true, true),
            (Passed { small: true, everyday: true, ..nothing }, false, false),
            (Passed { capitals: true, everyday: true, ..nothing }, true, true),
        ] {
            assert_eq!(reversed.allow(passed), in_reversed);
            assert_eq!(natural.allow(passed), in_natural);
        }
    }
}
