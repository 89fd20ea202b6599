//! Files that nobody has signed: whole or not at all, and only over encrypted connections.

use std::fs;
use std::path::Path;

use lethe_feeds::{Error, FileAddress, PlainFile, PlainRefresh, Trouble};
use lethe_network::Client;
use tempfile::TempDir;

use crate::server::{Behaviour, Server};
use crate::site::{Expected, client, impatient, long, start};

const LIMIT: u64 = 1_000_000;

struct Plain {
    folder: TempDir,
    server: Server,
    file: PlainFile,
    client: Client,
}

impl Plain {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("served")).expect("a folder");
        fs::write(folder.path().join("served/list.txt"), long()).expect("a file");
        let server = Server::start(&folder.path().join("served")).await;
        let address = format!("{}list.txt", server.address).parse().expect("an address");
        let file = PlainFile::subscribe(&folder.path().join("plain"), "list", address).expect("a followed file");
        Self { folder, server, file, client: client().0 }
    }

    async fn refresh(&self) -> lethe_feeds::Result<PlainRefresh> {
        self.file.refresh(&self.client, LIMIT, start()).await
    }

    fn content(&self) -> Vec<u8> {
        let current = self.file.current().expect("a readable state").expect("a file that came");
        fs::read(self.file.path(&current)).expect("its content")
    }

    fn serve(&self, content: &[u8]) {
        fs::write(self.folder.path().join("served/list.txt"), content).expect("another version");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_when_it_has_changed() {
    let plain = Plain::new().await;
    let first = plain.refresh().await.expect("a first version");
    assert!(matches!(first, PlainRefresh::Changed { bytes, .. } if bytes == long().len() as u64), "not {first:?}");
    assert_eq!(plain.content(), long(), "it is there whole");
    assert_eq!(plain.refresh().await.expect("no other version"), PlainRefresh::NotModified, "it is the same");
    assert_eq!(plain.server.seen()[1].status, 304, "the server was asked whether it has changed");
    plain.server.manners().knows_etags = false;
    assert_eq!(plain.refresh().await.expect("the same bytes"), PlainRefresh::NotModified, "the same without an answer");
    plain.serve(b"new");
    assert!(matches!(plain.refresh().await, Ok(PlainRefresh::Changed { bytes: 3, .. })), "another version");
    assert_eq!(plain.content(), b"new", "it is in force");
    let versions = fs::read_dir(plain.folder.path().join("plain/content")).expect("a folder").count();
    assert_eq!(versions, 1, "the old one is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_keep_the_last_good_file() {
    let plain = Plain::new().await;
    plain.serve(b"good");
    plain.refresh().await.expect("a first version");
    plain.serve(&long());
    let rows: [(Behaviour, Expected); 7] = [
        (Behaviour::Endless, |error| matches!(error, Error::TooLong { .. })),
        (Behaviour::Content(vec![0; 1_000_001]), |error| matches!(error, Error::TooLong { .. })),
        (Behaviour::Status(404), |error| matches!(error, Error::NothingThere { .. })),
        (Behaviour::Status(500), |error| matches!(error, Error::Unreachable { trouble: Trouble::Status(500), .. })),
        (Behaviour::Cut(5), |error| matches!(error, Error::Unreachable { trouble: Trouble::BrokeOff, .. })),
        (Behaviour::Stall(5), |error| matches!(error, Error::Unreachable { trouble: Trouble::Stalled, .. })),
        (Behaviour::Redirect("http://example.org/list".to_owned()), |error| {
            matches!(error, Error::Unreachable { trouble: Trouble::Elsewhere, .. })
        }),
    ];
    for (behaviour, is_expected) in rows {
        plain.server.set("list.txt", behaviour.clone());
        let error = plain.file.refresh(&impatient(), LIMIT, start()).await.expect_err("a failure");
        assert!(is_expected(&error), "{behaviour:?}: the caller was told {error:?}");
        assert_eq!(plain.content(), b"good", "{behaviour:?}: the last good file stays");
    }
    plain.server.reset();
    plain.refresh().await.expect("the server is well again");
    assert_eq!(plain.content(), long(), "the new version is whole, whatever was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_download_goes_on_if_it_is_still_the_same_file() {
    for (is_changed, why) in [(false, "only the rest is sent"), (true, "halves of two versions make no file")] {
        let plain = Plain::new().await;
        plain.server.set("list.txt", Behaviour::Cut(150_000));
        plain.refresh().await.expect_err("half a file");
        let there = fs::metadata(plain.folder.path().join("plain/partial")).expect("a partial file").len() as usize;
        plain.server.reset();
        let mut content = long();
        if is_changed {
            content[0] = 1;
            plain.serve(&content);
        }
        plain.refresh().await.expect("the rest, or all of it");
        let expected = if is_changed { content.len() } else { content.len() - there };
        let sent: Vec<usize> = plain.server.seen().iter().map(|seen| seen.sent).collect();
        assert_eq!(sent, [expected], "{why}");
        assert!(plain.content() == content, "{why}");
    }
}

#[tokio::test]
async fn only_encrypted_addresses_are_followed() {
    for (text, is_insecure) in [("http://example.org/list", true), ("ftp://example.org/list", false), ("list", false)] {
        let error = text.parse::<FileAddress>().expect_err("no address to follow");
        assert_eq!(matches!(error, Error::Insecure { .. }), is_insecure, "{text}: not {error:?}");
    }
    for text in
        ["https://example.org/list?version=1", "http://127.0.0.1:8080/list", "http://[::1]/l", "http://localhost/l"]
    {
        assert!(text.parse::<FileAddress>().is_ok(), "{text} can't be read on the way");
    }
    assert!(!Path::new("list").exists(), "parsing touches nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_file_is_found_again() {
    let plain = Plain::new().await;
    let again = PlainFile::open(&plain.folder.path().join("plain")).expect("a stored address");
    assert_eq!((again.name(), again.address()), ("list", plain.file.address()), "as it was followed");
    assert!(again.current().expect("a readable folder").is_none(), "nothing came yet");
    let twice = PlainFile::subscribe(&plain.folder.path().join("plain"), "x", plain.file.address().clone());
    assert!(matches!(twice, Err(Error::Exists { .. })), "one folder follows one file");
}
