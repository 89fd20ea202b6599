//! Who gets what, and where the token goes.

use lethe_hub::fake::{Gate, Reply};
use lethe_hub::hub::Hub;
use lethe_network::{PlainHttp, Purpose, Request, Secret};

use crate::{Site, kind, repo, repository, tiny};

/// One repository of each kind, with one file each.
async fn site(token: Option<&str>) -> Site {
    let one = |name: &str, gate| repository(name).gate(gate).file("a.gguf", "weights").file("config.json", "{}");
    let all = vec![one("ada/open", Gate::Open), one("ada/gated", Gate::Gated), one("ada/private", Gate::Private)];
    let site = Site::with_token(all, token).await;
    site.fake.add_token("hf_invited", &[repo("ada/gated"), repo("ada/private")]);
    site.fake.add_token("hf_stranger", &[]);
    site
}

#[tokio::test]
async fn the_token_follows_only_where_the_hub_asks_for_it() {
    let (open, gated, private, missing) = ("ada/open", "ada/gated", "ada/private", "ada/missing");
    for (token, name, listed, located, asked_with) in [
        (None, open, "ok", "ok", 0),
        (None, gated, "ok", "gated", 0),
        (None, private, "no repository", "no repository", 0),
        (None, missing, "no repository", "no repository", 0),
        (Some("hf_invited"), open, "ok", "ok", 0),
        (Some("hf_invited"), gated, "ok", "ok", 1),
        (Some("hf_invited"), private, "ok", "ok", 3),
        (Some("hf_invited"), missing, "no repository", "no repository", 2),
        (Some("hf_stranger"), gated, "ok", "no consent", 1),
        (Some("hf_stranger"), private, "no repository", "no repository", 2),
        (Some("hf_expired"), open, "ok", "ok", 0),
        (Some("hf_expired"), gated, "ok", "token refused", 1),
        (Some("hf_expired"), private, "token refused", "token refused", 2),
    ] {
        let site = site(token).await;
        let name = repo(name);
        let commit = repository(name.as_str()).commit().clone();
        let path = "a.gguf".parse().expect("a path");
        let row = format!("{name} with {token:?}");
        assert_eq!(kind(site.hub.repository(&name, None).await), listed, "{row}: its list of files");
        let location = site.hub.location(&name, &commit, &path).await;
        if let Ok(location) = &location {
            assert_eq!(location.secret, None, "{row}: the host of contents gets no token");
        }
        assert_eq!(kind(location), located, "{row}: its file");
        let requests = site.fake.requests();
        let with: Vec<_> = requests.iter().filter(|request| request.token().is_some()).collect();
        assert_eq!(with.len(), asked_with, "{row}: {with:?}");
        for (index, request) in requests.iter().enumerate().filter(|(_, request)| request.token().is_some()) {
            let before = &requests[index - 1];
            let is_second = before.path == request.path && before.token().is_none();
            assert!(is_second, "{row}: each is asked without the token first");
        }
    }
}

#[tokio::test]
async fn a_small_file_behind_consent_is_fetched_from_the_hub_with_the_token() {
    let site = site(Some("hf_invited")).await;
    let name = repo("ada/gated");
    let commit = repository(name.as_str()).commit().clone();
    let location =
        site.hub.location(&name, &commit, &"config.json".parse().expect("a path")).await.expect("a location");
    assert_eq!(location.url.origin(), site.fake.endpoint().origin());
    assert_eq!(location.secret, Some(Secret::new("hf_invited")));
    assert!(!format!("{location:?}").contains("hf_invited"), "it can't be printed");
}

