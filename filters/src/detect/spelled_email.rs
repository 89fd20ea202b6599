//! E-mail addresses with words for their signs: `name [at] host [dot] ch`, `name(at)host.ch`, and
//! `jane dot doe at example dot org`.
//!
//! `at` and `dot` count in round, square, curly or angle brackets, in English, German (`ät`, `punkt`),
//! French (`arobase`, `point`) and Italian (`chiocciola`, `punto`). As bare words they count only if
//! the address ends in `dot` and a common top-level domain, and the name has a dot, a digit, `_`
//! or `-` in it or stands behind a word such as `email`: `look at example dot com` is none.

use super::first_word;
use super::short::Short;
use super::vocabulary::Vocabulary;
use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

/// The longest part of an address that is kept, in glyphs.
const MAX_PART: usize = 64;
/// The most parts of an address, the name's own among them.
const MAX_PARTS: usize = 8;

/// The detector of one stream.
#[derive(Default)]
pub(crate) struct SpelledEmailScan {
    part: Part,
    /// What was read of a sign that is not a part: brackets and spaces.
    opened: Option<usize>,
    address: Option<Address>,
    /// How many parts were read since a word that announces an address.
    announced: Option<usize>,
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
    /// Whether an opening bracket stands directly before it.
    bracketed: Option<usize>,
}

/// What may become an address.
struct Address {
    start: usize,
    parts: usize,
    state: State,
    /// Whether the name looks like one, so that bare words may follow.
    clear: bool,
    /// Whether `at` was a bare word.
    bare: bool,
    dots: usize,
    good: Option<usize>,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    At,
    Dot,
}

impl Address {
    /// What may become an address, after the first part of its name.
    fn beginning(start: usize, clear: bool) -> Address {
        Address { start, parts: 1, state: State::Name, clear, bare: false, dots: 0, good: None }
    }

    /// Whether the next part belongs to it.
    fn takes_part(&self) -> bool {
        self.parts < MAX_PARTS && matches!(self.state, State::NameDot | State::Host)
    }
}

impl Scan for SpelledEmailScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        let mut rest = self.pass_words(glyphs, found);
        while let Some((glyph, behind)) = rest.split_first() {
            rest = behind;
            match glyph.class {
                Class::Extend if self.part.end == glyph.start => self.part.end = glyph.end,
                Class::Extend => {}
                _ if glyph.class.joins() || is_inner(glyph.c) => self.grow(glyph, found),
                _ => {
                    self.read_between(glyph, found);
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
        self.end_part(false, false, position, found);
        self.end_address(position, found);
    }
}

/// What may stand within a part, if letters follow.
fn is_inner(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | '+' | '%')
}

/// The signs, and whether they count only in brackets.
static SIGNS: Vocabulary<(Sign, bool)> = Vocabulary::new(&[
    ("a", (Sign::At, true)),
    ("aet", (Sign::At, true)),
    ("arobase", (Sign::At, false)),
    ("at", (Sign::At, false)),
    ("chiocciola", (Sign::At, false)),
    ("dot", (Sign::Dot, false)),
    ("point", (Sign::Dot, false)),
    ("punkt", (Sign::Dot, false)),
    ("punto", (Sign::Dot, false)),
]);

fn sign(word: &[u8], bracketed: bool) -> Option<Sign> {
    let (sign, only_bracketed) = SIGNS.get(word)?;
    (bracketed || !only_bracketed).then_some(sign)
}

#[rustfmt::skip]
const TOP_LEVELS: [&str; 28] = [
    "at", "be", "biz", "ch", "co", "com", "de", "dk", "edu", "es", "eu", "fr", "gov", "info", "io",
    "it", "li", "lu", "name", "net", "nl", "no", "org", "pl", "se", "swiss", "uk", "us",
];

/// Words that an address follows.
#[rustfmt::skip]
static ANNOUNCING: Vocabulary<()> = Vocabulary::new(&[
    ("address", ()), ("adresse", ()), ("contact", ()), ("courriel", ()), ("e-mail", ()),
    ("email", ()), ("kontakt", ()), ("mail", ()), ("mailto", ()),
]);

/// Words that are no name, whatever stands before.
#[rustfmt::skip]
static COMMON: Vocabulary<()> = Vocabulary::new(&[
    ("account", ()), ("address", ()), ("adresse", ()), ("are", ()), ("available", ()), ("email", ()),
    ("form", ()), ("her", ()), ("here", ()), ("him", ()), ("is", ()), ("it", ()), ("look", ()),
    ("mail", ()), ("me", ()), ("people", ()), ("someone", ()), ("them", ()), ("us", ()), ("was", ()),
    ("you", ()),
]);

