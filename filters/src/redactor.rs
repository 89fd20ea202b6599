//! The filter of one stream.
//!
//! Text goes in in pieces of any size and comes out as soon as nothing that follows can make it part
//! of a match. What comes out does not depend on the pieces: put together it is what
//! [`Filter::filter`](crate::Filter::filter) makes of the whole.
//!
//! Raw text waits in one buffer. Scans read its canonical form and say from where on they have not
//! made up their minds; everything before is settled. Matches that overlap become one redaction
//! over the span of all, which bears the kind and source of the longest (lists before detectors,
//! earlier entries before later ones). Matches that merely touch stay apart.

use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use crate::canonical::{BARRIER, Class, Glyph, Hint, LONGEST_SEAM, Reader};
use crate::edge::{before_marks, widen};
use crate::filter::Rules;
use crate::known::Known;
use crate::scan::{Found, MATCH_SPAN, Raw, Scan, What};
use crate::{Filter, FilteredText};

/// The most bytes of pushed text that a [`Redactor`] ever holds back.
///
/// A match spans at most 3520 raw bytes; the rest is for what can only be read as a whole (a marker,
/// a tag, an entity, a link's target, marks of emphasis beside a match). What is written with more invisible characters
/// than fit in there is not found.
pub const HOLD_BACK: usize = MATCH_SPAN + LONGEST_SEAM + 64;

/// How much text is looked at in one go. Any other size gives the same result.
const SLICE: usize = 16 * 1024;

/// Filters one stream of text. Made by [`Filter::redactor`](crate::Filter::redactor).
///
/// The stream must be ended with [`Redactor::finish`], also when it was cancelled, or the text held
/// back is lost.
pub struct Redactor {
    rules: Arc<Rules>,
    reader: Reader,
    scans: Vec<Box<dyn Scan>>,
    /// Text that is not settled, from `head` on. What is before was given out and waits to be cut.
    buffer: String,
    head: usize,
    /// Where in the stream the text at `head` stands.
    cursor: usize,
    /// Matches that are not yet part of a redaction.
    pending: Vec<Found>,
    /// A redaction that more matches may still join.
    removal: Option<Removal>,
    glyphs: Vec<Glyph>,
    /// Whether the stream ends where a marker stands.
    before_marker: bool,
    /// What detectors leave alone.
    known: Option<Known>,
}

struct Removal {
    start: usize,
    end: usize,
    what: What,
    /// The length of the match that gave `what`.
    length: usize,
}

impl Redactor {
    pub(crate) fn new(rules: Arc<Rules>, known: Option<Known>) -> Redactor {
        let mut scans = rules.detectors.scans();
        for (list, number) in rules.lists.iter().zip(0..) {
            scans.extend(list.compiled().scans(number));
        }
        Redactor {
            rules,
            reader: Reader::default(),
            scans,
            buffer: String::new(),
            head: 0,
            cursor: 0,
            pending: Vec::new(),
            removal: None,
            glyphs: Vec::new(),
            before_marker: false,
            known,
        }
    }

