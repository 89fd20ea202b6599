//! What stands behind the `@` of an address.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::short::Short;
use super::super::top_level::{is_common, is_top_level};
use super::Script;
use crate::canonical::{Class, Glyph};

const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;
const MAX_TOP_LEVEL: usize = 24;
/// The longest address in brackets: of version 6 with one of version 4 in it, behind `IPv6:`.
const MAX_LITERAL: usize = 50;
/// Whose names of algorithms and extensions look like addresses (RFC 4251, 6).
const NAMING: [&str; 2] = ["openssh.com", "libssh.org"];
/// Where repositories are: behind the account and a colon stands the path of one.
const FORGES: [&str; 7] =
    ["bitbucket.org", "codeberg.org", "git.sr.ht", "gitea.com", "github.com", "gitlab.com", "salsa.debian.org"];
/// What annotations of a data format begin with (OData JSON, 4.6): `Members@odata.id`.
const ANNOTATION: &str = "odata.";
const MAX_NAMING: usize = 16;

/// What was read behind an `@`.
pub(super) struct Domain {
    /// Where the local part begins.
    pub start: usize,
    length: usize,
    labels: usize,
    label: Label,
    /// What was read of it.
    host: Short<MAX_NAMING>,
    /// Whether the local part may be a name of an algorithm.
    pub may_be_algorithm: bool,
    /// Whether the local part is a single letter, and the first label too.
    pub is_letter: bool,
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

impl Domain {
    /// What follows the `@` that ends at `end`.
    pub fn behind(start: usize, end: usize) -> Domain {
        Domain {
            start,
            length: 0,
            labels: 0,
            label: Label::default(),
            host: Short::default(),
            may_be_algorithm: false,
            is_letter: false,
            numbers: 0,
            end,
            good: None,
            literal: None,
            sign: None,
        }
    }

    /// Reads a glyph; false if it does not belong to the domain.
    pub fn read(&mut self, glyph: &Glyph) -> bool {
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
            ':' if FORGES.contains(&self.host.as_str()) => {
                self.check();
                self.sign = Some(glyph.c);
                return true;
            }
            _ => return false,
        }
        self.host.push(glyph);
        self.end = glyph.end;
        true
    }

    /// Where the address ends, if it is one.
    pub fn end(mut self) -> Option<usize> {
        self.check();
        self.good.map(|good| good.end)
    }

    /// Reads the glyph behind a sign that stands directly behind an address: `A@B.to(C)` is a call,
    /// and a number in brackets is none; behind a forge's colon stands a path. What was removed may have been a word.
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
            let is_algorithm = self.may_be_algorithm && NAMING.contains(&self.host.as_str());
            let is_annotation = self.host.as_str().starts_with(ANNOTATION);
            self.good = if is_member || is_algorithm || is_annotation {
                self.good
            } else {
                Some(Good { end: self.end, may_be_member })
            };
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
