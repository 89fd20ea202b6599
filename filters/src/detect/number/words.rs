//! What the words before a number say about it.

use crate::detect::short::Short;
use crate::detect::vocabulary::Vocabulary;

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
        matches!(self, Topic::Code | Topic::Document | Topic::Plate)
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
}

/// Words further back than this mean nothing for a number.
const REACH: usize = 3;
/// The same, if all words between may stand before a number.
const DIRECT_REACH: usize = 5;
/// So many words may stand between a word such as `Tel.` and the colon behind which its number stands.
const ANNOUNCED_REACH: usize = 4;

impl Context {
    /// What is being spoken of now.
    pub fn topic(&self) -> Topic {
        let reach = if self.direct { DIRECT_REACH } else { REACH };
        match self.topic {
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
            && half.is_none()
            && self.topic == Nothing
            && matches!(word, b"nr" | b"no" | b"nummer" | b"number" | b"num")
        {
            return self.says(if is_called(stem.as_bytes()) { Called } else { Thing });
        }
        if hangs && self.topic == Phone && self.words == 0 && is_between(word) {
            self.topic = Called;
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
            (Some(Half::Number), b"de" | b"di", _) if self.topic == Nothing => {
                self.pass_word();
                self.half = Some(Half::Number);
            }
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
                self.words = self.words.saturating_add(1);
                self.half = is_number_word(word).then_some(Half::Number);
            }
            (.., Some(Filler)) if self.topic != Thing => {
                self.words = self.words.saturating_add(1);
                self.close = false;
            }
            _ => self.pass_word(),
        }
    }

