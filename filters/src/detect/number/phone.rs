//! Telephone numbers.
//!
//! International: `+` or `00`, an assigned country code and as many digits as its plan has, in any
//! grouping, with a `(0)` behind the country code; behind a `+` also one digit too many.
//! Named: behind a word such as `Tel.` or `WhatsApp` any 7 to 15 digits, of whatever country; behind one such as `Call`,
//! `Handy` or `Signal` those that are in three groups or more, or begin with a zero, and are no figure.
//! National: what the plans of CH (BAKOM), DE (BNetzA), AT (RTR), FR (ARCEP), IT (AGCOM) and North
//! America make look like nothing else.
//!
//! Left alone without `+` or such a word: numbers behind words such as `order` or `ISBN`, parts of a
//! path, dates, opening hours, pairs that count up from below 06 or are all below 50 (`07 19 08 33 41`),
//! postal accounts (`01-39139-1`), postcodes (`02110-1301`), and what has separators of several sorts.
//!
//! `phonenumber` was not taken: its metadata and regular expressions cost more than all of this
//! crate, and it does not say what is a number in running text.

use super::Number;
use super::group::{Lengths, Strength};
use super::plan::International;
use super::words::Topic;
use Strength::{Clear, Plain};

/// How sure it is that this is a telephone number, if it may be one.
pub(super) fn is_phone(number: &Number<'_>) -> Option<Strength> {
    let digits = number.digits()?;
    let called = number.topic.is_phone();
    if !is_written_so(number) || number.groups[0].path && !called {
        return None;
    }
    if number.groups[0].plus.is_some() {
        return (is_international(number, 0) && !is_decimal(number) && !holds_date(number)).then_some(Clear);
    }
    if number.topic == Topic::Thing {
        return None;
    }
    if digits.starts_with("00") {
        let whole = number.groups[0].text.len() > 1 && is_international(number, 2);
        let slashes = number.separators().filter(|separator| separator.contains('/')).count();
        // Bytes and code points of a dump.
        let even = number.lengths().iter().all(|length| *length == number.groups[0].text.len());
        let dump = even && matches!(number.groups[0].text.len(), 2 | 4);
        return (whole && !holds_date(number) && (called || slashes < 2 && !dump)).then_some(if called {
            Clear
        } else {
            Plain
        });
    }
    is_national(number, digits)
}

/// Whether all digits are a number because the text says so: a `+` or a word stands before them.
pub(super) fn is_named(number: &Number<'_>) -> bool {
    let Some(digits) = number.digits() else { return false };
    let lengths = number.lengths();
    let single = lengths[1..].iter().filter(|length| **length == 1).count();
    if !is_written_so(number)
        || is_date(&lengths, number.groups[0].text.as_str())
        || is_hours(number)
        || number.is_broken()
        || is_ip(number)
        || single > 2
    {
        return false;
    }
    if number.groups[0].plus.is_some() {
        let digits = dialled(number);
        let figure = number.is_figure() || is_decimal(number) || holds_date(number);
        return !figure && international(&digits, number, 0).is_some_and(|read| read.is_nearly_whole());
    }
    let small = number.is_figure() && digits.len() < 9;
    match number.topic {
        Topic::Called => !small && (7..=15).contains(&digits.len()),
        topic => topic.takes_groups() && is_in_groups(number, digits),
    }
}

/// Whether digits are in groups as those of telephone numbers are, and as figures, counts and tables are not.
fn is_in_groups(number: &Number<'_>, digits: &str) -> bool {
    let lengths = number.lengths();
    // The word may belong to another row: `call` before a line with `1454  9.0.0412`.
    let begins_line = number.groups[0].line;
    let version = lengths[1..].contains(&1);
    if begins_line || version || is_zoned_date(number) || !(8..=13).contains(&digits.len()) {
        return false;
    }
    let trunk = digits.starts_with('0') && digits.len() > 8 && !digits.starts_with("000");
    if lengths.len() < 3 {
        return trunk && number.topic == Topic::Reached;
    }
    if number.is_figure() {
        // `Call 612 345 678`, but not `Handy 128 256 512 GB`.
        let usual = digits.len() == 9 && digits.as_bytes()[0] > b'4' && !digits.ends_with("000");
        return usual && number.topic == Topic::Reached && number.is_parted_by(&[" "]);
    }
    // Of one width are measures and samples, unless they are pairs.
    let even = lengths.iter().all(|length| *length == lengths[0]) && lengths[0] != 2;
    let years = number.groups.iter().any(|group| is_year(group.text.as_str()));
    !even && (trunk || !years)
}

/// `2024`
pub(super) fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// `06 2015 0700`, with what comes behind the month's name.
fn is_zoned_date(number: &Number<'_>) -> bool {
    let day = |text: &str| text.len() <= 2 && text.parse().is_ok_and(|day: u32| (1..=31).contains(&day));
    let [first, year, ..] = number.groups else { return false };
    matches!(*number.lengths(), [1 | 2, 4, 4]) && day(first.text.as_str()) && is_year(year.text.as_str())
}

