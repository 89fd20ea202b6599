//! IP addresses, version 4 and 6. The standard library's parser decides what is one.
//!
//! Left alone: loopback, unspecified and network-mask addresses (`127.0.0.1`, `::1`, `0.0.0.0`,
//! `255.255.255.0`), which say nothing about anyone; four numbers that follow a word such as
//! `version` or `section`, a `#` or `§`, or a product and a slash (`Chrome/120.0.0.0`); four numbers
//! in a row of more, or glued to a letter (`v1.2.3.4`). Private and documentation addresses are
//! removed like others. An IPv6 address has a digit, so `a::b` in a program is not one; a zone
//! (`%eth0`) belongs to it, a port or prefix length does not.

mod address;

use std::ops::Range;

use address::{Edge, MAX_ADDRESS, addresses};

use super::short::Short;
use super::vocabulary::Vocabulary;
use super::{behind_word, parts_to_digits};
use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The longest run that is kept, in glyphs. In a longer one addresses are looked for piece by piece.
const MAX_RUN: usize = 128;
/// Addresses that end within so much of a full run do not depend on what follows.
const SETTLED_RUN: usize = MAX_RUN - MAX_ADDRESS - 1;

/// How much of a word before an address is kept. Longer than every word that counts is as good as
/// any other word.
const MAX_WORD: usize = 16;

/// The IP detector of one stream.
#[derive(Default)]
pub(crate) struct IpScan {
    run: Run,
    zone: Option<Zone>,
    /// The glyph read last, and the class of the one before it.
    last: Option<(char, Class)>,
    last_but_one: Option<Class>,
    context: Context,
}

/// A run of the characters that addresses are made of.
#[derive(Default)]
struct Run {
    text: String,
    /// For each character its raw bytes.
    places: Vec<(usize, usize)>,
    left: Option<Edge>,
    /// Whether a group is passed over because it is longer than any address or part of a word.
    passing: bool,
}

/// An IPv6 address behind which a zone may stand.
struct Zone {
    address: Found,
    named: bool,
}

/// Whether the words before say that dotted numbers are something else.
#[derive(Default)]
struct Context {
    word: Short<MAX_WORD>,
    numbered: bool,
}

/// What a word says of dotted numbers behind it.
#[derive(Clone, Copy)]
enum Says {
    /// They are no address.
    Numbered,
    /// What the word before it says.
    Between,
}

use Says::{Between, Numbered};

#[rustfmt::skip]
static VOCABULARY: Vocabulary<Says> = Vocabulary::new(&[
    ("abschnitt", Numbered), ("and", Between), ("anhang", Numbered), ("annex", Numbered),
    ("art", Numbered), ("article", Numbered), ("artikel", Numbered), ("auf", Between),
    ("bis", Between), ("build", Numbered), ("capitolo", Numbered), ("chap", Numbered),
    ("chapitre", Numbered), ("chapter", Numbered), ("clause", Numbered), ("der", Between),
    ("fig", Numbered), ("figure", Numbered), ("firmware", Numbered), ("from", Between),
    ("is", Between), ("ist", Between), ("item", Numbered), ("kapitel", Numbered),
    ("kernel", Numbered), ("no", Between), ("nr", Between), ("number", Between), ("oder", Between),
    ("oid", Numbered), ("or", Between), ("paragraph", Numbered), ("patch", Numbered),
    ("rel", Numbered), ("release", Numbered), ("releases", Numbered), ("rev", Numbered),
    ("revision", Numbered), ("sec", Numbered), ("sect", Numbered), ("section", Numbered),
    ("sections", Numbered), ("tabelle", Numbered), ("table", Numbered), ("than", Between),
    ("to", Between), ("und", Between), ("update", Numbered), ("upgrade", Numbered), ("v", Numbered),
    ("ver", Numbered), ("vers", Numbered), ("version", Numbered), ("versione", Numbered),
    ("versionen", Numbered), ("versions", Numbered), ("versiun", Numbered), ("von", Between),
    ("ziff", Numbered), ("ziffer", Numbered),
]);

impl Scan for IpScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for part in parts_to_digits(glyphs) {
            let (mut rest, mut looked) = (part, false);
            while let Some((glyph, behind)) = rest.split_first() {
                if !looked && self.zone.is_none() && self.run.text.is_empty() {
                    looked = true;
                    // There is no address without a digit, and a word that says nothing ends what
                    // others said.
                    if let Some(behind) = behind_word(rest, |word| VOCABULARY.get_glyphs(word).is_none()) {
                        rest = behind;
                        self.run.clear();
                        self.context = Context::default();
                        (self.last_but_one, self.last) = (Some(Class::Letter), Some((' ', Class::Space)));
                        continue;
                    }
                }
                rest = behind;
                self.read(glyph, found);
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let zone = self.zone.as_ref().map(|zone| zone.address.start);
        let run = self.run.places.first().map(|place| place.0);
        [zone, run].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_zone(position, found);
        self.end_run(None, position, found);
    }
}

