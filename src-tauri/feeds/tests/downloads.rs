//! Downloads that break off: what is there is not asked for again, and what is wrong is thrown away.

use std::fs;
use std::path::PathBuf;

use lethe_feeds::{Error, Sha256, Trouble};

use crate::server::Behaviour;
use crate::site::{Site, days_later, impatient, long};

/// Bytes that came before the download broke off.
const HALF: usize = 150_000;

async fn interrupted(behaviour: fn(usize) -> Behaviour) -> (Site, String, PathBuf) {
    let site = Site::new().await;
    let file = site.served_segment("second");
    site.server.set(&file, behaviour(HALF));
    let error = site.feed.refresh(&impatient(), days_later(0)).await.expect_err("half a segment");
    assert!(matches!(error, Error::Unreachable { .. }), "it is worth another try, not {error:?}");
    site.server.reset();
    let partial = site.path("feed/partial").join(Sha256::of(&long()).to_string());
    (site, file, partial)
}

fn sent(site: &Site, file: &str) -> Vec<usize> {
    let seen = site.server.seen();
    seen.iter().filter(|seen| seen.path == format!("/{file}")).map(|seen| seen.sent).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_where_it_broke_off() {
    for behaviour in [Behaviour::Cut, Behaviour::Stall] {
        let (site, file, partial) = interrupted(behaviour).await;
        let there = fs::metadata(&partial).expect("a partial file").len() as usize;
        assert!(there > 0 && there <= HALF, "what came is kept: {there}");
        site.refresh(0).await.expect("the rest");
        assert_eq!(sent(&site, &file), [long().len() - there], "only the rest is sent");
        assert_eq!(site.names(), ["first", "second"], "the whole is what was published");
        assert!(!partial.exists(), "nothing is left of the attempt");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_ranges_sends_it_all_again() {
    let (site, file, _) = interrupted(Behaviour::Cut).await;
    site.server.manners().knows_ranges = false;
    site.refresh(0).await.expect("the whole");
    assert_eq!(sent(&site, &file), [long().len()], "it does not know ranges");
    assert_eq!(site.names(), ["first", "second"], "the beginning is not there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_range_than_asked_for_is_not_taken() {
    let (site, file, _) = interrupted(Behaviour::Cut).await;
    site.server.set(&file, Behaviour::WrongRange);
    site.refresh(0).await.expect("the whole");
    assert_eq!(sent(&site, &file).len(), 2, "the wrong range, then the whole");
    assert_eq!(site.names(), ["first", "second"], "the whole is what was published");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_partial_file_is_thrown_away() {
    for corrupt in [vec![0; HALF], vec![0; long().len()], vec![0; long().len() + 1]] {
        let (site, file, partial) = interrupted(Behaviour::Cut).await;
        fs::write(&partial, &corrupt).expect("a corrupt partial file");
        site.refresh(0).await.expect("a second download");
        assert_eq!(sent(&site, &file).last(), Some(&long().len()), "the whole is asked for in the end");
        assert_eq!(site.names(), ["first", "second"], "the whole is what was published");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_partial_file_needs_no_download() {
    let (site, file, partial) = interrupted(Behaviour::Cut).await;
    fs::write(&partial, long()).expect("a download that was killed before the last step");
    site.refresh(0).await.expect("nothing to download");
    assert!(sent(&site, &file).is_empty(), "it is all there");
    assert_eq!(site.names(), ["first", "second"], "the whole is what was published");
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_that_came_are_not_asked_for_again() {
    let (site, _, _) = interrupted(Behaviour::Cut).await;
    site.refresh(0).await.expect("the rest");
    assert!(sent(&site, &site.served_segment("first")).is_empty(), "the first segment came before the failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn never_more_bytes_are_taken_than_were_signed() {
    let site = Site::new().await;
    let file = site.served_segment("first");
    site.server.set(&file, Behaviour::Endless);
    let error = site.refresh(0).await.expect_err("a segment without end");
    assert!(matches!(error, Error::TooLong { .. }), "not {error:?}");
    let ledger = site.ledger.lock().expect("no panic").clone();
    let received = ledger.iter().find(|exchange| exchange.path == format!("/{file}")).expect("a request");
    assert!(received.bytes_received < 1_000_000, "the download was stopped, after {}", received.bytes_received);
    let left = fs::read_dir(site.path("feed/partial")).expect("a folder");
    let bytes: u64 = left.map(|file| file.expect("a file").metadata().expect("a size").len()).sum();
    assert_eq!(bytes, 0, "nothing of it is kept");
    assert!(!matches!(error, Error::Unreachable { trouble: Trouble::Stalled, .. }), "it does not wait for the end");
}
