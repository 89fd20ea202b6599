//! One way through an index: the words read since an entry began.

use crate::list::crowd;
use crate::list::index::{Ending, Index, Node, Passed, WordKey};
use crate::list::matcher::Context;
use crate::list::matcher::beside::{Beside, Place, Ways, is_letter};
use crate::list::matcher::gap::{Before, Gap, is_initial};
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
    /// Whether a word with a capital letter stands directly before.
    behind_capital: bool,
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
    /// Where one part of it ends and the other starts, if what is between them stays.
    pub apart: Option<(usize, usize)>,
}

/// A match of a reversed form, and what undoes it beside a hyphen and a capital letter: `Keller, Hans-Peter`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tentative {
    found: Match,
    /// A word with a capital letter.
    by_capital: bool,
    /// Whether it ends with an initial, behind which a full stop may stand.
    after_initial: bool,
    /// An initial, since the entry has another one there, or none.
    by_initial: bool,
    /// Whether an initial was read behind it: `Keller, Anna C.` goes with its full stop.
    extends: bool,
}

/// What a path follows.
#[derive(Clone, PartialEq, Eq)]
enum Way {
    Words(Words),
    /// Words of one letter.
    Letters(String),
}

/// Words, and what was read beside them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Words {
    /// Where the first word leads.
    first: Option<Node>,
    node: Node,
    count: usize,
    beside: Beside,
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
    /// Where it leads from the beginning of an entry.
    pub begin: Option<Node>,
    pub context: &'a mut Context,
}

/// The most seams that a match may pass over. There are that many ways more to read each of its words, and with hashes one
/// of eight wrong words may lead on: this is what bounds the number of paths.
pub(super) const MOST_SEAMS: u8 = 24;

/// Whether a word stands for one letter where names are written letter by letter, or for the two of `O'B`. What is one
/// letter may be two in canonical form.
pub(super) fn is_spelled_letter(word: &str) -> bool {
    is_letter(word)
        || matches!(word, "ss" | "ae" | "oe" | "th")
        || word.contains('\'') && word.split('\'').all(is_letter)
}

impl Tentative {
    /// Whether the word behind it shows that it is none.
    fn is_undone(self, word: &Word<'_>, gap: Gap) -> bool {
        let by_what_follows = self.by_capital || self.by_initial && is_letter(word.text);
        word.capital && (gap.joins() || gap.is_blank() && by_what_follows)
    }
}

impl Path {
    fn new(start: usize, way: Way) -> Path {
        let (best, tentative) = (None, None);
        Path { start, way, best, tentative, behind_capital: false, seams: 0, state: PathState::Closed }
    }

