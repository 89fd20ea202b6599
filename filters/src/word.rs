//! Words: what lists are compared by.
//!
//! A word is a run of letters and digits (close to UAX 29), a run of Hangul, a single letter of a
//! script without spaces, or a single sign. White space, hyphens, underscores, square brackets and apostrophes
//! only part words, so `Anna-Maria`, `Anna Maria` and `[Anna] Maria` are the same two words.
//! Comparing whole words is what keeps `Mann` out of `Mannheim`.
//!
//! An apostrophe parts words (`d'Anna`, `Keller's`), except behind `O`, `N` and `M`, which are no
//! words of their own in names: `Brien` is not found in `O'Brien`.

use crate::canonical::{Canonical, Class, Glyph, Hint};
use crate::list::MAX_ENTRY;

/// A whole word, or what stands between words and stops every match.
pub(crate) enum Token<'a> {
    Word(Word<'a>),
    Barrier,
}

/// A whole word of the stream.
pub(crate) struct Word<'a> {
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
    /// Where the glyph begins that showed that the word is over.
    pub decided: usize,
    /// Whether it begins with a capital letter.
    pub capital: bool,
    /// If a hyphen and a line break stand in it: it may also be two words.
    pub line_break: Option<Break>,
}

/// Where a word goes on in the next line.
#[derive(Clone, Copy)]
pub(crate) struct Break {
    /// The part of its text before the hyphen.
    pub text: usize,
    /// Where that part ends.
    pub end: usize,
    /// Where the other part starts.
    pub start: usize,
}

/// A word that may go on.
#[derive(Clone, Copy)]
pub(crate) struct OpenWord<'a> {
    pub text: &'a str,
    pub start: usize,
    pub capital: bool,
    /// If a hyphen and a line break stand in it: it may also be two words.
    pub line_break: Option<Break>,
}

/// Beginnings of Irish and African names. The Romance `d'`, `l'` and the like are words.
const HEADS: [&str; 3] = ["o", "n", "m"];

/// Cuts glyphs into words.
#[derive(Default)]
pub(crate) struct Lexer {
    text: String,
    start: usize,
    end: usize,
    state: State,
    /// Whether a sign stood directly before the word.
    after_sign: bool,
    capital: bool,
    line_break: Option<Break>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Between words.
    #[default]
    Between,
    Letters,
    /// In a run of letters, behind an apostrophe that may belong to it.
    Apostrophe,
    /// Behind letters and a hyphen, where the line may end.
    Hyphen,
    /// Behind letters, a hyphen and the end of a line.
    NextLine,
    Hangul,
    Spaceless,
    Sign,
}

