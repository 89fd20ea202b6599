//! IP addresses, version 4 and 6. The standard library's parser decides what is one.
//!
//! Four numbers are an address if they are large, as those of a version or a section never are
//! (`84.72.131.17`), or if something says so: a word such as `IP`, `server` or `ping` before them
//! (`context.rs`), `://` or `root@`, a port, a prefix length, or the shape of a web server's log behind
//! them. Left alone are small numbers that nothing is said of (`3.1.2.3 Purpose`, `Git 1.8.3.2`),
//! numbers of any size behind a word such as `version`, `fileversion` or `section`, all but the largest behind a name and
//! an `@` (`chrome@21.30.44.101`), a `#` or `§`, and four numbers
//! in a row of more, or glued to a letter (`v1.2.3.4`). An address of version 6 with fewer than
//! three groups needs a word, a prefix length or a zone as well, since `2024::2` may be a slice of a
//! program. A zone (`%eth0`) belongs to it, a port or prefix length does not.
//!
//! Addresses that are nobody's (`special.rs`: loopback, private, documentation and the like, and the
//! public resolvers) have a detector of their own, `special_ip`. Unspecified addresses and network
//! masks (`0.0.0.0`, `::`, `255.255.255.0`) always stay: nothing has one of them.

mod address;
mod behind;
mod context;
mod special;

use std::net::IpAddr;

use address::{Candidate, Edge, candidates, is_no_version};
use behind::Behind;
use context::{Context, Say, says_nothing};
use special::{Owner, owner};

use super::{behind_word, parts_to_digits};
use crate::canonical::{Class, Glyph, Hint};
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::{Detectors, Kind};

/// The longest run that is kept, in glyphs. In a longer one addresses are looked for piece by piece.
const MAX_RUN: usize = 128;

/// The IP detector of one stream.
pub(crate) struct IpScan {
    /// Whether addresses of somebody are looked for.
    owned: bool,
    /// Whether those of nobody are.
    special: bool,
    run: Run,
    zone: Option<Zone>,
    behind: Option<Behind>,
    /// The glyph read last.
    last: Option<(char, Class)>,
    context: Context,
}

/// A run of the characters that addresses are made of.
#[derive(Default)]
struct Run {
    text: String,
    /// For each character its raw bytes.
    places: Vec<(usize, usize)>,
    left: Option<Edge>,
    /// Whether a group is passed over because it is a part of a word.
    passing: bool,
    /// Whether something before it was too long.
    cut: bool,
}

/// An IPv6 address behind which a zone may stand.
struct Zone {
    address: Found,
    named: bool,
    is_sure: bool,
}

