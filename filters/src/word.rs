//! Words: what lists are compared by.
//!
//! A word is a run of letters and digits (close to UAX 29), a run of Hangul, a single letter of a script without spaces, or a single sign. White space, hyphens, underscores, square brackets,
//! quotation marks and apostrophes only part words, so `Anna-Maria`, `Anna Maria` and `[Anna] "Maria"` are the same
//! two words. Comparing whole words is what keeps `Mann` out of `Mannheim`.
//!
//! Two readings are given where both are usual: a capital letter behind a small one may begin a word
//! (`#AnnaKeller`, `McDonald`), the first of them in a run of letters; and a full stop directly between letters may
//! be a word or only part them (`anna.keller`, `St.Gallen`).
//!
//! An apostrophe parts words (`d'Anna`, `Keller's`), except behind `O`, `N` and `M`, which are no
//! words of their own in names: `Brien` is not found in `O'Brien`.

pub(crate) mod unseen;

use crate::canonical::{Canonical, Class, Glyph, Hint};
use crate::list::MAX_ENTRY;

/// A whole word, or what stands between words and stops every match.
pub(crate) enum Token<'a> {
    Word(Word<'a>),
    /// A full stop between letters: a word, or nothing.
    FullStop(Word<'a>),
    /// A tag with attributes begins at this place: what stands in it is read and passed over.
    AsideBegins(usize),
    AsideEnds,
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
    /// Whether it is the rest of a word, with which nothing begins.
    pub is_rest: bool,
    /// Where the rest starts, if it is the part before that; its end is that of both.
    pub rest: Option<usize>,
    /// If it may also be two words.
    pub line_break: Option<Break>,
    /// Whether it is the day before the `T` of a date with its time.
    pub has_time: bool,
}

impl<'a> Word<'a> {
    fn new(text: &'a str, start: usize, end: usize, decided: usize) -> Word<'a> {
        let (rest, line_break) = (None, None);
        Word { text, start, end, decided, capital: false, is_rest: false, rest, line_break, has_time: false }
    }
}

/// Where a word goes on in the next line, or where a capital letter stands in it behind a small one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Break {
    /// The part of its text before the hyphen or the capital letter.
    pub text: usize,
    /// Where that part ends.
    pub end: usize,
    /// Where the other part starts.
    pub start: usize,
    /// Whether a capital letter stands there and no line ends: nothing begins with the other part.
    pub at_capital: bool,
}

/// A word that may go on.
#[derive(Clone, Copy)]
pub(crate) struct OpenWord<'a> {
    pub text: &'a str,
    pub start: usize,
    pub capital: bool,
    /// If it may also be two words.
    pub line_break: Option<Break>,
}

/// Beginnings of Irish and African names. The Romance `d'`, `l'` and the like are words.
const HEADS: [&str; 3] = ["o", "n", "m"];

/// Cuts glyphs into words.
#[derive(Clone, Default)]
pub(crate) struct Lexer {
    text: String,
    start: usize,
    end: usize,
    state: State,
    /// Whether a sign stood directly before the word.
    after_sign: bool,
    capital: bool,
    /// The end of the capital letter read last.
    capital_end: usize,
    /// Where it may be parted, if there is one place for it.
    line_break: Option<Break>,
    /// How many places there are.
    breaks: usize,
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
    /// Behind a full stop that stands directly behind a letter.
    FullStop,
}

