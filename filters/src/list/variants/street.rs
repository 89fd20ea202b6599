//! Words for streets, long and short: `Bahnhofstrasse`, `Bahnhofstr.`, `Bahnhof-Strasse`, `av.`.

/// Ends of a word, or the word before a house number: long, short.
const STREETS: [(&str, &str); 2] = [("strasse", "str"), ("platz", "pl")];
/// Words that mean the same. A dot may stand behind all but the first.
const SAME: [&[&str]; 8] = [
    &["avenue", "av", "ave"],
    &["boulevard", "bd", "blvd"],
    &["chemin", "ch"],
    &["place", "pl"],
    &["road", "rd"],
    &["route", "rte"],
    &["rue", "r"],
    &["street", "st"],
];
/// Of these, those that stand behind a name.
const ENGLISH: [&str; 2] = ["road", "street"];

/// The words of an address, with the first word for a street in all its lengths.
pub(super) fn streets(given: &[String]) -> Vec<Vec<String>> {
    let mut forms = vec![given.to_vec()];
    let first =
        |street: fn(&[String], usize) -> Option<Street>| (0..given.len()).find_map(|at| Some((at, street(given, at)?)));
    let Some((at, street)) = first(street).or_else(|| first(foreign_street)) else { return forms };
    let behind = &given[at + street.length..];
    forms.extend(street.ways.iter().map(|way| [&given[..at], way, behind].concat()));
    forms
}

/// A word for a street, how many words it is long, and how else it may be written.
struct Street {
    length: usize,
    ways: Vec<Vec<String>>,
}

fn dots(given: &[String], at: usize) -> usize {
    usize::from(given.get(at).is_some_and(|word| word == "."))
}

fn street(given: &[String], at: usize) -> Option<Street> {
    let word = given[at].as_str();
    for (long, short) in STREETS {
        // `Berner Strasse` begins one word before.
        let next = given.get(at + 1).filter(|next| *next == long || *next == short);
        let (stem, length) = match (next, word.strip_suffix(long).or_else(|| word.strip_suffix(short))) {
            (Some(_), _) if word.starts_with(char::is_alphabetic) => (word, 2 + dots(given, at + 2)),
            (_, Some(stem)) if !stem.is_empty() => (stem, 1 + dots(given, at + 1)),
            _ => continue,
        };
        let way = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let (joined_long, joined_short) = (format!("{stem}{long}"), format!("{stem}{short}"));
        let ways = vec![
            way(&[&joined_long]),
            way(&[&joined_short, "."]),
            way(&[&joined_short]),
            way(&[stem, long]),
            way(&[stem, short, "."]),
        ];
        return Some(Street { length, ways });
    }
    None
}

fn foreign_street(given: &[String], at: usize) -> Option<Street> {
    let word = given[at].as_str();
    let same = SAME.iter().find(|same| same.contains(&word))?;
    let length = if word == same[0] { 1 } else { 1 + dots(given, at + 1) };
    // `St` before a name is a saint, and `r` behind one no street.
    let before_name = given.get(at + length).is_some_and(|next| next.starts_with(char::is_alphabetic));
    if word != same[0] && before_name == ENGLISH.contains(&same[0]) {
        return None;
    }
    let alone = same.iter().map(|word| vec![(*word).to_owned()]);
    let with_dot = same[1..].iter().map(|word| vec![(*word).to_owned(), ".".to_owned()]);
    Some(Street { length, ways: alone.chain(with_dot).collect() })
}
