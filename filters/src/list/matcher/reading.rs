//! One way to read a stream: as it is written, or with some of its seams passed over.
//!
//! A seam is what markup puts between letters that are drawn together (`canonical/seam.rs`), or a joint: a hyphen, a square
//! bracket. At each of them a reading goes on as it is, and a second one behind it as if nothing stood there. Where both
//! take what follows in the same way again, they become one with the paths of both. So there are hardly ever more of them
//! than seams in one word, and none between words without markup. A match passes over at most [`MOST_SEAMS`]. Behind a number
//! nothing is passed over within a word: such are the labels of footnotes, and each would begin readings of its own.

use std::mem;

use crate::canonical::{Class, Glyph, Hint};
use crate::list::index::Index;
use crate::scan::{Found, MATCH_SPAN};
use crate::word::{Lexer, OpenWord, Token};

use super::frequent::Frequent;
use super::gap::Gap;
use super::path::{MOST_SEAMS, Path, PathState, is_spelled_letter};
use super::time::before_half_time;
use super::{Context, Paths};

/// A way to read a stream.
pub(super) struct Reading<I> {
    lexer: Lexer,
    /// What was read since the last word.
    gap: Gap,
    /// What stands before the open word.
    open_gap: Gap,
    paths: Paths<I>,
    /// Up to where glyphs are passed over.
    behind: usize,
    seams: Seams,
    /// What was passed over directly before.
    passed: Passed,
    /// How many words were read when the contexts were lent.
    words: usize,
}

/// What is known of the seams that were passed over within a word.
#[derive(Clone, Copy)]
pub(super) struct Seams {
    pub count: u8,
    /// Where the last one starts.
    last: usize,
    /// Whether the reading passes over nothing.
    is_literal: bool,
    /// Whether the literal reading has a word that starts with this one.
    is_shared: bool,
}

impl Seams {
    /// Those of the literal reading.
    pub const NONE: Seams = Seams { count: 0, last: 0, is_literal: true, is_shared: true };

    /// Whether something may begin with the word, or the part of one, that starts at a place. In other readings than the
    /// literal one a word that something begins with has a seam, and starts where the literal reading has one too: which
    /// readings there are depends on what the list can say of half a word, and what is found must not.
    pub fn may_begin(self, start: usize) -> bool {
        self.is_literal || self.is_shared && self.last >= start
    }

