//! The bodies of the fuzz targets for lethe-filters: each takes any bytes and panics over a fault.
//!
//! They check what the crate promises and nothing about what is found; that is for the tables in
//! `tests/cases`. Time and memory are bounded by [`LONGEST_TEXT`] and the bounds named in each.
//!
//! Deliberately not in here: what needs lethe-import, which has a file of its own.

#[path = "again.rs"]
mod again;

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use again::filter_again;
use lethe_filters::canonical::Canonical;
use lethe_filters::foreign::{Descriptor, ForeignDigest, Form};
use lethe_filters::{
    Detectors, Entry, Filter, FilteredText, HOLD_BACK, Hashing, Kind, List, ListFile, ListMeta, Segment,
};
use sha2::{Digest as _, Sha256};

/// The longest text that is filtered, in bytes: about twice what is held back.
pub const LONGEST_TEXT: usize = 8 * 1024;
/// The longest text of a list or a descriptor, in bytes.
const LONGEST_SOURCE: usize = 8 * 1024;
/// The longest file of a list, in bytes.
const LONGEST_FILE: usize = 64 * 1024;
/// The largest table of inner words that lists are merged with, as its logarithm: merging goes through
/// all of it, and a file may ask for 32 MiB.
const LARGEST_MERGED: u32 = 16;

/// What is looked for in texts; a third field is a context.
const ENTRIES: [(&str, &str, &str); 22] = [
    ("person", "Jürg Müller", ""),
    ("person", "Anna Keller", ""),
    ("person", "Anna Maria Keller", ""),
    ("person", "Mary O'Brien", ""),
    ("person", "von der Heydt-Meier, Uma", ""),
    ("person", "王小梅", ""),
    ("person", "김나래", ""),
    ("person", "ليلى حداد", ""),
    ("person", "Ab Cde", ""),
    ("person", "Bo Lind", "Chur"),
    ("person", "A. Ng", "b a"),
    ("text", "a b a", ""),
    ("text", "removed", ""),
    ("text", "a a a a a a a b", ""),
    ("badge", "b a c", ""),
    ("badge", "一一一二", ""),
    ("account", "anna@example.org", ""),
    ("account", "18 00 668", ""),
    ("address", "Keller 192.0.2.17", ""),
    ("address", "Seestrasse 7, Zug", "Müller & Co"),
    ("phone", "+41 44 668 18 00", ""),
    ("iban", "CH93 0076 2011 6238 5295 7", ""),
];

/// What the makers of a foreign list hashed.
const FOREIGN: [&str; 18] = [
    "Anna Keller",
    "anna",
    "keller anna",
    "jürg müller",
    "JURG",
    "b a c",
    "a b",
    "王小",
    "o'brien",
    "+41446681800",
    "0446681800",
    "anna@example.org",
    "CH9300762011623852957",
    "1. anna",
    "x-y",
    "ﬁn",
    "fin",
    "18 00",
];

static CLEAR: LazyLock<Filter> = LazyLock::new(|| {
    let list = List::from_entries("house", entries()).expect("the entries are usable");
    Filter::new(vec![list], Detectors::all()).expect("one list")
});

static HASHED: LazyLock<Filter> = LazyLock::new(|| filter_of(&built(&entries())));

static FOREIGN_FILTER: LazyLock<Filter> = LazyLock::new(|| {
    let forms: Vec<String> = Form::ALL.iter().map(|form| format!("{:?}", form.name())).collect();
    let text = format!(
        "format = \"lethe-descriptor-1\"\nname = \"n\"\nalgorithm = \"sha256\"\nforms = [{}]\ncountry = \"CH\"\n\
        [source]\nshape = \"lines\"\n[kinds]\ndefault = \"person\"\n",
        forms.join(", ")
    );
    let descriptor = Descriptor::parse(&text).expect("the descriptor is usable");
    let digest = |text: &str| ForeignDigest {
        digest: Sha256::digest(text.as_bytes()).as_slice().into(),
        kind: Kind::Person,
        id: None,
    };
    let digests = FOREIGN.map(digest);
    let bytes = ListFile::build_foreign(&meta(), &descriptor, &digests).expect("the digests are usable");
    filter_of(&ListFile::open(bytes).expect("the file is whole"))
});

