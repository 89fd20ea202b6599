//! Addresses: street and number with and without the place, in either order, and in short and long words.
//!
//! An address is read as what stands before the street, the street with the number of a house, and the place. Where
//! they meet a form has a [`Mark`], so that commas, line ends, floors and `in` need no forms of their own.
//!
//! Street and number identify, so they are found alone, and with the place without its postcode; the place is found
//! beside them only. Not so where what stands before the number could be anything (`Dorf 5`, `Postfach 12`).
//!
//! Not made: streets without their number, other numbers of the same house, translations.

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::mark::Mark;
use crate::list::variants::Forms;
use crate::list::variants::house::House;
use crate::list::variants::place::Postcode;
use crate::list::variants::spelling::spellings;
use crate::list::variants::street::{has_street_word, is_street, streets};
use crate::word::words;

/// What may stand between the parts of an address.
pub(super) const BETWEEN: [&str; 5] = [",", ";", "|", "(", ")"];

/// Words before a number that is of no house, or of a part of one.
#[rustfmt::skip]
const NO_STREETS: [&str; 26] = [
    "apartment", "app", "apt", "block", "box", "building", "bp", "casella", "case", "etage", "fach", "flat", "floor", "haus",
    "lot", "pf", "postale", "postfach", "room", "stiege", "stock", "suite", "top", "unit", "wohnung", "zimmer",
];
/// A single word of so many letters before a number is the name of a street or a farm.
const LONG_NAME: usize = 7;
/// The most ways to write a street and its number that are made of the first spellings of an address, and of the others.
const MOST_FRONTS: usize = 32;
const FEW_FRONTS: usize = 8;
const FIRST_SPELLINGS: usize = 2;

impl Forms {
    /// An address in each spelling. One with a context is found with its place only: who asks for a context wants less
    /// to be found.
    pub(super) fn add_address(&mut self, text: &str, has_context: bool) {
        let given = words(&Canonical::of(text));
        for (number, spelling) in spellings(text).into_iter().enumerate() {
            let most = if number < FIRST_SPELLINGS { MOST_FRONTS } else { FEW_FRONTS };
            let canonical = Canonical::of(&spelling);
            let spelled = words(&canonical);
            // The end of `rue` is no umlaut.
            if given.contains(&"rue".to_owned()) && !spelled.contains(&"rue".to_owned()) {
                continue;
            }
            Address::of(&spelled, canonical.as_str()).add_to(self, most, has_context);
            self.add(spelled, Traits::default());
        }
    }

    fn add_parts(&mut self, parts: &[&[String]]) {
        self.add(parts.concat(), Traits::default());
    }
}

/// The words of an address without the signs between its parts.
struct Address {
    /// What stands before the street.
    before: Vec<String>,
    street: Vec<String>,
    house: Option<House>,
    /// What stands between the street and the postcode.
    between: Vec<String>,
    place: Option<Postcode>,
}

impl Address {
    fn of(given: &[String], canonical: &str) -> Address {
        let (given, place) = Postcode::split(given, canonical);
        let mut segments: Vec<Vec<String>> =
            given.split(|word| BETWEEN.contains(&word.as_str())).map(<[_]>::to_vec).collect();
        segments.retain(|segment| !segment.is_empty());
        // `12, rue de la Gare` and `Via Nassa, 12`
        if let Some(at) = segments.iter().position(|segment| House::is_all(segment)).filter(|_| segments.len() > 1) {
            let is_behind = at > 0 && (is_street(&segments[at - 1]) || at + 1 == segments.len());
            let first = if is_behind { at - 1 } else { at };
            let second = segments.remove(first + 1);
            segments[first].extend(second);
        }
        let with_house = |segment: &Vec<String>| House::split(segment).is_some();
        let is_plain = |segment: &Vec<String>| with_house(segment) && !segment.iter().any(|word| is_no_street(word));
        let at = segments
            .iter()
            .position(|segment| with_house(segment) && is_street(segment))
            .or_else(|| segments.iter().rposition(is_plain))
            .or_else(|| segments.iter().rposition(with_house))
            .unwrap_or(segments.len().saturating_sub(1));
        let behind = segments.split_off((at + 1).min(segments.len()));
        let segment = segments.pop().unwrap_or_default();
        let (street, house) = House::split(&segment).unwrap_or((segment, None));
        let (mut between, mut place) = (behind.concat(), place);
        // Without a postcode what stands last is the place.
        if place.is_none() && house.is_some() && !behind.is_empty() {
            place = Some(Postcode::without(&behind));
            between = Vec::new();
        }
        Address { before: segments.concat(), street, house, between, place }
    }

