//! What the words before a number say about it.

use crate::detect::vocabulary::Vocabulary;

/// What a number is about.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Topic {
    #[default]
    Nothing,
    Phone,
    /// A social security or tax number.
    Id,
    /// Orders, invoices, parts, versions: numbers of things.
    Thing,
}

/// What a word says of a number behind it.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    About(Topic),
    /// Whatever the word before says: it may stand between that and its number.
    Between,
}

/// The last word with a meaning, and how many other words followed it.
#[derive(Default)]
pub(crate) struct Context {
    topic: Topic,
    words: usize,
}

/// Words further back than this mean nothing for a number.
const REACH: usize = 3;

impl Context {
    /// What is being spoken of now.
    pub fn topic(&self) -> Topic {
        if self.words <= REACH { self.topic } else { Topic::Nothing }
    }

    /// Reads a word of letters, of which the vocabulary says this.
    pub fn read(&mut self, word: Option<Word>) {
        match word {
            Some(Word::About(topic)) => *self = Context { topic, words: 0 },
            // What forbids a number must stand before it: what stands between may be removed, and
            // filtering twice would find more.
            None if self.topic == Topic::Thing => *self = Context::default(),
            None | Some(Word::Between) => self.words = self.words.saturating_add(1),
        }
    }

    /// Passes over digits or words without spaces between.
    pub fn pass_other(&mut self) {
        if self.topic == Topic::Thing {
            *self = Context::default();
        }
    }

    /// Passes over something removed.
    pub fn pass_marker(&mut self) {
        *self = Context::default();
    }
}

use Topic::{Id, Phone, Thing};
use Word::{About, Between};

#[rustfmt::skip]
pub(crate) static TOPICS: Vocabulary<Word> = Vocabulary::new(&[
    ("anrufen", About(Phone)), ("artikel", About(Thing)), ("artikelnummer", About(Thing)),
    ("auftrag", About(Thing)), ("auftragsnummer", About(Thing)), ("bestellnr", About(Thing)),
    ("bestellnummer", About(Thing)), ("bestellung", About(Thing)), ("build", About(Thing)),
    ("call", About(Phone)), ("cell", About(Phone)), ("cellulare", About(Phone)),
    ("commande", About(Thing)), ("est", Between), ("facture", About(Thing)),
    ("fattura", About(Thing)), ("fax", About(Phone)), ("handy", About(Phone)),
    ("handynummer", About(Phone)), ("hotline", About(Phone)), ("id", Between),
    ("invoice", About(Thing)), ("is", Between), ("isbn", About(Thing)), ("issn", About(Thing)),
    ("ist", Between), ("line", About(Thing)), ("mobil", About(Phone)), ("mobile", About(Phone)),
    ("n", Between), ("natel", About(Phone)), ("no", Between), ("nr", Between), ("number", Between),
    ("numero", Between), ("nummer", Between), ("order", About(Thing)), ("orders", About(Thing)),
    ("ordine", About(Thing)), ("part", About(Thing)), ("phone", About(Phone)),
    ("portable", About(Phone)), ("rechnung", About(Thing)), ("rechnungsnummer", About(Thing)),
    ("rufnummer", About(Phone)), ("security", About(Id)), ("serial", About(Thing)),
    ("seriennummer", About(Thing)), ("sku", About(Thing)), ("sozialversicherungsnummer", About(Id)),
    ("ssn", About(Id)), ("sv", About(Id)), ("svnr", About(Id)), ("tel", About(Phone)),
    ("telefax", About(Phone)), ("telefon", About(Phone)), ("telefonnummer", About(Phone)),
    ("telefono", About(Phone)), ("telephone", About(Phone)), ("ticket", About(Thing)),
    ("versicherungsnummer", About(Id)), ("version", About(Thing)), ("whatsapp", About(Phone)),
    ("zeile", About(Thing)),
]);