    fn begin_word(&mut self) {
        (self.count, self.is_shared) = (0, self.is_literal);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Passed {
    Nothing,
    /// What markup puts between letters that are drawn together.
    Markup,
    /// A hyphen or the like, which is drawn.
    Hyphen,
}

/// Where what begins with the glyph ends, if it may be passed over.
pub(super) fn seam_end(glyph: &Glyph) -> Option<usize> {
    match glyph.class {
        Class::Joint => Some(glyph.end),
        Class::Extend => glyph.seam_end(),
        _ => None,
    }
}

impl<I: Index> Reading<I> {
    pub fn new(paths: Paths<I>) -> Reading<I> {
        let (lexer, gap, open_gap) = (Lexer::default(), Gap::default(), Gap::default());
        let seams = paths.seams;
        Reading { lexer, gap, open_gap, paths, behind: 0, seams, passed: Passed::Nothing, words: 0 }
    }

    /// Where its open word starts, and those without one last.
    pub fn word_start(&self) -> usize {
        self.lexer.start().unwrap_or(usize::MAX)
    }

    /// Whether the glyph stands in what this reading passes over.
    pub fn passes_over(&self, glyph: &Glyph) -> bool {
        glyph.start < self.behind
    }

    /// The reading that passes over the seam up to `end`, where that makes a difference: within a word, and between
    /// words of what may be listed.
    pub fn passing(&self, glyph: &Glyph, end: usize) -> Option<Reading<I>> {
        let within = self.lexer.is_in_letters() && self.seams.count < MOST_SEAMS && self.may_lead(glyph.start);
        let is_open = |path: &Path| path.state == PathState::Open;
        let between = || glyph.hint == Hint::Seam && self.paths.paths.iter().any(is_open);
        if self.passes_over(glyph) || !within && (self.lexer.is_open() || !between()) {
            return None;
        }
        let Paths { index, list, gap, paths, bracket, depth, aside, heading, before, recent, .. } = &self.paths;
        let earliest = paths.first().map_or(glyph.start, |path| path.start).min(self.word_start());
        let mut paths = Paths {
            index: index.clone(),
            list: *list,
            gap: *gap,
            paths: paths.clone(),
            seams: self.seams,
            bracket: *bracket,
            depth: *depth,
            aside: *aside,
            heading: *heading,
            context: Context::default(),
            before: *before,
            recent: recent.behind(earliest),
            frequent: Frequent::default(),
        };
        // Within a word, those that stand together are one.
        let mut seams = Seams { is_literal: false, ..self.seams };
        if within {
            // White space in what may be a formula is frequent.
            let is_blank = glyph.hint == Hint::SeamWithin && end - glyph.start == 1;
            let weight = if is_blank { 2 } else { 1 };
            seams.count += if self.passed == Passed::Nothing { weight } else { 0 };
            seams.last = glyph.start;
        } else {
            paths.paths.iter_mut().filter(|path| is_open(path)).for_each(|path| path.pass_seams(1));
        }
        let is_hyphen = glyph.class == Class::Joint && !matches!(glyph.c, '[' | ']');
        let mut lexer = self.lexer.clone();
        // What begins behind a break of lines or cells is no part of a word in camel case.
        let breaks = glyph.hint == Hint::SeamWithin && end - glyph.start > 1;
        if is_hyphen || breaks {
            lexer.forget_case();
        }
        let passed = if is_hyphen { Passed::Hyphen } else { Passed::Markup };
        Some(Reading { lexer, paths, behind: end, seams, passed, ..*self })
    }

    /// Ends a sign or a letter that is a word of its own, before a seam between words.
    pub fn end_sign(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let is_between = glyph.hint == Hint::Seam && !self.paths.paths.is_empty();
        if is_between && !self.passes_over(glyph) {
            self.paths.seams = self.seams;
            let (gap, paths) = (self.open_gap, &mut self.paths);
            self.lexer.close_sign(glyph.start, &mut |token| {
                if let Token::Word(word) = token {
                    paths.read_any(&word, gap, found);
                }
            });
        }
    }

    /// Whether the reading came to nothing: what follows is of no word, or of another one.
    pub fn is_vain(&self, glyph: &Glyph) -> bool {
        let goes_on = matches!(glyph.class, Class::Letter | Class::Hangul | Class::Mark | Class::Extend);
        match self.passed {
            _ if self.passes_over(glyph) => false,
            Passed::Nothing => false,
            Passed::Markup => glyph.class == Class::Digit,
            Passed::Hyphen => !goes_on,
        }
    }

    /// Whether what stands from `position` on means the same to both.
    pub fn is_like(&self, other: &Reading<I>, position: usize) -> bool {
        self.behind.max(position) == other.behind.max(position)
            && self.passed == other.passed
            && self.gap == other.gap
            && self.lexer.is_like(&other.lexer)
            && (!self.lexer.is_open() || self.open_gap == other.open_gap)
            && self.paths.target_depth() == other.paths.target_depth()
            && self.paths.aside == other.paths.aside
            && self.paths.heading == other.paths.heading
    }

    /// Takes the paths of another reading in.
    pub fn join(&mut self, other: &mut Reading<I>) {
        let paths = &mut self.paths.paths;
        let own = paths.len();
        for path in mem::take(&mut other.paths.paths) {
            let from = paths[..own].partition_point(|own| own.start < path.start);
            match paths[from..own].iter_mut().take_while(|own| own.start == path.start).find(|own| own.is_like(&path)) {
                Some(own) => own.seams = own.seams.min(path.seams),
                None => paths.push(path),
            }
        }
        if paths.len() > own {
            paths.sort_by_key(|path| path.start);
        }
        self.paths.recent.join(mem::take(&mut other.paths.recent));
        self.paths.depth = self.paths.depth.max(other.paths.depth);
        self.seams.count = self.seams.count.max(other.seams.count);
        self.seams.last = self.seams.last.max(other.seams.last);
        self.seams.is_shared |= other.seams.is_shared;
    }

    /// Gives another reading the contexts that were read.
    pub fn lend_contexts(&mut self, other: &mut Reading<I>) {
        self.words = self.paths.context.words;
        mem::swap(&mut self.paths.context, &mut other.paths.context);
    }

    /// Takes them back. Its words were counted already.
    pub fn take_contexts_back(&mut self, other: &mut Reading<I>) {
        mem::swap(&mut self.paths.context, &mut other.paths.context);
        self.paths.context.words = self.words;
    }

    /// Reads the glyphs at the beginning that only make the open word longer, and says how many they are.
    #[inline]
    pub fn read_within_word(&mut self, glyphs: &[Glyph]) -> usize {
        let count = self.lexer.grow_by(glyphs);
        if count > 0 {
            (self.passed, self.gap) = (Passed::Nothing, Gap::default());
        }
        count
    }

    /// Reads a glyph.
    #[inline]
    pub fn read(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let (gap, seams) = (self.open_gap, self.seams);
        if glyph.class != Class::Extend {
            self.passed = Passed::Nothing;
        }
        self.lexer.feed(glyph, &mut |token| match token {
            Token::Word(word) => {
                self.paths.seams = seams;
                self.paths.read_any(&word, gap, found);
            }
            Token::FullStop(word) => {
                self.paths.seams = seams;
                self.paths.read_or_pass(&word, gap, found);
            }
            Token::AsideBegins(start) => self.paths.begin_aside(start),
            Token::AsideEnds => self.paths.end_aside(found),
            Token::Barrier => self.paths.read_barrier(found),
        });
        match glyph.class {
            Class::Space | Class::Joint | Class::Barrier | Class::Apostrophe => self.gap.add(glyph),
            Class::Extend if matches!(glyph.hint, Hint::Line | Hint::EmptyLine | Hint::SeamWithin) => {
                self.gap.add(glyph);
            }
            Class::Extend => {}
            Class::Sign if glyph.hint == Hint::Parts => self.gap.add(glyph),
            _ => {
                if self.lexer.begins_at(glyph.start) {
                    self.open_gap = self.gap;
                    self.seams.begin_word();
                }
                self.gap = Gap::default();
            }
        }
        if glyph.class == Class::Joint && glyph.c == ']' {
            self.paths.bracket = Some(glyph.end);
        }
    }

    /// The earliest place from which on something may still be found.
    pub fn open(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let open_word = self.lexer.open();
        self.paths.prune(position, open_word, found);
        let waiting = self.paths.context.waiting.iter().map(|waiting| waiting.start).min();
        if let Some(path) = self.paths.paths.first() {
            return Some(waiting.map_or(path.start, |start| start.min(path.start)));
        }
        let begun = self.begun_word(position, open_word);
        waiting.into_iter().chain(begun).min()
    }

    /// The earliest place from which on it already looks like an entry that is not whole yet.
    pub fn begun(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let open_word = self.lexer.open();
        self.paths.prune(position, open_word, found);
        // A path that has its match is reported whole.
        let unfinished = |path: &&Path| path.best.is_none() && path.state != PathState::Closed;
        match self.paths.paths.iter().find(unfinished) {
            Some(path) => Some(path.start),
            None if self.paths.paths.is_empty() => self.begun_word(position, self.lexer.open()),
            None => None,
        }
    }

    /// Ends the stream.
    pub fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        let gap = self.open_gap;
        self.paths.seams = self.seams;
        self.lexer.close(position, &mut |token| {
            if let Token::Word(word) = token {
                self.paths.read_any(&word, gap, found);
            }
        });
        self.paths.close_all(found);
    }

    /// Whether something listed may begin or go on with what the open word begins.
    fn may_lead(&self, position: usize) -> bool {
        let Some(word) = self.lexer.open() else { return false };
        let index = self.paths.index.as_ref();
        let is_open = |path: &&Path| path.state == PathState::Open;
        // A part of it may be a word.
        word.line_break.is_some()
            || self.seams.is_shared && self.begun_word(position, Some(word)).is_some()
            || self.paths.paths.iter().filter(is_open).any(|path| path.may_follow(&word, index))
    }

    /// Where the open word starts, if an entry may begin with it.
    fn begun_word(&self, position: usize, open_word: Option<OpenWord<'_>>) -> Option<usize> {
        let word = open_word?;
        let index = &self.paths.index;
        let may_begin = |text: &str| {
            index.may_begin(text)
                || text.strip_suffix('s').is_some_and(|stem| index.may_begin(stem))
                || is_spelled_letter(text) && index.spelled(&text.replace('\'', "")).1
                || before_half_time(text).is_some_and(|day| index.may_begin(day))
        };
        let start = match word.line_break {
            Some(at) => Some(if may_begin(&word.text[..at.text]) { word.start } else { at.start }),
            None => may_begin(word.text).then_some(word.start),
        };
        start.filter(|start| position - start <= MATCH_SPAN)
    }
}
