//! Finds what may be addresses in a run of the characters that addresses are made of.
//!
//! The whole run is an address of version 6, or its pieces between colons may be addresses of
//! version 4: whole pieces, or what is before a dot and a letter (`84.72.131.17.in-addr.arpa`). The
//! standard library's parser decides. Of what is no address as a whole no part is taken, so five
//! numbers in a row, two `::` and a number above 255 leave the run as it is.
//!
//! Beside something removed a run may have been a part of a longer one, in which there was none; so
//! that filtering twice finds nothing new, a dot or a colon there speaks against an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What stands beside a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edge {
    /// Nothing that matters.
    Free,
    /// A letter, of which the first or last group is then a part.
    Joined,
    /// Something that was or will be removed.
    Removed,
}

/// What may be an address, as far as its characters say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub range: Range<usize>,
    pub address: IpAddr,
    /// Whether it can't be anything else: a version, a section, a slice of a program.
    pub is_plain: bool,
    /// Whether the number of a port follows.
    pub has_port: bool,
}

/// The candidates in `run`, in order. One that was `cut` is no address of version 6.
pub(super) fn candidates(run: &str, left: Edge, right: Edge, cut: bool) -> Vec<Candidate> {
    if !cut && let Some(six) = six(run, left, right) {
        return vec![six];
    }
    fours(run, left, right)
}

/// The whole run as an address of version 6, but for a label's colon before it and a colon or full
/// stop behind it.
fn six(run: &str, left: Edge, right: Edge) -> Option<Candidate> {
    let begins = if run.starts_with(':') && !run.starts_with("::") { 1 } else { 0 };
    let rest = &run[begins..];
    let parts_left = run.starts_with(':');
    let is_label = begins == 1;
    if parts_left && (left == Edge::Removed || left == Edge::Joined && !is_label) {
        return None;
    }
    let trimmed = match rest.strip_suffix(['.', ':']) {
        Some(trimmed) if !rest.ends_with("::") => trimmed,
        _ => rest,
    };
    let parts_right = run.ends_with(['.', ':']);
    let goes_on = match right {
        Edge::Free => false,
        Edge::Joined => trimmed.len() == rest.len(),
        Edge::Removed => parts_right,
    };
    if goes_on || !trimmed.contains(':') {
        return None;
    }
    let address: Ipv6Addr = trimmed.parse().ok()?;
    // `a[2024::2]` in a program has as few groups as `2001::1`.
    let groups = trimmed.split(':').filter(|group| !group.is_empty()).count();
    let is_plain = groups >= 3 || trimmed.contains('.') || address.segments()[0] == 0xfe80;
    Some(Candidate { range: begins..begins + trimmed.len(), address: address.into(), is_plain, has_port: false })
}

fn fours(run: &str, left: Edge, right: Edge) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut start = 0;
    for piece in run.split(':') {
        let end = start + piece.len();
        let left = if start == 0 { left } else { Edge::Free };
        let last = end == run.len();
        // A broken address of version 6 loses no tail.
        let is_tail = run[..start].contains("::");
        if let Some(mut four) = four(piece, left, if last { right } else { Edge::Free }) {
            four.range = start + four.range.start..start + four.range.end;
            four.has_port = four.range.end == end && run.get(end + 1..).is_some_and(|behind| is_port(behind, right));
            four.is_plain |= four.has_port;
            if !is_tail {
                found.push(four);
            }
        }
        start = end + 1;
    }
    found
}

/// The four numbers that a piece begins with, if nothing but a word follows them.
fn four(piece: &str, left: Edge, right: Edge) -> Option<Candidate> {
    let begins = usize::from(piece.starts_with('.') && left == Edge::Free);
    let rest = &piece[begins..];
    let mut dots = rest.match_indices('.').map(|(at, _)| at);
    let end = dots.nth(3).unwrap_or(rest.len());
    let address: Ipv4Addr = rest[..end].parse().ok()?;
    let goes_on = match &rest.as_bytes()[end..] {
        [] => right == Edge::Joined,
        [_] => right == Edge::Removed,
        [_, next, ..] => !next.is_ascii_alphabetic(),
    };
    let range = begins..begins + end;
    (!goes_on).then(|| Candidate { range, is_plain: is_plain(address), has_port: false, address: address.into() })
}

/// Whether these numbers are too large for a version or the number of a section, which have few
/// above 20 and almost none above 100. Object identifiers have, behind the beginnings that almost
/// all of them share.
fn is_plain(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    if matches!(octets, [1, 2 | 3, ..] | [2, 5 | 16 | 23, ..]) {
        return false;
    }
    let large = octets.iter().filter(|octet| **octet >= 20).count();
    large >= 3 || large == 2 && (octets[0] >= 60 || octets.iter().any(|octet| *octet >= 100))
}

/// Whether these numbers are too large even for the version of a program that is named before an `@`.
pub(super) fn is_no_version(address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else { return true };
    let octets = address.octets();
    octets[0] >= 60 || octets.iter().filter(|octet| **octet >= 100).count() > 1
}

/// Whether what stands behind a colon is the number of a port, and nothing more.
fn is_port(behind: &str, right: Edge) -> bool {
    let (port, last) = behind.split_once([':', '.']).map_or((behind, true), |(port, _)| (port, false));
    let number = (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let dotted = behind[port.len()..].strip_prefix('.').is_some_and(|rest| !rest.is_empty());
    number && !dotted && !(last && right != Edge::Free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_an_address_whole_or_not_at_all() {
        for (run, expected) in [
            ("84.72.131.17", &["84.72.131.17"][..]),
            ("84.72.131.17:443:84.72.131.18:80", &["84.72.131.17", "84.72.131.18"]),
            ("84.72.131.17.de", &["84.72.131.17"]),
            ("84.72.131.17.1", &[]),
            ("84.72.131.256", &[]),
            ("84.072.131.17", &[]),
            (":2001:db9::1", &["2001:db9::1"]),
            ("2001:db9::1:", &["2001:db9::1"]),
            ("2001:db9::", &["2001:db9::"]),
            ("::ffff:84.72.131.17", &["::ffff:84.72.131.17"]),
            ("2001::25de::cade", &[]),
            ("::ffff:256.0.0.1", &[]),
            ("::ffff:84.72.131.17::1", &[]),
            ("1:2:3:4:5:6:7:8:9", &[]),
        ] {
            let found = candidates(run, Edge::Free, Edge::Free, false);
            let found: Vec<&str> = found.into_iter().map(|found| &run[found.range]).collect();
            assert_eq!(found, expected, "{run}");
        }
    }

    #[test]
    fn only_an_address_has_large_numbers_or_a_port() {
        for (run, expected) in [
            ("84.72.131.17", true),
            ("85.3.12.200", true),
            ("5.9.3.7:8080", true),
            ("5.9.3.7:8080.", true),
            ("5.9.3.7:5.9.3.8", false),
            ("5.9.3.7", false),
            ("1.128.1.0", false),
            ("2.5.29.20", false),
            ("1.3.101.112", false),
            ("120.0.0.0", false),
            ("19.3.45.67", false),
        ] {
            assert_eq!(candidates(run, Edge::Free, Edge::Free, false)[0].is_plain, expected, "{run}");
        }
    }
}
