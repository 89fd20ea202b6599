//! What the words before a number say about it.

mod topics;

use crate::detect::short::Short;
use topics::TOPICS;

/// The longest word that may mean something.
pub(super) const MAX_WORD: usize = 31;

/// What a number is about.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Topic {
    #[default]
    Nothing,
    /// Telephones are spoken of.
    Phone,
    /// A word such as `Call` or `Handy` stands directly before: what is in groups like a number of telephones is one.
    Reached,
    /// The same of a messenger, whose name also means other things: `Signal`.
    Messenger,
    /// A word such as `Tel.` stands directly before, so that it can be nothing else.
    Called,
    /// A social security or tax number.
    Id,
    /// The same, and the number may have letters.
    Code,
    /// A passport, identity card or permit.
    Document,
    /// The same, behind a word that means other things as well: `Pass`.
    Pass,
    /// A number plate.
    Plate,
    /// A payment card.
    Card,
    /// Orders, invoices, accounts, versions: numbers of things.
    Thing,
}

impl Topic {
    /// Whether telephones are spoken of.
    pub fn is_phone(self) -> bool {
        matches!(self, Topic::Phone | Topic::Reached | Topic::Called)
    }

    /// Whether what is in groups as telephone numbers are is one.
    pub fn takes_groups(self) -> bool {
        matches!(self, Topic::Reached | Topic::Messenger)
    }

    /// Whether an identity number is spoken of.
    pub fn is_id(self) -> bool {
        matches!(self, Topic::Id | Topic::Code)
    }

    /// Whether a number of this may begin with letters of any kind.
    pub fn has_letters(self) -> bool {
        matches!(self, Topic::Code | Topic::Document | Topic::Pass | Topic::Plate)
    }

    /// The fewest letters and digits that a number of this has.
    pub fn shortest(self) -> usize {
        if self == Topic::Plate { 4 } else { 7 }
    }
}

/// What a word says of a number behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    Says(Topic),
    /// Whatever the word before says: it may stand between that and its number.
    Between,
    /// The same, if the word before does not forbid the number.
    Filler,
    /// With the word behind it something.
    Begins(Half),
}

/// The last word with a meaning, and what followed it.
#[derive(Default)]
pub(crate) struct Context {
    topic: Topic,
    /// Words of any kind since.
    words: usize,
    /// Whether all of them may stand before the number of that word.
    direct: bool,
    /// The same, whatever signs stand between.
    known: bool,
    /// Whether nothing but `number`, `is` and the like does.
    close: bool,
    /// The first of two words that only mean something together.
    half: Option<Half>,
    /// The single letters read last, as those of `D.N.I.`, which is `dni` as well.
    initials: [u8; 3],
    /// The word before, to which a hyphen may tie the next one.
    last: Short<MAX_WORD>,
}

/// Words that mean something with the one behind them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    /// `wa.me`
    Wa,
    /// `social security`
    Social,
    /// `Pass-Nr.`
    Pass,
    /// `client no.`: with a word for numbers it is the number of a thing.
    Item,
    /// `numero cliente`
    Number,
    /// `Steuer-ID`
    Tax,
    /// `sécurité sociale`
    Security,
    /// `driver's license`
    Driver,
    /// `licenza di condurre`
    Licence,
}

/// Words further back than this mean nothing for a number.
const REACH: usize = 3;
/// The same, if all words between may stand before a number.
const DIRECT_REACH: usize = 5;
/// So many words may stand between a word such as `Tel.` and the colon behind which its number stands.
const ANNOUNCED_REACH: usize = 4;

impl Context {
    /// What is left behind words that say nothing, of which this is the last.
    pub fn behind(last: Short<MAX_WORD>) -> Context {
        Context { last, ..Context::default() }
    }

    /// Whether a word says nothing of a number: behind [`MEMORY`](super::MEMORY) of them nothing is left of what was before.
    pub fn forgets_behind(word: &[u8]) -> bool {
        let says = || matches!(meaning(word), Some(Says(_) | Begins(_))) || is_number_word(word);
        word.len() > 1 && !says()
    }

