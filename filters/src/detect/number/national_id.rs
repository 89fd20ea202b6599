//! National identity and tax numbers.
//!
//! | number | decided by | written |
//! |---|---|---|
//! | German tax id | repeated digits, check digit (ISO 7064, MOD 11,10) | 11 digits, or 2-3-3-3; otherwise behind a word such as `IdNr.` |
//! | French NIR | month, key (97 less the rest) | 15 digits, 1-2-2-2-3-3-2 or 13-2; otherwise behind a word such as `NIR` |
//! | Italian codice fiscale | pattern, control letter | 16 letters and digits in any groups, behind `codice fiscale` |
//! | Austrian SVNR | date, check digit | 4-6; otherwise behind a word such as `SVNR` |
//! | UK NINO | prefix, suffix | `QQ 12 34 56 C`, `QQ 123 456 C` or 9 letters and digits; otherwise behind `NINO` |
//! | US SSN | area, group, serial | `123-45-6789`; otherwise behind `SSN` or `security` |
//!
//! Sources: BZSt, INSEE, Agenzia delle Entrate (D.M. 23/12/1976), Dachverband der
//! Sozialversicherungsträger, HMRC NIM39110, SSA.

use super::group::{Number, Strength};
use super::words::Topic;
use Strength::{Clear, Plain};

/// How sure it is that this is an identity number, if it may be one.
pub(super) fn is_national_id(number: &Number<'_>) -> Option<Strength> {
    if number.has_plus() || !number.is_parted() {
        return None;
    }
    let text = number.text;
    let bytes = text.as_bytes();
    let named = number.topic.is_id() && !number.is_broken();
    if number.digits().is_none() {
        let fits = match text.len() {
            9 => is_nino(bytes) && begins_and_ends_in_letters(number) && (named || is_usual_nino(number)),
            15 => (named || is_usual_nir(number)) && is_nir(text),
            16 => is_codice_fiscale(bytes),
            _ => false,
        };
        return fits.then_some(Clear);
    }
    let lengths = number.lengths();
    let fits = match text.len() {
        11 => {
            (named || matches!(*lengths, [11] | [2, 3, 3, 3]) && number.is_parted_by(&[" "])) && is_german_tax_id(bytes)
        }
        15 => (named || is_usual_nir(number)) && is_nir(text),
        10 => {
            let written = *lengths == [4, 6] && number.is_parted_by(&[" ", "-", "/"]);
            (named || written) && is_svnr(bytes)
        }
        9 => {
            let written = *lengths == [3, 2, 4] && number.is_parted_by(&["-"]);
            let social = number.topic == Topic::Id && matches!(*lengths, [3, 2, 4] | [9]);
            (written || social) && is_ssn(text)
        }
        _ => false,
    };
    let clear = named || lengths.len() == 1 || text.len() == 15;
    fits.then_some(if clear { Clear } else { Plain })
}

fn is_usual_nino(number: &Number<'_>) -> bool {
    let usual = matches!(*number.lengths(), [9] | [2, 6, 1] | [2, 7] | [2, 2, 2, 2, 1] | [2, 3, 3, 1]);
    let capitals = number.groups.len() == 1 || number.groups.iter().all(|group| group.capitals);
    usual && capitals && number.is_parted_by(&[" ", "-"]) && !number.is_broken()
}

fn is_usual_nir(number: &Number<'_>) -> bool {
    let usual = matches!(*number.lengths(), [15] | [1, 2, 2, 2, 3, 3, 2] | [13, 2]);
    usual && number.is_parted_by(&[" ", ".", "-"]) && !number.groups[0].in_row
}

/// Whether the first group is or begins with letters, and the last is or ends with one.
fn begins_and_ends_in_letters(number: &Number<'_>) -> bool {
    let (first, last) = (number.groups[0].text, number.groups[number.groups.len() - 1].text);
    first.len() > 1 && last.as_bytes().last().is_some_and(u8::is_ascii_lowercase)
}

/// Whether a number with letters may begin with this part of a word.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    match letters {
        0 => bytes.len() <= 16,
        2 => bytes.len() <= 9 && is_nino_prefix(bytes) || bytes.len() == 2,
        6 => bytes.len() <= 16,
        1 if matches!(bytes[0], b'x'..=b'z') => bytes.len() <= 9,
        1 | 3..=5 => bytes.len() == letters,
        _ => false,
    }
}

