//! Letters that look like a Latin letter, after UTS 39, "Unicode Security Mechanisms".
//!
//! The skeletons of UTS 39 are made to compare identifiers: they make `m` the same as `rn`, and
//! `I`, `l` and `1` the same, which would tie unrelated words together. Here a letter is folded only
//! if it is one whole letter that looks like one whole Latin letter, in upper or in lower case, and
//! each Latin letter takes at most one letter of a script, so that words within that script stay
//! apart. Digits are never folded to letters.

/// The Latin letter that a lower-case letter passes for, if there is one.
pub(super) fn latin_twin(c: char) -> Option<char> {
    if c < '\u{100}' && c != 'ø' && c != 'ð' {
        return None;
    }
    Some(match c {
        // Latin letters with strokes and other shapes that no decomposition takes apart.
        'ɑ' | 'ɐ' => 'a',
        'ƀ' | 'ɓ' => 'b',
        'ƈ' => 'c',
        'đ' | 'ð' | 'ɖ' | 'ɗ' => 'd',
        'ɡ' | 'ǥ' | 'ɠ' => 'g',
        'ħ' | 'ɦ' => 'h',
        'ı' | 'ɨ' | 'ɩ' | 'ɪ' => 'i',
        'ȷ' | 'ɉ' => 'j',
        'ĸ' | 'ƙ' => 'k',
        'ł' | 'ƚ' | 'ɫ' => 'l',
        'ɱ' => 'm',
        'ɴ' | 'ƞ' => 'n',
        'ø' | 'ɵ' => 'o',
        'ƥ' => 'p',
        'ʀ' | 'ɍ' => 'r',
        'ŧ' | 'ƭ' => 't',
        'ʉ' => 'u',
        'ʋ' => 'v',
        'ʏ' | 'ƴ' => 'y',
        'ƶ' => 'z',
        // Cyrillic.
        'а' => 'a',
        'в' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' | 'н' => 'h',
        'і' => 'i',
        'ј' => 'j',
        'к' => 'k',
        'м' => 'm',
        'о' => 'o',
        'р' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' => 't',
        'ѵ' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'у' | 'ү' => 'y',
        // Greek, by the shape of the capitals.
        'α' => 'a',
        'β' => 'b',
        'ε' => 'e',
        'η' => 'h',
        'ι' => 'i',
        'ϳ' => 'j',
        'κ' => 'k',
        'μ' => 'm',
        'ν' => 'n',
        'ο' => 'o',
        'ρ' => 'p',
        'τ' => 't',
        'υ' => 'y',
        'χ' => 'x',
        'ζ' => 'z',
        // Armenian and Cherokee.
        'օ' => 'o',
        'ս' => 'u',
        'հ' => 'h',
        'ց' => 'g',
        'զ' => 'q',
        'ꭺ' => 'a',
        'ꭼ' => 'e',
        'ꮃ' => 'w',
        'ꮇ' => 'm',
        'ꮋ' => 'h',
        'ꭻ' => 'j',
        'ꮶ' => 'k',
        'ꮮ' => 'l',
        'ꮲ' => 'p',
        'ꮪ' => 's',
        'ꭲ' => 'i',
        'ꮯ' => 'c',
        'ꭰ' => 'd',
        'ꮓ' => 'z',
        _ => return None,
    })
}
