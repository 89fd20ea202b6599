//! Where numbers begin and end in a run of groups.
//!
//! A reading is groups that a kind takes for a number. It counts if what stands beside it allows:
//! what hangs on it by a dot, hyphen or slash never does, and another figure one space away only if
//! that is a reading too, or if the reading can hardly be anything else. So a figure such as
//! `8 045 311 447` loses no part of itself. Of several readings the first, then the longest counts.
//! Behind a telephone number an extension belongs to it, also one in brackets, and the last digits of a range; with
//! space round its sign a range counts up by ten at most, since anything may stand there.

use std::collections::VecDeque;

use super::group::{Boundary, Group, MAX_EXTENSION, MAX_GROUP, Number, Sort, Strength};
use super::words::Topic;
use super::{ahv, card, document, european_id, national_id, phone};
use crate::scan::{Found, MATCH_SPAN, What};
use crate::{Detectors, Kind};

/// The most groups of one number.
const MAX_GROUPS: usize = 10;
/// The most groups that are kept. In a longer run the first half is decided as if the rest were fine.
pub(super) const MAX_RUN: usize = 24;
/// The most digits that a range ends with, as in `668 18 00/01`.
const MAX_RANGE: usize = 4;
/// The most letters and digits of a number: those of cards.
const MAX_DIGITS: usize = 20;
/// How many digits stand before the letter of a German pension number.
const BEFORE_LETTER: usize = 8;
/// The most ranges behind one number.
const MAX_RANGES: usize = 3;

/// What stands before a run, or before the groups of it that are left.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Left {
    /// Nothing that matters.
    #[default]
    Free,
    /// A word.
    Word,
    /// A figure, or letters and digits.
    Digits,
    /// Digits that hang on others, such as a date or an address: one space away they say nothing.
    Parts,
    /// Something that was removed, or digits and a colon.
    Tied,
    /// A colon.
    Colon,
    /// A sign that parts an address: two colons, or the one of a zone.
    Hanging,
    /// A comma behind at most three digits.
    Comma,
    /// An underscore, as in identifiers.
    Joint,
}

impl Left {
    /// Whether a group behind it is only a part of something, such as a date or an address.
    pub fn hangs(self, boundary: Boundary) -> bool {
        boundary.is_tight() && matches!(self, Left::Digits | Left::Parts | Left::Tied | Left::Hanging)
    }
}

/// What stands behind a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Right {
    Free,
    /// A figure, or letters and digits, one space away.
    Beside,
    /// The same, without a space.
    Tied,
}

impl Right {
    /// Behind a run something with digits stands.
    pub fn of(boundary: Boundary) -> Right {
        match boundary {
            Boundary::Tight | Boundary::Slash => Right::Tied,
            Boundary::Near => Right::Beside,
            Boundary::Loose => Right::Free,
        }
    }
}

/// Groups that nothing else parts.
#[derive(Default)]
pub(super) struct Run {
    groups: VecDeque<Group>,
    left: Left,
    /// Whether the last run was many digits in a row, and nobody's.
    pub was_figure: bool,
    /// Whether the last run ended with a number.
    pub was_taken: bool,
}

impl Run {
    pub fn begin(&mut self, left: Left) {
        self.left = left;
    }

    pub fn push(&mut self, group: Group) {
        self.groups.push_back(group);
    }

    /// A colon stands directly behind the last group.
    pub fn end_in_colon(&mut self) {
        if let Some(group) = self.groups.back_mut() {
            group.colon = true;
        }
    }

    /// Whether the last group may be the hours or minutes before a colon.
    pub fn ends_in_hour(&self) -> bool {
        let Some(last) = self.groups.back() else { return false };
        last.text.len() <= 2 && !matches!(last.before.as_bytes(), b"." | b"-" | b"/")
    }

    /// Whether the last group is digits, behind which an extension may stand.
    pub fn ends_in_digits(&self) -> bool {
        self.groups.len() < MAX_RUN && self.groups.back().is_some_and(|group| group.sort == Sort::Digits)
    }

    /// Whether an extension may even follow a comma behind it: there are enough digits for a number.
    pub fn may_extend(&self) -> bool {
        let count: usize = self.groups.iter().map(|group| group.text.len()).sum();
        self.ends_in_digits() && count >= Topic::Called.shortest()
    }

    /// Whether the last group is a word that an extension stands behind.
    pub fn ends_in_extension(&self) -> bool {
        self.groups.back().is_some_and(|group| group.sort == Sort::Extension && !group.has_digits())
    }

