//! Escapes of JSON, programming languages and style sheets.
//!
//! | | |
//! |---|---|
//! | `\u0040`, `\ud83d\ude00`, `\u{fc}`, `\U000000fc` | JSON, JavaScript, Python, Rust |
//! | `\xfc`, `\xc3\xbc`, `\x{fc}`, `\303\274` | bytes: UTF-8, or else Latin-1 |
//! | `\00fc `, `\0000fc` | CSS |
//! | `\n`, `\t`, `\r` | white space |
//! | `\b` before a capital letter | a sign, the edge of a word in an expression |
//!
//! Each with up to [`MOST_BACKSLASHES`] backslashes, as JSON within JSON has them.
//!
//! Text is what more likely belongs to a folder: one letter or digit of ASCII as `\x64`, a capital letter of Latin-1 behind
//! a small one (`C:\Anna\xdata`), and `\n` before a small letter (`C:\nadia`), unless an address of e-mail begins with it.

use super::escape::{Ahead, Before, Escaped, Miss, character, utf8};

/// The most backslashes before one escape.
const MOST_BACKSLASHES: usize = 4;
/// The most bytes of a local part that begins behind `\n`.
const LONGEST_LOCAL: usize = 64;

/// Reads the escape at the beginning of the text, which begins with a backslash. `is_run` says whether another one ends there.
pub(super) fn backslash_at(ahead: Ahead<'_>, before: Before, is_run: bool) -> Result<Escaped, Miss> {
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
    if ahead.is_hex_pair(at + 2)? {
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
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+' => {}
            _ => return Ok(false),
        }
    }
    Ok(false)
}
