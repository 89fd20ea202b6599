//! What was removed: counted by kind, and for JSON each piece with its place. Never the text.

use std::collections::BTreeMap;
use std::fmt;

use lethe_filters::{FilteredText, Kind, Redaction, RedactionSource};
use lethe_models::text::Utf8Stream;
use serde::Serialize;

/// How many pieces of each kind.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Kinds(BTreeMap<&'static str, u64>);

impl Kinds {
    /// One more.
    pub fn count(&mut self, kind: &Kind) {
        *self.0.entry(kind.name()).or_default() += 1;
    }

    /// Those of something else too.
    pub fn add(&mut self, others: &Self) {
        for (kind, count) in &others.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }

    /// Of all kinds together.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The names of kinds, each with its count, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(kind, count)| (*kind, *count))
    }
}

/// `1 email, 2 person`, or `nothing`.
impl fmt::Display for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        formatter.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        formatter.write_str(&parts.join(", "))
    }
}

/// One removed piece, as JSON has it. Places are bytes.
#[derive(Serialize)]
pub struct Removal {
    kind: Kind,
    /// The list that asked for it, and its entry; none of both for a detector.
    list: Option<String>,
    entry: Option<String>,
    /// Where it stood in the input, as that came in.
    start: usize,
    end: usize,
    /// Where its marker stands in the filtered text.
    marker_start: usize,
    marker_end: usize,
}

/// What filtering one text came to.
#[derive(Default)]
pub struct Account {
    /// What was removed.
    pub removed: Kinds,
    /// Sequences that are not UTF-8, each of which became U+FFFD.
    pub replaced: u64,
    /// Each piece, where it is asked for.
    removals: Option<Vec<Removal>>,
    /// Bytes of filtered text so far.
    written: usize,
}

impl Account {
    /// One that knows each piece, not only how many there were.
    pub fn listing() -> Self {
        Self { removals: Some(Vec::new()), ..Self::default() }
    }

    /// Each piece, if it is one that knows them.
    pub fn removals(&self) -> &[Removal] {
        self.removals.as_deref().unwrap_or_default()
    }

    /// The next piece of filtered text; `utf8` has decoded all of the input that it came from.
    pub fn take(&mut self, filtered: &FilteredText, utf8: &mut Utf8Stream) {
        for redaction in filtered.redactions() {
            self.removed.count(&redaction.kind);
            if let Some(removals) = &mut self.removals {
                removals.push(removal(redaction, self.written, utf8));
            }
        }
        self.written += filtered.len();
        self.replaced = utf8.replaced();
        if self.removals.is_none() {
            utf8.forget_offsets();
        }
    }

    /// The counts of another text too.
    pub fn add(&mut self, other: &Self) {
        self.removed.add(&other.removed);
        self.replaced += other.replaced;
    }
}

fn removal(redaction: &Redaction, before: usize, utf8: &Utf8Stream) -> Removal {
    let (list, entry) = match &redaction.source {
        RedactionSource::Detector => (None, None),
        RedactionSource::List { list, entry } => (Some(list.to_string()), Some(entry.to_string())),
    };
    Removal {
        kind: redaction.kind.clone(),
        list,
        entry,
        start: utf8.input_offset(redaction.input.start),
        end: utf8.input_offset(redaction.input.end),
        marker_start: before + redaction.place.start,
        marker_end: before + redaction.place.end,
    }
}
