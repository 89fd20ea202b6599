//! Local parts in double quotes: `"anna keller"@example.org`.
//!
//! Of RFC 5321's quoted strings those that people use: up to three words and signs but angle brackets, with a quotation mark of
//! any kind before them that begins a word. Longer ones would hold text back at each quotation.

use crate::canonical::{Class, Glyph, Hint};

const MAX_LENGTH: usize = 40;
const MAX_SPACES: usize = 2;
/// How many glyphs before a place say all that is known there.
const REMEMBERED: usize = MAX_LENGTH + 4;

#[derive(Default)]
pub(super) struct Quoted {
    /// Where the mark stands that may have begun one.
    start: Option<usize>,
    length: usize,
    spaces: usize,
    /// Where the one begins that ended with the glyph read last.
    closed: Option<usize>,
    /// Whether a mark that follows belongs to what is before it.
    behind_word: bool,
}

impl Quoted {
    /// Where the local part begins that ended just now.
    pub fn closed(&self) -> Option<usize> {
        self.closed
    }

    /// Where one may begin that is still to be found.
    pub fn first_start(&self) -> Option<usize> {
        self.closed.or(self.start)
    }

    /// Reads glyphs of which only the last ones count.
    pub fn pass(&mut self, glyphs: &[Glyph]) {
        let forgotten = glyphs.len().saturating_sub(REMEMBERED);
        if forgotten > 0 {
            *self = Quoted { behind_word: true, ..Quoted::default() };
        }
        glyphs[forgotten..].iter().for_each(|glyph| self.read(glyph));
    }

    #[inline]
    pub fn read(&mut self, glyph: &Glyph) {
        self.closed = None;
        if glyph.c == '"' && glyph.class == Class::Sign {
            // What it does is said by what is before it alone, so that what was before that can be forgotten.
            match self.behind_word {
                true => self.closed = self.start.take().filter(|_| self.length > 0),
                false => *self = Quoted { start: Some(glyph.start), ..Quoted::default() },
            }
            self.behind_word = true;
            return;
        }
        if self.start.is_some() {
            self.length += 1;
            self.spaces += usize::from(glyph.class == Class::Space && self.length > 1);
            let word = glyph.class.is_word() || glyph.class == Class::Extend;
            let inner = (' '..='~').contains(&glyph.c) && !matches!(glyph.c, '<' | '>');
            let fits = self.length <= MAX_LENGTH && self.spaces <= MAX_SPACES && glyph.hint != Hint::Line;
            if !(fits && (word || inner)) {
                self.start = None;
            }
        }
        self.behind_word = match glyph.class {
            Class::Extend => self.behind_word,
            Class::Space | Class::Joint => false,
            _ => !matches!(glyph.c, '(' | '<' | ':' | '=' | ','),
        };
    }
}
