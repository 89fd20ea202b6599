//! What numbers are made of: groups of letters and digits.

use super::{Topic, national_id};
use crate::canonical::Glyph;
use crate::detect::short::Short;

/// The longest group, in characters. Longer ones are part of nothing.
pub(super) const MAX_GROUP: usize = 20;
/// The most characters between two groups.
pub(super) const MAX_SEPARATOR: usize = 3;

/// A word that may be a part of a number.
#[derive(Clone)]
pub(crate) struct Group {
    /// Its letters, in lower case, and digits; not all of them if it is too long.
    pub text: Short<MAX_GROUP>,
    pub sort: Sort,
    /// What stands between it and the group before.
    pub before: Short<MAX_SEPARATOR>,
    /// Where the `+` directly before it begins.
    pub plus: Option<usize>,
    /// Where the `(` directly before it, or before its `+`, begins.
    pub bracket: Option<usize>,
    pub start: usize,
    pub end: usize,
    /// Whether it is tied to digits before it.
    pub tied: bool,
    /// What the words before it say.
    pub topic: Topic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Digits,
    Letters,
    /// Letters and ASCII digits.
    Mixed,
    /// Too long, or with characters of other scripts.
    Other,
}

impl Group {
    #[inline]
    pub fn grow(&mut self, glyph: &Glyph) {
        self.end = glyph.end;
        if self.sort == Sort::Other {
            return;
        }
        if self.text.room() == 0 || !glyph.c.is_ascii_alphanumeric() {
            self.sort = Sort::Other;
            return;
        }
        self.text.push(glyph);
        let same = match self.sort {
            Sort::Digits => glyph.c.is_ascii_digit(),
            Sort::Letters => glyph.c.is_ascii_lowercase(),
            _ => true,
        };
        if !same {
            self.sort = Sort::Mixed;
        }
    }

    /// Where a number that begins with it begins at the earliest.
    pub fn first(&self) -> usize {
        self.bracket.or(self.plus).unwrap_or(self.start)
    }

    /// Whether a number may begin with it, now that it is over.
    pub fn begins(&self) -> bool {
        match self.sort {
            Sort::Digits => true,
            Sort::Letters | Sort::Mixed => national_id::begins(self.text.as_bytes()),
            Sort::Other => false,
        }
    }

    /// Whether a number may begin with what was read of it.
    pub fn may_begin(&self) -> bool {
        match self.sort {
            Sort::Digits => true,
            Sort::Letters | Sort::Mixed => national_id::may_begin(self.text.as_bytes()),
            Sort::Other => false,
        }
    }
}

/// Groups that may be a number, and what the words before say it is.
pub(crate) struct Number<'a> {
    pub groups: &'a [Group],
    /// All letters and digits.
    pub text: &'a str,
    /// How long the groups are.
    pub lengths: &'a [usize],
    pub topic: Topic,
}

impl<'a> Number<'a> {
    /// A number of these groups, of which the texts and lengths begin with these.
    pub fn new(groups: &'a [Group], text: &'a str, lengths: &'a [usize]) -> Number<'a> {
        let lengths = &lengths[..groups.len()];
        Number { groups, text: &text[..lengths.iter().sum()], lengths, topic: groups[0].topic }
    }

    /// All digits, if there is nothing else.
    pub fn digits(&self) -> Option<&'a str> {
        let plain = self.groups.iter().all(|group| group.sort == Sort::Digits);
        plain.then_some(self.text)
    }

    /// What stands between the groups.
    pub fn separators(&self) -> impl Iterator<Item = &str> {
        self.groups[1..].iter().map(|group| group.before.as_str())
    }

    /// Whether every two groups have the same one of `allowed` between them.
    pub fn is_parted_by(&self, allowed: &[&str]) -> bool {
        let mut separators = self.separators();
        let Some(first) = separators.next() else { return true };
        allowed.contains(&first) && separators.all(|separator| separator == first)
    }

    pub fn has_plus(&self) -> bool {
        self.groups.iter().any(|group| group.plus.is_some())
    }
}
