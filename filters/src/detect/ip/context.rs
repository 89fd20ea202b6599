//! What the words and signs before a run say of it.
//!
//! Four small numbers are a version or the number of a section in all languages, unless the word
//! directly before says that they are an address. Large ones are an address, unless the word before
//! says that they are not.

use super::super::short::Short;
use super::super::vocabulary::Vocabulary;
use crate::canonical::{BARRIER, Class, Glyph, Hint};

/// How much of a word before an address is kept. Longer than every word that counts is as good as
/// any other word.
const MAX_WORD: usize = 16;

/// What numbers are behind what was read.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Say {
    #[default]
    Nothing,
    /// They are no address.
    Numbered,
    /// They are one.
    Addressed,
}

/// What was read before a run.
#[derive(Default)]
pub(super) struct Context {
    say: Say,
    word: Short<MAX_WORD>,
    /// Whether the word begins with a capital letter.
    capital: bool,
    /// Whether the word before may be the name of a product, of which `Server` then is a part.
    behind_name: bool,
    /// How much of `://` was read.
    scheme: usize,
    /// Whether there was no word since an address, so that a list of them goes on.
    listing: bool,
}

/// What a word says of dotted numbers behind it.
#[derive(Clone, Copy)]
enum Meaning {
    Numbered,
    Address,
    /// An address, unless a name is before it: `Application Server 8.5.5.13`.
    Machine,
    /// What the word before it says.
    Between,
}

use Meaning::{Address, Between, Machine, Numbered};

#[rustfmt::skip]
static VOCABULARY: Vocabulary<Meaning> = Vocabulary::new(&[
    ("a", Between), ("abschnitt", Numbered), ("abs", Numbered), ("accepted", Machine), ("addr", Address),
    ("address", Address), ("addresses", Address), ("adresse", Address), ("adressen", Address), ("adresses", Address),
    ("am", Between), ("and", Between), ("angemeldet", Machine), ("anhang", Numbered), ("anmeldung", Machine),
    ("annex", Numbered), ("are", Between), ("art", Numbered), ("article", Numbered), ("artikel", Numbered),
    ("auf", Between), ("aus", Between),
    ("bis", Between), ("build", Numbered),
    ("capitolo", Numbered), ("chap", Numbered), ("chapitre", Numbered), ("chapter", Numbered), ("clause", Numbered),
    ("client", Machine), ("clientip", Address), ("connect", Machine), ("connected", Machine), ("connection", Machine),
    ("connexion", Machine), ("curl", Address),
    ("daddr", Address), ("das", Between), ("de", Between), ("dem", Between), ("den", Between), ("depuis", Between),
    ("der", Between), ("des", Between), ("die", Between), ("dns", Machine), ("dst", Address), ("du", Between),
    ("e", Between), ("ein", Between), ("erw", Numbered), ("est", Between), ("et", Between),
    ("fig", Numbered), ("figure", Numbered), ("firmware", Numbered), ("for", Between), ("forwarded", Address),
    ("from", Between),
    ("gateway", Machine), ("gateways", Machine),
    ("host", Machine), ("hosts", Machine), ("hote", Machine),
    ("il", Between), ("im", Between), ("indirizzi", Address), ("indirizzo", Address), ("inet", Address), ("ip", Address),
    ("ipaddr", Address), ("ipaddress", Address), ("ips", Address), ("ipv", Address), ("is", Between), ("ist", Between),
    ("item", Numbered),
    ("kap", Numbered), ("kapitel", Numbered), ("kernel", Numbered),
    ("la", Between), ("lautet", Between), ("le", Between), ("login", Machine), ("lo", Between),
    ("mein", Between), ("mon", Between), ("my", Between),
    ("nameserver", Machine), ("nexthop", Address), ("nmap", Address), ("no", Between), ("node", Machine),
    ("notre", Between), ("nr", Between), ("number", Between),
    ("oder", Between), ("oid", Numbered), ("or", Between), ("ou", Between), ("our", Between),
    ("paragraph", Numbered), ("patch", Numbered), ("peer", Machine), ("ping", Address), ("pinge", Address),
    ("pingt", Address), ("proxy", Machine), ("punkt", Numbered),
    ("rel", Numbered), ("release", Numbered), ("releases", Numbered), ("remoteaddr", Address), ("remoteip", Address),
    ("rev", Numbered), ("revision", Numbered), ("rhost", Address), ("router", Machine), ("routeur", Machine),
    ("saddr", Address), ("scp", Address), ("sec", Numbered), ("sect", Numbered), ("section", Numbered),
    ("sections", Numbered), ("server", Machine), ("servern", Machine), ("servers", Machine), ("serveur", Machine),
    ("sftp", Address), ("src", Address), ("ssh", Address), ("subnet", Address), ("subnetz", Address),
    ("tabelle", Numbered), ("table", Numbered), ("telnet", Address), ("than", Between), ("the", Between),
    ("this", Between), ("to", Between), ("traceroute", Address), ("tracert", Address),
    ("und", Between), ("unser", Between), ("update", Numbered), ("upgrade", Numbered),
    ("v", Numbered), ("ver", Numbered), ("verbindung", Machine), ("vers", Numbered), ("version", Numbered),
    ("versione", Numbered), ("versionen", Numbered), ("versions", Numbered), ("versiun", Numbered), ("via", Between),
    ("vom", Between), ("von", Between),
    ("was", Between), ("wget", Address), ("whois", Address),
    ("ziff", Numbered), ("ziffer", Numbered), ("zugriff", Machine), ("zum", Between), ("zur", Between),
]);

