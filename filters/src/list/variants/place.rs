//! Places of addresses: with and without postcode and country, long and short.

use std::collections::BTreeSet;

use crate::list::variants::address::BETWEEN;
use crate::list::variants::street::shortened;

/// Signs of countries before a postcode that mean the same.
const COUNTRIES: [&[&str]; 6] = [&["ch"], &["d", "de"], &["a", "at"], &["f", "fr"], &["i", "it"], &["fl", "li"]];
/// Words of two letters that names of places begin with, unlike the letters of a Dutch postcode.
#[rustfmt::skip]
const FIRST_WORDS: [&str; 30] = [
    "al", "am", "an", "au", "da", "de", "di", "du", "el", "es", "gy", "ii", "il", "im", "in", "la", "le", "lo", "ob", "on",
    "re", "sa", "sd", "ss", "st", "to", "ue", "ug", "ur", "zu",
];
/// Words between the name of a place and what tells it from others of that name.
#[rustfmt::skip]
const LINKS: [&str; 30] = [
    "a", "al", "am", "an", "auf", "b", "bei", "d", "da", "del", "di", "en", "i", "im", "in", "les", "near", "o", "ob", "on",
    "pres", "s", "sopra", "sous", "sul", "sur", "unter", "upon", "v", "vor",
];
/// Short ways to write such endings, which could not be made of the long ones or the other way round.
const ENDINGS: [(&[&str], &[&str]); 8] = [
    (&["im", "breisgau"], &["i", ".", "br"]),
    (&["am", "main"], &["a", ".", "m"]),
    (&["am", "rhein"], &["a", ".", "rh"]),
    (&["am", "rhein"], &["a", ".", "r"]),
    (&["am", "see"], &["a", ".", "s"]),
    (&["am", "albis"], &["a", ".", "a"]),
    (&["in", "oberbayern"], &["i", ".", "ob"]),
    (&["an", "der", "saale"], &["a", ".", "d", ".", "saale"]),
];

/// What tells places of one name apart in Switzerland.
#[rustfmt::skip]
pub(in crate::list) const CANTONS: [&str; 26] = [
    "ag", "ai", "ar", "be", "bl", "bs", "fr", "ge", "gl", "gr", "ju", "lu", "ne", "nw", "ow", "sg", "sh", "so", "sz", "tg",
    "ti", "ur", "vd", "vs", "zg", "zh",
];

/// A place, and its postcode if it has one.
pub(super) struct Postcode {
    /// The words from the postcode on, or of a place without one.
    words: Vec<String>,
    /// The parts of a place without one that signs stand between.
    parts: Vec<Vec<String>>,
    has_code: bool,
    /// What may stand before the postcode for the country.
    countries: Vec<&'static str>,
}

impl Postcode {
    /// What stands before the postcode, and the place with it.
    pub fn split(given: &[String], canonical: &str) -> (Vec<String>, Option<Postcode>) {
        let mut bare = Vec::new();
        let mut signs = BTreeSet::new();
        for word in given {
            if BETWEEN.contains(&word.as_str()) {
                signs.insert(bare.len());
            } else {
                bare.push(word.clone());
            }
        }
        let Some(postcode) = postcode(&bare) else { return (given.to_vec(), None) };
        let words = bare[postcode..].to_vec();
        let sign = &bare[postcode - 1];
        let same = COUNTRIES.iter().find(|same| same.contains(&sign.as_str()));
        let is_country = same.is_some()
            && postcode > 1
            && (
                // The `a` of `8 a` belongs to the house.
                sign.len() > 1
                    || signs.contains(&(postcode - 1)) && !signs.contains(&postcode)
                    || canonical.contains(&format!("{sign}-{}", words[0]))
            );
        let countries = match same.filter(|_| is_country) {
            Some(same) => same.to_vec(),
            _ if words[0].len() == 5 => vec!["d", "f", "i"],
            _ if (9485..=9498).contains(&words[0].parse().unwrap_or(0)) => vec!["ch", "fl", "li"],
            _ => vec!["ch", "a"],
        };
        let end = postcode - usize::from(is_country);
        // The signs before it tell where the street ends.
        let at = given.iter().scan(0, |count, word| {
            let before = *count;
            *count += usize::from(!BETWEEN.contains(&word.as_str()));
            Some(before)
        });
        let cut = at.take_while(|before| *before < end).count();
        (given[..cut].to_vec(), Some(Postcode { words, parts: Vec::new(), has_code: true, countries }))
    }

