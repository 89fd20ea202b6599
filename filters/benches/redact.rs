//! How fast text goes through the filter, beside plain Aho-Corasick over the same terms.
//!
//! The text is German and English prose with one listed name in about 2,000 words. `whole` is one
//! push, `tokens` pushes of about four characters as a language model makes them. `aho_corasick`
//! only looks for the exact lower-case terms: no variants, no word boundaries, no detectors, no
//! streaming; it is here as the measure of what searching alone costs on this machine.

use std::hint::black_box;

use aho_corasick::AhoCorasick;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lethe_filters::{Detectors, Entry, Filter, Kind, List};

const SYLLABLES: [&str; 24] = [
    "an", "bel", "cor", "da", "el", "fri", "gu", "hel", "is", "jo", "kas", "lu", "mar", "ni", "ot", "pe", "ros", "sa",
    "tim", "ul", "vre", "wen", "yl", "zür",
];

/// Invented names: the same number gives the same name.
fn name(number: usize) -> String {
    let syllable = |place: u32| SYLLABLES[number / 24_usize.pow(place) % 24];
    format!("{}{}a {}{}{}er", syllable(0), syllable(1), syllable(2), syllable(3), syllable(1))
}

fn entries(count: usize) -> Vec<Entry> {
    (0..count).map(|n| Entry::new(format!("e{n}"), Kind::Person, name(n * 7))).collect()
}

fn filter(count: usize, detectors: Detectors) -> Filter {
    let list = List::from_entries("bench", entries(count)).expect("the entries are usable");
    Filter::new(vec![list], detectors).expect("the list is usable")
}

fn prose() -> String {
    const SENTENCES: [&str; 6] = [
        "The committee met on Tuesday and agreed to publish its findings before the summer. ",
        "Gestern wurde über die neue Brücke gesprochen, die im Herbst eröffnet werden soll. ",
        "Most of the work had been done by volunteers, who came from all parts of the valley. ",
        "**Wichtig:** die Unterlagen müssen bis Freitag, 17:30 Uhr, eingereicht werden. ",
        "A list of the items is given below; see section 4.2 for the definitions.\n\n",
        "Er ging langsam nach Hause, weil es regnete, und dachte an nichts Besonderes. ",
    ];
    let mut text = String::new();
    for number in 0..12_000 {
        text.push_str(SENTENCES[number * 5 % 6]);
        if number % 150 == 0 {
            text.push_str(&name(number));
            text.push_str(" was there. ");
        }
    }
    text
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.ceil_char_boundary(3 + tokens.len() % 4);
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

fn redact(criterion: &mut Criterion) {
    let text = prose();
    let tokens = tokens(&text);
    let mut group = criterion.benchmark_group("redact");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for count in [20, 1_000, 50_000] {
        let filter = filter(count, Detectors::all());
        group.bench_function(BenchmarkId::new("whole", count), |bencher| {
            bencher.iter(|| filter.filter(black_box(&text)));
        });
        group.bench_function(BenchmarkId::new("tokens", count), |bencher| {
            bencher.iter(|| {
                let mut redactor = filter.redactor();
                for token in &tokens {
                    black_box(redactor.push(token));
                }
                redactor.finish()
            });
        });
        let terms: Vec<String> = entries(count).iter().map(|entry| entry.text().into()).collect();
        let searcher = AhoCorasick::new(&terms).expect("the terms are few enough");
        group.bench_function(BenchmarkId::new("aho_corasick", count), |bencher| {
            bencher.iter(|| searcher.find_iter(black_box(&text)).count());
        });
    }
    group.finish();
}

/// What each detector costs, on top of reading and giving out the text.
fn detectors(criterion: &mut Criterion) {
    let text = prose();
    let mut group = criterion.benchmark_group("detectors");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for names in ["none", "email", "iban", "ip", "phone,card,ahv,national_id", "all"] {
        let filter = Filter::new(Vec::new(), names.parse().expect("detectors have these names")).expect("no list");
        group.bench_function(names, |bencher| bencher.iter(|| filter.filter(black_box(&text))));
    }
    for (name, detectors) in [("list", Detectors::none()), ("all_and_list", Detectors::all())] {
        let filter = filter(10_000, detectors);
        group.bench_function(name, |bencher| bencher.iter(|| filter.filter(black_box(&text))));
    }
    group.finish();
}

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    for count in [1_000, 100_000] {
        let list = List::from_entries("bench", entries(count)).expect("the entries are usable");
        group.bench_function(BenchmarkId::new("lethe", count), |bencher| {
            bencher.iter(|| Filter::new(vec![list.clone()], Detectors::all()));
        });
        let terms: Vec<String> = entries(count).iter().map(|entry| entry.text().into()).collect();
        group.bench_function(BenchmarkId::new("aho_corasick", count), |bencher| {
            bencher.iter(|| AhoCorasick::new(&terms));
        });
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let filter = filter(1_000, Detectors::all());
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10).throughput(Throughput::Bytes(1 << 20));
    for (name, piece) in [
        ("at_signs", "a@"),
        ("digits", "1"),
        ("one_letter", "a"),
        ("marks", "\u{301}"),
        ("asterisks", "*"),
        ("dots", "1.2.3."),
        ("colons", "1:"),
        ("brackets", "]("),
        ("account_numbers", "ch93 "),
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        group.bench_function(name, |bencher| bencher.iter(|| filter.filter(black_box(&text))));
    }
    group.finish();
}

/// 100 kB by lists that cost as much as a list can: a hundred thousand entries of one name with contexts that are not near,
/// and with one that is; and a list without those beside them.
fn hostile_lists(criterion: &mut Criterion) {
    const MANY: usize = 100_000;
    let name = |number: usize| Entry::new(format!("r-{number}"), Kind::Person, "Anna Keller");
    let far = (0..MANY).map(|number| name(number).with_context(vec![format!("town{number}")])).collect();
    let near = (0..MANY).map(|number| name(number).with_context(vec!["Chur".to_owned()])).collect();
    let letters = (0..MANY).map(|number| {
        Entry::new(format!("r-{number}"), Kind::Text, char::from(b'a' + (number % 26) as u8).to_string())
    });
    let text = "Anna Keller aus Chur ".repeat(5_000);
    let mut group = criterion.benchmark_group("hostile_lists");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for (what, entries) in [("one", vec![name(0)]), ("far", far), ("near", near), ("letters", letters.collect())] {
        let compiled = |entries: Vec<Entry>| {
            let list = List::from_entries("hostile", entries).expect("usable entries");
            Filter::new(vec![list], Detectors::none()).expect("one list")
        };
        group.bench_function(format!("{what}/compiled"), |bencher| bencher.iter(|| compiled(entries.clone())));
        let filter = compiled(entries.clone());
        group.bench_function(format!("{what}/filtered"), |bencher| bencher.iter(|| filter.filter(black_box(&text))));
    }
    group.finish();
}

criterion_group!(benches, redact, detectors, compile, hostile, hostile_lists);
criterion_main!(benches);
