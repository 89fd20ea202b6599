//! What the hub says when all is well, and when it says no.

use std::time::Duration;

use lethe_hub::HubError;
use lethe_hub::fake::Reply;
use lethe_hub::hub::{Format, Hub};
use lethe_network::{Client, Phase, Purpose, Url};

use crate::{Site, kind, repo, repository, tiny};

#[tokio::test]
async fn a_search_tells_forms_apart_and_shows_the_most_fetched_first() {
    let official = repository("swiss/Tiny-Instruct").tags(&["safetensors"]).downloads(9).license("mit");
    let both = repository("ada/tiny-both").downloads(5000).file("a.gguf", "x").file("model.safetensors", "x");
    let neither = repository("ada/tiny-onnx").downloads(1).tags(&["onnx"]);
    let site = Site::new(vec![official, tiny(), both, neither, repository("ada/other")]).await;
    let hits = site.hub.search("  TINY ", 10).await.expect("a search");
    let found: Vec<_> = hits.iter().map(|hit| (hit.repo.as_str(), hit.formats.as_slice(), hit.downloads)).collect();
    let expected: [(&str, &[Format], u64); 4] = [
        ("ada/tiny-both", &[Format::Gguf, Format::Safetensors], 5000),
        ("ada/Tiny-GGUF", &[Format::Gguf], 700),
        ("swiss/Tiny-Instruct", &[Format::Safetensors], 9),
        ("ada/tiny-onnx", &[], 1),
    ];
    assert_eq!(found, expected);
    assert_eq!(hits[2].license.as_deref(), Some("mit"));
    assert_eq!(hits[2].updated.map(|time| time.to_string()).as_deref(), Some("2026-09-02T10:20:30Z"));
    assert_eq!(hits[0].likes, 500);
    assert_eq!(site.hub.search("tiny", 2).await.expect("a search").len(), 2, "no more than asked for");
    assert!(site.hub.search("nothing like it", 2).await.expect("a search").is_empty());
    let odd = "?&#=%/../ä".repeat(100);
    assert!(site.hub.search(&odd, 2).await.expect("a search").is_empty(), "a query is text and nothing else");
    let last = site.fake.requests().pop().expect("a request");
    assert!(last.path.starts_with("/api/models?search=%3F%26%23%3D%25%2F..%2F%C3%A4"), "{}", last.path);
    assert!(last.path.len() < 1000, "a long query is cut");
}

#[tokio::test]
async fn a_repository_is_read_page_by_page_at_one_commit() {
    let tiny = tiny();
    let commit = tiny.commit().clone();
    let site = Site::new(vec![tiny]).await;
    for page in [1, 2, 1000] {
        site.fake.set_page(page);
        let found = site.hub.repository(&repo("ada/Tiny-GGUF"), None).await.expect("a repository");
        assert_eq!(found.commit, commit);
        assert_eq!((found.gated, found.license.as_deref()), (false, Some("apache-2.0")));
        assert_eq!(found.tags, ["gguf", "en", "license:apache-2.0"]);
        let files: Vec<_> =
            found.files.iter().map(|file| (file.path.as_str(), file.bytes, file.sha256.is_some())).collect();
        let expected = [
            ("README.md", 37, false),
            ("Tiny.Q4_0.gguf", 19, true),
            ("BF16/Tiny-BF16.gguf", 25, true),
            ("config.json", 2, false),
            ("empty.txt", 0, false),
        ];
        assert_eq!(files, expected, "pages of {page}");
        assert!(found.files.iter().all(|file| file.oid.len() == 40));
    }
    let requests = site.fake.requests();
    let trees: Vec<_> = requests.iter().filter(|request| request.path.contains("/tree/")).collect();
    assert_eq!(trees.len(), 6 + 3 + 1, "five files and a folder");
    assert!(trees.iter().all(|request| request.path.contains(commit.as_str())), "a branch could move between pages");
    let again = site.hub.repository(&repo("ada/Tiny-GGUF"), Some(&(&commit).into())).await.expect("a repository");
    assert_eq!(again.commit, commit);
}

