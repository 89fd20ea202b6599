//! Texts made to be slow, to be held back without end, or to slip through.

use lethe_filters::{Detectors, Entry, Filter, FilteredText, HOLD_BACK, Kind, List};

fn filter() -> Filter {
    let entries = vec![
        Entry::new("p", Kind::Person, "Anna Keller"),
        Entry::new("t", Kind::Text, "a a a a a a a a a a a a a a a a a a b"),
        Entry::new("z", Kind::Text, "一一一一一一一一一一一一一一一一一一二"),
    ];
    let list = List::from_entries("house", entries).expect("usable entries");
    Filter::new(vec![list], Detectors::all()).expect("one list")
}

/// Streams a text in pieces of about `length` bytes and checks the bound.
fn stream(filter: &Filter, text: &str, length: usize) -> FilteredText {
    let mut redactor = filter.redactor();
    let mut joined = FilteredText::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(rest.ceil_char_boundary(length));
        joined.append(redactor.push(piece));
        assert!(redactor.held() <= HOLD_BACK, "{} bytes are held back", redactor.held());
        rest = later;
    }
    joined.append(redactor.finish());
    joined
}

#[test]
fn repetitions_stay_bounded_and_the_same_in_pieces() {
    let filter = filter();
    for piece in [
        "a@",
        "@",
        "1",
        "1.",
        "1:",
        "1.2.3.4",
        "1.2.3.4:",
        "::",
        "a",
        "a ",
        "一",
        "\u{301}",
        "\u{200b}",
        "a\u{301}",
        "a\u{200b}",
        "*",
        "_",
        "a*",
        "**a** ",
        "`",
        "~",
        "\\",
        "\\*",
        "[",
        "](",
        "](a",
        "Anna](",
        "Anna ",
        "[removed: ",
        "[removed: person]",
        "<email-pii>",
        "<",
        " ",
        "\n",
        "ch93 ",
        "ch93",
        "iban",
        "fe80::%a",
        "%",
        "a.",
        "a=",
        "x@x.ch",
        "x@x.ch ",
        "version ",
        "'",
        "o'",
        "ﷺ",
        "+",
        "(",
        "+4",
        "0 ",
        "044 ",
        "044-",
        "0446681800 ",
        "4111 ",
        "756.",
        "ab ",
        "ab 12 ",
        "a at ",
        "a [at] b [dot] ",
        "dot ",
        "a [at]",
        "<b>",
        "<b",
        "<a href=\"",
        "<a x=\"Anna\"> ",
        "<a x=\"Anna Keller\">Anna ",
        "<!--",
        "<!-- Anna -->",
        "&",
        "&uuml",
        "&uuml;",
        "&#0",
        "|",
        "a|",
        "> ",
        ">\n",
        "\"",
        "Anna\" ",
        "¹",
        "Anna¹",
        "aB",
        "AnnaKeller",
        "AnnaK",
        "Anna.",
        "a.B",
    ] {
        let text = piece.repeat((64 << 10) / piece.len());
        let whole = filter.filter(&text);
        for length in [1, 700] {
            let streamed = stream(&filter, &text, length);
            assert!(streamed == whole, "{piece:?} in pieces of {length}");
        }
        assert!(filter.filter(whole.as_str()).as_str() == whole.as_str(), "{piece:?} twice");
    }
}

#[test]
fn a_name_is_found_behind_and_before_everything() {
    let filter = filter();
    for piece in [
        "a@",
        "1.",
        "1:",
        "a ",
        "一",
        "\u{301}",
        "*",
        "\\",
        "[",
        "](",
        "<",
        " ",
        "%",
        "=",
        "<b>",
        "<b x=\"y\">",
        "&uuml;",
        "|",
        "aB ",
    ] {
        let noise = piece.repeat(20_000 / piece.len());
        let whole = filter.filter(&format!("{noise} Anna Keller {noise}"));
        assert!(!whole.as_str().contains("Keller"), "{piece:?}");
        let found: Vec<_> = whole.redactions().iter().filter(|one| one.kind == Kind::Person).collect();
        assert_eq!(found.len(), 1, "{piece:?}");
    }
}

#[test]
fn marks_behind_a_name_do_not_hide_it() {
    let filter = filter();
    for piece in ["\u{301}", "\u{200b}", "*", "`", "_", " "] {
        let text = format!("Anna Keller{}", piece.repeat(10_000));
        for length in [1, 10_000] {
            let streamed = stream(&filter, &text, length);
            assert!(streamed.as_str().starts_with("[removed: person]"), "{piece:?}");
        }
    }
}

#[test]
fn plain_words_wait_for_nothing_but_their_own_end() {
    let filter = filter();
    let mut redactor = filter.redactor();
    for word in ["The", " committee", " met", " on", " Tuesday", ",", " and", " agreed", ".\n\n"] {
        redactor.push(word);
        let own = word.trim().len();
        assert!(redactor.held() <= own, "{word:?}: {} bytes are held back", redactor.held());
    }
    let list = List::from_entries("house", vec![Entry::new("p", Kind::Person, "Anna Keller")]);
    let lists = vec![list.expect("a usable entry")];
    let mut redactor = Filter::new(lists, Detectors::none()).expect("one list").redactor();
    let mut given = String::new();
    for c in "The bank of An".chars() {
        given += redactor.push(c.encode_utf8(&mut [0; 4])).as_str();
    }
    assert_eq!(given, "The bank of ", "without detectors a letter goes out unless a name begins");
    assert_eq!(redactor.push("d").as_str(), "And");
}