    /// What is being spoken of now.
    pub fn topic(&self) -> Topic {
        let reach = if self.direct { DIRECT_REACH } else { REACH };
        match self.topic {
            _ if self.half == Some(Half::Pass) => Topic::Pass,
            _ if self.words > reach => Topic::Nothing,
            Called if !self.direct => Topic::Phone,
            Phone if self.direct => Topic::Reached,
            Messenger if !self.direct => Topic::Nothing,
            Code if !self.direct => Topic::Id,
            Card | Document | Plate if !self.close => Topic::Nothing,
            topic => topic,
        }
    }

    /// Reads a word of ASCII letters in lower case; `hangs` if a hyphen ties it to the word before.
    pub fn read(&mut self, word: &[u8], hangs: bool) {
        let half = self.half.take();
        let stem = std::mem::replace(&mut self.last, Short::of(word));
        // `Policen-Nr.`, `Handy-Nummer`
        if hangs
            && matches!(half, None | Some(Half::Number))
            && self.topic == Nothing
            && matches!(word, b"id" | b"nr" | b"no" | b"nummer" | b"number" | b"num")
        {
            return self.says(if is_called(stem.as_bytes()) { Called } else { Thing });
        }
        if hangs && self.topic == Phone && self.words == 0 && is_between(word) {
            self.topic = Called;
        }
        if let Some(topic) = self.end_initials(word) {
            return self.says(topic);
        }
        let meaning = meaning(word);
        // `Die Telefonnummer der Praxis lautet`
        if matches!(word, b"is" | b"ist" | b"est" | b"lautet") {
            self.announce_behind_words();
        }
        match (half, word, meaning) {
            // Nobody's: `client no.`, `numero cliente`.
            (Some(Half::Item), _, Some(Between)) if is_number_word(word) && self.topic == Nothing => self.says(Thing),
            (Some(Half::Number), _, Some(Begins(Half::Item))) if self.topic == Nothing => self.says(Thing),
            (Some(Half::Number | Half::Licence), b"de" | b"di", _) | (Some(Half::Driver), b"s", _)
                if stem.as_bytes() != word =>
            {
                self.pass_word();
                self.half = half;
            }
            (Some(Half::Tax), b"id" | b"nr" | b"no" | b"nummer" | b"identifikationsnummer", _) => self.says(Id),
            (Some(Half::Security), b"sociale", _) => self.says(Code),
            (Some(Half::Driver), b"licence" | b"license", _) => self.says(Document),
            (Some(Half::Licence), b"conducir" | b"condurre" | b"conduire" | b"guida", _) => self.says(Document),
            (Some(Half::Number), b"card" | b"carte" | b"karte", _) if stem.as_bytes() == b"id" => self.says(Document),
            // `permis d'établissement`, `permis C`
            _ if self.topic == Document && qualifies(word) => self.says(Document),
            _ if self.topic == Document && self.close && word.len() == 1 => self.words = self.words.saturating_add(1),
            (Some(Half::Wa), b"me", _) => self.says(Called),
            (Some(Half::Social), b"security", _) => self.says(Id),
            (Some(Half::Pass), _, Some(Between)) => self.says(Document),
            (.., Some(Begins(half))) => {
                self.pass_word();
                self.half = Some(half);
            }
            // `mobile phone`, `Telefon mobil`: the stronger one counts.
            (.., Some(Says(Phone))) if self.topic == Called && self.direct => self.words += 1,
            (.., Some(Says(topic))) => self.says(topic),
            (.., Some(Between)) => {
                self.pass_between();
                self.half = is_number_word(word).then_some(Half::Number);
            }
            (.., Some(Filler)) if self.topic != Thing => {
                self.pass_between();
                self.close = false;
            }
            _ => self.pass_word(),
        }
    }

    /// Reads a word that may be a letter of an abbreviation. What that means if it ends with it.
    fn end_initials(&mut self, word: &[u8]) -> Option<Topic> {
        let [_, second, third] = self.initials;
        self.initials = match *word {
            [letter] => [second, third, letter],
            _ => [0; 3],
        };
        match &self.initials {
            b"dni" | b"nie" | b"nif" | [_, b'c', b'f'] => Some(Code),
            // Serial and part numbers.
            [_, b'p' | b's', b'n'] if self.topic == Nothing => Some(Thing),
            _ => None,
        }
    }