/// Whether a word ends what others said.
pub(super) fn says_nothing(word: &[Glyph]) -> bool {
    VOCABULARY.get_glyphs(word).is_none()
}

impl Context {
    /// What is known behind white space behind a word that says nothing, and whose first letter this is.
    pub fn behind_word(first: Option<&Glyph>) -> Context {
        let behind_name = first.is_some_and(|first| first.hint == Hint::Capital);
        Context { behind_name, ..Context::default() }
    }

    /// What is said of a run that ends before the glyph that is read next.
    pub fn say(&self) -> Say {
        self.say
    }

    /// Notes that an address was found: others may follow it.
    pub fn list(&mut self) {
        self.say = Say::Addressed;
        self.listing = true;
    }

    pub fn read(&mut self, glyph: &Glyph) {
        match (glyph.class, glyph.c) {
            (Class::Digit, _) => {}
            (class, _) if class.is_word() => {
                if self.word.is_empty() {
                    self.capital = glyph.hint == Hint::Capital;
                }
                self.word.push(glyph);
            }
            (_, c) => {
                self.end_word();
                self.read_sign(c);
                if glyph.hint == Hint::Line {
                    self.end_line();
                }
            }
        }
    }

    /// Behind the end of a line the label of an address is a title's or another row's.
    pub fn end_line(&mut self) {
        if self.say == Say::Addressed && !self.listing {
            self.say = Say::Nothing;
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let meaning = VOCABULARY.get(self.word.as_bytes());
        self.say = match meaning {
            Some(Numbered) => Say::Numbered,
            Some(Address) => Say::Addressed,
            Some(Machine) if !self.behind_name => Say::Addressed,
            Some(Machine) | None => Say::Nothing,
            Some(Between) => self.say,
        };
        self.behind_name = meaning.is_none() && self.capital;
        self.listing &= matches!(meaning, Some(Between));
        self.word.clear();
    }

    fn read_sign(&mut self, c: char) {
        self.scheme = match (self.scheme, c) {
            (_, ':') => 1,
            (1 | 2, '/') => self.scheme + 1,
            _ => 0,
        };
        match c {
            '#' | '§' => self.say = Say::Numbered,
            '@' => self.say = Say::Addressed,
            '/' if self.scheme == 3 => self.say = Say::Addressed,
            // What was removed may have been the name of a product, and is none of a list.
            BARRIER => {
                self.say = if self.say == Say::Numbered { Say::Numbered } else { Say::Nothing };
                self.behind_name = true;
                self.listing = false;
            }
            ',' | ';' if self.listing => {}
            ' ' | '.' | ':' | '=' | '(' | ')' | '"' | '\'' | '-' | '_' | '/' | '[' | ']' | '<' | '>' | '|' => {}
            _ => {
                self.say = Say::Nothing;
                self.listing = false;
                self.behind_name = false;
            }
        }
    }
}