#[tokio::test]
async fn a_card_comes_without_its_head() {
    let tiny = tiny();
    let commit = tiny.commit().clone();
    let bare = repository("ada/bare").file("x.gguf", "x");
    let bare_commit = bare.commit().clone();
    let site = Site::new(vec![tiny, bare]).await;
    let card = site.hub.card(&repo("ada/Tiny-GGUF"), &commit).await.expect("a card");
    assert_eq!(card.as_deref(), Some("# Tiny\nA model.\n"));
    assert_eq!(site.hub.card(&repo("ada/bare"), &bare_commit).await, Ok(None), "a model may have none");
    site.fake.fault("/ada/bare/raw/", 1, Reply::ok("x".repeat((2 << 20) + 1)));
    assert_eq!(kind(site.hub.card(&repo("ada/bare"), &bare_commit).await), "too long");
}

#[tokio::test]
async fn a_location_is_on_the_host_of_contents_for_large_files_and_on_the_hub_for_small_ones() {
    let tiny = tiny();
    let commit = tiny.commit().clone();
    let site = Site::new(vec![tiny]).await;
    let name = repo("ada/Tiny-GGUF");
    let files = site.hub.repository(&name, None).await.expect("a repository").files;
    for file in files {
        let location = site.hub.location(&name, &commit, &file.path).await.expect("a location");
        let is_large = file.sha256.is_some();
        let base = if is_large { site.fake.content_base() } else { site.fake.endpoint() };
        assert_eq!(location.url.origin(), base.origin(), "{}", file.path);
        assert_eq!(location.url.query().is_some(), is_large, "the address is signed: {}", location.url);
        assert_eq!(location.bytes, Some(file.bytes), "{}", file.path);
        assert_eq!(location.sha256, file.sha256, "{}", file.path);
        let etag = file.sha256.map_or(file.oid, |sha256| sha256.to_string());
        assert_eq!(location.etag, Some(etag), "{}", file.path);
        assert_eq!(location.secret, None, "nobody asked for a token");
    }
    assert!(site.fake.content_requests().is_empty(), "the host of contents is asked by whoever fetches");
    let other: Url = "http://127.0.0.1:9/files/".parse().expect("an address");
    site.fake.set_content_base(other);
    let path = "BF16/Tiny-BF16.gguf".parse().expect("a path");
    let location = site.hub.location(&name, &commit, &path).await.expect("a location");
    let expected = format!("http://127.0.0.1:9/files/ada/Tiny-GGUF/{commit}/BF16/Tiny-BF16.gguf?");
    assert!(location.url.as_str().starts_with(&expected), "{}", location.url);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let tiny = tiny();
    let commit = tiny.commit().clone();
    let site = Site::new(vec![tiny]).await;
    let (name, missing) = (repo("ada/Tiny-GGUF"), repo("ada/nothing"));
    let other = "ab".repeat(20).parse().expect("a commit");
    let path = |path: &str| path.parse().expect("a path");
    let hub = &site.hub;
    let rows = [
        ("a repository", kind(hub.repository(&missing, None).await), "no repository"),
        ("a branch", kind(hub.repository(&name, Some(&"dev/x".parse().expect("a branch"))).await), "no revision"),
        ("a file", kind(hub.location(&name, &commit, &path("x.gguf")).await), "no file"),
        ("a file's version", kind(hub.location(&name, &other, &path("config.json")).await), "no revision"),
        ("a file's repository", kind(hub.location(&missing, &commit, &path("x")).await), "no repository"),
        ("a card's repository", kind(hub.card(&missing, &commit).await), "no repository"),
    ];
    for (what, found, expected) in rows {
        assert_eq!(found, expected, "{what} is missing");
    }
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let site = Site::new(vec![tiny()]).await;
    let date = ("Date", "Wed, 21 Oct 2026 07:28:00 GMT");
    let after = |status, value| Reply::status(status).header("Retry-After", value);
    let code = |status, code| Reply::status(status).header("X-Error-Code", code);
    for (reply, expected, sentence) in [
        (after(429, "30"), "rate limited", "asked too often: try again in 30 s"),
        (after(429, "Wed, 21 Oct 2026 07:38:00 GMT").header(date.0, date.1), "rate limited", "try again in 10 minutes"),
        (Reply::status(429).header("RateLimit", "\"api\";r=0;t=9"), "rate limited", "try again in 9 s"),
        (Reply::status(429), "rate limited", "try again later"),
        (Reply::status(500), "server", "(status 500): try again later"),
        (after(503, "7"), "server", "(status 503): try again in 7 s"),
        (Reply::status(418), "server", "(status 418)"),
        (Reply::status(304), "server", "(status 304)"),
        (Reply::status(403), "forbidden", "choose another model"),
        (Reply::status(401), "no repository", "check its name, or give Lethe an access token"),
        (Reply::status(404), "no repository", "check its name"),
        (code(404, "RevisionNotFound"), "no revision", "has no version main: choose another"),
        (code(401, "GatedRepo"), "gated", "/ada/Tiny-GGUF, then give Lethe an access token"),
        (code(403, "Unheard"), "forbidden", "choose another model"),
    ] {
        site.fake.reset();
        site.fake.fault("/api/models/ada/Tiny-GGUF/revision/", 1, reply);
        let result = site.hub.repository(&repo("ada/Tiny-GGUF"), None).await;
        let text = result.as_ref().err().map(HubError::to_string).unwrap_or_default();
        assert_eq!(kind(result), expected, "{text}");
        assert!(text.contains(sentence), "{text:?} should say {sentence:?}");
        assert_eq!(site.fake.requests().len(), 1, "nothing is tried again here: {expected}");
    }
    assert_eq!(kind(site.hub.repository(&repo("ada/Tiny-GGUF"), None).await), "ok", "a burst of faults is over");
    site.fake.fault("/api/models?", 1, Reply::status(401));
    assert_eq!(kind(site.hub.search("x", 1).await), "token needed");
    site.fake.fault("/api/models?", 1, Reply::status(429).header("Retry-After", "99999999999999999999"));
    let result = site.hub.search("x", 1).await;
    let day = Some(Duration::from_secs(24 * 60 * 60));
    assert!(matches!(result, Err(HubError::RateLimited { wait, .. }) if wait == day), "{result:?}");
}

