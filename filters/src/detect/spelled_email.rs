//! E-mail addresses with words for their signs: `name [at] host [dot] ch`, `name(at)host.ch`,
//! `name[@]host[.]ch`, and `jane dot doe at example dot org`; also with space at the `@`.
//!
//! `at` and `dot`, or the signs, count in round, square, curly or angle brackets, in English, German
//! (`ät`, `punkt`), French (`arobase`, `point`) and Italian (`chiocciola`, `punto`). The brackets are
//! a pair with nothing else in it. Where the address has a line end in it, its dots have to be
//! spelled too; where only the opening bracket is glued to the name, as in a call, the host has to
//! end in a common top level. A bare `(a)` also numbers items, so it counts with nothing between, or
//! behind a word such as `email`.
//!
//! As bare words `arobase` and `chiocciola` count before any host, `at` only
//! - if the address ends in `dot` and a common top-level domain, and the name has a dot, a digit,
//!   `_` or `-` in it or stands behind a word such as `email`: `look at example dot com` is none;
//! - before a written host (`anna at gmail.com`), if `email is`, `email:` or the like is directly
//!   before the name, or a `<` is, or the host is one of those where people have their mail and the name looks
//!   like one.
//!
//! `info @example.ch` and `info@ example.ch` count behind such a word, and if the name has a dot in it; with space at their
//! dots as well. `/at/` counts as a bracket does behind such a name, if that is no host and no part of a path; and
//! `_at_` and `-at-` within a word, if its dots are spelled too (`anna_at_example_dot_ch`), or behind such a name.

mod words;

use words::{ANNOUNCING, COMMON, COPULAS, PROVIDERS, SIGNS, Sign, is_joined, names_sign, sign};

use super::first_word;
use super::short::Short;
use super::top_level::{is_common, is_top_level};
use crate::Kind;
use crate::canonical::{Class, Glyph, Hint};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The longest part of an address that is kept, in glyphs.
const MAX_PART: usize = 64;
/// The most parts of an address, the name's own among them.
const MAX_PARTS: usize = 8;

/// The detector of one stream.
#[derive(Default)]
pub(crate) struct SpelledEmailScan {
    part: Part,
    /// The opening bracket read last, if only spaces followed it.
    opened: Option<Bracket>,
    address: Option<Address>,
    announced: Option<Announced>,
    /// The end of the last part, to which a bracket may be glued.
    part_end: usize,
    /// The end of the last sign, to which a part may be.
    sign_end: Option<usize>,
    /// The end of the last slash that parts a path.
    stroke_end: Option<usize>,
}

/// An opening bracket.
#[derive(Clone, Copy)]
struct Bracket {
    c: char,
    end: usize,
    /// Whether a part ends directly before it.
    is_glued: bool,
}

/// A word that announces an address was read.
#[derive(Clone, Copy)]
struct Announced {
    /// How many parts followed it.
    parts: usize,
    /// Whether a colon or a word such as `is` stands directly before what follows.
    is_direct: bool,
}

/// A run of what stands between the signs of an address.
#[derive(Default)]
struct Part {
    text: Short<MAX_PART>,
    start: usize,
    /// Where its last letter or digit ends.
    end: usize,
    /// Whether it holds other than ASCII letters and digits or is too long; it then is no part.
    other: bool,
    /// The opening bracket directly before it.
    bracket: Option<Bracket>,
    /// Whether a slash follows directly.
    before_stroke: bool,
    /// Whether white space followed it, before which a closing bracket may still come.
    is_spaced: bool,
}

/// What may become an address.
struct Address {
    start: usize,
    parts: usize,
    state: State,
    /// Whether the name looks like one, so that bare words may follow.
    clear: bool,
    /// Whether the name may be a host or a part of a path, so that a slash behind it begins another.
    is_path: bool,
    /// Whether the name holds more than small letters.
    is_marked: bool,
    /// Whether the name ends in `ed`, as what `is` done does.
    is_participle: bool,
    announced: Option<Announced>,
    at: At,
    /// Whether a line ends within it.
    has_line_end: bool,
    dots: usize,
    good: Option<usize>,
}

