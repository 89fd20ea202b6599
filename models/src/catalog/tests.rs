use std::collections::BTreeSet;

use super::*;
use crate::cards::Known;

const FILE: &str = include_str!("../../catalog.toml");
const GIB: u64 = 1 << 30;

fn by_id(id: &str) -> &'static Offer {
    offers().iter().find(|offer| offer.id == id).expect("the row names an offer of the file")
}

#[test]
fn the_catalogue_is_whole() {
    if let Err(error) = read::catalog(FILE) {
        panic!("the program could not start with it: {error}");
    }
    let ids: BTreeSet<_> = offers().iter().map(|offer| offer.id.as_str()).collect();
    assert_eq!(ids.len(), offers().len(), "no id is there twice, in both parts of the catalogue");
    let repositories: BTreeSet<_> = offers().iter().map(|offer| offer.repository.as_str().to_lowercase()).collect();
    assert_eq!(repositories.len(), offers().len(), "no repository is there twice");
}

#[test]
fn apertus_comes_first_with_every_size_and_what_runs_before_what_does_not() {
    let apertus: Vec<_> = offers().iter().take_while(|offer| offer.family == Family::Apertus).collect();
    let ids: Vec<_> = apertus.iter().map(|offer| offer.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "apertus-v1.1-0.5b-instruct",
            "apertus-v1.1-1.5b-instruct",
            "apertus-v1.1-4b-instruct",
            "apertus-8b-instruct-2509",
            "apertus-70b-instruct-2509",
            "apertus-v1.5-8b",
            "apertus-v1.5-70b",
        ]
    );
    assert_eq!(apertus.len(), cards::cards().len(), "every card is an offer");
    assert!(offers().iter().skip(apertus.len()).all(|offer| offer.family == Family::Open), "then the others");
    for offer in apertus {
        let card = offer.card.expect("an offer of Apertus is made from its card");
        assert_eq!(offer.repository, card.repository, "{}", offer.id);
        assert_eq!(offer.repositories(), card.formats, "{}", offer.id);
        assert_eq!(offer.converts, offer.runs != Runs::NotYet, "{}", offer.id);
    }
}

#[test]
fn every_offer_says_what_a_user_has_to_know() {
    for offer in offers() {
        let id = &offer.id;
        for text in [&offer.name, &offer.maker, &offer.license] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
        }
        for sentence in [&offer.languages, &offer.good_for].into_iter().chain(&offer.license_note) {
            assert!(sentence.ends_with('.') && sentence.len() > 7, "{id}: {sentence}");
        }
        for source in [&offer.source].into_iter().chain(&offer.further_sources) {
            assert!(source.address.starts_with("https://") && !source.title.is_empty(), "{id}: {source:?}");
        }
        assert!(offer.source.address.starts_with("https://huggingface.co/"), "{id}");
        assert_eq!(offer.shape.is_none(), offer.runs == Runs::NotYet, "{id}: what runs can be estimated");
        assert_eq!(offer.context.is_none(), offer.shape.is_none(), "{id}");
        assert!(offer.context != Some(0), "{id}");
        assert_eq!(offer.runs_note().is_some(), offer.runs != Runs::Here, "{id}");
        assert!(offer.runs_note().is_none_or(|note| note.contains(": ") && !note.ends_with('.')), "{id}");
        let size = read::size(id).expect("every id says a size");
        #[expect(clippy::cast_precision_loss, reason = "sizes are compared by a factor")]
        let factor = offer.parameters as f64 / size;
        assert!((0.75..=1.25).contains(&factor), "{id} has {} weights", offer.parameters);
    }
}

#[test]
fn licences_are_known_or_explained() {
    for offer in offers() {
        let known = ["Apache-2.0", "MIT"].contains(&offer.license.as_str());
        assert!(known || offer.license_note.is_some(), "{}: {}", offer.id, offer.license);
    }
    let rows = [
        ("gemma-3-4b-it", "Gemma Terms of Use", Access::Conditions, true),
        ("qwen3-4b", "Apache-2.0", Access::Open, false),
        ("phi-4-mini-3.8b-instruct", "MIT", Access::Open, false),
        ("apertus-8b-instruct-2509", "Apache-2.0", Access::Open, true),
    ];
    for (id, license, access, noted) in rows {
        let offer = by_id(id);
        assert_eq!((offer.license.as_str(), offer.access), (license, access), "{id}");
        assert_eq!(offer.license_note.is_some(), noted, "{id}");
    }
    for offer in offers().iter().filter(|offer| offer.access == Access::Conditions) {
        let note = offer.license_note.as_deref().unwrap_or_default();
        assert!(note.contains("account"), "{}: who asks for conditions says how to accept them", offer.id);
    }
}

