//! Persons: the orders `First Last`, `Last, First` and `Last First`, one more word before the
//! surname, the letters one by one, initials if the entry asks for them, and what is attached.
//!
//! A name of more than two parts is turned round behind each part where the surname may begin. If the entry asks for it,
//! such a name is also found with fewer first names.
//!
//! `von der` is also `v. d.`, `Saint` and `Sankt` are `St.`, and what tells fathers from sons (`Jr.`) may stand behind the
//! name, with a comma or without, or be left out.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

use crate::Entry;
use crate::canonical::{Canonical, Class};
use crate::list::index::Traits;
use crate::list::mark::Mark;
use crate::list::variants::attached::{Script, attached};
use crate::list::variants::name::Name;
use crate::list::variants::short::{initial, long_particles, short_sound, shorter};
use crate::list::variants::spelling::{spellings, spellings_of_parts};
use crate::list::variants::{Forms, given_words, place};
use crate::word::words;

/// Names with more words than this are not looked for with one more.
const MAX_NAME: usize = 6;
/// Korean names with more syllables than this are not written apart.
const MAX_SYLLABLES: usize = 4;
/// What an apostrophe parts from a surname, and may stand behind the first names.
const ARTICLES: [&str; 2] = ["d", "l"];
/// The Arabic comma, which is a sign like any other to the matcher.
const ARABIC_COMMA: &str = "\u{60c}";

/// The lengths of names, in letters, that are looked for letter by letter.
pub(crate) const SPELLED_LENGTH: std::ops::RangeInclusive<usize> = 5..=48;

/// What may stand with the first names of a form that the form does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Middle {
    Any,
    /// Nothing, since the form has all that the entry has.
    None,
    /// Nothing, since the entry has something there: it is left out.
    LeftOut,
}

impl Forms {
    pub(super) fn add_person(&mut self, entry: &Entry) {
        for text in long_particles(entry.text()) {
            match Name::of(&text) {
                Some(name) => self.add_known(&name, entry),
                None => self.add_unknown(&text),
            }
        }
    }

    /// What may be a name, but has too many commas.
    fn add_unknown(&mut self, text: &str) {
        for spelling in spellings(text) {
            let name = words(&Canonical::of(&spelling));
            self.spelled.extend(spelled(&name));
            self.add_name(name, Traits::default(), true);
        }
    }

    fn add_known(&mut self, name: &Name, entry: &Entry) {
        let initials = entry.initials();
        self.add_orders(name, initials && name.initial.is_none(), Middle::Any);
        if let Some(place) = name.initial {
            let letter = name.parts[place].trim_end_matches('.').to_owned();
            self.add_orders(&name.with(place, Some(letter)), initials, Middle::None);
            self.add_orders(&name.with(place, None), initials, Middle::LeftOut);
        }
        if entry.short() {
            name.shortened().iter().for_each(|name| self.add_orders(name, initials, Middle::LeftOut));
            self.add_with_middle_initials(name);
        }
        self.add_syllables(name);
    }

    /// A name in every spelling and order.
    fn add_orders(&mut self, name: &Name, initials: bool, middle: Middle) {
        for spelling in spellings_of_parts(&name.parts) {
            let parts: Vec<Vec<String>> = spelling.iter().map(|part| words(&Canonical::of(part))).collect();
            self.spelled.extend(spelled(&parts.concat()));
            for parts in shorter(&parts) {
                self.add_spelling(name, &parts, initials, middle);
            }
        }
    }

