//! The ways an entry may be written that its canonical form does not already make the same.
//!
//! Variants are made when a list is compiled, as sequences of words, and not while matching: a
//! hash can't be fuzzy. Case, accents, spacing, hyphens, Markdown and look-alikes need none, the
//! canonical form sees to them, and so it does to `ß` and `ss`.
//!
//! Made are: umlauts as two letters and two letters as umlauts, hyphenated words joined, `O'Brien`
//! as `O Brien` and `OBrien`; and, a file each, what is particular to persons, addresses, dates of
//! birth, e-mail addresses and IP addresses. Not made: nicknames, left-out middle names unless the
//! entry asks for them, and inflection other than the genitive `s`.
//!
//! What would double the number of forms (a comma, a middle name, the genitive) is no form of its
//! own but a trait of one, and what may stand between the parts of an address or a date is a mark in it
//! (`list/mark.rs`): the matcher sees to both. A name of two plain words has two forms, what
//! is not a name up to about a hundred, and more only if it has umlauts: see the test of their number.

mod address;
mod attached;
mod date;
mod email;
mod house;
mod ip;
mod month;
mod name;
mod person;
mod place;
mod short;
mod spelling;
mod street;

use std::collections::BTreeSet;

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::numbers;
use crate::word::words;
use crate::{Entry, Kind};

pub(crate) use person::SPELLED_LENGTH;
pub(in crate::list) use place::CANTONS;
pub(crate) use short::is_sound;
use spelling::spellings;

/// All that an entry is found by.
#[derive(Default)]
pub(crate) struct Forms {
    /// Words in their order. There is at least one sequence, and none is empty.
    pub sequences: BTreeSet<(Vec<String>, Traits)>,
    /// Letters of a name, to be found one by one.
    pub spelled: BTreeSet<String>,
    /// Letters and digits of a number, to be found in any grouping.
    pub numbers: BTreeSet<String>,
}

impl Forms {
    /// The forms of an entry.
    pub fn of(entry: &Entry) -> Forms {
        let mut forms = Forms::default();
        // Digits in any grouping are found without looking around: an entry with a context is found as written.
        if entry.context().is_empty() {
            forms.numbers.extend(numbers::keys(entry));
        }
        match entry.kind() {
            Kind::Person => forms.add_person(entry),
            Kind::Address => forms.add_address(entry.text(), !entry.context().is_empty()),
            kind => {
                forms.add_as_given(entry.text(), Traits::default());
                match kind {
                    Kind::BirthDate => forms.add_birth_date(entry.text()),
                    Kind::Email => forms.add_email(entry.text()),
                    Kind::Ip => forms.add_ip(entry.text()),
                    _ => {}
                }
            }
        }
        for context in entry.context() {
            forms.add_as_given(context, Traits { context: true, ..Traits::default() });
        }
        forms
    }

    fn add_as_given(&mut self, text: &str, traits: Traits) {
        for spelling in spellings(text) {
            self.add(words(&Canonical::of(&spelling)), traits);
        }
    }

    fn add(&mut self, words: Vec<String>, traits: Traits) {
        if !words.is_empty() {
            self.sequences.insert((words, traits));
        }
    }
}

/// Whether the name of a person can be written with fewer first names.
pub(crate) fn has_short_form(text: &str) -> bool {
    name::Name::of(text).is_some_and(|name| !name.shortened().is_empty())
}

/// The number of words as a place of [`Traits`], or 0 if there is none so far behind.
fn place(words: &[String]) -> u8 {
    u8::try_from(words.len()).ok().filter(|place| usize::from(*place) <= Traits::MAX_PLACE).unwrap_or(0)
}

/// The words of a text in canonical form, as a form has them.
fn given_words(canonical: &str) -> Vec<String> {
    canonical.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn forms(kind: Kind, text: &str) -> Vec<String> {
        let forms = Forms::of(&Entry::new("e", kind, text));
        forms.sequences.iter().map(|(form, _)| form.join(" ")).collect()
    }

    #[test]
    fn two_letters_are_also_an_umlaut_unless_they_follow_a_vowel() {
        assert!(forms(Kind::Text, "Mueller").contains(&"muller".to_owned()));
        assert_eq!(forms(Kind::Text, "Bauer"), ["bauer"]);
    }

    #[test]
    fn joined_and_parted_spellings() {
        let obrien = forms(Kind::Text, "O'Brien");
        assert_eq!(obrien, ["o brien", "o'brien", "obrien"]);
        assert_eq!(forms(Kind::Text, "Anna-Maria"), ["anna maria", "annamaria"]);
    }

    #[test]
    fn many_umlauts_do_not_explode() {
        assert!(forms(Kind::Text, &"ü".repeat(500)).len() <= 2);
    }

    #[test]
    fn table_of_the_most_forms() {
        for (kind, text, most) in [
            (Kind::Person, "Anna Keller", 2),
            (Kind::Person, "Dr. Anna Keller", 2),
            (Kind::Person, "KELLER Anna", 2),
            (Kind::Person, "Anna Berta Keller", 3),
            (Kind::Person, "Anna Berta von der Au", 12),
            (Kind::Person, "Anna Keller Jr.", 30),
            (Kind::Person, "Anna-Maria Keller-Huber", 8),
            (Kind::Person, "Ida M. Keller", 6),
            (Kind::Address, "Bahnhofweg 7, 8001 Zug", 9),
            (Kind::Address, "Bahnhofstrasse 7, 8001 Zug", 44),
            (Kind::Address, "Avenue de la Gare 7, 1001 Lausanne", 80),
            (Kind::Address, "Boulevard du Général-Büchü 7 a, 1001 Üüville-près-d'Öx", 3000),
            (Kind::BirthDate, "17.11.1986", 80),
            (Kind::BirthDate, "3. Mai 1974", 110),
            (Kind::Email, "anna.keller@example.org", 2),
            (Kind::Ip, "2001:db8::1", 4),
            (Kind::Ip, "192.0.2.1", 1),
        ] {
            let forms = forms(kind, text);
            assert!(forms.len() <= most, "{text} has {} forms: {forms:#?}", forms.len());
        }
    }
}
