//! Finds the entries of an [`Index`] in a stream of glyphs.
//!
//! Of two matches that start together the longer one wins. Of those that overlap all are reported, except one that
//! starts within a name in its natural order and is of the same entry; of dates and addresses that one, too. One path through the index is followed from each word
//! that begins an entry, and further ones from where a word may be passed over, such as a middle name; all of them end with
//! the longest entry, at the latest with [`MATCH_SPAN`].
//!
//! What parts two words matters where it parts two people: nothing matches across a dash between
//! spaces or from one item of a list to the next.
//!
//! The target of a Markdown link is read like any text, and at the same time passed over: paths
//! that are open at `](` wait there until the `)`. So `[Anna](https://example.org) Keller` is found.
//!
//! What stands apart in the text and is drawn as one is read both ways: see `matcher/reading.rs`.
//!
//! A word that a hyphen parts at the end of a line may be one or two: both are followed. So they are where a capital
//! letter stands in a word, and with and without a full stop between letters.
//!
//! Where a form has a mark a path stands between two parts and reads what may stand there (`matcher/between.rs`).
//! Where a form ends with one, its match is reported once nothing behind makes it another thing (`matcher/doubt.rs`).

mod aside;
mod beside;
mod between;
mod doubt;
mod frequent;
mod gap;
mod months;
mod path;
mod place;
mod reading;
mod recent;
mod time;
mod vocabulary;

use std::cmp::Reverse;
use std::sync::Arc;

use crate::Kind;
use crate::canonical::Glyph;
use crate::list::CONTEXT_WORDS;
use crate::list::crowd;
use crate::list::index::{Ending, Index, Node, Passed, WordKey};
use crate::list::mark::Mark;
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::word::{OpenWord, Word};

use aside::Aside;
use frequent::{Frequent, Looked};
use gap::{Before, Gap};
use path::{Path, PathState, is_spelled_letter};
use reading::{Reading, Seams};
use recent::Recent;
use time::before_time;

/// The most readings at a time: twice as many as one word can make. Only seams within seams come near.
const MOST_READINGS: usize = 64;

/// The most open paths with one start. A list comes nowhere near, unless somebody made it so that every word leads on.
const MOST_PATHS: usize = 32;

/// The matcher of one stream.
pub(crate) struct Matcher<I> {
    /// What stands there as it is written, and behind it the readings that pass over seams.
    readings: Vec<Reading<I>>,
}

/// The paths that are followed, by their start.
struct Paths<I> {
    index: Arc<I>,
    /// The number of the list among those of the filter.
    list: u32,
    /// What a mark begins with, if an entry has one.
    gap: Option<WordKey>,
    paths: Vec<Path>,
    /// Those of the word that is read.
    seams: Seams,
    /// The end of the square bracket read last.
    bracket: Option<usize>,
    /// How many round brackets of a link's target are open.
    depth: usize,
    /// The tag with attributes that is being read.
    aside: Option<Aside>,
    /// Whether the line is a heading.
    heading: bool,
    context: Context,
    before: Before,
    recent: Recent,
    frequent: Frequent,
}

/// What stands between two parts of a match and stays: words of a sentence, a label between fields.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Hole {
    start: usize,
    end: usize,
}

/// The holes of a match, in order.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Holes([Option<Hole>; 2]);

impl Holes {
    /// One more hole; nothing if there are too many.
    fn with(self, hole: Hole) -> Option<Holes> {
        match self.0 {
            [None, _] => Some(Holes([Some(hole), None])),
            [first, None] => Some(Holes([first, Some(hole)])),
            _ => None,
        }
    }

    fn is_empty(self) -> bool {
        self.0[0].is_none()
    }
}

/// How many paths with one start are open.
#[derive(Default)]
struct Room {
    start: usize,
    open: usize,
}

/// What was read of the contexts that entries demand.
#[derive(Default)]
struct Context {
    /// How many words were read.
    words: usize,
    /// The contexts that were read lately, each once, and behind how many words.
    seen: Vec<(Node, usize)>,
    /// Those that the present word ends.
    fresh: Vec<Node>,
    /// Names whose context may still follow.
    waiting: Vec<Waiting>,
}

struct Waiting {
    start: usize,
    end: usize,
    holes: Holes,
    node: Node,
    passed: Passed,
    /// How many words had been read behind it.
    words: usize,
}

impl<I: Index> Matcher<I> {
    pub fn new(index: Arc<I>, list: u32) -> Matcher<I> {
        Matcher { readings: vec![Reading::new(Paths::new(index, list))] }
    }

    /// Lets a reading, as far as it is not passing over something, do something with the contexts of all.
    fn each(&mut self, mut act: impl FnMut(&mut Reading<I>)) {
        let Some((first, others)) = self.readings.split_first_mut() else { return };
        act(first);
        for other in others {
            first.lend_contexts(other);
            act(other);
            first.take_contexts_back(other);
        }
    }

