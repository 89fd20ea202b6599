//! One way through an index: the words read since an entry began.

use crate::Kind;
use crate::list::crowd;
use crate::list::index::{Ending, Index, Node, Passed, WordKey};
use crate::list::mark::Mark;
use crate::list::matcher::beside::{Beside, Place, Ways, is_letter};
use crate::list::matcher::between::Between;
use crate::list::matcher::doubt::{Doubt, Order, Verdict};
use crate::list::matcher::frequent::Looked;
use crate::list::matcher::gap::{Before, Gap, Traces, is_initial};
use crate::list::matcher::months::foreign_months;
use crate::list::matcher::time::{Reads, Time, before_half_time};
use crate::list::matcher::vocabulary::is_given_name;
use crate::list::matcher::{Context, Hole, Holes};
use crate::scan::MATCH_SPAN;
use crate::word::{OpenWord, Word};

/// What may still become a match, or is one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub start: usize,
    way: Way,
    /// The longest match so far.
    pub best: Option<Match>,
    /// A match that what follows may undo.
    tentative: Option<Tentative>,
    /// What stands directly before.
    before: Traces,
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
    pub holes: Holes,
}

/// A match, and what may undo it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tentative {
    found: Match,
    doubt: Doubt,
}

/// What a path follows.
#[derive(Clone, PartialEq, Eq)]
enum Way {
    Words(Words),
    /// Words of one letter.
    Letters(String),
    /// What may stand at a mark of a form.
    Between {
        words: Words,
        between: Between,
        is_over: bool,
    },
    /// The time behind a date.
    Time(Time),
}

/// Words, and what was read beside them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Words {
    /// Where the first word leads.
    first: Option<Node>,
    node: Node,
    count: usize,
    beside: Beside,
    /// Whether the number of a house that follows stands behind a comma.
    loose: bool,
    /// Whether both street and place were read.
    has_place: bool,
    /// Whether the word before the last is a full stop.
    after_stop: bool,
    /// Whether the last one is.
    is_stop: bool,
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
    pub looked: Looked,
    /// What a mark begins with, if an entry has one.
    pub mark: Option<WordKey>,
    pub context: &'a mut Context,
}

/// The most seams that a match may pass over. There are that many ways more to read each of its words, and with hashes one
/// of eight wrong words may lead on: this is what bounds the number of paths.
pub(super) const MOST_SEAMS: u8 = 24;

/// The longest word behind a full stop that is short for something: the `Br` of `i. Br.`
const LONGEST_SHORT: usize = 3;

/// Whether a word stands for one letter where names are written letter by letter, or for the two of `O'B`. What is one
/// letter may be two in canonical form.
pub(super) fn is_spelled_letter(word: &str) -> bool {
    let mut letters = word.chars();
    let begins = letters.next().is_some_and(char::is_alphabetic);
    match letters.next() {
        None => begins,
        Some('\'') => begins && word.split('\'').all(is_letter),
        Some(_) => word.len() == 2 && matches!(word, "ss" | "ae" | "oe" | "th"),
    }
}

impl Path {
    fn new(start: usize, way: Way) -> Path {
        let (best, tentative) = (None, None);
        let before = Traces::default();
        Path { start, way, best, tentative, before, is_fresh: false, seams: 0, state: PathState::Closed }
    }

