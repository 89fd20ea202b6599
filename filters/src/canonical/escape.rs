//! Escapes that stand for a character: what they have in common.
//!
//! `percent.rs` reads those of links and mail, `backslash.rs` those of JSON and programming languages, `latex.rs` accents.
//! What was escaped twice is read too, as `%2540` or `\\u0040`.
//!
//! A wrong reading hides what it takes the letters of. So whatever may be a folder, a format, an expression or a percentage
//! as well is text, and each of these files says what that is.

use super::Hint;
use super::backslash::backslash_at;
use super::latex::letter_at;
use super::percent::{mail_at, percent_at};

/// The most bytes that are looked at.
const LONGEST_ESCAPE: usize = 96;

/// A character and how many bytes stand for it.
pub(super) type Escaped = (char, usize);

/// Why there is no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// This is text.
    Text,
    /// It may become an escape with what follows.
    Open,
}

/// What stands directly before an escape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Before {
    SmallLetter,
    CapitalLetter,
    Digit,
    /// A letter of a script without spaces between words.
    OtherLetter,
    /// A comma or a full stop.
    Stop,
    /// A sign, white space, or what is not known any more.
    Other,
}

impl Before {
    pub fn of_letter(hint: Hint) -> Before {
        if hint == Hint::Capital { Before::CapitalLetter } else { Before::SmallLetter }
    }

    pub fn is_word(self) -> bool {
        !matches!(self, Before::Stop | Before::Other)
    }

    /// Whether it is of a script that has capitals.
    pub fn is_letter(self) -> bool {
        matches!(self, Before::SmallLetter | Before::CapitalLetter)
    }
}

/// Text in which an escape may begin.
#[derive(Clone, Copy)]
pub(super) struct Ahead<'a> {
    bytes: &'a [u8],
    /// Whether nothing follows that matters.
    is_whole: bool,
}

impl<'a> Ahead<'a> {
    pub fn new(rest: &'a str, last: bool) -> Ahead<'a> {
        let bytes = &rest.as_bytes()[..rest.len().min(LONGEST_ESCAPE)];
        Ahead { bytes, is_whole: last || rest.len() >= LONGEST_ESCAPE }
    }

    /// The byte at a place, and 0 behind the end of the text.
    pub fn at(self, place: usize) -> Result<u8, Miss> {
        let end = if self.is_whole { Ok(0) } else { Err(Miss::Open) };
        self.bytes.get(place).copied().map_or(end, Ok)
    }

    pub fn expect(self, place: usize, byte: u8) -> Result<(), Miss> {
        if self.at(place)? == byte { Ok(()) } else { Err(Miss::Text) }
    }

    /// How often the byte stands from `place` on; one more than `most` if more often than that.
    pub fn count(self, place: usize, byte: u8, most: usize) -> Result<usize, Miss> {
        let mut count = 0;
        while count <= most && self.at(place + count)? == byte {
            count += 1;
        }
        Ok(count)
    }

    pub fn digits(self, place: usize, count: usize, radix: u32) -> Result<u32, Miss> {
        let mut number = 0;
        for place in place..place + count {
            number = number * radix + char::from(self.at(place)?).to_digit(radix).ok_or(Miss::Text)?;
        }
        Ok(number)
    }

    pub fn hex(self, place: usize, count: usize) -> Result<u32, Miss> {
        self.digits(place, count, 16)
    }

    pub fn hex_byte(self, place: usize) -> Result<u8, Miss> {
        u8::try_from(self.hex(place, 2)?).map_err(|_| Miss::Text)
    }

    pub fn is_hex_pair(self, place: usize) -> Result<bool, Miss> {
        Ok(self.at(place)?.is_ascii_hexdigit() && self.at(place + 1)?.is_ascii_hexdigit())
    }
}

/// Reads the escape at the beginning of the text, if it begins with one. `before` is asked only where it may. `is_run` says
/// whether another escape ends there.
pub(super) fn escape_at(ahead: Ahead<'_>, before: impl FnOnce() -> Before, is_run: bool) -> Result<Escaped, Miss> {
    let first = ahead.at(0)?;
    if !matches!(first, b'%' | b'=' | b'\\' | b'{') {
        return Err(Miss::Text);
    }
    let before = before();
    match first {
        b'%' => percent_at(ahead, before, is_run),
        b'=' => mail_at(ahead, before),
        _ => match letter_at(ahead, before) {
            Err(Miss::Text) if first == b'\\' => backslash_at(ahead, before, is_run),
            letter => letter,
        },
    }
}

/// Reads an escape of which it is known that it is one, whatever stood before.
pub(super) fn escape_alone(piece: &str) -> Option<Escaped> {
    let is_whole = |escaped: &Escaped| escaped.1 == piece.len();
    let beginnings = [Before::SmallLetter, Before::CapitalLetter, Before::Other];
    let read = |before| escape_at(Ahead::new(piece, true), || before, true).ok();
    beginnings.into_iter().filter_map(read).find(is_whole)
}

/// The character with this number.
pub(super) fn character(code: u32) -> Result<char, Miss> {
    char::from_u32(code).ok_or(Miss::Text)
}

/// The character of bytes in UTF-8. `read` gives the byte that is written at a place, and the place behind.
pub(super) fn utf8(read: impl Fn(usize) -> Result<(u8, usize), Miss>) -> Result<Escaped, Miss> {
    let (first, mut at) = read(0)?;
    let count = match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Err(Miss::Text),
    };
    let mut bytes = [first; 4];
    for byte in &mut bytes[1..count] {
        (*byte, at) = read(at)?;
        if !matches!(*byte, 0x80..=0xbf) {
            return Err(Miss::Text);
        }
    }
    let c = str::from_utf8(&bytes[..count]).ok().and_then(|text| text.chars().next());
    c.map(|c| (c, at)).ok_or(Miss::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, before: Before) -> Option<Escaped> {
        escape_at(Ahead::new(text, true), || before, false).ok()
    }

