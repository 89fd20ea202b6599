//! What the words before a number say about it.

use super::{Group, Sort};

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

    pub fn read(&mut self, group: &Group) {
        match topic_of(&group.text) {
            _ if group.sort != Sort::Letters => self.pass_other(),
            // What forbids a number must stand before it: what stands between may be removed, and
            // filtering twice would find more.
            Topic::Nothing if self.topic == Topic::Thing && !is_between(&group.text) => *self = Context::default(),
            Topic::Nothing => self.words = self.words.saturating_add(1),
            topic => *self = Context { topic, words: 0 },
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

/// Words that may stand between such a word and its number.
fn is_between(word: &str) -> bool {
    matches!(word, "number" | "nummer" | "nr" | "no" | "numero" | "id" | "is" | "ist" | "est" | "n")
}

#[rustfmt::skip]
fn topic_of(word: &str) -> Topic {
    match word {
        "tel" | "telefon" | "telefono" | "telefonnummer" | "telephone" | "phone" | "fax" |
        "telefax" | "mobile" | "mobil" | "cellulare" | "cell" | "portable" | "natel" | "handy" |
        "handynummer" | "call" | "rufnummer" | "whatsapp" | "hotline" | "anrufen" => Topic::Phone,
        "ssn" | "security" | "svnr" | "sv" | "sozialversicherungsnummer" |
        "versicherungsnummer" => Topic::Id,
        "order" | "orders" | "bestellung" | "bestellnummer" | "bestellnr" | "auftrag" |
        "auftragsnummer" | "invoice" | "rechnung" | "rechnungsnummer" | "commande" | "facture" |
        "ordine" | "fattura" | "ticket" | "artikel" | "artikelnummer" | "isbn" | "issn" | "sku" |
        "serial" | "seriennummer" | "part" | "version" | "build" | "zeile" | "line" => Topic::Thing,
        _ => Topic::Nothing,
    }
}
