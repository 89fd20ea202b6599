//! E-mail addresses: `local@domain`, as people write them rather than all that RFC 5322 allows.
//!
//! The local part is up to 128 letters, digits and `. _ % + - ' = & # ! $`, starting with a letter
//! or digit, and if it is longer, the last word of it; or up to three words in double quotes. The
//! domain is labels with dots between, of any script, and ends in a top-level domain
//! (`top_level.rs`); or it is an IP address in square brackets. A change between scripts with and
//! without spaces (or Hangul) ends either, so an address in running Chinese or Korean text is cut out
//! cleanly. The whole is at most 253 characters behind the `@`.
//!
//! Left alone is what programs write the same way: members (`this@Main.name`, `A@B.to(C)`,
//! `x@y.is_z`), file names (`icon@2x.png`), versions (`left-pad@1.3.0-rc.dev`), and the accounts of
//! repositories, which are nobody's (`git@github.com:example/app.git`). Not recognised: hosts without
//! a dot. `name [at] host` and `name @host` are for `spelled_email.rs`.

mod quoted;

use std::net::{Ipv4Addr, Ipv6Addr};

use quoted::Quoted;

use super::short::Short;
use super::top_level::{is_common, is_top_level};
use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

const MAX_LOCAL: usize = 128;
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

/// The longest local part and top level that mean something by themselves.
const MAX_NAME: usize = 8;
const MAX_TOP_LEVEL: usize = 24;
/// The longest address in brackets: of version 6 with one of version 4 in it, behind `IPv6:`.
const MAX_LITERAL: usize = 50;

/// Local parts that are no account of anybody: those of repositories, and labels of Kotlin.
const NOBODY: [&str; 7] = ["git", "hg", "svn", "gitea", "this", "super", "return"];

/// The e-mail detector of one stream.
#[derive(Default)]
pub(crate) struct EmailScan {
    local: Local,
    quoted: Quoted,
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
    /// Its beginning.
    name: Short<MAX_NAME>,
}

/// What was read behind an `@`.
struct Domain {
    /// Where the local part begins.
    start: usize,
    length: usize,
    labels: usize,
    label: Label,
    /// Whether the local part is a single letter, and the first label too.
    is_letter: bool,
    /// How many labels of digits alone it begins with.
    numbers: usize,
    /// The end of the glyph read last.
    end: usize,
    /// The longest good address so far.
    good: Option<Good>,
    /// What was read of an address in brackets.
    literal: Option<Short<MAX_LITERAL>>,
    /// A sign directly behind the address: with what follows it says whether this is a program.
    sign: Option<char>,
}

/// Where an address may end.
#[derive(Clone, Copy)]
struct Good {
    end: usize,
    /// Whether a member of a program may be called like its top level.
    may_be_member: bool,
}

#[derive(Default)]
struct Label {
    length: usize,
    script: Script,
    letters_only: bool,
    digits_only: bool,
    text: Short<MAX_TOP_LEVEL>,
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
        [domain, self.quoted.first_start(), self.local.first_start()]
            .into_iter()
            .flatten()
            .filter(|start| position - start <= MATCH_SPAN)
            .min()
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
                if let Some(last) = rest.iter().rposition(|glyph| glyph.class == Class::Space) {
                    self.quoted.pass(&rest[..=last]);
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
            let start = if self.local.is_open() { Some(self.local.start) } else { self.quoted.closed() };
            if let Some(start) = start
                && !self.local.is_nobody()
            {
                let is_letter = self.local.length == 1;
                self.domain = Some(Domain { is_letter, ..Domain::behind(start, glyph.end) });
            }
            self.local = Local::default();
        } else {
            self.local.read(glyph);
        }
        self.quoted.read(glyph);
    }

    fn end_domain(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(mut domain) = self.domain.take() else { return };
        domain.check();
        if let Some(good) = domain.good
            && decided - domain.start <= MATCH_SPAN
        {
            let what = What::Detected(Kind::Email);
            found.push(Found { start: domain.start, end: good.end, what });
        }
    }
}

impl Local {
    fn is_open(&self) -> bool {
        self.length > 0 && !self.too_long
    }