/// Whether nothing but digits and what may part them is there.
fn is_written_so(number: &Number<'_>) -> bool {
    number.separators().all(is_separator) && number.groups[1..].iter().all(|group| group.plus.is_none())
}

fn is_separator(separator: &str) -> bool {
    matches!(
        separator,
        " " | "."
            | "-"
            | "/"
            | " ("
            | ") "
            | "("
            | ")"
            | " - "
            | " / "
            | ")-"
            | ")/"
            | "-("
            | "- "
            | " -"
            | "/ "
            | " /"
    )
}

/// `+35236450.6`, but not `+1.8005550123`.
fn is_decimal(number: &Number<'_>) -> bool {
    let [whole, part] = number.groups else { return false };
    part.before.as_bytes() == b"." && whole.text.len() > 3
}

/// The digits without the zero of `+41 (0)44`, which is not dialled.
fn dialled(number: &Number<'_>) -> String {
    let groups = number.groups;
    let mut digits = String::with_capacity(number.text.len());
    for (place, group) in groups.iter().enumerate() {
        let behind = groups.get(place + 1).map_or("", |next| next.before.as_str());
        let trunk = place > 0
            && group.text.as_bytes() == b"0"
            && group.before.as_bytes().ends_with(b"(")
            && behind.starts_with(')');
        if !trunk {
            digits += group.text.as_str();
        }
    }
    digits
}

/// Whether the digits from `skip` on are a country code and a number of its plan.
fn is_international(number: &Number<'_>, skip: usize) -> bool {
    let digits = dialled(number);
    international(&digits, number, skip).is_some_and(|read| read.is_whole())
}

/// What the digits from `skip` on mean. `+23.1.7` is a version: no group ends within the country code.
fn international<'a>(digits: &'a str, number: &Number<'_>, skip: usize) -> Option<International<'a>> {
    let first = number.groups[0].text.len();
    let read = digits.get(skip..).and_then(International::read)?;
    (first == skip && skip > 0 || first >= skip + read.code_length()).then_some(read)
}

fn is_north_american(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes[0] > b'1' && bytes[3] > b'1' && !digits.starts_with("555555")
}

fn is_national(number: &Number<'_>, digits: &str) -> Option<Strength> {
    let lengths = number.lengths();
    let called = number.topic.is_phone();
    if is_date(&lengths, number.groups[0].text.as_str()) || is_hours(number) || holds_date(number) {
        return None;
    }
    if !digits.starts_with('0') {
        let fits = match *lengths {
            // Italian mobiles, and North America, which looks the same.
            [3, 3, 4] => {
                is_italian_mobile(digits)
                    || is_north_american(digits)
                        && (called || is_american_style(number.groups[1].before.as_str(), number))
            }
            // With the prefix of the country there is nothing else it could be.
            [1, 3, 3, 4] => {
                digits.starts_with('1')
                    && digits.as_bytes()[1] > b'1'
                    && (called || is_american_style(number.groups[2].before.as_str(), number))
            }
            [3, 7] => is_italian_mobile(digits),
            [10] => called && is_italian_mobile(digits),
            [3, 2, 2] => called && matches!(digits.as_bytes()[0], b'2' | b'3' | b'6' | b'7'),
            _ => false,
        };
        return fits.then_some(Plain);
    }
    if !called && (number.groups[0].negative && number.is_broken() || is_zoned_date(number)) {
        return None;
    }
    if is_swiss(digits) && digits.len() == 10 && matches!(lengths[0], 3 | 4 | 10) {
        let usual = matches!(*lengths, [10] | [3, 7] | [3, 3, 4] | [3, 3, 2, 2] | [4, 3, 3] | [4, 2, 2, 2]);
        return Some(if usual || called { Clear } else { Plain });
    }
    is_french(number, digits).or_else(|| is_with_area_code(number, digits).then_some(Plain))
}

/// `01.02.2024` and `1-2-24`, perhaps with a time behind, and `2024-02-01`.
fn is_date(lengths: &[usize], first: &str) -> bool {
    let short = first.len() <= 2 && first.parse().is_ok_and(|day: u32| (1..=31).contains(&day));
    let year = is_year(first);
    short && matches!(lengths, [_, 1 | 2, 4, ..] | [_, 1 | 2, 2]) || year && matches!(lengths, [_, 1 | 2, 1 | 2])
}

/// `192.0.2.17`
fn is_ip(number: &Number<'_>) -> bool {
    number.groups.len() == 4
        && number.is_parted_by(&["."])
        && number.groups.iter().all(|group| group.text.as_str().parse::<u8>().is_ok())
}