    #[test]
    fn table_of_escapes() {
        for (text, expected) in [
            ("%40x", Some(('@', 3))),
            ("%C3%BC", Some(('ü', 6))),
            ("%F0%9F%98%80", Some(('😀', 12))),
            ("%2540", Some(('@', 5))),
            ("%252540", Some(('@', 7))),
            ("%25 ", Some(('%', 3))),
            ("%u00fc", Some(('ü', 6))),
            ("%C3", None),
            ("%C3%41", None),
            ("%c0%80", None),
            ("%02d", None),
            ("%d", None),
            ("%FCr", None),
            ("=C3=BC", Some(('ü', 6))),
            ("=20\n", Some((' ', 3))),
            ("=20x", None),
            ("=44", None),
            ("\\u00fc", Some(('ü', 6))),
            ("\\\\u00fc", Some(('ü', 7))),
            ("\\\\\\\\\\u00fc", None),
            ("\\ud83d\\ude00", Some(('😀', 12))),
            ("\\ud83dx", None),
            ("\\ude00", None),
            ("\\u{1f600}", Some(('😀', 9))),
            ("\\u{110000}", None),
            ("\\U0001F600", Some(('😀', 10))),
            ("\\xfc", Some(('ü', 4))),
            ("\\xc3\\xbc", Some(('ü', 8))),
            ("\\x40", Some(('@', 4))),
            ("\\x64", None),
            ("\\x64\\x65", Some(('d', 4))),
            ("\\303\\274", Some(('ü', 8))),
            ("\\101", None),
            ("\\00fc r", Some(('ü', 6))),
            ("\\0000fc", Some(('ü', 7))),
            ("\\nA", Some(('\n', 2))),
            ("\\n", Some(('\n', 2))),
            ("\\new", None),
            ("\\tzoe.k@x", Some(('\t', 2))),
            ("\\bA", Some(('\\', 2))),
            ("\\but", None),
            ("\\users", None),
            ("{\\\"u}", Some(('ü', 5))),
            ("\\\"u", None),
            ("+", None),
        ] {
            assert_eq!(read(text, Before::Other), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_before_decides_what_may_be_something_else() {
        for (text, before, expected) in [
            ("%FCr", Before::SmallLetter, Some(('ü', 3))),
            ("%fcr", Before::SmallLetter, None),
            ("%DAr", Before::SmallLetter, None),
            ("=FCr", Before::CapitalLetter, Some(('ü', 3))),
            ("=FC ", Before::SmallLetter, None),
            ("%42", Before::Digit, None),
            ("%42%43", Before::Digit, Some(('B', 3))),
            ("\\xda", Before::SmallLetter, None),
            ("\\xda", Before::CapitalLetter, Some(('Ú', 4))),
            ("\\\"u", Before::SmallLetter, Some(('ü', 3))),
        ] {
            assert_eq!(read(text, before), expected, "{text} behind {before:?}");
        }
    }

    #[test]
    fn what_may_become_an_escape_waits_but_not_for_long() {
        for text in
            ["%", "%C", "%C3", "%25", "=", "=C3=", "\\", "\\u00", "\\ud83d", "\\xc3", "\\n", "\\nzoe", "{", "{\\\"u"]
        {
            let read = escape_at(Ahead::new(text, false), || Before::Other, false);
            assert_eq!(read, Err(Miss::Open), "{text}");
        }
        let long = format!("\\n{}", "a".repeat(LONGEST_ESCAPE));
        assert_eq!(escape_at(Ahead::new(&long, false), || Before::Other, false), Err(Miss::Text));
    }
}
