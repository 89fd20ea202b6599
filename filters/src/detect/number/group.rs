//! What numbers are made of: groups of letters and digits.

use super::national_id;
use super::words::{Topic, is_between};
use crate::canonical::{Class, Glyph, Hint};
use crate::detect::short::Short;

/// The longest group, in characters. Longer ones are part of nothing.
pub(super) const MAX_GROUP: usize = 20;
/// The longest part of a number that is letters alone.
const MAX_PART: usize = 6;
/// The most characters between two groups.
pub(super) const MAX_SEPARATOR: usize = 3;

/// A word that may be a part of a number.
#[derive(Clone)]
pub(crate) struct Group {
    /// Its letters, in lower case, and digits; not all of them if it is too long.
    pub text: Short<MAX_GROUP>,
    pub sort: Sort,
    /// What stands between it and the group or word before.
    pub before: Short<MAX_SEPARATOR>,
    pub boundary: Boundary,
    /// Where the `+` directly before it begins.
    pub plus: Option<usize>,
    /// Where the `(` directly before it, or before its `+`, begins.
    pub bracket: Option<usize>,
    /// Whether an extension is glued to it (`9000x11`), which its text leaves out.
    pub extension: bool,
    /// Whether the bracket that closes an extension ends it.
    pub closing: bool,
    /// Whether it follows a word and a slash or hyphen, as a part of a path or name does.
    pub path: bool,
    /// Whether it follows a space and a hyphen, as a negative number does.
    pub negative: bool,
    /// Whether it begins a line.
    pub line: bool,
    /// Whether a comma stands before it, and before that a figure of many digits: it is one of a row.
    pub in_row: bool,
    /// Whether a colon stands directly behind it.
    pub colon: bool,
    /// Whether all its letters are capitals.
    pub capitals: bool,
    pub start: usize,
    pub end: usize,
    /// What the words before it say.
    pub topic: Topic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Digits,
    Letters,
    /// A word that an extension stands behind, or an extension with its sign.
    Extension,
    /// Letters and ASCII digits.
    Mixed,
    /// Too long, or with characters of other scripts.
    Other,
}

/// How two groups hang together, or a group and what stands before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Boundary {
    /// By a dot, a hyphen, or nothing: one can't be read without the other.
    Tight,
    /// By a slash, which two numbers may have between them.
    Slash,
    /// By one space.
    Near,
    /// By what parts numbers: the end of a line, signs with spaces, two signs.
    Loose,
}

impl Boundary {
    /// What this text between two groups makes of them. `apart`: a line ends in it, or a `+` follows.
    pub fn of(text: &[u8], apart: bool) -> Boundary {
        match text {
            b"" | b"." | b"-" => Boundary::Tight,
            b"/" => Boundary::Slash,
            b" " if !apart => Boundary::Near,
            _ => Boundary::Loose,
        }
    }

    pub fn is_tight(self) -> bool {
        matches!(self, Boundary::Tight | Boundary::Slash)
    }
}

/// How sure it is that groups are a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strength {
    /// It looks like one. With another figure one space away it is one figure of several.
    Plain,
    /// It can hardly be anything else.
    Clear,
}

/// The most digits of an extension.
pub(super) const MAX_EXTENSION: usize = 7;

/// How far a range counts up whose sign has space round it.
const MAX_COUNT: u32 = 10;

