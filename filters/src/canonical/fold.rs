//! The canonical form of a single character.
//!
//! Folding looks at one character at a time and at nothing around it. That is what makes the
//! canonical form of a text the same however the text is cut, and why it decomposes (NFKD) instead
//! of composing (NFKC): once the marks are dropped, both say the same.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible, is_combining_mark};

use crate::word::unseen::is_unseen;

use super::lookalike::{latin_twin, small_capital};

/// Gives the canonical characters of `c` to `emit`: none for what is dropped, `' '` for white space.
pub(crate) fn fold(c: char, mut emit: impl FnMut(char)) {
    if is_plain(c) {
        return emit(c);
    }
    if let Some(unified) = unify(c) {
        return emit(unified);
    }
    if is_ignorable(c) {
        return;
    }
    decompose_compatible(c, |part| fold_case(part, &mut emit));
}

/// Characters that are their own canonical form and frequent enough to be worth asking first.
fn is_plain(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '\u{3041}'..='\u{304a}' | '\u{4e00}'..='\u{9fff}')
}

/// Full case folding of a decomposed character: lower, upper and lower again brings `ẞ`, `ß` and
/// `SS`, or `ς`, `σ` and `Σ`, to the same form.
fn fold_case(part: char, emit: &mut impl FnMut(char)) {
    if part.is_ascii() {
        return fold_part(part.to_ascii_lowercase(), emit);
    }
    if is_ignorable(part) {
        return;
    }
    let folded = part.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    for c in folded {
        decompose_compatible(c, |part| fold_part(part, emit));
    }
}

fn fold_part(part: char, emit: &mut impl FnMut(char)) {
    if let Some(unified) = unify(part) {
        return emit(unified);
    }
    if is_ignorable(part) {
        return;
    }
    if let Some(digit) = decimal_digit(part) {
        return emit(digit);
    }
    match part {
        'æ' => "ae".chars().for_each(emit),
        'œ' => "oe".chars().for_each(emit),
        'þ' => "th".chars().for_each(emit),
        _ => emit(latin_twin(part).or_else(|| small_capital(part)).unwrap_or(part)),
    }
}

/// White space, dashes, apostrophes and quotation marks of all kinds.
fn unify(c: char) -> Option<char> {
    Some(match c {
        _ if c.is_whitespace() => ' ',
        // Braille blank; the middle dot that Japanese puts between the parts of a foreign name.
        '\u{2800}' | '\u{30fb}' => ' ',
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{058a}'
        | '\u{05be}'
        | '\u{1806}'
        | '\u{30a0}' => '-',
        '\u{2018}'..='\u{201b}'
        | '\u{02b9}'..='\u{02bd}'
        | '\u{02c8}'
        | '\u{02ca}'
        | '\u{02cb}'
        | '\u{00b4}'
        | '\u{1ffd}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{a78c}'
        | '\u{05f3}'
        | '\u{055a}'
        | '\u{ff07}' => '\'',
        '\u{201c}'..='\u{201f}'
        | '«'
        | '»'
        | '‹'
        | '›'
        | '\u{300c}'..='\u{300f}'
        | '\u{301d}'..='\u{301f}'
        | '\u{05f4}'
        | '\u{ff02}' => '"',
        // Arabic letters that are written either way in names.
        '\u{0649}' | '\u{06cc}' => '\u{064a}',
        '\u{06a9}' => '\u{0643}',
        '\u{0629}' => '\u{0647}',
        _ => return None,
    })
}

/// What leaves no trace in the canonical form: what is no part of a word for any reader, the strokes that stretch Arabic
/// and N'Ko words, and marks that are dropped.
fn is_ignorable(c: char) -> bool {
    match c {
        '\u{640}' | '\u{7fa}' => true,
        _ if is_unseen(c) => true,
        _ => c >= '\u{300}' && is_combining_mark(c) && is_dropped_mark(c),
    }
}

