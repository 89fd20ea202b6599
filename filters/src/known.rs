//! What a user typed in a conversation, so that answers may repeat it.
//!
//! Only what a detector finds in the user's own words is known, and only detectors leave it alone. What a list asks for
//! is removed whoever said it first.

use std::collections::HashSet;
use std::sync::Arc;

use crate::Filter;
use crate::canonical::Canonical;

/// Addresses and numbers of a user's own words, each as its letters and digits.
#[derive(Clone)]
pub(crate) struct Known(Arc<HashSet<String>>);

impl Known {
    /// What the detectors of a filter find in texts.
    pub fn of<'a>(detectors: &Filter, texts: impl IntoIterator<Item = &'a str>) -> Option<Known> {
        let mut known = HashSet::new();
        for text in texts {
            let found = detectors.filter(text);
            known.extend(found.redactions().iter().map(|redaction| key(&text[redaction.input.clone()])));
        }
        (!known.is_empty()).then(|| Known(Arc::new(known)))
    }

    /// Whether a piece of an answer is among them, however it is grouped.
    pub fn has(&self, piece: &str) -> bool {
        self.0.contains(&key(piece))
    }
}

fn key(piece: &str) -> String {
    Canonical::of(piece).as_str().chars().filter(|c| c.is_alphanumeric()).collect()
}
