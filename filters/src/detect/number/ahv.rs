//! Swiss social security numbers (AHV, AVS): `756.xxxx.xxxx.xc`, c being the check digit of EAN-13.
//!
//! Written without anything, or in any groups of which the first is or begins with the 756.
//! Source: Federal Central Compensation Office, "Die Versichertennummer".

use super::Number;

pub(super) fn is_ahv(number: &Number<'_>) -> bool {
    let digits = number.digits().filter(|digits| digits.len() == 13 && digits.starts_with("756"));
    let grouped = number.groups[0].text.len() > 2 && number.is_parted();
    grouped && !number.has_plus() && digits.is_some_and(is_ean_13)
}

fn is_ean_13(digits: &str) -> bool {
    let weighted = digits.bytes().zip([1, 3].into_iter().cycle());
    weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>() % 10 == 0
}
