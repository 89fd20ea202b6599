//! A publisher, a web server with a copy of what was published, and a subscriber.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lethe_feeds::{
    Address, Custom, Error, Feed, KeyRole, Lifetime, NewSegment, Published, Publisher, Refreshed, Result, SegmentName,
};
use lethe_network::{Client, Exchange, Phase, Switch, Timeouts};
use tempfile::TempDir;

use crate::server::Server;

/// The time of the first version.
pub fn start() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("a time")
}

pub fn days_later(days: i64) -> Timestamp {
    start() + SignedDuration::from_hours(24 * days)
}

/// The keys that a thief gets from the computer of daily work.
pub const DAILY: [KeyRole; 3] = [KeyRole::Targets, KeyRole::Snapshot, KeyRole::Timestamp];

/// What a caller has to be told.
pub type Expected = fn(&Error) -> bool;

pub struct Site {
    folder: TempDir,
    pub server: Server,
    pub feed: Feed,
    pub client: Client,
    /// What the observer was told.
    pub ledger: Arc<Mutex<Vec<Exchange>>>,
}

impl Site {
    /// A site with one version of two segments, which a feed subscribes to and has not refreshed yet.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::create_dir(path.join("served")).expect("a folder");
        let mut publisher =
            Publisher::open_or_create(&path.join("keys"), &path.join("published")).expect("a publisher");
        publisher
            .publish(vec![segment("first", b"one"), segment("second", &long())], &[], Lifetime::default(), start())
            .expect("a first version");
        drop(publisher);
        let root = fs::read(path.join("published/metadata/1.root.json")).expect("a root file");
        let server = Server::start(&path.join("served")).await;
        let address: Address = server.address.parse().expect("an address");
        let feed = Feed::subscribe(&path.join("feed"), "test", address, &root).expect("a subscription");
        let (client, ledger) = client();
        let site = Self { folder, server, feed, client, ledger };
        site.upload();
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn publisher(&self) -> Publisher {
        Publisher::open_or_create(&self.path("keys"), &self.path("published")).expect("a publisher")
    }

    /// The newest root file, which subscribers get.
    pub fn root(&self) -> Vec<u8> {
        let file = |version: u32| self.path(&format!("published/metadata/{version}.root.json"));
        let newest = (1..).take_while(|version| file(*version).exists()).last().expect("a root file");
        fs::read(file(newest)).expect("a root file")
    }

    /// Publishes at a day and uploads.
    pub fn publish(&self, add: Vec<NewSegment>, remove: &[&str], day: i64) -> Published {
        let remove: Vec<SegmentName> = remove.iter().map(|name| name.parse().expect("a name")).collect();
        let published = self.publisher().publish(add, &remove, Lifetime::default(), days_later(day));
        self.upload();
        published.expect("another version")
    }

    /// Serves what is published, and nothing else.
    pub fn upload(&self) {
        copy(&self.path("published"), &self.path("served"));
    }

    /// A file on the server.
    pub fn served(&self, file: &str) -> PathBuf {
        self.path("served").join(file)
    }

    /// A segment's path on the server.
    pub fn served_segment(&self, name: &str) -> String {
        let mut files = fs::read_dir(self.served("targets"))
            .expect("a folder")
            .map(|file| file.expect("a file").file_name().into_string().expect("an ASCII name"));
        format!("targets/{}", files.find(|file| file.ends_with(&format!(".{name}"))).expect("a published segment"))
    }

    pub async fn refresh(&self, day: i64) -> Result<Refreshed> {
        self.feed.refresh(&self.client, days_later(day)).await
    }

    /// What a failed refresh may not touch: the state and all segments, byte for byte.
    pub fn good_state(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut state = files(&self.path("feed").join("segments"));
        state.extend(fs::read(self.path("feed/current.json")).ok().map(|bytes| ("current.json".into(), bytes)));
        state
    }

    pub fn names(&self) -> Vec<String> {
        let current = self.feed.verified().expect("an undamaged state").expect("a refreshed feed");
        current.segments.iter().map(|segment| segment.name.to_string()).collect()
    }
}

/// Whether the list is the same as before.
pub fn is_unchanged(refreshed: &Refreshed) -> bool {
    refreshed.added.is_empty() && refreshed.removed.is_empty()
}

/// A client with the usual patience, because tests run on busy machines, and what its observer was told.
pub fn client() -> (Client, Arc<Mutex<Vec<Exchange>>>) {
    let ledger = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&ledger);
    let client = Client::new(Timeouts::default(), Switch::on(), move |exchange: Exchange| {
        if exchange.phase == Phase::Over {
            shared.lock().expect("no panic").push(exchange);
        }
    });
    (client.expect("a client"), ledger)
}

/// A client that gives up soon, for servers that stall.
pub fn impatient() -> Client {
    let timeouts = Timeouts { idle: Duration::from_millis(500), ..Timeouts::default() };
    Client::new(timeouts, Switch::on(), |_| ()).expect("a client")
}

pub fn segment(name: &str, bytes: &[u8]) -> NewSegment {
    let custom = Custom::new(&BTreeMap::from([("entries", bytes.len())])).expect("a map");
    NewSegment { name: name.parse().expect("a name"), bytes: bytes.to_vec(), custom }
}

/// More than fits into one packet or one buffer, and no part of it like another.
pub fn long() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// All files below a folder by path.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.exists() {
            let bytes = fs::read(&path).expect("a readable file");
            found.insert(path, bytes);
        }
    }
    found
}

/// Makes one folder like another.
pub fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder");
    for (path, bytes) in files(from) {
        let path = to.join(path.strip_prefix(from).expect("a path below"));
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        fs::write(path, bytes).expect("a written file");
    }
}