#[test]
fn third_parties_are_named_and_makers_are_not_taken_for_them() {
    let rows = [
        ("smollm2-135m-instruct", Some("QuantFactory")),
        ("smollm2-1.7b-instruct", None),
        ("smollm3-3b", Some("ggml.ai, the makers of llama.cpp")),
        ("qwen3-8b", None),
        ("eurollm-9b-instruct", Some("bartowski")),
        ("apertus-v1.1-4b-instruct", None),
    ];
    for (id, publisher) in rows {
        assert_eq!(by_id(id).publisher.as_deref(), publisher, "{id}");
    }
    for offer in offers() {
        let third = !offer.source.address.to_lowercase().contains(&offer.repository.owner().to_lowercase());
        assert_eq!(offer.publisher.is_some(), third, "{}", offer.id);
        assert!(offer.converts || offer.family == Family::Apertus || gguf(offer), "{}", offer.id);
    }
}

fn gguf(offer: &Offer) -> bool {
    offer.repository.as_str().to_lowercase().ends_with("-gguf")
}

#[test]
fn what_was_only_heard_of_says_so() {
    for (id, known) in [
        ("apertus-8b-instruct-2509", Known::FirstHand),
        ("apertus-v1.1-4b-instruct", Known::SecondHand),
        ("smollm3-3b", Known::FirstHand),
        ("qwen3-4b", Known::SecondHand),
    ] {
        assert_eq!(by_id(id).source.known, known, "{id}");
    }
}

#[test]
fn estimates_follow_from_weights_and_context() {
    // Sizes of files as their publishers list them, in bytes; the estimate may differ by an eighth.
    let files = [
        ("qwen3-1.7b", WeightType::Q8_0, 1_834_426_016),
        ("smollm3-3b", WeightType::Q4KM, 1_915_305_312),
        ("ministral-3-8b-instruct", WeightType::Q4KM, 5_198_911_904),
        ("granite-4.1-8b", WeightType::Q4KM, 5_347_914_400),
        ("eurollm-9b-instruct", WeightType::Q4KM, 5_582_838_496),
        ("smollm2-1.7b-instruct", WeightType::Q4KM, 1_060_000_000),
        ("gemma-3-4b-it", WeightType::Q8_0, 4_130_000_000),
        ("olmo-2-7b-instruct", WeightType::Q4KM, 4_470_000_000),
    ];
    for (id, weight_type, bytes) in files {
        let disk = by_id(id).estimate(weight_type, 4096).expect("it runs here").disk;
        assert!(disk.abs_diff(bytes) < bytes / 8, "{id}: estimated {disk}, listed {bytes}");
    }
    let cases = [
        // Two times 36 layers of 8 heads of 128 numbers of two bytes: 147,456 bytes a token.
        ("qwen3-8b", 8192, 147_456 * 8192),
        ("apertus-8b-instruct-2509", 4096, 131_072 * 4096),
        ("apertus-v1.1-4b-instruct", 1_000_000, 98_304 * 4096),
        ("smollm2-135m-instruct", 0, 0),
    ];
    for (id, context, cache) in cases {
        let estimate = by_id(id).estimate(WeightType::Q4KM, context).expect("it runs here");
        assert_eq!(estimate.memory, estimate.disk + cache + BUFFERS, "{id} with {context} tokens");
    }
    assert_eq!(by_id("apertus-v1.5-8b").estimate(WeightType::Q4KM, 4096), None, "its numbers are not known");
    for offer in offers().iter().filter(|offer| offer.runs == Runs::Here) {
        let all = WeightType::ALL.map(|weight_type| offer.estimate(weight_type, 4096));
        assert!(all.iter().all(|estimate| estimate.is_some_and(|estimate| estimate.memory > estimate.disk)));
        let usual = offer.estimate(WeightType::Q4KM, 4096).expect("it runs here");
        assert!(usual.memory < 14 * GIB, "{}: no desktop computer for {} bytes", offer.id, usual.memory);
    }
}

