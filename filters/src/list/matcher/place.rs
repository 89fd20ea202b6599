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
    Name,
    Sentence,
    /// `a`, which may be the letter of a house.
    A,
}

const SIGNS: [&str; 7] = [",", ";", "|", "(", ")", ":", "/"];
const MOST_SIGNS: u8 = 4;
const MOST_ROOM_WORDS: u8 = 8;
const MOST_NAMES: u8 = 5;
const MOST_OF_SENTENCE: u8 = 4;

/// Words of a part of a house or of a post box.
#[rustfmt::skip]
const ROOMS: [&str; 84] = [
    "aile", "ala", "apartment", "app", "appart", "appartamento", "appartement", "appartment", "appt", "apt",
    "aufgang", "bat", "batiment", "bldg", "block", "boite", "box", "bp", "building", "cas", "case", "casella",
    "cedex", "chaussee", "cp", "dachgeschoss", "dg", "eg", "eingang", "entree", "erdgeschoss", "escalier",
    "etage", "etg", "fl", "flat", "floor", "gebaeude", "gebaude", "haus", "hinterhaus", "hochparterre", "int",
    "interno", "links", "mitte", "obergeschoss", "og", "parterre", "pf", "piano", "po", "porte", "posta",
    "postale", "postfach", "postfachnummer", "rdc", "rechts", "residence", "rez", "rm", "room", "scala",
    "stage", "stiege", "stock", "stockwerk", "suite", "terra", "terreno", "top", "treppenhaus", "tuer", "tur",
    "ug", "unit", "untergeschoss", "vorderhaus", "whg", "wing", "wohnung", "zi", "zimmer",
];
/// What is written behind the number of a floor.
const ORDINALS: [&str; 9] = ["st", "nd", "rd", "th", "er", "e", "eme", "o", "a"];

/// Words of a sentence or a label that lead from a street to its place, or from a place to a street of it.
#[rustfmt::skip]
const SENTENCE: [&str; 50] = [
    "a", "al", "all", "alla", "am", "an", "at", "au", "auf", "bei", "citta", "city", "commune", "comune",
    "cumin", "dans", "de", "dem", "den", "der", "des", "di", "die", "du", "el", "en", "gemeinde", "il", "im",
    "in", "l", "la", "le", "nel", "nella", "of", "on", "ort", "ortschaft", "pres", "stadt", "the", "to", "town",
    "village", "ville", "von", "zu", "zum", "zur",
];

impl Place {
    /// Whether the next part may begin with a word.
    pub fn may_end(self, word: &Word<'_>) -> bool {
        match self.last {
            // `12 a 8001 Zürich` is house `12a`, `12 a Lugano` is in Lugano.
            Last::A => word.text.starts_with(char::is_alphabetic),
            Last::Number | Last::Care | Last::CareStroke => false,
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
            // `city: Zürich` is a field of its own.
            (Last::Sentence, _) if text != ":" && SENTENCE.binary_search(&text).is_err() => return false,
            (Last::Care, "/") => Last::CareStroke,
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
            _ if is_number(text) => self.room(if self.last == Last::Room { Last::Room } else { Last::Number }),
            _ if ROOMS.binary_search(&text).is_ok() => self.room(Last::Room),
            (Last::Room, letter) if letter.len() == 1 && letter.starts_with(char::is_alphabetic) => {
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
            || matches!(half_word, "c" | "." | "\u{b0}")
            || SIGNS.contains(&half_word)
            || half_word.starts_with(|c: char| c.is_ascii_digit())
    }

    fn room(&mut self, last: Last) -> Last {
        self.rooms += 1;
        last
    }
}

/// A number of up to four digits, with what makes it an ordinal.
fn is_number(text: &str) -> bool {
    let ending = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - ending.len();
    (1..=4).contains(&digits) && (ending.is_empty() || ORDINALS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_for_being_looked_up() {
        assert!(SENTENCE.is_sorted() && ROOMS.is_sorted());
    }
}
