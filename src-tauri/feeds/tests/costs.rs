//! What a refresh costs, and what it tells about its user.

use std::fs;

use lethe_feeds::{Error, Feed, PlainFile, Watch};
use lethe_network::{Client, Purpose};

use crate::server::Behaviour;
use crate::site::{Site, days_later, is_unchanged, segment};

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_list_costs_two_requests_without_a_body() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    site.server.reset();
    let refreshed = site.refresh(1).await.expect("an unchanged list");
    assert!(is_unchanged(&refreshed), "nothing was published");
    assert_eq!(refreshed.bytes_fetched, 0, "304 has no body");
    assert_eq!(refreshed.current.checked_at, days_later(1), "the user sees that it was checked");
    let seen: Vec<(String, u16)> = site.server.seen().into_iter().map(|seen| (seen.path, seen.status)).collect();
    let expected = [("/metadata/2.root.json".to_owned(), 404), ("/metadata/timestamp.json".to_owned(), 304)];
    assert_eq!(seen, expected, "ten million clients ask every day: for new keys, and whether there is anything new");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_list_costs_one_timestamp_where_the_server_knows_no_etag() {
    let site = Site::new().await;
    site.server.manners().knows_etags = false;
    site.refresh(0).await.expect("a first list");
    site.server.reset();
    let refreshed = site.refresh(1).await.expect("an unchanged list");
    let timestamp = fs::metadata(site.served("metadata/timestamp.json")).expect("a timestamp").len();
    assert_eq!(refreshed.bytes_fetched, timestamp, "nothing but the timestamp was read");
    assert!(timestamp < 600, "the documented size is about 500 bytes, not {timestamp}");
    assert_eq!(site.server.seen().len(), 2, "new keys and the timestamp");
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_is_believed_for_a_week() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    for (day, status) in [(6, 304), (7, 200), (8, 304)] {
        site.server.reset();
        site.refresh(day).await.expect("an unchanged list");
        let seen: Vec<(String, u16)> = site.server.seen().into_iter().map(|seen| (seen.path, seen.status)).collect();
        let expected = [("/metadata/2.root.json".to_owned(), 404), ("/metadata/timestamp.json".to_owned(), status)];
        assert_eq!(seen, expected, "day {day}: a cache may be stuck; what is known is not asked for again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_new_segments_are_downloaded() {
    let site = Site::new().await;
    let first = site.refresh(0).await.expect("a first list");
    assert_eq!(first.added.len(), 2, "everything is new");
    site.publish(vec![segment("third", b"three")], &["first"], 1);
    site.server.reset();
    let refreshed = site.refresh(1).await.expect("a second list");
    let named = |segments: &[lethe_feeds::Segment]| segments.iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
    assert_eq!(named(&refreshed.added), ["third"], "what was added is told");
    assert_eq!(named(&refreshed.removed), ["first"], "what was removed is told");
    let segments = site.server.seen().into_iter().filter(|seen| seen.path.starts_with("/targets/")).count();
    assert_eq!(segments, 1, "the long second segment was there already");
    assert_eq!(fs::read_dir(site.path("feed/segments")).expect("a folder").count(), 2, "the first one is deleted");
    assert!(refreshed.bytes_fetched < 5_000, "metadata and five bytes, not {}", refreshed.bytes_fetched);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_told_and_says_nothing_about_its_user() {
    let site = Site::new().await;
    site.server.set("metadata/2.root.json", Behaviour::Status(500));
    site.refresh(0).await.expect_err("an error of the server");
    site.server.reset();
    site.refresh(0).await.expect("a first list");
    let seen = site.server.seen();
    let ledger = site.ledger.lock().expect("no panic").clone();
    let failed = 1;
    assert_eq!(ledger.len(), seen.len() + failed, "the network ledger shows every request, failed ones too");
    assert!(ledger.iter().any(|exchange| exchange.status == Some(500)), "with its status");
    for (exchange, seen) in ledger[failed..].iter().zip(&seen) {
        assert!(site.server.address.contains(&exchange.host), "the host is told with its port");
        assert_eq!((&exchange.path, exchange.status), (&seen.path, Some(seen.status)), "in the order of requests");
        assert_eq!(exchange.bytes_received, seen.sent as u64, "with the bytes of the body");
        let purpose = if seen.path.starts_with("/targets/") { Purpose::Segment } else { Purpose::Metadata };
        assert_eq!(exchange.purpose, purpose, "and what it was for");
        let mut names: Vec<&str> = seen.headers.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"], "nothing else is said");
        assert_eq!(seen.headers["user-agent"], "Lethe", "the same for everyone, without a version");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_makes_no_request() {
    let site = Site::new().await;
    let error = site.feed.refresh(&Client::offline(), days_later(0)).await.expect_err("requests are forbidden");
    assert!(matches!(error, Error::Offline), "the user has to know why, but was told {error:?}");
    assert!(site.server.seen().is_empty(), "not even one");
    // A folder needs no network.
    let root = site.root();
    let address = site.path("published").to_str().expect("text").parse().expect("an address");
    let local = Feed::subscribe(&site.path("local"), "local", address, &root).expect("a subscription");
    local.refresh(&Client::offline(), days_later(0)).await.expect("a local list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_address_is_a_folder() {
    let site = Site::new().await;
    let root = site.root();
    let address = format!("file://{}", site.path("published").display()).parse().expect("an address");
    let local = Feed::subscribe(&site.path("local"), "local", address, &root).expect("a subscription");
    let refreshed = local.refresh(&Client::offline(), days_later(0)).await.expect("a local list");
    assert_eq!(refreshed.added.len(), 2, "all segments come from the folder");
    let opened = Feed::open(&site.path("local")).expect("a stored subscription");
    assert_eq!((opened.name(), opened.address()), ("local", local.address()), "it is found again");
}

/// Callers run it beside other work, on any thread.
#[test]
fn a_refresh_may_move_between_threads() {
    fn is_send<T: Send>(_: impl Fn(&'static Feed, &'static Client) -> T) {}
    is_send(|feed, client| feed.refresh(client, days_later(0)));
    fn is_send_plain<T: Send>(_: impl Fn(&'static PlainFile, &'static Client) -> T) {}
    is_send_plain(|file, client| file.refresh(client, 1, days_later(0)));
    fn is_send_watch<T: Send>(_: impl Fn(&'static Watch, &'static Client) -> T) {}
    is_send_watch(|watch, client| watch.check(client));
}
