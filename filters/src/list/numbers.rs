//! Finds listed numbers in any grouping: `+41 44 668 18 00` as `0446681800`, `KD-4711` as `KD 4711`.
//!
//! Only for kinds that are numbers, and for texts of at least five digits and up to 64 ASCII letters
//! and digits together. What may stand between two characters is up to three of
//! `space . , - / ( ) _ + : '` and the middle dot. A number begins and ends where words do. A telephone number of ten
//! digits without a country is taken for a Swiss one, and takes its extension with it (`x12`, see `numbers/extension.rs`).
//! Each place at which a word begins is followed as long as some number goes on like that, so there are never more of
//! them than a number is long, but for those that wait for the end of an extension.

mod extension;

use std::sync::Arc;

use extension::Extension;

use crate::canonical::{Canonical, Class, Glyph};
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
    matches!(c, ' ' | '.' | ',' | '-' | '/' | '(' | ')' | '_' | '+' | ':' | '\'')
        || matches!(c, '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}')
}

/// The matcher of one stream.
pub(crate) struct NumberMatcher<I> {
    index: Arc<I>,
    list: u32,
    candidates: Vec<Candidate>,
    /// Where the `+` directly before begins.
    plus: Option<usize>,
    /// Where the bracket directly before begins, with a `+` behind it or not.
    bracket: Option<usize>,
    in_word: bool,
}

struct Candidate {
    start: usize,
    /// Where the bracket begins that stands directly before, until it ends within the number: `(+41) 44`.
    bracket: Option<usize>,
    end: usize,
    /// The letters and digits read so far.
    key: String,
    /// How many other characters were read since.
    gap: usize,
    /// Whether the last of these was a comma.
    after_comma: bool,
    best: Option<(usize, u32)>,
    /// Whether the letters and digits may still become a longer number.
    grows: bool,
    /// What follows the best one, if that is a telephone number.
    extension: Option<Extension>,
}

impl<I: Index> NumberMatcher<I> {
    pub fn new(index: Arc<I>, list: u32) -> NumberMatcher<I> {
        NumberMatcher { index, list, candidates: Vec::new(), plus: None, bracket: None, in_word: false }
    }

    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let mut first = [0; 4];
        if !self.in_word && glyph.c.is_ascii() && self.index.may_number(glyph.c.encode_utf8(&mut first)) {
            let start = self.plus.unwrap_or(glyph.start);
            self.candidates.push(Candidate { bracket: self.bracket, ..Candidate::new(start) });
        }
        (self.in_word, self.plus, self.bracket) = (true, None, None);
        let (index, list) = (self.index.as_ref(), self.list);
        self.candidates.retain_mut(|candidate| {
            candidate.extend_in_word(glyph, index);
            candidate.grows &= glyph.c.is_ascii() && candidate.has_room(glyph) && candidate.grow(glyph, index);
            let alive = candidate.is_alive(glyph);
            if !alive {
                candidate.report(glyph.start, list, found);
            }
            alive
        });
    }

    /// Reads a mark of the character before, or more white space. Behind a long run of it nothing goes on.
    fn read_extend(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let (list, in_word) = (self.list, self.in_word);
        self.candidates.retain_mut(|candidate| {
            let near = in_word || candidate.has_room(glyph);
            if near {
                candidate.touch(glyph);
            } else {
                candidate.report(glyph.start, list, found);
            }
            near
        });
    }

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let (index, list, in_word) = (self.index.as_ref(), self.list, self.in_word);
        self.candidates.retain_mut(|candidate| {
            if in_word && candidate.grows {
                candidate.note(index);
            }
            candidate.gap += 1;
            candidate.extend(glyph);
            if glyph.c == ')'
                && candidate.best.is_none()
                && let Some(start) = candidate.bracket.take()
            {
                candidate.start = start;
            }
            // A comma parts no groups but directly between them: `044,668`.
            let near = !candidate.after_comma && (glyph.c != ',' || candidate.gap == 1);
            candidate.after_comma = glyph.c == ',';
            let near = near && is_between(glyph.c) && candidate.gap <= MAX_GAP && candidate.has_room(glyph);
            candidate.grows &= near && index.may_number(&candidate.key);
            let alive = candidate.is_alive(glyph);
            if !alive {
                candidate.report(glyph.start, list, found);
            }
            alive
        });
        self.in_word = false;
        self.plus = (glyph.c == '+').then_some(glyph.start);
        self.bracket = match glyph.c {
            '(' => Some(glyph.start),
            '+' => self.bracket,
            _ => None,
        };
    }
}