/// The canonical form: ranges lie on character boundaries and in order, and the form of what has no
/// Markdown, tags, entities, escapes or formulas in it is its own; an unseen character may have parted those.
pub fn canonical(data: &[u8]) {
    let text = lossy(data, LONGEST_TEXT);
    let canonical = Canonical::of(&text);
    let form = canonical.as_str();
    let mut before = 0..0;
    for (at, c) in form.char_indices() {
        let source = canonical.source(at..at + c.len_utf8());
        assert!(text.get(source.clone()).is_some(), "{source:?} cuts a character");
        assert!(source.start >= before.start && source.end >= before.end, "{source:?} goes back behind {before:?}");
        let place = canonical.source(at..at);
        assert!(place.is_empty() && text.is_char_boundary(place.start), "an empty range stands at {place:?}");
        before = source;
    }
    assert!(text.get(canonical.source(0..form.len())).is_some(), "the whole leads nowhere");
    assert!(text.get(canonical.source(form.len()..form.len() + 9)).is_some(), "what is behind leads nowhere");
    if !form.contains(['*', '`', '~', '\\', '<', '&', '[', '$', '%', '=', '\u{1b}']) {
        let again = Canonical::of(form);
        assert!(again.as_str() == form, "the form of the form is another one");
    }
}

/// A text in pieces of any lengths: [`Pieces`] says how the bytes are read.
pub fn redactor(data: &[u8]) {
    let pieces = Pieces::of(data);
    let whole = CLEAR.filter(&pieces.text);
    let hashed = HASHED.filter(&pieces.text);
    for (filter, whole) in [(&*CLEAR, &whole), (&*HASHED, &hashed)] {
        assert!(pieces.stream(filter) == *whole, "streamed is not whole");
        pieces.check_cut(filter, whole);
    }
    assert!(hashed == whole, "hashed finds something else than clear");
    check_parts(&whole, &pieces.text);
    filter_again(&CLEAR, &whole);
}

/// The same for a list that others hashed, of which all forms are tried.
pub fn foreign(data: &[u8]) {
    let pieces = Pieces::of(data);
    let whole = FOREIGN_FILTER.filter(&pieces.text);
    assert!(pieces.stream(&FOREIGN_FILTER) == whole, "streamed is not whole");
    pieces.check_cut(&FOREIGN_FILTER, &whole);
    check_parts(&whole, &pieces.text);
}

/// A file of a list: opened as it is, and with its frame put right, so that what is behind the digest
/// is reached. What can be opened can be used for everything.
pub fn list_opener(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST_FILE)];
    if let Ok(file) = ListFile::open(data.to_vec()) {
        use_file(&file);
    }
    if let Some(framed) = framed(data)
        && let Ok(file) = ListFile::open(framed)
    {
        use_file(&file);
    }
}

/// A list as lines. What can be read finds the same as a file, in clear and hashed.
pub fn list_lines(data: &[u8]) {
    let text = lossy(data, LONGEST_SOURCE);
    let list = match List::from_jsonl("fuzz", &text) {
        Ok(list) => list,
        Err(error) => return drop(error.to_string()),
    };
    let entries = list.entries().to_vec();
    let bytes = ListFile::build_clear(&meta(), &entries).expect("the entries were read");
    let written = ListFile::open(bytes).expect("the file is whole");
    assert!(List::from_file("fuzz", &written).entries() == entries, "the file holds other entries");
    let filter = Filter::new(vec![list], Detectors::all()).expect("one list");
    let hashed = List::from_file("fuzz", &built(&entries));
    let hashed = Filter::new(vec![hashed], Detectors::all()).expect("one list");
    let mut text = String::new();
    for entry in &entries {
        text.extend([entry.text(), "; "]);
        entry.context().iter().for_each(|context| text.extend([context, "; "]));
    }
    assert!(filter.filter(&text) == hashed.filter(&text), "hashed finds something else than clear");
}