    /// A name in every order, in one spelling of its parts.
    fn add_spelling(&mut self, name: &Name, parts: &[Vec<String>], initials: bool, middle: Middle) {
        let natural = parts.concat();
        let (first, last) = (parts[..name.first].concat(), parts[name.first..].concat());
        let may_have_middle = middle == Middle::Any && has_middle(&first, &last);
        let traits = Traits { middle: if may_have_middle { place(&first) } else { 0 }, ..Traits::default() };
        if name.family_first {
            let family = [parts[0].as_slice(), &[",".to_owned()], &parts[1..].concat()].concat();
            self.add(family, Traits { genitive: true, ..Traits::default() });
        }
        if is_kana(parts) {
            self.add(parts.join(&"=".to_owned()), Traits::default());
        }
        for suffix in suffixes(name) {
            self.add([natural.as_slice(), &suffix].concat(), traits);
        }
        match name.suffix {
            Some(_) => self.add_without_suffix(natural, traits),
            None => self.add_name(natural, traits, true),
        }
        for turn in &name.turns {
            let (first, last) = (parts[..*turn].concat(), parts[*turn..].concat());
            if first.is_empty() || last.is_empty() {
                continue;
            }
            if last.concat().chars().all(|c| Script::of(c) == Some(Script::Arabic)) {
                let comma = [ARABIC_COMMA.to_owned()];
                self.add([last.as_slice(), &comma, &first].concat(), Traits::default());
            }
            let whole = [last.as_slice(), &first].concat();
            let left_out = if middle == Middle::LeftOut { place(&whole) } else { 0 };
            let traits = Traits { comma: place(&last), middle: left_out, ..Traits::default() };
            for suffix in suffixes(name) {
                self.add([whole.as_slice(), &suffix].concat(), traits);
                if suffix[0] != "," {
                    let last = [last.as_slice(), &suffix].concat();
                    self.add([last.as_slice(), &first].concat(), Traits { comma: place(&last), ..traits });
                }
            }
            self.add_name(whole, traits, false);
            if initials && *turn <= name.first {
                self.add_initials(&first, &last);
            } else if initials {
                self.add_initial_and_particles(&parts[..name.first], &parts[name.first..*turn], &last);
            }
        }
        // `Aquila, Anna d'`.
        if let [article, noun] = last.as_slice()
            && ARTICLES.contains(&article.as_str())
            && !first.is_empty()
        {
            let form = [std::slice::from_ref(noun), &first, std::slice::from_ref(article)].concat();
            self.add(form, Traits { comma: 1, ..Traits::default() });
        }
    }

    /// `Robert Downing` of `Robert Downing Jr.`, unless something else of that sort stands behind it.
    fn add_without_suffix(&mut self, natural: Vec<String>, traits: Traits) {
        let mut genitive = natural.clone();
        genitive.last_mut().expect("a name has words").push('s');
        self.add(genitive, traits);
        self.add([natural.as_slice(), &Mark::Suffix.words()].concat(), traits);
    }

    /// `Berg, L. van der`.
    fn add_initial_and_particles(&mut self, first: &[Vec<String>], particles: &[Vec<String>], last: &[String]) {
        let letter = first.first().and_then(|part| letter(part.first()?));
        for dot in [&["."][..], &[]] {
            let dot = dot.iter().map(|dot| (*dot).to_owned());
            let front = letter.iter().cloned().chain(dot).chain(particles.concat());
            let form = last.iter().cloned().chain(front).collect();
            self.add(form, Traits { comma: place(last), ..Traits::default() });
        }
    }

    /// `Anna M. Keller` of a name that is also found without `Maria`.
    fn add_with_middle_initials(&mut self, name: &Name) {
        for spelling in spellings_of_parts(&name.parts) {
            let parts: Vec<Vec<String>> = spelling.iter().map(|part| words(&Canonical::of(part))).collect();
            let (first, last) = (parts[..name.first].concat(), parts[name.first..].concat());
            if first.len() > 1 && !last.is_empty() {
                let letters: Vec<String> = first[1..].iter().filter_map(|word| letter(word)).collect();
                let one = (0..letters.len()).map(|place| &letters[place..=place]);
                for letters in one.chain([&letters[..]]).collect::<BTreeSet<_>>() {
                    self.add_front(&[&first[..1], letters].concat(), 1, &last);
                }
            }
        }
    }

    fn add_name(&mut self, name: Vec<String>, traits: Traits, natural: bool) {
        let (forms, genitive) = attached(&name, natural);
        forms.into_iter().for_each(|form| self.add(form, traits));
        self.add(name, Traits { genitive, ..traits });
    }

    /// `J. Müller`, `J Müller`, `Müller, J.`; for several first names also all their initials, in one
    /// word too, and the first name with the initials of the others. `Philippe` is `P.` and `Ph.`.
    fn add_initials(&mut self, first: &[String], last: &[String]) {
        let letters: Vec<String> = first.iter().filter_map(|word| letter(word)).collect();
        let sounds: Vec<String> = first.iter().filter_map(|word| initial(word)).collect();
        for count in BTreeSet::from([1, letters.len()]) {
            self.add_front(&letters[..count], 0, last);
            if sounds[..count] != letters[..count] {
                self.add_front(&sounds[..count], 0, last);
            }
        }
        // `Christoph` is `Chr.` and `Ch.`
        if let Some(short) = first.first().and_then(|word| short_sound(word)) {
            self.add_front(&[short], 0, last);
        }
        if first.len() > 1 && letters.len() == first.len() {
            let joined = [letters.concat()];
            self.add([last, &joined].concat(), Traits { comma: place(last), ..Traits::default() });
            self.add([&joined, last].concat(), Traits::default());
            self.add_front(&[&first[..1], &letters[1..]].concat(), 1, last);
        }
    }