impl SpelledEmailScan {
    /// Passes over words that are neither signs nor announce anything, if nothing was announced and
    /// no part of an address is due: of such words only the last one counts. Returns the rest.
    fn pass_words<'a>(&mut self, glyphs: &'a [Glyph], found: &mut Vec<Found>) -> &'a [Glyph] {
        let due = self.address.as_ref().is_some_and(Address::takes_part);
        if due || !self.part.text.is_empty() || self.opened.is_some() || self.announced.is_some() {
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
            last = Some(word[0].start);
            rest = behind;
            if rest[0].c != ' ' {
                break;
            }
            rest = &rest[1..];
        }
        if let Some(start) = last {
            self.address = Some(Address::beginning(start, false));
        }
        rest
    }

    fn grow(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let part = &mut self.part;
        if part.text.is_empty() {
            if !glyph.class.joins() {
                // Not the beginning of a part.
                self.opened = None;
                self.end_address(glyph.start, found);
                return;
            }
            *part = Part { start: glyph.start, bracketed: self.opened.take(), ..Part::default() };
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

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let closing = matches!(glyph.c, ')' | ']' | '}' | '>');
        self.end_part(closing, glyph.class == Class::Barrier, glyph.start, found);
        match glyph.c {
            ' ' => {}
            '(' | '[' | '{' | '<' => self.opened = Some(glyph.start),
            _ if closing => self.opened = None,
            _ => {
                self.opened = None;
                self.end_address(glyph.start, found);
                if glyph.class == Class::Barrier {
                    self.announced = None;
                }
            }
        }
    }

    fn end_part(&mut self, closing: bool, removed: bool, decided: usize, found: &mut Vec<Found>) {
        if self.part.text.is_empty() {
            return;
        }
        let mut part = std::mem::take(&mut self.part);
        // Signs at the end belong to the sentence.
        let trimmed = part.text.as_str().trim_end_matches(is_inner).len();
        let stopped = trimmed < part.text.len();
        part.text.truncate(trimmed);
        // But where something removed follows them, the part went on with it.
        part.other |= stopped && removed;
        let bracketed = part.bracketed.is_some() && closing;
        let sign = if stopped || part.other { None } else { sign(part.text.as_bytes(), bracketed) };
        self.read(&part, sign, bracketed, decided, found);
        if stopped {
            self.end_address(decided, found);
        }
        self.announced = match self.announced {
            _ if ANNOUNCING.has(part.text.as_bytes()) => Some(0),
            Some(count) if count < 3 => Some(count + 1),
            _ => None,
        };
    }

    /// Reads a whole part or sign.
    fn read(&mut self, part: &Part, sign: Option<Sign>, bracketed: bool, decided: usize, found: &mut Vec<Found>) {
        if let (Some(sign), Some(address)) = (sign, &mut self.address) {
            let state = match (sign, address.state) {
                (Sign::At, State::Name) if bracketed || address.clear => Some(State::Host),
                (Sign::Dot, State::Name) => Some(State::NameDot),
                (Sign::Dot, State::HostPart) => Some(State::Host),
                _ => None,
            };
            if let Some(state) = state {
                address.bare |= sign == Sign::At && !bracketed;
                address.dots += usize::from(sign == Sign::Dot && state == State::Host);
                address.state = state;
                return;
            }
        }
        // A sign where none may stand is no part either, or filtering twice would find more.
        if part.other || sign.is_some() {
            self.end_address(decided, found);
            return;
        }
        if let Some(address) = &mut self.address
            && address.takes_part()
        {
            match address.state {
                State::NameDot => {
                    address.state = State::Name;
                    address.parts += 1;
                    address.clear = true;
                    return;
                }
                State::Host => {
                    address.state = State::HostPart;
                    address.parts += 1;
                    let text = part.text.as_str();
                    let last = text.rsplit('.').next().unwrap_or("");
                    let inner = text.contains('.');
                    let letters = last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_lowercase());
                    let known = TOP_LEVELS.contains(&last);
                    let top =
                        if address.bare { known && address.dots > 0 } else { letters && (address.dots > 0 || inner) };
                    if top {
                        address.good = Some(part.end);
                    }
                    return;
                }
                _ => {}
            }
        }
        self.end_address(decided, found);
        let inside = part.text.as_bytes().iter().any(|byte| !byte.is_ascii_lowercase());
        let clear = (inside || self.announced.is_some()) && !COMMON.has(part.text.as_bytes());
        self.address = Some(Address::beginning(part.start, clear));
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
        let signs = ["at", "dot", "arobase", "chiocciola", "punkt", "point", "punto", "aet"];
        match address.state {
            State::NameDot | State::Host => true,
            _ if address.good.is_some() => true,
            _ if text.is_empty() => true,
            _ => !self.part.other && signs.iter().any(|sign| sign.starts_with(text)),
        }
    }
}