/// A descriptor. One that can be read makes a list that can be opened and asked.
pub fn descriptor(data: &[u8]) {
    let text = lossy(data, LONGEST_SOURCE);
    let descriptor = match Descriptor::parse(&text) {
        Ok(descriptor) => descriptor,
        Err(error) => return drop(error.to_string()),
    };
    assert!(descriptor.as_str() == text, "the descriptor is kept as it was written");
    let width = descriptor.digest_bytes();
    assert!((8..=64).contains(&width) && descriptor.hex_digits().div_ceil(2) == width, "a digest of {width} bytes");
    assert!(!descriptor.forms().is_empty() && (1..=8).contains(&descriptor.longest_window()), "nothing is looked for");
    let digest = ForeignDigest { digest: vec![7; width].into(), kind: descriptor.default_kind().clone(), id: None };
    let bytes = ListFile::build_foreign(&meta(), &descriptor, &[digest]).expect("the digest is as long as it says");
    use_file(&ListFile::open(bytes).expect("the file is whole"));
}

/// A text and how it is cut. Of the bytes, the first says how many lengths follow (up to 7) and the
/// second how often the text behind them is repeated: once up to 223, then up to 256 times, within
/// [`LONGEST_TEXT`].
struct Pieces {
    lengths: Vec<usize>,
    text: String,
}

impl Pieces {
    fn of(data: &[u8]) -> Pieces {
        let ([count, repeat], rest) = data.split_first_chunk().unwrap_or((&[0, 0], &[]));
        let (lengths, text) = rest.split_at((usize::from(count % 8)).min(rest.len()));
        // Lengths of more than 128 make steps that are larger than a word.
        let length = |byte: &u8| usize::from(*byte).max(1) * if *byte > 128 { 16 } else { 1 };
        let mut lengths: Vec<usize> = lengths.iter().map(length).collect();
        if lengths.is_empty() {
            lengths.push(1);
        }
        let text = lossy(text, LONGEST_TEXT);
        let times = repeat.checked_sub(224).map_or(1, |more| 1 << (more / 4 + 1));
        let times = times.min(LONGEST_TEXT / text.len().max(1)).max(1);
        Pieces { lengths, text: text.repeat(times) }
    }

    /// Pushes the pieces and checks the bound after each.
    fn push(&self, filter: &Filter) -> (FilteredText, lethe_filters::Redactor) {
        let mut redactor = filter.redactor();
        let mut joined = FilteredText::default();
        let mut rest = self.text.as_str();
        for length in self.lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, later) = rest.split_at(rest.ceil_char_boundary(*length));
            joined.append(redactor.push(piece));
            assert!(redactor.held() <= HOLD_BACK, "{} bytes are held back", redactor.held());
            rest = later;
        }
        (joined, redactor)
    }

    fn stream(&self, filter: &Filter) -> FilteredText {
        let (mut joined, redactor) = self.push(filter);
        joined.append(redactor.finish());
        joined
    }

    /// A stream that was cut off shows nothing that it would not show if it had ended there, but for marks of
    /// emphasis, of which other ones belong to a longer match.
    fn check_cut(&self, filter: &Filter, whole: &FilteredText) {
        let (mut joined, redactor) = self.push(filter);
        joined.append(redactor.cut());
        let mut is_shown = vec![false; self.text.len()];
        for (at, text) in shown(whole) {
            is_shown[at..at + text.len()].fill(true);
        }
        for (at, text) in shown(&joined) {
            assert!(self.text[at..].starts_with(text), "what was cut off shows another text");
            let more = text.char_indices().find(|(place, c)| !is_shown[at + place] && !"*_`~".contains(*c));
            assert!(more.is_none(), "what was cut off shows what the whole does not");
        }
    }
}

/// The text between markers, each piece with its place in the stream.
fn shown(filtered: &FilteredText) -> Vec<(usize, &str)> {
    let mut cursor = 0;
    let mut shown = Vec::new();
    for segment in filtered.segments() {
        match segment {
            Segment::Text(text) => {
                shown.push((cursor, text));
                cursor += text.len();
            }
            Segment::Removed(redaction) => cursor = redaction.input.end,
        }
    }
    shown
}

/// What is not removed comes out byte for byte, and each redaction says where it stood.
fn check_parts(whole: &FilteredText, text: &str) {
    let mut rebuilt = String::with_capacity(text.len());
    let (mut cursor, mut input) = (0, 0);
    for redaction in whole.redactions() {
        assert!(redaction.input.start >= input && !redaction.input.is_empty(), "redactions overlap");
        assert!(whole.as_str()[redaction.place.clone()] == redaction.kind.marker(), "there is no marker");
        rebuilt += &whole.as_str()[cursor..redaction.place.start];
        rebuilt += &text[redaction.input.clone()];
        (cursor, input) = (redaction.place.end, redaction.input.end);
    }
    rebuilt += &whole.as_str()[cursor..];
    assert!(rebuilt == text, "what is not removed comes out changed");
}

