//! Compiled lists as files: they find what the entries find, hold no text, and are refused when
//! anything about them is not as it was written.

use std::collections::HashSet;

use lethe_filters::{Detectors, Entry, FileError, Filter, Hashing, Kind, List, ListFile, ListMeta};

const HASHING: Hashing = Hashing { key: *b"sixteen bytes of", inner_bits: Some(12) };
const TEXT: &str = "Frau Anna Keller (anna@example.org, 044 668 18 00) wohnt an der Seestr. 7 in Zug, Bo Lind nicht.";

fn meta() -> ListMeta {
    ListMeta { name: "requests".to_owned(), issued_at: Some(1_700_000_000_000), generator: "a test".to_owned() }
}

fn entries() -> Vec<Entry> {
    vec![
        Entry::new("r-1", Kind::Person, "Anna Keller"),
        Entry::new("r-2", Kind::Email, "anna@example.org"),
        Entry::new("r-3", Kind::Phone, "+41 44 668 18 00"),
        Entry::new("r-4", Kind::Address, "Seestrasse 7, Zug"),
        Entry::new("r-5", Kind::Person, "Bo Lind").with_context(vec!["Chur".to_owned()]),
    ]
}

fn build(entries: &[Entry]) -> Vec<u8> {
    ListFile::build(&meta(), entries, HASHING).expect("the entries are usable")
}

fn open(bytes: Vec<u8>) -> ListFile {
    ListFile::open(bytes).expect("the file is whole")
}

fn filtered(file: &ListFile, text: &str) -> String {
    let filter = Filter::new(vec![List::from_file("requests", file)], Detectors::none()).expect("one list");
    filter.filter(text).as_str().to_owned()
}

/// The file with some bytes changed and its digest made anew, as somebody would who means harm.
fn forged(mut bytes: Vec<u8>, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let body = bytes.len() - 32;
    change(&mut bytes[..body]);
    let digest = blake3::hash(&bytes[..body]);
    bytes[body..].copy_from_slice(digest.as_bytes());
    bytes
}

#[test]
fn a_file_finds_what_its_entries_find_in_clear_and_hashed() {
    let clear = ListFile::build_clear(&meta(), &entries()).expect("the entries are usable");
    let (clear, hashed) = (open(clear), open(build(&entries())));
    let expected = "Frau [removed: person] ([removed: email], [removed: phone]) wohnt an der [removed: address] in [removed: address], Bo Lind nicht.";
    assert_eq!(filtered(&clear, TEXT), expected);
    assert_eq!(filtered(&hashed, TEXT), expected);
    for file in [&clear, &hashed] {
        let summary = file.summary();
        assert_eq!((summary.entries, summary.with_context, summary.meta.clone()), (5, 1, meta()));
        assert_eq!(summary.kinds["person"], 2);
        assert_eq!(file.ids(), ["r-1", "r-2", "r-3", "r-4", "r-5"]);
    }
    assert!(hashed.is_hashed() && !clear.is_hashed());
}

#[test]
fn a_hashed_file_holds_no_text_of_an_entry() {
    let bytes = build(&entries());
    for text in ["Anna", "anna", "keller", "example", "446681800", "seestr", "lind", "chur"] {
        let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!found, "{text} stands in the file");
    }
    assert!(!format!("{:?} {:?}", open(bytes), HASHING).contains("sixteen"));
}

#[test]
fn a_flipped_bit_or_a_missing_byte_is_refused() {
    for bytes in [build(&entries()), ListFile::build_clear(&meta(), &entries()).expect("the entries are usable")] {
        for length in 0..bytes.len() {
            assert!(ListFile::open(bytes[..length].to_vec()).is_err(), "cut at {length}");
        }
        assert!(ListFile::open([&bytes[..], b"\0"].concat()).is_err(), "a byte too many");
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let error = ListFile::open(changed).expect_err("a changed bit");
            let expected = if bit < 64 { FileError::NotAList } else { FileError::Damaged };
            assert_eq!(error, expected, "bit {bit}");
        }
    }
}

#[test]
fn a_forged_file_does_no_harm() {
    let bytes = build(&entries());
    for byte in 8..bytes.len() - 32 {
        for value in [0, 1, 127, 255] {
            let forged = forged(bytes.clone(), |body| body[byte] = value);
            if let Ok(file) = ListFile::open(forged) {
                filtered(&file, TEXT);
            }
        }
    }
}

#[test]
fn a_file_of_another_version_or_form_says_so() {
    let bytes = build(&entries());
    let newer = forged(bytes.clone(), |body| body[8] = 2);
    assert_eq!(ListFile::open(newer).expect_err("a newer version"), FileError::Newer);
    let other = forged(bytes, |body| body[36] = b'2');
    let error = ListFile::open(other).expect_err("another canonical form");
    assert_eq!(error, FileError::OtherForm { found: "lethe-canon-2".to_owned() });
    assert_eq!(ListFile::open(b"{\"id\": 1}".to_vec()).expect_err("entries"), FileError::NotAList);
}

#[test]
fn segments_become_one_list_without_what_was_removed() {
    let all = entries();
    let (first, second) = all.split_at(2);
    let changed = [second, &[Entry::new("r-1", Kind::Person, "Zoë Brandt")]].concat();
    let segments = [open(build(first)), open(build(&changed))];
    let merged = ListFile::merge(&meta(), &segments, &HashSet::from(["r-2".to_owned()])).expect("segments of one list");
    let merged = open(merged);
    assert_eq!(merged.ids(), ["r-3", "r-4", "r-5", "r-1"], "the later entry counts");
    assert_eq!(
        filtered(&merged, "Anna Keller, Zoe Brandt, anna@example.org, 0446681800"),
        "Anna Keller, [removed: person], anna@example.org, [removed: phone]"
    );
    let all = merged.ids().into_iter().map(str::to_owned).collect();
    assert_eq!(ListFile::merge(&meta(), &[merged], &all), Err(FileError::Empty));
}

