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
            && let Some(filtered) = redactor.go_on_with(after)
        {
            out.append(filtered);
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

#[test]
fn what_the_new_list_names_is_removed_from_where_it_begins() {
    let (before, after) = (filter(&["Wanda Beispiel"]), filter(&["Uma Stein"]));
    let text = "Dann kam Uma Stein.";
    for cut in 0..="Dann kam ".len() {
        assert_eq!(streamed(&before, &after, text, cut), "Dann kam [removed: person].", "changed at {cut}");
    }
}
