//! E-mail addresses spelled out: `anna [at] example (dot) org`.
//!
//! Square brackets and stars part no words, so `[at]`, ` at ` and `-at-` are one form.

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::variants::{Forms, given_words};
use crate::word::words;

/// What stands for `@`, for the dots behind it, and for those before it.
const STYLES: [[&str; 3]; 12] = [
    ["at", ".", "."],
    ["at", "dot", "."],
    ["at", "dot", "dot"],
    ["at", "punkt", "."],
    ["( at )", ".", "."],
    ["( at )", "dot", "."],
    ["( at )", "( dot )", "."],
    ["( at )", "( dot )", "( dot )"],
    ["( at )", "( punkt )", "( punkt )"],
    ["( a )", ".", "."],
    ["< at >", "< dot >", "."],
    ["{ at }", "{ dot }", "."],
];

const SCHEME: &str = "mailto:";

impl Forms {
    /// An e-mail address in the ways that hide it from machines.
    pub(super) fn add_email(&mut self, text: &str) {
        let text = text.trim();
        let bare = match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => &text[SCHEME.len()..],
            _ => text,
        };
        let Some((local, domain)) = bare.split_once('@') else { return };
        let (local, domain) = (words(&Canonical::of(local)), words(&Canonical::of(domain)));
        if local.is_empty() || domain.is_empty() {
            return;
        }
        for [at, dot, local_dot] in [["@", ".", "."]].into_iter().chain(STYLES) {
            let form = [with_dots(&local, local_dot), given_words(at), with_dots(&domain, dot)].concat();
            self.add(form, Traits::default());
        }
    }
}

fn with_dots(words: &[String], dot: &str) -> Vec<String> {
    words.iter().flat_map(|word| given_words(if word == "." { dot } else { word })).collect()
}