#[test]
fn segments_of_different_lists_are_not_merged() {
    let other = Hashing { key: *b"another key, not", ..HASHING };
    let other = open(ListFile::build(&meta(), &entries(), other).expect("the entries are usable"));
    let clear = open(ListFile::build_clear(&meta(), &entries()).expect("the entries are usable"));
    let hashed = open(build(&entries()));
    for pair in [[hashed.clone(), other], [hashed.clone(), clear]] {
        assert_eq!(ListFile::merge(&meta(), &pair, &HashSet::new()), Err(FileError::NotOneList));
    }
}

#[test]
fn a_difference_names_entries_by_id() {
    let later = [
        Entry::new("r-3", Kind::Phone, "+41 44 668 18 00"),
        Entry::new("r-1", Kind::Person, "Anna Kellermann"),
        Entry::new("r-4", Kind::Text, "Seestrasse 7, Zug"),
        Entry::new("r-9", Kind::Email, "bo@example.org"),
    ];
    let difference = open(build(&entries())).difference(&open(build(&later))).expect("lists under one key");
    assert_eq!(difference.added, ["r-9"]);
    assert_eq!(difference.changed, ["r-1", "r-4"]);
    assert_eq!(difference.removed, ["r-2", "r-5"]);
    let same = open(build(&later)).difference(&open(build(&later))).expect("lists under one key");
    assert!(same.is_empty());
}

#[test]
fn context_spares_namesakes() {
    let entries = [
        Entry::new("a", Kind::Person, "Bo Lind").with_context(vec!["Chur".to_owned(), "Müller & Co".to_owned()]),
        Entry::new("b", Kind::Person, "Uma Stein"),
    ];
    let clear = open(ListFile::build_clear(&meta(), &entries).expect("the entries are usable"));
    let far = "und ".repeat(30);
    for (text, expected) in [
        ("Bo Lind wohnt in Bern.".to_owned(), "Bo Lind wohnt in Bern."),
        ("Bo Lind wohnt in Chur.".to_owned(), "[removed: person] wohnt in Chur."),
        ("In Chur wohnt Bo Linds Hund.".to_owned(), "In Chur wohnt [removed: person] Hund."),
        ("Lind, Bo (Mueller & Co.)".to_owned(), "[removed: person] (Mueller & Co.)"),
        ("Bo Lind, Uma Stein, Chur".to_owned(), "[removed: person], [removed: person], Chur"),
        ("Bo Lind? Bo Lind aus Chur!".to_owned(), "[removed: person]? [removed: person] aus Chur!"),
        ("B o  L i n d aus Chur".to_owned(), "[removed: person] aus Chur"),
        (format!("Bo Lind {far}Chur"), &format!("Bo Lind {far}Chur")),
        (format!("Chur {far}Bo Lind"), &format!("Chur {far}Bo Lind")),
    ] {
        for file in [&clear, &open(build(&entries))] {
            assert_eq!(filtered(file, &text), expected);
            let filter = Filter::new(vec![List::from_file("requests", file)], Detectors::none()).expect("one list");
            let mut redactor = filter.redactor();
            let mut streamed = String::new();
            for c in text.chars() {
                streamed += redactor.push(c.encode_utf8(&mut [0; 4])).as_str();
            }
            assert_eq!(streamed + redactor.finish().as_str(), expected, "character by character");
        }
    }
}

#[test]
fn an_id_that_cannot_be_shown_refuses_the_file() {
    for id in ["", " ", "r\u{1b}[2J", "r\u{202e}1", &"r".repeat(129)] {
        let bytes = build(&[Entry::new("r-0", Kind::Person, "Bo Lind"), Entry::new(id, Kind::Person, "Anna Keller")]);
        assert_eq!(ListFile::open(bytes).err(), Some(FileError::Id), "{id:?}");
    }
    let bytes = build(&[Entry::new("r".repeat(128), Kind::Person, "Anna Keller")]);
    assert_eq!(open(bytes).len(), 1);
}

#[test]
fn a_kind_of_its_own_choice_says_nothing_in_an_answer() {
    // As an earlier version wrote it: the kind's name is in the file, as long as `national_id`.
    let bytes = build(&[Entry::new("r-1", Kind::NationalId, "Anna Keller")]);
    let at = bytes.windows(11).position(|name| name == b"national_id").expect("the kind's name");
    let bytes = forged(bytes, |body| body[at..at + 11].copy_from_slice(b"a-fraudster"));
    let file = open(bytes);
    assert_eq!(filtered(&file, "Frau Anna Keller"), "Frau [removed: other]");
    assert_eq!(file.summary().kinds.keys().collect::<Vec<_>>(), ["other"]);
    let lines = r#"{"id": "r-1", "kind": "a-fraudster", "text": "Anna Keller"}"#;
    let list = List::from_jsonl("requests", lines).expect("an entry of an unknown kind is used");
    let filter = Filter::new(vec![list], Detectors::none()).expect("one list");
    assert_eq!(filter.filter("Frau Anna Keller").as_str(), "Frau [removed: other]");
}
