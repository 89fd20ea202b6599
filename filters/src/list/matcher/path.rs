//! One way through an index: the words read since an entry began.

use crate::list::crowd;
use crate::list::index::{Ending, Index, Node, Passed, Traits, WordKey};
use crate::list::mark::Mark;
use crate::list::matcher::Context;
use crate::list::matcher::between::Between;
use crate::list::matcher::doubt::{Doubt, Verdict};
use crate::list::matcher::gap::{Before, Gap};
use crate::list::matcher::time::{Reads, Time, before_half_time};
use crate::scan::MATCH_SPAN;
use crate::word::{OpenWord, Word};

/// What may still become a match, or is one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub start: usize,
    way: Way,
    /// The longest match so far.
    pub best: Option<Match>,
    /// A match that is none if a word with a capital letter follows.
    tentative: Option<Match>,
    /// What stands directly before.
    before: Before,
    /// Whether the word just read led on, so that a mark of the form may follow it.
    is_fresh: bool,
    /// How many seams were passed over, see `reading.rs`.
    pub seams: u8,
    pub state: PathState,
}

/// A form that was read whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub end: usize,
    /// Where the rest of its last word starts, if it ends with a part of one.
    pub rest: Option<usize>,
    pub entry: u32,
    /// Whether the surname stands first.
    pub reversed: bool,
    /// What stands within it and stays.
    pub hole: Option<Hole>,
}

/// Words of a sentence between two parts of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Hole {
    pub start: usize,
    pub end: usize,
}

/// What a path follows.
#[derive(Clone, PartialEq, Eq)]
enum Way {
    Words(Words),
    /// Words of one letter.
    Letters(String),
    /// What may stand at a mark of a form, and what may undo a match that ends with it.
    Between {
        words: Words,
        between: Between,
        doubt: Doubt,
        is_over: bool,
    },
    /// The time behind a date.
    Time(Time),
}

/// Words, and what was read beside them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Words {
    node: Node,
    count: usize,
    passed: Passed,
    /// Whether the last word was an initial that is passed over, behind which a dot may stand.
    after_initial: bool,
    /// Whether the last word was passed over.
    after_middle: bool,
    /// The end of the last word.
    end: usize,
    hole: Option<Hole>,
    /// Whether the number of a house that follows stands behind a comma.
    loose: bool,
    /// Whether both street and place were read.
    has_place: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathState {
    /// The next word may lead on.
    Open,
    /// The next word behind the target of a link may lead on.
    Parked,
    /// Nothing leads on. Kept if it has a match that an earlier path may still overlap.
    Closed,
}

/// A whole word, and what the index knows of it.
pub(super) struct Reader<'a, I> {
    pub index: &'a I,
    pub word: &'a Word<'a>,
    /// What stands before it, and what word directly.
    pub gap: Gap,
    pub before: Before,
    pub key: Option<WordKey>,
    /// What a mark begins with, if an entry has one.
    pub mark: Option<WordKey>,
    /// Where it leads from the beginning of an entry.
    pub begin: Option<Node>,
    pub context: &'a mut Context,
}

/// Whether this is a word of one letter.
pub(super) fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// The most seams that a match may pass over. There are that many ways more to read each of its words, and with hashes one
/// of eight wrong words may lead on: this is what bounds the number of paths.
pub(super) const MOST_SEAMS: u8 = 24;

/// Words between two names that are no middle name: they tell two people apart.
#[rustfmt::skip]
const NO_MIDDLE: [&str; 44] = [
    "alias", "and", "auch", "aus", "bei", "bzw", "der", "die", "dr", "e", "ed", "et", "familie", "frau",
    "fur", "gegen", "herr", "herrn", "i", "in", "madame", "mit", "mlle", "mme", "monsieur", "mr", "mrs",
    "ms", "o", "oder", "or", "ou", "prof", "signor", "signora", "sowie", "the", "to", "und", "von", "vs",
    "with", "y", "zu",
];

impl Path {
    fn new(start: usize, way: Way) -> Path {
        let (best, tentative) = (None, None);
        let before = Before::default();
        Path { start, way, best, tentative, before, is_fresh: false, seams: 0, state: PathState::Closed }
    }

