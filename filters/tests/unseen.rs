//! What can't be seen hides nothing: every character of the table, within and between the words
//! of a listed name, alone and many times.

use lethe_filters::{Detectors, Entry, Filter, FilteredText, HOLD_BACK, Hashing, Kind, List, ListFile, ListMeta};

const TABLE: &str = include_str!("../src/word/unseen.txt");

fn entries() -> Vec<Entry> {
    vec![Entry::new("e1", Kind::Person, "Zephyrine Quillfeather")]
}

fn clear() -> Filter {
    let list = List::from_entries("house", entries()).expect("a usable entry");
    Filter::new(vec![list], Detectors::none()).expect("one list")
}

fn hashed() -> Filter {
    let meta = ListMeta { name: "house".to_owned(), issued_at: None, generator: String::new() };
    let bytes = ListFile::build(&meta, &entries(), Hashing { key: [7; 16], inner_bits: None }).expect("a usable entry");
    let list = List::from_file("house", &ListFile::open(bytes).expect("the file is whole"));
    Filter::new(vec![list], Detectors::none()).expect("one list")
}

/// Every character of the table.
fn unseen() -> impl Iterator<Item = char> {
    let ranges = TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(".."));
    let code = |hex: &str| u32::from_str_radix(hex, 16).expect("a hexadecimal number");
    ranges.flat_map(move |(first, last)| code(first)..=code(last)).filter_map(char::from_u32)
}

fn streamed(filter: &Filter, text: &str) -> FilteredText {
    let mut redactor = filter.redactor();
    let mut joined = FilteredText::default();
    for c in text.chars() {
        joined.append(redactor.push(c.encode_utf8(&mut [0; 4])));
        assert!(redactor.held() <= HOLD_BACK, "{} bytes are held back", redactor.held());
    }
    joined.append(redactor.finish());
    joined
}

#[test]
fn every_unseen_character_is_passed_over_within_and_between_words() {
    let filter = clear();
    let characters: Vec<char> = unseen().collect();
    assert!(characters.len() > 900_000, "private use and what is unassigned are most of Unicode");
    for batch in characters.chunks(512) {
        let text: String = batch
            .iter()
            .map(|c| format!("Zep{c}hy{c}rine {c} Quillfeat{c}her, Zephyrine{c} {c}Quillfeather\n"))
            .collect();
        let count = filter.filter(&text).redactions().len();
        assert_eq!(count, 2 * batch.len(), "from U+{:04X} to U+{:04X}", batch[0] as u32, batch[batch.len() - 1] as u32);
    }
}

#[test]
fn any_number_of_them_is_passed_over_streamed_and_whole_in_clear_and_hashed() {
    let samples =
        ['\u{e000}', '\u{fffc}', '\u{fffd}', '\u{ad}', '\u{200b}', '\u{e0041}', '\u{1f1e8}', '\u{0}', '\u{fdd0}'];
    for filter in [clear(), hashed()] {
        for c in samples {
            for count in [1, 2, 3, 60, 300, 500] {
                let run = c.to_string().repeat(count);
                let one = format!("by Zephy{run}rine Quillfeather.");
                let everywhere: String = "Zephyrine Quillfeather".chars().flat_map(|letter| [letter, c, c]).collect();
                for text in [one, everywhere] {
                    let whole = filter.filter(&text);
                    assert!(!whole.as_str().contains("her"), "{count} of U+{:04X}", c as u32);
                    assert!(streamed(&filter, &text) == whole, "{count} of U+{:04X} streamed", c as u32);
                }
            }
        }
    }
}
