//! Swiss social security numbers (AHV, AVS): `756.xxxx.xxxx.xc`, c being the check digit of EAN-13.
//!
//! Written with dots, spaces or hyphens between those groups, or without anything.
//! Source: Federal Central Compensation Office, "Die Versichertennummer".

use super::Number;

pub(super) fn is_ahv(number: &Number<'_>) -> bool {
    let grouped = matches!(*number.lengths, [13] | [3, 4, 4, 2]);
    let digits = number.digits().filter(|digits| digits.starts_with("756"));
    let parted = number.is_parted_by(&[".", " ", "-"]);
    grouped && parted && !number.has_plus() && digits.is_some_and(is_ean_13)
}

fn is_ean_13(digits: &str) -> bool {
    let weighted = digits.bytes().zip([1, 3].into_iter().cycle());
    weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>() % 10 == 0
}