    /// Lets a bracket that ends here belong to the last group, if that is an extension that a bracket opens.
    pub fn close_extension(&mut self, end: usize) -> bool {
        let opens = |group: &Group| group.sort == Sort::Extension && group.before.as_bytes().ends_with(b"(");
        let before = self.groups.len().checked_sub(2).is_some_and(|before| opens(&self.groups[before]));
        let Some(last) = self.groups.back_mut() else { return false };
        let closes = before && last.sort == Sort::Digits || opens(last) && last.has_digits();
        if closes {
            (last.end, last.closing) = (end, true);
        }
        closes
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    /// Whether a run that has begun goes on with this group.
    pub fn takes(&self, group: &Group, extends: bool) -> bool {
        let Some(last) = self.groups.back() else { return false };
        let lettered = self.groups.iter().any(|group| matches!(group.sort, Sort::Letters | Sort::Mixed));
        match group.sort {
            Sort::Digits => true,
            _ if extends && last.sort == Sort::Digits => true,
            Sort::Letters if self.groups[0].topic.has_letters() => group.is_part() && !self.ends_in_letters(2),
            Sort::Letters if last.sort == Sort::Letters => false,
            // The letter within a German pension number.
            Sort::Letters if group.text.len() == 1 && group.capitals && group.boundary == Boundary::Near => {
                lettered || self.groups.iter().map(|group| group.text.len()).sum::<usize>() == BEFORE_LETTER
            }
            // A check letter, or the rest of a number that began with letters.
            Sort::Letters => {
                group.text.len() == 1 && (lettered || group.boundary == Boundary::Tight) || lettered && group.begins()
            }
            Sort::Mixed => {
                lettered || group.topic.is_id() || group.text.len() <= 3 && group.text.as_bytes()[0].is_ascii_digit()
            }
            Sort::Extension | Sort::Other => false,
        }
    }

    /// Whether a word ends the run whatever it is, so that nothing has to wait for the word's end.
    pub fn ends_at_letters(&self) -> bool {
        let Some(first) = self.groups.front() else { return false };
        let count: usize = self.groups.iter().map(|group| group.text.len()).sum();
        let letters = self.groups.iter().all(|group| group.sort == Sort::Letters);
        let digits = self.groups.iter().all(|group| group.sort == Sort::Digits);
        !first.topic.has_letters() && (letters || digits && count < first.topic.shortest())
    }

    /// Whether the last groups are nothing but letters.
    fn ends_in_letters(&self, count: usize) -> bool {
        self.groups.len() >= count && self.groups.iter().rev().take(count).all(|group| group.sort == Sort::Letters)
    }

    /// Decides about all groups and forgets them.
    pub fn decide(&mut self, on: Detectors, right: Right, decided: usize, found: &mut Vec<Found>) {
        let before = found.len();
        self.was_taken = false;
        let is_long = self.groups.len() == 1 && self.groups[0].is_long();
        let count: usize = self.groups.iter().map(|group| group.text.len()).sum();
        if self.groups.front().is_some_and(|first| count >= first.topic.shortest()) {
            self.decide_until(0, on, right, decided, found);
        }
        self.groups.clear();
        self.was_figure = is_long && found.len() == before;
    }

    /// Decides about the first half of a run that is longer than what is kept.
    pub fn decide_first(&mut self, on: Detectors, decided: usize, found: &mut Vec<Found>) {
        self.decide_until(MAX_RUN / 2, on, Right::Free, decided, found);
    }

    fn decide_until(&mut self, rest: usize, on: Detectors, right: Right, decided: usize, found: &mut Vec<Found>) {
        let groups = &*self.groups.make_contiguous();
        let mut readings = Readings::new(groups, on, right);
        let (mut at, mut left) = (0, self.left);
        while groups.len() - at > rest {
            let group = &groups[at];
            match readings.from(at, left) {
                Some(reading) => {
                    self.was_taken = reading.end == groups.len();
                    report(&groups[at..reading.end], reading.kind, decided, found);
                    at = reading.end;
                    left = Left::Free;
                }
                None => {
                    let hangs = left.hangs(group.boundary);
                    left = match group.sort {
                        Sort::Letters | Sort::Extension => Left::Word,
                        _ if hangs => Left::Parts,
                        _ => Left::Digits,
                    };
                    at += 1;
                }
            }
        }
        self.left = left;
        self.groups.drain(..at);
    }
}

fn report(groups: &[Group], kind: Kind, decided: usize, found: &mut Vec<Found>) {
    let (first, last) = (&groups[0], &groups[groups.len() - 1]);
    let count =
        |sign| groups[1..].iter().flat_map(|group| group.before.as_bytes()).filter(|byte| **byte == sign).count();
    let closed = groups.iter().filter(|group| group.closing).count();
    let bracket = first.bracket.filter(|_| count(b')') + closed > count(b'('));
    let start = bracket.or(first.plus).unwrap_or(first.start);
    if decided - start <= MATCH_SPAN {
        found.push(Found { start, end: last.end, what: What::Detected(kind) });
    }
}

/// A number that was found.
#[derive(Clone)]
struct Reading {
    /// The group behind it.
    end: usize,
    kind: Kind,
}

/// The readings of a run.
struct Readings<'a> {
    groups: &'a [Group],
    on: Detectors,
    right: Right,
    /// All letters and digits, and where each group ends in them.
    text: String,
    ends: Vec<usize>,
    /// What begins at each group if nothing before it matters, as far as it was asked for.
    known: Vec<Option<Option<Reading>>>,
}