    fn says(&mut self, topic: Topic) {
        *self = Context { topic, words: 0, direct: true, known: true, close: true, half: None, last: self.last };
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

#[rustfmt::skip]
static TOPICS: Vocabulary<Meaning> = Vocabulary::new(&[
    ("abonne", Says(Thing)), ("abonnement", Says(Thing)), ("account", Says(Thing)),
    ("accounts", Says(Thing)), ("aktenzeichen", Says(Thing)), ("al", Filler), ("alla", Filler),
    ("allo", Filler), ("als", Filler), ("an", Filler), ("amex", Says(Card)), ("anruf", Says(Phone)),
    ("anrufen", Says(Phone)), ("appeler", Says(Phone)), ("appelez", Says(Phone)),
    ("article", Says(Thing)), ("articolo", Says(Thing)), ("artikel", Says(Thing)),
    ("asin", Says(Thing)), ("assure", Says(Thing)), ("at", Filler), ("au", Filler), ("auf", Filler),
    ("aufenthaltsbewilligung", Says(Document)), ("aufenthaltserlaubnis", Says(Document)),
    ("aufenthaltstitel", Says(Document)), ("auftrag", Says(Thing)), ("auftrags", Says(Thing)),
    ("auslanderausweis", Says(Document)), ("ausweis", Says(Document)), ("ausweisnr", Says(Document)),
    ("ausweisnummer", Says(Document)), ("autokennzeichen", Says(Plate)), ("autonummer", Says(Plate)),
    ("aux", Filler), ("av", Filler), ("awb", Says(Thing)), ("bankkonto", Says(Thing)),
    ("barcode", Says(Thing)), ("bestell", Says(Thing)), ("bestellnr", Says(Thing)),
    ("bestellung", Says(Thing)), ("bsb", Says(Thing)), ("bsn", Says(Code)), ("bug", Says(Thing)),
    ("build", Says(Thing)), ("bureau", Filler), ("burgerservicenummer", Says(Code)), ("buro", Filler),
    ("call", Says(Phone)), ("calling", Says(Phone)), ("card", Says(Card)), ("carta", Says(Card)),
    ("carte", Says(Card)), ("casa", Filler), ("case", Begins(Half::Item)), ("catalogue", Says(Thing)),
    ("ccp", Says(Thing)), ("cel", Says(Phone)), ("cell", Says(Phone)), ("cellphone", Says(Called)),
    ("cellulare", Says(Phone)), ("celular", Says(Phone)), ("cf", Says(Code)), ("chargen", Says(Thing)),
    ("chiama", Says(Phone)), ("chiamare", Says(Phone)), ("client", Begins(Half::Item)),
    ("cliente", Begins(Half::Item)), ("codicefiscale", Says(Code)), ("commande", Says(Thing)),
    ("commit", Says(Thing)), ("compte", Says(Thing)), ("conto", Says(Thing)), ("contrat", Says(Thing)),
    ("contratto", Says(Thing)), ("cotobyi", Says(Called)), ("creditcard", Says(Card)),
    ("cuenta", Says(Thing)), ("customer", Begins(Half::Item)), ("d", Filler), ("de", Filler),
    ("dei", Filler), ("del", Filler), ("dem", Filler), ("den", Filler), ("der", Filler),
    ("des", Filler), ("di", Filler), ("dial", Says(Phone)), ("die", Filler), ("dienstlich", Filler),
    ("diners", Says(Card)), ("direct", Filler), ("direkt", Filler), ("direkte", Filler),
    ("direktwahl", Says(Called)), ("diretto", Filler), ("dni", Says(Code)), ("dokument", Says(Thing)),
    ("domicile", Filler), ("dossier", Says(Thing)), ("du", Filler), ("durchwahl", Says(Called)),
    ("e", Filler), ("ean", Says(Thing)), ("el", Filler), ("erreichbar", Says(Phone)), ("est", Between),
    ("estrazione", Says(Thing)), ("et", Filler), ("facture", Says(Thing)), ("fakc", Says(Called)),
    ("fattura", Says(Thing)), ("fax", Says(Called)), ("faxnr", Says(Called)),
    ("faxnumber", Says(Called)), ("faxnummer", Says(Called)), ("fiche", Says(Thing)),
    ("fiscale", Says(Code)), ("fon", Says(Called)), ("for", Filler), ("fuhrerausweis", Says(Document)),
    ("fuhrerschein", Says(Document)), ("fuhrerscheinnr", Says(Document)),
    ("fuhrerscheinnummer", Says(Document)), ("fur", Filler), ("g", Filler), ("geschaft", Filler),
    ("geschaftlich", Filler), ("gewinnzahlen", Says(Thing)), ("girokonto", Says(Thing)),
    ("gsm", Says(Called)), ("gsmnummer", Says(Called)), ("gtin", Says(Thing)), ("handy", Says(Phone)),
    ("handynr", Says(Called)), ("handynummer", Says(Called)), ("hash", Says(Thing)),
    ("hex", Says(Thing)), ("home", Filler), ("homep", Between), ("hotline", Says(Called)),
    ("id", Between), ("identifikationsnummer", Says(Id)), ("identita", Says(Document)),
    ("identitatsausweis", Says(Document)), ("identitatskarte", Says(Document)),
    ("identite", Says(Document)), ("idkarte", Says(Document)), ("idnr", Says(Id)), ("il", Filler),
    ("im", Filler), ("immatriculation", Says(Plate)), ("immatricule", Says(Plate)),
    ("immatriculee", Says(Plate)), ("in", Filler), ("index", Says(Thing)), ("insee", Says(Code)),
    ("int", Filler), ("intern", Filler), ("international", Filler), ("inventar", Says(Thing)),
    ("invoice", Says(Thing)), ("is", Between), ("isbn", Says(Thing)), ("ismn", Says(Thing)),
    ("isni", Says(Thing)), ("isrc", Says(Thing)), ("issn", Says(Thing)), ("issue", Says(Thing)),
    ("ist", Between), ("it", Filler), ("jackpot", Says(Thing)), ("joignable", Says(Phone)),
    ("karte", Says(Card)), ("kartennummer", Says(Card)), ("katalog", Says(Thing)),
    ("kdnr", Says(Thing)), ("kennzeichen", Says(Plate)), ("kenteken", Says(Plate)),
    ("kfz", Says(Plate)), ("kin", Says(Called)), ("kinhto", Says(Called)), ("kom", Filler),
    ("komorka", Says(Called)), ("kontaktnummer", Says(Called)), ("konto", Says(Thing)),
    ("kontonr", Says(Thing)), ("kontrollschild", Says(Plate)), ("kontrollschilder", Says(Plate)),
    ("kreditkarte", Says(Card)), ("kreditkartennummer", Says(Card)), ("kto", Says(Thing)),
    ("kunden", Says(Thing)), ("kundennr", Says(Thing)), ("la", Filler), ("las", Filler),
    ("lautet", Between), ("le", Filler), ("les", Filler), ("lieferschein", Says(Thing)),
    ("ligne", Says(Thing)), ("line", Says(Thing)), ("llama", Says(Phone)), ("llamar", Says(Phone)),
    ("loto", Says(Thing)), ("lotto", Says(Thing)), ("lottozahlen", Says(Thing)), ("m", Filler),
    ("maestro", Says(Card)), ("main", Filler), ("mastercard", Says(Card)),
    ("matkapuhelin", Says(Called)), ("matricula", Says(Plate)), ("matrikel", Says(Thing)),
    ("me", Filler), ("mein", Filler), ("meine", Filler), ("member", Begins(Half::Item)),
    ("membre", Begins(Half::Item)), ("merge", Says(Thing)), ("mes", Filler), ("mi", Filler),
    ("mia", Filler), ("mich", Filler), ("mio", Filler), ("mit", Filler), ("mitglied", Says(Thing)),
    ("mob", Says(Called)), ("mobiel", Says(Phone)), ("mobielnummer", Says(Called)),
    ("mobil", Says(Phone)), ("mobile", Says(Phone)), ("mobileh", Says(Called)),
    ("mobilenumber", Says(Called)), ("mobilephone", Says(Called)), ("mobilfunknummer", Says(Called)),
    ("mobilhi", Says(Called)), ("mobilnr", Says(Called)), ("mobilnummer", Says(Called)),
    ("mobilqhii", Says(Called)), ("mobilqhyi", Says(Called)), ("mobilruf", Says(Called)),
    ("mobiltel", Says(Called)), ("mobiltelefon", Says(Called)), ("mobiltlf", Says(Called)),
    ("mobitel", Says(Called)), ("model", Says(Thing)), ("modele", Says(Thing)), ("modell", Says(Thing)),
    ("modello", Says(Thing)), ("mon", Filler), ("movil", Says(Phone)), ("my", Filler), ("n", Between),
    ("natel", Says(Called)), ("natelnummer", Says(Called)), ("neu", Filler), ("neue", Filler),
    ("new", Filler), ("ni", Says(Code)), ("nie", Says(Code)),
    ("niederlassungsbewilligung", Says(Document)), ("nif", Says(Code)), ("nino", Says(Code)),
    ("nir", Says(Code)), ("no", Between), ("notfallnummer", Says(Called)),
    ("notrufnummer", Says(Called)), ("nr", Between), ("num", Between), ("numarasi", Between),
    ("number", Between), ("numberplate", Says(Plate)), ("numero", Between), ("nummer", Between),
    ("nummernschild", Says(Plate)), ("nums", Between), ("o", Filler), ("oclc", Says(Thing)),
    ("oder", Filler), ("of", Filler), ("office", Filler), ("oid", Says(Thing)), ("on", Filler),
    ("oppure", Filler), ("or", Filler), ("orcid", Says(Thing)), ("order", Says(Thing)),
    ("orders", Says(Thing)), ("ordine", Says(Thing)), ("ou", Filler), ("our", Filler), ("p", Filler),
    ("pager", Says(Called)), ("part", Says(Thing)), ("pasaporte", Says(Document)),
    ("paspoort", Says(Document)), ("paspoortnummer", Says(Document)), ("pass", Begins(Half::Pass)),
    ("passaport", Says(Document)), ("passaporto", Says(Document)), ("passepoort", Says(Document)),
    ("passeport", Says(Document)), ("passnr", Says(Document)), ("passnummer", Says(Document)),
    ("passport", Says(Document)), ("patient", Begins(Half::Item)), ("patiente", Begins(Half::Item)),
    ("pc", Says(Thing)), ("per", Filler), ("personalausweis", Says(Document)),
    ("personalausweisnummer", Says(Document)), ("pesel", Says(Code)), ("phone", Says(Called)),
    ("phonenumber", Says(Called)), ("phones", Says(Phone)), ("plaque", Says(Plate)),
    ("plaques", Says(Plate)), ("plate", Says(Plate)), ("pmid", Says(Thing)), ("pnr", Says(Thing)),
    ("police", Says(Thing)), ("policen", Says(Thing)), ("policy", Begins(Half::Item)),
    ("polizza", Says(Thing)), ("por", Filler), ("portabel", Says(Phone)), ("portable", Says(Phone)),
    ("postcard", Says(Card)), ("postcheck", Says(Thing)), ("postcheckkonto", Says(Thing)),
    ("postfinance", Says(Thing)), ("postkonto", Says(Thing)), ("postscheckkonto", Says(Thing)),
    ("pour", Filler), ("praxis", Filler), ("pref", Filler), ("privat", Filler), ("private", Filler),
    ("privato", Filler), ("prive", Filler), ("prof", Filler), ("professional", Filler),
    ("professionnel", Filler), ("puh", Says(Called)), ("puhelin", Says(Called)),
    ("puhelinnumero", Says(Called)), ("pull", Says(Thing)), ("raggiungibile", Says(Phone)),
    ("rappeler", Says(Phone)), ("rappelez", Says(Phone)), ("reachable", Says(Phone)),
    ("rechnung", Says(Thing)), ("rechnungs", Says(Thing)), ("ref", Says(Thing)),
    ("reference", Says(Thing)), ("referenz", Says(Thing)), ("reisepass", Says(Document)),
    ("reisepassnr", Says(Document)), ("reisepassnummer", Says(Document)),
    ("rentenversicherung", Says(Code)), ("rentenversicherungs", Says(Code)),
    ("rentenversicherungsnr", Says(Code)), ("rentenversicherungsnummer", Says(Code)),
    ("revert", Says(Thing)), ("riferimento", Says(Thing)), ("riga", Says(Thing)),
    ("rijksregisternummer", Says(Code)), ("ring", Says(Phone)), ("rrn", Says(Code)),
    ("ruckruf", Says(Phone)), ("rufen", Says(Phone)), ("rufnr", Says(Called)),
    ("rufnummer", Says(Called)), ("rvnr", Says(Code)), ("secu", Says(Id)), ("sejour", Says(Document)),
    ("sendung", Says(Thing)), ("sendungs", Says(Thing)), ("serial", Says(Thing)),
    ("serie", Says(Thing)), ("serien", Says(Thing)), ("servicenummer", Says(Called)),
    ("sha", Says(Thing)), ("si", Filler), ("sie", Filler), ("signal", Says(Messenger)),
    ("sku", Says(Thing)), ("sms", Says(Phone)), ("social", Begins(Half::Social)),
    ("socio", Begins(Half::Item)), ("sofinummer", Says(Code)), ("soggiorno", Says(Document)),
    ("sozialversicherung", Says(Id)), ("sozialversicherungs", Says(Id)),
    ("sozialversicherungsnr", Says(Id)), ("sozialversicherungsnummer", Says(Id)),
    ("sparkonto", Says(Thing)), ("spendenkonto", Says(Thing)), ("ssn", Says(Id)),
    ("steuerid", Says(Id)), ("steueridentifikationsnummer", Says(Id)), ("steuernummer", Says(Id)),
    ("su", Filler), ("sur", Filler), ("sv", Says(Id)), ("svnr", Says(Id)), ("swift", Says(Thing)),
    ("t", Filler), ("targa", Says(Plate)), ("targata", Says(Plate)), ("targato", Says(Plate)),
    ("targhe", Says(Plate)), ("tarjeta", Says(Card)), ("teil", Says(Thing)), ("tel", Says(Called)),
    ("tele", Says(Called)), ("telecopie", Says(Called)), ("telecopieur", Says(Called)),
    ("telef", Says(Called)), ("telefax", Says(Called)), ("telefoh", Says(Called)),
    ("telefohy", Says(Called)), ("telefon", Says(Called)), ("telefonare", Says(Phone)),
    ("telefone", Says(Called)), ("telefonieren", Says(Phone)), ("telefonino", Says(Phone)),
    ("telefonisch", Says(Phone)), ("telefonnr", Says(Called)), ("telefonnummer", Says(Called)),
    ("telefonnummern", Says(Called)), ("telefono", Says(Called)), ("telefonszam", Says(Called)),
    ("telefonu", Says(Called)), ("telefonzentrale", Says(Called)), ("telefoon", Says(Called)),
    ("telefoonnummer", Says(Called)), ("telegram", Says(Messenger)), ("telemobil", Says(Called)),
    ("telemovel", Says(Called)), ("telephone", Says(Called)), ("telephonenumber", Says(Called)),
    ("telephoner", Says(Phone)), ("telephonez", Says(Phone)), ("telf", Says(Called)),
    ("telnr", Says(Called)), ("tels", Says(Called)), ("testcase", Says(Thing)), ("tfn", Says(Called)),
    ("tfno", Says(Called)), ("the", Filler), ("them", Filler), ("thl", Says(Called)),
    ("thlefwna", Says(Called)), ("thlefwno", Says(Called)), ("threema", Says(Messenger)),
    ("ticket", Says(Thing)), ("tin", Says(Id)), ("tirage", Says(Thing)), ("tlf", Says(Called)),
    ("tlfnr", Says(Called)), ("tlph", Says(Called)), ("to", Filler), ("tracking", Says(Thing)),
    ("transaktion", Says(Thing)), ("tu", Filler), ("type", Filler), ("ufficio", Filler),
    ("und", Filler), ("under", Filler), ("uns", Filler), ("unter", Filler), ("upc", Says(Thing)),
    ("uri", Filler), ("us", Filler), ("usager", Begins(Half::Item)), ("user", Begins(Half::Item)),
    ("utente", Begins(Half::Item)), ("v", Filler), ("valor", Says(Thing)), ("valoren", Says(Thing)),
    ("value", Filler), ("versicherungsnummer", Says(Id)), ("version", Says(Thing)),
    ("vertrag", Says(Thing)), ("vertrags", Says(Thing)), ("viber", Says(Called)), ("vin", Says(Thing)),
    ("visa", Says(Card)), ("voice", Filler), ("vom", Filler), ("von", Filler),
    ("vorgang", Says(Thing)), ("votre", Filler), ("vsnr", Says(Id)), ("w", Filler),
    ("wa", Begins(Half::Wa)), ("whatsapp", Says(Called)), ("wkn", Says(Thing)), ("work", Filler),
    ("you", Filler), ("your", Filler), ("zahlen", Says(Thing)), ("zeile", Says(Thing)),
    ("zemis", Says(Document)), ("ziehung", Says(Thing)), ("zu", Filler), ("zuhause", Filler),
]);
