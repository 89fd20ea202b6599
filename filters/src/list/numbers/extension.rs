//! What is dialled behind a telephone number: `x12`, `ext. 12`, `;ext=12`, `#12`, `/01`, `/ 01`.
//!
//! Found directly behind a listed number, and part of it. Not digits that are the first of another number, as in
//! `044 668 18 00/044 668 18 01`.

use crate::canonical::Glyph;

/// What was read behind a number.
#[derive(Default)]
pub(super) struct Extension {
    state: State,
    /// The letters of a word.
    word: String,
    digits: usize,
    most: usize,
    /// The end of the last digit.
    last: usize,
    /// Whether it stands in brackets.
    in_brackets: bool,
    /// The number before an extension that is of one word with it, which is none without.
    within: Option<(usize, u32)>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Directly behind the number.
    #[default]
    Start,
    /// Behind white space, a comma, a semicolon or a bracket.
    Apart,
    /// Behind white space and a stroke, before more white space or digits.
    Stroke,
    Word,
    /// Behind a word or a sign for an extension.
    Named,
    /// Behind an `x`, a stroke, a hyphen: digits follow directly.
    Sign,
    Digits,
    /// Behind digits and one sign or white space.
    Behind,
    Whole,
    None,
}

#[rustfmt::skip]
const WORDS: [&str; 25] = [
    "anexo", "app", "apparat", "durchwahl", "dw", "ext", "extension", "extn", "int", "intern", "interna", "interne",
    "interno", "kl", "klappe", "nebenst", "nebenstelle", "nst", "poste", "ramal", "toestel", "tst", "wew", "x", "zentrale",
];
const LONGEST_WORD: usize = 11;
const MOST_DIGITS: usize = 7;
/// Of digits behind a stroke or a hyphen.
const FEW_DIGITS: usize = 4;
/// Of digits behind a stroke between white space.
const TWO_DIGITS: usize = 2;

impl Extension {
    /// One whose `x` comes now, directly behind a number of an entry.
    pub fn within_word(end: usize, entry: u32) -> Extension {
        Extension { within: Some((end, entry)), ..Extension::default() }
    }

    /// Reads a character behind the number.
    pub fn read(&mut self, glyph: &Glyph) {
        let c = glyph.c;
        self.state = match (self.state, c) {
            (State::Start | State::Apart, '#') => self.expect(MOST_DIGITS, State::Named),
            (State::Start, 'x') => self.expect(MOST_DIGITS, State::Sign),
            (State::Start, '/' | '-') => self.expect(FEW_DIGITS, State::Sign),
            (State::Apart, '/') if self.digits == 1 => self.expect(TWO_DIGITS, State::Stroke),
            (State::Stroke, ' ') if self.digits == 0 => {
                self.digits += 1;
                State::Stroke
            }
            (State::Start | State::Apart, ' ' | ',' | ';' | '(') if self.digits < 3 => {
                // Here it counts signs.
                self.digits += 1;
                self.in_brackets |= c == '(';
                State::Apart
            }
            (State::Apart | State::Word, _) if c.is_ascii_lowercase() && self.word.len() < LONGEST_WORD => {
                self.word.push(c);
                State::Word
            }
            (State::Word, _) if WORDS.contains(&self.word.as_str()) => match c {
                ' ' | '.' | ':' | '=' => self.expect(MOST_DIGITS, State::Named),
                // `x12`
                _ if c.is_ascii_digit() && self.word == "x" => {
                    self.expect(MOST_DIGITS, State::Digits);
                    self.count(glyph)
                }
                _ => State::None,
            },
            (State::Named, ' ' | '.' | ':') if self.digits < 3 && self.last == 0 => {
                self.digits += 1;
                State::Named
            }
            (State::Named | State::Sign | State::Stroke, _) if c.is_ascii_digit() => {
                self.digits = 0;
                self.count(glyph)
            }
            (State::Digits, _) if c.is_ascii_digit() => self.count(glyph),
            (State::Digits, _) if c.is_alphanumeric() => State::None,
            (State::Digits, ')') if self.in_brackets => {
                self.last = glyph.end;
                State::Whole
            }
            (State::Digits, ' ' | '.' | '-' | '/') => State::Behind,
            (State::Digits, _) => State::Whole,
            (State::Behind, _) => {
                if c.is_ascii_digit() {
                    State::None
                } else {
                    State::Whole
                }
            }
            (State::Whole, _) => State::Whole,
            _ => State::None,
        };
    }

    /// Takes in a mark that belongs to the last digit.
    pub fn touch(&mut self, glyph: &Glyph) {
        if self.last == glyph.start {
            self.last = glyph.end;
        }
    }

    /// Whether more may be read.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Whole | State::None)
    }

    /// The end of a whole extension.
    pub fn end(&self) -> Option<usize> {
        matches!(self.state, State::Digits | State::Behind | State::Whole).then_some(self.last)
    }

    /// The number before it, if the two are one word.
    pub fn number(&self) -> Option<(usize, u32)> {
        self.end().and(self.within)
    }

    fn expect(&mut self, most: usize, state: State) -> State {
        (self.most, self.digits) = (most, 0);
        state
    }

    fn count(&mut self, glyph: &Glyph) -> State {
        self.digits += 1;
        self.last = glyph.end;
        if self.digits > self.most { State::None } else { State::Digits }
    }
}
