//! Reading lists: what is accepted, what is refused, and that nothing shows an entry's text.

use lethe_filters::{Detectors, Entry, EntryProblem, Filter, Kind, List, ListError, MAX_ENTRY};

const GOOD: &str = r#"{"id": "a", "kind": "person", "text": "Anna Keller"}"#;

fn problem(text: &str) -> (usize, EntryProblem) {
    match List::from_jsonl("requests", text) {
        Err(ListError::Line { list, line, problem }) => {
            assert_eq!(list, "requests");
            (line, problem)
        }
        other => panic!("a line of {text:?} should be refused, not {other:?}"),
    }
}

#[test]
fn a_file_may_have_a_mark_blank_lines_and_further_fields() {
    let text = format!(
        "\u{feff}{GOOD}\r\n\r\n  \n{}\n",
        r#"{"text": "Zürich 7", "kind": "plot", "id": "b", "context": ["Zug"], "x": null}"#
    );
    let list = List::from_jsonl("requests", &text).expect("a usable file");
    assert_eq!((list.name(), list.len(), list.is_empty()), ("requests", 2, false));
    let [first, second] = list.entries() else { panic!("two entries") };
    assert_eq!((first.id(), first.kind(), first.text()), ("a", &Kind::Person, "Anna Keller"));
    assert_eq!(second.kind(), &Kind::Other, "a kind from the future still filters");
    let problem = EntryProblem::UnknownKind;
    let error = list.check_kinds().expect_err("who makes a list is told");
    assert_eq!(error, ListError::Line { list: "requests".to_owned(), line: 4, problem });
    assert!(error.to_string().contains("person, email, phone, address"), "{error}");
    assert!(!error.to_string().contains("plot"), "a kind may be a text in the wrong place");
}

