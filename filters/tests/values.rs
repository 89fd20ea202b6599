//! Addresses, dates, numbers and e-mail addresses of a list: properties that must hold for every text, however it is cut.

mod pieces;

use std::sync::LazyLock;

use lethe_filters::{Detectors, Entry, Filter, Hashing, Kind, List, ListFile, ListMeta};
use pieces::stream;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const TERMS: [(Kind, &str); 10] = [
    (Kind::Address, "Bahnhofstrasse 12, 8001 Zürich"),
    (Kind::Address, "12, avenue de la Gare, 1003 Lausanne"),
    (Kind::Address, "48 Larkspur Road, Eastmere QX4 7ZB"),
    (Kind::Address, "Im Winkel 3, 12 Haus, 6403 Küssnacht am Rigi"),
    (Kind::BirthDate, "1976-06-17"),
    (Kind::BirthDate, "1.1.1990"),
    (Kind::Email, "anna.keller@example.ch"),
    (Kind::Email, "at@dot.ch"),
    (Kind::Phone, "+41 44 668 18 00"),
    (Kind::Account, "12 8001 12"),
];

/// Parts of the entries, what may stand between them, and what makes them something else.
#[rustfmt::skip]
const PIECES: [&str; 110] = [
    "Bahnhofstrasse", "bahnhofstr", "Bahnhof", "Strasse", "Str", "12", "12a", "a", "A", "b", "e", "8001", "8002", "CH", "Zürich",
    "Zuerich", "Bern", "avenue", "av", "de", "la", "Gare", "1003", "Lausanne", "48", "Larkspur", "Road", "Rd", "Eastmere",
    "QX4", "7ZB", "8ZB", "Im", "Winkel", "3", "Haus", "6403", "Küssnacht", "am", "Rigi", "in", "an", "der", "in der Stadt",
    "Nr", "n", "N°", "No", "Postfach", "3. Stock", "c/o", "Muster", "AG", "Bahnhofstrasse 12", "8001 Zürich",
    "12, avenue de la Gare", "wohnt", "und", "17", "6", "06", "1976", "76", "'76", "June", "Juni", "jun", "VI", "17th", "of",
    "1", "1er", "janvier", "1990", "90", "1976-06-17T00:00:00Z", "17T00", "T", "00", "Z", "anna",
    "keller", "example", "ch", "at", "dot", "(at)", "[at]", "(dot)", "@", "+", "+news", "punkt", "044", "668", "18", "0446681800",
    "+41 44 668 18 00", "x12", "ext. 12", "/01", "#", "·", "•", "’", "\"", "|", "<b>", "**", "](x)",
];

const SIGNS: [&str; 20] =
    [" ", " ", " ", " ", " ", ", ", ". ", ".", "-", " - ", "\n", "/", ":", ";", "(", ")", "", "", "\n- ", "\u{200b}"];

fn list() -> List {
    List::from_entries("house", entries()).expect("usable entries")
}

fn entries() -> Vec<Entry> {
    let entry = |(number, (kind, text)): (usize, &(Kind, &str))| Entry::new(format!("e{number}"), kind.clone(), *text);
    TERMS.iter().enumerate().map(entry).collect()
}

static CLEAR: LazyLock<Filter> = LazyLock::new(|| Filter::new(vec![list()], Detectors::none()).expect("one list"));

static HASHED: LazyLock<Filter> = LazyLock::new(|| {
    let meta = ListMeta { name: "house".to_owned(), issued_at: None, generator: String::new() };
    let hashing = Hashing { key: [7; 16], inner_bits: None };
    let bytes = ListFile::build(&meta, &entries(), hashing).expect("usable entries");
    let list = List::from_file("house", &ListFile::open(bytes).expect("a whole file"));
    Filter::new(vec![list], Detectors::none()).expect("one list")
});

fn texts() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(&PIECES[..]), prop::sample::select(&SIGNS[..]), 0..60_usize);
    let piece = piece.prop_map(|(piece, sign, times)| format!("{piece}{sign}").repeat(if times == 0 { 30 } else { 1 }));
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Other texts on every run, which LETHE_SEED names; PROPTEST_CASES looks for more.
    #![proptest_config(ProptestConfig {
        cases: 4000,
        rng_seed: RngSeed::Fixed(lethe_seed::of_this_run()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn streamed_is_whole_in_clear_and_hashed(
        text in texts(), lengths in prop::collection::vec(1..40_usize, 1..8)
    ) {
        let whole = CLEAR.filter(&text);
        for (filter, lengths) in [(&*CLEAR, &lengths[..]), (&*HASHED, &lengths[..]), (&*CLEAR, &[1]), (&*HASHED, &[1])] {
            let streamed = stream(filter, &text, lengths);
            prop_assert_eq!(streamed.as_str(), whole.as_str());
            prop_assert_eq!(streamed.redactions(), whole.redactions());
        }
    }
}
