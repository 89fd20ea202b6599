//! Numbers that stand for someone: what they are made of, and the walk over all of them.
//!
//! A number is up to eight groups of letters and digits with at most three of `space . - / ( )`
//! between two of them, and perhaps a `+` before the first. The kinds say what is one; of several
//! readings the first, then the longest counts. Groups are whole words, so `A0446681800` holds
//! none. Not looked at: groups that are tied to more digits by a dot, hyphen or slash without a
//! space (`12.044 668 18 00`), and numbers with letters or signs of other kinds between.

mod ahv;
mod card;
mod group;
mod national_id;
mod phone;
mod words;

use std::collections::VecDeque;

use super::first_word;
use super::short::Short;
use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::{Detectors, Kind};

use group::{Group, MAX_GROUP, MAX_SEPARATOR, Number, Sort};
use words::{Context, TOPICS, Topic};

/// The most groups of one number.
const MAX_GROUPS: usize = 8;
/// The detectors of phone, card, AHV and national identity numbers of one stream.
pub(crate) struct NumberScan {
    on: Detectors,
    /// Whole groups of which it is not decided yet whether a number begins with them.
    groups: VecDeque<Group>,
    /// The group that is being read.
    current: Option<Group>,
    /// What was read since the last group.
    gap: Gap,
    /// Whether the word before the gap had digits, or was removed.
    after_digits: bool,
    context: Context,
}

/// What was read since the last group.
#[derive(Default)]
struct Gap {
    text: Short<MAX_SEPARATOR>,
    plus: Option<usize>,
    /// Where a `(` begins behind which nothing but a `+` stands.
    bracket: Option<usize>,
}

impl Gap {
    /// Whether it ties digits on both sides together.
    fn ties(&self) -> bool {
        matches!(self.text.as_bytes(), b"" | b"." | b"-" | b"/")
    }

    fn first(&self) -> Option<usize> {
        self.bracket.or(self.plus)
    }
}

/// What ended the groups read so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Free,
    /// More digits, or something that was removed: what is tied to it is no number.
    Digits,
}

impl NumberScan {
    pub fn new(on: Detectors) -> NumberScan {
        NumberScan {
            on,
            groups: VecDeque::new(),
            current: None,
            gap: Gap::default(),
            after_digits: false,
            context: Context::default(),
        }
    }
}

impl Scan for NumberScan {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        let mut rest = self.pass_words(glyphs);
        while let Some((glyph, behind)) = rest.split_first() {
            rest = behind;
            match glyph.class {
                Class::Letter | Class::Digit | Class::Mark => self.read_word(glyph, found),
                Class::Extend => {
                    if let Some(group) = &mut self.current
                        && group.end == glyph.start
                    {
                        group.end = glyph.end;
                    }
                }
                _ => {
                    self.read_between(glyph, found);
                    rest = self.pass_words(rest);
                }
            }
        }
    }

    fn open(&mut self, position: usize, _: &mut Vec<Found>) -> Option<usize> {
        let groups = self.groups.iter().map(Group::first);
        let current = self.current.iter().filter(|group| group.may_begin()).map(Group::first);
        let mut starts = groups.chain(current).chain(self.gap.first());
        starts.find(|start| position - start <= MATCH_SPAN)
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.end_group(position, found);
        self.decide_all(Edge::Free, position, found);
    }
}

