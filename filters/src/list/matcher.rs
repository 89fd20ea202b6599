//! Finds the entries of an [`Index`] in a stream of glyphs.
//!
//! Leftmost, then longest: of two matches that overlap the one that starts first wins, of two that
//! start together the longer one. One path through the trie is followed from each word that begins
//! an entry; there are never more of them than an entry has words.
//!
//! The target of a Markdown link is read like any text, and at the same time passed over: paths
//! that are open at `](` wait there until the `)`. So `[Anna](https://example.org) Keller` is found.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::canonical::{Class, Glyph};
use crate::list::index::{Index, Node};
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::word::{Lexer, OpenWord, Token, Word};

/// The matcher of one stream.
pub(crate) struct Matcher {
    lexer: Lexer,
    paths: Paths,
}

/// The paths that are followed, by their start.
struct Paths {
    index: Arc<Index>,
    paths: Vec<Path>,
    /// The end of the square bracket read last.
    bracket: Option<usize>,
    /// How many round brackets of a link's target are open.
    depth: usize,
}

struct Path {
    start: usize,
    way: Way,
    /// The longest match so far: its end and its entry.
    best: Option<(usize, u32)>,
    state: PathState,
}

/// What a path follows.
enum Way {
    /// Words, and whether the last one was an initial, behind which a dot may stand.
    Words(Node, bool),
    /// Words of one letter.
    Letters(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PathState {
    /// The next word may lead on.
    Open,
    /// The next word behind the target of a link may lead on.
    Parked,
    /// Nothing leads on. Kept if it has a match that an earlier path may still overlap.
    Closed,
}

impl Matcher {
    pub fn new(index: Arc<Index>) -> Matcher {
        let paths = Paths { index, paths: Vec::new(), bracket: None, depth: 0 };
        Matcher { lexer: Lexer::default(), paths }
    }
}

impl Scan for Matcher {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        for glyph in glyphs {
            self.lexer.feed(glyph, &mut |token| match token {
                Token::Word(word) => self.paths.read_any(&word, found),
                Token::Barrier => self.paths.close_all(found),
            });
            if glyph.class == Class::Joint && glyph.c == ']' {
                self.paths.bracket = Some(glyph.end);
            }
        }
    }

    fn open(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let open_word = self.lexer.open();
        self.paths.prune(position, open_word, found);
        if let Some(path) = self.paths.paths.first() {
            return Some(path.start);
        }
        let word = open_word?;
        let index = &self.paths.index;
        let may_begin = |text: &str| {
            let spelled = || is_letter(text) && index.spelled(text).1;
            index.may_step(None, &index.beginning_with(text)) || spelled()
        };
        let start = match word.line_break {
            Some(at) => Some(if may_begin(&word.text[..at.text]) { word.start } else { at.start }),
            None => may_begin(word.text).then_some(word.start),
        };
        start.filter(|start| position - start <= MATCH_SPAN)
    }

    fn begun(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        let open = self.open(position, found)?;
        // A path that has its match is reported whole.
        let unfinished = |path: &&Path| path.best.is_none() && path.state != PathState::Closed;
        let path = self.paths.paths.iter().find(unfinished).map(|path| path.start);
        path.or_else(|| self.paths.paths.is_empty().then_some(open))
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        self.lexer.close(position, &mut |token| {
            if let Token::Word(word) = token {
                self.paths.read_any(&word, found);
            }
        });
        self.paths.close_all(found);
    }
}

impl Paths {
    /// Follows a whole word, or the two that it may be.
    fn read_any(&mut self, word: &Word<'_>, found: &mut Vec<Found>) {
        match word.line_break {
            Some(at) if self.index.word(word.text).is_none() && at.text <= word.text.len() => {
                let (text, behind) = word.text.split_at(at.text);
                self.read(&Word { text, end: at.end, decided: at.start, line_break: None, ..*word }, found);
                self.read(&Word { text: behind, start: at.start, capital: false, line_break: None, ..*word }, found);
            }
            _ => self.read(word, found),
        }
    }

