//! One way through an index: the words read since an entry began.

use crate::list::crowd;
use crate::list::index::{Ending, Index, Node, Passed, Traits, WordKey};
use crate::list::matcher::Context;
use crate::list::matcher::gap::{Before, Gap};
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
    node: Node,
    count: usize,
    passed: Passed,
    /// Whether the last word was an initial that is passed over, behind which a dot may stand.
    after_initial: bool,
    /// Whether the last word was passed over.
    after_middle: bool,
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
        Path { start, way, best, tentative, behind_capital: false, seams: 0, state: PathState::Closed }
    }

    /// The path of an entry that begins with a word, if one may.
    pub fn beginning_with<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        // `P. M. Keller` is not `M. Keller`.
        if reader.before.is_initial() && reader.word.capital && is_letter(reader.word.text) {
            return None;
        }
        let passed = Passed { hyphen: reader.gap.joins(), ..Passed::default() };
        let begin = Words { node: Node(0), count: 1, passed, after_initial: false, after_middle: false };
        let mut path = Path::new(reader.word.start, Way::Words(begin));
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
    pub fn follow<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> [Option<Path>; 2] {
        if self.state != PathState::Open {
            return [None, None];
        }
        self.state = PathState::Closed;
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
        let (behind_capital, seams, state) = (self.behind_capital, self.seams, PathState::Open);
        let open = |way: Words| Path { behind_capital, seams, state, ..Path::new(self.start, Way::Words(way)) };
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
        let next = Words { count: words.count + 1, after_initial: false, after_middle: false, ..words };
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
            Way::Words(words) => {
                index.may_step(words.node, word.text)
                    || word.text.strip_suffix('s').is_some_and(|stem| index.may_step(words.node, stem))
                    || words.after_initial && word.text == "."
                    || word.text == "," && index.may_pause(words.node)
                    || word.capital && index.may_skip(words.node)
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
        self.best = self.tentative.take().or(self.best);
        self.state = PathState::Closed;
    }

    fn is_alive(&self) -> bool {
        self.state != PathState::Closed || self.best.is_some()
    }

    fn reach<I: Index>(&mut self, words: Words, reader: &mut Reader<'_, I>) {
        self.way = Way::Words(words);
        self.arrive_at(words.node, words.passed, reader);
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
        if arrival.bound && joined.is_none() {
            context.wait(self.start, reader.word.end, node, passed);
        }
        if let Some(Ending { entry, traits }) = crowd::earlier(arrival.free, joined) {
            let found = Some(Match { end: reader.word.end, rest: reader.word.rest, entry, reversed: traits.comma > 0 });
            match passed.comma > 0 && self.behind_capital {
                true => (self.tentative, self.state) = (found, PathState::Open),
                false => self.best = found,
            }
        }
    }
}
