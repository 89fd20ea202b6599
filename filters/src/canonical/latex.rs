//! LaTeX's and BibTeX's ways to write a letter: `\"u`, `{\"u}`, `\v{s}`, `{\ss}`, `S\o ren`.
//!
//! Braces around a letter belong to it, so that none is left over. Commands that set type or draw are seams (`seam.rs`);
//! a `~` between words is white space (`reader.rs`).
//!
//! Quotation marks and signs are escaped with a backslash elsewhere too. So `\"u` without braces is an accent only within a
//! word (`M\"uller`, not `\"und`); it is none on a capital letter behind a small one (`d\'Anna`); and `\.`, `\=`
//! want braces always (`anna\.keller`). A letter's command without braces (`\o`) has a letter before it, or is a capital
//! one before the rest of its word (`\O ystein`), and is no part of a path.

use unicode_normalization::char::compose;

use super::escape::{Ahead, Before, Escaped, Miss};

/// The most braces around an accent, and the most backslashes of it: `{\\"u}` is LaTeX within JSON.
const MOST_BRACES: usize = 2;
const MOST_BACKSLASHES: usize = 3;

/// Commands that are letters.
#[rustfmt::skip]
const LETTERS: [(&str, char); 22] = [
    ("AA", 'Å'), ("AE", 'Æ'), ("DH", 'Ð'), ("DJ", 'Đ'), ("L", 'Ł'), ("NG", 'Ŋ'), ("O", 'Ø'), ("OE", 'Œ'), ("SS", 'ẞ'),
    ("TH", 'Þ'), ("aa", 'å'), ("ae", 'æ'), ("dh", 'ð'), ("dj", 'đ'), ("i", 'ı'), ("j", 'ȷ'), ("l", 'ł'), ("ng", 'ŋ'),
    ("o", 'ø'), ("oe", 'œ'), ("ss", 'ß'), ("th", 'þ'),
];

/// Reads the letter at the beginning of the text, which begins with a backslash or an opening brace.
pub(super) fn letter_at(ahead: Ahead<'_>, before: Before) -> Result<Escaped, Miss> {
    let braces = ahead.count(0, b'{', MOST_BRACES)?;
    let slashes = ahead.count(braces, b'\\', MOST_BACKSLASHES)?;
    if braces > MOST_BRACES || !(1..=MOST_BACKSLASHES).contains(&slashes) {
        return Err(Miss::Text);
    }
    let at = braces + slashes;
    let sign = ahead.at(at)?;
    let (c, end) = match mark_of(sign) {
        Some(mark) => match accented(ahead, at, mark, braces > 0, before) {
            Err(Miss::Text) if sign.is_ascii_alphabetic() => letter(ahead, at, braces > 0, before)?,
            accented => accented?,
        },
        None => letter(ahead, at, braces > 0, before)?,
    };
    for place in end..end + braces {
        ahead.expect(place, b'}')?;
    }
    Ok((c, end + braces))
}

/// The combining mark of an accent.
fn mark_of(sign: u8) -> Option<char> {
    Some(match sign {
        b'`' => '\u{300}',
        b'\'' => '\u{301}',
        b'^' => '\u{302}',
        b'~' => '\u{303}',
        b'=' => '\u{304}',
        b'u' => '\u{306}',
        b'.' => '\u{307}',
        b'"' => '\u{308}',
        b'r' => '\u{30a}',
        b'H' => '\u{30b}',
        b'v' => '\u{30c}',
        b'd' => '\u{323}',
        b'c' => '\u{327}',
        b'k' => '\u{328}',
        b'b' => '\u{331}',
        _ => return None,
    })
}

/// An accent at `at` with its letter, which is in braces of its own, or the accent is.
fn accented(ahead: Ahead<'_>, at: usize, mark: char, is_braced: bool, before: Before) -> Result<Escaped, Miss> {
    let sign = ahead.at(at)?;
    let mut place = at + 1;
    if sign.is_ascii_alphabetic() && is_braced && ahead.at(place)? == b' ' {
        place += 1;
    } else if sign.is_ascii_alphabetic() {
        ahead.expect(place, b'{')?;
    }
    let has_own_braces = ahead.at(place)? == b'{';
    place += usize::from(has_own_braces);
    let is_dotless = ahead.at(place)? == b'\\';
    place += usize::from(is_dotless);
    let base = char::from(ahead.at(place)?);
    place += 1;
    if is_dotless && (!matches!(base, 'i' | 'j') || ahead.at(place)?.is_ascii_alphabetic()) {
        return Err(Miss::Text);
    }
    let c = compose(base, mark).filter(|_| base.is_ascii_alphabetic()).ok_or(Miss::Text)?;
    if has_own_braces {
        ahead.expect(place, b'}')?;
        place += 1;
    } else if !is_braced && !is_dotless && !is_bare_accent(sign, base, before, ahead.at(place)?) {
        return Err(Miss::Text);
    }
    Ok((c, place))
}

