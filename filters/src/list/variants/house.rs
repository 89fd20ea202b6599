//! Numbers of houses: `12`, `12a`, `12 bis`, `12/14`.

use crate::list::mark::HOUSE_WORDS;

/// The number of a house in an address.
pub(super) struct House {
    number: Vec<String>,
    /// Whether it stands behind its street.
    pub is_last: bool,
}

const BEHIND: [&str; 4] = ["bis", "ter", "quater", "/"];

impl House {
    /// The street and the number of it, if there is one.
    pub fn split(segment: &[String]) -> Option<(Vec<String>, Option<House>)> {
        let is_part = |word: &String| is_house(word) || BEHIND.contains(&word.as_str()) || is_letter(word);
        let behind = segment.iter().rev().take_while(|word| is_part(word)).count();
        let last = (segment.len() - behind..segment.len()).find(|at| is_house(&segment[*at]));
        if let Some(at) = last.filter(|at| *at > 0) {
            let street = without_number_word(&segment[..at]);
            let house = House { number: segment[at..].to_vec(), is_last: true };
            return (!street.is_empty()).then(|| (street.to_vec(), Some(house)));
        }
        let begin =
            segment.iter().take_while(|word| HOUSE_WORDS.contains(&word.as_str()) || word.as_str() == ".").count();
        let rest = &segment[begin..];
        if !rest.first().is_some_and(|word| is_house(word)) {
            return None;
        }
        // `9 a Street` has a letter, `9 l'Avenue` has none.
        let has_letter = rest.get(1).is_some_and(|word| BEHIND.contains(&word.as_str()) || is_house_letter(word));
        let length = 1 + usize::from(has_letter);
        let house = House { number: rest[..length].to_vec(), is_last: false };
        let street = &rest[length..];
        (!street.is_empty()).then(|| (street.to_vec(), Some(house)))
    }

    /// Whether a segment is a number and nothing else.
    pub fn is_all(segment: &[String]) -> bool {
        let number = segment.iter().skip_while(|word| HOUSE_WORDS.contains(&word.as_str()) || word.as_str() == ".");
        let number: Vec<&String> = number.collect();
        number.first().is_some_and(|word| is_house(word))
            && number.iter().all(|word| is_house(word) || is_letter(word) || BEHIND.contains(&word.as_str()))
    }

    /// The number as it is given, and with its letter in the same word or another.
    pub fn ways(&self) -> Vec<Vec<String>> {
        let mut ways = vec![self.number.clone()];
        let first = &self.number[0];
        let digits = first.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let letter = &first[digits.len()..];
        if !letter.is_empty() {
            ways.push([&[digits.to_owned(), letter.to_owned()], &self.number[1..]].concat());
        } else if let Some(next) = self.number.get(1).filter(|next| next.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            ways.push([&[format!("{digits}{next}")], &self.number[2..]].concat());
        }
        ways
    }
}

/// Whether a word is the number of a house, with or without a letter.
pub(super) fn is_house(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let letters = &word[digits.len()..];
    (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (letters.len() <= 1 || BEHIND.contains(&letters))
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_house_letter(word: &str) -> bool {
    is_letter(word) && ("a"..="h").contains(&word)
}

fn without_number_word(street: &[String]) -> &[String] {
    let end = street.iter().rposition(|word| !matches!(word.as_str(), "." | "\u{b0}" | ",")).map_or(0, |at| at + 1);
    match street[..end].split_last() {
        Some((word, street)) if HOUSE_WORDS.contains(&word.as_str()) && !street.is_empty() => street,
        // A dot behind `Bahnhofstr` is of the street.
        _ => street,
    }
}
