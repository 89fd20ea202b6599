//! Numbers that stand for someone: what they are made of, and the walk over all of them.
//!
//! A number is up to ten groups of letters and digits with at most three of `space . - / ( )` between
//! two of them, and perhaps a `+` before the first. The kinds say what is one. Groups that nothing
//! else parts are a run, and [`run`] says where numbers begin and end in it: a run is taken in whole
//! numbers or not at all. Groups are whole words, so `A0446681800` holds none.
//!
//! Not looked at: numbers with signs of other kinds between (`044,668,18,00`).

mod ahead;
mod ahv;
mod card;
mod document;
mod european_id;
mod group;
mod national_id;
mod phone;
mod plan;
mod run;
mod words;

use super::short::Short;
use super::{first_word, parts_to_digits};
use crate::Detectors;
use crate::canonical::{Class, Glyph, Hint};
use crate::scan::{Found, MATCH_SPAN, Scan};

use ahead::{Ahead, Verdict};
use group::{Boundary, Group, MAX_SEPARATOR, Number, Sort};
use run::{Left, MAX_RUN, Right, Run};
use words::{Context, MAX_WORD, Topic, is_extension};

/// Behind so many plain words that say nothing all is forgotten: what a word says reaches less far, and no number has so
/// many words.
const MEMORY: usize = 8;

/// From so many glyphs on it is worth to look for such words.
const WORTH_PASSING: usize = 64;

/// The digits between two commas of a figure.
const THOUSAND: usize = 3;

/// The detectors of phone, card, AHV and national identity numbers of one stream.
pub(crate) struct NumberScan {
    on: Detectors,
    /// Whole groups of which it is not decided yet whether numbers begin with them.
    run: Run,
    /// A sign behind the run that it may go on behind.
    ahead: Ahead,
    /// The group or word that is being read, and its letters as far as they may mean something.
    current: Option<Group>,
    word: Short<MAX_WORD>,
    /// What was read since the last group or word, and what that was.
    gap: Gap,
    before: Left,
    /// How many letters and digits the last word had.
    last_length: usize,
    /// Whether a row of figures goes on behind a comma.
    in_row: bool,
    /// Whether a `?` or `&` stands before the word that was read last.
    in_query: bool,
    context: Context,
}

/// What was read since the last group.
#[derive(Default)]
struct Gap {
    text: Short<MAX_SEPARATOR>,
    plus: Option<usize>,
    /// Where a `(` begins behind which nothing but a `+` stands.
    bracket: Option<usize>,
    /// Whether a line ends in it.
    line: bool,
    /// Whether a space or bracket stands behind the `+`.
    apart: bool,
}

impl Gap {
    fn boundary(&self) -> Boundary {
        Boundary::of(self.text.as_bytes(), self.line || self.plus.is_some())
    }

    fn first(&self) -> Option<usize> {
        self.bracket.or(self.plus)
    }
}

impl NumberScan {
    pub fn new(on: Detectors) -> NumberScan {
        NumberScan {
            on,
            run: Run::default(),
            ahead: Ahead::default(),
            current: None,
            word: Short::default(),
            gap: Gap::default(),
            before: Left::Free,
            last_length: 0,
            in_row: false,
            in_query: false,
            context: Context::default(),
        }
    }
}

impl Scan for NumberScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        parts_to_digits(glyphs).for_each(|part| self.read_part(part, found));
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let groups = self.run.groups().map(Group::first);
        let current = self.current.iter().filter(|group| group.may_begin()).map(Group::first);
        let mut starts = groups.chain(current).chain(self.gap.first());
        starts.find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        let ahead = self.ahead.take();
        self.read_again(&ahead, found);
        self.end_group(position, found);
        self.end_run(Right::Free, position, found);
    }
}

impl NumberScan {
    /// Reads glyphs of which only the last ones may be digits.
    fn read_part(&mut self, part: &[Glyph], found: &mut Vec<Found>) {
        let (mut rest, mut looked) = (part, false);
        while let Some((glyph, behind)) = rest.split_first() {
            if !looked && self.is_idle() {
                looked = true;
                let near = self.pass_sentences(rest);
                rest = self.pass_words(near);
                continue;
            }
            rest = behind;
            match self.ahead.is_empty() {
                true => self.read(glyph, found),
                false => self.look_ahead(glyph, found),
            }
            if self.current.is_none() {
                rest = self.pass_words(rest);
            }
        }
    }

