//! Finds the entries of an [`Index`] in a stream of glyphs.
//!
//! Leftmost, then longest: of two matches that overlap the one that starts first wins, of two that
//! start together the longer one. One path through the trie is followed from each word that begins
//! an entry; there are never more of them than an entry has words.
//!
//! The target of a Markdown link is read like any text, and at the same time passed over: paths
//! that are open at `](` wait there until the `)`. So `[Anna](https://example.org) Keller` is found.

use std::sync::Arc;

use crate::canonical::{Class, Glyph};
use crate::list::index::{Index, Node};
use crate::scan::{Found, MATCH_SPAN, Scan, What};
use crate::word::{Lexer, Token, Word};

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
    node: Node,
    /// The longest match so far: its end and its entry.
    best: Option<(usize, u32)>,
    state: PathState,
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
                Token::Word(word) => self.paths.read(&word, found),
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
        let (text, start) = open_word?;
        let words = self.paths.index.beginning_with(text);
        let hopeful = position - start <= MATCH_SPAN && self.paths.index.may_step(None, &words);
        hopeful.then_some(start)
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
                self.paths.read(&word, found);
            }
        });
        self.paths.close_all(found);
    }
}

impl Paths {
    /// Follows a whole word.
    fn read(&mut self, word: &Word<'_>, found: &mut Vec<Found>) {
        let number = self.index.word(word.text);
        let begin = number.and_then(|number| self.index.begin(number));
        if self.paths.is_empty() && begin.is_none() {
            return;
        }
        let leaves_target = self.track_target(word);
        for path in &mut self.paths {
            if path.state == PathState::Open {
                path.state = PathState::Closed;
                if let Some(node) = number.and_then(|number| self.index.step(path.node, number)) {
                    path.reach(node, word, &self.index);
                }
            }
            path.limit(word.decided);
        }
        if let Some(node) = begin {
            let mut path = Path { start: word.start, node, best: None, state: PathState::Closed };
            path.reach(node, word, &self.index);
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
    fn prune(&mut self, position: usize, open_word: Option<(&str, usize)>, found: &mut Vec<Found>) {
        if self.paths.is_empty() {
            return;
        }
        // A round bracket may turn out to begin a link's target, where paths wait.
        if let Some((text, _)) = open_word.filter(|(text, _)| *text != "(") {
            let words = self.index.beginning_with(text);
            for path in self.paths.iter_mut().filter(|path| path.state == PathState::Open) {
                if !self.index.may_step(Some(path.node), &words) {
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
        while let Some(Path { start, best: Some((end, entry)), state: PathState::Closed, .. }) = self.paths.first() {
            let (start, end, what) = (*start, *end, What::Entry(*entry));
            found.push(Found { start, end, what });
            self.paths.retain(|path| path.start >= end);
        }
    }
}

impl Path {
    fn reach(&mut self, node: Node, word: &Word<'_>, index: &Index) {
        self.node = node;
        if let Some(entry) = index.end(node)
            && word.decided - self.start <= MATCH_SPAN
        {
            self.best = Some((word.end, entry));
        }
        self.state = if index.is_leaf(node) { PathState::Closed } else { PathState::Open };
    }

    /// Closes the path if every further match would be too long.
    fn limit(&mut self, position: usize) {
        if position - self.start > MATCH_SPAN {
            self.state = PathState::Closed;
        }
    }
}
