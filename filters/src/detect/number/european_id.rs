//! Identity numbers of Spain, Belgium, the Netherlands, Poland and Luxembourg, and the German pension number.
//!
//! | number | decided by | written |
//! |---|---|---|
//! | ES DNI, NIE | control letter (number modulo 23) | `12345678-Z`, `X1234567L`; DNI otherwise behind `DNI` or `NIF` |
//! | BE national number | date, check (97 less the rest) | 11 digits, or `85.07.30-033.28` |
//! | NL BSN | eleven test | 9 digits behind `BSN` |
//! | PL PESEL | date, check digit | 11 digits behind `PESEL` |
//! | LU matricule | date, Luhn, Verhoeff | 13 digits, or 4-2-2-5 and 8-5 |
//! | DE pension | birthday, letter, check digit | 12 letters and digits, or 2-6-1-3 |
//!
//! Liechtenstein numbers its people with the Swiss AHV number.
//! Sources: Ministerio del Interior, Rijksregister (KB 3.4.1984), Belastingdienst, Dz.U. 2010 nr 217, CTIE, § 147 SGB VI
//! with VKVV § 2 to 4.

use super::group::Number;
use super::words::Topic;

/// Whether it is one of these.
pub(super) fn is_european_id(number: &Number<'_>) -> bool {
    let (text, bytes, lengths) = (number.text, number.text.as_bytes(), number.lengths());
    let named = number.topic.is_id() && !number.is_broken();
    if number.digits().is_none() {
        return match text.len() {
            9 => {
                let written = matches!(*lengths, [8, 1] | [2, 3, 3, 1]) && number.separators().last() == Some("-");
                (named || number.groups[0].capitals) && is_nie(text) || (named || written) && is_dni(text)
            }
            12 => {
                (named || matches!(*lengths, [12] | [2, 6, 1, 3] | [2, 2, 2, 2, 1, 3] | [8, 1, 3]))
                    && is_pension_number(bytes)
            }
            _ => false,
        };
    }
    match text.len() {
        9 => number.topic == Topic::Code && is_bsn(bytes),
        11 => {
            let written = matches!(*lengths, [11] | [2, 2, 2, 3, 2] | [6, 3, 2] | [6, 5]);
            (named || written) && is_belgian(text) || number.topic == Topic::Code && is_pesel(bytes)
        }
        13 => {
            (named || matches!(*lengths, [13] | [4, 2, 2, 5] | [8, 5] | [4, 4, 5] | [4, 4, 3, 2]))
                && is_luxembourgish(bytes)
        }
        _ => false,
    }
}

fn digit(byte: u8) -> u32 {
    u32::from(byte - b'0')
}

fn two(bytes: &[u8], at: usize) -> u32 {
    digit(bytes[at]) * 10 + digit(bytes[at + 1])
}

fn is_dni(text: &str) -> bool {
    let (number, letter) = text.split_at(8);
    number.parse().is_ok_and(|number: usize| letter.as_bytes()[0] == b"trwagmyfpdxbnjzsqvhlcke"[number % 23])
}

fn is_nie(text: &str) -> bool {
    let first = ["x", "y", "z"].iter().position(|first| text.starts_with(first));
    first.is_some_and(|first| is_dni(&format!("{first}{}", &text[1..])))
}

/// With the month raised by 20 or 40 for those who are in no register.
fn is_belgian(text: &str) -> bool {
    let (Ok(body), Ok(check)) = (text[..9].parse::<u64>(), text[9..].parse::<u64>()) else { return false };
    let date = matches!(two(text.as_bytes(), 2), 0..=12 | 20..=32 | 40..=52) && two(text.as_bytes(), 4) <= 31;
    date && [body, 2_000_000_000 + body].iter().any(|body| 97 - body % 97 == check)
}

fn is_bsn(digits: &[u8]) -> bool {
    let sum: u32 = digits[..8].iter().zip((2..=9).rev()).map(|(byte, weight)| digit(*byte) * weight).sum();
    sum > 0 && sum % 11 == digit(digits[8])
}

/// With 20 to 80 added to the month for other centuries than the 20th.
fn is_pesel(digits: &[u8]) -> bool {
    let date = (1..=12).contains(&(two(digits, 2) % 20)) && (1..=31).contains(&two(digits, 4));
    let sum: u32 =
        digits.iter().zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).map(|(byte, weight)| digit(*byte) * weight).sum();
    date && sum.is_multiple_of(10)
}

fn is_luxembourgish(digits: &[u8]) -> bool {
    let year = (18..=20).contains(&two(digits, 0));
    let date = (1..=12).contains(&two(digits, 4)) && (1..=31).contains(&two(digits, 6));
    let luhn: u32 = (digits[..12].iter().rev().enumerate())
        .map(|(place, byte)| digit(*byte) * (1 + place as u32 % 2))
        .map(|value| if value > 9 { value - 9 } else { value })
        .sum();
    let verhoeff = [&digits[..11], &digits[12..]].concat();
    year && date && luhn.is_multiple_of(10) && is_verhoeff(&verhoeff)
}

/// J. Verhoeff, "Error Detecting Decimal Codes" (1969): the last digit makes the product in the dihedral group zero.
fn is_verhoeff(digits: &[u8]) -> bool {
    const PERMUTED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |one: u32, other: u32| match (one < 5, other < 5) {
        (true, true) => (one + other) % 5,
        (true, false) => (one + other) % 5 + 5,
        (false, true) => (one + 5 - other) % 5 + 5,
        (false, false) => (one + 5 - other) % 5,
    };
    let permuted =
        |place: usize, value: u32| (0..place % 8).fold(value, |value, _| u32::from(PERMUTED[value as usize]));
    let places = digits.iter().rev().enumerate();
    places.fold(0, |check, (place, byte)| product(check, permuted(place, digit(*byte)))) == 0
}

/// Area, birthday, the first letter of the name at birth, a serial number and a check digit.
fn is_pension_number(text: &[u8]) -> bool {
    let digits = text
        .iter()
        .enumerate()
        .all(|(at, byte)| if at == 8 { byte.is_ascii_lowercase() } else { byte.is_ascii_digit() });
    if !digits || !(1..=31).contains(&two(text, 2)) || !(1..=12).contains(&two(text, 4)) {
        return false;
    }
    let letter = u32::from(text[8] - b'a' + 1);
    let values =
        text[..8].iter().map(|byte| digit(*byte)).chain([letter / 10, letter % 10, digit(text[9]), digit(text[10])]);
    let products = values.zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(value, weight)| value * weight);
    products.map(|product| product / 10 + product % 10).sum::<u32>() % 10 == digit(text[11])
}

#[cfg(test)]
mod tests {
    use super::is_verhoeff;

    #[test]
    fn a_verhoeff_digit_is_right_or_not() {
        assert!(is_verhoeff(b"2363") && is_verhoeff(b"123451"));
        assert!(!is_verhoeff(b"2364") && !is_verhoeff(b"2633") && !is_verhoeff(b"123450"));
    }
}
