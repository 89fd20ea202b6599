//! Escapes that stand for a character: of links, of JSON and programming languages, of mail.
//!
//! | | |
//! |---|---|
//! | `%40`, `%C3%BC`, `%u00FC` | links: UTF-8, a byte each |
//! | `\u0040`, `\ud83d\ude00`, `\u{fc}`, `\U000000fc` | JSON, JavaScript, Python, Rust |
//! | `\xfc`, `\xc3\xbc`, `\x{fc}`, `\303\274` | strings of bytes: UTF-8, or else Latin-1 |
//! | `\00fc `, `\0000fc` | CSS |
//! | `\n`, `\t`, `\r` | white space; `\b` before a capital letter parts words |
//! | `=C3=BC`, `=20` at the end of a line | quoted-printable |
//! | `M%FCller`, `M=FCller` | the same in Latin-1, small letters behind another |
//!
//! What was escaped twice is read too: `%2540`, and up to [`MOST_BACKSLASHES`] backslashes.
//!
//! A wrong reading hides what it takes the letters of. So these are text: `%02` and other control characters, bytes that
//! are no UTF-8 (`10%de`), `=44` and other bytes of ASCII in mail, letters of Latin-1 in capitals behind a small letter
//! (`C:\Anna\xdata`), one letter or digit of ASCII alone as `\x64` (a folder) or, behind others, as `%42`, and `\n` before a small letter (`C:\nadia`), unless
//! an address of e-mail follows.

use super::Hint;
use super::latex::letter_at;

