//! What may stand between the street and the place of an address, in either order.
//!
//! Signs, a floor or a flat, a post box and `c/o` with a name are of the address and go with it. Words of a sentence
//! (`in`, `an der`, `à`) are not: they stay, and street and place are removed apart. Where other words stand between,
//! the place is some place.

use crate::word::Word;

/// What was read between a street and a place.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::list) struct Place {
    signs: u8,
    /// Words of a floor, a flat or a post box.
    rooms: u8,
    sentence: u8,
    /// Words that may still follow `c/o`.
    names: u8,
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Last {
    #[default]
    Nothing,
    Sign,
    Room,
    /// A number of which it is not known yet what it counts.
    Number,
    /// The `c` of `c/o`, and its stroke.
    Care,
    CareStroke,
    /// Letters of a post box: `C.P.`, `P.O. Box`.
    Box,
    Name,
    Sentence,
    /// `a`, which may be the letter of a house.
    A,
}

const SIGNS: [&str; 9] = [",", ";", "|", "(", ")", ":", "/", "&", "="];
const MOST_SIGNS: u8 = 4;
const MOST_ROOM_WORDS: u8 = 8;
const MOST_NAMES: u8 = 5;
const MOST_OF_SENTENCE: u8 = 4;

/// Words of a part of a house or of a post box.
#[rustfmt::skip]
const ROOMS: [&str; 98] = [
    "aile", "ala", "apartment", "app", "appart", "appartamento", "appartement", "appartment", "appt", "apt",
    "atico", "attika", "aufgang", "bajo", "bat", "batiment", "bldg", "block", "boite", "box", "boxe", "bp",
    "building", "cas", "case", "casella", "cedex", "chaussee", "cp", "dachgeschoss", "dcha", "dg", "eg",
    "eingang", "entree", "erdgeschoss", "esc", "escalier", "etage", "etg", "fl", "flat", "floor", "gebaeude",
    "gebaude", "haus", "hinterhaus", "hochparterre", "int", "interno", "izq", "letto", "links", "mansarde",
    "mitte", "obergeschoss", "og", "parterre", "pf", "piano", "planta", "po", "porte", "posta", "postale",
    "postfach", "postfachnummer", "pta", "puerta", "rdc", "rechts", "residence", "rez", "rm", "room", "scala",
    "souterrain", "stage", "stiege", "stock", "stockwerk", "suite", "terra", "terreno", "top", "treppenhaus",
    "tuer", "tur", "ug", "unit", "untergeschoss", "vorderhaus", "whg", "wing", "wohnung", "zi", "zimmer",
    "zwischengeschoss",
];
/// What is written behind the number of a floor.
const ORDINALS: [&str; 9] = ["st", "nd", "rd", "th", "er", "e", "eme", "o", "a"];

/// Words of a sentence or a label that lead from a street to its place, or from a place to a street of it.
#[rustfmt::skip]
const SENTENCE: [&str; 78] = [
    "a", "al", "all", "alla", "am", "an", "at", "au", "auf", "bei", "cap", "center", "centre", "centro",
    "citta", "city", "ciudad", "code", "codice", "commune", "comune", "cp", "cumin", "dans", "de", "dem", "den",
    "der", "des", "di", "die", "dorf", "du", "el", "en", "gemeinde", "herzen", "il", "im", "in", "kreis", "l",
    "la", "le", "lieu", "localita", "localite", "locality", "nel", "nella", "npa", "of", "on", "ort",
    "ortschaft", "plaats", "plz", "postal", "postale", "postcode", "postleitzahl", "pres", "quartier", "stadt",
    "the", "to", "town", "village", "ville", "von", "weiler", "woonplaats", "zentrum", "zip", "zipcode", "zu",
    "zum", "zur",
];

impl Place {
    /// Whether the next part may begin with a word.
    pub fn may_end(self, word: &Word<'_>) -> bool {
        match self.last {
            // `12 a 8001 Zürich` is house `12a`, `12 a Lugano` is in Lugano.
            Last::A => word.text.starts_with(char::is_alphabetic),
            Last::Number | Last::Care | Last::CareStroke | Last::Box => false,
            _ => true,
        }
    }

