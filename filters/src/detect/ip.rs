//! IP addresses, version 4 and 6. The standard library's parser decides what is one.
//!
//! Left alone: loopback, unspecified and network-mask addresses (`127.0.0.1`, `::1`, `0.0.0.0`,
//! `255.255.255.0`), which say nothing about anyone; four numbers that follow a word such as
//! `version` or `section`, a `#` or `§`, or a product and a slash (`Chrome/120.0.0.0`); four numbers
//! in a row of more, or glued to a letter (`v1.2.3.4`). Private and documentation addresses are
//! removed like others. An IPv6 address has a digit, so `a::b` in a program is not one; a zone
//! (`%eth0`) belongs to it, a port or prefix length does not.

mod address;

use address::{Edge, addresses};

use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The longest run in which addresses are looked for, in glyphs.
const MAX_RUN: usize = 128;

/// The IP detector of one stream.
#[derive(Default)]
pub(crate) struct IpScan {
    run: Run,
    zone: Option<Zone>,
    /// The glyph read last, and the one before it.
    last: Option<(char, Class)>,
    last_but_one: Option<(char, Class)>,
    context: Context,
}

/// A run of the characters that addresses are made of.
#[derive(Default)]
struct Run {
    text: String,
    /// For each character its raw bytes.
    places: Vec<(usize, usize)>,
    too_long: bool,
    left: Option<Edge>,
}

/// An IPv6 address behind which a zone may stand.
struct Zone {
    address: Found,
    named: bool,
}

/// Whether the words before say that dotted numbers are something else.
#[derive(Default)]
struct Context {
    word: String,
    numbered: bool,
}

/// Words before dotted numbers that are no address.
const NUMBERED: [&str; 44] = [
    "version",
    "versions",
    "versionen",
    "versione",
    "versiun",
    "v",
    "ver",
    "vers",
    "release",
    "releases",
    "rel",
    "build",
    "firmware",
    "revision",
    "rev",
    "update",
    "upgrade",
    "patch",
    "kernel",
    "section",
    "sections",
    "sec",
    "sect",
    "abschnitt",
    "kapitel",
    "chapter",
    "chap",
    "chapitre",
    "capitolo",
    "ziffer",
    "ziff",
    "paragraph",
    "clause",
    "artikel",
    "article",
    "art",
    "annex",
    "anhang",
    "figure",
    "fig",
    "table",
    "tabelle",
    "oid",
    "item",
];

/// Words that may stand between such a word and the numbers.
const BETWEEN: [&str; 16] =
    ["number", "no", "nr", "is", "ist", "to", "and", "und", "or", "oder", "auf", "von", "bis", "from", "than", "der"];

impl Scan for IpScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for glyph in glyphs {
            match glyph.class {
                Class::Extend => self.extend(glyph),
                _ => self.read(glyph, found),
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let zone = self.zone.as_ref().map(|zone| zone.address.start);
        let run = self.run.places.first().filter(|_| !self.run.too_long).map(|place| place.0);
        [zone, run].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_zone(position, found);
        self.end_run(None, position, found);
    }
}

impl IpScan {
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if let Some(zone) = &mut self.zone {
            if glyph.class.joins() {
                zone.address.end = glyph.end;
                zone.named = true;
            } else if !(zone.named && matches!(glyph.c, '.' | '-' | '_')) {
                self.end_zone(glyph.start, found);
            }
        }
        if matches!(glyph.c, '0'..='9' | 'a'..='f' | ':' | '.') {
            let left = self.edge();
            self.run.push(glyph, left);
        } else if !self.run.text.is_empty() {
            self.end_run(Some(glyph), glyph.start, found);
        }
        self.context.read(glyph);
        self.last_but_one = self.last;
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
            (Some((_, Class::Letter | Class::Barrier)), Some(('/', _))) => Edge::Product,
            _ => Edge::Free,
        }
    }

    fn end_run(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        let run = std::mem::take(&mut self.run);
        if !run.too_long && run.text.len() > 2 {
            let right = match next {
                Some(next) if next.class.joins() => Edge::Joined,
                _ => Edge::Free,
            };
            let left = run.left.unwrap_or(Edge::Free);
            for range in addresses(&run.text, left, right, self.context.numbered) {
                let (start, end) = (run.places[range.start].0, run.places[range.end - 1].1);
                if decided - start > MATCH_SPAN {
                    continue;
                }
                let address = Found { start, end, what: What::Detected(Kind::Ip) };
                let has_zone = next.is_some_and(|next| next.c == '%');
                if has_zone && range.end == run.text.len() && run.text[range].contains(':') {
                    self.zone = Some(Zone { address, named: false });
                } else {
                    found.push(address);
                }
            }
        }
        self.run = Run::reusing(run);
    }

    fn end_zone(&mut self, decided: usize, found: &mut Vec<Found>) {
        if let Some(zone) = self.zone.take()
            && decided - zone.address.start <= MATCH_SPAN
        {
            found.push(zone.address);
        }
    }
}

impl Run {
    /// An empty run in the memory of another.
    fn reusing(mut other: Run) -> Run {
        other.text.clear();
        other.places.clear();
        Run { text: other.text, places: other.places, too_long: false, left: None }
    }

    fn push(&mut self, glyph: &Glyph, left: Edge) {
        self.left.get_or_insert(left);
        if self.text.len() < MAX_RUN {
            self.text.push(glyph.c);
            self.places.push((glyph.start, glyph.end));
        } else {
            self.too_long = true;
        }
    }
}

impl Context {
    fn read(&mut self, glyph: &Glyph) {
        match (glyph.class, glyph.c) {
            (Class::Digit, _) if self.word.is_empty() => {}
            (class, _) if class.is_word() => {
                // Longer than every word that counts is as good as any other word.
                if self.word.len() < 16 {
                    self.word.push(glyph.c);
                }
            }
            (class, c) => {
                if !self.word.is_empty() {
                    let word = self.word.as_str();
                    self.numbered = NUMBERED.contains(&word) || self.numbered && BETWEEN.contains(&word);
                    self.word.clear();
                }
                match c {
                    '#' | '§' => self.numbered = true,
                    ' ' | '.' | ':' | '=' | '(' | '"' | '-' | '_' | '/' => {}
                    _ if class == Class::Barrier => {}
                    _ => self.numbered = false,
                }
            }
        }
    }
}
