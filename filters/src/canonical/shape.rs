//! What a character looks like in canonical form: its letters, their classes, and a hint.
//!
//! Almost all text is made of characters of one and two bytes. What they become is looked up in a
//! table, which is filled by the same functions that are asked for all others.

use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

use super::fold::fold;
use super::{Class, Hint};

/// A canonical character without its place.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub c: char,
    pub class: Class,
    pub hint: Hint,
}

/// A byte of text, and what it becomes if it is a character that means the same whatever stands
/// around it.
#[derive(Clone, Copy)]
pub(super) struct PlainByte {
    pub shape: Shape,
    pub is_plain: bool,
}

/// For each byte whether it is plain. Not plain are Markdown's and HTML's signs, what may begin a marker or an
/// escape or has a meaning in the query of an address, control characters, and the bytes of longer characters.
pub(super) static PLAIN_BYTES: [PlainByte; 256] = plain_bytes();

const fn plain_bytes() -> [PlainByte; 256] {
    let nothing = Shape { c: '\0', class: Class::Extend, hint: Hint::None };
    let mut bytes = [PlainByte { shape: nothing, is_plain: false }; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        let c = byte.to_ascii_lowercase() as char;
        let hint = match byte {
            b'A'..=b'Z' => Hint::Capital,
            b'"' => Hint::Parts,
            _ => Hint::None,
        };
        let shape = Shape { c, class: ascii_class(c), hint };
        let is_plain = !matches!(
            byte,
            b'*' | b'`'
                | b'~'
                | b'['
                | b'<'
                | b'>'
                | b'\\'
                | b'&'
                | b'|'
                | b']'
                | b'!'
                | b'{'
                | b'}'
                | b'$'
                | b'^'
                | b'='
                | b'%'
                | b'?'
                | b'+'
        );
        bytes[byte as usize] = PlainByte { shape, is_plain };
        byte += 1;
    }
    bytes
}

/// Gives what `c` becomes to `emit`: nothing if it leaves no trace.
pub(super) fn shapes(c: char, mut emit: impl FnMut(Shape)) {
    match SHORT.get(c as usize) {
        Some(short) => short.shapes[..short.count].iter().for_each(|shape| emit(*shape)),
        None => shapes_of(c, emit),
    }
}

fn shapes_of(c: char, mut emit: impl FnMut(Shape)) {
    if matches!(c, '™' | '℠') {
        // Not two letters, which would make one word with those beside them.
        return emit(Shape { c, class: Class::Sign, hint: Hint::None });
    }
    let hint = Hint::of(c);
    fold(c, |c| match c {
        '"' => emit(Shape { c, class: Class::Sign, hint: Hint::Parts }),
        _ => emit(Shape { c, class: class_of(c), hint }),
    });
}

/// Digits above and below the line and in circles, as footnotes have them.
pub(super) fn is_raised(c: char) -> bool {
    matches!(c,
        '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}'
        | '\u{2460}'..='\u{249b}' | '\u{24ea}'..='\u{24ff}' | '\u{2776}'..='\u{2793}')
}

/// What a character of at most two bytes becomes.
struct Short {
    shapes: [Shape; MOST],
    count: usize,
}

/// No character of two bytes becomes more than, like `¼`, three.
const MOST: usize = 3;

static SHORT: LazyLock<Vec<Short>> = LazyLock::new(|| ('\0'..='\u{7ff}').map(Short::of).collect());

impl Short {
    fn of(c: char) -> Short {
        let nothing = Shape { c: '\0', class: Class::Extend, hint: Hint::None };
        let mut short = Short { shapes: [nothing; MOST], count: 0 };
        shapes_of(c, |shape| {
            short.shapes[short.count] = shape;
            short.count += 1;
        });
        short
    }
}

const fn ascii_class(c: char) -> Class {
    match c {
        ' ' => Class::Space,
        '0'..='9' => Class::Digit,
        'a'..='z' => Class::Letter,
        '-' | '_' | '[' | ']' => Class::Joint,
        '\'' => Class::Apostrophe,
        _ => Class::Sign,
    }
}

pub(super) fn class_of(c: char) -> Class {
    match c {
        _ if c.is_ascii() => ascii_class(c),
        '·' | '\u{2027}' => Class::Joint,
        _ if is_combining_mark(c) => Class::Mark,
        _ if is_spaceless(c) => Class::Spaceless,
        _ if c.is_numeric() => Class::Digit,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' => Class::Hangul,
        _ if c.is_alphanumeric() => Class::Letter,
        _ => Class::Sign,
    }
}

/// Letters of Han, kana, Bopomofo and of the scripts of South-East Asia that leave no spaces
/// between words.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303c}'
        | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}'
        | '\u{f900}'..='\u{faff}' | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}'
        | '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ecd}'
        | '\u{edc}'..='\u{edf}' | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}'
        | '\u{aa60}'..='\u{aa7f}' | '\u{1780}'..='\u{17d3}' | '\u{1950}'..='\u{19c9}'
        | '\u{1a20}'..='\u{1a7f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_is_what_is_computed() {
        let parts = |shape: Shape| (shape.c, shape.class, shape.hint);
        for c in '\0'..='\u{7ff}' {
            let (mut found, mut computed) = (Vec::new(), Vec::new());
            shapes(c, |shape| found.push(parts(shape)));
            shapes_of(c, |shape| computed.push(parts(shape)));
            assert_eq!(found, computed, "U+{:04X}", c as u32);
            if let Some(plain) = PLAIN_BYTES.get(c as usize).filter(|byte| byte.is_plain) {
                assert_eq!(vec![parts(plain.shape)], computed, "U+{:04X}", c as u32);
            }
        }
    }
}
