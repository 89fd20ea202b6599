//! Text of others, made safe to show: what models, servers, lists and files say, where it stands in a terminal, a log or
//! a sentence of Lethe.
//!
//! A terminal obeys control characters: it moves, clears, writes the clipboard and makes links whose text lies. Characters
//! for the direction of writing let a name show as another one. Both are shown as marks here. Deliberately not in it:
//! letters that look like others, and what a filter of personal data removes.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::Path;

/// Longest text within a sentence, characters.
const QUOTED: usize = 120;

/// Longest sentence, characters.
const SENTENCE: usize = 1000;

/// Text for a terminal: line breaks and tabs stay, other control characters and those of direction become marks.
///
/// ESC becomes `␛`, others `\u{…}` with their number. A carriage return before a line break is one line break.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| acts(letter) && !matches!(letter, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' | '\t' => shown.push(letter),
            '\r' if letters.peek() == Some(&'\n') => {}
            letter => mark(&mut shown, letter),
        }
    }
    Cow::Owned(shown)
}

/// Text that stands in one line, such as a name in a table: as [`visible`], and line breaks and tabs become marks too.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|letter| mark(&mut shown, letter));
    Cow::Owned(shown)
}

/// A sentence that names files, models or servers: as [`visible_line`], with spaces for line breaks. Of one that is longer
/// than a sentence can be, the middle is left out, where names stand.
pub fn visible_sentence(text: &str) -> String {
    let line = text.replace(['\r', '\n', '\t'], " ");
    let line = visible_line(&line);
    let count = line.chars().count();
    if count <= SENTENCE {
        return line.into_owned();
    }
    let begin = line.chars().take(SENTENCE / 2);
    begin.chain(['…']).chain(line.chars().skip(count - SENTENCE / 2)).collect()
}

