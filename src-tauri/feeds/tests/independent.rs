//! Feeds that another implementation has made, see `independent/make.py`: what we read is TUF, not only our own.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lethe_feeds::{Error, Feed};
use lethe_network::Client;
use tempfile::TempDir;

use crate::site::Expected;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/feeds").join(name)
}

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().expect("a time")
}

fn subscribe(name: &str) -> (TempDir, Feed) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = fs::read(fixture(name).join("root.json")).expect("a root file");
    let address = fixture(name).to_str().expect("text").parse().expect("an address");
    let feed = Feed::subscribe(folder.path(), name, address, &root).expect("a subscription");
    (folder, feed)
}

#[tokio::test]
async fn good_feeds_of_another_publisher_are_read() {
    for (name, segments, root) in
        [("valid-1", 2, 1), ("valid-2", 3, 1), ("valid-4", 3, 1), ("no-hashes", 2, 1), ("rotated-root", 3, 2)]
    {
        let (_folder, feed) = subscribe(name);
        let refreshed = feed.refresh(&Client::offline(), now()).await;
        let current = refreshed.unwrap_or_else(|error| panic!("{name} is good, but was refused: {error:?}")).current;
        assert_eq!(current.segments.len(), segments, "{name}: all segments are there");
        assert_eq!(current.versions.root, root, "{name}: the newest root file is followed");
        assert_eq!(current.issued, None, "{name}: only our own publisher says when it signed");
        feed.verified().expect("whole segments");
        #[derive(serde::Deserialize)]
        struct Entries {
            entries: u64,
        }
        let entries: Entries = current.segments[0].custom.read().expect("the publisher's own data");
        assert_eq!(entries.entries, current.segments[0].length, "{name}: custom data comes through");
    }
}

#[tokio::test]
async fn bad_feeds_of_another_publisher_are_refused() {
    let rows: [(&str, Expected); 12] = [
        ("wrongly-rotated-root", |error| matches!(error, Error::RootRefused)),
        ("expired-timestamp", |error| matches!(error, Error::Expired { file, .. } if file == "timestamp.json")),
        ("expired-targets", |error| matches!(error, Error::Expired { file, .. } if file == "targets.json")),
        ("mixed", |error| matches!(error, Error::Mixed { file } if file == "2.targets.json")),
        ("mixed-no-hashes", |error| matches!(error, Error::Mixed { file } if file == "targets.json")),
        ("rolled-back-snapshot", |error| matches!(error, Error::RolledBack { file } if file == "snapshot.json")),
        ("rolled-back-targets", |error| matches!(error, Error::RolledBack { file } if file == "targets.json")),
        ("tampered-targets", |error| matches!(error, Error::Forged { file } if file == "targets.json")),
        ("other-keys", |error| matches!(error, Error::Forged { file } if file == "timestamp.json")),
        ("changed-segment", |error| matches!(error, Error::WrongHash { file } if file == "people-0003")),
        ("missing-segment", |error| matches!(error, Error::Missing { file } if file == "people-0003")),
        ("valid-1", |error| matches!(error, Error::RolledBack { file } if file == "timestamp.json")),
    ];
    for (name, is_expected) in rows {
        let (folder, feed) = subscribe("valid-2");
        // All feeds have one publisher. What was received before would not be asked for again.
        if !name.contains("segment") && !name.contains("mixed") {
            feed.refresh(&Client::offline(), now()).await.expect("a good second version");
        }
        let before = fs::read(folder.path().join("current.json")).ok();
        let error = feed.refresh_from_archive(&fixture(name), now()).await.expect_err(name);
        assert!(is_expected(&error), "{name}: the caller was told {error:?}");
        assert_eq!(fs::read(folder.path().join("current.json")).ok(), before, "{name}: the last good list stays");
        feed.refresh_from_archive(&fixture("valid-4"), now()).await.expect("a good feed is followed again");
        feed.verified().expect("whole segments");
    }
}
