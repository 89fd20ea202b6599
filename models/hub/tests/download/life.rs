//! A download's life: what is there already, sets of files, pausing, ending, and going on.

use std::fs;

use lethe_hub::download::{Checksum, DownloadError, Locate, Location, State, Unlocated, Wanted, download};
use lethe_hub::fake_files::{FakeFiles, Fault, Manner};
use lethe_network::{Error, PlainHttp};

use crate::scene::{NAME, PART, SIZE, Scene, bytes, names, wanted};

fn within(scene: &Scene, faults: u64) {
    let sent = scene.server.sent();
    assert!(sent <= SIZE + SIZE / 20 + faults * PART, "{sent} bytes for {SIZE}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_set_arrive_as_one_and_small_ones_are_checked_too() {
    let scene = Scene::new(Manner::default()).await;
    let blob = Checksum::git_blob("ce013625030ba8dba906f756967f9e9ca394464a");
    let mut files = vec![
        Wanted::new("config/hello.txt", "maker/model@1", 6, blob).expect("a name"),
        Wanted::new("empty.txt", "maker/model@1", 0, None).expect("a name"),
    ];
    scene.server.put("config/hello.txt", b"hello\n".to_vec(), Some("W/\"weak\""));
    scene.server.put("empty.txt", Vec::new(), None);
    for number in 1..=5 {
        let (name, content) = (format!("model-{number}-of-5.gguf"), bytes(number, 300_000 * number));
        files.push(wanted(&name, &content));
        scene.server.put(&name, content, Some("\"shard\""));
    }
    let downloaded = scene.download_all(&files).await.expect("all files");
    let paths: Vec<_> = files.iter().map(|wanted| wanted.path(scene.folder.path())).collect();
    assert_eq!(downloaded.files, paths);
    assert_eq!(fs::read(&paths[0]).expect("the file"), b"hello\n");
    assert_eq!(fs::read(&paths[1]).expect("the file"), b"");
    for number in 1..=5 {
        let content = fs::read(&paths[number as usize + 1]).expect("the file");
        assert!(content == bytes(number, 300_000 * number), "shard {number} is another one");
    }
    assert_eq!(names(scene.folder.path()).len(), 7, "something is left: {:?}", names(scene.folder.path()));
    let progress = *scene.progress.borrow();
    assert_eq!((progress.done, progress.total), (progress.total, 300_000 * 15 + 6));

    let asked = scene.server.asked().len();
    let again = scene.download_all(&files).await.expect("all files");
    assert_eq!((again.fetched, scene.server.asked().len()), (0, asked), "what is there is not fetched");

    fs::write(&paths[3], bytes(9, 600_000)).expect("a damaged file");
    fs::write(&paths[0], b"hullo\n").expect("a damaged file");
    let again = scene.download_all(&files).await.expect("all files");
    assert_eq!(again.fetched, 600_006, "what is damaged is fetched, and only that");
    assert!(fs::read(&paths[3]).expect("the file") == bytes(2, 600_000), "it is right again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_download_asks_for_nothing_and_goes_on_where_it_was() {
    let scene = Scene::new(Manner::default()).await;
    let steps = async {
        scene.server.has_sent(SIZE / 3).await;
        scene.control.pause();
        let mut progress = scene.progress.subscribe();
        progress.wait_for(|progress| progress.state == State::Paused).await.expect("it tells so");
        scene.control.resume();
    };
    let (downloaded, ()) = tokio::join!(scene.download(), steps);
    downloaded.expect("it goes on");
    scene.assert_whole("paused");
    within(&scene, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_download_leaves_nothing() {
    let scene = Scene::new(Manner::default()).await;
    let steps = async {
        scene.server.has_sent(SIZE / 3).await;
        scene.control.pause();
        scene.control.cancel();
        scene.control.resume();
    };
    let (downloaded, ()) = tokio::join!(scene.download(), steps);
    assert!(matches!(downloaded, Err(DownloadError::Cancelled)), "{downloaded:?}");
    assert!(names(scene.folder.path()).is_empty(), "something is left: {:?}", names(scene.folder.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_it_ends_and_keeps_what_arrived() {
    let scene = Scene::new(Manner::default()).await;
    let steps = async {
        scene.server.has_sent(SIZE / 2).await;
        scene.client.switch().forbid();
    };
    let (downloaded, ()) = tokio::join!(scene.download(), steps);
    assert!(matches!(downloaded, Err(DownloadError::Network(Error::Offline))), "{downloaded:?}");
    scene.assert_none("switched off");
    let asked = scene.server.asked().len();
    let again = scene.download().await;
    assert!(matches!(again, Err(DownloadError::Network(Error::Offline))), "{again:?}");
    assert_eq!(scene.server.asked().len(), asked, "no request leaves");
    scene.client.switch().allow();
    scene.download().await.expect("it goes on");
    scene.assert_whole("switched on again");
    within(&scene, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_download_goes_on_where_it_was() {
    let scene = Scene::new(Manner::default()).await;
    for share in 1..=5 {
        tokio::select! {
            downloaded = scene.download() => panic!("a sixth of it is not all: {downloaded:?}"),
            () = scene.server.has_sent(share * SIZE / 8) => {}
        }
        scene.assert_none("dropped");
    }
    scene.download().await.expect("the rest");
    scene.assert_whole("dropped five times");
    within(&scene, 5 * 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_used_for_the_same_content_only() {
    let half = async |scene: &Scene| {
        (6..300).for_each(|number| scene.server.fault(number, Fault::Status(403, None)));
        scene.download().await.expect_err("it is refused");
        scene.server.heal();
        scene.server.sent()
    };
    let scene = Scene::new(Manner::default()).await;
    let sent = half(&scene).await;
    let checksum = scene.wanted().checksum().copied();
    let next = Wanted::new(NAME, "maker/model@2", SIZE, checksum).expect("a name");
    let downloaded = scene.download_all(&[next]).await.expect("the file");
    assert!(downloaded.fetched >= SIZE && sent > 0, "a part of another version was used");
    scene.assert_whole("another version");

    type Damage = fn(&std::path::Path);
    let rows: [(&str, Damage, u64); 4] = [
        ("no journal", |part| fs::remove_file(part.with_extension("part.journal")).expect("it is there"), SIZE),
        ("no part file", |part| fs::remove_file(part).expect("it is there"), SIZE),
        ("a short part file", |part| fs::write(part, b"short").expect("a file"), SIZE),
        (
            "a foreign journal",
            |part| fs::write(part.with_extension("part.journal"), "have 0 4206649\n").expect("a file"),
            SIZE,
        ),
    ];
    for (name, damage, least) in rows {
        let scene = Scene::new(Manner::default()).await;
        half(&scene).await;
        damage(&scene.folder.path().join("model.gguf.part"));
        let downloaded = scene.download().await.expect("the file");
        assert!(downloaded.fetched >= least, "{name}: {} bytes", downloaded.fetched);
        scene.assert_whole(name);
    }
}

/// A hub that says what it takes for the content's tag.
struct Tagged(FakeFiles, &'static str);

impl Locate for Tagged {
    async fn locate(&self, wanted: &Wanted) -> Result<Location, Unlocated> {
        let (url, etag) = (self.0.url(wanted.name()), Some(self.1.to_owned()));
        Ok(Location { url, plain_http: PlainHttp::Loopback, secret: None, etag })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_may_go_on_where_a_checksum_tells_but_another_tag_of_the_hub_begins_anew() {
    // Servers of one content give it tags of their own; only the hub's tag is the same everywhere.
    let half = SIZE / 2;
    let rows =
        [("\"hub\"", true, half..SIZE), ("\"hub\"", false, SIZE..SIZE + half), ("\"new\"", true, SIZE..SIZE + half)];
    for (tag, checked, expected) in rows {
        let scene = Scene::new(Manner::default()).await;
        let checksum = scene.wanted().checksum().copied().filter(|_| checked);
        let files = [Wanted::new(NAME, "maker/model@1", SIZE, checksum).expect("a name")];
        let run = async |hub| {
            let folder = scene.folder.path();
            download(&scene.client, &files, folder, &hub, &scene.limits, &scene.control, &scene.progress).await
        };
        (6..300).for_each(|number| scene.server.fault(number, Fault::Status(403, None)));
        run(Tagged(scene.server.clone(), "\"hub\"")).await.expect_err("it is refused");
        let other = FakeFiles::start(Manner::default()).await.expect("a server");
        other.put(NAME, scene.content.clone(), Some("\"other\""));
        let downloaded = run(Tagged(other, tag)).await.expect("the rest");
        let fetched = downloaded.fetched;
        assert!(expected.contains(&fetched), "{tag}, checksum {checked}: {fetched} bytes for {SIZE}");
        scene.assert_whole(tag);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_downloads_never_write_one_file() {
    let scene = Scene::new(Manner::default()).await;
    scene.server.fault(1, Fault::Stall(0));
    let second = async {
        scene.server.has_sent(1).await;
        scene.download().await
    };
    let (first, second) = tokio::join!(scene.download(), second);
    first.expect("the first");
    assert!(matches!(&second, Err(DownloadError::Busy { name }) if name == NAME), "{second:?}");
    scene.assert_whole("two at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_disk_has_room_for_is_not_begun() {
    let scene = Scene::new(Manner::default()).await;
    let huge = Wanted::new("huge.gguf", "maker/model@1", 1 << 60, None).expect("a name");
    let error = scene.download_all(&[scene.wanted(), huge]).await.expect_err("there is no such disk");
    assert!(matches!(error, DownloadError::DiskFull { .. }), "{error:?}");
    assert!(scene.server.asked().is_empty(), "nothing is fetched in vain");
    assert!(names(scene.folder.path()).is_empty(), "something is left: {:?}", names(scene.folder.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_as_long_as_file_systems_store_is_fetched_and_leaves_nothing_beside_it() {
    for length in [237, 238, 239, 240, 255] {
        let scene = Scene::new(Manner::default()).await;
        let name = format!("{}.gguf", "a".repeat(length - 5));
        scene.server.put(&name, scene.content.clone(), Some("\"long\""));
        let wanted = Wanted::new(&name, "maker/model@1", SIZE, None).expect("a name");
        scene.download_all(&[wanted]).await.unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(crate::scene::names(scene.folder.path()), [name], "{length}");
    }
}
