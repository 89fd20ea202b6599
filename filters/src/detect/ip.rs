//! IP addresses, version 4 and 6. The standard library's parser decides what is one.
//!
//! Left alone: loopback, unspecified and network-mask addresses (`127.0.0.1`, `::1`, `0.0.0.0`,
//! `255.255.255.0`), which say nothing about anyone; four numbers that follow a word such as
//! `version` or `section`, a `#` or `§`, or a product and a slash (`Chrome/120.0.0.0`); four numbers
//! in a row of more, or glued to a letter (`v1.2.3.4`). Private and documentation addresses are
//! removed like others. An IPv6 address has a digit, so `a::b` in a program is not one; a zone
//! (`%eth0`) belongs to it, a port or prefix length does not.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The longest run that may hold an address, in glyphs.
const MAX_RUN: usize = 64;

/// The IP detector of one stream.
#[derive(Default)]
pub(crate) struct IpScan {
    four: Run,
    six: Run,
    zone: Option<Zone>,
    before: Before,
    context: Context,
}

/// A run of the characters that an address is made of.
#[derive(Default)]
struct Run {
    text: String,
    /// For each character its raw bytes.
    places: Vec<(usize, usize)>,
    too_long: bool,
    /// What stands before the run.
    before: Before,
}

/// The two glyphs before.
#[derive(Clone, Copy, Default)]
struct Before {
    last: Option<(char, Class)>,
    last_but_one: Option<(char, Class)>,
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
            self.read(glyph, found);
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let zone = self.zone.as_ref().map(|zone| zone.address.start);
        let starts = [zone, self.four.start(), self.six.start()];
        starts.into_iter().flatten().filter(|start| position - start <= MATCH_SPAN).min()
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_runs(None, position, found);
        self.end_zone(position, found);
    }
}

impl IpScan {
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if glyph.class == Class::Extend {
            for run in [&mut self.four, &mut self.six] {
                run.extend(glyph);
            }
            if let Some(zone) = &mut self.zone
                && zone.address.end == glyph.start
            {
                zone.address.end = glyph.end;
            }
            return;
        }
        if let Some(zone) = &mut self.zone {
            if glyph.class.joins() {
                zone.address.end = glyph.end;
                zone.named = true;
            } else if !(zone.named && matches!(glyph.c, '.' | '-' | '_')) {
                self.end_zone(glyph.start, found);
            }
        }
        if self.four.is_over(matches!(glyph.c, '0'..='9' | '.')) {
            self.end_four(Some(glyph), glyph.start, found);
        }
        if self.six.is_over(is_of_six(glyph.c)) {
            self.end_six(Some(glyph), glyph.start, found);
        }
        if matches!(glyph.c, '0'..='9' | '.') {
            self.four.push(glyph, self.before);
        }
        if is_of_six(glyph.c) {
            self.six.push(glyph, self.before);
        }
        self.context.read(glyph);
        self.before = Before { last: Some((glyph.c, glyph.class)), last_but_one: self.before.last };
    }

    fn end_runs(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        self.end_four(next, decided, found);
        self.end_six(next, decided, found);
    }

    fn end_four(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        if let Some(range) = self.four.address_four()
            && !self.context.numbered
            && !is_glued(next, &self.four, range.end)
        {
            found.extend(self.four.found(range, decided));
        }
        self.four.clear();
    }

    fn end_six(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        if let Some(range) = self.six.address_six()
            && !is_glued(next, &self.six, range.end)
            && let Some(address) = self.six.found(range, decided)
        {
            if next.is_some_and(|next| next.c == '%') {
                self.end_zone(decided, found);
                self.zone = Some(Zone { address, named: false });
            } else {
                found.push(address);
            }
        }
        self.six.clear();
    }

    fn end_zone(&mut self, decided: usize, found: &mut Vec<Found>) {
        if let Some(zone) = self.zone.take()
            && decided - zone.address.start <= MATCH_SPAN
        {
            found.push(zone.address);
        }
    }
}

fn is_of_six(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f' | ':' | '.')
}

/// Whether a letter or digit follows directly on the address, which then is none.
fn is_glued(next: Option<&Glyph>, run: &Run, end: usize) -> bool {
    let at_end = end == run.text.len();
    at_end && next.is_some_and(|next| next.class.joins())
}

