//! Which last label of a host name is a top-level domain.
//!
//! Without the names `x@y.word` in a program, a file name or a remote is an address. They are those
//! of the root zone of October 2025, in `top_levels.txt`, 1,287 without those in other scripts. Of a
//! newer one no address is found until the list is renewed; such a name comes about once a year, and
//! a removed one does no harm. A label that is not ASCII, or begins with `xn--`, counts whatever it
//! is: programs have no such members. Names that private networks and examples use count as well.

use std::sync::LazyLock;

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let names = include_str!("top_levels.txt").split_whitespace();
    let mut names: Vec<&str> = names.chain(PRIVATE).chain(LATIN).collect();
    names.sort_unstable();
    names
});

/// RFC 2606, 6761 and 6762, and what networks of offices and homes are called.
const PRIVATE: [&str; 11] =
    ["corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "onion", "test"];

/// Names in other letters whose canonical form has letters of ASCII only.
/// In order: two German ones, ευ, ком, мон, москва, рус, укр.
const LATIN: [&str; 8] = ["vermogensberater", "vermogensberatung", "ey", "kom", "moh", "mockba", "pyc", "ykp"];

/// Those that most addresses end in.
#[rustfmt::skip]
const COMMON: [&str; 27] = [
    "at", "be", "biz", "ch", "co", "com", "de", "dk", "edu", "es", "eu", "fr", "gov", "info", "io",
    "it", "li", "lu", "net", "nl", "no", "org", "pl", "se", "swiss", "uk", "us",
];

/// Whether there is a top-level domain of this name, which is in canonical form.
pub(super) fn is_top_level(label: &str) -> bool {
    NAMES.binary_search(&label).is_ok()
}

/// Whether it is one that most addresses end in, which no word of a program is.
pub(super) fn is_common(label: &str) -> bool {
    COMMON.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_and_members_of_programs_are_not() {
        for name in ["ch", "com", "photography", "travelersinsurance", "example"].into_iter().chain(COMMON) {
            assert!(is_top_level(name), "{name}");
        }
        for name in ["", "png", "js", "finish", "transpose", "mediareadlink", "service", "latest", "py2"] {
            assert!(!is_top_level(name), "{name}");
        }
    }
}
