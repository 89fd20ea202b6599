//! The table of faults: each row over real sockets. After each the file is whole and right, and few bytes were sent
//! twice; or there is no file, and the next try goes on.

use std::time::Duration;

use lethe_hub::download::{DownloadError, Flaw};
use lethe_hub::fake_files::{Fault, Manner, Ranges};
use lethe_network::{Error, Trouble};

use crate::scene::{NAME, PART, Random, SIZE, Scene, bytes, wanted};

/// What the server may send for a file and some faults.
fn bound(faults: u64) -> u64 {
    SIZE + SIZE / 20 + faults * PART
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_gets_over_every_passing_fault_and_fetches_little_twice() {
    let mut random = Random(lethe_seed::of_this_run());
    let status = |status| Fault::Status(status, None);
    let rows: Vec<(&str, Vec<(u64, Fault)>)> = vec![
        ("no fault", vec![]),
        ("resets", (0..12).map(|number| (2 * number, Fault::Reset(random.below(PART)))).collect()),
        ("a reset before the first byte", vec![(0, Fault::Reset(0))]),
        ("stalls", vec![(0, Fault::Stall(5000)), (3, Fault::Stall(0))]),
        ("wrong ranges", vec![(0, Fault::WrongRange), (5, Fault::WrongRange)]),
        ("short bodies", vec![(0, Fault::Short(0)), (2, Fault::Short(70_000)), (3, Fault::Short(1))]),
        ("long bodies", vec![(1, Fault::Long(1)), (4, Fault::Long(100_000))]),
        ("too many requests", vec![(1, Fault::Status(429, Some("30".to_owned())))]),
        ("a burst of server errors", (1..12).map(|number| (number, status(500 + number as u16 % 5))).collect()),
        ("a circle of redirects", (2..8).map(|number| (number, Fault::Redirect)).collect()),
        ("locations that expire", vec![(3, Fault::Expire), (9, Fault::Expire)]),
        ("a compressed answer", vec![(2, Fault::Compressed)]),
    ];
    for (name, faults) in rows {
        let scene = Scene::new(Manner::default()).await;
        let count = faults.len() as u64;
        for (number, fault) in faults {
            scene.server.fault(number, fault);
        }
        let downloaded = scene.download().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        scene.assert_whole(name);
        assert_eq!(downloaded.files, [scene.path()]);
        println!("{name}: {:.3} of the size, {count} faults", scene.server.sent() as f64 / SIZE as f64);
        assert!(scene.server.sent() <= bound(count), "{name}: {} bytes for {SIZE}", scene.server.sent());
        if name == "too many requests" {
            let waits = scene.waits.lock().expect("nobody panicked");
            assert_eq!(*waits, [Duration::from_secs(30)], "the server said when");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lasting_fault_ends_with_its_error_and_the_next_try_goes_on() {
    let refused = |error: &DownloadError| matches!(error, DownloadError::Refused { status: 403, .. });
    let flawed = |flaw: Flaw| move |error: &DownloadError| matches!(error, DownloadError::Flawed { flaw: other, .. } if *other == flaw);
    let trouble = |trouble: Trouble| move |error: &DownloadError| matches!(error, DownloadError::Network(Error::Unreachable { trouble: other, .. }) if *other == trouble);
    type Is = Box<dyn Fn(&DownloadError) -> bool>;
    let rows: Vec<(&str, Fault, Is)> = vec![
        ("refusals", Fault::Status(403, None), Box::new(refused)),
        ("server errors", Fault::Status(503, None), Box::new(trouble(Trouble::Status(503)))),
        ("resets", Fault::Reset(0), Box::new(trouble(Trouble::BrokeOff))),
        ("redirects", Fault::Redirect, Box::new(trouble(Trouble::Redirects))),
        ("wrong ranges", Fault::WrongRange, Box::new(flawed(Flaw::Range))),
        ("compressed answers", Fault::Compressed, Box::new(flawed(Flaw::Encoded))),
        ("empty answers", Fault::Short(0), Box::new(flawed(Flaw::Short))),
        ("statuses that make no sense", Fault::Status(304, None), Box::new(flawed(Flaw::Status))),
    ];
    for (name, fault, is) in rows {
        let scene = Scene::new(Manner::default()).await;
        let lasting = |from: u64| (from..from + 200).for_each(|number| scene.server.fault(number, fault.clone()));
        lasting(6);
        let error = scene.download().await.expect_err("it never ends");
        assert!(is(&error), "{name}: {error:?}");
        scene.assert_none(name);
        let before = scene.server.sent();
        assert!(before > 0, "{name}: six answers were good");
        let faults = scene.server.asked().len() as u64 - 6;
        scene.server.heal();
        let second = scene.download().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        scene.assert_whole(name);
        // Each answer after the sixth was a fault.
        println!("{name}: {before} bytes, then {}", second.fetched);
        assert!(scene.server.sent() <= bound(faults), "{name}: {} bytes for {SIZE}", scene.server.sent());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_ranges_gives_one_stream_that_can_begin_anew() {
    let scene = Scene::new(Manner { ranges: Ranges::Ignored, ..Manner::default() }).await;
    scene.download().await.expect("one stream");
    scene.assert_whole("one stream");
    assert!(scene.server.sent() <= bound(0), "{} bytes for {SIZE}", scene.server.sent());

    let scene = Scene::new(Manner { ranges: Ranges::Ignored, ..Manner::default() }).await;
    scene.server.fault(0, Fault::Reset(SIZE / 2));
    scene.server.fault(1, Fault::Short(SIZE / 2));
    scene.download().await.expect("three streams");
    scene.assert_whole("three streams");
    // Without ranges each fault costs what its stream had brought: that is asked for again.
    assert!(scene.server.sent() <= 2 * SIZE + bound(2) - SIZE, "{} bytes for {SIZE}", scene.server.sent());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_came_wrongly_is_found_and_the_file_fetched_anew() {
    let mut random = Random(lethe_seed::of_this_run());
    for offset in [0, random.below(SIZE), SIZE - 1] {
        for connections in [1, 4] {
            let mut scene = Scene::new(Manner::default()).await;
            scene.limits.connections = connections;
            scene.server.corrupt(offset, 1);
            scene.download().await.unwrap_or_else(|error| panic!("byte {offset}: {error}"));
            scene.assert_whole("one wrong byte");
            let sent = scene.server.sent();
            assert!(sent <= bound(1) + SIZE, "byte {offset}: {sent} bytes for {SIZE}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_wrong_twice_is_refused_and_removed() {
    let scene = Scene::new(Manner::default()).await;
    let mut wrong = scene.content.clone();
    wrong[SIZE as usize / 2] ^= 1;
    scene.server.put(NAME, wrong, Some("\"wrong\""));
    let error = scene.download().await.expect_err("it is not what was published");
    assert!(matches!(&error, DownloadError::Wrong { name } if name == NAME), "{error:?}");
    assert!(crate::scene::names(scene.folder.path()).is_empty(), "nothing of it is of use");
    assert!(scene.server.sent() <= 2 * bound(0), "it is fetched twice, not more: {}", scene.server.sent());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_meanwhile_is_begun_anew_and_never_mixed() {
    // The same bytes under another tag: what was there is given up, because nothing says so.
    let scene = Scene::new(Manner::default()).await;
    scene.server.fault(8, Fault::Change(scene.content.clone(), "\"two\"".to_owned()));
    let downloaded = scene.download().await.expect("the new one");
    scene.assert_whole("another tag");
    // At most eight parts came before, and each connection was in the middle of one. What was received is counted: the
    // server also hands whole files to the system, in answer to ranges of the old content, that nobody reads.
    assert!(downloaded.fetched <= bound(8 + 4), "{} bytes for {SIZE}", downloaded.fetched);

    // Other bytes, and no checksum to tell: all of the new ones.
    let scene = Scene::new(Manner::default()).await;
    let other = bytes(2, SIZE);
    scene.server.fault(8, Fault::Change(other.clone(), "\"two\"".to_owned()));
    let unchecked = lethe_hub::download::Wanted::new(NAME, "maker/model@1", SIZE, None).expect("a name");
    scene.download_all(&[unchecked]).await.expect("the new one");
    assert!(std::fs::read(scene.path()).expect("the file") == other, "two contents are mixed");

    // Other bytes, though the checksum is known: none.
    let scene = Scene::new(Manner::default()).await;
    scene.server.fault(8, Fault::Change(bytes(2, SIZE), "\"two\"".to_owned()));
    let error = scene.download().await.expect_err("it is another file");
    assert!(matches!(error, DownloadError::Wrong { .. }), "{error:?}");
    scene.assert_none("another file");

    // Another size.
    let scene = Scene::new(Manner::default()).await;
    scene.server.fault(8, Fault::Change(bytes(2, SIZE + 1), "\"two\"".to_owned()));
    let error = scene.download().await.expect_err("it is another file");
    assert!(matches!(error, DownloadError::Flawed { flaw: Flaw::Size, .. }), "{error:?}");
    scene.assert_none("another size");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tag_and_a_checksum_only_one_stream_is_trusted() {
    let scene = Scene::new(Manner::default()).await;
    scene.server.put(NAME, scene.content.clone(), None);
    scene.server.fault(1, Fault::Reset(SIZE / 2));
    let unchecked = lethe_hub::download::Wanted::new(NAME, "maker/model@1", SIZE, None).expect("a name");
    scene.download_all(&[unchecked]).await.expect("one stream");
    scene.assert_whole("one stream");
    let whole = scene.server.asked().into_iter().filter(|asked| asked.range.is_none()).count();
    assert!(whole >= 2, "ranges of two contents could be mixed: {:?}", scene.server.asked());

    let scene = Scene::new(Manner::default()).await;
    scene.server.put(NAME, scene.content.clone(), None);
    scene.download_all(&[wanted(NAME, &scene.content)]).await.expect("the checksum tells");
    scene.assert_whole("the checksum tells");
    assert!(scene.server.asked().len() > 4, "ranges are fine then");
}
