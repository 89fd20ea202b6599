//! Numbers that stand for someone: what they are made of, and the walk over all of them.
//!
//! A number is up to eight groups of letters and digits with at most three of `space . - / ( )`
//! between two of them, and perhaps a `+` before the first. The kinds say what is one; of several
//! readings the first, then the longest counts. Groups are whole words, so `A0446681800` holds
//! none. Not looked at: groups that are tied to more digits by a dot, hyphen or slash without a
//! space (`12.044 668 18 00`), and numbers with letters or signs of other kinds between.

mod ahv;
mod card;
mod national_id;
mod phone;
mod words;

use std::collections::VecDeque;

use crate::canonical::{Class, Glyph};
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::{Detectors, Kind};

pub(crate) use words::{Context, Topic};

/// The most groups of one number.
const MAX_GROUPS: usize = 8;
/// The longest group, in characters. Longer ones are part of nothing.
const MAX_GROUP: usize = 20;
/// The most characters between two groups.
const MAX_SEPARATOR: usize = 3;

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

/// A word that may be a part of a number.
#[derive(Clone)]
pub(crate) struct Group {
    /// Its letters, in lower case, and digits; not all of them if it is too long.
    pub text: String,
    pub sort: Sort,
    /// What stands between it and the group before.
    pub before: String,
    /// Where the `+` directly before it begins.
    pub plus: Option<usize>,
    /// Where the `(` directly before it, or before its `+`, begins.
    bracket: Option<usize>,
    start: usize,
    end: usize,
    /// Whether it is tied to digits before it.
    tied: bool,
    /// What the words before it say.
    topic: Topic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Digits,
    Letters,
    /// Letters and ASCII digits.
    Mixed,
    /// Too long, or with characters of other scripts.
    Other,
}

/// What was read since the last group.
#[derive(Default)]
struct Gap {
    text: String,
    plus: Option<usize>,
    /// Where a `(` begins behind which nothing but a `+` stands.
    bracket: Option<usize>,
}

impl Gap {
    /// Whether it ties digits on both sides together.
    fn ties(&self) -> bool {
        matches!(self.text.as_str(), "" | "." | "-" | "/")
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
        for glyph in glyphs {
            match glyph.class {
                Class::Letter | Class::Digit | Class::Mark => self.read_word(glyph, found),
                Class::Extend => {
                    if let Some(group) = &mut self.current
                        && group.end == glyph.start
                    {
                        group.end = glyph.end;
                    }
                }
                _ => self.read_between(glyph, found),
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
    fn read_word(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        if let Some(group) = &mut self.current {
            let whole = group.sort != Sort::Other;
            group.grow(glyph);
            if whole && group.sort == Sort::Other && group.text.len() >= MAX_GROUP {
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
            text: String::new(),
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
        self.context.read(&group);
        if self.groups.is_empty() && !group.begins() {
            return;
        }
        let letters = group.sort == Sort::Letters;
        self.groups.push_back(group);
        if letters && self.groups.len() > 1 {
            self.decide_all(Edge::Free, decided, found);
        }
    }

    /// Reads what is neither letter nor digit of a spaced script.
    fn read_between(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        self.end_group(glyph.start, found);
        match glyph.c {
            ' ' | '.' | '-' | '/' | '(' | ')' if self.gap.plus.is_none() && self.gap.text.len() < MAX_SEPARATOR => {
                self.gap.text.push(glyph.c);
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
        for count in (1..=groups.len()).rev() {
            let tied = match groups.get(count) {
                Some(next) => next.tied,
                None => edge == Edge::Digits && self.gap.ties(),
            };
            if tied {
                continue;
            }
            let number = &groups[..count];
            let Some(kind) = kind_of(number, self.on) else { continue };
            let inside: String = number[1..].iter().map(|group| group.before.as_str()).collect();
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
fn kind_of(groups: &[Group], on: Detectors) -> Option<Kind> {
    let number = Number { groups, topic: groups[0].topic };
    if on.ahv && ahv::is_ahv(&number) {
        return Some(Kind::Ahv);
    }
    if on.card && card::is_card(&number) {
        return Some(Kind::Card);
    }
    if on.national_id && national_id::is_national_id(&number) {
        return Some(Kind::NationalId);
    }
    (on.phone && phone::is_phone(&number)).then_some(Kind::Phone)
}

/// Groups that may be a number, and what the words before say it is.
pub(crate) struct Number<'a> {
    pub groups: &'a [Group],
    pub topic: Topic,
}

impl Number<'_> {
    /// All digits, if there is nothing else.
    pub fn digits(&self) -> Option<String> {
        let plain = self.groups.iter().all(|group| group.sort == Sort::Digits);
        plain.then(|| self.text())
    }

    /// All letters and digits.
    pub fn text(&self) -> String {
        self.groups.iter().map(|group| group.text.as_str()).collect()
    }

    /// How long the groups are.
    pub fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.text.len()).collect()
    }

    /// What stands between the groups.
    pub fn separators(&self) -> impl Iterator<Item = &str> {
        self.groups[1..].iter().map(|group| group.before.as_str())
    }

    /// Whether every two groups have the same one of `allowed` between them.
    pub fn is_parted_by(&self, allowed: &[&str]) -> bool {
        let mut separators = self.separators();
        let Some(first) = separators.next() else { return true };
        allowed.contains(&first) && separators.all(|separator| separator == first)
    }

    pub fn has_plus(&self) -> bool {
        self.groups.iter().any(|group| group.plus.is_some())
    }
}

impl Group {
    fn grow(&mut self, glyph: &Glyph) {
        self.end = glyph.end;
        if self.sort == Sort::Other {
            return;
        }
        if self.text.len() == MAX_GROUP || !glyph.c.is_ascii_alphanumeric() {
            self.sort = Sort::Other;
            return;
        }
        self.text.push(glyph.c);
        let same = match self.sort {
            Sort::Digits => glyph.c.is_ascii_digit(),
            Sort::Letters => glyph.c.is_ascii_lowercase(),
            _ => true,
        };
        if !same {
            self.sort = Sort::Mixed;
        }
    }

    /// Where a number that begins with it begins at the earliest.
    fn first(&self) -> usize {
        self.bracket.or(self.plus).unwrap_or(self.start)
    }

    /// Whether a number may begin with it, now that it is over.
    fn begins(&self) -> bool {
        match self.sort {
            Sort::Digits => true,
            Sort::Letters | Sort::Mixed => self.may_begin() && national_id::begins(&self.text),
            Sort::Other => false,
        }
    }

    /// Whether a number may begin with what was read of it.
    fn may_begin(&self) -> bool {
        match self.sort {
            Sort::Digits => true,
            Sort::Letters | Sort::Mixed => national_id::may_begin(&self.text),
            Sort::Other => false,
        }
    }
}