    /// A place that has no postcode of four or five digits, as the segments of an address have it.
    pub fn without(segments: &[Vec<String>]) -> Postcode {
        Postcode { words: segments.concat(), parts: segments.to_vec(), has_code: false, countries: Vec::new() }
    }

    /// The place with its postcode and with its country.
    pub fn full(&self) -> Vec<Vec<String>> {
        let mut full = Vec::new();
        for place in self.names() {
            let words = [self.code(), place.as_slice()].concat();
            full.extend(british(&words));
            for country in &self.countries {
                full.push([&[(*country).to_owned()], words.as_slice()].concat());
            }
            full.insert(0, words);
        }
        if self.code_words() > 1 {
            // `1016GV`
            let joined = self.names().into_iter().map(|place| [&[self.code().concat()], place.as_slice()].concat());
            full.extend(joined.collect::<Vec<_>>());
        }
        if self.parts.len() > 1 {
            full.push(self.parts.join(&",".to_owned()));
        }
        full.sort_by_key(|words| words.as_slice() != self.words.as_slice());
        full
    }

    /// The place without its postcode; none if it had none.
    pub fn bare(&self) -> Vec<Vec<String>> {
        if let [place, _, ..] = self.parts.as_slice() {
            return vec![place.clone()];
        }
        let is_part_of_code = |word: &String| word.contains(|c: char| c.is_ascii_digit());
        let names = self.names().into_iter().filter_map(|name| {
            let place: Vec<String> = name.iter().take_while(|word| !is_part_of_code(word)).cloned().collect();
            let is_shorter = self.has_code || place.len() < name.len();
            (is_shorter && place.iter().any(|word| word.len() > 1)).then_some(place)
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn code(&self) -> &[String] {
        &self.words[..self.code_words()]
    }

    /// How many words the postcode is: two of a Dutch one.
    fn code_words(&self) -> usize {
        let is_letters = |word: &String| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        match self.words.get(1) {
            _ if !self.has_code => 0,
            Some(letters) if self.words.len() > 2 && self.words[0].len() == 4 && is_letters(letters) => {
                2 - usize::from(FIRST_WORDS.contains(&letters.as_str()))
            }
            _ => 1,
        }
    }

    /// The name of the place as it is given, without what tells it from others, and with that in short.
    fn names(&self) -> BTreeSet<Vec<String>> {
        let given = &self.words[self.code().len()..];
        let mut names: BTreeSet<Vec<String>> = shortened(given).into_iter().collect();
        // `9500 Wil SG` as `9500 Wil`; the postcode says enough.
        if let [place @ .., canton] = given
            && self.has_code
            && !place.is_empty()
            && CANTONS.contains(&canton.as_str())
        {
            names.insert(place.to_vec());
        }
        let Some(link) = (1..given.len()).find(|at| LINKS.contains(&given[*at].as_str()) && at + 1 < given.len())
        else {
            return names;
        };
        let (place, ending) = given.split_at(link);
        names.insert(place.to_vec());
        let to_words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let is_same = |words: &[&str]| {
            ending
                .iter()
                .map(String::as_str)
                .filter(|word| *word != ".")
                .eq(words.iter().copied().filter(|word| *word != "."))
        };
        for (long, short) in ENDINGS {
            if is_same(long) {
                names.insert([place, &to_words(short)].concat());
            } else if is_same(short) {
                names.insert([place, &to_words(long)].concat());
            }
        }
        // `Affoltern am Albis` as `Affoltern a. A.`, a dot at the end being the sentence's.
        let (link, name) = (&ending[0], &ending[ending.len() - 1]);
        if let (2, Some(first)) = (ending.len(), name.chars().next().filter(char::is_ascii_lowercase)) {
            names.insert([place, &[link[..1].to_owned(), ".".to_owned(), first.to_string()]].concat());
        }
        names
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
