//! Addresses: with and without what stands between their parts, and with short and long words for
//! streets.
//!
//! An address is cut before its postcode, where a comma or another sign (`;`, `|`, `(`) may stand.
//! The comma is no trait, since that also says that a name is turned round. Not made: parts left out
//! or in another order.

use std::collections::BTreeSet;

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::variants::spelling::spellings;
use crate::list::variants::street::streets;
use crate::list::variants::{Forms, given_words};
use crate::word::words;

/// What may stand between the parts of an address.
const BETWEEN: [&str; 5] = [",", ";", "|", "(", ")"];
/// What may stand before the postcode where the entry has something else.
const SIGNS: [&str; 3] = [";", "|", "("];

/// Words before the number of a house.
const NUMBER: [&str; 2] = ["nr", "no"];
/// Signs of countries before a postcode that mean the same.
const COUNTRIES: [&[&str]; 6] = [&["ch"], &["d", "de"], &["a", "at"], &["f", "fr"], &["i", "it"], &["fl", "li"]];

impl Forms {
    /// An address in each spelling. Signs are made of the first one only.
    pub(super) fn add_address(&mut self, text: &str) {
        let given = words(&Canonical::of(text));
        for (number, spelling) in spellings(text).iter().enumerate() {
            let canonical = Canonical::of(spelling);
            let spelled = words(&canonical);
            // The end of `rue` is no umlaut.
            if given.contains(&"rue".to_owned()) && !spelled.contains(&"rue".to_owned()) {
                continue;
            }
            Address::of(&spelled, canonical.as_str()).add_to(self, number == 0);
            self.add(spelled, Traits::default());
        }
    }

    fn add_parts(&mut self, front: &[String], sign: &str, back: &[String]) {
        let sign = if back.is_empty() { Vec::new() } else { given_words(sign) };
        self.add([front, &sign, back].concat(), Traits::default());
    }
}

/// The words of an address without the signs between its parts.
struct Address {
    /// What stands before the postcode, or else before the last sign.
    front: Vec<String>,
    /// Behind so many words of it there is a sign.
    signs: BTreeSet<usize>,
    /// From the postcode on.
    back: Vec<String>,
    /// What may stand before the postcode for the country.
    countries: Vec<&'static str>,
}

impl Address {
    fn of(given: &[String], canonical: &str) -> Address {
        let (mut bare, mut signs) = (Vec::new(), BTreeSet::new());
        for word in given {
            if BETWEEN.contains(&word.as_str()) {
                signs.insert(bare.len());
            } else {
                bare.push(word.clone());
            }
        }
        signs.retain(|sign| *sign > 0 && *sign < bare.len());
        let Some(postcode) = postcode(&bare) else {
            let cut = signs.last().copied().unwrap_or(bare.len());
            let back = bare.split_off(cut);
            signs.remove(&cut);
            return Address { front: bare, signs, back, countries: Vec::new() };
        };
        let back = bare.split_off(postcode);
        let given = bare.last().and_then(|word| COUNTRIES.iter().find(|same| same.contains(&word.as_str())));
        let is_country = |sign: &String| {
            // The `a` of `8 a` belongs to the house.
            sign.len() > 1
                || signs.contains(&(postcode - 1)) && !signs.contains(&postcode)
                || canonical.contains(&format!("{sign}-{}", back[0]))
        };
        let countries = match given {
            Some(same) if bare.len() > 1 && bare.last().is_some_and(is_country) => {
                bare.pop();
                same.to_vec()
            }
            _ if back[0].len() == 5 => vec!["d", "f", "i"],
            _ if (9485..=9498).contains(&back[0].parse().unwrap_or(0)) => vec!["ch", "fl", "li"],
            _ => vec!["ch", "a"],
        };
        signs.retain(|sign| *sign < bare.len());
        Address { front: bare, signs, back, countries }
    }

    fn add_to(&self, forms: &mut Forms, with_signs: bool) {
        let mut backs = vec![self.back.clone()];
        backs.extend(british(&self.back));
        backs.extend(self.countries.iter().map(|country| [&[(*country).to_owned()], self.back.as_slice()].concat()));
        let mut fronts = houses(&streets(&self.front));
        if let Some(with_commas) = self.front_with_commas() {
            fronts.extend(streets(&with_commas));
        }
        for front in &fronts {
            for back in &backs {
                forms.add_parts(front, "", back);
                forms.add_parts(front, ",", back);
            }
        }
        if !with_signs || self.back.is_empty() {
            return;
        }
        for back in backs.iter().take(2) {
            for sign in SIGNS {
                forms.add_parts(&self.front, sign, back);
            }
        }
        if let Some(front) = with_number_word(&self.front) {
            forms.add_parts(&front, "", &self.back);
            forms.add_parts(&front, ",", &self.back);
        }
    }

