//! The matches reported lately, since what lies between two of one entry is none.

use super::path::Match;
use crate::scan::MATCH_SPAN;

/// Matches in their natural order within the last [`MATCH_SPAN`], each by where it starts, in order. Paths of another
/// reading may come in that begin before the last.
#[derive(Default)]
pub(super) struct Recent {
    matches: Vec<(usize, Match)>,
    /// How long the longest is at most, in bytes.
    longest: usize,
}

impl Recent {
    /// Remembers a match.
    pub fn note(&mut self, start: usize, found: Match) {
        if self.matches.is_empty() {
            self.longest = 0;
        }
        self.longest = self.longest.max(found.end - start);
        let place = self.matches.partition_point(|(begin, _)| *begin < start);
        match self.matches.get_mut(place) {
            Some((begin, known)) if *begin == start => {
                if known.end < found.end {
                    *known = found;
                }
            }
            _ => self.matches.insert(place, (start, found)),
        }
        let old = self.matches.partition_point(|(begin, _)| begin + MATCH_SPAN < start);
        self.matches.drain(..old);
    }

    /// Whether a match starts within another of its entry: `Keller Anna` stands between `Anna Keller` twice in a row.
    pub fn holds(&self, start: usize, found: &Match) -> bool {
        let before = self.matches.partition_point(|(begin, _)| *begin < start);
        let mut near = self.matches[..before].iter().rev().take_while(|(begin, _)| begin + self.longest > start);
        near.any(|(_, last)| last.entry == found.entry && start < last.rest.unwrap_or(last.end))
    }

    /// Those that go on behind a place.
    pub fn behind(&self, place: usize) -> Recent {
        let matches = self.matches.iter().filter(|(_, found)| found.end > place).copied().collect();
        Recent { matches, longest: self.longest }
    }

    /// Takes in those of another reading.
    pub fn join(&mut self, other: Recent) {
        other.matches.into_iter().for_each(|(start, found)| self.note(start, found));
    }
}
