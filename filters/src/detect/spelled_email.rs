//! E-mail addresses with words for their signs: `name [at] host [dot] ch`, `name(at)host.ch`, and
//! `jane dot doe at example dot org`.
//!
//! `at` and `dot` count in round, square, curly or angle brackets, in English, German (`ät`, `punkt`),
//! French (`arobase`, `point`) and Italian (`chiocciola`, `punto`). As bare words they count only if
//! the address ends in `dot` and a common top-level domain, and the name has a dot, a digit, `_`
//! or `-` in it or stands behind a word such as `email`: `look at example dot com` is none.

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
    text: String,
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

impl Scan for SpelledEmailScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for glyph in glyphs {
            match glyph.class {
                Class::Extend if self.part.end == glyph.start => self.part.end = glyph.end,
                Class::Extend => {}
                _ if glyph.class.joins() || is_inner(glyph.c) => self.grow(glyph, found),
                _ => self.read_between(glyph, found),
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let address = self.address.as_ref().filter(|address| self.may_follow(address)).map(|address| address.start);
        let part = (!self.part.text.is_empty() && !self.part.other).then_some(self.part.start);
        [address, part].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_part(false, position, found);
        self.end_address(position, found);
    }
}

/// What may stand within a part, if letters follow.
fn is_inner(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | '+' | '%')
}

fn sign(word: &str, bracketed: bool) -> Option<Sign> {
    match word {
        "at" => Some(Sign::At),
        "dot" => Some(Sign::Dot),
        "arobase" | "chiocciola" => Some(Sign::At),
        "punkt" | "point" | "punto" => Some(Sign::Dot),
        "a" | "aet" if bracketed => Some(Sign::At),
        _ => None,
    }
}

#[rustfmt::skip]
const TOP_LEVELS: [&str; 28] = [
    "at", "be", "biz", "ch", "co", "com", "de", "dk", "edu", "es", "eu", "fr", "gov", "info", "io",
    "it", "li", "lu", "name", "net", "nl", "no", "org", "pl", "se", "swiss", "uk", "us",
];

fn announces(word: &str) -> bool {
    matches!(word, "email" | "e-mail" | "mail" | "mailto" | "adresse" | "address" | "courriel" | "contact" | "kontakt")
}

/// Words that are no name, whatever stands before.
#[rustfmt::skip]
fn is_common(word: &str) -> bool {
    matches!(word,
        "me" | "us" | "him" | "her" | "them" | "you" | "it" | "is" | "are" | "was" | "look" | "address" |
        "available" | "adresse" | "someone" | "people" | "here" | "form" | "account" | "email" | "mail"
    )
}

impl SpelledEmailScan {
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
        if part.text.len() < MAX_PART && plain {
            part.text.push(glyph.c);
        } else {
            part.other = true;
        }
    }

    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let closing = matches!(glyph.c, ')' | ']' | '}' | '>');
        self.end_part(closing, glyph.start, found);
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

    fn end_part(&mut self, closing: bool, decided: usize, found: &mut Vec<Found>) {
        if self.part.text.is_empty() {
            return;
        }
        let mut part = std::mem::take(&mut self.part);
        // Signs at the end belong to the sentence.
        let trimmed = part.text.trim_end_matches(is_inner).len();
        let stopped = trimmed < part.text.len();
        part.text.truncate(trimmed);
        let bracketed = part.bracketed.is_some() && closing;
        let sign = if stopped || part.other { None } else { sign(&part.text, bracketed) };
        self.read(&part, sign, bracketed, decided, found);
        if stopped {
            self.end_address(decided, found);
        }
        self.announced = match self.announced {
            _ if announces(&part.text) => Some(0),
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
            && address.parts < MAX_PARTS
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
                    let last = part.text.rsplit('.').next().unwrap_or("");
                    let inner = part.text.contains('.');
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
        let inside = part.text.bytes().any(|byte| !byte.is_ascii_lowercase());
        let clear = !is_common(&part.text) && (inside || self.announced.is_some());
        self.address =
            Some(Address { start: part.start, parts: 1, state: State::Name, clear, bare: false, dots: 0, good: None });
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