/// Asks a list for everything.
fn use_file(file: &ListFile) {
    let summary = file.summary();
    assert!(summary.entries == file.len() && summary.kinds.values().sum::<usize>() == file.len(), "entries are lost");
    let ids: Vec<String> = file.ids().into_iter().map(str::to_owned).collect();
    assert!(ids.len() == file.len() && !ids.is_empty(), "ids are lost");
    let filter = filter_of(file);
    let text = "Frau Anna Keller (anna@example.org, 044 668 18 00) aus Zug, Bo Lind aus Chur, A n n a K e l l e r";
    for lengths in [vec![1], vec![7, 3]] {
        let pieces = Pieces { lengths, text: text.to_owned() };
        let whole = filter.filter(text);
        assert!(pieces.stream(&filter) == whole, "streamed is not whole");
        check_parts(&whole, text);
    }
    let merges = file.hashing().and_then(|hashing| hashing.inner_bits).is_some_and(|bits| bits <= LARGEST_MERGED);
    if !merges {
        return;
    }
    assert!(file.difference(file).is_ok_and(|difference| difference.is_empty()), "a list differs from itself");
    let segments = [file.clone(), file.clone()];
    if let Ok(merged) = ListFile::merge(&meta(), &segments, &HashSet::new()) {
        let merged = ListFile::open(merged).expect("what was merged is whole");
        assert!(counted(&merged.ids()) == counted(&file.ids()), "merging with itself changes a list");
        // Not compared: merging leaves out kinds that no entry has, which a forged file may name.
        filter_of(&merged).filter(text);
    }
    let without: HashSet<String> = ids.iter().take(1).cloned().collect();
    if let Ok(merged) = ListFile::merge(&meta(), &segments, &without) {
        let merged = ListFile::open(merged).expect("what was merged is whole");
        assert!(!merged.ids().contains(&ids[0].as_str()), "what was removed is there");
    }
}

fn counted<'a>(ids: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    ids.iter().for_each(|id| *counted.entry(*id).or_insert(0) += 1);
    counted
}

/// The bytes with what frames a list put right: how they begin, their length, and the digest at their end.
fn framed(data: &[u8]) -> Option<Vec<u8>> {
    let body = data.len().checked_sub(32).filter(|body| *body >= 40)?;
    let mut framed = data.to_vec();
    framed[..8].copy_from_slice(b"LETHLIST");
    framed[8..12].copy_from_slice(&1_u32.to_le_bytes());
    framed[16..24].copy_from_slice(&(data.len() as u64).to_le_bytes());
    framed[24..40].copy_from_slice(b"lethe-canon-1\0\0\0");
    let digest = blake3::hash(&framed[..body]);
    framed[body..].copy_from_slice(digest.as_bytes());
    Some(framed)
}

/// The bytes as text, at most so many of them.
fn lossy(data: &[u8], longest: usize) -> String {
    let mut text = String::from_utf8_lossy(&data[..data.len().min(longest)]).into_owned();
    text.truncate(text.floor_char_boundary(longest));
    text
}

fn entries() -> Vec<Entry> {
    let entry = |(number, (kind, text, context)): (usize, &(&str, &str, &str))| {
        let kind: Kind = kind.parse().expect("a name of a kind");
        let entry = Entry::new(format!("e{number}"), kind, *text).with_initials();
        if context.is_empty() { entry } else { entry.with_context(vec![(*context).to_owned()]) }
    };
    ENTRIES.iter().enumerate().map(entry).collect()
}

fn meta() -> ListMeta {
    ListMeta { name: "fuzz".to_owned(), issued_at: None, generator: String::new() }
}

fn built(entries: &[Entry]) -> ListFile {
    let hashing = Hashing { key: [7; 16], inner_bits: None };
    let bytes = ListFile::build(&meta(), entries, hashing).expect("the entries are usable");
    ListFile::open(bytes).expect("the file is whole")
}

fn filter_of(file: &ListFile) -> Filter {
    Filter::new(vec![List::from_file("house", file)], Detectors::all()).expect("one list")
}