    /// Whether words of a sentence were read.
    pub fn parts(self) -> bool {
        self.sentence > 0
    }

    /// Reads a word; false if it may not stand there.
    pub fn read(&mut self, word: &Word<'_>) -> bool {
        let text = word.text;
        let next = match (self.last, text) {
            (Last::A, _) => return false,
            // `city: Zürich` is a field of its own, and so is `PLZ/Ort`; `au 3e étage` is none.
            (Last::Sentence, _) if !matches!(text, ":" | "/" | "=") && !is_of_sentence(text) => return false,
            (Last::Care, "/") => Last::CareStroke,
            (Last::Care, "." | "p") => self.room(Last::Box),
            (Last::Box, "." | "b" | "o" | "p") => self.room(Last::Box),
            (Last::Nothing | Last::Sign, "p" | "b") => self.room(Last::Box),
            (Last::CareStroke, "o") => {
                self.names = MOST_NAMES;
                Last::Name
            }
            (Last::Care | Last::CareStroke, _) => return false,
            (_, sign) if SIGNS.contains(&sign) => {
                self.signs += 1;
                self.names = 0;
                if self.signs > MOST_SIGNS || self.last == Last::Number {
                    return false;
                }
                Last::Sign
            }
            (Last::Name, _) if self.names > 0 && (word.capital || matches!(text, "." | "&" | "von" | "de")) => {
                self.names -= 1;
                Last::Name
            }
            (Last::Number, "." | "\u{b0}") => self.room(Last::Number),
            (Last::Room, ".") => self.room(Last::Room),
            _ if is_number(text) => {
                self.room(if matches!(self.last, Last::Room | Last::Box) { Last::Room } else { Last::Number })
            }
            _ if ROOMS.binary_search(&text).is_ok() => self.room(Last::Room),
            (Last::Room | Last::Number, letter) if letter.len() == 1 && letter.starts_with(char::is_alphabetic) => {
                self.room(Last::Room)
            }
            (Last::Nothing | Last::Sign, "c") => Last::Care,
            (Last::Nothing | Last::Sign | Last::Sentence, _) if SENTENCE.binary_search(&text).is_ok() => {
                self.sentence += 1;
                if text == "a" { Last::A } else { Last::Sentence }
            }
            _ => return false,
        };
        self.last = next;
        self.rooms <= MOST_ROOM_WORDS && self.sentence <= MOST_OF_SENTENCE
    }

    /// Whether a word that begins like this may stand there.
    pub fn may_read(self, half_word: &str) -> bool {
        let begins = |words: &[&str]| {
            let at = words.partition_point(|word| *word < half_word);
            words.get(at).is_some_and(|word| word.starts_with(half_word))
        };
        let may_be_name = self.names > 0 || matches!(self.last, Last::Care | Last::CareStroke | Last::Room);
        may_be_name
            || begins(&SENTENCE)
            || begins(&ROOMS)
            || matches!(half_word, "b" | "c" | "o" | "p" | "." | "\u{b0}")
            || NUMERALS.contains(&half_word)
            || SIGNS.contains(&half_word)
            || half_word.starts_with(|c: char| c.is_ascii_digit())
    }

    fn room(&mut self, last: Last) -> Last {
        self.rooms += 1;
        last
    }
}

/// Whether a word may follow words of a sentence: more of them, a floor.
fn is_of_sentence(text: &str) -> bool {
    SENTENCE.binary_search(&text).is_ok() || ROOMS.binary_search(&text).is_ok() || is_number(text)
}

/// Numbers of floors.
const NUMERALS: [&str; 5] = ["i", "ii", "iii", "iv", "v"];

/// A number of up to four digits, with a letter or what makes it an ordinal.
fn is_number(text: &str) -> bool {
    if NUMERALS.contains(&text) {
        return true;
    }
    let ending = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - ending.len();
    let is_letter = ending.len() == 1 && ("a"..="h").contains(&ending);
    (1..=4).contains(&digits) && (ending.is_empty() || is_letter || ORDINALS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_for_being_looked_up() {
        assert!(SENTENCE.is_sorted() && ROOMS.is_sorted());
    }
}
