//! The canonical form of text, and the way back to the bytes it came from.
//!
//! `lethe-canon-1` is what lists and text are compared in. Case, accents, compatibility forms,
//! look-alike letters of other scripts and invisible characters make no difference in it; white
//! space of any kind and length is one space; dashes, apostrophes and quotation marks are one of
//! each; Markdown's emphasis, code and strike-through marks and its backslash escapes are seen
//! through. Each character of it knows the range of raw bytes it stands for.
//!
//! Guaranteed: ranges lie on character boundaries, in order, and the form is a function of the text
//! alone, not of how it was cut while streaming.
//!
//! Deliberately not done here: HTML tags and entities are text. Letters are compared one by one, so
//! `rn` is not `m` and `l` is not `1`. A run of more than 256 bytes that leave no trace
//! ends a word.

mod fold;
mod lookalike;
mod shape;

use std::fmt;
use std::ops::Range;

use crate::Kind;
use crate::scan::{Found, What};

use shape::{PLAIN_BYTES, Shape, class_of, shapes};

/// The name of this canonical form. A list that was built for another one can't be used with it.
pub const CANONICAL_FORM: &str = "lethe-canon-1";

/// The most raw bytes in a row that may leave no trace within a word.
pub(crate) const DROPPED_RUN: usize = 256;

/// Stands in canonical text where nothing may match across: a marker, or a run of dropped bytes.
pub(crate) const BARRIER: char = '\u{fffc}';

/// One canonical character and the raw bytes it stands for.
#[derive(Clone, Copy)]
pub(crate) struct Glyph {
    pub c: char,
    pub class: Class,
    pub start: usize,
    pub end: usize,
    pub hint: Hint,
}

/// What the canonical form leaves out and words are told apart by now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hint {
    None,
    /// The letter is a capital one.
    Capital,
    /// The white space breaks the line.
    Line,
}

