//! Where Markdown, TeX, HTML and terminals put together on the screen what stands apart in the text.
//!
//! `[Zephy](x)rine` is drawn as one word, and so is `\text{Zephy}\text{rine}`. What stands between is a seam: it is read as
//! the text that it is, and whoever looks for words may also pass over it. A seam never holds a `[` but at its beginning,
//! so none goes across the marker of what was removed.
//!
//! Deliberately no seam: what is longer than [`LONGEST_SEAM`] bytes, HTML's tags that `tag.rs` does not know, definitions
//! and link labels with a colon, and TeX's commands without braces that are not in the table here.

/// The longest seam in bytes.
pub(crate) const LONGEST_SEAM: usize = 512;

/// The longest name of a TeX command, and the most white space behind it.
const LONGEST_NAME: usize = 24;
const MOST_SPACES: usize = 4;

/// What stands at a character that may begin a seam.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seam {
    /// Text.
    None,
    /// It may become a seam with what follows.
    Open,
    /// These many bytes may be passed over, within words and between them.
    Whole(usize),
    /// These many bytes may be passed over within a word only.
    Within(usize),
    /// These many bytes are drawn nowhere.
    Unseen(usize),
}

/// Commands whose first argument is not drawn.
#[rustfmt::skip]
const HIDDEN_ARGUMENT: [&str; 19] = [
    "begin", "color", "colorbox", "end", "href", "hphantom", "hskip", "hspace", "htmlClass", "htmlId", "htmlStyle",
    "kern", "label", "phantom", "raisebox", "textcolor", "url", "vphantom", "vspace",
];

/// Commands that draw nothing, or a space, and need no braces.
#[rustfmt::skip]
const BARE: [&str; 82] = [
    "Big", "Bigg", "Bigl", "Bigr", "Huge", "LARGE", "Large", "allowbreak", "bf", "bfseries", "big", "bigg", "bigl", "bigr",
    "bm", "boldmath", "boldsymbol", "cal", "displaystyle", "em", "empty", "emph", "enspace", "footnotesize", "hfill",
    "hfil", "huge", "it", "itshape", "large", "left", "limits", "linebreak", "mathbb", "mathbf", "mathcal", "mathfrak",
    "mathit", "mathrm", "mathscr", "mathsf", "mathstrut", "mathtt", "mbox", "mdseries", "medspace", "negthinspace",
    "newline", "nobreak", "nobreakspace", "nolimits", "normalfont", "normalsize", "null", "operatorname", "protect",
    "qquad", "quad", "relax", "right", "rm", "rmfamily", "sc", "scriptscriptstyle", "scriptsize", "scriptstyle", "sf",
    "sffamily", "sl", "small", "space", "strut", "text", "textbf", "textstyle", "thickspace", "thinspace", "tiny", "tt",
    "ttfamily", "upshape", "unboldmath",
];

/// Reads the seam at the beginning of `rest`. If this is not the `last` piece, it may go on.
pub(super) fn seam_at(rest: &str, last: bool) -> Seam {
    let bytes = &rest.as_bytes()[..rest.len().min(LONGEST_SEAM)];
    let cut_off = if last || rest.len() >= LONGEST_SEAM { Seam::None } else { Seam::Open };
    read(bytes).unwrap_or(cut_off)
}

/// The seam, or nothing if the bytes end before it is clear.
fn read(bytes: &[u8]) -> Option<Seam> {
    match bytes[0] {
        b'[' => footnote(bytes),
        b']' => match bytes.get(1)? {
            b'(' => target(bytes),
            b'[' => label(bytes),
            _ => Some(Seam::None),
        },
        b'!' => Some(if *bytes.get(1)? == b'[' { Seam::Whole(1) } else { Seam::None }),
        b'{' => Some(match bytes.get(1)? {
            b'"' | b'\'' => Seam::None,
            next if next.is_ascii_whitespace() => Seam::None,
            _ => Seam::Whole(1),
        }),
        b'$' => Some(Seam::Whole(1)),
        b'^' => Some(if *bytes.get(1)? == b'{' { Seam::Whole(1) } else { Seam::None }),
        b'=' => Some(match bytes.get(1)? {
            b'=' => Seam::Within(2),
            // The end of a line in quoted-printable, which is none of the text.
            b'\n' => Seam::Whole(2),
            b'\r' if *bytes.get(2)? == b'\n' => Seam::Whole(3),
            _ => Seam::None,
        }),
        b' ' => hard_break(bytes),
        // Whether a second one follows decides what it is.
        b'~' => bytes.get(1).map(|_| Seam::None),
        b'\\' => command(bytes),
        0x1b => escape(bytes, 1),
        // A control character of one byte in Latin-1, of two in UTF-8.
        0xc2 => escape(bytes, 2),
        _ => Some(Seam::None),
    }
}

