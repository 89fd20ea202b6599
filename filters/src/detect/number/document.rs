//! Numbers of passports, identity cards, permits and number plates: they have no check that all countries share, so only a
//! word such as `passport` or `Kennzeichen` directly before says what they are.
//!
//! Documents: 7 to 10 letters and digits in one group, three of them digits, or one or two letters and six to eight
//! digits (ICAO 9303 allows nine characters). Plates: up to three letters twice, one to six digits, up to two letters.
//! Letters are capitals, so that `der 12` is none.

use super::group::{Number, Sort};
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
            [7..=10] => digits > 2,
            [1 | 2, 6..=8] => letters == lengths[0],
            _ => false,
        },
        Topic::Plate => {
            let short = number.groups.iter().all(|group| group.sort != Sort::Letters || group.text.len() <= 3);
            let begins = number.groups[0].text.as_bytes()[0].is_ascii_lowercase();
            begins && short && (1..=6).contains(&digits) && letters <= 5 && (4..=9).contains(&number.text.len())
        }
        _ => false,
    }
}
