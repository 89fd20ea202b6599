//! Bank account numbers (IBAN, ISO 13616): country, structure and checksum must all be right.
//!
//! Letters and digits may stand together or in groups of any size, parted by one space, hyphen, dot,
//! slash or underscore, in either case. The number must begin and end at a word boundary, or follow
//! `IBAN` directly. The structures are those of the SWIFT registry, release 101,
//! with Morocco and Algeria, whose banks write such numbers without being in it, so that a run of
//! letters and digits is given up as soon as it can't be a number of its country any more.

use super::{behind_word, parts_to_digits};
use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The IBAN detector of one stream.
#[derive(Default)]
pub(crate) struct IbanScan {
    /// What may become a number, by its start. Each begins at another word of the last 34 letters
    /// and digits, so there are few.
    candidates: Vec<Candidate>,
    /// The first one or two letters of a word, or of what follows `iban`. Their country is looked up
    /// when a third letter can't show any more that there is none.
    head: Option<(Glyph, Option<Glyph>)>,
    /// How many letters and digits the word has that is being read, and whether they are `iban`.
    word_length: usize,
    is_label: bool,
}

/// What a number may follow without a space.
const LABEL: &[u8; 4] = b"iban";

struct Candidate {
    start: usize,
    end: usize,
    country: [char; 2],
    check: [char; 2],
    /// How many letters and digits were read.
    length: usize,
    /// What is left of the country's structure, and how much of its first part was read.
    structure: &'static str,
    part_read: u32,
    /// The part behind the check digits, modulo 97.
    remainder: u32,
    /// Whether the last glyph parted groups.
    parted: bool,
}

impl Scan for IbanScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for part in parts_to_digits(glyphs) {
            let (mut rest, mut looked) = (part, false);
            while let Some((glyph, behind)) = rest.split_first() {
                if !looked && self.candidates.is_empty() {
                    looked = true;
                    // Without candidates and digits, such a word ends whatever has begun before it.
                    let ends = |word: &[Glyph]| word.len() > 2 && word[0].c != char::from(LABEL[0]);
                    if let Some(behind) = behind_word(rest, ends) {
                        rest = behind;
                        (self.word_length, self.is_label, self.head) = (0, false, None);
                        continue;
                    }
                }
                rest = behind;
                self.read(glyph, found);
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let candidates = self.candidates.iter().map(|candidate| candidate.start);
        let mut starts = candidates.chain(self.head.map(|(first, _)| first.start));
        starts.find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        for candidate in self.candidates.drain(..) {
            candidate.report(position, found);
        }
    }
}

impl IbanScan {
    #[inline]
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        match glyph.class {
            Class::Letter | Class::Digit if glyph.c.is_ascii() => self.read_word(glyph),
            Class::Extend => self.extend(glyph),
            _ => {
                self.word_length = usize::from(glyph.class.joins());
                self.is_label = false;
                if let Some((first, Some(second))) = self.head.take() {
                    self.candidates.extend(Candidate::beginning(&first, &second));
                }
                if !self.candidates.is_empty() {
                    self.end_group(glyph, found);
                }
            }
        }
    }

    fn read_word(&mut self, glyph: &Glyph) {
        let letter = glyph.c.is_ascii_lowercase();
        self.head = match self.head.take() {
            Some((first, None)) if letter => Some((first, Some(*glyph))),
            Some((first, Some(second))) if !letter => {
                self.candidates.extend(Candidate::beginning(&first, &second));
                None
            }
            _ => None,
        };
        if !self.candidates.is_empty() {
            self.candidates.retain_mut(|candidate| candidate.read(glyph));
        }
        if letter && (self.word_length == 0 || self.word_length == 4 && self.is_label) {
            self.head = Some((*glyph, None));
        }
        if self.word_length < 4 {
            let label = char::from(LABEL[self.word_length]) == glyph.c;
            self.is_label = label && (self.word_length == 0 || self.is_label);
        }
        self.word_length += 1;
    }

    fn extend(&mut self, glyph: &Glyph) {
        for candidate in &mut self.candidates {
            if candidate.end == glyph.start {
                candidate.end = glyph.end;
            }
        }
    }

    /// Reads what is neither letter nor digit of an account number.
    fn end_group(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let parts = matches!(glyph.c, ' ' | '-' | '_' | '.' | '/');
        let boundary = !glyph.class.joins();
        self.candidates.retain_mut(|candidate| {
            if candidate.is_complete() {
                if boundary {
                    candidate.report(glyph.start, found);
                }
                return false;
            }
            let first = !candidate.parted;
            candidate.parted = true;
            parts && first
        });
    }
}

impl Candidate {
    /// What begins with these two letters, if they are a country's.
    fn beginning(first: &Glyph, second: &Glyph) -> Option<Candidate> {
        // Only small letters of ASCII get here.
        let place = PLACES[usize::from(first.c as u8 - b'a')][usize::from(second.c as u8 - b'a')];
        let (_, structure) = STRUCTURES.get(usize::from(place))?;
        Some(Candidate {
            start: first.start,
            end: second.end,
            country: [first.c, second.c],
            check: ['0'; 2],
            length: 2,
            structure,
            part_read: 0,
            remainder: 0,
            parted: false,
        })
    }

