//! Escapes of links and of mail, a byte each.
//!
//! | | |
//! |---|---|
//! | `%40`, `%C3%BC`, `%2540` | links: UTF-8, also escaped again |
//! | `%u00FC` | JavaScript's old `escape` |
//! | `=C3=BC`, `=20` at the end of a line | quoted-printable |
//! | `M%FCller`, `M=FCller` | the same in Latin-1: small letters behind another one |
//!
//! Text are control characters (`%02d`), bytes that are no UTF-8 (`10%de`), other bytes of ASCII in mail (`=44`), and a
//! letter or digit of ASCII behind others where no further one is escaped (`fe80::1%42`).

use super::escape::{Ahead, Before, Escaped, Miss, character, utf8};

/// How often a percent sign may have been escaped again.
const MOST_LEVELS: usize = 2;

/// Reads the escape at the beginning of the text, which begins with `%`.
pub(super) fn percent_at(ahead: Ahead<'_>, before: Before, is_run: bool) -> Result<Escaped, Miss> {
    if ahead.at(1)? == b'u' {
        return Ok((character(ahead.hex(2, 4)?)?, 6));
    }
    let byte = |place: usize| {
        ahead.expect(place, b'%')?;
        let mut at = place + 1;
        for _ in 0..MOST_LEVELS {
            let is_nested = ahead.at(at)? == b'2' && ahead.at(at + 1)? == b'5' && ahead.is_hex_pair(at + 2)?;
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

/// Reads the escape at the beginning of the text, which begins with `=`.
pub(super) fn mail_at(ahead: Ahead<'_>, before: Before) -> Result<Escaped, Miss> {
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
