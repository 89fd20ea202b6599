use std::collections::BTreeSet;

use super::*;

const FILE: &str = include_str!("../../cards.toml");

fn by_id(id: &str) -> &'static Card {
    cards().iter().find(|card| card.id == id).expect("the row names a card of the file")
}

#[test]
fn the_cards_are_whole() {
    if let Err(error) = read::cards(FILE) {
        panic!("the program could not start with it: {error}");
    }
    let ids: Vec<_> = cards().iter().map(|card| card.id.as_str()).collect();
    for id in ["0.5b", "1.5b", "4b"].map(|size| format!("apertus-v1.1-{size}-instruct")) {
        assert!(ids.contains(&id.as_str()), "{id} is an official model");
    }
    assert!(ids.is_sorted_by_key(|id| by_id(id).released.0), "the oldest comes first");
}

#[test]
fn every_card_says_what_a_user_has_to_know() {
    for card in cards() {
        let id = &card.id;
        assert_eq!(card.license.0, "Apache-2.0", "{id}");
        assert!((card.sampling.temperature - 0.8).abs() < 1e-6 && (card.sampling.top_p - 0.9).abs() < 1e-6, "{id}");
        assert!(card.citations.iter().any(|citation| citation.bibtex.contains("2509.14233")), "{id} cites the report");
        for citation in &card.citations {
            let count = |letter| citation.bibtex.matches(letter).count();
            assert!(citation.bibtex.starts_with("@misc{") && count('{') == count('}'), "{id}: {}", citation.bibtex);
        }
        let second_hand = card.version == Version { major: 1, minor: 1 } || card.runs == Runs::NotYet;
        let known = if second_hand { Known::SecondHand } else { Known::FirstHand };
        assert_eq!(card.license.1.known, known, "{id}: what was seen in copies only says so");
    }
}

#[test]
fn the_terms_say_what_binds_the_user() {
    let terms = terms();
    assert_eq!((terms.version.as_str(), terms.date.to_string().as_str()), ("1.0", "2025-09-01"));
    let text: Vec<_> = terms.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let text = text.join(" ");
    for word in ["claims", "controller", "hash values", "six months", "deletion requests"] {
        assert!(text.contains(word), "the terms are not whole without \"{word}\"");
    }
    let removal = removal();
    for address in [&removal.general, &removal.personal_data, &removal.copyright] {
        assert!(address.starts_with("llm-") && address.ends_with("@swiss-ai.org"), "{address}");
    }
    for card in cards() {
        let covered = card.policy.as_ref().map(|(version, _)| version.as_str());
        let expected = (card.version < Version { major: 1, minor: 5 }).then_some("1.0");
        assert_eq!(covered, expected, "{}: the text of the next policy is not known here", card.id);
    }
}