impl<'a> Readings<'a> {
    fn new(groups: &'a [Group], on: Detectors, right: Right) -> Readings<'a> {
        let (mut text, mut ends) = (String::with_capacity(groups.len() * MAX_GROUP), Vec::with_capacity(groups.len()));
        for group in groups {
            text += group.text.as_str();
            ends.push(text.len());
        }
        Readings { groups, on, right, text, ends, known: vec![None; groups.len()] }
    }

    /// What begins with a group that has this before it.
    fn from(&mut self, at: usize, left: Left) -> Option<Reading> {
        let boundary = self.groups[at].boundary;
        match left {
            Left::Digits | Left::Parts | Left::Tied if boundary.is_tight() => None,
            Left::Comma if boundary.is_tight() && self.groups[at].text.len() == 3 => None,
            Left::Digits if boundary == Boundary::Near => {
                let row = at > 0 && self.groups[at - 1].is_as_wide_as(&self.groups[at]);
                if row { None } else { self.first(at, Strength::Clear) }
            }
            _ => self.free(at),
        }
    }

    /// What begins with a group if nothing before it matters.
    fn free(&mut self, at: usize) -> Option<Reading> {
        if let Some(known) = self.known.get(at)? {
            return known.clone();
        }
        let reading = self.first(at, Strength::Plain);
        self.known[at] = Some(reading.clone());
        reading
    }

    /// The longest reading from a group on that is at least so sure.
    fn first(&mut self, at: usize, least: Strength) -> Option<Reading> {
        let groups = self.groups;
        if !groups[at].begins() {
            return None;
        }
        let last = groups.len().min(at + MAX_GROUPS);
        // Where the text says that it is one, all of it is.
        let is_named = |end: &usize| self.is_open(*end) && phone::is_named(&self.number(at, *end));
        let may_be_named = least == Strength::Plain && self.on.phone;
        let named = if may_be_named { (at + 1..=last).rev().find(is_named) } else { None };
        for end in (at + 1..=last).rev() {
            let Some((kind, strength)) = self.kind_of(at, end) else { continue };
            let strength =
                if kind == Kind::Phone && self.is_one_of_many(at, end, least) { Strength::Plain } else { strength };
            if least == Strength::Clear && strength == Strength::Plain {
                continue;
            }
            let tail = if kind == Kind::Phone { self.tail(at, end, strength) } else { None };
            if let Some(end) = tail.or_else(|| self.may_end(end, strength).then_some(end)) {
                let longer = named.filter(|named| kind == Kind::Phone && strength == Strength::Plain && *named > end);
                return Some(Reading { end: longer.unwrap_or(end), kind });
            }
        }
        let named = named?;
        let end = self.tail(at, named, Strength::Plain).unwrap_or(named);
        Some(Reading { end, kind: Kind::Phone })
    }

    /// Whether a telephone number that nothing announces stands among two other figures or more, one space away each:
    /// `044 668 18 00 12 34`. Then it is a row of figures.
    fn is_one_of_many(&mut self, at: usize, end: usize, least: Strength) -> bool {
        let groups = self.groups;
        let number = self.number(at, end);
        let spaced = number.separators().any(|separator| separator == " ");
        if number.topic.is_phone() || number.has_plus() || !spaced {
            return false;
        }
        let is_figure = |place: usize| groups.get(place).is_some_and(|group| group.sort == Sort::Digits);
        let is_near = |place: usize| is_figure(place) && groups[place].boundary == Boundary::Near;
        // What is before it is no number: so sure it has to be.
        let before = match least {
            Strength::Plain => 0,
            Strength::Clear => 1 + usize::from(at > 1 && is_near(at - 1) && is_figure(at - 2)),
        };
        let behind = if !is_near(end) || self.free(end).is_some() { 0 } else { 1 + usize::from(is_near(end + 1)) };
        before + behind > 1
    }

    fn number(&self, at: usize, end: usize) -> Number<'_> {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Number {
            groups: &self.groups[at..end],
            text: &self.text[from..self.ends[end - 1]],
            topic: self.groups[at].topic,
        }
    }

    fn kind_of(&self, at: usize, end: usize) -> Option<(Kind, Strength)> {
        let (groups, on) = (&self.groups[at..end], self.on);
        let (last, before) = groups.split_last()?;
        if last.sort == Sort::Extension || before.iter().any(|group| group.sort == Sort::Extension || group.extension) {
            return None;
        }
        let number = self.number(at, end);
        // What no space parts is a figure of its own.
        let spaced = number.separators().any(|separator| separator == " ");
        if !(number.topic.shortest()..=MAX_DIGITS).contains(&number.text.len()) {
            return None;
        }
        if on.national_id && document::is_document(&number) {
            return Some((Kind::Document, Strength::Clear));
        }
        if on.ahv && ahv::is_ahv(&number) {
            return Some((Kind::Ahv, Strength::Clear));
        }
        let card = || on.card.then(|| card::is_card(&number)).flatten();
        let id = || on.national_id.then(|| id_of(&number)).flatten();
        let phone = || on.phone.then(|| phone::is_phone(&number)).flatten();
        (card().map(|strength| (Kind::Card, strength)))
            .or_else(|| id().map(|strength| (Kind::NationalId, strength)))
            .or_else(|| phone().map(|strength| (Kind::Phone, strength)))
            .map(|(kind, strength)| (kind, if spaced { strength } else { Strength::Clear }))
    }

    /// Whether nothing hangs on what ends before this group.
    fn is_open(&self, end: usize) -> bool {
        match self.groups.get(end) {
            None => self.right == Right::Free,
            Some(next) => matches!(next.sort, Sort::Letters | Sort::Extension) || next.boundary == Boundary::Loose,
        }
    }

    fn may_end(&mut self, end: usize, strength: Strength) -> bool {
        if self.is_open(end) {
            return true;
        }
        let Some(next) = self.groups.get(end) else {
            return self.right == Right::Beside && strength == Strength::Clear;
        };
        let last = &self.groups[end - 1];
        match next.boundary {
            // Figures of one width in a row: a table.
            Boundary::Near if last.is_as_wide_as(next) => self.free(end).is_some(),
            Boundary::Near => {
                let parts = next.colon || self.groups.get(end + 1).is_some_and(|group| group.boundary.is_tight());
                strength == Strength::Clear || parts || self.free(end).is_some()
            }
            Boundary::Slash => self.free(end).is_some(),
            _ => false,
        }
    }

    /// Where a telephone number ends that would end before this group, if an extension or a range follows.
    fn tail(&mut self, at: usize, end: usize, strength: Strength) -> Option<usize> {
        let next = self.groups.get(end)?;
        if next.sort == Sort::Extension {
            let parted = self.groups.get(end + 1).is_some_and(|group| group.is_end(MAX_EXTENSION));
            // What stands behind the word may be a number of its own, in groups.
            let other = parted && !next.has_digits() && self.free(end + 1).is_some_and(|other| other.end > end + 2);
            let last = if next.has_digits() { Some(end) } else { (parted && !other).then_some(end + 1) }?;
            // Its closing bracket would be left over.
            let whole = !next.before.as_str().contains('(') || self.groups[last].closing;
            return Some(last + 1).filter(|end| whole && self.may_end(*end, Strength::Clear));
        }
        let other = next.boundary == Boundary::Slash && self.free(end).is_some();
        if other || phone::holds_date(&self.number(at, (end + 1).min(self.groups.len()))) {
            return None;
        }
        let mut ends = Vec::with_capacity(MAX_RANGES);
        while ends.len() < MAX_RANGES
            && let Some(range) = self.range(at, ends.last().copied().unwrap_or(end))
        {
            ends.push(range);
        }
        ends.into_iter().rev().find(|end| self.may_end(*end, strength))
    }

    /// Where a range ends that the groups before this one begin: `18 00/01`, `18 00 - 05`, `18 00-18 05`.
    fn range(&self, at: usize, end: usize) -> Option<usize> {
        let next = self.groups.get(end).filter(|next| next.is_end(MAX_RANGE))?;
        let is_spaced = matches!(next.before.as_bytes(), b" / " | b"/ " | b" /" | b" - ");
        if !next.boundary.is_tight() && !is_spaced {
            return None;
        }
        let pair = self.groups.get(end + 1).filter(|last| last.boundary == Boundary::Near && last.is_end(MAX_RANGE));
        if let Some(last) = pair
            && end - at > 2
            && next.text.as_bytes() == self.groups[end - 2].text.as_bytes()
            && last.counts_up_from(&self.groups[end - 1])
        {
            return Some(end + 2);
        }
        let counts = next.boundary.is_tight() || next.counts_up_from(&self.groups[end - 1]) && self.is_open(end + 1);
        counts.then_some(end + 1)
    }
}

fn id_of(number: &Number<'_>) -> Option<Strength> {
    national_id::is_national_id(number).or_else(|| european_id::is_european_id(number).then_some(Strength::Clear))
}
