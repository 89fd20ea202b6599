//! The canonical form of text, and the way back to the bytes it came from.
//!
//! `lethe-canon-1` is what lists and text are compared in. Case, accents, compatibility forms,
//! look-alike letters of other scripts and invisible characters make no difference in it; white
//! space of any kind and length is one space; dashes, apostrophes and quotation marks are one of
//! each; Markdown's emphasis, code and strike-through marks and its backslash escapes are seen
//! through, and so are HTML's tags for the same; its tags for lines and cells are white space, its
//! entities the characters they stand for, and so are escapes: of links, JSON, LaTeX and mail (`escape.rs`). Each character of it knows the range of raw bytes it
//! stands for.
//!
//! What stands beside words and belongs to none is marked: quotation marks, the `|` between the cells
//! of a row, the `>` before a quoted line, and tags with attributes, whose text is read like any
//! other. A digit above or below the line, as of a footnote, is a sign of its own behind a letter, and a
//! digit elsewhere.
//!
//! Guaranteed: ranges lie on character boundaries, in order, and the form is a function of the text
//! alone, not of how it was cut while streaming.
//!
//! Deliberately not done here: HTML that is not closed, tags that begin a row or an item, and what
//! `entity.rs`, `escape.rs` and `tag.rs` do not name are text. Letters are compared one by one, so `rn` is not
//! `m` and `l` is not `1`. Superscript letters are letters: names are written with them (`Mª José`).
//! A run of more than [`DROPPED_RUN`] bytes that leave no trace ends a word.
//!
//! Where markup joins on the screen what stands apart in the text, the glyphs are those of the text, and a mark says what may
//! be passed over: see `seam.rs`.

mod backslash;
mod entity;
mod escape;
mod fold;
mod latex;
mod lookalike;
mod percent;
mod reader;
mod seam;
mod shape;
mod tag;

use std::fmt;
use std::ops::Range;

use entity::{Entity, entity_at};
use escape::escape_alone;

pub(crate) use reader::{Literals, Reader};
pub(crate) use seam::LONGEST_SEAM;

/// The name of this canonical form. A list that was built for another one can't be used with it.
pub const CANONICAL_FORM: &str = "lethe-canon-1";

/// The most raw bytes in a row that may leave no trace within a word.
pub(crate) const DROPPED_RUN: usize = 2048;

/// Stands in canonical text where nothing may match across: a marker, or a run of dropped bytes.
pub(crate) const BARRIER: char = '\u{241e}';

/// One canonical character and the raw bytes it stands for.
#[derive(Clone, Copy)]
pub(crate) struct Glyph {
    pub c: char,
    pub class: Class,
    pub start: usize,
    pub end: usize,
    pub hint: Hint,
}

impl Glyph {
    /// The mark of a seam that stands from `start` on: where a reader of words may go on as if nothing stood there. It
    /// takes no place itself, and what stands there follows as glyphs of its own.
    fn seam(start: usize, length: usize, hint: Hint) -> Glyph {
        let length = u32::try_from(length).ok().and_then(char::from_u32).unwrap_or_default();
        Glyph { c: length, class: Class::Extend, start, end: start, hint }
    }

    /// Where the seam ends that this is the mark of.
    pub fn seam_end(&self) -> Option<usize> {
        matches!(self.hint, Hint::Seam | Hint::SeamWithin).then(|| self.start + self.c as usize)
    }
}

/// What the canonical form leaves out and words are told apart by now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hint {
    None,
    /// The letter is a capital one.
    Capital,
    /// The white space breaks the line.
    Line,
    /// The same where the line is empty, and at the end of a paragraph.
    EmptyLine,
    /// The sign only parts words: a quotation mark, the edge of a cell, the mark of a quoted line.
    Parts,
    /// The sign begins a tag with attributes or a comment.
    Opens,
    /// The sign ends what [`Hint::Opens`] began.
    Closes,
    /// No sign: from here on some bytes may be passed over, see [`Glyph::seam_end`].
    Seam,
    /// The same, but only within a word.
    SeamWithin,
}

