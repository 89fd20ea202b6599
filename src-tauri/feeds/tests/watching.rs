//! The watch over model cards: each change is told once, and a failure forgets nothing.

use std::fs;
use std::path::Path;

use lethe_feeds::{Change, Checked, Error, Repo, Watch};
use lethe_network::Client;
use tempfile::TempDir;

use crate::server::{Behaviour, Server};
use crate::site::{Expected, client};

const CARD: &str = "---\nlicense: apache-2.0\n---\n# Apertus\nA model.\n\n## Output Filter for PII\nPlease check.\n\n\
                    No file yet.\n\n## License\nApache\n";
const CARD_FILE: &str = "swiss-ai/Apertus-8B/raw/main/README.md";
const MODELS: &str = r#"[{"id": "swiss-ai/Apertus-8B", "likes": 1}, {"id": "swiss-ai/Apertus-70B"}]"#;

struct Site {
    folder: TempDir,
    server: Server,
    watch: Watch,
    client: Client,
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let served = folder.path().join("served");
        fs::create_dir_all(served.join("swiss-ai/Apertus-8B/raw/main")).expect("a folder");
        fs::create_dir_all(served.join("api")).expect("a folder");
        let server = Server::start(&served).await;
        let endpoint = server.address.parse().expect("an address");
        let watch = Watch::new(&folder.path().join("watch"), &endpoint, vec![repo("swiss-ai/Apertus-8B")]);
        let site = Self { folder, server, watch: watch.expect("a watch"), client: client().0 };
        site.serve(CARD_FILE, CARD);
        site.serve("api/models", MODELS);
        site
    }

    fn serve(&self, file: &str, content: &str) {
        fs::write(self.folder.path().join("served").join(file), content).expect("a served file");
    }

    async fn look(&self) -> Checked {
        self.watch.check(&self.client).await.expect("a look")
    }

    async fn changes(&self) -> Vec<Change> {
        let checked = self.look().await;
        assert!(checked.failures.is_empty(), "the server is well: {:?}", checked.failures);
        checked.changes
    }
}

fn repo(text: &str) -> Repo {
    text.parse().expect("a repository")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_section_is_told_once_with_its_difference() {
    let site = Site::new().await;
    assert_eq!(site.changes().await, [], "the first look only remembers");
    assert_eq!(site.changes().await, [], "nothing has changed");
    assert!(site.server.seen()[2..].iter().all(|seen| seen.status == 304), "and nothing was sent");

    site.serve(CARD_FILE, &CARD.replace("Apache\n", "MIT\n"));
    assert_eq!(site.changes().await, [], "another section is not what is watched");

    site.serve(CARD_FILE, &CARD.replace("No file yet.", "Use hashes.jsonl.\nEvery six months."));
    let added = vec!["Use hashes.jsonl.".to_owned(), "Every six months.".to_owned()];
    let removed = vec!["No file yet.".to_owned()];
    let expected = Change::Section { repo: repo("swiss-ai/Apertus-8B"), added, removed };
    assert_eq!(site.changes().await, [expected], "with the difference");
    assert_eq!(site.changes().await, [], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_without_the_section_is_watched_as_a_whole() {
    let site = Site::new().await;
    site.serve(CARD_FILE, "# Apertus\n");
    site.changes().await;
    site.serve(CARD_FILE, "# Apertus 2\n");
    assert_eq!(site.changes().await, [Change::Card { repo: repo("swiss-ai/Apertus-8B") }], "any change is told");
    site.serve(CARD_FILE, "# Output filter\nhere\n");
    let changes = site.changes().await;
    assert!(matches!(&changes[..], [Change::Section { added, .. }] if added.len() == 2), "a new section: {changes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_models_are_told_once() {
    let site = Site::new().await;
    site.changes().await;
    assert_eq!(site.server.seen()[1].path, "/api/models?author=swiss-ai", "the organisation's list is asked for");
    site.serve("api/models", r#"[{"id": "swiss-ai/Apertus-8B"}, {"id": "swiss-ai/pii-hashes"}, {"id": "not a name"}]"#);
    let added = vec![repo("swiss-ai/pii-hashes")];
    assert_eq!(site.changes().await, [Change::Models { added }], "the new one");
    site.serve("api/models", MODELS);
    assert_eq!(site.changes().await, [], "one that is back is not new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_forgets_nothing_and_stops_nothing() {
    let site = Site::new().await;
    site.changes().await;
    site.serve("api/models", r#"[{"id": "swiss-ai/new"}]"#);
    site.serve(CARD_FILE, &CARD.replace("No file yet.", "A file."));
    let rows: [(Behaviour, Expected); 4] = [
        (Behaviour::Status(500), |error| matches!(error, Error::Unreachable { .. })),
        (Behaviour::Status(404), |error| matches!(error, Error::NothingThere { .. })),
        (Behaviour::Endless, |error| matches!(error, Error::TooLong { .. })),
        (Behaviour::Content(vec![0xff]), |error| matches!(error, Error::Malformed { .. })),
    ];
    for (number, (behaviour, is_expected)) in rows.into_iter().enumerate() {
        site.server.set(CARD_FILE, behaviour.clone());
        let checked = site.look().await;
        assert_eq!(checked.changes.len(), usize::from(number == 0), "the new model is told all the same, once");
        assert!(is_expected(&checked.failures[0].error), "{behaviour:?}: was told {:?}", checked.failures[0].error);
        assert_eq!(checked.failures[0].repo, Some(repo("swiss-ai/Apertus-8B")), "and about which card");
    }
    site.server.reset();
    assert_eq!(site.changes().await.len(), 1, "the change is told when the card can be read again");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_looks_at_nothing() {
    let site = Site::new().await;
    let error = site.watch.check(&Client::offline()).await.expect_err("requests are forbidden");
    assert!(matches!(error, Error::Offline), "not {error:?}");
    assert!(site.server.seen().is_empty(), "no request was made");
    for text in ["swiss-ai", "../x/y", "a/b/c", "a/..", ""] {
        assert!(text.parse::<Repo>().is_err(), "{text:?} would ask for something else");
    }
    assert!(Path::new(&site.folder.path().join("watch")).is_dir(), "only the folder is made");
}