    /// First names and a surname in both orders, where a dot may stand behind all first names but
    /// some that are whole.
    fn add_front(&mut self, names: &[String], whole: usize, last: &[String]) {
        for dot in [true, false] {
            let mut front = names[..whole].to_vec();
            for letter in &names[whole..] {
                front.push(letter.clone());
                front.extend(dot.then(|| ".".to_owned()));
            }
            let genitive = attached(last, true).1;
            self.add([front.as_slice(), last].concat(), Traits { genitive, ..Traits::default() });
            let reversed = [last, front.as_slice()].concat();
            // `Keller, A. B.` is not `Keller, A.`
            let traits = Traits { comma: place(last), middle: place(&reversed), ..Traits::default() };
            self.add(reversed, traits);
        }
    }

    /// A Korean name of one part as family name and given name, and as its syllables; one of several
    /// parts as one.
    fn add_syllables(&mut self, name: &Name) {
        let parts: Vec<String> = name.parts.iter().map(|part| part.nfc().collect()).collect();
        let text = parts.concat();
        let count = text.chars().count();
        if !text.chars().all(|c| matches!(c, '\u{ac00}'..='\u{d7a3}')) || !(2..=MAX_SYLLABLES).contains(&count) {
            return;
        }
        if parts.len() > 1 {
            return self.add_name(words(&Canonical::of(&text)), Traits::default(), true);
        }
        let syllables: Vec<String> =
            text.chars().map(|c| Canonical::of(c.encode_utf8(&mut [0; 4])).as_str().to_owned()).collect();
        self.add(vec![syllables[0].clone(), syllables[1..].concat()], Traits::default());
        self.add(syllables, Traits::default());
    }
}

/// The first letter of a word.
fn letter(word: &str) -> Option<String> {
    word.chars().next().map(String::from)
}

/// What tells fathers from sons, as it may stand behind a name: in letters or in full, with a comma, with a full stop.
fn suffixes(name: &Name) -> Vec<Vec<String>> {
    let ways: &[&str] = match name.suffix.as_deref() {
        None => &[],
        Some("jr" | "jun" | "junior") => &["jr", "jr .", "jun .", "junior"],
        Some("sr" | "sen" | "senior") => &["sr", "sr .", "sen .", "senior"],
        Some(numeral) => return [vec![numeral.to_owned()], vec![",".to_owned(), numeral.to_owned()]].into(),
    };
    let with_comma = ways.iter().map(|way| format!(", {way}"));
    ways.iter().map(|way| given_words(way)).chain(with_comma.map(|way| given_words(&way))).collect()
}

/// Whether one more word may stand before the surname: in scripts that have capital letters.
fn has_middle(first: &[String], last: &[String]) -> bool {
    let cased = |word: &String| word.starts_with(|c: char| c.is_lowercase());
    first.len() + last.len() <= MAX_NAME
        && first.last().is_some_and(cased)
        && last.iter().all(|word| cased(word) || word == ".")
}

/// Whether a name has several parts in kana, between which a sign may stand.
fn is_kana(parts: &[Vec<String>]) -> bool {
    let kana = |word: &String| word.starts_with(|c| Script::of(c) == Some(Script::Kana));
    parts.len() > 1 && parts.iter().flatten().all(kana)
}

/// The name's letters as one word. In scripts without spaces each letter is a word anyway.
fn spelled(name: &[String]) -> Option<String> {
    let letters = name.concat();
    let fits = SPELLED_LENGTH.contains(&letters.chars().count())
        && Canonical::of(&letters).glyphs().all(|glyph| glyph.class == Class::Letter)
        && name.iter().any(|word| word.chars().count() > 1);
    fits.then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::variants::tests::forms;
    use crate::{Entry, Kind};

    #[test]
    fn a_person_is_found_in_both_orders_with_umlauts() {
        let forms = forms(Kind::Person, "Jürg Müller");
        for form in ["jurg muller", "juerg mueller", "jurg mueller", "juerg muller", "muller jurg"] {
            assert!(forms.contains(&form.to_owned()), "{form} is missing in {forms:?}");
        }
    }

    #[test]
    fn commas_middle_names_and_genitives_are_traits() {
        let forms = Forms::of(&Entry::new("e", Kind::Person, "Anna Berta zur Au"));
        let natural = Traits { genitive: true, middle: 2, ..Traits::default() };
        let reversed = Traits { genitive: true, comma: 2, ..Traits::default() };
        let moved = Traits { genitive: true, comma: 1, ..Traits::default() };
        let found: Vec<_> = forms.sequences.iter().map(|(form, traits)| (form.join(" "), *traits)).collect();
        let expected = [("anna berta zur au", natural), ("au anna berta zur", moved), ("zur au anna berta", reversed)];
        assert_eq!(found, expected.map(|(form, traits)| (form.to_owned(), traits)));
        assert_eq!(forms.spelled, BTreeSet::from(["annabertazurau".to_owned()]));
    }
}
