//! What a user typed may come back, if a detector found it; what a list asks for may not.

use lethe_filters::{Detectors, Entry, Filter, FilteredText, Kind, List};

const TYPED: [&str; 2] =
    ["My mail is Anna@Example.org, write to it", "call +41 44 668 18 00 or CH93 0076 2011 6238 5295 7"];

fn streamed(filter: &Filter, text: &str) -> String {
    let mut redactor = filter.redactor();
    let mut out = FilteredText::default();
    text.char_indices().for_each(|(at, c)| out.append(redactor.push(&text[at..at + c.len_utf8()])));
    out.append(redactor.finish());
    out.as_str().to_owned()
}

#[test]
fn detectors_leave_alone_what_the_user_typed() {
    let list = List::from_entries("requests", vec![Entry::new("e", Kind::Email, "bo@example.org")]).expect("an entry");
    let filter = Filter::new(vec![list], Detectors::all()).expect("one list");
    let typed = TYPED.into_iter().chain(["bo@example.org"]);
    let echoing = filter.echoing(typed);
    for (text, expected) in [
        ("Write to anna@example.org!", "Write to anna@example.org!"),
        ("Write to eva@example.org!", "Write to [removed: email]!"),
        ("bo@example.org is on a list", "[removed: email] is on a list"),
        ("0446681800 and +41 44 668 18 00", "[removed: phone] and +41 44 668 18 00"),
        ("CH9300762011623852957, DE89370400440532013000", "CH9300762011623852957, [removed: iban]"),
    ] {
        assert_eq!(echoing.filter(text).as_str(), expected);
        assert_eq!(streamed(&echoing, text), expected, "character by character");
        let (out, redactions) = echoing.filter(text).into_parts();
        assert_eq!(echoing.restore(&out, redactions).expect("parts of one text").as_str(), expected, "restored");
    }
    assert_eq!(filter.filter("anna@example.org").as_str(), "[removed: email]", "without echo nothing is spared");
}
