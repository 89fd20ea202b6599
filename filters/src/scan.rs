//! What lists and detectors have in common: they read glyphs and report what they found.

use crate::Kind;
use crate::canonical::Glyph;

/// The longest span that one match may cover, in raw bytes from its first byte to the glyph that
/// ends it. What is longer is not a match, which is what bounds the hold-back.
pub(crate) const MATCH_SPAN: usize = 3520;

/// A match, in bytes of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub start: usize,
    pub end: usize,
    pub what: What,
}

/// What a match is. The order is the rank among matches of the same length: lists first, since they
/// can say which entry it was, then earlier entries first, then kinds in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// An entry, by the number of its list in the filter and its own number there.
    Entry { list: u32, entry: u32 },
    /// A detector's hit.
    Detected(Kind),
    /// What a stream that was cut off ends with, and what may have become a match.
    Begun,
}

impl What {
    pub fn rank(&self) -> (u32, u32) {
        match self {
            What::Entry { list, entry } => (*list, *entry),
            What::Detected(kind) => (u32::MAX, kind.order()),
            What::Begun => (u32::MAX, u32::MAX),
        }
    }
}

/// The raw text that some glyphs were read from.
#[derive(Clone, Copy, Default)]
pub(crate) struct Raw<'a> {
    pub text: &'a str,
    /// Where in the stream it starts.
    pub start: usize,
}

impl<'a> Raw<'a> {
    /// What stands where a glyph does; nothing if it is not of this text.
    pub fn of(self, glyph: &Glyph) -> &'a str {
        let range = glyph.start.checked_sub(self.start).zip(glyph.end.checked_sub(self.start));
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

/// A reader of glyphs. It is fed every glyph of a stream once, in order, in slices of any size, and
/// what it reports may depend on the glyphs only, never on the slices.
pub(crate) trait Scan: Send + Sync {
    /// Reads some glyphs. Matches are reported as soon as nothing that follows can change them,
    /// at the latest with the first glyph behind them.
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>);

    /// Reads some glyphs and the text that they were read from, for those who compare what is written
    /// and not its canonical form.
    fn feed_text(&mut self, glyphs: &[Glyph], _raw: Raw<'_>, found: &mut Vec<Found>) {
        self.feed(glyphs, found);
    }

    /// Called when everything up to `position` was fed: the earliest place from which a match may
    /// still be reported, or `None` if only what follows `position` matters. A place further back
    /// than [`MATCH_SPAN`] counts as `None`; such a match must not be reported any more.
    fn open(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize>;

    /// The stream is cut off at `position`: the earliest place from which on it already looks like a match that is
    /// not whole yet. Called before `finish`, which reports what is whole.
    fn begun(&mut self, _position: usize, _found: &mut Vec<Found>) -> Option<usize> {
        None
    }

    /// The stream ends at `position`.
    fn finish(&mut self, position: usize, found: &mut Vec<Found>);
}
