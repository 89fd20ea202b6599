//! One way through an index: the words read since an entry began.

use crate::list::index::{Index, Node, Passed, Traits, WordKey};
use crate::list::matcher::Context;
use crate::scan::MATCH_SPAN;
use crate::word::{OpenWord, Word};

/// What may still become a match, or is one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub start: usize,
    way: Way,
    /// The longest match so far: its end and its entry.
    pub best: Option<(usize, u32)>,
    pub state: PathState,
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
        Path { start, way, best: None, state: PathState::Closed }
    }

    /// The path of an entry that begins with a word, if one may.
    pub fn beginning_with<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        let begin = Words { node: Node(0), count: 1, passed: Passed::default(), after_initial: false };
        let mut path = Path::new(reader.word.start, Way::Words(begin));
        path.arrive_in_genitive(reader, |index, key| index.begin(key), begin);
        if let Some(node) = reader.begin {
            path.reach(Words { node, ..begin }, reader);
        }
        (path.state != PathState::Closed || path.best.is_some()).then_some(path)
    }

    /// The path of an entry whose letters stand one by one, if one may begin with this.
    pub fn beginning_with_letter<I: Index>(reader: &mut Reader<'_, I>) -> Option<Path> {
        let mut path = Path::new(reader.word.start, Way::Letters(String::new()));
        path.state = PathState::Open;
        path.follow(reader);
        (path.state != PathState::Closed || path.best.is_some()).then_some(path)
    }

    /// Follows a whole word, if the path is open. Where the word may be passed over, the paths behind
    /// that are given back.
    pub fn follow<I: Index>(&mut self, reader: &mut Reader<'_, I>) -> [Option<Path>; 2] {
        if self.state != PathState::Open {
            return [None, None];
        }
        self.state = PathState::Closed;
        let (index, word) = (reader.index, reader.word);
        let words = match &mut self.way {
            Way::Words(words) => *words,
            Way::Letters(letters) => {
                if is_letter(word.text) {
                    letters.push_str(word.text);
                    let (entry, more) = index.spelled(letters);
                    if let Some(entry) = entry {
                        self.arrive(entry, reader);
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
        let open = |way: Words| Path { state: PathState::Open, ..Path::new(self.start, Way::Words(way)) };
        let pause = word.text == "," && words.passed == Passed::default() && words.count <= Traits::MAX_PLACE;
        let pause = (pause && index.may_pause(words.node)).then(|| {
            let passed = Passed { comma: words.count as u8, ..words.passed };
            open(Words { passed, after_initial: false, ..words })
        });
        let skip = word.capital && words.passed == Passed::default() && words.count <= Traits::MAX_PLACE;
        // The same word again begins the entry anew.
        let skip = skip && reader.begin != Some(words.node) && NO_MIDDLE.binary_search(&word.text).is_err();
        let skip = (skip && index.may_skip(words.node)).then(|| {
            let passed = Passed { middle: words.count as u8, ..words.passed };
            open(Words { passed, after_initial: is_letter(word.text), ..words })
        });
        let next = Words { count: words.count + 1, after_initial: false, ..words };
        self.arrive_in_genitive(reader, |index, key| index.step(words.node, key), next);
        if let Some(node) = reader.key.and_then(|key| index.step(words.node, key)) {
            self.reach(Words { node, ..next }, reader);
        }
        [pause, skip]
    }

    /// Whether a word that begins like this may lead on.
    pub fn may_follow<I: Index>(&self, word: &OpenWord<'_>, index: &I) -> bool {
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

    /// Closes the path if every further match would be too long.
    pub fn limit(&mut self, position: usize) {
        if position - self.start > MATCH_SPAN {
            self.state = PathState::Closed;
        }
    }

    fn reach<I: Index>(&mut self, words: Words, reader: &mut Reader<'_, I>) {
        self.way = Way::Words(words);
        self.arrive_at(words.node, words.passed, reader);
        self.state = if reader.index.goes_on(words.node) { PathState::Open } else { PathState::Closed };
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

    /// Notes what ends in a node: contexts, and of the entries the first.
    fn arrive_at<I: Index>(&mut self, node: Node, passed: Passed, reader: &mut Reader<'_, I>) {
        let mut first = None;
        let context = &mut reader.context;
        reader.index.ends(node, &mut |ending| {
            if ending.traits.allow(passed) {
                match ending.traits.context {
                    true => context.note(ending.entry),
                    false if reader.index.needs_context(ending.entry) && !context.has(ending.entry) => {
                        if reader.word.decided - self.start <= MATCH_SPAN {
                            context.wait(self.start, reader.word.end, ending.entry);
                        }
                    }
                    false => first = first.or(Some(ending.entry)),
                }
            }
        });
        if let Some(entry) = first
            && reader.word.decided - self.start <= MATCH_SPAN
        {
            self.best = Some((reader.word.end, entry));
        }
    }

    fn arrive<I: Index>(&mut self, entry: u32, reader: &mut Reader<'_, I>) {
        if reader.word.decided - self.start > MATCH_SPAN {
            return;
        }
        match reader.index.needs_context(entry) && !reader.context.has(entry) {
            true => reader.context.wait(self.start, reader.word.end, entry),
            false => self.best = Some((reader.word.end, entry)),
        }
    }
}
