//! Payment cards (ISO/IEC 7812): the issuer's range, its lengths and the Luhn check must be right.
//!
//! Written without anything between, or in the groups that stand on cards, with one of space, dot,
//! hyphen and slash between them; behind a word such as `card` or `Visa` in any groups.
//! Visa numbers of 13 and Maestro numbers of 12 to 15 digits are no longer issued and left alone,
//! since bar codes look the same; so are bare digits that hang on a word (`testcase-4111…`) or follow other bare digits and a comma.

use super::group::{Number, Strength};
use super::words::Topic;

/// How sure it is that this is a card's number, if it may be one.
pub(super) fn is_card(number: &Number<'_>) -> Option<Strength> {
    let grouped = matches!(*number.lengths(), [14..=19] | [4, 6, 4 | 5] | [4, 4, 4, 4] | [4, 4, 4, 4, 2 | 3] | [6, 13]);
    let written = grouped && number.is_parted_by(&[" ", "-", " - ", ".", "/"]);
    let named = number.topic == Topic::Card && number.is_parted();
    let digits = number.digits().filter(|digits| (14..=19).contains(&digits.len()))?;
    if number.has_plus() || !(written || named) {
        return None;
    }
    let first = &number.groups[0];
    let part = (first.path || first.in_row) && number.groups.len() == 1 && number.topic != Topic::Card;
    if part {
        return None;
    }
    let other = digits.bytes().any(|digit| digit != digits.as_bytes()[0]);
    (is_issued(digits) && is_luhn(digits) && other).then_some(Strength::Clear)
}

/// Ranges and lengths of the networks that issue cards, by their published first digits.
fn is_issued(digits: &str) -> bool {
    let first = |count: usize| digits[..count].parse::<u32>().expect("a card number has 14 digits or more");
    match digits.len() {
        // Diners Club.
        14 => matches!(first(3), 300..=305 | 309 | 360..=369 | 380..=399),
        // American Express.
        15 => matches!(first(2), 34 | 37),
        // Visa, Mastercard, Discover, JCB, Maestro, UnionPay.
        16 => {
            matches!(first(1), 4)
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(3), 644..=649)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011)
                || is_maestro(first(4))
        }
        17 => first(2) == 62,
        18 => first(2) == 62 || is_maestro(first(4)),
        19 => first(1) == 4 || first(2) == 62 || is_maestro(first(4)),
        _ => false,
    }
}

fn is_maestro(first: u32) -> bool {
    matches!(first, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
}

fn is_luhn(digits: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
    values.map(|(place, digit)| if place % 2 == 1 { doubled(digit) } else { digit }).sum::<u32>() % 10 == 0
}
