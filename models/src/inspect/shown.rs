//! Values of a header as texts for people.

use super::LONGEST_TEXT;
use crate::gguf::{Array, ElementKind, Header, Value};
use crate::plain::plain;

/// A text in one line of at most [`LONGEST_TEXT`] characters.
pub(super) fn shorten(text: &str) -> String {
    plain(text, LONGEST_TEXT)
}

/// A value.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Negative(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Text(text) => shorten(text),
        Value::LongText(place) => format!("text of {} bytes", place.bytes),
        Value::Array(Array { kind, length, .. }) => {
            let elements = match (kind, length) {
                (ElementKind::Text, 1) => "text",
                (ElementKind::Text, _) => "texts",
                (ElementKind::Float(_), 1) => "float",
                (ElementKind::Float(_), _) => "floats",
                (ElementKind::Unsigned(_) | ElementKind::Signed(_), 1) => "whole number",
                (ElementKind::Unsigned(_) | ElementKind::Signed(_), _) => "whole numbers",
            };
            format!("array of {length} {elements}")
        }
    }
}

/// The shortest text of the number; most were 32 bits wide, and 0.00001 should not become 0.000009999999747378752.
fn float(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "what does not fit is shown in 64 bits")]
    let narrow = number as f32;
    if f64::from(narrow) == number { format!("{narrow:?}") } else { format!("{number:?}") }
}

/// Kind and size of the vocabulary, in a sentence. The kinds are those of `src/llama-vocab.cpp` of llama.cpp.
pub(super) fn tokenizer(header: &Header) -> String {
    let pre = header.text("tokenizer.ggml.pre").map_or_else(|| "default".to_owned(), shorten);
    let kind = match header.text("tokenizer.ggml.model") {
        None | Some("none" | "no_vocab") => return "The file has no vocabulary.".to_owned(),
        Some("gpt2") => format!("Byte pair encoding of bytes, cut as {pre}"),
        Some("llama") => "SentencePiece with byte fallback".to_owned(),
        Some("gemma4") => "SentencePiece with merges".to_owned(),
        Some("bert") => "WordPiece".to_owned(),
        Some("t5") => "Unigram".to_owned(),
        Some("rwkv") => "RWKV's tree of words".to_owned(),
        Some("plamo2") => "PLaMo-2's table".to_owned(),
        Some(other) => format!("Of a kind that Lethe does not know ({})", shorten(other)),
    };
    let size = header.array("tokenizer.ggml.tokens").map_or(0, |tokens| tokens.length);
    let inside = header.values.contains_key(crate::tokens::INSIDE);
    format!("{kind}, {size} tokens{}.", if inside { ", with a tokenizer.json inside" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_what_would_disturb_the_screen_is_gone() {
        let row = |letters: usize| "ä".repeat(letters);
        assert_eq!(shorten(&row(LONGEST_TEXT)), row(LONGEST_TEXT), "just short enough");
        assert_eq!(shorten(&row(LONGEST_TEXT + 1)), row(LONGEST_TEXT - 1) + "…");
        assert_eq!(shorten("a\nb\u{202e}c\u{2066}d\u{1b}[2Je"), "a b c d [2Je");
        assert_eq!(shorten(""), "");
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (number, wanted) in [
            (f64::from(1e-5f32), "1e-5"),
            (f64::from(0.1f32), "0.1"),
            (0.1, "0.1"),
            (500_000.0, "500000.0"),
            (f64::NAN, "NaN"),
            (1e300, "1e300"),
        ] {
            assert_eq!(value(&Value::Float(number)), wanted);
        }
        assert_eq!(value(&Value::Negative(i64::MIN)), i64::MIN.to_string());
    }
}