impl Hint {
    fn of(c: char) -> Hint {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => Hint::Line,
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

/// Text pieces with a meaning of their own, recognised in raw text.
#[derive(Default)]
pub(crate) struct Literals {
    /// Markers of this filter: never looked into, so filtering twice changes nothing.
    pub markers: Vec<String>,
    /// What Apertus was trained to write in place of personal data, and the kind it stands for.
    pub stand_ins: Vec<(&'static str, Kind)>,
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

/// Turns a stream into glyphs, piece by piece.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reader {
    /// Bytes of the stream that were turned into glyphs.
    position: usize,
    /// Whether the glyph before is white space, so that more of it adds nothing.
    after_space: bool,
    /// Raw bytes since the last glyph that left no trace.
    dropped: usize,
}

impl Reader {
    /// How many bytes of the stream have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Reads `raw`, which is the stream from [`Reader::position`] on. Stops before the end if what
    /// stands there can only be understood with what follows, unless this is the `last` piece; that
    /// is at most a backslash or the beginning of a marker. Stand-ins are reported as `found`.
    pub fn read(
        &mut self,
        raw: &str,
        last: bool,
        literals: &Literals,
        glyphs: &mut Vec<Glyph>,
        found: &mut Vec<Found>,
    ) {
        glyphs.reserve(raw.len());
        let mut rest = raw;
        while !rest.is_empty() {
            rest = &rest[self.put_plain(rest.as_bytes(), glyphs)..];
            let Some(c) = rest.chars().next() else { return };
            let length = match c {
                '*' | '`' | '~' => self.skip(1, glyphs),
                '[' | '<' => match literals.at(rest, last) {
                    Literal::Open => return,
                    Literal::None => self.put(c, class_of(c), 1, glyphs),
                    Literal::Whole { length, kind } => {
                        let (start, end) = (self.position, self.position + length);
                        found.extend(kind.map(|kind| Found { start, end, what: What::Detected(kind) }));
                        self.put(BARRIER, Class::Barrier, length, glyphs)
                    }
                },
                '\\' => match rest[1..].chars().next() {
                    None if !last => return,
                    None => self.skip(1, glyphs),
                    Some(escaped @ ('*' | '`' | '~' | '\\')) => {
                        self.skip(1, glyphs);
                        rest = &rest[1..];
                        self.put(escaped, Class::Sign, 1, glyphs)
                    }
                    Some(next) if next.is_ascii_punctuation() || next == '\n' => self.skip(1, glyphs),
                    _ => self.put('\\', Class::Sign, 1, glyphs),
                },
                _ => self.put_folded(c, glyphs),
            };
            rest = &rest[length..];
        }
    }

    /// Adds glyphs for the plain bytes that `raw` begins with, and says how many they are.
    fn put_plain(&mut self, raw: &[u8], glyphs: &mut Vec<Glyph>) -> usize {
        let count = raw.iter().take_while(|byte| PLAIN_BYTES[usize::from(**byte)].is_plain).count();
        let plain = raw[..count].iter().map(|byte| PLAIN_BYTES[usize::from(*byte)].shape);
        // A copy, since what is known to be nobody else's is kept in registers.
        let mut reader = *self;
        glyphs.extend(plain.map(|shape| reader.pass(shape, 1)));
        *self = reader;
        count
    }

    /// Adds a glyph for the next `length` raw bytes, which are then read.
    fn put(&mut self, c: char, class: Class, length: usize, glyphs: &mut Vec<Glyph>) -> usize {
        let glyph = self.pass(Shape { c, class, hint: Hint::None }, length);
        glyphs.push(glyph);
        length
    }

    /// The glyph that the next `length` raw bytes stand for, which are then read.
    fn pass(&mut self, shape: Shape, length: usize) -> Glyph {
        let (start, end) = (self.position, self.position + length);
        let class = match shape.class {
            Class::Space if self.after_space => Class::Extend,
            class => class,
        };
        self.after_space = shape.c == ' ';
        self.dropped = 0;
        self.position = end;
        Glyph { c: shape.c, class, start, end, hint: shape.hint }
    }

    /// Passes over the next `length` raw bytes, which leave no trace.
    fn skip(&mut self, length: usize, glyphs: &mut Vec<Glyph>) -> usize {
        let before = self.dropped;
        self.dropped += length;
        self.position += length;
        if before <= DROPPED_RUN && self.dropped > DROPPED_RUN {
            let (start, end) = (self.position, self.position);
            self.after_space = false;
            glyphs.push(Glyph { c: BARRIER, class: Class::Barrier, start, end, hint: Hint::None });
        }
        length
    }

    fn put_folded(&mut self, c: char, glyphs: &mut Vec<Glyph>) -> usize {
        let (start, length) = (self.position, c.len_utf8());
        let mut any = false;
        shapes(c, |shape| {
            self.position = start;
            glyphs.push(self.pass(shape, length));
            any = true;
        });
        if any {
            return length;
        }
        // A mark belongs to what it follows. If it closed a run that is too long, nothing does.
        let end = start + length;
        glyphs.push(Glyph { c: '\0', class: Class::Extend, start, end, hint: Hint::None });
        self.skip(length, glyphs)
    }
}

enum Literal {
    None,
    /// It may become one with what follows.
    Open,
    Whole {
        length: usize,
        kind: Option<Kind>,
    },
}

impl Literals {
    fn at(&self, rest: &str, last: bool) -> Literal {
        let markers = self.markers.iter().map(|marker| (marker.as_str(), None));
        let stand_ins = self.stand_ins.iter().map(|(token, kind)| (*token, Some(kind)));
        let mut open = false;
        for (literal, kind) in markers.chain(stand_ins) {
            if rest.starts_with(literal) {
                return Literal::Whole { length: literal.len(), kind: kind.cloned() };
            }
            open |= !last && literal.starts_with(rest);
        }
        if open { Literal::Open } else { Literal::None }
    }
}
