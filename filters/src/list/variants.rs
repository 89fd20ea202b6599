//! The ways an entry may be written that its canonical form does not already make the same.
//!
//! Variants are made when a list is compiled, as sequences of words, and not while matching: a
//! hash can't be fuzzy. Case, accents, spacing, hyphens, Markdown and look-alikes need none, the
//! canonical form sees to them, and so it does to `ß` and `ss`.
//!
//! Made are: umlauts as two letters and two letters as umlauts, hyphenated words joined, `O'Brien`
//! as `O Brien` and `OBrien`; for a person also the orders `Last, First` and `Last First`, one
//! more word before the surname, the letters one by one, initials if the entry asks for them, the
//! genitive `s`, and what Korean, Arabic and Hebrew attach to a name. Not made: nicknames,
//! left-out middle names, and inflection in other languages.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

use crate::canonical::Canonical;
use crate::word::words;
use crate::{Entry, Kind};

/// More places than this in one entry are written all one way or all the other.
const MAX_PLACES: u32 = 4;

/// The entry's forms, each as its words. Never empty, and no form is.
pub(crate) fn variants(entry: &Entry) -> BTreeSet<Vec<String>> {
    let mut forms = BTreeSet::new();
    for text in spellings(entry.text()) {
        if *entry.kind() == Kind::Person {
            for order in orders(&text) {
                forms.extend(attached(&order));
                forms.insert(order);
            }
            if let Some((first, last)) = first_and_last(&text) {
                let middle = with_middle(&first, &last);
                forms.extend(middle.iter().flat_map(|form| attached(form)));
                forms.extend(middle);
                forms.extend(spelled(&[first.clone(), last.clone()].concat()));
                if entry.initials() {
                    forms.extend(initials(&first, &last));
                }
            } else {
                forms.extend(spelled(&words(&Canonical::of(&text))));
            }
        } else {
            forms.insert(words(&Canonical::of(&text)));
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// The text with umlauts as they are and as two letters, and what looks like an umlaut written as
/// two letters also as one; hyphenated and apostrophised words also joined.
fn spellings(text: &str) -> Vec<String> {
    let text: String = text.nfc().collect();
    let mut spellings = Vec::new();
    for spelling in at_each_place(&text, &umlauts(&text)) {
        let digraphs = digraphs(&spelling);
        if digraphs.is_empty() || spelling != text {
            spellings.push(spelling);
        } else {
            spellings.extend(at_each_place(&spelling, &digraphs));
        }
    }
    for index in 0..spellings.len() {
        let (apart, joined) = (parted(&spellings[index]), joined(&spellings[index]));
        spellings.extend(apart.into_iter().chain(joined));
    }
    spellings
}

/// A place in a text and what may stand there instead.
type Place = (usize, usize, &'static str);

fn umlauts(text: &str) -> Vec<Place> {
    let two_letters = |c| {
        Some(match c {
            'ä' | 'Ä' | 'æ' | 'Æ' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' | 'œ' | 'Œ' => "oe",
            'ü' | 'Ü' => "ue",
            'å' | 'Å' => "aa",
            _ => return None,
        })
    };
    text.char_indices().filter_map(|(at, c)| Some((at, c.len_utf8(), two_letters(c)?))).collect()
}

fn digraphs(text: &str) -> Vec<Place> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    for at in 0..bytes.len().saturating_sub(1) {
        let vowel = match bytes[at..at + 2].to_ascii_lowercase().as_slice() {
            b"ae" => "a",
            b"oe" => "o",
            b"ue" => "u",
            _ => continue,
        };
        // In `Bauer` or `Quentin` the two letters are not one sound.
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before].to_ascii_lowercase());
        if !b"aeiouq".contains(&before) {
            places.push((at, 2, vowel));
        }
    }
    places
}

/// The text with each choice of places replaced, the text itself first.
fn at_each_place(text: &str, places: &[Place]) -> Vec<String> {
    let count = places.len() as u32;
    let choices: Vec<u64> = match count {
        0 => vec![0],
        1..=MAX_PLACES => (0..1 << count).collect(),
        _ => vec![0, u64::MAX],
    };
    let replaced = |choice: u64| {
        let mut out = String::with_capacity(text.len() + places.len());
        let mut cursor = 0;
        for (number, (at, length, instead)) in places.iter().enumerate() {
            if choice >> number.min(63) & 1 == 1 {
                out.push_str(&text[cursor..*at]);
                out.push_str(instead);
                cursor = at + length;
            }
        }
        out + &text[cursor..]
    };
    choices.into_iter().map(replaced).collect()
}

/// `O'Brien` as `O Brien`.
fn parted(text: &str) -> Option<String> {
    let canonical = Canonical::of(text).as_str().to_owned();
    canonical.contains('\'').then(|| canonical.replace('\'', " "))
}

/// `Anna-Maria` as `AnnaMaria`, `O'Brien` as `OBrien`, where letters stand on both sides.
fn joined(text: &str) -> Option<String> {
    let canonical = Canonical::of(text).as_str().to_owned();
    let letters: Vec<char> = canonical.chars().collect();
    let inner = |at: usize| {
        matches!(letters[at], '-' | '\'')
            && at > 0
            && letters[at - 1].is_alphabetic()
            && letters.get(at + 1).is_some_and(|next| next.is_alphabetic())
    };
    let joined: String = (0..letters.len()).filter(|at| !inner(*at)).map(|at| letters[at]).collect();
    (joined != canonical).then_some(joined)
}

/// Words before a surname that belong to it.
const SURNAME_PARTICLES: [&str; 22] = [
    "von", "vom", "van", "zu", "zum", "zur", "de", "del", "della", "delle", "di", "da", "dal", "dos", "das", "du",
    "le", "la", "ten", "ter", "al", "bin",
];

/// The words of a person's name as given, as `Last, First` and as `Last First`. A name that is
/// given as `Last, First` is put in natural order first.
fn orders(text: &str) -> Vec<Vec<String>> {
    let Some((first, last)) = first_and_last(text) else { return vec![words(&Canonical::of(text))] };
    let comma = vec![",".to_owned()];
    vec![[first.clone(), last.clone()].concat(), [last.clone(), comma, first.clone()].concat(), [last, first].concat()]
}

/// The first names and the surname, if there are both.
fn first_and_last(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    let given = words(&Canonical::of(text));
    let (first, last) = match given.iter().position(|word| word == ",") {
        Some(comma) => (given[comma + 1..].to_vec(), given[..comma].to_vec()),
        None => {
            let particle = given
                .iter()
                .skip(1)
                .position(|word| SURNAME_PARTICLES.contains(&word.as_str()))
                .map(|place| place + 1)
                .filter(|place| place + 1 < given.len());
            let surname = particle.unwrap_or(given.len().saturating_sub(1));
            (given[..surname].to_vec(), given[surname..].to_vec())
        }
    };
    if first.is_empty() || last.is_empty() || first.contains(&",".to_owned()) {
        return None;
    }
    Some((first, last))
}

/// Stands in a form for any one word that may be a middle name. No text has this word.
pub(crate) const MIDDLE: &str = "\u{fffc}\u{fffc}";

/// Begins the only word of a form whose letters stand one by one. No text has such a word.
pub(crate) const SPELLED: &str = "\u{fffc}";

/// Names with more words than this are not looked for with one more.
const MAX_NAME: usize = 6;

/// The lengths of names, in letters, that are looked for letter by letter.
const SPELLED_LENGTH: std::ops::RangeInclusive<usize> = 5..=48;

/// The name with room for one more word before the surname, in scripts that have capital letters.
fn with_middle(first: &[String], last: &[String]) -> Option<Vec<String>> {
    let cased = |word: &String| word.starts_with(|c: char| c.is_lowercase());
    let fits = first.len() + last.len() <= MAX_NAME && first.last().is_some_and(cased) && last.iter().all(cased);
    fits.then(|| [first, &[MIDDLE.to_owned()], last].concat())
}

/// The name's letters as one word.
fn spelled(name: &[String]) -> Option<Vec<String>> {
    let letters = name.concat();
    let fits = SPELLED_LENGTH.contains(&letters.chars().count())
        && letters.chars().all(|c| c.is_alphabetic() && !('\u{1100}'..='\u{11ff}').contains(&c))
        && name.iter().any(|word| word.chars().count() > 1);
    fits.then(|| vec![format!("{SPELLED}{letters}")])
}

/// `J. Müller`, `J Müller`, `Müller, J.`, and for several first names also all their initials.
fn initials(first: &[String], last: &[String]) -> Vec<Vec<String>> {
    let mut forms = Vec::new();
    let letters: Vec<String> = first.iter().filter_map(|name| name.chars().next()).map(String::from).collect();
    for count in BTreeSet::from([1, letters.len()]) {
        for dot in [true, false] {
            let mut front = Vec::new();
            for letter in &letters[..count] {
                front.push(letter.clone());
                if dot {
                    front.push(".".to_owned());
                }
            }
            forms.push([front.clone(), last.to_vec()].concat());
            forms.push([last.to_vec(), vec![",".to_owned()], front.clone()].concat());
            forms.push([last.to_vec(), front].concat());
        }
    }
    forms
}

/// What Korean writes behind a name without a space, as it is spoken to and as parts of a sentence.
const KOREAN_PARTICLES: [&str; 26] = [
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "에게",
    "에게서",
    "께",
    "께서",
    "와",
    "과",
    "도",
    "로",
    "으로",
    "만",
    "씨",
    "님",
    "씨는",
    "씨가",
    "씨의",
    "씨를",
    "님은",
    "님이",
];
const ARABIC_PROCLITICS: [&str; 5] = ["و", "ف", "ب", "ل", "ك"];
const HEBREW_PROCLITICS: [&str; 7] = ["ו", "ה", "ב", "ל", "מ", "ש", "כ"];

/// A name with what is attached to its first or last word without a space.
fn attached(name: &[String]) -> Vec<Vec<String>> {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return Vec::new() };
    let with_suffix = |suffix: &str| {
        let mut form = name.to_vec();
        let suffix = Canonical::of(suffix);
        form.last_mut().expect("a name has words").push_str(suffix.as_str());
        form
    };
    let with_prefix = |prefix: &&str| {
        let mut form = name.to_vec();
        form[0].insert_str(0, prefix);
        form
    };
    let script = |c: Option<char>| match c {
        Some('a'..='z') => Some(Script::Latin),
        Some('\u{1100}'..='\u{11ff}') => Some(Script::Korean),
        Some('\u{621}'..='\u{64a}') => Some(Script::Arabic),
        Some('\u{5d0}'..='\u{5ea}') => Some(Script::Hebrew),
        _ => None,
    };
    match (script(first.chars().next()), script(last.chars().last())) {
        (_, Some(Script::Latin)) if name.len() > 1 || last.len() > 2 => vec![with_suffix("s")],
        (_, Some(Script::Korean)) => KOREAN_PARTICLES.into_iter().map(with_suffix).collect(),
        (Some(Script::Arabic), _) => ARABIC_PROCLITICS.iter().map(with_prefix).collect(),
        (Some(Script::Hebrew), _) => HEBREW_PROCLITICS.iter().map(with_prefix).collect(),
        _ => Vec::new(),
    }
}

enum Script {
    Latin,
    Korean,
    Arabic,
    Hebrew,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(kind: Kind, text: &str) -> Vec<String> {
        variants(&Entry::new("e", kind, text)).iter().map(|form| form.join(" ")).collect()
    }

    #[test]
    fn a_person_is_found_in_both_orders_with_umlauts_and_genitive() {
        let forms = forms(Kind::Person, "Jürg Müller");
        for form in [
            "jurg muller",
            "juerg mueller",
            "jurg mueller",
            "juerg muller",
            "muller , jurg",
            "muller jurg",
            "jurg mullers",
            "juerg muellers",
        ] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:?}");
        }
    }

    #[test]
    fn two_letters_are_also_an_umlaut_unless_they_follow_a_vowel() {
        assert!(forms(Kind::Text, "Mueller").contains(&"muller".to_owned()));
        assert_eq!(forms(Kind::Text, "Bauer"), ["bauer"]);
    }

    #[test]
    fn surnames_keep_their_particles() {
        let forms = forms(Kind::Person, "Anna von der Mühll");
        assert!(forms.contains(&"von der muhll , anna".to_owned()), "{forms:?}");
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
}