/// The most bytes that are looked at.
const LONGEST_ESCAPE: usize = 96;
/// The most backslashes before one escape: those of JSON within JSON within JSON.
const MOST_BACKSLASHES: usize = 4;
/// How often a percent sign may have been escaped again.
const MOST_LEVELS: usize = 2;
/// The most bytes of a local part that begins behind `\n`.
const LONGEST_LOCAL: usize = 64;

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
    pub fn is_word(self) -> bool {
        !matches!(self, Before::Stop | Before::Other)
    }

    pub fn of_letter(hint: Hint) -> Before {
        if hint == Hint::Capital { Before::CapitalLetter } else { Before::SmallLetter }
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

    fn digits(self, place: usize, count: usize, radix: u32) -> Result<u32, Miss> {
        let mut number = 0;
        for place in place..place + count {
            number = number * radix + char::from(self.at(place)?).to_digit(radix).ok_or(Miss::Text)?;
        }
        Ok(number)
    }

    fn hex(self, place: usize, count: usize) -> Result<u32, Miss> {
        self.digits(place, count, 16)
    }

    fn hex_byte(self, place: usize) -> Result<u8, Miss> {
        u8::try_from(self.hex(place, 2)?).map_err(|_| Miss::Text)
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
        b'%' => percent(ahead, before, is_run),
        b'=' => quoted_printable(ahead, before),
        _ => match letter_at(ahead, before) {
            Err(Miss::Text) if first == b'\\' => backslash(ahead, before, is_run),
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

fn character(code: u32) -> Result<char, Miss> {
    char::from_u32(code).ok_or(Miss::Text)
}

/// The character of bytes in UTF-8. `read` gives the byte that is written at a place, and the place behind.
fn utf8(read: impl Fn(usize) -> Result<(u8, usize), Miss>) -> Result<Escaped, Miss> {
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

fn percent(ahead: Ahead<'_>, before: Before, is_run: bool) -> Result<Escaped, Miss> {
    if ahead.at(1)? == b'u' {
        return Ok((character(ahead.hex(2, 4)?)?, 6));
    }
    let byte = |place: usize| {
        ahead.expect(place, b'%')?;
        let mut at = place + 1;
        for _ in 0..MOST_LEVELS {
            let is_nested = ahead.at(at)? == b'2' && ahead.at(at + 1)? == b'5' && is_hex_pair(ahead, at + 2)?;
            at += if is_nested { 2 } else { 0 };
        }
        Ok((ahead.hex_byte(at)?, at + 2))
    };
    match utf8(byte).or_else(|miss| latin1_letter(ahead, miss, before))? {
        // Formats of programs: `%02d`.
        (c, _) if c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r') => Err(Miss::Text),
        // Nothing escapes one of these alone, and `fe80::1%42` is an address.
        (c, end) if c.is_ascii_alphanumeric() && !is_run && before.is_word() => byte(end).map(|_| (c, end)),
        escaped => Ok(escaped),
    }
}

fn is_hex_pair(ahead: Ahead<'_>, place: usize) -> Result<bool, Miss> {
    Ok(ahead.at(place)?.is_ascii_hexdigit() && ahead.at(place + 1)?.is_ascii_hexdigit())
}

fn quoted_printable(ahead: Ahead<'_>, before: Before) -> Result<Escaped, Miss> {
    let byte = |place: usize| {
        ahead.expect(place, b'=')?;
        Ok((ahead.hex_byte(place + 1)?, place + 3))
    };
    match utf8(byte).or_else(|miss| latin1_letter(ahead, miss, before))? {
        (' ', end) if matches!(ahead.at(end)?, b'\n' | b'\r') => Ok((' ', end)),
        (c, _) if c.is_ascii() => Err(Miss::Text),
        escaped => Ok(escaped),
    }
}

/// A letter in old links and mail that is no UTF-8: `M%FCller`, `M=FCller`. Only a small one within a word or at its end, in
/// hexadecimal digits as programs write them.
fn latin1_letter(ahead: Ahead<'_>, miss: Miss, before: Before) -> Result<Escaped, Miss> {
    let is_upper = |place| Ok(ahead.at(place)?.is_ascii_uppercase() || ahead.at(place)?.is_ascii_digit());
    if miss == Miss::Open || !before.is_letter() || !is_upper(1)? || !is_upper(2)? {
        return Err(miss);
    }
    let c = char::from(ahead.hex_byte(1)?);
    let goes_on = match ahead.at(3)? {
        b'a'..=b'z' => true,
        next if ahead.at(0)? == b'=' => next == b'=',
        next => !next.is_ascii_alphanumeric(),
    };
    if c >= '\u{df}' && c.is_lowercase() && goes_on { Ok((c, 3)) } else { Err(Miss::Text) }
}

fn backslash(ahead: Ahead<'_>, before: Before, is_run: bool) -> Result<Escaped, Miss> {
    let slashes = ahead.count(0, b'\\', MOST_BACKSLASHES)?;
    if slashes > MOST_BACKSLASHES {
        return Err(Miss::Text);
    }
    let at = slashes + 1;
    match ahead.at(slashes)? {
        b'u' | b'x' if ahead.at(at)? == b'{' => in_braces(ahead, at),
        b'u' => utf16(ahead, slashes),
        b'U' => Ok((character(ahead.hex(at, 8)?)?, at + 8)),
        b'x' => of_byte(ahead, slashes, before, is_run),
        b'0' if ahead.at(at)? == b'0' => css(ahead, at + 1),
        b'0'..=b'3' => octal(ahead, slashes),
        // The edge of a word, in regular expressions.
        b'b' if ahead.at(at)?.is_ascii_uppercase() => Ok(('\\', at)),
        letter @ (b'n' | b'r' | b't') => white_space(ahead, letter, at),
        _ => Err(Miss::Text),
    }
}

/// `\u{fc}`, of two to six digits. With one it would be a control character, and is an accent of LaTeX.
fn in_braces(ahead: Ahead<'_>, brace: usize) -> Result<Escaped, Miss> {
    let (mut code, mut count) = (0, 0);
    while let Some(digit) = char::from(ahead.at(brace + 1 + count)?).to_digit(16) {
        (code, count) = (code * 16 + digit, count + 1);
        if count > 6 {
            return Err(Miss::Text);
        }
    }
    ahead.expect(brace + 1 + count, b'}')?;
    if count < 2 { Err(Miss::Text) } else { Ok((character(code)?, brace + count + 2)) }
}

/// `\u00fc`, or two of them that are one character.
fn utf16(ahead: Ahead<'_>, slashes: usize) -> Result<Escaped, Miss> {
    let code = ahead.hex(slashes + 1, 4)?;
    let length = slashes + 5;
    if !(0xd800..0xdc00).contains(&code) {
        return Ok((character(code)?, length));
    }
    if ahead.count(length, b'\\', slashes)? != slashes {
        return Err(Miss::Text);
    }
    ahead.expect(length + slashes, b'u')?;
    let low = ahead.hex(length + slashes + 1, 4)?;
    if !(0xdc00..0xe000).contains(&low) {
        return Err(Miss::Text);
    }
    Ok((character(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00))?, 2 * length))
}

/// `\xc3\xbc` or `\xfc`.
fn of_byte(ahead: Ahead<'_>, slashes: usize, before: Before, is_run: bool) -> Result<Escaped, Miss> {
    let byte = |place: usize| {
        if ahead.count(place, b'\\', slashes)? != slashes {
            return Err(Miss::Text);
        }
        ahead.expect(place + slashes, b'x')?;
        Ok((ahead.hex_byte(place + slashes + 1)?, place + slashes + 3))
    };
    let (first, end) = byte(0)?;
    match utf8(byte) {
        Ok((c, _)) if c.is_ascii_alphanumeric() && !is_run => byte(end).map(|_| (c, end)),
        Err(Miss::Text) => latin1(char::from(first), before).map(|c| (c, end)),
        escaped => escaped,
    }
}

fn latin1(c: char, before: Before) -> Result<char, Miss> {
    let fits = match before {
        Before::SmallLetter => c.is_lowercase(),
        _ => c.is_alphabetic(),
    };
    if c == '\u{a0}' || c >= '\u{c0}' && fits { Ok(c) } else { Err(Miss::Text) }
}

/// `\303\274`.
fn octal(ahead: Ahead<'_>, slashes: usize) -> Result<Escaped, Miss> {
    let byte = |place: usize| {
        if ahead.count(place, b'\\', slashes)? != slashes {
            return Err(Miss::Text);
        }
        let number = ahead.digits(place + slashes, 3, 8)?;
        Ok((u8::try_from(number).map_err(|_| Miss::Text)?, place + slashes + 3))
    };
    match utf8(byte)? {
        (c, _) if c.is_ascii() => Err(Miss::Text),
        escaped => Ok(escaped),
    }
}

/// `\00fc`, with the white space that ends it, or `\0000fc`. `at` is behind the zeros.
fn css(ahead: Ahead<'_>, at: usize) -> Result<Escaped, Miss> {
    let code = ahead.hex(at, 2)?;
    if is_hex_pair(ahead, at + 2)? {
        return match ahead.hex(at, 4)? {
            0..=0x1f => Err(Miss::Text),
            code => Ok((character(code)?, at + 4)),
        };
    }
    if code < 0xa0 || ahead.at(at + 2)?.is_ascii_hexdigit() {
        return Err(Miss::Text);
    }
    Ok((character(code)?, at + 2 + usize::from(ahead.at(at + 2)? == b' ')))
}

/// `\n`, unless a small letter behind it makes it more likely a folder or a command. `at` is behind the letter.
fn white_space(ahead: Ahead<'_>, letter: u8, at: usize) -> Result<Escaped, Miss> {
    let c = match letter {
        b'n' => '\n',
        b'r' => '\r',
        _ => '\t',
    };
    match ahead.at(at)? {
        b'{' => Err(Miss::Text),
        b'a'..=b'z' if !is_local_part(ahead, at)? => Err(Miss::Text),
        _ => Ok((c, at)),
    }
}

/// Whether what begins here goes on up to the `@` of an address.
fn is_local_part(ahead: Ahead<'_>, at: usize) -> Result<bool, Miss> {
    for place in at..at + LONGEST_LOCAL {
        match ahead.at(place)? {
            b'@' => return Ok(true),
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+' => {}
            _ => return Ok(false),
        }
    }
    Ok(false)
}
