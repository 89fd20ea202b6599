//! The attack table: whatever a server does, the list never gets worse, and an honest server is followed again.

use std::fs;

use lethe_feeds::{Error, KeyRole, Lifetime, Publisher, Trouble};
use serde_json::Value;

use crate::server::Behaviour;
use crate::site::{DAILY, Expected, Site, client, copy, days_later, is_unchanged, segment};

struct Row {
    name: &'static str,
    /// What is done to a server that has version 3, while the subscriber has version 2.
    attack: fn(&Site),
    /// The day of the refresh.
    day: i64,
    is_expected: Expected,
}

macro_rules! error {
    ($pattern:pat $(if $guard:expr)?) => {
        |error| matches!(error, $pattern $(if $guard)?)
    };
}

const ROWS: &[Row] = &[
    Row {
        name: "the timestamp is signed by someone else",
        attack: |site| change_signature(site, "metadata/timestamp.json"),
        day: 2,
        is_expected: error!(Error::Forged { file } if file == "timestamp.json"),
    },
    Row {
        name: "the timestamp is changed and not signed again",
        attack: |site| edit(site, "metadata/timestamp.json", |file| file["signed"]["version"] = 99.into()),
        day: 2,
        is_expected: error!(Error::Forged { file } if file == "timestamp.json"),
    },
    Row {
        name: "the snapshot is signed by someone else",
        attack: |site| change_signature(site, "metadata/3.snapshot.json"),
        day: 2,
        is_expected: error!(Error::Mixed { file } if file == "3.snapshot.json"),
    },
    Row {
        name: "the list is changed and not signed again",
        attack: |site| {
            edit(site, "metadata/3.targets.json", |file| file["signed"]["targets"] = serde_json::json!({}));
        },
        day: 2,
        is_expected: error!(Error::Mixed { file } if file == "3.targets.json"),
    },
    Row {
        name: "everything is rolled back",
        attack: |site| copy(&site.path("version-1"), &site.path("served")),
        day: 2,
        is_expected: error!(Error::RolledBack { file } if file == "timestamp.json"),
    },
    Row {
        name: "the snapshot is rolled back under a new timestamp",
        attack: |site| {
            copy(&site.path("version-1"), &site.path("stolen"));
            copy(&site.path("keys"), &site.path("stolen-keys"));
            let mut thief = Publisher::open_or_create(&site.path("stolen-keys"), &site.path("stolen")).expect("keys");
            for _ in 0..4 {
                thief
                    .rotate(&[KeyRole::Root], Lifetime::default(), days_later(2))
                    .expect("a timestamp with a higher version");
            }
            copy_file(site, "stolen/metadata/timestamp.json", "metadata/timestamp.json");
        },
        day: 2,
        is_expected: error!(Error::RolledBack { file } if file == "snapshot.json"),
    },
    Row {
        name: "time goes on and nothing new comes",
        attack: |site| copy(&site.path("version-2"), &site.path("served")),
        day: 31,
        is_expected: error!(Error::Expired { .. }),
    },
    Row {
        name: "a newer version comes after it has expired",
        attack: |_| {},
        day: 33,
        is_expected: error!(Error::Expired { .. }),
    },
    Row {
        name: "the list of another version is mixed in",
        attack: |site| copy_file(site, "version-2/metadata/2.targets.json", "metadata/3.targets.json"),
        day: 2,
        is_expected: error!(Error::Mixed { file } if file == "3.targets.json"),
    },
    Row {
        name: "the snapshot of another version is mixed in",
        attack: |site| copy_file(site, "version-2/metadata/2.snapshot.json", "metadata/3.snapshot.json"),
        day: 2,
        is_expected: error!(Error::Mixed { file } if file == "3.snapshot.json"),
    },
    Row {
        name: "the timestamp never ends",
        attack: |site| site.server.set("metadata/timestamp.json", Behaviour::Endless),
        day: 2,
        is_expected: error!(Error::TooLong { file } if file == "timestamp.json"),
    },
    Row {
        name: "the list never ends",
        attack: |site| site.server.set("metadata/3.targets.json", Behaviour::Endless),
        day: 2,
        is_expected: error!(Error::TooLong { file } if file == "3.targets.json"),
    },
    Row {
        name: "a root file never ends",
        attack: |site| site.server.set("metadata/2.root.json", Behaviour::Endless),
        day: 2,
        is_expected: error!(Error::TooLong { file } if file == "2.root.json"),
    },
    Row {
        name: "a segment never ends",
        attack: |site| site.server.set(&site.served_segment("third"), Behaviour::Endless),
        day: 2,
        is_expected: error!(Error::TooLong { file } if file == "third"),
    },
    Row {
        name: "a segment is announced with one byte more",
        attack: |site| write_segment(site, b"three!"),
        day: 2,
        is_expected: error!(Error::TooLong { file } if file == "third"),
    },
    Row {
        name: "a segment is announced with one byte less",
        attack: |site| write_segment(site, b"thre"),
        day: 2,
        is_expected: error!(Error::WrongLength { file } if file == "third"),
    },
    Row {
        name: "a segment ends early without having been announced",
        attack: |site| site.server.set(&site.served_segment("third"), Behaviour::Short(4)),
        day: 2,
        is_expected: error!(Error::WrongLength { file } if file == "third"),
    },
    Row {
        name: "a segment is empty",
        attack: |site| write_segment(site, b""),
        day: 2,
        is_expected: error!(Error::WrongLength { file } if file == "third"),
    },
    Row {
        name: "a segment has other bytes",
        attack: |site| write_segment(site, b"threE"),
        day: 2,
        is_expected: error!(Error::WrongHash { file } if file == "third"),
    },
    Row {
        name: "a segment is missing",
        attack: |site| fs::remove_file(site.served(&site.served_segment("third"))).expect("a removed file"),
        day: 2,
        is_expected: error!(Error::Missing { file } if file == "third"),
    },
    Row {
        name: "the list is missing",
        attack: |site| fs::remove_file(site.served("metadata/3.targets.json")).expect("a removed file"),
        day: 2,
        is_expected: error!(Error::Missing { file } if file == "3.targets.json"),
    },
    Row {
        name: "new root keys are not signed by the old ones",
        attack: |site| {
            rotate_elsewhere(site);
            edit(site, "metadata/2.root.json", |file| {
                let signatures = file["signatures"].as_array_mut().expect("signatures");
                signatures.remove(0);
            });
        },
        day: 2,
        is_expected: error!(Error::RootRefused),
    },
    Row {
        name: "new root keys are not signed by themselves",
        attack: |site| {
            rotate_elsewhere(site);
            edit(site, "metadata/2.root.json", |file| {
                let signatures = file["signatures"].as_array_mut().expect("signatures");
                signatures.pop();
            });
        },
        day: 2,
        is_expected: error!(Error::RootRefused),
    },
    Row {
        name: "an old root file under a new name",
        attack: |site| copy_file(site, "published/metadata/1.root.json", "metadata/2.root.json"),
        day: 2,
        is_expected: error!(Error::RootRefused),
    },
    Row { name: "the clock is set back", attack: |_| {}, day: -1, is_expected: error!(Error::ClockSetBack { .. }) },
    Row {
        name: "another publisher's list",
        attack: |site| {
            let mut other = Publisher::open_or_create(&site.path("other-keys"), &site.path("other")).expect("keys");
            let add = vec![segment("foreign", b"x")];
            for _ in 0..4 {
                other.publish(add.clone(), &[], Lifetime::default(), days_later(2)).expect("a version");
            }
            copy(&site.path("other"), &site.path("served"));
        },
        day: 2,
        is_expected: error!(Error::Forged { file } if file == "timestamp.json"),
    },
    Row {
        name: "another publisher's root file",
        attack: |site| {
            let mut other = Publisher::open_or_create(&site.path("other-keys"), &site.path("other")).expect("keys");
            other.publish(Vec::new(), &[], Lifetime::default(), days_later(2)).expect("a version");
            other.rotate(&[KeyRole::Root], Lifetime::default(), days_later(2)).expect("a second root");
            copy(&site.path("other"), &site.path("served"));
        },
        day: 2,
        is_expected: error!(Error::RootRefused),
    },
    Row {
        name: "a login page instead of the list",
        attack: |site| {
            site.server.set("metadata/timestamp.json", Behaviour::Content(b"<html>Sign in".to_vec()));
        },
        day: 2,
        is_expected: error!(Error::Malformed { file } if file == "timestamp.json"),
    },
    Row {
        name: "new keys are held back by an error",
        attack: |site| site.server.set("metadata/2.root.json", Behaviour::Status(503)),
        day: 2,
        is_expected: error!(Error::Unreachable { trouble: Trouble::Status(503), .. }),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_is_refused_and_an_honest_server_is_followed_again() {
    for row in ROWS {
        let name = row.name;
        let site = Site::new().await;
        copy(&site.path("published"), &site.path("version-1"));
        site.publish(vec![segment("extra", b"extra")], &[], 1);
        copy(&site.path("published"), &site.path("version-2"));
        site.refresh(1).await.expect("an honest second version");
        site.publish(vec![segment("third", b"three")], &["first"], 2);
        let before = site.good_state();

        (row.attack)(&site);
        let error = site.refresh(row.day).await.expect_err(name);
        assert!((row.is_expected)(&error), "{name}: a caller has to know what is wrong, but was told: {error:?}");
        assert_eq!(site.good_state(), before, "{name}: the last good list has to stay in force");

        site.server.reset();
        let day = row.day.max(3);
        site.publish(Vec::new(), &[], day);
        let refreshed = site.refresh(day).await;
        let refreshed = refreshed.unwrap_or_else(|error| panic!("{name}: an honest server was refused: {error:?}"));
        assert!(!is_unchanged(&refreshed), "{name}: version 3 was not known before");
        assert_eq!(site.names(), ["extra", "second", "third"], "{name}: the newest list is in force");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_is_refused_by_a_subscriber_without_a_list_too() {
    // What can be told without having seen a version before.
    let is_told = |name: &str| !["rolled back", "nothing new", "clock"].iter().any(|part| name.contains(part));
    for row in ROWS.iter().filter(|row| is_told(row.name)) {
        let name = row.name;
        let site = Site::new().await;
        copy(&site.path("published"), &site.path("version-1"));
        site.publish(vec![segment("extra", b"extra")], &[], 1);
        copy(&site.path("published"), &site.path("version-2"));
        site.publish(vec![segment("third", b"three")], &["first"], 2);
        (row.attack)(&site);
        let error = site.refresh(row.day).await.expect_err(name);
        assert!((row.is_expected)(&error), "{name}: a caller has to know what is wrong, but was told: {error:?}");
        let current = site.feed.current().expect("a readable state");
        assert!(current.is_none(), "{name}: there is no list yet, and a false one is worse than none");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_root_keys_that_the_old_ones_confirm_are_followed() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    for day in 1..4 {
        site.publisher().rotate(&[KeyRole::Root], Lifetime::default(), days_later(day)).expect("new keys");
        site.upload();
        let refreshed = site.refresh(day).await.expect("the old keys confirm the new ones");
        assert_eq!(refreshed.current.versions.root, 1 + day as u64, "each root file is followed");
        assert!(is_unchanged(&refreshed), "the list itself is the same");
    }
    // Who was away for all of it goes the whole way at once.
    let root = fs::read(site.path("published/metadata/1.root.json")).expect("the first root file");
    let address = site.server.address.parse().expect("an address");
    let late = lethe_feeds::Feed::subscribe(&site.path("late"), "late", address, &root).expect("a subscription");
    let refreshed = late.refresh(&client().0, days_later(4)).await.expect("a chain of root files");
    assert_eq!(refreshed.current.versions.root, 4, "all root files were followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_root_key_replaces_a_lost_first_one() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    site.publisher().add_root_key(Lifetime::default(), days_later(1)).expect("a second key");
    fs::remove_file(site.path("keys/root.key")).expect("a lost key");
    site.publisher().rotate(&[KeyRole::Root], Lifetime::default(), days_later(2)).expect("the second key is enough");
    site.publish(vec![segment("third", b"three")], &[], 3);
    site.refresh(3).await.expect("subscribers follow");
    assert_eq!(site.names(), ["first", "second", "third"], "the list goes on under the new keys");
    fs::remove_file(site.path("keys/root-2.key")).expect("a lost key");
    site.publisher()
        .rotate(&[KeyRole::Root], Lifetime::default(), days_later(4))
        .expect("the new first key is enough as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_the_daily_keys_is_shut_out_and_subscribers_come_back() {
    let site = Site::new().await;
    copy(&site.path("keys"), &site.path("stolen-keys"));
    fs::remove_file(site.path("stolen-keys/root.key")).expect("the root key is in a safe");
    copy(&site.path("published"), &site.path("stolen"));
    let mut thief = Publisher::open_or_create(&site.path("stolen-keys"), &site.path("stolen")).expect("stolen keys");
    for _ in 0..9 {
        thief.publish(Vec::new(), &[], Lifetime::default(), days_later(1)).expect("a high version");
    }
    copy(&site.path("stolen"), &site.path("served"));
    site.refresh(1).await.expect("nobody can see the theft yet");

    site.publisher().rotate(&DAILY, Lifetime::default(), days_later(2)).expect("new keys");
    let published = site.publish(vec![segment("third", b"three")], &[], 2);
    assert!(published.versions.timestamp < 10, "the thief is ahead");
    // The new root file may come while the rest does not.
    thief.publish(Vec::new(), &[], Lifetime::default(), days_later(2)).expect("another high version");
    site.server.set("metadata/timestamp.json", Behaviour::Content(thief_timestamp(&site)));
    let error = site.refresh(2).await.expect_err("the thief's list under the new root");
    assert!(matches!(error, Error::Forged { .. }), "the stolen key means nothing any more, not {error:?}");
    site.server.reset();
    copy(&site.path("stolen"), &site.path("served"));
    let error = site.refresh(2).await.expect_err("the thief's list without the new root file");
    assert!(matches!(error, Error::Forged { .. }), "a root file that was seen once is not forgotten, not {error:?}");
    site.upload();
    let refreshed = site.refresh(2).await.expect("versions that the thief has raised hold nobody back");
    assert_eq!(refreshed.current.versions, published.versions, "the publisher's own list is in force");
    thief.publish(Vec::new(), &[], Lifetime::default(), days_later(2)).expect("the thief still can sign");
    site.server.set("metadata/timestamp.json", Behaviour::Content(thief_timestamp(&site)));
    let error = site.refresh(3).await.expect_err("the thief's list");
    assert!(matches!(error, Error::Forged { .. }), "but nobody follows, not {error:?}");
}

/// What a thief did before the publisher noticed, and what subscribers were doing meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn every_recovery_from_stolen_keys_is_followed() {
    type Steal = fn(&mut Publisher);
    fn release(thief: &mut Publisher, lifetime: u32, times: u32) {
        let lifetime = Lifetime::days(lifetime).expect("a lifetime");
        for number in 0..times {
            let add = vec![segment("third", &number.to_le_bytes())];
            thief.publish(add, &[], lifetime, days_later(1)).expect("a high version");
        }
    }
    // Not among them: a release for so long that the root file has to be renewed, which takes the root key.
    let thefts: [(&str, Steal); 3] = [
        ("one version", |thief| release(thief, 30, 1)),
        ("many versions", |thief| release(thief, 30, 9)),
        ("a release that has expired meanwhile", |thief| release(thief, 1, 9)),
    ];
    let all = KeyRole::ALL;
    let rotations: [(&str, &[KeyRole]); 4] = [
        ("all keys", &all),
        ("the keys of daily work", &DAILY),
        ("timestamp and snapshot", &[KeyRole::Timestamp, KeyRole::Snapshot]),
        ("snapshot alone", &[KeyRole::Snapshot]),
    ];
    for (theft, steal) in thefts {
        for (rotation, roles) in rotations {
            let name = format!("{theft}; {rotation}");
            let site = Site::new().await;
            site.refresh(0).await.expect("a first list");
            copy(&site.path("keys"), &site.path("stolen-keys"));
            copy(&site.path("published"), &site.path("stolen"));
            let mut thief = Publisher::open_or_create(&site.path("stolen-keys"), &site.path("stolen")).expect("keys");
            steal(&mut thief);
            copy(&site.path("stolen"), &site.path("served"));
            let stolen = site.refresh(1).await.expect("nobody can see the theft yet").current.versions;

            site.publisher().rotate(roles, Lifetime::default(), days_later(3)).expect("new keys");
            site.upload();
            // A half upload: the new root file has come and a segment has not.
            fs::remove_file(site.served(&site.served_segment("second"))).expect("a segment");
            fs::remove_file(site.path("feed/segments").join(segment_digest(&site))).expect("a segment here");
            site.refresh(3).await.expect_err("a segment is missing");
            site.upload();
            let back = site.refresh(3).await.unwrap_or_else(|error| panic!("{name}: subscribers were told {error:?}"));
            let versions = back.current.versions;
            assert_eq!((versions.root, versions.targets), (2, 2), "{name}: the publisher's own list is in force");
            assert!(versions.targets <= stolen.targets, "{name}: though the thief was ahead");
            assert_eq!(site.names(), ["first", "second"], "{name}: nothing of the thief's is left");
            let before = site.good_state();
            copy(&site.path("stolen"), &site.path("served"));
            site.refresh(3).await.expect_err("the thief's list");
            assert_eq!(site.good_state(), before, "{name}: the thief is shut out");
        }
    }
}

fn segment_digest(site: &Site) -> String {
    let current = site.feed.current().expect("a state").expect("a list");
    let second = current.segments.iter().find(|segment| segment.name.as_str() == "second").expect("a segment");
    second.sha256.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_root_keys_alone_bring_nobody_back() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    copy(&site.path("keys"), &site.path("stolen-keys"));
    copy(&site.path("published"), &site.path("stolen"));
    let mut thief = Publisher::open_or_create(&site.path("stolen-keys"), &site.path("stolen")).expect("keys");
    for _ in 0..5 {
        thief.publish(Vec::new(), &[], Lifetime::default(), days_later(1)).expect("a high version");
    }
    copy(&site.path("stolen"), &site.path("served"));
    site.refresh(1).await.expect("nobody can see the theft yet");
    site.publisher().rotate(&[KeyRole::Root], Lifetime::default(), days_later(2)).expect("new keys");
    site.upload();
    let error = site.refresh(2).await.expect_err("an older version under the same keys");
    assert!(matches!(error, Error::RolledBack { .. }), "a rollback without a change of keys, not {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_root_keys_are_replaced_where_there_are_two() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    site.publisher().add_root_key(Lifetime::default(), days_later(1)).expect("a second key");
    let old = [fs::read(site.path("keys/root.key")).ok(), fs::read(site.path("keys/root-2.key")).ok()];
    site.publisher().rotate(&KeyRole::ALL, Lifetime::default(), days_later(2)).expect("new keys");
    let new = [fs::read(site.path("keys/root.key")).ok(), fs::read(site.path("keys/root-2.key")).ok()];
    assert!(new.iter().all(|key| key.is_some() && !old.contains(key)), "neither of the old ones is left");
    site.upload();
    assert_eq!(site.refresh(2).await.expect("subscribers follow").current.versions.root, 3);
    let root: Value = serde_json::from_slice(&site.root()).expect("JSON");
    assert_eq!(root["signed"]["roles"]["root"]["keyids"].as_array().map(Vec::len), Some(2), "two, as before");
    assert_eq!(root["signed"]["keys"].as_object().map(serde_json::Map::len), Some(5), "and no key that is not used");
    for kept in ["root.key", "root-2.key"] {
        fs::rename(site.path("keys").join(kept), site.path("safe.key")).expect("a key in a safe");
        site.publisher().rotate(&[KeyRole::Timestamp], Lifetime::default(), days_later(2)).expect("one is enough");
        fs::rename(site.path("safe.key"), site.path("keys").join(kept)).expect("the key is back");
    }
    site.upload();
    site.refresh(2).await.expect("subscribers follow");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_under_a_version_stays() {
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    copy(&site.path("keys"), &site.path("copied-keys"));
    copy(&site.path("published"), &site.path("copied"));
    site.publish(vec![segment("third", b"three")], &[], 1);
    site.refresh(1).await.expect("a second list");
    let before = site.good_state();
    let mut other = Publisher::open_or_create(&site.path("copied-keys"), &site.path("copied")).expect("keys");
    other.publish(vec![segment("other", b"other")], &[], Lifetime::default(), days_later(1)).expect("a version");
    copy(&site.path("copied"), &site.path("served"));
    let refreshed = site.refresh(1).await.expect("another list under the same version is none");
    assert!(is_unchanged(&refreshed), "the first one holds");
    assert_eq!(site.names(), ["first", "second", "third"]);
    assert_eq!(site.good_state().len(), before.len(), "nothing of the other is kept");
    site.server.set("metadata/timestamp.json", Behaviour::Content(forged(&site)));
    let error = site.refresh(1).await.expect_err("a forged timestamp under the same version");
    assert!(matches!(error, Error::Forged { .. }), "it is told as what it is, not {error:?}");
}

fn forged(site: &Site) -> Vec<u8> {
    change_signature(site, "metadata/timestamp.json");
    fs::read(site.served("metadata/timestamp.json")).expect("a timestamp")
}

fn thief_timestamp(site: &Site) -> Vec<u8> {
    fs::read(site.path("stolen/metadata/timestamp.json")).expect("a timestamp")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_file_that_was_renewed_alone_is_found_when_the_old_one_expires() {
    let site = Site::new().await;
    fs::rename(site.path("keys/root.key"), site.path("safe.key")).expect("a key in a safe");
    site.publish(Vec::new(), &[], 340);
    site.refresh(362).await.expect("a list until day 370 under a root until day 365");
    fs::rename(site.path("safe.key"), site.path("keys/root.key")).expect("the key is back");
    rotate_elsewhere(&site);
    let refreshed = site.refresh(366).await.expect("the root file is new, though nothing else is");
    assert_eq!(refreshed.current.versions.root, 2, "less than a week after the last look at all files");
}

fn edit(site: &Site, file: &str, change: impl FnOnce(&mut Value)) {
    let path = site.served(file);
    let mut content: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    change(&mut content);
    fs::write(path, serde_json::to_vec(&content).expect("JSON")).expect("a changed file");
}

fn change_signature(site: &Site, file: &str) {
    edit(site, file, |file| {
        let signature = file["signatures"][0]["sig"].as_str().expect("a signature");
        let first = if signature.starts_with('0') { "1" } else { "0" };
        file["signatures"][0]["sig"] = format!("{first}{}", &signature[1..]).into();
    });
}

fn copy_file(site: &Site, from: &str, to: &str) {
    fs::copy(site.path(from), site.served(to)).expect("a copied file");
}

fn write_segment(site: &Site, bytes: &[u8]) {
    fs::write(site.served(&site.served_segment("third")), bytes).expect("a changed segment");
}

/// Serves a root file with new keys that the real publisher knows nothing of later.
fn rotate_elsewhere(site: &Site) {
    copy(&site.path("keys"), &site.path("copied-keys"));
    copy(&site.path("published"), &site.path("copied"));
    let mut publisher = Publisher::open_or_create(&site.path("copied-keys"), &site.path("copied")).expect("keys");
    publisher.rotate(&[KeyRole::Root], Lifetime::default(), days_later(2)).expect("new keys");
    copy_file(site, "copied/metadata/2.root.json", "metadata/2.root.json");
}