#[test]
fn lines_that_make_no_sense_are_refused_by_number() {
    for (line, expected) in [
        ("no JSON", EntryProblem::NotAnEntry),
        ("[]", EntryProblem::NotAnEntry),
        (r#"{"id": "b", "kind": "person"}"#, EntryProblem::NotAnEntry),
        (r#"{"kind": "person", "text": "x"}"#, EntryProblem::NotAnEntry),
        (r#"{"id": 7, "kind": "person", "text": "x"}"#, EntryProblem::NotAnEntry),
        (r#"{"id": "b", "kind": "person", "text": "x"} {"#, EntryProblem::NotAnEntry),
        (r#"{"id": " ", "kind": "person", "text": "x"}"#, EntryProblem::EmptyId),
        ("{\"id\": \"b\\u001b[2J\", \"kind\": \"person\", \"text\": \"x\"}", EntryProblem::Id),
        ("{\"id\": \"b\\u202e\", \"kind\": \"person\", \"text\": \"x\"}", EntryProblem::Id),
        (r#"{"id": "b", "kind": "person", "text": ""}"#, EntryProblem::EmptyText),
        (r#"{"id": "b", "kind": "person", "text": " -*\u200b_ "}"#, EntryProblem::EmptyText),
        (GOOD, EntryProblem::DuplicateId { id: "a".to_owned() }),
    ] {
        assert_eq!(problem(&format!("{GOOD}\n\n{line}")), (3, expected), "{line}");
    }
    let (line, problem) = problem(r#"{"id": "b", "kind": "A Person", "text": "x"}"#);
    assert_eq!((line, matches!(problem, EntryProblem::Kind(_))), (1, true));
}

#[test]
fn an_empty_file_is_refused_since_it_would_filter_nothing() {
    for text in ["", "\n \n", "\u{feff}"] {
        let error = List::from_jsonl("requests", text).expect_err("no entries");
        assert_eq!(error, ListError::Empty { list: "requests".to_owned() });
    }
    assert!(List::from_entries("requests", Vec::new()).is_err());
}

#[test]
fn an_entry_that_could_not_be_held_back_is_refused() {
    let long = |length| vec![Entry::new("a", Kind::Text, "x".repeat(length))];
    assert!(List::from_entries("requests", long(MAX_ENTRY)).is_ok());
    let error = List::from_entries("requests", long(MAX_ENTRY + 1)).expect_err("too long");
    let problem = EntryProblem::TooLong { length: MAX_ENTRY + 1 };
    assert_eq!(error, ListError::Entry { list: "requests".to_owned(), number: 1, problem });
}

#[test]
fn the_longest_entry_is_found_in_a_stream() {
    let text = format!("{} end", "long ".repeat(204));
    let list = List::from_entries("requests", vec![Entry::new("a", Kind::Text, &text)]).expect("just short enough");
    let filter = Filter::new(vec![list], Detectors::none()).expect("one list");
    let mut redactor = filter.redactor();
    let mut filtered = redactor.push("see ");
    for c in text.chars() {
        filtered.append(redactor.push(c.encode_utf8(&mut [0; 4])));
    }
    filtered.append(redactor.finish());
    assert_eq!(filtered.as_str(), "see [removed: text]");
}

#[test]
fn a_filter_says_what_it_is_made_of() {
    let list = |name| List::from_jsonl(name, GOOD).expect("a usable file");
    let filter = Filter::new(vec![list("one"), list("two")], Detectors::all()).expect("two lists");
    let names: Vec<_> = filter.lists().iter().map(|list| list.name.as_str()).collect();
    assert_eq!((names, filter.entries()), (vec!["one", "two"], 2));
    assert_eq!(filter.detectors(), Detectors::all());

    let error = Filter::new(vec![list("one"), list("one")], Detectors::all());
    assert_eq!(error.err(), Some(ListError::DuplicateList { list: "one".to_owned() }));
}

#[test]
fn initials_are_found_for_entries_that_ask_for_them() {
    let filtered = |fields: &str| {
        let line = format!(r#"{{"id": "r", "kind": "person", "text": "Anna Keller"{fields}}}"#);
        let list = List::from_jsonl("requests", &line).expect("one entry");
        let filter = Filter::new(vec![list], Detectors::none()).expect("one list");
        filter.filter("A. Keller; Anna Keller").as_str().to_owned()
    };
    assert_eq!(filtered(r#", "initials": true"#), "[removed: person]; [removed: person]");
    assert_eq!(filtered(r#", "initials": false"#), "A. Keller; [removed: person]");
    assert_eq!(filtered(""), "A. Keller; [removed: person]", "others have the same initials");
}

#[test]
fn nothing_shows_the_text_of_an_entry() {
    let list = List::from_jsonl("requests", GOOD).expect("a usable file");
    let filter = Filter::new(vec![list.clone()], Detectors::all()).expect("one list");
    let mut redactor = filter.redactor();
    let filtered = redactor.push("Anna Keller and Anna");
    let mut shown = format!("{list:?} {:?} {filter:?} {redactor:?}", list.entries());
    shown += &format!("{filtered:?} {:?}", filtered.segments().collect::<Vec<_>>());
    shown += &format!("{:?}", lethe_filters::canonical::Canonical::of("Anna Keller"));
    for line in [
        r#"{"id": "x", "kind": "Keller", "text": "Anna Keller"}"#,
        r#"{"id": "x", "kind": "person", "text": "Anna Keller", }"#,
        r#"{"id": "x", "kind": "person", "text": ["Anna Keller"]}"#,
    ] {
        let error = List::from_jsonl("requests", line).expect_err("a bad line");
        shown += &format!("{error} {error:?}");
    }
    let lower = shown.to_lowercase();
    assert!(!lower.contains("anna") && !lower.contains("keller"), "{shown}");
}

#[test]
fn a_stream_that_was_cut_off_ends_before_what_may_be_listed() {
    let list = "{\"id\":\"k\",\"kind\":\"person\",\"text\":\"Mira Kestrel\"}\n{\"id\":\"t\",\"kind\":\"text\",\"text\":\"gravity\"}";
    let filter = Filter::new(vec![List::from_jsonl("l", list).expect("a list")], Detectors::all()).expect("a filter");
    for (text, cut) in [
        ("It is run by Mira Kest", "It is run by "),
        ("It is run by Mira", "It is run by "),
        ("It is run by **Mira Kes", "It is run by "),
        ("It is run by Mira Kestrel", "It is run by [removed: person]"),
        ("It is run by Mira Kestrels", "It is run by [removed: person]"),
        ("The force is gravi", "The force is "),
        ("The force is gravity", "The force is [removed: text]"),
        ("Write to ada@exam", "Write to "),
        ("Write to ada@example.org", "Write to [removed: email]"),
        ("Mira Kestrel knows", "[removed: person] knows"),
        ("A whole sentence.", "A whole sentence."),
        ("Nothing begins here", "Nothing begins here"),
        ("", ""),
    ] {
        for size in 1..=text.len().max(1) {
            let mut redactor = filter.redactor();
            let mut out = lethe_filters::FilteredText::default();
            for part in text.as_bytes().chunks(size) {
                out.append(redactor.push(std::str::from_utf8(part).expect("ASCII")));
            }
            out.append(redactor.cut());
            let shown = out.as_str().trim_end_matches('*');
            assert_eq!(shown.trim_end(), cut.trim_end(), "{text} in parts of {size}");
        }
    }
}