/// Whether three groups are a date: `0399-12-31`, `030-2022-01-05` of a link to a heading.
pub(super) fn holds_date(number: &Number<'_>) -> bool {
    let upto = |text: &str, most: u32| text.len() == 2 && text.parse().is_ok_and(|value| (1..=most).contains(&value));
    number.groups.windows(3).any(|part| {
        let [year, month, day] = part else { return false };
        year.text.len() >= 4
            && [month, day].iter().all(|part| part.before.as_bytes() == b"-")
            && upto(month.text.as_str(), 12)
            && upto(day.text.as_str(), 31)
    })
}

/// `0800-1200`
fn is_hours(number: &Number<'_>) -> bool {
    let time =
        |text: &str| text[..2].parse().is_ok_and(|h: u32| h < 25) && text[2..].parse().is_ok_and(|m: u32| m < 60);
    *number.lengths() == [4, 4] && number.groups.iter().all(|group| time(group.text.as_str()))
}

fn is_italian_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    digits.len() == 10 && bytes[0] == b'3' && matches!(bytes[1], b'2'..=b'9')
}

/// `(212) 555-0142` or with hyphens or dots all through; `behind` the area code stands this.
fn is_american_style(behind: &str, number: &Number<'_>) -> bool {
    let last = number.groups[number.groups.len() - 1].before.as_str();
    behind.starts_with(')') && last == "-" || number.is_parted_by(&["-", "."])
}

/// Area codes and mobile and service numbers of Switzerland.
fn is_swiss(digits: &str) -> bool {
    let area = digits[1..3].parse().unwrap_or(0);
    let known = matches!(area, 21 | 22 | 24 | 26 | 27 | 31..=34 | 41 | 43 | 44 | 51 | 52 | 55 | 56 | 58 | 61 | 62 | 71
        | 74..=79 | 81 | 91);
    known || digits.starts_with("0800") || digits.starts_with("084") || digits.starts_with("090")
}

fn is_french(number: &Number<'_>, digits: &str) -> Option<Strength> {
    if digits.len() != 10 || digits.as_bytes()[1] == b'0' {
        return None;
    }
    let called = number.topic.is_phone();
    let mobile = matches!(digits.as_bytes()[1], b'6' | b'7');
    match *number.lengths() {
        [10] if mobile || called => Some(Clear),
        [2, 8] if mobile || called => Some(Plain),
        [2, 2, 2, 2, 2] if called || !is_draw(number) => number.is_parted_by(&[" ", ".", "-", "/"]).then_some(Plain),
        _ => None,
    }
}

/// Pairs as of a draw or a count: rising, but not to a mobile number, or all different and below 50.
fn is_draw(number: &Number<'_>) -> bool {
    let pair = |place: usize| number.groups[place].text.as_bytes();
    let rising = (1..number.groups.len()).all(|place| pair(place - 1) < pair(place));
    let drawn = |place: usize| pair(place) < b"50".as_slice() && (0..place).all(|before| pair(before) != pair(place));
    let small = number.groups.iter().all(|group| group.text.as_bytes() < b"50".as_slice());
    let counted = pair(0) < b"06".as_slice() || small;
    number.is_parted_by(&[" "]) && (rising && counted || (0..number.groups.len()).all(drawn))
}

/// Germany, Austria and Italy: area codes and numbers of many lengths, so what parts them is needed,
/// but for mobiles.
fn is_with_area_code(number: &Number<'_>, digits: &str) -> bool {
    let lengths = number.lengths();
    let called = number.topic.is_phone();
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
            bytes[1] == b'1' && digits.len() > 8 - usize::from(called)
                || matches!(bytes[1], b'2' | b'6') && (9..=11).contains(&digits.len())
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
    fits && !dotted && parts && !longer && (8..=12).contains(&digits.len()) && (called || is_regular(number, &lengths))
}

/// Whether a number with an area code that no word announces is written as such numbers are.
fn is_regular(number: &Number<'_>, lengths: &Lengths) -> bool {
    let area = number.groups[1].before.as_str();
    let mut others = number.separators().skip(1);
    let first = others.next();
    let even = first.is_none_or(|first| matches!(first, " " | "-" | "." | "/") && others.all(|other| other == first));
    // `089 1234-56`: the digits of the one who is asked for.
    let direct = first == Some("-") && lengths.len() == 3 && area != "-";
    let same = area == "/"
        || area.starts_with([')', ' ']) && area.contains([')', '/', '-'])
        || first.is_none_or(|first| first == area);
    // A postcode and its extension, or a range of postcodes; a postal account.
    let postcode = matches!(**lengths, [5, 4 | 5] | [5, 4, 2]) && matches!(area, "-" | " ");
    let account = matches!(**lengths, [2, _, 1]) && area == "-";
    // Numbers of subscribers do not begin with a zero.
    let subscriber = lengths[0] == 2 || !number.groups[1].text.as_bytes().starts_with(b"0");
    !matches!(area, " -" | "- ") && even && (same || direct) && !postcode && !account && subscriber
}
