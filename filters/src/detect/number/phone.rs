//! Telephone numbers.
//!
//! International: `+` or `00`, an assigned country code and as many digits as its plan has (ITU-T
//! E.164 and the national plans it lists), in any grouping, with a `(0)` behind the country code.
//! National: what the plans of CH (BAKOM), DE (BNetzA), AT (RTR), FR (ARCEP), IT (AGCOM) and North
//! America make look like nothing else; LI's seven digits, and Italian mobiles without a space,
//! only behind a word such as `Tel.`. Numbers without `+` behind words such as `order` or `ISBN`
//! are left alone, and so are dates, opening hours and rising pairs (`03 11 19 28 42`).
//!
//! `phonenumber` was not taken: its metadata and regular expressions cost more than all of this
//! crate, and it does not say what is a number in running text.

use super::{Number, Topic};

pub(super) fn is_phone(number: &Number<'_>) -> bool {
    let Some(digits) = number.digits() else { return false };
    if !number.separators().all(is_separator) || number.groups[1..].iter().any(|group| group.plus.is_some()) {
        return false;
    }
    if number.groups[0].plus.is_some() {
        return is_international(number, 0);
    }
    if number.topic == Topic::Thing {
        return false;
    }
    if digits.starts_with("00") {
        return number.groups[0].text.len() > 1 && is_international(number, 2);
    }
    is_national(number, digits)
}

fn is_separator(separator: &str) -> bool {
    matches!(
        separator,
        " " | "." | "-" | "/" | " (" | ") " | "(" | ")" | " - " | " / " | ")-" | ")/" | "-(" | "- " | " -"
    )
}

/// Whether the digits from `skip` on are a country code and a number of its plan.
fn is_international(number: &Number<'_>, skip: usize) -> bool {
    let mut digits = String::new();
    let groups = number.groups;
    for (place, group) in groups.iter().enumerate() {
        let behind = groups.get(place + 1).map_or("", |next| next.before.as_str());
        // The zero of `+41 (0)44` is not dialled.
        let trunk = place > 0
            && group.text.as_bytes() == b"0"
            && group.before.as_bytes().ends_with(b"(")
            && behind.starts_with(')');
        if !trunk {
            digits += group.text.as_str();
        }
    }
    let digits = &digits[skip.min(digits.len())..];
    let country = (1..=3.min(digits.len())).find_map(|count| {
        let code = digits[..count].parse().ok()?;
        plan(code).map(|lengths| (code, &digits[count..], lengths))
    });
    let Some((code, national, (least, most))) = country else { return false };
    let fits = |national: &str| (least..=most).contains(&national.len());
    match code {
        1 => national.len() == 10 && is_north_american(national),
        // Numbers of these countries may begin with a zero.
        39 | 225 | 242 | 241 | 378 => fits(national),
        // The zero is written here by mistake now and then.
        33 | 41 | 43 | 49 => fits(national.strip_prefix('0').unwrap_or(national)) && !national.starts_with("00"),
        _ => fits(national) && !national.starts_with('0'),
    }
}

/// The least and most digits behind a country code, if it is assigned.
#[rustfmt::skip]
fn plan(code: u16) -> Option<(usize, usize)> {
    Some(match code {
        1 | 7 | 30 | 52 | 58 | 90 | 91 => (10, 10),
        20 | 57 | 60 | 63 | 64 | 82 | 98 => (8, 10),
        27 | 31 | 33 | 34 | 40 | 41 | 48 | 61 | 93 | 94 => (9, 9),
        32 | 51 | 66 => (8, 9),
        36 => (8, 9),
        39 => (6, 11),
        43 => (7, 13),
        44 => (9, 10),
        45 | 47 | 53 | 65 => (8, 8),
        46 | 95 => (7, 10),
        49 => (6, 12),
        54 | 55 | 56 | 86 => (9, 11),
        62 => (8, 12),
        81 | 84 | 92 => (9, 10),
        423 => (7, 9),
        211..=213 | 216 | 218 | 220..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=389 | 420 | 421 |
        500..=509 | 590..=599 | 670..=692 | 850..=856 | 880 | 886 | 960..=979 | 992..=998 => (6, 11),
        _ => return None,
    })
}

fn is_north_american(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes[0] > b'1' && bytes[3] > b'1' && !digits.starts_with("555555")
}