/// Accents, Hebrew points, Arabic vowel signs, nuktas and enclosing marks are dropped. Kept are the
/// marks without which a word is another word: the vowel signs and viramas of Indic and South-East
/// Asian scripts and the voicing marks of kana.
fn is_dropped_mark(mark: char) -> bool {
    match canonical_combining_class(mark) {
        0 => matches!(mark, '\u{488}' | '\u{489}' | '\u{1abe}' | '\u{20dd}'..='\u{20e4}' | '\u{a670}'..='\u{a672}'),
        1 | 7 | 10..=36 | 107 | 122 | 200..=255 => true,
        _ => false,
    }
}

/// Decimal digits of other scripts as ASCII. The compatibility forms (full-width, mathematical)
/// were decomposed before.
fn decimal_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 24] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
        0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0xa9d0,
    ];
    let code = c as u32;
    if code < ZEROS[0] || !c.is_numeric() {
        return None;
    }
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| fold(c, |c| out.push(c)));
        out
    }

    #[test]
    fn folding_twice_changes_nothing_for_every_character() {
        for c in '\0'..=char::MAX {
            let once = folded(c.encode_utf8(&mut [0; 4]));
            assert_eq!(folded(&once), once, "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn case_never_matters_for_any_character() {
        use unicode_normalization::UnicodeNormalization as _;
        // Greek writes the iota below a letter beside it in capitals; it is dropped as a mark.
        let has_iota_below = |c: &char| c.nfd().any(|part| part == '\u{345}');
        for c in ('\0'..=char::MAX).filter(|c| !has_iota_below(c)) {
            let one = folded(c.encode_utf8(&mut [0; 4]));
            assert_eq!(folded(&c.to_lowercase().to_string()), one, "lower U+{:04X}", c as u32);
            assert_eq!(folded(&c.to_uppercase().to_string()), one, "upper U+{:04X}", c as u32);
        }
    }

    #[test]
    fn equivalent_spellings_are_one() {
        use unicode_normalization::UnicodeNormalization as _;
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let one = folded(&text);
            assert_eq!(folded(&text.nfd().collect::<String>()), one, "NFD U+{:04X}", c as u32);
            let compatible: String = text.nfkc().collect();
            // An accent on its own (´) is a space with a mark to Unicode and an apostrophe to us.
            if !compatible.starts_with(' ') {
                assert_eq!(folded(&compatible), one, "NFKC U+{:04X}", c as u32);
            }
        }
    }

    #[test]
    fn table_of_forms() {
        for (text, canonical) in [
            ("Jürg Müller", "jurg muller"),
            ("Ju\u{308}rg", "jurg"),
            ("STRAẞE Straße", "strasse strasse"),
            ("Łukasz Ðorđe Ærø Œuvre", "lukasz dorde aero oeuvre"),
            ("ＭＵＬＬＥＲ 𝐌𝐮𝐥𝐥𝐞𝐫 ﬁn", "muller muller fin"),
            ("М\u{443}ller", "myller"),
            ("a\u{200b}b\u{ad}c\u{feff}d\u{fe0f}", "abcd"),
            ("a\u{a0}\u{2009}b–c—d‑e", "a  b-c-d-e"),
            ("O’Brien O‘Brien O´Brien", "o'brien o'brien o'brien"),
            ("„a“ «b»", "\"a\" \"b\""),
            ("٠١٢ ۳۴ ९ ５", "012 34 9 5"),
            ("İzmir ısı", "izmir isi"),
            ("ᴢᴏë ꜰɪsᴄʜᴇʀ", "zoe fischer"),
        ] {
            assert_eq!(folded(text), canonical, "{text}");
        }
        assert_ne!(folded("कि"), folded("की"), "vowel signs tell words apart");
        assert_ne!(folded("か"), folded("が"), "so do voicing marks");
        assert_eq!(folded("שָׁלוֹם"), folded("שלום"), "Hebrew points do not");
        assert_eq!(folded("مُحَمَّد"), folded("محمد"), "nor do Arabic vowel signs");
    }
}