    /// Reads a letter or digit; false if this can't be a number any more.
    fn read(&mut self, glyph: &Glyph) -> bool {
        self.parted = false;
        self.end = glyph.end;
        self.length += 1;
        match self.length {
            3 | 4 => {
                self.check[self.length - 3] = glyph.c;
                glyph.c.is_ascii_digit()
            }
            _ => self.read_account(glyph.c),
        }
    }

    fn read_account(&mut self, c: char) -> bool {
        let digits = self.structure.bytes().take_while(u8::is_ascii_digit).count();
        let Some(sort) = self.structure.as_bytes().get(digits) else { return false };
        let fits = match sort {
            b'n' => c.is_ascii_digit(),
            b'a' => c.is_ascii_lowercase(),
            _ => c.is_ascii_alphanumeric(),
        };
        self.remainder = append(self.remainder, c);
        self.part_read += 1;
        if self.structure[..digits].parse() == Ok(self.part_read) {
            self.structure = &self.structure[digits + 1..];
            self.part_read = 0;
        }
        fits
    }

    fn is_complete(&self) -> bool {
        self.length > 4 && self.structure.is_empty()
    }

    fn report(&self, decided: usize, found: &mut Vec<Found>) {
        let checksum = self.country.into_iter().chain(self.check).fold(self.remainder, append);
        if self.is_complete() && checksum == 1 && decided - self.start <= MATCH_SPAN {
            let what = What::Detected(Kind::Iban);
            found.push(Found { start: self.start, end: self.end, what });
        }
    }
}

/// ISO 7064, MOD 97-10: a letter counts as two digits, `a` as 10 and `z` as 35.
fn append(remainder: u32, c: char) -> u32 {
    let value = c.to_digit(36).unwrap_or(0);
    (remainder * if value < 10 { 10 } else { 100 } + value) % 97
}

/// What follows the check digits, for each country: numbers of digits (n), letters (a) or both (c).
#[rustfmt::skip]
const STRUCTURES: [(&str, &str); 91] = [
    ("ad", "8n12c"), ("ae", "19n"), ("al", "8n16c"), ("at", "16n"), ("az", "4a20c"), ("ba", "16n"),
    ("be", "12n"), ("bg", "4a6n8c"), ("bh", "4a14c"), ("bi", "23n"), ("br", "23n1a1c"),
    ("by", "4c4n16c"), ("ch", "5n12c"), ("cr", "18n"), ("cy", "8n16c"), ("cz", "20n"),
    ("de", "18n"), ("dj", "23n"), ("dk", "14n"), ("do", "4c20n"), ("dz", "22n"), ("ee", "16n"), ("eg", "25n"),
    ("es", "20n"), ("fi", "14n"), ("fk", "2a12n"), ("fo", "14n"), ("fr", "10n11c2n"),
    ("gb", "4a14n"), ("ge", "2a16n"), ("gi", "4a15c"), ("gl", "14n"), ("gr", "7n16c"),
    ("gt", "24c"), ("hn", "4a20n"), ("hr", "17n"), ("hu", "24n"), ("ie", "4a14n"), ("il", "19n"),
    ("iq", "4a15n"), ("is", "22n"), ("it", "1a10n12c"), ("jo", "4a4n18c"), ("kw", "4a22c"),
    ("kz", "3n13c"), ("lb", "4n20c"), ("lc", "4a24c"), ("li", "5n12c"), ("lt", "16n"),
    ("lu", "3n13c"), ("lv", "4a13c"), ("ly", "21n"), ("ma", "24n"), ("mc", "10n11c2n"), ("md", "20c"),
    ("me", "18n"), ("mk", "3n10c2n"), ("mn", "16n"), ("mr", "23n"), ("mt", "4a5n18c"),
    ("mu", "4a19n3a"), ("ni", "4a20n"), ("nl", "4a10n"), ("no", "11n"), ("om", "3n16c"),
    ("pk", "4a16c"), ("pl", "24n"), ("ps", "4a21c"), ("pt", "21n"), ("qa", "4a21c"),
    ("ro", "4a16c"), ("rs", "18n"), ("ru", "14n15c"), ("sa", "2n18c"), ("sc", "4a20n3a"),
    ("sd", "14n"), ("se", "20n"), ("si", "15n"), ("sk", "20n"), ("sm", "1a10n12c"), ("so", "19n"),
    ("st", "21n"), ("sv", "4a20n"), ("tl", "19n"), ("tn", "20n"), ("tr", "6n16c"), ("ua", "6n19c"),
    ("va", "18n"), ("vg", "4a16n"), ("xk", "16n"), ("ye", "4a4n18c"),
];

/// For each two letters the place of their country in `STRUCTURES`, or one that it does not have:
/// every other word has two letters, and almost none of them is a country.
static PLACES: [[u8; 26]; 26] = places();

const fn places() -> [[u8; 26]; 26] {
    let mut places = [[u8::MAX; 26]; 26];
    let mut place = 0;
    while place < STRUCTURES.len() {
        let country = STRUCTURES[place].0.as_bytes();
        places[(country[0] - b'a') as usize][(country[1] - b'a') as usize] = place as u8;
        place += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_is_there_once() {
        assert!(STRUCTURES.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn structures_have_the_lengths_of_the_standard() {
        for (country, structure) in STRUCTURES {
            let counts = structure.split(['n', 'a', 'c']).filter(|count| !count.is_empty());
            let length: usize = counts.map(|count| count.parse::<usize>().expect("a count")).sum();
            assert!((11..=30).contains(&length), "{country}: {length}");
        }
    }
}
