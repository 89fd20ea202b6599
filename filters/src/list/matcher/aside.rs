//! What paths pass over: the text of tags with attributes, and full stops between letters.
//!
//! A tag's text is read like any other, since a name may stand in it, and paths that were open before it wait. No match
//! goes into a tag or out of it: half a tag would be left.

use crate::list::index::Index;
use crate::scan::Found;
use crate::word::Word;

use super::Paths;
use super::gap::Gap;
use super::path::PathState;

/// A tag that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Aside {
    start: usize,
    /// Whether it stands in the target of a link, where paths wait anyway.
    within_target: bool,
}

impl<I: Index> Paths<I> {
    /// Lets the open paths wait until the tag ends that starts here.
    pub fn begin_aside(&mut self, start: usize) {
        let within_target = self.paths.iter().any(|path| path.state == PathState::Parked);
        self.aside = Some(Aside { start, within_target });
        for path in self.paths.iter_mut().filter(|path| path.state == PathState::Open) {
            path.state = PathState::Parked;
        }
    }

    /// Ends the paths that began in the tag, and opens those that waited.
    pub fn end_aside(&mut self, found: &mut Vec<Found>) {
        let Some(Aside { start, within_target }) = self.aside.take() else { return };
        for path in &mut self.paths {
            match path.state {
                _ if path.start >= start => path.close(),
                PathState::Parked if !within_target => path.state = PathState::Open,
                _ => {}
            }
        }
        self.resolve(found);
    }

    /// Follows a word, and also stays where it is.
    pub fn read_or_pass(&mut self, word: &Word<'_>, gap: Gap, found: &mut Vec<Found>) {
        let before = self.paths.clone();
        self.read(word, gap, found);
        for path in before {
            if path.state != PathState::Closed && !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
        self.paths.sort_by_key(|path| path.start);
        self.resolve(found);
    }
}