    /// Follows a whole word.
    fn read(&mut self, word: &Word<'_>, found: &mut Vec<Found>) {
        let number = self.index.word(word.text);
        let begin = number.and_then(|number| self.index.begin(number));
        let letter = is_letter(word.text);
        if self.paths.is_empty() && begin.is_none() && !letter {
            return;
        }
        let leaves_target = self.track_target(word);
        let mut place = 0;
        while place < self.paths.len() {
            let fork = self.paths[place].follow(number, word, &self.index);
            self.paths[place].limit(word.decided);
            place += 1;
            if let Some(mut fork) = fork {
                fork.limit(word.decided);
                self.paths.insert(place, fork);
                place += 1;
            }
        }
        if let Some(node) = begin {
            let mut path = Path::beginning(word.start, Way::Words(node, false));
            path.reach(node, word, &self.index);
            path.limit(word.decided);
            self.paths.push(path);
        }
        if letter {
            let mut path = Path::beginning(word.start, Way::Letters(String::new()));
            path.state = PathState::Open;
            path.follow(None, word, &self.index);
            path.limit(word.decided);
            self.paths.push(path);
        }
        if leaves_target {
            self.depth = 0;
            for path in self.paths.iter_mut().filter(|path| path.state == PathState::Parked) {
                path.state = PathState::Open;
            }
        }
        self.resolve(found);
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

    /// Closes paths of which it is known already that nothing will lead on.
    fn prune(&mut self, position: usize, open_word: Option<OpenWord<'_>>, found: &mut Vec<Found>) {
        if self.paths.is_empty() {
            return;
        }
        // A round bracket may turn out to begin a link's target, where paths wait.
        if let Some(word) = open_word.filter(|word| word.text != "(" && word.line_break.is_none()) {
            let words = self.index.beginning_with(word.text);
            for path in self.paths.iter_mut().filter(|path| path.state == PathState::Open) {
                let hopeful = match &path.way {
                    Way::Letters(_) => is_letter(word.text),
                    Way::Words(node, after_initial) => {
                        self.index.may_step(Some(*node), &words)
                            || *after_initial && word.text == "."
                            || word.capital && self.index.step_over(*node).is_some()
                    }
                };
                if !hopeful {
                    path.state = PathState::Closed;
                }
            }
        }
        self.paths.iter_mut().for_each(|path| path.limit(position));
        self.resolve(found);
    }

    fn close_all(&mut self, found: &mut Vec<Found>) {
        self.paths.iter_mut().for_each(|path| path.state = PathState::Closed);
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
            let best = same.iter().filter_map(|path| path.best).max_by_key(|(end, entry)| (*end, Reverse(*entry)));
            let (end, entry) = best.expect("a closed path is kept for its match");
            found.push(Found { start, end, what: What::Entry(entry) });
            self.paths.retain(|path| path.start >= end);
        }
    }
}

/// Whether this is a word of one letter.
fn is_letter(word: &str) -> bool {
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
    fn beginning(start: usize, way: Way) -> Path {
        Path { start, way, best: None, state: PathState::Closed }
    }

    /// Follows a whole word, if the path is open. Where the word may be a middle name as well, the
    /// path behind that is a second one.
    fn follow(&mut self, number: Option<u32>, word: &Word<'_>, index: &Index) -> Option<Path> {
        if self.state != PathState::Open {
            return None;
        }
        self.state = PathState::Closed;
        let (node, after_initial) = match &mut self.way {
            Way::Words(node, after_initial) => (*node, *after_initial),
            Way::Letters(letters) => {
                if is_letter(word.text) {
                    letters.push_str(word.text);
                    let (entry, more) = index.spelled(letters);
                    self.arrive(entry, word);
                    self.state = if more { PathState::Open } else { PathState::Closed };
                }
                return None;
            }
        };
        if after_initial && word.text == "." {
            self.way = Way::Words(node, false);
            self.state = PathState::Open;
            return None;
        }
        if let Some(node) = number.and_then(|number| index.step(node, number)) {
            self.reach(node, word, index);
        }
        let again = number.and_then(|number| index.begin(number)) == Some(node);
        let middle = word.capital && !again && NO_MIDDLE.binary_search(&word.text).is_err();
        let behind = index.step_over(node).filter(|_| middle)?;
        let way = Way::Words(behind, is_letter(word.text));
        Some(Path { state: PathState::Open, ..Path::beginning(self.start, way) })
    }

    fn reach(&mut self, node: Node, word: &Word<'_>, index: &Index) {
        self.way = Way::Words(node, false);
        self.arrive(index.end(node), word);
        self.state = if index.is_leaf(node) { PathState::Closed } else { PathState::Open };
    }

    fn arrive(&mut self, entry: Option<u32>, word: &Word<'_>) {
        if let Some(entry) = entry
            && word.decided - self.start <= MATCH_SPAN
        {
            self.best = Some((word.end, entry));
        }
    }

    /// Closes the path if every further match would be too long.
    fn limit(&mut self, position: usize) {
        if position - self.start > MATCH_SPAN {
            self.state = PathState::Closed;
        }
    }
}
