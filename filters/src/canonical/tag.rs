//! HTML's tags in running text: what parts no words, what parts them, and what has text of its own.
//!
//! Known are the tags that models put into prose and tables. Their rules are stricter than HTML's, so that `a<b` and
//! `Vec<T>` stay text: an attribute has a value, a closing tag has none, one capital letter is no tag, and all of
//! it is at most [`LONGEST_TAG`] bytes. Nothing with a `[` in it is a tag: what held a name before it was removed
//! must not become one. `<tr>`, `<li>` and what else begins something new are text, which stops a match.

use crate::canonical::Hint;

/// The longest tag in bytes, with its brackets.
pub(crate) const LONGEST_TAG: usize = 128;

/// What stands at an opening angle bracket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Text.
    None,
    /// It may become a tag with what follows.
    Open,
    /// A tag within words or around them, of these many bytes.
    Unseen(usize),
    /// A tag that parts words as white space does.
    Space { length: usize, hint: Hint },
    /// A tag with attributes, or a comment: a name may go on behind it, and others stand in it.
    Aside(usize),
}

const WITHIN_LINES: [&str; 28] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strike", "strong", "tt", "u", "var", "wbr",
];

/// A footnote's `<sup>1</sup>` is no part of the word before it.
const BETWEEN_WORDS: [&str; 6] = ["dd", "dt", "sub", "sup", "td", "th"];

const BETWEEN_LINES: [&str; 3] = ["br", "div", "p"];

/// Reads the tag at the beginning of `rest`, which begins with `<`. If this is not the `last` piece, it may go on.
pub(super) fn tag_at(rest: &str, last: bool) -> Tag {
    let bytes = &rest.as_bytes()[..rest.len().min(LONGEST_TAG)];
    let cut_off = if last || rest.len() >= LONGEST_TAG { Tag::None } else { Tag::Open };
    read(bytes).unwrap_or(cut_off)
}

/// The tag, or nothing if the bytes end before it is clear.
fn read(bytes: &[u8]) -> Option<Tag> {
    let mut at = 1;
    match bytes.get(at)? {
        b'!' => return comment(bytes),
        b'/' => at += 1,
        _ => {}
    }
    let closes = at == 2;
    let start = at;
    at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let name = str::from_utf8(&bytes[start..at]).unwrap_or_default();
    let known = WITHIN_LINES.iter().chain(&BETWEEN_WORDS).chain(&BETWEEN_LINES);
    let is_like = |known: &&&str| known.len() >= name.len() && known[..name.len()].eq_ignore_ascii_case(name);
    let Some(next) = bytes.get(at) else {
        return if known.clone().any(|known| is_like(&known)) { None } else { Some(Tag::None) };
    };
    let is_name = |known: &&str| known.eq_ignore_ascii_case(name) && (known.len() > 1 || *known == name);
    if !known.clone().any(is_name) || !matches!(next, b'>' | b'/' | b' ' | b'\n' | b'\t') {
        return Some(Tag::None);
    }
    let mut attributes = 0;
    loop {
        let space = bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        at += space;
        match bytes.get(at)? {
            b'>' => at += 1,
            b'/' if !closes => match bytes.get(at + 1)? {
                b'>' => at += 2,
                _ => return Some(Tag::None),
            },
            _ if space > 0 && !closes => match attribute(&bytes[at..])? {
                0 => return Some(Tag::None),
                length => {
                    at += length;
                    attributes += 1;
                    continue;
                }
            },
            _ => return Some(Tag::None),
        }
        break;
    }
    Some(match name.to_ascii_lowercase().as_str() {
        _ if attributes > 0 => Tag::Aside(at),
        name if BETWEEN_LINES.contains(&name) => Tag::Space { length: at, hint: Hint::Line },
        name if BETWEEN_WORDS.contains(&name) => Tag::Space { length: at, hint: Hint::None },
        _ => Tag::Unseen(at),
    })
}

/// The length of the attribute that the bytes begin with, 0 if they do not. Nothing if it goes on.
fn attribute(bytes: &[u8]) -> Option<usize> {
    let is_name = |byte: &&u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b':');
    let name = bytes.iter().take_while(is_name).count();
    if name == 0 || *bytes.get(name)? != b'=' {
        return Some(0);
    }
    let start = name + 1;
    let quote = Some(*bytes.get(start)?).filter(|byte| matches!(byte, b'"' | b'\''));
    let mut at = start + usize::from(quote.is_some());
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            _ if Some(byte) == quote => return Some(at + 1),
            b'<' | b'>' | b'[' | b'\n' if quote.is_some() => return Some(0),
            b'<' | b'[' | b'"' | b'\'' | b'`' if quote.is_none() => return Some(0),
            b'>' | b' ' | b'\n' | b'\t' if quote.is_none() => return Some(if at > start { at } else { 0 }),
            _ => at += 1,
        }
    }
}

fn comment(bytes: &[u8]) -> Option<Tag> {
    let begin = b"<!--";
    let text = match bytes.strip_prefix(begin) {
        Some(text) => text,
        None if begin.starts_with(bytes) => return None,
        None => return Some(Tag::None),
    };
    let stop = text.iter().position(|byte| matches!(byte, b'<' | b'>' | b'['));
    match stop {
        None => None,
        Some(stop) if text[stop] == b'>' && text[..stop].ends_with(b"--") => Some(Tag::Aside(begin.len() + stop + 1)),
        Some(_) => Some(Tag::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_tags() {
        for (text, expected) in [
            ("<b>x", Tag::Unseen(3)),
            ("</b>", Tag::Unseen(4)),
            ("<STRONG >", Tag::Unseen(9)),
            ("<wbr/>", Tag::Unseen(6)),
            ("<br />", Tag::Space { length: 6, hint: Hint::Line }),
            ("</td>", Tag::Space { length: 5, hint: Hint::None }),
            ("<sup>1", Tag::Space { length: 5, hint: Hint::None }),
            ("<a href=\"x y\">", Tag::Aside(14)),
            ("<td width=5 title='a'/>", Tag::Aside(23)),
            ("<!-- x -->", Tag::Aside(10)),
            ("<b", Tag::None),
            ("< b>", Tag::None),
            ("<B>", Tag::None),
            ("<bx>", Tag::None),
            ("<b and c>", Tag::None),
            ("<b x=>", Tag::None),
            ("<b x=[y]>", Tag::None),
            ("<b x=\"y", Tag::None),
            ("<bx", Tag::None),
            ("</b x=\"y\">", Tag::None),
            ("<tr>", Tag::None),
            ("<!doctype html>", Tag::None),
        ] {
            assert_eq!(tag_at(text, true), expected, "{text}");
        }
    }

    #[test]
    fn what_may_become_a_tag_waits_but_not_for_long() {
        for text in ["<", "</", "<b", "<st", "<ST", "<b ", "<a h", "<a href=\"x", "<!", "<!-- x -"] {
            assert_eq!(tag_at(text, false), Tag::Open, "{text}");
        }
        for text in ["< ", "<=", "<x", "<tr", "<b.", "<b 2", "<b y ", "<1", "<é"] {
            assert_eq!(tag_at(text, false), Tag::None, "{text}");
        }
        let long = format!("<a href=\"{}", "x".repeat(LONGEST_TAG));
        assert_eq!(tag_at(&long, false), Tag::None);
    }
}
