//! Finds listed numbers in any grouping: `+41 44 668 18 00` as `0446681800`, `KD-4711` as `KD 4711`.
//!
//! Only for kinds that are numbers, and for texts of at least five digits and up to 64 ASCII letters
//! and digits together. What may stand between two characters is up to three of
//! `space . - / ( ) _ + : '`. A number begins and ends where words do. A telephone number of ten
//! digits without a country is taken for a Swiss one. Each place at which a word begins is followed
//! as long as some number goes on like that, so there are never more of them than a number is long.

use std::sync::Arc;

use crate::canonical::{Canonical, Glyph};
use crate::list::index::Index;
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::{Entry, Kind};

const MIN_DIGITS: usize = 5;
/// The most letters and digits that a number has.
pub(crate) const LONGEST_NUMBER: usize = 64;
const MAX_GAP: usize = 3;

/// The letters and digits of an entry that is a number, and what else they may be.
pub(crate) fn keys(entry: &Entry) -> Vec<String> {
    let canonical = Canonical::of(entry.text());
    let plain = canonical.as_str().chars().all(|c| c.is_ascii_alphanumeric() || is_between(c));
    let key: String = canonical.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    if !is_number(entry.kind()) || !plain || digits < MIN_DIGITS || key.len() > LONGEST_NUMBER {
        return Vec::new();
    }
    match entry.kind() {
        Kind::Phone => phone_keys(&key, canonical.as_str().trim_start_matches(['(', ' ']).starts_with('+')),
        _ => vec![key],
    }
}

/// Whether entries of a kind are found in any grouping.
pub(crate) fn is_number(kind: &Kind) -> bool {
    use Kind::{Account, Ahv, Card, Document, Iban, NationalId, Phone};
    matches!(kind, Phone | Account | Document | Card | Iban | Ahv | NationalId)
}

/// Countries whose numbers are dialled with a zero at home.
const WITH_ZERO: [&str; 5] = ["41", "49", "43", "33", "44"];
/// Countries whose numbers are dialled at home as they are.
const WITHOUT_ZERO: [&str; 3] = ["39", "423", "1"];
/// The country of a number without one, and how long that is with its zero.
const AT_HOME: (&str, usize) = ("41", 10);

fn phone_keys(key: &str, plus: bool) -> Vec<String> {
    let Some(number) = (if plus { Some(key) } else { key.strip_prefix("00") }) else {
        let (code, length) = AT_HOME;
        return match key.strip_prefix('0').filter(|_| key.len() == length) {
            Some(national) => keys_with_zero(code, national),
            None => vec![key.to_owned()],
        };
    };
    let mut keys = vec![number.to_owned(), format!("00{number}")];
    if let Some(code) = WITH_ZERO.iter().find(|code| number.starts_with(**code)) {
        keys = keys_with_zero(code, number[code.len()..].trim_start_matches('0'));
    } else if let Some(code) = WITHOUT_ZERO.iter().find(|code| number.starts_with(**code)) {
        keys.push(number[code.len()..].to_owned());
    }
    keys.retain(|key| key.len() >= MIN_DIGITS);
    keys
}

/// `44 668 18 00` of Switzerland as `+41 44`, `0041 44`, `+41 (0)44`, `0041 (0)44` and `044`.
fn keys_with_zero(code: &str, national: &str) -> Vec<String> {
    let full = [format!("{code}{national}"), format!("{code}0{national}")];
    let dialled = full.iter().map(|number| format!("00{number}"));
    let home = format!("0{national}");
    dialled.chain(full.iter().cloned()).chain([home]).collect()
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '/' | '(' | ')' | '_' | '+' | ':' | '\'')
}

/// The matcher of one stream.
pub(crate) struct NumberMatcher<I> {
    index: Arc<I>,
    list: u32,
    candidates: Vec<Candidate>,
    /// Where the `+` directly before begins.
    plus: Option<usize>,
    in_word: bool,
}

struct Candidate {
    start: usize,
    end: usize,
    /// The letters and digits read so far.
    key: String,
    /// How many other characters were read since.
    gap: usize,
    best: Option<(usize, u32)>,
}

impl<I: Index> NumberMatcher<I> {
    pub fn new(index: Arc<I>, list: u32) -> NumberMatcher<I> {
        NumberMatcher { index, list, candidates: Vec::new(), plus: None, in_word: false }
    }

    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let mut first = [0; 4];
        if !self.in_word && glyph.c.is_ascii() && self.index.may_number(glyph.c.encode_utf8(&mut first)) {
            let start = self.plus.unwrap_or(glyph.start);
            self.candidates.push(Candidate { start, end: start, key: String::new(), gap: 0, best: None });
        }
        (self.in_word, self.plus) = (true, None);
        let (index, list) = (self.index.as_ref(), self.list);
        self.candidates.retain_mut(|candidate| {
            let alive = glyph.c.is_ascii() && candidate.has_room(glyph) && candidate.grow(glyph, index);
            if !alive {
                candidate.report(glyph.start, list, found);
            }
            alive
        });
    }

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let (index, list, in_word) = (self.index.as_ref(), self.list, self.in_word);
        self.candidates.retain_mut(|candidate| {
            if in_word {
                candidate.note(index);
            }
            candidate.gap += 1;
            let near = is_between(glyph.c) && candidate.gap <= MAX_GAP && candidate.has_room(glyph);
            let alive = near && index.may_number(&candidate.key);
            if !alive {
                candidate.report(glyph.start, list, found);
            }
            alive
        });
        self.in_word = false;
        self.plus = (glyph.c == '+').then_some(glyph.start);
    }
}

impl<I: Index> Scan for NumberMatcher<I> {
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
        for mut candidate in self.candidates.drain(..) {
            if self.in_word {
                candidate.note(self.index.as_ref());
            }
            candidate.report(position, self.list, found);
        }
    }
}

impl Candidate {
    /// Whether it can go on behind a glyph, which may be a long run of white space.
    fn has_room(&self, glyph: &Glyph) -> bool {
        glyph.end - self.start <= MATCH_SPAN
    }

    /// Reads a letter or digit; false if no number begins like this.
    fn grow<I: Index>(&mut self, glyph: &Glyph, index: &I) -> bool {
        self.key.push(glyph.c);
        (self.end, self.gap) = (glyph.end, 0);
        index.may_number(&self.key) || index.number(&self.key).is_some()
    }

    /// Notes a number that ends here, where a word does.
    fn note<I: Index>(&mut self, index: &I) {
        if let Some(entry) = index.number(&self.key) {
            self.best = Some((self.end, entry));
        }
    }

    fn report(&self, decided: usize, list: u32, found: &mut Vec<Found>) {
        if let Some((end, entry)) = self.best
            && decided - self.start <= MATCH_SPAN
        {
            found.push(Found { start: self.start, end, what: What::Entry { list, entry } });
        }
    }
}