/// Whether a number may begin with this whole word, which has letters.
pub(super) fn begins(word: &[u8]) -> bool {
    let digit = word[0].is_ascii_digit();
    let fits = match word.len() {
        2 => !digit && is_nino_prefix(word),
        9 | 16 => !digit,
        12 | 13 | 15 => digit,
        _ => false,
    };
    fits && may_begin(word)
}

fn value(byte: u8) -> u32 {
    u32::from(byte - b'0')
}

fn is_german_tax_id(digits: &[u8]) -> bool {
    let mut counts = [0; 10];
    digits[..10].iter().for_each(|digit| counts[value(*digit) as usize] += 1);
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    if digits[0] == b'0' || repeated != 1 || most > 3 {
        return false;
    }
    let product = digits[..10].iter().fold(10, |product, digit| {
        let sum = (product + value(*digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == value(digits[10])
}

/// With `2a` and `2b` for the departments of Corsica, which count as 19 and 18.
fn is_nir(text: &str) -> bool {
    let department = match &text[5..7] {
        "2a" => "19",
        "2b" => "18",
        department => department,
    };
    let digits = [&text[..5], department, &text[7..]].concat();
    let month = |month: u32| matches!(month, 1..=12 | 20 | 30..=42 | 50..=99);
    let known = matches!(digits.as_bytes()[0], b'1' | b'2') && digits[3..5].parse().is_ok_and(month);
    let (Ok(body), Ok(key)) = (digits[..13].parse::<u64>(), digits[13..].parse::<u64>()) else { return false };
    known && 97 - body % 97 == key
}

fn is_svnr(digits: &[u8]) -> bool {
    let two = |at: usize| value(digits[at]) * 10 + value(digits[at + 1]);
    // Where a birthday is not known the month goes up to 15.
    let date = (1..=31).contains(&two(4)) && (1..=15).contains(&two(6));
    let weights = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum();
    digits[0] != b'0' && date && sum % 11 == value(digits[3])
}

fn is_ssn(digits: &str) -> bool {
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    !matches!(area, "000" | "666") && !area.starts_with('9') && group != "00" && serial != "0000"
}

fn is_nino(text: &[u8]) -> bool {
    is_nino_prefix(text) && text[2..8].iter().all(u8::is_ascii_digit) && matches!(text[8], b'a'..=b'd')
}

fn is_nino_prefix(text: &[u8]) -> bool {
    let unused = |byte: u8| matches!(byte, b'd' | b'f' | b'i' | b'q' | b'u' | b'v');
    let (first, second) = (text[0], text[1]);
    let letters = first.is_ascii_lowercase() && second.is_ascii_lowercase();
    let refused = matches!(&text[..2], b"bg" | b"gb" | b"nk" | b"kn" | b"tn" | b"nt" | b"zz");
    letters && !unused(first) && !unused(second) && second != b'o' && !refused
}

/// Letters that stand for digits where two people would have the same code.
const OMOCODIA: &[u8; 10] = b"lmnpqrstuv";

fn is_codice_fiscale(text: &[u8]) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || OMOCODIA.contains(&byte);
    let fits = text.iter().enumerate().all(|(at, byte)| match at {
        6 | 7 | 9 | 10 | 12..=14 => digit(*byte),
        8 => b"abcdehlmprst".contains(byte),
        _ => byte.is_ascii_lowercase(),
    });
    if !fits {
        return false;
    }
    // The values of characters at odd places, counted from 1: 0 to 9 as a to j, then k to z.
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let index = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'a' });
    let odd_or_even = |(at, byte): (usize, &u8)| match at % 2 {
        0 => ODD[index(*byte) as usize],
        _ => index(*byte),
    };
    let sum: u32 = text[..15].iter().enumerate().map(odd_or_even).sum();
    sum % 26 == index(text[15])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_prose_is_given_up_after_six_letters() {
        assert!(may_begin(b"rssmra") && may_begin(b"rssmra85t10a562s") && may_begin(b"ab12"));
        assert!(!may_begin(b"meeting") && !may_begin(b"u12") && may_begin(b"x12") && !may_begin(b"gb12"));
    }
}