#[test]
fn a_repository_of_any_format_leads_to_its_offer() {
    let rows = [
        ("swiss-ai/Apertus-v1.1-4B-Instruct-MLX-INT4", Some("apertus-v1.1-4b-instruct")),
        ("Swiss-AI/apertus-8b-instruct-2509", Some("apertus-8b-instruct-2509")),
        ("qwen/qwen3-4b-gguf", Some("qwen3-4b")),
        ("Qwen/Qwen3-4B", None),
        ("", None),
    ];
    for (repository, expected) in rows {
        assert_eq!(Offer::by_repository(repository).map(|offer| offer.id.as_str()), expected, "{repository}");
    }
    for offer in offers() {
        assert_eq!(Offer::by_repository(offer.repository.as_str()), Some(offer), "{}", offer.id);
    }
}

#[test]
fn of_the_official_formats_only_nvfp4_is_not_converted() {
    let four = by_id("apertus-v1.1-4b-instruct");
    let labels: Vec<_> = four
        .repositories()
        .iter()
        .map(|published| (published.format.label(), published.format.refusal().is_none()))
        .collect();
    let expected = [
        ("BF16", true),
        ("MLX INT3", true),
        ("MLX INT4", true),
        ("MLX INT6", true),
        ("FP8", true),
        ("NVFP4A16", false),
    ];
    assert_eq!(labels, expected);
    assert!(by_id("qwen3-4b").repositories().is_empty());
}

#[test]
fn a_catalogue_that_contradicts_itself_is_refused() {
    let rows = [
        ("id = \"qwen3-0.6b\"", "id = \"qwen3-1.7b\"", "contradict each other"),
        ("id = \"granite-4.1-8b\"", "id = \"qwen3-8b\"", "is there twice"),
        ("id = \"qwen3-4b\"", "id = \"qwen3\"", "contradict each other"),
        ("layers = 28", "layers = 0", "contradict each other"),
        ("width = 1024", "width = 512", "contradict each other"),
        ("vocabulary = 151936", "vocabulary = 1519360", "contradict each other"),
        ("parameters = 4_022_000_000", "parameters = 40_220_000_000", "contradict each other"),
        ("context = 32768", "context = 0", "context is empty"),
        ("\"Qwen/Qwen3-4B-GGUF\"", "\"Qwen/Qwen3-8B-GGUF\"", "belongs to another model"),
        ("\"Qwen/Qwen3-4B-GGUF\"", "\"anyone/Qwen3-4B-GGUF\"", "a publisher is named"),
        (", publisher = \"bartowski\"", "", "a publisher is named"),
        ("\"Qwen/Qwen3-4B-GGUF\"", "\"swiss-ai/Apertus-8B-Instruct-2509\"", "which has a card"),
        ("\"Qwen/Qwen3-4B-GGUF\"", "\"Qwen3-4B-GGUF\"", "no repository"),
        ("license = \"MIT\"", "license = \"Someone's terms\"", "need a note"),
        ("license_note", "licence_note", "unknown field"),
        ("source = \"litgpt\"", "source = \"rumour\"", "no source is called rumour"),
        ("source = \"eurollm-9b\"", "source = \"litgpt\"", "is used nowhere"),
        ("access = \"conditions\"", "access = \"money\"", "unknown variant"),
        ("good_for = \"Trying", "good_for = \" Trying", "untidy"),
        ("access = \"open\", checked", "access = \"open\", chekced", "unknown field"),
    ];
    for (right, wrong, sentence) in rows {
        assert!(FILE.contains(right), "the row no longer fits the file: {right}");
        let error = match read::catalog(&FILE.replacen(right, wrong, 1)) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{wrong} was taken"),
        };
        assert!(error.contains(sentence), "{wrong}: {error}");
    }
}

#[test]
fn every_field_of_the_numbers_is_read() {
    // Where an origin is part of an entry, serde lets unknown names pass: "chekced = false" would read as checked.
    let known = ["parameters", "layers", "width", "kv_heads", "head_dim", "vocabulary", "source", "checked"];
    for numbers in FILE.split("[models.numbers]").skip(1) {
        let lines = numbers.lines().take_while(|line| !line.starts_with('['));
        let names: Vec<_> = lines.filter_map(|line| line.split_once(" = ").map(|(name, _)| name)).collect();
        assert_eq!(names, known);
    }
}
