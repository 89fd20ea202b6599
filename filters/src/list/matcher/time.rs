//! The time of day behind a date: `1976-06-17T08:15:00.000+02:00`.
//!
//! The `T` and the hour are of one word with the day, so such a word is read twice: as it stands, and as the digits
//! before the `T`. What ends with those takes the time with it.

use crate::list::matcher::gap::Gap;
use crate::word::Word;

/// What was read of a time behind its hour.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Time {
    words: u8,
    after_sign: bool,
    is_over: bool,
}

/// What a word is to a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// The time ends with it, or goes on.
    More,
    /// More of the time has to follow it.
    Sign,
    Nothing,
}

/// The digits of an hour, of a day behind its month, and of a date without hyphens.
const HOUR: usize = 2;
const DAY: usize = 2;
const DATE: usize = 8;
/// Minutes, seconds, fractions, a zone, and the signs before each.
const MOST_WORDS: u8 = 12;

impl Time {
    pub fn read(&mut self, word: &Word<'_>, gap: Gap) -> Reads {
        self.words += 1;
        if self.is_over || self.words > MOST_WORDS || gap.has_space() {
            return Reads::Nothing;
        }
        let digits = word.text.strip_suffix('z').unwrap_or(word.text);
        let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let after_sign = std::mem::replace(&mut self.after_sign, false);
        if is_number && (after_sign || gap.has_dash()) {
            self.is_over = digits.len() < word.text.len();
            return Reads::More;
        }
        self.after_sign = !after_sign && matches!(word.text, ":" | "." | "," | "+");
        if self.after_sign { Reads::Sign } else { Reads::Nothing }
    }

    /// Whether a word that begins like this may be of it.
    pub fn may_read(half_word: &str) -> bool {
        half_word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '+'))
    }
}

/// The digits before the `T`, if a word is a day and an hour.
pub(super) fn before_time(word: &str) -> Option<&str> {
    before_half_time(word).filter(|day| word.len() >= day.len() + 1 + HOUR)
}

/// The same of a word that may become one.
pub(super) fn before_half_time(half_word: &str) -> Option<&str> {
    if !half_word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (day, time) = half_word.split_once('t')?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_day = matches!(day.len(), DAY | DATE) && are_digits(day);
    (is_day && are_digits(time.strip_suffix('z').unwrap_or(time))).then_some(day)
}