    fn says(&mut self, topic: Topic) {
        *self =
            Context { topic, words: 0, direct: true, known: true, close: true, last: self.last, ..Context::default() };
    }

    /// Passes over a word that may stand between.
    fn pass_between(&mut self) {
        self.words = self.words.saturating_add(1);
        if self.words > DIRECT_REACH {
            self.topic = Nothing;
        }
    }

    /// Passes over a word that means nothing.
    fn pass_word(&mut self) {
        // What forbids a number must stand before it: what stands between may be removed, and
        // filtering twice would find more.
        if self.topic == Thing {
            *self = Context::default();
        }
        self.words = self.words.saturating_add(1);
        (self.direct, self.known, self.close) = (false, false, false);
        if self.words > ANNOUNCED_REACH {
            self.topic = Nothing;
        }
    }

    /// Reads a character of a script without spaces between words.
    pub fn read_spaceless(&mut self, c: char) {
        match c {
            // Telephone, mobile, in Chinese and Japanese.
            '\u{8bdd}' | '\u{8a71}' | '\u{673a}' | '\u{6a5f}' => self.says(Called),
            // Number, behind one of them.
            '\u{756a}' | '\u{53f7}' | '\u{865f}' | '\u{7801}' | '\u{78bc}' if self.topic == Called => {}
            _ if self.topic == Thing => *self = Context::default(),
            _ => {
                self.pass_break();
                self.known = false;
            }
        }
    }

    /// Reads a colon, or a word that stands for one: what is announced by it is meant. Behind words that are not known
    /// (`Telefonnummer der Klinik:`) it is if it is in groups.
    pub fn announce(&mut self) {
        if self.topic == Phone && self.words == 0 {
            self.topic = Called;
        } else {
            self.announce_behind_words();
        }
    }

    fn announce_behind_words(&mut self) {
        if matches!(self.topic, Called | Phone) && !self.direct && self.words <= ANNOUNCED_REACH {
            self.topic = if self.known { self.topic } else { Phone };
            self.direct = true;
        }
    }

    /// Reads what parts a key from its value: `?id=`, `"customer_id":`.
    pub fn end_key(&mut self, is_parameter: bool) {
        if self.topic == Nothing && (is_id(self.last.as_bytes()) || is_parameter && is_item(self.last.as_bytes())) {
            self.says(Thing);
        }
    }

    /// Passes over a sign between two numbers of a list.
    pub fn pass_listed(&mut self) {
        if matches!(self.topic, Called | Phone) && self.direct {
            self.topic = Phone;
        } else {
            self.pass_break();
        }
    }

    /// Passes over so many digits. One or two say nothing, as in `ISBN-10` and `Linie 2`.
    pub fn pass_digits(&mut self, count: usize) {
        if self.topic == Thing && count > 2 {
            *self = Context::default();
        }
    }

    /// Passes over letters and digits, as of an identifier.
    pub fn pass_other(&mut self) {
        *self = Context::default();
    }

    /// Passes over a sign behind which something else begins.
    pub fn pass_break(&mut self) {
        (self.direct, self.close) = (false, false);
        self.half = None;
    }

    /// Passes over something removed.
    pub fn pass_marker(&mut self) {
        *self = Context::default();
    }
}

/// Whether a word says that a number of what is before it follows.
fn is_number_word(word: &[u8]) -> bool {
    matches!(word, b"id" | b"n" | b"no" | b"nr" | b"num" | b"number" | b"numero" | b"nummer")
}

/// Whether a word behind one for a permit says which.
fn qualifies(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"circulation",
        b"conducir",
        b"condurre",
        b"conduire",
        b"dimora",
        b"domicilio",
        b"etablissement",
        b"guida",
        b"residence",
        b"residencia",
        b"sejour",
        b"soggiorno",
    ];
    WORDS.contains(&word)
}

/// Whether a key of this name holds an id.
fn is_id(word: &[u8]) -> bool {
    matches!(word, b"cid" | b"gid" | b"guid" | b"id" | b"ids" | b"pid" | b"sid" | b"uid" | b"uuid")
}