    /// The path of an entry that begins with a word, if one may.
    pub fn beginning_with<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        let word = reader.word;
        if reader.begin.is_none() && !word.text.ends_with('s') {
            return None;
        }
        // `P. M. Keller` is not `M. Keller`, nor is `Josef M. Keller`.
        let behind_name = || word.capital && reader.before.is_initial() || reader.before.is_given_name();
        if is_initial(word.text) && behind_name() {
            return None;
        }
        let beside = Beside::of_first(word, reader.gap, reader.before);
        let begin = Words { first: reader.begin, node: Node(0), count: 1, beside };
        let mut path = Path::new(word.start, Way::Words(begin));
        path.behind_capital = reader.before.is_capital();
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
    pub fn follow<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> [Option<Path>; 3] {
        if self.state != PathState::Open {
            return [const { None }; 3];
        }
        self.state = PathState::Closed;
        let (index, word, gap) = (reader.index, reader.word, reader.gap);
        if let Some(tentative) = self.tentative {
            // `Anna Keller, J. Müller` is not `Keller, J.`
            if word.text == "." && tentative.after_initial && (tentative.by_capital || tentative.by_initial) {
                self.state = PathState::Open;
            } else {
                self.tentative = None;
                let fits = word.decided - self.start <= MATCH_SPAN;
                if word.text == "." && tentative.extends && gap.is_tight() && fits {
                    let found = Match { end: word.end, rest: None, ..tentative.found };
                    self.best = Some(found);
                    self.tentative = Some(Tentative { found, extends: false, ..tentative });
                    self.state = PathState::Open;
                } else if gap.parts() || !tentative.is_undone(word, gap) {
                    self.best = Some(tentative.found);
                    if !tentative.extends && word.capital && is_letter(word.text) && gap.is_blank() {
                        self.tentative = Some(Tentative { extends: true, ..tentative });
                        self.state = PathState::Open;
                    }
                }
            }
        }
        let words = match &mut self.way {
            Way::Words(words) => *words,
            Way::Letters(letters) => {
                if is_spelled_letter(word.text) && !gap.line {
                    letters.extend(word.text.chars().filter(|c| *c != '\''));
                    let (node, more) = index.spelled(letters);
                    if let Some(node) = node {
                        self.arrive_at(node, Passed::default(), None, reader);
                    }
                    self.state = if more { PathState::Open } else { PathState::Closed };
                }
                return [const { None }; 3];
            }
        };
        let place = words.place(index, reader.begin.is_some() && reader.begin == words.first);
        let ways = words.beside.pass(word, gap, place);
        let forks = self.forks(words, ways);
        if let Some(beside) = words.beside.step(word, gap) {
            let next = Words { count: words.count + 1, beside, ..words };
            self.arrive_in_genitive(reader, |index, key| index.step(words.node, key), next);
            if let Some(node) = reader.key.and_then(|key| index.step(words.node, key)) {
                self.reach(Words { node, ..next }, reader);
            }
        }
        forks
    }

    /// The paths that passed over a word.
    fn forks(&self, words: Words, ways: Ways) -> [Option<Path>; 3] {
        let (behind_capital, seams, state) = (self.behind_capital, self.seams, PathState::Open);
        ways.map(|way| {
            let way = Way::Words(Words { beside: way?, ..words });
            Some(Path { behind_capital, seams, state, ..Path::new(self.start, way) })
        })
    }

    /// Whether a word that begins like this may lead on.
    pub fn may_follow<I: Index>(&self, word: &OpenWord<'_>, index: &I) -> bool {
        if self.tentative.is_some() {
            return true;
        }
        match &self.way {
            Way::Letters(_) => is_spelled_letter(word.text),
            Way::Words(words) => {
                index.may_step(words.node, word.text)
                    || word.text.strip_suffix('s').is_some_and(|stem| index.may_step(words.node, stem))
                    || words.beside.may_pass(word, words.place(index, false))
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
            && self.behind_capital == other.behind_capital
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
        self.best = self.tentative.take().map(|tentative| tentative.found).or(self.best);
        self.state = PathState::Closed;
    }

    fn is_alive(&self) -> bool {
        self.state != PathState::Closed || self.best.is_some()
    }

    fn reach<I: Index>(&mut self, words: Words, reader: &mut Reader<'_, I>) {
        self.way = Way::Words(words);
        self.arrive_at(words.node, words.beside.passed, words.beside.apart, reader);
        let open = self.tentative.is_some() || reader.index.goes_on(words.node);
        self.state = if open { PathState::Open } else { PathState::Closed };
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
            self.arrive_at(node, passed, words.beside.apart, reader);
        }
    }

    /// Notes what ends in a node: a context, and of the entries the first.
    fn arrive_at<I: Index>(
        &mut self,
        node: Node,
        passed: Passed,
        apart: Option<(usize, usize)>,
        reader: &mut Reader<'_, I>,
    ) {
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
            context.wait(self.start, reader.word.end, apart, node, passed);
        }
        if let Some(Ending { entry, traits }) = crowd::earlier(arrival.free, joined) {
            let (end, rest, reversed) = (reader.word.end, reader.word.rest, traits.is_reversed());
            let found = Match { end, rest, entry, reversed, apart };
            let by_capital = reversed && passed.comma && self.behind_capital;
            let by_initial = traits.is_shortened();
            if reversed && apart.is_none() {
                let after_initial = is_initial(reader.word.text);
                self.tentative = Some(Tentative { found, by_capital, after_initial, by_initial, extends: false });
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