impl Group {
    #[inline]
    pub fn grow(&mut self, glyph: &Glyph) {
        self.end = glyph.end;
        self.capitals &= glyph.class != Class::Letter || glyph.hint == Hint::Capital;
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
            Sort::Letters if self.topic.has_letters() => self.is_part() && !is_between(self.text.as_bytes()),
            Sort::Mixed if self.topic.is_id() || self.topic.has_letters() => true,
            Sort::Letters | Sort::Mixed => national_id::begins(self.text.as_bytes()),
            Sort::Extension | Sort::Other => false,
        }
    }

    /// Whether a number may begin with what was read of it.
    pub fn may_begin(&self) -> bool {
        match self.sort {
            Sort::Digits => true,
            Sort::Letters | Sort::Mixed if self.topic.is_id() || self.topic.has_letters() => true,
            Sort::Letters | Sort::Mixed => national_id::may_begin(self.text.as_bytes()),
            Sort::Extension | Sort::Other => false,
        }
    }

    /// Whether it is many digits without anything between.
    pub fn is_long(&self) -> bool {
        self.sort == Sort::Digits && self.text.len() > 10
    }

    /// Whether both are figures of one width, as those of a table are.
    pub fn is_as_wide_as(&self, other: &Group) -> bool {
        let figures = self.sort == Sort::Digits && other.sort == Sort::Digits;
        figures && self.text.len() > 3 && self.text.len() == other.text.len()
    }

    /// Whether it is so few digits as a range or an extension ends with.
    pub fn is_end(&self, most: usize) -> bool {
        self.sort == Sort::Digits && self.plus.is_none() && self.text.len() <= most
    }

    /// Whether it is the number that stands a few above the other one.
    pub fn counts_up_from(&self, other: &Group) -> bool {
        let value = |group: &Group| group.text.as_str().parse::<u32>().ok();
        let (Some(value), Some(other_value)) = (value(self), value(other)) else { return false };
        let near = value > other_value && value - other_value <= MAX_COUNT;
        near && self.text.len() == other.text.len() && self.text.len() > 1 && !self.colon
    }

    /// Whether it is short enough for the letters of a number.
    pub fn is_part(&self) -> bool {
        self.text.len() <= MAX_PART
    }

    pub fn has_digits(&self) -> bool {
        self.text.as_bytes().iter().any(u8::is_ascii_digit)
    }

    /// The `#` between a number and its extension.
    pub fn extension_sign(glyph: &Glyph, boundary: Boundary, topic: Topic) -> Group {
        Group {
            text: Short::default(),
            sort: Sort::Extension,
            before: Short::default(),
            boundary,
            plus: None,
            bracket: None,
            extension: false,
            closing: false,
            path: false,
            negative: false,
            line: false,
            in_row: false,
            colon: false,
            capitals: true,
            start: glyph.start,
            end: glyph.end,
            topic,
        }
    }

    /// Whether it is an extension with its sign (`x11`).
    pub fn is_glued_extension(&self) -> bool {
        self.sort == Sort::Mixed && is_glued(self.text.as_bytes())
    }

    /// Parts the digits from an extension that is glued to them (`9000x11`).
    pub fn part_extension(&mut self) {
        let text = self.text.as_bytes();
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if self.sort == Sort::Mixed && digits > 1 && is_glued(&text[digits..]) {
            self.text.truncate(digits);
            self.sort = Sort::Digits;
            self.extension = true;
        }
    }
}

/// Whether this is an extension and the word for it: `x11`, `ext11`.
fn is_glued(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"ext").or_else(|| text.strip_prefix(b"x")).unwrap_or_default();
    (1..=MAX_EXTENSION).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// Groups that may be a number, and what the words before say it is.
pub(crate) struct Number<'a> {
    pub groups: &'a [Group],
    /// All letters and digits.
    pub text: &'a str,
    pub topic: Topic,
}

impl<'a> Number<'a> {
    /// All digits, if there is nothing else.
    pub fn digits(&self) -> Option<&'a str> {
        let plain = self.groups.iter().all(|group| group.sort == Sort::Digits);
        plain.then_some(self.text)
    }

    /// How long the groups are.
    pub fn lengths(&self) -> Lengths {
        let mut lengths = Lengths { lengths: [0; MOST_LENGTHS], count: self.groups.len().min(MOST_LENGTHS) };
        for (length, group) in lengths.lengths.iter_mut().zip(self.groups) {
            *length = group.text.len();
        }
        lengths
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

    /// Whether nothing but a space, dot, hyphen or slash stands between two groups.
    pub fn is_parted(&self) -> bool {
        self.separators().all(|separator| matches!(separator, " " | "." | "-" | "/" | " - "))
    }

    /// Whether it is written as a figure is: three digits a group behind the first.
    pub fn is_figure(&self) -> bool {
        let mut groups = self.groups.iter().map(|group| group.text.len());
        self.groups.len() > 1 && groups.next().is_some_and(|length| length <= 3) && groups.all(|length| length == 3)
    }

    /// Whether it goes over the end of a line.
    pub fn is_broken(&self) -> bool {
        self.groups[1..].iter().any(|group| group.line)
    }

    pub fn has_plus(&self) -> bool {
        self.groups.iter().any(|group| group.plus.is_some())
    }
}

/// Lengths of groups, to compare with those of a known form.
pub(crate) struct Lengths {
    lengths: [usize; MOST_LENGTHS],
    count: usize,
}

/// Forms have so many groups at most; nothing with more has one.
const MOST_LENGTHS: usize = 11;

impl std::ops::Deref for Lengths {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.lengths[..self.count]
    }
}