impl NumberScan {
    /// Passes over words with which no number begins, if none has begun before. Returns the rest.
    fn pass_words<'a>(&mut self, glyphs: &'a [Glyph]) -> &'a [Glyph] {
        if self.current.is_some() || !self.groups.is_empty() {
            return glyphs;
        }
        let mut rest = glyphs;
        while let Some((word, behind)) = first_word(rest)
            && word.len() <= MAX_GROUP
        {
            let mut text = Short::<MAX_GROUP>::default();
            text.extend(word);
            if national_id::begins(text.as_bytes()) {
                break;
            }
            // As `read_word` and `end_group` do glyph by glyph.
            self.context.read(TOPICS.get(text.as_bytes()));
            self.after_digits = false;
            self.gap = Gap::default();
            rest = behind;
            if rest[0].c != ' ' {
                break;
            }
            self.gap.text.push(&rest[0]);
            rest = &rest[1..];
        }
        rest
    }

    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if let Some(group) = &mut self.current {
            let whole = group.sort != Sort::Other;
            group.grow(glyph);
            if whole && group.sort == Sort::Other && group.text.room() == 0 {
                self.decide_all(Edge::Digits, glyph.start, found);
            }
            return;
        }
        let digit = glyph.class == Class::Digit;
        // A letter ends every number but one that began with letters.
        let begun = self.groups.len() > 1 && self.groups[0].sort == Sort::Letters;
        if !digit && !begun {
            self.decide_all(Edge::Free, glyph.start, found);
        } else if self.groups.len() == MAX_GROUPS {
            self.decide_first(Edge::Digits, glyph.start, found);
        }
        let gap = std::mem::take(&mut self.gap);
        let tied = self.after_digits && gap.ties();
        let mut group = Group {
            text: Short::default(),
            sort: if digit { Sort::Digits } else { Sort::Letters },
            before: gap.text,
            plus: gap.plus,
            bracket: gap.bracket,
            start: glyph.start,
            end: glyph.end,
            tied,
            topic: self.context.topic(),
        };
        group.grow(glyph);
        self.current = Some(group);
    }

    fn end_group(&mut self, decided: usize, found: &mut Vec<Found>) {
        let Some(group) = self.current.take() else { return };
        self.after_digits = group.sort != Sort::Letters;
        match group.sort {
            Sort::Letters => self.context.read(TOPICS.get(group.text.as_bytes())),
            _ => self.context.pass_other(),
        }
        if self.groups.is_empty() && !group.begins() {
            return;
        }
        let (letters, begins) = (group.sort == Sort::Letters, group.begins());
        self.groups.push_back(group);
        if letters && self.groups.len() > 1 {
            // What ends one number may begin the next.
            let kept = usize::from(begins);
            while self.groups.len() > kept {
                self.decide_first(Edge::Free, decided, found);
            }
        }
    }

    /// Reads what is neither letter nor digit of a spaced script.
    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        self.end_group(glyph.start, found);
        match glyph.c {
            ' ' | '.' | '-' | '/' | '(' | ')' if self.gap.plus.is_none() && self.gap.text.room() > 0 => {
                self.gap.text.push(glyph);
                self.gap.bracket = (glyph.c == '(').then_some(glyph.start);
            }
            '+' if self.gap.plus.is_none() => self.gap.plus = Some(glyph.start),
            _ => {
                let removed = glyph.class == Class::Barrier;
                let edge = if removed { Edge::Digits } else { Edge::Free };
                self.decide_all(edge, glyph.start, found);
                self.gap = Gap::default();
                self.after_digits = removed;
                if removed {
                    self.context.pass_marker();
                } else if glyph.class.is_word() {
                    self.context.pass_other();
                }
                match glyph.c {
                    '(' => self.gap.bracket = Some(glyph.start),
                    '+' => self.gap.plus = Some(glyph.start),
                    _ => {}
                }
            }
        }
    }

    fn decide_all(&mut self, edge: Edge, decided: usize, found: &mut Vec<Found>) {
        while !self.groups.is_empty() {
            self.decide_first(edge, decided, found);
        }
    }

    /// Decides whether a number begins with the first group, and forgets that group or the number.
    fn decide_first(&mut self, edge: Edge, decided: usize, found: &mut Vec<Found>) {
        let groups = self.groups.make_contiguous();
        let first = &groups[0];
        if first.tied {
            self.groups.pop_front();
            return;
        }
        let (mut text, mut lengths) = (Short::<{ MAX_GROUPS * MAX_GROUP }>::default(), [0; MAX_GROUPS]);
        for (group, length) in groups.iter().zip(&mut lengths) {
            text.append(&group.text);
            *length = group.text.len();
        }
        let text = text.as_str();
        for count in (1..=groups.len()).rev() {
            let tied = match groups.get(count) {
                Some(next) => next.tied,
                None => edge == Edge::Digits && self.gap.ties(),
            };
            if tied {
                continue;
            }
            let number = Number::new(&groups[..count], text, &lengths);
            let Some(kind) = kind_of(&number, self.on) else { continue };
            let inside: String = number.separators().collect();
            let closes = inside.matches(')').count() > inside.matches('(').count();
            let bracket = first.bracket.filter(|_| closes);
            let start = bracket.or(first.plus).unwrap_or(first.start);
            let end = groups[count - 1].end;
            if decided - start <= MATCH_SPAN {
                found.push(Found { start, end, what: What::Detected(kind) });
            }
            self.groups.drain(..count);
            return;
        }
        self.groups.pop_front();
    }
}

/// The kind of number that these groups are.
fn kind_of(number: &Number<'_>, on: Detectors) -> Option<Kind> {
    if on.ahv && ahv::is_ahv(number) {
        return Some(Kind::Ahv);
    }
    if on.card && card::is_card(number) {
        return Some(Kind::Card);
    }
    if on.national_id && national_id::is_national_id(number) {
        return Some(Kind::NationalId);
    }
    (on.phone && phone::is_phone(number)).then_some(Kind::Phone)
}
