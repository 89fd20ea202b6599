//! A person's name as an entry has it: its parts in natural order, and where the surname begins.
//!
//! Understood are `First Last`, `Last, First`, `LAST First` and `First LAST`. Titles are left out,
//! since they stand before a name or not. A name of which less than two parts are left keeps them.
//! What tells fathers from sons is no part of the name: it stands behind it, with a comma or without, or nowhere.

use unicode_normalization::UnicodeNormalization as _;

use crate::canonical::Canonical;
use crate::list::variants::attached::Script;
use crate::word::words;

/// What begins the titles of a person, with a dot or without.
#[rustfmt::skip]
const TITLES: [&str; 19] = [
    "dr", "prof", "pd", "herr", "herrn", "frau", "mr", "mrs", "ms", "mme", "mlle", "monsieur", "madame", "signor",
    "signora", "dott", "dres", "profdr", "drmed",
];
/// What may be a name unless a dot stands behind it or a title before it.
#[rustfmt::skip]
const DOTTED_TITLES: [&str; 18] = [
    "ing", "dipl", "lic", "mag", "sig", "med", "phil", "iur", "jur", "oec", "rer", "nat", "theol", "vet", "dent",
    "habil", "em", "hc",
];
/// What stands behind a name.
const DEGREES: [&str; 10] = ["phd", "mba", "emba", "msc", "bsc", "llm", "md", "med", "dr", "drmed"];

/// Words before a surname that belong to it.
const SURNAME_PARTICLES: [&str; 24] = [
    "von", "vom", "van", "zu", "zum", "zur", "de", "del", "della", "delle", "di", "da", "dal", "dos", "das", "du",
    "le", "la", "ten", "ter", "al", "bin", "der", "den",
];
/// Family names that stand first in Vietnam, in canonical form.
const VIETNAMESE: [&str; 12] =
    ["nguyen", "tran", "pham", "hoang", "huynh", "phan", "vo", "dang", "bui", "ngo", "duong", "ly"];

/// What tells fathers from sons, in canonical form and without a full stop.
const SUFFIXES: [&str; 9] = ["ii", "iii", "iv", "jr", "jun", "junior", "sen", "senior", "sr"];

/// Names with more parts than this are turned round in one way only.
const MAX_PARTS: usize = 6;

/// The parts of a name in natural order.
pub(super) struct Name {
    /// Without white space.
    pub parts: Vec<String>,
    /// How many of them are first names.
    pub first: usize,
    /// Behind how many of them the name may be turned round.
    pub turns: Vec<usize>,
    /// Whether the family name stands first in natural order too.
    pub family_first: bool,
    /// Which of the first names is an initial that may be left out.
    pub initial: Option<usize>,
    /// What tells it from the father's or the son's, in canonical form: `jr`.
    pub suffix: Option<String>,
}

impl Name {
    /// The name that an entry stands for, unless it has several commas.
    pub fn of(text: &str) -> Option<Name> {
        let text: String = text.nfc().collect();
        let mut sections: Vec<Vec<String>> = text.split([',', '\u{60c}', '\u{3001}']).map(parts).collect();
        sections.retain(|section| !section.is_empty());
        let suffix = take_suffix(&mut sections);
        while sections.len() > 1 && sections.last().is_some_and(|last| last.iter().all(|part| is_degree(part))) {
            sections.pop();
        }
        let bare: Vec<Vec<String>> = sections.iter().map(|section| without_titles(section)).collect();
        if bare.iter().map(Vec::len).sum::<usize>() >= 2 {
            sections = bare;
        }
        sections.retain(|section| !section.is_empty());
        let name = match sections.as_slice() {
            [only] => {
                let in_capitals = surname_in_capitals(only);
                Some(match in_capitals {
                    Some((place, true)) => {
                        Name::new([&only[place..], &only[..place]].concat(), Some(only.len() - place))
                    }
                    Some((place, false)) => Name::new(only.clone(), Some(place)),
                    None => Name::new(only.clone(), None),
                })
            }
            [last, first] => Some(Name::new([first.as_slice(), last].concat(), Some(first.len()))),
            _ => None,
        };
        name.map(|name| Name { suffix, ..name })
    }