impl Lexer {
    /// Reads one glyph; reports the word that it ends, if it ends one.
    #[inline]
    pub fn feed(&mut self, glyph: &Glyph, report: &mut impl FnMut(Token<'_>)) {
        // Almost every glyph is one within a word.
        if self.state == State::Letters && glyph.class.joins() {
            self.grow(glyph);
        } else {
            self.turn(glyph, report);
        }
    }

    /// Reads a glyph at which the state may change.
    fn turn(&mut self, glyph: &Glyph, report: &mut impl FnMut(Token<'_>)) {
        match (glyph.class, self.state) {
            (Class::Mark, State::Spaceless | State::Hangul) | (Class::Hangul, State::Hangul) => self.grow(glyph),
            (Class::Letter | Class::Digit | Class::Mark, State::Apostrophe) => {
                self.text.push('\'');
                self.state = State::Letters;
                self.grow(glyph);
            }
            // What goes on in small letters is one word; a capital begins another.
            (Class::Letter, State::NextLine) if glyph.hint != Hint::Capital => {
                self.line_break = Some(Break { text: self.text.len(), end: self.end, start: glyph.start });
                self.state = State::Letters;
                self.grow(glyph);
            }
            (Class::Space | Class::Extend, State::Hyphen) if glyph.hint == Hint::Line => self.state = State::NextLine,
            (Class::Extend, State::Hyphen | State::NextLine) => {}
            (Class::Joint, State::Letters) if glyph.c == '-' && self.line_break.is_none() && !self.ends_in_digit() => {
                self.state = State::Hyphen;
            }
            (Class::Letter | Class::Digit | Class::Mark, _) => {
                self.begin(glyph, State::Letters, report);
            }
            (Class::Extend, State::Between | State::Apostrophe) => {}
            (Class::Extend, _) if self.end == glyph.start => self.end = glyph.end,
            (Class::Extend, _) => {}
            (Class::Apostrophe, State::Letters) if self.is_head() => {
                self.state = State::Apostrophe;
            }
            (Class::Space | Class::Joint | Class::Apostrophe, _) => {
                self.close(glyph.start, report);
            }
            (Class::Hangul, _) => self.begin(glyph, State::Hangul, report),
            (Class::Spaceless, _) => self.begin(glyph, State::Spaceless, report),
            (Class::Sign, _) => self.begin(glyph, State::Sign, report),
            (Class::Barrier, _) => {
                self.close(glyph.start, report);
                report(Token::Barrier);
            }
        }
    }

    /// Ends the word that is open, if one is: the stream, or what matters of it, ends at `decided`.
    pub fn close(&mut self, decided: usize, report: &mut impl FnMut(Token<'_>)) {
        if self.state != State::Between {
            self.state = State::Between;
            let (start, end) = (self.start, self.end);
            let (text, capital, line_break) = (self.text.as_str(), self.capital, self.line_break);
            report(Token::Word(Word { text, start, end, decided, capital, line_break }));
        }
    }

    /// The beginning of a word that may go on, and where it starts.
    pub fn open(&self) -> Option<OpenWord<'_>> {
        let (text, start, capital) = (self.text.as_str(), self.start, self.capital);
        let word = OpenWord { text, start, capital, line_break: self.line_break };
        (self.state != State::Between).then_some(word)
    }

    fn begin(&mut self, glyph: &Glyph, state: State, report: &mut impl FnMut(Token<'_>)) {
        self.after_sign = self.state == State::Sign;
        self.close(glyph.start, report);
        self.text.clear();
        self.start = glyph.start;
        self.capital = glyph.hint == Hint::Capital;
        self.line_break = None;
        self.state = state;
        self.grow(glyph);
    }

    #[inline]
    fn grow(&mut self, glyph: &Glyph) {
        // A word longer than any entry is known to match nothing; the rest of it is not kept.
        if self.text.len() <= MAX_ENTRY {
            self.text.push(glyph.c);
        }
        self.end = glyph.end;
    }

    fn ends_in_digit(&self) -> bool {
        self.text.ends_with(|c: char| c.is_ascii_digit())
    }

    /// Behind a sign it is none: the `o` of `x@example.o'brien` belongs to something else.
    fn is_head(&self) -> bool {
        !self.after_sign && HEADS.contains(&self.text.as_str())
    }
}

/// The words of a whole text.
pub(crate) fn words(canonical: &Canonical) -> Vec<String> {
    let mut words = Vec::new();
    let mut lexer = Lexer::default();
    let mut report = |token: Token<'_>| {
        if let Token::Word(word) = token {
            words.push(word.text.to_owned());
        }
    };
    canonical.glyphs().for_each(|glyph| lexer.feed(&glyph, &mut report));
    lexer.close(usize::MAX, &mut report);
    words
}

/// Whether a text has a word at all.
pub(crate) fn has_words(canonical: &Canonical) -> bool {
    !words(canonical).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_words() {
        for (text, expected) in [
            ("Anna-Maria Keller", "anna maria keller"),
            ("[Anna]_Maria_", "anna maria"),
            ("J.Müller, jr", "j . muller , jr"),
            ("O'Brien’s d'Anna l'Aquila Keller's", "o'brien s d anna l aquila keller s"),
            ("'Anna' o' n'", "anna o n"),
            ("王小明abc", "王 小 明 abc"),
            ("がか", "か\u{3099} か"),
            ("हिन्दी", "हिन्दी"),
            ("**An**na", "anna"),
            (" - _", ""),
        ] {
            assert_eq!(words(&Canonical::of(text)).join(" "), expected, "{text}");
        }
    }
}