    /// Whether nothing has begun.
    fn is_idle(&self) -> bool {
        self.current.is_none() && self.run.is_empty() && self.ahead.is_empty()
    }

    /// Passes over what is forgotten before the next digits come: there is no number without one, and behind some plain
    /// words that say nothing it does not matter what was before them. Returns the rest.
    fn pass_sentences<'a>(&mut self, glyphs: &'a [Glyph]) -> &'a [Glyph] {
        if glyphs.len() < WORTH_PASSING {
            return glyphs;
        }
        let (mut behind, mut end, mut words, mut last) = (None, 0, 0, Short::default());
        for (place, _) in glyphs.iter().enumerate().rev().filter(|(_, glyph)| glyph.class == Class::Space) {
            let Some(space) = behind.replace(place) else { continue };
            let word = &glyphs[place + 1..space];
            let mut text = Short::<MAX_WORD>::default();
            text.extend(word);
            let is_plain = text.len() == word.len() && word.iter().all(|glyph| glyph.c.is_ascii_lowercase());
            let is_last = words == 0;
            if !is_plain || !Context::forgets_behind(text.as_bytes()) || is_last && national_id::begins(text.as_bytes())
            {
                words = 0;
                continue;
            }
            words += 1;
            if is_last {
                end = space;
                last = text;
            }
            if words == MEMORY {
                self.context = Context::behind(last);
                (self.before, self.in_row, self.in_query, self.gap) = (Left::Word, false, false, Gap::default());
                self.push_gap(&glyphs[end]);
                return &glyphs[end + 1..];
            }
        }
        glyphs
    }

    /// Passes over words with which no number begins, if none has begun before. Returns the rest.
    fn pass_words<'a>(&mut self, glyphs: &'a [Glyph]) -> &'a [Glyph] {
        if self.current.is_some() || !self.run.is_empty() {
            return glyphs;
        }
        let mut rest = glyphs;
        while let Some((word, behind)) = first_word(rest)
            && word.len() <= MAX_WORD
            && !self.context.topic().has_letters()
        {
            let mut text = Short::<MAX_WORD>::default();
            text.extend(word);
            if national_id::begins(text.as_bytes()) {
                break;
            }
            // As `read_word` and `end_group` do glyph by glyph.
            self.context.read(text.as_bytes(), self.gap.text.as_bytes().ends_with(b"-"));
            self.before = Left::Word;
            self.in_row = false;
            self.gap = Gap::default();
            rest = behind;
            if rest[0].c != ' ' {
                break;
            }
            self.push_gap(&rest[0]);
            rest = &rest[1..];
        }
        rest
    }

    #[inline]
    fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        match glyph.class {
            Class::Letter | Class::Digit | Class::Mark => self.read_word(glyph, found),
            Class::Extend => match &mut self.current {
                Some(group) if group.end == glyph.start => group.end = glyph.end,
                Some(_) => {}
                None => self.read_white_space(glyph, found),
            },
            _ => self.read_between(glyph, found),
        }
    }

    /// Reads what follows a sign behind which an extension may stand.
    fn look_ahead(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        match self.ahead.read(glyph) {
            Verdict::Waits => {}
            Verdict::Extends(glyphs) => glyphs.iter().for_each(|glyph| self.read(glyph, found)),
            Verdict::Ends(glyphs) => self.read_again(&glyphs, found),
        }
    }

    /// Reads a sign that ends a number, and what was read behind it.
    fn read_again(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        let Some((sign, behind)) = glyphs.split_first() else { return };
        self.read_sign(sign, found);
        behind.iter().for_each(|glyph| self.read(glyph, found));
    }

    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        match glyph.c.is_ascii() {
            true => self.word.push(glyph),
            false => self.word.push(&Glyph { c: words::transcribed(glyph.c), ..*glyph }),
        }
        if let Some(group) = &mut self.current {
            let whole = group.sort != Sort::Other;
            group.grow(glyph);
            // No part of a number, and how long it goes on nobody knows.
            if whole && group.sort == Sort::Other {
                let right = if group.has_digits() { Right::of(group.boundary) } else { Right::Free };
                self.end_run(right, glyph.start, found);
            }
            return;
        }
        if glyph.class == Class::Letter && self.run.ends_at_letters() {
            self.end_run(Right::Free, glyph.start, found);
        }
        if self.run.len() == MAX_RUN {
            self.run.decide_first(self.on, glyph.start, found);
        }
        let mut gap = std::mem::take(&mut self.gap);
        // `2 + 41` is a sum.
        if gap.apart && self.before == Left::Digits && !self.context.topic().is_phone() {
            gap.plus = None;
        }
        let mut group = Group {
            text: Short::default(),
            sort: if glyph.class == Class::Digit { Sort::Digits } else { Sort::Letters },
            boundary: gap.boundary(),
            path: match self.before {
                Left::Word => matches!(gap.text.as_bytes(), b"/" | b"-"),
                Left::Joint => gap.text.is_empty(),
                _ => false,
            },
            negative: gap.text.as_bytes() == b" -" || gap.text.as_bytes() == b"-" && self.before == Left::Free,
            line: gap.line,
            in_row: std::mem::take(&mut self.in_row),
            colon: false,
            capitals: true,
            before: gap.text,
            plus: gap.plus,
            bracket: gap.bracket,
            extension: false,
            closing: false,
            start: glyph.start,
            end: glyph.end,
            topic: self.context.topic(),
        };
        group.grow(glyph);
        self.current = Some(group);
    }

    /// Ends the word that is being read: it goes on with the run, ends it, begins one, or none of these.
    fn end_group(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(mut group) = self.current.take() else { return };
        let word = std::mem::take(&mut self.word);
        self.last_length = word.len();
        group.part_extension();
        let says_extension = group.sort == Sort::Letters && is_extension(word.as_bytes()) || group.is_glued_extension();
        let extends = says_extension && self.run.ends_in_digits();
        if !self.run.is_empty() && !self.run.takes(&group, extends) {
            let right = if group.sort == Sort::Letters { Right::Free } else { Right::of(group.boundary) };
            self.end_run(right, decided, found);
        }
        let after = match group.sort {
            Sort::Letters => Left::Word,
            Sort::Other if !group.has_digits() => Left::Word,
            _ if self.before.hangs(group.boundary) => Left::Parts,
            _ => Left::Digits,
        };
        match group.sort {
            // Between a number and its extension it says nothing.
            _ if extends && !self.run.is_empty() && words::meaning(word.as_bytes()).is_none() => {}
            _ if word.as_bytes().iter().all(u8::is_ascii_lowercase) => {
                self.context.read(word.as_bytes(), group.before.as_bytes().ends_with(b"-"))
            }
            Sort::Digits => self.context.pass_digits(word.len()),
            _ => self.context.pass_other(),
        }
        if !self.run.is_empty() || group.begins() {
            if self.run.is_empty() {
                self.run.begin(self.before);
            }
            if extends && !self.run.is_empty() {
                group.sort = Sort::Extension;
            }
            self.run.push(group);
        }
        self.before = after;
    }

    fn push_gap(&mut self, glyph: &Glyph) {
        self.in_query = false;
        self.gap.text.push(glyph);
        self.gap.bracket = (glyph.c == '(').then_some(glyph.start);
        self.gap.line |= glyph.hint == Hint::Line;
    }

    /// Reads what is neither letter nor digit of a spaced script.
    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        self.end_group(glyph.start, found);
        match glyph.c {
            ')' if self.gap.text.is_empty() && self.run.close_extension(glyph.end) => {}
            ':' | '=' if matches!(self.gap.text.as_bytes(), b"" | b".") && self.run.ends_in_extension() => {}
            // `BE 123'456`, `GE·123456`
            '\'' | '\u{b7}'
                if matches!(self.gap.text.as_bytes(), b"" | b" ")
                    && self.run.groups().next().is_some_and(|first| first.topic == Topic::Plate) =>
            {
                self.push_gap(&Glyph { c: '-', ..*glyph });
            }
            // A `+` may stand a little apart from its number.
            ' ' | '(' if self.gap.plus.is_some() && !self.gap.apart => self.gap.apart = true,
            ' ' | '.' | '-' | '/' | '(' | ')' if self.gap.plus.is_none() && self.gap.text.room() > 0 => {
                self.push_gap(glyph);
            }
            '#' if self.gap.plus.is_none()
                && matches!(self.gap.text.as_bytes(), b"" | b" ")
                && self.run.ends_in_digits() =>
            {
                let boundary = self.gap.boundary();
                self.run.push(Group::extension_sign(glyph, boundary, self.context.topic()));
                self.gap = Gap::default();
            }
            ',' | ';'
                if self.gap.plus.is_none()
                    && matches!(self.gap.text.as_bytes(), b"" | b" ")
                    && !self.gap.line
                    && self.run.may_extend() =>
            {
                self.ahead.begin(glyph);
            }
            '+' if self.gap.plus.is_none() && !self.is_glued() => self.gap.plus = Some(glyph.start),
            _ => self.read_sign(glyph, found),
        }
    }

    /// Reads more white space. Behind a long run of it nothing goes on.
    fn read_white_space(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if self.run.groups().next().is_some_and(|first| glyph.end - first.first() > MATCH_SPAN) {
            self.end_run(Right::Free, glyph.start, found);
            (self.gap, self.before) = (Gap::default(), Left::Free);
        }
    }

    /// Reads a sign that no number has.
    fn read_sign(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let removed = glyph.class == Class::Barrier;
        let right = if removed { Right::of(self.gap.boundary()) } else { Right::Free };
        let apart = !self.gap.text.is_empty();
        if glyph.c == ':' && !apart {
            self.run.end_in_colon();
        }
        let ended = !self.run.is_empty();
        let (alone, short) = (self.run.len() == 1, self.run.ends_in_hour());
        self.end_run(right, glyph.start, found);
        self.in_row = glyph.c == ',' && ended && self.run.was_figure;
        let figure = matches!(self.before, Left::Digits | Left::Parts) && !apart && !self.run.was_taken;
        self.before = match glyph.c {
            _ if removed => Left::Tied,
            // What follows `13:06` and `13,178` is no beginning of anything.
            ':' if figure && short => Left::Tied,
            ',' if figure && self.before == Left::Digits && alone && self.last_length <= THOUSAND => Left::Comma,
            ':' if matches!(self.before, Left::Colon | Left::Tied) && !apart => Left::Hanging,
            ':' => Left::Colon,
            '%' => Left::Hanging,
            '_' => Left::Joint,
            _ => Left::Free,
        };
        self.gap = Gap::default();
        if removed {
            self.context.pass_marker();
        } else if glyph.class.is_word() {
            self.context.read_spaceless(glyph.c);
        } else {
            self.read_mark(glyph.c, ended && self.run.was_taken);
        }
        if glyph.c == '(' {
            self.gap.bracket = Some(glyph.start);
        }
    }

    /// Reads a sign that says something of what follows it; `listed` if it follows a number.
    fn read_mark(&mut self, c: char, listed: bool) {
        match c {
            ':' => {
                self.context.announce();
                self.context.end_key(false);
            }
            '=' => self.context.end_key(self.in_query),
            ',' | ';' if listed => self.context.pass_listed(),
            ',' | ';' => self.context.pass_break(),
            _ => {}
        }
        self.in_query = matches!(c, '?' | '&') || self.in_query && c == '_';
    }

    /// Whether a sign stands directly behind a word or figure, as the one of `U+2029` does.
    fn is_glued(&self) -> bool {
        let glued = match self.before {
            Left::Word => !self.context.topic().is_phone(),
            Left::Digits | Left::Parts => true,
            _ => false,
        };
        glued && self.gap.text.is_empty()
    }

    fn end_run(&mut self, right: Right, decided: usize, found: &mut Vec<Found>) {
        if !self.run.is_empty() {
            self.run.decide(self.on, right, decided, found);
        }
    }
}