impl Scan for IpScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for part in parts_to_digits(glyphs) {
            let (mut rest, mut looked) = (part, false);
            while let Some((glyph, behind)) = rest.split_first() {
                if !looked && self.zone.is_none() && self.behind.is_none() && self.run.text.is_empty() {
                    looked = true;
                    // There is no address without a digit, and a word that says nothing ends what
                    // others said.
                    if let Some(behind) = behind_word(rest, says_nothing) {
                        let word = &rest[..rest.len() - behind.len() - 1];
                        let first = word.iter().rposition(|glyph| glyph.class == Class::Space);
                        self.context = Context::behind_word(first.and_then(|space| word.get(space + 1)));
                        rest = behind;
                        self.run.clear();
                        self.last = Some((' ', Class::Space));
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
        let behind = self.behind.as_ref().map(|behind| behind.address.start);
        let run = self.run.places.first().map(|place| place.0);
        [behind, zone, run].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_zone(position, found);
        self.end_run(None, position, found);
        if let Some(behind) = self.behind.take()
            && behind.is_address_at_end()
        {
            report(behind.address, position, found);
        }
    }
}

impl IpScan {
    /// The scan that these detectors ask for, if one does.
    pub fn new(on: Detectors) -> Option<IpScan> {
        let (owned, special) = (on.ip, on.special_ip);
        let (run, context) = (Run::default(), Context::default());
        (owned || special).then_some(IpScan { owned, special, run, zone: None, behind: None, last: None, context })
    }

    #[inline]
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if glyph.class == Class::Extend {
            return self.extend(glyph);
        }
        if let Some(mut behind) = self.behind.take() {
            match behind.read(glyph) {
                None => self.behind = Some(behind),
                Some(true) => report(behind.address, glyph.start, found),
                Some(false) => {}
            }
        }
        if let Some(zone) = &mut self.zone {
            if glyph.class.joins() {
                zone.address.end = glyph.end;
                zone.named = true;
            } else if !(zone.named && glyph.c == '.') {
                self.end_zone(glyph.start, found);
            }
        }
        let is_ellipsis = glyph.c == '.' && self.last.is_some_and(|(last, _)| last == '.');
        if (is_hexadecimal(glyph.c) || matches!(glyph.c, ':' | '.')) && !is_ellipsis {
            if self.run.text.len() == MAX_RUN {
                self.shorten_run(glyph.start, found);
            }
            self.run.push(glyph, self.edge());
        } else if !self.run.text.is_empty() {
            self.end_run(Some(glyph), glyph.start, found);
        } else {
            (self.run.passing, self.run.cut) = (false, false);
        }
        self.context.read(glyph);
        self.last = Some((glyph.c, glyph.class));
    }

    fn extend(&mut self, glyph: &Glyph) {
        if glyph.hint == Hint::Line {
            self.context.end_line();
        }
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
        match self.last {
            Some((_, Class::Barrier)) => Edge::Removed,
            Some((_, class)) if class.joins() => Edge::Joined,
            _ => Edge::Free,
        }
    }

    fn end_run(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        let right = match next.map(|next| next.class) {
            Some(class) if class.joins() => Edge::Joined,
            Some(Class::Barrier) => Edge::Removed,
            _ => Edge::Free,
        };
        for candidate in self.run.candidates(right) {
            let at_end = candidate.range.end == self.run.text.len();
            self.decide(candidate, next.filter(|_| at_end), decided, found);
        }
        self.run.clear();
    }

    /// Reports a candidate, or waits for what stands behind it. `next` follows it directly.
    fn decide(&mut self, candidate: Candidate, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) {
        let is_wanted = match owner(candidate.address) {
            Owner::Someone => self.owned,
            Owner::Range | Owner::Resolver => self.special,
            Owner::Nothing => false,
        };
        // Who wants private addresses gone has more of them than sections with their numbers.
        let is_private = owner(candidate.address) == Owner::Range && candidate.address.is_ipv4();
        let say = match (self.context.say(), candidate.address) {
            (Say::Numbered, IpAddr::V6(_)) => Say::Nothing,
            (say, _) => say,
        };
        if !is_wanted || say == Say::Numbered {
            return;
        }
        let is_sure = match say {
            Say::Addressed => true,
            Say::Account => candidate.has_port || candidate.is_plain && is_no_version(candidate.address) || is_private,
            _ => candidate.is_plain || is_private,
        };
        let (start, end) = (self.run.places[candidate.range.start].0, self.run.places[candidate.range.end - 1].1);
        let address = Found { start, end, what: What::Detected(Kind::Ip) };
        if candidate.address.is_ipv6() && next.is_some_and(|next| next.c == '%') {
            self.zone = Some(Zone { address, named: false, is_sure });
        } else if is_sure {
            self.context.list();
            report(address, decided, found);
        } else if let Some(next) = next {
            let mut behind = Behind::new(address, candidate.address.is_ipv6());
            if behind.read(next).is_none() {
                self.behind = Some(behind);
            }
        }
    }

    /// Decides what can be decided of a full run and keeps the rest, which begins with a whole piece.
    fn shorten_run(&mut self, decided: usize, found: &mut Vec<Found>) {
        let colons: Vec<usize> = self.run.text.match_indices(':').map(|(at, _)| at).collect();
        // Behind the last colon but one there may be an address and the beginning of its port.
        let keep = colons.iter().rev().nth(1).map_or(MAX_RUN, |colon| colon + 1);
        let rest = self.run.text.split_off(keep);
        let places = self.run.places.split_off(keep);
        self.run.cut = true;
        let right = if rest.is_empty() { Edge::Joined } else { Edge::Free };
        for candidate in self.run.candidates(right) {
            self.decide(candidate, None, decided, found);
        }
        self.run.clear();
        self.run.cut = true;
        self.run.passing = rest.is_empty();
        if !rest.is_empty() {
            (self.run.text, self.run.places, self.run.left) = (rest, places, Some(Edge::Free));
        }
    }

    fn end_zone(&mut self, decided: usize, found: &mut Vec<Found>) {
        if let Some(zone) = self.zone.take()
            && (zone.is_sure || zone.named)
        {
            self.context.list();
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
    fn candidates(&self, right: Edge) -> Vec<Candidate> {
        match self.text.len() {
            // Shorter than `1::`, as most words are.
            0..3 => Vec::new(),
            _ => candidates(&self.text, self.left.unwrap_or(Edge::Free), right, self.cut),
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

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.left = None;
        self.passing = false;
        self.cut = false;
    }
}