    /// The path of an entry that begins with a word, if one may.
    pub fn beginning_with<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        let word = reader.word;
        if reader.looked.begin.is_none() && !reader.looked.begins_in_genitive {
            return None;
        }
        // `P. M. Keller` is not `M. Keller`, nor is `Josef M. Keller`.
        let before = reader.before;
        let behind_name = || word.capital && before.is_initial() || before.is_given_name() || before.is_joined();
        if is_initial(word.text) && behind_name() {
            return None;
        }
        let beside = Beside::of_first(word, reader.gap, reader.before);
        let (loose, has_place, after_stop, is_stop) = (false, false, false, false);
        let begin = Words {
            first: reader.looked.begin,
            node: Node(0),
            count: 1,
            beside,
            loose,
            has_place,
            after_stop,
            is_stop,
        };
        let mut path = Path { before: before.traces(), ..Path::new(word.start, Way::Words(begin)) };
        if reader.looked.begins_in_genitive {
            path.arrive_in_genitive(reader, |index, key| index.begin(key), begin);
        }
        if let Some(node) = reader.looked.begin {
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
    pub fn follow<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> Vec<Path> {
        if self.state != PathState::Open {
            return Vec::new();
        }
        self.state = PathState::Closed;
        let (index, word, gap) = (reader.index, reader.word, reader.gap);
        let words = match &mut self.way {
            Way::Words(words) => *words,
            Way::Between { .. } => return self.follow_between(reader),
            Way::Time(time) => {
                let reads = time.read(word, gap);
                self.read_time(reads, word.end);
                return Vec::new();
            }
            Way::Letters(_) => {
                self.read_doubt(word, gap, false);
                self.follow_letter(reader);
                return Vec::new();
            }
        };
        let is_known = self.is_initial_known(words, reader);
        self.read_doubt(word, gap, is_known);
        let place = words.place(index, reader.looked.begin.is_some() && reader.looked.begin == words.first);
        let ways = words.beside.pass(word, gap, place);
        let forks = self.forks(words, ways);
        if let Some(beside) = words.beside.step(word, gap) {
            let (after_stop, is_stop) = (words.is_stop, word.text == ".");
            let next = Words { count: words.count + 1, beside, after_stop, is_stop, ..words };
            self.arrive_in_genitive(reader, |index, key| index.step(words.node, key), next);
            if let Some(node) = reader.looked.key.and_then(|key| index.step(words.node, key)) {
                self.reach(Words { node, ..next }, reader);
            }
        }
        forks
    }

    /// The paths that passed over a word.
    fn forks(&self, words: Words, ways: Ways) -> Vec<Path> {
        let (before, seams, state) = (self.before, self.seams, PathState::Open);
        let fork =
            |beside| Path { before, seams, state, ..Path::new(self.start, Way::Words(Words { beside, ..words })) };
        ways.into_iter().flatten().map(fork).collect()
    }

    fn follow_letter<I: Index>(&mut self, reader: &mut Reader<'_, I>) {
        let Way::Letters(letters) = &mut self.way else { return };
        if is_spelled_letter(reader.word.text) && !reader.gap.line {
            letters.extend(reader.word.text.chars().filter(|c| *c != '\''));
            let (node, more) = reader.index.spelled(letters);
            if let Some(node) = node {
                self.arrive_at(node, Passed::default(), Holes::default(), reader);
            }
            self.state = if more { PathState::Open } else { PathState::Closed };
        }
    }

    /// Whether a first name behind a match that leaves one out begins with the initial that the entry has there.
    fn is_initial_known<I: Index>(&self, words: Words, reader: &Reader<'_, I>) -> bool {
        let Some(Tentative { found, doubt }) = &self.tentative else { return false };
        let text = reader.word.text;
        if !(doubt.asks_for_initial() && reader.word.capital && is_given_name(text)) {
            return false;
        }
        let key = text.get(..1).and_then(|letter| reader.index.word(letter));
        let node = key.and_then(|key| reader.index.step(words.node, key));
        let whole = node.and_then(|node| crowd::arrive(reader.index, node, Passed::default()).free);
        whole.is_some_and(|ending| ending.entry == found.entry)
    }

    /// Reads what a word says of the match that it may undo. `stays` says whether it may stand at a mark.
    fn read_doubt(&mut self, word: &Word<'_>, gap: Gap, stays: bool) {
        let Some(mut tentative) = self.tentative.take() else { return };
        match tentative.doubt.read(word, gap, tentative.found.end, stays) {
            Verdict::Open => {}
            Verdict::Holds => self.best = Some(tentative.found),
            Verdict::Grows if word.decided - self.start <= MATCH_SPAN => {
                tentative.found = Match { end: word.end, rest: None, ..tentative.found };
                self.best = Some(tentative.found);
            }
            Verdict::Grows | Verdict::Stands => {
                self.best = Some(tentative.found);
                return;
            }
            Verdict::Ends(end) => {
                self.best = Some(Match { end, rest: None, ..tentative.found });
                return;
            }
            Verdict::Falls => return,
        }
        (self.tentative, self.state) = (Some(tentative), PathState::Open);
    }

    /// Whether a word that begins like this may lead on.
    pub fn may_follow<I: Index>(&self, word: &OpenWord<'_>, index: &I) -> bool {
        if self.tentative.is_some() {
            return true;
        }
        match &self.way {
            Way::Letters(_) => is_spelled_letter(word.text),
            Way::Time(_) => Time::may_read(word.text),
            Way::Between { words, between, .. } => {
                between.may_read(word.text)
                    || index.may_step(words.node, word.text)
                    || before_half_time(word.text).is_some_and(|day| index.may_step(words.node, day))
            }
            Way::Words(words) => {
                index.may_step(words.node, word.text)
                    || word.text.strip_suffix('s').is_some_and(|stem| index.may_step(words.node, stem))
                    || words.beside.may_pass(word, words.place(index, false))
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

    /// Ends the path. What the next words could have undone stays.
    pub fn close(&mut self) {
        self.best = self.tentative.take().map(|tentative| tentative.found).or(self.best);
        self.state = PathState::Closed;
    }

    fn is_alive(&self) -> bool {
        self.state != PathState::Closed || self.best.is_some()
    }

    fn reach<I: Index>(&mut self, words: Words, reader: &mut Reader<'_, I>) {
        self.way = Way::Words(words);
        self.arrive_at(words.node, words.beside.passed, words.beside.holes, reader);
        let goes_on = reader.index.goes_on(words.node);
        self.is_fresh = goes_on && reader.mark.is_some();
        let open = self.tentative.is_some() || goes_on;
        self.state = if open { PathState::Open } else { PathState::Closed };
        if reader.word.has_time && self.best.is_some_and(|best| best.end == reader.word.end) {
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
            let way = Way::Between { words: Words { node, ..words }, between: Between::new(mark), is_over: false };
            let mut path = Path { before: self.before, seams: self.seams, ..Path::new(self.start, way) };
            let is_part = match mark {
                Mark::Alone => self.before.is_in_number(),
                _ if words.has_place => self.before.is_postcode() || words.beside.passed.hyphen,
                _ => self.before.is_place() || words.beside.passed.hyphen,
            };
            if !is_part {
                path.arrive_at(node, words.beside.passed, words.beside.holes, reader);
                let doubt = Doubt::of_marked(mark, reader.word.text, words.loose);
                let found = path.best.take().or(path.tentative.take().map(|tentative| tentative.found));
                path.tentative = found.map(|found| Tentative { found, doubt });
            }
            if reader.word.has_time {
                path.close();
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
    fn follow_between<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> Vec<Path> {
        let Way::Between { words, between, is_over } = &mut self.way else { return Vec::new() };
        let (words, word, gap) = (*words, reader.word, reader.gap);
        let may_end = !*is_over && between.may_end(word, gap);
        let hole = between.parts().then_some(Hole { start: words.beside.end, end: word.start });
        let is_date = matches!(between, Between::Date(_));
        let (loose, has_place) = (between.is_loose(), words.has_place || matches!(between, Between::Place(_)));
        *is_over = *is_over || !between.read(word, gap);
        let stays = !*is_over;
        if stays {
            self.state = PathState::Open;
        }
        self.read_doubt(word, gap, stays);
        if !may_end {
            return Vec::new();
        }
        let index = reader.index;
        let own = reader.looked.key.and_then(|key| index.step(words.node, key));
        let month = |name: &str| index.step(words.node, index.word(name)?);
        let months = is_date.then(|| foreign_months(word.text).filter_map(month)).into_iter().flatten();
        let nodes = own.into_iter().chain(months).collect::<Vec<_>>();
        let beside = words.beside.step_behind_mark(word, hole);
        let (after_stop, is_stop) = (false, false);
        let next = Words { count: words.count + 1, beside, loose, has_place, after_stop, is_stop, ..words };
        let lead = |node| {
            let next = Words { node, ..next };
            let mut path = Path { before: self.before, seams: self.seams, ..Path::new(self.start, Way::Words(next)) };
            path.reach(next, reader);
            path.is_alive().then_some(path)
        };
        nodes.into_iter().filter_map(lead).collect()
    }

    /// Whether a dash between spaces may stand behind the word just read, or whether there may is seen with the next word.
    pub fn spans_dash(&self) -> bool {
        match &self.way {
            Way::Words(_) | Way::Letters(_) => self.state != PathState::Parked,
            Way::Between { between, is_over, .. } => !is_over && between.spans_dash(),
            Way::Time(_) => false,
        }
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
            let passed = Passed { genitive: true, ..words.beside.passed };
            self.arrive_at(node, passed, words.beside.holes, reader);
        }
    }

    /// Whether what stands directly before makes another thing of an entry of a kind.
    fn is_within_other(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Address => self.before.is_kind_of_street(),
            Kind::BirthDate => self.before.is_stop_in_number(),
            Kind::Email => self.before.is_in_mailbox(),
            _ => false,
        }
    }

    /// What may follow an entry of a kind, whose last word is this.
    fn doubt_of(&self, kind: &Kind, last: &Word<'_>) -> Option<Doubt> {
        let is_short = matches!(self.way, Way::Words(words) if words.after_stop) && last.text.len() <= LONGEST_SHORT;
        match kind {
            Kind::Address => Some(Doubt::of_address(is_short)),
            Kind::BirthDate if !last.has_time => Some(Doubt::Dotted(false)),
            _ => None,
        }
    }

    /// Notes what ends in a node: a context, and of the entries the first.
    fn arrive_at<I: Index>(&mut self, node: Node, passed: Passed, holes: Holes, reader: &mut Reader<'_, I>) {
        let (index, context) = (reader.index, &mut *reader.context);
        let arrival = crowd::arrive(index, node, passed);
        if arrival.context {
            context.note(node);
        }
        if reader.word.decided - self.start > MATCH_SPAN {
            return;
        }
        let joined = if arrival.bound { context.join(index, node, passed) } else { None };
        if arrival.bound && joined.is_none() {
            context.wait(self.start, reader.word.end, holes, node, passed);
        }
        if let Some(Ending { entry, traits }) = crowd::earlier(arrival.free, joined) {
            let (end, rest, reversed) = (reader.word.end, reader.word.rest, traits.is_reversed());
            let found = Match { end, rest, entry, reversed, holes };
            let kind = index.describe(entry).0;
            if self.is_within_other(&kind) {
                return;
            }
            if reversed && holes.is_empty() {
                let order = Order {
                    by_capital: passed.comma && self.before.is_capital(),
                    after_title: self.before.is_title(),
                    by_initial: traits.is_shortened(),
                    has_comma: passed.comma || passed.fields,
                    is_field: passed.fields && !passed.comma,
                    is_card: passed.fields && self.before.is_colon(),
                };
                let doubt = Doubt::of_reversed(reader.word.text, order);
                self.tentative = Some(Tentative { found, doubt });
                self.state = PathState::Open;
            } else if let Some(doubt) = self.doubt_of(&kind, reader.word) {
                self.tentative = Some(Tentative { found, doubt });
                self.state = PathState::Open;
            } else {
                self.best = Some(found);
            }
        }
    }
}

impl Words {
    fn place<I: Index>(self, index: &I, begins_anew: bool) -> Place {
        let (may_pause, may_skip) = (index.may_pause(self.node), index.may_skip(self.node));
        Place { count: self.count, may_pause, may_skip, begins_anew }
    }
}