/// How the `@` is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// As `at` without brackets.
    Bare,
    /// As a word that means nothing else: `arobase`, `chiocciola`.
    Name,
    /// As itself; whether the name stands directly before it, and the host directly behind.
    Symbol { name_is_glued: bool, host_is_glued: bool },
    /// In brackets; whether they follow the name directly, and whether `(a)` is all there is.
    Bracketed { is_glued: bool, is_letter: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Behind a part of the name: `at` or `dot` may follow.
    Name,
    /// Behind a `dot` in the name.
    NameDot,
    /// Behind `at`, or a `dot` behind it: a part of the host must follow.
    Host,
    /// Behind a part of the host: `dot` may follow.
    HostPart,
}

impl Address {
    /// What may become an address, after the first part of its name.
    fn beginning(start: usize) -> Address {
        Address {
            start,
            parts: 1,
            state: State::Name,
            clear: false,
            is_path: false,
            is_marked: false,
            is_participle: false,
            announced: None,
            at: At::Bare,
            has_line_end: false,
            dots: 0,
            good: None,
        }
    }

    /// Whether `/at/` or `/dot/` may follow: behind words that say nothing a slash is one of a path.
    fn takes_stroke(&self) -> bool {
        self.clear && !self.is_path && matches!(self.state, State::Name | State::HostPart)
    }

    /// Whether the next part belongs to it.
    fn takes_part(&self) -> bool {
        self.parts < MAX_PARTS && matches!(self.state, State::NameDot | State::Host)
    }

    /// Whether a dot with space before it may follow: behind a host that does not end yet, and an `@` with space beside it.
    fn takes_spaced_dot(&self) -> bool {
        let is_spaced =
            matches!(self.at, At::Symbol { name_is_glued, host_is_glued } if !(name_is_glued && host_is_glued));
        self.state == State::HostPart && is_spaced && self.good.is_none() && !self.has_line_end
    }

    /// Whether it may end with this part of a host, which does or doesn't follow a sign directly.
    fn may_end_with(&self, host: &str, is_glued: bool) -> bool {
        let last = host.rsplit('.').next().unwrap_or("");
        let (known, common, spelled) = (is_top_level(last), is_common(last), self.dots > 0);
        if !known || !(spelled || host.contains('.')) {
            return false;
        }
        match self.at {
            At::Name => spelled || !self.has_line_end,
            At::Bare if spelled => common,
            At::Bare => {
                let told = self.announced.is_some_and(|announced| announced.is_direct || announced.parts == 0);
                let direct = self.announced.is_some_and(|announced| announced.is_direct) && !self.is_participle;
                PROVIDERS.contains(&host) && (told || self.is_marked) || direct && common
            }
            // With nothing on either side and written dots it is for `email.rs`.
            At::Symbol { name_is_glued: true, host_is_glued: true } => spelled,
            At::Symbol { .. } => (self.announced.is_some() || self.is_marked && common) && !self.has_line_end,
            At::Bracketed { is_letter: true, is_glued: before } => {
                let announced = self.announced.is_some() && common && !self.has_line_end;
                before && is_glued || announced
            }
            At::Bracketed { is_glued: before, .. } => {
                (spelled || !self.has_line_end) && (common || is_glued || spelled || !before)
            }
        }
    }
}

impl Scan for SpelledEmailScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        let mut rest = self.pass_words(glyphs, found);
        while let Some((glyph, behind)) = rest.split_first() {
            rest = behind;
            match glyph.class {
                Class::Extend if self.part.end == glyph.start => self.part.end = glyph.end,
                Class::Extend => self.read_white_space(glyph, found),
                _ if glyph.class.joins() || is_inner(glyph.c) => self.grow(glyph, found),
                _ => {
                    self.read_between(glyph, found);
                    if glyph.hint == Hint::Line {
                        self.end_line();
                    }
                    rest = self.pass_words(rest, found);
                }
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let address = self.address.as_ref().filter(|address| self.may_follow(address)).map(|address| address.start);
        let part = (!self.part.text.is_empty() && !self.part.other).then_some(self.part.start);
        [address, part].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_part(None, position, found);
        self.end_address(position, found);
    }
}