    fn new(parts: Vec<String>, known: Option<usize>) -> Name {
        let count = parts.len();
        // Only names of several parts have a choice, and most names have two.
        let canonical = |part: &String| if count > 2 { Canonical::of(part).as_str().to_owned() } else { String::new() };
        let canonical: Vec<String> = parts.iter().map(canonical).collect();
        let is_particle = |part: &String| SURNAME_PARTICLES.contains(&part.as_str());
        let particle = (1..count.saturating_sub(1)).find(|place| is_particle(&canonical[*place]));
        let first = known.or(particle).unwrap_or(count.saturating_sub(1));
        let mut turns: Vec<usize> = match particle {
            _ if count < 2 => Vec::new(),
            _ if count > MAX_PARTS => vec![first],
            // `van der Au, Anna` and `Au, Anna van der`.
            Some(particle) => {
                let behind = (particle..count).filter(|place| !is_particle(&canonical[*place]));
                let known = known.into_iter().filter(|known| *known < count);
                known.chain([particle]).chain(behind).collect()
            }
            None => known.map_or_else(|| (1..count).collect(), |known| vec![known]),
        };
        turns.retain(|place| !is_initial(&parts[*place]));
        let family_first = known.is_none() && count > 2 && VIETNAMESE.contains(&canonical[0].as_str());
        let initial = (1..first).find(|place| is_initial(&parts[*place]));
        let initial = initial.filter(|_| !is_initial(&parts[0]));
        Name { parts, first, turns, family_first, initial, suffix: None }
    }

    /// The same name with another part, or none, in place of one.
    pub fn with(&self, place: usize, part: Option<String>) -> Name {
        let parts = [&self.parts[..place], part.as_slice(), &self.parts[place + 1..]].concat();
        let removed = self.parts.len() - parts.len();
        let moved = |turn: &usize| if *turn > place { turn - removed } else { *turn };
        let turns = self.turns.iter().map(moved).collect();
        Name { parts, first: moved(&self.first), turns, initial: None, suffix: self.suffix.clone(), ..*self }
    }

    /// The same name with fewer of its first names, but at least the first of them: of a name that does not say where its
    /// surname begins, for each place where it may.
    pub fn shortened(&self) -> Vec<Name> {
        let mut shortened = Vec::new();
        for turn in self.turns.iter().copied().filter(|place| *place <= self.first) {
            let kept = (1..turn).filter(|kept| !self.parts[..*kept].iter().all(|part| is_initial(part)));
            shortened.extend(kept.map(|kept| {
                let parts = [&self.parts[..kept], &self.parts[turn..]].concat();
                let turns = self.turns.iter().filter(|place| **place >= turn).map(|place| place - (turn - kept));
                let (turns, suffix) = (turns.collect(), self.suffix.clone());
                Name { parts, first: kept, turns, family_first: false, initial: None, suffix }
            }));
        }
        shortened
    }
}

/// The parts of a piece of text: what white space, or the signs for it between kana, leave.
fn parts(text: &str) -> Vec<String> {
    let kana = !text.is_ascii() && Canonical::of(text).as_str().chars().any(|c| Script::of(c) == Some(Script::Kana));
    let is_space = |c: char| {
        c.is_whitespace()
            || matches!(c, '\u{2800}' | '\u{30fb}' | '\u{ff65}')
            || kana && matches!(c, '=' | '\u{ff1d}' | '\u{30a0}')
    };
    let mut parts: Vec<String> = text.split(is_space).map(parted).collect();
    let is_word =
        |part: &String| part.contains(|c: char| c.is_ascii_alphanumeric()) || !words(&Canonical::of(part)).is_empty();
    parts.retain(is_word);
    let servant = parts.iter().position(|part| part == SERVANT).filter(|place| place + 1 < parts.len());
    if let Some(place) = servant {
        let name = parts.remove(place + 1);
        parts[place] = format!("{SERVANT}-{name}");
    }
    parts
}

/// `servant of`, which begins Arabic names and is written as a word or not.
const SERVANT: &str = "عبد";
const SERVANT_OF_THE: &str = "عبدال";

/// Takes what tells fathers from sons off the end of a section. Two parts are left at least.
fn take_suffix(sections: &mut Vec<Vec<String>>) -> Option<String> {
    let count: usize = sections.iter().map(Vec::len).sum();
    let place =
        sections.iter().position(|section| section.len() > 1 && section.last().is_some_and(|part| is_suffix(part)));
    let alone = || sections.iter().skip(1).position(|section| section.len() == 1 && is_suffix(&section[0]));
    let place = place.or_else(|| alone().map(|place| place + 1)).filter(|_| count > 2)?;
    let suffix = sections[place].pop().map(|part| bare(&part));
    sections.retain(|section| !section.is_empty());
    suffix
}

fn is_suffix(part: &str) -> bool {
    let bare = bare(part);
    let is_whole = match bare.as_str() {
        // Both are names as well.
        "jun" | "sen" => part.ends_with('.'),
        "ii" | "iii" | "iv" => part.chars().all(char::is_uppercase),
        _ => true,
    };
    is_whole && SUFFIXES.contains(&bare.as_str())
}

/// A part without full stops, in canonical form.
fn bare(part: &str) -> String {
    Canonical::of(part).as_str().replace('.', "")
}

