//! What stands between words, and what stood before: enough to tell two people apart.

use crate::canonical::{Class, Glyph, Hint};
use crate::list::matcher::beside::is_letter;
use crate::list::matcher::doubt::{is_number_sign, is_postcode};
use crate::list::matcher::vocabulary::{is_article, is_given_name, is_kind_of_street, is_title};
use crate::list::variants::is_sound;
use crate::word::Word;

/// What parts a word from the one before.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    space: bool,
    /// The end of a line.
    pub line: bool,
    /// An empty line.
    pub paragraph: bool,
    /// What markup draws as one: the end of a paragraph or a heading, two line breaks.
    pub block: bool,
    /// The length of the tag that comes next, and whether one was a line break.
    tag: usize,
    tag_line: bool,
    /// The tag of what is raised or lowered, as the mark of a footnote is.
    pub raised: bool,
    /// A hyphen or dash.
    dash: bool,
    /// One with white space before it.
    spaced_dash: bool,
    /// An apostrophe.
    quote: bool,
    /// A quotation mark, or the edge of a cell.
    edge: bool,
    /// A quotation mark behind white space, and one before any.
    pub opens: bool,
    pub closes: bool,
    /// An opening square bracket.
    pub bracket: bool,
    /// A closing one.
    pub bracket_end: bool,
}

/// The lengths of `<p>`, which begins a paragraph, and of `<sup>`, which raises.
const PARAGRAPH_TAG: usize = 3;
const RAISED_TAG: usize = 5;

impl Gap {
    /// Reads what is no word.
    pub fn add(&mut self, glyph: &Glyph) {
        match glyph.c {
            _ if glyph.hint == Hint::SeamWithin => {
                self.tag = glyph.seam_end().map_or(0, |end| end - glyph.start);
                self.raised = self.tag == RAISED_TAG;
            }
            '-' => {
                self.dash = true;
                self.spaced_dash |= self.space;
            }
            // Of more white space in a row only the breaks of markup matter.
            ' ' if glyph.class == Class::Extend && glyph.hint == Hint::Line && self.tag == 0 => {}
            ' ' => self.add_space(glyph),
            '[' => self.bracket = true,
            ']' => self.bracket_end = true,
            // What stands before something removed is not known when stored text is restored.
            _ if glyph.class == Class::Barrier => *self = Gap::default(),
            _ if glyph.class == Class::Apostrophe => {
                self.quote = true;
                self.add_quote();
            }
            _ if glyph.hint == Hint::Parts => {
                self.edge = true;
                self.add_quote();
            }
            _ => {}
        }
    }

    fn add_space(&mut self, glyph: &Glyph) {
        let tag = std::mem::take(&mut self.tag);
        let is_line = matches!(glyph.hint, Hint::Line | Hint::EmptyLine);
        self.raised &= !is_line;
        if is_line && tag >= PARAGRAPH_TAG {
            self.block |= std::mem::replace(&mut self.tag_line, true) || tag == PARAGRAPH_TAG;
        }
        if glyph.hint == Hint::EmptyLine {
            let is_break = glyph.end - glyph.start == 1;
            self.paragraph |= is_break;
            self.block |= !is_break;
        }
        self.line |= is_line;
        self.space = true;
    }

    fn add_quote(&mut self) {
        if self.space { self.opens = true } else { self.closes = true }
    }

    /// Whether nothing goes on behind it: a dash between words, an item of a list, a rule.
    pub fn parts(self) -> bool {
        self.spaced_dash
    }

    /// Whether a hyphen joins the words.
    pub fn joins(self) -> bool {
        self.dash && !self.spaced_dash
    }

    /// Whether there is nothing but blanks in it.
    pub fn is_blank(self) -> bool {
        !self.line && !self.dash
    }

    /// Whether a hyphen or dash is in it.
    pub fn has_dash(self) -> bool {
        self.dash
    }

    /// Whether an apostrophe is in it.
    pub fn has_quote(self) -> bool {
        self.quote
    }

    /// Whether white space is in it.
    pub fn has_space(self) -> bool {
        self.space
    }

    /// Whether there is neither white space nor a dash in it.
    pub fn is_tight(self) -> bool {
        !self.space && !self.dash
    }

    /// Whether what stands before and behind it is no one number or line: a line, a cell, a quotation ends, or a dash.
    pub fn is_edge(self) -> bool {
        self.line || self.edge || self.spaced_dash
    }
}

/// The longest word before another one that is known, in bytes.
const LONGEST_BEFORE: usize = 15;

/// The last words that were read.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    traces: Traces,
    initial: bool,
    /// Whether a hyphen joins a first name or an initial to what follows.
    joined: bool,
    /// Whether a word and a sign of a mailbox stand directly before.
    hangs: bool,
    /// The last one, if it is short enough.
    text: [u8; LONGEST_BEFORE],
    length: u8,
}

/// What a path keeps of the words before it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traces {
    capital: bool,
    title: bool,
    colon: bool,
    /// A full stop directly behind digits.
    stop: bool,
    /// What makes another street of one: `Alte Landstrasse`.
    kind_of_street: bool,
    /// What is of one mailbox with what follows: `max.anna`.
    mailbox: bool,
    number: Number,
    place: u8,
}