    /// Reads a glyph at which, or behind which, there is more than one reading.
    fn read_in_all_ways(&mut self, glyph: &Glyph, found: &mut Vec<Found>) {
        let mut number = 0;
        self.readings.retain(|reading| {
            number += 1;
            number == 1 || !reading.is_vain(glyph)
        });
        if let Some(end) = reading::seam_end(glyph) {
            self.each(|reading| reading.end_sign(glyph, found));
            self.join_those_alike(glyph.start);
            let passing = self.readings.iter().filter_map(|reading| reading.passing(glyph, end));
            let mut passing = passing.collect::<Vec<_>>();
            // Where there is no room for all, what began first goes on: the others may have begun within seams.
            passing.sort_by_key(Reading::word_start);
            passing.truncate(MOST_READINGS.saturating_sub(self.readings.len()));
            self.readings.extend(passing);
        }
        self.each(|reading| {
            if !reading.passes_over(glyph) {
                reading.read(glyph, found);
            }
        });
        self.join_those_alike(glyph.end);
    }

    /// Makes one of the readings that take what follows in the same way.
    fn join_those_alike(&mut self, position: usize) {
        let mut place = 1;
        while place < self.readings.len() {
            let (before, rest) = self.readings.split_at_mut(place);
            match before.iter_mut().find(|reading| reading.is_like(&rest[0], position)) {
                Some(reading) => {
                    reading.join(&mut rest[0]);
                    self.readings.remove(place);
                }
                None => place += 1,
            }
        }
    }
}

impl<I: Index> Scan for Matcher<I> {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        let mut rest = glyphs;
        while let Some((glyph, behind)) = rest.split_first() {
            rest = behind;
            match &mut self.readings[..] {
                // Almost always there is just one.
                [reading] => match reading::seam_end(glyph) {
                    None => {
                        reading.read(glyph, found);
                        rest = &rest[reading.read_within_word(rest)..];
                    }
                    Some(end) => {
                        reading.end_sign(glyph, found);
                        let passing = reading.passing(glyph, end);
                        reading.read(glyph, found);
                        self.readings.extend(passing);
                    }
                },
                _ => self.read_in_all_ways(glyph, found),
            }
        }
    }

    fn open(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let mut open = None;
        self.each(|reading| open = open.into_iter().chain(reading.open(position, found)).min());
        open
    }

    fn begun(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let mut begun = None;
        self.each(|reading| begun = begun.into_iter().chain(reading.begun(position, found)).min());
        begun
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.each(|reading| reading.finish(position, found));
    }
}

impl<I: Index> Paths<I> {
    fn new(index: Arc<I>, list: u32) -> Paths<I> {
        let context = Context::default();
        let before = Before::default();
        let paths = Vec::new();
        let (seams, bracket, depth, aside) = (Seams::NONE, None, 0, None);
        let (recent, frequent) = (Recent::default(), Frequent::keeping());
        let gap = index.word(Mark::GAP);
        Paths {
            index,
            list,
            gap,
            paths,
            seams,
            bracket,
            depth,
            aside,
            heading: false,
            context,
            before,
            recent,
            frequent,
        }
    }

    /// Follows a whole word, or the two that it may be.
    fn read_any(&mut self, word: &Word<'_>, mut gap: Gap, found: &mut Vec<Found>) {
        if gap.line {
            gap.block |= std::mem::take(&mut self.heading);
        }
        match word.text {
            "#" => self.heading |= gap.line || self.context.words == 0,
            // `#1` is no heading.
            _ if gap.is_tight() && self.before.is_number_sign() => self.heading = false,
            _ => {}
        }
        let Some(at) = word.line_break.filter(|at| at.text <= word.text.len()) else {
            return match before_time(word.text) {
                Some(day) => self.read_with_time(day, word, gap, found),
                None => self.read(word, gap, found),
            };
        };
        let (before, word_before) = (self.paths.clone(), self.before);
        let (text, behind) = word.text.split_at(at.text);
        let (start, is_rest) = (at.start, at.at_capital);
        let second = Word { text: behind, start, capital: false, is_rest, line_break: None, ..*word };
        let rest = at.at_capital.then_some(at.start);
        self.read(&Word { text, end: at.end, rest, line_break: None, ..*word }, gap, found);
        // Its seams were counted.
        let count = std::mem::take(&mut self.seams.count);
        self.read(&second, Gap::default(), found);
        self.seams.count = count;
        let parted = std::mem::replace(&mut self.paths, before);
        self.before = word_before;
        self.read(&Word { line_break: None, ..*word }, gap, found);
        self.add(parted, found);
    }

