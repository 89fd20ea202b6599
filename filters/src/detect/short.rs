//! Short texts, kept in place: almost every word of a text is read by a detector and forgotten again,
//! so it must cost nothing to keep one.

use crate::canonical::Glyph;

/// At most `MOST` characters of ASCII. Others are kept as NUL, which no word has.
#[derive(Clone, Copy)]
pub(super) struct Short<const MOST: usize> {
    bytes: [u8; MOST],
    length: usize,
}

impl<const MOST: usize> Short<MOST> {
    /// These characters of ASCII, as far as there is room.
    pub fn of(text: &[u8]) -> Short<MOST> {
        let mut bytes = [0; MOST];
        let length = text.len().min(MOST);
        bytes[..length].copy_from_slice(&text[..length]);
        Short { bytes, length }
    }

    /// Adds the characters of these glyphs, as far as there is room.
    pub fn extend(&mut self, glyphs: &[Glyph]) {
        let room = &mut self.bytes[self.length..];
        self.length += room.len().min(glyphs.len());
        for (byte, glyph) in room.iter_mut().zip(glyphs) {
            *byte = if glyph.c.is_ascii() { glyph.c as u8 } else { 0 };
        }
    }

    /// Adds the character of a glyph, if there is room.
    pub fn push(&mut self, glyph: &Glyph) {
        self.extend(std::slice::from_ref(glyph));
    }

    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    pub fn clear(&mut self) {
        self.length = 0;
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("nothing but ASCII is kept")
    }

    pub fn len(&self) -> usize {
        self.length
    }

    /// How many characters can be added.
    pub fn room(&self) -> usize {
        MOST - self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl<const MOST: usize> Default for Short<MOST> {
    fn default() -> Short<MOST> {
        Short { bytes: [0; MOST], length: 0 }
    }
}
