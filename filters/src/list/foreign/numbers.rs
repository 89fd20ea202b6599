//! Telephone numbers as `+` and digits (E.164), however they are written.

/// A country whose national numbers can be told from how they are written.
#[derive(Clone, Copy)]
pub(crate) struct Country {
    /// ISO 3166.
    pub code: &'static str,
    /// What an international number begins with.
    calling_code: &'static str,
    /// Whether a zero is dialled at home that is left out from abroad.
    zero: bool,
}

const fn country(code: &'static str, calling_code: &'static str, zero: bool) -> Country {
    Country { code, calling_code, zero }
}

/// Where Apertus' readers and the people in its training text are most likely to live.
#[rustfmt::skip]
pub(crate) const COUNTRIES: [Country; 13] = [
    country("CH", "41", true), country("LI", "423", false), country("DE", "49", true), country("AT", "43", true),
    country("FR", "33", true), country("IT", "39", false), country("GB", "44", true), country("BE", "32", true),
    country("NL", "31", true), country("LU", "352", false), country("ES", "34", false), country("PT", "351", false),
    country("US", "1", false),
];

/// Digits of an E.164 number, without its plus.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Writes the number that these digits are, of which `plus` says whether a plus stands before them;
/// false if they are none. `home` is where a number without a country belongs.
pub(crate) fn write_e164(digits: &str, plus: bool, home: Option<Country>, out: &mut String) -> bool {
    out.clear();
    out.push('+');
    match (if plus { Some(digits) } else { digits.strip_prefix("00") }, home) {
        (Some(international), _) => {
            let with_zero = COUNTRIES.iter().filter(|country| country.zero).map(|country| country.calling_code);
            let code = with_zero.into_iter().find(|code| international.starts_with(code)).unwrap_or_default();
            out.push_str(code);
            // `+41 (0)44` has both.
            let national = &international[code.len()..];
            out.push_str(if code.is_empty() { national } else { national.strip_prefix('0').unwrap_or(national) });
        }
        (None, Some(home)) => {
            let national = if home.zero { digits.strip_prefix('0') } else { Some(digits) };
            let Some(national) = national else { return false };
            out.push_str(home.calling_code);
            out.push_str(national);
        }
        (None, None) => return false,
    }
    DIGITS.contains(&(out.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_numbers() {
        let home = |code: &str| COUNTRIES.iter().find(|country| country.code == code).copied();
        for (digits, plus, country, expected) in [
            ("41446681800", true, "", "+41446681800"),
            ("410446681800", true, "", "+41446681800"),
            ("0041446681800", false, "", "+41446681800"),
            ("0446681800", false, "CH", "+41446681800"),
            ("0446681800", false, "", ""),
            ("446681800", false, "CH", ""),
            ("0301234567", false, "DE", "+49301234567"),
            ("0612345678", false, "IT", "+390612345678"),
            ("2025550143", false, "US", "+12025550143"),
            ("390612345678", true, "", "+390612345678"),
            ("1234567", true, "", ""),
            ("1234567890123456", true, "", ""),
        ] {
            let mut out = String::new();
            let is_number = write_e164(digits, plus, home(country), &mut out);
            assert_eq!(if is_number { out.as_str() } else { "" }, expected, "{digits} in {country}");
        }
    }
}