/// Hyphens where a part may also be two words: `Mac-Elroy`, `Jan-Daniel`.
fn parted(part: &str) -> String {
    if part.starts_with(SERVANT_OF_THE) {
        return format!("{SERVANT}-{}", &part[SERVANT.len()..]);
    }
    for head in ["Mac", "Mc"] {
        if let Some(rest) = part.strip_prefix(head).filter(|rest| rest.starts_with(char::is_uppercase)) {
            let capitals = rest.chars().filter(|c| c.is_uppercase()).count() == rest.chars().count();
            return if capitals { part.to_owned() } else { format!("{head}-{rest}") };
        }
    }
    let capitals = part.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at);
    let behind_small = |at: &usize| part[..*at].ends_with(char::is_lowercase);
    let inner: Vec<usize> = capitals.filter(behind_small).collect();
    match inner[..] {
        [at] => format!("{}-{}", &part[..at], &part[at..]),
        _ => part.to_owned(),
    }
}

fn without_titles(section: &[String]) -> Vec<String> {
    let mut after_title = false;
    let titles = section.iter().take_while(|part| {
        let is_title = is_title(part, after_title);
        after_title |= is_title;
        is_title
    });
    let start = titles.count();
    let mut bare = section[start..].to_vec();
    while bare.last().is_some_and(|part| is_degree(part)) {
        bare.pop();
    }
    bare
}

fn is_title(part: &str, after_title: bool) -> bool {
    let dotted = part.contains('.');
    let has = |titles: &[&str], word: &str| titles.iter().any(|title| title.eq_ignore_ascii_case(word));
    let is_one = |word: &str| has(&TITLES, word) || (dotted || after_title) && has(&DOTTED_TITLES, word);
    let mut words = part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(is_one) || dotted && is_one(&part.replace('.', ""))
}

fn is_degree(part: &str) -> bool {
    if !part.contains('.') && part.chars().filter(char::is_ascii_uppercase).count() < 2 {
        return false;
    }
    let letters = part.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphabetic(), "");
    part.is_ascii() && DEGREES.contains(&letters.as_str())
}

/// Whether a part is one capital letter, with a dot or without.
fn is_initial(part: &str) -> bool {
    let mut letters = part.strip_suffix('.').unwrap_or(part).chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// Where the parts in capitals end that begin a name, or begin that end it, and whether they begin
/// it. A name that is all in capitals has none.
fn surname_in_capitals(parts: &[String]) -> Option<(usize, bool)> {
    let capitals = |part: &String| {
        let letters = part.chars().filter(|c| c.is_alphabetic()).count();
        letters > 1 && !is_suffix(part) && part.chars().all(|c| c.is_uppercase() || !c.is_alphabetic())
    };
    let count = parts.iter().filter(|part| capitals(part)).count();
    let enough = |surname: &[String]| parts.len() == 2 || surname.concat().chars().count() > 2;
    if count == 0 || count == parts.len() {
        None
    } else if parts[..count].iter().all(capitals) && enough(&parts[..count]) {
        Some((count, true))
    } else if parts[parts.len() - count..].iter().all(capitals) && enough(&parts[parts.len() - count..]) {
        Some((parts.len() - count, false))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_names() {
        for (text, expected) in [
            ("Anna Keller", "Anna|Keller 1"),
            ("Keller, Anna", "Anna|Keller 1"),
            ("KELLER Anna", "Anna|Keller 1"),
            ("Anna Berta KELLER HUBER", "Anna|Berta|KELLER|HUBER 2"),
            ("ANNA KELLER", "ANNA|KELLER 1"),
            ("Anna Berta Keller", "Anna|Berta|Keller 1 2"),
            ("Anna van der Au", "Anna|van|der|Au 1 3"),
            ("Au, Anna van der", "Anna|van|der|Au 3 1 3"),
            ("Dr. med. Anna Keller, MBA", "Anna|Keller 1"),
            ("Keller, Prof. Dr. Anna", "Anna|Keller 1"),
            ("Dr.iur. Anna Keller PhD", "Anna|Keller 1"),
            ("Dr. Keller", "Dr.|Keller 1"),
            ("Med Keller", "Med|Keller 1"),
            ("C. Keller", "C.|Keller 1"),
            ("John Keller III", "John|Keller 1"),
            ("John Keller, Jr.", "John|Keller 1"),
            ("Keller Jr., John", "John|Keller 1"),
            ("Keller Junior", "Keller|Junior 1"),
            ("Ian MacDonald", "Ian|Mac-Donald 1"),
            ("JanDaniel Keller", "Jan-Daniel|Keller 1"),
            ("マリア＝ケラー", "マリア|ケラー 1"),
        ] {
            let name = Name::of(text).expect("a name");
            let turns: Vec<_> = name.turns.iter().map(usize::to_string).collect();
            let found = format!("{} {}", name.parts.join("|"), turns.join(" "));
            assert_eq!(found.to_lowercase(), expected.to_lowercase(), "{text}");
        }
    }
}
