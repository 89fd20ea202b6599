//! What of a text is hashed: the forms that a file's makers may have brought their entries to.
//!
//! Three sorts. *Spellings* (`raw` to `ascii`) are the text of a window with its signs, changed letter
//! by letter; what Markdown or invisible characters add was left out before. *Words* (`canonical`,
//! `joined`) are the words of `lethe-canon-1` without signs. *Numbers* and addresses (`compact`,
//! `digits`, `e164`, `email`) are made in `numbers.rs` and `email.rs`.
//!
//! Spellings and words are made piece by piece, of each word and of each gap between two, so that
//! the form of a window is a stretch of what was written down word by word.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// A form that is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As written; white space of any kind and length is one space.
    Raw,
    /// NFC.
    Nfc,
    /// NFC in small letters.
    Lower,
    /// NFC in capitals.
    Upper,
    /// NFKC, case folded.
    Casefold,
    /// Small letters without accents, `ß` as `ss`; typographic quotes and dashes as on a typewriter.
    Ascii,
    /// The words of `lethe-canon-1`, joined with one space; without signs.
    Canonical,
    /// The words of `lethe-canon-1` with nothing between.
    Joined,
    /// Letters and digits in capitals with nothing between, with at least five digits: an IBAN.
    Compact,
    /// Digits only, at least five.
    Digits,
    /// A telephone number as `+` and digits.
    E164,
    /// An e-mail address in small letters.
    Email,
}

impl Form {
    /// Every form, in the order of the declaration.
    pub const ALL: [Form; 12] = [
        Form::Raw,
        Form::Nfc,
        Form::Lower,
        Form::Upper,
        Form::Casefold,
        Form::Ascii,
        Form::Canonical,
        Form::Joined,
        Form::Compact,
        Form::Digits,
        Form::E164,
        Form::Email,
    ];

    /// Its name in a descriptor.
    pub fn name(self) -> &'static str {
        match self {
            Form::Raw => "raw",
            Form::Nfc => "nfc",
            Form::Lower => "lower",
            Form::Upper => "upper",
            Form::Casefold => "casefold",
            Form::Ascii => "ascii",
            Form::Canonical => "canonical",
            Form::Joined => "joined",
            Form::Compact => "compact",
            Form::Digits => "digits",
            Form::E164 => "e164",
            Form::Email => "email",
        }
    }

    /// Whether it is the text of a window, signs included.
    pub(crate) fn is_spelling(self) -> bool {
        matches!(self, Form::Raw | Form::Nfc | Form::Lower | Form::Upper | Form::Casefold | Form::Ascii)
    }

    /// Whether it is for numbers in groups, of which there may be more than a window has words.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Form::Compact | Form::Digits | Form::E164)
    }

    /// Adds a piece of text in this form, which is a spelling.
    pub(crate) fn write(self, piece: &str, out: &mut String) {
        if piece.is_ascii() {
            let start = out.len();
            out.push_str(piece);
            match self {
                Form::Raw | Form::Nfc => {}
                Form::Upper => out[start..].make_ascii_uppercase(),
                _ => out[start..].make_ascii_lowercase(),
            }
            return;
        }
        match self {
            Form::Raw => out.push_str(piece),
            Form::Nfc => out.push_str(&nfc(piece)),
            Form::Lower => out.push_str(&nfc(piece).to_lowercase()),
            Form::Upper => out.push_str(&nfc(piece).to_uppercase()),
            Form::Casefold => piece.nfkc().for_each(|c| fold_case(c, out)),
            _ => piece.nfkd().filter(|c| !is_combining_mark(*c)).for_each(|c| to_ascii(c, out)),
        }
    }
}

fn nfc(piece: &str) -> std::borrow::Cow<'_, str> {
    match is_nfc_quick(piece.chars()) {
        IsNormalized::Yes => piece.into(),
        _ => piece.nfc().collect::<String>().into(),
    }
}

/// Full case folding, by way of the capital letter. Cherokee folds to capitals in Unicode, and the
/// Turkish dotless `ı` to itself.
fn fold_case(c: char, out: &mut String) {
    match c {
        'ı' => out.push(c),
        '\u{13a0}'..='\u{13f5}' => out.push(c),
        '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(c.to_uppercase()),
        _ => out.extend(c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
    }
}

fn to_ascii(c: char, out: &mut String) {
    match c {
        'ß' | 'ẞ' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        'þ' | 'Þ' => out.push_str("th"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'ı' => out.push('i'),
        '\u{2018}'..='\u{201b}' | '\u{2b9}'..='\u{2bc}' | '\u{2032}' => out.push('\''),
        '\u{201c}'..='\u{201f}' | '«' | '»' => out.push('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        _ => out.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_spellings() {
        for (form, text, expected) in [
            (Form::Raw, "Ju\u{308}rg", "Ju\u{308}rg"),
            (Form::Nfc, "Ju\u{308}rg", "Jürg"),
            (Form::Lower, "JU\u{308}RG Straße", "jürg straße"),
            (Form::Lower, "ΟΔΟΣ", "οδος"),
            (Form::Upper, "Jürg Straße", "JÜRG STRASSE"),
            (Form::Casefold, "Straße ＳＴＲ ﬁ ΟΔΟΣ", "strasse str fi οδοσ"),
            (Form::Ascii, "Łukasz Ðorđe Ærø Straße O’Brien–Ünlü", "lukasz dorde aero strasse o'brien-unlu"),
        ] {
            let mut out = String::new();
            form.write(text, &mut out);
            assert_eq!(out, expected, "{} of {text}", form.name());
        }
    }
}
