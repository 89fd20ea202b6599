//! Numbers of passports, identity cards, permits and number plates: they have no check that all countries share, so only a
//! word such as `passport` or `Kennzeichen` directly before says what they are.
//!
//! Documents: 7 to 16 letters and digits in one group, three of them digits (12 digits at most), or one or two letters and
//! six to eight digits (ICAO 9303 allows nine characters, licences have more), or the number of a person in ZEMIS; behind
//! the bare word `Pass` one or two letters and seven digits. Plates: up to three letters twice, one to six digits, up to two
//! letters; or digits first, as in the Netherlands, Belgium and Spain (`12-ABC-3`, `1234 BCD`), but no year: `D 2024` is no
//! plate. Letters are capitals, so that `der 12` is none.

use super::group::{Number, Sort};
use super::phone::is_year;
use super::words::Topic;

/// Whether the words before say that it is one, and it looks like one.
pub(super) fn is_document(number: &Number<'_>) -> bool {
    let letters = number.text.bytes().filter(u8::is_ascii_lowercase).count();
    let digits = number.text.len() - letters;
    let capitals = number.groups.iter().all(|group| group.capitals);
    if !capitals || !number.is_parted() || number.has_plus() || number.is_broken() {
        return false;
    }
    let lengths = number.lengths();
    match number.topic {
        Topic::Document => match *lengths {
            [7..=16] => digits > 2 && (letters > 0 || digits <= 12),
            [1 | 2, 6..=8] => letters == lengths[0],
            [8 | 9, 1] => letters == 0 && number.is_parted_by(&["."]),
            _ => false,
        },
        Topic::Pass => {
            let first = number.text.bytes().take_while(u8::is_ascii_lowercase).count();
            lengths.len() == 1 && matches!(first, 1 | 2) && letters == first && digits == 7
        }
        Topic::Plate => is_plate(number, letters, digits),
        _ => false,
    }
}

fn is_plate(number: &Number<'_>, letters: usize, digits: usize) -> bool {
    let short = number.groups.iter().all(|group| group.sort != Sort::Letters || group.text.len() <= 3);
    let year = number.groups.iter().any(|group| is_year(group.text.as_str()));
    if !short || !(4..=9).contains(&number.text.len()) || letters == 1 && year {
        return false;
    }
    if number.groups[0].text.as_bytes()[0].is_ascii_lowercase() {
        return (1..=6).contains(&digits) && letters <= 5;
    }
    let hyphens = number.groups.len() == 3 && number.is_parted_by(&["-"]);
    let written = letters == 3 && !year || letters == 2 && hyphens;
    let last = number.groups[number.groups.len() - 1].sort;
    written
        && matches!(digits, 3 | 4)
        && (hyphens || number.groups.len() == 1 || *number.lengths() == [4, 3] && last == Sort::Letters)
}