fn is_national(number: &Number<'_>, digits: &str) -> bool {
    let lengths = number.lengths;
    let groups = number.groups;
    let called = number.topic == Topic::Phone;
    if is_date(lengths, groups[0].text.as_str()) || is_hours(number) {
        return false;
    }
    if !digits.starts_with('0') {
        return match *lengths {
            // Italian mobiles, and North America, which looks the same.
            [3, 3, 4] => {
                is_italian_mobile(digits) || is_north_american(digits) && (called || is_american_style(number))
            }
            [3, 7] => is_italian_mobile(digits),
            [10] => called && is_italian_mobile(digits),
            [3, 2, 2] => called && matches!(digits.as_bytes()[0], b'2' | b'3' | b'6' | b'7'),
            _ => false,
        };
    }
    let first = lengths[0];
    let swiss = digits.len() == 10 && is_swiss(digits) && matches!(first, 3 | 4 | 10);
    swiss || is_french(number, digits, called) || is_with_area_code(number, digits, called)
}

/// `01.02.2024` and `1-2-24`, perhaps with a time behind.
fn is_date(lengths: &[usize], first: &str) -> bool {
    let short = first.len() <= 2 && first.parse().is_ok_and(|day: u32| (1..=31).contains(&day));
    short && matches!(lengths, [_, 1 | 2, 4, ..] | [_, 1 | 2, 2])
}

/// `0800-1200`
fn is_hours(number: &Number<'_>) -> bool {
    let time =
        |text: &str| text[..2].parse().is_ok_and(|h: u32| h < 25) && text[2..].parse().is_ok_and(|m: u32| m < 60);
    *number.lengths == [4, 4] && number.groups.iter().all(|group| time(group.text.as_str()))
}

fn is_italian_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    digits.len() == 10 && bytes[0] == b'3' && matches!(bytes[1], b'2'..=b'9')
}

/// `(212) 555-0142` or with hyphens or dots all through.
fn is_american_style(number: &Number<'_>) -> bool {
    let bracket = number.groups[1].before.as_bytes().starts_with(b")") && number.groups[2].before.as_bytes() == b"-";
    bracket || number.is_parted_by(&["-", "."])
}

/// Area codes and mobile and service numbers of Switzerland.
fn is_swiss(digits: &str) -> bool {
    let area = digits[1..3].parse().unwrap_or(0);
    let known = matches!(area, 21 | 22 | 24 | 26 | 27 | 31..=34 | 41 | 43 | 44 | 51 | 52 | 55 | 56 | 58 | 61 | 62 | 71
        | 74..=79 | 81 | 91);
    known || digits.starts_with("0800") || digits.starts_with("084") || digits.starts_with("090")
}

fn is_french(number: &Number<'_>, digits: &str, called: bool) -> bool {
    if digits.len() != 10 || digits.as_bytes()[1] == b'0' {
        return false;
    }
    let mobile = matches!(digits.as_bytes()[1], b'6' | b'7');
    match *number.lengths {
        [10] | [2, 8] => mobile || called,
        [2, 2, 2, 2, 2] => {
            let rising = number.groups.windows(2).all(|pair| pair[0].text.as_bytes() < pair[1].text.as_bytes());
            number.is_parted_by(&[" ", ".", "-", "/"]) && (called || !rising)
        }
        _ => false,
    }
}

/// Germany, Austria and Italy: area codes and numbers of many lengths, so what parts them is needed,
/// but for mobiles.
fn is_with_area_code(number: &Number<'_>, digits: &str, called: bool) -> bool {
    let lengths = number.lengths;
    let (area, bytes) = (lengths[0], digits.as_bytes());
    let german_mobile = bytes.starts_with(b"01") && matches!(bytes.get(2), Some(b'5'..=b'7'));
    if lengths.len() == 1 {
        let austrian = ["0650", "0660", "0664", "0676", "0680", "0681", "0688", "0699"];
        let mobile =
            german_mobile && matches!(digits.len(), 11 | 12) || digits.len() == 11 && austrian.contains(&&digits[..4]);
        return mobile || called && (8..=12).contains(&digits.len()) && bytes[1] != b'0';
    }
    let fits = match area {
        2 => {
            bytes[1] == b'1' && digits.len() >= 8 || matches!(bytes[1], b'2' | b'6') && (9..=11).contains(&digits.len())
        }
        3..=5 => matches!(bytes[1], b'2'..=b'9') || german_mobile && area > 3,
        _ => false,
    };
    // A dot alone may be a decimal one.
    let dotted = lengths.len() < 3 && number.separators().any(|separator| separator == ".");
    let parts = lengths[1..].iter().all(|length| *length <= 9) && lengths[1] > usize::from(area == 2) + 1;
    // Behind ten digits of Switzerland there is something else.
    let mut ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    let longer = digits.len() > 10 && is_swiss(digits) && ends.any(|end| end == 10);
    fits && !dotted && parts && !longer && (8..=12).contains(&digits.len())
}