impl Run {
    fn start(&self) -> Option<usize> {
        self.places.first().filter(|_| !self.too_long).map(|(start, _)| *start)
    }

    fn is_over(&self, belongs: bool) -> bool {
        !belongs && !self.text.is_empty()
    }

    fn push(&mut self, glyph: &Glyph, before: Before) {
        if self.text.is_empty() {
            self.before = before;
        }
        if self.text.len() < MAX_RUN {
            self.text.push(glyph.c);
            self.places.push((glyph.start, glyph.end));
        } else {
            self.too_long = true;
        }
    }

    fn extend(&mut self, glyph: &Glyph) {
        if let Some((_, end)) = self.places.last_mut()
            && *end == glyph.start
        {
            *end = glyph.end;
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.too_long = false;
    }

    fn found(&self, range: std::ops::Range<usize>, decided: usize) -> Option<Found> {
        let (start, end) = (self.places[range.start].0, self.places[range.end - 1].1);
        let what = What::Detected(Kind::Ip);
        (decided - start <= MATCH_SPAN).then_some(Found { start, end, what })
    }

    /// Where in the run an IPv4 address stands.
    fn address_four(&self) -> Option<std::ops::Range<usize>> {
        let text = self.text.trim_end_matches('.');
        let inner = text.trim_start_matches('.');
        let start = text.len() - inner.len();
        // One dot behind a letter makes it a part of something: `libx.so.1.2.3.4`.
        let joined = match start {
            0 => self.before.is_joined() || self.before.is_product(),
            1 => self.before.is_joined() || self.before.is_removed(),
            _ => false,
        };
        if self.too_long || joined {
            return None;
        }
        let address: Ipv4Addr = inner.parse().ok()?;
        let says_nothing = address.is_loopback() || address.is_unspecified() || address.octets()[0] == 255;
        (!says_nothing).then_some(start..text.len())
    }

    /// Where in the run an IPv6 address stands: at its beginning, or, if it has a `::`, behind any
    /// other group, since labels may look like groups (`face:2001:db8::1`). Without the `::` every
    /// long fingerprint would end in an address.
    fn address_six(&self) -> Option<std::ops::Range<usize>> {
        if self.too_long || self.text.bytes().filter(|byte| *byte == b':').count() < 2 {
            return None;
        }
        let text = self.text.trim_end_matches('.');
        let single_tail = text.ends_with(':') && !text.ends_with("::");
        let text = &text[..text.len() - usize::from(single_tail)];
        let bytes = text.as_bytes();
        let is_separator = |at: usize| match bytes[at] {
            b'.' => true,
            b':' => bytes.get(at + 1) != Some(&b':') && (at == 0 || bytes[at - 1] != b':'),
            _ => false,
        };
        let head = (0..text.len()).take_while(|at| is_separator(*at)).count();
        let starts = (0..text.len()).filter(|start| match start {
            0 if head > 0 || self.before.is_joined() => false,
            0 => !(text.starts_with("::") && self.before.is_removed()),
            _ => is_separator(start - 1),
        });
        for start in starts {
            let candidate = &text[start..];
            let is_whole = start == head && !(start > 0 && self.before.is_removed());
            let Ok(address) = candidate.parse::<Ipv6Addr>() else { continue };
            if is_whole || candidate.contains("::") {
                let says_nothing = address.is_loopback() || address.is_unspecified();
                let digit = candidate.bytes().any(|byte| byte.is_ascii_digit());
                return (digit && !says_nothing).then_some(start..text.len());
            }
        }
        None
    }
}

impl Before {
    fn is_joined(self) -> bool {
        self.last.is_some_and(|(_, class)| class.joins())
    }

    /// A marker stands there, for what has to be as good as a letter: filtering twice must not find
    /// what was not found beside the removed letters.
    fn is_removed(self) -> bool {
        matches!(self.last, Some((_, Class::Barrier)))
    }

    /// A slash behind a letter, as in `Chrome/120.0.0.0`.
    fn is_product(self) -> bool {
        let letter = matches!(self.last_but_one, Some((_, Class::Letter | Class::Barrier)));
        letter && matches!(self.last, Some(('/', _)))
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
