//! Lists and detectors, compiled: what makes [`FilteredText`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::canonical::Literals;
use crate::known::Known;
use crate::scan::What;
use crate::{Detectors, FilteredText, Kind, List, ListError, Redaction, RedactionSource, Redactor};

/// Compiled lists and detectors. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Filter {
    rules: Arc<Rules>,
    known: Option<Known>,
}

/// What a list of a filter is called and how much it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSummary {
    /// The list's name.
    pub name: String,
    /// How many entries it has.
    pub entries: usize,
}

/// Why stored text can't be restored. It should be filtered as a whole then, markers and all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A redaction's place is outside the text, before the end of the one before, or does not hold
    /// the marker of its kind.
    #[error("redaction {number} does not stand where the text has its marker")]
    Place {
        /// The redaction, counted from 1.
        number: usize,
    },
    /// The inputs of the redactions are not as far apart as their places.
    #[error("redaction {number} does not belong to the same stream as those before it")]
    Input {
        /// The redaction, counted from 1.
        number: usize,
    },
}

/// What all streams of a filter share.
pub(crate) struct Rules {
    pub detectors: Detectors,
    pub lists: Vec<List>,
    pub literals: Literals,
    summaries: Vec<ListSummary>,
}

impl Filter {
    /// Compiles lists. A hundred thousand names in clear take about half a second, hashed ones none.
    ///
    /// Without lists and detectors nothing is removed; that is allowed, since tests and the command
    /// line ask for it by name.
    pub fn new(lists: Vec<List>, detectors: Detectors) -> Result<Filter, ListError> {
        let mut names = BTreeSet::new();
        if let Some(list) = lists.iter().find(|list| !names.insert(list.name())) {
            return Err(ListError::DuplicateList { list: list.name().to_owned() });
        }
        for list in &lists {
            list.compiled();
        }
        let literals = literals(detectors);
        let summary = |list: &List| ListSummary { name: list.name().to_owned(), entries: list.len() };
        let summaries = lists.iter().map(summary).collect();
        Ok(Filter { rules: Arc::new(Rules { detectors, lists, literals, summaries }), known: None })
    }

    /// The same filter for answers that may repeat what its detectors find in these texts of a user. What a list asks
    /// for is removed all the same.
    #[must_use]
    pub fn echoing<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Filter {
        let detectors = Filter::new(Vec::new(), self.rules.detectors).expect("a filter without lists always compiles");
        Filter { rules: self.rules.clone(), known: Known::of(&detectors, texts) }
    }

    /// A filter of one stream.
    pub fn redactor(&self) -> Redactor {
        Redactor::new(self.rules.clone(), self.known.clone())
    }

    /// Filters a whole text.
    pub fn filter(&self, text: &str) -> FilteredText {
        let mut redactor = self.redactor();
        let mut filtered = redactor.push(text);
        filtered.append(redactor.finish());
        filtered
    }

    /// Filters text again that was filtered before and comes back from storage.
    ///
    /// `text` and `redactions` are the parts of a [`FilteredText`]. Its markers are kept with their
    /// redactions, everything between them is filtered by the present lists and detectors. The
    /// inputs of new redactions count, like those of the old ones, in bytes of the original stream.
    pub fn restore(&self, text: &str, redactions: Vec<Redaction>) -> Result<FilteredText, RestoreError> {
        let mut filtered = FilteredText::default();
        let (mut text_cursor, mut input_cursor) = (0, 0);
        for (number, redaction) in (1..).zip(redactions) {
            let Redaction { kind, source, input, place } = redaction;
            let between = text.get(text_cursor..place.start);
            let between = between.ok_or(RestoreError::Place { number })?;
            if !text.get(place.clone()).is_some_and(|marker| kind.is_marker(marker)) {
                return Err(RestoreError::Place { number });
            }
            if input.end < input.start || input.start.checked_sub(input_cursor) != Some(between.len()) {
                return Err(RestoreError::Input { number });
            }
            filtered.append(self.filter_part(between, number > 1, true, input_cursor));
            (text_cursor, input_cursor) = (place.end, input.end);
            filtered.push_removed(kind, source, input);
        }
        let rest = &text[text_cursor..];
        filtered.append(self.filter_part(rest, text_cursor > 0, false, input_cursor));
        Ok(filtered)
    }

    /// Filters what another filter let through: its markers stay, everything between them is filtered by the present
    /// lists and detectors. Inputs of redactions are empty where they were, since what was removed is not known.
    pub fn again(&self, text: &FilteredText) -> FilteredText {
        let (mut filtered, open) = self.again_to_last_marker(text);
        filtered.append(self.filter_part(open, !text.redactions().is_empty(), false, text.len() - open.len()));
        filtered
    }

    /// The same up to the last marker, and the text that follows it.
    pub(crate) fn again_to_last_marker<'a>(&self, text: &'a FilteredText) -> (FilteredText, &'a str) {
        let mut filtered = FilteredText::default();
        let mut cursor = 0;
        for redaction in text.redactions() {
            let between = &text.as_str()[cursor..redaction.place.start];
            filtered.append(self.filter_part(between, cursor > 0, true, cursor));
            let at = redaction.place.start;
            filtered.push_removed(redaction.kind.clone(), redaction.source.clone(), at..at);
            cursor = redaction.place.end;
        }
        (filtered, &text.as_str()[cursor..])
    }

    /// The lists, in the order given.
    pub fn lists(&self) -> &[ListSummary] {
        &self.rules.summaries
    }

    /// Which detectors are on.
    pub fn detectors(&self) -> Detectors {
        self.rules.detectors
    }

    /// How many entries all lists have together.
    pub fn entries(&self) -> usize {
        self.rules.summaries.iter().map(|list| list.entries).sum()
    }

    /// Filters what stands at `offset` of a stream, with or without markers on either side.
    fn filter_part(&self, text: &str, left: bool, right: bool, offset: usize) -> FilteredText {
        let filtered = self.redactor().filter_between(text, left, right);
        let (text, mut redactions) = filtered.into_parts();
        for redaction in &mut redactions {
            redaction.input.start += offset;
            redaction.input.end += offset;
        }
        FilteredText::from_parts(text, redactions)
    }
}

impl Rules {
    /// What a redaction says of a match.
    pub fn describe(&self, what: What) -> (Kind, RedactionSource) {
        match what {
            What::Entry { list, entry } => {
                let list = &self.lists[list as usize];
                let (kind, id) = list.compiled().describe(entry);
                (kind, RedactionSource::List { list: list.name().into(), entry: id.into() })
            }
            What::Detected(kind) => (kind, RedactionSource::Detector),
            What::Begun => unreachable!("what has only begun leaves no marker"),
        }
    }
}

/// The markers that this filter can write, and the stand-ins of the detectors that are on.
fn literals(detectors: Detectors) -> Literals {
    let markers: BTreeSet<String> = Kind::ALL.iter().map(Kind::marker).collect();
    let stand_ins = [
        (detectors.email, "<email-pii>", Kind::Email),
        (detectors.iban, "<iban-pii>", Kind::Iban),
        (detectors.ip, "<ip-pii>", Kind::Ip),
    ];
    let stand_ins = stand_ins.into_iter().filter(|(on, _, _)| *on);
    Literals {
        markers: markers.into_iter().collect(),
        stand_ins: stand_ins.map(|(_, token, kind)| (token, kind)).collect(),
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Filter")
            .field("lists", &self.rules.summaries)
            .field("detectors", &self.rules.detectors)
            .finish()
    }
}