/// Whether a parameter of a link that has this name is the number of a thing.
fn is_item(word: &[u8]) -> bool {
    let named: [&[u8]; 15] = [
        b"doc", b"item", b"key", b"msg", b"no", b"node", b"nr", b"p", b"page", b"post", b"product", b"rev", b"t",
        b"thread", b"ts",
    ];
    named.contains(&word) || matches!(meaning(word), Some(Begins(Half::Item) | Says(Thing)))
}

/// What a word in lower case means.
pub(super) fn meaning(word: &[u8]) -> Option<Meaning> {
    TOPICS.get(word).or_else(|| compound(word).map(Says))
}

/// `Kundennummer`, `Vorgangsnr`, `ordernumber`: numbers of things, unless the word says that one can call it.
fn compound(word: &[u8]) -> Option<Topic> {
    // Almost every word is passed over by its last letter.
    let ends: &[&[u8]] = match word.last()? {
        b'r' => &[b"nummer", b"number", b"nr"],
        b'n' => &[b"telefon"],
        b'y' => &[b"handy"],
        b'x' => &[b"telefax"],
        b'd' => return word.strip_suffix(b"id").filter(|stem| is_item(stem)).map(|_| Thing),
        _ => return None,
    };
    let stem = ends.iter().find_map(|end| word.strip_suffix(*end)).filter(|stem| stem.len() > 2)?;
    let called = word.last() != Some(&b'r') || is_called(stem);
    Some(if called { Called } else { Thing })
}

/// Whether a number of this can be called: `Privat-Nr.`, `Rückrufnummer`.
fn is_called(stem: &[u8]) -> bool {
    const CALLED: [&[u8]; 22] = [
        b"tel",
        b"telefon",
        b"handy",
        b"mobil",
        b"mobile",
        b"natel",
        b"fax",
        b"telefax",
        b"wahl",
        b"ruf",
        b"netz",
        b"privat",
        b"notfall",
        b"pikett",
        b"gratis",
        b"direkt",
        b"haupt",
        b"zentral",
        b"zentrale",
        b"hotline",
        b"buro",
        b"whatsapp",
    ];
    CALLED.iter().any(|end| stem.ends_with(end)) || matches!(stem, b"dienst" | b"info" | b"kontakt" | b"service")
}

/// The letter that a Greek or Cyrillic one is written as in the vocabulary, if it is not taken for one of Latin already.
/// So `телефон` is `telefoh` there, and `τηλ` is `thl`.
pub(super) fn transcribed(c: char) -> char {
    match c {
        ..='\u{7f}' => c,
        '\u{431}' => 'b',
        '\u{433}' | '\u{3b3}' => 'g',
        '\u{434}' | '\u{3b4}' => 'd',
        '\u{437}' => 'z',
        '\u{438}' | '\u{439}' => 'i',
        '\u{43b}' | '\u{3bb}' => 'l',
        '\u{43f}' | '\u{3c0}' => 'p',
        '\u{444}' | '\u{3c6}' => 'f',
        '\u{44b}' => 'y',
        '\u{44c}' => 'q',
        '\u{3be}' => 'x',
        '\u{3c3}' | '\u{3c2}' => 's',
        '\u{3c9}' => 'w',
        _ => c,
    }
}

/// Whether a word may stand between any other and its number.
pub(super) fn is_between(word: &[u8]) -> bool {
    meaning(word) == Some(Between)
}

/// Whether a word stands between a number and its extension.
pub(super) fn is_extension(word: &[u8]) -> bool {
    matches!(
        word,
        b"x" | b"ext"
            | b"extn"
            | b"extension"
            | b"int"
            | b"intern"
            | b"interne"
            | b"interno"
            | b"poste"
            | b"durchwahl"
            | b"dw"
            | b"nst"
            | b"nebenstelle"
            | b"toestel"
            | b"klappe"
            | b"kl"
            | b"apparat"
            | b"app"
    )
}

use Meaning::{Begins, Between, Filler, Says};
use Topic::{Called, Card, Code, Document, Id, Messenger, Nothing, Phone, Plate, Thing};
