//! The specification: every row of `tests/cases/*.toml`, whole and in pieces. What a row says is in
//! `tests/cases/README.md`.

use std::fs;
use std::path::Path;

use lethe_filters::{Detectors, Entry, Filter, FilteredText, HOLD_BACK, Hashing, Kind, List, ListFile, ListMeta};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(flatten)]
    defaults: Rules,
    case: Vec<Case>,
}

#[derive(Deserialize, Clone, Default)]
struct Rules {
    terms: Option<Vec<String>>,
    kind: Option<Kind>,
    detectors: Option<String>,
    entries: Option<Vec<Line>>,
}

#[derive(Deserialize, Clone)]
struct Line {
    id: String,
    kind: Kind,
    text: String,
    #[serde(default)]
    initials: bool,
    #[serde(default)]
    short: bool,
    #[serde(default)]
    context: Vec<String>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    rules: Rules,
    input: String,
    output: Option<String>,
    /// Source of each redaction: `detector`, or an entry's id.
    sources: Option<Vec<String>>,
}

#[test]
fn every_row_holds_whole_and_in_pieces() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of tables is there")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut rows = 0;
    let mut failures = Vec::new();
    for file in files {
        let name = file.file_stem().expect("a file").to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("a table is text");
        let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for case in &table.case {
            rows += 1;
            if let Err(why) = check(&table.defaults, case) {
                failures.push(format!("{name}: {}: {why}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {rows} rows:\n{}", failures.len(), failures.join("\n"));
    assert!(rows > 200, "only {rows} rows were found");
}

fn check(defaults: &Rules, case: &Case) -> Result<(), String> {
    let entries = entries(defaults, &case.rules);
    let detectors = detectors(defaults, &case.rules);
    let clear = compile(List::from_entries("case", entries.clone()).ok(), detectors);
    check_with(&clear, case)?;
    if entries.is_empty() {
        return Ok(());
    }
    check_with(&compile(Some(hashed(&entries)), detectors), case).map_err(|why| format!("hashed: {why}"))
}

fn check_with(filter: &Filter, case: &Case) -> Result<(), String> {
    let input = case.input.as_str();
    let expected = case.output.as_deref().map_or_else(|| input.to_owned(), with_markers);
    let whole = filter.filter(input);
    same("whole", whole.as_str(), &expected)?;

    let mut rebuilt = String::new();
    let mut cursor = 0;
    for redaction in whole.redactions() {
        rebuilt += &whole.as_str()[cursor..redaction.place.start];
        rebuilt += &input[redaction.input.clone()];
        cursor = redaction.place.end;
    }
    rebuilt += &whole.as_str()[cursor..];
    same("markers put back", &rebuilt, input)?;

    if let Some(sources) = &case.sources {
        let found: Vec<_> = whole.redactions().iter().map(source).collect();
        same("sources", &found.join(" "), &sources.join(" "))?;
    }
    same("filtered twice", filter.filter(&expected).as_str(), &expected)?;

    let ends: Vec<usize> = input.char_indices().map(|(at, _)| at).chain([input.len()]).collect();
    let single: Vec<&str> = ends.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect();
    streamed("character by character", filter, &single, &whole)?;
    for end in ends {
        let (first, second) = input.split_at(end);
        streamed(&format!("cut at {end}"), filter, &[first, second], &whole)?;
    }
    Ok(())
}

fn streamed(how: &str, filter: &Filter, pieces: &[&str], whole: &FilteredText) -> Result<(), String> {
    let mut redactor = filter.redactor();
    let mut joined = FilteredText::default();
    for piece in pieces {
        joined.append(redactor.push(piece));
        if redactor.held() > HOLD_BACK {
            return Err(format!("{how}: holds {} bytes back", redactor.held()));
        }
    }
    joined.append(redactor.finish());
    same(how, joined.as_str(), whole.as_str())?;
    if joined.redactions() != whole.redactions() {
        return Err(format!("{how}: other redactions: {:?} instead of {:?}", joined.redactions(), whole.redactions()));
    }
    Ok(())
}

fn same(what: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

fn source(redaction: &lethe_filters::Redaction) -> String {
    match &redaction.source {
        lethe_filters::RedactionSource::Detector => "detector".to_owned(),
        lethe_filters::RedactionSource::List { entry, .. } => entry.to_string(),
    }
}

fn entries(defaults: &Rules, own: &Rules) -> Vec<Entry> {
    let kind = own.kind.as_ref().or(defaults.kind.as_ref()).unwrap_or(&Kind::Person);
    let terms = own.terms.as_ref().or(defaults.terms.as_ref());
    let lines = own.entries.as_ref().or(defaults.entries.as_ref());
    let mut entries: Vec<Entry> = Vec::new();
    for (number, term) in (1..).zip(terms.into_iter().flatten()) {
        entries.push(Entry::new(format!("t{number}"), kind.clone(), term));
    }
    for line in lines.into_iter().flatten() {
        let entry = Entry::new(line.id.clone(), line.kind.clone(), line.text.clone());
        let entry = entry.with_context(line.context.clone());
        let entry = if line.initials { entry.with_initials() } else { entry };
        entries.push(if line.short { entry.with_short_form() } else { entry });
    }
    entries
}

fn detectors(defaults: &Rules, own: &Rules) -> Detectors {
    let names = own.detectors.as_ref().or(defaults.detectors.as_ref());
    names.map_or("none", String::as_str).parse().expect("known detectors")
}

/// The same entries as a hashed list that was written and read.
fn hashed(entries: &[Entry]) -> List {
    let meta = ListMeta { name: "case".to_owned(), issued_at: None, generator: String::new() };
    let hashing = Hashing { key: *b"a key of a table", inner_bits: None };
    let bytes = ListFile::build(&meta, entries, hashing).expect("the entries are usable");
    let file = ListFile::open(bytes).expect("the file is whole");
    List::from_file("case", &file)
}

fn compile(list: Option<List>, detectors: Detectors) -> Filter {
    Filter::new(list.into_iter().collect(), detectors).expect("the lists are usable")
}

/// The text with markers where kinds stand in braces. Other braces are text.
fn with_markers(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out += before;
        let kind = behind.split_once('}').and_then(|(name, behind)| Some((named(name)?, behind)));
        match kind {
            Some((kind, behind)) => {
                out += &kind.marker();
                rest = behind;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out + rest
}

fn named(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.to_string() == name)
}
