//! What stands between words, and what stood before: enough to tell two people apart.

use crate::canonical::{Class, Glyph, Hint};
use crate::list::matcher::beside::is_letter;
use crate::list::matcher::vocabulary::{is_article, is_given_name};
use crate::list::variants::is_sound;
use crate::word::Word;

/// What parts a word from the one before.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    space: bool,
    /// The end of a line.
    pub line: bool,
    /// An empty line.
    pub paragraph: bool,
    /// A hyphen or dash.
    dash: bool,
    /// One with white space before it.
    spaced_dash: bool,
    /// An opening square bracket.
    pub bracket: bool,
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
                self.paragraph |= glyph.hint == Hint::EmptyLine;
                self.line |= matches!(glyph.hint, Hint::Line | Hint::EmptyLine);
            }
            '[' => self.bracket = true,
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

    /// Whether there is nothing that can be seen in it, and no white space.
    pub fn is_tight(self) -> bool {
        !self.space && !self.dash && !self.line
    }

    /// Whether there is nothing but blanks in it.
    pub fn is_blank(self) -> bool {
        !self.line && !self.dash
    }
}

/// The longest word before another one that is known, in bytes.
const LONGEST_BEFORE: usize = 15;

/// The last words that were read.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    capital: bool,
    initial: bool,
    /// The last one, if it is short enough.
    text: [u8; LONGEST_BEFORE],
    length: u8,
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
        self.capital = word.capital;
        self.initial = word.capital && is_initial(word.text);
        self.length = 0;
        if let Some(text) = self.text.get_mut(..word.text.len()) {
            text.copy_from_slice(word.text.as_bytes());
            self.length = word.text.len() as u8;
        }
    }

    /// Whether it is a word with a capital letter.
    pub fn is_capital(self) -> bool {
        self.capital
    }

    /// Whether it is an initial with a capital letter, with or without a dot.
    pub fn is_initial(self) -> bool {
        self.initial
    }

    /// Whether it is a semicolon.
    pub fn is_semicolon(&self) -> bool {
        self.text() == ";"
    }

    /// Whether it is an article.
    pub fn is_article(&self) -> bool {
        is_article(self.text())
    }

    /// Whether it is a frequent first name.
    pub fn is_given_name(&self) -> bool {
        is_given_name(self.text())
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or_default()
    }
}

/// Whether a word may be an initial: a letter of a script that has capital ones, or more letters that are one sound.
pub(super) fn is_initial(word: &str) -> bool {
    is_letter(word) && word.starts_with(char::is_lowercase) || is_sound(word)
}