    /// Takes the next piece of the stream, and gives out all that is settled by now.
    pub fn push(&mut self, text: &str) -> FilteredText {
        let mut out = FilteredText::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (slice, later) = rest.split_at(rest.floor_char_boundary(SLICE));
            self.buffer.push_str(slice);
            self.advance(false, &mut out);
            rest = later;
        }
        out
    }

    /// Ends the stream and gives out the rest.
    pub fn finish(mut self) -> FilteredText {
        let mut out = FilteredText::default();
        self.advance(true, &mut out);
        out
    }

    /// Ends a stream that was cut off: by a limit, by the user, by a crash. What may have been the beginning of
    /// something listed, or of an address, is left out, since half a name is part of a name.
    pub fn cut(mut self) -> FilteredText {
        let mut out = FilteredText::default();
        let position = self.reader.position();
        let begun = self.scans.iter_mut().filter_map(|scan| scan.begun(position, &mut self.pending)).min();
        let end = self.cursor + self.held();
        if let Some(start) = begun.filter(|start| *start < end) {
            self.pending.push(Found { start, end, what: What::Begun });
        }
        self.advance(true, &mut out);
        out
    }

    /// Goes on with another filter, since lists have changed. `given` is all that this stream gave out; it is read
    /// again by the new filter together with what is held back, so that nothing gets out at the change, and what takes
    /// its place is given back: text at its end may be held back again. `None` while something is being removed:
    /// nothing has happened then, and the next piece is another occasion. Inputs of redactions are empty up to here
    /// and count from the last of them on.
    #[must_use]
    pub fn go_on_with(&mut self, filter: &Filter, given: &FilteredText) -> Option<FilteredText> {
        if self.removal.is_some() || !self.pending.is_empty() {
            return None;
        }
        let held = self.buffer.split_off(self.head);
        *self = filter.redactor();
        let (mut out, open) = filter.again_to_last_marker(given);
        if !given.redactions().is_empty() {
            self.begin_after_marker();
        }
        out.append(self.push(open));
        out.append(self.push(&held));
        Some(out)
    }

    /// How many bytes are held back now. Never more than [`HOLD_BACK`].
    pub fn held(&self) -> usize {
        self.buffer.len() - self.head
    }

    /// Filters `text` as what stands between markers, which a letter beside it would not be.
    pub(crate) fn filter_between(mut self, text: &str, left: bool, right: bool) -> FilteredText {
        if left {
            self.begin_after_marker();
        }
        let mut out = self.push(text);
        self.before_marker = right;
        out.append(self.finish());
        out
    }

    fn begin_after_marker(&mut self) {
        let marker = Glyph { c: BARRIER, class: Class::Barrier, start: 0, end: 0, hint: Hint::None };
        self.scans.iter_mut().for_each(|scan| scan.feed(&[marker], &mut self.pending));
    }

    fn advance(&mut self, last: bool, out: &mut FilteredText) {
        let unread = self.head + (self.reader.position() - self.cursor);
        let (literals, pending) = (&self.rules.literals, &mut self.pending);
        let raw = Raw { text: &self.buffer[unread..], start: self.reader.position() };
        self.glyphs.clear();
        self.reader.read(raw.text, last, literals, &mut self.glyphs, pending);
        let position = self.reader.position();
        if last && self.before_marker {
            let (c, class) = (BARRIER, Class::Barrier);
            self.glyphs.push(Glyph { c, class, start: position, end: position, hint: Hint::None });
        }
        let mut settled = position;
        for scan in &mut self.scans {
            scan.feed_text(&self.glyphs, raw, pending);
            if last {
                scan.finish(position, pending);
            } else if let Some(open) = scan.open(position, pending) {
                settled = settled.min(open);
            }
        }
        pending.sort_by_key(|found| (found.start, Reverse(found.end), found.what.rank()));
        let joined = self.join_settled(settled, last, out);
        self.pending.drain(..joined);
        if let Some(found) = self.pending.first() {
            settled = settled.min(found.start);
        }
        self.release(settled, last, out);
        if self.head > SLICE || self.head == self.buffer.len() {
            self.buffer.drain(..self.head);
            self.head = 0;
        }
    }

    /// Makes redactions of the matches before `settled`: no other match will start before them.
    /// Returns how many of the pending ones that were.
    fn join_settled(&mut self, settled: usize, last: bool, out: &mut FilteredText) -> usize {
        for number in 0..self.pending.len() {
            let found = self.pending[number].clone();
            if found.start >= settled && !last {
                return number;
            }
            let offset = self.cursor - self.head;
            let span = found.start - offset..found.end - offset;
            if let (What::Detected(_), Some(known)) = (&found.what, &self.known)
                && known.has(&self.buffer[span.clone()])
            {
                continue;
            }
            let Some(wide) = widen(&self.buffer, span, last) else { return number };
            let (start, end) = (wide.start + offset, wide.end + offset);
            // Whatever is whole names the redaction, be it shorter.
            let length = if found.what == What::Begun { 0 } else { found.end - found.start };
            match &mut self.removal {
                Some(removal) if found.start < removal.end => {
                    removal.end = removal.end.max(end);
                    let rank = (Reverse(length), found.what.rank());
                    if rank < (Reverse(removal.length), removal.what.rank()) {
                        removal.what = found.what;
                        removal.length = length;
                    }
                }
                _ => {
                    self.end_removal(out);
                    let start = start.max(self.cursor);
                    self.give_out(start, out);
                    self.removal = Some(Removal { start, end, what: found.what, length });
                }
            }
        }
        self.pending.len()
    }

    /// Gives out text up to `settled`, but for marks of emphasis that a match behind may take in.
    fn release(&mut self, settled: usize, last: bool, out: &mut FilteredText) {
        let place = settled - self.cursor + self.head;
        let settled = match last {
            true => settled,
            false => self.cursor + before_marks(&self.buffer[self.head..], place - self.head),
        };
        match &self.removal {
            // Its text is as good as removed; only where it ends is open.
            Some(removal) if removal.end > settled && !last => {
                self.head += settled - self.cursor;
                self.cursor = settled;
            }
            _ => {
                self.end_removal(out);
                self.give_out(settled, out);
            }
        }
    }

    fn give_out(&mut self, to: usize, out: &mut FilteredText) {
        if to > self.cursor {
            let head = self.head + (to - self.cursor);
            out.push_text(&self.buffer[self.head..head]);
            self.head = head;
            self.cursor = to;
        }
    }

    fn end_removal(&mut self, out: &mut FilteredText) {
        let Some(removal) = self.removal.take() else { return };
        if removal.end > self.cursor {
            self.head += removal.end - self.cursor;
            self.cursor = removal.end;
        }
        if removal.what == What::Begun {
            return;
        }
        let (kind, source) = self.rules.describe(removal.what);
        out.push_removed(kind, source, removal.start..removal.end);
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redactor").field("held", &self.held()).finish_non_exhaustive()
    }
}