impl<I: Index> Scan for NumberMatcher<I> {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for glyph in glyphs {
            match glyph.class {
                class if class.joins() => self.read_word(glyph, found),
                Class::Extend => self.read_extend(glyph, found),
                _ => self.read_between(glyph, found),
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let first = |candidate: &Candidate| candidate.bracket.unwrap_or(candidate.start);
        let starts = self.candidates.iter().map(first).chain(self.bracket).chain(self.plus);
        starts.filter(|start| position - start <= MATCH_SPAN).min()
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        for mut candidate in self.candidates.drain(..) {
            if self.in_word && candidate.grows {
                candidate.note(self.index.as_ref());
            }
            candidate.report(position, self.list, found);
        }
    }
}

/// Whether an entry is the number of a telephone.
fn is_phone<I: Index>(index: &I, entry: u32) -> bool {
    index.describe(entry).0 == Kind::Phone
}

impl Candidate {
    fn new(start: usize) -> Candidate {
        let (key, best, extension, bracket) = (String::new(), None, None, None);
        Candidate { start, bracket, end: start, key, gap: 0, after_comma: false, best, grows: true, extension }
    }

    /// Whether it can go on behind a glyph, which may be a long run of white space.
    fn has_room(&self, glyph: &Glyph) -> bool {
        glyph.end - self.start <= MATCH_SPAN
    }

    /// Reads a letter or digit; false if no number begins like this.
    fn grow<I: Index>(&mut self, glyph: &Glyph, index: &I) -> bool {
        self.key.push(glyph.c);
        (self.end, self.gap, self.after_comma) = (glyph.end, 0, false);
        index.may_number(&self.key) || index.number(&self.key).is_some()
    }

    /// Notes a number that ends here, where a word does.
    fn note<I: Index>(&mut self, index: &I) {
        if let Some(entry) = index.number(&self.key) {
            self.best = Some((self.end, entry));
            self.extension = is_phone(index, entry).then(Extension::default);
        }
    }

    /// Reads a letter or digit as of an extension; the `x` of `00x12` stands within a word.
    fn extend_in_word<I: Index>(&mut self, glyph: &Glyph, index: &I) {
        if glyph.c == 'x'
            && self.grows
            && self.gap == 0
            && let Some(entry) = index.number(&self.key).filter(|entry| is_phone(index, *entry))
        {
            self.extension = Some(Extension::within_word(self.end, entry));
        }
        self.extend(glyph);
    }

    fn extend(&mut self, glyph: &Glyph) {
        if let Some(extension) = &mut self.extension {
            extension.read(glyph);
        }
    }

    /// Takes in a mark that belongs to the character before.
    fn touch(&mut self, glyph: &Glyph) {
        if self.end == glyph.start {
            self.end = glyph.end;
        }
        if let Some(extension) = &mut self.extension {
            extension.touch(glyph);
        }
    }

    fn is_alive(&self, glyph: &Glyph) -> bool {
        self.grows || self.has_room(glyph) && self.extension.as_ref().is_some_and(Extension::is_open)
    }

    fn report(&self, decided: usize, list: u32, found: &mut Vec<Found>) {
        let extension = self.extension.as_ref();
        let best = self.best.or_else(|| extension.and_then(Extension::number));
        let end = extension.and_then(Extension::end);
        if let Some((own, entry)) = best
            && let end = end.map_or(own, |end| end.max(own))
            && decided - self.start <= MATCH_SPAN
        {
            found.push(Found { start: self.start, end, what: What::Entry { list, entry } });
        }
    }
}
