//! Words as they are written.
//!
//! Where a word begins and ends is for [`Lexer`] to say, as for every list. This keeps the raw
//! text of the word and of the gap before it, without what only formats it: Markdown's marks,
//! invisible characters, and white space beyond one space. Of a word that a hyphen parts at the end
//! of a line the hyphen is left out.

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use crate::canonical::{Class, Glyph, unescaped};
use crate::list::MAX_ENTRY;
use crate::scan::Raw;
use crate::word::{Lexer, Token};

/// The longest gap between two words of one window, in bytes.
const LONGEST_GAP: usize = 16;
/// The most characters between two groups of a number.
const LONGEST_NUMBER_GAP: usize = 3;

/// A whole word.
pub(super) struct RawWord<'a> {
    /// What stands between it and the word before.
    pub gap: &'a str,
    pub between: Between,
    /// The word as it is written; with a plus directly before its digits.
    pub text: &'a str,
    /// Whether it begins with a character of its own: of `½` the `2` does not.
    pub is_apart: bool,
    /// The word in canonical form.
    pub canonical: &'a str,
    pub start: usize,
    pub end: usize,
    /// Where the glyph begins that showed that the word is over.
    pub decided: usize,
}

/// What a gap allows.
#[derive(Clone, Copy, Default)]
pub(super) struct Between {
    characters: usize,
    commas: usize,
    other_signs: usize,
    /// A sign that does not stand in numbers.
    no_number: bool,
    /// A sign that is no full stop or comma.
    signs: bool,
    too_long: bool,
}

impl Between {
    /// Whether no window goes across.
    pub fn parts(self) -> bool {
        self.too_long
    }

    /// Whether it is a comma and white space.
    pub fn is_comma(self) -> bool {
        self.commas == 1 && self.other_signs == 0
    }

    /// Whether it can be left out between words: there is no sign but full stops and commas.
    pub fn has_no_sign(self) -> bool {
        !self.signs
    }

    /// Whether it may stand between the groups of a number.
    pub fn is_in_number(self) -> bool {
        !self.no_number && self.characters <= LONGEST_NUMBER_GAP
    }
}

/// What is read from glyphs.
pub(super) enum Piece<'a> {
    Word(RawWord<'a>),
    /// Nothing matches across it.
    Barrier,
}

/// Cuts glyphs and their raw text into words.
#[derive(Default)]
pub(super) struct Cutter {
    lexer: Lexer,
    /// The raw text since the end of the last word.
    text: String,
    /// For each character of `text` where it comes from.
    spots: Vec<Spot>,
    between: Between,
    word: Option<Begun>,
    /// Up to where raw text was read: a character of several glyphs is read once.
    read: usize,
    joined: String,
}

#[derive(Clone, Copy)]
struct Spot {
    start: usize,
    end: usize,
    /// Where in `text` it begins.
    at: usize,
}

/// A word that was begun.
#[derive(Clone, Copy)]
struct Begun {
    start: usize,
    at: usize,
    is_apart: bool,
}

