//! Text of files, programs and drivers as people and logs may see it.

/// A text in one line of at most `longest` characters.
///
/// Characters that change the line or the direction of what stands beside them become spaces, so that no file can
/// write over what is shown around it.
pub fn plain(text: &str, longest: usize) -> String {
    let visible = |letter: char| if changes_line(letter) { ' ' } else { letter };
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(longest.saturating_sub(1)).map(visible).collect();
    let rest = letters.next();
    match (rest, letters.next()) {
        (None, _) => {}
        (Some(last), None) => short.push(visible(last)),
        (Some(_), Some(_)) => short.push('…'),
    }
    short
}

fn changes_line(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
