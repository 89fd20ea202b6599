//! The ways an entry may be written that its canonical form does not already make the same.
//!
//! Variants are made when a list is compiled, as sequences of words, and not while matching: a
//! hash can't be fuzzy. Case, accents, spacing, hyphens, Markdown and look-alikes need none, the
//! canonical form sees to them, and so it does to `ß` and `ss`.
//!
//! Made are: umlauts as two letters and two letters as umlauts, hyphenated words joined, `O'Brien`
//! as `O Brien` and `OBrien`; for a person also the orders `Last, First` and `Last First`, one
//! more word before the surname, the letters one by one, initials if the entry asks for them, the
//! genitive `s`, and what Korean, Arabic and Hebrew attach to a name; for an address the commas left
//! out and `Strasse` as `Str.`. Not made: nicknames, left-out middle names, and inflection in other
//! languages.
//!
//! What would double the number of forms (a comma, a middle name, the genitive) is no form of its
//! own but a trait of one, which the matcher sees to.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

use crate::canonical::{Canonical, Class};
use crate::list::index::Traits;
use crate::list::numbers;
use crate::word::words;
use crate::{Entry, Kind};

/// More places than this in one entry are written all one way or all the other.
const MAX_PLACES: u32 = 4;

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
        let mut forms = Forms { numbers: numbers::keys(entry).into_iter().collect(), ..Forms::default() };
        for text in spellings(entry.text()) {
            match entry.kind() {
                Kind::Person => forms.add_person(&text, entry.initials()),
                Kind::Address => forms.add_address(&text),
                _ => forms.add(words(&Canonical::of(&text)), Traits::default()),
            }
        }
        for text in entry.context().iter().flat_map(|context| spellings(context)) {
            forms.add(words(&Canonical::of(&text)), Traits { context: true, ..Traits::default() });
        }
        forms
    }

    fn add(&mut self, words: Vec<String>, traits: Traits) {
        if !words.is_empty() {
            self.sequences.insert((words, traits));
        }
    }

    /// A name in every order. One that is given as `Last, First` is put in natural order first.
    fn add_person(&mut self, text: &str, initials: bool) {
        let Some((first, last)) = first_and_last(text) else {
            let name = words(&Canonical::of(text));
            self.spelled.extend(spelled(&name));
            return self.add_name(name, Traits::default());
        };
        let place =
            |words: &[String]| u8::try_from(words.len()).ok().filter(|place| usize::from(*place) <= Traits::MAX_PLACE);
        let natural = [first.as_slice(), &last].concat();
        let reversed = [last.as_slice(), &first].concat();
        self.spelled.extend(spelled(&natural));
        let middle = if has_middle(&first, &last) { place(&first).unwrap_or(0) } else { 0 };
        self.add_name(natural, Traits { middle, ..Traits::default() });
        self.add_name(reversed, Traits { comma: place(&last).unwrap_or(0), ..Traits::default() });
        if initials {
            self.add_initials(&first, &last);
        }
    }

    fn add_name(&mut self, name: Vec<String>, traits: Traits) {
        let (forms, genitive) = attached(&name);
        forms.into_iter().for_each(|form| self.add(form, traits));
        self.add(name, Traits { genitive, ..traits });
    }

    /// `J. Müller`, `J Müller`, `Müller, J.`, and for several first names also all their initials.
    fn add_initials(&mut self, first: &[String], last: &[String]) {
        let letters: Vec<String> = first.iter().filter_map(|name| name.chars().next()).map(String::from).collect();
        let comma = u8::try_from(last.len()).ok().filter(|place| usize::from(*place) <= Traits::MAX_PLACE).unwrap_or(0);
        for count in BTreeSet::from([1, letters.len()]) {
            for dot in [true, false] {
                let mut front = Vec::new();
                for letter in &letters[..count] {
                    front.push(letter.clone());
                    if dot {
                        front.push(".".to_owned());
                    }
                }
                self.add([front.as_slice(), last].concat(), Traits::default());
                self.add([last, front.as_slice()].concat(), Traits { comma, ..Traits::default() });
            }
        }
    }

    /// An address with and without its commas, and with `Strasse` in all its lengths.
    fn add_address(&mut self, text: &str) {
        let given = words(&Canonical::of(text));
        for form in streets(&given) {
            let bare = form.iter().filter(|word| *word != ",").cloned().collect();
            self.add(bare, Traits::default());
            self.add(form, Traits::default());
        }
    }
}

