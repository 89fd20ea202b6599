//! From bytes to text: UTF-8 is never split, stop strings are cut off, and what a model says can't be printed.

mod thoughts;

use std::fmt;

pub use thoughts::{Thoughts, Told};

/// Text of a model that no filter has seen. It has no `Display` and no `Serialize`, and its `Debug` shows a length.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Piece(String);

impl Piece {
    /// What a model on a server says, as its bytes came; what is no UTF-8 becomes U+FFFD.
    pub fn from_server(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// For the filter, and nothing else.
    pub fn unfiltered(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Piece({} bytes)", self.0.len())
    }
}

/// Decodes UTF-8 that arrives in parts. Each maximal invalid sequence becomes one U+FFFD, as
/// [`String::from_utf8_lossy`] has it, however the bytes are split.
#[derive(Default)]
pub struct Utf8Stream {
    open: Vec<u8>,
    read: usize,
    written: usize,
    replaced: u64,
    shifts: Vec<Shift>,
}

/// From byte `text` of the text on, a place in the text lies `input - text` bytes further in the input.
#[derive(Clone, Copy)]
struct Shift {
    text: usize,
    input: usize,
}

impl Utf8Stream {
    /// The text that is complete with these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.open.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.open);
        let complete = bytes.len() - open_tail(&bytes);
        self.open.extend_from_slice(&bytes[complete..]);
        self.decode(&bytes[..complete])
    }

    /// What is left at the end: one U+FFFD for a character that was never completed.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.open);
        self.decode(&rest)
    }

    /// Where in the input the byte at `text` of the text came from. One entry is kept for each invalid sequence.
    pub fn input_offset(&self, text: usize) -> usize {
        let after = self.shifts.partition_point(|shift| shift.text <= text);
        match after.checked_sub(1).map(|at| self.shifts[at]) {
            Some(shift) => shift.input + (text - shift.text),
            None => text,
        }
    }

    /// How many invalid sequences there were.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// For those who ask for no offsets: forgets what they are found by, so that text without end takes no more memory.
    pub fn forget_offsets(&mut self) {
        self.shifts = Vec::new();
    }

    fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            self.read += chunk.valid().len();
            self.written += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                self.read += chunk.invalid().len();
                self.written += char::REPLACEMENT_CHARACTER.len_utf8();
                self.replaced += 1;
                self.shifts.push(Shift { text: self.written, input: self.read });
            }
        }
        text
    }
}

/// Bytes at the end that may be the start of a character.
fn open_tail(bytes: &[u8]) -> usize {
    let last = bytes.utf8_chunks().last();
    let invalid = last.map_or(&[][..], |chunk| chunk.invalid());
    // Incomplete, not wrong: the error has no length yet.
    let open = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
    if open { invalid.len() } else { 0 }
}

/// The text of one answer: bytes of tokens in, whole characters out, up to the first stop string.
#[derive(Default)]
pub struct AnswerText {
    utf8: Utf8Stream,
    stops: Vec<String>,
    held: String,
    stopped: bool,
}

impl AnswerText {
    /// `stops` end the answer where the first of them begins; empty ones are ignored.
    pub fn new(stops: &[String]) -> Self {
        let stops = stops.iter().filter(|stop| !stop.is_empty()).cloned().collect();
        Self { stops, ..Self::default() }
    }

    /// The text that is certain now: whole characters that can't become part of a stop string.
    pub fn push(&mut self, bytes: &[u8]) -> Piece {
        let text = self.utf8.push(bytes);
        self.take(&text)
    }

    /// What was held back.
    pub fn finish(&mut self) -> Piece {
        let text = self.utf8.finish();
        let mut piece = self.take(&text);
        if !self.stopped {
            piece.0.push_str(&std::mem::take(&mut self.held));
        }
        piece
    }

    /// Whether a stop string was found; nothing comes after it.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    fn take(&mut self, text: &str) -> Piece {
        if self.stopped {
            return Piece::default();
        }
        self.held.push_str(text);
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.held.truncate(at);
            self.stopped = true;
            return Piece(std::mem::take(&mut self.held));
        }
        let open = self.stops.iter().map(|stop| open_stop(&self.held, stop)).max().unwrap_or(0);
        let kept = self.held.split_off(self.held.len() - open);
        Piece(std::mem::replace(&mut self.held, kept))
    }
}

/// Length of the longest end of `text` that is a proper beginning of `stop`, in bytes.
fn open_stop(text: &str, stop: &str) -> usize {
    let lengths = (1..stop.len()).rev().filter(|length| stop.is_char_boundary(*length));
    lengths.filter(|length| text.ends_with(&stop[..*length])).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&[u8]] = &[
        b"plain",
        "gr\u{fc}n \u{20ac} \u{1f600} \u{915}\u{94d}\u{937}".as_bytes(),
        b"bad \xff\xfe end",
        b"cut \xe2\x82",
        b"\xf0\x9f\x98 lone \x80\xc3",
        b"\xe2\x82\xff\xf0\x9f\x98\x80",
    ];

    #[test]
    fn any_split_gives_the_text_of_the_whole() {
        for bytes in TEXTS {
            let whole = String::from_utf8_lossy(bytes);
            for size in 1..=bytes.len() {
                let mut stream = Utf8Stream::default();
                let mut text: String = bytes.chunks(size).map(|part| stream.push(part)).collect();
                text.push_str(&stream.finish());
                assert_eq!(text, whole, "parts of {size} bytes of {bytes:?}");
            }
        }
    }

    #[test]
    fn offsets_lead_back_to_the_input() {
        let input = b"a\xffb\xe2\x82c";
        let mut stream = Utf8Stream::default();
        let text = stream.push(input) + &stream.finish();
        for (wanted, letter) in [(0, 'a'), (2, 'b'), (5, 'c')] {
            let at = text.find(letter).expect("the letter is in the text");
            assert_eq!(stream.input_offset(at), wanted, "place of {letter}");
        }
        stream.forget_offsets();
        let after = text.len();
        let more = stream.push(b"\xffd") + &stream.finish();
        assert_eq!(stream.input_offset(after + more.find('d').expect("it is there")), 7, "what comes later is known");
        assert_eq!(stream.replaced(), 3);
    }

    #[test]
    fn stop_strings_cut_the_answer_wherever_it_is_split() {
        let rows: &[(&str, &[&str], &str, bool)] = &[
            ("one two three", &["two"], "one ", true),
            ("aaab", &["aab"], "a", true),
            ("no stop", &["xyz"], "no stop", false),
            ("ends with a beginning: <|e", &["<|end|>"], "ends with a beginning: <|e", false),
            ("first of two: B A", &["A", "B"], "first of two: ", true),
            ("\u{fc}ber\u{fc}ber", &["r\u{fc}"], "\u{fc}be", true),
        ];
        for (text, stops, wanted, stopped) in rows {
            let stops: Vec<String> = stops.iter().map(|stop| (*stop).to_owned()).collect();
            for size in 1..=text.len() {
                let mut answer = AnswerText::new(&stops);
                let mut got = String::new();
                for part in text.as_bytes().chunks(size) {
                    got.push_str(answer.push(part).unfiltered());
                }
                got.push_str(answer.finish().unfiltered());
                assert_eq!((got.as_str(), answer.stopped()), (*wanted, *stopped), "{text} in parts of {size}");
            }
        }
    }

    #[test]
    fn a_piece_is_not_printed() {
        let mut answer = AnswerText::new(&[]);
        let piece = answer.push(b"Wanda Beispiel");
        assert_eq!(format!("{piece:?}"), "Piece(14 bytes)");
    }
}