#[tokio::test]
async fn every_request_is_told_to_the_observer_and_none_is_made_when_forbidden() {
    let tiny = tiny();
    let commit = tiny.commit().clone();
    let site = Site::new(vec![tiny]).await;
    let name = repo("ada/Tiny-GGUF");
    let path = "config.json".parse().expect("a path");
    let _ = site.hub.search("tiny", 1).await;
    let _ = site.hub.repository(&name, None).await;
    let _ = site.hub.card(&name, &commit).await;
    let _ = site.hub.location(&name, &commit, &path).await;
    let begun = |exchanges: &[lethe_network::Exchange]| {
        let begun = exchanges.iter().filter(|exchange| exchange.phase == Phase::Begins);
        begun.map(|exchange| (exchange.purpose, exchange.path.clone())).collect::<Vec<_>>()
    };
    let told = begun(&site.exchanges.lock().expect("no panic under the lock"));
    let made: Vec<_> = site.fake.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(told.iter().map(|(_, path)| path.clone()).collect::<Vec<_>>(), made);
    use Purpose::{ModelCard, ModelFile, ModelFiles, ModelSearch};
    let purposes: Vec<_> = told.into_iter().map(|(purpose, _)| purpose).collect();
    assert_eq!(purposes, [ModelSearch, ModelFiles, ModelFiles, ModelCard, ModelFile, ModelFile], "each hop is told");
    site.hub.client().switch().forbid();
    let offline = Hub::new(Client::offline(), site.fake.endpoint(), None);
    for hub in [&site.hub, &offline] {
        assert_eq!(kind(hub.search("tiny", 1).await), "offline");
        assert_eq!(kind(hub.repository(&name, None).await), "offline");
        assert_eq!(kind(hub.card(&name, &commit).await), "offline");
        assert_eq!(kind(hub.location(&name, &commit, &path).await), "offline");
    }
    assert_eq!(site.fake.requests().len(), made.len(), "the switch is off");
}

#[tokio::test]
async fn a_hub_that_is_not_there_can_t_be_reached() {
    let site = Site::new(vec![]).await;
    let at = |address: &str| Hub::new(site.hub.client().clone(), address.parse().expect("an address"), None);
    // Nobody listens at port 1.
    assert_eq!(kind(at("http://127.0.0.1:1/").search("tiny", 1).await), "unreachable");
    let plain = at("http://hub.example.org/").search("tiny", 1).await;
    assert_eq!(kind(plain), "insecure", "without encryption only machines nearby are asked");
    assert_eq!(kind(at("mailto:ada@example.org").search("tiny", 1).await), "insecure", "this is no hub at all");
}
