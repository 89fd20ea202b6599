//! Spellings: umlauts as one letter or two, words joined or apart.

use unicode_normalization::UnicodeNormalization as _;

use crate::canonical::Canonical;

/// More places than this in one entry are written all one way or all the other.
const MAX_PLACES: u32 = 4;

/// More ways to join the parts of one name than this are not made one by one.
const MAX_JOINED: usize = 8;

/// The text with umlauts as they are and as two letters, and what looks like an umlaut written as
/// two letters also as one; hyphenated and apostrophised words also joined.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let mut spellings = umlaut_spellings(text);
    for index in 0..spellings.len() {
        let (apart, joined) = (parted(&spellings[index]), joined(&spellings[index]));
        spellings.extend(apart.into_iter().chain(joined));
    }
    spellings
}

/// The parts of a name in the same spellings, each part joined on its own: `Annemarie` does not say
/// whether `Müller-Meier` is joined too.
pub(super) fn spellings_of_parts(parts: &[String]) -> Vec<Vec<String>> {
    let mut spellings = Vec::new();
    for spelling in umlaut_spellings(&parts.join(" ")) {
        let choices: Vec<Vec<String>> = spelling.split(' ').map(ways_to_join).collect();
        if choices.len() != parts.len() {
            continue;
        }
        let count: usize = choices.iter().map(Vec::len).product();
        if count == 1 {
            spellings.push(choices.concat());
            continue;
        }
        if count <= MAX_JOINED {
            spellings.extend(each_choice(&choices));
        } else {
            let all = |way: usize| choices.iter().map(|ways| ways[way.min(ways.len() - 1)].clone()).collect();
            spellings.extend((0..3).map(all));
        }
    }
    spellings
}

fn ways_to_join(part: &str) -> Vec<String> {
    if part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '\u{c0}'..='\u{24f}')) {
        return vec![part.to_owned()];
    }
    let (apart, joined) = (parted(part), joined(part));
    [part.to_owned()].into_iter().chain(apart).chain(joined).collect()
}

fn each_choice(choices: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut made = vec![Vec::new()];
    for ways in choices {
        let longer =
            |one: &Vec<String>| ways.iter().map(|way| [one.as_slice(), std::slice::from_ref(way)].concat()).collect();
        made = made.iter().flat_map(|one| -> Vec<Vec<String>> { longer(one) }).collect();
    }
    made
}

fn umlaut_spellings(text: &str) -> Vec<String> {
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
            'đ' | 'Đ' => "dj",
            _ => return None,
        })
    };
    text.char_indices().filter_map(|(at, c)| Some((at, c.len_utf8(), two_letters(c)?))).collect()
}

fn digraphs(text: &str) -> Vec<Place> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    for at in 0..bytes.len().saturating_sub(1) {
        let letter = match bytes[at..at + 2].to_ascii_lowercase().as_slice() {
            b"ae" => "a",
            b"oe" => "o",
            b"ue" => "u",
            b"dj" => "d",
            _ => continue,
        };
        // In `Bauer` or `Quentin` the two letters are not one sound.
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before].to_ascii_lowercase());
        if letter == "d" || !b"aeiouq".contains(&before) {
            places.push((at, 2, letter));
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

/// `O'Brien` as `O-Brien`, which are two words.
fn parted(text: &str) -> Option<String> {
    let canonical = Canonical::of(text).as_str().to_owned();
    canonical.contains('\'').then(|| canonical.replace('\'', "-"))
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
