//! Text from storage: old markers stay, new lists clean what lies between.

use lethe_filters::{Detectors, Entry, Filter, FilteredText, Kind, List, Redaction, RedactionSource, RestoreError};

fn filter(terms: &[&str]) -> Filter {
    let entry = |term: &&str| Entry::new(format!("id of {term}"), Kind::Person, *term);
    let list = List::from_entries("requests", terms.iter().map(entry).collect());
    Filter::new(vec![list.expect("usable terms")], Detectors::none()).expect("one list")
}

fn stored() -> (&'static str, String, Vec<Redaction>) {
    let original = "Anna Keller met Beat Frei, then Anna Keller met Carla Hug.";
    let (text, redactions) = filter(&["Anna Keller"]).filter(original).into_parts();
    (original, text, redactions)
}

fn removed(original: &str, text: &FilteredText) -> Vec<String> {
    text.redactions().iter().map(|redaction| original[redaction.input.clone()].to_owned()).collect()
}

#[test]
fn a_new_list_cleans_old_text_and_keeps_old_redactions() {
    let (original, text, redactions) = stored();
    let restored = filter(&["Beat Frei", "Carla Hug"]).restore(&text, redactions.clone()).expect("parts of one text");
    assert_eq!(
        restored.as_str(),
        "[removed: person] met [removed: person], then [removed: person] met [removed: person]."
    );
    assert_eq!(
        removed(original, &restored),
        ["Anna Keller", "Beat Frei", "Anna Keller", "Carla Hug"],
        "inputs count in bytes of the original stream"
    );
    let kept = &restored.redactions()[0];
    assert_eq!(kept.source, redactions[0].source, "the old reason is kept");
    for redaction in restored.redactions() {
        assert_eq!(&restored.as_str()[redaction.place.clone()], "[removed: person]");
    }
    let again = filter(&["Carla Hug"]).restore(restored.as_str(), restored.redactions().to_vec());
    assert_eq!(again.expect("parts of one text"), restored, "nothing is left to find");
}

#[test]
fn nothing_matches_across_a_kept_marker() {
    let kind: Kind = "badge".parse().expect("a plain name");
    let marker = kind.marker();
    let text = format!("Anna {marker} Keller");
    let redaction = Redaction { kind, source: RedactionSource::Detector, input: 5..9, place: 5..5 + marker.len() };
    let restored = filter(&["Anna Keller", "badge"]).restore(&text, vec![redaction]);
    assert_eq!(restored.expect("one kept marker").as_str(), text);
}

#[test]
fn text_without_redactions_is_filtered_as_a_whole() {
    let restored = filter(&["Anna Keller"]).restore("Anna Keller", Vec::new());
    assert_eq!(restored.expect("no markers").as_str(), "[removed: person]");
}

#[test]
fn redactions_that_do_not_fit_the_text_are_refused() {
    let (_, text, redactions) = stored();
    let restore = |text: &str, change: &dyn Fn(&mut Vec<Redaction>)| {
        let mut redactions = redactions.clone();
        change(&mut redactions);
        filter(&["Beat Frei"]).restore(text, redactions).expect_err("must be refused")
    };
    let place = |number| RestoreError::Place { number };
    let input = |number| RestoreError::Input { number };
    assert_eq!(restore(&text, &|redactions| redactions.reverse()), input(1));
    assert_eq!(restore(&text, &|redactions| redactions[1].place.end += 1), place(2));
    assert_eq!(restore(&text, &|redactions| redactions[1].place = 900..917), place(2));
    assert_eq!(restore(&text, &|redactions| redactions[0].kind = Kind::Ip), place(1));
    assert_eq!(restore("", &|_| ()), place(1));
    assert_eq!(restore(&text, &|redactions| redactions[1].input.start += 1), input(2));
    assert_eq!(restore(&text, &|redactions| redactions[1].input = 0..3), input(2));
}

#[test]
fn a_name_that_a_list_chose_for_its_kind_goes_when_old_text_comes_back() {
    let text = "It was [removed: convicted-fraudster], they say.";
    let source = RedactionSource::List { list: "requests".into(), entry: "r-1".into() };
    let redaction =
        Redaction { kind: "convicted-fraudster".parse().expect("a plain name"), source, input: 7..18, place: 7..37 };
    let restored = filter(&["Anna Keller"]).restore(text, vec![redaction]).expect("parts of one text");
    assert_eq!(restored.as_str(), "It was [removed: other], they say.");
    assert_eq!(restored.redactions()[0].place, 7..23);
}
