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
const MAX_WORD: usize = 24;

/// What numbers are behind what was read.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Say {
    #[default]
    Nothing,
    /// They are no address.
    Numbered,
    /// They are one.
    Addressed,
    /// A name and an `@` are before them: an account, or a program and its version.
    Account,
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
    /// Whether the word before is a machine's with a capital letter, and only a space followed.
    behind_machine: bool,
    /// Whether two such words were read, as `DNS Server`: a product's name, unless a colon follows.
    is_title: bool,
    /// What was said before the word that was read last, and whether that is whose account every machine has.
    before: Say,
    is_account: bool,
    /// How much of `://` was read.
    scheme: usize,
    /// Whether `://` was read and no white space behind it.
    in_url: bool,
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

/// Accounts that machines have, as programs are not called.
const ACCOUNTS: [&[u8]; 12] = [
    b"admin",
    b"administrator",
    b"debian",
    b"deploy",
    b"guest",
    b"login",
    b"pi",
    b"postgres",
    b"root",
    b"ubuntu",
    b"user",
    b"www",
];

/// Whether a word ends what others said.
pub(super) fn says_nothing(word: &[Glyph]) -> bool {
    VOCABULARY.get_glyphs(word).is_none() && !is_version(word.len(), |place| word[place].c)
}

/// Whether a word of so many letters is a compound with `version`: `fileversion`, `Versionsnummer`.
fn is_version(length: usize, at: impl Fn(usize) -> char) -> bool {
    let has = |part: &str, from: usize| part.chars().zip(from..).all(|(c, place)| at(place) == c);
    let ends = |part: &str| length > part.len() && has(part, length - part.len());
    length > 7 && has("version", 0) || ends("version") || ends("versions") || ends("versionen")
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
                let named = self.end_word(c);
                self.read_sign(c, named);
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

    /// Ends the word that was read, before this sign. Says whether there was one.
    fn end_word(&mut self, next: char) -> bool {
        if self.word.is_empty() {
            return false;
        }
        let word = self.word.as_bytes();
        let compound = || is_version(word.len(), |place| char::from(word[place])).then_some(Numbered);
        let meaning = VOCABULARY.get(word).or_else(compound);
        self.is_account = next == '@' && ACCOUNTS.contains(&word);
        self.before = self.say;
        let is_machine = matches!(meaning, Some(Machine)) && self.capital;
        self.is_title = is_machine && self.behind_machine;
        self.say = match meaning {
            Some(Numbered) => Say::Numbered,
            Some(Address) => Say::Addressed,
            Some(Machine) if !self.behind_name && !self.is_title => Say::Addressed,
            Some(Machine) | None => Say::Nothing,
            Some(Between) => self.say,
        };
        self.behind_name = meaning.is_none() && self.capital;
        self.behind_machine = is_machine;
        self.listing &= matches!(meaning, Some(Between));
        self.word.clear();
        true
    }

    /// Reads what is no letter; `named` if a word ends directly before it.
    fn read_sign(&mut self, c: char, named: bool) {
        self.scheme = match (self.scheme, c) {
            (_, ':') => 1,
            (1 | 2, '/') => self.scheme + 1,
            _ => 0,
        };
        let is_account = self.in_url || self.is_account || self.before == Say::Addressed || !named;
        if c == ' ' {
            (self.before, self.is_account, self.in_url) = (Say::Nothing, false, false);
        } else {
            self.behind_machine = false;
        }
        match c {
            '#' | '§' => self.say = Say::Numbered,
            '@' if is_account => self.say = Say::Addressed,
            '@' => self.say = Say::Account,
            '/' if self.scheme == 3 => (self.say, self.in_url) = (Say::Addressed, true),
            ':' if self.is_title => self.say = Say::Addressed,
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
