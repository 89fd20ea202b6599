//! E-mail addresses: `local@domain`, as people write them rather than all that RFC 5322 allows.
//!
//! The local part is up to 128 letters, digits and `. _ % + - ' = & # ! $`, starting with a letter
//! or digit, and if it is longer, the last word of it; in the query of an address on the web, which begins with `?`, `=`
//! and `&` part what is given. The domain is labels with dots between and ends in letters (or `xn--…`), of any
//! script. A change between scripts with and without spaces (or Hangul) ends either, so an address
//! in running Chinese or Korean text is cut out cleanly. The whole is at most 253 characters behind
//! the `@`. Not recognised: quoted local parts, address literals (`@[192.0.2.1]`, the IP detector
//! finds those) and hosts without a dot; `name [at] host` is for `spelled_email.rs`.

use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

const MAX_LOCAL: usize = 128;
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

/// The e-mail detector of one stream.
#[derive(Default)]
pub(crate) struct EmailScan {
    local: Local,
    domain: Option<Domain>,
}

/// What may be the local part of an address if an `@` follows.
#[derive(Default)]
struct Local {
    start: usize,
    /// Glyphs since `start`; nothing is open if 0.
    length: usize,
    script: Script,
    /// The digits read last, if nothing came behind them: where they start and how many they are.
    digits: Option<(usize, usize)>,
    /// Where to begin instead if it gets too long, behind the last sign, and how many glyphs there
    /// are from there.
    restart: Option<(usize, usize)>,
    after_sign: bool,
    too_long: bool,
    /// Whether a `?` was read and no white space behind it.
    in_query: bool,
}

/// What was read behind an `@`.
struct Domain {
    /// Where the local part begins.
    start: usize,
    length: usize,
    labels: usize,
    label: Label,
    /// The end of the glyph read last.
    end: usize,
    /// The end of the longest good address so far.
    good: Option<usize>,
}

#[derive(Default)]
struct Label {
    length: usize,
    script: Script,
    letters_only: bool,
    /// Whether the label so far is `xn--`, or a beginning of it, and then anything.
    punycode: bool,
}

/// Scripts that do not run into each other within a word.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Script {
    /// Digits and signs.
    #[default]
    Any,
    Spaced,
    Spaceless,
    Hangul,
}

impl Script {
    fn of(glyph: &Glyph) -> Script {
        match glyph.class {
            Class::Hangul => Script::Hangul,
            Class::Letter => Script::Spaced,
            Class::Spaceless => Script::Spaceless,
            _ => Script::Any,
        }
    }

    fn clashes(self, other: Script) -> bool {
        self != other && self != Script::Any && other != Script::Any
    }
}

impl Scan for EmailScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for part in glyphs.split_inclusive(|glyph| glyph.c == '@') {
            self.read_part(part, found);
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let domain = self.domain.as_ref().map(|domain| domain.start);
        [domain, self.local.first_start()].into_iter().flatten().find(|start| position - start <= MATCH_SPAN)
    }

    fn begun(&mut self, _: usize, _: &mut Vec<Found>) -> Option<usize> {
        // Any word may be the beginning of an address; with the sign behind it, it is one.
        self.domain.as_ref().map(|domain| domain.start)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_domain(position, found);
    }
}

impl EmailScan {
    /// Reads glyphs of which only the last one may be an `@`.
    fn read_part(&mut self, part: &[Glyph], found: &mut Vec<Found>) {
        let (mut rest, mut looked) = (part, false);
        while let Some((glyph, behind)) = rest.split_first() {
            if !looked && self.domain.is_none() {
                looked = true;
                // White space forgets what may have been a local part, and without a domain that is
                // all there is: nothing before the last one counts.
                if let Some(last) = rest.iter().rposition(ends_query) {
                    rest = &rest[last + 1..];
                    self.local = Local::default();
                    continue;
                }
            }
            rest = behind;
            self.read(glyph, found);
        }
    }

    #[inline]
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if let Some(domain) = &mut self.domain
            && !domain.read(glyph)
        {
            self.end_domain(glyph.start, found);
        }
        if glyph.c == '@' && glyph.class == Class::Sign {
            if self.local.is_open() {
                self.domain = Some(Domain::behind(self.local.start, glyph.end));
            }
            self.local = self.local.emptied();
        } else {
            self.local.read(glyph);
        }
    }

    fn end_domain(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(mut domain) = self.domain.take() else { return };
        domain.check();
        if let Some(end) = domain.good
            && decided - domain.start <= MATCH_SPAN
        {
            let what = What::Detected(Kind::Email);
            found.push(Found { start: domain.start, end, what });
        }
    }
}

