//! A comma or semicolon behind a number: the word behind it says whether an extension follows (`901-3355, ext 12`).
//!
//! Until that is clear the glyphs are kept, at most [`MAX_AHEAD`] of them; then they are read as if the sign were not
//! there, or as if nothing had been kept.

use crate::canonical::{Class, Glyph, Hint};
use crate::detect::short::Short;

/// The sign, a space, the longest word and what ends it.
const MAX_AHEAD: usize = 16;

/// What is kept, if anything is.
#[derive(Default)]
pub(super) struct Ahead {
    glyphs: Vec<Glyph>,
    word: Short<MAX_AHEAD>,
}

/// What follows a sign.
pub(super) enum Verdict {
    /// It is not clear yet.
    Waits,
    /// An extension, as these glyphs behind the sign say.
    Extends(Vec<Glyph>),
    /// Something else: the sign and what was read behind it.
    Ends(Vec<Glyph>),
}

impl Ahead {
    pub fn begin(&mut self, sign: &Glyph) {
        self.word.clear();
        self.glyphs.push(*sign);
    }

    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// All that is kept, at the end of a stream.
    pub fn take(&mut self) -> Vec<Glyph> {
        std::mem::take(&mut self.glyphs)
    }

    pub fn read(&mut self, glyph: &Glyph) -> Verdict {
        self.glyphs.push(*glyph);
        let is_first_space = glyph.c == ' ' && glyph.hint != Hint::Line && self.glyphs.len() == 2;
        let is_letter = glyph.class == Class::Letter && glyph.c.is_ascii();
        if is_letter {
            self.word.push(glyph);
        }
        if (is_letter || is_first_space) && self.glyphs.len() < MAX_AHEAD {
            return Verdict::Waits;
        }
        let word = self.word.as_bytes();
        // A digit may be glued to a short one.
        let is_over = !glyph.class.joins() || glyph.class == Class::Digit && matches!(word, b"x" | b"ext");
        let extends = is_over && glyph.class != Class::Extend && follows_sign(word);
        let mut glyphs = self.take();
        if extends {
            glyphs.remove(0);
            return Verdict::Extends(glyphs);
        }
        Verdict::Ends(glyphs)
    }
}

/// Whether this word stands before an extension even behind a comma. Others, such as `intern`, may begin something else.
fn follows_sign(word: &[u8]) -> bool {
    matches!(
        word,
        b"x" | b"ext"
            | b"extn"
            | b"extension"
            | b"durchwahl"
            | b"dw"
            | b"nst"
            | b"nebenstelle"
            | b"klappe"
            | b"apparat"
            | b"poste"
            | b"interno"
            | b"toestel"
    )
}