impl Lexer {
    /// Reads one glyph; reports the word that it ends, if it ends one.
    #[inline]
    pub fn feed(&mut self, glyph: &Glyph, report: &mut impl FnMut(Token<'_>)) {
        // Almost every glyph is one within a word.
        if self.state == State::Letters && glyph.class.joins() && glyph.hint != Hint::Capital {
            self.grow(glyph);
        } else {
            self.turn(glyph, report);
        }
    }

    /// Reads the glyphs at the beginning that only make the open word longer, and says how many they are.
    pub fn grow_by(&mut self, glyphs: &[Glyph]) -> usize {
        let grows = |glyph: &&Glyph| glyph.class.joins() && glyph.hint == Hint::None;
        let count = if self.state == State::Letters { glyphs.iter().take_while(grows).count() } else { 0 };
        if let Some(last) = count.checked_sub(1) {
            let room = (MAX_ENTRY + 1).saturating_sub(self.text.len());
            self.text.extend(glyphs[..count.min(room)].iter().map(|glyph| glyph.c));
            self.end = glyphs[last].end;
        }
        count
    }

    /// Reads a glyph at which the state may change.
    fn turn(&mut self, glyph: &Glyph, report: &mut impl FnMut(Token<'_>)) {
        match (glyph.class, self.state) {
            (Class::Mark, State::Spaceless | State::Hangul) | (Class::Hangul, State::Hangul) => self.grow(glyph),
            (Class::Letter | Class::Digit | Class::Mark, State::Letters) => self.grow_capital(glyph),
            (Class::Letter | Class::Digit | Class::Mark, State::Apostrophe) => {
                self.text.push('\'');
                self.state = State::Letters;
                self.grow(glyph);
            }
            // What goes on in small letters is one word; a capital begins another.
            (Class::Letter, State::NextLine) if glyph.hint != Hint::Capital => {
                let (text, end, start) = (self.text.len(), self.end, glyph.start);
                self.line_break = Some(Break { text, end, start, at_capital: false });
                self.breaks = 1;
                self.state = State::Letters;
                self.grow(glyph);
            }
            (Class::Space | Class::Extend, State::Hyphen) if glyph.hint == Hint::Line => self.state = State::NextLine,
            (Class::Extend, State::Hyphen | State::NextLine) => {}
            (Class::Joint, State::Letters) if glyph.c == '-' && self.breaks == 0 && !self.ends_in_digit() => {
                self.state = State::Hyphen;
            }
            (Class::Letter, State::FullStop) => {
                let (start, end, decided) = (self.start, self.end, glyph.start);
                report(Token::FullStop(Word::new(".", start, end, decided)));
                self.state = State::Between;
                self.begin(glyph, State::Letters, report);
                self.after_sign = true;
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
            (Class::Sign, _) => self.read_sign(glyph, report),
            (Class::Barrier, _) => {
                self.close(glyph.start, report);
                report(Token::Barrier);
            }
        }
    }

    fn read_sign(&mut self, glyph: &Glyph, report: &mut impl FnMut(Token<'_>)) {
        match glyph.hint {
            Hint::Parts => self.close(glyph.start, report),
            Hint::Opens => {
                self.close(glyph.start, report);
                report(Token::AsideBegins(glyph.start));
                self.begin(glyph, State::Sign, report);
            }
            Hint::Closes => {
                self.begin(glyph, State::Sign, report);
                self.close(glyph.end, report);
                report(Token::AsideEnds);
            }
            _ if glyph.c == '.' && self.state == State::Letters && !self.ends_in_digit() => {
                self.begin(glyph, State::FullStop, report);
            }
            _ => self.begin(glyph, State::Sign, report),
        }
    }

    /// A letter or digit within a word that may be a capital letter. Behind a small one it may begin a
    /// word: `AnnaKeller` is read as one and as two. What would be three is only read as one; a word that goes on in the
    /// next line is parted there and nowhere else.
    fn grow_capital(&mut self, glyph: &Glyph) {
        if glyph.hint == Hint::Capital {
            let goes_on = self.line_break.is_some_and(|place| !place.at_capital);
            if self.capital_end != self.end && !self.ends_in_digit() && !goes_on {
                self.line_break =
                    Some(Break { text: self.text.len(), end: self.end, start: glyph.start, at_capital: true });
                self.breaks += 1;
            }
            self.capital_end = glyph.end;
        }
        self.grow(glyph);
    }

    /// Ends the word that is open, if one is: the stream, or what matters of it, ends at `decided`.
    pub fn close(&mut self, decided: usize, report: &mut impl FnMut(Token<'_>)) {
        if self.state != State::Between {
            self.state = State::Between;
            let (start, end) = (self.start, self.end);
            let (text, capital, line_break) = (self.text.as_str(), self.capital, self.line_break());
            report(Token::Word(Word { capital, line_break, ..Word::new(text, start, end, decided) }));
        }
    }

    /// Whether a word that may go on starts at this place. Asked for every letter.
    #[inline]
    pub fn begins_at(&self, place: usize) -> bool {
        self.state != State::Between && self.start == place
    }

    /// Whether a letter that follows directly would be of the word that is open, which is no number.
    pub fn is_in_letters(&self) -> bool {
        matches!(self.state, State::Letters | State::Hangul) && !self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Where the open word starts.
    pub fn start(&self) -> Option<usize> {
        self.is_open().then_some(self.start)
    }

    /// Whether a word is open.
    pub fn is_open(&self) -> bool {
        self.state != State::Between
    }

    /// Ends the word that is open, if it is a sign or a letter of a script without spaces.
    pub fn close_sign(&mut self, decided: usize, report: &mut impl FnMut(Token<'_>)) {
        if matches!(self.state, State::Sign | State::FullStop | State::Spaceless) {
            self.close(decided, report);
        }
    }

    /// Lets a capital letter that follows directly begin no word.
    pub fn forget_case(&mut self) {
        self.capital_end = self.end;
    }

    /// Whether the other one reads what follows in the same way.
    pub fn is_like(&self, other: &Lexer) -> bool {
        let shape = |lexer: &Lexer| (lexer.start, lexer.end, lexer.capital, lexer.after_sign, lexer.breaks);
        self.state == other.state
            && (self.state == State::Between
                || shape(self) == shape(other)
                    && self.text == other.text
                    && self.line_break == other.line_break
                    && (self.capital_end == self.end) == (other.capital_end == other.end))
    }

    /// The beginning of a word that may go on, and where it starts.
    pub fn open(&self) -> Option<OpenWord<'_>> {
        let (text, start, capital) = (self.text.as_str(), self.start, self.capital);
        // A full stop may be no word.
        let stop = Break { text: text.len(), end: self.end, start: self.end, at_capital: false };
        let line_break = if self.state == State::FullStop { Some(stop) } else { self.line_break() };
        let word = OpenWord { text, start, capital, line_break };
        (self.state != State::Between).then_some(word)
    }

    /// How the word may be parted. With digits in it a part of it could be anything. What ends with the part before a
    /// capital letter ends with the word: what was left of it would be read in another way the next time.
    fn line_break(&self) -> Option<Break> {
        let place = self.line_break.filter(|_| self.breaks == 1)?;
        let is_name = || !self.text.contains(|c: char| c.is_ascii_digit());
        match place.at_capital {
            true => is_name().then_some(Break { end: self.end, ..place }),
            false => Some(place),
        }
    }

    fn begin(&mut self, glyph: &Glyph, state: State, report: &mut impl FnMut(Token<'_>)) {
        self.after_sign = matches!(self.state, State::Sign | State::FullStop);
        self.close(glyph.start, report);
        self.text.clear();
        self.start = glyph.start;
        self.capital = glyph.hint == Hint::Capital;
        self.capital_end = if self.capital { glyph.end } else { 0 };
        self.line_break = None;
        self.breaks = 0;
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
        if let Token::Word(word) | Token::FullStop(word) = token {
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
            ("Anna¹² B₁ 10²³ ¹", "anna ¹ ² b ₁ 1023 1"),
            ("Anna™ea", "anna ™ ea"),
            ("\"Anna\" «B»", "anna b"),
            ("x | a || b |", "x a | b"),
            ("| a | b\n| c", "| a b | c"),
            ("> a\n> b\n>> c\n>\n> d e > f", "a b c > d e > f"),
            ("A<b>nn</b>a<br>B&uuml;&#x62;<sup>1</sup>", "anna bub 1"),
            ("a < b <c", "a < b < c"),
            ("a.b J.R.B. c.1 1.c d.", "a . b j . r . b . c . 1 1 . c d ."),
        ] {
            assert_eq!(words(&Canonical::of(text)).join(" "), expected, "{text}");
        }
    }
}