/// The words of an address, with a `-strasse` in them also as `-str.` and `-str` and the other way
/// round.
fn streets(given: &[String]) -> Vec<Vec<String>> {
    let mut forms = vec![given.to_vec()];
    let street = given.iter().position(|word| word.ends_with("strasse") || word.ends_with("str"));
    let Some(place) = street else { return forms };
    let stem = given[place].trim_end_matches("asse");
    let dotted = given[place].ends_with("str") && given.get(place + 1).is_some_and(|word| word == ".");
    let behind = &given[place + 1 + usize::from(dotted)..];
    for street in [vec![stem.to_owned(), ".".to_owned()], vec![stem.to_owned()], vec![format!("{stem}asse")]] {
        forms.push([&given[..place], &street, behind].concat());
    }
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

/// Names with more words than this are not looked for with one more.
const MAX_NAME: usize = 6;

/// The lengths of names, in letters, that are looked for letter by letter.
pub(crate) const SPELLED_LENGTH: std::ops::RangeInclusive<usize> = 5..=48;

/// Whether one more word may stand before the surname: in scripts that have capital letters.
fn has_middle(first: &[String], last: &[String]) -> bool {
    let cased = |word: &String| word.starts_with(|c: char| c.is_lowercase());
    first.len() + last.len() <= MAX_NAME && first.last().is_some_and(cased) && last.iter().all(cased)
}

/// The name's letters as one word. In scripts without spaces each letter is a word anyway.
fn spelled(name: &[String]) -> Option<String> {
    let letters = name.concat();
    let fits = SPELLED_LENGTH.contains(&letters.chars().count())
        && Canonical::of(&letters).glyphs().all(|glyph| glyph.class == Class::Letter)
        && name.iter().any(|word| word.chars().count() > 1);
    fits.then_some(letters)
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

/// A name with what is attached to its first or last word without a space, and whether that is the
/// genitive.
fn attached(name: &[String]) -> (Vec<Vec<String>>, bool) {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return (Vec::new(), false) };
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
        (_, Some(Script::Latin)) => (Vec::new(), name.len() > 1 || last.len() > 2),
        (_, Some(Script::Korean)) => (KOREAN_PARTICLES.into_iter().map(with_suffix).collect(), false),
        (Some(Script::Arabic), _) => (ARABIC_PROCLITICS.iter().map(with_prefix).collect(), false),
        (Some(Script::Hebrew), _) => (HEBREW_PROCLITICS.iter().map(with_prefix).collect(), false),
        _ => (Vec::new(), false),
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
        let forms = Forms::of(&Entry::new("e", kind, text));
        forms.sequences.iter().map(|(form, _)| form.join(" ")).collect()
    }

    #[test]
    fn a_person_is_found_in_both_orders_with_umlauts() {
        let forms = forms(Kind::Person, "Jürg Müller");
        for form in ["jurg muller", "juerg mueller", "jurg mueller", "juerg muller", "muller jurg"] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:?}");
        }
    }

    #[test]
    fn commas_middle_names_and_genitives_are_traits() {
        let forms = Forms::of(&Entry::new("e", Kind::Person, "Anna Berta von der Au"));
        let natural = Traits { genitive: true, middle: 2, ..Traits::default() };
        let reversed = Traits { genitive: true, comma: 3, ..Traits::default() };
        let found: Vec<_> = forms.sequences.iter().map(|(form, traits)| (form.join(" "), *traits)).collect();
        let expected = [("anna berta von der au", natural), ("von der au anna berta", reversed)];
        assert_eq!(found, expected.map(|(form, traits)| (form.to_owned(), traits)));
        assert_eq!(forms.spelled, BTreeSet::from(["annabertavonderau".to_owned()]));
    }

    #[test]
    fn addresses_lose_their_commas_and_shorten_their_streets() {
        let forms = forms(Kind::Address, "Bahnhofstrasse 7, 8001 Zug");
        for form in ["bahnhofstrasse 7 8001 zug", "bahnhofstr . 7 , 8001 zug", "bahnhofstr 7 8001 zug"] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:?}");
        }
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
}
