//! Letters that look like a Latin letter, after UTS 39, "Unicode Security Mechanisms" (a test holds
//! the table against its data).
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
        'ı' | 'ɨ' | 'ɩ' => 'i',
        'ȷ' | 'ɉ' => 'j',
        'ĸ' | 'ƙ' => 'k',
        'ł' | 'ƚ' | 'ɫ' => 'l',
        'ɱ' => 'm',
        'ƞ' => 'n',
        'ø' | 'ɵ' => 'o',
        'ƥ' => 'p',
        'ɍ' => 'r',
        'ŧ' | 'ƭ' => 't',
        'ʉ' => 'u',
        'ʋ' => 'v',
        'ƴ' => 'y',
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
        'ꮯ' => 'c',
        'ꭰ' => 'd',
        'ꮓ' => 'z',
        _ => return None,
    })
}

/// The letter that a small capital is: a letter of phonetic alphabets, and a fashion.
pub(super) fn small_capital(c: char) -> Option<char> {
    #[rustfmt::skip]
    const SMALL_CAPITALS: [(char, char); 26] = [
        ('ᴀ', 'a'), ('ʙ', 'b'), ('ᴄ', 'c'), ('ᴅ', 'd'), ('ᴇ', 'e'), ('ꜰ', 'f'), ('ɢ', 'g'), ('ʜ', 'h'), ('ɪ', 'i'),
        ('ᴊ', 'j'), ('ᴋ', 'k'), ('ʟ', 'l'), ('ᴌ', 'l'), ('ᴍ', 'm'), ('ɴ', 'n'), ('ᴏ', 'o'), ('ᴘ', 'p'), ('ꞯ', 'q'),
        ('ʀ', 'r'), ('ꜱ', 's'), ('ᴛ', 't'), ('ᴜ', 'u'), ('ᴠ', 'v'), ('ᴡ', 'w'), ('ʏ', 'y'), ('ᴢ', 'z'),
    ];
    if c < 'ɢ' {
        return None;
    }
    SMALL_CAPITALS.iter().find(|(small, _)| *small == c).map(|(_, letter)| *letter)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::char::is_combining_mark;
    use unicode_security::confusable_detection::skeleton;

    use super::*;

    /// The skeleton of UTS 39 without strokes and accents.
    fn shape(c: char) -> String {
        let text = c.to_string();
        skeleton(&text).filter(|c| !is_combining_mark(*c)).collect()
    }

    #[test]
    fn twins_look_alike_to_unicode() {
        let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
        let mut strange = Vec::new();
        for c in 'Ͱ'..=char::MAX {
            let Some(twin) = latin_twin(c) else { continue };
            let shapes = [shape(twin), shape(upper(twin))];
            if !shapes.contains(&shape(c)) && !shapes.contains(&shape(upper(c))) {
                strange.push((c, twin));
            }
        }
        assert!(strange.is_empty(), "{strange:?}");
    }

    #[test]
    fn words_within_a_script_stay_apart() {
        for script in ['α'..='ω', 'а'..='я'] {
            let mut seen = std::collections::BTreeMap::new();
            for c in script {
                if let Some(other) = latin_twin(c).and_then(|twin| seen.insert(twin, c)) {
                    panic!("{c} and {other} have the same twin");
                }
            }
        }
    }
}