#[test]
fn a_model_is_recognised_by_its_numbers_and_its_name() {
    let mini =
        Facts { architecture: "apertus", layers: 16, width: 2048, feed_forward: 12288, context: 4096, name: None };
    let eight = Facts { layers: 32, width: 4096, feed_forward: 21504, context: 65536, ..mini };
    let rows: &[(&str, Facts<'_>, Option<&str>)] = &[
        ("numbers alone are enough", mini, Some("apertus-v1.1-1.5b-instruct")),
        ("a shorter context is a choice", Facts { context: 2048, ..mini }, Some("apertus-v1.1-1.5b-instruct")),
        ("a longer one is no promise of the makers", Facts { context: 8192, ..mini }, None),
        ("another architecture", Facts { architecture: "llama", ..mini }, None),
        ("another depth", Facts { layers: 17, ..mini }, None),
        ("another width", Facts { width: 2049, ..mini }, None),
        ("another feed forward", Facts { feed_forward: 12287, ..mini }, None),
        ("8B without a name", eight, Some("apertus-8b-instruct-2509")),
        (
            "a repository",
            Facts { name: Some("swiss-ai/Apertus-8B-Instruct-2509"), ..eight },
            Some("apertus-8b-instruct-2509"),
        ),
        ("a header", Facts { name: Some("Apertus 8B Instruct 2509"), ..eight }, Some("apertus-8b-instruct-2509")),
        (
            "a file",
            Facts { name: Some("apertus-8b-instruct-2509.Q4_K_M.gguf"), ..eight },
            Some("apertus-8b-instruct-2509"),
        ),
        (
            "a small one's file",
            Facts { name: Some("Apertus-v1.1-1.5B-Instruct-BF16"), ..mini },
            Some("apertus-v1.1-1.5b-instruct"),
        ),
        ("the base model is no assistant", Facts { name: Some("Apertus-8B-2509"), ..eight }, None),
        ("another model of the same shape", Facts { name: Some("Sample 8B"), ..eight }, None),
        ("the name of another size", Facts { name: Some("Apertus-8B-Instruct-2509"), ..mini }, None),
    ];
    for (why, facts, expected) in rows {
        assert_eq!(recognise(facts).map(|card| card.id.as_str()), *expected, "{why}");
    }
}

#[test]
fn an_official_repository_leads_to_its_card_and_format() {
    let rows = [
        ("swiss-ai/Apertus-8B-Instruct-2509", Some(("apertus-8b-instruct-2509", Format::Bf16))),
        ("Swiss-AI/apertus-8b-instruct-2509 ", Some(("apertus-8b-instruct-2509", Format::Bf16))),
        ("swiss-ai/Apertus-v1.1-4B-Instruct-MLX-INT6", Some(("apertus-v1.1-4b-instruct", Format::MlxInt6))),
        ("swiss-ai/Apertus-v1.1-0.5B-Instruct-NVFP4A16", Some(("apertus-v1.1-0.5b-instruct", Format::Nvfp4A16))),
        ("mradermacher/Apertus-8B-Instruct-2509-GGUF", None),
        ("swiss-ai/Apertus-8B-2509", None),
        ("", None),
    ];
    for (repository, expected) in rows {
        let found = Card::by_repository(repository);
        let found = found.and_then(|card| card.official(repository).map(|format| (card.id.as_str(), format)));
        assert_eq!(found, expected, "{repository}");
    }
    for card in cards() {
        assert_eq!(card.official(card.repository.as_str()), Some(Format::Bf16), "{}", card.id);
    }
}

#[test]
fn nvfp4_is_refused_with_a_way_out_and_nothing_else_is() {
    for card in cards().iter().flat_map(|card| &card.formats) {
        assert_eq!(card.format.refusal().is_some(), card.format == Format::Nvfp4A16, "{:?}", card.format);
    }
    let refusal = Format::Nvfp4A16.refusal().unwrap_or_default();
    assert!(refusal.contains(": take ") && !refusal.ends_with('.'), "it says what to do: {refusal}");
}

#[test]
fn age_counts_whole_months() {
    let rows = [
        ("2025-09-02", 0),
        ("2025-10-01", 0),
        ("2025-10-02", 1),
        ("2026-09-02", 12),
        ("2026-11-23", 14),
        ("2024-01-01", 0),
    ];
    for (today, months) in rows {
        let today = today.parse().expect("the row holds a date");
        assert_eq!(by_id("apertus-8b-instruct-2509").age(today), months, "{today}");
    }
}

#[test]
fn a_newer_release_is_named_only_for_the_same_size() {
    let rows = [
        ("apertus-8b-instruct-2509", Some("apertus-v1.5-8b")),
        ("apertus-70b-instruct-2509", Some("apertus-v1.5-70b")),
        ("apertus-v1.1-4b-instruct", None),
        ("apertus-v1.1-0.5b-instruct", None),
        ("apertus-v1.5-8b", None),
    ];
    for (id, newer) in rows {
        assert_eq!(newer_than(by_id(id)).map(|card| card.id.as_str()), newer, "{id}");
    }
    assert_eq!(by_id("apertus-v1.5-8b").runs, Runs::NotYet, "its architecture is another");
}

#[test]
fn every_field_of_the_file_is_read() {
    // Where an origin is part of an entry, serde lets unknown names pass: "chekced = false" would read as checked.
    let known: BTreeSet<&str> = [
        "title",
        "address",
        "name",
        "version",
        "date",
        "source",
        "text",
        "checked",
        "general",
        "personal_data",
        "copyright",
        "note",
        "id",
        "bibtex",
        "repository",
        "parameters",
        "runs",
        "released",
        "license",
        "spdx",
        "policy",
        "sampling",
        "temperature",
        "top_p",
        "citations",
        "use",
        "languages",
        "natively",
        "layers",
        "width",
        "feed_forward",
        "heads",
        "heads_kv",
        "head",
        "context",
        "vocabulary",
        "benchmark",
        "value",
        "unit",
        "format",
        "author",
        "year",
        "howpublished",
    ]
    .into();
    for line in FILE.lines().filter(|line| !line.starts_with('#')) {
        // Outside of quotes, what stands before an equals sign is a name.
        let outside: Vec<&str> = line.split('"').step_by(2).collect();
        for part in outside.join("\"").split(" =").collect::<Vec<_>>().split_last().map_or(&[][..], |(_, names)| names)
        {
            let name = part.rsplit([' ', '{', ',', '"']).next().unwrap_or_default();
            assert!(known.contains(name), "nothing reads \"{name}\" in: {line}");
        }
    }
}

#[test]
fn cards_that_contradict_themselves_are_refused() {
    let rows = [
        ("heads_kv = 8", "heads_kv = 5", "contradict each other"),
        ("width = 4096", "width = 4097", "contradict each other"),
        ("layers = 32", "layers = 0", "contradict each other"),
        ("value = 65.8", "value = 101.0", "share of a hundred"),
        ("temperature = 0.8", "temperature = 8.0", "out of its range"),
        ("date = \"2025-09-02\"", "date = \"2025-09-31\"", "no date"),
        ("source = \"report\"", "source = \"rumour\"", "no source is called rumour"),
        ("citations = [\"report\"]", "citations = [\"novel\"]", "nothing to cite"),
        ("repository = \"swiss-ai/Apertus-8B-Instruct-2509\"", "repository = \"Apertus\"", "no repository"),
        ("id = \"apertus-70b-instruct-2509\"", "id = \"apertus-8b-instruct-2509\"", "is there twice"),
        ("Apertus-v1.1-4B-Instruct-FP8\"", "Apertus-v1.1-1.5B-Instruct-FP8\"", "belongs to another card"),
        ("format = \"fp8\"", "format = \"bf16\"", "format is there twice"),
        ("runs = \"not-yet\"", "runs = \"here\"", "exactly when its architecture is known"),
        ("policy = { version = \"1.0\"", "policy = { version = \"2.0\"", "no text of the policy"),
        ("spdx = \"Apache-2.0\"", "spbx = \"Apache-2.0\"", "missing field"),
        ("[sources.faq]", "[sources.unread]\ntitle = \"\"\naddress = \"\"\n\n[sources.faq]", "is used nowhere"),
        ("address = \"https://arxiv.org/abs/2509.14233\"", "address = \"arxiv\"", "has no address"),
    ];
    for (right, wrong, sentence) in rows {
        assert!(FILE.contains(right), "the row no longer fits the file: {right}");
        let error = match read::cards(&FILE.replacen(right, wrong, 1)) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{wrong} was taken"),
        };
        assert!(error.contains(sentence), "{wrong}: {error}");
    }
}