impl IpScan {
    #[inline]
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if glyph.class == Class::Extend {
            return self.extend(glyph);
        }
        if let Some(zone) = &mut self.zone {
            if glyph.class.joins() {
                zone.address.end = glyph.end;
                zone.named = true;
            } else if !(zone.named && glyph.c == '.') {
                self.end_zone(glyph.start, found);
            }
        }
        if is_hexadecimal(glyph.c) || matches!(glyph.c, ':' | '.') {
            if self.run.text.len() == MAX_RUN {
                self.shorten_run(glyph.start, found);
            }
            self.run.push(glyph, self.edge());
        } else if !self.run.text.is_empty() {
            self.end_run(Some(glyph), glyph.start, found);
        } else {
            self.run.passing = false;
        }
        self.context.read(glyph);
        self.last_but_one = self.last.map(|(_, class)| class);
        self.last = Some((glyph.c, glyph.class));
    }

    fn extend(&mut self, glyph: &Glyph) {
        let zone = self.zone.as_mut().map(|zone| &mut zone.address.end);
        let run = self.run.places.last_mut().map(|place| &mut place.1);
        for end in [zone, run].into_iter().flatten() {
            if *end == glyph.start {
                *end = glyph.end;
            }
        }
    }

    /// What a run that begins now has before it.
    fn edge(&self) -> Edge {
        match (self.last_but_one, self.last) {
            (_, Some((_, Class::Barrier))) => Edge::Removed,
            (_, Some((_, class))) if class.joins() => Edge::Joined,
            (Some(Class::Letter | Class::Barrier), Some(('/', _))) => Edge::Product,
            _ => Edge::Free,
        }
    }

    fn end_run(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        let right = match next.map(|next| next.class) {
            Some(class) if class.joins() => Edge::Joined,
            Some(Class::Barrier) => Edge::Removed,
            _ => Edge::Free,
        };
        for range in self.run.addresses(right, self.context.numbered) {
            let has_zone = range.end == self.run.text.len()
                && self.run.text[range.clone()].contains(':')
                && next.is_some_and(|next| next.c == '%');
            let address = self.address(range);
            match has_zone {
                true => self.zone = Some(Zone { address, named: false }),
                false => report(address, decided, found),
            }
        }
        self.run.clear();
    }

    /// Reports what can be reported of a full run and keeps the rest.
    fn shorten_run(&mut self, decided: usize, found: &mut Vec<Found>) {
        let mut ranges = self.run.addresses(Edge::Joined, self.context.numbered);
        let settled = ranges.partition_point(|range| range.end <= SETTLED_RUN);
        let unsettled = ranges.split_off(settled);
        let last_end = ranges.last().map_or(0, |range| range.end);
        let limit = unsettled.first().map_or(SETTLED_RUN, |range| range.start.min(SETTLED_RUN));
        let separator = self.run.text[..limit].rfind(['.', ':']).filter(|at| *at > last_end);
        for range in ranges {
            let address = self.address(range);
            report(address, decided, found);
        }
        match separator {
            Some(at) => self.run.cut(at, Edge::Joined),
            None if last_end > 0 => self.run.cut(last_end, Edge::Removed),
            None => {
                self.run.clear();
                self.run.passing = true;
            }
        }
    }

    fn address(&mut self, range: Range<usize>) -> Found {
        // Numbers behind it are on their own, as they will be behind its marker.
        self.context.numbered = false;
        let (start, end) = (self.run.places[range.start].0, self.run.places[range.end - 1].1);
        Found { start, end, what: What::Detected(Kind::Ip) }
    }

    fn end_zone(&mut self, decided: usize, found: &mut Vec<Found>) {
        if let Some(zone) = self.zone.take() {
            report(zone.address, decided, found);
        }
    }
}

fn is_hexadecimal(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

fn report(address: Found, decided: usize, found: &mut Vec<Found>) {
    if decided - address.start <= MATCH_SPAN {
        found.push(address);
    }
}

impl Run {
    fn addresses(&self, right: Edge, numbered: bool) -> Vec<Range<usize>> {
        match self.text.len() {
            // Shorter than `1::`, as most words are.
            0..3 => Vec::new(),
            _ => addresses(&self.text, self.left.unwrap_or(Edge::Free), right, numbered),
        }
    }

    fn push(&mut self, glyph: &Glyph, left: Edge) {
        let separator = matches!(glyph.c, '.' | ':');
        if self.text.is_empty() && !separator && (self.passing || left == Edge::Joined) {
            self.passing = true;
            return;
        }
        self.passing = false;
        self.left.get_or_insert(left);
        self.text.push(glyph.c);
        self.places.push((glyph.start, glyph.end));
    }

    /// Forgets what is before `at`, where `left` is left.
    fn cut(&mut self, at: usize, left: Edge) {
        self.text.drain(..at);
        self.places.drain(..at);
        self.left = Some(left);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.left = None;
        self.passing = false;
    }
}

impl Context {
    fn read(&mut self, glyph: &Glyph) {
        match (glyph.class, glyph.c) {
            (Class::Digit, _) if self.word.is_empty() => {}
            (class, _) if class.is_word() => self.word.push(glyph),
            (_, c) => {
                if !self.word.is_empty() {
                    self.numbered = match VOCABULARY.get(self.word.as_bytes()) {
                        Some(Numbered) => true,
                        Some(Between) => self.numbered,
                        None => false,
                    };
                    self.word.clear();
                }
                match c {
                    '#' | '§' => self.numbered = true,
                    ' ' | '.' | ':' | '=' | '(' | '"' | '-' | '_' | '/' => {}
                    _ => self.numbered = false,
                }
            }
        }
    }
}