    /// With a comma at each sign, and behind the number of the house that stands first.
    fn front_with_commas(&self) -> Option<Vec<String>> {
        let mut signs = self.signs.clone();
        if self.front.len() > 1 && self.front.first().is_some_and(|word| is_house(word)) {
            signs.insert(1);
        }
        let mut front = Vec::new();
        for (at, word) in self.front.iter().enumerate() {
            if signs.contains(&at) {
                front.push(",".to_owned());
            }
            front.push(word.clone());
        }
        (!signs.is_empty()).then_some(front)
    }
}

/// Where the last number of four or five digits is that a place follows.
fn postcode(words: &[String]) -> Option<usize> {
    let is_postcode = |at: &usize| {
        let word = &words[*at];
        (4..=5).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_digit())
            && words[at + 1].starts_with(char::is_alphabetic)
    };
    (1..words.len().saturating_sub(1)).rev().find(is_postcode)
}

/// A place with its British postcode in one word, with and without a comma before it.
fn british(back: &[String]) -> Vec<Vec<String>> {
    let [place @ .., outward, inward] = back else { return Vec::new() };
    let is_half = |half: &String| {
        (2..=4).contains(&half.len())
            && half.is_ascii()
            && half.contains(|c: char| c.is_ascii_digit())
            && half.contains(char::is_alphabetic)
    };
    if !is_half(outward) || !is_half(inward) || place.is_empty() {
        return Vec::new();
    }
    let (comma, joined) = (",".to_owned(), format!("{outward}{inward}"));
    vec![
        [place, &[comma.clone(), outward.clone(), inward.clone()]].concat(),
        [place, &[comma, joined.clone()]].concat(),
        [place, &[joined]].concat(),
    ]
}

/// The same with `8a` as `8 a` and the other way round, and without `Nr.` before the number.
fn houses(fronts: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut forms = Vec::new();
    for front in fronts {
        forms.push(front.clone());
        forms.extend(other_house(front));
        forms.extend(without_number_word(front));
    }
    forms
}

fn other_house(front: &[String]) -> Option<Vec<String>> {
    let at = front.iter().rposition(|word| is_house(word))?;
    let digits = front[at].trim_end_matches(|c: char| c.is_ascii_lowercase());
    let letter = &front[at][digits.len()..];
    if !letter.is_empty() {
        return Some([&front[..at], &[digits.to_owned(), letter.to_owned()], &front[at + 1..]].concat());
    }
    let next =
        front.get(at + 1).filter(|next| next.len() == 1 && next.starts_with(|c: char| c.is_ascii_lowercase()))?;
    Some([&front[..at], &[format!("{digits}{next}")], &front[at + 2..]].concat())
}

/// Whether a word is the number of a house, with or without a letter.
fn is_house(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && word.len() <= digits.len() + 1
}

fn without_number_word(front: &[String]) -> Option<Vec<String>> {
    let at = front.iter().position(|word| NUMBER.contains(&word.as_str()))?;
    let behind = at + 1 + usize::from(front.get(at + 1).is_some_and(|word| word == "."));
    front.get(behind).filter(|word| is_house(word))?;
    Some([&front[..at], &front[behind..]].concat())
}

fn with_number_word(front: &[String]) -> Option<Vec<String>> {
    let at = front.iter().rposition(|word| is_house(word)).filter(|at| *at > 0)?;
    let has_one = front.iter().any(|word| NUMBER.contains(&word.as_str()));
    let number = ["nr".to_owned(), ".".to_owned()];
    (!has_one).then(|| [&front[..at], &number, &front[at..]].concat())
}

#[cfg(test)]
mod tests {
    use crate::Kind;
    use crate::list::variants::tests::forms;

    #[test]
    fn addresses_lose_their_commas_and_shorten_their_streets() {
        let forms = forms(Kind::Address, "Bahnhofstrasse 7, 8001 Zug");
        for form in ["bahnhofstrasse 7 8001 zug", "bahnhofstr . 7 8001 zug", "bahnhofstr 7 ch 8001 zug"] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:?}");
        }
    }

    #[test]
    fn a_letter_before_the_postcode_is_a_country_or_belongs_to_the_house() {
        let house = forms(Kind::Address, "Bergweg 8 a, 8001 Zug");
        assert!(house.contains(&"bergweg 8a 8001 zug".to_owned()), "{house:?}");
        let country = forms(Kind::Address, "Bergweg 8, A-8001 Graz");
        assert!(country.contains(&"bergweg 8 8001 graz".to_owned()), "{country:?}");
    }
}
