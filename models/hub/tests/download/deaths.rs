//! Processes that die or find no room: the test's program runs itself as the downloader.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use aws_lc_rs::digest;
use lethe_hub::download::{Checksum, Control, DownloadError, Limits, Locate, Location, Unlocated, Wanted, download};
use lethe_hub::download::{Progress, Throttle};
use lethe_hub::fake_files::{Fault, Manner};
use lethe_network::{PlainHttp, Url};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::scene::{NAME, PART, Random, SIZE, Scene, bytes, client, limits};

const ADDRESS: &str = "LETHE_TEST_DOWNLOAD_ADDRESS";
const FOLDER: &str = "LETHE_TEST_DOWNLOAD_FOLDER";
const WANTED: &str = "LETHE_TEST_DOWNLOAD_WANTED";
const NO_ROOM: i32 = 28;
/// What a death costs lies in the buffers of system and process, so the proportions are nearer to real ones here: a
/// part is larger than those.
const LARGE: u64 = 16 << 20;
const LARGE_PART: u64 = 1 << 20;

struct Known(Url);

impl Locate for Known {
    async fn locate(&self, _: &Wanted) -> Result<Location, Unlocated> {
        Ok(Location { url: self.0.clone(), plain_http: PlainHttp::Loopback, secret: None, etag: None })
    }
}

fn owned((first, second): (&str, &str)) -> (String, String) {
    (first.to_owned(), second.to_owned())
}

/// Whether this process is the downloader; then it has downloaded and ended.
async fn is_downloader() {
    let (Ok(address), Ok(folder)) = (env::var(ADDRESS), env::var(FOLDER)) else { return };
    let url = Url::parse(&address).expect("an address");
    let (size, digits) = env::var(WANTED).expect("what is wanted").split_once(' ').map(owned).expect("two words");
    let size = size.parse().expect("a size");
    let wanted = Wanted::new(NAME, "maker/model@1", size, Checksum::sha256(&digits)).expect("a name");
    let part = if size == LARGE { LARGE_PART } else { PART };
    let (limits, control) = (Limits { part, ..limits(&Arc::default()) }, Control::default());
    let progress = watch::Sender::new(Progress::default());
    let files = [wanted];
    let outcome = download(&client(), &files, Path::new(&folder), &Known(url), &limits, &control, &progress).await;
    std::process::exit(match outcome {
        Ok(_) => 0,
        Err(DownloadError::DiskFull { .. }) => NO_ROOM,
        Err(error) => panic!("{error}"),
    });
}

fn downloader(test: &str, url: &Url, content: &[u8], folder: &Path, limit: &str) -> Child {
    let program = env::current_exe().expect("this program");
    let digest = digest::digest(&digest::SHA256, content);
    let digits: String = hex::encode(digest);
    Command::new("sh")
        .args(["-c", &format!("{limit} exec \"$0\" \"$@\"")])
        .arg(program)
        .args([test, "--exact", "--nocapture"])
        .env(ADDRESS, url.as_str())
        .env(FOLDER, folder)
        .env(WANTED, format!("{} {digits}", content.len()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("a shell")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloader_killed_at_fifty_moments_loses_almost_nothing() {
    is_downloader().await;
    let line = Throttle::new(Some(80 << 20));
    let scene = Scene::new(Manner { line, ..Manner::default() }).await;
    let mut random = Random(lethe_seed::of_this_run());
    let (mut kills, mut files, mut before) = (0, 0, Vec::new());
    while kills < 50 {
        files += 1;
        let (name, content) = (format!("{files}-{LARGE}"), bytes(files, LARGE));
        scene.server.put(&name, content.clone(), Some("\"tag\""));
        let url = scene.server.url(&name);
        loop {
            let mut child = downloader(
                "deaths::a_downloader_killed_at_fifty_moments_loses_almost_nothing",
                &url,
                &content,
                scene.folder.path(),
                "",
            );
            let moment = scene.server.sent() + random.below(LARGE / 8);
            let ended = tokio::select! {
                ended = child.wait() => Some(ended.expect("a child")),
                () = scene.server.has_sent(moment), if kills < 50 => None,
            };
            if let Some(ended) = ended {
                assert!(ended.success(), "the downloader fails after {kills} kills");
                assert!(std::fs::read(scene.path()).expect("the file") == content, "another content");
                before = content;
                break;
            }
            child.kill().await.expect("a child that runs");
            kills += 1;
            if scene.path().exists() {
                let found = std::fs::read(scene.path()).expect("the file");
                assert!(found == content || found == before, "half a file after {kills} kills");
            }
        }
    }
    let (sent, size) = (scene.server.sent(), files * LARGE);
    println!("{kills} kills over {files} files: {:.3} of the size", sent as f64 / size as f64);
    assert!(sent <= size + size / 20 + kills * LARGE_PART, "{sent} bytes for {size}");
    assert_eq!(crate::scene::names(scene.folder.path()), [NAME], "something is left");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_finds_no_room_says_so_and_the_next_try_goes_on() {
    is_downloader().await;
    let scene = Scene::new(Manner::default()).await;
    let name = format!("1-{SIZE}");
    scene.server.put(&name, scene.content.clone(), Some("\"tag\""));
    let test = "deaths::a_write_that_finds_no_room_says_so_and_the_next_try_goes_on";
    let url = scene.server.url(&name);
    let run = async |limit| {
        downloader(test, &url, &scene.content, scene.folder.path(), limit).wait().await.expect("a child").code()
    };
    // The first finds no room for the whole, before anything is fetched.
    let limit = "trap '' XFSZ; ulimit -f 2048;";
    assert_eq!(run(limit).await, Some(NO_ROOM), "the whole is larger than the limit");
    assert!(scene.server.asked().is_empty(), "nothing is fetched in vain");
    // The second is ended while its file is begun and has its whole length: the third fails in the midst of writing.
    (7..300).for_each(|number| scene.server.fault(number, Fault::Status(403, None)));
    assert_ne!(run("").await, Some(0), "it is refused");
    scene.server.heal();
    let before = scene.server.sent();
    assert!(before > 0, "a part of it is there");
    assert_eq!(run(limit).await, Some(NO_ROOM), "the writes go beyond the limit");
    assert!(scene.server.sent() > before, "it failed while writing");
    scene.assert_none("no room");
    assert_eq!(run("").await, Some(0), "there is room again");
    scene.assert_whole("room again");
    let sent = scene.server.sent();
    // The two faults each hit all four connections.
    assert!(sent <= SIZE + SIZE / 20 + 2 * 4 * PART, "{sent} bytes for {SIZE}");
}
