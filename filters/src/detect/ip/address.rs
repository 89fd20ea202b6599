//! Finds addresses in a run of the characters that addresses are made of.
//!
//! A run is cut into groups at dots and colons, and an address is a sequence of whole groups
//! that the standard library's parser takes. What is beside an address is looked at again as if the
//! address were gone, so that filtering twice finds nothing new.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// The longest form of an address: IPv6 with an embedded IPv4 address.
pub(super) const MAX_ADDRESS: usize = 45;

/// What stands beside a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edge {
    /// Nothing that matters.
    Free,
    /// A letter, of which the first or last group is then a part.
    Joined,
    /// A slash behind a letter: a product, whose version follows (`Chrome/120.0.0.0`).
    Product,
    /// Something that was or will be removed. For what depends on a letter it is as good as one.
    Removed,
}

/// The addresses in `run`, in order. `numbered` says that four numbers are no address here.
pub(super) fn addresses(run: &str, left: Edge, right: Edge, numbered: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let run = Run { text: run, range: 0..run.len(), left, right, numbered };
    run.collect(&mut found);
    found
}

#[derive(Clone)]
struct Run<'a> {
    text: &'a str,
    /// The part of `text` that is looked at.
    range: Range<usize>,
    left: Edge,
    right: Edge,
    numbered: bool,
}

impl Run<'_> {
    fn collect(&self, found: &mut Vec<Range<usize>>) {
        let Some(address) = self.first() else { return };
        let before = self.range.start..address.start;
        Run { range: before, right: Edge::Removed, ..self.clone() }.collect(found);
        found.push(address.clone());
        let behind = address.end..self.range.end;
        Run { range: behind, left: Edge::Removed, ..self.clone() }.collect(found);
    }

    /// The address that starts first; of those that start there, the longest.
    fn first(&self) -> Option<Range<usize>> {
        let text = &self.text[self.range.clone()];
        if text.matches(['.', ':']).count() < 3 && !text.contains("::") {
            return None;
        }
        let mut starts = self.range.clone().filter(|start| self.may_start(*start));
        starts.find_map(|start| {
            let longest = self.range.end.min(start + MAX_ADDRESS);
            let mut ends = (start + 2..=longest).rev().filter(|end| self.may_end(*end));
            ends.find(|end| self.is_address(start..*end)).map(|end| start..end)
        })
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.range.contains(&at).then(|| self.text.as_bytes()[at])
    }

    fn may_start(&self, at: usize) -> bool {
        match at == self.range.start {
            true => self.left != Edge::Joined,
            false => matches!(self.byte(at - 1), Some(b'.' | b':')),
        }
    }

    fn may_end(&self, at: usize) -> bool {
        match at == self.range.end {
            true => self.right != Edge::Joined,
            false => matches!(self.byte(at), Some(b'.' | b':')),
        }
    }

    fn is_address(&self, range: Range<usize>) -> bool {
        let text = &self.text[range.clone()];
        match text.contains(':') {
            true => self.is_six(text, &range),
            false => self.is_four(text, &range),
        }
    }

    fn is_four(&self, text: &str, range: &Range<usize>) -> bool {
        let Ok(address) = text.parse::<Ipv4Addr>() else { return false };
        if self.numbered || address.is_loopback() || address.is_unspecified() {
            return false;
        }
        // A network mask.
        if address.octets()[0] == 255 {
            return false;
        }
        let goes_on =
            self.byte(range.end) == Some(b'.') && self.byte(range.end + 1).is_some_and(|next| next.is_ascii_digit());
        !goes_on && !self.continues(range.start)
    }

    /// Whether four numbers that start here are the rest of something longer. One dot behind a
    /// group or a letter says so (`5.1.2.3.4`, `libx.so.1.2.3.4`), an ellipsis does not.
    fn continues(&self, start: usize) -> bool {
        let Some(before) = start.checked_sub(1).and_then(|before| self.byte(before)) else {
            return self.left == Edge::Product;
        };
        let last_but_one = start.checked_sub(2).and_then(|at| self.byte(at));
        before == b'.'
            && match last_but_one {
                Some(byte) => !matches!(byte, b'.' | b':'),
                None => matches!(self.left, Edge::Joined | Edge::Removed),
            }
    }

    fn is_six(&self, text: &str, range: &Range<usize>) -> bool {
        if !text.contains("::") && !self.is_alone(range) {
            return false;
        }
        let Ok(address) = text.parse::<Ipv6Addr>() else { return false };
        // `a::b` is a name in a program.
        let digit = text.bytes().any(|byte| byte.is_ascii_digit());
        if address.is_loopback() || address.is_unspecified() || !digit {
            return false;
        }
        // The rest of something longer, or of what is removed beside it.
        let torn_left = match range.start == self.range.start {
            true => text.starts_with("::") && self.left == Edge::Removed,
            false => self.text[self.range.start..range.start].ends_with("::"),
        };
        let torn_right = range.end == self.range.end && text.ends_with("::");
        !(torn_left || torn_right && self.right == Edge::Removed)
    }

    /// Whether there is no other whole group in the run. Eight groups among more are a fingerprint.
    fn is_alone(&self, range: &Range<usize>) -> bool {
        let head = self.text[self.range.start..range.start].trim_start_matches(['.', ':']);
        let tail = self.text[range.end..self.range.end].trim_matches(['.', ':']);
        let tail_is_glued = self.right == Edge::Joined && !tail.contains(['.', ':']);
        let removed = range.start > self.range.start && self.left == Edge::Removed;
        head.is_empty() && (tail.is_empty() || tail_is_glued) && !removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_an_address_is_looked_at_again() {
        for (run, expected) in [
            ("192.0.2.17::192", &["192.0.2.17"][..]),
            ("1.2.3.4.2001::1", &["1.2.3.4", "2001::1"]),
            ("192.0.2.17.fe80::1", &["192.0.2.17", "fe80::1"]),
            ("192.0.2.17:192.0.2.18", &["192.0.2.17", "192.0.2.18"]),
            ("::2001:db8::1", &["::2001:db8"]),
            ("1.2.3.4.5", &[]),
        ] {
            let found = addresses(run, Edge::Free, Edge::Free, false);
            let found: Vec<&str> = found.into_iter().map(|range| &run[range]).collect();
            assert_eq!(found, expected, "{run}");
        }
    }
}