/// Whether an accent without any braces is meant as one.
fn is_bare_accent(sign: u8, base: char, before: Before, next: u8) -> bool {
    let is_usual = match sign {
        b'\'' => matches!(base.to_ascii_lowercase(), 'a' | 'c' | 'e' | 'i' | 'n' | 'o' | 'u' | 'y' | 'z'),
        b'"' | b'`' | b'^' => matches!(base.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'),
        b'~' => matches!(base.to_ascii_lowercase(), 'a' | 'n' | 'o'),
        _ => false,
    };
    let fits = match before {
        Before::SmallLetter => base.is_ascii_lowercase(),
        Before::CapitalLetter => base.is_ascii_lowercase() || !next.is_ascii_lowercase(),
        _ => false,
    };
    is_usual && fits
}

/// A letter's command at `at`, with the braces or the space that end it.
fn letter(ahead: Ahead<'_>, at: usize, is_braced: bool, before: Before) -> Result<Escaped, Miss> {
    let mut name = [0; 2];
    let mut count = 0;
    while ahead.at(at + count)?.is_ascii_alphabetic() {
        *name.get_mut(count).ok_or(Miss::Text)? = ahead.at(at + count)?;
        count += 1;
    }
    let known = LETTERS.iter().find(|(known, _)| known.as_bytes() == &name[..count]);
    let &(_, c) = known.ok_or(Miss::Text)?;
    let end = at + count;
    match ahead.at(end)? {
        b'{' => ahead.expect(end + 1, b'}').map(|()| (c, end + 2)),
        b'}' if is_braced => Ok((c, end)),
        b' ' if is_braced => Ok((c, end + 1)),
        b' ' if ahead.at(end + 1)?.is_ascii_lowercase() && (before.is_letter() || name[0].is_ascii_uppercase()) => {
            Ok((c, end + 1))
        }
        b'\\' | b'/' | b'0'..=b'9' => Err(Miss::Text),
        next if before.is_letter() && next.is_ascii() => Ok((c, end)),
        _ => Err(Miss::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_letters() {
        use Before::{CapitalLetter, Other, SmallLetter};
        for (text, before, expected) in [
            ("{\\\"u}", Other, Some(('ü', 5))),
            ("\\\"{u}", Other, Some(('ü', 5))),
            ("{{\\\"{u}}}", Other, Some(('ü', 9))),
            ("{\\\\\"u}", Other, Some(('ü', 6))),
            ("\\\"ul", SmallLetter, Some(('ü', 3))),
            ("\\\"ul", Other, None),
            ("\\\"tl", SmallLetter, None),
            ("\\'Al", SmallLetter, None),
            ("\\'Al", CapitalLetter, None),
            ("\\'AL", CapitalLetter, Some(('Á', 3))),
            ("\\'s", SmallLetter, None),
            ("\\.k", SmallLetter, None),
            ("\\.{z}", SmallLetter, Some(('ż', 5))),
            ("\\'{\\i}", SmallLetter, Some(('í', 6))),
            ("\\'\\i ", SmallLetter, Some(('í', 4))),
            ("\\v{s}", Other, Some(('š', 5))),
            ("{\\v s}", Other, Some(('š', 6))),
            ("\\v s", SmallLetter, None),
            ("\\u{g}", Other, Some(('ğ', 5))),
            ("\\d{3}", Other, None),
            ("\\v{x}", Other, None),
            ("{\\ss}", Other, Some(('ß', 5))),
            ("\\ss{}", Other, Some(('ß', 5))),
            ("\\o ren", CapitalLetter, Some(('ø', 3))),
            ("\\O ystein", Other, Some(('Ø', 3))),
            ("\\ss Anna", SmallLetter, Some(('ß', 3))),
            ("\\o ren", Other, None),
            ("\\o\\a", SmallLetter, None),
            ("\\other", SmallLetter, None),
            ("{\\\"user\\\"}", Other, None),
            ("{\\\"u", Other, None),
            ("{x}", Other, None),
        ] {
            let found = letter_at(Ahead::new(text, true), before).ok();
            assert_eq!(found, expected, "{text} behind {before:?}");
        }
    }
}
