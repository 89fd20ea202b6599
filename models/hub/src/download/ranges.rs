//! Sets of bytes of a file, as ranges.

use std::collections::BTreeMap;
use std::ops::Range;

/// A set of byte offsets, kept as ranges that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Adds a range; what is there already stays.
    pub(super) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let (mut start, mut end) = (range.start, range.end);
        let touching: Vec<u64> =
            self.0.range(..=end).rev().take_while(|(_, other)| **other >= start).map(|(other, _)| *other).collect();
        for other in touching {
            if let Some(other_end) = self.0.remove(&other) {
                start = start.min(other);
                end = end.max(other_end);
            }
        }
        self.0.insert(start, end);
    }

    /// Takes a range out.
    pub(super) fn remove(&mut self, range: Range<u64>) {
        let touching: Vec<(u64, u64)> = self
            .0
            .range(..range.end)
            .rev()
            .take_while(|(_, end)| **end > range.start)
            .map(|(start, end)| (*start, *end))
            .collect();
        for (start, end) in touching {
            self.0.remove(&start);
            self.insert(start..end.min(range.start));
            self.insert(start.max(range.end)..end);
        }
    }

    /// Whether all of a range is there.
    pub(super) fn contains(&self, range: &Range<u64>) -> bool {
        range.is_empty() || self.0.range(..=range.start).next_back().is_some_and(|(_, end)| *end >= range.end)
    }

    /// How many bytes there are.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// Where the first gap begins.
    pub(super) fn front(&self) -> u64 {
        self.0.get(&0).copied().unwrap_or(0)
    }

    /// The first gap below `limit` that neither set covers.
    pub(super) fn first_gap(&self, other: &Self, limit: u64) -> Option<Range<u64>> {
        let mut at = 0;
        loop {
            let skip = |set: &Self| set.0.range(..=at).next_back().map_or(at, |(_, end)| at.max(*end));
            let next = skip(self).max(skip(other));
            if next == at {
                break;
            }
            at = next;
        }
        let next = |set: &Self| set.0.range(at..).next().map_or(limit, |(start, _)| *start);
        let end = next(self).min(next(other)).min(limit);
        (at < end).then_some(at..end)
    }

    /// The ranges in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().map(|(start, end)| *start..*end)
    }

    /// Whether nothing is there.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with a plain list of flags, over many operations.
    #[test]
    fn ranges_are_the_set_of_their_bytes() {
        let mut numbers = lethe_seed::Random::new(lethe_seed::of_this_run());
        let mut random = |below: u64| numbers.number() % below;
        for _ in 0..300 {
            let (mut ranges, mut flags) = (Ranges::default(), [false; 40]);
            for _ in 0..12 {
                let start = random(40);
                let end = start + random(41 - start);
                let insert = random(3) > 0;
                if insert {
                    ranges.insert(start..end)
                } else {
                    ranges.remove(start..end)
                }
                flags[start as usize..end as usize].fill(insert);
                let counted = flags.iter().filter(|flag| **flag).count();
                assert_eq!(ranges.total(), counted as u64, "{ranges:?}");
                let front = flags.iter().take_while(|flag| **flag).count();
                assert_eq!(ranges.front(), front as u64, "{ranges:?}");
                let (from, to) = (random(40), random(40));
                let all = (from..to).all(|at| flags[at as usize]);
                assert_eq!(ranges.contains(&(from..to)), all, "{ranges:?} {from}..{to}");
                let ordered: Vec<_> = ranges.iter().collect();
                assert!(ordered.windows(2).all(|pair| pair[0].end < pair[1].start), "they touch: {ranges:?}");
            }
            let mut other = Ranges::default();
            other.insert(random(20)..20 + random(20));
            let free: Vec<u64> =
                (0..40).filter(|at| !flags[*at as usize] && !other.contains(&(*at..*at + 1))).collect();
            let gap = ranges.first_gap(&other, 40);
            assert_eq!(gap.as_ref().map(|gap| gap.start), free.first().copied(), "{ranges:?} {other:?}");
            if let Some(gap) = gap {
                assert!(gap.clone().all(|at| free.contains(&at)), "the gap holds what is there");
                assert!(!free.contains(&gap.end), "the gap is not all of it");
            }
        }
    }
}
