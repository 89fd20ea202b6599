//! What may stand between two parts of an entry, where a form has a [`Mark`].
//!
//! Read word by word, without looking at the list: so it is the same for every list, hashed or not. Each of them reads
//! a handful of words at most, which is what bounds how long a text waits there.

use crate::list::mark::{HOUSE_WORDS, Mark};
use crate::list::matcher::gap::Gap;
use crate::list::matcher::months::begins_foreign_month;
use crate::list::matcher::place::Place;
use crate::word::Word;

/// A place between two parts, and what was read there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    House(House),
    Place(Place),
    Date(Date),
    /// For the `@` or a dot of an e-mail address.
    Sign(Sign),
    /// Nothing may stand there.
    Nothing,
}

impl Between {
    pub fn new(mark: Mark) -> Between {
        match mark {
            Mark::House => Between::House(House::default()),
            Mark::Place => Between::Place(Place::default()),
            Mark::Date => Between::Date(Date::default()),
            Mark::Alone | Mark::Suffix => Between::Nothing,
            Mark::At => Between::Sign(Sign::new(&AT)),
            Mark::Dot => Between::Sign(Sign::new(&DOT)),
        }
    }

    /// Whether the next part of the entry may begin with a word.
    pub fn may_end(&self, word: &Word<'_>, gap: Gap) -> bool {
        match self {
            Between::House(_) => true,
            Between::Place(place) => place.may_end(word),
            Between::Date(date) => date.may_end(word, gap),
            Between::Sign(sign) => sign.may_end(),
            Between::Nothing => false,
        }
    }

    /// Reads a word; false if it may not stand there.
    pub fn read(&mut self, word: &Word<'_>, gap: Gap) -> bool {
        match self {
            Between::House(house) => house.read(word.text),
            Between::Place(place) => place.read(word),
            Between::Date(date) => date.read(word.text),
            Between::Sign(sign) => sign.read(word.text, gap),
            Between::Nothing => false,
        }
    }

    /// Whether a word that begins like this may stand there.
    pub fn may_read(&self, half_word: &str) -> bool {
        let begins = |words: &[&str]| words.iter().any(|word| word.starts_with(half_word));
        match self {
            Between::House(_) => begins(&HOUSE_WORDS) || begins(&HOUSE_SIGNS),
            Between::Place(place) => place.may_read(half_word),
            Between::Date(_) => begins(&DATE) || begins_foreign_month(half_word),
            Between::Sign(sign) => sign.may_read(half_word),
            Between::Nothing => false,
        }
    }

    /// Whether the two parts are removed apart, since words of a sentence stand between them.
    pub fn parts(&self) -> bool {
        matches!(self, Between::Place(place) if place.parts())
    }

    /// Whether a dash between spaces may stand there.
    pub fn spans_dash(&self) -> bool {
        matches!(self, Between::Place(_))
    }

    /// Whether the number of a house stands behind a comma, where it may be another number.
    pub fn is_loose(&self) -> bool {
        matches!(self, Between::House(house) if house.has_comma && !house.is_named)
    }
}

/// Between a street and the number of a house.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct House {
    count: u8,
    has_comma: bool,
    is_named: bool,
}

/// A sign before the number of a house, and signs behind its words.
const HOUSE_SIGNS: [&str; 5] = [",", ";", "#", ".", "\u{b0}"];

impl House {
    fn read(&mut self, text: &str) -> bool {
        self.count += 1;
        match text {
            "," | ";" => !std::mem::replace(&mut self.has_comma, true) && !self.is_named,
            "#" => !std::mem::replace(&mut self.is_named, true),
            "." | "\u{b0}" => self.is_named && self.count <= 4,
            _ if HOUSE_WORDS.contains(&text) => !std::mem::replace(&mut self.is_named, true),
            _ => false,
        }
    }
}

/// Between the parts of a date.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Date {
    count: u8,
    has_comma: bool,
}

const DATE: [&str; 15] = [".", ",", "/", "\u{b0}", "of", "the", "de", "del", "da", "di", "den", "d", "do", "ta", "van"];
const MOST_OF_DATE: u8 = 3;

impl Date {
    fn read(&mut self, text: &str) -> bool {
        self.count += 1;
        self.has_comma |= text == ",";
        self.count <= MOST_OF_DATE && DATE.contains(&text)
    }

    /// `June 17, 76 people` has no year; `June 17, '76` has one.
    fn may_end(self, word: &Word<'_>, gap: Gap) -> bool {
        let is_short = word.text.len() == 2 && word.text.bytes().all(|byte| byte.is_ascii_digit());
        !self.has_comma || !is_short || gap.has_quote()
    }
}

/// What stands for a sign of an e-mail address: the sign itself or a word for it, in brackets or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    words: &'static [&'static str],
    state: SignState,
    /// How many words of a tag were read.
    tag: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignState {
    Before,
    /// Behind the plus of a tag, and what follows.
    Tag,
    Open,
    Sign,
    Behind,
}

const AT: [&str; 7] = ["@", "at", "a", "arobase", "arroba", "chiocciola", "klammeraffe"];
const DOT: [&str; 6] = [".", "dot", "punkt", "point", "punto", "ponto"];
const OPENING: [&str; 3] = ["(", "<", "{"];
const CLOSING: [&str; 3] = [")", ">", "}"];
/// The most words and signs of a tag.
const MOST_OF_TAG: u8 = 12;

impl Sign {
    fn new(words: &'static [&'static str]) -> Sign {
        Sign { words, state: SignState::Before, tag: 0 }
    }

    fn may_end(self) -> bool {
        matches!(self.state, SignState::Sign | SignState::Behind)
    }

    fn read(&mut self, text: &str, gap: Gap) -> bool {
        let is_sign = self.words.contains(&text);
        self.state = match self.state {
            SignState::Before if self.words == AT && text == "+" && !gap.has_space() => SignState::Tag,
            SignState::Tag if text.len() > 1 && is_sign || text == "@" => SignState::Sign,
            SignState::Before | SignState::Tag if OPENING.contains(&text) => SignState::Open,
            SignState::Tag if !gap.has_space() && self.tag < MOST_OF_TAG => {
                self.tag += 1;
                SignState::Tag
            }
            SignState::Before | SignState::Open if is_sign => SignState::Sign,
            SignState::Sign if CLOSING.contains(&text) => SignState::Behind,
            _ => return false,
        };
        true
    }

    fn may_read(self, half_word: &str) -> bool {
        let begins = |words: &[&str]| words.iter().any(|word| word.starts_with(half_word));
        self.state == SignState::Tag || half_word == "+" || begins(self.words) || begins(&OPENING) || begins(&CLOSING)
    }
}
