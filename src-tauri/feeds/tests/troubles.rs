//! Servers and networks that fail without meaning it, and state that something else has damaged.

use std::fs;
use std::time::Duration;

use lethe_feeds::{Error, Feed, KeyRole, Lifetime, Trouble};
use lethe_network::{Client, Switch, Timeouts};

use crate::server::Behaviour;
use crate::site::{Expected, Site, days_later, impatient, is_unchanged, segment};

const TIMESTAMP: &str = "metadata/timestamp.json";

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_server_is_told_apart_from_a_lying_one() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    other.set_nonblocking(true).expect("a socket");
    let port = other.local_addr().expect("a bound port").port();
    let elsewhere = |to: String| Behaviour::Redirect(to);
    let rows: [(&str, Behaviour, Expected); 11] = [
        ("an error of the server", Behaviour::Status(500), |error| trouble(error) == Some(Trouble::Status(500))),
        ("too many requests", Behaviour::Status(429), |error| trouble(error) == Some(Trouble::Status(429))),
        ("nothing there", Behaviour::Status(404), |error| matches!(error, Error::NothingThere { .. })),
        ("a stall", Behaviour::Stall(10), |error| trouble(error) == Some(Trouble::Stalled)),
        ("a cut", Behaviour::Cut(10), |error| trouble(error) == Some(Trouble::BrokeOff)),
        ("a loop", Behaviour::Redirect(format!("/{TIMESTAMP}")), |error| trouble(error) == Some(Trouble::Redirects)),
        ("another scheme", elsewhere("ftp://localhost/".to_owned()), is_elsewhere),
        ("another port", elsewhere(format!("http://127.0.0.1:{port}/cgi-bin/reboot?now")), is_elsewhere),
        ("another name of this machine", elsewhere(format!("http://localhost:{port}/{TIMESTAMP}")), is_elsewhere),
        ("another port, without a scheme", elsewhere(format!("//127.0.0.1:{port}/{TIMESTAMP}")), is_elsewhere),
        ("another host with encryption", elsewhere(format!("https://localhost:{port}/{TIMESTAMP}")), is_elsewhere),
    ];
    let site = Site::new().await;
    site.server.manners().knows_etags = false;
    site.refresh(0).await.expect("a first list");
    let before = site.good_state();
    for (name, behaviour, is_expected) in rows {
        site.server.set(TIMESTAMP, behaviour);
        let error = site.feed.refresh(&impatient(), days_later(1)).await.expect_err(name);
        assert!(is_expected(&error), "{name}: the caller was told {error:?}");
        assert_eq!(site.good_state(), before, "{name}: the last good list stays");
        site.server.reset();
    }
    site.refresh(1).await.expect("the server is well again");
    let heard = other.accept().expect_err("nobody has called");
    assert_eq!(heard.kind(), std::io::ErrorKind::WouldBlock, "a server does not choose whom this machine asks");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hop_of_a_redirect_is_told() {
    let site = Site::new().await;
    let moved = format!("{}metadata/moved.json", site.server.address);
    fs::rename(site.served(TIMESTAMP), site.served("metadata/moved.json")).expect("a moved file");
    site.server.set(TIMESTAMP, Behaviour::Redirect(moved));
    site.refresh(0).await.expect("a redirect is followed");
    let ledger = site.ledger.lock().expect("no panic").clone();
    let paths: Vec<&str> = ledger.iter().take(3).map(|exchange| exchange.path.as_str()).collect();
    let expected = ["/metadata/2.root.json", "/metadata/timestamp.json", "/metadata/moved.json"];
    assert_eq!(paths, expected, "the ledger hides no host");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_leaves_the_list() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    let address: lethe_feeds::Address = "http://127.0.0.1:1/".parse().expect("an address");
    let root = fs::read(site.path("published/metadata/1.root.json")).expect("a root file");
    let feed = Feed::subscribe(&site.path("gone"), "gone", address, &root).expect("a subscription");
    let error = feed.refresh(&site.client, days_later(0)).await.expect_err("nobody listens there");
    assert_eq!(trouble(&error), Some(Trouble::NoConnection), "not {error:?}");
    assert!(feed.current().expect("a readable folder").is_none(), "there is no list without a server");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_segment_is_found_and_comes_back() {
    let site = Site::new().await;
    let refreshed = site.refresh(0).await.expect("a first list");
    let path = site.feed.segment_path(&refreshed.current.segments[0]);
    fs::write(&path, b"two").expect("a damaged segment");
    let error = site.feed.verified().expect_err("other bytes");
    assert!(matches!(&error, Error::WrongHash { file } if file == "first"), "not {error:?}");
    site.refresh(0).await.expect("a refresh that finds nothing new, but a missing segment");
    assert_eq!(site.names(), ["first", "second"], "the segment is as it was published");
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_state_is_said_and_mended() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    for file in ["current.json", "trusted/timestamp.json", "trusted/snapshot.json", "trusted/targets.json"] {
        site.publish(vec![segment("third", file.as_bytes())], &[], 1);
        fs::write(site.path("feed").join(file), "{ half a file").expect("a damaged file");
        let current = site.feed.current();
        let is_said = matches!(current, Err(Error::StateDamaged { .. }));
        assert_eq!(is_said, file == "current.json", "a damaged list is never taken for an empty one");
        site.refresh(1).await.unwrap_or_else(|error| panic!("{file}: a refresh mends it, but said {error:?}"));
        assert_eq!(site.names(), ["first", "second", "third"], "{file}: the list is whole");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_that_was_changed_is_asked_for_again() {
    for file in ["targets.json", "snapshot.json"] {
        let site = Site::new().await;
        site.refresh(0).await.expect("a first list");
        let path = site.path("feed/trusted").join(file);
        let changed = fs::read_to_string(&path).expect("a kept file").replace("2026", "2027");
        fs::write(path, changed).expect("a changed file");
        // A new timestamp that names the same list.
        site.publisher().rotate(&[KeyRole::Root], Lifetime::default(), days_later(1)).expect("new keys");
        site.upload();
        site.server.reset();
        let refreshed = site.refresh(1).await.unwrap_or_else(|error| panic!("{file}: the server has it: {error:?}"));
        assert!(is_unchanged(&refreshed), "{file}: it is the same list");
        let asked = |seen: &crate::server::Seen| seen.path.ends_with(file);
        assert!(site.server.seen().iter().any(asked), "{file}: what is kept has to be as it was signed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_refreshes_do_not_meet() {
    let site = Site::new().await;
    site.server.set(TIMESTAMP, Behaviour::Stall(0));
    let client = impatient();
    let refresh = || site.feed.refresh(&client, days_later(0));
    let (one, other) = tokio::join!(refresh(), refresh());
    assert_eq!(trouble(&one.expect_err("a stall")), Some(Trouble::Stalled), "the first one was at work");
    assert!(matches!(other, Err(Error::Busy)), "the second one says so at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_last_step_is_made_good() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    let before = fs::read(site.path("feed/current.json")).expect("a state");
    site.publish(vec![segment("third", b"three")], &["first"], 1);
    site.refresh(1).await.expect("a second list");
    // As if it had been killed after all but the last file was written.
    fs::write(site.path("feed/current.json"), before).expect("the old state");
    let refreshed = site.refresh(1).await.expect("the second list once more");
    assert_eq!((refreshed.added.len(), refreshed.removed.len()), (1, 1), "the change is told, since it was not yet");
    assert_eq!(site.names(), ["second", "third"], "the second list is in force");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_drips_is_given_up() {
    let site = Site::new().await;
    site.server.set(TIMESTAMP, Behaviour::Stall(10));
    let idle = Duration::from_secs(24 * 60 * 60);
    let timeouts = Timeouts { small_file: Duration::from_millis(300), idle, ..Timeouts::default() };
    let client = Client::new(timeouts, Switch::on(), |_| ()).expect("a client");
    let error = site.feed.refresh(&client, days_later(0)).await.expect_err("half a file");
    assert_eq!(
        trouble(&error),
        Some(Trouble::Stalled),
        "long before the idle time is over, which is a day here, not {error:?}"
    );
}

#[test]
fn a_root_file_has_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let address: lethe_feeds::Address = "https://example.org/".parse().expect("an address");
    for bytes in [&b""[..], b"{}", b"<html>"] {
        let error = Feed::subscribe(folder.path(), "x", address.clone(), bytes).expect_err("no root file");
        assert!(matches!(error, Error::BadRoot), "not {error:?}");
    }
    let error = Feed::open(folder.path()).expect_err("nothing was stored");
    assert!(matches!(error, Error::NothingThere { .. }), "not {error:?}");
}

fn is_elsewhere(error: &Error) -> bool {
    trouble(error) == Some(Trouble::Elsewhere)
}

fn trouble(error: &Error) -> Option<Trouble> {
    match error {
        Error::Unreachable { trouble, .. } => Some(*trouble),
        _ => None,
    }
}
