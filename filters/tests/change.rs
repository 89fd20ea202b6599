//! Lists that change while a text streams: what both ask for gets out neither whole nor in part.

use lethe_filters::{Detectors, Entry, Filter, FilteredText, HOLD_BACK, Kind, List};

fn filter(names: &[&str]) -> Filter {
    let entries = (0..).zip(names).map(|(id, name)| Entry::new(format!("e{id}"), Kind::Person, *name)).collect();
    Filter::new(vec![List::from_entries("requests", entries).expect("names")], Detectors::all()).expect("one list")
}

/// Pushes `text` character by character and changes the filter as soon as it can be behind `cut`.
fn streamed(before: &Filter, after: &Filter, text: &str, cut: usize) -> String {
    let mut redactor = before.redactor();
    let mut out = FilteredText::default();
    let mut changed = false;
    for (at, c) in text.char_indices() {
        if at >= cut
            && !changed
            && let Some(instead) = redactor.go_on_with(after, &out)
        {
            out = instead;
            changed = true;
        }
        out.append(redactor.push(&text[at..at + c.len_utf8()]));
        assert!(redactor.held() <= HOLD_BACK, "{} bytes are held back", redactor.held());
    }
    out.append(redactor.finish());
    out.as_str().to_owned()
}

#[test]
fn nothing_of_what_both_lists_name_gets_out_at_the_change() {
    let (before, after) = (filter(&["Wanda Beispiel"]), filter(&["Wanda Beispiel", "Uma Stein"]));
    for (text, expected) in [
        ("Es war **Wanda** Beispiel, sagt man.", "Es war [removed: person], sagt man."),
        ("W a n d a  B e i s p i e l war da.", "[removed: person] war da."),
        ("Beispiel, Wanda (wanda@example.org) kam.", "[removed: person] ([removed: email]) kam."),
        ("CH93 0076 2011 6238 5295 7 und mehr", "[removed: iban] und mehr"),
    ] {
        for cut in 0..=text.len() {
            assert_eq!(streamed(&before, &after, text, cut), expected, "changed at {cut}");
        }
    }
}

/// What was given out already is taken back as well, wherever the change comes: the screen is drawn anew, and names do
/// not slip through where the old filter's text ends.
#[test]
fn what_the_new_list_names_is_removed_wherever_the_change_comes() {
    let (before, after) = (filter(&["Wanda Beispiel"]), filter(&["Uma Stein", "Beispiel Straße"]));
    for text in [
        "Dann kam Uma Stein.",
        "Uma *Stein* und Uma Steins",
        "Wanda Beispiel, Uma Stein!",
        "Uma Stein und Wanda Beispiel.",
        "wanda@example.org Uma Stein 84.72.131.17 und mehr",
        "Das ist ein Um",
    ] {
        let expected = after.filter(text).as_str().replace("Wanda Beispiel", "[removed: person]");
        // Until then the old filter removes what it names, and its markers stay.
        for cut in 0..text.len() {
            let said = streamed(&before, &after, text, cut);
            let kept = said.replace("Wanda Beispiel", "[removed: person]");
            assert_eq!(kept, expected, "{text} changed at {cut}");
        }
    }
}

#[test]
fn text_that_was_filtered_is_filtered_again() {
    let (before, after) = (filter(&["Wanda Beispiel"]), filter(&["Uma Stein"]));
    for (text, expected) in [
        ("", ""),
        ("Uma Stein", "[removed: person]"),
        ("Wanda Beispiel Uma Stein Wanda Beispiel", "[removed: person] [removed: person] [removed: person]"),
        ("Uma Wanda Beispiel Stein", "Uma [removed: person] Stein"),
    ] {
        let again = after.again(&before.filter(text));
        assert_eq!(again.as_str(), expected, "{text}");
        assert_eq!(after.again(&again).as_str(), expected, "{text}, twice");
        let (text, redactions) = again.into_parts();
        assert!(redactions.iter().all(|redaction| text[redaction.place.clone()].starts_with("[removed")), "{text}");
    }
}