    /// Follows a day that a time makes one word with, and the word as it stands.
    fn read_with_time(&mut self, day: &str, word: &Word<'_>, gap: Gap, found: &mut Vec<Found>) {
        let (before, word_before, words) = (self.paths.clone(), self.before, self.context.words);
        self.read(&Word { text: day, has_time: true, ..*word }, gap, found);
        let mut timed = std::mem::replace(&mut self.paths, before);
        timed.iter_mut().for_each(Path::end_before_time);
        (self.before, self.context.words) = (word_before, words);
        self.read(word, gap, found);
        self.add(timed, found);
    }

    /// Adds paths of another way to read the last word.
    fn add(&mut self, paths: Vec<Path>, found: &mut Vec<Found>) {
        for path in paths {
            if !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
        self.paths.sort_by_key(|path| path.start);
        self.resolve(found);
    }

    /// Follows a whole word.
    fn read(&mut self, word: &Word<'_>, gap: Gap, found: &mut Vec<Found>) {
        if gap.parts() {
            self.paths.iter_mut().filter(|path| !path.spans_dash()).for_each(Path::close);
        }
        self.context.words += usize::from(word.text.starts_with(char::is_alphanumeric));
        let looked = self.frequent.look_up(word.text, self.index.as_ref());
        let letter = is_spelled_letter(word.text);
        let begins = looked.begin.is_some() || looked.begins_in_genitive || letter;
        if !begins && self.paths.is_empty() && self.context.is_idle() {
            self.before.note(word, gap);
            return;
        }
        let before = self.before.directly(gap);
        self.before.note(word, gap);
        let leaves_target = self.aside.is_none() && self.track_target(word);
        let index = self.index.as_ref();
        let mark = self.gap;
        let mut reader = path::Reader { index, word, gap, before, looked, mark, context: &mut self.context };
        let (mut place, mut room) = (0, Room::default());
        while place < self.paths.len() {
            if self.paths[place].state == PathState::Open {
                self.paths[place].pass_seams(self.seams.count);
            }
            let forks = self.paths[place].follow(&mut reader);
            self.paths[place].limit(word.decided);
            room.count(&self.paths[place]);
            place += 1;
            for mut fork in forks {
                fork.limit(word.decided);
                if room.take(&fork) {
                    self.paths.insert(place, fork);
                    place += 1;
                }
            }
        }
        let may_begin = self.seams.may_begin(word.start) && !word.is_rest;
        if may_begin {
            self.paths.extend(Path::beginning_with(&mut reader));
        }
        if letter && may_begin {
            self.paths.extend(Path::beginning_with_letter(&mut reader));
        }
        let from = self.paths.iter().position(|path| path.start == word.start).unwrap_or(self.paths.len());
        for path in &mut self.paths[from..] {
            path.seams = self.seams.count;
            path.limit(word.decided);
        }
        self.stand_between(word, gap, before);
        if leaves_target {
            self.depth = 0;
            for path in self.paths.iter_mut().filter(|path| path.state == PathState::Parked) {
                path.state = PathState::Open;
            }
        }
        self.settle_contexts(word.decided, found);
        self.resolve(found);
    }

    /// Reports matches whose context was read, and gives up on those for which it is too late.
    fn settle_contexts(&mut self, position: usize, found: &mut Vec<Found>) {
        let Context { words, seen, fresh, waiting } = &mut self.context;
        seen.retain(|(_, at)| *at + CONTEXT_WORDS >= *words);
        waiting.retain(|name| {
            let index = self.index.as_ref();
            if name.words + CONTEXT_WORDS < *words {
                return false;
            }
            let joined = fresh.iter().filter_map(|context| crowd::join(index, name.node, name.passed, *context)).min();
            if let Some(Ending { entry, .. }) = joined {
                let what = What::Entry { list: self.list, entry };
                report(name.start, name.end, name.holes, what, found);
                return false;
            }
            position - name.start <= MATCH_SPAN
        });
        fresh.clear();
    }

    /// Keeps count of the round brackets of a link's target. True if this one ends it.
    fn track_target(&mut self, word: &Word<'_>) -> bool {
        let parked = self.paths.iter().any(|path| path.state == PathState::Parked);
        match word.text {
            "(" if parked => self.depth += 1,
            "(" if self.bracket == Some(word.start) => {
                self.depth = 1;
                for path in self.paths.iter_mut().filter(|path| path.state == PathState::Open) {
                    path.state = PathState::Parked;
                }
            }
            ")" if parked && self.depth == 1 => return true,
            ")" if parked => self.depth -= 1,
            _ => {}
        }
        false
    }

    /// How many round brackets of a link's target are open, if that matters to a path.
    fn target_depth(&self) -> usize {
        if self.paths.iter().any(|path| path.state == PathState::Parked) { self.depth } else { 0 }
    }

    /// Closes paths of which it is known already that nothing will lead on.
    fn prune(&mut self, position: usize, open_word: Option<OpenWord<'_>>, found: &mut Vec<Found>) {
        if !self.context.waiting.is_empty() {
            self.settle_contexts(position, found);
        }
        if self.paths.is_empty() {
            return;
        }
        // A round bracket may turn out to begin a link's target, where paths wait.
        if let Some(word) = open_word.filter(|word| word.text != "(" && word.line_break.is_none()) {
            for path in self.paths.iter_mut().filter(|path| path.state == PathState::Open) {
                if !path.may_follow(&word, self.index.as_ref()) {
                    path.state = PathState::Closed;
                }
            }
        }
        self.paths.iter_mut().for_each(|path| path.limit(position));
        self.resolve(found);
    }

    /// Adds the paths that stand behind the word just read where a form has a mark.
    fn stand_between(&mut self, word: &Word<'_>, gap: Gap, before: Before) {
        if self.gap.is_none() {
            return;
        }
        let (index, mark, looked) = (self.index.as_ref(), self.gap, Looked::default());
        let mut reader = path::Reader { index, word, gap, before, looked, mark, context: &mut self.context };
        let (mut place, mut room) = (0, Room::default());
        while place < self.paths.len() {
            let standing = self.paths[place].stand_between(&mut reader);
            room.count(&self.paths[place]);
            place += 1;
            for path in standing {
                if room.take(&path) {
                    self.paths.insert(place, path);
                    place += 1;
                }
            }
        }
    }

    /// Reads what nothing matches across. What stands before it is not known when stored text is restored.
    fn read_barrier(&mut self, found: &mut Vec<Found>) {
        self.before = Before::default();
        self.close_all(found);
    }

    fn close_all(&mut self, found: &mut Vec<Found>) {
        self.paths.iter_mut().for_each(Path::close);
        self.resolve(found);
    }

    /// Reports matches that nothing can overtake any more, and forgets paths without hope.
    fn resolve(&mut self, found: &mut Vec<Found>) {
        self.paths.retain(|path| path.state != PathState::Closed || path.best.is_some());
        while let Some(start) = self.paths.first().map(|path| path.start) {
            let same = self.paths.partition_point(|path| path.start == start);
            let same = &self.paths[..same];
            if same.iter().any(|path| path.state != PathState::Closed) {
                return;
            }
            let best = same.iter().filter_map(|path| path.best).max_by_key(|best| (best.end, Reverse(best.entry)));
            let best = best.expect("a closed path is kept for its match");
            // Of a date or an address nothing may be left, in whatever forms it is written twice.
            let is_whole = || matches!(self.index.describe(best.entry).0, Kind::BirthDate | Kind::Address);
            if !self.recent.holds(start, &best) || is_whole() {
                let what = What::Entry { list: self.list, entry: best.entry };
                report(start, best.end, best.holes, what, found);
                if !best.reversed && best.holes.is_empty() {
                    self.recent.note(start, best);
                }
            }
            self.paths.retain(|path| path.start > start);
        }
    }
}

impl Room {
    fn count(&mut self, path: &Path) {
        if self.start != path.start {
            *self = Room { start: path.start, open: 0 };
        }
        self.open += usize::from(path.state == PathState::Open);
    }