/// JSON in which what acts is written as an escape; it means the same.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    // JSON writes C0 as escapes already, and line breaks between values are no text of others.
    if !json.chars().any(|letter| acts(letter) && letter > '\u{7e}') {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        match letter {
            letter if acts(letter) && letter > '\u{7e}' => {
                // All of them are in the plane that one escape reaches. Writing into a string does not fail.
                let _ = write!(shown, "\\u{:04x}", u32::from(letter));
            }
            letter => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// A name that is taken in: without what [`visible_line`] shows as marks, spaces at its ends, and more than one in a row.
pub fn clean_name(name: &str) -> String {
    let kept: String = name.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    let kept: String = kept.chars().filter(|letter| !acts(*letter)).collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text of others within a sentence: in quotation marks, in one line, of bounded length, without what acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted<'a>(Cow<'a, str>);

impl<'a> Quoted<'a> {
    /// A text.
    pub fn new(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The name of a file.
    pub fn path(path: &'a Path) -> Self {
        Self(path.to_string_lossy())
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.trim();
        let mut shown = String::new();
        let count = text.chars().count();
        // The ends of a path say most.
        let (head, tail) = if count > QUOTED { (QUOTED / 2, QUOTED / 2 - 1) } else { (count, 0) };
        text.chars().take(head).for_each(|letter| mark(&mut shown, letter));
        if count > QUOTED {
            shown.push('…');
            text.chars().skip(count - tail).for_each(|letter| mark(&mut shown, letter));
        }
        // A quotation mark in it would end it early.
        write!(formatter, "\"{}\"", shown.replace('"', "'"))
    }
}

/// A letter, or the mark of one that acts.
fn mark(shown: &mut String, letter: char) {
    match letter {
        '\u{1b}' => shown.push('␛'),
        letter if acts(letter) => {
            // Writing into a string does not fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
        }
        letter => shown.push(letter),
    }
}

/// C0, DEL and C1; line and paragraph separators; and what changes the direction of writing, UAX #9 sections 2.1 to 2.6.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C0, DEL, C1, and the characters of direction, written out apart from the code above.
    fn acting() -> Vec<char> {
        let codes =
            (0..=0x1f).chain(0x7f..=0x9f).chain([0x61c, 0x200e, 0x200f]).chain(0x2028..=0x202e).chain(0x2066..=0x2069);
        codes.filter_map(char::from_u32).collect()
    }

    #[test]
    fn a_sentence_is_one_line_of_bounded_length() {
        let name = format!("a\u{202e}b\r\n\u{1b}[2J{}", "x".repeat(4096));
        let shown = visible_sentence(&format!("{name} can't be read: choose another file"));
        assert!(
            shown.starts_with("a\\u{202e}b  ␛[2Jx") && shown.ends_with("can't be read: choose another file"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), SENTENCE + 1);
        assert_eq!(visible_sentence("Straße – “x”"), "Straße – “x”");
    }

    #[test]
    fn every_character_that_acts_becomes_a_mark() {
        for letter in acting() {
            let text = format!("a{letter}b");
            let (shown, line, quoted) = (visible(&text), visible_line(&text), Quoted::new(&text).to_string());
            let stays = matches!(letter, '\n' | '\t');
            assert_eq!(shown.contains(letter), stays, "{letter:?} in {shown:?}");
            for one in [&*line, &*quoted] {
                assert!(!one.contains(letter) && one.contains('a') && one.contains('b'), "{letter:?} in {one:?}");
                assert_ne!(one, "ab", "{letter:?} leaves a mark");
            }
            let name = clean_name(&text);
            assert!(name == "ab" || name == "a b", "{letter:?} in {name:?}");
        }
    }

    #[test]
    fn all_other_characters_stay() {
        let acting = acting();
        for letter in (0..=0x0010_ffff).filter_map(char::from_u32) {
            // U+206A to U+206F are deprecated formats and go as well.
            if acting.contains(&letter) || ('\u{206a}'..='\u{206f}').contains(&letter) {
                continue;
            }
            let text = letter.to_string();
            assert!(matches!(visible(&text), Cow::Borrowed(_)), "{letter:?}");
            assert!(matches!(visible_line(&text), Cow::Borrowed(_)), "{letter:?}");
        }
    }

    #[test]
    fn json_means_the_same_and_holds_nothing_that_acts() {
        for letter in acting() {
            let text = format!("a{letter}b");
            let json = serde_json::to_string(&[&text]).expect("JSON") + "\n";
            let shown = visible_json(&json);
            assert!(letter == '\n' || !shown.contains(letter), "{letter:?} in {shown:?}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&shown).expect("JSON"), [text]);
        }
        assert!(matches!(visible_json("{\"a\":\"Zürich 東京\"}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_terminals_obey_is_readable() {
        for (text, expected) in [
            ("\u{1b}]52;c;aGk=\u{7}", "␛]52;c;aGk=\\u{7}"),
            ("\u{1b}]8;;http://a.example\u{1b}\\b\u{1b}]8;;\u{1b}\\", "␛]8;;http://a.example␛\\b␛]8;;␛\\"),
            ("\u{1b}[2J\u{9b}31mred", "␛[2J\\u{9b}31mred"),
            ("one\r\ntwo\tthree\n", "one\ntwo\tthree\n"),
            ("secret\rpublic", "secret\\u{d}public"),
            ("x\u{8}y", "x\\u{8}y"),
            ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"),
            ("Zürich 東京 👩‍👩‍👧 שלום", "Zürich 東京 👩‍👩‍👧 שלום"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn a_quotation_ends_where_it_ends() {
        let long = format!("/{}/end.gguf", "a".repeat(500));
        for (text, expected) in [
            ("llama", "\"llama\"".to_owned()),
            ("a\" or delete everything \"b", "\"a' or delete everything 'b\"".to_owned()),
            ("two\nlines", "\"two\\u{a}lines\"".to_owned()),
            ("", "\"\"".to_owned()),
        ] {
            assert_eq!(Quoted::new(text).to_string(), expected);
        }
        let shown = Quoted::new(&long).to_string();
        assert!(
            shown.chars().count() <= QUOTED + 2 && shown.ends_with("/end.gguf\"") && shown.contains('…'),
            "{shown}"
        );
    }
}