/// What may stand within a part, if letters follow.
fn is_inner(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | '+' | '%')
}

/// The bracket that closes what this one opens.
fn closing(open: char) -> Option<char> {
    match open {
        '(' => Some(')'),
        '[' => Some(']'),
        '{' => Some('}'),
        '<' => Some('>'),
        '/' => Some('/'),
        _ => None,
    }
}

impl SpelledEmailScan {
    /// Passes over words that are neither signs nor announce anything, if nothing was announced and
    /// no part of an address is due: of such words only the last one counts. Returns the rest.
    fn pass_words<'a>(&mut self, glyphs: &'a [Glyph], found: &mut Vec<Found>) -> &'a [Glyph] {
        let due = self.address.as_ref().is_some_and(Address::takes_part);
        let is_host = glyphs.first().is_some_and(|glyph| Some(glyph.start) == self.sign_end);
        if due || is_host || !self.part.text.is_empty() || self.opened.is_some() || self.announced.is_some() {
            return glyphs;
        }
        let (mut rest, mut last) = (glyphs, None);
        while let Some((word, behind)) = first_word(rest)
            && word.len() <= MAX_PART
            && !is_inner(behind[0].c)
            && SIGNS.get_glyphs(word).is_none()
            && ANNOUNCING.get_glyphs(word).is_none()
        {
            if last.is_none() {
                self.end_address(behind[0].start, found);
            }
            last = Some((word, behind[0].hint));
            rest = behind;
            if rest[0].c != ' ' {
                break;
            }
            rest = &rest[1..];
        }
        if let Some((word, hint)) = last {
            self.part_end = word[word.len() - 1].end;
            self.address = Some(Address { has_line_end: hint == Hint::Line, ..Address::beginning(word[0].start) });
        }
        rest
    }

    /// Reads more white space. Behind a long run of it nothing goes on.
    fn read_white_space(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if glyph.hint == Hint::Line {
            self.end_line();
        }
        let is_far = self.address.as_ref().is_some_and(|address| glyph.end - address.start > MATCH_SPAN);
        if is_far && (self.part.text.is_empty() || self.part.is_spaced) {
            self.end_part(None, glyph.start, found);
            self.end_address(glyph.start, found);
        }
    }

    fn end_line(&mut self) {
        if let Some(address) = &mut self.address {
            address.has_line_end = true;
        }
    }

    fn grow(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if self.part.is_spaced {
            self.end_part(None, glyph.start, found);
        }
        if glyph.c == '.' && self.part.text.is_empty() && self.reads_spaced_dot(glyph) {
            return;
        }
        let is_dot = glyph.c == '.' && self.opened.is_some();
        let part = &mut self.part;
        if part.text.is_empty() {
            if !glyph.class.joins() && !is_dot {
                // Not the beginning of a part.
                self.opened = None;
                self.end_address(glyph.start, found);
                return;
            }
            *part = Part { start: glyph.start, end: glyph.end, bracket: self.opened.take(), ..Part::default() };
        }
        if glyph.class.joins() {
            part.end = glyph.end;
        }
        let plain = glyph.c.is_ascii_alphanumeric() || is_inner(glyph.c);
        if part.text.room() > 0 && plain {
            part.text.push(glyph);
        } else {
            part.other = true;
        }
    }

    /// Reads a dot with space before it, as in `anna.keller @ example . ch`. Says whether it belongs to an address.
    fn reads_spaced_dot(&mut self, glyph: &Glyph) -> bool {
        let is_apart = self.opened.is_none() && self.part_end < glyph.start;
        let Some(address) = self.address.as_mut().filter(|address| is_apart && address.takes_spaced_dot()) else {
            return false;
        };
        address.dots += 1;
        address.state = State::Host;
        true
    }

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if glyph.c == ' ' && self.part.bracket.is_some() && !self.part.text.is_empty() {
            self.part.is_spaced = true;
            return;
        }
        let closed = self.end_part(Some(glyph), glyph.start, found);
        let is_glued = self.part_end == glyph.start;
        match glyph.c {
            ' ' => {}
            _ if closed => self.sign_end = Some(glyph.end),
            '/' if !self.address.as_ref().is_some_and(Address::takes_stroke) => {
                self.end_by_sign(glyph, found);
                self.stroke_end = Some(glyph.end);
            }
            '(' | '[' | '{' | '<' | '/' => {
                if self.opened.replace(Bracket { c: glyph.c, end: glyph.end, is_glued }).is_some() {
                    self.end_address(glyph.start, found);
                }
            }
            '@' if self.opened.is_some() => {
                self.part = Part { start: glyph.start, end: glyph.end, bracket: self.opened.take(), ..Part::default() };
                self.part.text.push(glyph);
            }
            '@' => self.read_symbol(glyph, is_glued, found),
            _ => self.end_by_sign(glyph, found),
        }
    }

    /// Reads a sign that belongs to no address.
    fn end_by_sign(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        self.opened = None;
        self.end_address(glyph.start, found);
        match (&mut self.announced, glyph.c) {
            (Some(announced), ':' | '=') => announced.is_direct = true,
            _ if glyph.class == Class::Barrier => self.announced = None,
            _ => {}
        }
    }

    /// Reads an `@` without brackets.
    fn read_symbol(&mut self, glyph: &Glyph, is_glued: bool, found: &mut Vec<Found>) {
        self.sign_end = Some(glyph.end);
        match &mut self.address {
            Some(address) if address.state == State::Name && (address.clear || is_glued) => {
                address.at = At::Symbol { name_is_glued: is_glued, host_is_glued: false };
                address.state = State::Host;
            }
            _ => self.end_address(glyph.start, found),
        }
    }

    /// Ends the part that was read, before `next`. Says whether that closed the brackets round a sign.
    fn end_part(&mut self, next: Option<&Glyph>, decided: usize, found: &mut Vec<Found>) -> bool {
        if self.part.text.is_empty() {
            return false;
        }
        let mut part = std::mem::take(&mut self.part);
        self.part_end = part.end;
        // Signs at the end belong to the sentence.
        let text = part.text.as_bytes();
        let trimmed = text.iter().rposition(|byte| !is_inner(char::from(*byte))).map_or(0, |last| last + 1);
        let stopped = trimmed > 0 && trimmed < part.text.len();
        if stopped {
            part.text.truncate(trimmed);
        }
        // But where something removed follows them, the part went on with it.
        part.other |= stopped && next.is_some_and(|next| next.class == Class::Barrier);
        part.before_stroke = next.is_some_and(|next| next.c == '/');
        let closes = part.bracket.and_then(|bracket| closing(bracket.c));
        let bracketed = closes.is_some() && next.map(|next| next.c) == closes;
        let sign = if stopped || part.other { None } else { sign(part.text.as_bytes(), bracketed) };
        part.other |= sign.is_none() && matches!(part.text.as_bytes(), [b'@' | b'.', ..]);
        let is_joined = !part.other && is_joined(part.text.as_str(), self.announced.is_some());
        if is_joined && decided - part.start <= MATCH_SPAN {
            found.push(Found { start: part.start, end: part.end, what: What::Detected(Kind::Email) });
        }
        part.other |= is_joined;
        let closed = self.read(&part, sign, bracketed, decided, found) && bracketed;
        if stopped {
            self.end_address(decided, found);
        }
        self.announced = match self.announced {
            _ if ANNOUNCING.has(part.text.as_bytes()) => Some(Announced { parts: 0, is_direct: false }),
            Some(Announced { parts, .. }) if COPULAS.has(part.text.as_bytes()) => {
                Some(Announced { parts, is_direct: true })
            }
            Some(Announced { parts, .. }) if parts < 3 => Some(Announced { parts: parts + 1, is_direct: false }),
            _ => None,
        };
        closed
    }

    /// Reads a whole part or sign. Says whether it was a sign where one may stand.
    fn read(
        &mut self,
        part: &Part,
        sign: Option<Sign>,
        bracketed: bool,
        decided: usize,
        found: &mut Vec<Found>,
    ) -> bool {
        if let (Some(sign), Some(address)) = (sign, &mut self.address) {
            let is_named = names_sign(part.text.as_bytes());
            let state = match (sign, address.state) {
                (Sign::At, State::Name) if bracketed || is_named || address.clear => Some(State::Host),
                (Sign::Dot, State::Name) => Some(State::NameDot),
                (Sign::Dot, State::HostPart) => Some(State::Host),
                _ => None,
            };
            if let Some(state) = state {
                if sign == Sign::At {
                    let is_glued = part.bracket.is_some_and(|bracket| bracket.is_glued);
                    let is_letter = part.text.as_bytes() == b"a";
                    address.at = match bracketed {
                        true => At::Bracketed { is_glued, is_letter },
                        false if is_named => At::Name,
                        false => At::Bare,
                    };
                }
                address.dots += usize::from(sign == Sign::Dot && state == State::Host);
                address.state = state;
                return true;
            }
        }
        // A sign where none may stand is no part either, or filtering twice would find more.
        if part.other || sign.is_some() {
            self.end_address(decided, found);
            return false;
        }
        if let Some(address) = &mut self.address
            && address.takes_part()
        {
            address.parts += 1;
            if address.state == State::NameDot {
                address.state = State::Name;
                address.clear = true;
            } else {
                address.state = State::HostPart;
                if let (At::Symbol { host_is_glued, .. }, 0) = (&mut address.at, address.dots) {
                    *host_is_glued = Some(part.start) == self.sign_end;
                }
                if address.may_end_with(part.text.as_str(), Some(part.start) == self.sign_end) {
                    address.good = Some(part.end);
                }
            }
            return false;
        }
        self.end_address(decided, found);
        // What is in brackets is no name that others follow: `f(x)(at)`; nor is a host, `x@host`, whatever is before it.
        if bracketed || Some(part.start) == self.sign_end {
            return false;
        }
        let text = part.text.as_bytes();
        let is_marked = text.iter().any(|byte| !byte.is_ascii_lowercase());
        // `example.org/at/…`
        let is_host =
            part.before_stroke && part.text.as_str().rsplit_once('.').is_some_and(|(_, last)| is_top_level(last));
        let in_angle = part.bracket.is_some_and(|bracket| bracket.c == '<' && bracket.end == part.start);
        let direct = Announced { parts: 0, is_direct: true };
        let clear = (is_marked || in_angle || self.announced.is_some()) && !COMMON.has(text);
        self.address = Some(Address {
            clear,
            is_path: is_host || Some(part.start) == self.stroke_end,
            is_marked: is_marked && text.iter().any(u8::is_ascii_alphabetic),
            is_participle: text.ends_with(b"ed"),
            // An angle bracket announces an address, too: `Anna Keller <anna at example.org>`.
            announced: if in_angle && clear { Some(direct) } else { self.announced.filter(|_| clear) },
            ..Address::beginning(part.start)
        });
        false
    }

    fn end_address(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(address) = self.address.take() else { return };
        if let Some(end) = address.good
            && decided - address.start <= MATCH_SPAN
        {
            found.push(Found { start: address.start, end, what: What::Detected(Kind::Email) });
        }
    }

    /// Whether what is being read now may belong to this address.
    fn may_follow(&self, address: &Address) -> bool {
        let text = self.part.text.as_str();
        let signs =
            ["at", "dot", "arobase", "arroba", "klammeraffe", "chiocciola", "punkt", "point", "punto", "aet", "@", "."];
        match address.state {
            State::NameDot | State::Host => true,
            _ if address.good.is_some() => true,
            _ if text.is_empty() => true,
            _ => !self.part.other && signs.iter().any(|sign| sign.starts_with(text)),
        }
    }
}