impl Hint {
    fn of(c: char) -> Hint {
        match c {
            '\n' | '\r' | '\u{2028}' => Hint::Line,
            '\u{2029}' => Hint::EmptyLine,
            _ if c.is_uppercase() => Hint::Capital,
            _ => Hint::None,
        }
    }
}

/// What a glyph is to those who look for words and shapes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// A letter of a script that puts spaces between words.
    Letter,
    /// A letter of the Korean alphabet, which runs into other letters without being one word.
    Hangul,
    /// A digit.
    Digit,
    /// A mark that belongs to the letter before it.
    Mark,
    /// A letter of a script without spaces between words: each is a word of its own.
    Spaceless,
    /// White space, as one glyph however long.
    Space,
    /// `-`, `_`, square brackets and the middle dot: they part words and mean nothing themselves.
    Joint,
    /// An apostrophe or single quote.
    Apostrophe,
    /// Anything else that can be seen.
    Sign,
    /// No character: bytes that belong to the glyph before them if they follow it directly.
    Extend,
    /// No character: nothing matches across it.
    Barrier,
}

impl Class {
    /// Whether words are made of it.
    pub fn is_word(self) -> bool {
        matches!(self, Class::Letter | Class::Hangul | Class::Digit | Class::Mark | Class::Spaceless)
    }

    /// Whether it makes one word with a letter or digit beside it.
    pub fn joins(self) -> bool {
        matches!(self, Class::Letter | Class::Digit | Class::Mark)
    }
}

/// The character that a piece of text stands for, if all of it is one escape or entity, which was read as one.
pub(crate) fn unescaped(piece: &str) -> Option<char> {
    let found = match piece.as_bytes() {
        [b'&', _, ..] => match entity_at(piece, true) {
            Entity::Whole { c, length } => Some((c, length)),
            _ => None,
        },
        [b'%' | b'=' | b'\\' | b'{', _, ..] => escape_alone(piece),
        _ => None,
    };
    found.filter(|(_, length)| *length == piece.len()).map(|(c, _)| c)
}

/// Canonical text with a map back to the original bytes.
#[derive(Clone)]
pub struct Canonical {
    text: String,
    /// For each canonical character: its first byte in `text`, and its glyph.
    glyphs: Vec<(usize, Glyph)>,
}

impl Canonical {
    /// The canonical form of a whole text.
    pub fn of(text: &str) -> Canonical {
        let mut glyphs = Vec::with_capacity(text.len());
        Reader::default().read(text, true, &Literals::default(), &mut glyphs, &mut Vec::new());
        let mut canonical = Canonical { text: String::with_capacity(text.len()), glyphs: Vec::new() };
        for glyph in glyphs {
            match (glyph.class, canonical.glyphs.last_mut()) {
                (Class::Extend, Some((_, last))) if last.end == glyph.start => {
                    last.end = glyph.end;
                }
                (Class::Extend, _) => {}
                _ => {
                    canonical.glyphs.push((canonical.text.len(), glyph));
                    canonical.text.push(glyph.c);
                }
            }
        }
        canonical
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The original bytes that the canonical bytes in `range` stand for, with the dropped ones
    /// between them. A range that touches a character counts as holding all of it; an empty range,
    /// or one behind the end, gives the empty range at that place.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let first = self.glyphs.partition_point(|(offset, _)| *offset <= range.start).max(1) - 1;
        let last = self.glyphs.partition_point(|(offset, _)| *offset < range.end);
        let end = self.glyphs.last().map_or(0, |(_, glyph)| glyph.end);
        if range.is_empty() || range.start >= self.text.len() {
            let place = match self.glyphs.get(first) {
                Some((_, glyph)) if range.start < self.text.len() => glyph.start,
                _ => end,
            };
            return place..place;
        }
        self.glyphs[first].1.start..self.glyphs[last - 1].1.end
    }

    pub(crate) fn glyphs(&self) -> impl Iterator<Item = Glyph> {
        self.glyphs.iter().map(|(_, glyph)| *glyph)
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Canonical").field("bytes", &self.text.len()).finish()
    }
}
