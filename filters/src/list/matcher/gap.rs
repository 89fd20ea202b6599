//! What stands between words, and what stood before: enough to tell two people apart.

use crate::canonical::{Class, Glyph, Hint};
use crate::list::matcher::path::is_letter;
use crate::word::Word;

/// What parts a word from the one before.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    space: bool,
    /// The end of a line.
    pub line: bool,
    /// A hyphen or dash.
    dash: bool,
    /// One with white space before it.
    spaced_dash: bool,
}

impl Gap {
    /// Reads what is no word.
    pub fn add(&mut self, glyph: &Glyph) {
        match glyph.c {
            '-' => {
                self.dash = true;
                self.spaced_dash |= self.space;
            }
            ' ' => {
                self.space = true;
                self.line |= glyph.hint == Hint::Line;
            }
            // What stands before something removed is not known when stored text is restored.
            _ if glyph.class == Class::Barrier => *self = Gap::default(),
            _ => {}
        }
    }

    /// Whether nothing goes on behind it: a dash between words, an item of a list, a rule.
    pub fn parts(self) -> bool {
        self.spaced_dash
    }

    /// Whether a hyphen joins the words.
    pub fn joins(self) -> bool {
        self.dash && !self.spaced_dash
    }

    /// Whether there is nothing but blanks in it.
    pub fn is_blank(self) -> bool {
        !self.line && !self.dash
    }
}

/// The last words that were read.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    capital: bool,
    initial: bool,
}

impl Before {
    /// What stands directly before a word, with a gap between.
    pub fn directly(self, gap: Gap) -> Before {
        if gap.is_blank() { self } else { Before::default() }
    }

    /// Reads a word. A dot behind an initial belongs to it.
    pub fn note(&mut self, word: &Word<'_>) {
        if word.text == "." && self.initial {
            return;
        }
        *self = Before { capital: word.capital, initial: word.capital && is_letter(word.text) };
    }

    /// Whether it is a word with a capital letter.
    pub fn is_capital(self) -> bool {
        self.capital
    }

    /// Whether it is a capital letter alone, with or without a dot.
    pub fn is_initial(self) -> bool {
        self.initial
    }
}
