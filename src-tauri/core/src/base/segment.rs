//! Filtered text in pieces, as windows, terminals and files are given it.

use std::fmt;

use lethe_filters::{FilteredText, RedactionSource};
use serde::Serialize;
use ts_rs::TS;

/// A run of text, or the place of something that was removed. Its `Debug` shows the length of a text only.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Segment {
    /// Text that the filter let through, or a user's own words.
    Text { text: String },
    /// Something was here.
    Removed {
        /// What kind of data.
        kind: String,
        /// The list that asks for it; `None` is a detector.
        list: Option<String>,
        /// The entry of that list.
        entry: Option<String>,
    },
}

impl fmt::Debug for Segment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text } => write!(formatter, "Text({} bytes)", text.len()),
            Self::Removed { kind, .. } => write!(formatter, "Removed({kind})"),
        }
    }
}

/// The segments of a filtered text.
pub fn segments(text: &FilteredText) -> Vec<Segment> {
    let segment = |segment: lethe_filters::Segment<'_>| match segment {
        lethe_filters::Segment::Text(text) => Segment::Text { text: text.to_owned() },
        lethe_filters::Segment::Removed(redaction) => {
            let (list, entry) = source(&redaction.source);
            Segment::Removed { kind: redaction.kind.to_string(), list, entry }
        }
    };
    text.segments().map(segment).collect()
}

/// Names of list and entry, or of none.
pub(crate) fn source(source: &RedactionSource) -> (Option<String>, Option<String>) {
    match source {
        RedactionSource::Detector => (None, None),
        RedactionSource::List { list, entry } => (Some(list.to_string()), Some(entry.to_string())),
    }
}
