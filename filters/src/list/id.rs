//! Ids of entries: what names an entry wherever it can be shown.

/// The longest id, in characters.
pub const MAX_ID: usize = 128;

/// Whether an id can be shown as it is: it is not blank, has at most [`MAX_ID`] characters, and none of them is a
/// control character, breaks a line, turns the direction of writing, or is not drawn.
pub fn is_usable_id(id: &str) -> bool {
    !id.trim().is_empty() && id.chars().all(is_drawn) && id.chars().nth(MAX_ID).is_none()
}

/// Less than what the filter passes over within words: flags and marks for what is missing can be seen, and lists that were
/// made with newer characters stay usable.
fn is_drawn(c: char) -> bool {
    #[rustfmt::skip]
    let unseen = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{10ffff}'
    );
    !c.is_control() && !unseen && u32::from(c) & 0xfffe != 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_ids() {
        for (id, usable) in [
            ("r-17", true),
            ("Gesuch 17/ü", true),
            ("申請-7", true),
            ("\u{1f600}", true),
            (&"é".repeat(MAX_ID), true),
            (&"é".repeat(MAX_ID + 1), false),
            (&"x".repeat(20_000_000), false),
            ("", false),
            (" \u{3000}", false),
            ("r\n17", false),
            ("r\t17", false),
            ("r\0", false),
            ("\u{1b}[2J", false),
            ("\u{9b}2J", false),
            ("r\u{7f}", false),
            ("r\u{202e}71", false),
            ("r\u{2066}7", false),
            ("r\u{200f}7", false),
            ("r\u{200b}7", false),
            ("r\u{2028}7", false),
            ("r\u{feff}", false),
            ("r\u{e000}", false),
            ("r\u{e0041}", false),
            ("r\u{ffff}", false),
        ] {
            assert_eq!(is_usable_id(id), usable, "{:?}", &id.chars().take(20).collect::<String>());
        }
    }
}
