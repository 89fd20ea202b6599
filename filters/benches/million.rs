//! A hashed list of a million entries beside aho-corasick and daachorse over the same names.
//!
//! One table, one run: `cargo bench -p lethe-filters --bench million`. Each number is the best of a
//! few rounds. `hostile` text is names of the list, each followed by one that makes no entry of it,
//! so that every word begins one; `prose` has one listed name in about 2,000 words. The two automata look for exact lower-case
//! names only: no variants, no word boundaries, no streaming.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use lethe_filters::{Detectors, Entry, Filter, Hashing, Kind, List, ListFile, ListMeta};

const ENTRIES: usize = 1_000_000;
/// Orders a process to open a list and to say how much memory that took.
const OPEN: &str = "open-and-measure";
const SYLLABLES: [&str; 24] = [
    "an", "bel", "cor", "da", "el", "fri", "gu", "hel", "is", "jo", "kas", "lu", "mar", "ni", "ot", "pe", "ros", "sa",
    "tim", "ul", "vre", "wen", "yl", "zür",
];

/// An invented name: one of 13,824 first names and one of 13,824 surnames.
fn name(number: usize) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = |from: usize| {
        let syllable = |place: u32| SYLLABLES[from / 24_usize.pow(place) % 24];
        let mut word = format!("{}{}{}", syllable(0), syllable(1), syllable(2));
        word[..1].make_ascii_uppercase();
        word
    };
    format!("{} {}", word(mixed >> 20), word(mixed >> 40))
}

fn prose(listed: usize) -> String {
    const SENTENCES: [&str; 5] = [
        "The committee met on Tuesday and agreed to publish its findings before the summer. ",
        "Gestern wurde über die neue Brücke gesprochen, die im Herbst eröffnet werden soll. ",
        "Most of the work had been done by volunteers, who came from all parts of the valley. ",
        "A list of the items is given below; see section 4.2 for the definitions.\n\n",
        "Er ging langsam nach Hause, weil es regnete, und dachte an nichts Besonderes. ",
    ];
    let mut text = String::new();
    for number in 0..100_000 {
        text.push_str(SENTENCES[number * 3 % 5]);
        if number % 150 == 0 {
            text.push_str(&name(number % listed));
            text.push_str(" was there. ");
        }
    }
    text
}

fn hostile() -> String {
    (0..500_000).map(|number| format!("{} ", name(number + 7 * ENTRIES))).collect()
}

/// Seconds of the best of some rounds.
fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> f64 {
    let times = (0..rounds).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

fn tokens(filter: &Filter, text: &str) -> (f64, usize) {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, later) = rest.split_at(rest.ceil_char_boundary(3 + tokens.len() % 4));
        tokens.push(token);
        rest = later;
    }
    let seconds = best(3, || {
        let mut redactor = filter.redactor();
        for token in &tokens {
            black_box(redactor.push(token));
        }
        redactor.finish()
    });
    (seconds, tokens.len())
}

/// Bytes of memory that the list takes in a process of its own, where the system says so.
fn resident_with(list: &Path) -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).arg(OPEN).arg(list).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// What such a process does.
fn open_and_measure(list: &str) {
    let before = resident();
    let file = ListFile::open(std::fs::read(list).expect("the list was written")).expect("the list is whole");
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("{}", after - before);
    }
    drop(file);
}

/// Bytes of memory that this process has in use, where the system says so.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, order, list] = &arguments[..]
        && order == OPEN
    {
        return open_and_measure(list);
    }
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    let path = std::env::temp_dir().join("lethe-million.list");
    let start = Instant::now();
    {
        let entries: Vec<Entry> = (0..ENTRIES).map(|n| Entry::new(format!("e{n}"), Kind::Person, name(n))).collect();
        let meta = ListMeta { name: "million".to_owned(), issued_at: None, generator: String::new() };
        let hashing = Hashing { key: [5; 16], inner_bits: None };
        let bytes = ListFile::build(&meta, &entries, hashing).expect("the entries are usable");
        std::fs::write(&path, bytes).expect("there is room for the list");
    }
    println!("build                    {:8.1} s", start.elapsed().as_secs_f64());
    let size = std::fs::metadata(&path).map(|file| file.len()).expect("the list was written");
    println!(
        "file                     {:8.1} MiB, {:.1} bytes an entry",
        mib(size as f64),
        size as f64 / ENTRIES as f64
    );

    let read = || ListFile::open(std::fs::read(&path).expect("the list was written")).expect("the list is whole");
    let ready = best(5, read);
    println!("ready after              {:8.1} ms", ready * 1e3);
    if let Some(bytes) = resident_with(&path) {
        println!("resident                 {:8.1} MiB", mib(bytes));
    }
    let file = read();
    let list = List::from_file("million", &file);
    println!("tags                     {:8.2} an entry", file.summary().tags as f64 / ENTRIES as f64);
    for (label, detectors) in [("no detectors", Detectors::none()), ("all detectors", Detectors::all())] {
        let filter = Filter::new(vec![list.clone()], detectors).expect("one list");
        for (kind, text) in [("prose", prose(ENTRIES)), ("hostile", hostile())] {
            let seconds = best(3, || filter.filter(&text));
            let (streamed, tokens) = tokens(&filter, &text);
            println!(
                "lethe {kind:8} {label:14} {:8.1} MB/s, {:.2} us a token",
                text.len() as f64 / seconds / 1e6,
                streamed / tokens as f64 * 1e6
            );
        }
    }

    let names: Vec<String> = (0..ENTRIES).map(|n| name(n).to_lowercase()).collect();
    let start = Instant::now();
    let automaton = AhoCorasick::new(&names).expect("the names are few enough");
    println!(
        "aho-corasick build       {:7.1} s, {:.0} MiB",
        start.elapsed().as_secs_f64(),
        mib(automaton.memory_usage() as f64)
    );
    let start = Instant::now();
    let double_array: CharwiseDoubleArrayAhoCorasick<u32> =
        CharwiseDoubleArrayAhoCorasick::new(dedup(&names)).expect("the names are distinct");
    println!(
        "daachorse build          {:7.1} s, {:.0} MiB",
        start.elapsed().as_secs_f64(),
        mib(double_array.heap_bytes() as f64)
    );
    for (kind, text) in [("prose", prose(ENTRIES).to_lowercase()), ("hostile", hostile().to_lowercase())] {
        let seconds = best(3, || automaton.find_iter(&text).count());
        println!("aho-corasick {kind:8}     {:8.1} MB/s", text.len() as f64 / seconds / 1e6);
        let seconds = best(3, || double_array.find_iter(&text).count());
        println!("daachorse    {kind:8}     {:8.1} MB/s", text.len() as f64 / seconds / 1e6);
    }
    let _ = std::fs::remove_file(path);
}

fn dedup(names: &[String]) -> std::collections::BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}