    /// The path of an entry that begins with a word, if one may.
    pub fn beginning_with<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        // `P. M. Keller` is not `M. Keller`.
        if reader.before.is_initial() && reader.word.capital && is_letter(reader.word.text) {
            return None;
        }
        let passed = Passed { hyphen: reader.gap.joins(), ..Passed::default() };
        let (node, count, end, hole) = (Node(0), 1, reader.word.end, None);
        let (after_initial, after_middle, loose, has_place) = (false, false, false, false);
        let begin = Words { node, count, passed, after_initial, after_middle, end, hole, loose, has_place };
        let mut path = Path::new(reader.word.start, Way::Words(begin));
        path.before = reader.before;
        path.arrive_in_genitive(reader, |index, key| index.begin(key), begin);
        if let Some(node) = reader.begin {
            path.reach(Words { node, ..begin }, reader);
        }
        path.is_alive().then_some(path)
    }

    /// The path of an entry whose letters stand one by one, if one may begin with this.
    pub fn beginning_with_letter<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        let mut path = Path::new(reader.word.start, Way::Letters(String::new()));
        path.state = PathState::Open;
        path.follow(reader);
        path.is_alive().then_some(path)
    }

    /// Follows a whole word, if the path is open. Where the word may be passed over, the paths behind
    /// that are given back.
    pub fn follow<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> [Option<Path>; 2] {
        if self.state != PathState::Open {
            return [None, None];
        }
        self.state = PathState::Closed;
        if let Way::Between { .. } = self.way {
            return [self.follow_between(reader), None];
        }
        if let Way::Time(time) = &mut self.way {
            let reads = time.read(reader.word, reader.gap);
            self.read_time(reads, reader.word.end);
            return [None, None];
        }
        let (index, word, gap) = (reader.index, reader.word, reader.gap);
        // `Anna Keller, Jörg Müller` is not `Keller, Jörg`.
        if word.text == "." && self.tentative.is_some() {
            self.state = PathState::Open;
        } else if let Some(tentative) = self.tentative.take()
            && !(word.capital && gap.is_blank())
        {
            self.best = Some(tentative);
        }
        let mut words = match &mut self.way {
            Way::Words(words) => *words,
            Way::Between { .. } | Way::Time(_) => return [None, None],
            Way::Letters(letters) => {
                if is_letter(word.text) && !gap.line {
                    letters.push_str(word.text);
                    let (node, more) = index.spelled(letters);
                    if let Some(node) = node {
                        self.arrive_at(node, Passed::default(), reader);
                    }
                    self.state = if more { PathState::Open } else { PathState::Closed };
                }
                return [None, None];
            }
        };
        if words.after_initial && word.text == "." {
            self.way = Way::Words(Words { after_initial: false, ..words });
            self.state = PathState::Open;
            return [None, None];
        }
        words.passed.line |= gap.line;
        let (before, seams, state) = (self.before, self.seams, PathState::Open);
        let open = |way: Words| Path { before, seams, state, ..Path::new(self.start, Way::Words(way)) };
        let plain = words.passed.comma == 0 && words.passed.middle == 0 && words.count <= Traits::MAX_PLACE;
        let pause = word.text == "," && plain;
        let pause = (pause && index.may_pause(words.node)).then(|| {
            let passed = Passed { comma: words.count as u8, ..words.passed };
            open(Words { passed, after_initial: false, ..words })
        });
        let skip = word.capital && plain && (!words.passed.line || is_letter(word.text));
        // The same word again begins the entry anew.
        let skip = skip && reader.begin != Some(words.node) && NO_MIDDLE.binary_search(&word.text).is_err();
        let skip = (skip && index.may_skip(words.node)).then(|| {
            let passed = Passed { middle: words.count as u8, middle_name: !is_letter(word.text), ..words.passed };
            open(Words { passed, after_initial: is_letter(word.text), after_middle: true, ..words })
        });
        // `Jörg Kurt-Max Keller` has a double middle name, `Jörg Meier-Keller` another surname.
        if words.after_middle && gap.joins() {
            if word.capital {
                self.state = PathState::Open;
            }
            return [None, None];
        }
        let end = word.end;
        let next = Words { count: words.count + 1, after_initial: false, after_middle: false, end, ..words };
        self.arrive_in_genitive(reader, |index, key| index.step(words.node, key), next);
        if let Some(node) = reader.key.and_then(|key| index.step(words.node, key)) {
            self.reach(Words { node, ..next }, reader);
        }
        [pause, skip]
    }

    /// Whether a word that begins like this may lead on.
    pub fn may_follow<I: Index>(&self, word: &OpenWord<'_>, index: &I) -> bool {
        if self.tentative.is_some() {
            return true;
        }
        match &self.way {
            Way::Letters(_) => is_letter(word.text),
            Way::Time(_) => Time::may_read(word.text),
            Way::Between { words, between, .. } => {
                between.may_read(word.text)
                    || index.may_step(words.node, word.text)
                    || before_half_time(word.text).is_some_and(|day| index.may_step(words.node, day))
            }
            Way::Words(words) => {
                index.may_step(words.node, word.text)
                    || word.text.strip_suffix('s').is_some_and(|stem| index.may_step(words.node, stem))
                    || words.after_initial && word.text == "."
                    || word.text == "," && index.may_pause(words.node)
                    || word.capital && index.may_skip(words.node)
                    || before_half_time(word.text).is_some_and(|day| index.may_step(words.node, day))
            }
        }
    }

    /// Counts seams that were passed over. What has too many is no match.
    pub fn pass_seams(&mut self, count: u8) {
        self.seams = self.seams.saturating_add(count);
        if self.seams > MOST_SEAMS {
            self.close();
        }
    }

    /// Whether the other one leads to the same matches.
    pub fn is_like(&self, other: &Path) -> bool {
        self.start == other.start
            && self.way == other.way
            && self.best == other.best
            && self.tentative == other.tentative
            && self.before == other.before
            && self.state == other.state
    }

    /// Closes the path if every further match would be too long.
    pub fn limit(&mut self, position: usize) {
        if position - self.start > MATCH_SPAN {
            self.close();
        }
    }

    /// Ends the path. What a word with a capital letter could have undone stays.
    pub fn close(&mut self) {
        self.best = self.tentative.take().or(self.best);
        self.state = PathState::Closed;
    }

    fn is_alive(&self) -> bool {
        self.state != PathState::Closed || self.best.is_some()
    }

    fn reach<I: Index>(&mut self, words: Words, reader: &mut Reader<'_, I>) {
        self.way = Way::Words(words);
        self.arrive_at(words.node, words.passed, reader);
        let goes_on = reader.index.goes_on(words.node);
        self.is_fresh = goes_on && reader.mark.is_some();
        let open = self.tentative.is_some() || goes_on;
        self.state = if open { PathState::Open } else { PathState::Closed };
        if reader.word.has_time && self.best.is_some() {
            self.begin_time();
        }
    }

    /// Goes on with the time behind a date that was read whole.
    fn begin_time(&mut self) {
        self.way = Way::Time(Time::default());
        self.state = PathState::Open;
    }

    /// Ends what does not go on with the time behind the last word.
    pub fn end_before_time(&mut self) {
        if !matches!(self.way, Way::Time(_)) {
            self.close();
        }
    }

    fn read_time(&mut self, reads: Reads, end: usize) {
        if let (Reads::More, Some(best)) = (reads, &mut self.best) {
            best.end = end;
        }
        self.state = if reads == Reads::Nothing { PathState::Closed } else { PathState::Open };
    }

    /// The paths that stand behind the word just read where a form has a mark.
    pub fn stand_between<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> Vec<Path> {
        let index = reader.index;
        let (true, Way::Words(words), Some(gap)) = (std::mem::take(&mut self.is_fresh), &self.way, reader.mark) else {
            return Vec::new();
        };
        let words = *words;
        let Some(marks) = index.step(words.node, gap).filter(|marks| index.goes_on(*marks)) else { return Vec::new() };
        let standing = |mark: Mark| {
            let node = index.step(marks, index.word(mark.word())?)?;
            let (between, doubt) = (Between::new(mark), Doubt::new(mark, reader.word.text, words.loose));
            let way = Way::Between { words: Words { node, ..words }, between, doubt, is_over: false };
            let mut path = Path { before: self.before, seams: self.seams, ..Path::new(self.start, way) };
            let is_part = match mark {
                Mark::Alone => self.before.is_in_number(),
                _ if words.has_place => self.before.is_postcode() || words.passed.hyphen,
                _ => self.before.is_place() || words.passed.hyphen,
            };
            if !is_part {
                path.arrive_at(node, words.passed, reader);
                path.tentative = path.best.take();
            }
            if reader.word.has_time {
                path.best = path.tentative.take();
                path.begin_time();
                return path.best.is_some().then_some(path);
            }
            let open = path.tentative.is_some() || index.goes_on(node);
            path.state = if open { PathState::Open } else { PathState::Closed };
            open.then_some(path)
        };
        Mark::ALL.into_iter().filter_map(standing).collect()
    }

    /// Reads a word at a mark of a form. Gives back the path that goes on with the next part of the entry.
    fn follow_between<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> Option<Path> {
        let Way::Between { words, between, doubt, is_over } = &mut self.way else { return None };
        let (words, word, gap) = (*words, reader.word, reader.gap);
        let may_end = !*is_over && between.may_end(word, gap);
        let hole = between.parts().then_some(Hole { start: words.end, end: word.start });
        let (loose, has_place) = (between.is_loose(), words.has_place || matches!(between, Between::Place(_)));
        *is_over = *is_over || !between.read(word, gap);
        if let Some(tentative) = self.tentative.take() {
            match doubt.read(word, gap, !*is_over) {
                Verdict::Open => self.tentative = Some(tentative),
                Verdict::Stands => self.best = Some(tentative),
                Verdict::Falls => {}
            }
        }
        if !*is_over || self.tentative.is_some() {
            self.state = PathState::Open;
        }
        let node = reader.key.filter(|_| may_end).and_then(|key| reader.index.step(words.node, key))?;
        let (count, end, hole) = (words.count + 1, word.end, words.hole.or(hole));
        let next = Words { node, count, end, hole, loose, has_place, ..words };
        let mut path = Path { before: self.before, seams: self.seams, ..Path::new(self.start, Way::Words(next)) };
        path.reach(next, reader);
        path.is_alive().then_some(path)
    }

    /// Whether a dash between spaces may stand where the path stands.
    pub fn spans_dash(&self) -> bool {
        matches!(&self.way, Way::Between { between, is_over: false, .. } if between.spans_dash())
    }

    /// Notes what ends with a word that has an `s` behind it.
    fn arrive_in_genitive<I: Index>(
        &mut self,
        reader: &mut Reader<'_, I>,
        lead: impl Fn(&I, WordKey) -> Option<Node>,
        words: Words,
    ) {
        let stem = reader.word.text.strip_suffix('s').filter(|stem| !stem.is_empty());
        let key = stem.and_then(|stem| reader.index.word(stem));
        if let Some(node) = key.and_then(|key| lead(reader.index, key)) {
            self.arrive_at(node, Passed { genitive: true, ..words.passed }, reader);
        }
    }

    /// Notes what ends in a node: a context, and of the entries the first.
    fn arrive_at<I: Index>(&mut self, node: Node, passed: Passed, reader: &mut Reader<'_, I>) {
        let (index, context) = (reader.index, &mut *reader.context);
        let arrival = crowd::arrive(index, node, passed);
        if arrival.context {
            context.note(node);
        }
        if reader.word.decided - self.start > MATCH_SPAN {
            return;
        }
        let joined = if arrival.bound { context.join(index, node, passed) } else { None };
        let hole = match &self.way {
            Way::Words(words) | Way::Between { words, .. } => words.hole,
            Way::Letters(_) | Way::Time(_) => None,
        };
        if arrival.bound && joined.is_none() && hole.is_none() {
            context.wait(self.start, reader.word.end, node, passed);
        }
        if let Some(Ending { entry, traits }) = crowd::earlier(arrival.free, joined) {
            let (end, rest, reversed) = (reader.word.end, reader.word.rest, traits.comma > 0);
            let found = Some(Match { end, rest, entry, reversed, hole });
            match passed.comma > 0 && self.before.is_capital() {
                true => (self.tentative, self.state) = (found, PathState::Open),
                false => self.best = found,
            }
        }
    }
}