/// What was read of a number that may go on.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Number {
    #[default]
    None,
    Digits,
    /// A sign directly behind digits.
    Sign,
}

/// A place behind its postcode has so many words, and signs, at most.
const PLACE_WORDS: u8 = 4;

impl Before {
    /// What stands directly before a word, with a gap between.
    pub fn directly(self, gap: Gap) -> Before {
        let (number, place) = self.number_and_place(gap);
        let before = if gap.is_blank() { self } else { Before::default() };
        let joined = gap.joins() && (self.initial || self.is_given_name());
        let hangs = gap.is_tight() && self.hangs || gap.joins() && !gap.has_space() && self.is_word();
        Before { traces: Traces { number, place, ..before.traces }, joined, hangs, ..before }
    }

    fn number_and_place(&self, gap: Gap) -> (Number, u8) {
        match self.traces.number {
            _ if gap.is_edge() => (Number::None, 0),
            Number::Sign if gap.has_space() => (Number::None, self.traces.place),
            number => (number, self.traces.place),
        }
    }

    /// Reads a word with a gap before it. A dot behind an initial belongs to it.
    pub fn note(&mut self, word: &Word<'_>, gap: Gap) {
        let (number, place) = self.number_and_place(gap);
        self.traces.number = match number {
            _ if word.text.bytes().any(|byte| byte.is_ascii_digit()) => Number::Digits,
            Number::Digits if is_number_sign(word.text) && !gap.has_space() => Number::Sign,
            _ => Number::None,
        };
        self.traces.place = match place {
            _ if is_postcode(word.text) => PLACE_WORDS,
            0 => 0,
            _ if word.capital => place - 1,
            _ if matches!(word.text, "," | ";" | "|") && place < PLACE_WORDS => place,
            _ => 0,
        };
        if word.text == "." && self.initial {
            self.hangs = gap.is_tight();
            return;
        }
        self.hangs = matches!(word.text, "." | "+") && gap.is_tight() && self.is_word();
        self.traces.capital = word.capital;
        self.initial = word.capital && is_initial(word.text);
        self.length = 0;
        if let Some(text) = self.text.get_mut(..word.text.len()) {
            text.copy_from_slice(word.text.as_bytes());
            self.length = word.text.len() as u8;
        }
    }

    /// What a path keeps of it.
    pub fn traces(&self) -> Traces {
        let text = self.text();
        let stop = self.traces.number == Number::Sign && text == ".";
        let (title, kind_of_street) = match self.traces.capital {
            true => (is_title(text), is_kind_of_street(text)),
            false => (false, false),
        };
        Traces { title, colon: text == ":", stop, kind_of_street, mailbox: self.hangs, ..self.traces }
    }

    /// Whether it is an initial with a capital letter, with or without a dot.
    pub fn is_initial(&self) -> bool {
        self.initial
    }

    /// Whether it is a first name or an initial that a hyphen joins to what follows: `Anna-Maria`.
    pub fn is_joined(&self) -> bool {
        self.joined
    }

    /// Whether it is the sign that begins a heading.
    pub fn is_number_sign(&self) -> bool {
        self.text() == "#"
    }

    /// Whether it is a semicolon.
    pub fn is_semicolon(&self) -> bool {
        self.text() == ";"
    }

    /// Whether it is an article.
    pub fn is_article(&self) -> bool {
        is_article(self.text())
    }

    /// Whether it is a frequent first name.
    pub fn is_given_name(&self) -> bool {
        is_given_name(self.text())
    }

    fn is_word(&self) -> bool {
        self.text[..usize::from(self.length)].last().is_some_and(|byte| byte.is_ascii_alphanumeric())
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl Traces {
    /// Whether it is a title.
    pub fn is_title(self) -> bool {
        self.title
    }

    /// Whether it is a full stop directly behind digits, with more digits behind it.
    pub fn is_stop_in_number(self) -> bool {
        self.stop
    }

    /// Whether a street that follows is another one.
    pub fn is_kind_of_street(self) -> bool {
        self.kind_of_street
    }

    /// Whether an e-mail address that follows is another one.
    pub fn is_in_mailbox(self) -> bool {
        self.mailbox
    }

    /// Whether it is the colon of a label.
    pub fn is_colon(self) -> bool {
        self.colon
    }

    /// Whether it is a word with a capital letter.
    pub fn is_capital(self) -> bool {
        self.capital
    }

    /// Whether digits that follow may be of one number with those before.
    pub fn is_in_number(self) -> bool {
        self.number != Number::None
    }

    /// Whether it is a postcode and a place.
    pub fn is_place(self) -> bool {
        (1..PLACE_WORDS).contains(&self.place)
    }

    /// Whether it is a postcode, with or without a place.
    pub fn is_postcode(self) -> bool {
        self.place > 0
    }
}

/// Whether a word may be an initial: a letter of a script that has capital ones, or more letters that are one sound.
pub(super) fn is_initial(word: &str) -> bool {
    is_letter(word) && word.starts_with(char::is_lowercase) || is_sound(word)
}
