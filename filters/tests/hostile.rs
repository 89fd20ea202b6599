//! Texts made to be slow, to be held back without end, or to slip through.

use lethe_filters::{
    Detectors, Entry, Filter, FilteredText, HOLD_BACK, Hashing, Kind, List, ListFile, ListMeta, RedactionSource,
};

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
        "84.72.131.17",
        "84.72.131.17:",
        "1.2.3.4",
        "1.2.3.4:",
        "1.2.3.4/2",
        "1.2.3.4 port ",
        "a@[",
        "\"a b",
        "a @ ",
        "a[@]b[.]",
        "a[ at ",
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
        "2a02::%a",
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
        "%41",
        "%C3%BC",
        "%25",
        "%2525",
        "%C3",
        "\\u",
        "\\u00fc",
        "\\ud83d",
        "\\x41",
        "\\xc3",
        "\\303",
        "\\00fc",
        "\\n",
        "\\na",
        "\\nanna.",
        "{\\\"u}",
        "{{\\\"",
        "a\\\"u",
        "\\ss ",
        "\\v{",
        "=C3",
        "=\n",
        "?a+",
        "?Anna+Keller",
        "&amp;",
        "\u{301}\\\"",
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
        "\\\\",
        "\\u",
        "\\u00fc",
        "%41",
        "%C3",
        "\\n",
        "{\\\"u}",
        "{",
        "?+",
        "=\n",
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
fn much_white_space_behind_something_does_not_hide_it() {
    let values = [
        ("phone", "044 668 18 00"),
        ("phone", "+41 44 668 18 00"),
        ("phone", "044 668 18 00 ext 12"),
        ("iban", "CH93 0076 2011 6238 5295 7"),
        ("iban", "CH9300762011623852957"),
        ("ip", "84.72.131.17"),
        ("ip", "2a02:120b::1"),
        ("email", "anna@example.org"),
        ("email", "anna [at] example [dot] org"),
        ("ahv", "756.9234.7654.35"),
        ("card", "4111 1111 1111 1111"),
        ("person", "Anna Keller"),
        ("account", "AB-2468-C"),
        ("address", "Seestrasse 7, 8000 Zug"),
    ];
    let entries = || {
        let entry = |(number, (kind, text)): (usize, &(&str, &str))| {
            Entry::new(format!("e{number}"), kind.parse().expect("a name of a kind"), *text)
        };
        values.iter().enumerate().map(entry).collect::<Vec<_>>()
    };
    let meta = ListMeta { name: "house".to_owned(), issued_at: None, generator: String::new() };
    let hashed =
        ListFile::build(&meta, &entries(), Hashing { key: [7; 16], inner_bits: None }).expect("usable entries");
    let hashed = List::from_file("house", &ListFile::open(hashed).expect("a whole list"));
    let clear = List::from_entries("house", entries()).expect("usable entries");
    let filters = [clear, hashed].map(|list| Filter::new(vec![list], Detectors::none()).expect("one list"));
    let detectors = Filter::new(Vec::new(), Detectors::all()).expect("no list");
    for (value, blank) in values.iter().flat_map(|value| [" ", "\n", "\t", "\u{a0}"].map(|blank| (value, blank))) {
        for (length, tail) in [3_300, 3_510, 3_519, 3_600]
            .map(|length| (length, ["und", "12", "("]))
            .into_iter()
            .flat_map(|(length, tails)| tails.map(|tail| (length, tail)))
        {
            let ((kind, value), blanks) = (value, blank.repeat(length / blank.len()));
            let text = format!("{value}{blanks}{tail}");
            let by_detector = !matches!(*kind, "person" | "account" | "address");
            for filter in filters.iter().chain(by_detector.then_some(&detectors)) {
                let whole = filter.filter(&text);
                let expected = format!("[removed: {kind}]{blanks}{tail}");
                assert_eq!(whole.as_str(), expected, "{value} {length} {blank:?} {tail}");
                assert_eq!(stream(filter, &text, 7).as_str(), expected, "{value} {length} {blank:?} {tail} in pieces");
            }
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

/// Filters a text by entries in clear and hashed, which has to give the same; gives back the text and the entries named.
fn both(entries: Vec<Entry>, text: &str) -> (String, Vec<String>) {
    let meta = ListMeta { name: "house".to_owned(), issued_at: None, generator: String::new() };
    let hashing = Hashing { key: [7; 16], inner_bits: None };
    let hashed = ListFile::build(&meta, &entries, hashing).expect("usable entries");
    let hashed = ListFile::open(hashed).expect("a whole list");
    let clear = List::from_entries("house", entries).expect("usable entries");
    let [clear, hashed] = [clear, List::from_file("house", &hashed)].map(|list| {
        let filtered = Filter::new(vec![list], Detectors::none()).expect("one list").filter(text);
        let named = filtered.redactions().iter().map(|one| match &one.source {
            RedactionSource::List { entry, .. } => entry.to_string(),
            RedactionSource::Detector => String::new(),
        });
        (filtered.as_str().to_owned(), named.collect())
    });
    assert!(clear == hashed, "hashed, a list finds what it finds in clear");
    clear
}

fn many(count: usize, entry: impl Fn(usize) -> Entry) -> Vec<Entry> {
    (0..count).map(entry).collect()
}

/// With hashes one of eight wrong words may lead on, so ways to read a text that are followed without a limit multiply.
#[test]
fn what_may_be_joined_stays_bounded_and_the_same_in_pieces() {
    let filter = filter();
    let entries =
        many(200, |number| Entry::new(format!("p-{number}"), Kind::Person, format!("Given{number} Family{number}")));
    for piece in [
        "a-",
        "a[",
        "ab_",
        "a](",
        "a](b)",
        "](a",
        "[a](b)",
        "![a](x)",
        "a[^1]",
        "$a ",
        "\\[a b c d e",
        "{a}",
        "\\text{a}",
        "\\color{a",
        "a^{",
        "a==",
        "a  \n",
        "a\\\n",
        "a<br>",
        "a<a x=\"b\">",
        "a\u{1b}[0m",
        "\u{1b}]a",
        "a~",
        "Anna-",
        "Anna](x)-Keller",
    ] {
        let text = piece.repeat((5 << 10) / piece.len());
        let whole = filter.filter(&text);
        assert!(stream(&filter, &text, 7) == whole, "{piece:?} in pieces");
        assert!(filter.filter(whole.as_str()).as_str() == whole.as_str(), "{piece:?} twice");
        assert!(both(entries.clone(), &text).0 == text, "{piece:?} by another list");
    }
}

/// Each of these took minutes when every entry was looked at wherever its words stood.
#[test]
fn a_list_costs_no_more_than_its_words_however_often_it_says_them() {
    const MANY: usize = 100_000;
    let name = |number: usize| Entry::new(format!("r-{number}"), Kind::Person, "Anna Keller");
    let text = "Anna Keller ".repeat(8_500);

    let own = many(MANY, |number| name(number).with_context(vec![format!("town{number}")]));
    assert_eq!(both(own.clone(), &text).0, text, "no context is near");
    let near = format!("{text} town99999 Anna Keller {text}");
    let (_, named) = both(own, &near);
    assert!(!named.is_empty() && named.iter().all(|id| id == "r-99999"), "{:?}", &named[..named.len().min(3)]);

    let same = many(MANY, |number| name(number).with_context(vec!["Chur".to_owned()]));
    let (filtered, named) = both(same, &"Anna Keller aus Chur ".repeat(5_000));
    assert!(!filtered.contains("Anna") && named.iter().all(|id| id == "r-0"));

    let one_context = many(MANY, |number| {
        Entry::new(format!("r-{number}"), Kind::Text, format!("name{number}")).with_context(vec!["Chur".to_owned()])
    });
    let (filtered, named) = both(one_context, &format!("{}name77", "Chur ".repeat(20_000)));
    assert!(filtered.ends_with("[removed: text]") && named == ["r-77"]);

    let word = many(MANY, |number| Entry::new(format!("r-{number}"), Kind::Text, "gravity"));
    let (filtered, named) = both(word, &"gravity ".repeat(12_000));
    assert!(!filtered.contains("gravity") && named.iter().all(|id| id == "r-0"));

    // Texts that differ, and are found in the same form.
    let titles = ["Dr.", "Prof.", "Frau", "Dr. Prof.", "Prof. Dr."];
    let titled = many(MANY, |number| {
        let text =
            format!("{} Anna{}Keller", titles[number % titles.len()], " ".repeat(1 + number / titles.len() % 500));
        Entry::new(format!("r-{number}"), Kind::Person, text).with_context(vec![format!("town{}", number % 50)])
    });
    let (filtered, _) = both(titled, &"Anna Keller town7 town8 town9 ".repeat(3_300));
    assert!(!filtered.contains("Anna"));

    let letters = many(MANY, |number| {
        Entry::new(format!("r-{number}"), Kind::Text, char::from(b'a' + (number % 26) as u8).to_string())
    });
    let (filtered, named) = both(letters, &"a b c d ".repeat(3_000));
    assert!(!filtered.contains(['a', 'b', 'c']) || filtered.starts_with("[removed"));
    assert!(named.iter().all(|id| ["r-0", "r-1", "r-2", "r-3"].contains(&id.as_str())));
}

/// What is found does not depend on how many others have the same words.
#[test]
fn a_crowd_finds_what_each_of_its_entries_finds() {
    let towns = ["Chur", "Zug", "Bern"];
    for crowd in [1, 31, 32, 33, 34, 80] {
        for shared in [1, 33, 80] {
            let mut entries = many(crowd, |number| {
                Entry::new(format!("r-{number}"), Kind::Person, "Anna Keller")
                    .with_context(vec![format!("place{number}")])
            });
            entries.extend(many(shared, |number| {
                let town = towns[number % towns.len()].to_owned();
                Entry::new(format!("s-{number}"), Kind::Person, "Bo Lind").with_context(vec![town])
            }));
            let last = format!("place{}", crowd - 1);
            for (text, expected) in [
                (format!("Anna Keller aus {last}"), format!("[removed: person] aus {last}")),
                (format!("In {last}: Keller, Anna"), format!("In {last}: [removed: person]")),
                ("Anna Keller aus Chur".to_owned(), "Anna Keller aus Chur".to_owned()),
                ("A n n a K e l l e r".to_owned(), "A n n a K e l l e r".to_owned()),
                (format!("A n n a K e l l e r, {last}"), format!("[removed: person], {last}")),
                ("Bo Linds Hund in Chur".to_owned(), "[removed: person] Hund in Chur".to_owned()),
                ("Bo Lind in Basel".to_owned(), "Bo Lind in Basel".to_owned()),
            ] {
                let (filtered, named) = both(entries.clone(), &text);
                assert_eq!(filtered, expected, "{crowd} and {shared}");
                if text.contains(&last) {
                    assert_eq!(named, [format!("r-{}", crowd - 1)], "{text}");
                }
            }
            // Whoever needs no context is found wherever the others are not.
            entries.push(Entry::new("free", Kind::Person, "Anna Keller"));
            let (filtered, named) = both(entries, "Anna Keller, A n n a K e l l e r");
            assert_eq!(
                (filtered.as_str(), named),
                ("[removed: person], [removed: person]", vec!["free".to_owned(); 2])
            );
        }
    }
}
