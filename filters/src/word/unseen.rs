//! Characters that are no part of a word for any reader: one table for the filter and for the window's tests.
//!
//! Whatever the window draws without a glyph, or with no more than a box, the filter passes over. Otherwise a single such
//! character within a name would hide it here, and show it there. `unseen.txt` lists them with their sources.
//! `tests/e2e/unseen.test.mjs` asks the real web view of every code point whether it draws anything.
//!
//! Deliberately not in it: white space, and line breaks among it, which part words; marks of accents, which the canonical
//! form drops or keeps by what they do to a word; symbols and pictures, which can be seen.

use std::sync::LazyLock;

/// The table, as it is written.
const TABLE: &str = include_str!("unseen.txt");

static RANGES: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let mut ranges: Vec<(u32, u32)> = TABLE.lines().filter_map(range).collect();
    ranges.sort_unstable();
    ranges
});

/// The range that a line of the table names, if it is no comment.
fn range(line: &str) -> Option<(u32, u32)> {
    let (first, last) = line.split_once("..").filter(|_| !line.starts_with('#'))?;
    let code = |hex: &str| u32::from_str_radix(hex.trim(), 16).ok();
    code(first).zip(code(last))
}

/// Whether the table has the character.
pub(crate) fn is_unseen(c: char) -> bool {
    let code = c as u32;
    let place = RANGES.partition_point(|(first, _)| *first <= code);
    place.checked_sub(1).is_some_and(|place| code <= RANGES[place].1)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_normalization::char::is_combining_mark;

    use super::*;
    use crate::canonical::Canonical;

    #[test]
    fn every_line_is_a_range_of_its_own() {
        let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), RANGES.len());
        assert!(RANGES.iter().all(|(first, last)| first <= last && *last <= char::MAX as u32));
        assert!(RANGES.windows(2).all(|pair| pair[0].1 < pair[1].0), "ranges overlap");
    }

    #[test]
    fn nothing_that_unicode_decomposes_is_in_the_table() {
        let decomposed =
            ('\0'..=char::MAX).filter(|c| is_unseen(*c) && c.nfkd().any(|part| part != *c && !is_unseen(part)));
        let codes: Vec<String> = decomposed.map(|c| format!("{:04X}", c as u32)).collect();
        assert!(codes.is_empty(), "newer versions of Unicode give these a meaning: {codes:?}");
    }

    /// Every code point within a word is passed over, part of the word, or seen as what parts words.
    #[test]
    fn every_code_point_has_its_place() {
        for c in '\0'..=char::MAX {
            let text = format!("b{c}d");
            let canonical = Canonical::of(&text);
            let (inner, code) = (&canonical.as_str()[1..canonical.as_str().len() - 1], c as u32);
            if is_unseen(c) {
                assert_eq!(inner, "", "U+{code:04X} is in the table");
                // Letters that are drawn as nothing: the fillers of Korean and two vowels of Khmer.
                let is_filler = matches!(code, 0x115f | 0x1160 | 0x3164 | 0xffa0);
                assert!(!c.is_alphanumeric() || is_filler, "U+{code:04X} is a letter");
            } else if inner.is_empty() {
                // Arabic has marks on a stroke as one character.
                let mut parts = text[1..text.len() - 1].nfkd();
                let is_mark = |c| is_combining_mark(c) || matches!(c, '*' | '`' | '~' | '\u{640}' | '\u{7fa}');
                assert!(parts.all(is_mark), "U+{code:04X} is passed over and not in the table");
            } else if c.is_whitespace() {
                assert_eq!(inner, " ", "U+{code:04X} is white space");
            }
        }
    }
}