#[tokio::test]
async fn what_is_located_can_be_fetched_in_ranges_without_the_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let content: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
    std::fs::write(folder.path().join("weights"), &content).expect("a file");
    let gated = repository("ada/gated").gate(Gate::Gated).file("bytes.gguf", content.clone());
    let gated = gated.file_from("disk.gguf", &folder.path().join("weights")).expect("a file that can be read");
    let commit = gated.commit().clone();
    let site = Site::with_token(vec![gated], Some("hf_invited")).await;
    site.fake.add_token("hf_invited", &[repo("ada/gated")]);
    for path in ["bytes.gguf", "disk.gguf"] {
        let path = path.parse().expect("a path");
        let location = site.hub.location(&repo("ada/gated"), &commit, &path).await.expect("a location");
        assert_eq!(location.bytes, Some(100_000));
        let etag = format!("\"{}\"", location.etag.expect("a name of the content"));
        for (range, condition, expected) in [
            (0..100_000, etag.as_str(), (206, content.as_slice())),
            (99_999..200_000, etag.as_str(), (206, &content[99_999..])),
            (5..10, etag.as_str(), (206, &content[5..10])),
            (5..10, "\"another\"", (200, content.as_slice())),
            (100_000..100_001, etag.as_str(), (416, &[])),
        ] {
            let row = format!("{range:?} of {path} if {condition}");
            let request = Request::get(&location.url, Purpose::ModelFile, PlainHttp::Loopback);
            let request = request.range(range).header("if-range", condition).secret(location.secret.as_ref());
            let response = site.hub.client().send(request).await.expect("an answer");
            let status = response.status;
            let found = response.body.read(1 << 20).await.expect("the content");
            assert!((status, found.as_slice()) == expected, "{row}: {status}, {} bytes", found.len());
        }
    }
    let requests = site.fake.content_requests();
    assert_eq!(requests.len(), 10);
    assert!(requests.iter().all(|request| request.token().is_none()), "it would say there who asks");
}

#[tokio::test]
async fn the_token_never_goes_to_another_origin() {
    for (token, status) in [("hf_invited", 401), ("hf_invited", 403)] {
        let site = site(Some(token)).await;
        // The other host asks for a token too: it is another origin on the same machine.
        let other = site.fake.content_base();
        let to = format!("{other}api/models/ada/open/revision/main");
        site.fake.fault("/api/models/ada/open/revision/", 1, Reply::status(status));
        site.fake.fault("/api/models/ada/open/revision/", 1, Reply::redirect(&to));
        assert_eq!(kind(site.hub.repository(&repo("ada/open"), None).await), "malformed", "status {status}");
        assert!(site.fake.content_requests().is_empty(), "not even asked");
        let sent: Vec<_> = site.fake.requests().iter().map(|request| request.token().map(str::to_owned)).collect();
        assert_eq!(sent, [None, Some(token.to_owned())]);
    }
}

#[tokio::test]
async fn what_is_forbidden_to_all_is_not_blamed_on_the_token() {
    let site = site(Some("hf_invited")).await;
    let name = repo("ada/open");
    for (first, second, expected) in [
        (403, Reply::status(403), "forbidden"),
        (401, Reply::status(403), "token refused"),
        (401, Reply::status(401), "token refused"),
        (401, Reply::status(404), "no repository"),
        (401, Reply::status(404).header("X-Error-Code", "RepoNotFound"), "no repository"),
        (401, Reply::status(403).header("X-Error-Code", "GatedRepo"), "no consent"),
        (403, Reply::status(429), "rate limited"),
        (401, Reply::status(502), "server"),
    ] {
        site.fake.reset();
        site.fake.fault("/api/models/ada/open/revision/", 1, Reply::status(first));
        site.fake.fault("/api/models/ada/open/revision/", 1, second);
        assert_eq!(kind(site.hub.repository(&name, None).await), expected, "{first} without, then with the token");
        assert_eq!(site.fake.requests().len(), 2, "no third time");
    }
}

#[tokio::test]
async fn an_empty_token_is_none() {
    let site = Site::new(vec![tiny()]).await;
    let hub = Hub::new(site.hub.client().clone(), site.fake.endpoint(), Some(Secret::new("  ")));
    site.fake.fault("/api/", 1, Reply::status(401));
    assert_eq!(kind(hub.repository(&repo("ada/Tiny-GGUF"), None).await), "no repository");
    assert_eq!(site.fake.requests().len(), 1);
}
