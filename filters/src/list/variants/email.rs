//! E-mail addresses spelled out: `anna [at] example (dot) org`; and with a tag: `anna+news@example.org`.
//!
//! For the `@` and for each dot a form has a [`Mark`], so all signs and words for them are found in any mixture. Square
//! brackets and stars part no words, so `[at]`, ` at ` and `-at-` are one form.

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::mark::Mark;
use crate::list::variants::Forms;
use crate::word::words;

const SCHEME: &str = "mailto:";

impl Forms {
    /// An e-mail address in the ways that hide it from machines, with any tag or none.
    pub(super) fn add_email(&mut self, text: &str) {
        let text = text.trim();
        let bare = match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => &text[SCHEME.len()..],
            _ => text,
        };
        let Some((local, domain)) = bare.split_once('@') else { return };
        // The mailbox of `anna+news` is Anna's.
        let mailbox = local.split_once('+').map_or(local, |(mailbox, _)| mailbox);
        let [local, mailbox, domain] = [local, mailbox, domain].map(|part| words(&Canonical::of(part)));
        if mailbox.is_empty() || domain.is_empty() {
            return;
        }
        self.add([local, vec!["@".to_owned()], domain.clone()].concat(), Traits::default());
        self.add([&with_dots(&mailbox), &Mark::At.words()[..], &with_dots(&domain)].concat(), Traits::default());
    }
}

fn with_dots(words: &[String]) -> Vec<String> {
    words.iter().flat_map(|word| if word == "." { Mark::Dot.words().to_vec() } else { vec![word.clone()] }).collect()
}
