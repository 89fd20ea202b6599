//! Finds listed numbers in any grouping: `+41 44 668 18 00` as `0446681800`, `KD-4711` as `KD 4711`.
//!
//! Only for kinds that are numbers, and for texts of ASCII letters and at least five digits. What
//! may stand between two characters is up to three of `space . - / ( ) _ + :`. A number begins and
//! ends where words do. Each place at which a word begins is followed as long as some number goes on
//! like that, so there are never more of them than a number is long.

use std::ops::Range;
use std::sync::Arc;

use crate::canonical::{Canonical, Glyph};
use crate::list::index::Index;
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::{Entry, Kind};

const MIN_DIGITS: usize = 5;
const MAX_GAP: usize = 3;

/// The letters and digits of an entry that is a number, and what else they may be.
pub(crate) fn keys(entry: &Entry) -> Vec<String> {
    use Kind::{Account, Ahv, Card, Document, Iban, NationalId, Phone};
    let canonical = Canonical::of(entry.text());
    let known = matches!(entry.kind(), Phone | Account | Document | Card | Iban | Ahv | NationalId);
    let plain = canonical.as_str().chars().all(|c| c.is_ascii_alphanumeric() || is_between(c));
    let key: String = canonical.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    if !known || !plain || key.bytes().filter(u8::is_ascii_digit).count() < MIN_DIGITS {
        return Vec::new();
    }
    match entry.kind() {
        Phone => phone_keys(&key, canonical.as_str().trim_start_matches(['(', ' ']).starts_with('+')),
        _ => vec![key],
    }
}

/// Countries whose numbers are dialled with a zero at home.
const WITH_ZERO: [&str; 5] = ["41", "49", "43", "33", "44"];
/// Countries whose numbers are dialled at home as they are.
const WITHOUT_ZERO: [&str; 3] = ["39", "423", "1"];

fn phone_keys(key: &str, plus: bool) -> Vec<String> {
    let Some(number) = (if plus { Some(key) } else { key.strip_prefix("00") }) else { return vec![key.to_owned()] };
    let mut keys = vec![number.to_owned(), format!("00{number}")];
    if let Some(code) = WITH_ZERO.iter().find(|code| number.starts_with(**code)) {
        let national = number[code.len()..].trim_start_matches('0');
        let full = format!("{code}{national}");
        keys = vec![format!("00{full}"), full, format!("{code}0{national}"), format!("0{national}")];
    } else if let Some(code) = WITHOUT_ZERO.iter().find(|code| number.starts_with(**code)) {
        keys.push(number[code.len()..].to_owned());
    }
    keys.retain(|key| key.len() >= MIN_DIGITS);
    keys
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '/' | '(' | ')' | '_' | '+' | ':')
}

/// The matcher of one stream.
pub(crate) struct NumberMatcher {
    index: Arc<Index>,
    candidates: Vec<Candidate>,
    /// Where the `+` directly before begins.
    plus: Option<usize>,
    in_word: bool,
}

struct Candidate {
    start: usize,
    end: usize,
    /// The numbers that begin like this, and how many characters that are.
    keys: Range<usize>,
    length: usize,
    gap: usize,
    best: Option<(usize, u32)>,
}

impl NumberMatcher {
    pub fn new(index: Arc<Index>) -> NumberMatcher {
        NumberMatcher { index, candidates: Vec::new(), plus: None, in_word: false }
    }

    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if !self.in_word {
            let start = self.plus.unwrap_or(glyph.start);
            let keys = 0..self.index.numbers_of_entries().len();
            self.candidates.push(Candidate { start, end: start, keys, length: 0, gap: 0, best: None });
        }
        (self.in_word, self.plus) = (true, None);
        let keys = self.index.numbers_of_entries();
        self.candidates.retain_mut(|candidate| {
            let alive = glyph.c.is_ascii() && candidate.narrow(glyph, keys);
            if !alive {
                candidate.report(glyph.start, found);
            }
            alive
        });
    }

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let keys = self.index.numbers_of_entries();
        let in_word = self.in_word;
        self.candidates.retain_mut(|candidate| {
            if in_word {
                candidate.note(keys);
            }
            candidate.gap += 1;
            let alive = is_between(glyph.c) && candidate.gap <= MAX_GAP && candidate.goes_on(keys);
            if !alive {
                candidate.report(glyph.start, found);
            }
            alive
        });
        self.in_word = false;
        self.plus = (glyph.c == '+').then_some(glyph.start);
    }
}

impl Scan for NumberMatcher {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for glyph in glyphs {
            match glyph.class {
                class if class.joins() => self.read_word(glyph, found),
                crate::canonical::Class::Extend => {
                    let touching = self.candidates.iter_mut().filter(|candidate| candidate.end == glyph.start);
                    touching.for_each(|candidate| candidate.end = glyph.end);
                }
                _ => self.read_between(glyph, found),
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let mut starts = self.candidates.iter().map(|candidate| candidate.start).chain(self.plus);
        starts.find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        let keys = self.index.numbers_of_entries();
        for mut candidate in self.candidates.drain(..) {
            if self.in_word {
                candidate.note(keys);
            }
            candidate.report(position, found);
        }
    }
}

impl Candidate {
    /// Reads a letter or digit; false if no number goes on like this.
    fn narrow(&mut self, glyph: &Glyph, keys: &[(Box<str>, u32)]) -> bool {
        let (place, byte) = (self.length, Some(glyph.c as u8));
        let slice = &keys[self.keys.clone()];
        let first = slice.partition_point(|(key, _)| key.as_bytes().get(place).copied() < byte);
        let count = slice[first..].partition_point(|(key, _)| key.as_bytes().get(place).copied() == byte);
        self.keys = self.keys.start + first..self.keys.start + first + count;
        (self.length, self.end, self.gap) = (place + 1, glyph.end, 0);
        count > 0
    }

    /// Notes a number that ends here, where a word does.
    fn note(&mut self, keys: &[(Box<str>, u32)]) {
        let (key, entry) = &keys[self.keys.start];
        if key.len() == self.length {
            self.best = Some((self.end, *entry));
        }
    }

    fn goes_on(&self, keys: &[(Box<str>, u32)]) -> bool {
        keys[self.keys.end - 1].0.len() > self.length
    }

    fn report(&self, decided: usize, found: &mut Vec<Found>) {
        if let Some((end, entry)) = self.best
            && decided - self.start <= MATCH_SPAN
        {
            found.push(Found { start: self.start, end, what: What::Entry(entry) });
        }
    }
}