    fn add_to(&self, forms: &mut Forms, most: usize, has_context: bool) {
        let gap = Mark::Place.words();
        let mut fronts = self.fronts();
        fronts.truncate(most);
        let Some(place) = &self.place else {
            for front in &fronts {
                forms.add_parts(&[front]);
                if !self.before.is_empty() {
                    forms.add_parts(&[&self.before, &gap, front]);
                }
            }
            return;
        };
        let full = place.full();
        let bare = if self.house.is_some() && !has_context { place.bare() } else { Vec::new() };
        let alone = self.is_distinct() && !has_context;
        for front in &fronts {
            if alone {
                forms.add_parts(&[front, &gap]);
            }
            for full in &full {
                forms.add_parts(&[front, &gap, full]);
                if !self.before.is_empty() {
                    forms.add_parts(&[&self.before, &gap, front, &gap, full]);
                }
                if !self.between.is_empty() {
                    forms.add_parts(&[front, &gap, &self.between, &gap, full]);
                }
            }
            for bare in &bare {
                forms.add_parts(&[front, &gap, bare, &gap]);
            }
            if !has_context {
                for first in full.iter().take(1).chain(&bare) {
                    forms.add_parts(&[first, &gap, front, &gap]);
                }
            }
        }
    }

    /// The street with its number, in all ways to write them.
    fn fronts(&self) -> Vec<Vec<String>> {
        let Some(house) = &self.house else { return streets(&self.street) };
        let gap = Mark::House.words();
        let turned = !house.is_last || has_street_word(&self.street);
        let mut fronts = Vec::new();
        for street in streets(&self.street) {
            for number in house.ways() {
                fronts.push([street.as_slice(), &gap, &number].concat());
                if turned {
                    fronts.push([number.as_slice(), &gap, &street].concat());
                }
            }
        }
        fronts
    }

    /// Whether street and number are found alone.
    fn is_distinct(&self) -> bool {
        let names =
            || self.street.iter().filter(|word| word.starts_with(char::is_alphabetic) && word.chars().count() > 1);
        self.house.is_some()
            && !self.street.iter().any(|word| is_no_street(word))
            && (is_street(&self.street) || names().count() > 1 || names().any(|name| name.chars().count() >= LONG_NAME))
    }
}

fn is_no_street(word: &str) -> bool {
    NO_STREETS.contains(&word)
}

#[cfg(test)]
mod tests {
    use crate::Kind;
    use crate::list::variants::tests::forms;

    #[test]
    fn streets_are_short_and_long_with_and_without_their_place() {
        let forms = forms(Kind::Address, "Bahnhofstrasse 7, 8001 Zug");
        for form in [
            "bahnhofstrasse <gap> <house> 7 <gap> <place> 8001 zug",
            "bahnhofstr . <gap> <house> 7 <gap> <place>",
            "bahnhofstr <gap> <house> 7 <gap> <place> ch 8001 zug",
            "8001 zug <gap> <place> bahnhofstrasse <gap> <house> 7 <gap> <place>",
        ] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:#?}");
        }
    }

    #[test]
    fn a_letter_before_the_postcode_is_a_country_or_belongs_to_the_house() {
        let house = forms(Kind::Address, "Bergweg 8 a, 8001 Zug");
        assert!(house.contains(&"bergweg <gap> <house> 8a <gap> <place> 8001 zug".to_owned()), "{house:#?}");
        let country = forms(Kind::Address, "Bergweg 8, A-8001 Graz");
        assert!(country.contains(&"bergweg <gap> <house> 8 <gap> <place> 8001 graz".to_owned()), "{country:#?}");
    }

    #[test]
    fn what_could_be_anything_is_not_found_alone() {
        for text in ["Postfach 12, 8001 Zug", "Dorf 5, 8001 Zug", "Wohnung 3, 8001 Zug", "Schloss Hinterfels, 8001 Zug"]
        {
            let forms = forms(Kind::Address, text);
            assert!(forms.iter().all(|form| form.contains("zug")), "{text}: {forms:#?}");
        }
    }
}
