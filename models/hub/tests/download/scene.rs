//! What the tests of downloads share: a server, a folder, a hub that knows the way, and a download whose waits are
//! noted instead of waited for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest;
use lethe_hub::download::{
    Checksum, Control, DownloadError, Downloaded, Limits, Locate, Location, Patience, Progress, Unlocated, Wanted,
    download,
};
use lethe_hub::fake_files::{FakeFiles, Manner};
use lethe_network::{Client, PlainHttp, Switch, Timeouts};
use tempfile::TempDir;
use tokio::sync::watch;

pub const SIZE: u64 = (4 << 20) + 12_345;
pub const PART: u64 = 256 << 10;
pub const NAME: &str = "model.gguf";
pub const TAG: &str = "\"one\"";

pub struct Scene {
    pub server: FakeFiles,
    pub folder: TempDir,
    pub content: Vec<u8>,
    pub client: Client,
    pub limits: Limits,
    pub waits: Arc<Mutex<Vec<Duration>>>,
    pub control: Control,
    pub progress: watch::Sender<Progress>,
}

impl Scene {
    /// A server that has one file.
    pub async fn new(manner: Manner) -> Self {
        let server = FakeFiles::start(manner).await.expect("a server");
        let content = bytes(1, SIZE);
        server.put(NAME, content.clone(), Some(TAG));
        let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
        Self {
            server,
            folder: tempfile::tempdir().expect("a folder"),
            content,
            client: client(),
            limits: limits(&waits),
            waits,
            control: Control::default(),
            progress: watch::Sender::new(Progress::default()),
        }
    }

    pub fn wanted(&self) -> Wanted {
        wanted(NAME, &self.content)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }

    pub async fn download(&self) -> Result<Downloaded, DownloadError> {
        self.download_all(&[self.wanted()]).await
    }

    pub async fn download_all(&self, files: &[Wanted]) -> Result<Downloaded, DownloadError> {
        let (folder, hub) = (self.folder.path(), Hub(self.server.clone()));
        download(&self.client, files, folder, &hub, &self.limits, &self.control, &self.progress).await
    }

    /// The file is whole and right, and nothing else is in the folder.
    pub fn assert_whole(&self, why: &str) {
        assert!(std::fs::read(self.path()).expect("the file") == self.content, "{why}: another content");
        assert_eq!(names(self.folder.path()), [NAME], "{why}: something is left");
    }

    /// Nothing is there under the final name.
    pub fn assert_none(&self, why: &str) {
        assert!(!self.path().exists(), "{why}: half a file has the final name");
    }
}

pub fn client() -> Client {
    let timeouts = Timeouts { idle: Duration::from_millis(700), ..Timeouts::default() };
    Client::new(timeouts, Switch::on(), |_| ()).expect("a client")
}

pub fn limits(waits: &Arc<Mutex<Vec<Duration>>>) -> Limits {
    let waits = Arc::clone(waits);
    let patience = Patience {
        wait: Arc::new(move |wait| {
            waits.lock().expect("nobody panicked").push(wait);
            Box::pin(tokio::task::yield_now())
        }),
        random: Arc::new(|| 0.5),
        ..Patience::default()
    };
    Limits { part: PART, patience, ..Limits::default() }
}

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A hub that knows where the server's files are.
pub struct Hub(pub FakeFiles);

impl Locate for Hub {
    async fn locate(&self, wanted: &Wanted) -> Result<Location, Unlocated> {
        let url = self.0.url(wanted.name());
        Ok(Location { url, plain_http: PlainHttp::Loopback, secret: None, etag: None })
    }
}

/// Bytes that look like nothing.
pub fn bytes(seed: u64, count: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..count.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).take(count as usize).collect()
}

pub fn wanted(name: &str, content: &[u8]) -> Wanted {
    let digest = digest::digest(&digest::SHA256, content);
    let checksum = Checksum::Sha256(digest.as_ref().try_into().expect("32 bytes"));
    Wanted::new(name, "maker/model@1", content.len() as u64, Some(checksum)).expect("a name")
}

/// Splitmix64: the same numbers each time.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