/// Whether nothing before counts any more: white space that is written as one, and not as `%20`, and a barrier.
fn ends_query(glyph: &Glyph) -> bool {
    glyph.class == Class::Barrier || glyph.class == Class::Space && glyph.end - glyph.start == 1
}

impl Local {
    fn is_open(&self) -> bool {
        self.length > 0 && !self.too_long
    }

    /// Where an address may begin that is still to be found.
    fn first_start(&self) -> Option<usize> {
        let digits = self.digits.filter(|(_, count)| *count <= MAX_LOCAL).map(|(start, _)| start);
        if self.is_open() { Some(self.start) } else { digits }
    }

    fn read(&mut self, glyph: &Glyph) {
        if glyph.class.is_word() {
            let script = Script::of(glyph);
            if self.length == 0 {
                *self = Local { start: glyph.start, ..self.emptied() };
            } else if script.clashes(self.script) {
                // Digits belong to the letters behind them: a word must not be cut.
                let (start, length) = self.digits.unwrap_or((glyph.start, 0));
                let too_long = length > MAX_LOCAL;
                *self = Local { start, length, too_long, ..self.emptied() };
            }
            if script != Script::Any {
                self.script = script;
            }
            self.digits = match glyph.class {
                Class::Digit => {
                    let (start, count) = self.digits.unwrap_or((glyph.start, 0));
                    Some((start, count + 1))
                }
                _ => None,
            };
            if self.after_sign {
                self.after_sign = false;
                self.restart = Some((glyph.start, 0));
            }
            self.grow();
            return;
        }
        match glyph.c {
            _ if glyph.class == Class::Extend => return,
            // In the query of an address on the web they part what is given.
            '=' | '&' if self.in_query => *self = self.emptied(),
            '.' | '_' | '%' | '+' | '-' | '\'' | '=' | '&' | '#' | '!' | '$' if self.is_open() => {
                self.grow();
                self.after_sign = true;
            }
            '?' => *self = Local { in_query: true, ..Local::default() },
            _ if ends_query(glyph) => *self = Local::default(),
            _ => *self = self.emptied(),
        }
        self.digits = None;
    }

    /// Nothing open, at the same place.
    fn emptied(&self) -> Local {
        Local { in_query: self.in_query, ..Local::default() }
    }

    fn grow(&mut self) {
        if let Some((_, length)) = &mut self.restart {
            *length += 1;
        }
        self.length += 1;
        if self.length > MAX_LOCAL && !self.too_long {
            match self.restart.take() {
                Some((start, length)) if length <= MAX_LOCAL => {
                    self.start = start;
                    self.length = length;
                }
                _ => self.too_long = true,
            }
        }
    }
}

impl Domain {
    fn behind(start: usize, end: usize) -> Domain {
        Domain { start, length: 0, labels: 0, label: Label::default(), end, good: None }
    }

    /// Reads a glyph; false if it does not belong to the domain.
    fn read(&mut self, glyph: &Glyph) -> bool {
        if glyph.class == Class::Extend {
            if glyph.start == self.end {
                self.end = glyph.end;
            }
            return true;
        }
        self.length += 1;
        if self.length > MAX_DOMAIN {
            // Cut off within a label, which is then no good end.
            self.label = Label::default();
            return false;
        }
        match glyph.c {
            _ if glyph.class.is_word() => {
                if !self.label.read(glyph) {
                    return false;
                }
            }
            '-' if self.label.length > 0 => {
                self.check();
                self.label.length += 1;
                self.label.letters_only = false;
                self.label.punycode &= self.label.length >= 3;
            }
            '.' if self.label.length > 0 => {
                self.check();
                self.labels += 1;
                self.label = Label::default();
            }
            _ => return false,
        }
        self.end = glyph.end;
        true
    }

    /// Notes the end of a good address if one ends here.
    fn check(&mut self) {
        let label = &self.label;
        let length_fits = (2..=MAX_LABEL).contains(&label.length);
        let top_level = label.letters_only || label.punycode && label.length > 4;
        if self.labels > 0 && length_fits && top_level {
            self.good = Some(self.end);
        }
    }
}

impl Label {
    /// Reads a letter or digit; false if it can't belong to the same label.
    fn read(&mut self, glyph: &Glyph) -> bool {
        let script = Script::of(glyph);
        if script.clashes(self.script) {
            return false;
        }
        if script != Script::Any {
            self.script = script;
        }
        let letter = glyph.class != Class::Digit;
        self.letters_only = letter && (self.length == 0 || self.letters_only);
        self.punycode = match self.length {
            0 => glyph.c == 'x',
            1 => self.punycode && glyph.c == 'n',
            2 | 3 => false,
            _ => self.punycode,
        };
        self.length += 1;
        true
    }
}
