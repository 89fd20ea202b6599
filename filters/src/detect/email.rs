//! E-mail addresses: `local@domain`, as people write them rather than all that RFC 5322 allows.
//!
//! The local part is up to 128 letters, digits and `. _ % + - ' = & # ! $`, starting with a letter
//! or digit, and if it is longer, the last word of it; in the query of an address on the web, which
//! begins with `?`, `=` and `&` part what is given; behind a key (`email=`) it begins anew. Or it is up to three words in double quotes. The
//! domain is labels with dots between, of any script, and ends in a top-level domain
//! (`top_level.rs`); or it is an IP address in square brackets. A change between scripts with and
//! without spaces (or Hangul) ends either, so an address in running Chinese or Korean text is cut out
//! cleanly. The whole is at most 253 characters behind the `@`.
//!
//! Left alone is what programs write the same way: members (`this@Main.name`, `A@B.to(C)`,
//! `x@y.is_z`), file names (`icon@2x.png`), versions (`left-pad@1.3.0-rc.dev`), and the accounts of
//! repositories, which are nobody's (`git@github.com:example/app.git`, `org-1@github.com:o/r`), and
//! annotations (`Members@odata.id`). Left alone as well are the
//! names of SSH's algorithms (`aes256-gcm@openssh.com`) and the numbers of mails
//! (`20211013063656.3084555-1@example.org`). Not recognised: hosts without
//! a dot. `name [at] host` and `name @host` are for `spelled_email.rs`.

mod domain;
mod quoted;

use domain::Domain;
use quoted::Quoted;

use super::short::Short;
use crate::Kind;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};

const MAX_LOCAL: usize = 128;
/// The longest local part that means something by itself.
const MAX_NAME: usize = 8;

/// Local parts that are no account of anybody: those of repositories, and labels of Kotlin.
const NOBODY: [&str; 7] = ["git", "hg", "svn", "gitea", "this", "super", "return"];

/// Names of algorithms and extensions that have neither a digit nor a hyphen in them.
const NAMED: [&str; 6] = ["eow", "fsync", "hostkeys", "limits", "lsetstat", "zlib"];
/// With how many digits and a dot the number of a mail begins: it is made of the time.
const MIN_TIME: usize = 8;

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
    /// Whether a `?` was read and no white space behind it.
    in_query: bool,
    /// Whether it may be a key that a value follows: letters, digits, `_` and `-` alone.
    is_key: bool,
    /// Its beginning.
    name: Short<MAX_NAME>,
    /// Whether there is a digit or a hyphen in it.
    is_marked: bool,
    /// How many digits it begins with.
    time: usize,
    /// Whether it is the number of a mail.
    is_number: bool,
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
                if let Some(last) = rest.iter().rposition(ends_query) {
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
                let domain = self.domain.insert(Domain::behind(start, glyph.end));
                domain.is_letter = self.local.length == 1;
                domain.may_be_algorithm = self.local.may_be_algorithm();
            }
            self.local = self.local.emptied();
        } else {
            self.local.read(glyph);
        }
        self.quoted.read(glyph);
    }

    fn end_domain(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(domain) = self.domain.take() else { return };
        let start = domain.start;
        if let Some(end) = domain.end()
            && decided - start <= MATCH_SPAN
        {
            found.push(Found { start, end, what: What::Detected(Kind::Email) });
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

    /// Whether the account is nobody's.
    fn is_nobody(&self) -> bool {
        self.is_number || self.is_one_of(&NOBODY)
    }

    fn may_be_algorithm(&self) -> bool {
        self.is_marked || self.is_one_of(&NAMED)
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        self.length == self.name.len() && names.contains(&self.name.as_str())
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
                *self = Local { start: glyph.start, is_key: true, ..self.emptied() };
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
            if glyph.class == Class::Digit {
                self.is_marked = true;
                // Behind the dot that is behind the time.
                self.is_number |= self.time >= MIN_TIME && self.length == self.time + 1;
                self.time += usize::from(self.time == self.length);
            }
            self.name.push(glyph);
            self.grow();
            return;
        }
        match glyph.c {
            _ if glyph.class == Class::Extend => return,
            // In the query of an address on the web they part what is given.
            '=' | '&' if self.in_query => *self = self.emptied(),
            '=' if self.is_key => *self = self.emptied(),
            '.' | '_' | '%' | '+' | '-' | '\'' | '=' | '&' | '#' | '!' | '$' if self.is_open() => {
                self.is_marked |= glyph.c == '-';
                self.is_key &= matches!(glyph.c, '-' | '_');
                if glyph.c != '.' && self.time == self.length {
                    self.time = 0;
                }
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
