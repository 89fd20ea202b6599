//! E-mail addresses as they are written, for the form `email`.

use crate::canonical::{Class, Glyph, unescaped};
use crate::scan::{MATCH_SPAN, Raw};

/// The most bytes that an address has (RFC 5321), and some for what stands around it.
const LONGEST: usize = 320;

/// Reads runs of what an address may be made of.
#[derive(Default)]
pub(super) struct Addresses {
    /// The run in small letters.
    text: String,
    spots: Vec<Spot>,
    /// Where the run starts, if it is too long.
    too_long: bool,
    has_at: bool,
    read: usize,
}

struct Spot {
    start: usize,
    end: usize,
    at: usize,
}

/// An address, and where it is.
pub(super) struct Address<'a> {
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
}

impl Addresses {
    /// Reads one glyph and reports the address that it ends, if it ends one.
    pub fn feed(&mut self, glyph: &Glyph, raw: Raw<'_>, report: &mut impl FnMut(Address<'_>)) {
        let is_part = match glyph.class {
            Class::Extend => return,
            Class::Joint => !matches!(glyph.c, '[' | ']'),
            Class::Sign => matches!(glyph.c, '.' | '@' | '+' | '%'),
            class => class.is_word(),
        };
        if !is_part {
            return self.close(glyph.start, report);
        }
        if glyph.end <= self.read {
            return;
        }
        self.read = glyph.end;
        if self.text.len() > LONGEST {
            self.too_long = true;
            return;
        }
        self.has_at |= glyph.c == '@';
        self.spots.push(Spot { start: glyph.start, end: glyph.end, at: self.text.len() });
        match glyph.c {
            '@' | '.' => self.text.push(glyph.c),
            _ => match unescaped(raw.of(glyph)) {
                Some(c) => self.text.extend(c.to_lowercase()),
                None => self.text.extend(raw.of(glyph).chars().flat_map(char::to_lowercase)),
            },
        }
    }

    /// Ends the run.
    pub fn close(&mut self, decided: usize, report: &mut impl FnMut(Address<'_>)) {
        if self.has_at && !self.too_long {
            self.report(decided, report);
        }
        self.text.clear();
        self.spots.clear();
        (self.too_long, self.has_at) = (false, false);
    }

    /// Where the run starts that may become an address.
    pub fn open(&self) -> Option<usize> {
        self.spots.first().filter(|_| !self.too_long).map(|spot| spot.start)
    }

    fn report(&self, decided: usize, report: &mut impl FnMut(Address<'_>)) {
        let around = ['.', '_', '-', '+', '%'];
        let text = self.text.trim_end_matches(around);
        let end = text.len();
        let text = text.trim_start_matches(around);
        let begin = end - text.len();
        let is_address = |(local, domain): (&str, &str)| {
            !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains('@')
        };
        if !text.split_once('@').is_some_and(is_address) {
            return;
        }
        let first = self.spots.partition_point(|spot| spot.at < begin);
        let last = self.spots.partition_point(|spot| spot.at < end);
        let (Some(first), Some(last)) = (self.spots.get(first), self.spots.get(last - 1)) else { return };
        if decided - first.start <= MATCH_SPAN {
            report(Address { text, start: first.start, end: last.end });
        }
    }
}