impl Cutter {
    /// Reads one glyph and reports the word that it ends, if it ends one.
    pub fn feed(&mut self, glyph: &Glyph, raw: Raw<'_>, report: &mut impl FnMut(Piece<'_>)) {
        let Cutter { lexer, text, spots, between, word, joined, .. } = self;
        let mut barrier = false;
        lexer.feed(glyph, &mut |token| match token {
            Token::Word(token) => end_word(&token, text, spots, between, word, joined, report),
            // A sign to those who compare what is written.
            Token::FullStop(_) | Token::AsideBegins(_) | Token::AsideEnds => {}
            Token::Barrier => barrier = true,
        });
        if barrier {
            (self.word, self.between) = (None, Between::default());
            self.text.clear();
            self.spots.clear();
            self.read = glyph.end;
            report(Piece::Barrier);
            return;
        }
        if glyph.class.is_word() && self.word.is_none() {
            self.begin_word(glyph);
        }
        if self.word.is_none() {
            self.note_between(glyph);
        }
        if glyph.end > self.read {
            self.push(glyph, raw);
            self.read = glyph.end;
        }
    }

    /// Ends the stream at `position`.
    pub fn close(&mut self, position: usize, report: &mut impl FnMut(Piece<'_>)) {
        let Cutter { lexer, text, spots, between, word, joined, .. } = self;
        lexer.close(position, &mut |token| {
            if let Token::Word(token) = token {
                end_word(&token, text, spots, between, word, joined, report);
            }
        });
    }

    /// Where the word starts that may go on, or the plus of one that may follow.
    pub fn open(&self) -> Option<usize> {
        let plus = || self.spots.last().filter(|_| self.text.ends_with('+')).map(|spot| spot.start);
        self.word.map(|word| word.start).or_else(plus)
    }

    fn begin_word(&mut self, glyph: &Glyph) {
        let is_apart = glyph.start >= self.read;
        let mut begun = Begun { start: glyph.start, at: self.text.len(), is_apart };
        if let Some(spot) = self.spots.last()
            && glyph.class == Class::Digit
            && spot.end == glyph.start
            && self.text.ends_with('+')
        {
            begun = Begun { start: spot.start, at: spot.at, is_apart };
        }
        self.word = Some(begun);
    }

    fn note_between(&mut self, glyph: &Glyph) {
        let between = &mut self.between;
        between.characters += usize::from(glyph.class != Class::Extend);
        match (glyph.class, glyph.c) {
            (Class::Sign, ',') => (between.commas, between.no_number) = (between.commas + 1, true),
            (Class::Sign, c) => {
                between.other_signs += 1;
                between.no_number |= !matches!(c, '.' | '/' | '(' | ')' | '+' | ':');
                between.signs |= c != '.';
            }
            (Class::Joint, '[' | ']') | (Class::Apostrophe, _) => between.no_number = true,
            _ => {}
        }
    }

    fn push(&mut self, glyph: &Glyph, raw: Raw<'_>) {
        let written = raw.of(glyph);
        let mut character = [0; 4];
        let written = unescaped(written).map_or(written, |c| c.encode_utf8(&mut character));
        let piece = match (glyph.class, written) {
            (Class::Space, _) => " ",
            (Class::Extend, mark) if mark.chars().all(is_accent) => mark,
            (Class::Extend, _) => "",
            (_, piece) => piece,
        };
        if piece.is_empty() {
            return;
        }
        let (from, most) = self.word.map_or((0, LONGEST_GAP), |word| (word.at, 4 * MAX_ENTRY));
        if self.text.len() + piece.len() > from + most {
            self.between.too_long = true;
            return;
        }
        self.spots.push(Spot { start: glyph.start, end: glyph.end, at: self.text.len() });
        self.text.push_str(piece);
    }
}

/// Whether a mark is part of how a word is written; others only change how a letter looks.
fn is_accent(c: char) -> bool {
    is_combining_mark(c) && canonical_combining_class(c) != 0
}

/// Reports a word, unless it is a sign, and keeps what was read behind it as the next gap.
fn end_word(
    token: &crate::word::Word<'_>,
    text: &mut String,
    spots: &mut Vec<Spot>,
    between: &mut Between,
    word: &mut Option<Begun>,
    joined: &mut String,
    report: &mut impl FnMut(Piece<'_>),
) {
    let Some(begun) = *word else { return };
    *word = None;
    let behind = spots.iter().rposition(|spot| spot.end <= token.end).map_or(0, |last| last + 1);
    let at = |spot: usize| spots.get(spot).map_or(text.len(), |spot| spot.at);
    let end = at(behind).max(begun.at);
    let mut whole = &text[begun.at..end];
    if let Some(line_break) = token.line_break {
        let first = at(spots.partition_point(|spot| spot.end <= line_break.end)).clamp(begun.at, end);
        let second = at(spots.partition_point(|spot| spot.start < line_break.start)).clamp(first, end);
        joined.clear();
        joined.push_str(&text[begun.at..first]);
        joined.push_str(&text[second..end]);
        whole = joined;
    }
    report(Piece::Word(RawWord {
        gap: &text[..begun.at],
        between: *between,
        text: whole,
        is_apart: begun.is_apart,
        canonical: token.text,
        start: begun.start,
        end: token.end,
        decided: token.decided,
    }));
    text.drain(..end);
    spots.drain(..behind);
    spots.iter_mut().for_each(|spot| spot.at -= end);
    *between = Between { characters: spots.len(), ..Between::default() };
}