    /// Whether the account is nobody's.
    fn is_nobody(&self) -> bool {
        self.length == self.name.len() && NOBODY.contains(&self.name.as_str())
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
                *self = Local { start: glyph.start, ..Local::default() };
            } else if script.clashes(self.script) {
                // Digits belong to the letters behind them: a word must not be cut.
                let (start, length) = self.digits.unwrap_or((glyph.start, 0));
                let too_long = length > MAX_LOCAL;
                *self = Local { start, length, too_long, ..Local::default() };
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
            self.name.push(glyph);
            self.grow();
            return;
        }
        match glyph.c {
            _ if glyph.class == Class::Extend => return,
            '.' | '_' | '%' | '+' | '-' | '\'' | '=' | '&' | '#' | '!' | '$' if self.is_open() => {
                self.grow();
                self.after_sign = true;
            }
            _ => *self = Local::default(),
        }
        self.digits = None;
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
        Domain {
            start,
            length: 0,
            labels: 0,
            label: Label::default(),
            is_letter: false,
            numbers: 0,
            end,
            good: None,
            literal: None,
            sign: None,
        }
    }

    /// Reads a glyph; false if it does not belong to the domain.
    fn read(&mut self, glyph: &Glyph) -> bool {
        if glyph.class == Class::Extend {
            if glyph.start == self.end {
                self.end = glyph.end;
            }
            return true;
        }
        if let Some(sign) = self.sign {
            self.read_behind(sign, glyph);
            return false;
        }
        self.length += 1;
        if self.length > MAX_DOMAIN {
            // Cut off within a label, which is then no good end.
            self.label = Label::default();
            return false;
        }
        if self.literal.is_some() {
            return self.read_literal(glyph);
        }
        match glyph.c {
            '[' if self.length == 1 => self.literal = Some(Short::default()),
            _ if glyph.class.is_word() => {
                if !self.label.read(glyph) {
                    return false;
                }
            }
            '-' if self.label.length > 0 => {
                self.check();
                self.label.length += 1;
                self.label.letters_only = false;
                self.label.digits_only = false;
                self.label.punycode &= self.label.length >= 3;
            }
            '.' if self.label.length > 0 => {
                self.check();
                self.numbers += usize::from(self.numbers == self.labels && self.label.digits_only);
                self.is_letter &= self.labels > 0 || self.label.length == 1;
                self.labels += 1;
                self.label = Label::default();
            }
            '(' | '_' => {
                self.check();
                let member = self.good.is_some_and(|good| good.may_be_member && good.end == self.end);
                self.sign = member.then_some(glyph.c);
                return member;
            }
            _ => return false,
        }
        self.end = glyph.end;
        true
    }

    /// Reads the glyph behind a sign that stands directly behind an address: `A@B.to(C)` is a call,
    /// and a number in brackets is none. What was removed may have been a word.
    fn read_behind(&mut self, sign: char, glyph: &Glyph) {
        let is_program = match sign {
            '(' => glyph.class != Class::Digit && glyph.c != '+',
            _ => glyph.class.is_word() || glyph.class == Class::Barrier,
        };
        if is_program {
            self.good = None;
        }
        self.label = Label::default();
    }

    /// Reads a glyph of `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    fn read_literal(&mut self, glyph: &Glyph) -> bool {
        let Some(literal) = &mut self.literal else { return false };
        if glyph.c == ']' {
            let text = literal.as_str();
            let is_six = text.strip_prefix("ipv6:").is_some_and(|text| text.parse::<Ipv6Addr>().is_ok());
            if is_six || text.parse::<Ipv4Addr>().is_ok() {
                self.good = Some(Good { end: glyph.end, may_be_member: false });
            }
            return false;
        }
        let fits = literal.room() > 0 && (glyph.c.is_ascii_alphanumeric() || matches!(glyph.c, '.' | ':'));
        literal.push(glyph);
        fits
    }

    /// Notes the end of a good address if one ends here.
    fn check(&mut self) {
        let label = &self.label;
        let length_fits = (2..=MAX_LABEL).contains(&label.length);
        let top_level = label.letters_only && label.is_top_level() || label.punycode && label.length > 4;
        // Two numbers at its beginning are of a version.
        if self.labels > 0 && length_fits && top_level && self.numbers < 2 {
            let may_be_member = !is_common(label.text.as_str());
            // `A@B.data` is a product of matrices.
            let is_member = may_be_member && self.is_letter && self.labels == 1;
            self.good = if is_member { self.good } else { Some(Good { end: self.end, may_be_member }) };
        }
    }
}

impl Label {
    /// Whether it is a top-level domain. One of other letters than ASCII's is.
    fn is_top_level(&self) -> bool {
        let ascii = self.text.as_bytes().iter().all(|byte| *byte != 0);
        !ascii || self.length == self.text.len() && is_top_level(self.text.as_str())
    }

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
        self.digits_only = !letter && (self.length == 0 || self.digits_only);
        self.text.push(glyph);
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