/// `[^1]`.
fn footnote(bytes: &[u8]) -> Option<Seam> {
    if *bytes.get(1)? != b'^' {
        return Some(Seam::None);
    }
    let is_label = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let count = bytes[2..].iter().take_while(is_label).count();
    Some(if *bytes.get(2 + count)? == b']' && count > 0 { Seam::Whole(3 + count) } else { Seam::None })
}

/// `](https://example.org "title")`, with round brackets in pairs.
fn target(bytes: &[u8]) -> Option<Seam> {
    let (mut depth, mut at) = (0_usize, 1);
    loop {
        match bytes.get(at)? {
            b'[' => return Some(Seam::None),
            b'\n' if *bytes.get(at + 1)? == b'\n' => return Some(Seam::None),
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(Seam::Whole(at + 1)),
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// `][label]`.
fn label(bytes: &[u8]) -> Option<Seam> {
    let stop = bytes[2..].iter().position(|byte| matches!(byte, b'[' | b']' | b':' | b'\n'))?;
    Some(if bytes[2 + stop] == b']' { Seam::Whole(3 + stop) } else { Seam::None })
}

/// White space that breaks a line.
fn hard_break(bytes: &[u8]) -> Option<Seam> {
    let spaces = bytes.iter().take(2 * MOST_SPACES + 1).take_while(|byte| **byte == b' ').count();
    if spaces > 2 * MOST_SPACES {
        return Some(Seam::None);
    }
    Some(match bytes.get(spaces)? {
        _ if spaces < 2 => Seam::None,
        b'\n' => Seam::Within(spaces + 1),
        b'\r' if *bytes.get(spaces + 1)? == b'\n' => Seam::Within(spaces + 2),
        _ => Seam::None,
    })
}

/// `\text{`, `\textcolor{red}{`, `\quad`, `\,`, a backslash at the end of a line.
fn command(bytes: &[u8]) -> Option<Seam> {
    let count = bytes[1..].iter().take(LONGEST_NAME + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let mut at = 1 + count;
    let next = *bytes.get(at)?;
    match count {
        0 => {
            return Some(match next {
                b'\n' => Seam::Within(2),
                b',' | b'!' | b';' | b':' | b'>' | b'/' | b'(' | b')' | b' ' | b'-' | b'\\' => Seam::Whole(2),
                _ => Seam::None,
            });
        }
        _ if count > LONGEST_NAME => return Some(Seam::None),
        _ => {}
    }
    let name = str::from_utf8(&bytes[1..at]).unwrap_or_default();
    at += usize::from(next == b'*');
    let spaces = bytes[at..].iter().take(MOST_SPACES + 1).take_while(|byte| **byte == b' ').count();
    if spaces <= MOST_SPACES && *bytes.get(at + spaces)? == b'{' {
        at += spaces;
        if !HIDDEN_ARGUMENT.contains(&name) {
            return Some(Seam::Whole(at + 1));
        }
        let stop = bytes[at + 1..].iter().position(|byte| matches!(byte, b'[' | b'{' | b'}' | b'\n'))?;
        at += stop + 1;
        return Some(match bytes[at] {
            b'}' if *bytes.get(at + 1)? == b'{' => Seam::Whole(at + 2),
            b'}' => Seam::Whole(at + 1),
            _ => Seam::None,
        });
    }
    Some(if BARE.contains(&name) { Seam::Whole(at + usize::from(spaces > 0)) } else { Seam::None })
}

/// A sequence that a terminal obeys and does not draw, after ECMA-48. `at` is behind its first character.
fn escape(bytes: &[u8], at: usize) -> Option<Seam> {
    let (kind, at) = if at == 1 { (*bytes.get(1)?, 2) } else { (bytes.get(1)?.wrapping_sub(0x40), 2) };
    match kind {
        b'[' => {
            let count = bytes[at..].iter().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
            Some(match bytes.get(at + count)? {
                next if next.is_ascii_alphabetic() && is_short(&bytes[at..at + count]) => Seam::Unseen(at + count + 1),
                0x40..=0x7e if bytes[at + count] != b'[' => Seam::Whole(at + count + 1),
                _ => Seam::None,
            })
        }
        b']' | b'P' | b'X' | b'^' | b'_' => {
            let mut end = at;
            loop {
                match bytes.get(end)? {
                    0x07 => return Some(Seam::Whole(end + 1)),
                    0x1b if *bytes.get(end + 1)? == b'\\' => return Some(Seam::Whole(end + 2)),
                    0xc2 if *bytes.get(end + 1)? == 0x9c => return Some(Seam::Whole(end + 2)),
                    b'[' | b'\n' => return Some(Seam::None),
                    _ => end += 1,
                }
            }
        }
        _ if bytes[0] != 0x1b => Some(Seam::None),
        0x30..=0x7e => Some(Seam::Whole(2)),
        0x20..=0x2f => Some(if matches!(bytes.get(2)?, 0x30..=0x7e) { Seam::Whole(3) } else { Seam::None }),
        _ => Some(Seam::None),
    }
}

/// Whether these are numbers of at most three digits. Behind them no word could begin where the sequence is drawn, and none
/// of the numbers is somebody's.
fn is_short(parameters: &[u8]) -> bool {
    parameters
        .split(|byte| matches!(byte, b';' | b':'))
        .all(|number| (1..=3).contains(&number.len()) && number.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_seams() {
        for (text, expected) in [
            ("[^1] x", Seam::Whole(4)),
            ("[^a b]", Seam::None),
            ("[x]", Seam::None),
            ("](http://x)y", Seam::Whole(11)),
            ("](a(b)c \"d\")y", Seam::Whole(12)),
            ("](a\\)b)y", Seam::Whole(7)),
            ("](a[b)", Seam::None),
            ("](a\n\nb)", Seam::None),
            ("](a", Seam::None),
            ("][ref]x", Seam::Whole(6)),
            ("][]x", Seam::Whole(3)),
            ("][removed: person]", Seam::None),
            ("] (x)", Seam::None),
            ("![x", Seam::Whole(1)),
            ("! x", Seam::None),
            ("{x}", Seam::Whole(1)),
            ("{ x }", Seam::None),
            ("{\"x\"}", Seam::None),
            ("  \nx", Seam::Within(3)),
            ("  \r\nx", Seam::Within(4)),
            ("  x", Seam::None),
            (" \nx", Seam::None),
            ("\\\nx", Seam::Within(2)),
            ("\\text{x}", Seam::Whole(6)),
            ("\\operatorname*{x}", Seam::Whole(15)),
            ("\\anything {x}", Seam::Whole(11)),
            ("\\textcolor{red}{x}", Seam::Whole(16)),
            ("\\hspace{1em}x", Seam::Whole(12)),
            ("\\quad x", Seam::Whole(6)),
            ("\\users\\x", Seam::None),
            ("\\,x", Seam::Whole(2)),
            ("\\*x", Seam::None),
            ("==x", Seam::Within(2)),
            ("=x", Seam::None),
            ("=\nx", Seam::Whole(2)),
            ("=\r\nx", Seam::Whole(3)),
            ("\u{1b}[1;31mx", Seam::Unseen(7)),
            ("\u{9b}31mx", Seam::Unseen(5)),
            ("\u{1b}[Kx", Seam::Whole(3)),
            ("\u{1b}[0791234567mx", Seam::Whole(13)),
            ("\u{1b}[?25lx", Seam::Whole(6)),
            ("\u{1b}]8;;http://x\u{7}y", Seam::Whole(14)),
            ("\u{1b}]0;t\u{1b}\\y", Seam::Whole(7)),
            ("\u{1b}[x", Seam::Whole(3)),
            ("\u{1b}[[removed", Seam::None),
            ("\u{1b}(Bx", Seam::Whole(3)),
            ("\u{1b}cx", Seam::Whole(2)),
        ] {
            assert_eq!(seam_at(text, true), expected, "{text:?}");
        }
    }

    #[test]
    fn what_may_become_a_seam_waits_but_not_for_long() {
        for text in
            ["]", "](http", "][re", "[^", "[^1", "\\te", "\\text", "!", "^", "  ", "\u{1b}", "\u{1b}[3", "\u{1b}]0;"]
        {
            assert_eq!(seam_at(text, false), Seam::Open, "{text:?}");
        }
        for begin in ["](", "][", "\\color{", "\u{1b}]"] {
            let long = format!("{begin}{}", "x".repeat(LONGEST_SEAM));
            assert_eq!(seam_at(&long, false), Seam::None, "{begin:?}");
        }
    }
}