    /// Whether there is room for one more path.
    fn take(&mut self, path: &Path) -> bool {
        let has_room = self.open < MOST_PATHS;
        if has_room {
            self.count(path);
        }
        has_room
    }
}

impl Context {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.seen.is_empty()
    }

    /// Notes that a context was read.
    fn note(&mut self, node: Node) {
        match self.seen.iter_mut().find(|(seen, _)| *seen == node) {
            Some((_, at)) => *at = self.words,
            None => self.seen.push((node, self.words)),
        }
        self.fresh.push(node);
    }

    /// The first entry of a name of which a context was read shortly before.
    fn join<I: Index>(&self, index: &I, name: Node, passed: Passed) -> Option<Ending> {
        let near = self.seen.iter().filter(|(_, at)| at + CONTEXT_WORDS >= self.words);
        near.filter_map(|(context, _)| crowd::join(index, name, passed, *context)).min()
    }

    /// Keeps a name until its context is read.
    fn wait(&mut self, start: usize, end: usize, holes: Holes, node: Node, passed: Passed) {
        self.waiting.push(Waiting { start, end, holes, node, passed, words: self.words });
    }
}

/// Reports a match, without what stays between its parts.
fn report(mut start: usize, end: usize, holes: Holes, what: What, found: &mut Vec<Found>) {
    for hole in holes.0.into_iter().flatten() {
        found.push(Found { start, end: hole.start, what: what.clone() });
        start = hole.end;
    }
    found.push(Found { start, end, what });
}
