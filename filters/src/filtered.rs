//! Text that has been through the filter, and what was removed from it.
//!
//! [`FilteredText`] is the only form in which a model's words may travel on: to the screen, the
//! disk, an export. Only this crate makes one that holds anything, and there is deliberately no
//! `From<String>`, no `Deserialize` and no way to change the text from outside. `Debug` shows
//! lengths only, so a log line can't become a second copy.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Kind;

/// Text with a marker in place of each removed piece.
///
/// Serialises as `{"text": …, "redactions": […]}`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct FilteredText {
    text: String,
    redactions: Vec<Redaction>,
}

/// One removed piece: what it was and where, never the words themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The sort of data.
    pub kind: Kind,
    /// What recognised it.
    pub source: RedactionSource,
    /// Where it stood: bytes of the whole stream that was pushed in.
    pub input: Range<usize>,
    /// Where its marker stands: bytes of the [`FilteredText`] that holds this redaction.
    pub place: Range<usize>,
}

/// What recognised a removed piece.
///
/// Serialises as `{"by": "detector"}` or `{"by": "list", "list": …, "entry": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum RedactionSource {
    /// A detector, which needs no list.
    Detector,
    /// An entry of a list.
    List {
        /// The list's name.
        #[serde(serialize_with = "write_shared", deserialize_with = "read_shared")]
        list: Arc<str>,
        /// The entry's id.
        #[serde(serialize_with = "write_shared", deserialize_with = "read_shared")]
        entry: Arc<str>,
    },
}

/// A part of a [`FilteredText`], for those who show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Words that nothing objected to.
    Text(&'a str),
    /// A removed piece; its marker is not repeated here.
    Removed(&'a Redaction),
}

impl FilteredText {
    /// The text, with a marker `[removed: <kind>]` in place of each removed piece.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What was removed, in the order of the text.
    pub fn redactions(&self) -> &[Redaction] {
        &self.redactions
    }

    /// Whether there is no text at all, not even a marker.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The length in bytes, markers included.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Puts `later`, the piece that followed in the same stream, behind this one.
    pub fn append(&mut self, later: FilteredText) {
        let shift = self.text.len();
        self.text.push_str(&later.text);
        self.redactions.extend(later.redactions.into_iter().map(|mut redaction| {
            redaction.place.start += shift;
            redaction.place.end += shift;
            redaction
        }));
    }

    /// The text cut at its markers. Empty pieces of text are left out.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut cursor = 0;
        let tail_start = self.redactions.last().map_or(0, |redaction| redaction.place.end);
        self.redactions
            .iter()
            .flat_map(move |redaction| {
                let text = &self.text[cursor..redaction.place.start];
                cursor = redaction.place.end;
                [Segment::Text(text), Segment::Removed(redaction)]
            })
            .chain([Segment::Text(&self.text[tail_start..])])
            .filter(|segment| *segment != Segment::Text(""))
    }

    /// Text and redactions, for storage.
    pub fn into_parts(self) -> (String, Vec<Redaction>) {
        (self.text, self.redactions)
    }

    pub(crate) fn from_parts(text: String, redactions: Vec<Redaction>) -> FilteredText {
        FilteredText { text, redactions }
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes the marker of a removed piece.
    pub(crate) fn push_removed(&mut self, kind: Kind, source: RedactionSource, input: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(&kind.marker());
        let place = start..self.text.len();
        self.redactions.push(Redaction { kind, source, input, place });
    }
}

impl fmt::Debug for FilteredText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FilteredText")
            .field("bytes", &self.text.len())
            .field("redactions", &self.redactions.len())
            .finish()
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Text(text) => write!(formatter, "Text({} bytes)", text.len()),
            Segment::Removed(redaction) => write!(formatter, "Removed({})", redaction.kind),
        }
    }
}

fn write_shared<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn read_shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> FilteredText {
        let mut text = FilteredText::default();
        text.push_text("call ");
        let source = RedactionSource::List { list: "house".into(), entry: "e1".into() };
        text.push_removed(Kind::Person, source, 5..9);
        text.push_removed(Kind::Ip, RedactionSource::Detector, 9..12);
        text.push_text(" now");
        text
    }

    #[test]
    fn appended_pieces_shift_places_but_not_inputs() {
        let mut joined = sample();
        let length = joined.len();
        joined.append(sample());
        let redaction = &joined.redactions()[2];
        assert_eq!(redaction.place, 5 + length..22 + length);
        assert_eq!(redaction.input, 5..9, "inputs count from the start of the stream");
        assert_eq!(&joined.as_str()[redaction.place.clone()], "[removed: person]");
    }

    #[test]
    fn segments_cover_the_text_in_order() {
        let text = sample();
        let segments: Vec<_> = text.segments().collect();
        let [Segment::Text("call "), Segment::Removed(a), Segment::Removed(b), Segment::Text(" now")] = segments[..]
        else {
            panic!("unexpected cut: {segments:?}")
        };
        assert_eq!((&a.kind, &b.kind), (&Kind::Person, &Kind::Ip));
        assert_eq!(FilteredText::default().segments().count(), 0);
    }

    #[test]
    fn json_names_the_entry_and_never_holds_removed_words() {
        let json = serde_json::to_string(&sample()).expect("plain data");
        assert_eq!(
            json,
            r#"{"text":"call [removed: person][removed: ip] now","redactions":[{"kind":"person","source":{"by":"list","list":"house","entry":"e1"},"input":{"start":5,"end":9},"place":{"start":5,"end":22}},{"kind":"ip","source":{"by":"detector"},"input":{"start":9,"end":12},"place":{"start":22,"end":35}}]}"#
        );
    }

    #[test]
    fn debug_shows_lengths_only() {
        assert_eq!(format!("{:?}", sample()), "FilteredText { bytes: 39, redactions: 2 }");
        assert_eq!(format!("{:?}", Segment::Text("secret")), "Text(6 bytes)");
    }
}
